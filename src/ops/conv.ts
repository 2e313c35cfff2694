import { apply } from "../core/apply.ts";
import { isFloat } from "../core/dtype.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import type { Op, Operand } from "../core/op.ts";
import { formatShape, type Shape } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Draw, OpCases } from "./cases.ts";
import { convolve, convolveInput, convolveWeight } from "./convKernel.ts";

// A convolution is linear in x and in its weight. It and its two adjoints are made of each other, so derivatives of any order close:
// each is an op, and its rule is the other two.

/** How windows go over the spatial axes, of which there may be any number: a list has an entry for each. */
export interface ConvAttrs {
  readonly stride: Shape;
  /** Zeros around x. */
  readonly padding: readonly (readonly [before: number, after: number])[];
  readonly dilation: Shape;
  /** Into so many parts channels are divided; each part of the result is made of one part of x. */
  readonly groups: number;
}

/** Of an adjoint, the spatial sizes of its result, which its inputs do not tell. */
export interface AdjointAttrs extends ConvAttrs {
  readonly sizes: Shape;
}

/** `y[n, o, p] = Σ x[n, c, stride · p + dilation · q − before] w[o, c, q]`: x of shape [N, C, …], w of shape [O, C / groups, …]. */
export const convOp: Op<ConvAttrs> = {
  name: "conv",
  shape: ([x, w], attrs) => {
    checkFloats("conv", x!, w!);
    return [x!.sizes[0]!, w!.sizes[0]!, ...windowsOf("conv", x!.sizes, w!.sizes, attrs)];
  },
  forward: (y, [x, w], attrs, shape) => convolve(y, x!, w!, attrs, shape),
  vjp: [
    ({ g, b, attrs, result }) => convInputOf(g, b, { ...attrs, sizes: result.inputs[0]!.sizes.slice(2) }),
    ({ g, a, attrs, result }) => convWeightOf(a, g, { ...attrs, sizes: result.inputs[1]!.sizes.slice(2) }),
  ],
};

/** x's cotangent, of y's and w. */
export const convInputOp: Op<AdjointAttrs> = {
  name: "convInput",
  shape: ([g, w], attrs) => {
    checkFloats("convInput", g!, w!);
    const shape = [g!.sizes[0]!, w!.sizes[1]! * attrs.groups, ...attrs.sizes];
    checkCotangent("convInput", g!, [shape[0]!, w!.sizes[0]!, ...windowsOf("convInput", shape, w!.sizes, attrs)]);
    return shape;
  },
  forward: (dx, [g, w], attrs, shape) => convolveInput(dx, g!, w!, attrs, shape),
  vjp: [
    ({ g, b, attrs }) => convOf(g, b, attrs),
    ({ g, a, attrs, result }) => convWeightOf(g, a, { ...attrs, sizes: result.inputs[1]!.sizes.slice(2) }),
  ],
};

/** w's cotangent, of x and y's. */
export const convWeightOp: Op<AdjointAttrs> = {
  name: "convWeight",
  shape: ([x, g], attrs) => {
    checkFloats("convWeight", x!, g!);
    const shape = [g!.sizes[1]!, x!.sizes[1]! / attrs.groups, ...attrs.sizes];
    checkCotangent("convWeight", g!, [x!.sizes[0]!, shape[0]!, ...windowsOf("convWeight", x!.sizes, shape, attrs)]);
    return shape;
  },
  forward: (dw, [x, g], attrs, shape) => convolveWeight(dw, x!, g!, attrs, shape),
  vjp: [
    ({ g, b, attrs, result }) => convInputOf(b, g, { ...attrs, sizes: result.inputs[0]!.sizes.slice(2) }),
    ({ g, a, attrs }) => convOf(a, g, attrs),
  ],
};

/** The convolution, of operands that have an axis of images. */
export function convOf(x: Tensor, w: Tensor, { stride, padding, dilation, groups }: ConvAttrs): Tensor {
  return apply(convOp, [x, w], { stride, padding, dilation, groups });
}

