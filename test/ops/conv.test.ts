import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import {
  type ConvOptions,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  conv1d,
  conv2d,
  conv3d,
  convInput,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  convWeight,
  gradients,
  matmul,
  ones,
  permute,
  reshape,
  type Shape,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.ts";

const convs = [conv1d, conv2d, conv3d];
const transposed = [convTranspose1d, convTranspose2d, convTranspose3d];

/** Numbers that repeat only after a long time. */
function sample(shape: Shape, phase: number): Tensor {
  const values = Float64Array.from({ length: shape.reduce((n, size) => n * size, 1) }, (_, i) => {
    return (((i + 1) * 37 + phase * 101) % 61) / 30 - 1;
  });
  return tensor(values, { dtype: "float64" }).reshape(shape);
}

interface Axis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

interface Call {
  readonly images: number;
  readonly groups: number;
  readonly channels: number;
  readonly out: number;
  readonly axes: readonly Axis[];
}

const axis = fc.record({
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 3 }),
  before: fc.integer({ min: 0, max: 3 }),
  after: fc.integer({ min: 0, max: 3 }),
  more: fc.integer({ min: 0, max: 4 }),
});

const call: fc.Arbitrary<Call> = fc.record({
  images: fc.integer({ min: 0, max: 3 }),
  groups: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 3 }),
  out: fc.integer({ min: 1, max: 3 }),
  axes: fc.array(axis, { minLength: 1, maxLength: 3 }).map((list) =>
    list.map(({ more, ...own }) => {
      const reach = own.dilation * (own.kernel - 1) + 1;
      return { ...own, size: Math.max(1, reach - own.before - own.after) + more };
    }),
  ),
});

const shapesOf = ({ images, groups, channels, out, axes }: Call) => ({
  x: [images, channels * groups, ...axes.map(({ size }) => size)],
  w: [out * groups, channels, ...axes.map(({ kernel }) => kernel)],
  y: [
    images,
    out * groups,
    ...axes.map(({ size, before, after, dilation, kernel, stride }) => {
      return Math.floor((size + before + after - dilation * (kernel - 1) - 1) / stride) + 1;
    }),
  ],
});

const optionsOf = ({ groups, axes }: Call) => ({
  groups,
  stride: axes.map(({ stride }) => stride),
  dilation: axes.map(({ dilation }) => dilation),
  padding: axes.map(({ before, after }) => [before, after] as const),
});

/** All indices of a shape, row-major. */
function* indices(shape: Shape): Generator<readonly number[]> {
  if (shape.length === 0) yield [];
  else for (let i = 0; i < shape[0]!; i++) for (const rest of indices(shape.slice(1))) yield [i, ...rest];
}

const placeOf = (index: readonly number[], shape: Shape): number => index.reduce((at, i, d) => at * shape[d]! + i, 0);

/** Calls `term` for each product of the definition: the places of an element of y, of x and of the weight. */
function byDefinition(own: Call, term: (y: number, x: number, w: number) => void): void {
  const { x, w, y } = shapesOf(own);
  for (const index of indices(y)) {
    const [n, o, ...p] = index as [number, number, ...number[]];
    const group = Math.floor(o / own.out);
    for (const element of indices(w.slice(1))) {
      const [c, ...q] = element as [number, ...number[]];
      const at = own.axes.map(({ stride, dilation, before }, d) => stride * p[d]! + dilation * q[d]! - before);
      if (at.some((i, d) => i < 0 || i >= own.axes[d]!.size)) continue;
      const from = placeOf([n, group * own.channels + c, ...at], x);
      term(placeOf(index, y), from, placeOf([o, ...element], w));
    }
  }
}

function expectNear(got: Tensor, shape: Shape, wanted: ArrayLike<number>, relative = 1e-12): void {
  expect(got.shape).toEqual(shape);
  const { data } = got;
  let worst = 0;
  for (let i = 0; i < data.length; i++)
    worst = Math.max(worst, Math.abs(Number(data[i]) - wanted[i]!) / (1 + Math.abs(wanted[i]!)));
  expect(worst).toBeLessThan(relative);
}

