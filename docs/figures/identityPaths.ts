import { init } from "echarts";
import { reduced } from "../../examples/support/resnet.ts";
import { residuals } from "../../src/debug/index.ts";
import {
  Conv2d,
  crossEntropy,
  Generator,
  identityBlock,
  Linear,
  manualSeed,
  mean,
  randint,
  randn,
  relu,
  Sequential,
} from "../../src/index.ts";

// The curve and the table of docs/guide/identity-paths.md. Run by `npm run figure`, which prints the table.

const depth = 16;

const kinds = [
  { name: "identity paths", colour: "#0072B2", type: "dashed", hasSkips: true, hasNorms: false },
  { name: "none", colour: "#D55E00", type: "dashed", hasSkips: false, hasNorms: false },
  { name: "identity paths, normalized", colour: "#0072B2", type: "solid", hasSkips: true, hasNorms: true },
  { name: "none, normalized", colour: "#D55E00", type: "solid", hasSkips: false, hasNorms: true },
] as const;

/** The norm of ∂loss/∂(the block's output) for each of 16 identity blocks, 48 convolutions, before the first step. */
function normsOf(kind: (typeof kinds)[number]): number[] {
  manualSeed(0);
  const blocks = Array.from({ length: depth }, () => reduced(identityBlock(16, { width: 8 }), kind));
  const model = new Sequential(
    new Sequential(new Conv2d(1, 16, 3, { padding: 1 }), relu),
    ...blocks,
    (x) => mean(x, [2, 3]),
    new Linear(16, 10),
  );
  const generator = new Generator(1);
  const images = randn([8, 1, 8, 8], { generator });
  const classes = randint(0, 10, [8], { generator });
  const { rows } = residuals(model, () => crossEntropy(model.forward(images), classes));
  // Three digits: the last ones may differ from engine to engine.
  return blocks.map((_, i) => {
    const row = rows.find(({ path }) => path === `layers.${i + 1}`);
    return Number(row!.residual!.norm.toPrecision(3));
  });
}

/** The picture as SVG, and the table as text. */
export function identityPaths(): { readonly figure: string; readonly table: string } {
  const norms = kinds.map((kind) => ({ ...kind, norms: normsOf(kind) }));
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 760, height: 420 });
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    grid: { left: 80, right: 20, top: 50, bottom: 50 },
    legend: { top: 8, itemGap: 24, icon: "roundRect" },
    xAxis: { type: "value", name: "block", nameLocation: "middle", nameGap: 28, min: 1, max: depth, interval: 1 },
    yAxis: {
      type: "log",
      name: "‖δ‖ before the first step",
      nameLocation: "middle",
      nameGap: 56,
      axisLabel: { formatter: (v: number) => v.toExponential(0) },
    },
    series: norms.map(({ name, colour, type, norms }) => ({
      name,
      type: "line" as const,
      symbol: "none",
      lineStyle: { width: 2, type },
      itemStyle: { color: colour },
      data: norms.map((norm, i) => [i + 1, norm]),
    })),
  });
  const figure = `${chart.renderToSVGString()}\n`;
  chart.dispose();
  const rows = [1, 4, 8, 12, 16].map((block) =>
    [String(block), ...norms.map(({ norms }) => norms[block - 1]!.toExponential(1))].join(" | "),
  );
  const head = ["block", ...kinds.map(({ name }) => name)];
  const table = [head.join(" | "), head.map(() => "--:").join(" | "), ...rows].map((row) => `| ${row} |`).join("\n");
  return { figure, table };
}

/** A page with another table between its marks. */
export function withTable(page: string, table: string): string {
  return page.replace(/(<!-- norms -->\n).*?(\n<!-- \/norms -->)/s, (_, open, close) => `${open}${table}${close}`);
}
