import type { Contribution } from "./walk.ts";

/** Local derivatives as a textbook writes them, by op and input; g is the gradient with respect to the op's result. For an op that is not listed, its gradient rule is all there is to say. */
export const derivatives: Readonly<Record<string, readonly string[]>> = {
  add: ["∂(a + b)/∂a = 1", "∂(a + b)/∂b = 1"],
  sub: ["∂(a − b)/∂a = 1", "∂(a − b)/∂b = −1"],
  mul: ["∂(a · b)/∂a = b", "∂(a · b)/∂b = a"],
  div: ["∂(a / b)/∂a = 1 / b", "∂(a / b)/∂b = −a / b²"],
  neg: ["∂(−x)/∂x = −1"],
  pow: ["∂xⁿ/∂x = n · xⁿ⁻¹", "∂aᵇ/∂b = aᵇ · log a"],
  exp: ["∂eˣ/∂x = y"],
  expm1: ["∂(eˣ − 1)/∂x = y + 1"],
  log: ["∂log(x)/∂x = 1 / x"],
  log1p: ["∂log(1 + x)/∂x = 1 / (1 + x)"],
  sqrt: ["∂√x/∂x = 1 / (2y)"],
  rsqrt: ["∂(1/√x)/∂x = −y³ / 2"],
  abs: ["∂|x|/∂x = sign(x)"],
  sin: ["∂sin(x)/∂x = cos(x)"],
  cos: ["∂cos(x)/∂x = −sin(x)"],
  tanh: ["∂tanh(x)/∂x = 1 − y²"],
  sigmoid: ["∂σ(x)/∂x = y · (1 − y)"],
  relu: ["∂relu(x)/∂x = 1 where x > 0, else 0"],
  softplus: ["∂softplus(x)/∂x = σ(x)"],
  erf: ["∂erf(x)/∂x = 2/√π · e^(−x²)"],
  clamp: ["∂clamp(x)/∂x = 1 within the bounds, else 0"],
  maximum: ["1 where a is the larger, else 0; half each at ties", "1 where b is the larger, else 0; half each at ties"],
  minimum: [
    "1 where a is the smaller, else 0; half each at ties",
    "1 where b is the smaller, else 0; half each at ties",
  ],
  where: ["", "1 where the condition holds, else 0", "1 where it does not, else 0"],
  matmul: ["∂(A·B)/∂A: g·Bᵀ", "∂(A·B)/∂B: Aᵀ·g"],
  conv: ["∂(x ∗ w)/∂x: g spread by the weight", "∂(x ∗ w)/∂w: the windows of x, weighted by g"],
  convInput: ["∂/∂g: the convolution of g", "∂/∂w: the windows of g, weighted by x"],
  convWeight: ["∂/∂x: g spread by the cotangent", "∂/∂g: the convolution of x by g"],
  maxPool: ["g at the first largest element of each window"],
  pickTap: ["g at the element that each window gave"],
  placeTap: ["the element of g at the place of each window"],
  unfold: ["the windows of g, added up where they lie"],
  fold: ["the windows of g"],
  sum: ["∂sum(x)/∂xᵢ = 1"],
  mean: ["∂mean(x)/∂xᵢ = 1/n"],
  max: ["1 for the largest element, shared at ties, else 0"],
  min: ["1 for the smallest element, shared at ties, else 0"],
  reshape: ["g, in the shape of x"],
  permute: ["g, with its axes in the order of x"],
  expand: ["g, summed over the repeated axes"],
  cast: ["g, in the dtype of x"],
  to: ["g, in the dtype of x"],
  slice: ["g where elements were taken from, else 0"],
  cat: ["the part of g that belongs to this input"],
  softmax: ["y · (g − Σ g y)"],
  logSoftmax: ["g − e^y · Σ g"],
};

/** The local derivative that a contribution was computed with. */
export function derivativeText({ from, index }: Contribution): string {
  const { name } = from.op!;
  const known = derivatives[name];
  return known?.[index] || known?.[0] || `the gradient rule of ${name}`;
}
