/** What an op, a layer, a loss or an optimizer computes, and its derivative, in TeX. */
export interface Formula {
  readonly is: string;
  /** Of a loss: with respect to the prediction. Of an op whose result no gradient passes: none. Optimizers have none. */
  readonly derivative?: string;
}

const f = (is: string, derivative?: string): Formula => (derivative === undefined ? { is } : { is, derivative });

/** g is the derivative of the loss with respect to the result y; x̄ that with respect to the input x. */
const g = String.raw`\bar x`;
const { raw: r } = String;

const elementwise: Readonly<Record<string, Formula>> = {
  abs: f(r`y = |x|`, r`\frac{\partial y}{\partial x} = \operatorname{sign} x`),
  acos: f(r`y = \arccos x`, r`\frac{\partial y}{\partial x} = -\frac{1}{\sqrt{1 - x^2}}`),
  acosh: f(r`y = \operatorname{arcosh} x`, r`\frac{\partial y}{\partial x} = \frac{1}{\sqrt{x^2 - 1}}`),
  asin: f(r`y = \arcsin x`, r`\frac{\partial y}{\partial x} = \frac{1}{\sqrt{1 - x^2}}`),
  asinh: f(r`y = \operatorname{arsinh} x`, r`\frac{\partial y}{\partial x} = \frac{1}{\sqrt{x^2 + 1}}`),
  atan: f(r`y = \arctan x`, r`\frac{\partial y}{\partial x} = \frac{1}{1 + x^2}`),
  atanh: f(r`y = \operatorname{artanh} x`, r`\frac{\partial y}{\partial x} = \frac{1}{1 - x^2}`),
  celu: f(
    r`y = \max(x, 0) + \min\left(\alpha (e^{x/\alpha} - 1), 0\right)`,
    r`\frac{\partial y}{\partial x} = \begin{cases} 1 & x > 0 \\ e^{x/\alpha} & x < 0 \end{cases}`,
  ),
  ceil: f(r`y = \lceil x \rceil`),
  clamp: f(
    r`y = \min(\max(x, \mathit{min}), \mathit{max})`,
    r`\frac{\partial y}{\partial x} = \begin{cases} 1 & \mathit{min} \le x \le \mathit{max} \\ 0 & \text{else} \end{cases}`,
  ),
  cos: f(r`y = \cos x`, r`\frac{\partial y}{\partial x} = -\sin x`),
  cosh: f(r`y = \cosh x`, r`\frac{\partial y}{\partial x} = \sinh x`),
  digamma: f(r`y = \psi(x) = \frac{d}{dx} \log \Gamma(x)`, r`\frac{\partial y}{\partial x} = \psi'(x)`),
  elu: f(
    r`y = \begin{cases} x & x > 0 \\ \alpha (e^x - 1) & \text{else} \end{cases}`,
    r`\frac{\partial y}{\partial x} = \begin{cases} 1 & x > 0 \\ \alpha e^x & x < 0 \end{cases}`,
  ),
  erf: f(
    r`y = \frac{2}{\sqrt\pi} \int_0^x e^{-t^2} dt`,
    r`\frac{\partial y}{\partial x} = \frac{2}{\sqrt\pi} e^{-x^2}`,
  ),
  erfc: f(r`y = 1 - \operatorname{erf} x`, r`\frac{\partial y}{\partial x} = -\frac{2}{\sqrt\pi} e^{-x^2}`),
  erfinv: f(r`\operatorname{erf} y = x`, r`\frac{\partial y}{\partial x} = \frac{\sqrt\pi}{2} e^{y^2}`),
  exp: f(r`y = e^x`, r`\frac{\partial y}{\partial x} = y`),
  exp2: f(r`y = 2^x`, r`\frac{\partial y}{\partial x} = y \log 2`),
  expm1: f(r`y = e^x - 1`, r`\frac{\partial y}{\partial x} = y + 1`),
  floor: f(r`y = \lfloor x \rfloor`),
  gelu: f(
    r`y = x\, \Phi(x), \quad \Phi(x) = \tfrac12 \left(1 + \operatorname{erf}(x / \sqrt 2)\right)`,
    r`\frac{\partial y}{\partial x} = \Phi(x) + \frac{x}{\sqrt{2\pi}} e^{-x^2/2}`,
  ),
  hardswish: f(
    r`y = x \cdot \frac{\min(\max(x + 3, 0), 6)}{6}`,
    r`\frac{\partial y}{\partial x} = \begin{cases} 0 & x < -3 \\ \frac{2x + 3}{6} & -3 < x < 3 \\ 1 & x > 3 \end{cases}`,
  ),
  hardtanh: f(
    r`y = \min(\max(x, \mathit{min}), \mathit{max})`,
    r`\frac{\partial y}{\partial x} = \begin{cases} 1 & \mathit{min} < x < \mathit{max} \\ 0 & \text{outside} \end{cases}`,
  ),
  leakyRelu: f(
    r`y = \begin{cases} x & x > 0 \\ \mathit{slope} \cdot x & \text{else} \end{cases}`,
    r`\frac{\partial y}{\partial x} = \begin{cases} 1 & x > 0 \\ \mathit{slope} & x < 0 \end{cases}`,
  ),
  lgamma: f(r`y = \log |\Gamma(x)|`, r`\frac{\partial y}{\partial x} = \psi(x)`),
  log: f(r`y = \log x`, r`\frac{\partial y}{\partial x} = \frac1x`),
  log10: f(r`y = \log_{10} x`, r`\frac{\partial y}{\partial x} = \frac{1}{x \log 10}`),
  log1p: f(r`y = \log(1 + x)`, r`\frac{\partial y}{\partial x} = \frac{1}{1 + x}`),
  log2: f(r`y = \log_2 x`, r`\frac{\partial y}{\partial x} = \frac{1}{x \log 2}`),
  mish: f(
    r`y = x \tanh(s), \quad s = \log(1 + e^x)`,
    r`\frac{\partial y}{\partial x} = \tanh(s) + x\, \sigma(x) \left(1 - \tanh^2(s)\right)`,
  ),
  neg: f(r`y = -x`, r`\frac{\partial y}{\partial x} = -1`),
  polygamma: f(r`y = \psi^{(n)}(x)`, r`\frac{\partial y}{\partial x} = \psi^{(n+1)}(x)`),
  relu: f(r`y = \max(x, 0)`, r`\frac{\partial y}{\partial x} = \begin{cases} 1 & x > 0 \\ 0 & \text{else} \end{cases}`),
  round: f(r`y = \text{the nearest integer, the even one of two}`),
  rsqrt: f(r`y = \frac{1}{\sqrt x}`, r`\frac{\partial y}{\partial x} = -\frac{y^3}{2}`),
  selu: f(
    r`y = \lambda \begin{cases} x & x > 0 \\ \alpha (e^x - 1) & \text{else} \end{cases}, \quad \lambda \approx 1.0507,\ \alpha \approx 1.6733`,
    r`\frac{\partial y}{\partial x} = \lambda \begin{cases} 1 & x > 0 \\ \alpha e^x & x < 0 \end{cases}`,
  ),
  sigmoid: f(r`y = \sigma(x) = \frac{1}{1 + e^{-x}}`, r`\frac{\partial y}{\partial x} = y (1 - y)`),
  sign: f(r`y = \operatorname{sign} x`),
  silu: f(r`y = x\, \sigma(x)`, r`\frac{\partial y}{\partial x} = \sigma(x) + x\, \sigma(x) (1 - \sigma(x))`),
  sin: f(r`y = \sin x`, r`\frac{\partial y}{\partial x} = \cos x`),
  sinc: f(
    r`y = \frac{\sin \pi x}{\pi x}`,
    r`\frac{\partial y}{\partial x} = \frac{\cos \pi x}{x} - \frac{\sin \pi x}{\pi x^2}`,
  ),
  sinh: f(r`y = \sinh x`, r`\frac{\partial y}{\partial x} = \cosh x`),
  softplus: f(r`y = \log(1 + e^x)`, r`\frac{\partial y}{\partial x} = \sigma(x)`),
  softsign: f(r`y = \frac{x}{1 + |x|}`, r`\frac{\partial y}{\partial x} = \frac{1}{(1 + |x|)^2}`),
  sqrt: f(r`y = \sqrt x`, r`\frac{\partial y}{\partial x} = \frac{1}{2y}`),
  tan: f(r`y = \tan x`, r`\frac{\partial y}{\partial x} = 1 + y^2`),
  tanh: f(r`y = \tanh x`, r`\frac{\partial y}{\partial x} = 1 - y^2`),
  add: f(r`y = a + b`, r`\frac{\partial y}{\partial a} = 1, \quad \frac{\partial y}{\partial b} = 1`),
  sub: f(r`y = a - b`, r`\frac{\partial y}{\partial a} = 1, \quad \frac{\partial y}{\partial b} = -1`),
  mul: f(r`y = a\, b`, r`\frac{\partial y}{\partial a} = b, \quad \frac{\partial y}{\partial b} = a`),
  div: f(
    r`y = \frac ab`,
    r`\frac{\partial y}{\partial a} = \frac1b, \quad \frac{\partial y}{\partial b} = -\frac{a}{b^2}`,
  ),
  pow: f(r`y = a^b`, r`\frac{\partial y}{\partial a} = b\, a^{b-1}, \quad \frac{\partial y}{\partial b} = a^b \log a`),
  maximum: f(
    r`y = \max(a, b)`,
    r`\frac{\partial y}{\partial a} = \begin{cases} 1 & a > b \\ \frac12 & a = b \\ 0 & a < b \end{cases}`,
  ),
  minimum: f(
    r`y = \min(a, b)`,
    r`\frac{\partial y}{\partial a} = \begin{cases} 1 & a < b \\ \frac12 & a = b \\ 0 & a > b \end{cases}`,
  ),
  atan2: f(
    r`y = \text{the angle of the point } (b, a)`,
    r`\frac{\partial y}{\partial a} = \frac{b}{a^2 + b^2}, \quad \frac{\partial y}{\partial b} = -\frac{a}{a^2 + b^2}`,
  ),
  hypot: f(
    r`y = \sqrt{a^2 + b^2}`,
    r`\frac{\partial y}{\partial a} = \frac ay, \quad \frac{\partial y}{\partial b} = \frac by`,
  ),
  logaddexp: f(
    r`y = \log(e^a + e^b)`,
    r`\frac{\partial y}{\partial a} = e^{a - y}, \quad \frac{\partial y}{\partial b} = e^{b - y}`,
  ),
  xlogy: f(r`y = a \log b`, r`\frac{\partial y}{\partial a} = \log b, \quad \frac{\partial y}{\partial b} = \frac ab`),
  floorDivide: f(r`y = \left\lfloor \frac ab \right\rfloor`),
  remainder: f(
    r`y = a - b \left\lfloor \frac ab \right\rfloor`,
    r`\frac{\partial y}{\partial a} = 1, \quad \frac{\partial y}{\partial b} = -\left\lfloor \frac ab \right\rfloor`,
  ),
  prelu: f(
    r`y = \begin{cases} x & x > 0 \\ w\, x & \text{else} \end{cases}`,
    r`\frac{\partial y}{\partial x} = \begin{cases} 1 & x > 0 \\ w & \text{else} \end{cases}, \quad \frac{\partial y}{\partial w} = \min(x, 0)`,
  ),
  eq: f(r`y = [a = b]`),
  ne: f(r`y = [a \ne b]`),
  lt: f(r`y = [a < b]`),
  le: f(r`y = [a \le b]`),
  gt: f(r`y = [a > b]`),
  ge: f(r`y = [a \ge b]`),
  logicalAnd: f(r`y = a \land b`),
  logicalOr: f(r`y = a \lor b`),
  logicalXor: f(r`y = a \oplus b`),
  logicalNot: f(r`y = \lnot x`),
  where: f(
    r`y = \begin{cases} a & \text{condition} \\ b & \text{else} \end{cases}`,
    r`\bar a = g \cdot [\text{condition}], \quad \bar b = g \cdot [\text{not condition}]`,
  ),
  cast: f(r`y = x \text{ in another dtype}`, r`${g} = g \text{ in the dtype of } x`),
};

