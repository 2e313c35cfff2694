import { DTypeError, GradError, textOf, ValueError } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { throwUnlessOk } from "./gradient.ts";
import { type Layout, type Leaf, layoutOfLeaves } from "./layout.ts";
import type { CheckOptions } from "./options.ts";
import type { GradientReport } from "./report.ts";
import { run } from "./task.ts";
import { vjpTask } from "./vjp.ts";

/** A function of tensors, to a tensor or several. */
export type TensorFunction = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

// Only types and methods of the tensors are used, so this module brings no tensor code along.

/** The inputs that require gradients, as one flat array. */
function layoutOfTensors(names: readonly string[], tensors: readonly Tensor[]): Layout {
  let offset = 0;
  const leaves: Leaf[] = tensors.map(({ shape, size }, i) => {
    const leaf = { path: names[i]!, shape, offset, size, isFloat32: false };
    offset += size;
    return leaf;
  });
  return layoutOfLeaves(leaves);
}

/** How an input is made that can be checked. */
const made = 'write tensor([1, 2], { dtype: "float64", requiresGrad: true })';

function check(op: string, fn: TensorFunction, inputs: readonly Tensor[]): number[] {
  if (typeof fn !== "function") throw new ValueError(op, "must be given a function", textOf(fn), `write ${op}(f, [x])`);
  const bad = Array.isArray(inputs) ? inputs.findIndex((x) => !isTensor(x)) : 0;
  if (bad >= 0) {
    const got = Array.isArray(inputs) ? `${textOf(inputs[bad])} for input ${bad}` : textOf(inputs);
    throw new ValueError(
      op,
      "inputs must be an array of tensors",
      got,
      Array.isArray(inputs) ? "" : `write ${op}(f, [x])`,
    );
  }
  const places = [...inputs.keys()].filter((i) => inputs[i]!.requiresGrad);
  if (places.length === 0)
    throw new GradError(op, "an input must require a gradient", `${inputs.length} that do not`, made);
  for (const i of places) {
    if (inputs[i]!.dtype === "float64") continue;
    throw new DTypeError(
      op,
      "inputs must be float64",
      `${inputs[i]!.dtype} for input ${i}`,
      `differences need the precision: ${made}`,
    );
  }
  return places;
}

/** The tensors in order, as one flat array. */
function flatten(tensors: readonly Tensor[]): Float64Array {
  const flat = new Float64Array(tensors.reduce((n, { size }) => n + size, 0));
  let offset = 0;
  for (const { data, size } of tensors) {
    flat.set(data, offset);
    offset += size;
  }
  return flat;
}

/** Copies of the inputs, the places that are checked filled from a flat array and requiring gradients if asked. */
function inputsAt(
  inputs: readonly Tensor[],
  places: readonly number[],
  flat: Float64Array,
  requiresGrad: boolean,
): Tensor[] {
  let offset = 0;
  return inputs.map((input, i) => {
    const copy = input.detach();
    if (!places.includes(i)) return copy;
    copy.assign(flat.subarray(offset, offset + input.size));
    offset += input.size;
    copy.requiresGrad = requiresGrad;
    return copy;
  });
}

/** The tensors that a function returned, all of them floating; a typed error for anything else. */
function outputsOf(op: string, result: unknown): readonly Tensor[] {
  const outputs = Array.isArray(result) ? (result as readonly Tensor[]) : [result as Tensor];
  for (const output of outputs) {
    if (!isTensor(output)) throw new ValueError(op, "the function must return tensors", textOf(output));
  }
  const floating = outputs.filter(({ dtype }) => dtype === "float64" || dtype === "float32");
  if (floating.length > 0) return floating;
  throw new ValueError(op, "the function must return a floating tensor", outputs.map(({ dtype }) => dtype).join(", "));
}

function parts(flat: Float64Array, like: readonly Tensor[]): Tensor[] {
  let offset = 0;
  return like.map((tensor) => {
    const part = tensor.detach().assign(flat.subarray(offset, offset + tensor.size));
    offset += tensor.size;
    return part;
  });
}

