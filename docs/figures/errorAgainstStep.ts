import { init } from "echarts";
import { slope } from "../../src/gradcheck/estimate.ts";
import { svgOf } from "./svgOf.ts";

// The picture of docs/guide/how-gradient-checking-works.md: what differences of a function are off by, against their step.

const x = 1;
const f = Math.exp;
const exact = Math.exp(x);

/** What three ways to take differences are off by, and the error bar that the checker gives the last; for one step. */
function errorsAt(h: number): { forward: number; central: number; extrapolated: number; bar: number } {
  const stencil = (side: number): Float64Array[] => [1, 1 / 2, 1 / 4].map((t) => Float64Array.of(f(x + side * h * t)));
  const samples = { asked: h, size: h, side: 0, plus: stencil(1), minus: stencil(-1) } as const;
  const { value, error } = slope(samples, f(x), 0, {
    scale: 0,
    eps: 2 ** -52,
    noise: 0,
    statedNoise: 0,
    hidden: 0,
    isRounded: false,
    usual: 1,
  });
  return {
    forward: Math.abs((f(x + h) - f(x)) / h - exact),
    central: Math.abs((f(x + h) - f(x - h)) / (2 * h) - exact),
    extrapolated: Math.abs(value - exact),
    bar: error,
  };
}

/** Labels of a logarithmic axis: 10⁻⁴. */
function powers(interval: number) {
  const superscript = (text: string): string =>
    text.replaceAll("-", "⁻").replaceAll(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)]!);
  return { interval, axisLabel: { formatter: (v: number) => `10${superscript(String(Math.round(Math.log10(v))))}` } };
}

/** The picture as SVG. */
export function errorAgainstStep(): string {
  // Powers of two, so that h itself is not rounded.
  const steps = Array.from({ length: 51 }, (_, k) => 2 ** -k);
  const errors = steps.map(errorsAt);
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 760, height: 460 });
  const series = (name: string, key: keyof ReturnType<typeof errorsAt>, color: string, type: "solid" | "dashed") => ({
    name,
    type: "line" as const,
    symbol: "none",
    lineStyle: { width: 2, type },
    itemStyle: { color },
    // An error of 0 has no place on a logarithmic axis.
    data: steps.flatMap((h, k) => (errors[k]![key] > 0 ? [[h, errors[k]![key]]] : [])),
  });
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    grid: { left: 70, right: 20, top: 50, bottom: 55 },
    legend: { top: 8, itemGap: 28, icon: "roundRect" },
    xAxis: { type: "log", name: "step h", nameLocation: "middle", nameGap: 30, min: 1e-15, max: 1, ...powers(5) },
    yAxis: {
      type: "log",
      name: "error of the derivative of eˣ at 1",
      nameLocation: "middle",
      nameGap: 50,
      min: 1e-15,
      max: 1e5,
      ...powers(5),
    },
    series: [
      series("forward difference", "forward", "#b4500a", "solid"),
      series("central difference", "central", "#1b6ca8", "solid"),
      series("extrapolated twice", "extrapolated", "#1e7d32", "solid"),
      series("its error bar", "bar", "#1e7d32", "dashed"),
    ],
  });
  return svgOf(chart);
}
