import { keepOutside } from "./arguments.ts";
import {
  allocate,
  type DType,
  dtypeOfArray,
  type FloatDType,
  getDefaultDtype,
  isFloat,
  isTypedArray,
  type NumericArray,
  promote,
  type TypedArray,
} from "./dtype.ts";
import { ShapeError, textOf, ValueError } from "./errors.ts";
import { isTensor } from "./runtime.ts";
import type { Shape } from "./shape.ts";

/** Nested arrays of numbers and booleans: a number, a list, a list of lists … all of one length per level. */
export type NestedArray = number | boolean | readonly NestedArray[];

/** What a tensor can be made from: a number, a boolean, a typed array of any class, or arrays of these, all of one length per level. */
export type TensorData = number | boolean | NumericArray | readonly TensorData[];

/** Values, shape and dtype read from nested or typed arrays. */
export interface Parsed {
  readonly values: TypedArray;
  readonly shape: Shape;
  readonly dtype: DType;
}

/**
 * Reads nested or typed arrays into fresh values.
 *
 * @param dtype - the dtype wanted; by default that of {@link dtypeOfArray} for typed arrays, bool for booleans, and the default floating dtype for numbers.
 * @throws {@link ShapeError} for ragged arrays; {@link ValueError} for entries that are not numbers or do not fit the dtype. Both say where.
 */
export function parseNested(op: string, data: TensorData, dtype?: DType): Parsed {
  const shape = shapeOfData(op, data);
  if (isTypedArray(data)) {
    const kind = dtype ?? dtypeOfArray(data);
    return { values: convert(op, data, kind, shape), shape, dtype: kind };
  }
  const flat: (number | bigint | boolean)[] = [];
  let own: DType | undefined;
  const meet = (kind: DType): void => {
    own = own === undefined ? kind : promote(own, kind);
  };
  /** The index of the entry that the walk is at, one number for each level above it. */
  const path: number[] = [];
  const place = (depth: number): string => placeText(path.slice(0, depth), Math.max(shape.length, depth));
  const ragged = (got: string, depth: number): ShapeError => {
    const first = depth < shape.length ? `${shape[depth]} entries` : "a single value";
    return new ShapeError(op, "arrays must not be ragged", got + place(depth), `the first has ${first}`);
  };
  const visit = (node: unknown, depth: number): void => {
    if (typeof node === "number" || typeof node === "boolean") {
      if (depth < shape.length) throw ragged("a single value", depth);
      meet(typeof node === "boolean" ? "bool" : getDefaultDtype());
      flat.push(node);
    } else if (isTypedArray(node) || Array.isArray(node)) {
      if (node.length !== shape[depth]) throw ragged(`${node.length} entries`, depth);
      const isRow = isTypedArray(node) && depth === shape.length - 1;
      if (isRow) meet(dtypeOfArray(node));
      for (let i = 0; i < node.length; i++) {
        if (isRow) flat.push(node[i]!);
        else {
          path[depth] = i;
          visit(node[i], depth + 1);
        }
      }
    } else {
      const isPromise = typeof (node as PromiseLike<unknown> | null | undefined)?.then === "function";
      const isText = typeof node === "string" || typeof node === "bigint";
      let hint = isText ? "convert it by Number(…)" : isPromise ? "await it" : "";
      if (isTensor(node)) hint = "join tensors by stack([a, b])";
      else if (isProxyOfArray(node)) hint = keepOutside;
      throw new ValueError(op, "data must be numbers or booleans", textOf(node) + place(depth), hint);
    }
  };
  visit(data, 0);
  const kind = dtype ?? own ?? getDefaultDtype();
  return { values: convert(op, flat, kind, shape), shape, dtype: kind };
}

/** Whether a value is a Proxy around a typed array, which is not a view of a buffer itself. */
function isProxyOfArray(node: unknown): boolean {
  return typeof node === "object" && node !== null && "BYTES_PER_ELEMENT" in node;
}

