import { type Shape, sizeOf, stridesOf } from "../../core/shape.ts";
import { type AdjointAttrs, type ConvAttrs, convInputOp, convOp, convWeightOp } from "../../ops/conv.ts";
import type { Builder, Value } from "../builder.ts";
import { type Call, type Row, row } from "../lowering.ts";

// A convolution is a product of the weight and the windows of x, which it reads where they are: an operand that is a window of an array is packed from there
// (windowOperand.ts), and nothing of the size of all windows is ever laid out. So are its two adjoints.

const plain = { transposeA: false, transposeB: false, inPlace: true } as const;

/** Windows of images, in one place for each spatial axis. */
interface Windows {
  /** `[n, groups · channels, …]`, with all that windows reach. */
  readonly images: Value;
  /** Where the first window begins. */
  readonly starts: Shape;
  /** From one window to the next. */
  readonly steps: Shape;
  /** Windows along each axis. */
  readonly counts: Shape;
  /** Elements of a window along each axis, and how far apart they are. */
  readonly taps: Shape;
  readonly spread: Shape;
}

/** How many taps are added up in a loop where each channel is by itself: more are a product, if of one term each. */
export const mostTaps = 64;

/** The sum of the windows' elements times weights `[groups, out, channels, …taps]`: `[n, groups · out, …counts]`. */
function weighted(b: Builder, windows: Windows, weights: Value): Value {
  const { images, counts, taps } = windows;
  const [groups, out, channels] = weights.shape as [number, number, number];
  const n = images.shape[0]!;
  const shape = [n, groups * out, ...counts];
  const strides = stridesOf(images.shape);
  const [perImage, perChannel] = strides as [number, number];
  const own = strides.slice(2);
  const offset = along(windows.starts, own);
  const steps = own.map((stride, d) => stride * windows.steps[d]!);
  const spread = own.map((stride, d) => stride * windows.spread[d]!);
  if (isApart(groups, out, channels) && sizeOf(taps) <= mostTaps) {
    const sizes = [n, groups, out, ...counts];
    const terms = indicesOf(taps).map((tap, k) => {
      const at = { sizes, strides: [perImage, perChannel, 0, ...steps], offset: offset + along(tap, spread) };
      const by = { sizes: [groups, out], strides: [out * sizeOf(taps), sizeOf(taps)], offset: k };
      const weight = b.reshape(b.view(weights, by, [groups, out]), [groups, out, ...counts.map(() => 1)]);
      return b.binary("mul", b.view(images, at, sizes), weight);
    });
    return b.reshape(
      terms.reduce((sum, term) => b.binary("add", sum, term)),
      shape,
    );
  }
  const [k, p] = [channels * sizeOf(taps), sizeOf(counts)];
  if (groups === 1 && isInRows(out, p)) {
    const rows = { sizes: [n, ...counts, channels, ...taps], strides: [perImage, ...steps, perChannel, ...spread], offset }; // biome-ignore format: one line
    const a = b.view(images, rows, rows.sizes);
    const y = b.matmul(a, weights, { batch: 1, m: n * p, k, n: out }, { ...plain, transposeB: true }, [n, p, out]);
    const turned = { sizes: [n, out, p], strides: [out * p, 1, out], offset: 0 };
    return b.reshape(b.map("cast", [b.view(y, turned, turned.sizes)], y.dtype), shape);
  }
  const left = { sizes: [n, groups, out, k], strides: [0, out * k, k, 1], offset: 0 };
  const right = {
    sizes: [n, groups, channels, ...taps, ...counts],
    strides: [perImage, channels * perChannel, perChannel, ...spread, ...steps],
    offset,
  };
  const [a, window] = [b.view(weights, left, left.sizes), b.view(images, right, right.sizes)];
  return b.matmul(a, window, { batch: n * groups, m: out, k, n: p }, plain, shape);
}

/**
 * Whether windows are rows of one product, whose result is then turned, and not columns of a product for each image: where images have so few places that tiles, eight columns wide, would
 * be filled badly, or that the weight would be packed for a few columns only.
 */
