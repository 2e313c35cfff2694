/**
 * Threefry-2x32-20 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011): a bijection of
 * 64-bit counters for each 64-bit key, whose outputs pass as random. Integer additions, rotations and exclusive ors
 * only, so it is the same on every platform.
 *
 * @param k0 - low word of the key.
 * @param k1 - high word of the key.
 * @param c0 - low word of the counter.
 * @param c1 - high word of the counter.
 * @param out - receives the two words.
 */
export function threefry2x32(k0: number, k1: number, c0: number, c1: number, out: Uint32Array): void {
  let x = (c0 + k0) | 0;
  let y = (c1 + k1) | 0;
  // The three key words take turns; 0x1bd11bda keeps them from being all zero.
  let a = k1;
  let b = k0 ^ k1 ^ 0x1bd11bda;
  let c = k0;
  for (let injection = 1; injection <= 5; injection++) {
    const isOdd = injection % 2 === 1;
    let r = isOdd ? 13 : 17;
    x = (x + y) | 0;
    y = ((y << r) | (y >>> (32 - r))) ^ x;
    r = isOdd ? 15 : 29;
    x = (x + y) | 0;
    y = ((y << r) | (y >>> (32 - r))) ^ x;
    r = isOdd ? 26 : 16;
    x = (x + y) | 0;
    y = ((y << r) | (y >>> (32 - r))) ^ x;
    r = isOdd ? 6 : 24;
    x = (x + y) | 0;
    y = ((y << r) | (y >>> (32 - r))) ^ x;
    x = (x + a) | 0;
    y = (y + b + injection) | 0;
    const first = a;
    a = b;
    b = c;
    c = first;
  }
  out[0] = x;
  out[1] = y;
}
