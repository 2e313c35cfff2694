import type { Random } from "fast-check";

/** A number from 0 up to 1, without 1, with all 53 bits. */
export function uniform(random: Random): number {
  return (random.nextInt(0, 2 ** 26 - 1) * 2 ** 27 + random.nextInt(0, 2 ** 27 - 1)) / 2 ** 53;
}

/** True once in so many times. */
export function onceIn(random: Random, times: number): boolean {
  return random.nextInt(1, times) === 1;
}

/** One of several. */
export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.nextInt(0, items.length - 1)]!;
}

/** Puts an array in random order (Fisher and Yates, 1938). */
export function shuffle<T>(random: Random, items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.nextInt(0, i);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}
