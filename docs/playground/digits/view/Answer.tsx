import { signColour } from "../../view/colours.ts";
import { percent, useNumbers } from "../../view/numbers.ts";
import { TableHead } from "../../view/TableHead.tsx";
import type { DigitLabels } from "../labels.ts";
import { likeliest } from "../model/likeliest.ts";
import type { Observation } from "../model/observe.ts";

interface Props {
  readonly labels: DigitLabels;
  readonly observation: Observation;
  /** As it was chosen: what is observed follows a moment later. */
  readonly target: number | null;
  readonly isRunning: boolean;
  choose(target: number): void;
}

/** The ten probabilities; and the target, which is chosen here. */
export function Answer({ labels, observation, target, isRunning, choose }: Props) {
  const { short } = useNumbers();
  const { p, delta } = observation;
  const best = likeliest(p);
  return (
    <section class="panel answer" aria-label={labels.answer}>
      <h2>{labels.answer}</h2>
      <p class="reads" aria-live={isRunning ? "off" : "polite"}>
        {labels.reads(best, percent(p[best]!).replace(" ", "\u00a0"))}
      </p>
      <table>
        <caption>{labels.chooseTarget}</caption>
        <TableHead names={labels.answerColumns} />
        <tbody>
          {p.map((share, digit) => (
            <tr key={digit} class={digit === best ? "best" : undefined}>
              <th scope="row">
                <label>
                  <input
                    type="radio"
                    name="target"
                    aria-label={labels.targetIs(digit)}
                    checked={digit === target}
                    onChange={() => choose(digit)}
                  />
                  {digit}
                </label>
              </th>
              <td class="bar">
                <span style={{ width: `${100 * share}%` }} />
              </td>
              <td>{percent(share)}</td>
              <td>{target === null ? "–" : Number(digit === target)}</td>
              <td class="residual">
                {delta === null ? (
                  "–"
                ) : (
                  <>
                    <span class="dot" style={{ background: signColour(delta[digit]!) }} />
                    {short(delta[digit]!)}
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
