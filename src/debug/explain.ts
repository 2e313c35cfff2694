import type { Tensor } from "../tensor.ts";
import { derivativeText } from "./derivatives.ts";
import { type Names, namesOf } from "./names.ts";
import { brief } from "./numbers.ts";
import { type Contribution, walkBackward } from "./walk.ts";

/** What an op sends to one of its inputs on the way back. */
export interface ExplainedShare {
  /** The input's name. */
  readonly to: string;
  /** The local derivative, in mathematical notation. */
  readonly derivative: string;
  /** The residual times the local derivative. */
  readonly value: Tensor;
}

/** What a tensor is sent on the way back. */
export interface ReceivedShare {
  /** The name of what sends it. */
  readonly from: string;
  /** What is sent. */
  readonly value: Tensor;
}

/** One step of the backward pass: an op, with the residual that has arrived at its result, or a leaf where a gradient ends. */
export interface ExplainedStep {
  /** The name of the tensor: as given, or of its op with a number. */
  readonly name: string;
  /** The op that made it; null for leaves. */
  readonly op: string | null;
  /** The names of the op's inputs. */
  readonly inputs: readonly string[];
  /** Its value. */
  readonly value: Tensor;
  /** Its residual, ∂loss/∂(it): complete, since all that uses it came before. */
  readonly residual: Tensor;
  /** What it was sent, and by whom: the residual is their sum. Empty for the loss. */
  readonly received: readonly ReceivedShare[];
  /** What it sends on. */
  readonly sent: readonly ExplainedShare[];
}

/** What {@link explain} gives. */
export interface Explanation {
  /** The steps, in the order of the backward pass. */
  readonly steps: readonly ExplainedStep[];
  /** The steps as a text. */
  toString(): string;
}

/**
 * The backward pass, written out: for each op from the loss back to the leaves its local derivative, the residual that comes in, what goes out to each input, and where several contributions are
 * added up. No `grad` is changed.
 *
 * @param loss - a recorded tensor with one element.
 * @param options - `names`: a model, for its parameters, or tensors by name.
 * @returns the steps, and a text by `String(…)`.
 * @throws `GradError` if the loss has no gradient, or more elements than one.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { explain } from "tinygrad-ts/debug";
 *
 * const w = tensor(3, { requiresGrad: true });
 * const loss = w.mul(w).add(w); // w² + w
 * const { steps } = explain(loss, { names: { w } });
 * steps.map(({ name, residual }) => [name, residual.item()]); // → [["add", 1], ["mul", 1], ["w", 7]]
 * steps.at(-1)?.received.map(({ from, value }) => [from, value.item()]); // → [["add", 1], ["mul", 3], ["mul", 3]]
 */
export function explain(loss: Tensor, options: { readonly names?: Names } = {}): Explanation {
  const { order, residuals, sent, received } = walkBackward("explain", loss);
  const nameOf = namer(order, namesOf(options.names));
  const steps = order.flatMap((x): ExplainedStep[] => {
    const residual = residuals.get(x);
    if (residual === undefined) return [];
    const shares = (sent.get(x) ?? []).map((c) => ({ to: nameOf(c.to), derivative: derivativeText(c), value: c.g }));
    const came = (received.get(x) ?? []).map((c: Contribution) => ({ from: nameOf(c.from), value: c.g }));
    return [
      {
        name: nameOf(x),
        op: x.op?.name ?? null,
        inputs: x.inputs.map(nameOf),
        value: x,
        residual,
        received: came,
        sent: shares,
      },
    ];
  });
  return { steps, toString: () => steps.map(textOf).join("\n") };
}

/** Names: those that were given, for others their op, with a number if there are several. */
function namer(order: readonly Tensor[], given: ReadonlyMap<Tensor, string>): (x: Tensor) => string {
  const names = new Map(given);
  const kinds = new Map<string, Tensor[]>();
  for (const x of order) {
    if (names.has(x)) continue;
    const kind = x.op?.name ?? "leaf";
    kinds.set(kind, [...(kinds.get(kind) ?? []), x]);
  }
  for (const [kind, list] of kinds) {
    for (const [i, x] of list.entries()) names.set(x, list.length === 1 ? kind : `${kind}#${i + 1}`);
  }
  return (x) => names.get(x) ?? (x.shape.length === 0 ? brief(x) : `constant ${x.shape.join("×")}`);
}

function textOf({ name, op, inputs, value, residual, received, sent }: ExplainedStep): string {
  const title = op === null ? `${name} = ${brief(value)}` : `${name} = ${op}(${inputs.join(", ")}) = ${brief(value)}`;
  const sum = received.length < 2 ? "" : ` = ${received.map((part) => brief(part.value)).join(" + ")}`;
  const from =
    received.length === 0 ? ", where it begins" : `, from ${received.map((part) => part.from).join(" and ")}`;
  const lines = [
    title,
    `  residual ${brief(residual)}${sum}${from}`,
    ...sent.map((share) => `  → ${share.to}: ${share.derivative}; sends ${brief(share.value)}`),
  ];
  if (op === null) lines.push("  a leaf: the residual is its gradient");
  return lines.join("\n");
}
