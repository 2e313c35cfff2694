import { observe } from "../playground/model/observe.ts";
import { presets } from "../playground/model/settings.ts";
import { Trainer } from "../playground/model/trainer.ts";
import { inFour } from "../playground/view/numbers.ts";
import { arrow, box, half, heading, kept, passes } from "./passes.ts";

// The figure of docs/guide/forward-pass-and-residuals.md: one step through the lesson's network, forwards, backwards, and to the gradients, with its numbers.

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
const columns = [40, 230, 456, 686, 872] as const;
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
  return passes(say.title, 920, 372, parts);
}
