import { allocate, type DType, type TypedArray } from "../core/dtype.ts";
import { storedDTypes, toLittleEndian } from "../safetensors/dtypes.ts";
import { Tensor } from "../tensor.ts";
import { OnnxError } from "./error.ts";
import { elementName, elements, type TensorProto } from "./schema.ts";

/**
 * A value of a graph. Integers of all widths have int32 here while a model runs; those that are known when it is read (sizes, axes, indices) are held in float64,
 * which has more of int64.
 */
export interface Value {
  readonly x: Tensor;
  /** ONNX's number for the type of its elements. */
  readonly type: number;
  /** Whether it is known without the model's inputs and parameters. */
  readonly isFixed: boolean;
}

interface Stored {
  /** Bytes of an element. */
  readonly width: 1 | 2 | 4 | 8;
  /** The library's dtype; for integers, of those that are known. */
  readonly dtype: DType;
  /** Elements out of bytes that hold nothing else. */
  readonly ofBytes: (buffer: ArrayBuffer) => TypedArray;
  /** Elements out of a field for their type. */
  readonly ofFields: (proto: TensorProto) => Iterable<number | bigint>;
}

const floating = (name: string): ((buffer: ArrayBuffer) => TypedArray) => {
  return (buffer) => storedDTypes.get(name)!.read(buffer, "");
};
const integer = (
  width: Stored["width"],
  view: (buffer: ArrayBuffer) => Iterable<number | bigint>,
  ofFields: Stored["ofFields"] = (proto) => proto.int32s,
): Stored => ({
  width,
  dtype: "float64",
  ofBytes: (buffer) => Float64Array.from(view(buffer) as Iterable<number>, Number),
  ofFields,
});

/** Float16 and bfloat16 are in the field for integers, as bits. */
const halves = (name: string): Stored => ({
  width: 2,
  dtype: "float32",
  ofBytes: floating(name),
  ofFields: ({ int32s }) => floating(name)(Uint16Array.from(int32s, Number).buffer),
});

/** How elements are stored, by type. What is not here (strings, complex numbers, floats of 8 bits) is refused. */
const stored: ReadonlyMap<number, Stored> = /* @__PURE__ */ new Map<number, Stored>([
  [elements.float32, { width: 4, dtype: "float32", ofBytes: floating("F32"), ofFields: (proto) => proto.floats }],
  [elements.float64, { width: 8, dtype: "float64", ofBytes: floating("F64"), ofFields: (proto) => proto.doubles }],
  [elements.float16, halves("F16")],
  [elements.bfloat16, halves("BF16")],
  [elements.bool, { width: 1, dtype: "bool", ofBytes: floating("BOOL"), ofFields: (proto) => proto.int32s }],
  [elements.int8, integer(1, (buffer) => new Int8Array(buffer))],
  [elements.uint8, integer(1, (buffer) => new Uint8Array(buffer))],
  [elements.int16, integer(2, (buffer) => new Int16Array(buffer))],
  [elements.uint16, integer(2, (buffer) => new Uint16Array(buffer))],
  [elements.int32, integer(4, (buffer) => new Int32Array(buffer))],
  [
    elements.uint32,
    integer(
      4,
      (buffer) => new Uint32Array(buffer),
      (proto) => proto.uint64s,
    ),
  ],
  [
    elements.int64,
    integer(
      8,
      (buffer) => new BigInt64Array(buffer),
      (proto) => proto.int64s,
    ),
  ],
  [
    elements.uint64,
    integer(
      8,
      (buffer) => new BigUint64Array(buffer),
      (proto) => proto.uint64s,
    ),
  ],
]);

/** The library's dtype for an element type, while a model runs; null for one that it has none for. */
export function dtypeOf(type: number): DType | null {
  const found = stored.get(type);
  if (found === undefined) return null;
  return isInteger(type) ? "int32" : found.dtype;
}

