export function hashOfText(text: string): number {
  return hashOf(new Uint8Array(Uint16Array.from(text, (c) => c.charCodeAt(0)).buffer));
}

/** A number of 52 bits that tells bytes apart (FNV-1a, twice, with different seeds). */
export function hashOf(bytes: Uint8Array): number {
  let [low, high] = [0x811c9dc5, 0x01000193];
  for (let i = 0; i < bytes.length; i++) {
    low = Math.imul(low ^ bytes[i]!, 0x01000193);
    high = Math.imul(high ^ bytes[i]!, 0x85ebca6b);
    high ^= high >>> 13;
  }
  return ((high >>> 0) % 2 ** 20) * 2 ** 32 + (low >>> 0);
}
