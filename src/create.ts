import { allocate, type DType, getDefaultDtype, type TypedArray } from "./core/dtype.ts";
import { ValueError } from "./core/errors.ts";
import { convert, type NestedArray, parseNested } from "./core/nested.ts";
import { checkShape, type Shape, sizeOf } from "./core/shape.ts";
import { Tensor } from "./tensor.ts";

/** Options of creation functions. */
export interface TensorOptions {
  /** Element type; by default the floating dtype of {@link setDefaultDtype}, unless the function says otherwise. */
  readonly dtype?: DType;
  /** Whether backward fills the tensor's `grad`; false by default. */
  readonly requiresGrad?: boolean;
}

/** @internal A leaf of values that nobody else holds. */
export function leaf(values: TypedArray, shape: Shape, dtype: DType, options?: TensorOptions): Tensor {
  const x = new Tensor(values, shape, dtype);
  if (options?.requiresGrad) x.requiresGrad = true;
  return x;
}

/**
 * A tensor from numbers or booleans, nested arrays of them, or a typed array. The values are copied.
 *
 * @param data - a number or boolean (a scalar), nested arrays (their nesting is the shape), or a typed array (one axis;
 * {@link reshape} it).
 * @param options - `dtype`: by default that of a typed array (`Uint8Array` becomes int32), bool for booleans, else the default floating
 * dtype; `requiresGrad`.
 * @throws {@link ShapeError} for ragged arrays; {@link ValueError} for entries that are neither number nor boolean;
 * {@link DTypeError} for other typed arrays, or a gradient on integers.
 * @example
 * tensor([[1, 2], [3, 4]]).shape; // → [2, 2]
 * tensor([true, false]).dtype; // → bool
 */
export function tensor(data: NestedArray | TypedArray, options?: TensorOptions): Tensor {
  const { values, shape, dtype } = parseNested("tensor", data, options?.dtype);
  return leaf(values, shape, dtype, options);
}

/**
 * A tensor filled with one value.
 *
 * @param shape - sizes of the axes; `[]` for a scalar.
 * @param value - a number, or a boolean.
 * @param options - `dtype` (by default bool for booleans, else floating), `requiresGrad`.
 * @throws {@link ShapeError} for a shape that is not an array of non-negative integers.
 * @example
 * full([2, 2], 7).toArray(); // → [[7, 7], [7, 7]]
 */
export function full(shape: Shape, value: number | boolean, options?: TensorOptions): Tensor {
  const own = checkShape("full", shape);
  const dtype = options?.dtype ?? (typeof value === "boolean" ? "bool" : getDefaultDtype());
  return leaf(allocate(dtype, sizeOf(own)).fill(convert("full", [value], dtype)[0]!), own, dtype, options);
}

/**
 * A tensor of zeros.
 *
 * @param shape - sizes of the axes; `[]` for a scalar.
 * @param options - `dtype`, `requiresGrad`.
 * @throws {@link ShapeError} for a shape that is not an array of non-negative integers.
 * @example
 * zeros([2]).toArray(); // → [0, 0]
 */
export function zeros(shape: Shape, options?: TensorOptions): Tensor {
  return full(shape, 0, options);
}

/**
 * A tensor of ones.
 *
 * @param shape - sizes of the axes; `[]` for a scalar.
 * @param options - `dtype`, `requiresGrad`.
 * @throws {@link ShapeError} for a shape that is not an array of non-negative integers.
 * @example
 * ones([2]).toArray(); // → [1, 1]
 */
export function ones(shape: Shape, options?: TensorOptions): Tensor {
  return full(shape, 1, options);
}

/**
 * Evenly spaced numbers: `arange(stop)`, `arange(start, stop)` or `arange(start, stop, step)`, without `stop` itself.
 *
 * @param start - first value; 0 in the form with one argument, which then is `stop`.
 * @param stop - the values stay below it (above, for a negative step).
 * @param step - the distance; 1 by default.
 * @param options - `dtype` (the default floating dtype; say `"int32"` for indices), `requiresGrad`.
 * @throws {@link ValueError} for a step of 0 or a bound that is not finite.
 * @example
 * arange(3).toArray(); // → [0, 1, 2]
 * arange(5, 0, -2, { dtype: "int32" }).toArray(); // → [5, 3, 1]
 */
export function arange(start: number, stop?: number, step = 1, options?: TensorOptions): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (!Number.isFinite(from) || !Number.isFinite(to) || !Number.isFinite(step) || step === 0) {
    throw new ValueError("arange", "bounds must be finite and the step not 0", `${from}, ${to}, ${step}`);
  }
  const dtype = options?.dtype ?? getDefaultDtype();
  const values = allocate(dtype, Math.max(0, Math.ceil((to - from) / step)));
  for (let i = 0; i < values.length; i++) values[i] = from + i * step;
  return leaf(values, [values.length], dtype, options);
}

/**
 * `count` evenly spaced numbers from `start` to `stop`, both included.
 *
 * @param start - first value.
 * @param stop - last value (left out when `count` is 1).
 * @param count - how many, 0 or more.
 * @param options - `dtype`, `requiresGrad`.
 * @throws {@link ValueError} if `count` is not a non-negative integer.
 * @example
 * linspace(0, 1, 5).toArray(); // → [0, 0.25, 0.5, 0.75, 1]
 */
export function linspace(start: number, stop: number, count: number, options?: TensorOptions): Tensor {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new ValueError("linspace", "count must be a non-negative integer", String(count));
  }
  const dtype = options?.dtype ?? getDefaultDtype();
  const values = allocate(dtype, count);
  const step = (stop - start) / (count - 1);
  // From both ends, so that both are met exactly.
  for (let i = 0; i < count; i++)
    values[i] = i < count / 2 ? start + (i === 0 ? 0 : i * step) : stop - (count - 1 - i) * step;
  return leaf(values, [count], dtype, options);
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
export function eye(rows: number, columns = rows, options?: TensorOptions): Tensor {
  const shape = checkShape("eye", [rows, columns]);
  const dtype = options?.dtype ?? getDefaultDtype();
  const values = allocate(dtype, rows * columns);
  for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = 1;
  return leaf(values, shape, dtype, options);
}
