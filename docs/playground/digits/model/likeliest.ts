/** The digit with the highest probability, of some of them. */
export function likeliest(p: readonly number[], isMeant: (digit: number) => boolean = () => true): number {
  let best = -1;
  for (const [digit, share] of p.entries()) if (isMeant(digit) && (best === -1 || share > p[best]!)) best = digit;
  return best;
}
