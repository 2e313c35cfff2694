import { checkTensor } from "../core/apply.ts";
import { type DType, isFloat, isTypedArray, promote } from "../core/dtype.ts";
import { DTypeError, ShapeError, textOf, ValueError } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";
import { describe, formatShape, sameShape, sizeOf } from "../core/shape.ts";
import { asTensor, type TensorLike } from "../create.ts";
import { cast, widened } from "../ops/cast.ts";
import { floatOf } from "../ops/define.ts";
import type { Tensor } from "../tensor.ts";

/** Refuses a prediction that is not a tensor: nothing could be learned from it. */
export function checkPrediction(op: string, prediction: Tensor, target: TensorLike, name = "the prediction"): void {
  if (isTensor(prediction)) return;
  if (isTensor(target))
    throw new DTypeError(op, `${name} must be a tensor`, textOf(prediction), "it comes before the target");
  checkTensor(op, prediction, name);
}

/** What stands beside a prediction as a tensor: numbers take the dtype of the prediction, if that is floating. */
export function besides(op: string, name: string, data: TensorLike, prediction: Tensor): Tensor {
  if (isTensor(data)) return data;
  if (typeof data !== "number" && typeof data !== "boolean" && !Array.isArray(data) && !isTypedArray(data)) {
    throw new DTypeError(op, `${name} must be a tensor, or numbers in arrays`, textOf(data));
  }
  return asTensor(op, data, isFloat(prediction.dtype) ? prediction.dtype : undefined);
}

/**
 * The target of a prediction. Refuses one of another shape: broadcasting `[n, 1]` against `[n]` would compare all pairs, and the model would learn nonsense.
 *
 * @param name - what errors call it.
 * @throws {@link ShapeError}
 */
export function checkPair(op: string, prediction: Tensor, target: TensorLike, name = "the target"): Tensor {
  checkPrediction(op, prediction, target);
  const own = besides(op, name, target, prediction);
  if (sameShape(prediction.sizes, own.sizes)) return own;
  const got = `${describe(prediction)} and ${describe(own)}`;
  throw new ShapeError(op, "shapes must be equal", got, pairHint(prediction, own));
}

/** What makes shapes equal that differ in axes of size 1 only, or in nothing but how elements are put into axes. */
function pairHint({ shape: p }: Tensor, { shape: t }: Tensor): string {
  const isWider = p.length > t.length;
  const [wide, narrow] = isWider ? [p, t] : [t, p];
  const axis = narrow.length;
  if (sameShape(wide, [...narrow, 1])) {
    const [one, other] = isWider ? ["target", "prediction"] : ["prediction", "target"];
    return `write ${one}.unsqueeze(${axis}), or ${other}.squeeze(${axis})`;
  }
  return sizeOf(p) === sizeOf(t) ? `write target.reshape(${formatShape(p)}) if it has the same order` : "";
}

/**
 * A loss of tensors of any dtypes. Integers among them are taken to float64, which holds them all, since differences and products of int32
 * wrap around; the loss is then given in the dtype of the others, or the default one.
 */
export function inFloats<T extends Tensor[]>(tensors: [...T], loss: (...tensors: T) => Tensor): Tensor {
  let dtype: DType = "bool";
  for (const x of tensors) dtype = promote(dtype, x.dtype);
  if (isFloat(dtype) && tensors.every((x) => x.dtype !== "int32")) return loss(...(tensors as T));
  return cast(loss(...(tensors.map(widened) as T)), floatOf(dtype));
}

/** Refuses a setting of a loss that is not a number within its bounds. */
export function checkSetting(op: string, name: string, value: number, isValid: boolean, rule: string): void {
  if (typeof value !== "number" || !isValid) throw new ValueError(op, `${name} must be ${rule}`, textOf(value));
}
