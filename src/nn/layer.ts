import { refuseProxy } from "../core/arguments.ts";
import { textOf, ValueError } from "../core/errors.ts";
import { type Runtime, runtime } from "../core/runtime.ts";
import type { AnyChange } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { inspectable } from "../format.ts";
import { mapOf, restoreState, type StateDict, snapshotState } from "../state.ts";
import type { Tensor } from "../tensor.ts";
import { architectureOf, drawLayer, type LayerJson, unsaid } from "./architecture.ts";
import { isLayer, layersOf, tensorsOf } from "./reflect.ts";

/** @hidden */
export declare const change: unique symbol;

/**
 * Base class of everything that has parameters: a layer, a block of layers, a model.
 *
 * The contents of a layer are its **public fields, in field order**. A {@link Tensor} with `requiresGrad` is a parameter,
 * one without is a buffer (a parameter that is frozen, as by {@link freeze}, is listed as one); other layers are looked into,
 * and so are arrays, plain objects, Maps and Sets of layers and tensors. Not seen are `#private` fields (the place for caches and for references to other models), objects of other
 * classes, and results of recorded ops. The names of fields and keys make up the names in {@link Layer.stateDict}: `layers.0.weight`, `heads.query.weight`.
 *
 * @example
 * class Scale extends Layer {
 *   factor = ones([3], { requiresGrad: true });
 *   forward(x: Tensor) {
 *     return x.mul(this.factor);
 *   }
 * }
 * const model = new Sequential(new Linear(2, 3), new Scale());
 * [...model.stateDict().keys()]; // → ["layers.0.weight", "layers.0.bias", "layers.1.factor"]
 */
export abstract class Layer<Change = AnyChange> extends /* @__PURE__ */ unwritten() {
  /** @hidden How the layer changes shapes, as the type checker knows it; nothing when the program runs. */
  declare readonly [change]: Change;
  #training = true;

  /** @param extra - nothing: a layer's own constructor is the one that takes arguments. */
  constructor(...extra: readonly never[]) {
    super();
    if (extra.length > 0) throw new ValueError(this.constructor.name, "takes no arguments", textOf(extra[0]));
    const { layers } = runtime;
    if (layers.size % 4096 === 4095) for (const ref of layers) if (!ref.deref()) layers.delete(ref);
    layers.add(new WeakRef(this));
  }

  /** @internal What `isLayer` looks at: neither a copy nor a Proxy has it. */
  get layerRuntime(): Runtime | undefined {
    return #training in this ? runtime : undefined;
  }

