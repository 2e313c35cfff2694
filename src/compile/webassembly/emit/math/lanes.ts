import type { Assembler, Local } from "../../binary/assembler.ts";
import { repeated } from "../vector.ts";

/** How floats are stored, and how precise results must be: `brief` is float64 that is rounded to float32 in the end. */
export interface Format {
  readonly accuracy: "single" | "brief" | "double";
  readonly dtype: "float32" | "float64";
  readonly floats: "f32x4" | "f64x2";
  readonly ints: "i32x4" | "i64x2";
  /** Bits of a float, and those of its fraction; what is added to its exponent. */
  readonly bits: 32 | 64;
  readonly fraction: 23 | 52;
  readonly bias: 127 | 1023;
  /** log 2 in two parts: multiples of the first by an exponent are exact. */
  readonly ln2: readonly [high: number, low: number];
}

export const single: Format = {
  accuracy: "single",
  dtype: "float32",
  floats: "f32x4",
  ints: "i32x4",
  bits: 32,
  fraction: 23,
  bias: 127,
  ln2: [0.693145751953125, 1.4286068203094173e-6],
};

export const double: Format = {
  accuracy: "double",
  dtype: "float64",
  floats: "f64x2",
  ints: "i64x2",
  bits: 64,
  fraction: 52,
  bias: 1023,
  ln2: [0.6931471805592082, 7.371002565167799e-13],
};

export const brief: Format = { ...double, accuracy: "brief" };

/** Code that leaves a vector on the stack. It may stand anywhere, any number of times. */
export type Term = () => void;

/** A term that has been computed, in a register. */
export interface Kept extends Term {
  readonly local: Local;
}

type FloatOp = "abs" | "sqrt" | "floor" | "add" | "sub" | "mul" | "div" | "pmin" | "pmax" | "eq" | "lt" | "gt";
type IntOp = "add" | "sub" | "eq" | "lt_s";
type BitOp = "and" | "andnot" | "or" | "xor" | "not";

/** Writes formulas over vectors of floats. Constants are kept outside of loops. */
export class Lanes {
  readonly c: Assembler;
  readonly format: Format;
  /** Whether multiply-add may be one instruction, which may round once or twice. */
  readonly #madd: boolean;
  readonly #kept: Local[] = [];

  constructor(c: Assembler, format: Format, madd: boolean) {
    this.c = c;
    this.format = format;
    this.#madd = madd;
  }

  /** Computes a term once, for several uses. */
  keep(term: Term): Kept {
    const local = this.c.local("v128");
    this.#kept.push(local);
    term();
    this.c.set(local);
    return Object.assign(() => void this.c.get(local), { local });
  }

  /** Gives a kept term another value. */
  assign(to: Kept, term: Term): void {
    term();
    this.c.set(to.local);
  }

  number(value: number): Term {
    return () => this.c.get(this.c.constant(repeated(value, this.format.dtype)));
  }

  /** A number by its bits. */
  pattern(value: bigint): Term {
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < 16; at += this.format.bits / 8) {
      if (this.format.bits === 64) view.setBigInt64(at, value, true);
      else view.setInt32(at, Number(BigInt.asIntN(32, value)), true);
    }
    return () => this.c.get(this.c.constant(bytes));
  }

  /** The bits of a number. */
  patternOf(value: number): bigint {
    const view = new DataView(repeated(value, this.format.dtype).buffer);
    return this.format.bits === 64 ? view.getBigInt64(0, true) : BigInt(view.getInt32(0, true));
  }

  float(op: FloatOp, ...terms: readonly Term[]): Term {
    return () => {
      for (const term of terms) term();
      this.c.op(`${this.format.floats}.${op}`);
    };
  }

  add(a: Term, b: Term): Term {
    return this.float("add", a, b);
  }

  sub(a: Term, b: Term): Term {
    return this.float("sub", a, b);
  }

  mul(a: Term, b: Term): Term {
    return this.float("mul", a, b);
  }

  /** `a · b + c`. */
  madd(a: Term, b: Term, c: Term): Term {
    if (!this.#madd) return this.add(this.mul(a, b), c);
    return () => {
      for (const term of [a, b, c]) term();
      this.c.op(`${this.format.floats}.relaxed_madd`);
    };
  }

  int(op: IntOp, ...terms: readonly Term[]): Term {
    return () => {
      for (const term of terms) term();
      this.c.op(`${this.format.ints}.${op}`);
    };
  }

  /** Shifts whole lanes. */
  shift(op: "shl" | "shr_u", term: Term, by: number): Term {
    return () => {
      term();
      this.c.i32(by).op(`${this.format.ints}.${op}`);
    };
  }

  bit(op: BitOp, ...terms: readonly Term[]): Term {
    return () => {
      for (const term of terms) term();
      this.c.op(`v128.${op}`);
    };
  }

  /** `a` where the mask is set, else `b`. */
  select(mask: Term, a: Term, b: Term): Term {
    return () => {
      for (const term of [a, b, mask]) term();
      this.c.op("v128.bitselect");
    };
  }

  /** The sign of a number, alone. */
  signOf(x: Term): Term {
    return this.bit("and", x, this.number(-0));
  }

  /** Whether a bit is set anywhere; what to do then is written by the function that this returns, as often as needed. */
  ifAny(mask: Term): (body: () => void) => void {
    const any = this.c.local("i32");
    this.#kept.push(any);
    mask();
    this.c.op("v128.any_true").set(any);
    return (body) => void this.c.get(any).if(body);
  }

  /**
   * A polynomial, the constant coefficient first: Horner's rule in x², for even and odd coefficients at once. Half as many steps wait for
   * each other.
   */
  polynomial(x: Term, square: Term, coefficients: readonly number[]): Term {
    const pairs: Term[] = [];
    for (let i = 0; i < coefficients.length; i += 2) {
      const [even, odd] = [this.number(coefficients[i]!), coefficients[i + 1]];
      pairs.push(odd === undefined ? even : this.madd(this.number(odd), x, even));
    }
    return pairs.reduceRight((sum, pair) => this.madd(sum, square, pair));
  }

  /** Gives the registers back. */
  release(): void {
    for (const local of this.#kept) this.c.release(local);
    this.#kept.length = 0;
  }
}
