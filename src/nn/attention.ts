import { checkTensor } from "../core/apply.ts";
import { isFloat } from "../core/dtype.ts";
import { DTypeError, ShapeError, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { describe, formatShape, type Shape } from "../core/shape.ts";
import type { AttendedTo, KeyOf, ShapeOf, ValueOf } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { ones } from "../create.ts";
import { add } from "../ops/add.ts";
import { logicalAnd } from "../ops/logical.ts";
import { multiplied } from "../ops/matmul.ts";
import { mul } from "../ops/mul.ts";
import { softmax } from "../ops/softmax.ts";
import { tril } from "../ops/triangle.ts";
import { where } from "../ops/where.ts";
import type { RandomOptions } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { checkProbability, dropout as dropped } from "./dropout.ts";

/** Options of {@link scaledDotProductAttention}. */
export interface AttentionOptions {
  /** Which keys each query may look at: bool, true where it may; broadcasts to `[…, queries, keys]`. All of them if left out. */
  readonly mask?: Tensor | null;
  /** Whether query i looks at keys 0 to i only; false by default. With a mask, both must allow it. */
  readonly causal?: boolean;
  /** Added to the scores before the softmax, floating; broadcasts to `[…, queries, keys]`. Nothing if left out. A row of −∞ gives NaN, but 0 where `mask` or `causal` hides a part of that row or all of it. */
  readonly bias?: Tensor | null;
  /** What the scores are multiplied by; 1/√size of a query by default. */
  readonly scale?: number;
  /** Probability for an attention weight to be dropped; 0 by default. */
  readonly dropout?: number;
  /** Where the randomness of dropout comes from; {@link defaultGenerator} if left out. */
  readonly generator?: RandomOptions["generator"];
}

const attentionOptions: OptionKinds<AttentionOptions> = {
  mask: "tensor or null",
  causal: "boolean",
  bias: "tensor or null",
  scale: "number",
  dropout: "number",
  generator: "generator",
};

/** What PyTorch calls options of attention. */
export const attentionNames = {
  attnMask: "mask",
  attentionMask: "mask",
  isCausal: "causal",
  dropoutP: "dropout",
  keyPaddingMask: "keyMask",
};

/**
 * Attention (Vaswani et al., 2017): each query takes the mean of the values, weighted by how well their keys fit: `softmax(q kᵀ · scale + bias) v`.
 *
 * A query that may look at no key at all gets 0, and its gradients are 0. (PyTorch gave NaN before 2.5.)
 *
 * @param query - shape `[…, queries, size]`, floating.
 * @param key - shape `[…, keys, size]`.
 * @param value - shape `[…, keys, width]`. Leading axes broadcast.
 * @param options - `mask`, `causal`, `bias`, `scale`, `dropout`, `generator`. A floating mask is an error, because it could mean two things: write `mask: gt(m, 0)` for one of 0 and 1, and `bias: m` for one that is to be added.
 * @returns shape `[…, queries, width]`.
 * @throws {@link ShapeError} if shapes do not fit; {@link DTypeError} for a mask that is not bool, and for anything that is not floating; {@link ValueError} for an unknown option.
 * @example
 * const [q, k] = [tensor([[100, 0]]), tensor([[1, 0], [0, 1]])]; // the query fits the first key
 * scaledDotProductAttention(q, k, tensor([[5], [7]])).toArray(); // → [[5]]
 * scaledDotProductAttention(q, k, tensor([[5], [7]]), { mask: tensor([[false, true]]) }).toArray(); // → [[7]]
 */
export function scaledDotProductAttention<Q extends Tensor, K extends Tensor, V extends Tensor>(
  query: Q,
  key: K & KeyOf<Q, K>,
  value: V & ValueOf<Q, K, V>,
  options?: AttentionOptions,
): Tensor<AttendedTo<ShapeOf<Q>, ShapeOf<K>, ShapeOf<V>>>;
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions = {},
): Tensor {
  refuseMore("scaledDotProductAttention", arguments, 4);
  return attend("scaledDotProductAttention", query, key, value, options).output;
}