function isInRows(out: number, places: number): boolean {
  return out >= 16 && (8 * Math.ceil(places / 8) > 1.1 * places || 4 * places < out);
}

/** Whether each channel, or a few made of one, is by itself: a loop over all of them, not a product for each. */
const isApart = (groups: number, out: number, channels: number): boolean => groups > 1 && channels === 1 && out <= 4;

const forward = ({ b, x, y: w, shape, attrs }: Call & { readonly attrs: ConvAttrs }): Value => {
  const { stride, padding, dilation, groups } = attrs;
  const taps = w.shape.slice(2);
  const images = padded(b, x, padding);
  const weights = b.reshape(w, [groups, w.shape[0]! / groups, ...w.shape.slice(1)]);
  const starts = taps.map(() => 0);
  return weighted(b, { images, starts, steps: stride, counts: shape.slice(2), taps, spread: dilation }, weights);
};

/** Places of x along an axis that the same taps of the weight reach: every `stride`th. */
interface Phase {
  /** The first place, and how many there are. */
  readonly first: number;
  readonly count: number;
  /** The taps: the last one, how many, and how far apart. */
  readonly last: number;
  readonly taps: number;
  readonly step: number;
  /** Where in y's cotangent the first window begins, and how far apart its elements are. */
  readonly start: number;
  readonly spread: number;
}

/** Along one axis, x's cotangent is so many convolutions of y's, each of a part of the flipped weight, one for each place within a stride: nothing is dilated by zeros. */
export function phasesOf(size: number, taps: number, stride: number, dilation: number, before: number): Phase[] {
  return Array.from({ length: stride }, (_, rest): Phase[] => {
    // Where window p begins at stride · p, its tap q is at stride · p + dilation · q = stride · u + rest.
    const reached = Array.from({ length: taps }, (_, q) => q).filter((q) => (dilation * q) % stride === rest);
    const from = Math.ceil((before - rest) / stride);
    const count = Math.floor((size - 1 + before - rest) / stride) - from + 1;
    if (reached.length === 0 || count <= 0) return [];
    const step = reached.length > 1 ? reached[1]! - reached[0]! : 1;
    const spread = reached.length > 1 ? (dilation * step) / stride : 1;
    const start = from + (rest - dilation * reached[0]!) / stride - (reached.length - 1) * spread;
    const first = rest + stride * from - before;
    return [{ first, count, last: reached.at(-1)!, taps: reached.length, step, start, spread }];
  }).flat();
}

const ofInput = ({ b, x: g, y: w, shape, dtype, attrs }: Call & { readonly attrs: AdjointAttrs }): Value => {
  const { stride, padding, dilation, groups, sizes } = attrs;
  const axes = sizes.map((size, d) => phasesOf(size, w.shape[d + 2]!, stride[d]!, dilation[d]!, padding[d]![0]));
  const around = axes.map((phases, d) => {
    const ends = phases.map(({ start, taps, spread, count }) => start + (taps - 1) * spread + count);
    return [
      Math.max(0, ...phases.map(({ start }) => -start)),
      Math.max(0, ...ends.map((end) => end - g.shape[d + 2]!)),
    ] as const;
  });
  const images = padded(b, g, around);
  const [out, channels] = [w.shape[0]! / groups, w.shape[1]!];
  const [, , ...perTap] = stridesOf(w.shape);
  const area = sizeOf(w.shape.slice(2));
  const target = stridesOf(shape);
  const parts = productOf(axes).map((phases) => {
    const taps = phases.map((phase) => phase.taps);
    const turned = [groups, channels, out, ...taps];
    const flipped = phases.map(({ step }, d) => -step * perTap[d]!);
    const view = {
      sizes: turned,
      strides: [out * channels * area, area, channels * area, ...flipped],
      offset: along(
        phases.map(({ last }) => last),
        perTap,
      ),
    };
    // Laid out: it is small, and read once for each image.
    const weights = b.map("cast", [b.view(w, view, turned)], dtype);
    const windows = {
      images,
      starts: phases.map(({ start }, d) => start + around[d]![0]),
      steps: phases.map(() => 1),
      counts: phases.map(({ count }) => count),
      taps,
      spread: phases.map(({ spread }) => spread),
    };
    const x = weighted(b, windows, weights);
    const strides = [...target.slice(0, 2), ...stride.map((step, d) => step * target[d + 2]!)];
    return { x, sizes: x.shape, strides, offset: along(phases.map(({ first }) => first), target.slice(2)) }; // biome-ignore format: one line
  });
  const [only] = parts;
  return only !== undefined && sizeOf(only.sizes) === sizeOf(shape) ? only.x : b.assemble(parts, 0, shape, dtype);
};

