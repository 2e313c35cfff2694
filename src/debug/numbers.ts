import type { Operand } from "../core/op.ts";
import type { Tensor } from "../tensor.ts";

/** Statistics of the elements of a tensor. */
export interface Statistics {
  /** How many elements there are. */
  readonly size: number;
  /** Their mean. */
  readonly mean: number;
  /** Standard deviation, without Bessel's correction (divided by n). */
  readonly deviation: number;
  /** L2 norm. */
  readonly norm: number;
  /** The smallest element; ∞ if there are none. */
  readonly least: number;
  /** The largest element; −∞ if there are none. */
  readonly most: number;
  /** Proportion of zeros, from 0 to 1. */
  readonly zeros: number;
  /** How many are NaN or infinite. */
  readonly bad: number;
}

/** Statistics of a tensor's elements; NaN where they are undefined because there are none. */
export function statisticsOf(x: Pick<Operand, "values">): Statistics {
  const { values } = x;
  const size = values.length;
  let [sum, squares, zeros, bad] = [0, 0, 0, 0];
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const v of values) {
    sum += v;
    squares += v * v;
    if (v === 0) zeros++;
    if (!Number.isFinite(v)) bad++;
    if (v < least) least = v;
    if (v > most) most = v;
  }
  const mean = sum / size;
  let spread = 0;
  for (const v of values) spread += (v - mean) ** 2;
  return {
    size,
    mean,
    deviation: Math.sqrt(spread / size),
    norm: Math.sqrt(squares),
    least,
    most,
    zeros: zeros / size,
    bad,
  };
}

/** A number with four significant digits. */
export function short(v: number): string {
  if (!Number.isFinite(v)) return String(v).replace("Infinity", "∞");
  return Object.is(v, -0) ? "0" : String(Number(v.toPrecision(4)));
}

/** A tensor in brief: its values if there are few, else statistics. */
export function brief(x: Tensor): string {
  if (x.shape.length === 0) return short(x.values[0]!);
  if (x.size <= 6)
    return `[${Array.from(x.values, short).join(", ")}]${x.shape.length > 1 ? ` (${x.shape.join("×")})` : ""}`;
  const { mean, deviation, norm } = statisticsOf(x);
  return `${x.shape.join("×")}: mean ${short(mean)}, deviation ${short(deviation)}, norm ${short(norm)}`;
}

/** Rows of cells, in columns of equal width; the first two columns are aligned to the left, the others to the right. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, c) => rows.reduce((width, row) => Math.max(width, row[c]!.length), 0));
  return rows
    .map((row) =>
      row
        .map((cell, c) => (c < 2 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
