import { indexSelect, type Tensor, tensor } from "tinygrad-ts";
import { explain } from "tinygrad-ts/debug";
import { inputsOf } from "./inputs.ts";
import type { Trainer } from "./trainer.ts";

/** A tensor in the computation of one loss. */
export interface GraphNode {
  readonly id: number;
  /** A parameter's path, the input's name, or the op that made it; the last is the loss, "L". */
  readonly name: string;
  /** The op that made it; null for what was given. */
  readonly op: string | null;
  readonly kind: "op" | "parameter" | "input" | "constant" | "loss";
  readonly shape: readonly number[];
  /** The elements, row-major. */
  readonly value: readonly number[];
  /** ∂loss/∂(it); null where no gradient goes. */
  readonly gradient: readonly number[] | null;
  /** What it was computed from, with the local derivative with respect to each; no text where no gradient goes back. */
  readonly inputs: readonly { readonly id: number; readonly derivative: string }[];
}

/** The computation graph of one point's loss, inputs before results. */
export function graphOf(trainer: Trainer, point: number): GraphNode[] {
  const picked = tensor([point], { dtype: "int32" });
  const x = inputsOf(trainer.settings.features, indexSelect(trainer.train.x, 0, picked));
  const y = indexSelect(trainer.train.y, 0, picked);
  const loss = trainer.loss(trainer.model.forward(x), y);
  const parameters = Object.fromEntries(trainer.model.namedParameters());
  const { steps } = explain(loss, { names: { ...parameters, x, y } });
  const stepOf = new Map(steps.map((step) => [step.value, step]));
  const nameOf = new Map<Tensor, string>([
    ...Object.entries(parameters).map(([name, p]): [Tensor, string] => [p, name.replace(/^layers\./, "")]),
    [x, "x"],
    [y, "y"],
  ]);
  const order = inOrder(loss);
  const ids = new Map(order.map((node, id) => [node, id]));
  const kindOf = (node: Tensor): GraphNode["kind"] => {
    if (node === loss) return "loss";
    if (node === x || node === y) return "input";
    return node.op !== null ? "op" : node.requiresGrad ? "parameter" : "constant";
  };
  return order.map((node, id): GraphNode => {
    const step = stepOf.get(node);
    const derivatives = step === undefined ? [] : derivativesByInput(node, step.sent);
    return {
      id,
      name: node === loss ? "L" : (nameOf.get(node) ?? node.op?.name ?? "constant"),
      op: node.op?.name ?? null,
      kind: kindOf(node),
      shape: node.shape,
      value: Array.from(node.data),
      gradient: step === undefined ? null : Array.from(step.gradient.data),
      inputs: node.inputs.map((input, i) => ({ id: ids.get(input)!, derivative: derivatives[i] ?? "" })),
    };
  });
}

/** What is sent goes to those inputs, in order, that need a gradient. */
function derivativesByInput(node: Tensor, sent: readonly { readonly derivative: string }[]): string[] {
  let next = 0;
  return node.inputs.map((input) => (input.requiresGrad ? (sent[next++]?.derivative ?? "") : ""));
}

/** All tensors behind one, each after those that it was computed from. */
function inOrder(root: Tensor): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const visit = (node: Tensor): void => {
    if (seen.has(node)) return;
    seen.add(node);
    node.inputs.forEach(visit);
    order.push(node);
  };
  visit(root);
  return order;
}
