/** What is known of the faults that the checks find: confirmed by hand, from the definition. */
export interface Finding {
  readonly package: string;
  /** The cases that show it, by name. */
  readonly cases: RegExp;
  /** What is wrong, and how one can see it without a checker. */
  readonly remark: string;
}

export const findings: readonly Finding[] = [
  {
    package: "@tensorflow/tfjs",
    cases: /^avgPool(3d)?, same/,
    remark:
      "At the border, where a window contains fewer cells, the forward pass divides by the number of those cells, and the gradient by the size of a full window. For 2 × 2 ones, filter 2, stride 1, the gradient of the sum is [[0.25, 0.75], [0.75, 2.25]]; the package returns [[0.25, 0.5], [0.5, 1]].",
  },
  {
    package: "@tensorflow/tfjs",
    cases: /^mirrorPad/,
    remark:
      "The gradient is only the middle slice, without the gradients of the mirrored cells. If you pad three values by one on each side with `reflect` and add them up, the gradient is [1, 3, 1]; the package returns [1, 1, 1].",
  },
  {
    package: "@tensorflow/tfjs",
    cases: /^resize(NearestNeighbor|Bilinear) .*half-pixel/,
    remark:
      "The gradients ignore `halfPixelCenters`, and use the positions that apply without it. If a size is halved, cells that the result does not depend on get a gradient.",
  },
  {
    package: "@tensorflow/tfjs",
    cases: /^losses\.softmaxCrossEntropy, by labels/,
    remark:
      "The loss is linear in the labels, with the factors −log softmax(logits), which are [1.313, 0.313] for logits [1, 2]. The package returns labels − softmax(logits), which is [0.031, −0.031] for labels [0.3, 0.7].",
  },
  {
    package: "@tensorflow/tfjs",
    cases: /^norm, euclidean, at 0/,
    remark: "The gradient is 0 / 0. Zero would be a subgradient, and PyTorch returns it.",
  },
  {
    package: "mathjs",
    cases: /^acoth/,
    remark: "The sign is wrong. The derivative of acoth(x) is 1 / (1 − x²), which is negative for x > 1.",
  },
  {
    package: "nerdamer",
    cases: /sqrt\(x|^a(sinh|cosh|tanh|sech|csch|coth)/,
    remark:
      "If a root or a logarithm contains a sum with a root, or a quotient, the inner derivative of the chain rule is missing or wrong. For example, asinh(x) is log(x + √(x² + 1)). The package returns 1 / (x + √(x² + 1)), without the inner derivative; the derivative is 1 / √(x² + 1).",
  },
  {
    package: "neataptic",
    cases: /^SOFTSIGN/,
    remark: "The derivative of x / (1 + |x|) is 1 / (1 + |x|)²; the package returns x / (1 + |x|)².",
  },
  {
    package: "convnetjs",
    cases: /^LocalResponseNormalization/,
    remark:
      "The derivative of aᵢ / Sᵢ^β with respect to a neighbour aⱼ has the factor aᵢ·aⱼ; the backward pass has aⱼ·aⱼ.",
  },
  {
    package: "convnetjs",
    cases: /^RegressionLayer/,
    remark:
      "The package returns the loss 2·Σ(x − y)², and the gradient of ½·Σ(x − y)², which is a fourth of the right one.",
  },
  {
    package: "js-pytorch",
    cases: /^pow (3|0\.5)/,
    remark: "Whatever the exponent, the backward pass returns 2·x, the derivative of x².",
  },
  {
    package: "brain.js",
    cases: /^deltas, leaky-relu/,
    remark:
      "The forward pass has the slopes 0 below zero and 0.01 above. The backward pass has 0.01 below and 1 above, the slopes of a leaky ReLU, which the forward pass does not compute.",
  },
];
