import { percent, useNumbers } from "../../view/numbers.ts";
import { Prose } from "../../view/Prose.tsx";
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
  const difference = (digit: number, y: number): string =>
    `${y === 1 ? nearOne(p[digit]!) : short(p[digit]!)} − ${y} = ${short(delta![digit]!)}`;
  return (
    <>
      <div class="formulas">
        <p>
          {labels.bornLoss(target)} = −log {nearOne(p[target]!)} = {short(loss!)}
        </p>
      </div>
      <ol>
        <li>
          <Prose text={labels.bornAt(target, difference(target, 1))} />
        </li>
        <li>{labels.bornOthers(other, difference(other, 0))}</li>
        <li>{labels.bornBack(percent(shareAlive(layers[1]!)), percent(shareAlive(layers[0]!)))}</li>
        <li>{labels.bornInk}</li>
      </ol>
    </>
  );
}

/** A probability with as many decimals as are shown of its distance from 1, so that the difference is right as it is read. */
function nearOne(p: number): string {
  const [distance, few] = [1 - p, p < 0.1 ? 3 : 2];
  if (distance === 0) return "1";
  return p.toFixed(distance >= 0.1 ? few : distance >= 0.005 ? 3 : Math.ceil(-Math.log10(distance)));
}

/** How many of a layer's residuals are not 0. */
function shareAlive({ residuals }: LayerMaps): number {
  const all = residuals!.flatMap((map) => Array.from(map));
  return all.filter((v) => v !== 0).length / all.length;
}
