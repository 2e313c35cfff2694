import { type Shape, sizeOf, stridesOf } from "../../core/shape.ts";
import { foldOp, unfoldOp } from "../../ops/fold.ts";
import {
  maxPoolOp,
  maxTapOp,
  pickTapOp,
  placeTapOp,
  pooledShape,
  type SpreadAttrs,
  type WindowAttrs,
} from "../../ops/pool.ts";
import type { Builder, Value } from "../builder.ts";
import { type Call, type Row, row } from "../lowering.ts";
import { along, indicesOf, mostTaps, padded, phasesOf, productOf } from "./convolution.ts";

// Windows are read where they are: each element of a window is a window of the padded images, of the result's shape, and one loop goes over all of them. What is put back into windows is
// written once where no two windows share an element. Where they do, the elements of the result are divided by their places within a stride, as in the convolution's adjoint: each is a sum
// over those of the windows that reach it. Very large windows, whose loops would be very long, are reduced along an axis, taken from and added to by places.

/** Images with what windows reach, and how to go through them. */
interface Windows {
  readonly images: Value;
  readonly counts: Shape;
  readonly kernel: Shape;
  /** Strides of images, channels, from window to window and from element to element. */
  readonly outer: readonly number[];
  readonly steps: readonly number[];
  readonly spread: readonly number[];
}

function windowsOf(images: Value, { kernel, stride, dilation }: WindowAttrs, counts: Shape): Windows {
  const [perImage, perChannel, ...own] = stridesOf(images.shape) as [number, number, ...number[]];
  const steps = own.map((step, d) => step * stride[d]!);
  return {
    images,
    counts,
    kernel,
    outer: [perImage, perChannel],
    steps,
    spread: own.map((step, d) => step * dilation[d]!),
  };
}

/** The elements of all windows that have one number: of the result's shape. */
function tapsOf(b: Builder, { images, counts, kernel, outer, steps, spread }: Windows): Value[] {
  const shape = [...images.shape.slice(0, 2), ...counts];
  return indicesOf(kernel).map((tap) =>
    b.view(images, { sizes: shape, strides: [...outer, ...steps], offset: along(tap, spread) }, shape),
  );
}

/** All windows: `[images · channels, taps, windows]`. */
function unfolded(b: Builder, { images, counts, kernel, outer, steps, spread }: Windows): Value {
  const first = images.shape.slice(0, 2);
  const view = { sizes: [...first, ...kernel, ...counts], strides: [...outer, ...spread, ...steps], offset: 0 };
  return b.view(images, view, [sizeOf(first), sizeOf(kernel), sizeOf(counts)]);
}

const ofMax = ({ b, x, shape, attrs }: Call & { readonly attrs: WindowAttrs }): Value => {
  const windows = windowsOf(padded(b, x, attrs.padding, Number.NEGATIVE_INFINITY), attrs, shape.slice(2));
  if (sizeOf(attrs.kernel) <= mostTaps) {
    // The first of the largest, as eagerly. A NaN stays where it comes first; whether there is another one is told at the end.
    let [most, ...taps] = tapsOf(b, windows) as [Value, ...Value[]];
    let isMissing: Value | null = null;
    for (const tap of taps) {
      most = b.select(b.binary("lt", most, tap), tap, most);
      const isOne = b.binary("ne", tap, tap);
      isMissing = isMissing === null ? isOne : b.map("or", [isMissing, isOne], "bool");
    }
    return isMissing === null ? most : b.select(isMissing, b.fill(Number.NaN, shape, x.dtype), most);
  }
  const all = unfolded(b, windows);
  return b.reduce("max", all, all.shape as [number, number, number], shape);
};

const ofMaxTap = ({ b, x, shape, attrs }: Call & { readonly attrs: WindowAttrs }): Value => {
  const windows = windowsOf(padded(b, x, attrs.padding, Number.NEGATIVE_INFINITY), attrs, shape.slice(2));
  const first = firstTaps(b, attrs, windows.counts);
  const number = (n: number): Value => b.fill(n, [], "int32");
  if (sizeOf(attrs.kernel) <= mostTaps) {
    let [best, at] = [b.fill(Number.NEGATIVE_INFINITY, shape, x.dtype), b.expand(first, shape)];
    tapsOf(b, windows).forEach((tap, k) => {
      const isMore = b.map("or", [b.binary("lt", best, tap), b.binary("ne", tap, tap)], "bool");
      // Numbers grow.
      [best, at] = [b.select(isMore, tap, best), b.binary("max", at, b.select(isMore, b.expand(number(k), shape), b.expand(number(0), shape)))]; // biome-ignore format: one line
    });
    return at;
  }
  const all = unfolded(b, windows);
  const [planes, taps, count] = all.shape as [number, number, number];
  const best = b.reduce("max", all, [planes, taps, count], [planes, 1, count]);
  const numbers = b.expand(b.reshape(b.range(taps), [taps, 1]), all.shape);
  const none = (n: number): Value => b.expand(number(n), all.shape);
  // The first of the largest, but the last NaN.
  const most = b.reduce("min", b.select(b.binary("eq", all, best), numbers, none(taps)), [planes, taps, count], shape);
  const last = b.reduce("max", b.select(b.binary("ne", all, all), numbers, none(-1)), [planes, taps, count], shape);
  // Of windows that are −∞ all over, what is padded may come before their first element.
  const real = b.map("max", [most, b.expand(first, shape)], "int32");
  return b.select(b.binary("le", number(0), last), last, real);
};

