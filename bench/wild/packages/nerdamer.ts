import { type Case, plain, type Suite } from "../case.ts";
import { type Expression, expressions } from "../expressions.ts";

/** What only nerdamer writes so. Its erf has seven digits, so that it is left out. */
const own: readonly Expression[] = [
  ["sinc(x)", 0.8],
  ["log10(x)", 1.6],
  ["step(x)*x", 0.8],
  ["tri(x)", 0.4],
  ["sqrt(x)*log(x)", 1.2],
  ["sqrt(x^2+sqrt(x))", 1.1],
  ["sqrt(x+sqrt(x+1))", 1.3],
  ["log(x+sqrt(x^2+1))", 0.7],
];

/** Derivatives that nerdamer writes down from an expression, evaluated by the functions that it builds. */
export const nerdamer: Suite = {
  name: "nerdamer",
  async cases() {
    const { default: algebra } = await import("nerdamer");
    await import("nerdamer/Calculus.js");
    const functionOf = (expression: {
      buildFunction(names: string[]): (x: number) => unknown;
    }): ((x: number) => number) => {
      const built = expression.buildFunction(["x"]);
      return (x) => Number(built(x));
    };
    return [...expressions, ...own].map(
      ([text, at]): Case => ({
        name: text,
        check: () => plain(text, functionOf(algebra(text)), functionOf(algebra.diff(text, "x")), at).check(),
      }),
    );
  },
};
