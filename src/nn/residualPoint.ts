import type { Tensor } from "../tensor.ts";
import type { Layer } from "./layer.ts";
import { ownTensorsOf } from "./reflect.ts";

/**
 * With respect to what a layer's residual δ is taken: `"z"`, its weighted sum, before the activation; or `"output"`, for a layer without one weighted sum of its own.
 */
export type ResidualOf = "z" | "output";

/** Where a layer's residual is to be measured. */
export interface ResidualPoint {
  readonly of: ResidualOf;
  /** The tensor whose gradient is the residual. */
  readonly at: Tensor;
}

/**
 * Finds where the residual of one call of a layer is measured: δ = ∂loss/∂z, with z the weighted sum that the layer makes by its own tensors, wherever in its `forward` it applies an
 * activation. Without such a sum, or with several (two products in a row, the gates of an attention), it is ∂loss/∂(its output).
 *
 * @param layer - the layer.
 * @param inputs - what its `forward` was given: where the search ends.
 * @param output - what it returned.
 */
export function residualPoint(layer: Layer, inputs: readonly unknown[], output: Tensor): ResidualPoint {
  const own = new Set(ownTensorsOf(layer));
  const z = own.size === 0 ? null : weightedSum(own, new Set(flat(inputs)), output);
  return z === null ? { of: "output", at: output } : { of: "z", at: z };
}

/** What is in arrays and plain objects, such as a state that is handed on from call to call. */
function flat(value: unknown, depth = 3): unknown[] {
  const isPlain = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  if (depth === 0 || !(isPlain || Array.isArray(value))) return [value];
  return Object.values(value as object).flatMap((entry) => flat(entry, depth - 1));
}

/**
 * What a tensor is to the layer: computed from its own tensors alone (`"weights"`), a number (`"number"`), weights times data without a sum over it (`"product"`, or `"term"` if the weight is a
 * scalar), a `"sum"` of such products, or anything else.
 */
type Role = "weights" | "number" | "product" | "term" | "sum" | "data";

/** The only weighted sum between the inputs and the output, with everything that is added to it; null if there is none, or more than one. */
function weightedSum(own: ReadonlySet<Tensor>, inputs: ReadonlySet<unknown>, output: Tensor): Tensor | null {
  const roles = new Map<Tensor, Role>();
  const found = new Set<Tensor>();
  const stack = [output];
  while (stack.length > 0) {
    const y = stack.at(-1)!;
    if (!roles.has(y)) {
      const isInside = !own.has(y) && !inputs.has(y) && y.op !== null;
      const open = isInside ? y.inputs.filter((x) => !roles.has(x)) : [];
      if (open.length > 0) {
        for (const x of open) stack.push(x);
        continue;
      }
      const given = y.inputs.map((x) => roles.get(x)!);
      const role = isInside ? roleOf(y, given) : leafRole(y, own, inputs);
      roles.set(y, role);
      // A sum is complete where something else than a sum is made of it.
      if (isInside && role !== "sum") for (const [i, x] of y.inputs.entries()) if (given[i] === "sum") found.add(x);
    }
    stack.pop();
  }
  if (roles.get(output) === "sum") found.add(output);
  const [z] = found;
  return found.size === 1 ? z! : null;
}

function leafRole(x: Tensor, own: ReadonlySet<Tensor>, inputs: ReadonlySet<unknown>): Role {
  if (own.has(x)) return "weights";
  return inputs.has(x) || x.requiresGrad || x.shape.length > 0 ? "data" : "number";
}

function roleOf({ op, inputs }: Tensor, roles: readonly Role[]): Role {
  const [a] = roles;
  const has = (...any: Role[]): boolean => roles.some((role) => any.includes(role));
  const all = (...only: Role[]): boolean => roles.every((role) => only.includes(role));
  if (all("weights", "number")) return has("weights") ? "weights" : "number";
  switch (op!.name) {
    case "reshape":
    case "permute":
    case "cast":
    case "to":
      return a!;
    case "conv":
    case "convInput":
    case "matmul": // weights on one side at least, and not on both sides of data
      if (has("weights")) return has("data", "product", "sum") ? "sum" : "data";
      return has("data") && has("product", "sum") ? "sum" : "data";
    case "mul":
      if (!has("weights") || !has("data")) return "data";
      return inputs[a === "weights" ? 0 : 1]!.shape.length === 0 ? "term" : "product";
    case "sum":
      return a === "product" ? "sum" : "data";
    case "add":
    case "sub": // weights that are added are a bias
      return all("weights", "number", "term", "sum") ? "sum" : "data";
    default:
      return "data";
  }
}
