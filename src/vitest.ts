import { expect } from "vitest";
import { type GradientMatchers, gradientMatchers } from "./gradcheck/matchers.ts";

// The module of a setup file: importing it is what registers the matchers.

declare module "vitest" {
  interface Matchers<T> extends GradientMatchers<void, T> {}
}

expect.extend({ ...gradientMatchers });

export type { GradientMatchers };
