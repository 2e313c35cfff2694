import { checkNumber, numberHint } from "./core/arguments.ts";
import { allocate, type DType, dtypes, getDefaultDtype, type TypedArray } from "./core/dtype.ts";
import { ShapeError, textOf, ValueError } from "./core/errors.ts";
import { convert, parseNested, type TensorData } from "./core/nested.ts";
import { checkOptions, type OptionKinds } from "./core/options.ts";
import { isTensor } from "./core/runtime.ts";
import { checkShape, listText, type Shape, sizeOf } from "./core/shape.ts";
import type { DataShape, Plain, Spread } from "./core/shapeTypes.ts";
import { oneList, refuseMore } from "./core/surplus.ts";
import { Tensor } from "./tensor.ts";

/** Options of creation functions. */
export interface TensorOptions {
  /** Element type; by default the floating dtype of {@link setDefaultDtype}, unless the function says otherwise. */
  readonly dtype?: DType;
  /** Whether backward fills the tensor's `grad`; false by default. */
  readonly requiresGrad?: boolean;
}

/** @internal */
export const tensorOptions: OptionKinds<TensorOptions> = { dtype: dtypes, requiresGrad: "boolean" };

/** @internal A leaf of values that nobody else holds. */
export function leaf(values: TypedArray, shape: Shape, dtype: DType, options?: TensorOptions): Tensor {
  const x = new Tensor(values, shape, dtype);
  if (options?.requiresGrad) x.requiresGrad = true;
  return x;
}

/**
 * Creates a tensor from numbers or booleans, nested arrays of them, or typed arrays. Copies the values.
 *
 * @param data - a number or boolean (a scalar), nested arrays (their nesting is the shape), a typed array of any class (one axis;
 * {@link reshape} it), or arrays of typed arrays (rows).
 * @param options - `dtype`: by default float32 for `Float32Array` and `Float16Array`, float64 for `Float64Array`, int32 for typed arrays of integers, bool for booleans,
 * else the default floating dtype; `requiresGrad`.
 * @throws {@link ShapeError} for ragged arrays, naming the row; {@link ValueError} for entries that are neither number nor boolean, and for values that do not fit: int32 holds
 * whole numbers of 32 bits only, and a bigint must be a number exactly; {@link DTypeError} for an unknown dtype, or a gradient on integers.
 * @example
 * tensor([[1, 2], [3, 4]]).shape; // → [2, 2]
 * tensor([true, false]).dtype; // → bool
 * tensor(new Uint8ClampedArray([0, 255])).dtype; // → int32
 * tensor([new Float32Array([1, 2]), new Float32Array([3, 4])]).shape; // → [2, 2]
 */
export function tensor<const D extends TensorData>(
  data: Spread<D, TensorData>,
  options?: TensorOptions,
): Tensor<DataShape<D>>;
export function tensor(data: TensorData, options?: TensorOptions): Tensor {
  refuseMore("tensor", arguments, 2);
  if (Array.isArray(options)) {
    const hint = `write tensor(data).reshape([${options.join(", ")}])`;
    throw new ValueError("tensor", "options must be an object", textOf(options), hint);
  }
  checkOptions("tensor", options, tensorOptions);
  if (isTensor(data)) throw new ValueError("tensor", "data must be numbers", "a tensor", "use x.detach(), or x itself");
  const { values, shape, dtype } = parseNested("tensor", data, options?.dtype);
  return leaf(values, shape, dtype, options);
}

/** A tensor, or data that {@link tensor} takes. */
export type TensorLike = Tensor | TensorData;

/**
 * @internal A tensor as it is, or one of data.
 *
 * @param like - the tensor beside it, whose dtype numbers without one take.
 */
export function asTensor(op: string, data: TensorLike, dtype?: DType): Tensor {
  if (isTensor(data)) return data;
  const parsed = parseNested(op, data, dtype);
  return new Tensor(parsed.values, parsed.shape, parsed.dtype);
}

/**
 * A tensor filled with one value.
 *
 * @param shape - sizes of the axes; `[]` for a scalar.
 * @param value - a number, or a boolean.
 * @param options - `dtype` (by default bool for booleans, else floating), `requiresGrad`.
 * @throws {@link ShapeError} for a shape that is not an array of whole numbers, or that no memory holds; {@link ValueError} for a value that does not fit the dtype.
 * @example
 * full([2, 2], 7).toArray(); // → [[7, 7], [7, 7]]
 */
