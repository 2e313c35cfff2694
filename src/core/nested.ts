import { allocate, type DType, dtypeOfArray, getDefaultDtype, type TypedArray } from "./dtype.ts";
import { DTypeError, ShapeError, ValueError } from "./errors.ts";
import { formatShape, type Shape, sizeOf } from "./shape.ts";

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
  if (ArrayBuffer.isView(data)) return parseTyped(op, data, dtype);
  const shape = shapeOf(op, data);
  const flat = new Array<number | boolean>(sizeOf(shape));
  let at = 0;
  const walk = (node: NestedArray, depth: number): void => {
    if (depth === shape.length) {
      if (typeof node !== "number" && typeof node !== "boolean") throw ragged(op, shape, depth, node);
      flat[at++] = node;
      return;
    }
    if (!Array.isArray(node) || node.length !== shape[depth]) throw ragged(op, shape, depth, node);
    for (const child of node) walk(child, depth + 1);
  };
  walk(data, 0);
  const own: DType = flat.length > 0 && flat.every((v) => typeof v === "boolean") ? "bool" : getDefaultDtype();
  return { values: convert(flat, dtype ?? own), shape, dtype: dtype ?? own };
}

function parseTyped(op: string, data: TypedArray, dtype: DType | undefined): Parsed {
  const own = data instanceof Uint8Array ? "int32" : dtypeOfArray(data);
  if (own === undefined) {
    const rule = "typed arrays must be Float32Array, Float64Array, Int32Array or Uint8Array";
    throw new DTypeError(op, rule, (data as object).constructor.name, "convert it first");
  }
  return { values: convert(data, dtype ?? own), shape: [data.length], dtype: dtype ?? own };
}

function shapeOf(op: string, data: NestedArray): number[] {
  const shape: number[] = [];
  for (let node: NestedArray | undefined = data; Array.isArray(node); node = (node as readonly NestedArray[])[0]) {
    shape.push(node.length);
  }
  if (shape.length === 0 && typeof data !== "number" && typeof data !== "boolean") {
    throw new ValueError(op, "data must be numbers, booleans, or arrays of them", String(data));
  }
  return shape;
}

function ragged(op: string, shape: Shape, depth: number, node: unknown): ShapeError | ValueError {
  if (!Array.isArray(node) && typeof node !== "number" && typeof node !== "boolean") {
    return new ValueError(op, "data must be numbers, booleans, or arrays of them", String(node), `at depth ${depth}`);
  }
  const got = Array.isArray(node) ? `one of length ${node.length}` : "a number";
  const wanted = depth < shape.length ? `length ${shape[depth]}` : "a number";
  const hint = `the first entries have shape ${formatShape(shape)}`;
  const rule = `arrays must not be ragged: at depth ${depth} each entry must be of ${wanted}`;
  return new ShapeError(op, rule.replace("of a number", "a number"), got, hint);
}

/** Copies values into a fresh array of a dtype. */
export function convert(from: ArrayLike<number | boolean>, dtype: DType): TypedArray {
  const values = allocate(dtype, from.length);
  if (dtype === "bool") for (let i = 0; i < from.length; i++) values[i] = Number(from[i]) === 0 ? 0 : 1;
  else for (let i = 0; i < from.length; i++) values[i] = Number(from[i]);
  return values;
}
