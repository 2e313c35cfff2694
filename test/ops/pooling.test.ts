import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import * as tg from "../../src/index.ts";

// What PyTorch gives: see test/fixtures/pytorch/generate.py.

interface Values {
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}
interface Case {
  readonly kind: string;
  readonly args: Readonly<Record<string, unknown>> & { readonly axes: number };
  readonly x: Values;
  readonly y: Values;
  readonly gradient: Values;
  readonly places?: Values;
}
interface Nearest {
  readonly n: number;
  readonly size: number;
  readonly mode: "nearest" | "nearest-exact";
  readonly dtype: "float32" | "float64";
  readonly places: readonly number[];
}

const { cases, nearest } = JSON.parse(
  readFileSync(new URL("../fixtures/pytorch/windows.json", import.meta.url), "utf8"),
) as { readonly cases: readonly Case[]; readonly nearest: readonly Nearest[] };

type Pool = (x: tg.Tensor, size: unknown, options?: object) => tg.Tensor;
const api = tg as unknown as Readonly<Record<string, Pool>>;

function call({ kind, args: { axes, kernel, size, ...options } }: Case, x: tg.Tensor): tg.Tensor {
  if (kind === "interpolate") return tg.interpolate(x, size ? { ...options, size: size as number[] } : options);
  if (kind === "unfold") return tg.unfold(x, kernel as number[], options);
  if (kind === "fold") return tg.fold(x, size as number[], kernel as number[], options);
  const isAdaptive = kind.startsWith("adaptive");
  return api[`${kind}Pool${axes}d`]!(x, isAdaptive ? size : kernel, ...(isAdaptive ? [] : [options]));
}

function places({ kind, args: { axes: _, kernel, size, ...options } }: Case, x: tg.Tensor): tg.Tensor {
  if (kind === "adaptiveMax") return tg.adaptiveMaxPoolIndices(x, size as number[]);
  return tg.maxPoolIndices(x, kernel as number[], options);
}

const read = ({ shape, data }: Values): tg.Tensor =>
  tg.reshape(tg.tensor(Float64Array.from(data, Number)), [...shape]).detach();

function expectNear(got: tg.Tensor, wanted: Values): void {
  expect(got.shape).toEqual(wanted.shape);
  got.data.forEach((v: number, i: number) => {
    const other = Number(wanted.data[i]);
    if (Object.is(v, other)) return;
    expect(Math.abs(v - other), `element ${i}: ${v} and ${other}`).toBeLessThanOrEqual(1e-12 * (1 + Math.abs(other)));
  });
}

describe("windows as in PyTorch", () => {
  test.each(cases.map((c, i) => [i, c.kind, JSON.stringify(c.args), c] as const))("%i: %s %s", (_, __, ___, c) => {
    const x = read(c.x);
    x.requiresGrad = true;
    const y = call(c, x);
    expectNear(y, c.y);
    if (c.places) expectNear(places(c, x), c.places);
    const seed = tg.arange(1, y.size + 1, { dtype: "float64" }).reshape(y.shape);
    expectNear(tg.gradients(y, [x], { cotangents: [seed] })[0], c.gradient);
  });

  test.each(nearest)("the $mode of $n in $size elements of $dtype", ({ n, size, mode, dtype, places }) => {
    const x = tg.arange(n, { dtype }).reshape([1, 1, n]);
    expect([...tg.interpolate(x, { size, mode }).data]).toEqual(places);
  });
});

