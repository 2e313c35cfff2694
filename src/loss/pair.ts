import { checkTensor } from "../core/apply.ts";
import { ShapeError, ValueError } from "../core/errors.ts";
import { describe, sameShape } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Refuses a prediction and a target of different shapes: broadcasting `[n, 1]` against `[n]` would compare all pairs, and train to nonsense.
 *
 * @throws {@link ShapeError}
 */
export function checkPair(op: string, prediction: Tensor, target: Tensor): void {
  checkTensor(op, prediction);
  checkTensor(op, target, 1);
  if (sameShape(prediction.shape, target.shape)) return;
  throw new ShapeError(op, "shapes must be equal", `${describe(prediction)} and ${describe(target)}`);
}

/** Refuses a setting of a loss that is no number within its bounds. */
export function checkSetting(op: string, name: string, value: number, isValid: boolean, rule: string): void {
  if (typeof value !== "number" || !isValid) throw new ValueError(op, `${name} must be ${rule}`, String(value));
}
