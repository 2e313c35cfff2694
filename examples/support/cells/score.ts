/** How well membranes were found, of all pixels that were looked at. */
export interface Score {
  /** The share of pixels that are wrong. */
  readonly pixelError: number;
  /** The harmonic mean of how many that were found are membranes, and how many membranes were found. */
  readonly f1: number;
}

/** Compares probabilities of membranes with what is there. */
export function scoreOf(pairs: readonly { readonly found: Float32Array; readonly membrane: Float32Array }[]): Score {
  let [pixels, wrong, right, all] = [0, 0, 0, 0];
  for (const { found, membrane } of pairs) {
    for (const [i, p] of found.entries()) {
      const [isFound, isThere] = [p > 0.5, membrane[i] === 1];
      pixels++;
      if (isFound !== isThere) wrong++;
      if (isFound && isThere) right++;
      all += Number(isFound) + Number(isThere);
    }
  }
  return { pixelError: wrong / pixels, f1: all === 0 ? 1 : (2 * right) / all };
}