/** Gradients of the outputs at the inputs for cotangents, by one backward pass each; no `grad` is left changed by it. */
function pullBack(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  createGraph: boolean,
): (Tensor | null)[] {
  const leaves = leavesBehind(outputs);
  const before = leaves.map(({ grad }) => grad);
  for (const leaf of leaves) leaf.grad = null;
  outputs.forEach((output, k) => {
    if (output.requiresGrad) output.backward(cotangents[k]!, { createGraph });
  });
  const reached = new Set(leaves);
  const found = inputs.map((input) => (reached.has(input) ? input.grad : null));
  leaves.forEach((leaf, k) => {
    leaf.grad = before[k]!;
  });
  return found;
}

/** The leaves that backward passes from these outputs add gradients to, also those that a function uses beside its inputs. */
function leavesBehind(outputs: readonly Tensor[]): Tensor[] {
  const seen = new Set<Tensor>(outputs);
  for (const tensor of seen) for (const input of tensor.inputs) seen.add(input);
  return [...seen].filter(({ op, requiresGrad }) => op === null && requiresGrad);
}

function gradcheckOf(
  op: string,
  fn: TensorFunction,
  inputs: readonly Tensor[],
  names: readonly string[],
  options: CheckOptions,
): GradientReport {
  const places = check(op, fn, inputs);
  const checked = places.map((i) => inputs[i]!);
  const layout = layoutOfTensors(
    places.map((i) => names[i]!),
    checked,
  );
  const f = (flat: unknown): Float64Array =>
    flatten(outputsOf(op, fn(...inputsAt(inputs, places, flat as Float64Array, false))));
  const vjp = (flat: unknown, u: unknown): Float64Array => {
    const leaves = inputsAt(inputs, places, flat as Float64Array, true);
    const outputs = outputsOf(op, fn(...leaves));
    const variables = places.map((i) => leaves[i]!);
    const gradients = pullBack(outputs, variables, parts(u as Float64Array, outputs), false);
    return flatten(gradients.map((g, k) => g ?? variables[k]!.detach().assign(new Float64Array(variables[k]!.size))));
  };
  return run(
    vjpTask(op, f, vjp as (...all: readonly unknown[]) => unknown, flatten(checked), options, layout),
  ) as GradientReport;
}

/**
 * Checks the gradients of a function of this library's tensors, in every input that requires a gradient, against differences in float64.
 *
 * @param fn - from the inputs to a tensor of any shape, or several. It is called with copies; outputs that are not floating are left out.
 * @param inputs - the tensors to call it with; those that require a gradient must be float64 and are named `input 0[1, 2]` in the report.
 * @param options - {@link CheckOptions}.
 * @returns a report, also of wrong gradients.
 * @throws {@link DTypeError} for an input in float32; {@link GradError} if none requires a gradient.
 * @example
 * import { mul, sin, tensor } from "tinygrad-ts";
 * import { gradcheck } from "tinygrad-ts/gradcheck";
 * const x = tensor([0.1, 0.2], { dtype: "float64", requiresGrad: true });
 * gradcheck((x) => mul(sin(x), x), [x]).ok; // → true
 */
export function gradcheck(fn: TensorFunction, inputs: readonly Tensor[], options: CheckOptions = {}): GradientReport {
  refuseMore("gradcheck", arguments, 3);
  return firstOrder("gradcheck", fn, inputs, options);
}

/** @param op - who asks, for errors. */
export function firstOrder(
  op: string,
  fn: TensorFunction,
  inputs: readonly Tensor[],
  options: CheckOptions,
): GradientReport {
  return gradcheckOf(op, fn, inputs, namesOf(inputs), options);
}

