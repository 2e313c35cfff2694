import { type Case, plain, type Suite } from "../case.ts";
import { type Expression, expressions } from "../expressions.ts";

/** What only Algebrite writes so. Its erf has seven digits, and its Bessel functions need a function that it does not bring along. */
const own: readonly Expression[] = [
  ["hermite(x,3)", 0.8],
  ["legendre(x,4)", 0.6],
  ["laguerre(x,3)", 0.7],
];

const spelling: Readonly<Record<string, string>> = {
  asin: "arcsin",
  acos: "arccos",
  atan: "arctan",
  asinh: "arcsinh",
  acosh: "arccosh",
  atanh: "arctanh",
};
/** Algebrite has no reciprocal functions and their inverses. */
const lacking = /\b(sec|csc|cot|sech|csch|coth|asec|acsc|acot|asech|acsch|acoth)\(/;

/** Derivatives that Algebrite writes down from an expression. */
export const algebrite: Suite = {
  name: "algebrite",
  async cases() {
    const { default: algebra } = await import("algebrite");
    const evaluate = (text: string, x: number): number => {
      const { d } = algebra.eval(`float(subst((${x.toFixed(17)}),x,${text}))`) as { readonly d?: number };
      return d ?? Number.NaN;
    };
    const shared = expressions.filter(([text]) => !lacking.test(text));
    return [...shared, ...own].map(([text, at]): Case => {
      const spelled = text.replaceAll(/\b(a\w+)\(/g, (call, name: string) =>
        spelling[name] === undefined ? call : `${spelling[name]}(`,
      );
      return {
        name: text,
        check: () => {
          const slope = String(algebra.run(`d(${spelled},x)`));
          return plain(
            text,
            (x: number) => evaluate(spelled, x),
            (x) => evaluate(slope, x),
            at,
          ).check();
        },
      };
    });
  },
};
