// Pictures of a forward and a backward pass: boxes with numbers in three rows, and arrows between them.
// Their colours follow the page's theme where they stand in a page, and the system's where they are pictures.

/** Half the width of a box, if not said otherwise, and half its height. */
export const half = { width: 68, height: 29 } as const;

/** The picture as SVG. The title says all of it to those who do not see it. */
export function passes(title: string, width: number, height: number, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}" class="forward-and-backward">
<style>
.forward-and-backward { color-scheme: light dark; font: 15px system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; background: light-dark(#ffffff, #1c222b) }
:root[data-theme="light"] .forward-and-backward { color-scheme: light }
:root[data-theme="dark"] .forward-and-backward { color-scheme: dark }
.forward-and-backward text { fill: light-dark(#1d2430, #e8ecf2); text-anchor: middle }
.forward-and-backward .head { text-anchor: start; font-weight: 600; font-size: 15px }
.forward-and-backward .number { font-size: 14px; font-variant-numeric: tabular-nums }
.forward-and-backward .label { font-size: 14px; paint-order: stroke; stroke: light-dark(#ffffff, #1c222b); stroke-width: 5px }
.forward-and-backward rect { fill: light-dark(#f6f8fb, #232b36); stroke-width: 1.5 }
.forward-and-backward path { fill: none; stroke-width: 2 }
.forward-and-backward .forward { --c: light-dark(#14508c, #8cc4f8) }
.forward-and-backward .backward { --c: light-dark(#a84a08, #ffb27a) }
.forward-and-backward .gradient { --c: light-dark(#00694e, #5fd3b0) }
.forward-and-backward .loss { --c: light-dark(#1d2430, #e8ecf2) }
.forward-and-backward :is(rect, path):is(.forward, .backward, .gradient, .loss) { stroke: var(--c) }
.forward-and-backward :is(.head, .label):is(.forward, .backward, .gradient) { fill: var(--c) }
.forward-and-backward polygon { fill: var(--c) }
.forward-and-backward .strong { stroke-width: 3 }
.forward-and-backward .kept { stroke: light-dark(#6b7686, #8c97a8); stroke-width: 1.4; stroke-dasharray: 4 4 }
@media print { .forward-and-backward, :root:root .forward-and-backward { color-scheme: light } }
</style>
${parts.join("\n")}
</svg>
`;
}

/** A place in the picture. */
export type Point = readonly [x: number, y: number];

/** What a row is called, above its first box. */
export function heading(x: number, y: number, name: string, kind: string): string {
  return `<text class="head ${kind}" x="${x}" y="${y - half.height - 12}">${name}</text>`;
}

/** A box with a name, and a value below it. */
export function box(
  kind: string,
  x: number,
  y: number,
  name: string,
  value: string,
  width: number = half.width,
): string {
  const { height } = half;
  return [
    `<rect class="${kind}" x="${x - width}" y="${y - height}" width="${2 * width}" height="${2 * height}" rx="8"/>`,
    `<text x="${x}" y="${y - 5}">${name}</text>`,
    `<text class="number" x="${x}" y="${y + 15}">${value}</text>`,
  ].join("");
}

/** An arrow, with what it does above its middle, moved as asked. */
export function arrow(kind: string, from: Point, to: Point, label = "", [right, down]: Point = [0, 0]): string {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy);
  const [ux, uy] = [dx / length, dy / length];
  const at = (back: number, side: number): string =>
    `${round(to[0] - back * ux - side * uy)},${round(to[1] - back * uy + side * ux)}`;
  const middle = [round((from[0] + to[0]) / 2 + right), round((from[1] + to[1]) / 2 - 10 + down)];
  return [
    `<path class="${kind}" d="M${from.map(round).join()}L${at(8, 0)}"/>`,
    `<polygon class="${kind}" points="${at(1, 0)} ${at(10, 5)} ${at(10, -5)}"/>`,
    label === "" ? "" : `<text class="label ${kind}" x="${middle[0]}" y="${middle[1]}">${label}</text>`,
  ].join("");
}

/** From a value of the forward pass to where it is used again. */
export function kept(from: Point, to: Point, label: string): string {
  const bend = (to[1] - from[1]) / 2;
  const curve = `M${from.join()}C${from[0]},${from[1] + bend} ${to[0]},${to[1] - bend} ${to.join()}`;
  return `<path class="kept" d="${curve}"/><text class="label" x="${from[0]}" y="${from[1] + 28}">${label}</text>`;
}

function round(v: number): number {
  return Math.round(10 * v) / 10;
}
