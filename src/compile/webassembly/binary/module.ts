import { type Assembler, type ValueType, valueTypes } from "./assembler.ts";
import { encodeName, encodeU32 } from "./encoding.ts";

/** The parameters of a function, and its result. */
interface Signature {
  readonly params: readonly ValueType[];
  readonly result: ValueType | null;
}

/** Puts functions together into the bytes of a WebAssembly module, which imports its memory. */
export class ModuleBuilder {
  readonly #types: Signature[] = [];
  readonly #imports: { readonly name: string; readonly type: number }[] = [];
  readonly #functions: { readonly type: number; readonly body: readonly number[] }[] = [];
  readonly #exports: { readonly name: string; readonly func: number }[] = [];

  /** Imports a function as `env.name`; all of them before the first `define`. Returns its number. */
  import(name: string, params: readonly ValueType[], result: ValueType | null): number {
    const known = this.#imports.findIndex((entry) => entry.name === name);
    if (known >= 0) return known;
    this.#imports.push({ name, type: this.#type(params, result) });
    return this.#imports.length - 1;
  }

  /** Adds a function; returns its number. */
  define(code: Assembler, result: ValueType | null = null): number {
    const params = code.params.map(({ type }) => type);
    this.#functions.push({ type: this.#type(params, result), body: code.body });
    return this.#imports.length + this.#functions.length - 1;
  }

  export(name: string, func: number): void {
    this.#exports.push({ name, func });
  }

  /** @param isShared - whether the memory is shared between threads. */
  build(isShared = false): Uint8Array<ArrayBuffer> {
    const memory = { name: "memory", type: -1 };
    return joined([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, this.#types, (bytes, { params, result }) => {
        bytes.push(0x60);
        encodeU32(bytes, params.length);
        for (const type of params) bytes.push(valueTypes[type]);
        if (result === null) bytes.push(0);
        else bytes.push(1, valueTypes[result]);
      }),
      ...section(2, [...this.#imports, memory], (bytes, { name, type }) => {
        encodeName(bytes, "env");
        encodeName(bytes, name);
        if (type >= 0) {
          bytes.push(0);
          encodeU32(bytes, type);
        } else {
          bytes.push(2, isShared ? 3 : 1, 1);
          encodeU32(bytes, 65536);
        }
      }),
      ...section(3, this.#functions, (bytes, { type }) => encodeU32(bytes, type)),
      ...section(7, this.#exports, (bytes, { name, func }) => {
        encodeName(bytes, name);
        bytes.push(0);
        encodeU32(bytes, func);
      }),
      ...wrapped(10, this.#functions.length, this.#functions.map(({ body }) => body)), // biome-ignore format: one line
    ]);
  }

  #type(params: readonly ValueType[], result: ValueType | null): number {
    const same = ({ params: p, result: r }: Signature): boolean => r === result && `${p}` === `${params}`;
    const known = this.#types.findIndex(same);
    return known >= 0 ? known : this.#types.push({ params, result }) - 1;
  }
}

/** A section with entries that are written one after the other. */
function section<T>(id: number, entries: readonly T[], write: (bytes: number[], entry: T) => void): Piece[] {
  const bytes: number[] = [];
  for (const entry of entries) write(bytes, entry);
  return wrapped(id, entries.length, [bytes]);
}

/** Bytes of a module, which are put one after the other in the end, and not before. */
type Piece = readonly number[];

function wrapped(id: number, count: number, pieces: readonly Piece[]): Piece[] {
  const counted: number[] = [];
  encodeU32(counted, count);
  const head = [id];
  encodeU32(head, lengthOf([counted, ...pieces]));
  return [head, counted, ...pieces];
}

const lengthOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { length }) => sum + length, 0);

function joined(pieces: readonly Piece[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