/** The number of each window's first element that is not padded: of the shape of a plane of windows. */
function firstTaps(b: Builder, { kernel, stride, padding, dilation }: WindowAttrs, counts: Shape): Value {
  const perTap = stridesOf(kernel);
  const firsts = counts.map((count, d) =>
    Array.from({ length: count }, (_, p) => Math.max(0, Math.ceil((padding[d]![0] - p * stride[d]!) / dilation[d]!))),
  );
  const values = Int32Array.from(productOf(firsts), (tap) => along(tap, perTap));
  return b.constant(values, counts, "int32");
}

const ofPick = ({ b, x, y: tap, shape, attrs }: Call & { readonly attrs: WindowAttrs }): Value => {
  const windows = windowsOf(padded(b, x, attrs.padding), attrs, shape.slice(2));
  if (sizeOf(attrs.kernel) > mostTaps) return b.take(windows.images, placesOf(b, windows, tap));
  return tapsOf(b, windows).reduce((picked, own, k) =>
    b.select(b.binary("eq", tap, b.fill(k, [], "int32")), own, picked),
  );
};

/** Where in the flat images each window's element with a number is. */
function placesOf(b: Builder, { images, counts, kernel, outer, steps, spread }: Windows, tap: Value): Value {
  const constant = (list: readonly number[], shape: Shape): Value => b.constant(Int32Array.from(list), shape, "int32");
  const own = constant(indicesOf(kernel).map((index) => along(index, spread)), [sizeOf(kernel)]); // biome-ignore format: one line
  const starts = constant(indicesOf(counts).map((index) => along(index, steps)), counts); // biome-ignore format: one line
  const first = images.shape.slice(0, 2);
  const planes = constant(indicesOf(first).map((index) => along(index, outer)), [...first, ...tap.shape.slice(2).map(() => 1)]); // biome-ignore format: one line
  return b.binary("add", b.binary("add", b.take(own, tap), starts), planes);
}

const ofPlace = ({ b, x: g, y: tap, shape, dtype, attrs }: Call & { readonly attrs: SpreadAttrs }): Value => {
  const { kernel } = attrs;
  const counts = g.shape.slice(2);
  const zero = b.fill(0, [], dtype);
  if (areApart(attrs)) {
    const all = [sizeOf(g.shape.slice(0, 2)), sizeOf(kernel), sizeOf(counts)];
    const whole = (v: Value): Value => b.expand(b.reshape(v, [all[0]!, 1, all[2]!]), all);
    const isIt = b.binary("eq", whole(tap), b.reshape(b.range(sizeOf(kernel)), [sizeOf(kernel), 1]));
    return placed(b, b.select(isIt, whole(g), b.expand(zero, all)), attrs, counts, shape);
  }
  if (sizeOf(kernel) > mostTaps) {
    return scattered(b, g, attrs, counts, shape, (windows) => placesOf(b, windows, tap));
  }
  return gathered(b, attrs, counts, shape, dtype, (around) => {
    const [values, numbers] = [padded(b, g, around), padded(b, tap, around, -1)];
    return (at, k) => {
      const view = {
        sizes: at.sizes,
        strides: stridesOf(values.shape),
        offset: along(at.offset, stridesOf(values.shape)),
      };
      const isIt = b.binary("eq", b.view(numbers, view, at.sizes), b.fill(k, [], "int32"));
      return b.select(isIt, b.view(values, view, at.sizes), b.expand(zero, at.sizes));
    };
  });
};

const ofFold = ({ b, x, shape, dtype, attrs }: Call & { readonly attrs: SpreadAttrs }): Value => {
  const counts = pooledShape("fold", shape, attrs).slice(2);
  const taps = sizeOf(attrs.kernel);
  if (areApart(attrs)) return placed(b, x, attrs, counts, shape);
  if (taps > mostTaps) {
    const first = shape.slice(0, 2);
    const all = [...first, taps, ...counts];
    return scattered(b, x, attrs, counts, shape, (windows) => {
      const number = b.reshape(b.range(taps), [taps, ...counts.map(() => 1)]);
      return placesOf(b, windows, b.expand(number, all));
    });
  }
  return gathered(b, attrs, counts, shape, dtype, (around) => {
    const all = padded(b, b.reshape(x, [shape[0]!, shape[1]! * taps, ...counts]), around);
    const [perImage, perRow, ...own] = stridesOf(all.shape) as [number, number, ...number[]];
    return (at, k) => {
      const offset = k * perRow + along(at.offset.slice(2), own);
      return b.view(all, { sizes: at.sizes, strides: [perImage, taps * perRow, ...own], offset }, at.sizes);
    };
  });
};

