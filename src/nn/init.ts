import { floatDtypes, type TypedArray } from "../core/dtype.ts";
import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import { checkOptions, notAmong, type OptionKinds } from "../core/options.ts";
import { isTensor, runtime, withState } from "../core/runtime.ts";
import { checkShape, formatShape, type Shape, sizeOf } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { defaultGenerator } from "../random/generator.ts";
import { drawNormal, drawUniform, type RandomOptions } from "../random.ts";
import { Tensor } from "../tensor.ts";

/** A function that returns initial values for a shape. */
export type Initializer = (shape: Shape, options?: RandomOptions) => Tensor;

/** What follows the weights, as far as {@link calculateGain} knows it. */
export type Nonlinearity = "linear" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu";

/** Options of {@link kaimingUniform} and {@link kaimingNormal}. */
export interface KaimingOptions extends RandomOptions {
  /** Keep the variance of what goes forward (`"fanIn"`, the default) or of what comes back (`"fanOut"`). */
  readonly mode?: "fanIn" | "fanOut";
  /** What follows the weights; `"relu"` by default, `"leakyRelu"` where there is a `slope`. */
  readonly nonlinearity?: Nonlinearity;
  /** Slope below 0 of `"leakyRelu"`, which needs not be named then; 0.01 by default. */
  readonly slope?: number;
  /** The gain itself, instead of a nonlinearity's. */
  readonly gain?: number;
}

/** Options of {@link xavierUniform}, {@link xavierNormal} and {@link orthogonal}. */
export interface GainOptions extends RandomOptions {
  /** Factor of all values; 1 by default. See {@link calculateGain}. */
  readonly gain?: number;
}

/** Options of {@link uniform}. */
export interface UniformOptions extends RandomOptions {
  /** Lower bound, included; 0 by default. */
  readonly low?: number;
  /** Upper bound, but for rounding not included; 1 by default. */
  readonly high?: number;
}

/** Options of {@link normal}. */
export interface NormalOptions extends RandomOptions {
  /** Mean; 0 by default. */
  readonly mean?: number;
  /** Standard deviation; 1 by default. */
  readonly std?: number;
}

const randomOptions: OptionKinds<RandomOptions> = {
  dtype: floatDtypes,
  requiresGrad: "boolean",
  generator: "generator",
};
const nonlinearities = ["linear", "sigmoid", "tanh", "relu", "leakyRelu", "selu"] as const;
/** What others call the settings of distributions. */
const ranges = { a: "low", b: "high", min: "low", max: "high", minval: "low", maxval: "high" };
const spreads = { loc: "mean", mu: "mean", scale: "std", sigma: "std", stddev: "std" };
const gainOptions: OptionKinds<GainOptions> = { gain: "number", ...randomOptions };
const kaimingOptions: OptionKinds<KaimingOptions> = {
  mode: ["fanIn", "fanOut"],
  nonlinearity: nonlinearities,
  slope: "number",
  gain: "number",
  ...randomOptions,
};

/**
 * Numbers drawn uniformly between two bounds.
 *
 * @param shape - sizes of the axes.
 * @param options - `low`, `high`, `dtype`, `requiresGrad`, `generator`.
 * @throws {@link ValueError} if the bounds are not finite, or `low` is above `high`.
 * @example
 * max(uniform([100], { low: -2, high: -1 })).item() < 0; // → true
 */
export function uniform(shape: Shape, options: UniformOptions = {}): Tensor {
  checkArguments("uniform", shape, options, { low: "number", high: "number", ...randomOptions }, ranges);
  refuseMore("uniform", arguments, 2);
  const { low = 0, high = 1 } = options;
  if (!(Number.isFinite(high - low) && low <= high)) {
    throw new ValueError("uniform", "bounds must be finite with low ≤ high", `${low} and ${high}`);
  }
  return between("uniform", shape, options, low, high);
}

/**
 * Numbers drawn from a normal distribution.
 *
 * @param shape - sizes of the axes.
 * @param options - `mean`, `std`, `dtype`, `requiresGrad`, `generator`.
 * @throws {@link ValueError} if mean or deviation is not finite, or the latter is negative.
 * @example
 * normal([3], { mean: 5, std: 0 }).toArray(); // → [5, 5, 5]
 */
