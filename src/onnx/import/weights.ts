import type { Node } from "./node.ts";

/** The inputs of operators that are weights. */
const places: { readonly [type: string]: readonly number[] } = {
  Add: [0, 1],
  BatchNormalization: [1, 2],
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Div: [0, 1],
  Einsum: [0, 1, 2],
  GRU: [1, 2, 3],
  Gather: [0],
  Gemm: [0, 1, 2],
  GroupNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  LSTM: [1, 2, 3, 7],
  LayerNormalization: [1, 2],
  MatMul: [0, 1],
  Mul: [0, 1],
  PRelu: [1],
  RMSNormalization: [1],
  RNN: [1, 2, 3],
  Sub: [0, 1],
};

/** Operators that hand weights on, as other shapes of them. */
const through = [
  "Cast",
  "Concat",
  "Expand",
  "Flatten",
  "Identity",
  "Reshape",
  "Slice",
  "Split",
  "Squeeze",
  "Transpose",
  "Unsqueeze",
];

/** The names of what is used as a weight, directly or in another shape; of those, the tensors of floats in a file are what is trained. */
export function usedAsWeights(nodes: readonly Node[]): Set<string> {
  const found = new Set<string>();
  // From the end: what hands on comes before what uses.
  for (const { type, inputs, outputs } of [...nodes].reverse()) {
    const own = places[type] ?? [];
    for (const i of own) if (inputs[i]) found.add(inputs[i]);
    if (!through.includes(type) || !outputs.some((name) => found.has(name))) continue;
    for (const name of type === "Concat" ? inputs : inputs.slice(0, 1)) found.add(name);
  }
  return found;
}

/** The names of running statistics: tensors of the file that are no weights, but belong to the model's state. */
export function statistics(nodes: readonly Node[]): Set<string> {
  return new Set(nodes.flatMap(({ type, inputs }) => (type === "BatchNormalization" ? inputs.slice(3, 5) : [])));
}