  /** Whether the layer is in training, where some (such as {@link Dropout}) behave differently. Set by {@link Layer.train}. */
  get training(): boolean {
    refuseProxy("Layer.training", #training in this);
    runtime.tracer?.mode(this, false);
    return this.#training;
  }
  /** @throws {@link ValueError} for anything but a boolean. `train()` sets it in all layers below, too. */
  set training(on: boolean) {
    refuseProxy("Layer.training", #training in this);
    if (typeof on !== "boolean")
      throw new ValueError("Layer.training", "must be a boolean", textOf(on), "write true or false");
    runtime.tracer?.mode(this, true);
    this.#training = on;
  }

  /** What the layer computes. May take more than one input, but not where it stands in a {@link Sequential}. */
  abstract forward(x: Tensor, ...more: never[]): Tensor;

  /**
   * The architecture: each layer's {@link Layer.describe}, under the name of its field. This is also what the consoles of Node, Deno and Bun print.
   *
   * @example
   * console.log(new Sequential(new Linear(8, 2), relu).toString().split("\n")); // → ["Sequential(", "  (0): Linear(8, 2)", "  (1): relu", ")"]
   */
  override toString(): string {
    return drawLayer(this);
  }

  /**
   * What the constructor takes to make such a layer again, options last. Parameters and buffers are not among it: {@link Layer.stateDict} has them.
   *
   * The layers of this library all say it. Your own class needs the method only if its architecture is saved: by {@link Layer.toJSON}, and by `encodeModel` of `tinygrad-ts/model`. Every
   * class says it for itself, since one that extends another may have another constructor.
   *
   * @returns numbers, strings, booleans, null, layers, functions, and arrays and plain objects of them; an option that is undefined counts as left out.
   * @throws {@link ValueError} if the class does not say it.
   * @example
   * class Scale extends Layer {
   *   factor: number;
   *   constructor(factor: number) {
   *     super();
   *     this.factor = factor;
   *   }
   *   override forward(x: Tensor) {
   *     return x.mul(this.factor);
   *   }
   *   override arguments() {
   *     return [this.factor];
   *   }
   * }
   * JSON.stringify(new Scale(3)); // → {"layer":"Scale","arguments":[3],"custom":true}
   */
  arguments(): readonly unknown[] {
    return unsaid(this);
  }

  /**
   * The architecture as plain objects: which layers there are, made with what; no weights. `JSON.stringify(model)` calls it. `fromJSON` of `tinygrad-ts/model` makes a model of it.
   *
   * Classes and functions have the names that they have in the running program. A minifier may change those of functions and of your own classes; `encodeModel` does not depend on them.
   *
   * Unlike `encodeModel`, this does not check that the arguments say all: what you have changed in a part of a layer since is not in it.
   *
   * @returns an object for each layer, with its class's name and its {@link Layer.arguments}.
   * @throws {@link ValueError} for what such objects cannot say: a layer or a tensor in two places, which they share; a class without `arguments()`; a function without a name; an
   * argument that JSON does not have, such as Infinity.
   * @example
   * new Sequential(new Dropout(0.5), relu).toJSON(); // → { layer: "Sequential", arguments: [{ layer: "Dropout", arguments: [0.5] }, { function: "relu" }] }
   */
  toJSON(): LayerJson {
    return architectureOf(this);
  }

  /** The layer's kind with its settings, as errors, {@link Layer.toString} and {@link summary} show it: `Linear(784, 128)`. The class's name if not overridden. */
  describe(): string {
    return this.constructor.name;
  }

  /**
   * The parameters, of this layer and those below it, each once.
   *
   * @example
   * new Linear(2, 3).parameters().length; // → 2
   */
  parameters(): Tensor[] {
    refuseMore("parameters", arguments, 0);
    return [...this.namedParameters().values()];
  }

  /**
   * The parameters by name: the tensors with `requiresGrad`. One that is shared is listed once, under its first name.
   *
   * @example
   * [...new Linear(2, 3).namedParameters().keys()]; // → ["weight", "bias"]
   */
  namedParameters(): Map<string, Tensor> {
    refuseMore("namedParameters", arguments, 0);
    return named(this, true);
  }

  /** The buffers by name, and frozen parameters: the tensors without `requiresGrad`. One that is shared is listed once, under its first name. */
  namedBuffers(): Map<string, Tensor> {
    refuseMore("namedBuffers", arguments, 0);
    return named(this, false);
  }

  /**
   * Puts this layer and all below it in training, or out of it.
   *
   * @param on - false is what {@link Layer.eval} does.
   * @returns this layer.
   * @throws {@link ValueError} for anything but a boolean.
   */
  train(on = true): this {
    refuseMore("train", arguments, 1);
    if (typeof on !== "boolean") throw new ValueError("train", "takes true, false or nothing", textOf(on));
    for (const [, layer] of layersOf(this)) layer.training = on;
    return this;
  }

  /**
   * Puts this layer and all below it out of training: for using the model, and measuring it.
   *
   * @returns this layer.
   * @example
   * new Sequential(new Dropout(0.5)).eval().forward(ones([3])).toArray(); // → [1, 1, 1]
   */
  eval(): this {
    refuseMore("eval", arguments, 0);
    return this.train(false);
  }

  /**
   * All parameters and buffers as they are now, by name. The tensors in it are snapshots: training on does not change them, and since
   * values are never written in place, taking them costs no memory until then. A shared tensor is listed under each of its names.
   *
   * @example
   * const model = new Linear(2, 3);
   * const saved = model.stateDict();
   * model.weight.assign(zeros([3, 2]));
   * model.loadStateDict(saved);
   * sum(eq(model.weight, 0)).item(); // → 0
   */
  stateDict(): Map<string, Tensor> {
    refuseMore("stateDict", arguments, 0);
    return snapshotState(tensorsOf(this));
  }

  /**
   * Loads values into the parameters and buffers: all of them or, if anything does not fit, none.
   *
   * @param state - tensors by name, in a Map or a plain object, as {@link Layer.stateDict} returns them. Those of float32 and float64 are converted to the dtype that is here.
   * @throws {@link StateError} naming what does not fit, the first five of it: missing and unexpected names, wrong shapes and dtypes, values too large for float32,
   * different values under two names of one tensor; and for anything but tensors by name.
   */
  loadStateDict(state: StateDict, ...extra: readonly never[]): void {
    restoreState(`${this.describe()}.loadStateDict`, tensorsOf(this), state, undefined, extra, true);
  }
}

/** The base of layers: a class without `forward`, which TypeScript refuses and JavaScript does not, is told to write it. */
function unwritten(): ReturnType<typeof inspectable> {
  const hint = "write freeze(layer), or unfreeze(layer)";
  return class Unwritten extends inspectable({ requiresGrad: hint, requires_grad: hint, trainable: hint }, isLayer) {
    forward(): never {
      throw new ValueError(
        this.constructor.name,
        "a layer must have a method forward",
        "none",
        "write forward(x) { return … }",
      );
    }
  };
}

function named(layer: Layer, trainable: boolean): Map<string, Tensor> {
  const names = new Map<Tensor, string>();
  for (const [name, x] of tensorsOf(layer)) if (x.requiresGrad === trainable && !names.has(x)) names.set(x, name);
  return mapOf([...names].map(([x, name]) => [name, x]));
}