const reductions: Readonly<Record<string, Formula>> = {
  sum: f(r`y = \sum_i x_i`, r`\frac{\partial y}{\partial x_i} = 1`),
  mean: f(r`y = \frac1n \sum_i x_i`, r`\frac{\partial y}{\partial x_i} = \frac1n`),
  prod: f(r`y = \prod_i x_i`, r`\frac{\partial y}{\partial x_i} = \prod_{j \ne i} x_j`),
  max: f(r`y = \max_i x_i`, r`\frac{\partial y}{\partial x_i} = \frac{[x_i = y]}{\#\{j : x_j = y\}}`),
  min: f(r`y = \min_i x_i`, r`\frac{\partial y}{\partial x_i} = \frac{[x_i = y]}{\#\{j : x_j = y\}}`),
  norm: f(r`y = \sqrt{\textstyle\sum_i x_i^2}`, r`\frac{\partial y}{\partial x_i} = \frac{x_i}{y}`),
  variance: f(
    r`y = \frac{1}{n - c} \sum_i (x_i - \bar{x})^2, \quad \bar{x} = \frac1n \sum_i x_i,\ c = \mathit{correction}`,
    r`\frac{\partial y}{\partial x_i} = \frac{2 (x_i - \bar{x})}{n - c}`,
  ),
  std: f(
    r`y = \sqrt{\operatorname{variance}(x)}`,
    r`\frac{\partial y}{\partial x_i} = \frac{x_i - \bar{x}}{(n - c)\, y}, \quad \bar{x} = \frac1n \sum_i x_i`,
  ),
  logSumExp: f(r`y = \log \sum_i e^{x_i}`, r`\frac{\partial y}{\partial x_i} = e^{x_i - y}`),
  argmax: f(r`y = \arg\max_i x_i`),
  argmin: f(r`y = \arg\min_i x_i`),
  all: f(r`y = \bigwedge_i x_i`),
  any: f(r`y = \bigvee_i x_i`),
  cumsum: f(r`y_i = \sum_{j \le i} x_j`, r`${g}_j = \sum_{i \ge j} g_i`),
  cumprod: f(r`y_i = \prod_{j \le i} x_j`, r`${g}_j = \sum_{i \ge j} g_i \prod_{k \le i,\, k \ne j} x_k`),
  cummax: f(r`y_i = \max_{j \le i} x_j`, r`${g}_j = \sum_{i\,:\,y_i \text{ is } x_j} g_i`),
  cummin: f(r`y_i = \min_{j \le i} x_j`, r`${g}_j = \sum_{i\,:\,y_i \text{ is } x_j} g_i`),
  logcumsumexp: f(r`y_i = \log \sum_{j \le i} e^{x_j}`, r`${g}_j = \sum_{i \ge j} g_i\, e^{x_j - y_i}`),
  median: f(r`y = \operatorname{median}_i x_i`, r`${g}_i = g \text{ at the element that is the median, else } 0`),
  quantile: f(
    r`y = (1 - t)\, x_{(k)} + t\, x_{(k+1)}, \quad k + t = q\,(n - 1)`,
    r`${g}_{(k)} = (1 - t)\, g, \quad ${g}_{(k+1)} = t\, g`,
  ),
  softmax: f(r`y_i = \frac{e^{x_i}}{\sum_j e^{x_j}}`, r`${g}_i = y_i \left(g_i - \sum_j g_j y_j\right)`),
  logSoftmax: f(r`y_i = x_i - \log \sum_j e^{x_j}`, r`${g}_i = g_i - e^{y_i} \sum_j g_j`),
  sort: f(r`y_i = x_{\pi(i)}, \quad y_0 \le y_1 \le \dots`, r`${g}_{\pi(i)} = g_i`),
  argsort: f(r`y = \pi, \quad x_{\pi(0)} \le x_{\pi(1)} \le \dots`),
  topk: f(r`y_i = x_{\pi(i)}, \quad i < k`, r`${g}_{\pi(i)} = g_i \text{, else } 0`),
  unique: f(r`y = \text{the different values, sorted}`),
  bincount: f(r`y_k = \#\{i : x_i = k\}`),
};