export function full<const S extends Shape>(
  shape: Spread<S>,
  value: number | boolean,
  options?: TensorOptions,
): Tensor<Plain<S>>;
export function full(shape: Shape, value: number | boolean, options?: TensorOptions): Tensor {
  refuseMore("full", arguments, 3);
  if (typeof shape === "number") {
    const hint = Array.isArray(value) ? `write full([${value.join(", ")}], ${shape})` : `write full([${shape}], value)`;
    throw new ShapeError("full", "a shape is an array of whole numbers, 0 or more", textOf(shape), hint);
  }
  const own = checkShape("full", shape);
  if (typeof value !== "number" && typeof value !== "boolean") {
    throw new ValueError("full", "the value must be a number or a boolean", textOf(value));
  }
  return filled("full", own, value, options);
}

/**
 * A tensor of zeros.
 *
 * @param shape - sizes of the axes; `[]` for a scalar.
 * @param options - `dtype`, `requiresGrad`.
 * @throws {@link ShapeError} for a shape that is not an array of whole numbers, or that no memory holds.
 * @example
 * zeros([2]).toArray(); // → [0, 0]
 */
export function zeros<const S extends Shape>(shape: Spread<S>, options?: TensorOptions): Tensor<Plain<S>>;
export function zeros(shape: Shape, options?: TensorOptions): Tensor {
  refuseMore("zeros", arguments, 2, oneList);
  return filled("zeros", checkShape("zeros", shape, options), 0, options);
}

/**
 * A tensor of ones.
 *
 * @param shape - sizes of the axes; `[]` for a scalar.
 * @param options - `dtype`, `requiresGrad`.
 * @throws {@link ShapeError} for a shape that is not an array of whole numbers, or that no memory holds.
 * @example
 * ones([2]).toArray(); // → [1, 1]
 */
export function ones<const S extends Shape>(shape: Spread<S>, options?: TensorOptions): Tensor<Plain<S>>;
export function ones(shape: Shape, options?: TensorOptions): Tensor {
  refuseMore("ones", arguments, 2, oneList);
  return filled("ones", checkShape("ones", shape, options), 1, options);
}

function filled(op: string, shape: Shape, value: number | boolean, options: TensorOptions | undefined): Tensor {
  checkOptions(op, options, tensorOptions);
  const dtype = options?.dtype ?? (typeof value === "boolean" ? "bool" : getDefaultDtype());
  return leaf(allocate(dtype, sizeOf(shape), op).fill(convert(op, [value], dtype, [])[0]!), shape, dtype, options);
}

/**
 * The numbers 0, 1, 2 … below `stop`. With two numbers, `arange(start, stop)`; with three, `arange(start, stop, step)`.
 *
 * @param stop - the values stay below it.
 * @param options - `dtype` (the default floating dtype; use `"int32"` for indices), `requiresGrad`.
 * @throws {@link ValueError} for a step of 0, a bound that is not finite, or values that int32 does not hold if that is the dtype.
 * @example
 * arange(3).toArray(); // → [0, 1, 2]
 * arange(3, { dtype: "int32" }).dtype; // → int32
 * arange(5, 0, -2).toArray(); // → [5, 3, 1]
 */
export function arange(stop: number, options?: TensorOptions): Tensor;
/**
 * The numbers from `start` in steps of 1.
 *
 * @param start - first value.
 * @param stop - the values stay below it.
 * @param options - `dtype`, `requiresGrad`.
 */
export function arange(start: number, stop: number, options?: TensorOptions): Tensor;
/**
 * Evenly spaced numbers, starting at `start`.
 *
 * @param start - first value.
 * @param stop - the values stay below it; above it, for a negative step.
 * @param step - the distance.
 * @param options - `dtype`, `requiresGrad`.
 */
