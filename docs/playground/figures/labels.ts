import type { Language } from "../labels.ts";
import type { ChainActivation, FigureName } from "./model.ts";

const en = {
  names: {
    neuron: "One neuron, forward and back",
    mistake: "The residual of a confident mistake",
    chain: "The way back through six layers",
  } satisfies Record<FigureName, string>,
  reset: "As in the text",
  forward: "Forward",
  backward: "Backward",
  curve: (z: string, a: string, slope: string) =>
    `The curve a = tanh z, with its tangent at z = ${z}: a = ${a}, slope ${slope}`,
  score: "score s (the target is 1)",
  squares: "squared error",
  entropy: "cross-entropy",
  residuals: (squares: string, entropy: string) =>
    `Residuals over the score s, from −8 to 8: at this s, ${squares} by the squared error, ${entropy} by cross-entropy`,
  weight: "weight w of each layer",
  activation: "activation",
  activations: { sigmoid: "sigmoid", tanh: "tanh", relu: "ReLU" } satisfies Record<ChainActivation, string>,
  path: "identity path: a + f(w·a) instead of f(w·a)",
  layer: (i: number) => `layer ${i}`,
  chainCaption:
    "What comes back to the output of each layer, if it is 1 at the end. The backward pass goes from layer 6 up to layer 1. The residual is δ = ∂L/∂a · f′(z).",
  chainColumns: ["layer", "", "∂L/∂a"] as readonly string[],
};

/** What the figures say. */
export type FigureLabels = typeof en;

const zh: FigureLabels = {
  names: { neuron: "一个神经元的正向与反向传播", mistake: "自信地出错时的残差", chain: "往回经过六层" },
  reset: "恢复正文中的数值",
  forward: "正向传播",
  backward: "反向传播",
  curve: (z, a, slope) => `曲线 a = tanh z 及其在 z = ${z} 处的切线：a = ${a}，斜率 ${slope}`,
  score: "得分 s（目标为 1）",
  squares: "平方误差",
  entropy: "交叉熵",
  residuals: (squares, entropy) =>
    `残差随得分 s 从 −8 到 8 的变化：在当前的 s 处，平方误差的残差为 ${squares}，交叉熵的残差为 ${entropy}`,
  weight: "每层的权重 w",
  activation: "激活函数",
  activations: { sigmoid: "sigmoid", tanh: "tanh", relu: "ReLU" },
  path: "恒等通路：用 a + f(w·a) 代替 f(w·a)",
  layer: (i) => `第 ${i} 层`,
  chainCaption: "传回到各层输出的梯度，设末端为 1。反向传播从第 6 层一直到第 1 层。残差 δ = ∂L/∂a · f′(z)。",
  chainColumns: ["层", "", "∂L/∂a"],
};

export const figureLabelsOf: Readonly<Record<Language, FigureLabels>> = { en, zh };
