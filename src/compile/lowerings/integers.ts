import { mostExact } from "../../ops/fit.ts";
import type { Builder, Value } from "../builder.ts";
import type { Call, Row } from "../lowering.ts";

/** So many products of int32 may be added up in float64 until it may be 2³¹ off. */
const mostProducts = 2 ** 10;

/** The number as a constant that broadcasts. */
const float = (b: Builder, value: number): Value => b.fill(value, [], "float64");

/** A float64 without its fraction; ends the run if int32 cannot hold it. */
export function toInt32(b: Builder, x: Value, inputs: readonly Value[]): Value {
  const isAbove = b.binary("lt", float(b, -(2 ** 31) - 1), x);
  const isBelow = b.binary("lt", x, float(b, 2 ** 31));
  b.check(b.unary("not", b.map("and", [isAbove, isBelow], "bool")), inputs); // true for NaN
  return b.cast(x, "int32");
}

/** How many times 2³² an integer is more than its last 32 bits, given a float64 that is less than 2³¹ off. */
function turnsOf(b: Builder, last: Value, near: Value): Value {
  return b.unary("round", b.binary("div", b.binary("sub", near, last), float(b, 2 ** 32)));
}

/** The integer of so many turns and its last 32 bits. */
function joined(b: Builder, turns: Value, last: Value): Value {
  return b.binary("add", b.binary("mul", turns, float(b, 2 ** 32)), last);
}

/** Sums of `count` integers, exact in float64, where `add` adds up elements in a dtype. */
export function exactSums(b: Builder, count: number, add: (dtype: "int32" | "float64") => Value): Value {
  const near = add("float64");
  if (count < mostExact) return near;
  const last = b.cast(add("int32"), "float64");
  return joined(b, turnsOf(b, last, near), last);
}

/** Sums of k products of integers, exact in float64, where `multiply` adds them up in a dtype from `start` to before `end`. */
export function exactProducts(
  b: Builder,
  k: number,
  multiply: (dtype: "int32" | "float64", start: number, end: number) => Value,
): Value {
  let [turns, last] = [float(b, 0), float(b, 0)];
  for (let start = 0; start < k; start += mostProducts) {
    const end = Math.min(k, start + mostProducts);
    const own = b.cast(multiply("int32", start, end), "float64");
    turns = b.binary("add", turns, turnsOf(b, own, multiply("float64", start, end)));
    last = b.binary("add", last, own);
  }
  return joined(b, turns, last);
}

/** Computes functions of int32 into float32 in float64, as eager code does: float32 does not hold all integers. */
export function inFloat64([op, lowering]: Row): Row {
  return [
    op,
    (call: Call): Value => {
      const { b, inputs, dtype } = call;
      if (dtype !== "float32" || inputs.every((x) => x.dtype !== "int32")) return lowering(call);
      const wide = inputs.map((x) => (x.dtype === "int32" ? b.cast(x, "float64") : x));
      return b.cast(lowering({ ...call, inputs: wide, x: wide[0]!, y: wide[1]!, dtype: "float64" }), dtype);
    },
  ];
}
