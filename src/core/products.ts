import type { MatmulNode } from "../compile/ir/matmul.ts";
import type { WindowOperands } from "../compile/windowOperand.ts";
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
  /** Elements that have to be copied before. */
  readonly copied?: number;
}

/** One product of matrices that are parts of others. */
export interface PartProduct extends Omit<Product, "batch" | "copied"> {
  /** Elements from one row to the next, of the operands as they are stored, and of the result. */
  readonly strideA: number;
  readonly strideB: number;
  readonly strideY: number;
  /** Whether it is added to what is there. */
  readonly isAdded: boolean;
}

/** How a product with a window is computed part by part, as the backend wants it that calls for them. */
export interface Panels {
  /** Bytes of the room that it needs. */
  readonly bytes: number;
}

/** What multiplies matrices outside of JavaScript and WebAssembly, where they lie. It throws nothing. */
export interface Products {
  /** Whether it takes these, and is the faster way. None without elements or terms. */
  takes(product: Product): boolean;
  /** The address in the process of a buffer's first byte; of memory that may grow, until it does. */
  addressOf(buffer: ArrayBuffer): number;
  /** y = a·b, at addresses in the process. */
  multiply(product: Product, a: number, b: number, y: number): void;
  /** The same for parts of matrices. */
  multiplyPart(product: PartProduct, a: number, b: number, y: number): void;
  /** How it computes a product with windows, part by part; null if it is not the faster way. */
  panels(node: MatmulNode, windows: WindowOperands): Panels | null;
}
