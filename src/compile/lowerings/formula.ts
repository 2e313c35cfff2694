import type { Builder, Value } from "../builder.ts";
import type { BinaryFn, UnaryFn } from "../ir.ts";
import type { Call } from "../lowering.ts";

type Operand = Value | number;

/** Writes formulas over float64 elements, with numbers as they are. */
export class Formula {
  readonly #b: Builder;

  constructor(b: Builder) {
    this.#b = b;
  }

  number(value: number): Value {
    return this.#b.fill(value, [], "float64");
  }

  abs = this.#unary("abs");
  neg = this.#unary("neg");
  sqrt = this.#unary("sqrt");
  round = this.#unary("round");
  floor = this.#unary("floor");
  exp = this.#unary("exp");
  expm1 = this.#unary("expm1");
  log = this.#unary("log");
  log1p = this.#unary("log1p");
  sin = this.#unary("sin");
  atan = this.#unary("atan");
  erf = this.#unary("erf");
  add = this.#binary("add");
  sub = this.#binary("sub");
  mul = this.#binary("mul");
  div = this.#binary("div");
  pow = this.#binary("pow");
  rem = this.#binary("rem");
  lt = this.#binary("lt");
  le = this.#binary("le");
  eq = this.#binary("eq");

  and(a: Value, b: Value): Value {
    return this.#b.map("and", [a, b], "bool");
  }

  or(a: Value, b: Value): Value {
    return this.#b.map("or", [a, b], "bool");
  }

  isNaN(x: Value): Value {
    return this.#b.binary("ne", x, x);
  }

  /** `a` where the mask is true, else `b`. */
  select(mask: Value, a: Value, b: Value): Value {
    return this.#b.select(mask, a, b);
  }

  /** A polynomial, the constant coefficient first. */
  polynomial(x: Value, coefficients: readonly number[]): Value {
    return coefficients
      .slice(0, -1)
      .reduceRight<Value>((y, c) => this.add(this.mul(y, x), c), this.number(coefficients.at(-1)!));
  }

  /** An odd function by its values at |x|, which is x itself up to `tiny`: with the sign of 0. */
  odd(x: Value, tiny: number, of: (a: Value) => Value): Value {
    const a = this.abs(x);
    const y = of(a);
    return this.select(this.lt(a, tiny), x, this.select(this.lt(x, 0), this.neg(y), y));
  }

  #unary(fn: UnaryFn): (x: Value) => Value {
    return (x) => this.#b.unary(fn, x);
  }

  #binary(fn: BinaryFn): (a: Operand, b: Operand) => Value {
    const value = (x: Operand): Value => (typeof x === "number" ? this.number(x) : x);
    return (a, b) => this.#b.binary(fn, value(a), value(b));
  }
}

/**
 * A lowering by a formula in float64, for both dtypes: in float32, that is nearly exact, and spares a formula of its own.
 */
export const wide =
  (formula: (f: Formula, x: Value, y: Value) => Value) =>
  ({ b, inputs, dtype }: Call): Value => {
    const [x, y] = inputs.map((own) => b.cast(own, "float64"));
    return b.cast(formula(new Formula(b), x!, y!), dtype);
  };
