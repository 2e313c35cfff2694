import { refuseMore } from "../core/surplus.ts";
import type { Layer } from "./layer.ts";
import { checkLayer, tensorsOf } from "./reflect.ts";

/**
 * Freezes the parameters of a layer and of all layers inside it: sets their `requiresGrad` to false, and `grad` to null, so no optimizer that has them moves them
 * either. They stay in {@link Layer.stateDict}; {@link summary} shows which are frozen. What changes without gradients, such as the running statistics of a
 * {@link BatchNorm1d} in training, continues to change: `eval()` stops that.
 *
 * If `compile` has recorded a step, it records the step again.
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
 * Makes the parameters of a layer and of all layers inside it trainable again: those that {@link freeze} froze, or that you froze with `requiresGrad = false`. Tensors that never
 * required a gradient are buffers, and stay buffers.
 *
 * An optimizer trains only the parameters that it was given: create it with all parameters before you freeze some, or create a new one afterwards.
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
  for (const [, x] of tensorsOf(layer)) if (!x.requiresGrad && x.frozen) x.requiresGrad = true;
  return layer;
}
