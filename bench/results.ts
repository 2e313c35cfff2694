import type { Contestant } from "./libraries.ts";

// What a run of `npm run bench` leaves in results.json: enough to make the page of the documentation again.

/** Rounds of one contestant in one workload: microseconds of a run, each the mean over a while; or why there are none. */
export type Outcome = { readonly us: readonly number[] } | { readonly failed: string };

export interface Measured {
  readonly outcomes: Readonly<Record<string, Outcome>>;
  /** Of our compiled program. */
  readonly program?: { readonly flops: number; readonly bytes: number };
}

export interface LibraryFound extends Pick<Contestant, "id" | "label" | "kind"> {
  readonly version?: string;
  /** What it runs on. */
  readonly runtime?: string;
  /** Where it computes something else. */
  readonly departs?: string;
  /** What one has to know about it. */
  readonly remark?: string;
  /** Why it did not start. */
  readonly failed?: string;
}

export interface Part {
  readonly id: string;
  readonly title: string;
  /** When it was measured, if not with the rest. */
  readonly date?: string;
}

export interface CurvePoint extends Measured {
  readonly at: number;
}

export interface Results {
  readonly machine: { readonly cpu: string; readonly cores: number; readonly system: string };
  readonly date: string;
  /** What other processes did when it began: the load over a minute. */
  readonly load: number;
  readonly libraries: readonly LibraryFound[];
  readonly workloads: readonly (Part & Measured)[];
  readonly curves: readonly (Part & { readonly points: readonly CurvePoint[] })[];
  /** The sum of two arrays that are far larger than the caches. */
  readonly stream?: Measured;
  /** Milliseconds from the start of the program to the first result of workload A, in fresh processes. */
  readonly coldStart: Readonly<Record<string, Outcome>>;
  /** Milliseconds, by workload. */
  readonly compileTimes: Readonly<Record<string, { readonly first: number; readonly later: number }>>;
  /** Bytes of each subpath, minified and gzipped, with all it brings along. */
  readonly sizes: Readonly<Record<string, number>>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** The median over rounds. */
export function timeOf(outcome: Outcome | undefined): number | undefined {
  return outcome !== undefined && "us" in outcome && outcome.us.length > 0 ? median(outcome.us) : undefined;
}

/** Half of the distance from the fastest to the slowest round, relative to the median. */
export function spreadOf(outcome: Outcome): number {
  if (!("us" in outcome) || outcome.us.length < 2) return 0;
  return (Math.max(...outcome.us) - Math.min(...outcome.us)) / 2 / median(outcome.us);
}
