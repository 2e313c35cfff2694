import { linspace, noGrad, sigmoid, type Tensor, tensor } from "tinygrad-ts";
import { inputsOf } from "./inputs.ts";
import { reachOf } from "./protocol.ts";
import type { Settings } from "./settings.ts";
import { outputsOf, type Trainer } from "./trainer.ts";

/** What every neuron makes of the plane: for each layer and neuron, cells of a grid, rows from the top, from −1 to 1. All lie in one buffer, which is one copy where they are posted. */
export function responses(trainer: Trainer, side: number): Float32Array[][] {
  const outputs = noGrad(() => outputsOf(trainer.model, places(trainer.settings, side)));
  const widths = trainer.linears.map(({ index }) => outputs[index]!.shape[1]!);
  const count = side * side;
  const all = new Float32Array(count * widths.reduce((sum, width) => sum + width, 0));
  let at = -count;
  return trainer.linears.map(({ index }, layer, { length }) => {
    const isLast = layer === length - 1;
    const said = isLast || trainer.settings.activation === "linear" ? outputs[index]! : outputs[index + 1]!;
    const shown = (isLast ? asShown(trainer, said) : said).data;
    return Array.from({ length: widths[layer]! }, (_, neuron) => {
      at += count;
      return fillCells(all.subarray(at, at + count), shown, neuron, widths[layer]!);
    });
  });
}

/** What the model says over the plane. */
export function outputOver(trainer: Trainer, side: number): Float32Array {
  const output = noGrad(() => trainer.model.forward(places(trainer.settings, side)));
  return fillCells(new Float32Array(side * side), asShown(trainer, output).data, 0, 1);
}

/** The scores of the cross-entropy by their probabilities; others as they are. */
function asShown({ settings }: Trainer, output: Tensor): Tensor {
  return settings.loss === "crossEntropy" ? sigmoid(output).mul(2).sub(1) : output;
}

function fillCells(into: Float32Array, data: ArrayLike<number>, neuron: number, width: number): Float32Array {
  for (let i = 0; i < into.length; i++) into[i] = Math.min(Math.max(data[i * width + neuron]!, -1), 1);
  return into;
}

const kept = new Map<string, Tensor>();

/** What a network is given at the centres of the cells of a grid over the square that is shown, row by row from the top. */
function places({ data, features }: Settings, side: number): Tensor {
  const reach = reachOf(data);
  const key = `${reach} ${side} ${features.join()}`;
  if (!kept.has(key)) {
    const end = reach * (1 - 1 / side);
    const along = linspace(-end, end, side).data;
    const points = tensor(Array.from(along, (_, row) => Array.from(along, (x) => [x, -along[row]!])).flat());
    kept.set(key, inputsOf(features, points));
  }
  return kept.get(key)!;
}
