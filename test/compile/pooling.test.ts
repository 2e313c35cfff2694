import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import { apply } from "../../src/core/apply.ts";
import * as tg from "../../src/index.ts";
import { maxTapOp, pickTapOp, placeTapOp } from "../../src/ops/pool.ts";
import { Generator } from "../../src/random/generator.ts";

type Tensor = tg.Tensor;

const draw = (shape: readonly number[], seed: number, dtype: "float32" | "float64"): Tensor => {
  const x = tg.randn(shape, { dtype, generator: new Generator(seed) });
  x.requiresGrad = true;
  return x;
};

/** The largest difference, of the largest element; not numbers must be in the same places. */
function difference(got: Tensor, wanted: Tensor): number {
  expect(got.shape).toEqual(wanted.shape);
  const [a, b] = [got.data, wanted.data];
  let [worst, most] = [0, 1];
  for (let i = 0; i < b.length; i++) {
    if (Object.is(a[i], b[i])) continue;
    worst = Math.max(worst, Number.isNaN(a[i]! - b[i]!) ? Number.POSITIVE_INFINITY : Math.abs(a[i]! - b[i]!));
    most = Math.max(most, Math.abs(b[i]!));
  }
  return worst / most;
}

/** Compiled and eager agree: result, gradient, and that of its square. */
function expectAlike(f: (x: Tensor) => Tensor, x: Tensor, bound: number): void {
  const all = (): Tensor[] => {
    const y = f(x);
    const [first] = tg.gradients(y.mul(y).sum(), [x], { createGraph: true });
    return [y, first!, ...tg.gradients(first!.mul(first!).sum(), [x])].map((t) => t.detach());
  };
  const compiled = compile(all, { verify: true });
  compiled();
  const got = compiled();
  const wanted = all();
  got.forEach((t, i) => expect(difference(t, wanted[i]!), `output ${i}`).toBeLessThan(bound));
}

const axis = fc
  .record({
    kernel: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 4 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    before: fc.nat(2),
    after: fc.nat(2),
    more: fc.nat(9),
  })
  .map(({ before, after, ...own }) => {
    const most = Math.floor(own.kernel / 2);
    return { ...own, before: Math.min(before, most), after: Math.min(after, most) };
  });
const call = fc.record({
  images: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 3 }),
  axes: fc.tuple(axis, axis),
  ceilMode: fc.boolean(),
  dtype: fc.constantFrom("float32" as const, "float64" as const),
  seed: fc.nat(1000),
});

function forAllCalls(check: (x: Tensor, kernel: number[], options: tg.MaxPoolOptions, bound: number) => void): void {
  fc.assert(
    fc.property(call, ({ images, channels, axes, ceilMode, dtype, seed }) => {
      const sizes = axes.map(({ kernel, dilation, before, after, more }) => {
        return Math.max(dilation + 1, dilation * (kernel - 1) + 1 - before - after) + more;
      });
      const options = {
        stride: axes.map(({ stride }) => stride),
        dilation: axes.map(({ dilation }) => dilation),
        padding: axes.map(({ before, after }) => [before, after] as const),
        ceilMode,
      };
      const kernel = axes.map(({ kernel }) => kernel);
      check(draw([images, channels, ...sizes], seed, dtype), kernel, options, dtype === "float64" ? 1e-13 : 1e-5);
    }),
    { numRuns: Number(process.env["POOL_RUNS"] ?? 25) },
  );
}

