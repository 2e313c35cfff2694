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

// The curve and the table of docs/guide/identity-paths.md, in both languages. `npm run figure` writes them.

const depth = 16;

const kinds = [
  { colour: "#0072B2", type: "dashed", hasSkips: true, hasNorms: false },
  { colour: "#D55E00", type: "dashed", hasSkips: false, hasNorms: false },
  { colour: "#0072B2", type: "solid", hasSkips: true, hasNorms: true },
  { colour: "#D55E00", type: "solid", hasSkips: false, hasNorms: true },
] as const;

const words = {
  en: {
    names: ["identity paths", "none", "identity paths, normalized", "none, normalized"],
    block: "block",
    norm: "‖δ‖ before the first step",
  },
  zh: {
    names: ["有通路", "无通路", "有通路，归一化", "无通路，归一化"],
    block: "块",
    norm: "训练开始之前的 ‖δ‖",
  },
} as const;

/** The languages that there is a page in: its name without an ending, under docs/guide. */
export const identityPathsPages = { en: "identity-paths", zh: "zh-CN/identity-paths" } as const;

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

/** The picture as SVG, and the table as text, in each language. */
export function identityPaths(): Record<keyof typeof words, { readonly figure: string; readonly table: string }> {
  const norms = kinds.map(normsOf);
  return { en: drawn(norms, "en"), zh: drawn(norms, "zh") };
}

function drawn(norms: readonly number[][], language: keyof typeof words) {
  const { names, block, norm } = words[language];
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 760, height: 420 });
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    grid: { left: 80, right: 20, top: 50, bottom: 50 },
    // Wide enough for dashes to be told from a line.
    legend: { top: 8, itemGap: 24, itemWidth: 36, itemStyle: { opacity: 0 } },
    xAxis: { type: "value", name: block, nameLocation: "middle", nameGap: 28, min: 1, max: depth, interval: 1 },
    yAxis: {
      type: "log",
      name: norm,
      nameLocation: "middle",
      nameGap: 56,
      axisLabel: { formatter: (v: number) => v.toExponential(0) },
    },
    series: kinds.map(({ colour, type }, k) => ({
      name: names[k],
      type: "line" as const,
      symbol: "none",
      lineStyle: { width: 2, type },
      itemStyle: { color: colour },
      data: norms[k]!.map((norm, i) => [i + 1, norm]),
    })),
  });
  // The library numbers what it has drawn in its process: so that a figure depends on its data alone.
  const figure = `${chart.renderToSVGString().replaceAll(/\bzr\d+-/g, "zr-")}\n`;
  chart.dispose();
  const rows = [1, 4, 8, 12, 16].map((at) =>
    [String(at), ...norms.map((each) => each[at - 1]!.toExponential(1))].join(" | "),
  );
  const head = [block, ...names];
  const table = [head.join(" | "), head.map(() => "--:").join(" | "), ...rows].map((row) => `| ${row} |`).join("\n");
  return { figure, table };
}

/** A page with another table between its marks. */
export function withTable(page: string, table: string): string {
  return page.replace(/(<!-- norms -->\n).*?(<!-- \/norms -->)/s, (_, open, close) => `${open}${table}\n${close}`);
}