const products: Readonly<Record<string, Formula>> = {
  matmul: f(r`Y = A B`, r`\bar A = G B^{\top}, \quad \bar B = A^{\top} G`),
  outer: f(r`Y = a\, b^{\top}`, r`\bar a = G b, \quad \bar b = G^{\top} a`),
  einsum: f(
    r`Y_{ik} = \sum_j A_{ij} B_{jk} \quad (\texttt{ij,jk->ik})`,
    r`\bar A_{ij} = \sum_k G_{ik} B_{jk}, \quad \bar B_{jk} = \sum_i A_{ij} G_{ik}`,
  ),
  trace: f(r`y = \sum_i X_{ii}`, r`\bar X = g\, I`),
};

const along: Readonly<Record<number, readonly [string, string]>> = {
  1: [r`s i + d k`, r`k`],
  2: [r`s i + d k,\ s j + d l`, r`k l`],
  3: [r`s i + d k,\ s j + d l,\ s h + d m`, r`k l m`],
};
for (const [axes, [places, taps]] of Object.entries(along)) {
  const at = { 1: "i", 2: "i j", 3: "i j h" }[axes]!;
  Object.assign(products, {
    [`conv${axes}d`]: f(
      r`y_{o,\,${at}} = b_o + \sum_{c,\,${taps}} w_{o,c,\,${taps}}\; x_{c,\,${places}} \quad (s = \mathit{stride},\ d = \mathit{dilation})`,
      r`\bar x_{c,\,${places}} \mathrel{+}= \sum_o w_{o,c,\,${taps}}\, g_{o,\,${at}}, \quad \bar w_{o,c,\,${taps}} = \sum_{${at}} g_{o,\,${at}}\; x_{c,\,${places}}, \quad \bar b_o = \sum_{${at}} g_{o,\,${at}}`,
    ),
    [`convTranspose${axes}d`]: f(
      r`y_{o,\,${places}} \mathrel{+}= \sum_c w_{c,o,\,${taps}}\; x_{c,\,${at}} \quad (s = \mathit{stride},\ d = \mathit{dilation})`,
      r`\bar x_{c,\,${at}} = \sum_{o,\,${taps}} w_{c,o,\,${taps}}\; g_{o,\,${places}}, \quad \bar w_{c,o,\,${taps}} = \sum_{${at}} x_{c,\,${at}}\; g_{o,\,${places}}`,
    ),
  });
}
Object.assign(products, {
  convInput: f(
    r`y = w^{\top} g \text{, the adjoint of } x \mapsto w * x`,
    r`\bar g = w * \bar y, \quad \bar w = \operatorname{convWeight}(\bar y, g)`,
  ),
  convWeight: f(
    r`y_{o,c,k} = \sum_i g_{o,i}\, x_{c,\,s i + d k}`,
    r`\bar x = \operatorname{convInput}(g, \bar y), \quad \bar g = \bar y * x`,
  ),
});