/** Its adjoint in x. */
export function convInputOf(g: Tensor, w: Tensor, attrs: AdjointAttrs): Tensor {
  return apply(convInputOp, [g, w], attrs);
}

/** Its adjoint in the weight. */
export function convWeightOf(x: Tensor, g: Tensor, attrs: AdjointAttrs): Tensor {
  return apply(convWeightOp, [x, g], attrs);
}

/** Integers would be exact or refused in a kernel of their own; PyTorch has none for int32 either. */
function checkFloats(op: string, a: Tensor, b: Tensor): void {
  if (isFloat(a.dtype) && a.dtype === b.dtype) return;
  throw new DTypeError(
    op,
    "needs two tensors of float32, or two of float64",
    `${a.dtype} and ${b.dtype}`,
    castHint(a, b),
  );
}

function castHint(a: Operand, b: Operand): string {
  const dtype = a.dtype === "float64" || b.dtype === "float64" ? "float64" : "float32";
  return `cast with .to("${dtype}")`;
}

/** How many windows there are along each spatial axis; checks that x and the weight fit. */
export function windowsOf(op: string, x: Shape, w: Shape, { stride, padding, dilation, groups }: ConvAttrs): number[] {
  const rank = stride.length + 2;
  if (x.length !== rank || w.length !== rank) {
    throw new ShapeError(op, `needs tensors of ${rank} axes`, `${formatShape(x)} and ${formatShape(w)}`);
  }
  if (x[1]! % groups !== 0) {
    throw new ShapeError(op, "groups must divide the channels of x", `${groups} groups for x ${formatShape(x)}`);
  }
  if (x[1] !== w[1]! * groups) {
    throw new ShapeError(
      op,
      `the weight must have axis 1 of size ${x[1]! / groups}, the channels of x${groups === 1 ? "" : ` by ${groups} groups`}`,
      `weight ${formatShape(w)} for x ${formatShape(x)}`,
      channelHint(x, w, groups),
    );
  }
  if (w[0]! % groups !== 0) {
    throw new ShapeError(
      op,
      "groups must divide the weight's first axis",
      `${groups} groups for weight ${formatShape(w)}`,
    );
  }
  const counts = stride.map((step, d) => {
    const reach = dilation[d]! * (w[d + 2]! - 1) + 1;
    const room = x[d + 2]! + padding[d]![0] + padding[d]![1];
    if (w[d + 2] === 0) throw new ShapeError(op, "a kernel must have an element along each axis", formatShape(w));
    if (room < reach) {
      const spread = dilation[d] === 1 ? "" : `, ${reach} with its dilation`;
      throw new ShapeError(
        op,
        "the kernel must not be larger than x with its padding",
        `${w[d + 2]}${spread}, for ${room} on axis ${d + 2} of x ${formatShape(x)}`,
        `pad by ${Math.ceil((reach - room) / 2) + padding[d]![0]} or more, or take a smaller kernel`,
      );
    }
    return Math.floor((room - reach) / step) + 1;
  });
  // One image is laid out with its padding, and its places are int32.
  const laid = padding.reduce((n, [before, after], d) => n * (x[d + 2]! + before + after), w[1]!);
  if (laid < 2 ** 31) return counts;
  const got = `${laid} in an image of x ${formatShape(x)} with its padding`;
  throw new ShapeError(op, "the elements must fit into memory", got);
}

function channelHint(x: Shape, w: Shape, groups: number): string {
  const channels = w[1]! * groups;
  // Of square images of as many channels, sizes say nothing about the order of axes.
  if (x.at(-1) === channels && x.at(-1) !== x.at(-2)) {
    const axes = x.map((_, d) => (d === 0 ? 0 : d === 1 ? x.length - 1 : d - 1));
    return `channels come before the sizes: permute(x, [${axes.join(", ")}])`;
  }
  if (groups === 1 && x[1]! % Math.max(w[1]!, 1) === 0 && w[1]! > 0) return `or write { groups: ${x[1]! / w[1]!} }`;
  if (w[0] === x[1]) return "a weight is [out, in / groups, …]: swap its first two axes";
  return "";
}

