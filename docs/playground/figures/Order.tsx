import { useState } from "preact/hooks";
import { TableHead } from "../view/TableHead.tsx";
import { type Passing, type PassingOrder, passingOrders, passings } from "./model.ts";
import type { FigureProps } from "./Plot.tsx";

/** Where a, b and c stand, and how the two edges between neighbours bend. */
const across = { a: 40, b: 165, c: 290 } as const;
const [middle, radius] = [62, 24];
const bends = [-34, 34] as const;

/** b = a + a, c = b + b: a gradient that is passed on too early, or once it is complete. */
export function Order({ labels }: FigureProps) {
  const [order, setOrder] = useState<PassingOrder>("atOnce");
  const [at, setAt] = useState(0);
  const steps = passings(order);
  const step = steps[at]!;
  return (
    <>
      <div class="sliders">
        <label class="field">
          <span>{labels.passesOn}</span>
          <select
            value={order}
            onChange={(event) => {
              setOrder(event.currentTarget.value as PassingOrder);
              setAt(0);
            }}
          >
            {passingOrders.map((each) => (
              <option key={each} value={each}>
                {labels.orders[each]}
              </option>
            ))}
          </select>
        </label>
        <div class="buttons">
          <button type="button" disabled={at === 0} onClick={() => setAt(at - 1)}>
            {labels.back}
          </button>
          <button type="button" class="main" disabled={at === steps.length - 1} onClick={() => setAt(at + 1)}>
            {labels.next}
          </button>
        </div>
      </div>
      <p class="said" aria-live="polite">
        {labels.passing(step, at === steps.length - 1)}
      </p>
      <div class="pair">
        <Graph step={step} says={labels.orderGraph(step.grads)} />
        <table class="steps">
          <caption>{labels.orderCaption}</caption>
          <TableHead names={labels.orderColumns} />
          <tbody>
            {steps.map(({ from, to, passed, grads, isEarly }, i) => (
              <tr key={`${order} ${i}`} aria-current={i === at ? "step" : undefined}>
                <th scope="row">{i}</th>
                <td>{from === undefined ? "" : `${from} → ${to}: ${passed}${isEarly ? " ⚠" : ""}`}</td>
                <td>{grads.b}</td>
                <td>{grads.a}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** The three values with their gradients, and the edge that one passes along. */
function Graph({ step, says }: { readonly step: Passing; readonly says: string }) {
  const { from, to, use, grads } = step;
  return (
    <svg class="plot" viewBox="0 0 330 124" role="img" aria-label={says}>
      <g class="edges back">
        {(["c", "b"] as const).flatMap((end) =>
          bends.map((bend, i) => {
            const start = end === "c" ? "b" : "a";
            const isNow = from === end && to === start && use === i;
            const [x1, x2] = [across[end] - radius, across[start] + radius];
            return (
              <path
                key={`${end}${i}`}
                class={isNow ? "bright" : "idle"}
                d={`M${x1},${middle} Q${(x1 + x2) / 2},${middle + 2 * bend} ${x2},${middle}`}
              />
            );
          }),
        )}
      </g>
      {(["a", "b", "c"] as const).map((name) => (
        <g key={name} class={from === name || to === name ? "value now" : "value"}>
          <circle cx={across[name]} cy={middle} r={radius} />
          <text x={across[name]} y={middle - 2}>
            {name}
          </text>
          <text x={across[name]} y={middle + 14} class="inside">
            {grads[name]}
          </text>
        </g>
      ))}
    </svg>
  );
}
