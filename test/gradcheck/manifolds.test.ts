import { expect, test } from "vitest";
import { checkGradient, checkHessian, checkHvp, checkJacobian, checkVjp } from "../../src/gradcheck/index.ts";

// Steps along a manifold, for functions that mean nothing off it.

const unit = (v: readonly number[]): number[] => v.map((own) => own / Math.hypot(...v));
const retract = (q: number[], v: number[]): number[] => unit(q.map((own, i) => own + v[i]!));
const q = unit([0.3, -0.4, 0.5, 0.7]);

/** The z axis turned by a quaternion, which must be of length 1. */
function turned([w, x, y, z]: number[]): number[] {
  if (Math.abs(Math.hypot(w!, x!, y!, z!) - 1) > 1e-9) throw new RangeError("no rotation");
  return [2 * (x! * z! + w! * y!), 2 * (y! * z! - w! * x!), 1 - 2 * (x! * x! + y! * y!)];
}
const rows = ([w, x, y, z]: number[]): number[][] => [
  [2 * y!, 2 * z!, 2 * w!, 2 * x!],
  [-2 * x!, -2 * w!, 2 * z!, 2 * y!],
  [0, -4 * x!, -4 * y!, 0],
];

test("unit quaternions: f is never called off the manifold, and its gradient counts along it", () => {
  const f = (at: number[]): number => turned(at)[0]!;
  expect(() => checkGradient(f, (at) => rows(at)[0]!, q)).toThrow("no rotation");
  expect(checkGradient(f, (at) => rows(at)[0]!, q, { retract }).ok).toBe(true);
  // What a gradient has across the manifold is nobody's business.
  const riemannian = (at: number[]): number[] => {
    const across = rows(at)[0]!.reduce((sum, own, i) => sum + own * at[i]!, 0);
    return rows(at)[0]!.map((own, i) => own - across * at[i]!);
  };
  expect(checkGradient(f, riemannian, q, { retract }).ok).toBe(true);
  const wrong = checkGradient(f, (at) => rows(at)[1]!, q, { retract });
  expect(wrong.counts.mismatch).toBe(4);
  const slightly = checkGradient(f, (at) => rows(at)[0]!.map((own, i) => own + (i === 2 ? 1e-5 : 0)), q, { retract });
  expect(slightly.ok).toBe(false);
  expect(checkJacobian(turned, rows, q, { retract }).ok).toBe(true);
  const vjp = (at: number[], u: number[]) =>
    at.map((_, i) => u.reduce((sum, own, j) => sum + own * rows(at)[j]![i]!, 0));
  expect(checkVjp(turned, vjp, q, { retract }).ok).toBe(true);
});

test("at the pole, where an entry of the gradient has no direction along the manifold", () => {
  const report = checkGradient(
    (at) => turned(at)[1]!,
    (at) => rows(at)[1]!,
    [1, 0, 0, 0],
    { retract },
  );
  expect(report.ok, String(report)).toBe(true);
  expect(report.entries.map(({ label }) => label)).toEqual(["x[1]", "x[2]", "x[3]"]);
});

test("rotations of the plane, with a retraction by Gram and Schmidt", () => {
  const turn = (a: number): number[][] => [
    [Math.cos(a), -Math.sin(a)],
    [Math.sin(a), Math.cos(a)],
  ];
  const along = (m: number[][], v: number[][]): number[][] => {
    const [x, y] = unit([m[0]![0]! + v[0]![0]!, m[1]![0]! + v[1]![0]!]);
    return [
      [x!, -y!],
      [y!, x!],
    ];
  };
  const f = (m: number[][]): number => m[0]![0]! ** 2 * m[0]![1]! + 3 * m[1]![0]! - m[1]![1]!;
  const grad = (m: number[][]): number[][] => {
    const [a, b] = m[0]!;
    return [
      [2 * a! * b!, a! ** 2],
      [3, -1],
    ];
  };
  // It moves by the first column alone: for a v along the manifold, that is all of it.
  expect(checkGradient(f, grad, turn(0.4), { retract: along }).ok).toBe(true);
  expect(checkGradient(f, (m) => grad(m).map((row) => row.map((v) => -v)), turn(0.4), { retract: along }).ok).toBe(
    false,
  );
});

test("instances of a class of one's own are moved by their own methods", () => {
  class Unit {
    x: number;
    y: number;
    constructor(x: number, y: number) {
      this.x = x;
      this.y = y;
    }
    plus(v: Unit): Unit {
      const [x, y] = unit([this.x + v.x, this.y + v.y]);
      return new Unit(x!, y!);
    }
  }
  const f = ({ x, y }: Unit): number => x * y * y;
  const grad = ({ x, y }: Unit) => new Unit(y * y, 2 * x * y);
  expect(checkGradient(f, grad, new Unit(0.6, 0.8), { retract: (x, v) => x.plus(v) }).ok).toBe(true);
});

test("what is no retraction, or no point of the manifold, is refused", () => {
  const call =
    (options: object, x = q) =>
    () =>
      checkGradient(
        (at) => at[0]!,
        () => [1, 0, 0, 0],
        x,
        options,
      );
  expect(call({ retract }, [1, 1, 0, 0])).toThrow("checkGradient: retract(x, 0) must be x, got x[0] = 1 and 0.707");
  expect(
    call({
      retract: (x: number[], v: number[]) =>
        retract(
          x,
          v.map((own) => own / 2),
        ),
    }),
  ).toThrow("retract(x, v) must be x + v but for terms of second order");
  expect(call({ retract: () => [1] })).toThrow("retract must return the form of x");
  expect(call({ retract: 1 })).toThrow("retract must be a function");
  expect(call({ retract, tangent: "simplex" })).toThrow("tangent and retract exclude each other");
  expect(() =>
    checkHessian(
      (at) => at[0]!,
      () => new Array(16).fill(0),
      q,
      { retract },
    ),
  ).toThrow("retract");
  expect(() =>
    checkHvp(
      (at) => at[0]!,
      (at) => at,
      q,
      { retract },
    ),
  ).toThrow("tangent and retract are for first differences");
});
