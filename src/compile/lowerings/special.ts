import { atan2Op } from "../../ops/arc.ts";
import { exp2Op } from "../../ops/exp2.ts";
import { acoshOp, asinhOp, atanhOp, coshOp, sinhOp } from "../../ops/hyperbolic.ts";
import { hypotOp, squares } from "../../ops/hypot.ts";
import { logaddexpOp } from "../../ops/logaddexp.ts";
import { floorDivideOp, remainderOp } from "../../ops/remainder.ts";
import { sincBound, sincOp, sincSeries } from "../../ops/sinc.ts";
import { xlogyOp } from "../../ops/xlogy.ts";
import type { Value } from "../builder.ts";
import { type Row, row } from "../lowering.ts";
import { type Formula, wide } from "./formula.ts";

/** π/2 and π less their float64. */
const quarterRest = 6.123233995736766e-17;
const halfRest = 1.2246467991473532e-16;

/** Functions that are formulas of others, in float64. */
export const special: readonly Row[] = [
  row(
    sinhOp,
    wide((f, x) => f.odd(x, 2 ** -28, (a) => sinhOf(f, a))),
  ),
  row(coshOp, wide(coshOf)),
  row(
    asinhOp,
    wide((f, x) =>
      f.odd(x, 2 ** -28, (a) => {
        const square = f.mul(a, a);
        const near = f.log1p(f.add(a, f.div(square, f.add(1, f.sqrt(f.add(1, square))))));
        return f.select(f.lt(a, 2 ** 28), near, f.add(f.log(a), Math.LN2));
      }),
    ),
  ),
  row(
    acoshOp,
    wide((f, x) => {
      const t = f.sub(x, 1);
      const near = f.log1p(f.add(t, f.sqrt(f.add(f.add(t, t), f.mul(t, t)))));
      const y = f.select(f.lt(x, 2 ** 28), near, f.add(f.log(x), Math.LN2));
      return f.select(f.lt(x, 1), f.number(Number.NaN), y);
    }),
  ),
  row(
    atanhOp,
    wide((f, x) =>
      f.odd(x, 2 ** -28, (a) => {
        const twice = f.add(a, a);
        const under = f.sub(1, a);
        const near = f.add(twice, f.div(f.mul(twice, a), under));
        return f.mul(0.5, f.log1p(f.select(f.lt(a, 0.5), near, f.div(twice, under))));
      }),
    ),
  ),
  row(
    atan2Op,
    wide((f, y, x) => {
      const [high, wideness] = [f.abs(y), f.abs(x)];
      const isSteep = f.lt(wideness, high);
      const [over, under] = [f.select(isSteep, wideness, high), f.select(isSteep, high, wideness)];
      // Both 0, and both infinite, have an angle all the same.
      const ratio = f.select(f.eq(over, under), f.select(f.eq(over, 0), over, f.number(1)), f.div(over, under));
      const acute = f.atan(ratio);
      const isLeft = f.or(f.lt(x, 0), f.lt(f.div(1, x), 0));
      const steep = f.add(f.sub(Math.PI / 2, f.select(isLeft, f.neg(acute), acute)), quarterRest);
      const flat = f.select(isLeft, f.add(f.sub(Math.PI, acute), halfRest), acute);
      const angle = f.select(isSteep, steep, flat);
      const signed = f.select(f.or(f.lt(y, 0), f.lt(f.div(1, y), 0)), f.neg(angle), angle);
      return f.select(f.or(f.isNaN(x), f.isNaN(y)), f.number(Number.NaN), signed);
    }),
  ),
  row(
    hypotOp,
    wide((f, a, b) => {
      const [p, q] = [f.abs(a), f.abs(b)];
      const most = f.select(f.lt(p, q), q, p);
      const small = f.select(f.lt(most, squares.low), f.number(squares.scale), f.number(1));
      const by = f.select(f.lt(squares.high, most), f.number(1 / squares.scale), small);
      const [s, t] = [f.mul(a, by), f.mul(b, by)];
      const y = f.div(f.sqrt(f.add(f.mul(s, s), f.mul(t, t))), by);
      const infinity = f.number(Number.POSITIVE_INFINITY);
      return f.select(f.or(f.eq(p, infinity), f.eq(q, infinity)), infinity, y);
    }),
  ),
  row(
    exp2Op,
    wide((f, x) => f.pow(2, x)),
  ),
  row(
    logaddexpOp,
    wide((f, a, b) => {
      const apart = f.select(f.eq(a, b), f.number(0), f.neg(f.abs(f.sub(a, b))));
      return f.add(f.select(f.lt(a, b), b, a), f.log1p(f.exp(apart)));
    }),
  ),
  row(
    xlogyOp,
    wide((f, a, b) => {
      const isNothing = f.and(f.eq(a, 0), f.eq(b, b));
      return f.select(isNothing, f.number(0), f.mul(a, f.log(b)));
    }),
  ),
  row(
    remainderOp,
    wide((f, a, b) => {
      const { rest, isOther } = division(f, a, b);
      return f.select(isOther, f.add(rest, b), rest);
    }),
  ),
  row(floorDivideOp, wide(floorDivide)),
  row(sincOp, (call) => wide((f, x) => sinc(f, x, call.attrs as number))(call)),
];

