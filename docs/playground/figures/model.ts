import { bceWithLogits, gradients, mse, relu, sigmoid, type Tensor, tanh, tensor } from "tinygrad-ts";

/** The figures, by the names in their addresses. */
export const figures = ["neuron", "mistake", "chain"] as const;
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
