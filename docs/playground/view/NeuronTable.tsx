import { useState } from "preact/hooks";
import type { Labels } from "../labels.ts";
import type { Observation } from "../model/observe.ts";
import { useNumbers } from "./numbers.ts";
import { TableHead } from "./TableHead.tsx";

/** What the drawings show, as a table: for those who cannot see them, or want the numbers. */
export function NeuronTable({
  labels,
  observation,
}: {
  readonly labels: Labels;
  readonly observation: Observation | null;
}) {
  const [isOpen, open] = useState(false);
  const { short } = useNumbers();
  const rows = observation === null || !isOpen ? [] : rowsOf(labels, observation, short);
  return (
    <section class="panel numbers" aria-label={labels.table}>
      <details onToggle={(event) => open(event.currentTarget.open)}>
        <summary>
          <h2>{labels.table}</h2>
        </summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls can be reached by keyboard */}
        <section class="scrolls" tabIndex={0} aria-label={labels.tableCaption}>
          <table>
            <caption>{labels.tableCaption}</caption>
            <TableHead names={labels.columns} />
            <tbody>
              {rows.map(([name, ...cells]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  {cells.map((cell, i) => (
                    <td key={labels.columns[i + 1]}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </section>
  );
}

function rowsOf(labels: Labels, { layers }: Observation, short: (v: number) => string): string[][] {
  return layers.flatMap(({ z, a, slope, arriving, residual, bias, weight }, layer) =>
    z.map((sum, j) => [
      layer === layers.length - 1 ? labels.outputNeuron : labels.neuron(layer + 1, j + 1),
      ...[sum, a[j]!, slope[j]!, arriving[j]!, residual[j]!, bias[j]!].map(short),
      weight[j]!.map(short).join(" "),
    ]),
  );
}
