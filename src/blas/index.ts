/**
 * Products of matrices by a BLAS library: OpenBLAS, BLIS or Accelerate. For Node, Deno and Bun.
 *
 * @module tinygrad-ts/blas
 */

export { type Blas, type BlasOptions, blas } from "./blas.ts";
export { BlasError } from "./errors.ts";
export { useBlas } from "./useBlas.ts";
