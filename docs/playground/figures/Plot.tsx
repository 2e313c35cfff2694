import type { FigureLabels } from "./labels.ts";

/** What each figure is given. */
export interface FigureProps {
  readonly labels: FigureLabels;
}

interface Props {
  readonly says: string;
  /** The plot goes from −reach to reach, and from low to high. */
  readonly reach: number;
  readonly low: number;
  readonly high: number;
  readonly curves: readonly { readonly colour: string; at(x: number): number }[];
  readonly dots: readonly { readonly colour: string; readonly x: number; readonly y: number }[];
}

const [width, height, samples] = [320, 180, 120];

/** Curves over an interval, and dots on them. */
export function Plot({ says, reach, low, high, curves, dots }: Props) {
  const across = (x: number): number => ((x + reach) / (2 * reach)) * width;
  const down = (y: number): number => ((high - y) / (high - low)) * height;
  const points = (at: (x: number) => number): string =>
    Array.from({ length: samples + 1 }, (_, i) => {
      const x = ((2 * i) / samples - 1) * reach;
      return `${across(x).toFixed(1)},${down(at(x)).toFixed(1)}`;
    }).join(" ");
  return (
    <svg class="plot" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={says}>
      <line class="axis" x1="0" x2={width} y1={down(0)} y2={down(0)} />
      <line class="axis" x1={across(0)} x2={across(0)} y1="0" y2={height} />
      {curves.map(({ colour, at }) => (
        <polyline key={colour} points={points(at)} style={{ stroke: `var(--${colour})` }} />
      ))}
      {dots.map(({ colour, x, y }) => (
        <circle key={colour} cx={across(x)} cy={down(y)} r="5" style={{ fill: `var(--${colour})` }} />
      ))}
    </svg>
  );
}