export function checkCotangent(op: string, g: Tensor, shape: Shape): void {
  if (formatShape(g.sizes) === formatShape(shape)) return;
  throw new ShapeError(
    op,
    `the cotangent must be of the shape of the result, ${formatShape(shape)}`,
    formatShape(g.sizes),
  );
}

/** A convolution of one or two spatial axes that is drawn: its attributes, and the shapes of x, weight and result. */
export function drawConv(d: Draw): { attrs: ConvAttrs; x: number[]; w: number[]; y: number[] } {
  const rank = d.int(1, 2);
  const axes = Array.from({ length: rank }, () => {
    const [kernel, stride, dilation] = [d.int(1, 3), d.int(1, 3), d.int(1, 2)];
    const padding = [d.int(0, 2), d.int(0, 2)] as const;
    const reach = dilation * (kernel - 1) + 1;
    const size = Math.max(1, reach - padding[0] - padding[1]) + d.int(0, 3);
    return {
      kernel,
      stride,
      dilation,
      padding,
      size,
      count: Math.floor((size + padding[0] + padding[1] - reach) / stride) + 1,
    };
  });
  const groups = d.int(1, 2);
  const [images, c, o] = [d.int(0, 2), d.int(1, 2), d.int(1, 2) * groups];
  const attrs = {
    stride: axes.map(({ stride }) => stride),
    padding: axes.map(({ padding }) => padding),
    dilation: axes.map(({ dilation }) => dilation),
    groups,
  };
  return {
    attrs,
    x: [images, c * groups, ...axes.map(({ size }) => size)],
    w: [o, c, ...axes.map(({ kernel }) => kernel)],
    y: [images, o, ...axes.map(({ count }) => count)],
  };
}

const plain = { stride: [1], padding: [[0, 0]], dilation: [1], groups: 1 } as const;

export const convCases: OpCases<ConvAttrs> = {
  draw: (d) => {
    const { attrs, x, w } = drawConv(d);
    return { inputs: [d.floats(x), d.floats(w)], attrs };
  },
  errors: [
    {
      inputs: [
        [2, 3, 8],
        [4, 2, 3],
      ],
      attrs: plain,
      error: "conv: the weight must have axis 1 of size 3, the channels of x, got weight [4, 2, 3] for x [2, 3, 8]",
    },
    {
      inputs: [
        [2, 3, 2],
        [4, 3, 3],
      ],
      attrs: plain,
      error: "conv: the kernel must not be larger than x with its padding, got 3, for 2 on axis 2 of x [2, 3, 2]",
    },
  ],
};

export const convInputCases: OpCases<AdjointAttrs> = {
  draw: (d) => {
    const { attrs, x, w, y } = drawConv(d);
    return { inputs: [d.floats(y), d.floats(w)], attrs: { ...attrs, sizes: x.slice(2) } };
  },
  errors: [
    {
      inputs: [
        [2, 4, 5],
        [4, 3, 3],
      ],
      attrs: { ...plain, sizes: [8] },
      error: "convInput: the cotangent must be of the shape of the result, [2, 4, 6], got [2, 4, 5]",
    },
  ],
};

export const convWeightCases: OpCases<AdjointAttrs> = {
  draw: (d) => {
    const { attrs, x, w, y } = drawConv(d);
    return { inputs: [d.floats(x), d.floats(y)], attrs: { ...attrs, sizes: w.slice(2) } };
  },
  errors: [
    {
      inputs: [
        [2, 3, 8],
        [2, 4, 5],
      ],
      attrs: { ...plain, sizes: [3] },
      error: "convWeight: the cotangent must be of the shape of the result, [2, 4, 6], got [2, 4, 5]",
    },
  ],
};
