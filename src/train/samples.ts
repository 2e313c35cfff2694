import { type DType, getDefaultDtype } from "../core/dtype.ts";
import { isTinygradError, ShapeError, ValueError } from "../core/errors.ts";
import { convert, floatDtypeOf, type Parsed, parseNested, type TensorData } from "../core/nested.ts";
import { isTensor } from "../core/runtime.ts";
import type { TensorLike } from "../create.ts";
import { Tensor } from "../tensor.ts";

/** What the tensors of a dataset are called in errors. */
export function nameOf(i: number): string {
  return ["inputs", "targets"][i] ?? `tensor ${i}`;
}

/**
 * Makes a tensor of the data at some position of a dataset or batch: inputs first, then targets, then more. Tensors stay as they are.
 *
 * Layers compute with floating numbers, so inputs become floating: typed arrays of integers, such as the bytes of an image, too. Targets may be classes, so whole numbers become int32,
 * which `crossEntropy` takes as classes, and the other losses and metrics as numbers; beyond 32 bits, float64 holds them exactly.
 *
 * @throws what {@link parseNested} throws, saying of which tensor; `ShapeError` for a single number.
 */
export function readSamples(op: string, data: TensorLike, i: number, name = nameOf(i)): Tensor {
  const x = named(name, () => (isTensor(data) ? data : i === 0 ? readInputs(op, data) : readTargets(op, data)));
  if (x.shape.length > 0) return x;
  throw new ShapeError(op, `the first axis of the ${name} must count the samples`, "a single number", "write a list");
}

/** Adds to an error in data which of several tensors it is in. */
export function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isTinygradError(error)) throw error;
    const Kind = error.name === "ShapeError" ? ShapeError : ValueError;
    const got = `${error.got} ${error.got.includes(" at ") ? "of" : "for"} the ${name}`;
    throw new Kind(error.op, error.rule, got, error.hint);
  }
}

function readInputs(op: string, data: TensorData): Tensor {
  return tensorOf(parseNested(op, data, floatDtypeOf(data) ?? getDefaultDtype()));
}

function readTargets(op: string, data: TensorData): Tensor {
  const own = floatDtypeOf(data);
  if (own !== undefined) return tensorOf(parseNested(op, data, own));
  const parsed = parseNested(op, data, "float64");
  const { values, shape } = parsed;
  let dtype: DType = "int32";
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (!Number.isInteger(v)) {
      dtype = getDefaultDtype();
      break;
    }
    if (v !== (v | 0)) dtype = "float64";
  }
  return tensorOf({ ...parsed, values: convert(op, values, dtype, shape), dtype });
}

function tensorOf({ values, shape, dtype }: Parsed): Tensor {
  return new Tensor(values, shape, dtype);
}
