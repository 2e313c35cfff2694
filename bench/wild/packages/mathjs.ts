import { type Case, plain, type Suite } from "../case.ts";
import { type Expression, expressions } from "../expressions.ts";

/** What only mathjs writes so. */
const own: readonly Expression[] = [
  ["cbrt(x)", 1.3],
  ["log10(x)", 1.4],
  ["log2(x)", 1.4],
  ["log1p(x)", 0.6],
  ["expm1(x)", 0.6],
  ["log(x, 3)", 1.8],
  ["log(3, x)", 1.8],
  ["pow(x, 3)", 1.2],
  ["nthRoot(x, 3)", 1.7],
  ["square(x)", 0.8],
  ["cube(x)", 0.8],
  ["erf(x)", 0.5],
  ["gamma(x)", 2.3],
  ["x > 0 ? x^2 : x", 0.9],
  ["+x", 0.7],
  ["-x^2", 0.7],
  ["subtract(x^2, x)", 1.3],
  ["divide(x, x + 1)", 0.9],
];

/** Derivatives that mathjs writes down from an expression. */
export const mathjs: Suite = {
  name: "mathjs",
  async cases() {
    const math = await import("mathjs");
    return [...expressions, ...own].map(([text, at]): Case => {
      const derive = (): { evaluate(scope: { x: number }): number } => math.derivative(text, "x");
      const f = math.compile(text);
      return {
        name: text,
        check: () => {
          const slope = derive();
          return plain(
            text,
            (x: number) => Number(f.evaluate({ x })),
            (x) => Number(slope.evaluate({ x })),
            at,
          ).check();
        },
      };
    });
  },
};
