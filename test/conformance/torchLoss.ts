import * as tg from "../../src/index.ts";
import { OutOfScope } from "./binding.ts";
import { broadcast, scaled, scaledOrNothing, xlogy } from "./torchMath.ts";

type Tensor = tg.Tensor;

// PyTorch's losses other than this library's own mse and crossEntropy, from its definitions.

/** Mean, sum, or as it is. */
export function reduced(loss: Tensor, reduction: string): Tensor {
  if (reduction === "mean") return tg.mean(loss);
  if (reduction === "sum") return tg.sum(loss);
  if (reduction === "none") return loss;
  throw new Error(`reduction ${reduction}`);
}

export interface ClassOptions {
  readonly weight: Tensor | null;
  readonly ignore: number;
  readonly smoothing: number;
  readonly reduction: "mean" | "sum" | "none";
}

/** PyTorch's marker that no class is ignored, which its users rarely change. */
export const noneIgnored = -100;

const classAxis = (x: Tensor): number => (x.rank === 1 ? 0 : 1);

/** The library's own loss where its options suffice; else composed from logSoftmax. */
export function crossEntropy(logits: Tensor, target: Tensor, options: ClassOptions): Tensor {
  const { weight, ignore, smoothing, reduction } = options;
  const isPlain =
    weight === null && smoothing === 0 && !(target.dtype === "int32" && target.data.includes(ignore as never));
  if (isPlain) return tg.crossEntropy(logits, target, { reduction });
  const axis = classAxis(logits);
  const classes = logits.shape[axis]!;
  const logs = tg.logSoftmax(logits, axis);
  const perClass = weight === null ? logs : tg.mul(logs, alongAxis(weight, logs, axis));
  if (target.dtype !== "int32") {
    const smooth = tg.add(scaled(target, 1 - smoothing), smoothing / classes);
    const loss = tg.neg(tg.sum(tg.mul(perClass, smooth), axis));
    return reduction === "mean" ? tg.div(tg.sum(loss), loss.size) : reduced(loss, reduction);
  }
  const hard = nll(logs, target, options);
  if (smoothing === 0) return hard;
  const ignored = tg.eq(target, ignore);
  const each = tg.where(ignored, 0, tg.neg(tg.sum(perClass, axis)));
  const spread =
    reduction === "mean" ? tg.div(tg.sum(each), tg.sum(classWeights(logs, target, options))) : reduced(each, reduction);
  return tg.add(tg.mul(hard, 1 - smoothing), tg.mul(spread, smoothing / classes));
}

function alongAxis(weight: Tensor, like: Tensor, axis: number): Tensor {
  return tg.reshape(
    weight,
    like.shape.map((n, i) => (i === axis ? n : 1)),
  );
}

/** The target with ignored entries replaced by a class that exists. */
function safeTarget(target: Tensor, ignore: number): Tensor {
  return tg.where(tg.eq(target, ignore), 0, target);
}

function classWeights(logs: Tensor, target: Tensor, { weight, ignore }: ClassOptions): Tensor {
  const one = tg.ones([], { dtype: "float64" }).to(logs.dtype);
  const table = weight ?? tg.expand(one, [logs.shape[classAxis(logs)]!]);
  const each = tg.reshape(tg.indexSelect(table, 0, tg.flatten(safeTarget(target, ignore))), target.shape);
  return tg.where(tg.eq(target, ignore), 0, each);
}

/** Negative log likelihood of the target's classes, weighted; the mean is over the weights. */
export function nll(logs: Tensor, target: Tensor, options: ClassOptions): Tensor {
  const axis = classAxis(logs);
  const at = tg.unsqueeze(safeTarget(target, options.ignore), axis);
  const weights = classWeights(logs, target, options);
  const each = tg.neg(tg.mul(tg.squeeze(tg.gather(logs, axis, at), axis), weights));
  const loss = tg.where(tg.eq(target, options.ignore), 0, each);
  return options.reduction === "mean" ? tg.div(tg.sum(loss), tg.sum(weights)) : reduced(loss, options.reduction);
}

