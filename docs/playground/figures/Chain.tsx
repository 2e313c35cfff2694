import { useState } from "preact/hooks";
import { inFour } from "../view/numbers.ts";
import { TableHead } from "../view/TableHead.tsx";
import { type ChainActivation, chain, chainActivations } from "./model.ts";
import type { FigureProps } from "./Plot.tsx";
import { Slider } from "./Slider.tsx";

/** What comes back through a chain of layers, and what an identity path does for them. */
export function Chain({ labels }: FigureProps) {
  const [activation, setActivation] = useState<ChainActivation>("sigmoid");
  const [w, setW] = useState(1);
  const [hasPath, setPath] = useState(false);
  const gradients = chain(activation, w, hasPath);
  const most = Math.max(...gradients.map(Math.abs));
  return (
    <>
      <div class="sliders">
        <label class="field">
          <span>{labels.activation}</span>
          <select value={activation} onChange={(event) => setActivation(event.currentTarget.value as ChainActivation)}>
            {chainActivations.map((each) => (
              <option key={each} value={each}>
                {labels.activations[each]}
              </option>
            ))}
          </select>
        </label>
        <Slider label={labels.weight} value={w} least={-3} most={3} choose={setW} />
        <label class="check">
          <input type="checkbox" checked={hasPath} onChange={(event) => setPath(event.currentTarget.checked)} />
          {labels.path}
        </label>
      </div>
      <table class="bars">
        <caption>{labels.chainCaption}</caption>
        <TableHead names={labels.chainColumns} />
        <tbody>
          {gradients.map((g, i) => (
            <tr key={labels.layer(i + 1)}>
              <th scope="row">{labels.layer(i + 1)}</th>
              <td class="bar">
                <span
                  style={{
                    width: `${most === 0 ? 0 : (100 * Math.abs(g)) / most}%`,
                    background: `var(--${g < 0 ? "negative" : "positive"})`,
                  }}
                />
              </td>
              <td>{inFour.short(g)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
