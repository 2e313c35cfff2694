import { threefry2x32 } from "../random/threefry.ts";

/**
 * A random 32-bit word that depends on nothing but its arguments: so that a check draws the same for an entry whatever else is checked,
 * and one entry can be replayed alone.
 */
export function word(seed: number, purpose: Purpose, a: number, b = 0): number {
  const words = new Uint32Array(2);
  threefry2x32(seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, a >>> 0, ((purpose << 24) ^ b) >>> 0, words);
  return words[0]!;
}

/** What words are drawn for; each purpose has a stream of its own. */
type Purpose = 1 | 2 | 3 | 4 | 5;
export const purposes = { jitter: 1, signs: 2, sample: 3, cotangent: 4, elsewhere: 5 } as const;

/** A number in [−1, 1), in steps of 2⁻³¹. */
export function symmetric(seed: number, purpose: Purpose, a: number, b = 0): number {
  return word(seed, purpose, a, b) / 2 ** 31 - 1;
}

/**
 * Words of so many bits, at most 16, one for each of some indices: as {@link word} draws them, but many at once. Faster in order.
 *
 * @param b - tells apart what is drawn for one purpose.
 */
export function wordsFor(indices: Int32Array, seed: number, purpose: Purpose, b: number, bits: number): Uint16Array {
  const perWord = Math.floor(32 / bits);
  const mask = 2 ** bits - 1;
  const [low, high, own] = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, ((purpose << 24) ^ b) >>> 0];
  const pair = new Uint32Array(2);
  const drawn = new Uint16Array(indices.length);
  let last = -1;
  let bitsLeft = 0;
  for (let k = 0; k < drawn.length; k++) {
    const index = indices[k]!;
    const block = Math.floor(index / perWord);
    if (block !== last) {
      threefry2x32(low, high, block, own, pair);
      bitsLeft = pair[0]!;
      last = block;
    }
    drawn[k] = (bitsLeft >>> ((index - block * perWord) * bits)) & mask;
  }
  return drawn;
}
