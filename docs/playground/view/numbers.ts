import { createContext } from "preact";
import { useContext } from "preact/hooks";

/** How numbers are written. */
export interface Numbers {
  short(v: number): string;
  /** A factor in a product: negative ones in parentheses. */
  factor(v: number): string;
  /** Σ aᵢ·bᵢ written out, with a gap where there are many. */
  products(a: readonly number[], b: readonly number[]): string;
}

/** With two or three digits that count, or one and an exponent where a number is tiny or huge. */
export const inShort: Numbers = numbersBy(twoOrThree);
/** With four decimals, as the lesson has them; fewer where that is all of the number. */
export const inFour: Numbers = numbersBy(four);

/** What the page's numbers are written with. */
export const NumbersContext = createContext(inShort);

export function useNumbers(): Numbers {
  return useContext(NumbersContext);
}

/** Most terms of a sum that are all written out. */
const most = 8;

function numbersBy(write: (v: number) => string): Numbers {
  const short = (v: number): string => {
    if (v === 0) return "0";
    const text = Number.isFinite(v) ? write(v) : String(v).replace("Infinity", "∞");
    return text.replaceAll("-", "−").replace("e+", "e");
  };
  const factor = (v: number): string => (v < 0 ? `(${short(v)})` : short(v));
  const products = (a: readonly number[], b: readonly number[]): string => {
    const terms = a.map((v, i) => `${factor(v)}·${factor(b[i]!)}`);
    return (terms.length <= most ? terms : [...terms.slice(0, 3), "…", terms.at(-1)!]).join(" + ");
  };
  return { short, factor, products };
}

function twoOrThree(v: number): string {
  const size = Math.abs(v);
  return size < 0.005 || size >= 10_000 ? v.toExponential(0) : v.toFixed(size < 0.1 ? 3 : size < 10 ? 2 : 1);
}

function four(v: number): string {
  const text = v.toFixed(4);
  return Math.abs(Number(text) - v) < 1e-9 ? String(Number(text)) : text;
}

/** A share as a percentage; a dash for a share of nothing. */
export function percent(share: number): string {
  return Number.isNaN(share) ? "–" : `${(100 * share).toFixed(1)} %`;
}