export function normal(shape: Shape, options: NormalOptions = {}): Tensor {
  checkArguments("normal", shape, options, { mean: "number", std: "number", ...randomOptions }, spreads);
  refuseMore("normal", arguments, 2);
  const { mean = 0, std = 1 } = options;
  if (!(Number.isFinite(mean) && Number.isFinite(std) && std >= 0)) {
    throw new ValueError("normal", "mean and std must be finite and std not negative", `${mean} and ${std}`);
  }
  return around("normal", shape, options, mean, std);
}

/**
 * Uniform numbers scaled so that activations neither grow nor fade through layers of rectifiers: U(−b, b) with
 * b = gain · √(3 / fan) (He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015).
 *
 * @param shape - `[out, in, …]`: axes from the third on are a receptive field, and count in both fans.
 * @param options - `mode`, `nonlinearity` and `slope` or `gain`, `dtype`, `requiresGrad`, `generator`.
 * @throws {@link ShapeError} for fewer than two axes; {@link ValueError} for an unknown mode or nonlinearity, a slope of another one than `"leakyRelu"`, and a gain beside a nonlinearity or slope.
 * @example
 * max(abs(kaimingUniform([3, 600]))).item() <= 0.1; // → true
 */
export function kaimingUniform(shape: Shape, options: KaimingOptions = {}): Tensor {
  const b = Math.sqrt(3) * kaimingScale("kaimingUniform", shape, options);
  refuseMore("kaimingUniform", arguments, 2);
  return between("kaimingUniform", shape, options, -b, b);
}

/**
 * Normal numbers scaled for rectifiers: N(0, gain² / fan) (He et al., 2015).
 *
 * @param shape - `[out, in, …]`: axes from the third on are a receptive field, and count in both fans.
 * @param options - `mode`, `nonlinearity` and `slope` or `gain`, `dtype`, `requiresGrad`, `generator`.
 * @throws {@link ShapeError} for fewer than two axes; {@link ValueError} for an unknown mode or nonlinearity, a slope of another one than `"leakyRelu"`, and a gain beside a nonlinearity or slope.
 * @example
 * kaimingNormal([64, 32], { mode: "fanOut" }).shape; // → [64, 32]
 */
export function kaimingNormal(shape: Shape, options: KaimingOptions = {}): Tensor {
  const std = kaimingScale("kaimingNormal", shape, options);
  refuseMore("kaimingNormal", arguments, 2);
  return around("kaimingNormal", shape, options, 0, std);
}

/**
 * Uniform numbers scaled as a compromise between the two directions: U(−b, b) with b = gain · √(6 / (fan in + fan out))
 * (Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010).
 *
 * @param shape - `[out, in, …]`: axes from the third on are a receptive field, and count in both fans.
 * @param options - `gain`, `dtype`, `requiresGrad`, `generator`.
 * @throws {@link ShapeError} for fewer than two axes.
 * @example
 * max(abs(xavierUniform([200, 400]))).item() <= 0.1; // → true
 */
export function xavierUniform(shape: Shape, options: GainOptions = {}): Tensor {
  const b = Math.sqrt(3) * xavierScale("xavierUniform", shape, options);
  refuseMore("xavierUniform", arguments, 2);
  return between("xavierUniform", shape, options, -b, b);
}

/**
 * Normal numbers scaled as a compromise between the two directions: N(0, 2 · gain² / (fan in + fan out)) (Glorot and
 * Bengio, 2010).
 *
 * @param shape - `[out, in, …]`: axes from the third on are a receptive field, and count in both fans.
 * @param options - `gain`, `dtype`, `requiresGrad`, `generator`.
 * @throws {@link ShapeError} for fewer than two axes.
 * @example
 * xavierNormal([64, 32], { gain: calculateGain("tanh") }).shape; // → [64, 32]
 */