/** The gradient along a direction is what central differences say. */
function expectDirectional(f: (x: Tensor, w: Tensor, bias: Tensor) => Tensor, points: readonly Tensor[]): void {
  const along = points.map(({ shape }, i) => sample(shape, i + 7));
  const at = (t: number) => {
    const [a, b, c] = points.map((point, i) => {
      const moved = point.add(along[i]!.mul(t)).detach();
      moved.requiresGrad = true;
      return moved;
    }) as [Tensor, Tensor, Tensor];
    return { value: f(a, b, c), leaves: [a, b, c] };
  };
  const { value, leaves } = at(0);
  const slope = gradients(value, leaves).reduce((sum, g, i) => sum + g.mul(along[i]!).sum().item(), 0);
  const h = 1e-4;
  const [near, far] = [h, 2 * h].map((t) => (at(t).value.item() - at(-t).value.item()) / (2 * t)) as [number, number];
  const wanted = (4 * near - far) / 3;
  expect(Math.abs(slope - wanted) / (1 + Math.abs(wanted))).toBeLessThan(1e-8);
}

describe("convolution", () => {
  test("is what its definition says, and so are its derivatives, for all sizes, strides, dilations, paddings and groups", () => {
    fc.assert(
      fc.property(call, (own) => {
        const shapes = shapesOf(own);
        const options = optionsOf(own);
        const conv = convs[own.axes.length - 1]!;
        const [x, w, g] = [sample(shapes.x, 1), sample(shapes.w, 2), sample(shapes.y, 3)];
        const [y, dx, dw] = [g, x, w].map(({ size }) => new Float64Array(size));
        const [xs, ws, gs] = [x.data, w.data, g.data] as [Float64Array, Float64Array, Float64Array];
        byDefinition(own, (at, from, by) => {
          y![at]! += xs[from]! * ws[by]!;
          dx![from]! += gs[at]! * ws[by]!;
          dw![by]! += gs[at]! * xs[from]!;
        });
        x.requiresGrad = true;
        w.requiresGrad = true;
        const result = conv(x, w, options);
        expectNear(result, shapes.y, y!);
        const [gx, gw] = gradients(result, [x, w], { cotangents: [g] }) as [Tensor, Tensor];
        expectNear(gx, shapes.x, dx!);
        expectNear(gw, shapes.w, dw!);
        expectNear(convInput(g, w, shapes.x, options), shapes.x, dx!);
        expectNear(convWeight(x, g, shapes.w, options), shapes.w, dw!);
        const single = conv(x.detach().to("float32"), w.detach().to("float32"), options);
        expect(single.dtype).toBe("float32");
        expectNear(single, shapes.y, y!, 1e-5);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  test("a transposed one is the adjoint, with the sizes that outputPadding chooses", () => {
    fc.assert(
      fc.property(call, (own) => {
        const { x, w, y } = shapesOf(own);
        const { padding, stride, dilation, groups } = optionsOf(own);
        const outputPadding = own.axes.map(({ size, before, after, dilation, kernel, stride }) => {
          return (size + before + after - dilation * (kernel - 1) - 1) % stride;
        });
        const [g, weight] = [sample(y, 1), sample(w, 2)];
        const f = transposed[own.axes.length - 1]!;
        const made = f(g, weight, { padding, stride, dilation, groups, outputPadding });
        expectNear(made, x, convInput(g, weight, x, optionsOf(own)).data as Float64Array);
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  test("a transposed one adds behind what the dilation allows, also beyond the stride", () => {
    for (let n = 0; n < 3 ** 6; n++) {
      const [kernel, stride, dilation, before, after, count] = Array.from({ length: 6 }, (_, d) => {
        return 1 + (Math.floor(n / 3 ** d) % 3);
      }) as [number, number, number, number, number, number];
      for (let more = 0; more < Math.max(stride, dilation); more++) {
        const [x, w] = [sample([1, 1, count], 1), sample([1, 1, kernel], 2)];
        const all = new Float64Array((count - 1) * stride + dilation * (kernel - 1) + 1 + more);
        for (let i = 0; i < count; i++) {
          for (let q = 0; q < kernel; q++) all[stride * i + dilation * q]! += x.data[i]! * w.data[q]!;
        }
        const wanted = all.slice(before - 1, all.length - (after - 1));
        if (wanted.length === 0) continue;
        const padding = [[before - 1, after - 1] as const];
        const y = convTranspose1d(x, w, { stride, dilation, padding, outputPadding: more });
        expectNear(y, [1, 1, wanted.length], wanted);
      }
    }
  });

  test("so do those of more axes, layers, gradients, and compiled ones", () => {
    const how = { dilation: 3, stride: [2, 1, 1], outputPadding: [2, 2, 1] } as const;
    const layers = [ConvTranspose1d, ConvTranspose2d, ConvTranspose3d];
    for (const axes of [1, 2, 3]) {
      const [stride, outputPadding] = [how.stride.slice(-axes), how.outputPadding.slice(-axes)];
      for (const padding of [0, 1, [[2, 0] as const, ...new Array<number>(axes - 1).fill(0)]]) {
        const options = { dilation: 3, stride, outputPadding, padding };
        const x = sample([2, 2, ...[2, 1, 2].slice(-axes)], 1);
        const w = sample([2, 1, ...[1, 2, 2].slice(-axes)], 2);
        const bias = sample([2], 3);
        const f = (...[x, w, bias]: Tensor[]) => transposed[axes - 1]!(x!, w!, { ...options, groups: 2, bias: bias! });
        const [y, got] = [f(x, w, bias), compile(f)(x, w, bias)];
        expectNear(got, y.shape, y.data as Float64Array);
        const layer = new layers[axes - 1]!(2, 2, w.shape.slice(2) as never, {
          ...options,
          groups: 2,
          dtype: "float64",
        });
        layer.weight.assign(w);
        layer.bias?.assign(bias);
        expectNear(layer.forward(x), y.shape, y.data as Float64Array);
        const loss = (...own: Tensor[]) =>
          f(...own)
            .tanh()
            .sum();
        expectDirectional(loss, [x, w, bias]);
        expectDirectional(
          (...own) => {
            const slopes = gradients(loss(...own), own, { createGraph: true });
            return slopes.map((slope) => slope.mul(slope).sum()).reduce((a, b) => a.add(b));
          },
          [x, w, bias],
        );
      }
    }
  });

  test("has derivatives of first and second order, with bias, as finite differences say", () => {
    const padding = [
      [1, 2],
      [0, 1],
    ] as const;
    const down = (x: Tensor, w: Tensor, bias: Tensor) =>
      conv2d(x, w, { stride: [2, 1], padding, dilation: [1, 2], groups: 2, bias })
        .tanh()
        .sum();
    const up = (x: Tensor, w: Tensor, bias: Tensor) =>
      convTranspose2d(x, w, { stride: 2, padding: 1, outputPadding: [1, 0], groups: 2, bias })
        .tanh()
        .sum();
    const around = (x: Tensor, w: Tensor, bias: Tensor) =>
      conv2d(x, w, { padding: 1, paddingMode: "reflect", groups: 2, bias }).tanh().sum();
    for (const [f, w, bias] of [
      [down, [6, 2, 3, 2], 6],
      [up, [4, 1, 3, 3], 2],
      [around, [2, 2, 3, 3], 2],
    ] as const) {
      const leaves = [sample([2, 4, 5, 4], 1), sample(w, 2), sample([bias], 3)];
      expectDirectional(f, leaves);
      // The gradient's squares, whose gradient is of second order.
      expectDirectional((...own) => {
        const slopes = gradients(f(...own), own, { createGraph: true });
        return slopes.map((slope) => slope.mul(slope).sum()).reduce((a, b) => a.add(b));
      }, leaves);
    }
  });

  test("of 1 × 1 is a product of matrices, and that of one as large as x, too", () => {
    const [x, w] = [sample([2, 3, 4, 5], 1), sample([6, 3, 1, 1], 2)];
    const product = matmul(reshape(w, [6, 3]), reshape(x, [2, 3, 20]));
    expectNear(conv2d(x, w), [2, 6, 4, 5], product.data as Float64Array);
    const whole = sample([6, 3, 4, 5], 2);
    const rows = matmul(reshape(x, [2, 60]), reshape(whole, [6, 60]).T);
    expectNear(conv2d(x, whole), [2, 6, 1, 1], rows.data as Float64Array);
  });

  test("takes one sample without a batch, and none", () => {
    const [x, w, bias] = [sample([1, 3, 6, 7], 1), sample([4, 3, 3, 3], 2), sample([4], 3)];
    const one = conv2d(reshape(x, [3, 6, 7]), w, { bias, padding: 1 });
    expectNear(one, [4, 6, 7], conv2d(x, w, { bias, padding: 1 }).data as Float64Array);
    expect(conv2d(zeros([0, 3, 6, 7]), ones([4, 3, 3, 3])).shape).toEqual([0, 4, 4, 5]);
    const weight = ones([4, 3, 3, 3], { requiresGrad: true });
    conv2d(zeros([0, 3, 6, 7]), weight)
      .sum()
      .backward();
    expect(weight.grad!.abs().sum().item()).toBe(0);
    expect(
      conv2d(zeros([2, 0, 6, 7]), zeros([4, 0, 3, 3]))
        .abs()
        .sum()
        .item(),
    ).toBe(0);
  });

  test('pads by "same" as PyTorch does: the odd one behind', () => {
    const x = tensor([[1, 2, 3, 4]]);
    expect(conv1d(x, tensor([[[1, 10]]]), { padding: "same" }).toArray()).toEqual([[21, 32, 43, 4]]);
    expect(conv1d(x, tensor([[[1, 10]]]), { padding: "same", dilation: 2 }).toArray()).toEqual([[20, 31, 42, 3]]);
    expect(conv1d(x, tensor([[[1, 10]]]), { padding: "valid" }).toArray()).toEqual([[21, 32, 43]]);
  });

  test("pads by reflection, by the edge, and around", () => {
    const x = tensor([[1, 2, 3]]);
    const w = tensor([[[100, 10, 1]]]);
    const padded = (paddingMode: ConvOptions["paddingMode"]) =>
      conv1d(x, w, { padding: 1, paddingMode: paddingMode! }).toArray();
    expect(padded("zeros")).toEqual([[12, 123, 230]]);
    expect(padded("reflect")).toEqual([[212, 123, 232]]);
    expect(padded("replicate")).toEqual([[112, 123, 233]]);
    expect(padded("circular")).toEqual([[312, 123, 231]]);
  });

  test("promotes float32 and float64, and gives gradients of each one's dtype", () => {
    const x = ones([1, 1, 4], { requiresGrad: true });
    const w = ones([1, 1, 2], { dtype: "float64", requiresGrad: true });
    const y = conv1d(x, w);
    expect(y.dtype).toBe("float64");
    y.sum().backward();
    expect([x.grad!.dtype, w.grad!.dtype]).toEqual(["float32", "float64"]);
  });

  test("keeps infinities and NaN where windows see them, and only there", () => {
    const y = conv1d(tensor([[0, Number.POSITIVE_INFINITY, 0, 0, Number.NaN]]), tensor([[[1, 1]]]), { padding: 1 });
    expect(y.toArray()).toEqual([[0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, Number.NaN, Number.NaN]]);
  });
});

describe("refusals of convolutions say what to write", () => {
  const x = ones([2, 3, 8, 8]);
  const w = ones([4, 3, 3, 3]);
  // biome-ignore lint/suspicious/noExplicitAny: what TypeScript refuses, JavaScript passes
  const f = conv2d as any;
  // biome-ignore lint/suspicious/noExplicitAny: the same
  const up = convTranspose2d as any;
  const calls: [() => unknown, string][] = [
    [() => f(3, w), "conv2d: x must be a tensor, got 3; wrap values in tensor(…)"],
    [() => f(x, [1]), "conv2d: weight must be a tensor, got an array; wrap values in tensor(…)"],
    [() => f(x, w, ones([4])), "conv2d: options must be an object, got a tensor float32[4]; write { bias }"],
    [() => f(x, w, { strides: 2 }), "conv2d: there is no such option, got strides; did you mean stride?"],
    [() => f(x, w, { stride: 0 }), "conv2d: stride must be a whole number, 1 or more, or a list of 2, got 0"],
    [
      () => f(x, w, { stride: [1, 2, 3] }),
      "conv2d: stride must be a whole number, 1 or more, or a list of 2, got [1, 2, 3]",
    ],
    [() => f(x, w, { dilation: 1.5 }), "conv2d: dilation must be a whole number, 1 or more, or a list of 2, got 1.5"],
    [() => f(x, w, { groups: 0 }), "conv2d: groups must be a whole number, 1 or more, got 0"],
    [
      () => f(x, w, { padding: -1 }),
      'conv2d: padding must be a whole number, 0 or more, "same" or "valid", or a list with a number or [before, after] for each of 2 axes, got -1; slice x to cut off',
    ],
    [() => f(x, w, { padding: "SAME" }), 'got "SAME", a string; write "same"'],
    [() => f(x, w, { padding: "reflect" }), 'got "reflect", a string; paddingMode says what to pad with'],
    [() => conv1d(ones([3, 8]), ones([4, 3, 3]), { padding: [1, 2] }), "got [1, 2]; write padding: [[1, 2]]"],
    [() => f(x, w, { padding: "same", stride: 2 }), 'conv2d: padding "same" needs stride 1, got stride [2, 2]'],
    [
      () => f(x, w, { paddingMode: "mirror" }),
      'conv2d: paddingMode must be "zeros", "reflect", "replicate" or "circular", got "mirror"',
    ],
    [
      () => f(x, w, { paddingMode: "reflect", padding: 8 }),
      'conv2d: "reflect" cannot add more than there is beside the edge, got [8, 8] for size 8 of axis 2',
    ],
    [
      () => f(ones([8, 8]), w),
      "conv2d: x must be [batch, channels, height, width], or without the batch, got [8, 8]; write x.reshape([1, 8, 8])",
    ],
    [
      () => f(x, ones([4, 3, 3])),
      "conv2d: weight must be [out, in / groups, kernel height, kernel width], got [4, 3, 3]; did you mean conv1d?",
    ],
    [
      () => f(permute(x, [0, 2, 3, 1]), w),
      "conv2d: the weight must have axis 1 of size 8, the channels of x, got weight [4, 3, 3, 3] for x [2, 8, 8, 3]; channels come before the sizes: permute(x, [0, 3, 1, 2])",
    ],
    [
      () => f(ones([2, 6, 8, 8]), w),
      "conv2d: the weight must have axis 1 of size 6, the channels of x, got weight [4, 3, 3, 3] for x [2, 6, 8, 8]; or write { groups: 2 }",
    ],
    [
      () => f(ones([2, 9, 8, 8]), w, { groups: 3 }),
      "conv2d: groups must divide the weight's first axis, got 3 groups for weight [4, 3, 3, 3]",
    ],
    [
      () => f(ones([2, 3, 2, 8]), w, { dilation: 2 }),
      "conv2d: the kernel must not be larger than x with its padding, got 3, 5 with its dilation, for 2 on axis 2 of x [2, 3, 2, 8]; pad by 2 or more, or take a smaller kernel",
    ],
    [() => f(x, ones([4, 3, 0, 3])), "conv2d: a kernel must have an element along each axis, got [4, 3, 0, 3]"],
    [() => f(x.to("int32"), w), 'conv2d: x must be floating, got int32[2, 3, 8, 8]; use to("float32")'],
    [() => f(x, w, { bias: ones([3]) }), "conv2d: the bias must have shape [4], the weight's first, got float32[3]"],
    [
      () => up(x, w),
      "convTranspose2d: the weight must have axis 0 of size 3, the channels of x, got weight [4, 3, 3, 3] for x [2, 3, 8, 8]; a weight is [in, out / groups, …]: swap its first two axes",
    ],
    [
      () => up(x, ones([3, 4, 3, 3]), { outputPadding: 1 }),
      "convTranspose2d: outputPadding must be less than the stride or the dilation, got [1, 1] for stride [1, 1]",
    ],
    [
      () => up(ones([1, 3, 1, 1]), ones([3, 4, 2, 2]), { padding: 1 }),
      "convTranspose2d: the result must have an element along each axis, got size 0 on axis 2 from x [1, 3, 1, 1], weight [3, 4, 2, 2]; take less padding",
    ],
    [
      () => up(x, ones([3, 4, 3, 3]), { padding: "same" }),
      'convTranspose2d: padding must be numbers, got "same"; of the result, so much is cut off',
    ],
    [
      () => convInput(ones([2, 4, 5, 6]), w, [2, 3, 8, 8]),
      "convInput: the cotangent must be of the shape of the result, [2, 4, 6, 6], got [2, 4, 5, 6]",
    ],
    [
      () => convInput(ones([2, 4, 6, 6]), w, [8, 8]),
      "convInput: the shape of the input must have 4 sizes, the first 2 and 3, got [8, 8]",
    ],
    [
      () => convWeight(x, ones([2, 4, 6, 6]), [4, 2, 3, 3]),
      "convWeight: the shape of the weight must have 4 sizes, the first 4 and 3, got [4, 2, 3, 3]",
    ],
  ];
  for (const [run, message] of calls) test(message, () => expect(run).toThrow(message));
});
