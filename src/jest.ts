/**
 * Registers `expect(f).toHaveGradient(grad, { at: x })` and its kin with Jest, when it is imported: `setupFilesAfterEnv: ["tinygrad-ts/jest"]`
 * is all that is needed. See {@link GradientMatchers}.
 *
 * @module tinygrad-ts/jest
 */

import { ValueError } from "./core/errors.ts";
import { type GradientMatchers, gradientMatchers } from "./gradcheck/matchers.ts";

declare global {
  // biome-ignore lint/style/noNamespace: the name under which @types/jest has its types
  namespace jest {
    interface Matchers<R, T> extends GradientMatchers<R, T> {}
  }
}

const { expect } = globalThis as { expect?: { extend?: (matchers: object) => void } };
if (typeof expect?.extend !== "function") {
  throw new ValueError(
    "tinygrad-ts/jest",
    "there must be a global expect",
    "none",
    'name the module in setupFilesAfterEnv; with injectGlobals: false, use expect.extend(gradientMatchers) of "tinygrad-ts/gradcheck"',
  );
}
expect.extend({ ...gradientMatchers });

export type { GradientMatchers };
