import { init } from "echarts";
import { type Achieved, achieved, roofOf } from "../../bench/report/roof.ts";
import { type Results, timeOf } from "../../bench/results.ts";
import { placesOf } from "./placesOf.ts";

// The picture of docs/guide/performance.md: three curves of a step's time, and a roofline. `npm run bench` writes it.

const [width, height] = [880, 800];
const grids = [
  { left: 70, top: 90, width: 200, height: 250 },
  { left: 365, top: 90, width: 200, height: 250 },
  { left: 660, top: 90, width: 200, height: 250 },
  { left: 70, top: 470, width: 795, height: 270 },
];
const axes = { width: "width of the layers", depth: "layers", batch: "batch" };

// Told apart by the colour-blind, too (Okabe and Ito), and by their markers; on white, whatever the page has around.
const looks: Readonly<Record<string, { color: string; symbol: string }>> = {
  compiled: { color: "#0072B2", symbol: "circle" },
  eager: { color: "#D55E00", symbol: "rect" },
  pytorch: { color: "#009E73", symbol: "triangle" },
  "tfjs-wasm": { color: "#CC79A7", symbol: "diamond" },
};

/** The roofline's axes, from power of ten to power of ten. */
const roofRange = { x: [-2, 3], y: [-1, 2] } as const;
const [roofTop, labelSize] = [48, 11];

/** Names of workloads that do not say what they are. */
const labels: Readonly<Record<string, string>> = { chain: "300 scalar ops" };

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
    legend: [
      { top: 10, itemGap: 28, data: results.libraries.filter(({ id }) => id in looks).map(({ label }) => label) },
      { top: grids[3]!.top - roofTop, right: 15, padding: 0, itemGap: 20, itemWidth: 14, data: roofSeries.map(iconOf) },
    ],
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

/** What stands in the roofline, in the order of its legend. */
const roofSeries = ["workloads", "convolutions", "steps of the curves", "roof"] as const;

/** In the legend: as in the picture, but for the line, which has no symbol. */
function iconOf(name: (typeof roofSeries)[number]) {
  return name === "roof" ? { name, icon: "path://M0,6H14V8H0Z" } : { name };
}

function roofPanel(results: Results, at: number) {
  const roof = roofOf(results);
  const all = results.workloads.flatMap((w) => achieved(w.id, w) ?? []);
  const isConvolution = ({ label }: Achieved): boolean => label.startsWith("conv ");
  const small = results.curves.flatMap(({ points }) => points.flatMap((p) => achieved("", p) ?? []));
  const ceiling = roof === undefined ? [] : [0.03, roof.gflops / roof.gigabytes, 1000];
  const limit = (x: number): number[] => [x, Math.min(roof!.gflops, roof!.gigabytes * x)];
  const [named, convolutions] = [all.filter((one) => !isConvolution(one)), all.filter(isConvolution)];
  const others = [
    line(at, roofSeries[3], ceiling.map(limit), { color: "#555555", symbol: "none" }),
    scatter(at, roofSeries[2], small, { symbolSize: 5, color: "#7fb8d8", symbol: "circle" }),
    scatter(at, roofSeries[1], convolutions, { symbolSize: 9, color: "#E69F00", symbol: "diamond" }),
  ];
  // What names are not to lie on: the other dots, and the line, point by point.
  const onLine = ceiling.length === 0 ? [] : Array.from({ length: 500 }, (_, i) => limit(10 ** (i / 100 - 2)));
  const avoided = [...onLine, ...others.slice(1).flatMap(({ data }) => data.map(positionOf))];
  const series = [
    ...others,
    labelled(at, scatter(at, roofSeries[0], named, { symbolSize: 9, ...looks["compiled"]! }), avoided),
  ];
  const xAxis = {
    ...logAxis(at, "operations per byte", 26, String),
    min: 10 ** roofRange.x[0],
    max: 10 ** roofRange.x[1],
  };
  const yAxis = { ...logAxis(at, "", 0, String), min: 10 ** roofRange.y[0], max: 10 ** roofRange.y[1] };
  return { title: heading(at, "Compiled programs: GFLOP/s", roofTop), xAxis, yAxis, series };
}

function heading(at: number, text: string, above = 34) {
  const { left, top } = grids[at]!;
  return { text, left, top: top - above, padding: 0, textStyle: { fontSize: 14 } };
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

function scatter(
  at: number,
  name: string,
  points: readonly Achieved[],
  { symbolSize, color, symbol }: { readonly symbolSize: number; readonly color: string; readonly symbol: string },
) {
  return {
    type: "scatter" as const,
    xAxisIndex: at,
    yAxisIndex: at,
    name,
    symbol,
    symbolSize,
    itemStyle: { color },
    data: points.map(({ label, intensity, gflops }) => ({ name: label, value: [intensity, gflops] })),
  };
}

function positionOf(dot: number[] | { readonly value: number[] }): number[] {
  return "value" in dot ? dot.value : dot;
}

/** Dots with their names, each where it has room beside other dots and what else is to be avoided. */
function labelled(at: number, dots: ReturnType<typeof scatter>, avoided: readonly number[][]) {
  const { left, top, width, height } = grids[at]!;
  const share = (v: number, [from, to]: readonly [number, number]): number => (Math.log10(v) - from) / (to - from);
  const pixels = ([x, y]: number[]) => ({
    x: left + width * share(x!, roofRange.x),
    y: top + height * (1 - share(y!, roofRange.y)),
  });
  const named = dots.data.map(({ name, value }) => {
    const text = labels[name] ?? name;
    return { ...pixels(value), text, width: 0.6 * labelSize * text.length };
  });
  const places = placesOf(named, { radius: dots.symbolSize / 2, height: labelSize, avoided: avoided.map(pixels) });
  const data = dots.data.map((dot, i) => ({
    ...dot,
    label: { show: true, formatter: named[i]!.text, fontSize: labelSize, ...places[i]! },
  }));
  return { ...dots, data };
}
