import { isClass, textOf, ValueError } from "../core/errors.ts";
import type { Layer } from "../nn/layer.ts";
import { checkLayer, layersOf } from "../nn/reflect.ts";

/** Notes which layers are in training, and returns what puts each back into that mode. */
export function modesOf(model: Layer): () => void {
  const modes = layersOf(model).map(([, layer]) => [layer, layer.training] as const);
  return () => {
    for (const [layer, mode] of modes) layer.training = mode;
  };
}

/** Refuses what is not a model. */
export function checkModel(op: string, model: unknown): asserts model is Layer {
  if (typeof model === "function" && !isClass(model)) {
    const hint = "pass the model itself, or new Sequential(f) around functions";
    throw new ValueError(op, "needs a layer", textOf(model), hint);
  }
  checkLayer(op, model);
}