/** Ops that move elements: the gradient goes back to where each element came from. */
const moved = (is: string, back: string): Formula => f(is, back);
const movement: Readonly<Record<string, Formula>> = {
  reshape: moved(r`y = x \text{ in another shape}`, r`${g} = g \text{ in the shape of } x`),
  flatten: moved(r`y = x \text{ with axes joined}`, r`${g} = g \text{ in the shape of } x`),
  squeeze: moved(r`y = x \text{ without axes of size } 1`, r`${g} = g \text{ in the shape of } x`),
  unsqueeze: moved(r`y = x \text{ with an axis of size } 1`, r`${g} = g \text{ in the shape of } x`),
  permute: moved(r`y_{\pi(i)} = x_{i}`, r`${g}_{i} = g_{\pi(i)}`),
  transpose: moved(r`Y = X^{\top}`, r`\bar X = G^{\top}`),
  expand: moved(r`y_{k i} = x_i`, r`${g}_i = \sum_k g_{k i}`),
  repeat: moved(r`y_{k i} = x_i`, r`${g}_i = \sum_k g_{k i}`),
  tile: moved(r`y_{k i} = x_i`, r`${g}_i = \sum_k g_{k i}`),
  flip: moved(r`y_i = x_{n - 1 - i}`, r`${g}_i = g_{n - 1 - i}`),
  roll: moved(r`y_{(i + s) \bmod n} = x_i`, r`${g}_i = g_{(i + s) \bmod n}`),
  pad: moved(r`y_{i + p} = x_i \text{, else the value of the border}`, r`${g}_i = g_{i + p}`),
  slice: moved(r`y_i = x_{a + i b}`, r`${g}_{a + i b} = g_i \text{, else } 0`),
  split: moved(r`y^{(k)}_i = x_{k m + i}`, r`${g}_{k m + i} = g^{(k)}_i`),
  cat: moved(r`y = (a, b, \dots)`, r`(\bar a, \bar b, \dots) = g`),
  stack: moved(r`y_k = x^{(k)}`, r`${g}^{(k)} = g_k`),
  diag: moved(r`Y_{ii} = x_i`, r`${g}_i = G_{ii}`),
  diagonal: moved(r`y_i = X_{ii}`, r`\bar X_{ii} = g_i \text{, else } 0`),
  tril: moved(r`Y_{ij} = X_{ij} \text{ where } j \le i + k \text{, else } 0`, r`\bar X = \operatorname{tril}(G)`),
  triu: moved(r`Y_{ij} = X_{ij} \text{ where } j \ge i + k \text{, else } 0`, r`\bar X = \operatorname{triu}(G)`),
  meshgrid: moved(r`A_{ij} = a_i, \quad B_{ij} = b_j`, r`\bar a_i = \sum_j G^A_{ij}, \quad \bar b_j = \sum_i G^B_{ij}`),
  index: moved(r`y_k = x_{i_k}`, r`${g}_i = \sum_{k\,:\,i_k = i} g_k`),
  indexSelect: moved(r`y_k = x_{i_k}`, r`${g}_i = \sum_{k\,:\,i_k = i} g_k`),
  gather: moved(r`y_{k} = x_{i_k}`, r`${g}_i = \sum_{k\,:\,i_k = i} g_k`),
  indexAdd: moved(r`y_i = x_i + \sum_{k\,:\,i_k = i} s_k`, r`${g} = g, \quad \bar s_k = g_{i_k}`),
  scatterAdd: moved(r`y_i = x_i + \sum_{k\,:\,i_k = i} s_k`, r`${g} = g, \quad \bar s_k = g_{i_k}`),
  maskedFill: moved(
    r`y = \begin{cases} \mathit{value} & \text{mask} \\ x & \text{else} \end{cases}`,
    r`${g} = g \cdot [\text{not mask}]`,
  ),
  glu: moved(
    r`y = a\, \sigma(b), \quad x = (a, b)`,
    r`\bar a = g\, \sigma(b), \quad \bar b = g\, a\, \sigma(b) (1 - \sigma(b))`,
  ),
  oneHot: f(r`y_{k j} = [x_k = j]`),
  zerosLike: f(r`y_i = 0`),
  onesLike: f(r`y_i = 1`),
  fullLike: f(r`y_i = \mathit{value}`),
};