/** The remainder with a's sign, and whether that is not b's. */
function division(f: Formula, a: Value, b: Value): { rest: Value; isOther: Value } {
  const rest = f.rem(a, b);
  const [isUp, isDown] = [f.and(f.lt(0, rest), f.lt(b, 0)), f.and(f.lt(rest, 0), f.le(0, b))];
  return { rest, isOther: f.or(isUp, isDown) };
}

function floorDivide(f: Formula, a: Value, b: Value): Value {
  const { rest, isOther } = division(f, a, b);
  const plain = f.div(a, b);
  const whole = f.sub(f.div(f.sub(a, rest), b), f.select(isOther, f.number(1), f.number(0)));
  const down = f.floor(whole);
  const near = f.select(f.lt(0.5, f.sub(whole, down)), f.add(down, 1), down);
  const nothing = f.select(f.lt(plain, 0), f.number(-0), f.mul(0, plain));
  return f.select(f.eq(b, 0), plain, f.select(f.eq(whole, 0), nothing, near));
}

/** (u + u / (u + 1)) / 2 with u = eᵃ − 1; where that overflows, (eᵃ⸍² / 2) eᵃ⸍². */
function sinhOf(f: Formula, a: Value): Value {
  const u = f.expm1(a);
  return f.select(f.lt(a, 709), f.mul(0.5, f.add(u, f.div(u, f.add(u, 1)))), expHalf(f, a));
}

function coshOf(f: Formula, x: Value): Value {
  const a = f.abs(x);
  const e = f.exp(a);
  return f.select(f.lt(a, 709), f.add(f.mul(0.5, e), f.div(0.5, e)), expHalf(f, a));
}

/** eᵃ / 2, which may be finite where eᵃ is not. */
function expHalf(f: Formula, a: Value): Value {
  const root = f.exp(f.mul(0.5, a));
  return f.mul(f.mul(0.5, root), root);
}

/** The nth derivative of sinc: as the op's record has it, with both ways computed. */
function sinc(f: Formula, x: Value, n: number): Value {
  const u = f.mul(x, Math.PI);
  const s = sinPi(f, x);
  if (n === 0) return f.select(f.eq(x, 0), f.number(1), f.add(f.div(s, u), 0));
  const c = cosPi(f, x);
  let far = f.div(s, u);
  for (let m = 1; m <= n; m++) {
    const own = m % 2 === 0 ? s : c;
    far = f.div(f.sub(m % 4 < 2 ? own : f.neg(own), f.mul(m, far)), u);
  }
  const series = f.polynomial(f.mul(u, u), sincSeries(n));
  const near = n % 2 === 1 ? f.mul(series, u) : series;
  return f.mul(f.select(f.lt(sincBound(n), f.abs(u)), far, near), Math.PI ** n);
}

/** x less the nearest even number: exact, from −1 to 1. */
const withinTurn = (f: Formula, x: Value): Value => f.sub(x, f.mul(2, f.round(f.mul(0.5, x))));

/** sin(πx), exactly 0 at integers. */
export function sinPi(f: Formula, x: Value): Value {
  const r = withinTurn(f, x);
  const a = f.abs(r);
  const back = f.sub(1, a);
  const folded = f.select(f.lt(0.5, a), f.select(f.lt(r, 0), f.neg(back), back), r);
  return f.sin(f.mul(folded, Math.PI));
}

/** cos(πx), exactly 0 halfway between integers. */
export function cosPi(f: Formula, x: Value): Value {
  return f.sin(f.mul(f.sub(0.5, f.abs(withinTurn(f, x))), Math.PI));
}
