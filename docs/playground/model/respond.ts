import { linspace, noGrad, sigmoid, type Tensor, tensor } from "tinygrad-ts";
import { inputsOf } from "./inputs.ts";
import { reachOf } from "./protocol.ts";
import type { Settings } from "./settings.ts";
import { outputsOf, type Trainer } from "./trainer.ts";

/** What every neuron makes of the plane: for each layer and neuron, cells of a grid, rows from the top, from −1 to 1. */
export function responses(trainer: Trainer, side: number): Float32Array[][] {
  const outputs = noGrad(() => outputsOf(trainer.model, places(trainer.settings, side)));
  return trainer.linears.map(({ index }, layer, { length }) => {
    const isLast = layer === length - 1;
    const said = isLast || trainer.settings.activation === "linear" ? outputs[index]! : outputs[index + 1]!;
    const shown = isLast ? asShown(trainer, said) : said;
    const width = said.shape[1]!;
    return Array.from({ length: width }, (_, neuron) => cells(shown, neuron, width));
  });
}

/** What the model says over the plane. */
export function outputOver(trainer: Trainer, side: number): Float32Array {
  return cells(
    asShown(
      trainer,
      noGrad(() => trainer.model.forward(places(trainer.settings, side))),
    ),
    0,
    1,
  );
}

/** The scores of the cross-entropy by their probabilities; others as they are. */
function asShown({ settings }: Trainer, output: Tensor): Tensor {
  return settings.loss === "crossEntropy" ? sigmoid(output).mul(2).sub(1) : output;
}

function cells(values: Tensor, neuron: number, width: number): Float32Array {
  const { data } = values;
  return Float32Array.from({ length: data.length / width }, (_, i) =>
    Math.min(Math.max(data[i * width + neuron]!, -1), 1),
  );
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
