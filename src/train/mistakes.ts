import { formatShape, type Shape, sameShape } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";

/**
 * What is most likely a mistake in how a loss was computed from outputs, and trains all the same: seen in the part of the graph between the two.
 *
 * @param given - the targets, and what comes after them.
 * @returns a text, or null.
 */
export function mistakeIn(loss: Tensor, outputs: Tensor, given: readonly Tensor[]): string | null {
  const mayMispair = given.some((x) => isMismatch(outputs.shape, x.shape));
  const seen = new Set([loss]);
  for (const y of seen) {
    const text = y === outputs ? null : (squashedTwice(y) ?? (mayMispair ? mispaired(y, outputs) : null));
    if (text !== null) return text;
    if (y !== outputs) for (const input of y.inputs) if (input.requiresGrad) seen.add(input);
  }
  return null;
}

const squashes = ["softmax", "sigmoid"];

/** Probabilities where a loss takes scores, or logarithms. */
function squashedTwice(y: Tensor): string | null {
  const [name, x] = [y.op?.name, y.inputs[0]];
  if (x === undefined) return null;
  if (name === "logSoftmax" && y.shape[y.attrs as number] === 1) {
    return "crossEntropy is given one score for each sample, whose softmax is always 1, so the loss is always 0; for two classes, write bceWithLogits";
  }
  // log(1 + e^−|x|), as bceWithLogits has it
  const isTail = name === "softplus" && x.op?.name === "where" && x.inputs[2]!.op?.name === "neg";
  const by = squash(isTail ? x.inputs[1]! : x);
  if (by && (isTail || name === "logSoftmax" || squashes.includes(name!))) {
    return `the loss takes scores, and is given the result of ${by}; leave ${by} out`;
  }
  const picked = name === "neg" ? root(x) : y;
  if (picked !== y && picked.op?.name === "gather" && squash(picked.inputs[0]!) === "softmax") {
    return "nll takes logarithms of probabilities, and is given the result of softmax; write logSoftmax";
  }
  return null;
}

/** What has made probabilities of a tensor, maybe in another shape or dtype. */
function squash(x: Tensor): string | undefined {
  return squashes.find((name) => root(x).op?.name === name);
}

function root(x: Tensor): Tensor {
  let y = x;
  while (y.op !== null && (y.op.forward === "view" || y.op.name === "cast")) y = y.inputs[0]!;
  return y;
}

/** Outputs `[n, 1]` beside targets `[n]`, or the other way round, that broadcast to `[n, n]`. The losses of the package refuse that. */
function mispaired({ inputs, shape, op }: Tensor, outputs: Tensor): string | null {
  const [n] = outputs.shape;
  if (!sameShape(shape, [n!, n!])) return null;
  // One side is computed from the outputs, the other from what was given.
  for (const a of inputs.filter(({ requiresGrad }) => requiresGrad)) {
    const b = inputs.find((x) => !x.requiresGrad && isMismatch(a.shape, x.shape));
    if (b === undefined) continue;
    const hint = outputs.shape.length === 2 ? "outputs.squeeze(1)" : "targets.squeeze(1)";
    const shapes = `${formatShape(a.shape)} beside ${formatShape(b.shape)} to ${formatShape(shape)}`;
    return `the loss broadcasts ${shapes} in ${op!.name}, so each output is compared with all targets; write ${hint}, or give both one shape`;
  }
  return null;
}

/** Whether shapes are `[n, 1]` and `[n]`, in either order, of more than one. */
function isMismatch(a: Shape, b: Shape): boolean {
  const [n, rank] = [a[0] ?? 0, a.length + b.length];
  return n > 1 && n === b[0] && rank === 3 && (a[1] ?? b[1]) === 1;
}