export function xavierNormal(shape: Shape, options: GainOptions = {}): Tensor {
  const std = xavierScale("xavierNormal", shape, options);
  refuseMore("xavierNormal", arguments, 2);
  return around("xavierNormal", shape, options, 0, std);
}

/**
 * A matrix with orthonormal rows or columns, whichever are fewer, times `gain`: it keeps lengths (Saxe, McClelland and
 * Ganguli, 2014). Drawn evenly from all such matrices (Mezzadri, 2007): rows of normal numbers, made orthonormal in
 * float64 by Gram and Schmidt's method, run twice per row so that rounding does not add up.
 *
 * @param shape - two axes or more; those from the second on are taken as one.
 * @param options - `gain`, `dtype`, `requiresGrad`, `generator`.
 * @throws {@link ShapeError} for fewer than two axes.
 * @example
 * const q = orthogonal([2, 4]);
 * max(abs(matmul(q, transpose(q)).sub(eye(2)))).item() < 1e-6; // → true
 */
export function orthogonal(shape: Shape, options: GainOptions = {}): Tensor {
  checkArguments("orthogonal", shape, options, gainOptions);
  refuseMore("orthogonal", arguments, 2);
  fansOf("orthogonal", shape);
  const gain = finite("orthogonal", "gain", options.gain ?? 1);
  const rows = shape[0]!;
  const columns = sizeOf(shape.slice(1));
  const count = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  return filled(
    (given) => drawNormal("orthogonal", shape, given),
    options,
    (drawn) => {
      const q = Float64Array.from(drawn);
      orthonormalizeRows(q, count, length);
      // The orthonormal vectors are the columns of a tall matrix.
      return drawn.map(
        (_, i) => gain * (rows <= columns ? q[i]! : q[(i % columns) * length + Math.floor(i / columns)]!),
      );
    },
  );
}

/**
 * The factor by which a nonlinearity's layer must be scaled up to keep the variance of its signal, as PyTorch lists
 * them.
 *
 * @param nonlinearity - 1 for `"linear"` and `"sigmoid"`, 5/3 for `"tanh"`, √2 for `"relu"`, √(2 / (1 + slope²)) for
 * `"leakyRelu"`, 3/4 for `"selu"`.
 * @param slope - slope below 0 of `"leakyRelu"`; 0.01 by default. The others have none.
 * @throws {@link ValueError} for another name, and for a slope of another than `"leakyRelu"`.
 * @example
 * calculateGain("relu"); // → 1.4142135623730951
 */
export function calculateGain(nonlinearity: Nonlinearity, slope?: number): number {
  refuseMore("calculateGain", arguments, 2);
  return gainOf("calculateGain", nonlinearity, slope);
}

function gainOf(op: string, nonlinearity: Nonlinearity, slope?: number): number {
  if (slope !== undefined) {
    finite(op, "slope", slope);
    if (nonlinearities.includes(nonlinearity) && nonlinearity !== "leakyRelu") {
      throw new ValueError(op, "only leakyRelu has a slope", `${slope} for ${nonlinearity}`, "leave the slope out");
    }
  }
  switch (nonlinearity) {
    case "linear":
    case "sigmoid":
      return 1;
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.SQRT2;
    case "leakyRelu":
      return Math.sqrt(2 / (1 + (slope ?? 0.01) ** 2));
    case "selu":
      return 3 / 4;
    default:
      throw notAmong(op, "nonlinearity", nonlinearity, nonlinearities);
  }
}

/** Refuses what is not a shape, or no options. */
function checkArguments<T extends object>(
  op: string,
  shape: Shape,
  options: T,
  kinds: OptionKinds<T>,
  names: { readonly [elsewhere: string]: string } = {},
): void {
  if (isTensor(shape)) {
    const hint = `write w.assign(${op}(w.shape))`;
    throw new ShapeError(op, "a shape is an array of whole numbers, 0 or more", textOf(shape), hint);
  }
  // As NumPy and PyTorch write it, normal(0, 1): sizes of 0 would give a tensor without elements.
  const [first, second] = Object.keys(kinds);
  if (typeof shape === "number" && !(shape > 0) && (first === "mean" || first === "low")) {
    const next = typeof options === "number" ? `, ${second}: ${options}` : "";
    const hint = `the shape comes first: write ${op}([2, 3], { ${first}: ${shape}${next} })`;
    throw new ShapeError(op, "a shape is an array of whole numbers, 0 or more", textOf(shape), hint);
  }
  checkShape(op, shape, options);
  checkOptions(op, options, kinds, { names });
}

