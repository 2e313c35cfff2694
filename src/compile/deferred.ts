import { allocate, type DType, type TypedArray } from "../core/dtype.ts";
import type { Op, Operand } from "../core/op.ts";
import { type Shape, sizeOf } from "../core/shape.ts";

/**
 * What an op computes, if somebody looks. While a function is recorded, hardly anybody does: an op that checks values, or someone who has kept a tensor that the function made.
 */
export class Deferred implements Operand {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly #op: Op;
  readonly #attrs: unknown;
  /** What it is computed of; null when it has been. */
  #inputs: readonly Operand[] | null;
  #values: TypedArray | null = null;

  /** @param inputs - operands that never change, as tensors do which are assigned to. */
  constructor(op: Op, inputs: readonly Operand[], attrs: unknown, shape: Shape, dtype: DType) {
    this.#op = op;
    this.#attrs = attrs;
    this.#inputs = inputs;
    this.shape = shape;
    this.dtype = dtype;
  }

  get values(): TypedArray {
    // With a stack of its own, so long chains do not overflow the engine's.
    const open: Deferred[] = [this];
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      const missing = last.#inputs?.find((x): x is Deferred => x instanceof Deferred && x.#inputs !== null);
      if (missing === undefined) open.pop()!.#compute();
      else open.push(missing);
    }
    return this.#values!;
  }

  #compute(): void {
    if (this.#inputs === null) return;
    const [op, inputs] = [this.#op, this.#inputs];
    if (op.forward === "view") this.#values = inputs[0]!.values;
    else {
      this.#values = allocate(this.dtype, sizeOf(this.shape), op.name);
      op.forward(this.#values, inputs, this.#attrs, this.shape);
    }
    this.#inputs = null;
  }
}
