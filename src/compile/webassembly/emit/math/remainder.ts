import { Assembler, type Local } from "../../binary/assembler.ts";
import type { ModuleBuilder } from "../../binary/module.ts";
import type { Kept, Lanes, Term } from "./lanes.ts";

/** What is left of x after whole multiples of y, with x's sign: exact, as JavaScript's `%`. One number after the other. */
export function remainder(v: Lanes, x: Kept, y: Kept, ofOne: () => number): Term {
  const { c } = v;
  const one = (lane: number): void => {
    for (const { local } of [x, y]) c.get(local).lane("f64x2.extract_lane", lane);
    c.call(ofOne());
  };
  return () => {
    one(0);
    c.op("f64x2.splat");
    one(1);
    c.lane("f64x2.replace_lane", 1);
  };
}

/**
 * Defines the function of one pair: long division in the base 2. The divisor is doubled up to the dividend, and taken off it on the way back; each
 * difference is of numbers within a factor of 2, and so exact.
 */
export function defineRemainder(module: ModuleBuilder): number {
  const c = new Assembler(["f64", "f64"]);
  const [x, y] = c.params as [Local, Local];
  const [a, b, t] = [c.local("f64"), c.local("f64"), c.local("f64")];
  const again = c.local("i32");
  const sizeOf = (from: Local): Assembler =>
    c.get(from).op("i64.reinterpret_f64").i64(0x7fffffffffffffffn).op("i64.and", "f64.reinterpret_i64");
  /** Runs `body`, which leaves whether to run it again. */
  const repeat = (body: () => void): void => {
    c.loop(again, 1, 1, () => {
      c.i32(0);
      body();
      c.op("i32.sub").set(again);
    });
  };
  sizeOf(x).set(a);
  sizeOf(y).set(b);
  c.get(a).f64(Number.POSITIVE_INFINITY).op("f64.lt").f64(0).get(b).op("f64.lt", "i32.and").i32(0).op("i32.eq");
  c.if(() => c.f64(Number.NaN).op("return"));
  c.get(b).set(t);
  repeat(() => {
    c.get(a).f64(0.5).op("f64.mul").get(t).op("f64.lt").i32(0).op("i32.eq").tee(again);
    c.if(() => c.get(t).f64(2).op("f64.mul").set(t));
    c.get(again);
  });
  repeat(() => {
    c.get(a).get(t).op("f64.lt").i32(0).op("i32.eq");
    c.if(() => c.get(a).get(t).op("f64.sub").set(a));
    c.get(b).get(t).op("f64.lt").tee(again);
    c.if(() => c.get(t).f64(0.5).op("f64.mul").set(t));
    c.get(again);
  });
  c.get(a)
    .op("i64.reinterpret_f64")
    .get(x)
    .op("i64.reinterpret_f64")
    .i64(1n << 63n);
  c.op("i64.and", "i64.or", "f64.reinterpret_i64");
  return module.define(c, "f64");
}
