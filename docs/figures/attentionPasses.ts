import { gradients, matmul, softmax, type Tensor, tensor } from "../../src/index.ts";
import { inFour } from "../playground/view/numbers.ts";
import { arrow, box, half, heading, kept, passes } from "./passes.ts";

// The figure of docs/guide/attention-from-scratch.md: one query looks at three keys, and the residuals go back through the weighted sum and the softmax, with the page's numbers.

const words = {
  en: {
    title:
      "Forward pass, from left to right: the query q times the keys K gives the scores s; softmax makes the weights p of them; p times the values V gives the output o, and the loss L. Backward pass, from right to left: the residual of the output; times the values, it becomes that of the weights, ∂L/∂p; the softmax makes that of the scores, ∂L/∂s, of it, whose sum is 0. The gradients of q and K are products of ∂L/∂s with K and q, that of V is the product of p with ∂L/∂o.",
    forward: "Forward pass",
    backward: "Backward pass",
    gradients: "Gradients",
    kept: "kept",
  },
  zh: {
    title:
      "正向传播从左到右：查询 q 乘以各个键 K，得到得分 s；softmax 把得分变成权重 p；权重 p 乘以各个值 V，得到输出 o，最后是损失 L。反向传播从右到左：先求输出的残差；乘以各个值，得到权重的残差 ∂L/∂p；经过 softmax，得到得分的残差 ∂L/∂s，它的和为 0。q 和 K 的梯度是 ∂L/∂s 分别与 K、q 的乘积，V 的梯度是 p 与 ∂L/∂o 的乘积。",
    forward: "正向传播",
    backward: "反向传播",
    gradients: "梯度",
    kept: "保留",
  },
} as const;

/** The languages that there is a figure in, and the files under docs/guide. */
export const attentionFiles = { en: "attention-passes.svg", zh: "zh-CN/attention-passes.svg" } as const;

const [atQuery, atScores, atWeights, atOutput, atLoss] = [50, 280, 572, 838, 1036] as const;
const rows = { forward: 58, backward: 200, gradient: 336 } as const;
const widths = { query: 44, three: 106, loss: 58, matrix: 212 } as const;

/** The picture as SVG. */
export function attentionPasses(language: keyof typeof words): string {
  const say = words[language];
  const input = (rows: number[][]): Tensor => tensor(rows, { dtype: "float64", requiresGrad: true });
  const [q, k, v] = [input([[2, 1]]), input([[0, 1], [1, 0], [1, 1]]), input([[1, 0], [0, 2], [2, 1]])]; // biome-ignore format: matrices
  const s = matmul(q, k.transpose());
  const p = softmax(s);
  const o = matmul(p, v);
  const loss = o.sub(1).pow(2).sum();
  const [dO, dP, dS, dQ, dK, dV] = gradients(loss, [o, p, s, q, k, v]).map(textOf);
  const { forward, backward, gradient } = rows;
  const { query, three, matrix } = widths;
  const parts = [
    heading(atQuery - query, forward, say.forward, "forward"),
    heading(atScores - three, backward, say.backward, "backward"),
    heading(atQuery - query, gradient, say.gradients, "gradient"),

    arrow("forward", [atQuery + query, forward], [atScores - three, forward], "K ·"),
    arrow("forward", [atScores + three, forward], [atWeights - three, forward], "softmax"),
    arrow("forward", [atWeights + three, forward], [atOutput - half.width, forward], "Vᵀ ·"),
    arrow("forward", [atOutput + half.width, forward], [atLoss - widths.loss, forward], "Σ(o − t)²"),
    arrow("backward", [atLoss - 16, forward + half.height], [atOutput + half.width, backward], "2 (o − t)", [46, 12]),
    arrow("backward", [atOutput - half.width, backward], [atWeights + three, backward], "V ·"),
    arrow("backward", [atWeights - three, backward], [atScores + three, backward], "softmax"),
    arrow("gradient", [atScores - 70, backward + half.height], [90, gradient - half.height]),
    arrow("gradient", [atScores + 70, backward + half.height], [390, gradient - half.height]),
    arrow("gradient", [atOutput, backward + half.height], [atOutput, gradient - half.height]),
    kept([atQuery, forward + half.height], [240, gradient - half.height], say.kept),
    kept([atWeights - 60, forward + half.height], [(atScores + atWeights) / 2, backward - 22], say.kept),
    kept([atWeights + 50, forward + half.height], [740, gradient - half.height], say.kept),

    box("forward", atQuery, forward, "q", textOf(q), query),
    box("forward", atScores, forward, "s = K q", textOf(s), three),
    box("forward", atWeights, forward, "p = softmax s", textOf(p), three),
    box("forward", atOutput, forward, "o = Vᵀ p", textOf(o)),
    box("loss", atLoss, forward, "L,  t = (1, 1)", inFour.short(loss.item()), widths.loss),
    box("backward strong", atOutput, backward, "δₒ = ∂L/∂o", dO!),
    box("backward", atWeights, backward, "∂L/∂p = V δₒ", dP!, three),
    box("backward strong", atScores, backward, "δₛ = ∂L/∂s", dS!, three),
    box("gradient", 80, gradient, "∂L/∂q = Kᵀ δₛ", dQ!, 74),
    box("gradient", 386, gradient, "∂L/∂K = δₛ qᵀ", dK!, matrix),
    box("gradient", 830, gradient, "∂L/∂V = p δₒᵀ", dV!, matrix),
  ];
  return passes(say.title, 1098, 372, parts);
}

/** The rows, with four decimals. */
function textOf(x: Tensor): string {
  return x.toArray<number[][]>().map((row) => `(${row.map(inFour.short).join(", ")})`).join(" "); // biome-ignore format: one thought
}