/** W_i is the window of the result's place i. */
const pooling: Readonly<Record<string, Formula>> = {
  maxPoolIndices: f(r`y_i = \arg\max_{k \in W_i} x_k`),
  adaptiveMaxPoolIndices: f(r`y_i = \arg\max_{k \in W_i} x_k`),
  interpolate: f(r`y_i = \sum_k w_{ik}\, x_k`, r`${g}_k = \sum_i w_{ik}\, g_i`),
  Upsample: f(r`y_i = \sum_k w_{ik}\, x_k`, r`${g}_k = \sum_i w_{ik}\, g_i`),
  pixelShuffle: f(
    r`y_{c,\, r i + a,\, r j + b} = x_{c r^2 + a r + b,\, i,\, j}`,
    r`${g}_{c r^2 + a r + b,\, i,\, j} = g_{c,\, r i + a,\, r j + b}`,
  ),
  pixelUnshuffle: f(
    r`y_{c r^2 + a r + b,\, i,\, j} = x_{c,\, r i + a,\, r j + b}`,
    r`${g}_{c,\, r i + a,\, r j + b} = g_{c r^2 + a r + b,\, i,\, j}`,
  ),
  unfold: f(r`y_{k, i} = x_{s i + d k}`, r`${g}_j = \sum_{s i + d k = j} g_{k, i}`),
  fold: f(r`y_j = \sum_{s i + d k = j} x_{k, i}`, r`${g}_{k, i} = g_{s i + d k}`),
};
for (const axes of [1, 2, 3]) {
  const max = f(r`y_i = \max_{k \in W_i} x_k`, r`${g}_k = \sum_{i\,:\,y_i \text{ is } x_k} g_i`);
  const mean = f(r`y_i = \frac{1}{|W_i|} \sum_{k \in W_i} x_k`, r`${g}_k = \sum_{i\,:\,k \in W_i} \frac{g_i}{|W_i|}`);
  Object.assign(pooling, {
    [`maxPool${axes}d`]: max,
    [`MaxPool${axes}d`]: max,
    [`avgPool${axes}d`]: mean,
    [`AvgPool${axes}d`]: mean,
    [`adaptiveMaxPool${axes}d`]: max,
    [`AdaptiveMaxPool${axes}d`]: max,
    [`adaptiveAvgPool${axes}d`]: mean,
    [`AdaptiveAvgPool${axes}d`]: mean,
  });
}

