/**
 * Threefry-2x32-20 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011): a bijection of
 * 64-bit counters for each 64-bit key, whose outputs pass as random. Integer additions, rotations and exclusive ors
 * only, so that it is the same on every platform.
 *
 * @param k0 - low word of the key.
 * @param k1 - high word of the key.
 * @param c0 - low word of the counter.
 * @param c1 - high word of the counter.
 * @param out - receives the two words.
 */
export function threefry2x32(k0: number, k1: number, c0: number, c1: number, out: Uint32Array): void {
  // The three key words take turns; 0x1bd11bda keeps them from being all zero.
  const keys = [k0, k1, k0 ^ k1 ^ 0x1bd11bda];
  let x = (c0 + k0) | 0;
  let y = (c1 + k1) | 0;
  for (let round = 0; round < 20; round++) {
    const r = rotations[round % 8]!;
    x = (x + y) | 0;
    y = ((y << r) | (y >>> (32 - r))) ^ x;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      x = (x + keys[injection % 3]!) | 0;
      y = (y + keys[(injection + 1) % 3]! + injection) | 0;
    }
  }
  out[0] = x;
  out[1] = y;
}

const rotations = [13, 15, 26, 6, 17, 29, 16, 24];
