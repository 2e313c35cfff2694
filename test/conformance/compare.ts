import type { DType, Tensor } from "../../src/index.ts";

/** A reference value: flat, row-major. */
export interface Expected {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly values: ArrayLike<number>;
}

/** How closely a value must be met. */
export interface Tolerance {
  /** Largest error relative to the expected element. */
  readonly relative: number;
  /** Largest error where the expected element is 0 or a result of cancellation; 0, so none, unless a case states it. */
  readonly absolute?: number;
  /** Whether zeros must agree in sign. */
  readonly zeroSign?: boolean;
}

/**
 * Says where a value departs from what is expected, or null if it does not.
 *
 * Shape and dtype must be equal. Elements: NaN equals NaN only, infinities by sign, so no non-finite value passes for another; else
 * the error must be within `relative` of the expected element.
 */
export function difference(actual: Tensor | null, expected: Expected | null, tolerance: Tolerance): string | null {
  if (actual === null || expected === null) {
    if (actual === expected) return null;
    return actual === null ? "null (no path), expected a tensor" : `${actual}, expected null (no path)`;
  }
  if (actual.shape.join() !== expected.shape.join()) {
    return `shape [${actual.shape.join(", ")}], expected [${expected.shape.join(", ")}]`;
  }
  if (actual.dtype !== expected.dtype) return `dtype ${actual.dtype}, expected ${expected.dtype}`;
  const got = actual.data;
  for (let i = 0; i < got.length; i++) {
    const e = expected.values[i]!;
    if (!agree(got[i]!, e, tolerance)) return `${show(got[i]!)} at element ${i}, expected ${show(e)}`;
  }
  return null;
}

/** Whether one element is as expected. */
export function agree(a: number, e: number, { relative, absolute = 0, zeroSign = false }: Tolerance): boolean {
  if (Number.isNaN(e)) return Number.isNaN(a);
  if (!Number.isFinite(e)) return a === e;
  if (!Number.isFinite(a)) return false;
  if (zeroSign && e === 0 && a === 0) return Object.is(a, e);
  // A subnormal double has fewer than 53 bits: an error of its last one is rounding too.
  return a === e || Math.abs(a - e) <= Math.max(relative * Math.abs(e), absolute, Number.MIN_VALUE);
}

function show(v: number): string {
  return Object.is(v, -0) ? "-0" : String(v);
}
