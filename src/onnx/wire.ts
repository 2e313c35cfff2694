import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { fromUtf8, toUtf8 } from "../safetensors/utf8.ts";
import { OnnxError } from "./error.ts";

/** How a field is written: `int` is a varint of 64 bits, held as a bigint. */
type Scalar = "int" | "float" | "double" | "string" | "bytes";

type ScalarOf<T> = T extends bigint
  ? "int"
  : T extends number
    ? "float" | "double"
    : T extends string
      ? "string"
      : T extends Uint8Array
        ? "bytes"
        : () => Schema<T>;

type Field<T> =
  NonNullable<T> extends readonly (infer E)[]
    ? readonly [number: number, kind: ScalarOf<E>, isRepeated: true]
    : readonly [number: number, kind: ScalarOf<NonNullable<T>>];

/** The fields of a message: for each its number, and how it is written. Repeated fields are arrays, the others may be undefined. */
export type Schema<T> = { readonly [K in keyof T]-?: Field<T[K]> };

type AnyField = readonly [number: number, kind: Scalar | (() => AnySchema), isRepeated?: true];
interface AnySchema {
  readonly [field: string]: AnyField;
}
interface AnyMessage {
  [field: string]: unknown;
}

/** Most levels of messages in messages. */
const deepest = 64;

/**
 * Reads a message.
 *
 * @throws {@link OnnxError} MALFORMED for bytes that are none.
 */
export function readMessage<T>(op: string, bytes: Uint8Array, schema: Schema<T>): T {
  try {
    return read(new BinaryReader(bytes, textOf), bytes.length, schema as unknown as AnySchema, 0) as T;
  } catch (error) {
    if (error instanceof OnnxError || !(error instanceof Error)) throw error;
    const hint = "is the file complete?";
    throw new OnnxError("MALFORMED", op, "the bytes must be a protobuf message", error.message, hint);
  }
}

function textOf(bytes: Uint8Array): string {
  const text = fromUtf8(bytes);
  if (text === null) throw new RangeError("a text that is not UTF-8");
  return text;
}

/** The wire type of each kind; a repeated number may also come packed, in a block of bytes. */
const wireTypes: { readonly [kind in Scalar]: WireType } = { int: 0, float: 5, double: 1, string: 2, bytes: 2 };

/** The fields of a message as they are looked for: by number, and those that are lists. */
interface Table {
  readonly fields: readonly (readonly [name: string, ...AnyField] | undefined)[];
  readonly lists: readonly string[];
}

const tables = /* @__PURE__ */ new WeakMap<AnySchema, Table>();

/** The table of a schema, which is made once: a file has many messages of a kind. */
function tableOf(schema: AnySchema): Table {
  const known = tables.get(schema);
  if (known !== undefined) return known;
  const fields: (readonly [string, ...AnyField])[] = [];
  for (const [name, field] of Object.entries(schema)) fields[field[0]] = [name, ...field];
  const table = { fields, lists: Object.keys(schema).filter((name) => schema[name]![2]) };
  tables.set(schema, table);
  return table;
}

function read(reader: BinaryReader, end: number, schema: AnySchema, depth: number): AnyMessage {
  if (depth > deepest) throw new RangeError(`more than ${deepest} messages in each other`);
  const message: AnyMessage = {};
  const { fields, lists } = tableOf(schema);
  for (const name of lists) message[name] = [];
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    const field = fields[number];
    if (field === undefined) {
      reader.skip(wireType, number);
      continue;
    }
    const [name, , kind, isRepeated] = field;
    if (typeof kind !== "string" || wireType === wireTypes[kind]) {
      if (typeof kind !== "string" && wireType !== WireType.LengthDelimited) throw wrongType(name, wireType);
      const value = readOne(reader, kind, depth);
      if (isRepeated) (message[name] as unknown[]).push(value);
      else message[name] = value;
    } else if (isRepeated && wireType === WireType.LengthDelimited) {
      const until = lengthOf(reader) + reader.pos;
      while (reader.pos < until) (message[name] as unknown[]).push(readOne(reader, kind, depth));
      if (reader.pos > until) throw new RangeError(`numbers of ${name} that are cut off`);
    } else throw wrongType(name, wireType);
  }
  if (reader.pos > end) throw new RangeError("a message that is longer than its place");
  return message;
}

function wrongType(name: string, wireType: number): RangeError {
  return new RangeError(`the wire type ${wireType} for ${name}`);
}

function readOne(reader: BinaryReader, kind: Scalar | (() => AnySchema), depth: number): unknown {
  switch (kind) {
    case "int":
      return BigInt(reader.int64());
    case "float":
      return reader.float();
    case "double":
      return reader.double();
    case "string":
      return reader.string();
    case "bytes":
      lengthOf(reader, true);
      return reader.bytes();
    default:
      return read(reader, lengthOf(reader) + reader.pos, kind(), depth + 1);
  }
}

/** A length, which must lie within the bytes that there are. */
function lengthOf(reader: BinaryReader, isLookedAt = false): number {
  const before = reader.pos;
  const length = reader.uint32();
  if (length > reader.len - reader.pos) {
    throw new RangeError(`a part of ${length} bytes where ${reader.len - reader.pos} are left`);
  }
  if (isLookedAt) reader.pos = before;
  return length;
}

/** Writes a message. Fields that are undefined are left out. */
export function writeMessage<T extends object>(message: T, schema: Schema<T>): Uint8Array {
  return write(new BinaryWriter(encodeInto), message as AnyMessage, schema as unknown as AnySchema).finish();
}

const encodeInto = (text: string): Uint8Array<ArrayBuffer> => toUtf8(text) as Uint8Array<ArrayBuffer>;

function write(writer: BinaryWriter, message: AnyMessage, schema: AnySchema): BinaryWriter {
  for (const [name, [number, kind, isRepeated]] of Object.entries(schema)) {
    const value = message[name];
    const values = isRepeated ? ((value ?? []) as unknown[]) : value === undefined ? [] : [value];
    for (const one of values) {
      if (typeof kind === "string") writeOne(writer.tag(number, wireTypes[kind]), kind, one);
      else write(writer.tag(number, WireType.LengthDelimited).fork(), one as AnyMessage, kind()).join();
    }
  }
  return writer;
}

function writeOne(writer: BinaryWriter, kind: Scalar, value: unknown): void {
  switch (kind) {
    case "int":
      writer.int64(value as bigint);
      return;
    case "float":
      writer.float(value as number);
      return;
    case "double":
      writer.double(value as number);
      return;
    case "string":
      writer.string(value as string);
      return;
    default:
      writer.bytes(value as Uint8Array);
  }
}