export function arange(start: number, stop: number, step: number, options?: TensorOptions): Tensor;
export function arange(...args: readonly (number | TensorOptions | undefined)[]): Tensor {
  const count = args.findIndex((arg) => typeof arg !== "number");
  const numbers = (count < 0 ? args : args.slice(0, count)) as readonly number[];
  const other: unknown = args[count];
  if (typeof other === "string" && (count === 0 || numberHint(other) !== "")) checkNumber("arange", "a bound", other);
  const options = args.slice(numbers.length).find((arg) => arg !== undefined) as TensorOptions | undefined;
  checkOptions("arange", options, tensorOptions);
  const [from = 0, to = Number.NaN, step = 1] = numbers.length === 1 ? [0, ...numbers] : numbers;
  if (!Number.isFinite(from) || !Number.isFinite(to) || !Number.isFinite(step) || step === 0 || numbers.length > 3) {
    throw new ValueError(
      "arange",
      "needs finite bounds, and a step that is not 0",
      numbers.join(", ") || textOf(args[0]),
    );
  }
  const dtype = options?.dtype ?? getDefaultDtype();
  const values = allocate("float64", Math.max(0, Math.ceil((to - from) / step)), "arange");
  for (let i = 0; i < values.length; i++) values[i] = from + i * step;
  return leaf(convert("arange", values, dtype), [values.length], dtype, options);
}

/**
 * `count` evenly spaced numbers from `start` to `stop`, both included.
 *
 * @param start - first value.
 * @param stop - last value (left out when `count` is 1).
 * @param count - how many, 0 or more.
 * @param options - `dtype`, `requiresGrad`.
 * @throws {@link ValueError} if `count` is not a whole number, or a bound is not finite.
 * @example
 * linspace(0, 1, 5).toArray(); // → [0, 0.25, 0.5, 0.75, 1]
 */
export function linspace(start: number, stop: number, count: number, options?: TensorOptions): Tensor {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new ValueError("linspace", "count must be a whole number, 0 or more", textOf(count));
  }
  if (!Number.isFinite(start) || !Number.isFinite(stop)) {
    throw new ValueError("linspace", "needs finite bounds", `${textOf(start)} and ${textOf(stop)}`);
  }
  checkOptions("linspace", options, tensorOptions);
  refuseMore("linspace", arguments, 4);
  const dtype = options?.dtype ?? getDefaultDtype();
  const values = allocate("float64", count, "linspace");
  const step = (stop - start) / (count - 1);
  // From both ends, so both are met exactly.
  for (let i = 0; i < count; i++)
    values[i] = i < count / 2 ? start + (i === 0 ? 0 : i * step) : stop - (count - 1 - i) * step;
  return leaf(convert("linspace", values, dtype), [count], dtype, options);
}

/**
 * A matrix with ones on the diagonal.
 *
 * @param rows - number of rows.
 * @param columns - number of columns; `rows` by default.
 * @param options - `dtype`, `requiresGrad`.
 * @throws {@link ShapeError} for sizes that are not non-negative integers.
 * @example
 * eye(2).toArray(); // → [[1, 0], [0, 1]]
 */
export function eye<const N extends number, const M extends number = N>(
  rows: N,
  columns?: M,
  options?: TensorOptions,
): Tensor<[N, M]>;
export function eye(rows: number, columns = rows, options?: TensorOptions): Tensor {
  const shape = [rows, columns];
  if (!shape.every((n) => Number.isSafeInteger(n) && n >= 0)) {
    const got = columns === rows ? textOf(rows) : listText(shape);
    throw new ShapeError("eye", "sizes are whole numbers, 0 or more", got, eyeHint(rows, columns));
  }
  checkOptions("eye", options, tensorOptions);
  refuseMore("eye", arguments, 3);
  const dtype = options?.dtype ?? getDefaultDtype();
  const values = allocate(dtype, rows * columns, "eye");
  for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = 1;
  return leaf(values, shape, dtype, options);
}

/** What to write instead of `eye([3, 3])`, `eye("3")` and `eye(3, { dtype })`. */
function eyeHint(rows: unknown, columns: unknown): string {
  if (Array.isArray(rows)) return `write eye(${rows.join(", ")})`;
  if (typeof rows !== "number") return numberHint(rows) || "write eye(rows)";
  if (typeof columns === "number") return "write eye(rows), or eye(rows, columns)";
  return numberHint(columns) || `options come third: eye(${rows}, ${rows}, { dtype, requiresGrad })`;
}
