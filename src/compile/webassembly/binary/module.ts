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
    const out: number[] = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    section(out, 1, this.#types, (bytes, { params, result }) => {
      bytes.push(0x60);
      encodeU32(bytes, params.length);
      for (const type of params) bytes.push(valueTypes[type]);
      if (result === null) bytes.push(0);
      else bytes.push(1, valueTypes[result]);
    });
    const memory = { name: "memory", type: -1 };
    section(out, 2, [...this.#imports, memory], (bytes, { name, type }) => {
      encodeName(bytes, "env");
      encodeName(bytes, name);
      if (type >= 0) {
        bytes.push(0);
        encodeU32(bytes, type);
      } else {
        bytes.push(2, isShared ? 3 : 1, 1);
        encodeU32(bytes, 65536);
      }
    });
    section(out, 3, this.#functions, (bytes, { type }) => encodeU32(bytes, type));
    section(out, 7, this.#exports, (bytes, { name, func }) => {
      encodeName(bytes, name);
      bytes.push(0);
      encodeU32(bytes, func);
    });
    section(out, 10, this.#functions, (bytes, { body }) => append(bytes, body));
    return Uint8Array.from(out);
  }

  #type(params: readonly ValueType[], result: ValueType | null): number {
    const same = ({ params: p, result: r }: Signature): boolean => r === result && `${p}` === `${params}`;
    const known = this.#types.findIndex(same);
    return known >= 0 ? known : this.#types.push({ params, result }) - 1;
  }
}

function section<T>(
  out: number[],
  id: number,
  entries: readonly T[],
  write: (bytes: number[], entry: T) => void,
): void {
  const bytes: number[] = [];
  encodeU32(bytes, entries.length);
  for (const entry of entries) write(bytes, entry);
  out.push(id);
  encodeU32(out, bytes.length);
  append(out, bytes);
}

function append(out: number[], bytes: readonly number[]): void {
  for (let i = 0; i < bytes.length; i++) out.push(bytes[i]!);
}
