/**
 * The number with the fewest decimal digits among those that float32 rounds to the same: what a person wrote who wrote an attribute, all of which are float32 in ONNX. 1e-5 is
 * 1e-5 again then, where a model computes in float64.
 */
export function shortest(float: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const number = Number(float.toPrecision(digits));
    if (Math.fround(number) === float) return number;
  }
  return float;
}
