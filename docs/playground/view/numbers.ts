/** A number as the page shows it: two or three digits that count, or one and an exponent where it is tiny or huge. */
export function short(v: number): string {
  if (v === 0 || !Number.isFinite(v)) return String(v).replace("Infinity", "∞").replace("-", "−");
  const size = Math.abs(v);
  const text = size < 0.005 || size >= 10_000 ? v.toExponential(0) : v.toFixed(size < 0.1 ? 3 : size < 10 ? 2 : 1);
  return text.replaceAll("-", "−").replace("e+", "e");
}

/** A factor in a product: negative ones in parentheses. */
export function factor(v: number): string {
  return v < 0 ? `(${short(v)})` : short(v);
}

/** A share as a percentage. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Σ aᵢ·bᵢ written out, with a gap where there are many. */
export function products(a: readonly number[], b: readonly number[]): string {
  const terms = a.map((v, i) => `${factor(v)}·${factor(b[i]!)}`);
  return terms.length <= 5 ? terms.join(" + ") : [...terms.slice(0, 3), "…", terms.at(-1)!].join(" + ");
}
