import type { Tensor } from "../tensor.ts";
import type { DType, TypedArray } from "./dtype.ts";
import { GradError } from "./errors.ts";
import { runtime } from "./runtime.ts";
import { describe, type Shape } from "./shape.ts";
import { isUndone } from "./transaction.ts";

/** What a kernel sees of an input: its elements, row-major, to read and never to write. */
export interface Operand {
  /** Sizes of the axes. */
  readonly shape: Shape;
  /** Element type. */
  readonly dtype: DType;
  /** The elements, row-major; never write to them. A window of a larger buffer, sometimes: `values.buffer` may begin before them. */
  readonly values: TypedArray;
}

/**
 * What a gradient rule sees: the cotangent `g` of the op's result, and, on demand, the values that the rule needs.
 * Naming `x`, `a`, `b` or `y` in a rule is what declares that backward needs that value: the getters check that it was
 * not overwritten since, so a rule cannot forget to.
 *
 * @example
 * const squareOp: Op = {
 *   name: "square",
 *   shape: ([x]) => x.shape,
 *   forward: (out, [x]) => out.set(x.values.map((v) => v * v)),
 *   vjp: [({ g, x }) => mul(g, mul(x, 2))],
 * };
 * const x = tensor([1, 2], { requiresGrad: true });
 * apply(squareOp, [x], undefined).sum().backward();
 * x.grad?.toArray(); // → [2, 4]
 */
export class Saved<A = unknown> {
  /** The recorded result. Shape and dtype are free to read; read its values through `y`. */
  readonly result: Tensor;
  /** Cotangent of the result: ∂loss/∂y, of y's shape. */
  readonly g: Tensor;
  /** Which input the cotangent is asked for. */
  readonly index: number;

  constructor(result: Tensor, g: Tensor, index: number) {
    this.result = result;
    this.g = g;
    this.index = index;
  }

  /** The attributes that the op was applied with. */
  get attrs(): A {
    return this.result.attrs as A;
  }
  /** The op's result. (It cannot have been overwritten: `assign` refuses results that are recorded.) */
  get y(): Tensor {
    return this.result;
  }
  /** The first input, of an op with one. */
  get x(): Tensor {
    return this.input(0);
  }
  /** The first input, of an op with two. */
  get a(): Tensor {
    return this.input(0);
  }
  /** The second input. */
  get b(): Tensor {
    return this.input(1);
  }
  /** Input `i`, checked to still hold the values that the forward pass read. */
  input(i: number): Tensor {
    const { inputs, op, time } = this.result;
    const x = inputs[i]!;
    if (x.time > time || isUndone(time)) {
      throw new GradError(
        `${op?.name} (backward)`,
        "a value that it needs was overwritten",
        `input ${i}, ${describe(x)}`,
        "call backward() before assign() or step()",
      );
    }
    runtime.tracer?.saved?.(x, this.result);
    return x;
  }
  /** Shape of input `i`; needs no saved value. */
  shapeOf(i: number): Shape {
    return this.result.inputs[i]!.sizes;
  }
  /** Dtype of input `i`; needs no saved value. */
  dtypeOf(i: number): DType {
    return this.result.inputs[i]!.dtype;
  }
}

/** A vector-Jacobian product: from the result's cotangent to that of one input, written with ops (never on buffers). */
export type Vjp<A = unknown> = (saved: Saved<A>) => Tensor;

/**
 * An op as data: one record that eager execution, differentiation, the tests and the documentation all read.
 *
 * @typeParam A - the op's attributes: whatever is not a tensor (axes, exponents, flags).
 */
export interface Op<A = unknown> {
  /** The name that errors and printed graphs show. */
  readonly name: string;
  /** Shape of the result. The only place that validates; throws typed errors. */
  readonly shape: (inputs: readonly Tensor[], attrs: A) => Shape;
  /** Dtype of the result; that of the first input when left out. */
  readonly dtype?: (inputs: readonly Tensor[], attrs: A) => DType;
  /**
   * The eager kernel: fills `out` (zeroed) from the inputs' values, assuming validity. `"view"` for an op whose result
   * has the same elements in the same order as its input, and shares them.
   */
  readonly forward: "view" | ((out: TypedArray, inputs: readonly Operand[], attrs: A, shape: Shape) => void);
  /** One rule per input, or one for all (of an op with many inputs), or a statement that there is none. */
  readonly vjp: Vjp<A> | readonly (Vjp<A> | "nondifferentiable")[] | "nondifferentiable";
  /** @internal All of a backward pass that begins at a result of one element, where a compiled program can do it: whether it has stored the gradients. */
  readonly backward?: (root: Tensor) => boolean;
  /** @internal The gradients of several results of one call of a compiled function, for each of their inputs, where they can be found at once: those of an input that they share are added up in one place. */
  readonly together?: (ys: readonly Tensor[], gs: readonly Tensor[]) => readonly (readonly (Tensor | null)[])[] | null;
}
