import { readFileSync } from "node:fs";
import { reshape, type Tensor, type TypedArray, tensor } from "../../src/index.ts";

/** The tensors of a safetensors file, as fresh leaves made on demand; only what the conformance data holds: F64, I64, BOOL, U8. */
export class TensorFile {
  private readonly bytes: Uint8Array;
  private readonly header: Readonly<Record<string, Entry>>;
  private readonly start: number;

  constructor(path: string) {
    this.bytes = new Uint8Array(readFileSync(path)); // a Buffer's own slice() would not copy
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset);
    const length = Number(view.getBigUint64(0, true));
    this.start = 8 + length;
    this.header = JSON.parse(new TextDecoder().decode(this.bytes.subarray(8, this.start)));
  }

  /** A fresh leaf; I64 and U8 become int32, the library's dtype for indices. */
  read(key: string): Tensor {
    const entry = this.header[key];
    if (entry === undefined) throw new Error(`no tensor ${key} in the file`);
    const [from, to] = entry.data_offsets;
    // A copy, because the data need not lie at a multiple of the element's size.
    const { buffer } = this.bytes.slice(this.start + from, this.start + to);
    return reshape(decode(entry.dtype, buffer), entry.shape);
  }
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

function decode(dtype: string, buffer: ArrayBufferLike): Tensor {
  switch (dtype) {
    case "F64":
      return tensor(new Float64Array(buffer));
    case "I64":
      return tensor(toInt32(Array.from(new BigInt64Array(buffer), Number)));
    case "U8":
      return tensor(toInt32(new Uint8Array(buffer)));
    case "BOOL":
      return tensor(new Uint8Array(buffer), { dtype: "bool" });
    default:
      throw new Error(`dtype ${dtype} is not one of F64, I64, U8, BOOL`);
  }
}

function toInt32(values: ArrayLike<number>): TypedArray {
  const result = Int32Array.from(values);
  if (result.some((v, i) => v !== values[i])) throw new Error("an integer does not fit into int32");
  return result;
}
