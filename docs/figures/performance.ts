import { init } from "echarts";
import { type Achieved, achieved, roofOf } from "../../bench/report/roof.ts";
import { type Results, timeOf } from "../../bench/results.ts";

// The picture of docs/guide/performance.md: three curves of a step's time, and a roofline. `npm run bench` writes it.

const [width, height] = [880, 820];
const grids = [
  { left: 80, top: 90, width: 330, height: 270 },
  { left: 520, top: 90, width: 330, height: 270 },
  { left: 80, top: 480, width: 330, height: 270 },
  { left: 520, top: 480, width: 330, height: 270 },
];
const axes = { width: "width of the layers", depth: "layers", batch: "batch" };

// Told apart by the colour-blind, too (Okabe and Ito), and by their markers; on white, whatever the page has around.
const looks: Readonly<Record<string, { color: string; symbol: string }>> = {
  compiled: { color: "#0072B2", symbol: "circle" },
  eager: { color: "#D55E00", symbol: "rect" },
  pytorch: { color: "#009E73", symbol: "triangle" },
  "tfjs-wasm": { color: "#CC79A7", symbol: "diamond" },
};

/** Where there would be no place to the right. */
const labelSides: Readonly<Record<string, "left" | "top" | "bottom">> = {
  B: "left",
  C: "bottom",
  exp: "left",
  "matmul 256": "top",
  "matmul 1024": "bottom",
};

/** The picture as SVG. */
export function performanceFigure(results: Results): string {
  const panels = results.curves.map((curve, i) => curvePanel(results, curve, i));
  const parts = [...panels, roofPanel(results, 3)];
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    textStyle: { fontFamily: "Helvetica, Arial, sans-serif", color: "#333333" },
    title: parts.map(({ title }) => title),
    legend: { top: 10, itemGap: 28, data: results.libraries.filter(({ id }) => id in looks).map(({ label }) => label) },
    grid: grids,
    xAxis: parts.map(({ xAxis }) => xAxis),
    yAxis: parts.map(({ yAxis }) => yAxis),
    series: parts.flatMap(({ series }) => series),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  // The library numbers what it has drawn in its process: so that a figure depends on its data alone.
  return `${svg.replaceAll(/\bzr\d+-/g, "zr-")}\n`;
}

function curvePanel({ libraries }: Results, { id, title, points }: Results["curves"][number], at: number) {
  const series = libraries.flatMap((library) => {
    const data = points.flatMap(({ at, outcomes }) => {
      const us = timeOf(outcomes[library.id]);
      return us === undefined ? [] : [[at, us]];
    });
    return data.length === 0 ? [] : [line(at, library.label, data, looks[library.id])];
  });
  const xAxis = logAxis(at, axes[id as keyof typeof axes], 26, String);
  return { title: heading(at, `A step: ${title}`), xAxis, yAxis: logAxis(at, "", 0, power), series };
}

function roofPanel(results: Results, at: number) {
  const [roof, named] = [roofOf(results), results.workloads.flatMap((w) => achieved(w.id, w) ?? [])];
  const small = results.curves.flatMap(({ points }) => points.flatMap((p) => achieved("", p) ?? []));
  const ceiling = roof === undefined ? [] : [0.03, roof.gflops / roof.gigabytes, 1000];
  const series = [
    line(
      at,
      "roof",
      ceiling.map((x) => [x, Math.min(roof!.gflops, roof!.gigabytes * x)]),
      { color: "#555555", symbol: "none" },
    ),
    scatter(at, small, 5, "#7fb8d8"),
    scatter(at, named, 9, looks["compiled"]!.color),
  ];
  const xAxis = { ...logAxis(at, "operations per byte", 26, String), min: 0.01, max: 1000 };
  const yAxis = { ...logAxis(at, "", 0, String), min: 0.1, max: 100 };
  return { title: heading(at, "Compiled programs: GFLOP/s"), xAxis, yAxis, series };
}

function heading(at: number, text: string) {
  const { left, top } = grids[at]!;
  return { text, left, top: top - 34, padding: 0, textStyle: { fontSize: 14 } };
}

function logAxis(gridIndex: number, name: string, nameGap: number, formatter: (value: number) => string) {
  return {
    type: "log" as const,
    gridIndex,
    name,
    nameLocation: "middle" as const,
    nameGap,
    axisLabel: { formatter },
    splitLine: { show: true, lineStyle: { color: "#e3e5e8" } },
  };
}

/** Powers of ten, in microseconds. */
function power(us: number): string {
  const [scale, unit] = us < 1000 ? [1, "µs"] : us < 1e6 ? [1000, "ms"] : [1e6, "s"];
  return `${Math.round((us / scale) * 10) / 10} ${unit}`;
}

function line(at: number, name: string, data: number[][], look = { color: "#555555", symbol: "circle" }) {
  return {
    type: "line" as const,
    xAxisIndex: at,
    yAxisIndex: at,
    name,
    data,
    symbol: look.symbol,
    symbolSize: 7,
    lineStyle: { width: 2 },
    itemStyle: { color: look.color },
  };
}

function scatter(at: number, points: readonly Achieved[], symbolSize: number, color: string) {
  return {
    type: "scatter" as const,
    xAxisIndex: at,
    yAxisIndex: at,
    symbolSize,
    itemStyle: { color },
    data: points.map(({ label, intensity, gflops }) => ({
      value: [intensity, gflops],
      label: { show: label !== "", formatter: label, position: labelSides[label] ?? ("right" as const), fontSize: 11 },
    })),
  };
}
