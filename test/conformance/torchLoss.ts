import * as tg from "../../src/index.ts";
import { OutOfScope } from "./binding.ts";
import { broadcast, scaled, scaledOrNothing } from "./torchMath.ts";

type Tensor = tg.Tensor;

// PyTorch's losses that this library does not have, from its definitions.

/** Mean, sum, or as it is. */
export function reduced(loss: Tensor, reduction: string): Tensor {
  if (reduction === "mean") return tg.mean(loss);
  if (reduction === "sum") return tg.sum(loss);
  if (reduction === "none") return loss;
  throw new Error(`reduction ${reduction}`);
}

export function cosineSimilarity(a: Tensor, b: Tensor, axis: number, eps: number): Tensor {
  const [x, y] = broadcast(a, b) as [Tensor, Tensor];
  const unit = (t: Tensor): Tensor => tg.div(t, tg.clamp(tg.norm(t, 2, axis, { keepDims: true }), eps, null));
  return tg.sum(tg.mul(unit(x), unit(y)), axis);
}

export function pairwiseDistance(x: Tensor, y: Tensor, p: number, eps: number, keepDims: boolean): Tensor {
  return tg.norm(tg.add(tg.sub(x, y), eps), p, -1, { keepDims });
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
  const loss = tg.bceWithLogits(x, target, { reduction: "none" });
  return tg.mean(weight === null ? loss : tg.mul(loss, weight), -1);
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
