import { gradients } from "tinygrad-ts";
import { inputsOf } from "./inputs.ts";
import { outputsOf, type Trainer } from "./trainer.ts";

/** A layer's residuals ∂loss/∂z over all training points. */
export interface LayerSurvey {
  /** Their norm. */
  readonly norm: number;
  /** The share of them that is exactly 0, from 0 to 1. */
  readonly zeros: number;
  /** Of each neuron, whether it is dead: its residual is 0 at every point. */
  readonly dead: readonly boolean[];
}

/** The residuals of all training points at once, layer by layer; changes nothing. */
export function survey(trainer: Trainer): LayerSurvey[] {
  const { model, train, linears } = trainer;
  const outputs = outputsOf(model, inputsOf(trainer.settings.features, train.x));
  const sums = linears.map(({ index }) => outputs[index]!);
  const residuals = gradients(trainer.loss(outputs.at(-1)!, train.y), sums);
  return residuals.map(({ data, shape }) => {
    const width = shape[1]!;
    const dead = Array.from({ length: width }, () => true);
    let zeros = 0;
    for (const [i, v] of data.entries()) {
      if (v === 0) zeros++;
      else dead[i % width] = false;
    }
    return { norm: Math.hypot(...data), zeros: zeros / data.length, dead };
  });
}
