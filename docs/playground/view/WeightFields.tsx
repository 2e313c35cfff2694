import type { Labels } from "../labels.ts";
import type { Observation } from "../model/observe.ts";
import { NumberField } from "./NumberField.tsx";

interface Props {
  readonly labels: Labels;
  readonly observation: Observation;
  /** From 0, without the inputs. */
  readonly layer: number;
  readonly neuron: number;
  /** All parameters, with one of them changed. */
  change(weights: readonly number[]): void;
}

/** A neuron's weights and bias, to be changed. */
export function WeightFields({ labels, observation: { layers }, layer, neuron, change }: Props) {
  const here = layers[layer];
  if (here?.bias[neuron] === undefined) return null;
  const own = [...here.weight[neuron]!, here.bias[neuron]!];
  const set = (index: number, value: number): void => {
    const changed = layers.map(({ weight, bias }, l) =>
      l !== layer
        ? { weight, bias }
        : {
            weight: weight.map((row, j) => (j === neuron ? row.map((w, i) => (i === index ? value : w)) : row)),
            bias: bias.map((b, j) => (j === neuron && index === own.length - 1 ? value : b)),
          },
    );
    change(weightsOf(changed));
  };
  return (
    <details class="weights">
      <summary>{labels.changeWeights}</summary>
      <div>
        {own.map((value, i) => (
          <NumberField
            key={`${layer}-${neuron}-${i}`}
            label={i === own.length - 1 ? labels.bias : `w${i + 1}`}
            value={Number(value.toPrecision(4))}
            step="any"
            fits={(v) => Math.abs(v) <= 1000}
            refuse={(text) => labels.notWeight(text)}
            choose={(next) => set(i, next)}
          />
        ))}
      </div>
    </details>
  );
}

/** All parameters of observed layers, in the order of the model. */
export function weightsOf(layers: readonly Pick<Observation["layers"][number], "weight" | "bias">[]): number[] {
  return layers.flatMap(({ weight, bias }) => [...weight.flat(), ...bias]);
}
