import { gradients, indexSelect, Lambda, type Tensor, tensor } from "tinygrad-ts";
import { inputsOf } from "./inputs.ts";
import { outputsOf, type Trainer, targetOf } from "./trainer.ts";

/** A layer of neurons as one point sees it; arrays have an entry for each neuron. */
export interface ObservedLayer {
  /** Row j holds neuron j's weights. */
  readonly weight: readonly (readonly number[])[];
  readonly bias: readonly number[];
  /** ∂loss/∂weight, for this point alone. */
  readonly weightGradient: readonly (readonly number[])[];
  /** The weighted sums. */
  readonly z: readonly number[];
  /** The activations; for the last layer the sums. */
  readonly a: readonly number[];
  /** ∂a/∂z. */
  readonly slope: readonly number[];
  /** ∂loss/∂a, computed from the residuals of the next layer. */
  readonly arriving: readonly number[];
  /** ∂loss/∂z: the residual δ, which is also the gradient of the bias. */
  readonly residual: readonly number[];
}

/** One point's way through the network, forwards and back. */
export interface Observation {
  readonly point: number;
  readonly x: readonly number[];
  /** What the network is given of it. */
  readonly inputs: readonly number[];
  /** The value or the class, as the data set has it. */
  readonly y: number;
  /** What the loss compares the output with. */
  readonly target: number;
  readonly output: number;
  readonly loss: number;
  readonly layers: readonly ObservedLayer[];
}

/** A forward and backward pass of one training point; changes nothing. All numbers come from tensors and their gradients. */
export function observe(trainer: Trainer, point: number): Observation {
  const { model, train, linears } = trainer;
  const picked = tensor([point], { dtype: "int32" });
  const [x, y] = [indexSelect(train.x, 0, picked), indexSelect(train.y, 0, picked)];
  const inputs = inputsOf(trainer.settings.features, x);
  const outputs = outputsOf(model, inputs);
  const loss = trainer.loss(outputs.at(-1)!, y);
  const layers = linears.map(({ layer, index }): ObservedLayer => {
    const z = outputs[index]!;
    const after = model.layers[index + 1];
    const a = after instanceof Lambda ? outputs[index + 1]! : z;
    const [residual, arriving, weightGradient] = gradients(loss, [z, a, layer.weight]);
    return {
      weight: layer.weight.toArray<number[][]>(),
      bias: numbers(layer.bias!),
      weightGradient: weightGradient.toArray<number[][]>(),
      z: numbers(z),
      a: numbers(a),
      slope: a === z ? numbers(z).map(() => 1) : slopeOf(after as Lambda, z),
      arriving: numbers(arriving),
      residual: numbers(residual),
    };
  });
  const target = targetOf(trainer.settings, y).item();
  return {
    point,
    x: numbers(x),
    inputs: numbers(inputs),
    y: y.item(),
    target,
    output: outputs.at(-1)!.item(),
    loss: loss.item(),
    layers,
  };
}

function slopeOf(activation: Lambda, z: Tensor): number[] {
  const at = z.detach();
  at.requiresGrad = true;
  const [slope] = gradients(activation.forward(at).sum(), [at]);
  return numbers(slope);
}

function numbers(x: Tensor): number[] {
  return Array.from(x.data);
}
