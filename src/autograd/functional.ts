import { checkTensor } from "../core/apply.ts";
import { isFloat } from "../core/dtype.ts";
import { DTypeError, GradError, textOf, ValueError } from "../core/errors.ts";
import { checkOptions } from "../core/options.ts";
import { isTensor, withRecording } from "../core/runtime.ts";
import { describe, formatShape, sizeOf } from "../core/shape.ts";
import type { Spread } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { stack } from "../ops/cat.ts";
import { constant } from "../ops/define.ts";
import { expand } from "../ops/expand.ts";
import { alias, reshape } from "../ops/reshape.ts";
import { place } from "../ops/slice.ts";
import { onesLike, zerosLike } from "../ops/zerosLike.ts";
import type { Tensor } from "../tensor.ts";
import { type BackwardOptions, backwardOptions, checkFits, checkList, gradients } from "./backward.ts";

/** A function of tensors with a tensor as its result. */
export type FunctionOfTensors<T extends readonly Tensor[]> = (...inputs: T) => Tensor;

/** One gradient for a function of one tensor, a list for a function of several. */
export type GradientsOf<T extends readonly Tensor[]> = T extends readonly [Tensor]
  ? Tensor
  : { [K in keyof T]: Tensor };

/** The result of {@link valueAndGrad}. */
export interface ValueAndGrad<T extends readonly Tensor[]> {
  /** The function's value. */
  readonly value: Tensor;
  /** Its gradient, or a list of them. */
  readonly grad: GradientsOf<T>;
}

/** The result of {@link vjp}. */
export interface Pullback<T extends readonly Tensor[]> {
  /** The function's value. */
  readonly value: Tensor;
  /** Pulls a cotangent of the value back to the inputs. */
  readonly vjp: (cotangent: Tensor) => { [K in keyof T]: Tensor };
}

/** The result of {@link jvp}. */
export interface Pushforward {
  /** The function's value. */
  readonly value: Tensor;
  /** Its derivative in the given direction. */
  readonly tangent: Tensor;
}

/** Inputs as `f` sees them, tracked apart from whatever else the caller's tensors belong to; and f's result. */
function trace<T extends readonly Tensor[]>(name: string, f: FunctionOfTensors<T>, inputs: T, scalar: boolean) {
  inputs.forEach((x, i) => {
    checkTensor(name, x, i);
    if (!isFloat(x.dtype)) throw new DTypeError(name, `input ${i} must be floating`, describe(x), "cast it first");
  });
  return withRecording(true, () => {
    const xs = inputs.map((x) => {
      const own = x.requiresGrad ? alias(x) : x.detach();
      own.requiresGrad = true;
      return own;
    });
    const y = f(...(xs as unknown as T));
    if (!isTensor(y)) throw new GradError(name, "the function must return a tensor", textOf(y));
    if (scalar && y.size !== 1) {
      const hint = "reduce it (sum, mean), or use jacobian";
      throw new GradError(name, "the function's result must have one element", `shape ${formatShape(y.shape)}`, hint);
    }
    return { xs, y };
  });
}

/** Gradients with zeros for inputs that the outputs do not depend on: a constant function has gradient 0. */
function gradientsOrZero(
  ys: readonly Tensor[],
  xs: readonly Tensor[],
  cotangents: readonly Tensor[],
  createGraph: boolean,
) {
  const live = ys.map((_, i) => i).filter((i) => ys[i]!.requiresGrad);
  if (live.length === 0) return xs.map((x) => zerosLike(x));
  const picked = live.map((i) => cotangents[i]!);
  const roots = live.map((i) => ys[i]!);
  const found = gradients(roots, xs, { cotangents: picked, createGraph, allowUnused: true }) as (Tensor | null)[];
  return found.map((g, i) => g ?? zerosLike(xs[i]!));
}

/** Refuses what is not a function, and unknown options, before anything is computed. */
function checkDoor(name: string, f: unknown, options: BackwardOptions | undefined): void {
  const isMaker = /^(grad|valueAndGrad)$/.test(name);
  if (typeof f !== "function") {
    const hint = isTensor(f) ? `the function comes first: ${name}(f${isMaker ? ")(x)" : ", …)"}` : "";
    throw new ValueError(name, "needs a function of tensors", textOf(f), hint);
  }
  checkOptions(name, options, backwardOptions, {
    instead: (given) => {
      if (isMaker && isTensor(given)) return `it gives a function: write ${name}(f)(x)`;
      return name === "vjp" && isTensor(given) ? "write vjp(f, [x]).vjp(cotangent)" : undefined;
    },
  });
}

/** Refuses a call without a point to differentiate at. */
function checkPoint(name: string, x: unknown, call: string): void {
  if (x === undefined) throw new DTypeError(name, "needs the point to differentiate at", "undefined", `write ${call}`);
  checkTensor(name, x);
}

/** By default the graph is kept where a caller can differentiate further: when an input is tracked already. */
function keepsGraph(inputs: readonly Tensor[], options: BackwardOptions | undefined): boolean {
  return options?.createGraph ?? inputs.some((x) => x.requiresGrad);
}

