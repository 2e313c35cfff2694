import type { DType } from "./dtype.ts";

/** Products of matrices of m rows, n columns and k terms, `batch` of them one after the other. */
export interface Product {
  readonly dtype: DType;
  readonly batch: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** Which operands are stored transposed. */
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** What multiplies matrices outside of JavaScript and WebAssembly, where they lie. It throws nothing. */
export interface Products {
  /** Whether it takes these, and is the faster way. None without elements or terms. */
  takes(product: Product): boolean;
  /** The address in the process of a buffer's first byte; of memory that may grow, until it does. */
  addressOf(buffer: ArrayBuffer): number;
  /** y = a·b, at addresses in the process. */
  multiply(product: Product, a: number, b: number, y: number): void;
}