/** p is the prediction, t the target, n the number of terms; "mean" is the reduction. */
const losses: Readonly<Record<string, Formula>> = {
  mse: f(r`L = \frac1n \sum_i (p_i - t_i)^2`, r`\frac{\partial L}{\partial p_i} = \frac2n (p_i - t_i)`),
  l1: f(r`L = \frac1n \sum_i |p_i - t_i|`, r`\frac{\partial L}{\partial p_i} = \frac1n \operatorname{sign}(p_i - t_i)`),
  huber: f(
    r`L = \frac1n \sum_i \begin{cases} \frac12 e_i^2 & |e_i| \le \delta \\ \delta (|e_i| - \frac\delta2) & \text{else} \end{cases}, \quad e_i = p_i - t_i`,
    r`\frac{\partial L}{\partial p_i} = \frac1n \min(\max(e_i, -\delta), \delta)`,
  ),
  smoothL1: f(
    r`L = \frac1n \sum_i \begin{cases} \frac{e_i^2}{2\beta} & |e_i| < \beta \\ |e_i| - \frac\beta2 & \text{else} \end{cases}, \quad e_i = p_i - t_i`,
    r`\frac{\partial L}{\partial p_i} = \frac1n \min\left(\max\left(\frac{e_i}{\beta}, -1\right), 1\right)`,
  ),
  crossEntropy: f(
    r`L = -\frac1n \sum_i \log p_{i, t_i}, \quad p_{ij} = \frac{e^{s_{ij}}}{\sum_k e^{s_{ik}}}`,
    r`\frac{\partial L}{\partial s_{ij}} = \frac1n \left(p_{ij} - [j = t_i]\right)`,
  ),
  nll: f(r`L = -\frac1n \sum_i x_{i, t_i}`, r`\frac{\partial L}{\partial x_{ij}} = -\frac1n [j = t_i]`),
  bce: f(
    r`L = -\frac1n \sum_i \left(t_i \log p_i + (1 - t_i) \log(1 - p_i)\right)`,
    r`\frac{\partial L}{\partial p_i} = \frac1n \cdot \frac{p_i - t_i}{p_i (1 - p_i)}`,
  ),
  bceWithLogits: f(
    r`L = \frac1n \sum_i \left(\log(1 + e^{s_i}) - t_i s_i\right)`,
    r`\frac{\partial L}{\partial s_i} = \frac1n (\sigma(s_i) - t_i)`,
  ),
  focal: f(
    r`L = -\frac1n \sum_i (1 - q_i)^\gamma \log q_i, \quad q_i = \text{the probability of the true class}`,
    r`\frac{\partial L}{\partial q_i} = \frac1n (1 - q_i)^{\gamma - 1} \left(\gamma \log q_i - \frac{1 - q_i}{q_i}\right)`,
  ),
  klDiv: f(
    r`L = \frac1n \sum_i t_i (\log t_i - x_i), \quad x = \log p`,
    r`\frac{\partial L}{\partial x_i} = -\frac{t_i}{n}`,
  ),
  hinge: f(
    r`L = \frac1n \sum_i \max(0, m - t_i p_i), \quad t_i = \pm 1`,
    r`\frac{\partial L}{\partial p_i} = \begin{cases} -t_i / n & t_i p_i < m \\ 0 & t_i p_i > m \end{cases}`,
  ),
  hingeEmbedding: f(
    r`L = \frac1n \sum_i \begin{cases} p_i & t_i = 1 \\ \max(0, m - p_i) & t_i = -1 \end{cases}`,
    r`\frac{\partial L}{\partial p_i} = \begin{cases} 1 / n & t_i = 1 \\ -[p_i < m] / n & t_i = -1 \end{cases}`,
  ),
  cosineEmbedding: f(
    r`L = \frac1n \sum_i \begin{cases} 1 - c_i & t_i = 1 \\ \max(0, c_i - m) & t_i = -1 \end{cases}, \quad c = \frac{a \cdot b}{\lVert a \rVert \lVert b \rVert}`,
    r`\frac{\partial c}{\partial a} = \frac{1}{\lVert a \rVert} \left(\frac{b}{\lVert b \rVert} - c\, \frac{a}{\lVert a \rVert}\right)`,
  ),
  tripletMargin: f(
    r`L = \frac1n \sum_i \max\left(0, \lVert a_i - p_i \rVert - \lVert a_i - n_i \rVert + m\right)`,
    r`\frac{\partial L}{\partial p_i} = \frac1n \cdot \frac{p_i - a_i}{\lVert a_i - p_i \rVert} \text{ where the term is above } 0`,
  ),
  gaussianNll: f(
    r`L = \frac1n \sum_i \frac12 \left(\log v_i + \frac{(p_i - t_i)^2}{v_i}\right)`,
    r`\frac{\partial L}{\partial p_i} = \frac{p_i - t_i}{n v_i}, \quad \frac{\partial L}{\partial v_i} = \frac{1}{2n} \left(\frac{1}{v_i} - \frac{(p_i - t_i)^2}{v_i^2}\right)`,
  ),
  poissonNll: f(
    r`L = \frac1n \sum_i \left(e^{x_i} - t_i x_i\right)`,
    r`\frac{\partial L}{\partial x_i} = \frac1n \left(e^{x_i} - t_i\right)`,
  ),
  dice: f(
    r`L = 1 - \frac{2 I + s}{S + s}, \quad I = \sum_i p_i t_i,\ S = \sum_i (p_i + t_i),\ s = \mathit{smooth}`,
    r`\frac{\partial L}{\partial p_i} = \frac{2 I + s}{(S + s)^2} - \frac{2 t_i}{S + s}`,
  ),
  iou: f(
    r`L = 1 - \frac{I + s}{U + s}, \quad I = \sum_i p_i t_i,\ U = \sum_i (p_i + t_i) - I,\ s = \mathit{smooth}`,
    r`\frac{\partial L}{\partial p_i} = \frac{(I + s)(1 - t_i) - (U + s)\, t_i}{(U + s)^2}`,
  ),
};

const recurrent = {
  rnn: r`h_t = \tanh\left(W x_t + b + U h_{t-1} + c\right)`,
  lstm: r`\begin{aligned} i, f, o &= \sigma(\cdot), \quad \tilde c = \tanh(\cdot), \quad (\cdot) = W x_t + U h_{t-1} + b \\ c_t &= f \odot c_{t-1} + i \odot \tilde c, \quad h_t = o \odot \tanh c_t \end{aligned}`,
  gru: r`\begin{aligned} r, z &= \sigma(W x_t + U h_{t-1} + b), \quad n = \tanh\left(W_n x_t + b_n + r \odot (U_n h_{t-1} + c_n)\right) \\ h_t &= (1 - z) \odot n + z \odot h_{t-1} \end{aligned}`,
};
const through = {
  rnn: r`\bar h_{t-1} = U^{\top} \delta_t, \quad \delta_t = \bar h_t \odot (1 - h_t^2)`,
  lstm: r`\bar c_{t-1} = f \odot \bar c_t, \quad \bar c_t \mathrel{+}= \bar h_t \odot o \odot (1 - \tanh^2 c_t)`,
  gru: r`\bar h_{t-1} = z \odot \bar h_t + U^{\top} (\cdots)`,
};
const attention = f(
  r`\operatorname{softmax}\left(\frac{Q K^{\top}}{\sqrt d}\right) V`,
  r`\bar V = P^{\top} G, \quad \bar S = P \odot \left(G V^{\top} - (P \odot G V^{\top})\, 1 1^{\top}\right), \quad P = \operatorname{softmax}(S)`,
);
const normal = (of: string): Formula =>
  f(
    r`y = \gamma\, \hat x + \beta, \quad \hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}, \quad \mu, \sigma^2 \text{ ${of}}`,
    r`${g} = \frac{1}{\sqrt{\sigma^2 + \varepsilon}} \left(\gamma g - \operatorname{mean}(\gamma g) - \hat x \operatorname{mean}(\gamma g\, \hat x)\right)`,
  );