describe("pooling", () => {
  const x = tg.arange(16).reshape([1, 1, 4, 4]);

  test("gives the gradient of what is beside a tie to the first alone", () => {
    const same = tg.ones([1, 1, 2, 2], { requiresGrad: true });
    tg.maxPool2d(same, 2).sum().backward();
    expect(same.grad?.toArray()).toEqual([[[[1, 0], [0, 0]]]]); // biome-ignore format: a matrix
  });

  test("of windows that share an element adds up their gradients", () => {
    const peak = tg.tensor([[0, 5, 0]], { requiresGrad: true });
    tg.maxPool1d(peak, 2, { stride: 1 }).sum().backward();
    expect(peak.grad?.toArray()).toEqual([[0, 2, 0]]);
  });

  test("takes sizes of kernel and padding for each axis, and each side", () => {
    expect(tg.maxPool2d(x, [2, 1], { stride: [1, 2] }).shape).toEqual([1, 1, 3, 2]);
    expect(tg.avgPool2d(x, 2, { stride: 1, padding: [[1, 0], 0] }).shape).toEqual([1, 1, 4, 3]);
    expect(tg.maxPool2d(x, 2, { stride: 1, padding: "same" }).shape).toEqual([1, 1, 4, 4]);
  });

  test("takes batches of no images, and one image", () => {
    expect(tg.maxPool2d(tg.zeros([0, 3, 4, 4]), 2).shape).toEqual([0, 3, 2, 2]);
    expect(tg.avgPool2d(tg.zeros([0, 3, 4, 4]), 2).shape).toEqual([0, 3, 2, 2]);
    expect(tg.adaptiveMaxPool2d(tg.zeros([0, 3, 5, 4]), 2).shape).toEqual([0, 3, 2, 2]);
    expect(tg.avgPool1d(tg.ones([3, 4]), 2).shape).toEqual([3, 2]);
  });

  test("with ceilMode has no window that begins beyond x", () => {
    expect(tg.maxPool1d(tg.ones([1, 1, 4]), 1, { stride: 3, ceilMode: true }).shape).toEqual([1, 1, 2]);
    expect(tg.maxPool1d(tg.ones([1, 1, 3]), 2, { stride: 2, padding: 1, ceilMode: true }).shape).toEqual([1, 1, 2]);
  });

  test("with ceilMode has one window that ends beyond x, if it is by less than the stride", () => {
    const how = { stride: [1, 4], padding: [1, 0], dilation: [2, 2], ceilMode: true } as const;
    const message =
      "the kernel must not be larger than x with its padding, got 4, 7 with its dilation, for 5 on axis 2 of x [1, 1, 3, 3]";
    expect(() => tg.maxPool2d(tg.zeros([1, 1, 3, 3]), [4, 1], how)).toThrow(`maxPool2d: ${message}`);
    expect(() => tg.maxPoolIndices(tg.zeros([1, 1, 3, 3]), [4, 1], how)).toThrow(`maxPoolIndices: ${message}`);
    for (let size = 1; size < 6; size++) {
      for (let stride = 1; stride < 8; stride++) {
        for (const f of [tg.maxPool1d, tg.avgPool1d]) {
          const pool = () => f(tg.ones([1, 1, size]), 6, { stride, ceilMode: true });
          if (6 - size < stride) expect(pool().toArray()).toEqual([[[1]]]);
          else expect(pool).toThrow(tg.ShapeError);
        }
      }
    }
  });

  test.each<[() => unknown, string]>([
    [
      () => tg.maxPool2d(x, 2, { padding: 2 }),
      "maxPool2d: padding must be at most half of a window, got [2, 2] for 2 on spatial axis 0; pad x by hand for more",
    ],
    [
      () => tg.maxPool2d(x, 5),
      "maxPool2d: the kernel must not be larger than x with its padding, got 5, for 4 on axis 2",
    ],
    [
      () => tg.avgPool2d(x, 5),
      "avgPool2d: the kernel must not be larger than x with its padding, got 5, for 4 on axis 2",
    ],
    [() => tg.maxPool2d(x, 0), "maxPool2d: kernelSize must be a whole number, 1 or more, or a list of 2, got 0"],
    [() => tg.maxPool2d(x, { stride: 2 } as never), "the kernel's size comes before the options"],
    [() => tg.maxPool2d(x, 2, 2 as never), "maxPool2d: options must be an object, got 2; write { stride: 2 }"],
    [() => tg.maxPool2d(x, 2, { ceil_mode: true } as never), "got ceil_mode; did you mean ceilMode?"],
    [() => tg.maxPool2d(x, 2, { returnIndices: true } as never), "maxPoolIndices gives where"],
    [() => tg.avgPool2d(x, 2, { divisor: 0 }), "avgPool2d: the divisor must be a number other than 0, got 0"],
    [() => tg.avgPool2d(x, 2, { dilation: 2 } as never), "an average has no dilation"],
    [() => tg.maxPool2d(x.reshape([4, 4]), 2), "maxPool2d: x must be [batch, channels, height, width]"],
    [() => tg.maxPool2d(x.to("int32"), 2), "maxPool2d: x must be floating"],
    [() => tg.maxPool1d(tg.ones([1, 1, 4]), 2, { dilation: 5, padding: 1 }), "each window must have an element of x"],
    [() => tg.adaptiveAvgPool2d(x, 0), "adaptiveAvgPool2d: the size must be a whole number, 1 or more, or a list of 2"],
    [() => tg.adaptiveAvgPool2d(x, [1]), "or a list of 2 (null leaves an axis as it is), got [1]"],
    [() => tg.interpolate(x, {}), "interpolate: needs either a size or a scaleFactor, got neither"],
    [() => tg.interpolate(x, { size: 2, scaleFactor: 2 }), "got both"],
    [
      () => tg.interpolate(x, { size: 2, alignCorners: true }),
      'alignCorners is for linear and cubic modes, got mode "nearest"',
    ],
    [() => tg.interpolate(x, { size: 2, mode: "trilinear" }), 'mode "trilinear" needs x of 5 axes, got [1, 1, 4, 4]'],
    [
      () => tg.interpolate(tg.ones([4, 4]), { size: 8 }),
      "interpolate: x must be [batch, channels, length], [batch, channels, height, width] or [batch, channels, depth, height, width], got [4, 4]; write x.reshape([1, 1, 4, 4])",
    ],
    [() => tg.interpolate(tg.ones([1, 1, 1, 1, 1, 1]), { size: 8 }), "height, width], got [1, 1, 1, 1, 1, 1]"],
    [() => tg.interpolate(x, { scaleFactor: 0.1 }), "the result must have an element along each axis"],
    [() => tg.interpolate(x, { scaleFactor: -1 }), "scaleFactor must be a number above 0"],
    [() => tg.pixelShuffle(x, 2), "pixelShuffle: the channels must be divisible by 4, got 1 in x [1, 1, 4, 4]"],
    [() => tg.pixelUnshuffle(x, 3), "pixelUnshuffle: height and width must be divisible by 3, got 4 × 4"],
    [() => tg.fold(tg.ones([1, 4, 8]), [4, 4], 2), "fold: a result of [4, 4] has 9 windows, got 8 in x [1, 4, 8]"],
    [() => tg.fold(tg.ones([1, 3, 9]), [4, 4], 2), "fold: x must have rows for each of 4 elements of a window"],
    [() => new tg.ZeroPad2d([1, 2, 3, 4]), "PyTorch's [left, right, top, bottom] is [[3, 4], [1, 2]] here"],
    [
      () => new tg.Unflatten(1, [2, 3]).forward(tg.ones([2, 5])),
      "axis 1 must have size 6, that of [2, 3], got x [2, 5]",
    ],
  ])("refuses %#", (run, text) => expect(run).toThrow(text));
});

