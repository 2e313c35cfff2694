import { bceWithLogits, gradients, mse, relu, sigmoid, type Tensor, tanh, tensor } from "tinygrad-ts";

/** The figures, by the names in their addresses. */
export const figures = ["neuron", "order", "mistake", "chain", "path"] as const;
export type FigureName = (typeof figures)[number];

const leaf = { dtype: "float64", requiresGrad: true } as const;

/** One neuron: a = tanh(w·x + b), L = (a − y)². Forward and backward, computed by the library. */
export function neuron({ x, w, b, y }: Record<"x" | "w" | "b" | "y", number>) {
  const [weight, bias] = [tensor(w, leaf), tensor(b, leaf)];
  const z = weight.mul(x).add(bias);
  const a = tanh(z);
  const loss = a.sub(y).pow(2);
  const [da, dz, dw, db] = gradients(loss, [a, z, weight, bias]).map((g) => g.item());
  return { z: z.item(), a: a.item(), loss: loss.item(), da: da!, slope: 1 - a.item() ** 2, dz: dz!, dw: dw!, db: db! };
}

/** A sigmoid that is to be 1 at a score: its probability, and the residual by either loss. */
export function mistake(score: number) {
  const s = tensor([score], leaf);
  const right = tensor([1], { dtype: "float64" });
  const p = sigmoid(s);
  const [bySquares] = gradients(mse(p, right), [s]);
  const [byEntropy] = gradients(bceWithLogits(s, right), [s]);
  return { p: p.item(), bySquares: bySquares.item(), byEntropy: byEntropy.item() };
}

/** Activations of a chain. */
export const chainActivations = ["sigmoid", "tanh", "relu"] as const;
export type ChainActivation = (typeof chainActivations)[number];
const activationOf: Record<ChainActivation, (x: Tensor) => Tensor> = { sigmoid, tanh, relu };

/** Layers of a chain. */
export const chainLength = 6;

/**
 * A chain of layers with one neuron each, a ← f(w·a), or a ← a + f(w·a) with an identity path, from 1 on. Gives what comes back to the output of each layer, ∂L/∂a, where
 * that of the last is 1.
 */
export function chain(activation: ChainActivation, w: number, hasPath: boolean): number[] {
  let a: Tensor = tensor([1], leaf);
  const outputs: Tensor[] = [];
  for (let i = 0; i < chainLength; i++) {
    const f = activationOf[activation](a.mul(w));
    a = hasPath ? a.add(f) : f;
    outputs.push(a);
  }
  return gradients(a.sum(), outputs).map((g) => g.item());
}

/** When a value passes its gradient on: as soon as anything arrives, or once everything has arrived. */
export const passingOrders = ["atOnce", "complete"] as const;
export type PassingOrder = (typeof passingOrders)[number];

type ValueName = "a" | "b" | "c";

/** One value passes its gradient on to one of its inputs; the first step passes nothing, and only sets c.grad to 1. */
export interface Passing {
  readonly from?: ValueName;
  readonly to?: ValueName;
  /** Which of the two uses it goes along. */
  readonly use?: number;
  readonly passed?: number;
  /** Whether more was still to arrive at the value that passes on. */
  readonly isEarly: boolean;
  /** All gradients after the step. */
  readonly grads: Readonly<Record<ValueName, number>>;
}

const inputsOf: Readonly<Record<ValueName, readonly ValueName[]>> = { c: ["b", "b"], b: ["a", "a"], a: [] };

/** The backward pass through b = a + a, c = b + b, step by step: both of the lesson's programs. */
export function passings(order: PassingOrder): readonly Passing[] {
  const complete = { a: 4, b: 2, c: 1 };
  const grads = { a: 0, b: 0, c: 1 };
  const steps: Passing[] = [{ isEarly: false, grads: { ...grads } }];
  const passOn = (from: ValueName): void => {
    for (const [use, to] of inputsOf[from].entries()) {
      const isEarly = grads[from] < complete[from];
      const passed = grads[from];
      grads[to] += passed;
      steps.push({ from, to, use, passed, isEarly, grads: { ...grads } });
      if (order === "atOnce") passOn(to);
    }
  };
  if (order === "atOnce") passOn("c");
  else for (const each of ["c", "b", "a"] as const) passOn(each);
  return steps;
}

/** Blocks in a row in the figure of an identity path. */
export const manyBlocks = 16;

/**
 * A block y = F(x) = tanh(w·x), or y = x + F(x) with an identity path, and its derivatives where that of the loss with respect to y is 1: through F alone, in all, and
 * back to x through many such blocks in a row.
 */
export function block(x: number, w: number, hasPath: boolean) {
  const input = tensor(x, leaf);
  const f = tanh(input.mul(w));
  const y = hasPath ? input.add(f) : f;
  let last: Tensor = y;
  for (let i = 1; i < manyBlocks; i++) {
    const next = tanh(last.mul(w));
    last = hasPath ? last.add(next) : next;
  }
  const [through, dx, far] = [f, y, last].map((result) => gradients(result, [input])[0].item());
  return { f: f.item(), y: y.item(), through: through!, dx: dx!, far: far! };
}