/**
 * The gradient of a function, as a function. Nests: `grad(grad(f))` is the second derivative.
 *
 * @param f - a function of one or more floating tensors whose result has one element.
 * @param options - `createGraph`: whether the gradients can be differentiated themselves; by default if an input requires a gradient.
 * @returns a function of the same inputs that returns the gradient (for several inputs, a list), each with the shape of its input; zeros
 * for an input that f does not use. No `.grad` is touched.
 * @throws {@link GradError} (when called) if f's result is not a tensor of one element.
 * @example
 * const f = (x: Tensor) => pow(x, 3);
 * grad(f)(tensor(2)).item(); // → 12
 * grad(grad(f))(tensor(2)).item(); // → 12
 * grad(grad(grad(f)))(tensor(2)).item(); // → 6
 */
export function grad<T extends readonly Tensor[]>(
  f: FunctionOfTensors<T>,
  options?: BackwardOptions,
): (...inputs: T) => GradientsOf<T> {
  refuseMore("grad", arguments, 2);
  checkDoor("grad", f, options);
  return (...inputs) => gradOf("grad", f, options, inputs).grad;
}

/**
 * Like {@link grad}, but also returns the value of the function.
 *
 * @param f - a function of one or more floating tensors whose result has one element.
 * @param options - `createGraph`, as for {@link grad}.
 * @returns a function that returns `{ value, grad }`.
 * @throws {@link GradError} (when called) if f's result is not a tensor of one element.
 * @example
 * const { value, grad: g } = valueAndGrad((x: Tensor) => x.mul(x))(tensor(3));
 * [value.item(), g.item()]; // → [9, 6]
 */
export function valueAndGrad<T extends readonly Tensor[]>(
  f: FunctionOfTensors<T>,
  options?: BackwardOptions,
): (...inputs: T) => ValueAndGrad<T> {
  refuseMore("valueAndGrad", arguments, 2);
  checkDoor("valueAndGrad", f, options);
  return (...inputs) => gradOf("valueAndGrad", f, options, inputs);
}

function gradOf<T extends readonly Tensor[]>(
  name: string,
  f: FunctionOfTensors<T>,
  options: BackwardOptions | undefined,
  inputs: T,
): ValueAndGrad<T> {
  if (inputs.length === 0) checkPoint(name, undefined, `${name}(f)(x)`);
  const { xs, y } = trace(name, f, inputs, true);
  const createGraph = keepsGraph(inputs, options);
  const found = gradientsOrZero([y], xs, [onesLike(y)], createGraph);
  return { value: createGraph ? y : y.detach(), grad: (found.length === 1 ? found[0] : found) as GradientsOf<T> };
}

/**
 * Vector-Jacobian product (reverse mode): runs `f` once and returns a function that maps cotangents of its result back to its inputs.
 *
 * @param f - a function of one or more floating tensors.
 * @param inputs - where to differentiate.
 * @param options - `createGraph`, as for {@link grad}.
 * @returns `value`, and `vjp(cotangent)` with one gradient per input; it may be called often.
 * @throws {@link GradError} if f's result is not a tensor, or a cotangent does not have its shape and dtype.
 * @example
 * const { vjp: pull } = vjp((x: Tensor) => x.mul(x), [tensor([1, 2])]);
 * pull(tensor([1, 10]))[0].toArray(); // → [2, 40]
 */
export function vjp<const T extends readonly Tensor[]>(
  f: FunctionOfTensors<T>,
  inputs: Spread<T, Tensor>,
  options?: BackwardOptions,
): Pullback<T> {
  refuseMore("vjp", arguments, 3);
  checkDoor("vjp", f, options);
  checkList("vjp", "inputs", inputs, "vjp(f, [x])");
  const { xs, y } = trace("vjp", f, inputs as T, false);
  const createGraph = keepsGraph(inputs, options);
  return {
    value: createGraph ? y : y.detach(),
    vjp: (cotangent) => {
      checkFits("vjp", "cotangent must fit what it belongs to", cotangent, y, "the cotangent");
      return gradientsOrZero([y], xs, [cotangent], createGraph) as { [K in keyof T]: Tensor };
    },
  };
}

/**
 * Jacobian-vector product (forward mode): the derivative of `f` in a direction. Computed by reverse mode twice, since Jᵀu is linear in
 * u and its own vjp is J.
 *
 * @param f - a function of one or more floating tensors.
 * @param inputs - where to differentiate.
 * @param tangents - one direction per input, of its shape and dtype.
 * @param options - `createGraph`, as for {@link grad}.
 * @returns `value`, and `tangent` of its shape.
 * @throws {@link GradError} if f's result is not a tensor, or tangents do not fit the inputs.
 * @example
 * jvp((x: Tensor) => x.mul(x), [tensor([1, 2])], [tensor([1, 1])]).tangent.toArray(); // → [2, 4]
 */