const layers: Readonly<Record<string, Formula>> = {
  Linear: f(
    r`z = W x + b`,
    r`\bar x = W^{\top} \delta, \quad \frac{\partial L}{\partial W} = \delta\, x^{\top}, \quad \frac{\partial L}{\partial b} = \delta`,
  ),
  Bilinear: f(
    r`z_k = a^{\top} W_k\, b + c_k`,
    r`\bar a = \sum_k \delta_k W_k b, \quad \bar b = \sum_k \delta_k W_k^{\top} a, \quad \frac{\partial L}{\partial W_k} = \delta_k\, a\, b^{\top}`,
  ),
  Embedding: f(r`y_k = W_{i_k}`, r`\frac{\partial L}{\partial W_i} = \sum_{k\,:\,i_k = i} g_k`),
  Flatten: movement["flatten"]!,
  Dropout: f(
    r`y = \frac{m}{1 - p} \odot x, \quad m_i \sim \operatorname{Bernoulli}(1 - p)`,
    r`${g} = \frac{m}{1 - p} \odot g`,
  ),
  AlphaDropout: f(
    r`y = a\, (m \odot x + (1 - m)\, \alpha') + b, \quad m_i \sim \operatorname{Bernoulli}(1 - p)`,
    r`${g} = a\, m \odot g`,
  ),
  BatchNorm1d: normal("of each feature over the batch"),
  LayerNorm: normal("of each sample"),
  GroupNorm: normal("of each group of channels"),
  RMSNorm: f(
    r`y = \gamma\, \frac{x}{\rho}, \quad \rho = \sqrt{\operatorname{mean}(x^2) + \varepsilon}`,
    r`${g} = \frac1\rho \left(\gamma g - \frac{x}{\rho^2} \operatorname{mean}(\gamma g\, x)\right)`,
  ),
  Identity: f(r`y = x`, r`${g} = g`),
  Residual: f(r`y = x + f(x)`, r`${g} = g + f'(x)^{\top} g`),
  Parallel: f(r`y = (f_1(x), f_2(x), \dots) \text{ joined}`, r`${g} = \sum_k f_k'(x)^{\top} g_k`),
  Sequential: f(r`y = f_n(\dots f_2(f_1(x)))`, r`${g} = f_1'^{\top} f_2'^{\top} \cdots f_n'^{\top} g`),
  Lambda: f(r`y = f(x)`, r`${g} = f'(x)^{\top} g`),
  MultiheadAttention: attention,
  TransformerEncoderLayer: f(
    r`\begin{aligned} u &= \operatorname{norm}(x + \operatorname{attention}(x)) \\ y &= \operatorname{norm}(u + W_2 \phi(W_1 u)) \end{aligned}`,
    r`${g} \text{ by the chain rule; each sum passes } g \text{ on unchanged}`,
  ),
  TransformerDecoderLayer: f(
    r`\begin{aligned} u &= \operatorname{norm}(x + \operatorname{attention}(x)), \quad v = \operatorname{norm}(u + \operatorname{attention}(u, \mathit{memory})) \\ y &= \operatorname{norm}(v + W_2 \phi(W_1 v)) \end{aligned}`,
    r`${g} \text{ by the chain rule; each sum passes } g \text{ on unchanged}`,
  ),
  SinusoidalPositions: f(
    r`y_{t, 2i} = x_{t, 2i} + \sin\left(t / 10000^{2i/d}\right), \quad y_{t, 2i+1} = x_{t, 2i+1} + \cos\left(t / 10000^{2i/d}\right)`,
    r`${g} = g`,
  ),
  LearnedPositions: f(r`y_t = x_t + p_t`, r`${g} = g, \quad \frac{\partial L}{\partial p_t} = g_t`),
  RNN: f(recurrent.rnn, through.rnn),
  RNNCell: f(recurrent.rnn, through.rnn),
  LSTM: f(recurrent.lstm, through.lstm),
  LSTMCell: f(recurrent.lstm, through.lstm),
  GRU: f(recurrent.gru, through.gru),
  GRUCell: f(recurrent.gru, through.gru),
  StandardScaler: f(r`y = \frac{x - \mu}{\sigma}`, r`${g} = \frac{g}{\sigma}`),
  MinMaxScaler: f(r`y = a + (b - a)\, \frac{x - \min}{\max - \min}`, r`${g} = \frac{b - a}{\max - \min}\, g`),
  Conv1d: products["conv1d"]!,
  Conv2d: products["conv2d"]!,
  Conv3d: products["conv3d"]!,
  ConvTranspose1d: products["convTranspose1d"]!,
  ConvTranspose2d: products["convTranspose2d"]!,
  ConvTranspose3d: products["convTranspose3d"]!,
  GLU: movement["glu"]!,
  Softmax: reductions["softmax"]!,
  LogSoftmax: reductions["logSoftmax"]!,
  ...Object.fromEntries(
    [
      "PReLU",
      "ReLU",
      "LeakyReLU",
      "ELU",
      "SELU",
      "CELU",
      "GELU",
      "SiLU",
      "Mish",
      "Hardswish",
      "Tanh",
      "Sigmoid",
      "Softsign",
      "Hardtanh",
      "Softplus",
    ].map((name) => [name, elementwise[{ LeakyReLU: "leakyRelu" }[name] ?? name.toLowerCase()]!]),
  ),
};

