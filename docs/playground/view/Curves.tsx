import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { Labels } from "../labels.ts";
import type { History } from "../model/history.ts";
import { layerColours, readColour } from "./colours.ts";
import { short } from "./numbers.ts";

interface Props {
  readonly labels: Labels;
  readonly history: History;
  /** Steps that were done: what tells that the history has changed. */
  readonly steps: number;
  /** Neurons of each layer. */
  readonly sizes: readonly number[];
  readonly isDark: boolean;
}

/** The training curves: the loss of each step, and the norm of each layer's residual. */
export function Curves({ labels, history, steps, sizes, isDark }: Props) {
  const names = sizes.map((_, i) => (i === sizes.length - 1 ? labels.outputNeuron : labels.hiddenLayer(i + 1)));
  const { losses, residuals } = history;
  const smooth = smoothed(losses);
  const lastNorms = names
    .map((name, i) => `${name} ${short(smoothed(residuals[i] ?? []).at(-1) ?? Number.NaN)}`)
    .join(", ");
  return (
    <section class="panel curves" aria-label={labels.curves}>
      <h2>{labels.curves}</h2>
      <div class="pair">
        <Chart
          title={labels.lossCurve}
          says={labels.curveLabel(labels.lossCurve, steps, losses.length === 0 ? "–" : short(smooth.at(-1)!))}
          series={[
            { name: labels.lossCurve, colour: "pale" },
            { name: labels.smoothed, colour: "text" },
          ]}
          data={[history.steps, losses, smooth]}
          isDark={isDark}
        />
        <Chart
          title={labels.residualCurve}
          says={labels.curveLabel(labels.residualCurve, steps, losses.length === 0 ? "–" : lastNorms)}
          series={names.map((name, i) => ({ name, colour: layerColours[i]! }))}
          data={[history.steps, ...names.map((_, i) => smoothed(residuals[i] ?? []))]}
          isDark={isDark}
        />
      </div>
    </section>
  );
}

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
  readonly data: readonly (readonly number[])[];
  readonly isDark: boolean;
}

const height = 190;

function Chart({ title, says, series, data, isDark }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const look = series.map(({ name, colour }) => `${name} ${colour}`).join();
  useEffect(() => {
    const drawn = new uPlot(optionsOf(series, place.current!.clientWidth), positive(data), place.current!);
    chart.current = drawn;
    const watch = new ResizeObserver(() => drawn.setSize({ width: place.current!.clientWidth, height }));
    watch.observe(place.current!);
    return () => {
      watch.disconnect();
      drawn.destroy();
      chart.current = null;
    };
  }, [look, isDark]);
  useEffect(() => chart.current?.setData(positive(data)));
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

/** On a logarithmic scale there is no place for zero: a gap. */
function positive([steps, ...lists]: readonly (readonly number[])[]): uPlot.AlignedData {
  const data = [Array.from(steps!), ...lists.map((list) => list.map((v) => (v > 0 ? v : null)))];
  return data as uPlot.AlignedData;
}

function optionsOf(series: ChartProps["series"], width: number): uPlot.Options {
  const axis = {
    stroke: readColour("text"),
    grid: { stroke: readColour("line"), width: 1 },
    ticks: { stroke: readColour("line") },
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
      {
        ...axis,
        size: 62,
        values: (_, ticks) => ticks.map((v) => (v === null || v === undefined ? "" : String(Number(v.toPrecision(3))))),
      },
    ],
    series: [
      {},
      ...series.map(({ name, colour }) => ({
        label: name,
        stroke: readColour(colour),
        width: colour === "pale" ? 1 : 2,
        points: { show: false },
      })),
    ],
  };
}
