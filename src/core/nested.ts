import { allocate, type DType, dtypeOfArray, getDefaultDtype, type TypedArray } from "./dtype.ts";
import { DTypeError, ShapeError, textOf, ValueError } from "./errors.ts";
import { formatShape, type Shape } from "./shape.ts";

/** Nested arrays of numbers and booleans: a number, a list, a list of lists … all of one length per level. */
export type NestedArray = number | boolean | readonly NestedArray[];

/** Values, shape and dtype read from nested or typed arrays. */
export interface Parsed {
  readonly values: TypedArray;
  readonly shape: Shape;
  readonly dtype: DType;
}

/**
 * Reads nested arrays or a typed array into fresh values.
 *
 * @param dtype - the dtype wanted; by default a typed array's own (`Uint8Array` is read as numbers into int32), bool for booleans,
 * and the default floating dtype for numbers.
 */
export function parseNested(op: string, data: NestedArray | TypedArray, dtype?: DType): Parsed {
  if (ArrayBuffer.isView(data)) {
    const own = dtypeOfArray(data);
    if (own !== undefined)
      return { values: convert(op, data, dtype ?? own), shape: [data.length], dtype: dtype ?? own };
    const rule = "takes Float32, Float64, Int32, Uint8 arrays";
    throw new DTypeError(op, rule, (data as object).constructor.name);
  }
  const shape: number[] = [];
  for (let node = data; Array.isArray(node); node = node[0]) shape.push(node.length);
  const flat: (number | boolean)[] = [];
  const walk = (node: NestedArray, depth: number): void => {
    const isValue = typeof node === "number" || typeof node === "boolean";
    if (!isValue && !Array.isArray(node)) {
      throw new ValueError(op, "data must be numbers or booleans", textOf(node));
    }
    if (isValue ? depth < shape.length : (node as readonly NestedArray[]).length !== shape[depth]) {
      const got = `${isValue ? "a value" : `${(node as readonly NestedArray[]).length} entries`} at depth ${depth}`;
      throw new ShapeError(op, "arrays must not be ragged", got, `the first have shape ${formatShape(shape)}`);
    }
    if (isValue) flat.push(node);
    else for (const child of node as readonly NestedArray[]) walk(child, depth + 1);
  };
  walk(data, 0);
  const own = flat.length > 0 && flat.every((v) => typeof v === "boolean") ? "bool" : getDefaultDtype();
  return { values: convert(op, flat, dtype ?? own), shape, dtype: dtype ?? own };
}

/** Copies values into a fresh array of a dtype. */
export function convert(op: string, from: ArrayLike<number | boolean>, dtype: DType): TypedArray {
  if (dtype === "int32") checkIntegers(op, from);
  const values = allocate(dtype, from.length);
  for (let i = 0; i < from.length; i++) values[i] = dtype === "bool" ? Number(Number(from[i]) !== 0) : Number(from[i]);
  return values;
}

/** Refuses what no integer stands for: a NaN label must not become class 0. */
export function checkIntegers(op: string, values: ArrayLike<number | boolean>): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(Number(values[i]))) throw new ValueError(op, "int32 cannot hold it", String(values[i]));
  }
}
