import type { Labels } from "../labels.ts";
import type { Observation } from "../model/observe.ts";
import type { Settings } from "../model/settings.ts";
import { useNumbers } from "./numbers.ts";
import { TableHead } from "./TableHead.tsx";

interface Props {
  readonly labels: Labels;
  readonly settings: Settings;
  readonly observation: Observation;
  /** From 0, without the inputs. */
  readonly layer: number;
  readonly neuron: number;
}

/** What a step of gradient descent with this point alone makes of each weight of a neuron. */
export function UpdateTable({ labels, settings: { lr, l2 }, observation, layer, neuron }: Props) {
  const { short, factor } = useNumbers();
  const here = observation.layers[layer];
  if (here?.z[neuron] === undefined) return null;
  const incoming = layer === 0 ? observation.inputs : observation.layers[layer - 1]!.a;
  const delta = here.residual[neuron]!;
  const rows = [
    ...here.weight[neuron]!.map((w, i) => ({
      name: `w${subscript(i + 1)}`,
      old: w,
      gradient: here.weightGradient[neuron]![i]!,
      of: `${factor(delta)} · ${factor(incoming[i]!)} = `,
    })),
    { name: "b", old: here.bias[neuron]!, gradient: delta, of: "" },
  ];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls can be reached by keyboard
    <section class="scrolls" tabIndex={0} aria-label={labels.updateCaption}>
      <table class="update">
        <TableHead names={labels.updateColumns} />
        <tbody>
          {rows.map(({ name, old, gradient, of }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{short(old)}</td>
              <td>
                {of}
                {short(gradient)}
              </td>
              <td>
                {short(old)} − {lr} · {l2 === 0 ? factor(gradient) : `(${short(gradient)} + ${l2} · ${factor(old)})`} ={" "}
                <strong>{short(old - lr * (gradient + l2 * old))}</strong>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function subscript(n: number): string {
  return String(n).replaceAll(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]!);
}