/** Whether no two windows share an element. */
const areApart = ({ kernel, stride, dilation }: WindowAttrs): boolean =>
  kernel.every((size, d) => stride[d]! > dilation[d]! * (size - 1));

/** Elements of all windows, `[images · channels, taps, windows]`, where they lie: windows are apart. */
function placed(b: Builder, x: Value, attrs: SpreadAttrs, counts: Shape, shape: Shape): Value {
  const around = paddedShape(attrs, shape);
  const { outer, steps, spread } = windowsOf(b.fill(0, around, x.dtype), attrs, counts);
  const sizes = [...shape.slice(0, 2), ...attrs.kernel, ...counts];
  const part = { x, sizes, strides: [...outer, ...spread, ...steps], offset: 0 };
  return cropped(b, b.assemble([part], 0, around, x.dtype), attrs, shape);
}

/** Elements of windows added one by one. */
function scattered(
  b: Builder,
  x: Value,
  attrs: SpreadAttrs,
  counts: Shape,
  shape: Shape,
  places: (windows: Windows) => Value,
): Value {
  const zeros = b.fill(0, paddedShape(attrs, shape), x.dtype);
  return cropped(b, b.scatter(zeros, places(windowsOf(zeros, attrs, counts)), x), attrs, shape);
}

/** A term of what windows add to the result: where it begins in the array of windows, for images, channels and axes, and its sizes. */
interface Place {
  readonly sizes: Shape;
  readonly offset: Shape;
}

/** Sums, for each place within a stride, over the elements of windows that reach it. */
function gathered(
  b: Builder,
  { kernel, stride, padding, dilation, sizes }: SpreadAttrs,
  counts: Shape,
  shape: Shape,
  dtype: Value["dtype"],
  source: (around: SpreadAttrs["padding"]) => (at: Place, tap: number) => Value,
): Value {
  const axes = sizes.map((size, d) => phasesOf(size, kernel[d]!, stride[d]!, dilation[d]!, padding[d]![0]));
  const around = axes.map((phases, d) => {
    const ends = phases.map(({ start, taps, spread, count }) => start + (taps - 1) * spread + count);
    return [Math.max(0, ...phases.map(({ start }) => -start)), Math.max(0, ...ends.map((end) => end - counts[d]!))] as const; // biome-ignore format: one line
  });
  const term = source(around);
  const perTap = stridesOf(kernel);
  const own = stridesOf(shape);
  const parts = productOf(axes).map((phases) => {
    const at = [...shape.slice(0, 2), ...phases.map(({ count }) => count)];
    const terms = indicesOf(phases.map(({ taps }) => taps)).map((index) => {
      const offset = phases.map(({ start, spread }, d) => start + around[d]![0] + index[d]! * spread);
      const tap = phases.map(({ last, step }, d) => last - index[d]! * step);
      return term({ sizes: at, offset: [0, 0, ...offset] }, along(tap, perTap));
    });
    const x = terms.reduce((sum, one) => b.binary("add", sum, one));
    const strides = [...own.slice(0, 2), ...stride.map((step, d) => step * own[d + 2]!)];
    return { x, sizes: at, strides, offset: along(phases.map(({ first }) => first), own.slice(2)) }; // biome-ignore format: one line
  });
  return b.assemble(parts, 0, shape, dtype);
}

const paddedShape = ({ padding }: WindowAttrs, shape: Shape): Shape =>
  shape.map((size, d) => size + (d < 2 ? 0 : padding[d - 2]![0] + padding[d - 2]![1]));

/** Images without what was around them. */
function cropped(b: Builder, x: Value, { padding }: WindowAttrs, shape: Shape): Value {
  const strides = stridesOf(x.shape);
  const offset = along(
    padding.map(([before]) => before),
    strides.slice(2),
  );
  return b.view(x, { sizes: shape, strides, offset }, shape);
}

export const pooling: readonly Row[] = [
  row(maxPoolOp, ofMax),
  row(maxTapOp, ofMaxTap),
  row(pickTapOp, ofPick),
  row(placeTapOp, ofPlace),
  row(unfoldOp, ({ b, x, shape, attrs }) => {
    const counts = pooledShape("unfold", x.shape, attrs).slice(2);
    return b.reshape(unfolded(b, windowsOf(padded(b, x, attrs.padding), attrs, counts)), shape);
  }),
  row(foldOp, ofFold),
];
