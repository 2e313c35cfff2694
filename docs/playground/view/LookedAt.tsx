import type { Labels } from "../labels.ts";
import type { At } from "../model/address.ts";
import type { Observation } from "../model/observe.ts";
import type { Settings } from "../model/settings.ts";
import { InputDetail } from "./InputDetail.tsx";
import { LossDetail } from "./LossDetail.tsx";
import { NeuronDetail } from "./NeuronDetail.tsx";
import { useNumbers } from "./numbers.ts";
import { steady } from "./steady.tsx";
import { WeightFields } from "./WeightFields.tsx";

interface Props {
  readonly labels: Labels;
  readonly settings: Settings;
  readonly observation: Observation;
  readonly looked: At;
  readonly name: string;
  /** Whether weights may be changed now. */
  readonly canChange: boolean;
  change(weights: readonly number[]): void;
}

/** What is looked at in the network, with all of its numbers. */
export const LookedAt = steady(({ labels, settings, observation, looked, name, canChange, change }: Props) => {
  const { short } = useNumbers();
  const { layers, target } = observation;
  const layer = looked.column - 1;
  const isLoss = layer === layers.length && looked.row === 0;
  return (
    <div class="detail">
      <strong>{name}</strong>
      {layer === -1 && <InputDetail settings={settings} observation={observation} row={looked.row} />}
      {layer >= 0 && layer < layers.length && (
        <>
          <NeuronDetail settings={settings} observation={observation} layer={layer} neuron={looked.row} shows="both" />
          {canChange && (
            <WeightFields labels={labels} observation={observation} layer={layer} neuron={looked.row} change={change} />
          )}
        </>
      )}
      {isLoss && <LossDetail settings={settings} observation={observation} shows="both" />}
      {layer === layers.length && !isLoss && <p class="formulas">y = {short(target)}</p>}
    </div>
  );
});
