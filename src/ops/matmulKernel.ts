import type { TypedArray } from "../core/dtype.ts";

/** The panel of small products, which nobody sees. */
const scratch = /* @__PURE__ */ new Float64Array(4096);

/**
 * One matrix product, `y[i, j] = Σₖ a[i, k] b[k, j]`, with any strides, into the dense `y` from `yAt` on.
 *
 * Four columns of `b` at a time are packed side by side, so the inner loop reads memory in order whatever the strides, and 2 × 4
 * sums are kept in registers: half as fast again as 1 × 4 (`npm run bench`, matmul), while 4 × 4 spill.
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
  const length = k * 4;
  const panel = length > scratch.length ? new Float64Array(length) : scratch;
  for (let j = 0; j < n; j += 4) {
    const width = Math.min(4, n - j);
    // Columns beyond the width keep what the last block left there; their sums are not read.
    for (let c = 0; c < width; c++) {
      for (let p = c, x = bAt + (j + c) * bj; p < length; p += 4, x += bk) panel[p] = b[x]!;
    }
    for (let i = 0; i < m; i += 2) {
      const row = i + 1 < m ? ai : 0; // a last odd row is paired with itself
      let [s0, s1, s2, s3, t0, t1, t2, t3] = [0, 0, 0, 0, 0, 0, 0, 0];
      for (let p = 0, x = aAt + i * ai; p < length; p += 4, x += ak) {
        const v = a[x]!;
        const w = a[x + row]!;
        const b0 = panel[p]!;
        const b1 = panel[p + 1]!;
        const b2 = panel[p + 2]!;
        const b3 = panel[p + 3]!;
        s0 += v * b0;
        s1 += v * b1;
        s2 += v * b2;
        s3 += v * b3;
        t0 += w * b0;
        t1 += w * b1;
        t2 += w * b2;
        t3 += w * b3;
      }
      const at = yAt + i * n + j;
      store(y, at, width, s0, s1, s2, s3);
      if (row !== 0) store(y, at + n, width, t0, t1, t2, t3);
    }
  }
}

function store(y: TypedArray, at: number, width: number, s0: number, s1: number, s2: number, s3: number): void {
  y[at] = s0;
  if (width > 1) y[at + 1] = s1;
  if (width > 2) y[at + 2] = s2;
  if (width > 3) y[at + 3] = s3;
}

/** The same for integers of any size, exact where int32 holds the result: products are taken apart into multiples of 2³² and the rest. */
export const multiplyIntegers: typeof multiplyMatrices = (y, yAt, m, k, n, a, aAt, ai, ak, b, bAt, bk, bj) => {
  for (let i = 0, at = yAt; i < m; i++) {
    for (let j = 0; j < n; j++, at++) {
      let [high, low] = [0, 0];
      for (let p = 0, q = aAt + i * ai, r = bAt + j * bj; p < k; p++, q += ak, r += bk) {
        const last = Math.imul(a[q]!, b[r]!);
        low += last;
        high += Math.round((a[q]! * b[r]! - last) / 2 ** 32);
      }
      y[at] = high * 2 ** 32 + low;
    }
  }
};