/** The result of attention. */
export interface Attended {
  /** The weighted means of the values. */
  readonly output: Tensor;
  /** How much each query takes of each key's value, shape `[…, queries, keys]`; rows add up to 1, or to 0 where nothing may be looked at. Dropout is applied. */
  readonly weights: Tensor;
}

/** {@link scaledDotProductAttention}, in the name of some function. */
export function attend(op: string, query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions): Attended {
  const inputs = Object.entries({ query, key, value });
  for (const [name, x] of inputs) {
    checkTensor(op, x, `the ${name}`);
    if (!isFloat(x.dtype)) throw new DTypeError(op, `the ${name} must be floating`, x.dtype, 'use to("float32")');
  }
  const given = checkOptions(op, options, attentionOptions, { names: attentionNames });
  const { mask = null, causal = false, bias = null, dropout = 0, generator } = given;
  checkProbability(op, dropout, "dropout");
  if (given.scale !== undefined && !Number.isFinite(given.scale)) {
    throw new ValueError(op, "scale must be finite", String(given.scale), "leave it out for 1/√size");
  }
  const [size, keys] = [query.shape.at(-1), key.shape.at(-2)];
  const isFlat = inputs.some(([, x]) => x.shape.length < 2);
  if (isFlat || key.shape.at(-1) !== size || value.shape.at(-2) !== keys) {
    const rule = "needs a query […, queries, size], a key […, keys, size] and a value […, keys, width]";
    throw new ShapeError(
      op,
      rule,
      inputs.map(([, x]) => describe(x)).join(", "),
      isFlat ? "for a single one, write x.unsqueeze(0)" : "",
    );
  }
  // Scaling the query is scaling fewer elements than the scores, as a rule.
  const scaled = mul(query, given.scale ?? (size! > 0 ? 1 / Math.sqrt(size!) : 1));
  const products = multiplied(op, scaled, key, { transposeB: true });
  if (bias !== null) checkBias(op, bias, products.shape);
  const scores = bias === null ? products : add(products, bias);
  if (mask !== null) {
    const bias = "; what is to be added to the scores is the bias";
    checkMask(op, "mask", mask, products.shape, `it may be looked at, write mask: gt(mask, 0)${bias}`);
  }
  const ahead = causal ? tril(ones(products.shape.slice(-2), { dtype: "bool" })) : null;
  const allowed = mask !== null && ahead !== null ? logicalAnd(mask, ahead) : (mask ?? ahead);
  const weights = allowed === null ? softmax(scores) : maskedSoftmax(scores, allowed);
  const kept = dropout === 0 ? weights : dropped(weights, dropout, { generator });
  return { output: multiplied(op, kept, value), weights: kept };
}

/** The softmax over what is allowed; 0 for the rest, also where nothing is. */
function maskedSoftmax(scores: Tensor, allowed: Tensor): Tensor {
  // A finite number instead of −∞: a row of −∞ would be NaN, and so would its gradient.
  const least = scores.dtype === "float64" ? -Number.MAX_VALUE : -3.4028234663852886e38;
  return where(allowed, softmax(where(allowed, scores, least)), 0);
}

/** Refuses a mask that is not bool, or does not fit. */
export function checkMask(
  op: string,
  name: string,
  mask: Tensor,
  shape: Shape,
  one = `it may be looked at, write ${name}: gt(${name}, 0)`,
): void {
  if (mask.dtype !== "bool") {
    throw new DTypeError(op, `the ${name} must be bool`, describe(mask), `where 1 means that ${one}`);
  }
  checkFits(op, `the ${name}`, mask, shape);
}

function checkBias(op: string, bias: Tensor, shape: Shape): void {
  if (!isFloat(bias.dtype)) {
    const hint = bias.dtype === "bool" ? "write mask: …" : 'use to("float32")';
    throw new DTypeError(op, "the bias must be floating", describe(bias), hint);
  }
  checkFits(op, "the bias", bias, shape);
}

function checkFits(op: string, what: string, x: Tensor, shape: Shape): void {
  const isFit = (n: number, i: number): boolean => n === 1 || n === shape[shape.length - x.shape.length + i];
  if (x.shape.length <= shape.length && x.shape.every(isFit)) return;
  throw new ShapeError(op, `${what} must broadcast to ${formatShape(shape)}`, describe(x));
}
