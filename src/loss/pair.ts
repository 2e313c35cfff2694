import { checkTensor } from "../core/apply.ts";
import { type DType, isFloat, promote } from "../core/dtype.ts";
import { ShapeError, ValueError } from "../core/errors.ts";
import { describe, sameShape } from "../core/shape.ts";
import { cast, widened } from "../ops/cast.ts";
import { floatOf } from "../ops/define.ts";
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

/**
 * A loss of tensors of any dtypes. Integers among them are taken to float64, which holds them all, since differences and products of int32
 * wrap around; the loss is then given in the dtype of the others, or the default one.
 */
export function inFloats<T extends Tensor[]>(tensors: [...T], loss: (...tensors: T) => Tensor): Tensor {
  const dtype = tensors.reduce<DType>((d, x) => promote(d, x.dtype), "bool");
  if (isFloat(dtype) && tensors.every((x) => x.dtype !== "int32")) return loss(...(tensors as T));
  return cast(loss(...(tensors.map(widened) as T)), floatOf(dtype));
}

/** Refuses a setting of a loss that is no number within its bounds. */
export function checkSetting(op: string, name: string, value: number, isValid: boolean, rule: string): void {
  if (typeof value !== "number" || !isValid) throw new ValueError(op, `${name} must be ${rule}`, String(value));
}