/** Whether an element type is an integer of some width. */
export function isInteger(type: number): boolean {
  return (type >= elements.uint8 && type <= elements.int64) || type === elements.uint32 || type === elements.uint64;
}

/** The element type that a dtype of the library has. */
export function elementOf(dtype: DType): number {
  return elements[dtype];
}

/** The tensor in a file, checked: no memory is taken for anything that is not in it. */
export function readTensor(op: string, proto: TensorProto, place: string): Value {
  const type = Number(proto.dataType ?? 0n);
  const kind = stored.get(type);
  if (kind === undefined) {
    throw new OnnxError("UNSUPPORTED", op, "tensors must be of numbers or bools", `${elementName(type)} in ${place}`);
  }
  if (Number(proto.location ?? 0n) === 1 || proto.external.length > 0) {
    const path = proto.external.find(({ key }) => key === "location")?.value ?? "another file";
    const hint = "put all in one file: onnx.save_model(model, path, save_as_external_data=False)";
    throw new OnnxError("UNSUPPORTED", op, "data must be in the file", `${JSON.stringify(path)} for ${place}`, hint);
  }
  const shape = proto.dims.map(Number);
  const size = shape.reduce((product, n) => product * n, 1);
  if (!shape.every((n) => Number.isSafeInteger(n) && n >= 0) || !Number.isSafeInteger(size)) {
    throw new OnnxError("INVALID", op, "a tensor must have a shape", `[${shape.join(", ")}] of ${place}`);
  }
  const values = proto.raw === undefined ? ofFields(proto, kind, size) : ofRaw(proto.raw, kind, size);
  if (values === null) {
    throw new OnnxError("INVALID", op, `[${shape.join(", ")}] needs ${size} elements`, `other data for ${place}`);
  }
  // Those of 2⁶² and more mean the end of an axis, whatever its length.
  const isRounded = (v: number): boolean => Math.abs(v) > Number.MAX_SAFE_INTEGER && Math.abs(v) < 2 ** 62;
  const lost = isInteger(type) && kind.width === 8 ? (values as Float64Array).find(isRounded) : undefined;
  if (lost !== undefined) {
    const got = `about ${lost} in ${place}`;
    throw new OnnxError("UNSUPPORTED", op, "integers must be from −2⁵³ to 2⁵³ to be exact here", got);
  }
  return { x: new Tensor(values, shape, kind.dtype), type, isFixed: true };
}

function ofRaw(raw: Uint8Array, kind: Stored, size: number): TypedArray | null {
  if (raw.length !== size * kind.width) return null;
  const own = new Uint8Array(raw); // a copy, which lies at a multiple of any size
  toLittleEndian(own, kind.width);
  return kind.ofBytes(own.buffer);
}

function ofFields(proto: TensorProto, kind: Stored, size: number): TypedArray | null {
  const given = [...kind.ofFields(proto)];
  if (given.length !== size) return null;
  const values = allocate(kind.dtype, size, "fromOnnx");
  given.forEach((value, i) => {
    values[i] = kind.dtype === "bool" ? +(Number(value) !== 0) : Number(value);
  });
  return values;
}

/** A tensor as it is written to a file. int32 goes out as int64 where ONNX wants that of indices. */
export function writeTensor(x: Tensor, name?: string, isIndex = false): TensorProto {
  const { values, shape, dtype } = x;
  const elementsOf = isIndex ? BigInt64Array.from(values as Iterable<number>, (v) => BigInt(v)) : values;
  const raw = new Uint8Array(elementsOf.byteLength);
  raw.set(new Uint8Array(elementsOf.buffer, elementsOf.byteOffset, elementsOf.byteLength));
  toLittleEndian(raw, elementsOf.BYTES_PER_ELEMENT);
  return {
    dims: shape.map(BigInt),
    dataType: BigInt(isIndex ? elements.int64 : elementOf(dtype)),
    ...(name !== undefined && { name }),
    raw,
    ...{ floats: [], int32s: [], strings: [], int64s: [], doubles: [], uint64s: [], external: [] },
  };
}
