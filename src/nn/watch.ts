import { refuseFrozen } from "../core/foreign.ts";
import type { Tensor } from "../tensor.ts";
import type { Layer } from "./layer.ts";
import { layersOf } from "./reflect.ts";

/** Is told of the calls of layers' `forward`. */
export interface ForwardListener {
  /** One begins. */
  enter?(path: string, layer: Layer): void;
  /** One has returned, given these inputs. */
  leave?(path: string, layer: Layer, output: Tensor, inputs: readonly unknown[]): void;
  /** One has ended, also by an error. */
  end?(): void;
}

/**
 * Runs a function, and tells of each layer of a model that runs in it: by standing in for the layers' own `forward`, which they get back whatever happens.
 *
 * @param model - the model; a layer that stands in several places is told of under its first path.
 * @param listener - is told of the layer by its path in the model, `""` for the model itself.
 * @param fn - what to run; synchronous.
 */
export function watchForward<T>(model: Layer, listener: ForwardListener, fn: () => T): T {
  const watched = new Map<Layer, string>();
  for (const [path, layer] of layersOf(model)) if (!watched.has(layer)) watched.set(layer, path);
  const own = [...watched.keys()].map((layer) => [layer, Object.getOwnPropertyDescriptor(layer, "forward")] as const);
  try {
    for (const [layer, path] of watched) {
      refuseFrozen(layer.describe(), layer);
      const { forward } = layer;
      const value = function (this: Layer, x: Tensor, ...more: never[]): Tensor {
        listener.enter?.(path, layer);
        try {
          const output = forward.call(this, x, ...more);
          listener.leave?.(path, layer, output, [x, ...more]);
          return output;
        } finally {
          listener.end?.();
        }
      };
      Object.defineProperty(layer, "forward", { value, configurable: true, enumerable: false, writable: true });
    }
    return fn();
  } finally {
    for (const [layer, before] of own) {
      if (before === undefined) Reflect.deleteProperty(layer, "forward");
      else Object.defineProperty(layer, "forward", before);
    }
  }
}
