/**
 * Registers `expect(f).toHaveGradient(grad, { at: x })` and its kin with Vitest, when it is imported: `setupFiles: ["tinygrad-ts/vitest"]`, or an import in a test file,
 * is all that is needed. See {@link GradientMatchers}.
 *
 * @module tinygrad-ts/vitest
 */

import { expect } from "vitest";
import { type GradientMatchers, gradientMatchers } from "./gradcheck/matchers.ts";

declare module "vitest" {
  interface Matchers<T> extends GradientMatchers<void, T> {}
}

expect.extend({ ...gradientMatchers });

export type { GradientMatchers };
