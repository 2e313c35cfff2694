import fc from "fast-check";
import { expect } from "vitest";
import { compile } from "../../src/compile/index.ts";
import { conv2d, gradients, type Tensor } from "../../src/index.ts";
import { Generator } from "../../src/random/generator.ts";
import { randn } from "../../src/random.ts";

export type Shape = readonly number[];

export const draw = (shape: Shape, seed: number, dtype: "float32" | "float64"): Tensor => {
  const x = randn(shape, { dtype, generator: new Generator(seed) });
  x.requiresGrad = true;
  return x;
};

/** The largest difference, of the largest element. */
export function difference(got: Tensor, wanted: Tensor): number {
  expect(got.shape).toEqual(wanted.shape);
  const [a, b] = [got.data, wanted.data] as [Float64Array, Float64Array];
  let [worst, most] = [0, 1];
  for (let i = 0; i < b.length; i++) {
    worst = Math.max(worst, Number.isNaN(a[i]!) ? Number.POSITIVE_INFINITY : Math.abs(a[i]! - b[i]!));
    most = Math.max(most, Math.abs(b[i]!));
  }
  return worst / most;
}

/** Compiled and eager agree: result, first gradients, and those of their squares. */
export function expectAlike(f: (x: Tensor, w: Tensor) => Tensor, x: Tensor, w: Tensor, bound: number): void {
  const all = (a: Tensor, b: Tensor): Tensor[] => {
    const y = f(a, b);
    const first = gradients(y.mul(y).sum(), [a, b], { createGraph: true });
    const squares = first.map((g) => g.mul(g).sum()).reduce((sum, own) => sum.add(own));
    return [y, ...first, ...gradients(squares, [a, b])].map((t) => t.detach());
  };
  const compiled = compile(() => all(x, w), { verify: true });
  compiled();
  const got = compiled();
  const wanted = all(x, w);
  got.forEach((t, i) => expect(difference(t, wanted[i]!), `output ${i}`).toBeLessThan(bound));
}

const axis = fc.record({
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  before: fc.integer({ min: 0, max: 3 }),
  after: fc.integer({ min: 0, max: 3 }),
  more: fc.integer({ min: 0, max: 15 }),
});

/** Convolutions of all sizes, strides, dilations, paddings and groups. */
export const convolutions = fc.record({
  images: fc.integer({ min: 1, max: 3 }),
  groups: fc.constantFrom(1, 1, 2, 5),
  channels: fc.constantFrom(1, 2, 5, 9),
  out: fc.constantFrom(1, 2, 7, 13, 18),
  axes: fc.tuple(axis, axis),
  dtype: fc.constantFrom("float32" as const, "float32" as const, "float64" as const),
});

type Convolution = typeof convolutions extends fc.Arbitrary<infer T> ? T : never;

/** One of them, compiled and eager. */
export function checkConvolution({ images, groups, channels, out, axes, dtype }: Convolution): void {
  const sizes = axes.map(({ kernel, dilation, before, after, more }) => {
    return Math.max(1, dilation * (kernel - 1) + 1 - before - after) + more;
  });
  const x = draw([images, channels * groups, ...sizes], 1, dtype);
  const w = draw([out * groups, channels, ...axes.map(({ kernel }) => kernel)], 2, dtype);
  const options = {
    groups,
    stride: axes.map(({ stride }) => stride),
    dilation: axes.map(({ dilation }) => dilation),
    padding: axes.map(({ before, after }) => [before, after] as const),
  };
  expectAlike((a, b) => conv2d(a, b, options), x, w, dtype === "float32" ? 2e-4 : 1e-12);
}
