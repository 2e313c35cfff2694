import type { Labels } from "../labels.ts";
import type { LayerSurvey } from "../model/survey.ts";
import { layerColours } from "./colours.ts";
import { percent, useNumbers } from "./numbers.ts";
import { steady } from "./steady.tsx";
import { TableHead } from "./TableHead.tsx";

interface Props {
  readonly labels: Labels;
  /** Names of the layers, the output's last. */
  readonly names: readonly string[];
  readonly survey: readonly LayerSurvey[];
}

/** A bar for each layer: the norm of its residuals over all training points, and how many of them are 0. */
export const LayerBars = steady(({ labels, names, survey }: Props) => {
  const { short } = useNumbers();
  const most = Math.max(...survey.map(({ norm }) => norm).filter(Number.isFinite), 0);
  return (
    <section class="panel residuals" aria-label={labels.bars}>
      <h2>{labels.bars}</h2>
      <table class="bars">
        <caption>{labels.barsCaption}</caption>
        <TableHead names={labels.barsColumns} />
        <tbody>
          {survey.map(({ norm, zeros, dead }, i) => {
            const count = dead.filter(Boolean).length;
            return (
              <tr key={names[i]}>
                <th scope="row">{names[i]}</th>
                <td class="bar">
                  <span style={{ width: `${lengthOf(norm, most)}%`, background: `var(--${layerColours[i]})` }} />
                </td>
                <td>{short(norm)}</td>
                <td>
                  {percent(zeros)}
                  {count > 0 && ` · ${labels.deadIn(count, dead.length)}`}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
});

/** Bars span four powers of ten: what is 10,000 times smaller than the largest has next to no length, 0 has none. */
function lengthOf(norm: number, most: number): number {
  if (!(norm > 0) || most === 0) return 0;
  return Number.isFinite(norm) ? Math.max(100 * (1 + Math.log10(norm / most) / 4), 1) : 100;
}