/**
 * Checks second derivatives: it checks the gradient, as a function of the inputs and of the cotangent, against differences.
 *
 * @param fn - as for {@link gradcheck}.
 * @param inputs - as for {@link gradcheck}.
 * @param options - {@link CheckOptions}.
 * @returns a report; the entries of the cotangents are named `cotangent 0[1]`.
 * @throws as {@link gradcheck}.
 * @example
 * import { mul, tensor } from "tinygrad-ts";
 * import { gradgradcheck } from "tinygrad-ts/gradcheck";
 * const x = tensor([1, 2], { dtype: "float64", requiresGrad: true });
 * gradgradcheck((x) => mul(mul(x, x), x), [x]).ok; // → true
 */
export function gradgradcheck(
  fn: TensorFunction,
  inputs: readonly Tensor[],
  options: CheckOptions = {},
): GradientReport {
  refuseMore("gradgradcheck", arguments, 3);
  return secondOrder("gradgradcheck", fn, inputs, options);
}

/** @param op - who asks, for errors. */
export function secondOrder(
  op: string,
  fn: TensorFunction,
  inputs: readonly Tensor[],
  options: CheckOptions,
): GradientReport {
  const places = check(op, fn, inputs);
  const samples = outputsOf(op, fn(...inputs.map((input) => input.detach())));
  const cotangents = samples.map((output, k) => {
    // Any values will do, as long as no two entries are alike.
    const values = Float64Array.from({ length: output.size }, (_, i) => Math.sin(1 + i + 10 * k) + 1.5);
    const cotangent = output.detach().assign(values);
    cotangent.requiresGrad = true;
    return cotangent;
  });
  const gradient: TensorFunction = (...all) => {
    const given = all.slice(0, inputs.length);
    const u = all.slice(inputs.length);
    // Leaves of its own, that what was given flows into: their gradients are this function's results.
    const own = given.map((input, i) =>
      places.includes(i) && !input.requiresGrad ? requiring(input.detach()) : input,
    );
    const outputs = outputsOf(op, fn(...own));
    const variables = places.map((i) => own[i]!);
    const found = pullBack(outputs, variables, u, true);
    return found.map((g, k) => g ?? variables[k]!.detach().assign(new Float64Array(variables[k]!.size)));
  };
  const names = [...namesOf(inputs), ...cotangents.map((_, k) => `cotangent ${k}`)];
  return gradcheckOf(op, gradient, [...inputs, ...cotangents], names, options);
}

function namesOf(inputs: readonly Tensor[]): string[] {
  return Array.from(inputs ?? [], (_, i) => `input ${i}`);
}

function requiring(x: Tensor): Tensor {
  x.requiresGrad = true;
  return x;
}

/**
 * As {@link gradcheck}, but throws if a gradient is wrong.
 *
 * @throws {@link GradientError} with the report, unless all are right.
 * @example
 * import { exp, tensor } from "tinygrad-ts";
 * import { assertGradcheck } from "tinygrad-ts/gradcheck";
 * assertGradcheck(exp, [tensor([1, 2], { dtype: "float64", requiresGrad: true })]);
 */
export function assertGradcheck(fn: TensorFunction, inputs: readonly Tensor[], options: CheckOptions = {}): void {
  refuseMore("assertGradcheck", arguments, 3);
  throwUnlessOk(firstOrder("assertGradcheck", fn, inputs, options));
}

/**
 * As {@link gradgradcheck}, but throws if a second derivative is wrong.
 *
 * @throws {@link GradientError} with the report, unless all are right.
 * @example
 * import { exp, tensor } from "tinygrad-ts";
 * import { assertGradgradcheck } from "tinygrad-ts/gradcheck";
 * assertGradgradcheck(exp, [tensor([1, 2], { dtype: "float64", requiresGrad: true })]);
 */
export function assertGradgradcheck(fn: TensorFunction, inputs: readonly Tensor[], options: CheckOptions = {}): void {
  refuseMore("assertGradgradcheck", arguments, 3);
  throwUnlessOk(secondOrder("assertGradgradcheck", fn, inputs, options));
}
