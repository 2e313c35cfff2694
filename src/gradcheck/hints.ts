import { type EntryReport, short } from "./entry.ts";
import type { Layout, Leaf, Misfit } from "./layout.ts";

/** A hint for a gradient whose form does not fit. */
export function hintOfMisfit({ leaf, found, hint }: Misfit): string | undefined {
  if (hint !== undefined) return hint;
  if (leaf === null || found <= leaf.size || leaf.size === 0 || found % leaf.size !== 0) return undefined;
  return `there are ${found / leaf.size} times as many entries as in ${leaf.path}: sum over the axis that was broadcast`;
}

/** What the wrong entries have in common, as guesses at the reason. */
export function hintsOf(layout: Layout, entries: readonly EntryReport[]): string[] {
  const hints = new Map<string, string[]>();
  for (const leaf of layout.leaves) {
    const own = entries.filter(({ entry }) => entry >= leaf.offset && entry < leaf.offset + leaf.size);
    const ownWrong = own.filter(isWrong);
    if (ownWrong.length === 0) continue;
    const hint = rearranged(leaf, own) ?? ratio(leaf, ownWrong) ?? imprecise(ownWrong);
    for (const text of [hint, place(own, ownWrong)]) {
      if (text !== null) hints.set(text, [...(hints.get(text) ?? []), leaf.path]);
    }
  }
  return [...hints].map(([text, paths]) => (layout.leaves.length === 1 ? text : `${paths.join(", ")}: ${text}`));
}

/** Whether an entry is wrong, for sure or by any likelihood: f should have moved. */
export function isWrong({ verdict, ok }: EntryReport): boolean {
  return verdict === "mismatch" || (verdict === "flat" && !ok);
}

/** A constant ratio between the analytic and the numeric values. */
function ratio({ size, shape }: Leaf, wrong: readonly EntryReport[]): string | null {
  if (wrong.every(({ analytic }) => analytic === 0)) {
    const which = wrong.length === size ? "every entry" : wrong.length === 1 ? "the wrong entry" : "every wrong entry";
    return `${which} is zero, though f does depend on it: detached, dropped, or never written?`;
  }
  // The ratio is taken from the entry that is known best, and must fit the others.
  const sharpest = wrong.reduce((best, entry) => (precisionOf(entry) < precisionOf(best) ? entry : best));
  const c = sharpest.analytic / sharpest.numeric;
  const spread = Math.min(1e-5, 0.1 * Math.abs(c - 1));
  const isConstant = wrong.every(({ analytic, numeric, error }) => {
    return Math.abs(analytic - c * numeric) <= spread * Math.abs(analytic) + 4 * Math.abs(c) * error;
  });
  if (!Number.isFinite(c) || !isConstant) return null;
  const times = nearInteger(Math.abs(c));
  const part = nearInteger(1 / Math.abs(c));
  const sign = c < 0 ? "minus " : "";
  if (times === 1 || part === 1)
    return c < 0 ? "the sign is wrong: the ratio is −1" : `off by a constant factor, ${short(c, 9)}`;
  if (wrong.length === 1 && (times ?? part ?? 99) > 16 && times !== size && part !== size) return null;
  if (times === 2)
    return `${sign}twice as large as it should be (ratio 2): counted or accumulated twice, or ½ was forgotten?`;
  if (part === 2) {
    return `${sign}half as large as it should be (ratio 1/2): is something used twice (fan-out), and one path counted? Or a factor 2 forgotten?`;
  }
  const axis = (n: number) => (n === size || shape.includes(n) ? ", as many as there are entries" : "");
  if (times !== null) {
    return `${sign}${times} times as large as it should be${axis(times)}: a sum in place of a mean (over ${times}), or ${times} times counted?`;
  }
  if (part !== null) {
    return `${sign}1/${part} of what it should be${axis(part)}: a mean in place of a sum (over ${part}), or one of ${part} uses (fan-out) counted?`;
  }
  return wrong.length > 1 ? `all wrong entries are off by one constant factor, ${short(c, 6)}` : null;
}

/** The right values in wrong places. */
function rearranged({ shape, offset, size, path }: Leaf, own: readonly EntryReport[]): string | null {
  if (own.length !== size || size < 2 || size > 4096) return null;
  const a = new Float64Array(size);
  const n = new Float64Array(size);
  for (const { entry, analytic, numeric } of own) {
    a[entry - offset] = analytic;
    n[entry - offset] = numeric;
  }
  const scale = n.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const same = (i: number, j: number): boolean => Math.abs(a[i]! - n[j]!) <= 1e-5 * Math.abs(a[i]!) + 1e-9 * scale;
  const every = (from: (i: number) => number): boolean => a.every((_, i) => same(i, from(i)));

  const moved = [...a.keys()].filter((i) => !same(i, i));
  const [p, q] = moved;
  if (moved.length === 2 && same(p!, q!) && same(q!, p!)) return `entries ${p} and ${q} of ${path} are swapped`;
  if (moved.length < 2) return null;
  const rows = shape.length === 2 ? [shape[0]!] : divisors(size);
  for (const r of rows) {
    const c = size / r;
    if (r > 1 && c > 1 && every((i) => (i % r) * c + Math.floor(i / r)))
      return `looks transposed: these are the values of a [${r}, ${c}] matrix in the order of [${c}, ${r}]`;
    if (r > 1 && c > 1 && every((i) => (i % c) * r + Math.floor(i / c)))
      return `looks transposed: these are the values of a [${c}, ${r}] matrix in the order of [${r}, ${c}]`;
  }
  if (size < 3) return null;
  const inner = [...a.keys()].slice(1, -1);
  for (const by of [1, -1]) {
    const wrapped = every((i) => (i + by + size) % size);
    if (wrapped || inner.filter((i) => same(i, i + by)).length >= Math.max(2, inner.length - 1)) {
      return "entries are shifted by one: an index is off by one";
    }
  }
  return every((i) => size - 1 - i) ? "entries are in reverse order" : null;
}

/** Small differences without a pattern. */
function imprecise(wrong: readonly EntryReport[]): string | null {
  const largest = wrong.reduce((most, { relative }) => Math.max(most, relative), 0);
  if (largest > 1e-4) return null;
  return `right to ${short(largest, 1)}: is a part of it computed in float32, or by differences? If that is intended, set rtol`;
}

/** Wrong entries that lie on one side of 0. */
function place(own: readonly EntryReport[], wrong: readonly EntryReport[]): string | null {
  const right = own.filter(({ verdict, analytic }) => verdict === "pass" && analytic !== 0);
  if (wrong.length < 2 || right.length < 2) return null;
  for (const [side, name] of [
    [1, "positive"],
    [-1, "negative"],
  ] as const) {
    if (wrong.every(({ at }) => at * side > 0) && right.every(({ at }) => at * side <= 0)) {
      return `wrong where the input is ${name}, and only there`;
    }
  }
  return null;
}

function precisionOf({ error, numeric }: EntryReport): number {
  return error / Math.abs(numeric);
}

function nearInteger(value: number): number | null {
  const n = Math.round(value);
  return n > 0 && Math.abs(value - n) <= 1e-5 * n ? n : null;
}

function divisors(n: number): number[] {
  return Array.from({ length: Math.floor(Math.sqrt(n)) }, (_, k) => k + 1).filter((r) => r > 1 && n % r === 0);
}
