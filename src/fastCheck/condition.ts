/**
 * The condition number in the 2-norm, the greatest singular value by the least, by one-sided Jacobi rotations (Hestenes, 1958), which
 * find small singular values to full relative precision.
 *
 * @param values - a square matrix, row-major.
 * @param n - its size, 1 or more.
 * @returns 1 or more; Infinity for a singular matrix.
 */
export function conditionNumber(values: Float64Array, n: number): number {
  // Rows may stand for columns: a matrix and its transpose have the same singular values.
  const rows = Array.from({ length: n }, (_, i) => values.slice(i * n, (i + 1) * n));
  for (let sweep = 0; sweep < 60; sweep++) {
    let isDone = true;
    for (let i = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++) if (rotate(rows[i]!, rows[j]!)) isDone = false;
    }
    if (isDone) break;
  }
  const norms = rows.map((row) => Math.sqrt(dot(row, row)));
  const least = Math.min(...norms);
  return least > 0 ? Math.max(...norms) / least : Number.POSITIVE_INFINITY;
}

/** Makes two vectors orthogonal by a rotation of the plane that they span; false if they were, but for rounding. */
function rotate(u: Float64Array, v: Float64Array): boolean {
  const [uu, vv, uv] = [dot(u, u), dot(v, v), dot(u, v)];
  if (Math.abs(uv) <= 1e-15 * Math.sqrt(uu * vv)) return false;
  const zeta = (vv - uu) / (2 * uv);
  const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const c = 1 / Math.hypot(1, t);
  const s = c * t;
  for (let k = 0; k < u.length; k++) {
    const [x, y] = [u[k]!, v[k]!];
    u[k] = c * x - s * y;
    v[k] = s * x + c * y;
  }
  return true;
}

function dot(u: Float64Array, v: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < u.length; k++) sum += u[k]! * v[k]!;
  return sum;
}

/** Whether a symmetric matrix is positive definite: whether it has a Cholesky factor. */
export function isPositiveDefinite(values: Float64Array, n: number): boolean {
  const factor = values.slice();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = factor[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= factor[i * n + k]! * factor[j * n + k]!;
      if (i === j && !(sum > 0)) return false;
      factor[i * n + j] = i === j ? Math.sqrt(sum) : sum / factor[j * n + j]!;
    }
  }
  return true;
}
