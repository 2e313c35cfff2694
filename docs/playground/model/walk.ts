/** A position on one point's way through the network and back. Layers and neurons are counted from 0; the last layer is the output. */
export type Stage =
  | { readonly kind: "input" }
  | { readonly kind: "forward"; readonly layer: number; readonly neuron: number }
  | { readonly kind: "loss" }
  | { readonly kind: "residual"; readonly layer: number; readonly neuron: number }
  | { readonly kind: "gradient"; readonly layer: number }
  | { readonly kind: "update" };

/** Whether the walk stops at each neuron, or at each layer. */
export type Pace = "neuron" | "layer";

/**
 * All stages in order: the forward pass layer by layer, the loss, the backward pass from the last layer to the first, with each layer's
 * gradients as soon as its residuals are there, and the update.
 *
 * @param sizes - the number of neurons of each layer, the output's last.
 */
export function stagesOf(sizes: readonly number[]): Stage[] {
  const neurons = (kind: "forward" | "residual", layer: number): Stage[] =>
    Array.from({ length: sizes[layer]! }, (_, neuron) => ({ kind, layer, neuron }));
  const layers = sizes.map((_, layer) => layer);
  return [
    { kind: "input" },
    ...layers.flatMap((layer) => neurons("forward", layer)),
    { kind: "loss" },
    ...layers.reverse().flatMap((layer): Stage[] => [...neurons("residual", layer), { kind: "gradient", layer }]),
    { kind: "update" },
  ];
}

/** The next position, or with `by` −1 the previous one; the same at the end. At the pace of layers, the last neuron of one. */
export function walkOn(stages: readonly Stage[], at: number, by: 1 | -1, pace: Pace): number {
  const last = stages.length - 1;
  let next = Math.min(Math.max(at + by, 0), last);
  if (pace === "layer") while (next < last && next > 0 && sameLayer(stages[next]!, stages[next + 1]!)) next += by;
  return next;
}

function sameLayer(a: Stage, b: Stage): boolean {
  return "layer" in a && "layer" in b && a.kind === b.kind && a.layer === b.layer;
}

/** What is known at a position: how many neurons of each layer have their activation, and their residual. */
export interface Known {
  readonly activations: readonly number[];
  readonly residuals: readonly number[];
  readonly loss: boolean;
}

/** What is known when a stage has been done. */
export function knownAt(stages: readonly Stage[], at: number, sizes: readonly number[]): Known {
  const [activations, residuals] = [sizes.map(() => 0), sizes.map(() => 0)];
  let loss = false;
  for (const stage of stages.slice(0, at + 1)) {
    if (stage.kind === "forward") activations[stage.layer] = stage.neuron + 1;
    if (stage.kind === "residual") residuals[stage.layer] = stage.neuron + 1;
    if (stage.kind === "loss") loss = true;
  }
  return { activations, residuals, loss };
}
