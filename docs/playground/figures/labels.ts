import type { Language } from "../labels.ts";
import type { ChainActivation, FigureName, Passing, PassingOrder } from "./model.ts";

const en = {
  names: {
    neuron: "One neuron, forward and back",
    order: "When to pass a gradient on: b = a + a, c = b + b",
    mistake: "The residual of a confident mistake",
    chain: "The way back through six layers",
    path: "One block, with a path around it",
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
  passesOn: "a value passes its gradient on",
  orders: {
    atOnce: "as soon as something arrives",
    complete: "once everything has arrived",
  } satisfies Record<PassingOrder, string>,
  back: "Back",
  next: "Next",
  passing: ({ from, to, passed, isEarly, grads }: Passing, isLast: boolean) => {
    if (from === undefined) return "The backward pass starts with c.grad = 1. What comes next? Press Next.";
    const what = `${from} passes ${passed} on to ${to}.`;
    if (isLast)
      return grads.a === 4
        ? `${what} a.grad is 4, as it should be: c = 4a.`
        : `${what} a.grad is ${grads.a}, but c = 4a: 4 would be right. What b passed on too early is counted twice.`;
    return isEarly ? `${what} Too early: b.grad is only 1 so far.` : what;
  },
  orderGraph: ({ a, b, c }: Passing["grads"]) =>
    `The graph a, b, c, with two edges from each value to the next. Gradients: c ${c}, b ${b}, a ${a}`,
  orderCaption: "All steps. ⚠ is passed on too early.",
  orderColumns: ["step", "passes on", "b.grad", "a.grad"] as readonly string[],
  around: "identity path: y = x + F instead of y = F",
  pathGraph: (y: string, dx: string) => `A block from x to y = ${y}. Where 1 arrives at y, ${dx} arrives at x`,
  manyBlocks: (n: number, far: string) => `Back through ${n} such blocks in a row: ${far}`,
};

/** What the figures say. */
export type FigureLabels = typeof en;

const zh: FigureLabels = {
  names: {
    neuron: "一个神经元的正向与反向传播",
    order: "何时把梯度往回传：b = a + a，c = b + b",
    mistake: "自信地出错时的残差",
    chain: "往回经过六层",
    path: "一个块，以及绕过它的通路",
  },
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
  passesOn: "每个值何时把梯度往回传",
  orders: { atOnce: "一收到贡献就传", complete: "等贡献到齐再传" },
  back: "上一步",
  next: "下一步",
  passing: ({ from, to, passed, isEarly, grads }, isLast) => {
    if (from === undefined) return "反向传播从 c.grad = 1 开始。接下来会怎样？按“下一步”。";
    const what = `${from} 把 ${passed} 传给 ${to}。`;
    if (isLast)
      return grads.a === 4
        ? `${what}a.grad 为 4，正确：c = 4a。`
        : `${what}a.grad 为 ${grads.a}，而 c = 4a，正确的是 4。b 过早传出的部分被算了两次。`;
    return isEarly ? `${what}太早了：b.grad 此时只有 1，还没到齐。` : what;
  },
  orderGraph: ({ a, b, c }) => `由 a、b、c 组成的图，相邻两个值之间有两条边。梯度：c ${c}，b ${b}，a ${a}`,
  orderCaption: "全部步骤。⚠ 表示传得太早。",
  orderColumns: ["步", "传递", "b.grad", "a.grad"],
  around: "恒等通路：y = x + F，而不是 y = F",
  pathGraph: (y, dx) => `一个从 x 到 y = ${y} 的块。设传到 y 的梯度为 1，则传到 x 的梯度为 ${dx}`,
  manyBlocks: (n, far) => `往回经过 ${n} 个这样的块：${far}`,
};

export const figureLabelsOf: Readonly<Record<Language, FigureLabels>> = { en, zh };
