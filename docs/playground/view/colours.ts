/** The ground of a number: the deeper, the larger it is, up to `most`. Of what is no number, the colour for that. */
export function tint(v: number, most = 1): string {
  if (Number.isNaN(v)) return "var(--broken)";
  const share = Math.round(60 * Math.min(Math.abs(v) / most, 1));
  return `color-mix(in srgb, var(--${v < 0 ? "negative" : "positive"}) ${share}%, var(--surface))`;
}

/** The colour of a number's sign. */
export function signColour(v: number): string {
  return v < 0 ? "var(--negative)" : "var(--positive)";
}

/** A colour of the style sheet, for canvases, which know no variables. */
export function readColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Red, green and blue of `#rrggbb`. */
export function rgb(hex: string): readonly [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** Colours of layers' curves, in the style sheet. */
export const layerColours = ["curve-1", "curve-2", "curve-3", "curve-4", "curve-5"] as const;
