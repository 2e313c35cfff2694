import { checkFunction } from "../core/arguments.ts";
import { isTinygradError, textOf, ValueError } from "../core/errors.ts";
import { isTensor, runtime } from "../core/runtime.ts";
import type { AnyShape, Chain, Fitting, Input, Output } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { checkInput, refuseModeless } from "./doors.ts";
import { Layer } from "./layer.ts";
import { isLayer, isLayerClass, layerHint } from "./reflect.ts";

/** A plain function from tensor to tensor, as {@link Sequential} takes it beside layers. */
export type LayerFunction = (x: Tensor) => Tensor;

/**
 * A plain function as a layer: what {@link Sequential} makes of the functions it is given. Has no parameters.
 *
 * @example
 * new Lambda(tanh).describe(); // → tanh
 */
export class Lambda extends Layer {
  /** @internal */
  static readonly isOwn = true;
  /** The function. */
  readonly fn: LayerFunction;

  /**
   * @param fn - a function from tensor to tensor.
   * @throws {@link ValueError} for anything that is not a function, and for {@link dropout} and {@link alphaDropout}, which `eval()` would not reach.
   */
  constructor(fn: LayerFunction) {
    super();
    refuseMore("Lambda", arguments, 1);
    checkFunction("Lambda", "fn", fn);
    refuseModeless("Lambda", "fn", fn);
    this.fn = fn;
  }

  /** Applies the function. */
  override forward(x: Tensor): Tensor {
    refuseMore("Lambda", arguments, 1);
    checkInput(this, x);
    return this.fn(x);
  }

  /** The function's name. */
  override describe(): string {
    return this.fn.name || "function";
  }

  /** `[fn]`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return [this.fn];
  }
}

/** Layers as they are, and functions in a {@link Lambda}. */
export function layersFrom(op: string, layers: readonly (Layer | LayerFunction)[]): Layer[] {
  return layers.map((layer, i) => {
    if (isLayer(layer)) return layer;
    if (typeof layer === "function" && !isLayerClass(layer)) {
      refuseModeless(op, `entry ${i}`, layer);
      return new Lambda(layer);
    }
    const spread =
      op === "Sequential" ? "write new Sequential(...layers)" : "write new Sequential(...layers) around them";
    const hint = Array.isArray(layer)
      ? spread
      : typeof layer === "string"
        ? `write ${layer}, the function`
        : layerHint(layer);
    throw new ValueError(op, `entry ${i} must be a layer or a function`, textOf(layer), hint);
  });
}

/** Refuses what plain JavaScript may have put among a layer's layers since, a hole included. */
export function checkLayers(op: string, layers: unknown): void {
  if (!Array.isArray(layers)) throw new ValueError(op, "layers must be an array of layers", textOf(layers));
  const bad = layers.findIndex((layer) => !isLayer(layer));
  if (bad < 0) return;
  const layer: unknown = layers[bad];
  const isFunction = typeof layer === "function" && !isLayerClass(layer);
  const hint = isFunction ? "write new Lambda(…) around a function" : layerHint(layer);
  throw new ValueError(op, `layers[${bad}] must be a layer`, textOf(layer), hint);
}

/** What {@link layersFrom} was given for a layer: a function again where it stands in a {@link Lambda}. */
export function givenFor(layer: Layer): Layer | LayerFunction {
  return layer instanceof Lambda && layer.constructor === Lambda ? layer.fn : layer;
}

/**
 * Layers and plain functions, one after the other.
 *
 * An error inside is given the path to where it happened: `Sequential[2] Linear(784, 128): matmul: …`. Sequentials nest.
 *
 * @example
 * const model = new Sequential(new Linear(2, 8), tanh, new Linear(8, 1));
 * model.forward(zeros([5, 2])).shape; // → [5, 1]
 * model.layers.at(-1)?.describe(); // → Linear(8, 1)
 */
export class Sequential<const L extends readonly (Layer | LayerFunction)[] = AnyShape> extends Layer<Chain<L>> {
  /** @internal */
  static readonly isOwn = true;
  /** The layers, in order, to index and to loop over; a function stands in a {@link Lambda}. */
  readonly layers: readonly Layer[];

  /**
   * @param layers - layers, or functions from tensor to tensor.
   * @throws {@link ValueError} for anything else, say a class instead of its instance, and for {@link dropout} and {@link alphaDropout}, which `eval()` would not reach: they have layers.
   */
  constructor(...layers: Fitting<L>) {
    super();
    this.layers = layersFrom("Sequential", layers);
  }

  /**
   * Applies the layers in order; with none, returns x.
   *
   * @throws {@link ValueError} if one returns anything but a tensor; and what the layers throw, with the path before the message.
   */
  override forward<Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>): Tensor<Output<Self, T>>;
  override forward(x: Tensor): Tensor {
    refuseMore("Sequential", arguments, 1);
    checkInput(this, x);
    checkLayers("Sequential", this.layers);
    let y: Tensor = x;
    for (const [i, layer] of this.layers.entries()) {
      try {
        y = runtime.tracer?.layer === undefined ? layer.forward(y) : runtime.tracer.layer(i, layer, y);
        if (!isTensor(y)) {
          const got = textOf(y);
          throw new ValueError(
            "forward",
            "must return a tensor",
            got,
            got === "a promise" ? "await outside of it" : "",
          );
        }
      } catch (error) {
        // A Sequential inside has put its own path there already.
        if (isTinygradError(error)) {
          const kind = layer.describe();
          const isOwn = error.path !== "" && kind === "Sequential";
          error.within(`Sequential[${i}]${isOwn ? "" : ` ${kind}`}`);
        }
        throw error;
      }
    }
    return y;
  }

  /** `Sequential`. */
  override describe(): string {
    return "Sequential";
  }

  /** `layers`, as the constructor takes them. */
  override arguments(): readonly unknown[] {
    return this.layers.map(givenFor);
  }
}
