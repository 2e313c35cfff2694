import type { Schema } from "./wire.ts";

// The messages of ONNX (onnx.proto3, of which field numbers never change), with those fields that are read or written here. Others are skipped.

export interface ModelProto {
  irVersion?: bigint;
  producerName?: string;
  producerVersion?: string;
  graph?: GraphProto;
  opsetImport: OperatorSet[];
  metadata: Entry[];
  functions: FunctionProto[];
}
export interface OperatorSet {
  domain?: string;
  version?: bigint;
}
export interface Entry {
  key?: string;
  value?: string;
}
/** A function that a model brings along; only its name is read. */
export interface FunctionProto {
  name?: string;
}
export interface GraphProto {
  nodes: NodeProto[];
  name?: string;
  initializers: TensorProto[];
  sparse: Entry[];
  inputs: ValueInfo[];
  outputs: ValueInfo[];
}
export interface NodeProto {
  inputs: string[];
  outputs: string[];
  name?: string;
  type?: string;
  attributes: AttributeProto[];
  domain?: string;
}
export interface AttributeProto {
  name?: string;
  f?: number;
  i?: bigint;
  s?: Uint8Array;
  t?: TensorProto;
  /** A graph inside of a node: control flow, which is refused. Its content is not looked at. */
  g?: Uint8Array;
  floats: number[];
  ints: bigint[];
  strings: Uint8Array[];
  type?: bigint;
  reference?: string;
}
export interface TensorProto {
  dims: bigint[];
  dataType?: bigint;
  floats: number[];
  int32s: bigint[];
  strings: Uint8Array[];
  int64s: bigint[];
  name?: string;
  raw?: Uint8Array;
  doubles: number[];
  uint64s: bigint[];
  external: Entry[];
  location?: bigint;
}
export interface ValueInfo {
  name?: string;
  type?: TypeProto;
}
export interface TypeProto {
  tensor?: TensorType;
}
export interface TensorType {
  element?: bigint;
  shape?: ShapeProto;
}
export interface ShapeProto {
  dims: Dimension[];
}
export interface Dimension {
  value?: bigint;
  param?: string;
}

const entry: Schema<Entry> = { key: [1, "string"], value: [2, "string"] };
const operatorSet: Schema<OperatorSet> = { domain: [1, "string"], version: [2, "int"] };
const dimension: Schema<Dimension> = { value: [1, "int"], param: [2, "string"] };
const shape: Schema<ShapeProto> = { dims: [1, () => dimension, true] };
const tensorType: Schema<TensorType> = { element: [1, "int"], shape: [2, () => shape] };
const type: Schema<TypeProto> = { tensor: [1, () => tensorType] };
const valueInfo: Schema<ValueInfo> = { name: [1, "string"], type: [2, () => type] };
const functionProto: Schema<FunctionProto> = { name: [1, "string"] };

export const tensorProto: Schema<TensorProto> = {
  dims: [1, "int", true],
  dataType: [2, "int"],
  floats: [4, "float", true],
  int32s: [5, "int", true],
  strings: [6, "bytes", true],
  int64s: [7, "int", true],
  name: [8, "string"],
  raw: [9, "bytes"],
  doubles: [10, "double", true],
  uint64s: [11, "int", true],
  external: [13, () => entry, true],
  location: [14, "int"],
};

const attribute: Schema<AttributeProto> = {
  name: [1, "string"],
  f: [2, "float"],
  i: [3, "int"],
  s: [4, "bytes"],
  t: [5, () => tensorProto],
  g: [6, "bytes"],
  floats: [7, "float", true],
  ints: [8, "int", true],
  strings: [9, "bytes", true],
  type: [20, "int"],
  reference: [21, "string"],
};

const node: Schema<NodeProto> = {
  inputs: [1, "string", true],
  outputs: [2, "string", true],
  name: [3, "string"],
  type: [4, "string"],
  attributes: [5, () => attribute, true],
  domain: [7, "string"],
};

const graph: Schema<GraphProto> = {
  nodes: [1, () => node, true],
  name: [2, "string"],
  initializers: [5, () => tensorProto, true],
  sparse: [15, () => entry, true],
  inputs: [11, () => valueInfo, true],
  outputs: [12, () => valueInfo, true],
};

export const modelProto: Schema<ModelProto> = {
  irVersion: [1, "int"],
  producerName: [2, "string"],
  producerVersion: [3, "string"],
  graph: [7, () => graph],
  opsetImport: [8, () => operatorSet, true],
  metadata: [14, () => entry, true],
  functions: [25, () => functionProto, true],
};

/** The numbers of ONNX for element types. */
export const elements = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  complex128: 15,
  bfloat16: 16,
} as const;

/** The name of an element type, as errors show it. */
export function elementName(type: number): string {
  return Object.entries(elements).find(([, number]) => number === type)?.[0] ?? `element type ${type}`;
}
