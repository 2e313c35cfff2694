import { crossEntropy, gradients, noGrad, relu, softmax, type Tensor, tensor } from "tinygrad-ts";
import { side } from "./data.ts";
import type { DigitTrainer } from "./trainer.ts";

/** What a layer's units do with one picture: a map for each. */
export interface LayerMaps {
  /** Cells of a map on a side. */
  readonly side: number;
  /** a = ReLU(z). */
  readonly activations: readonly Float32Array[];
  /** δ = ∂L/∂z; null without a target. */
  readonly residuals: readonly Float32Array[] | null;
}

/** One picture in the network: forward and, if there is a target, backward. */
export interface Observation {
  /** As the network sees it: 8 × 8, from 0 (paper) to 1 (ink). */
  readonly pixels: Float32Array;
  /** The digit that it is to be; null if nobody has said. */
  readonly target: number | null;
  readonly layers: readonly LayerMaps[];
  /** Of the output, for each digit: the weighted sum and the probability. */
  readonly z: readonly number[];
  readonly p: readonly number[];
  readonly loss: number | null;
  /** The residual of the output, p − y. */
  readonly delta: readonly number[] | null;
  /** ∂L/∂x of each pixel. */
  readonly gradient: Float32Array | null;
}

/** Follows one picture through the network, and back if there is a target. */
export function observe({ network }: DigitTrainer, pixels: Float32Array, target: number | null): Observation {
  const x = tensor(pixels, { requiresGrad: true });
  const sums = network.sums(x.reshape([1, 1, side, side]));
  const z = sums.at(-1)!;
  const loss = target === null ? null : crossEntropy(z, tensor(Int32Array.of(target)));
  const [back, ...residuals] = loss === null ? [] : gradients(loss, [x, ...sums]);
  const layers = sums.slice(0, -1).map((sum, i): LayerMaps => {
    const delta = residuals[i];
    return {
      side: sum.shape.at(-1)!,
      activations: mapsOf(noGrad(() => relu(sum))),
      residuals: delta === undefined ? null : mapsOf(delta),
    };
  });
  return {
    pixels,
    target,
    layers,
    z: Array.from(z.data),
    p: Array.from(noGrad(() => softmax(z, 1)).data),
    loss: loss?.item() ?? null,
    delta: residuals.length === 0 ? null : Array.from(residuals.at(-1)!.data),
    gradient: back === undefined ? null : Float32Array.from(back.data),
  };
}

/** The planes of a tensor of shape [1, units, side, side]. */
function mapsOf(values: Tensor): Float32Array[] {
  const [, units, rows, columns] = values.shape as [number, number, number, number];
  const cells = rows * columns;
  const flat = Float32Array.from(values.data);
  return Array.from({ length: units }, (_, i) => flat.slice(i * cells, (i + 1) * cells));
}