export function jvp<const T extends readonly Tensor[]>(
  f: FunctionOfTensors<T>,
  inputs: Spread<T, Tensor>,
  tangents: { readonly [K in keyof T]: Tensor },
  options?: BackwardOptions,
): Pushforward {
  refuseMore("jvp", arguments, 4);
  checkDoor("jvp", f, options);
  checkList("jvp", "inputs", inputs, "jvp(f, [x], [v])");
  checkList("jvp", "tangents", tangents as readonly Tensor[], "jvp(f, [x], [v])");
  if (tangents.length !== inputs.length) {
    throw new GradError("jvp", "one tangent per input", `${tangents.length} for ${inputs.length}`);
  }
  inputs.forEach((x, i) => {
    checkTensor("jvp", x, i);
    checkFits("jvp", `tangent ${i} must fit what it belongs to`, tangents[i]!, x, `tangent ${i}`);
  });
  const createGraph = keepsGraph(inputs, options);
  const { xs, y } = trace("jvp", f, inputs as T, false);
  const u = zerosLike(y);
  u.requiresGrad = true;
  const pulled = withRecording(true, () => gradientsOrZero([y], xs, [u], true));
  const [tangent] = gradientsOrZero(pulled, [u], tangents as readonly Tensor[], createGraph);
  return { value: createGraph ? y : y.detach(), tangent: tangent! };
}

/**
 * The matrix of all first derivatives, one backward pass per element of the result.
 *
 * @param f - a function of a floating tensor.
 * @param x - where to differentiate.
 * @param options - `createGraph`, as for {@link grad}.
 * @returns shape `[...y.shape, ...x.shape]`: entry `[i, j]` is ∂yᵢ/∂xⱼ.
 * @throws {@link GradError} if f's result is not a tensor.
 * @example
 * jacobian((x: Tensor) => x.mul(x), tensor([1, 2])).toArray(); // → [[2, 0], [0, 4]]
 */
export function jacobian(f: (x: Tensor) => Tensor, x: Tensor, options?: BackwardOptions): Tensor {
  refuseMore("jacobian", arguments, 3);
  checkDoor("jacobian", f, options);
  checkPoint("jacobian", x, "jacobian(f, x)");
  return rowsOf("jacobian", f, x, options);
}

function rowsOf(name: string, f: (x: Tensor) => Tensor, x: Tensor, options: BackwardOptions | undefined): Tensor {
  const createGraph = keepsGraph([x], options);
  const { xs, y } = trace(name, f, [x], false);
  const shape = [...y.shape, ...x.shape];
  const count = sizeOf(y.shape);
  if (count === 0) return expand(constant(x, 0), shape);
  const one = reshape(constant(y, 1), [1]);
  const rows = Array.from({ length: count }, (_, k) => {
    const unit = reshape(place(one, { shape: [count], starts: [k], steps: [1], value: 0 }), y.shape);
    return gradientsOrZero([y], xs, [unit], createGraph)[0]!;
  });
  return withRecording(createGraph, () => reshape(stack(rows), shape));
}

/**
 * The matrix of all second derivatives of a function with one result: the Jacobian of its gradient.
 *
 * @param f - a function of a floating tensor whose result has one element.
 * @param x - where to differentiate.
 * @param options - `createGraph`, as for {@link grad}.
 * @returns shape `[...x.shape, ...x.shape]`, symmetric where the second derivatives are continuous.
 * @throws {@link GradError} if f's result is not a tensor of one element.
 * @example
 * hessian((x: Tensor) => pow(x, 3).sum(), tensor([1, 2])).toArray(); // → [[6, 0], [0, 12]]
 */
export function hessian(f: (x: Tensor) => Tensor, x: Tensor, options?: BackwardOptions): Tensor {
  refuseMore("hessian", arguments, 3);
  checkDoor("hessian", f, options);
  checkPoint("hessian", x, "hessian(f, x)");
  const gradient = (input: Tensor): Tensor => gradOf("hessian", f, { createGraph: true }, [input]).grad;
  return rowsOf("hessian", gradient, x, { createGraph: keepsGraph([x], options) });
}

/**
 * Hessian-vector product: the change of the gradient in a direction, at the cost of two backward passes and without the Hessian
 * (Pearlmutter, 1994).
 *
 * @param f - a function of a floating tensor whose result has one element.
 * @param x - where to differentiate.
 * @param v - the direction, of x's shape and dtype.
 * @param options - `createGraph`, as for {@link grad}.
 * @returns H·v, of x's shape.
 * @throws {@link GradError} if f's result is not a tensor of one element, or v does not fit x.
 * @example
 * hvp((x: Tensor) => pow(x, 3).sum(), tensor([1, 2]), tensor([1, 0])).toArray(); // → [6, 0]
 */
export function hvp(f: (x: Tensor) => Tensor, x: Tensor, v: Tensor, options?: BackwardOptions): Tensor {
  refuseMore("hvp", arguments, 4);
  checkDoor("hvp", f, options);
  checkPoint("hvp", x, "hvp(f, x, v)");
  checkFits("hvp", "the vector must fit what it belongs to", v, x, "the vector");
  const gradient = (input: Tensor): Tensor => gradOf("hvp", f, { createGraph: true }, [input]).grad;
  return vjp(gradient, [x], { createGraph: keepsGraph([x], options) }).vjp(v)[0];
}