describe("interpolate, along an axis that keeps its size", () => {
  const row = tg.tensor([[[[0, 1, 10]]]]);

  // What PyTorch gives.
  test.each([
    ["bicubic", [1, 1.3], [-0.0677199, -0.3276501, 4.8288164]],
    ["bicubic", [1.2, 1.3], [-0.0677199, -0.3276501, 4.8288164]],
    ["bicubic", [1.2, 1], [0, 1, 10]],
    ["bilinear", [1, 1.3], [0, 1, 10]],
    ["linear", [1.2, 1.3], [0, 1, 10]],
  ] as const)("%s goes by scaleFactor %j", (mode, scaleFactor, wanted) => {
    const y = tg.interpolate(row, { scaleFactor, mode }).data;
    wanted.forEach((v, i) => {
      expect(y[i]).toBeCloseTo(v, 4);
    });
    expect([...tg.interpolate(row, { scaleFactor, mode, alignCorners: true }).data]).toEqual([0, 1, 10]);
  });

  test.each(["bilinear", "linear", "bicubic"] as const)("%s spreads no NaN or infinity", (mode) => {
    const x = tg.tensor([[[[1, 2], [Number.NaN, 4]]]]); // biome-ignore format: a matrix
    for (const options of [{ size: [2, 2] }, { scaleFactor: 1 }, { size: 2, alignCorners: true }]) {
      expect([...tg.interpolate(x, { mode, ...options }).data]).toEqual([1, 2, Number.NaN, 4]);
    }
    const infinite = tg.tensor([[[[1, 2], [Number.POSITIVE_INFINITY, 4]]]]); // biome-ignore format: a matrix
    const wide = tg.interpolate(infinite, { mode, size: [2, 4] }).toArray() as number[][][][];
    expect(wide[0]![0]![0]!.every(Number.isFinite)).toBe(true);
    const high = tg.interpolate(infinite, { mode, size: [4, 2] }).toArray() as number[][][][];
    expect(high[0]![0]!.map((row) => Number.isFinite(row[1]!))).toEqual([true, true, true, true]);
  });
});

