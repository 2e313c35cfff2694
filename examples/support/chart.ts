import { createRequire } from "node:module";
import type { History } from "tinygrad-ts/train";

// Required, the library is one file, which loads in a tenth of the time that its many modules take.
const { init } = createRequire(import.meta.url)("echarts") as typeof import("echarts");

// Colours that remain apart for the colour-blind (Okabe and Ito), with enough contrast on white.
const lossColour = "#333333";
const layerColours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
const textColour = "#333333";

/**
 * The training curves as SVG: above, the loss of each step; below, the norm of each layer's residual δ. Both on logarithmic axes, each
 * step's value pale behind a smoothed line.
 */
export function residualCurve(title: string, subtitle: string, { losses, residuals }: History): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 960, height: 800 });
  const layers = [...residuals.keys()];
  const layerColour = (i: number) => layerColours[i % layerColours.length]!;
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    textStyle: { fontFamily: "Helvetica, Arial, sans-serif", color: textColour },
    title: [
      {
        text: title,
        subtext: subtitle,
        left: 24,
        top: 16,
        textStyle: { fontSize: 20 },
        subtextStyle: { fontSize: 13, color: "#555555" },
      },
      { text: "Loss per step", left: 84, top: 88, textStyle: { fontSize: 15 } },
      { text: "L2 norm of each layer’s residual δ", left: 84, top: 440, textStyle: { fontSize: 15 } },
    ],
    legend: [legend(90, ["loss of the batch", "loss, smoothed"]), legend(442, layers)],
    grid: [
      { left: 84, right: 32, top: 120, height: 250 },
      { left: 84, right: 32, top: 472, height: 250 },
    ],
    xAxis: [stepAxis(0, losses.length), stepAxis(1, losses.length)],
    yAxis: [logAxis(0, "cross-entropy"), logAxis(1, "‖δ‖ = ‖∂loss/∂z‖")],
    series: [
      line(0, "loss of the batch", lossColour, losses, "pale"),
      line(0, "loss, smoothed", lossColour, smoothed(losses), "strong"),
      // The legend takes its colour from the first of one name.
      ...layers.map((name, i) => line(1, name, layerColour(i), smoothed(residuals.get(name)!), "strong")),
      ...layers.map((name, i) => line(1, name, layerColour(i), residuals.get(name)!, "pale")),
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** The mean of each value and its neighbours: a fiftieth of the run, half on either side. */
function smoothed(values: readonly number[]): number[] {
  const reach = Math.ceil(values.length / 100);
  return values.map((_, i) => {
    const window = values.slice(Math.max(0, i - reach), i + reach + 1);
    return window.reduce((sum, value) => sum + value, 0) / window.length;
  });
}

function legend(top: number, data: readonly string[]) {
  const icon = "path://M0,0h24v3h-24z";
  return {
    right: 32,
    top,
    data: [...data],
    icon,
    itemWidth: 24,
    itemHeight: 3,
    itemGap: 30,
    selectedMode: false,
    textStyle: { color: textColour },
  };
}

function stepAxis(gridIndex: number, steps: number) {
  return {
    gridIndex,
    type: "value" as const,
    name: "optimizer step",
    nameLocation: "middle" as const,
    nameGap: 28,
    min: 0,
    max: steps,
    splitLine: { show: false },
    axisLine: { show: true },
    axisTick: { show: true },
  };
}

function logAxis(gridIndex: number, name: string) {
  return {
    gridIndex,
    type: "log" as const,
    min: ({ min }: { min: number }) => nearestBelow(min),
    max: ({ max }: { max: number }) => 1 / nearestBelow(1 / max),
    name: `${name} (log scale)`,
    nameLocation: "middle" as const,
    nameGap: 52,
    axisLine: { show: true },
    axisLabel: { formatter: (value: number) => String(Number(value.toPrecision(6))) },
    minorSplitLine: { show: true, lineStyle: { color: "#f4f4f4" } },
  };
}

/** The largest of …, 0.1, 0.2, 0.5, 1, 2, 5, … that is at most x. */
function nearestBelow(x: number): number {
  const power = 10 ** Math.floor(Math.log10(x));
  return power * (x >= 5 * power ? 5 : x >= 2 * power ? 2 : 1);
}

function line(grid: number, name: string, color: string, values: readonly number[], look: "pale" | "strong") {
  const isPale = look === "pale";
  return {
    type: "line" as const,
    name,
    xAxisIndex: grid,
    yAxisIndex: grid,
    // A logarithm needs a positive number; anything else leaves a gap.
    data: values.map((value, i) => [i + 1, value > 0 && Number.isFinite(value) ? value : null]),
    showSymbol: false,
    silent: true,
    sampling: "lttb" as const, // long runs have more steps than the picture has columns
    itemStyle: { color, opacity: isPale ? 0.35 : 1 },
    lineStyle: { color, width: isPale ? 1 : 2, opacity: isPale ? 0.25 : 1 },
    z: isPale ? 2 : 3,
  };
}
