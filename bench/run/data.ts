// The same numbers in every language: each depends on its seed and its index alone. `peers/pytorch.py` has the same function.

/** 32 well-mixed bits of an index. */
function bits(seed: number, index: number): number {
  let h = (Math.imul(seed, 0x9e3779b1) + index) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** `count` numbers, uniform between −bound and bound. */
export function numbers(seed: number, count: number, bound: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => ((bits(seed, i) + 0.5) / 2 ** 31 - 1) * bound);
}

/** `count` classes from 0 to `classes` − 1. */
export function labels(seed: number, count: number, classes: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => bits(seed, i) % classes);
}

/** A matrix of `columns` columns with its axes exchanged. */
export function transposed(matrix: Float32Array, columns: number): Float32Array {
  const rows = matrix.length / columns;
  return matrix.map((_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]!);
}

/** What a training step starts from. */
export interface StepData {
  /** For each layer: weights, a row for each output, and biases. */
  readonly layers: readonly {
    readonly inputs: number;
    readonly outputs: number;
    readonly weight: Float32Array;
    readonly bias: Float32Array;
  }[];
  readonly x: Float32Array;
  /** The targets of a regression, or the classes. */
  readonly target: Float32Array;
  readonly classes: Int32Array;
}

export function stepData(sizes: readonly number[], batch: number): StepData {
  const outputs = sizes.at(-1)!;
  return {
    layers: sizes.slice(1).map((n, i) => {
      const inputs = sizes[i]!;
      const bound = Math.sqrt(3 / inputs); // keeps the scale of activations, so that deep networks have gradients
      return {
        inputs,
        outputs: n,
        weight: numbers(10 + 2 * i, n * inputs, bound),
        bias: numbers(11 + 2 * i, n, 0.1),
      };
    }),
    x: numbers(1, batch * sizes[0]!, 1),
    target: numbers(2, batch * outputs, 1),
    classes: labels(3, batch, outputs),
  };
}
