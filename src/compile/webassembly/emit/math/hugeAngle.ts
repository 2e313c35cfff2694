import { Assembler, type Local } from "../../binary/assembler.ts";
import type { ModuleBuilder } from "../../binary/module.ts";

/** 2/π after the point, in hexadecimal: enough bits for the largest float64. */
const twoOverPi =
  "a2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424dd2e006492eea09d1921cfe1deb1cb129a73ee88235f52ebb4484" +
  "e99c7026b45f7e413991d639835339f49c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b74f463f669e5fea2d7527bac7ebe5f17b" +
  "3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b6bab";

/** π/4 in units of 2⁻⁶⁴. */
const eighthTurn = 0xc90fdaa22168c235n;

/**
 * Defines the function that takes quarter turns off a large angle by M. H. Payne's and R. N. Hanek's method (ACM SIGNUM Newsletter 18,
 * 1983): of the angle times 2/π, only the bits next to the point are computed. It takes a positive float64, and returns the remainder in
 * [−π/4, π/4] as two float64, and in the last two bits of the second the number of quarter turns. NaN for ∞; of no use below 2²⁰.
 */
export function defineHugeAngle(module: ModuleBuilder): number {
  const [word, multiplyHigh] = [defineWord(module), defineMultiplyHigh(module)];
  const c = new Assembler(["f64"]);
  const [x] = c.params as [Local];
  const newWord = (): Local => c.local("i64");
  const [m, high, mid, low, shift, quarters, sign, scale] = Array.from({ length: 8 }, newWord) as [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  const at = c.local("i32");

  // x = m 2ᵉ. The first bit of 2/π that counts is worth 2 then: the 64 zeros that its words start with, and e − 2 on.
  c.get(x)
    .op("i64.reinterpret_f64")
    .i64(52n)
    .op("i64.shr_u")
    .i64(1075n - 62n)
    .op("i64.sub")
    .tee(shift);
  c.op("i32.wrap_i64").i32(6).op("i32.shr_u").set(at);
  c.get(shift).i64(63n).op("i64.and").set(shift);
  c.get(x)
    .op("i64.reinterpret_f64")
    .i64((1n << 52n) - 1n)
    .op("i64.and")
    .i64(1n << 52n)
    .op("i64.or")
    .set(m);
  const fetch = (k: number): void => {
    c.get(at).i32(k).op("i32.add").call(word).get(shift).op("i64.shl");
    c.get(at)
      .i32(k + 1)
      .op("i32.add")
      .call(word)
      .i64(1n)
      .op("i64.shr_u")
      .i64(63n)
      .get(shift)
      .op("i64.sub", "i64.shr_u", "i64.or");
  };
  // m times three words, modulo 4.
  c.get(m);
  fetch(2);
  c.call(multiplyHigh).set(low);
  fetch(1);
  c.set(mid);
  c.get(m).get(mid).call(multiplyHigh).set(high);
  c.get(m).get(mid).op("i64.mul").get(low).op("i64.add").set(mid);
  c.get(mid).get(low).op("i64.lt_u", "i64.extend_i32_u").get(high).op("i64.add").get(m);
  fetch(0);
  c.op("i64.mul", "i64.add").set(high);

  // To the nearest number of quarter turns: what is left is negative if it is more than half a one.
  c.get(high).i64(62n).op("i64.shr_u").set(quarters);
  c.get(high).i64(2n).op("i64.shl").get(mid).i64(62n).op("i64.shr_u", "i64.or").set(high);
  c.get(mid).i64(2n).op("i64.shl").set(mid);
  c.get(high).i64(63n).op("i64.shr_s").tee(sign).get(quarters).op("i64.sub").set(quarters);
  c.i64(0n).get(quarters).op("i64.sub").set(quarters);
  c.get(high).get(sign).op("i64.xor").set(high);
  c.get(mid).get(sign).op("i64.xor").set(mid);

  // Its first 64 bits from the highest one on, times π/4.
  c.get(high).op("i64.clz").set(shift);
  c.get(high).get(shift).op("i64.shl");
  c.get(mid).i64(1n).op("i64.shr_u").i64(63n).get(shift).op("i64.sub", "i64.shr_u", "i64.or");
  c.i64(eighthTurn).call(multiplyHigh).set(high);
  c.i64(1023n - 63n)
    .get(shift)
    .op("i64.sub")
    .i64(52n)
    .op("i64.shl")
    .get(sign)
    .i64(63n)
    .op("i64.shl", "i64.or")
    .set(scale);
  const part = (mask: bigint): void => {
    c.get(high).i64(mask).op("i64.and", "f64.convert_i64_u").get(scale).op("f64.reinterpret_i64", "f64.mul");
  };
  part(~0x7ffn);
  c.get(x).get(x).op("f64.sub", "f64.add", "f64x2.splat");
  part(0x7ffn);
  c.op("i64.reinterpret_f64").get(quarters).i64(3n).op("i64.and", "i64.or", "f64.reinterpret_i64");
  c.lane("f64x2.replace_lane", 1);
  return module.define(c, "v128");
}

/** Defines a function of a number that returns 64 bits of 2/π, after 64 zeros. */
function defineWord(module: ModuleBuilder): number {
  const c = new Assembler(["i32"]);
  const [at] = c.params as [Local];
  for (let k = 0; 16 * k < twoOverPi.length; k++) {
    const bits = BigInt(`0x${twoOverPi.slice(16 * k, 16 * k + 16)}`);
    c.get(at)
      .i32(k + 1)
      .op("i32.eq")
      .if(() => c.i64(bits).op("return"));
  }
  c.i64(0n);
  return module.define(c, "i64");
}

/** Defines a function that returns the high half of the product of two unsigned integers of 64 bits. */
function defineMultiplyHigh(module: ModuleBuilder): number {
  const c = new Assembler(["i64", "i64"]);
  const [a, b] = c.params as [Local, Local];
  const [low, high] = [
    (x: Local) => c.get(x).i64(0xffffffffn).op("i64.and"),
    (x: Local) => c.get(x).i64(32n).op("i64.shr_u"),
  ];
  const [cross, other] = [c.local("i64"), c.local("i64")];
  low(a);
  low(b).op("i64.mul");
  c.i64(32n).op("i64.shr_u");
  high(a);
  low(b).op("i64.mul", "i64.add").set(cross);
  low(cross);
  low(a);
  high(b).op("i64.mul", "i64.add").set(other);
  high(a);
  high(b).op("i64.mul");
  high(cross).op("i64.add");
  high(other).op("i64.add");
  return module.define(c, "i64");
}