/** The dtype of floating typed arrays, alone or as rows; undefined for other data. */
export function floatDtypeOf(data: TensorData): FloatDType | undefined {
  let node: unknown = data;
  for (let depth = 0; Array.isArray(node) && depth < deepest; depth++) node = node[0];
  const dtype = isTypedArray(node) ? dtypeOfArray(node) : "int32";
  return isFloat(dtype) ? dtype : undefined;
}

/** More levels than any data has: arrays that hold themselves. */
const deepest = 64;

/** The shape that the first entry of each level says. */
function shapeOfData(op: string, data: TensorData): number[] {
  const shape: number[] = [];
  let node: unknown = data;
  while (Array.isArray(node) || isTypedArray(node)) {
    if (shape.length === deepest)
      throw new ShapeError(op, "arrays must not hold themselves", `more than ${deepest} levels`);
    if (isTypedArray(node) && node.length === 0) checkAttached(op, node);
    shape.push(node.length);
    node = node[0];
  }
  return shape;
}

/** Refuses an array whose buffer was transferred away, or became too small for it: it looks as if it were empty, but engines refuse to loop over it. */
function checkAttached(op: string, array: NumericArray): void {
  try {
    Uint8Array.prototype.keys.call(array as unknown as Uint8Array);
  } catch {
    const hint = "copy it before its buffer is transferred or resized";
    throw new ValueError(op, "the array must still have its elements", "one whose buffer is gone", hint);
  }
}

/** The index of element `i`, row-major. */
function indexOf(i: number, shape: Shape): number[] {
  const index: number[] = [];
  let rest = i;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const n = Math.max(1, shape[axis]!);
    index.unshift(rest % n);
    rest = Math.floor(rest / n);
  }
  return index;
}

/** ` at row 3, column 1`: where an entry stands among data of some rank, for errors. */
function placeText(index: readonly number[], rank: number): string {
  if (index.length === 0) return "";
  if (rank === 1) return ` at index ${index[0]}`;
  if (rank > 2) return ` at [${index.join(", ")}]`;
  return ` at row ${index[0]}${index.length > 1 ? `, column ${index[1]}` : ""}`;
}

/** Where element `i` of a tensor stands, for errors: ` at row 3, column 1`. */
export function placeIn(i: number, shape: Shape): string {
  return placeText(indexOf(i, shape), shape.length);
}

/**
 * Copies values into a fresh array of a dtype.
 *
 * @param shape - for errors, what they stand in.
 * @throws {@link ValueError} for a value that an int32 does not hold, or a bigint that no number is equal to.
 */
export function convert(
  op: string,
  from: ArrayLike<number | bigint | boolean>,
  dtype: DType,
  shape: Shape = [from.length],
): TypedArray {
  const values = allocate(dtype, from.length, op);
  if (dtype === "bool") for (let i = 0; i < from.length; i++) values[i] = Number(from[i]) === 0 ? 0 : 1;
  else if (isTypedArray(from) && typeof from[0] === "number") values.set(from as ArrayLike<number>);
  else for (let i = 0; i < from.length; i++) values[i] = Number(from[i]);
  for (let i = 0; i < from.length; i++) {
    const v = from[i]!;
    if (dtype === "int32" ? values[i] === Number(v) : typeof v !== "bigint" || BigInt(Number(v)) === v) continue;
    throw misfit(op, v, dtype, placeIn(i, shape));
  }
  return values;
}

/** A label of 1.5 must not become class 1, nor NaN class 0, and a number of milliseconds must not wrap around. */
function misfit(op: string, value: number | bigint | boolean, dtype: DType, place: string): ValueError {
  const got = value + (typeof value === "bigint" ? "n" : "") + place;
  if (dtype !== "int32") return new ValueError(op, "a bigint must be a number exactly, below 2⁵³", got);
  const hint = op !== "assign" && Number.isFinite(Number(value)) ? 'use { dtype: "float64" }' : "";
  return new ValueError(op, "int32 holds whole numbers from −2³¹ to 2³¹ − 1", got, hint);
}