describe("windows much larger than x", () => {
  const x = tg.tensor([[[[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]]]], { requiresGrad: true }); // biome-ignore format: a matrix
  const options = { padding: 10_000, stride: 1 };
  const large = (op: string) => new RegExp(`^${op}: the elements must fit into memory, got `);

  test("cost what x does", () => {
    const y = tg.maxPool2d(x, 20_000, options);
    expect(y.shape).toEqual([1, 1, 5, 5]);
    expect([y.data[0], y.data[24]]).toEqual([16, 16]);
    expect(tg.maxPoolIndices(x, 20_000, options).data[0]).toBe(15);
    const means = tg.avgPool2d(x, 20_000, { ...options, countIncludePad: false });
    expect(means.data[12]).toBeCloseTo(8.5, 5);
    expect(tg.avgPool2d(x, 20_000, { ...options, divisor: 1 }).data[12]).toBeCloseTo(136, 4);
    expect([...tg.maxPool2d(x, 2e6, { padding: 1e6 }).data]).toEqual([16]);
  });

  // Padded by hand, nothing can be left out.
  test("give what x gives that is padded by hand", () => {
    for (const size of [1, 2, 3, 5])
      for (const kernel of [2, 3, 5, 9])
        for (const stride of [1, 2, 4])
          for (const dilation of [1, 2])
            for (const ceilMode of [false, true]) {
              const reach = dilation * (kernel - 1) + 1;
              const padding = Math.floor(reach / 2);
              const row = tg.tensor([[Array.from({ length: size }, (_, i) => ((i * 7) % 5) - 6)]]);
              const how = { stride, ceilMode, ...(dilation > 1 && { dilation }) };
              const [first, second] = [Number.NEGATIVE_INFINITY, 0].map((fill) => tg.pad(row, [[0, 0], [0, 0], [padding, padding + (ceilMode ? stride * 2 + reach : 0)]], fill)); // biome-ignore format: one call
              let y: tg.Tensor;
              try {
                y = tg.maxPool1d(row, kernel, { ...how, padding });
              } catch (error) {
                expect(String(error)).toMatch(/each window must have|must not be larger/);
                continue;
              }
              const places = tg.maxPoolIndices(row, [kernel], { ...how, padding });
              const wanted = tg.maxPool1d(first!, kernel, { ...how, ceilMode: false }).data.slice(0, y.size);
              expect([...y.data]).toEqual([...wanted]);
              expect([...places.data].map((at) => row.data[at])).toEqual([...wanted]);
              if (dilation > 1) continue;
              const sums = tg.avgPool1d(row, kernel, { stride, ceilMode, padding, divisor: 1 });
              const all = tg.avgPool1d(second!, kernel, { stride, divisor: 1 }).data.slice(0, sums.size);
              expect([...sums.data]).toEqual([...all]);
            }
  });

  test.each<[op: string, call: () => unknown]>([
    ["unfold", () => tg.unfold(x, 2, { padding: 1e6, stride: 1e6 })],
    ["conv2d", () => tg.conv2d(x, tg.ones([1, 1, 1, 1]), { padding: 1e6, stride: 1e6 })],
    ["Conv2d\\(.*\\)", () => new tg.Conv2d(1, 1, 1, { padding: 1e6, stride: 1e6 }).forward(x)],
    ["maxPool2d", () => tg.maxPool2d(x, 2e6, { padding: 1e6, stride: 999_999, ceilMode: true })],
    ["adaptiveAvgPool2d", () => tg.adaptiveAvgPool2d(x, 1e9)],
    ["adaptiveMaxPool2d", () => tg.adaptiveMaxPool2d(x, 1e9)],
    ["adaptiveAvgPool1d", () => tg.adaptiveAvgPool1d(x.reshape([1, 1, 16]), 1e9)],
    ["interpolate", () => tg.interpolate(x, { size: 1e9 })],
    ["interpolate", () => tg.interpolate(x.reshape([1, 1, 16]), { size: 1e9, mode: "linear" })],
  ])("are refused where they do not fit: %s", (op, call) => {
    expect(call).toThrow(tg.ShapeError);
    expect(call).toThrow(large(op));
  });
});

