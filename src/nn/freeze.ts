import { refuseMore } from "../core/surplus.ts";
import type { Layer } from "./layer.ts";
import { checkLayer, tensorsOf } from "./reflect.ts";

/**
 * Holds the parameters of a layer and of all below it where they are: sets their `requiresGrad` to false, and `grad` to null, so no optimizer that has them moves them
 * either. They stay in {@link Layer.stateDict}; {@link summary} shows which are frozen. What changes without gradients, such as the running statistics of a
 * {@link BatchNorm1d} in training, goes on to: `eval()` stops that.
 *
 * A step that was recorded by `compile` is recorded again.
 *
 * @param layer - a layer, or a part of a model.
 * @returns the layer.
 * @throws {@link ValueError} for anything that is not a layer.
 * @example
 * const features = freeze(new Sequential(new Linear(4, 8), relu));
 * const model = new Sequential(features, new Linear(8, 2));
 * [...model.namedParameters().keys()]; // → ["layers.1.weight", "layers.1.bias"]
 */
export function freeze<L extends Layer>(layer: L): L {
  refuseMore("freeze", arguments, 1);
  checkLayer("freeze", layer);
  for (const [, x] of tensorsOf(layer)) {
    x.requiresGrad = false;
    x.grad = null;
  }
  return layer;
}

/**
 * Lets the parameters of a layer and of all below it be trained again: those that {@link freeze} held, or that were held by hand, by `requiresGrad = false`. Tensors that never
 * required a gradient are buffers, and stay such.
 *
 * An optimizer trains only what it was given: make it with all parameters before you freeze some, or make a new one after.
 *
 * @param layer - a layer, or a part of a model.
 * @returns the layer.
 * @throws {@link ValueError} for anything that is not a layer.
 * @example
 * const layer = new BatchNorm1d(3);
 * unfreeze(freeze(layer)).parameters().length; // → 2
 */
export function unfreeze<L extends Layer>(layer: L): L {
  refuseMore("unfreeze", arguments, 1);
  checkLayer("unfreeze", layer);
  for (const [, x] of tensorsOf(layer)) if (x.frozen) x.requiresGrad = true;
  return layer;
}
