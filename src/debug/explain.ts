import { checkOptions } from "../core/options.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { derivativeText } from "./derivatives.ts";
import { type Names, namesOf } from "./names.ts";
import { brief } from "./numbers.ts";
import { type Contribution, listOf, walkBackward } from "./walk.ts";

/** What the backward pass sends from an op's result to one of its inputs. */
export interface ExplainedShare {
  /** The input's name. */
  readonly to: string;
  /** The local derivative, in mathematical notation. */
  readonly derivative: string;
  /** The gradient with respect to the op's result, times the local derivative. */
  readonly value: Tensor;
}

/** What the backward pass sends to a tensor from one of the results that use it. */
export interface ReceivedShare {
  /** The name of that result. */
  readonly from: string;
  /** What is sent. */
  readonly value: Tensor;
}

/** One step of the backward pass: an op's result, with the gradient that has arrived there, or a leaf, where the backward pass ends. */
export interface ExplainedStep {
  /** The name of the tensor: as given, or the name of its op, numbered if there are several. */
  readonly name: string;
  /** The op that computed it; null for a leaf. */
  readonly op: string | null;
  /** The names of the op's inputs. */
  readonly inputs: readonly string[];
  /** Its value. */
  readonly value: Tensor;
  /** ∂loss/∂(this tensor): complete, since everything that uses the tensor came before. */
  readonly gradient: Tensor;
  /** What it was sent, and from where: the gradient is the sum of these. Empty for the loss. */
  readonly received: readonly ReceivedShare[];
  /** What it sends to its own inputs. */
  readonly sent: readonly ExplainedShare[];
}

/** What {@link explain} returns. */
export interface Explanation {
  /** The steps, in the order of the backward pass. */
  readonly steps: readonly ExplainedStep[];
  /** The steps as text. */
  toString(): string;
}

/**
 * Writes the backward pass out, step by step, from the loss back to the leaves: the gradient that arrives at each tensor, the local derivative of the op, what is sent to each input, and where several
 * contributions are added. No `grad` changes.
 *
 * @param loss - a recorded tensor with one element.
 * @param options - `names`: a model, whose parameters then go by their names, or an object of tensors by name.
 * @returns the steps; `String(…)` makes a text of them.
 * @throws `GradError` if the loss requires no gradient, or has more than one element.
 * @example
 * import { tensor } from "tinygrad-ts";
 * import { explain } from "tinygrad-ts/debug";
 *
 * const w = tensor(3, { requiresGrad: true });
 * const loss = w.mul(w).add(w); // w² + w
 * const { steps } = explain(loss, { names: { w } });
 * steps.map(({ name, gradient }) => [name, gradient.item()]); // → [["add", 1], ["mul", 1], ["w", 7]]
 * steps.at(-1)?.received.map(({ from, value }) => [from, value.item()]); // → [["add", 1], ["mul", 3], ["mul", 3]]
 */
export function explain(loss: Tensor, options: { readonly names?: Names } = {}): Explanation {
  checkOptions("explain", options, { names: "any" });
  refuseMore("explain", arguments, 2);
  const { order, gradients, sent, received } = walkBackward("explain", loss);
  const nameOf = namer(order, namesOf("explain", options.names));
  const steps = order.flatMap((x): ExplainedStep[] => {
    const gradient = gradients.get(x);
    if (gradient === undefined) return [];
    const shares = (sent.get(x) ?? []).map((c) => ({ to: nameOf(c.to), derivative: derivativeText(c), value: c.g }));
    const came = (received.get(x) ?? []).map((c: Contribution) => ({ from: nameOf(c.from), value: c.g }));
    return [
      {
        name: nameOf(x),
        op: x.op?.name ?? null,
        inputs: x.inputs.map(nameOf),
        value: x,
        gradient,
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
    listOf(kinds, x.op?.name ?? "leaf").push(x);
  }
  for (const [kind, list] of kinds) {
    for (const [i, x] of list.entries()) names.set(x, list.length === 1 ? kind : `${kind}#${i + 1}`);
  }
  return (x) => names.get(x) ?? (x.shape.length === 0 ? brief(x) : `constant ${x.shape.join("×")}`);
}

function textOf({ name, op, inputs, value, gradient, received, sent }: ExplainedStep): string {
  const title = op === null ? `${name} = ${brief(value)}` : `${name} = ${op}(${inputs.join(", ")}) = ${brief(value)}`;
  const sum = received.length < 2 ? "" : ` = ${received.map((part) => brief(part.value)).join(" + ")}`;
  const from =
    received.length === 0
      ? ", where the backward pass begins"
      : `, from ${received.map((part) => part.from).join(" and ")}`;
  const lines = [
    title,
    `  gradient ${brief(gradient)}${sum}${from}`,
    ...sent.map((share) => `  → ${share.to}: ${share.derivative}; sends ${brief(share.value)}`),
  ];
  if (op === null) lines.push("  a leaf: backward() adds this gradient to its grad");
  return lines.join("\n");
}
