import { isPlain } from "../../nn/reflect.ts";
import type { Tensor } from "../../tensor.ts";
import { shortest } from "../shortest.ts";
import { anyNumber, type Template } from "./templates.ts";
import type { Step } from "./trace.ts";

/** What stands in a template's holes. */
export interface Match {
  readonly template: Template;
  /** The first step of the run. */
  readonly start: number;
  readonly holes: readonly Tensor[];
  readonly number: number;
}

/** Whether the steps up to one are those of a template, on other tensors, and nothing else uses what they make on the way. */
export function match(
  template: Template,
  steps: readonly Step[],
  end: number,
  users: ReadonlyMap<Tensor, readonly number[]>,
): Match | null {
  const start = end + 1 - template.steps.length;
  if (start < 0 || template.steps.at(-1)!.op !== steps[end]!.op) return null;
  const bound = new Map<Tensor, Tensor>();
  const numbers = new Set<number>();
  for (let i = 0; i < template.steps.length; i++) {
    const [wanted, step] = [template.steps[i]!, steps[start + i]!];
    if (wanted.op !== step.op || wanted.inputs.length !== step.inputs.length) return null;
    if (!isSame(wanted.attrs, step.attrs, numbers)) return null;
    for (let k = 0; k < wanted.inputs.length; k++) {
      if (!fits(wanted.inputs[k]!, step.inputs[k]!)) return null;
    }
    bound.set(wanted.result, step.result);
    if (start + i < end && !(users.get(step.result) ?? []).every((user) => user > start && user <= end)) return null;
  }
  // Such a number is a float32 in ONNX, whatever the dtype of tensors.
  const isHeld = steps[end]!.result.dtype === "float32" || [...numbers].every((n) => n === shortest(Math.fround(n)));
  if (numbers.size > 1 || !isHeld) return null;
  const holes = template.holes.map((hole) => bound.get(hole));
  if (holes.some((hole) => hole === undefined)) return null;
  return { template, start, holes: holes as Tensor[], number: [...numbers][0] ?? 0 };

  function fits(wanted: Tensor, x: Tensor): boolean {
    const known = bound.get(wanted);
    if (known !== undefined) return known === x;
    if (wanted.dtype !== x.dtype || `${wanted.shape}` !== `${x.shape}`) return false;
    if (template.holes.includes(wanted)) {
      bound.set(wanted, x);
      return true;
    }
    // A number.
    return wanted.size === 1 && x.size === 1 && isSame(wanted.values[0], x.values[0], numbers);
  }
}

/** Whether two attributes are equal, but for the number that stands for any. */
function isSame(wanted: unknown, given: unknown, numbers: Set<number>): boolean {
  if (wanted === anyNumber || wanted === Math.fround(anyNumber)) {
    if (typeof given !== "number") return false;
    numbers.add(given);
    return true;
  }
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(given) && wanted.length === given.length && wanted.every((v, i) => isSame(v, given[i], numbers))
    );
  }
  if (isPlain(wanted) && isPlain(given)) {
    const entries = Object.entries(wanted);
    const other = given as { readonly [name: string]: unknown };
    return (
      entries.length === Object.keys(other).length &&
      entries.every(([name, value]) => isSame(value, other[name], numbers))
    );
  }
  return Object.is(wanted, given);
}
