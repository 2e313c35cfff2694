import type { Tensor } from "../tensor.ts";
import { allocate, allocateWindow, type DType, isFloat, isTypedArray } from "./dtype.ts";
import { DTypeError, GradError, isGeneratorFunction, textOf, ValueError } from "./errors.ts";
import type { Op } from "./op.ts";
import { isTensor, runtime, withRecording } from "./runtime.ts";
import { type Shape, sizeOf } from "./shape.ts";
import type { Fill } from "./tracer.ts";

/**
 * Runs `fn` without recording: results do not require a gradient, and keep nothing alive.
 *
 * @param fn - a synchronous function; a promise would continue after recording is switched on again, so it is an error.
 * @returns what `fn` returns.
 * @throws {@link GradError} if `fn` returns a promise; {@link ValueError} if it is not a function, or a generator, which would not run.
 * @example
 * const w = tensor([1, 2], { requiresGrad: true });
 * noGrad(() => w.mul(2)).requiresGrad; // → false
 */
export function noGrad<T>(fn: () => T): T {
  if (typeof fn !== "function" || isGeneratorFunction(fn))
    throw new ValueError("noGrad", "needs a function", textOf(fn), "write noGrad(() => …)");
  const result = withRecording(false, fn);
  if ((result as { then?: unknown } | null | undefined)?.then) {
    throw new GradError("noGrad", "must be synchronous", "a promise", "await outside of it");
  }
  return result;
}

/** A tensor of the same class as `like`: how core and ops build tensors without importing the class. */
export function make(like: Tensor, values: Tensor["stored"], shape: Shape, dtype: DType): Tensor {
  return new (like.constructor as new (values: Tensor["stored"], shape: Shape, dtype: DType) => Tensor)(
    values,
    shape,
    dtype,
  );
}

/**
 * Runs an op. Every op goes through this function. It infers the shape (and so validates), computes, and records what backward
 * needs.
 *
 * @param op - the op's record.
 * @param inputs - its tensors, at least one.
 * @param attrs - its attributes.
 * @returns the result; it requires a gradient if recording is on, an input does, and the op has a gradient.
 * @throws {@link DTypeError} for an input that is not a tensor; {@link ValueError} for anything that is not a record, or not a list of inputs; {@link ShapeError} for a result that no memory
 * holds; and whatever the op's shape rule throws.
 * @example
 * const cube: Op = {
 *   name: "cube",
 *   shape: ([x]) => x.shape,
 *   forward: (out, [x]) => out.set(x.values.map((v) => v ** 3)),
 *   vjp: [({ g, x }) => mul(g, mul(3, mul(x, x)))],
 * };
 * const x = tensor(2, { requiresGrad: true });
 * apply(cube, [x], {}).backward();
 * x.grad?.item(); // → 12
 */
export function apply<A>(op: Op<A>, inputs: readonly Tensor[], attrs: A): Tensor {
  if (typeof op?.shape !== "function") throw new ValueError("apply", "needs the record of an op", textOf(op));
  if (!Array.isArray(inputs) || inputs.length === 0) {
    throw new ValueError(op.name, "inputs must be an array of tensors, at least one", textOf(inputs));
  }
  for (let i = 0; i < inputs.length; i++) checkTensor(op.name, inputs[i], i);
  return applyChecked(op, inputs, attrs);
}

/** {@link apply} for inputs that are known to be tensors. */
export function applyChecked<A>(op: Op<A>, inputs: readonly Tensor[], attrs: A): Tensor {
  const { tracer } = runtime;
  return tracer === null ? compute(op as Op, inputs, attrs) : tracer.apply(compute, op as Op, inputs, attrs);
}

function compute(op: Op, inputs: readonly Tensor[], attrs: unknown, fill = computed): Tensor {
  const shape = op.shape(inputs, attrs);
  const x = inputs[0]!;
  const dtype = op.dtype === undefined ? x.dtype : op.dtype(inputs, attrs);
  const y = make(x, fill(op, inputs, attrs, shape, dtype), shape, dtype);
  // By type: engines are slow at comparing a function, or an object, with a string.
  if (runtime.recording && typeof op.vjp !== "string" && isFloat(dtype)) {
    for (let i = 0; i < inputs.length; i++) {
      if (inputs[i]!.tracked) return y.record(op, inputs, attrs, runtime.writes);
    }
  }
  return y;
}

const computed: Fill = (op, inputs, attrs, shape, dtype) => {
  if (typeof op.forward !== "function") return inputs[0]!.values;
  const size = sizeOf(shape);
  const values = (size > 8 && size <= 512 ? allocateWindow : allocate)(dtype, size, op.name);
  let at = runtime.accelerators.length;
  while (at > 0 && !runtime.accelerators[at - 1]!(op, values, inputs, attrs, shape)) at--;
  if (at === 0) op.forward(values, inputs, attrs, shape);
  return values;
};

/**
 * Refuses what is not a tensor, for functions that look at it before an op does.
 *
 * @param which - the argument's name, or its number. What is called an index must be int32.
 */
export function checkTensor(op: string, x: unknown, which?: number | string): void {
  if (!isTensor(x)) throw noTensor(op, x, which);
}

function noTensor(op: string, x: unknown, which: number | string = 0): DTypeError {
  const name = typeof which === "number" ? `input ${which}` : which;
  const isData = typeof x === "number" || Array.isArray(x) || isTypedArray(x);
  const hint = isData ? (/\bindex/.test(name) ? indexHint(x) : "wrap values in tensor(…)") : "";
  return new DTypeError(op, `${name} must be a tensor`, textOf(x), hint);
}

/** How indices become a tensor: `tensor([0, 1], { dtype: "int32" })`. Nothing for what are not whole numbers. */
export function indexHint(data: unknown): string {
  const text = isTypedArray(data) ? "…" : JSON.stringify(data).replaceAll(",", ", ");
  if (/[^-\d\s,[\]…]/.test(text)) return "";
  return `write tensor(${text.length > 40 ? "…" : text}, { dtype: "int32" })`;
}
