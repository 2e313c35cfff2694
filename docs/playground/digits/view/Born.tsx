import { percent, useNumbers } from "../../view/numbers.ts";
import type { DigitLabels } from "../labels.ts";
import { likeliest } from "../model/likeliest.ts";
import type { LayerMaps, Observation } from "../model/observe.ts";

/** Where the residual is born, and which way it goes: in words, with the numbers of the picture. */
export function Born({ labels, observation }: { readonly labels: DigitLabels; readonly observation: Observation }) {
  return (
    <section class="panel born" aria-label={labels.born}>
      <h2>{labels.born}</h2>
      {observation.target === null ? <p>{labels.noTarget}</p> : <Way labels={labels} observation={observation} />}
    </section>
  );
}

function Way({ labels, observation }: { readonly labels: DigitLabels; readonly observation: Observation }) {
  const { short } = useNumbers();
  const { p, delta, loss, layers } = observation;
  const target = observation.target!;
  const other = likeliest(p, (digit) => digit !== target);
  const difference = (digit: number, y: number): string => `${short(p[digit]!)} − ${y} = ${short(delta![digit]!)}`;
  return (
    <>
      <div class="formulas">
        <p>
          {labels.bornLoss(target)} = −log {short(p[target]!)} = {short(loss!)}
        </p>
      </div>
      <ol>
        <li>{labels.bornAt(target, difference(target, 1))}</li>
        <li>{labels.bornOthers(other, difference(other, 0))}</li>
        <li>{labels.bornBack(percent(shareAlive(layers[1]!)), percent(shareAlive(layers[0]!)))}</li>
        <li>{labels.bornInk}</li>
      </ol>
    </>
  );
}

/** How many of a layer's residuals are not 0. */
function shareAlive({ residuals }: LayerMaps): number {
  const all = residuals!.flatMap((map) => Array.from(map));
  return all.filter((v) => v !== 0).length / all.length;
}
