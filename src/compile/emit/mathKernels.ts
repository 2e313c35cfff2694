import type { Assembler, Local } from "../wasm/assembler.ts";
import { repeated } from "./vector.ts";

// Elementary functions of four float32. The reductions and the polynomials' coefficients are those of S. L. Moshier's Cephes library
// (expf.c, logf.c, tanhf.c).

const f32 = (value: number): Uint8Array => repeated(value, "float32");
const i32 = (value: number): Uint8Array => repeated(value, "int32");

/** Horner's rule, highest coefficient first: leaves the polynomial of x on the stack. */
function polynomial(c: Assembler, x: Local, coefficients: readonly number[]): void {
  coefficients.forEach((coefficient, i) => {
    if (i === 0) c.v128(f32(coefficient));
    else c.get(x).op("f32x4.mul").v128(f32(coefficient)).op("f32x4.add");
  });
}

const expCoefficients = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
];

/** Added to a number of up to 22 bits, it leaves its integer part, rounded, in the lowest bits. */
const rounder = 1.5 * 2 ** 23;
const rounderBits = 0x4b400000;

/**
 * Leaves eˣ on the stack: 2ⁿ e^r with |r| ≤ log(2)/2. 2ⁿ is multiplied in two halves, so that subnormal results come out right, unless x is
 * known to be from 0 to 80.
 */
export function emitExp(c: Assembler, x: Local, isModerate = false): void {
  const [n, r, y, k] = [c.local("v128"), c.local("v128"), c.local("v128"), c.local("v128")];
  if (isModerate) c.get(x).set(r);
  else c.get(x).v128(f32(-104)).op("f32x4.pmax").v128(f32(89)).op("f32x4.pmin").set(r); // which keep NaN
  c.get(r).v128(f32(Math.LOG2E)).op("f32x4.mul").v128(f32(rounder)).op("f32x4.add").tee(k);
  c.v128(f32(rounder)).op("f32x4.sub").set(n);
  c.get(r).get(n).v128(f32(0.693359375)).op("f32x4.mul", "f32x4.sub");
  c.get(n).v128(f32(-2.1219444e-4)).op("f32x4.mul", "f32x4.sub").set(r);
  polynomial(c, r, expCoefficients);
  c.get(r).get(r).op("f32x4.mul", "f32x4.mul").get(r).op("f32x4.add").v128(f32(1)).op("f32x4.add").set(y);
  if (isModerate) {
    c.get(y)
      .get(k)
      .v128(i32(rounderBits - 127))
      .op("i32x4.sub")
      .i32(23)
      .op("i32x4.shl", "f32x4.mul");
  } else {
    c.get(k).v128(i32(rounderBits)).op("i32x4.sub").tee(k).i32(1).op("i32x4.shr_s").set(n);
    c.get(y).get(n).v128(i32(127)).op("i32x4.add").i32(23).op("i32x4.shl", "f32x4.mul");
    c.get(k).get(n).op("i32x4.sub").v128(i32(127)).op("i32x4.add").i32(23).op("i32x4.shl", "f32x4.mul");
  }
  for (const local of [n, r, y, k]) c.release(local);
}

const logCoefficients = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
];

/** Leaves log(x) on the stack: x = 2ᵉ m with √½ ≤ m < √2. */
export function emitLog(c: Assembler, x: Local): void {
  const [v, e, m, z, mask] = [c.local("v128"), c.local("v128"), c.local("v128"), c.local("v128"), c.local("v128")];
  // Subnormal numbers are scaled up.
  c.get(x).v128(f32(1.1754943508222875e-38)).op("f32x4.lt").set(mask);
  c.get(x).v128(f32(8388608)).op("f32x4.mul").get(x).get(mask).op("v128.bitselect").set(v);
  c.get(v).i32(23).op("i32x4.shr_u").v128(i32(126)).op("i32x4.sub");
  c.get(mask).v128(i32(23)).op("v128.and", "i32x4.sub", "f32x4.convert_i32x4_s").set(e);
  c.get(v).v128(i32(0x007fffff)).op("v128.and").v128(i32(0x3f000000)).op("v128.or").set(m); // in [½, 1)
  c.get(m).v128(f32(Math.SQRT1_2)).op("f32x4.lt").set(mask);
  c.get(e).get(mask).v128(f32(1)).op("v128.and", "f32x4.sub").set(e);
  c.get(m).v128(f32(1)).op("f32x4.sub").get(mask).get(m).op("v128.and", "f32x4.add").set(m);
  c.get(m).get(m).op("f32x4.mul").set(z);
  polynomial(c, m, logCoefficients);
  c.get(m).op("f32x4.mul").get(z).op("f32x4.mul");
  c.get(e).v128(f32(-2.1219444e-4)).op("f32x4.mul", "f32x4.add");
  c.get(z).v128(f32(0.5)).op("f32x4.mul", "f32x4.sub");
  c.get(m).op("f32x4.add").get(e).v128(f32(0.693359375)).op("f32x4.mul", "f32x4.add").set(v);
  // +∞ for +∞, −∞ for ±0, NaN below 0 and for NaN.
  c.get(x).get(v).get(x).v128(f32(Number.POSITIVE_INFINITY)).op("f32x4.eq", "v128.bitselect").set(v);
  c.v128(f32(Number.NEGATIVE_INFINITY)).get(v).get(x).v128(f32(0)).op("f32x4.eq", "v128.bitselect");
  c.get(x)
    .v128(f32(0))
    .op("f32x4.lt")
    .get(x)
    .get(x)
    .op("f32x4.ne", "v128.or")
    .v128(f32(Number.NaN))
    .op("v128.and", "v128.or");
  for (const local of [v, e, m, z, mask]) c.release(local);
}

const tanhCoefficients = [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1];

/** Leaves tanh(x) on the stack: a polynomial below 0.625, else 1 − 2 / (e²ˣ + 1). */
export function emitTanh(c: Assembler, x: Local): void {
  const [a, z, small, large] = [c.local("v128"), c.local("v128"), c.local("v128"), c.local("v128")];
  c.get(x).op("f32x4.abs").set(a);
  c.get(x).get(x).op("f32x4.mul").set(z);
  polynomial(c, z, tanhCoefficients);
  c.get(z).op("f32x4.mul").get(x).op("f32x4.mul").get(x).op("f32x4.add").set(small);
  c.get(a).v128(f32(20)).op("f32x4.pmin").tee(z).get(z).op("f32x4.add").set(z); // tanh(20) is 1
  emitExp(c, z, true);
  c.v128(f32(1)).op("f32x4.add").set(z);
  c.v128(f32(1)).v128(f32(2)).get(z).op("f32x4.div", "f32x4.sub").set(large);
  c.get(small).get(large).get(a).v128(f32(0.625)).op("f32x4.lt", "v128.bitselect");
  c.get(x).v128(i32(-0x80000000)).op("v128.and", "v128.or"); // x's sign, also of −0
  for (const local of [a, z, small, large]) c.release(local);
}
