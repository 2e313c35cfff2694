import { observe } from "../playground/model/observe.ts";
import { presets } from "../playground/model/settings.ts";
import { Trainer } from "../playground/model/trainer.ts";
import { inFour } from "../playground/view/numbers.ts";

// The figure of docs/guide/forward-pass-and-residuals.md: one step through the lesson's network, forwards, backwards, and to the gradients, with its numbers.
// Its colours follow the page's theme where it stands in a page, and the system's where it is a picture.

const words = {
  en: {
    title:
      "Forward pass, from left to right: x, the weighted sums z₁, the activations a₁, the output z₂, the loss L. Backward pass, from right to left: the residual of the output δ₂ comes from the loss; times the transposed weights it becomes ∂L/∂a₁; times the derivative of tanh, the residual δ₁. Each gradient is a residual times the activation that was kept from the forward pass.",
    forward: "Forward pass",
    backward: "Backward pass",
    gradients: "Gradients",
    kept: "kept",
  },
  zh: {
    title:
      "正向传播从左到右：输入 x，净输入 z₁，激活值 a₁，输出 z₂，损失 L。反向传播从右到左：输出层的残差 δ₂ 由损失求得；乘以权重的转置得到 ∂L/∂a₁；再乘以 tanh 的导数，得到残差 δ₁。每个梯度等于残差乘以正向传播时保留下来的激活值。",
    forward: "正向传播",
    backward: "反向传播",
    gradients: "梯度",
    kept: "保留",
  },
} as const;

/** The languages that there is a figure in, and the files under docs/guide. */
export const figureFiles = {
  en: "forward-and-backward.svg",
  zh: "zh-CN/forward-and-backward.svg",
} as const;

const { short } = inFour;
const columns = [40, 218, 432, 650, 832] as const;
const half = { width: 68, height: 29 } as const;
const rows = { forward: 58, backward: 200, gradient: 336 } as const;

/** The picture as SVG. */
export function forwardAndBackward(language: keyof typeof words): string {
  const say = words[language];
  const { x, layers, output, target, loss } = observe(new Trainer(presets.lesson), 0);
  const [hidden, last] = layers as [(typeof layers)[0], (typeof layers)[0]];
  const vector = (values: readonly number[]): string =>
    values.length === 1 ? short(values[0]!) : `(${values.map(short).join(", ")})`;
  const [x0, z1, a1, z2, L] = columns;
  const { forward, backward, gradient } = rows;
  const parts = [
    heading(x0 - 38, forward, say.forward, "forward"),
    heading(z1 - half.width, backward, say.backward, "backward"),
    heading(z1 - 138, gradient, say.gradients, "gradient"),

    arrow("forward", [x0 + 38, forward], [z1 - half.width, forward], "W₁x + b₁"),
    arrow("forward", [z1 + half.width, forward], [a1 - half.width, forward], "tanh"),
    arrow("forward", [a1 + half.width, forward], [z2 - half.width, forward], "W₂a₁ + b₂"),
    arrow("forward", [z2 + half.width, forward], [L - 46, forward], "(z₂ − y)²"),
    arrow("backward", [L - 20, forward + half.height], [z2 + half.width, backward], "2 (z₂ − y)", [46, 12]),
    arrow("backward", [z2 - half.width, backward], [a1 + half.width, backward], "W₂ᵀ ·"),
    arrow("backward", [a1 - half.width, backward], [z1 + half.width, backward], "⊙ (1 − a₁²)"),
    arrow("gradient", [z2, backward + half.height], [z2, gradient - half.height]),
    arrow("gradient", [z1, backward + half.height], [z1, gradient - half.height]),
    kept([a1 - 50, forward + half.height], [(a1 + z1) / 2, backward - 22], say.kept),
    kept([a1 + 50, forward + half.height], [z2 - 50, gradient - half.height], say.kept),
    kept([x0, forward + half.height], [z1 - 138, gradient], say.kept),

    box("forward", x0, forward, "x", vector(x), 38),
    box("forward", z1, forward, "z₁", vector(hidden.z)),
    box("forward", a1, forward, "a₁ = tanh z₁", vector(hidden.a)),
    box("forward", z2, forward, "z₂", short(output)),
    box("loss", L, forward, `L,  y = ${short(target)}`, short(loss), 46),
    box("backward strong", z2, backward, "δ₂ = ∂L/∂z₂", vector(last.residual)),
    box("backward", a1, backward, "∂L/∂a₁", vector(hidden.arriving)),
    box("backward strong", z1, backward, "δ₁ = ∂L/∂z₁", vector(hidden.residual)),
    box("gradient", z2, gradient, "∂L/∂W₂ = δ₂ a₁ᵀ", vector(last.weightGradient[0]!), 100),
    box("gradient", z1, gradient, "∂L/∂W₁ = δ₁ xᵀ", hidden.weightGradient.map(vector).join(" "), 138),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 372" role="img" aria-label="${say.title}" class="forward-and-backward">
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

type Point = readonly [x: number, y: number];

function heading(x: number, y: number, name: string, kind: string): string {
  return `<text class="head ${kind}" x="${x}" y="${y - half.height - 12}">${name}</text>`;
}

function box(kind: string, x: number, y: number, name: string, value: string, width: number = half.width): string {
  const { height } = half;
  return [
    `<rect class="${kind}" x="${x - width}" y="${y - height}" width="${2 * width}" height="${2 * height}" rx="8"/>`,
    `<text x="${x}" y="${y - 5}">${name}</text>`,
    `<text class="number" x="${x}" y="${y + 15}">${value}</text>`,
  ].join("");
}

/** An arrow, with what it does above its middle, moved as asked. */
function arrow(kind: string, from: Point, to: Point, label = "", [right, down]: Point = [0, 0]): string {
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
function kept(from: Point, to: Point, label: string): string {
  const bend = (to[1] - from[1]) / 2;
  const curve = `M${from.join()}C${from[0]},${from[1] + bend} ${to[0]},${to[1] - bend} ${to.join()}`;
  return `<path class="kept" d="${curve}"/><text class="label" x="${from[0]}" y="${from[1] + 28}">${label}</text>`;
}

function round(v: number): number {
  return Math.round(10 * v) / 10;
}
