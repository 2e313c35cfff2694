import { checkTensor } from "../core/apply.ts";
import { checkCount, checkNumber } from "../core/arguments.ts";
import { isFloat } from "../core/dtype.ts";
import { DTypeError, ShapeError, textOf, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import { describe, formatShape, normalizeAxes, type Shape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { arange } from "../create.ts";
import { checkProbability } from "../nn/dropout.ts";
import { add } from "../ops/add.ts";
import { eq, lt } from "../ops/compare.ts";
import { expand } from "../ops/expand.ts";
import { flip } from "../ops/flip.ts";
import { gather } from "../ops/gather.ts";
import { mul } from "../ops/mul.ts";
import { pad } from "../ops/pad.ts";
import { transpose } from "../ops/permute.ts";
import { remainder } from "../ops/remainder.ts";
import { reshape } from "../ops/reshape.ts";
import { where } from "../ops/where.ts";
import { type RandomOptions, rand, randint, randnLike } from "../random.ts";
import type { Tensor } from "../tensor.ts";

// Each sample gets a draw of its own; maps that belong together, such as an image and its mask, are given in a list and get the same.

/** A tensor of samples, or several whose samples belong together: the first axis of each counts them. */
export type Samplewise = Tensor | readonly [Tensor, ...Tensor[]];

/** The result of {@link randomCrop}: a tensor for a tensor, a list for a list. */
export type Cropped<X> = X extends Tensor ? Tensor : { readonly [K in keyof X]: Tensor };

/** Options of {@link randomFlip}. */
export interface RandomFlipOptions extends Pick<RandomOptions, "generator"> {
  /** The axis that is reversed; −1 by default, which mirrors images left to right. */
  readonly axis?: number;
  /** The probability for a sample to be reversed; 0.5 by default. */
  readonly p?: number;
}

const flipKinds: OptionKinds<RandomFlipOptions> = { axis: "number", p: "number", generator: "generator" };

/** A second tensor in place of the options. */
const together = (given: unknown): string | undefined =>
  isTensor(given) ? "what belongs together is given in a list: [images, masks]" : undefined;

/** What is between 0 and 1 in place of the options is no axis. */
const pInstead = (given: unknown): string | undefined =>
  typeof given === "number" && given > 0 && given < 1 ? `write { p: ${given} }` : together(given);

/** PyTorch's padding in place of the options. */
const paddingInstead = (given: unknown): string | undefined =>
  typeof given === "number" ? `write { padding: ${given} }` : together(given);

/**
 * Reverses each sample along an axis with probability p: for images, the mirror image.
 *
 * @param x - a tensor `[batch, …]` of any dtype, or several in a list that belong together (images and their masks): sample i of all is reversed, or of none.
 * @param options - `axis` (−1, left to right; −2 is up and down), `p`, `generator`.
 * @returns x's shape; a list for a list.
 * @throws `ShapeError` for the axis of samples, one that there is not, or different numbers of samples; `ValueError` for anything that is no probability.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { randomFlip } from "tinygrad-ts/train";
 *
 * const image = tensor([[[1, 2], [3, 4]]]);
 * randomFlip(image, { p: 1 }).toArray(); // → [[[2, 1], [4, 3]]]
 */
export function randomFlip<X extends Samplewise>(x: X, options: RandomFlipOptions = {}): X {
  const op = "randomFlip";
  const { axis = -1, p = 0.5, generator } = checkOptions(op, options, flipKinds, { instead: pInstead });
  refuseMore("randomFlip", arguments, 2);
  checkProbability(op, p);
  const maps = mapsOf(op, x, 1);
  if (axis >= 0 && maps.some(({ sizes }) => sizes.length !== maps[0]!.sizes.length)) {
    const hint = "count the axis from the end: −1 is left to right, −2 up and down";
    throw new ShapeError(op, "an axis from 0 on is another one in each rank", `axis ${axis} of ${maps.map(describe).join(" and ")}`, hint); // biome-ignore format: one line
  }
  const isFlipped = lt(rand([maps[0]!.sizes[0]!], { generator }), p);
  return same(
    x,
    maps.map((map) => {
      const [at] = normalizeAxes(op, axis, map.sizes.length);
      if (at === 0) throw new ShapeError(op, "axis must be one within a sample", String(axis), "axis 0 counts samples");
      return where(beside(isFlipped, map), flip(map, at!), map);
    }),
  );
}

/**
 * Turns each sample by 0, 90, 180 or 270 degrees in the plane of its last two axes, each as likely.
 *
 * @param x - a tensor `[batch, …, side, side]` of any dtype, or several in a list that belong together: all get the same turn.
 * @param options - `generator`.
 * @returns x's shape; a list for a list.
 * @throws `ShapeError` for images that are not square, or different numbers of samples.
 * @example
 * import { Generator, tensor } from "tinygrad-ts";
 * import { randomQuarterTurn } from "tinygrad-ts/train";
 *
 * const images = tensor([[[1, 2], [3, 4]]]);
 * randomQuarterTurn(images, { generator: new Generator(5) }).toArray(); // → [[[2, 4], [1, 3]]]
 */
export function randomQuarterTurn<X extends Samplewise>(x: X, options: Pick<RandomOptions, "generator"> = {}): X {
  const op = "randomQuarterTurn";
  const { generator } = checkOptions(op, options, { generator: "generator" } as const, { instead: together });
  refuseMore("randomQuarterTurn", arguments, 2);
  const maps = mapsOf(op, x, 2);
  const turns = randint(0, 4, [maps[0]!.sizes[0]!], { generator });
  const isTurned = eq(remainder(turns, 2), 1);
  const isReversed = turns.ge(2);
  return same(
    x,
    maps.map((map) => {
      if (map.sizes.at(-1) !== map.sizes.at(-2)) throw new ShapeError(op, "images must be square", describe(map));
      const turned = where(beside(isTurned, map), flip(transpose(map), -2), map);
      return where(beside(isReversed, map), flip(turned, [-2, -1]), turned);
    }),
  );
}

/** Options of {@link randomCrop}. */
export interface RandomCropOptions extends Pick<RandomOptions, "generator"> {
  /** How many zeros are put around each sample first, along each axis that is cropped; 0 by default. */
  readonly padding?: number | readonly number[];
}

const cropKinds: OptionKinds<RandomCropOptions> = { padding: "any", generator: "generator" };

/**
 * Cuts a part out of each sample, at a place that is drawn for it.
 *
 * @param x - a tensor `[batch, …, height, width]` of any dtype, or several in a list that belong together, of the same last sizes: all are cut at the same place.
 * @param size - of the part: `[height, width]`, or the sizes along as many last axes as the list is long.
 * @param options - `padding`: zeros put around first, a number or one for each axis of the size; `generator`.
 * @returns x's shape with the size instead of its last axes; a list for a list.
 * @throws `ShapeError` for a size that is none, or larger than the sample with its padding, or different numbers or sizes of samples; `ValueError` for a padding that is none.
 * @example
 * import { ones } from "tinygrad-ts";
 * import { randomCrop } from "tinygrad-ts/train";
 *
 * randomCrop(ones([8, 3, 32, 32]), [24, 24]).shape; // → [8, 3, 24, 24]
 * randomCrop(ones([8, 3, 32, 32]), [32, 32], { padding: 4 }).shape; // → [8, 3, 32, 32]
 */
export function randomCrop<X extends Samplewise>(x: X, size: Shape, options?: RandomCropOptions): Cropped<X>;
export function randomCrop(x: Samplewise, size: Shape, options: RandomCropOptions = {}): unknown {
  const { padding = 0, generator } = checkOptions("randomCrop", options, cropKinds, { instead: paddingInstead });
  refuseMore("randomCrop", arguments, 3);
  if (!Array.isArray(size) || size.length === 0) {
    const hint = typeof size === "number" ? `write [${size}, ${size}] for images` : "write [height, width]";
    throw new ShapeError("randomCrop", "the size must be a list of sizes", textOf(size), hint);
  }
  for (const n of size) {
    if (!Number.isSafeInteger(n) || n < 0)
      throw new ShapeError("randomCrop", "a size must be a whole number, 0 or more", textOf(n));
  }
  return cropped("randomCrop", x, size, perAxis("randomCrop", "padding", padding, size.length), generator);
}

/**
 * Moves each sample by whole places along its last axes, up to `by` either way, and fills with zeros what becomes free.
 *
 * @param x - a tensor `[batch, …, height, width]` of any dtype, or several in a list that belong together, of the same last sizes: all are moved alike.
 * @param by - by how many places at most: a number for the last two axes, or a list of one for each last axis (`[2]` for sequences).
 * @param options - `generator`.
 * @returns x's shape; a list for a list.
 * @throws `ShapeError` for too few axes, or different numbers or sizes of samples; `ValueError` for a `by` that is no whole number, 0 or more.
 * @example
 * import { Generator, tensor } from "tinygrad-ts";
 * import { randomShift } from "tinygrad-ts/train";
 *
 * const sequence = tensor([[1, 2, 3]]);
 * randomShift(sequence, [1], { generator: new Generator(5) }).toArray(); // → [[0, 1, 2]]
 */
export function randomShift<X extends Samplewise>(
  x: X,
  by: number | readonly number[],
  options: Pick<RandomOptions, "generator"> = {},
): X {
  const { generator } = checkOptions("randomShift", options, { generator: "generator" } as const, {
    instead: together,
  });
  refuseMore("randomShift", arguments, 3);
  const most = perAxis("randomShift", "by", by, Array.isArray(by) ? by.length : 2);
  const [map] = mapsOf("randomShift", x, most.length);
  return cropped("randomShift", x, map!.sizes.slice(-most.length), most, generator);
}

/** Options of {@link randomNoise}. */
export interface RandomNoiseOptions extends Pick<RandomOptions, "generator"> {
  /** Standard deviation of the noise; 0.1 by default. */
  readonly std?: number;
}

const noiseKinds: OptionKinds<RandomNoiseOptions> = { std: "number", generator: "generator" };

/**
 * Adds normal noise to each element.
 *
 * @param x - a floating tensor.
 * @param options - `std` (0.1 by default), `generator`.
 * @returns `x + std · n`, of x's shape, where n is drawn from the standard normal distribution.
 * @throws `DTypeError` if x is not floating; `ValueError` for a standard deviation that is not a number, 0 or more.
 * @example
 * import { zeros } from "tinygrad-ts";
 * import { randomNoise } from "tinygrad-ts/train";
 *
 * randomNoise(zeros([2]), { std: 0 }).toArray(); // → [0, 0]
 */
export function randomNoise(x: Tensor, options: RandomNoiseOptions = {}): Tensor {
  if (Array.isArray(x) && x.some(isTensor)) {
    throw new DTypeError(
      "randomNoise",
      "x must be a tensor",
      "an array of tensors",
      "noise is for images alone: give each that needs it by itself",
    );
  }
  checkTensor("randomNoise", x);
  const { std = 0.1, generator } = checkOptions("randomNoise", options, noiseKinds);
  refuseMore("randomNoise", arguments, 2);
  if (!(checkNumber("randomNoise", "std", std) >= 0)) {
    throw new ValueError("randomNoise", "std must be a number, 0 or more", String(std));
  }
  if (!isFloat(x.dtype)) throw new DTypeError("randomNoise", "x must be floating", x.dtype, 'use to("float32")');
  return add(x, mul(randnLike(x, { generator }), std));
}

/** Parts of a size, cut out of samples with so many zeros around, each at a place of its own. */
function cropped<X extends Samplewise>(
  op: string,
  x: X,
  size: Shape,
  padding: Shape,
  generator: RandomOptions["generator"],
): X {
  const count = size.length;
  const maps = mapsOf(op, x, count);
  const [first] = maps;
  const last = first!.sizes.slice(-count);
  const rooms = last.map((n, i) => n + 2 * padding[i]! - size[i]!);
  if (rooms.some((room) => room < 0)) {
    const around = padding.some((n) => n > 0) ? ` with padding ${formatShape(padding)}` : "";
    throw new ShapeError(op, "the size must fit into x", `${formatShape(size)} for ${describe(first!)}${around}`);
  }
  const starts = rooms.map((room) => randint(0, room + 1, [first!.sizes[0]!], { generator }));
  return same(
    x,
    maps.map((map) => {
      const own = map.sizes.slice(-count);
      if (own.some((n, i) => n !== last[i])) {
        throw new ShapeError(
          op,
          "what belongs together must have the same last sizes",
          `${formatShape(last)} and ${formatShape(own)}`,
        );
      }
      const rank = map.sizes.length;
      const around = map.sizes.map((_, axis): [number, number] => {
        const n = axis < rank - count ? 0 : padding[axis - rank + count]!;
        return [n, n];
      });
      return starts.reduce(
        (y, start, i) => {
          const axis = rank - count + i;
          const places = y.sizes.map((_, d) => (d === axis ? size[i]! : 1));
          const at = add(beside(start, map), reshape(arange(size[i]!, { dtype: "int32" }), places));
          return gather(y, axis, expand(at, y.sizes.map((n, d) => (d === axis ? size[i]! : n)))); // biome-ignore format: one thought
        },
        pad(map, around),
      );
    }),
  );
}

/** The tensors that belong together, each with so many axes after that of samples. */
function mapsOf(op: string, x: unknown, axes: number): readonly Tensor[] {
  const maps: readonly unknown[] = Array.isArray(x) ? x : [x];
  if (maps.length === 0) throw new ValueError(op, "needs a tensor, or a list of them", "an empty list");
  for (const map of maps) {
    checkTensor(op, map);
    const { sizes } = map as Tensor;
    if (sizes.length <= axes) {
      const rule = `needs an axis of samples and ${axes} more`;
      throw new ShapeError(op, rule, describe(map as Tensor), "for one sample, write x.unsqueeze(0)");
    }
  }
  const counts = (maps as readonly Tensor[]).map(({ sizes }) => sizes[0]!);
  if (counts.some((n) => n !== counts[0])) {
    throw new ShapeError(op, "what belongs together must have as many samples", counts.join(" and "));
  }
  return maps as readonly Tensor[];
}

/** A list for a list. */
function same<X extends Samplewise>(x: X, maps: readonly Tensor[]): X {
  return (Array.isArray(x) ? maps : maps[0]) as X;
}

/** Values for each sample, as they stand beside a map. */
function beside(values: Tensor, map: Tensor): Tensor {
  return reshape(
    values,
    map.sizes.map((n, axis) => (axis === 0 ? n : 1)),
  );
}

/** A whole number for each axis. */
function perAxis(op: string, name: string, given: number | readonly number[], axes: number): number[] {
  const all: readonly number[] = Array.isArray(given) ? given : new Array<number>(axes).fill(given as number);
  if (all.length !== axes || axes === 0) {
    throw new ValueError(op, `${name} must be a number, or a list of ${axes || "one"}`, textOf(given));
  }
  for (const n of all) checkCount(op, name, n, 0);
  return [...all];
}
