import { apply } from "../core/apply.ts";
import type { TypedArray } from "../core/dtype.ts";
import type { Op, Operand } from "../core/op.ts";
import { type Shape, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Draw, OpCases } from "./cases.ts";
import { type ConvAttrs, checkCotangent, windowsOf } from "./conv.ts";
import { Windows } from "./convKernel.ts";

// The largest element of each window. Its rule is made of two ops that take elements of windows by number, and put them back, each of which is the other's rule:
// so derivatives of any order close.

/** How windows of a size go over the spatial axes of `[N, C, …]`: a list has an entry for each. */
export interface WindowAttrs extends Omit<ConvAttrs, "groups"> {
  readonly kernel: Shape;
}

/** Of an adjoint, the spatial sizes of its result, which its inputs do not tell. */
export interface SpreadAttrs extends WindowAttrs {
  readonly sizes: Shape;
}

/** The largest element of each window; NaN if there is one. What is padded is no element. */
export const maxPoolOp: Op<WindowAttrs> = {
  name: "maxPool",
  shape: ([x], attrs) => pooledShape("maxPool", x!.sizes, attrs),
  forward: (y, [x], attrs, shape) => largest(y, x!, attrs, shape, false),
  vjp: [
    ({ g, x, attrs }) => apply(placeTapOp, [g, apply(maxTapOp, [x], attrs)], { ...attrs, sizes: x.sizes.slice(2) }),
  ],
};

/** The number of that element in its window, row-major: the first of equal ones, or the last NaN, as in PyTorch. */
export const maxTapOp: Op<WindowAttrs> = {
  name: "maxTap",
  shape: ([x], attrs) => pooledShape("maxTap", x!.sizes, attrs),
  dtype: () => "int32",
  forward: (y, [x], attrs, shape) => largest(y, x!, attrs, shape, true),
  vjp: "nondifferentiable",
};

/** The element with a number, of each window; 0 in what is padded. */
export const pickTapOp: Op<WindowAttrs> = {
  name: "pickTap",
  shape: ([x, tap], attrs) => {
    const shape = pooledShape("pickTap", x!.sizes, attrs);
    checkCotangent("pickTap", tap!, shape);
    return shape;
  },
  forward: (y, [x, tap], attrs, shape) => {
    eachPlane(x!.shape, shape, attrs, (plane, windows) => {
      const { starts, taps, image } = windows;
      windows.read(x!.values, plane, 0);
      for (let j = 0, at = plane * starts.length; j < starts.length; j++, at++) {
        y[at] = image[starts[j]! + taps[tap!.values[at]!]!]!;
      }
    });
  },
  vjp: [
    ({ g, b, attrs, result }) => apply(placeTapOp, [g, b], { ...attrs, sizes: result.inputs[0]!.sizes.slice(2) }),
    "nondifferentiable",
  ],
};

/** Its adjoint: each number added at that element of its window, and zeros elsewhere. */
export const placeTapOp: Op<SpreadAttrs> = {
  name: "placeTap",
  shape: ([g, tap], attrs) => {
    const shape = [...g!.sizes.slice(0, 2), ...attrs.sizes];
    const wanted = pooledShape("placeTap", shape, attrs);
    checkCotangent("placeTap", g!, wanted);
    checkCotangent("placeTap", tap!, wanted);
    return shape;
  },
  forward: (dx, [g, tap], attrs, shape) => {
    eachPlane(shape, g!.shape, attrs, (plane, windows) => {
      const { starts, taps, image } = windows;
      image.fill(0);
      for (let j = 0, at = plane * starts.length; j < starts.length; j++, at++) {
        image[starts[j]! + taps[tap!.values[at]!]!]! += g!.values[at]!;
      }
      windows.write(dx, plane, 0);
    });
  },
  vjp: [({ g, b, attrs }) => apply(pickTapOp, [g, b], withoutSizes(attrs)), "nondifferentiable"],
};

const withoutSizes = ({ kernel, stride, padding, dilation }: WindowAttrs): WindowAttrs => ({
  kernel,
  stride,
  padding,
  dilation,
});

/** The largest elements of windows. */
export function maxPoolOf(x: Tensor, attrs: WindowAttrs): Tensor {
  return apply(maxPoolOp, [x], attrs);
}

/** `[N, C, …counts]` of x's `[N, C, …sizes]`. */
export function pooledShape(op: string, x: Shape, { kernel, ...attrs }: WindowAttrs): Shape {
  const counts = windowsOf(op, x, [1, x[1]!, ...kernel], { ...attrs, groups: 1 });
  return [x[0]!, x[1]!, ...counts];
}

/** Goes through the planes, each a channel of an image. */
export function eachPlane(
  x: Shape,
  y: Shape,
  { kernel, ...attrs }: WindowAttrs,
  visit: (plane: number, windows: Windows) => void,
): void {
  const planes = x[0]! * x[1]!;
  if (planes === 0) return;
  const windows = new Windows([planes, 1, ...x.slice(2)], [1, 1, ...kernel], [planes, 1, ...y.slice(2)], {
    ...attrs,
    groups: 1,
  });
  for (let plane = 0; plane < planes; plane++) visit(plane, windows);
}

