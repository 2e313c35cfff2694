import * as fc from "fast-check";
import { expect } from "vitest";

/** More runs than any of these tests needs. */
const endless = 100_000;

/**
 * Shows `inspect` values of an arbitrary, drawn and shrunk: a property that fails by chance leads through the tree of shrunk values on
 * random ways, and every way must end.
 *
 * @param options - how many seeds, and how many steps of shrinking there must be at least.
 */
export function walk<T>(
  arbitrary: fc.Arbitrary<T>,
  inspect: (value: T) => void,
  options: { readonly seeds?: number; readonly shrinks?: number } = {},
): void {
  const seeds = options.seeds ?? 60;
  let shrinks = 0;
  let runs = 0;
  for (let seed = 0; seed < seeds; seed++) {
    let error: unknown;
    const coin = coins(seed);
    const property = fc.property(arbitrary, (value) => {
      try {
        inspect(value);
      } catch (e) {
        error ??= e;
      }
      runs++;
      return runs > endless || coin() > 0.35;
    });
    shrinks += fc.check(property, { seed, numRuns: 30 }).numShrinks;
    if (error !== undefined) throw error;
  }
  expect(runs, "shrinking does not end").toBeLessThan(endless);
  expect(shrinks, "nothing was shrunk").toBeGreaterThanOrEqual(options.shrinks ?? seeds / 4);
}

/** What a failing property ends with, for each of many seeds. */
export function ends<T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => boolean, seeds = 40): T[] {
  return Array.from({ length: seeds }, (_, seed) => {
    let runs = 0;
    const property = fc.property(arbitrary, (value) => ++runs > endless || holds(value));
    const { counterexample } = fc.check(property, { seed, numRuns: 2000 });
    expect(runs, `seed ${seed}: shrinking does not end`).toBeLessThan(endless);
    expect(counterexample, `seed ${seed} found no failure`).not.toBeNull();
    return counterexample![0];
  });
}

/** Numbers from 0 to 1, from a seed (Park and Miller, 1988). */
function coins(seed: number): () => number {
  let state = (seed * 7919 + 12345) % 2147483647;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
