import { textOf, ValueError } from "../core/errors.ts";
import { refuseModeless } from "./doors.ts";
import type { Layer } from "./layer.ts";
import { isLayer, isLayerClass } from "./reflect.ts";
import type { LayerFunction } from "./sequential.ts";

/** An activation for a model: a function, or a class of layers. With a class, each place gets a new instance. */
export type Activation = LayerFunction | (new () => Layer);

export const asFunction = "pass the function: { activation: tanh }";

/** What gives each place of a model its activation; refuses what is none. */
export function activationFor(op: string, activation: Activation): () => Layer | LayerFunction {
  if (typeof activation !== "function") {
    const hint = isLayer(activation) ? "pass the class" : asFunction;
    throw new ValueError(op, "activation must be a function, or a class of layers", textOf(activation), hint);
  }
  refuseModeless(op, "activation", activation);
  return () => (isClass(activation) ? new activation() : activation);
}

function isClass(activation: Activation): activation is new () => Layer {
  return isLayerClass(activation);
}