const ofWeight = ({ b, x, y: g, shape, dtype, attrs }: Call & { readonly attrs: AdjointAttrs }): Value => {
  const { stride, padding, dilation, groups, sizes } = attrs;
  const images = padded(b, x, padding);
  const [n, , ...counts] = g.shape as [number, number, ...number[]];
  const [out, channels] = [shape[0]! / groups, shape[1]!];
  const [perImage, perChannel, ...own] = stridesOf(images.shape) as [number, number, ...number[]];
  const steps = own.map((step, d) => step * stride[d]!);
  const spread = own.map((step, d) => step * dilation[d]!);
  const p = sizeOf(counts);
  if (isApart(groups, out, channels) && sizeOf(sizes) <= mostTaps) {
    const all = [groups * out, n, ...counts];
    const cotangent = b.view(g, { sizes: [groups * out, n, p], strides: [p, groups * out * p, 1], offset: 0 }, all);
    const parts = indicesOf(sizes).map((tap, k) => {
      const at = [groups, out, n, ...counts];
      const view = { sizes: at, strides: [perChannel, 0, perImage, ...steps], offset: along(tap, spread) };
      const terms = b.binary("mul", cotangent, b.view(images, view, all));
      const x = b.reduce("sum", terms, [groups * out, n * p, 1], [groups * out]);
      return { x, sizes: [groups * out], strides: [sizeOf(sizes)], offset: k };
    });
    return b.assemble(parts, 0, shape, dtype);
  }
  const left = { sizes: [groups, out, n, p], strides: [out * p, p, groups * out * p, 1], offset: 0 };
  const right = {
    sizes: [groups, n, ...counts, channels, ...sizes],
    strides: [channels * perChannel, perImage, ...steps, perChannel, ...spread],
    offset: 0,
  };
  const [a, window] = [b.view(g, left, left.sizes), b.view(images, right, right.sizes)];
  return b.matmul(a, window, { batch: groups, m: out, k: n * p, n: channels * sizeOf(sizes) }, plain, shape);
};

/** Images with zeros, or another number, around them. */
export function padded(b: Builder, x: Value, widths: ConvAttrs["padding"], fill = 0): Value {
  if (widths.every(([before, after]) => before + after === 0)) return x;
  const shape = x.shape.map((size, d) => size + (d < 2 ? 0 : widths[d - 2]![0] + widths[d - 2]![1]));
  const strides = stridesOf(shape);
  const offset = along(
    widths.map(([before]) => before),
    strides.slice(2),
  );
  return b.assemble([{ x, sizes: x.shape, strides, offset }], fill, shape, x.dtype);
}

/** How far an index lies from the first. */
export const along = (index: Shape, strides: Shape): number => index.reduce((at, i, d) => at + i * strides[d]!, 0);

/** Each choice of one of every list. */
export function productOf<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((all, list) => all.flatMap((some) => list.map((one) => [...some, one])), [[]]);
}

export const indicesOf = (sizes: Shape): number[][] =>
  productOf(sizes.map((size) => Array.from({ length: size }, (_, i) => i)));

export const convolutions: readonly Row[] = [
  row(convOp, forward),
  row(convInputOp, ofInput),
  row(convWeightOp, ofWeight),
];