export function smoothL1(x: Tensor, y: Tensor, beta: number): Tensor {
  const d = tg.sub(x, y);
  const size = tg.abs(d);
  if (beta === 0) return size;
  return tg.where(tg.lt(size, beta), tg.div(tg.mul(tg.mul(d, d), 0.5), beta), tg.sub(size, 0.5 * beta));
}

export function huber(x: Tensor, y: Tensor, delta: number): Tensor {
  const d = tg.sub(x, y);
  const size = tg.abs(d);
  return tg.where(tg.le(size, delta), tg.mul(tg.mul(d, d), 0.5), tg.mul(tg.sub(size, 0.5 * delta), delta));
}

/** −log σ(x) for target 1 and −log σ(−x) for 0, without overflow. */
export function bceWithLogits(x: Tensor, target: Tensor, positiveWeight: Tensor | null): Tensor {
  const soft = tg.softplus(tg.neg(x));
  const negative = tg.mul(tg.sub(1, target), x);
  if (positiveWeight === null) return tg.add(negative, soft);
  return tg.add(negative, tg.mul(tg.add(tg.mul(tg.sub(positiveWeight, 1), target), 1), soft));
}

/** The variance is held at `eps` or more without that being seen by the gradient. */
export function gaussianNll(x: Tensor, target: Tensor, variance: Tensor, full: boolean, eps: number): Tensor {
  const shaped = variance.rank < x.rank && variance.size > 1 ? tg.unsqueeze(variance, -1) : variance;
  const held = tg.add(shaped, tg.sub(tg.clamp(shaped, eps, null), shaped).detach());
  const d = tg.sub(x, target);
  const loss = tg.mul(tg.add(tg.log(held), tg.div(tg.mul(d, d), held)), 0.5);
  return full ? tg.add(loss, 0.5 * Math.log(2 * Math.PI)) : loss;
}

export function poissonNll(x: Tensor, target: Tensor, logInput: boolean, full: boolean, eps: number): Tensor {
  const loss = logInput ? tg.sub(tg.exp(x), tg.mul(target, x)) : tg.sub(x, tg.mul(target, tg.log(tg.add(x, eps))));
  if (!full) return loss;
  const t = tg.where(tg.le(target, 1), 1, target);
  const stirling = tg.add(tg.sub(tg.mul(t, tg.log(t)), t), tg.mul(tg.log(tg.mul(t, 2 * Math.PI)), 0.5));
  return tg.add(loss, tg.where(tg.le(target, 1), 0, stirling));
}

export function klDiv(x: Tensor, target: Tensor, logTarget: boolean, reduction: string): Tensor {
  const loss = logTarget ? tg.mul(tg.exp(target), tg.sub(target, x)) : tg.sub(xlogy(target, target), tg.mul(target, x));
  return reduction === "batchmean" ? tg.div(tg.sum(loss), x.shape[0]!) : reduced(loss, reduction);
}

export function hingeEmbedding(x: Tensor, target: Tensor, margin: number): Tensor {
  const distant = tg.where(tg.ne(target, 1), tg.clamp(tg.sub(margin, x), 0, null), 0);
  return tg.add(distant, tg.where(tg.ne(target, -1), x, 0));
}

export function cosineEmbedding(x: Tensor, y: Tensor, target: Tensor, margin: number): Tensor {
  const dot = (a: Tensor, b: Tensor): Tensor => tg.sum(tg.mul(a, b), -1);
  const squares = tg.mul(tg.add(dot(x, x), 1e-12), tg.add(dot(y, y), 1e-12));
  const cosine = tg.div(dot(x, y), tg.sqrt(squares));
  const alike = tg.where(tg.eq(target, 1), tg.sub(1, cosine), 0);
  return tg.add(alike, tg.where(tg.eq(target, -1), tg.clamp(tg.sub(cosine, margin), 0, null), 0));
}