const padded = (border: string): Formula =>
  f(r`y_{i + p} = x_i \text{, ${border} beyond the border}`, r`${g}_i = \sum_{j\,:\,y_j \text{ is } x_i} g_j`);

const imageLayers: Readonly<Record<string, Formula>> = {
  Unflatten: f(r`y = x \text{ with an axis split}`, r`${g} = g \text{ in the shape of } x`),
  BatchNorm2d: normal("of each channel over the batch and the pixels"),
  BatchNorm3d: normal("of each channel over the batch and the voxels"),
  InstanceNorm1d: normal("of each channel of each sample"),
  InstanceNorm2d: normal("of each channel of each sample"),
  InstanceNorm3d: normal("of each channel of each sample"),
  Dropout1d: layers["Dropout"]!,
  Dropout2d: layers["Dropout"]!,
  Dropout3d: layers["Dropout"]!,
  PixelShuffle: pooling["pixelShuffle"]!,
  PixelUnshuffle: pooling["pixelUnshuffle"]!,
  ZeroPad2d: padded("0"),
  ConstantPad2d: padded("a constant"),
  ReflectionPad2d: padded("its reflection"),
  ReplicationPad2d: padded("the nearest element"),
  CircularPad2d: padded("the other end"),
  SqueezeExcite: f(
    r`y = x \cdot s, \quad s = \sigma(W_2 \operatorname{relu}(W_1 m + b_1) + b_2),\ m = \operatorname{mean}(x)`,
    r`${g} = s\, g + \frac1n \left(\frac{\partial s}{\partial m}\right)^{\top} \sum_i g_i\, x_i`,
  ),
  AttentionGate: f(
    r`y = x \cdot \alpha, \quad \alpha = \sigma\left(\psi^{\top} \operatorname{relu}(W_x x + W_g\, \mathit{gate} + b)\right)`,
    r`${g} = \alpha\, g + \left(\frac{\partial \alpha}{\partial x}\right)^{\top} (g \cdot x)`,
  ),
};

/** θ are the parameters, g = ∂L/∂θ, η is the learning rate. */
const optimizers: Readonly<Record<string, Formula>> = {
  SGD: f(r`v \leftarrow \mu v + g, \quad \theta \leftarrow \theta - \eta v`),
  Adam: f(
    r`\begin{aligned} m &\leftarrow \beta_1 m + (1 - \beta_1) g, \quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2 \\ \theta &\leftarrow \theta - \eta\, \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \varepsilon} \end{aligned}`,
  ),
  AdamW: f(r`\theta \leftarrow \theta - \eta \lambda \theta, \quad \text{then as Adam}`),
  Adamax: f(
    r`m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad u \leftarrow \max(\beta_2 u, |g| + \varepsilon), \quad \theta \leftarrow \theta - \frac{\eta}{1 - \beta_1^t} \cdot \frac mu`,
  ),
  NAdam: f(
    r`\theta \leftarrow \theta - \eta\, \frac{\mu_{t+1} m / (1 - \prod_{i \le t+1} \mu_i) + (1 - \mu_t) g / (1 - \prod_{i \le t} \mu_i)}{\sqrt{v / (1 - \beta_2^t)} + \varepsilon}, \quad m, v \text{ as in Adam}`,
  ),
  RAdam: f(
    r`\theta \leftarrow \theta - \eta\, \hat m \begin{cases} r_t / (\sqrt{\hat v} + \varepsilon) & \rho_t > 5 \\ 1 & \text{else} \end{cases}, \quad \rho_t = \rho_\infty - \frac{2 t \beta_2^t}{1 - \beta_2^t}`,
  ),
  RMSprop: f(
    r`v \leftarrow \alpha v + (1 - \alpha) g^2, \quad \theta \leftarrow \theta - \frac{\eta\, g}{\sqrt v + \varepsilon}`,
  ),
  Adagrad: f(r`v \leftarrow v + g^2, \quad \theta \leftarrow \theta - \frac{\eta\, g}{\sqrt v + \varepsilon}`),
  Adadelta: f(
    r`v \leftarrow \rho v + (1 - \rho) g^2, \quad d = \frac{\sqrt{u + \varepsilon}}{\sqrt{v + \varepsilon}}\, g, \quad u \leftarrow \rho u + (1 - \rho) d^2, \quad \theta \leftarrow \theta - \eta d`,
  ),
  Lion: f(
    r`\theta \leftarrow \theta - \eta \operatorname{sign}(\beta_1 m + (1 - \beta_1) g), \quad m \leftarrow \beta_2 m + (1 - \beta_2) g`,
  ),
  LBFGS: f(
    r`\theta \leftarrow \theta - \eta H g, \quad H \approx \left(\nabla^2 L\right)^{-1} \text{ from the last steps}`,
  ),
};

/** All formulas, by the export's name. */
export const formulas: Readonly<Record<string, Formula>> = {
  ...elementwise,
  ...reductions,
  ...products,
  ...movement,
  ...pooling,
  ...losses,
  ...layers,
  ...imageLayers,
  ...optimizers,
};

/** As Markdown. */
export function formulaText({ is, derivative }: Formula): string {
  return [is, derivative].flatMap((tex) => (tex === undefined ? [] : [`$$${tex}$$`])).join("\n\n");
}
