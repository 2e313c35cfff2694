import type { Observation } from "../model/observe.ts";
import type { Settings } from "../model/settings.ts";
import { workedOf } from "./features.ts";
import { useNumbers } from "./numbers.ts";

interface Props {
  readonly settings: Settings;
  readonly observation: Observation;
  /** Which of the inputs, from 0; all of them if it is missing. */
  readonly row?: number;
}

/** What the network is given of the point, written out. */
export function InputDetail({ settings: { features }, observation: { x, inputs }, row }: Props) {
  const numbers = useNumbers();
  return (
    <div class="formulas">
      {features.map(
        (feature, i) =>
          (row === undefined || row === i) &&
          inputs[i] !== undefined && <p key={feature}>{workedOf(feature, x, inputs[i], numbers)}</p>,
      )}
    </div>
  );
}
