import { ValueError } from "../core/errors.ts";
import { type Layout, labelOf } from "./layout.ts";
import type { Settings } from "./options.ts";
import { type Task, wait } from "./task.ts";

/**
 * The point of a check as one flat array, in the precision of the check.
 *
 * @param op - who asks, for errors.
 * @throws {@link ValueError} unless it is finite, and within the bounds and the domain.
 */
export function* pointOf(op: string, x: unknown, layout: Layout, settings: Settings): Task<Float64Array> {
  const { precision, isBounded, lower, upper, domain } = settings;
  const exact = layout.read(x, "x") as Float64Array;
  const flat = precision === "float32" ? exact.map(Math.fround) : exact;
  for (let i = 0; i < flat.length; i++) {
    const value = flat[i]!;
    if (!Number.isFinite(value)) throw new ValueError(op, "x must be finite", `${labelOf(layout, i)} = ${value}`);
    if (!isBounded || (value >= lower[i]! && value <= upper[i]!)) continue;
    const [least, most] = [lower[i]!, upper[i]!];
    const label = labelOf(layout, i);
    const bounds = `lower = ${least} and upper = ${most}`;
    if (!(least <= most)) throw new ValueError(op, "lower must not be above upper", `${bounds} for ${label}`);
    throw new ValueError(op, "x must be within lower and upper", `${label} = ${value}, where ${bounds}`);
  }
  if (domain !== undefined && !(yield* wait(domain(layout.build(flat))))) {
    throw new ValueError(op, "x must be in the domain", "a domain(x) that is false");
  }
  return flat;
}