export function cosineSimilarity(a: Tensor, b: Tensor, axis: number, eps: number): Tensor {
  const [x, y] = broadcast(a, b) as [Tensor, Tensor];
  const unit = (t: Tensor): Tensor => tg.div(t, tg.clamp(tg.norm(t, 2, axis, { keepDims: true }), eps, null));
  return tg.sum(tg.mul(unit(x), unit(y)), axis);
}

export function pairwiseDistance(x: Tensor, y: Tensor, p: number, eps: number, keepDims: boolean): Tensor {
  return tg.norm(tg.add(tg.sub(x, y), eps), p, -1, { keepDims });
}

export function tripletMargin(
  [anchor, positive, negative]: readonly [Tensor, Tensor, Tensor],
  margin: number,
  distance: (a: Tensor, b: Tensor) => Tensor,
  swap: boolean,
): Tensor {
  const far = distance(anchor, negative);
  const farther = swap ? tg.minimum(far, distance(positive, negative)) : far;
  return tg.clamp(tg.sub(tg.add(distance(anchor, positive), margin), farther), 0, null);
}

export function multiMargin(x: Tensor, target: Tensor, p: number, margin: number, weight: Tensor | null): Tensor {
  const rows = x.rank < 2 ? tg.reshape(x, [1, x.size]) : x;
  const at = tg.reshape(target, [rows.shape[0]!, 1]);
  const over = tg.clamp(tg.add(tg.sub(rows, tg.gather(rows, 1, at)), margin), 0, null);
  const powered = p === 1 ? over : tg.mul(over, over);
  const weighted =
    weight === null ? powered : tg.mul(powered, tg.reshape(tg.indexSelect(weight, 0, tg.flatten(target)), at.shape));
  const others = tg.eq(tg.oneHot(tg.flatten(target), rows.shape[1]!), 0);
  const loss = tg.mean(tg.where(others, weighted, 0), 1);
  return x.rank < 2 ? tg.squeeze(loss, 0) : loss;
}

export function multilabelSoftMargin(x: Tensor, target: Tensor, weight: Tensor | null): Tensor {
  const loss = bceWithLogits(x, target, null);
  return tg.mean(weight === null ? loss : tg.mul(loss, weight), -1);
}

/** Probabilities outside of [0, 1] are not refused here: the library's own loss will. */
export function bce(x: Tensor, target: Tensor): Tensor {
  const held = (t: Tensor): Tensor => tg.clamp(t, -100, null);
  const positive = tg.mul(target, held(tg.log(x)));
  return tg.neg(tg.add(positive, tg.mul(tg.sub(1, target), held(tg.log1p(tg.neg(x))))));
}

/** Scaled dot-product attention: the values, and the weights. */
export function attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | null, causal: boolean): [Tensor, Tensor] {
  const scores = tg.div(tg.matmul(q, tg.transpose(k, -2, -1)), Math.sqrt(q.shape[q.rank - 1]!));
  let masked = scores;
  if (causal) {
    const square = tg.ones(scores.shape.slice(-2));
    masked = tg.maskedFill(scores, tg.eq(tg.tril(square), 0), Number.NEGATIVE_INFINITY);
  } else if (mask?.dtype === "bool") masked = tg.maskedFill(scores, tg.logicalNot(mask), Number.NEGATIVE_INFINITY);
  else if (mask !== null) masked = tg.add(scores, mask);
  const weights = tg.softmax(masked, -1);
  return [tg.matmul(weights, v), weights];
}

/** `beta · input + alpha · product`, the scheme of PyTorch's `addmm` family. */
export function addProduct(input: Tensor, product: Tensor, beta: number, alpha: number): Tensor {
  return tg.add(scaledOrNothing(input, beta), scaled(product, alpha));
}

/** Distances between all rows of two matrices. */
export function cdist(a: Tensor, b: Tensor, p: number): Tensor {
  return tg.norm(tg.sub(tg.unsqueeze(a, -2), tg.unsqueeze(b, -3)), p, -1);
}

/** Refuses what only a random number generator of PyTorch's could reproduce. */
export function refuseDropout(p: number): void {
  if (p > 0) throw new OutOfScope("random: PyTorch's generator is not this library's");
}
