import type { TypedArray } from "../core/dtype.ts";

/** Width of the column panels, and height of the row blocks, that are multiplied in registers. */
const tile = 4;

/**
 * One matrix product, `y[i, j] = Σₖ a[i, k] b[k, j]`, with any strides, into the dense `y` from `yAt` on.
 *
 * Four columns of `b` at a time are packed side by side, so that the inner loop reads memory in order whatever the strides,
 * and 2 × 4 sums are kept in registers (`bench/matmul.ts`; 4 × 4 sums spill).
 */
export function multiplyMatrices(
  y: TypedArray,
  yAt: number,
  m: number,
  k: number,
  n: number,
  a: TypedArray,
  aAt: number,
  ai: number,
  ak: number,
  b: TypedArray,
  bAt: number,
  bk: number,
  bj: number,
): void {
  const wide = n - (n % tile);
  if (wide > 0) {
    const panel = new Float64Array(k * tile);
    for (let j = 0; j < wide; j += tile) {
      for (let p = 0, at = bAt + j * bj, q = 0; p < k; p++, at += bk, q += tile) {
        panel[q] = b[at]!;
        panel[q + 1] = b[at + bj]!;
        panel[q + 2] = b[at + 2 * bj]!;
        panel[q + 3] = b[at + 3 * bj]!;
      }
      let i = 0;
      for (; i + 1 < m; i += 2) twoRows(y, yAt + i * n + j, n, k, a, aAt + i * ai, ai, ak, panel);
      if (i < m) oneRow(y, yAt + i * n + j, k, a, aAt + i * ai, ak, panel);
    }
  }
  for (let j = wide; j < n; j++) {
    for (let i = 0; i < m; i++) {
      let s = 0;
      for (let p = 0, x = aAt + i * ai, z = bAt + j * bj; p < k; p++, x += ak, z += bk) s += a[x]! * b[z]!;
      y[yAt + i * n + j] = s;
    }
  }
}

function twoRows(
  y: TypedArray,
  at: number,
  n: number,
  k: number,
  a: TypedArray,
  aAt: number,
  ai: number,
  ak: number,
  panel: Float64Array,
): void {
  let [s00, s01, s02, s03] = [0, 0, 0, 0];
  let [s10, s11, s12, s13] = [0, 0, 0, 0];
  for (let q = 0, x = aAt, end = k * tile; q < end; q += tile, x += ak) {
    const a0 = a[x]!;
    const a1 = a[x + ai]!;
    const b0 = panel[q]!;
    const b1 = panel[q + 1]!;
    const b2 = panel[q + 2]!;
    const b3 = panel[q + 3]!;
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
  }
  y[at] = s00;
  y[at + 1] = s01;
  y[at + 2] = s02;
  y[at + 3] = s03;
  y[at + n] = s10;
  y[at + n + 1] = s11;
  y[at + n + 2] = s12;
  y[at + n + 3] = s13;
}

function oneRow(
  y: TypedArray,
  at: number,
  k: number,
  a: TypedArray,
  aAt: number,
  ak: number,
  panel: Float64Array,
): void {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let q = 0, x = aAt, end = k * tile; q < end; q += tile, x += ak) {
    const v = a[x]!;
    s0 += v * panel[q]!;
    s1 += v * panel[q + 1]!;
    s2 += v * panel[q + 2]!;
    s3 += v * panel[q + 3]!;
  }
  y[at] = s0;
  y[at + 1] = s1;
  y[at + 2] = s2;
  y[at + 3] = s3;
}