describe("compiled pooling equals eager pooling, with derivatives of second order", () => {
  test("of the largest elements", () => {
    forAllCalls((x, kernel, options, bound) => expectAlike((v) => tg.maxPool2d(v, kernel, options), x, bound));
  });

  test("of means", () => {
    forAllCalls((x, kernel, { dilation: _, ...options }, bound) => {
      expectAlike((v) => tg.avgPool2d(v, kernel, { ...options, countIncludePad: false }), x, bound);
    });
  });

  test("of windows laid out, and added up again", () => {
    forAllCalls((x, kernel, { ceilMode: _, ...options }, bound) => {
      const sizes = x.shape.slice(2);
      expectAlike((v) => tg.fold(tg.unfold(v.mul(v), kernel, options), sizes, kernel, options), x, bound);
    });
  });

  test("of the elements with a number", () => {
    forAllCalls((x, kernel, { ceilMode: _, ...options }, bound) => {
      const attrs = {
        kernel,
        stride: options.stride as number[],
        dilation: options.dilation as number[],
        padding: options.padding as [number, number][],
      };
      expectAlike(
        (v) => {
          const taps = apply(maxTapOp, [v.detach()], attrs);
          const picked = apply(pickTapOp, [v, taps], attrs);
          return apply(placeTapOp, [picked.mul(picked), taps], { ...attrs, sizes: v.shape.slice(2) });
        },
        x,
        bound,
      );
    });
  });

  test.each([
    ["windows of more than 64 elements that share elements", 9, { stride: 3, padding: 2 }],
    ["windows of more than 64 elements side by side", 9, {}],
  ])("of %s", (_, kernel, options) => {
    const x = draw([2, 2, 20, 19], 5, "float64");
    expectAlike((v) => tg.maxPool2d(v, kernel, options), x, 1e-13);
    expectAlike((v) => tg.avgPool2d(v, kernel, options), x, 1e-13);
    expectAlike((v) => tg.unfold(v, kernel, options), x, 1e-13);
  });

  test("of windows along one and three axes", () => {
    expectAlike((v) => tg.maxPool1d(v, 3, { stride: 2, padding: 1 }), draw([2, 3, 11], 1, "float64"), 1e-13);
    expectAlike((v) => tg.maxPool3d(v, 2, { stride: [1, 2, 2] }), draw([1, 2, 3, 4, 5], 2, "float64"), 1e-13);
    expectAlike((v) => tg.avgPool3d(v, 2, { stride: 1 }), draw([1, 2, 3, 4, 5], 3, "float64"), 1e-13);
  });

  test.each([3, 9])("not a number, and infinities, in windows of %i²", (kernel) => {
    const x = draw([1, 3, 12, 12], 7, "float64");
    const values = x.data;
    for (let i = 0; i < 144; i++) values[i] = Number.NEGATIVE_INFINITY;
    for (const i of [150, 151, 222, 400]) values[i] = Number.NaN;
    const own = tg.tensor(Float64Array.from(values), { requiresGrad: true }).reshape([1, 3, 12, 12]).detach();
    own.requiresGrad = true;
    const f = (): Tensor[] => {
      const y = tg.maxPool2d(own, kernel, { stride: 2, padding: 1 });
      return [y, tg.maxPoolIndices(own, kernel, { stride: 2, padding: 1 }), ...tg.gradients(y.sum(), [own])];
    };
    const compiled = compile(f, { verify: true });
    compiled();
    const wanted = f();
    compiled().forEach((t, i) => expect(difference(t, wanted[i]!), `output ${i}`).toBe(0));
  });

  test("adaptive windows", () => {
    for (const size of [1, 2, 3, 5, [null, 4] as const, [7, 6] as const]) {
      expectAlike((v) => tg.adaptiveAvgPool2d(v, size), draw([2, 2, 7, 6], 11, "float64"), 1e-13);
      expectAlike((v) => tg.adaptiveMaxPool2d(v, size), draw([2, 2, 7, 6], 12, "float64"), 1e-13);
    }
  });
});

describe("of NaN, infinities and zeros of both signs, to the bit", () => {
  const odd = fc.constantFrom(Number.NaN, 0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, -1, 2);
  const values = fc.array(odd, { minLength: 2 * 7 * 9, maxLength: 2 * 7 * 9 });
  const dtypes = ["float32", "float64"] as const;
  const bits = (t: Tensor): string[] => Array.from(t.data, (v) => (Object.is(v, -0) ? "-0" : String(v)));

  test.each(dtypes)("the largest, and its gradient, in %s", (dtype) => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }), fc.boolean(), (list, kernel, stride, isPadded) => {
        const leaf = tg.tensor(list, { dtype }).reshape([1, 2, 7, 9]).detach();
        leaf.requiresGrad = true;
        const all = (x: Tensor): Tensor[] => {
          const y = tg.maxPool2d(x, kernel, { stride, padding: isPadded ? Math.floor(kernel / 2) : 0 });
          return [y.detach(), ...tg.gradients(y, [x], { cotangents: [tg.arange(1, 1 + y.size, 1, { dtype }).reshape(y.shape)] })];
        };
        const compiled = compile(all, { verify: true });
        compiled(leaf);
        expect(compiled(leaf).map(bits)).toEqual(all(leaf).map(bits));
      }),
      { numRuns: 60 },
    );
  }); // biome-ignore format: one line

  test.each(dtypes)("what is chosen by where, with a 0 or the larger of two, in %s", (dtype) => {
    const choose: Record<string, (a: Tensor, b: Tensor) => Tensor> = {
      "a < b ? b : a": (a, b) => tg.where(tg.lt(a, b), b, a),
      "a < b ? a : b": (a, b) => tg.where(tg.lt(a, b), a, b),
      "b > a ? b : a": (a, b) => tg.where(tg.gt(b, a), b, a),
      "a <= b ? b : a": (a, b) => tg.where(tg.le(a, b), b, a),
      "a < b ? a : 0": (a, b) => tg.where(tg.lt(a, b), a, 0),
      "a < b ? 0 : a": (a, b) => tg.where(tg.lt(a, b), 0, a),
      "a < b ? a : -0": (a, b) => tg.where(tg.lt(a, b), a, -0),
      "a === b ? NaN : 0": (a, b) => tg.where(tg.eq(a, b), Number.NaN, tg.zerosLike(a)),
      "max(a, b)": (a, b) => tg.maximum(a, b),
    };
    fc.assert(
      fc.property(values, values, (first, second) => {
        const [a, b] = [tg.tensor(first, { dtype }), tg.tensor(second, { dtype })];
        for (const [name, f] of Object.entries(choose)) {
          const compiled = compile(f, { verify: true });
          compiled(a, b);
          expect(bits(compiled(a, b)), name).toEqual(bits(f(a, b)));
        }
      }),
      { numRuns: 20 },
    );
  });
});
