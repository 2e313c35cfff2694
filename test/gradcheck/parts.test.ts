import { expect, test } from "vitest";
import { assertGradient, checkGradient } from "../../src/gradcheck/index.ts";

test("with `only`, a gradient may lack the other parts, and no part that is named", () => {
  const x = { w: [1, 2], b: 3, deep: { c: [4], d: 5 } };
  const f = ({ w, b, deep }: typeof x): number => w[0]! * w[1]! * b + deep.c[0]! * deep.d;
  const part = (own: (at: typeof x) => unknown) => own as (at: typeof x) => typeof x;
  const right = part(({ w, b }) => ({ w: [w[1]! * b, w[0]! * b] }));
  assertGradient(f, right, x, { only: ["x.w"] });
  assertGradient(
    f,
    part(({ deep }) => ({ deep: { c: [deep.d] } })),
    x,
    { only: ["x.deep.c"] },
  );
  const wrong = part(({ w, b }) => ({ w: [w[1]! * b, 2 * w[0]! * b], b: undefined }));
  expect(checkGradient(f, wrong, x, { only: ["x.w"] }).counts).toMatchObject({ pass: 1, mismatch: 1 });
  expect(checkGradient(f, right, x, { only: ["x.w", "x.b"] }).problems.join()).toContain("gradient.b is missing");
  expect(checkGradient(f, right, x).problems.join()).toContain("gradient.b is missing");
});

test("a date, a pattern, a Map and a Set beside numbers are passed through, and said to be", () => {
  const x = { w: [1, 2], when: new Date(0), like: /a/, names: new Map([["a", 1]]), seen: new Set([1]) };
  const f = ({ w, when, like, names, seen }: typeof x): number =>
    w[0]! * w[1]! * names.get("a")! + when.getTime() + (like.test("a") && seen.has(1) ? 1 : 0);
  const report = checkGradient(f, ({ w }) => ({ w: [w[1]!, w[0]!] }), x);
  expect(report.ok, String(report)).toBe(true);
  expect(report.passed).toEqual(["x.when", "x.like", "x.names", "x.seen"]);
  expect(() =>
    checkGradient(
      () => 1,
      () => 1 as never,
      new Map([["a", 1]]) as never,
    ),
  ).toThrow("x must hold numbers");
});