/** Fills y with the largest elements of windows, or with their numbers. */
function largest(y: TypedArray, x: Operand, attrs: WindowAttrs, shape: Shape, isTap: boolean): void {
  let first: Int32Array | undefined;
  eachPlane(x.shape, shape, attrs, (plane, windows) => {
    const { starts, taps, image } = windows;
    first ??= firstTaps(windows, sizeOf(x.shape.slice(2)));
    if (plane === 0) image.fill(Number.NEGATIVE_INFINITY);
    windows.read(x.values, plane, 0);
    for (let j = 0, at = plane * starts.length; j < starts.length; j++, at++) {
      const start = starts[j]!;
      let [best, tap] = [Number.NEGATIVE_INFINITY, first[j]!];
      for (let k = 0; k < taps.length; k++) {
        const v = image[start + taps[k]!]!;
        if (v > best || v !== v) {
          best = v;
          tap = k;
        }
      }
      y[at] = isTap ? tap : best;
    }
  });
}

/** For each window, its first element that is not padded: the largest of those that are all −∞. */
function firstTaps(windows: Windows, area: number): Int32Array {
  const { image, starts, taps } = windows;
  image.fill(0);
  windows.read(new Float64Array(area).fill(1), 0, 0);
  return starts.map((start) =>
    Math.max(
      0,
      taps.findIndex((tap) => image[start + tap] === 1),
    ),
  );
}

/** Windows over one or two spatial axes that are drawn, each with an element of x: their attributes, and the shapes of x and of the result. */
export function drawWindows(d: Draw): { attrs: WindowAttrs; x: number[]; y: number[]; taps: number } {
  const axes = Array.from({ length: d.int(1, 2) }, () => {
    const [kernel, stride, dilation] = [d.int(1, 3), d.int(1, 3), d.int(1, 2)];
    const most = Math.floor(kernel / 2);
    const padding = [d.int(0, most), d.int(0, most)] as const;
    const reach = dilation * (kernel - 1) + 1;
    const size = Math.max(dilation, reach - padding[0] - padding[1]) + d.int(0, 3);
    const count = Math.floor((size + padding[0] + padding[1] - reach) / stride) + 1;
    return { kernel, stride, dilation, padding, size, count };
  });
  const attrs = {
    kernel: axes.map(({ kernel }) => kernel),
    stride: axes.map(({ stride }) => stride),
    padding: axes.map(({ padding }) => padding),
    dilation: axes.map(({ dilation }) => dilation),
  };
  const first = [d.int(0, 2), d.int(1, 2)];
  return {
    attrs,
    x: [...first, ...axes.map(({ size }) => size)],
    y: [...first, ...axes.map(({ count }) => count)],
    taps: sizeOf(attrs.kernel),
  };
}

const plain = { kernel: [3], stride: [1], padding: [[0, 0]], dilation: [1] } as const;

export const maxPoolCases: OpCases<WindowAttrs> = {
  draw: (d) => {
    const { attrs, x } = drawWindows(d);
    return { inputs: [d.floats(x, { distinct: true })], attrs };
  },
  errors: [
    {
      inputs: [[2, 3, 2]],
      attrs: plain,
      error: "maxPool: the kernel must not be larger than x with its padding, got 3, for 2 on axis 2 of x [2, 3, 2]",
    },
  ],
};

export const maxTapCases: OpCases<WindowAttrs> = {
  draw: (d) => {
    const { attrs, x } = drawWindows(d);
    return { inputs: [d.floats(x, { distinct: true })], attrs };
  },
};

export const pickTapCases: OpCases<WindowAttrs> = {
  draw: (d) => {
    const { attrs, x, y, taps } = drawWindows(d);
    return { inputs: [d.floats(x), d.ints(y, 0, taps - 1)], attrs };
  },
  errors: [
    {
      inputs: [[2, 3, 8], { shape: [2, 3, 5], dtype: "int32" }],
      attrs: plain,
      error: "pickTap: the cotangent must be of the shape of the result, [2, 3, 6], got [2, 3, 5]",
    },
  ],
};

export const placeTapCases: OpCases<SpreadAttrs> = {
  draw: (d) => {
    const { attrs, x, y, taps } = drawWindows(d);
    return { inputs: [d.floats(y), d.ints(y, 0, taps - 1)], attrs: { ...attrs, sizes: x.slice(2) } };
  },
  errors: [
    {
      inputs: [[2, 3, 5], { shape: [2, 3, 5], dtype: "int32" }],
      attrs: { ...plain, sizes: [8] },
      error: "placeTap: the cotangent must be of the shape of the result, [2, 3, 6], got [2, 3, 5]",
    },
  ],
};
