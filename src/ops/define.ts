import { apply, applyChecked, make } from "../core/apply.ts";
import { allocate, type DType, getDefaultDtype, isFloat, promote, type TypedArray } from "../core/dtype.ts";
import { DTypeError, textOf } from "../core/errors.ts";
import type { Op, Operand, Saved, Vjp } from "../core/op.ts";
import { isTensor } from "../core/runtime.ts";
import { broadcastShapes, type Shape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { expandValues } from "./expand.ts";
import { unbroadcast } from "./unbroadcast.ts";

/** An elementwise op of one input, as {@link defineUnary} takes it. */
export interface UnarySpec<A> {
  readonly name: string;
  /** `"same"` as the input (default), `"float"` for functions into the reals, or a fixed dtype. */
  readonly dtype?: "same" | "float" | DType;
  readonly forward: (y: TypedArray, x: TypedArray, attrs: A) => void;
  readonly vjp: Vjp<A> | "nondifferentiable";
}

/** The record of an elementwise op of one input. */
export function defineUnary<A = undefined>({ name, dtype = "same", forward, vjp }: UnarySpec<A>): Op<A> {
  return {
    name,
    shape: (inputs) => inputs[0]!.sizes,
    dtype: (inputs) => {
      const own = inputs[0]!.dtype;
      if (dtype === "same") return counted(own);
      return dtype === "float" ? floatOf(own) : dtype;
    },
    forward: (out, inputs, attrs) => forward(out, inputs[0]!.values, attrs),
    vjp: vjp === "nondifferentiable" ? vjp : [vjp],
  };
}

/**
 * The inner loop of an elementwise op of two inputs: `n` results into `y` from `yi` on, with the inputs read from `ai`
 * and `bi` on in steps of `as` and `bs` (1, or 0 where an input is broadcast).
 */
export type BinaryLoop = (
  y: TypedArray,
  yi: number,
  n: number,
  a: TypedArray,
  ai: number,
  as: number,
  b: TypedArray,
  bi: number,
  bs: number,
) => void;

/** An elementwise op of two inputs that broadcast, as {@link defineBinary} takes it. */
export interface BinarySpec {
  readonly name: string;
  /** `"promote"`d from both (default), `"float"` likewise but never an integer, or a fixed dtype. */
  readonly dtype?: "promote" | "float" | DType;
  readonly loop: BinaryLoop;
  /** The loop that fills int32, where it is another. */
  readonly integers?: BinaryLoop;
  /** Rules for both inputs, in the result's shape: summing over broadcast axes is done for them. */
  readonly vjp: readonly [Vjp<undefined>, Vjp<undefined>] | "nondifferentiable";
}

/** The record of an elementwise op of two inputs that broadcast. */
export function defineBinary({ name, dtype = "promote", loop, integers = loop, vjp }: BinarySpec): Op<undefined> {
  const reduced =
    (rule: Vjp<undefined>): Vjp<undefined> =>
    (saved: Saved<undefined>) =>
      unbroadcast(rule(saved), saved.shapeOf(saved.index), saved.dtypeOf(saved.index));
  return {
    name,
    shape: (inputs) => broadcastShapes(name, inputs[0]!.sizes, inputs[1]!.sizes),
    dtype: (inputs) => {
      const a = inputs[0]!;
      const b = inputs[1]!;
      if (dtype === "promote") return counted(promotePair(a, b));
      return dtype === "float" ? floatOf(promotePair(a, b)) : dtype;
    },
    forward: (out, inputs, _, shape) => {
      // By the constructor, since `instanceof` walks up the prototypes.
      const run = integers !== loop && out.constructor === Int32Array ? integers : loop;
      broadcastLoop(name, run, out, shape, inputs[0]!, inputs[1]!);
    },
    vjp: vjp === "nondifferentiable" ? vjp : [reduced(vjp[0]), reduced(vjp[1])],
  };
}

/** Applies an op of one input for the function that is named like it; `args` are that function's `arguments`. */
export function applyUnary(op: Op<undefined>, x: Tensor, args: ArrayLike<unknown>): Tensor {
  refuseMore(op.name, args, 1);
  return apply(op, [x], undefined);
}

/**
 * Applies a binary op to tensors or numbers. A number becomes a scalar of the other operand's dtype, or of the default
 * floating dtype if that is an integer dtype that cannot hold it. `args` are the `arguments` of the function that is
 * named like the op, if it calls.
 */
export function applyBinary(
  op: Op<undefined>,
  a: Tensor | number,
  b: Tensor | number,
  args?: ArrayLike<unknown>,
  hint?: string,
): Tensor {
  if (args !== undefined) refuseMore(op.name, args, 2, hint);
  return applyChecked(op, isTensor(a) && isTensor(b) ? [a, b] : operandsOf(op.name, a, b), undefined);
}

function operandsOf(op: string, a: Tensor | number, b: Tensor | number): [Tensor, Tensor] {
  checkOperands(op, a, b);
  const x = typeof a === "number" ? constant(b as Tensor, a) : a;
  return [x, typeof b === "number" ? constant(x, b) : b];
}

/** Refuses operands that are neither tensors nor numbers, and two numbers. */
export function checkOperands(op: string, a: Tensor | number, b: Tensor | number): void {
  if (typeof a === "number" && typeof b === "number") {
    throw new DTypeError(op, "an operand must be a tensor", `${a} and ${b}`);
  }
  if (typeof a !== "number" && !isTensor(a)) throw noOperand(op, a, 0);
  if (typeof b !== "number" && !isTensor(b)) throw noOperand(op, b, 1);
}

/** The error for what is neither tensor nor number. */
export function noOperand(op: string, x: unknown, i: number): DTypeError {
  const hint = Array.isArray(x) || ArrayBuffer.isView(x) ? "wrap values in tensor(…)" : "";
  return new DTypeError(op, `input ${i} must be a tensor or a number`, textOf(x), hint);
}

/** A scalar tensor that computes with `like` as a plain number would. */
export function constant(like: Tensor, value: number): Tensor {
  let dtype = like.dtype;
  if (!isFloat(dtype)) dtype = (value | 0) === value ? "int32" : getDefaultDtype();
  const values = allocate(dtype, 1);
  values[0] = value;
  return make(like, values, [], dtype);
}

/** What arithmetic on bools gives: a bool array cannot hold −1 or 2. */
function counted(dtype: DType): DType {
  return dtype === "bool" ? "int32" : dtype;
}

/** The floating dtype that an op into the reals computes in. */
export function floatOf(dtype: DType): DType {
  return isFloat(dtype) ? dtype : getDefaultDtype();
}

/**
 * PyTorch's promotion: the higher dtype wins, but a scalar tensor (rank 0) raises the dtype of one with axes only
 * across categories (an integer tensor becomes floating, a float32 tensor stays float32).
 */
export function promotePair(a: Tensor, b: Tensor): DType {
  return a.dtype === b.dtype ? a.dtype : promoted(a, b);
}

function promoted(a: Tensor, b: Tensor): DType {
  if (a.rank > 0 === b.rank > 0) return promote(a.dtype, b.dtype);
  const [wide, scalar] = a.rank > 0 ? [a.dtype, b.dtype] : [b.dtype, a.dtype];
  return isFloat(wide) || !isFloat(scalar) ? (wide === "bool" ? promote(wide, scalar) : wide) : scalar;
}

/**
 * Runs a binary loop over operands broadcast to `shape`. An operand whose shape is the end of the result's (a scalar, a row of
 * biases, a whole) just repeats; any other is expanded first.
 */
function broadcastLoop(op: string, loop: BinaryLoop, y: TypedArray, shape: Shape, a: Operand, b: Operand): void {
  const n = y.length;
  const av = repeating(op, a, n, shape);
  const bv = repeating(op, b, n, shape);
  const as = av.length === 1 ? 0 : 1;
  const bs = bv.length === 1 ? 0 : 1;
  const period = Math.min(as === 0 ? n : av.length, bs === 0 ? n : bv.length);
  if (period === n) loop(y, 0, n, av, 0, as, bv, 0, bs);
  else
    for (let i = 0; i < n; i += period) loop(y, i, period, av, as * (i % av.length), as, bv, bs * (i % bv.length), bs);
}

function repeating(op: string, x: Operand, n: number, shape: Shape): TypedArray {
  const { values } = x;
  if (values.length === n || values.length === 1) return values;
  const from = x.shape;
  const lead = from.findIndex((size) => size !== 1);
  const skip = shape.length - from.length;
  return from.every((size, i) => i < lead || size === shape[i + skip]) ? values : expandValues(op, values, from, shape);
}