/** Evenly drawn from low to high. */
function between(op: string, shape: Shape, options: RandomOptions, low: number, high: number): Tensor {
  return filled(
    (given) => drawUniform(op, shape, given),
    options,
    (drawn) => drawn.map((u) => low + u * (high - low)),
  );
}

/** Normally distributed. */
function around(op: string, shape: Shape, options: RandomOptions, mean: number, std: number): Tensor {
  return filled(
    (given) => drawNormal(op, shape, given),
    options,
    (drawn) => drawn.map((z) => mean + z * std),
  );
}

function kaimingScale(op: string, shape: Shape, options: KaimingOptions): number {
  checkArguments(op, shape, options, kaimingOptions, { a: "slope" });
  const { mode = "fanIn", nonlinearity, slope } = options;
  const other = nonlinearity ?? slope;
  if (options.gain !== undefined && other !== undefined) {
    throw new ValueError(op, "a gain stands instead of a nonlinearity and its slope", `both, ${options.gain} and ${other}`, "leave out one of them"); // biome-ignore format: one line
  }
  const { gain = gainOf(op, nonlinearity ?? (slope === undefined ? "relu" : "leakyRelu"), slope) } = options;
  const fans = fansOf(op, shape);
  return finite(op, "gain", gain) / Math.sqrt(Math.max(1, fans[mode]));
}

function xavierScale(op: string, shape: Shape, options: GainOptions): number {
  checkArguments(op, shape, options, gainOptions);
  const { gain = 1 } = options;
  const { fanIn, fanOut } = fansOf(op, shape);
  return finite(op, "gain", gain) * Math.sqrt(2 / Math.max(1, fanIn + fanOut));
}

/** How many inputs each output has, and how many outputs each input. */
function fansOf(op: string, shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  if (shape.length < 2) {
    const hint = "use uniform or normal for a bias";
    throw new ShapeError(op, "needs a shape of two axes or more, [out, in, …]", formatShape(shape), hint);
  }
  const field = sizeOf(shape.slice(2));
  return { fanIn: shape[1]! * field, fanOut: shape[0]! * field };
}

function finite(op: string, name: string, value: number): number {
  if (!Number.isFinite(value)) throw new ValueError(op, `${name} must be a finite number`, textOf(value));
  return value;
}

/** A leaf of values that are made of drawn ones: a compiled program does both again in each run. */
function filled(
  draw: (given: RandomOptions) => Tensor,
  { dtype, requiresGrad, generator = defaultGenerator() }: RandomOptions,
  made: (drawn: TypedArray) => TypedArray,
): Tensor {
  const given = dtype === undefined ? { generator } : { dtype, generator };
  const [drawn, values] = withState("tracer", null, () => {
    const drawn = draw(given);
    return [drawn, made(drawn.values)] as const;
  });
  const x = new Tensor(values, drawn.shape, drawn.dtype);
  if (requiresGrad) x.requiresGrad = true;
  runtime.tracer?.draw(x, generator, (out, own) => {
    out.set(made(draw({ ...given, generator: own }).values).subarray(0, out.length)); // fewer, where draws are compared
  });
  return x;
}

function orthonormalizeRows(q: Float64Array, count: number, length: number): void {
  for (let i = 0; i < count; i++) {
    const row = i * length;
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < row; k += length) {
        let dot = 0;
        for (let j = 0; j < length; j++) dot += q[k + j]! * q[row + j]!;
        for (let j = 0; j < length; j++) q[row + j]! -= dot * q[k + j]!;
      }
      let square = 0;
      for (let j = 0; j < length; j++) square += q[row + j]! ** 2;
      const norm = Math.sqrt(square);
      for (let j = 0; j < length; j++) q[row + j]! /= norm;
    }
  }
}
