import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { Labels } from "../labels.ts";
import type { History } from "../model/history.ts";
import { layerColours, readColour } from "./colours.ts";
import { useNumbers } from "./numbers.ts";
import { steady } from "./steady.tsx";

interface Props {
  readonly labels: Labels;
  readonly history: History;
  /** Steps that were done: what tells that the history has changed. */
  readonly steps: number;
  /** Names of the layers, the output's last. */
  readonly names: readonly string[];
  readonly isDark: boolean;
}

/** The training curves: the loss of each step, and the norm of each layer's residual. */
export const Curves = steady(({ labels, history, steps, names, isDark }: Props) => {
  const { short } = useNumbers();
  const { losses, residuals } = history;
  const smooth = smoothed(losses);
  const lastNorms = names
    .map((name, i) => `${name} ${short(smoothed(residuals[i] ?? []).at(-1) ?? Number.NaN)}`)
    .join(", ");
  return (
    <section class="panel curves" aria-label={labels.curves}>
      <h2>{labels.curves}</h2>
      {losses.length === 0 && <p class="help">{labels.noCurves}</p>}
      <div class="pair">
        <Chart
          title={labels.lossCurve}
          says={labels.curveLabel(labels.lossCurve, steps, losses.length === 0 ? "–" : short(smooth.at(-1)!))}
          series={[
            { name: labels.lossCurve, colour: "pale" },
            { name: labels.smoothed, colour: "text" },
          ]}
          data={() => [history.steps, losses, smooth]}
          isDark={isDark}
        />
        <Chart
          title={labels.residualCurve}
          says={labels.curveLabel(labels.residualCurve, steps, losses.length === 0 ? "–" : lastNorms)}
          series={names.map((name, i) => ({ name, colour: layerColours[i]! }))}
          data={() => [history.steps, ...names.map((_, i) => smoothed(residuals[i] ?? []))]}
          isDark={isDark}
        />
      </div>
    </section>
  );
});

/** An exponential moving average. */
function smoothed(values: readonly number[]): number[] {
  let mean = values[0] ?? 0;
  return values.map((v) => {
    mean += 0.05 * (v - mean);
    return mean;
  });
}

interface ChartProps {
  readonly title: string;
  readonly says: string;
  readonly series: readonly { readonly name: string; readonly colour: string }[];
  /** The steps, and a list for each series. */
  data(): readonly (readonly number[])[];
  readonly isDark: boolean;
}

const height = 190;

function Chart({ title, says, series, data, isDark }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const look = series.map(({ name, colour }) => `${name} ${colour}`).join();
  const zero = useRef<number | null>(null);
  const onScale = (): uPlot.AlignedData => {
    const [steps, ...lists] = data();
    zero.current = zeroOf(lists);
    const at = (v: number): number | null => (v === 0 ? zero.current : Number.isFinite(v) ? v : null);
    return [Array.from(steps!), ...lists.map((list) => list.map(at))] as uPlot.AlignedData;
  };
  useEffect(() => {
    const box = place.current!;
    const made = new uPlot(
      optionsOf(series, box.clientWidth, () => zero.current),
      onScale(),
      box,
    );
    chart.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height }));
    watch.observe(box);
    return () => {
      watch.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [look, isDark]);
  useEffect(() => chart.current?.setData(onScale()));
  return (
    <figure>
      <figcaption>
        {title}
        <span class="legend">
          {series.map(({ name, colour }) => (
            <span key={name}>
              <span class="line" style={{ background: `var(--${colour})` }} />
              {name}
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={place} class="chart" role="img" aria-label={says} />
    </figure>
  );
}

/** A logarithmic scale has no place for 0: it is drawn two powers of ten below the least of the others, and the axis says 0 there. Null if no value is 0. */
function zeroOf(lists: readonly (readonly number[])[]): number | null {
  let [least, hasZero] = [Number.POSITIVE_INFINITY, false];
  for (const list of lists) {
    for (const v of list) {
      if (v === 0) hasZero = true;
      else if (v < least) least = v;
    }
  }
  if (!hasZero) return null;
  return Number.isFinite(least) ? 10 ** (Math.floor(Math.log10(least)) - 2) : 0.1;
}

function optionsOf(series: ChartProps["series"], width: number, zero: () => number | null): uPlot.Options {
  const axis = {
    stroke: readColour("text"),
    grid: { stroke: readColour("line"), width: 1 },
    ticks: { stroke: readColour("line") },
  };
  const values = (_: uPlot, ticks: readonly number[]): string[] => {
    const at = zero();
    return ticks.map((v) => (at !== null && v <= at * 1.001 ? "0" : written(v)));
  };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false },
      y: { distr: 3, range: (_, low, high) => (low > 0 ? uPlot.rangeLog(low, high, 10, true) : [0.1, 1]) },
    },
    axes: [
      { ...axis, size: 30 },
      { ...axis, size: 62, splits: (_u, _i, low, high) => marks(low, high), filter: (_, ticks) => ticks, values },
    ],
    series: [
      {},
      ...series.map(({ name, colour }) => ({
        label: name,
        stroke: readColour(colour),
        width: colour === "pale" ? 1 : 2,
        points: { show: (u: uPlot) => u.data[0].length < 2 }, // a single step makes no line
      })),
    ],
  };
}

/** Where a logarithmic axis has its marks: at most a dozen, at powers of ten, and between them where there are few. */
function marks(low: number, high: number): number[] {
  const [from, to] = [Math.floor(Math.log10(low) + 1e-9), Math.ceil(Math.log10(high) - 1e-9)];
  const within = to - from > 2 ? [1] : to - from === 2 ? [1, 3] : [1, 2, 5];
  const every = Math.max(Math.ceil((to - from) / 6), 1);
  const powers = Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, i) => from + i * every);
  const all = powers.flatMap((power) => within.map((m) => m * 10 ** power));
  return all.filter((v) => v >= low * 0.999 && v <= high * 1.001);
}

function written(v: number): string {
  return v >= 0.001 && v < 1e5
    ? String(Number(v.toPrecision(3)))
    : v.toExponential(0).replace("-", "−").replace("+", "");
}
