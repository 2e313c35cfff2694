import { checkTensor, make } from "../core/apply.ts";
import { allocate } from "../core/dtype.ts";
import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { formatShape, listText, type Shape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { adaptive, checkResized } from "./adaptivePool.ts";
import { add } from "./add.ts";
import { checkOperand } from "./convNd.ts";
import { perAxis } from "./convOptions.ts";
import { expand } from "./expand.ts";
import { indexSelect } from "./indexSelect.ts";
import { mul } from "./mul.ts";
import { reshape } from "./reshape.ts";

/** Options of {@link interpolate}. A number is for all spatial axes; a list has an entry for each. One of `size` and `scaleFactor` must be there. */
export interface InterpolateOptions {
  /** Sizes of the result's spatial axes. */
  readonly size?: number | readonly number[];
  /** How much larger the result is; sizes are rounded down. */
  readonly scaleFactor?: number | readonly number[];
  /**
   * `"nearest"` (the default), the element at ⌊i · scale⌋; `"nearest-exact"`, the one whose middle is nearest; `"linear"`, between the two neighbours along each axis (`"bilinear"` and
   * `"trilinear"` say the same of two and three axes); `"bicubic"`, cubic convolution of the four by four around, of images; `"area"`, the means of {@link adaptiveAvgPool2d}.
   */
  readonly mode?: "nearest" | "nearest-exact" | "linear" | "bilinear" | "trilinear" | "bicubic" | "area";
  /** Whether the middles of the first and last elements of x and of the result fall together, and not their outer edges; for linear and cubic modes; false by default. */
  readonly alignCorners?: boolean;
}

export const interpolateModes = ["nearest", "nearest-exact", "linear", "bilinear", "trilinear", "bicubic", "area"] as const; // biome-ignore format: one line
const kinds: OptionKinds<InterpolateOptions> = {
  size: "any",
  scaleFactor: "any",
  mode: interpolateModes,
  alignCorners: "boolean",
};

const lead = {
  names: {
    scale: "scaleFactor",
    factor: "scaleFactor",
    method: "mode",
    outputSize: "size",
    antialias: "blur x before",
  },
  instead: (given: unknown): string | undefined =>
    typeof given === "number" || Array.isArray(given) ? `write { size: ${JSON.stringify(given)} }` : undefined,
};

/**
 * Signals, images or volumes at another size.
 *
 * Along each axis, element i of the result is at `(i + ½) · scale − ½` in x, where `scale` is x's size by the result's (or 1 / `scaleFactor`); with `alignCorners`, at
 * `i · (x's size − 1) / (result's size − 1)`. What lies beyond x is its edge. `"nearest"` takes ⌊i · scale⌋,
 * rounded to float32 as in PyTorch.
 *
 * @param x - `[batch, channels, length]`, `[batch, channels, height, width]` or `[batch, channels, depth, height, width]`; of float32 or float64.
 * @param options - `size` or `scaleFactor`, `mode`, `alignCorners`: see {@link InterpolateOptions}.
 * @returns `[batch, channels, …size]`.
 * @throws {@link ShapeError} for a shape that does not fit the mode, or a size of 0; {@link ValueError} for options that are none; {@link DTypeError} for anything that is not a tensor of floats.
 * @example
 * const x = tensor([[[[1, 2], [3, 4]]]]);
 * interpolate(x, { scaleFactor: 2 }).toArray(); // → [[[[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]]]
 * interpolate(x, { size: [2, 3], mode: "bilinear", alignCorners: true }).toArray(); // → [[[[1, 1.5, 2], [3, 3.5, 4]]]]
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  refuseMore("interpolate", arguments, 2);
  const own = checkInterpolation("interpolate", options);
  checkTensor("interpolate", x);
  const axes = x.shape.length - 2;
  if (axes < 1 || axes > 3) {
    const rule = "x must be [batch, channels, length], [batch, channels, height, width] or [batch, channels, depth, height, width]"; // biome-ignore format: one text
    const hint = axes > 3 || axes < -1 ? "" : `write x.reshape(${formatShape([1, 1, ...x.shape])})`;
    throw new ShapeError("interpolate", rule, formatShape(x.shape), hint);
  }
  checkOperand("interpolate", "x", axes, x, false);
  const { mode = "nearest", alignCorners = false } = own;
  const wanted = { linear: axes, bilinear: 2, trilinear: 3, bicubic: 2 }[mode as string] ?? axes;
  if (axes !== wanted) {
    const hint = mode === "bicubic" ? "" : 'write mode: "linear", which fits any number of axes';
    throw new ShapeError("interpolate", `mode "${mode}" needs x of ${wanted + 2} axes`, formatShape(x.shape), hint);
  }
  const sizes = x.shape.slice(2);
  const { size, factors } = sizesOf(own, sizes);
  checkResized("interpolate", x, size);
  if (mode === "area") return adaptive("interpolate", axes, "mean", x, size);
  return size.reduce((y, count, d) => {
    const n = sizes[d]!;
    const scale = scaleOf(mode, n, count, factors?.[d]);
    // Elements stay where they are: neighbours times 0 would spread NaN and infinities.
    if (n === count && (scale === 1 || alignCorners)) return y;
    return resampled(y, d + 2, tapsOf(mode, n, count, scale, alignCorners, x.dtype === "float64"), n, count);
  }, x);
}

/** Checks the options, but for what depends on x. */
export function checkInterpolation(op: string, options: InterpolateOptions): InterpolateOptions {
  const own = checkOptions(op, options, kinds, lead);
  const { size, scaleFactor, mode = "nearest", alignCorners } = own;
  if ((size === undefined) === (scaleFactor === undefined)) {
    const got = size === undefined ? "neither" : `both, size ${textOf(size)} and scaleFactor ${textOf(scaleFactor)}`;
    throw new ValueError(op, "needs either a size or a scaleFactor", got, "write { scaleFactor: 2 }");
  }
  if (alignCorners !== undefined && !/linear|cubic/.test(mode)) {
    throw new ValueError(op, "alignCorners is for linear and cubic modes", `mode "${mode}"`, "leave it out");
  }
  const factors = [scaleFactor === undefined ? 1 : scaleFactor].flat() as unknown[]; // null is no factor
  if (!factors.every((n) => typeof n === "number" && n > 0 && n < Number.POSITIVE_INFINITY)) {
    const got = Array.isArray(scaleFactor) ? listText(factors) : textOf(scaleFactor);
    throw new ValueError(op, "scaleFactor must be a number above 0, or a list of them", got);
  }
  return own;
}

function sizesOf(
  { size, scaleFactor }: InterpolateOptions,
  sizes: Shape,
): { readonly size: Shape; readonly factors: readonly number[] | undefined } {
  if (size !== undefined) return { size: perAxis("interpolate", "size", size, sizes.length, 1), factors: undefined };
  const factors = typeof scaleFactor === "number" ? sizes.map(() => scaleFactor) : (scaleFactor ?? []);
  if (factors.length !== sizes.length) {
    const rule = `scaleFactor must be a number, or a list of ${sizes.length}`;
    throw new ValueError("interpolate", rule, listText(factors));
  }
  const scaled = sizes.map((n, d) => Math.floor(n * factors[d]!));
  if (scaled.every((n) => n > 0)) return { size: scaled, factors };
  const got = `${formatShape(scaled)} of ${formatShape(sizes)} by ${listText(factors)}`;
  throw new ShapeError("interpolate", "the result must have an element along each axis", got, "take a larger factor");
}

/** A neighbour of each element of the result: its place in x, and its weight. */
interface Tap {
  readonly index: number[];
  readonly weight: number[];
}

/** How far apart in x are neighbours in the result. */
function scaleOf(mode: string, n: number, count: number, factor: number | undefined): number {
  // In linear modes, but not for the nearest and not for cubic ones, PyTorch takes an axis that keeps its size as it is, whatever the factor was.
  return factor === undefined || (count === n && mode.endsWith("linear")) ? n / count : 1 / factor;
}

/** The neighbours that an axis of the result is made of. */
function tapsOf(
  mode: string,
  n: number,
  count: number,
  scale: number,
  alignCorners: boolean,
  isDouble: boolean,
): Tap[] {
  const isNearest = mode.startsWith("nearest");
  const all = Array.from({ length: count }, (_, i) => i);
  if (isNearest) {
    const half = mode === "nearest" ? 0 : 0.5;
    const index = all.map((i) =>
      Math.min(Math.floor(Math.fround((i + half) * (isDouble ? scale : Math.fround(scale)))), n - 1),
    );
    return [{ index, weight: all.map(() => 1) }];
  }
  const at = all.map((i) => {
    if (alignCorners) return count > 1 ? (i * (n - 1)) / (count - 1) : 0;
    return (i + 0.5) * scale - 0.5;
  });
  const kernel = mode === "bicubic" ? cubic : straight;
  return [...kernel.keys()].map((k) => {
    const first = 1 - kernel.length / 2;
    const places = mode === "bicubic" ? at : at.map((place) => Math.max(place, 0));
    const low = places.map((place) => Math.min(Math.floor(place), mode === "bicubic" ? n : n - 1));
    return {
      index: low.map((place) => Math.min(Math.max(place + first + k, 0), n - 1)),
      weight: places.map((place, i) => kernel[k]!(Math.min(place - low[i]!, 1))),
    };
  });
}

const straight: readonly ((t: number) => number)[] = [(t) => 1 - t, (t) => t];

// Cubic convolution with a = −0.75, as PyTorch has it.
const near = (t: number): number => (1.25 * t - 2.25) * t * t + 1;
const far = (t: number): number => ((-0.75 * t + 3.75) * t - 6) * t + 3;
const cubic: readonly ((t: number) => number)[] = [(t) => far(t + 1), near, (t) => near(1 - t), (t) => far(2 - t)];

/** An axis made of weighted neighbours. */
function resampled(x: Tensor, axis: number, taps: readonly Tap[], n: number, count: number): Tensor {
  const { shape } = x;
  const factor = count / n;
  const [only] = taps;
  if (taps.length === 1 && only!.index.every((at, i) => at === Math.floor(i / factor))) {
    if (factor === 1) return x;
    if (Number.isInteger(factor)) {
      // Each element so many times: a window, in compiled code.
      const [before, after] = [shape.slice(0, axis + 1), shape.slice(axis + 1)];
      const whole = expand(reshape(x, [...before, 1, ...after]), [...before, factor, ...after]);
      return reshape(whole, [...shape.slice(0, axis), count, ...after]);
    }
  }
  const parts = taps.map(({ index, weight }) => {
    const picked = indexSelect(x, axis, make(x, Int32Array.from(index), [count], "int32"));
    if (weight.every((w) => w === 1)) return picked;
    const values = allocate(x.dtype, count);
    values.set(weight);
    const own = make(x, values, [count, ...shape.slice(axis + 1).map(() => 1)], x.dtype);
    return mul(picked, own);
  });
  return parts.reduce((sum, part) => add(sum, part));
}
