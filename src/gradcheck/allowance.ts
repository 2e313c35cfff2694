import { type EntryReport, short } from "./entry.ts";
import type { Examination } from "./examine.ts";
import type { Settings } from "./options.ts";
import type { Task } from "./task.ts";

/** The same comparison with some settings changed. */
export type Again = (own: Partial<Settings>) => Examination;

/** Up to so many undecided entries are tried with a looser tolerance, and so many times with twice as much. */
const mostTried = 8;
const mostTimes = 5;

/** An rtol above this is not worth naming. */
const mostRelative = 0.15;

/** What lies so many error bars outside is likely to be wrong, and no tolerance is to hide it; noise alone may make some of them. */
const contradiction = 8;

/** How far a tolerance must go for what is undecided, by the error bars alone. */
function needed(open: readonly EntryReport[], share: (report: EntryReport) => number): number {
  return open.reduce((most, own) => Math.max(most, ((own.absolute + own.error) / share(own)) * 1.5), 0);
}

const larger = ({ analytic, numeric }: EntryReport): number => Math.max(Math.abs(analytic), Math.abs(numeric));

/** The first tolerance that helps; null if none does. With another tolerance, the search for a step may take another way, so each is tried. */
function* firstThatHelps(least: number, most: number, helps: (value: number) => Task<boolean>): Task<number | null> {
  for (let k = 0, own = least; k < mostTimes && own < most; k++, own *= 2) {
    const value = Number(own.toPrecision(2)); // as it is shown
    if (yield* helps(value)) return value;
  }
  return null;
}

/** Where nothing contradicts the function, but error bars are too wide: what would let it pass. */
export function* loosest(again: Again, entries: readonly EntryReport[]): Task<string[]> {
  const noisy = entries.filter(({ verdict, ok }) => verdict === "noisy" && !ok);
  if (noisy.length === 0 || !Number.isFinite(needed(noisy, () => 1))) return [];
  if (noisy.some(({ absolute, error }) => absolute > contradiction * error)) return [];
  const need = (own: EntryReport): number => (own.absolute + own.error) / larger(own);
  const tried = [...noisy].sort((a, b) => need(b) - need(a)).slice(0, mostTried);
  const chosen = [...new Set(tried.map(({ entry }) => entry))];
  const helpsBy = (name: "rtol" | "atol") =>
    function* (value: number): Task<boolean> {
      const reports = yield* again({ [name]: value }).entries(chosen);
      return tried.every(({ entry, result }) => reports.some((r) => r.entry === entry && r.result === result && r.ok));
    };
  const rtol = yield* firstThatHelps(needed(noisy, larger), mostRelative, helpsBy("rtol"));
  // Where an error bar leaves the gradient out, none that would let a 0 pass in its place.
  const off = noisy.filter(({ absolute, error }) => absolute > error);
  const atol = yield* firstThatHelps(
    needed(noisy, () => 1),
    Math.min(...off.map(larger)),
    helpsBy("atol"),
  );
  if (rtol === null && atol === null) return [];
  const absolute = atol === null ? null : `an atol of ${short(atol)}`;
  const which =
    rtol === null
      ? absolute
      : absolute === null
        ? `an rtol of ${short(rtol)}`
        : `an rtol of ${short(rtol)}, or ${absolute},`;
  return [`f is not exact enough for this tolerance; with ${which} the error bars would allow a pass`];
}

/** What can be done where random directions cannot be decided: they move all inputs, of which many may meet a kink. */
export function* ofDirections(
  again: Again,
  directions: readonly EntryReport[],
  inputs: number,
  { kinks, effort }: Settings,
): Task<string[]> {
  const open = directions.filter(({ ok }) => !ok);
  if (open.length === 0 || open.some(({ verdict }) => verdict !== "noisy" && verdict !== "kink")) return [];
  const hasKinks = open.some(({ verdict }) => verdict === "kink");
  const least = needed(open, larger);
  const rtol = yield* firstThatHelps(least, mostRelative, function* (value) {
    const own = yield* again({ rtol: value }).directions(directions.length);
    return own.every(({ ok }) => ok);
  });
  const what = hasKinks ? "f has kinks" : "f is not exact enough, or has kinks (relu, abs, max) close to x";
  const ways = [
    effort === "fast"
      ? `leave out effort: "fast", and set maxEntries: ${inputs}, which checks each entry by itself`
      : `set maxEntries: ${inputs}, which checks each entry by itself`,
    ...(hasKinks && kinks !== "skip" ? ['kinks: "skip"'] : []),
    ...(rtol === null ? [] : [`an rtol of ${short(rtol)}`]),
  ];
  return [`along random directions, which move all inputs at once, ${what}: ${ways.join("; or ")}`];
}
