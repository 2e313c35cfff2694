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
      "At the border, where a window holds fewer cells, the forward pass divides by their number, and the gradient by the window's. Of 2 × 2 ones, filter 2, stride 1, the sum has the gradient [[0.25, 0.75], [0.75, 2.25]]; it returns [[0.25, 0.5], [0.5, 1]].",
  },
  {
    package: "@tensorflow/tfjs",
    cases: /^mirrorPad/,
    remark:
      "The gradient is the slice of the middle: what went to the mirrored cells is dropped. Three values, padded by one on each side with `reflect` and added up, have the gradient [1, 3, 1]; it returns [1, 1, 1].",
  },
  {
    package: "@tensorflow/tfjs",
    cases: /^resize(NearestNeighbor|Bilinear) .*half-pixel/,
    remark:
      "The gradients do not know `halfPixelCenters`: they give back along the positions that hold without it. Where a size is halved, cells that the result does not depend on get a gradient.",
  },
  {
    package: "@tensorflow/tfjs",
    cases: /^losses\.softmaxCrossEntropy, by labels/,
    remark:
      "The loss is linear in the labels, with the factors −log softmax(logits): for logits [1, 2] those are [1.313, 0.313]. It returns labels − softmax(logits), [0.031, −0.031] for labels [0.3, 0.7].",
  },
  {
    package: "@tensorflow/tfjs",
    cases: /^norm, euclidean, at 0/,
    remark: "0 / 0. Zero is a subgradient there, and what PyTorch returns.",
  },
  {
    package: "mathjs",
    cases: /^acoth/,
    remark: "The sign: the derivative of acoth(x) is 1 / (1 − x²), below zero for x > 1.",
  },
  {
    package: "nerdamer",
    cases: /sqrt\(x|^a(sinh|cosh|tanh|sech|csch|coth)/,
    remark:
      "Where a sum with a root, or a quotient, stands inside a root or a logarithm, the chain rule's factor is lost or differentiated wrongly: asinh(x) is log(x + √(x² + 1)), and its derivative comes out as 1 / (x + √(x² + 1)), without the derivative of what is inside; it is 1 / √(x² + 1).",
  },
  {
    package: "neataptic",
    cases: /^SOFTSIGN/,
    remark: "The derivative of x / (1 + |x|) is 1 / (1 + |x|)²; it returns x / (1 + |x|)².",
  },
  {
    package: "convnetjs",
    cases: /^LocalResponseNormalization/,
    remark: "The derivative of aᵢ / Sᵢ^β by a neighbour aⱼ has the factor aᵢ·aⱼ; the backward pass has aⱼ·aⱼ.",
  },
  {
    package: "convnetjs",
    cases: /^RegressionLayer/,
    remark: "The loss that it returns is 2·Σ(x − y)², and the gradient that of ½·Σ(x − y)²: a fourth.",
  },
  {
    package: "js-pytorch",
    cases: /^pow (3|0\.5)/,
    remark: "The backward pass is that of x², 2·x, whatever the exponent.",
  },
  {
    package: "brain.js",
    cases: /^deltas, leaky-relu/,
    remark:
      "The forward pass has the slopes 0 below zero and 0.01 above, and the backward pass 0.01 below and 1 above: those of a leaky ReLU, which the forward pass is not.",
  },
];
