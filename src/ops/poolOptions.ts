import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { formatShape, type Shape } from "../core/shape.ts";
import { type ConvWindowOptions, perAxis, windowAttrs } from "./convOptions.ts";
import type { WindowAttrs } from "./pool.ts";

/** Options of {@link maxPool1d}, {@link maxPool2d} and {@link maxPool3d}. A number is for all spatial axes; a list has an entry for each. */
export interface MaxPoolOptions extends Omit<ConvWindowOptions, "groups"> {
  /** Steps from one window to the next; the kernel's size by default, so windows lie side by side. */
  readonly stride?: number | readonly number[];
  /** Whether a window that lies partly beyond the end counts, as long as it begins within x or what is padded before it; false by default. */
  readonly ceilMode?: boolean;
}

/** Options of {@link avgPool1d}, {@link avgPool2d} and {@link avgPool3d}. A number is for all spatial axes; a list has an entry for each. */
export interface AvgPoolOptions extends Omit<MaxPoolOptions, "dilation"> {
  /** Whether padded zeros count as elements; true by default. What lies beyond them, with `ceilMode`, never does. */
  readonly countIncludePad?: boolean;
  /** What to divide the sums by, instead of how many elements each has. */
  readonly divisor?: number;
}

export const maxPoolKinds: OptionKinds<MaxPoolOptions> = {
  stride: "any",
  padding: "any",
  dilation: "any",
  ceilMode: "boolean",
};
export const avgPoolKinds: OptionKinds<AvgPoolOptions> = {
  stride: "any",
  padding: "any",
  ceilMode: "boolean",
  countIncludePad: "boolean",
  divisor: "number",
};

export const poolNames = {
  kernelSize: "it is a separate argument, before the options",
  poolSize: "the kernel's size is a separate argument, before the options",
  strides: "stride",
  pad: "padding",
  returnIndices: "maxPoolIndices gives where the largest elements are",
};

const mostOnly = "it is for averages: avgPool1d, avgPool2d, avgPool3d";
/** What other libraries call options of maxima, and options that only averages have. */
export const maxPoolNames = { ...poolNames, countIncludePad: mostOnly, divisor: mostOnly, divisorOverride: mostOnly };
/** The same, of averages. */
export const avgPoolNames = { ...poolNames, divisorOverride: "divisor", dilation: "an average has no dilation" };

/** PyTorch takes the stride in place of the options. */
const strideInstead = (given: unknown): string | undefined =>
  typeof given === "number" || (Array.isArray(given) && given.every((n) => typeof n === "number"))
    ? `write { stride: ${JSON.stringify(given)} }`
    : undefined;

export function checkMaxPoolOptions(op: string, options: MaxPoolOptions | undefined): MaxPoolOptions {
  return checkOptions(op, options, maxPoolKinds, { names: maxPoolNames, instead: strideInstead });
}

export function checkAvgPoolOptions(op: string, options: AvgPoolOptions | undefined): AvgPoolOptions {
  const own = checkOptions(op, options, avgPoolKinds, { names: avgPoolNames, instead: strideInstead });
  const { divisor } = own;
  if (divisor === undefined || (Number.isFinite(divisor) && divisor !== 0)) return own;
  throw new ValueError(op, "the divisor must be a number other than 0", textOf(divisor));
}

/** The kernel as a list with an entry for each spatial axis. */
export function kernelOf(op: string, kernelSize: unknown, axes: number): Shape {
  const isLeftOut = kernelSize === undefined || (typeof kernelSize === "object" && !Array.isArray(kernelSize));
  if (!isLeftOut) return perAxis(op, "kernelSize", kernelSize, axes, 1);
  const hint = /^[A-Z]/.test(op) ? `write new ${op}(2) for one of 2` : `write ${op}(x, 2) for one of 2`;
  throw new ValueError(op, "the kernel's size comes before the options", textOf(kernelSize), hint);
}

/** Options as lists with an entry for each spatial axis, but for what depends on x's sizes. */
export function poolAttrs(op: string, options: MaxPoolOptions, kernel: Shape): WindowAttrs {
  const { ceilMode: _, stride = kernel, ...given } = options;
  const { groups: __, ...attrs } = windowAttrs(op, { stride, ...given }, kernel);
  kernel.forEach((size, d) => {
    const reach = attrs.dilation[d]! * (size - 1) + 1;
    const most = Math.floor(reach / 2);
    if (attrs.padding[d]!.every((side) => side <= most)) return;
    const got = `${formatShape(attrs.padding[d]!)} for ${reach} on spatial axis ${d}`;
    throw new ValueError(op, "padding must be at most half of a window", got, "pad x by hand for more");
  });
  return { kernel, ...attrs };
}

/** The same for x's sizes: with `ceilMode`, padded so far that all windows fit. */
export function fittedAttrs(op: string, attrs: WindowAttrs, sizes: Shape, isCeil: boolean): WindowAttrs {
  const padding = attrs.padding.map(([before, after], d): readonly [number, number] => {
    const [size, stride] = [sizes[d]!, attrs.stride[d]!];
    const reach = attrs.dilation[d]! * (attrs.kernel[d]! - 1) + 1;
    const room = size + before + after - reach;
    // The last window must begin within x, or before it.
    let last = isCeil ? Math.ceil(room / stride) : Math.floor(room / stride);
    if (isCeil && last * stride >= size + before) last--;
    // Where not even the first one does, it is refused later.
    return [before, isCeil && last >= 0 ? Math.max(after, last * stride + reach - size - before) : after];
  });
  checkReached(op, { ...attrs, padding }, sizes);
  return trimmedAttrs({ ...attrs, padding }, sizes);
}

/** The same windows without the elements that lie in x in none of them: what is laid out is then about as large as x, however large the kernel and its padding are. */
function trimmedAttrs(attrs: WindowAttrs, sizes: Shape): WindowAttrs {
  const own = sizes.map((size, d): readonly [kernel: number, before: number, after: number] => {
    const [kernel, stride, spread] = [attrs.kernel[d]!, attrs.stride[d]!, attrs.dilation[d]!];
    const [before, after] = attrs.padding[d]!;
    const room = size + before + after - spread * (kernel - 1) - 1;
    if (room < 0 || size === 0) return [kernel, before, after]; // refused later
    const reach = Math.floor(room / stride) * stride; // from the first window to the last one
    const first = Math.max(0, Math.floor((before - reach) / spread));
    const last = Math.min(kernel - 1, Math.ceil((size - 1 + before) / spread));
    const end = last === kernel - 1 ? after : reach + spread * last + 1 - before - size;
    return [last - first + 1, before - first * spread, end];
  });
  return {
    ...attrs,
    kernel: own.map(([kernel]) => kernel),
    padding: own.map(([, before, after]) => [before, after] as const),
  };
}

/** Refuses a window all of whose elements are padded, which dilation may make. */
function checkReached(op: string, { kernel, stride, padding, dilation }: WindowAttrs, sizes: Shape): void {
  sizes.forEach((size, d) => {
    const [before, after] = padding[d]!;
    const spread = dilation[d]!;
    if (spread === 1 || before + after === 0) return;
    const reach = spread * (kernel[d]! - 1) + 1;
    for (let start = -before; start + reach <= size + after; start += stride[d]!) {
      const first = start < 0 ? start + Math.ceil(-start / spread) * spread : start;
      if (first < size && first < start + reach) continue;
      const got = `none in the window at ${start} of size ${size}, axis ${d + 2}`;
      throw new ShapeError(op, "each window must have an element of x", got, "take less padding or dilation");
    }
  });
}