describe("means whose sums the dtype cannot hold", () => {
  const big = { float32: 3e38, float64: 1.7e308 } as const;
  const pools: readonly (readonly [what: string, pool: (x: tg.Tensor) => tg.Tensor])[] = [
    ["windows side by side", (x) => tg.avgPool2d(x, 2)],
    ["windows that overlap", (x) => tg.avgPool2d(x, 3, { stride: 1 })],
    ["padding", (x) => tg.avgPool2d(x, 3, { stride: 1, padding: 1 })],
    ["padding that does not count", (x) => tg.avgPool2d(x, 3, { padding: 1, countIncludePad: false })],
    ["ceilMode", (x) => tg.avgPool2d(x, 3, { stride: 2, ceilMode: true })],
    ["one window", (x) => tg.avgPool2d(x, [4, 5])],
    ["a divisor", (x) => tg.avgPool2d(x, [4, 5], { divisor: 50 })],
    ["one axis", (x) => tg.avgPool1d(x.flatten(0, 2), 4)],
    ["three axes", (x) => tg.avgPool3d(x, [1, 2, 2])],
    ["adaptive", (x) => tg.adaptiveAvgPool2d(x, 1)],
    ["adaptive, even", (x) => tg.adaptiveAvgPool2d(x, [2, 5])],
    ["adaptive, uneven", (x) => tg.adaptiveAvgPool2d(x, [3, 2])],
    ["adaptive, one axis", (x) => tg.adaptiveAvgPool1d(x.flatten(0, 2), 3)],
  ];
  test.each(pools)("%s", (_, pool) => {
    for (const dtype of ["float32", "float64"] as const) {
      const signs = tg.tensor(
        Array.from({ length: 20 }, (_, i) => (i % 7 === 3 ? -1 : 1)),
        { dtype },
      );
      const unit = signs.reshape([1, 1, 4, 5]);
      const x = unit.mul(big[dtype]);
      const wanted = pool(unit);
      for (const own of [pool(x), compile(pool)(x)]) {
        const ratios = Array.from(own.data, (v) => v / big[dtype]);
        expect(ratios.every((v, i) => Math.abs(v - wanted.data[i]!) < 1e-6)).toBe(true);
      }
    }
  });

  test("a mean is exact where the sum is", () => {
    const x = tg.arange(36).reshape([1, 1, 6, 6]);
    for (const own of [(v: tg.Tensor) => tg.avgPool2d(v, 3), (v: tg.Tensor) => tg.avgPool2d(v, [3, 2])]) {
      const wanted = own(x).data.length === 4 ? [7, 10, 25, 28] : [6.5, 8.5, 10.5, 24.5, 26.5, 28.5];
      expect([...own(x).data]).toEqual(wanted);
      expect([...compile(own)(x).data]).toEqual(wanted);
    }
  });

  test("what is almost 0, and divisors that are, are not lost", () => {
    const x = tg.full([1, 1, 2, 2], 1e-36);
    expect(tg.avgPool2d(x, 2).item() / 1e-36).toBeCloseTo(1, 5);
    expect(tg.avgPool2d(x, 2, { divisor: 1e-36 }).item()).toBeCloseTo(4, 4);
    expect(tg.avgPool2d(tg.ones([1, 1, 2, 2]), 2, { divisor: -1e30 }).item() * 1e30).toBeCloseTo(-4, 4);
  });
});
