import type { Op } from "../../core/op.ts";
import { isTensor, withRecording } from "../../core/runtime.ts";
import type { Run } from "../../core/tracer.ts";
import { Listener, listen, type Site } from "../../debug/listener.ts";
import type { Layer } from "../../nn/layer.ts";
import { layersOf } from "../../nn/reflect.ts";
import type { Tensor } from "../../tensor.ts";
import { OnnxError } from "../error.ts";

/** An op that the model applied. */
export interface Step {
  readonly op: Op;
  readonly attrs: unknown;
  readonly inputs: readonly Tensor[];
  readonly result: Tensor;
  /** The layer that applied it, `layers.0`; empty for the model itself. */
  readonly path: string;
  readonly site: Site;
}

/** What a model did with some inputs. */
export interface Trace {
  readonly steps: readonly Step[];
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly outputs: readonly (readonly [name: string, x: Tensor])[];
}

/** An error that names the line of the program that applied an op. */
export function refuse(site: Site, rule: string, got: string, hint = ""): never {
  const { place } = site;
  throw new OnnxError("NOT_EXPORTABLE", "toOnnx", rule, place === null ? got : `${got} at ${place}`, hint);
}

class Recorder extends Listener {
  readonly steps: Step[] = [];
  path = "";
  #depth = 0;
  readonly #made = new Set<Tensor>();

  constructor(inputs: Iterable<Tensor>) {
    super();
    for (const x of inputs) this.#made.add(x);
  }

  override apply(run: Run, op: Op, inputs: readonly Tensor[], attrs: unknown): Tensor {
    this.#depth++;
    let result: Tensor;
    try {
      result = run(op, inputs, attrs);
    } finally {
      this.#depth--;
    }
    this.steps.push({ op, attrs, inputs: [...inputs], result, path: this.path, site: this.site() });
    if (inputs.some((x) => this.#made.has(x))) this.#made.add(result);
    return result;
  }

  override readonly read = (x: Tensor): void => {
    if (this.#depth > 0 || !this.#made.has(x)) return;
    const hint = "write it with ops, such as where(mask, a, b): a file has no JavaScript in it";
    refuse(this.site(), "forward must not look at values that depend on its input", "item(), data or toArray()", hint);
  };

  override readonly assign = (): void => {
    refuse(this.site(), "forward must not assign", "assign()", "a file keeps nothing between runs");
  };

  override readonly draw = (): void => {
    refuse(this.site(), "forward must not draw random numbers", "a draw", "layers in eval mode draw none");
  };
}

/** Runs a function of named inputs as the model is used (out of training, without gradients), and notes what it applies. All is put back to where it was. */
export function trace(
  model: Layer,
  inputs: ReadonlyMap<string, Tensor>,
  run: () => Tensor | { readonly [name: string]: Tensor },
): Trace {
  const recorder = new Recorder(inputs.values());
  const layers = layersOf(model);
  const modes = layers.map(([, { training }]) => training);
  try {
    for (const [path, layer] of layers) {
      layer.training = false;
      watch(layer, path, recorder);
    }
    const result = listen("toOnnx", recorder, () => withRecording(false, run));
    const outputs = isTensor(result) ? [["output", result] as const] : Object.entries(result);
    return { steps: recorder.steps, inputs, outputs };
  } finally {
    layers.forEach(([, layer], i) => {
      layer.training = modes[i]!;
      if (Object.hasOwn(layer, "forward")) unwatch(layer);
    });
  }
}

const watched = /* @__PURE__ */ new WeakMap<Layer, PropertyDescriptor | null>();

/** Has the recorder know which layer is at work, by a method of its own in front of the layer's. */
function watch(layer: Layer, path: string, recorder: Recorder): void {
  if (watched.has(layer) || !Object.isExtensible(layer)) return;
  watched.set(layer, Object.getOwnPropertyDescriptor(layer, "forward") ?? null);
  const { forward } = layer;
  const value = function (this: Layer, ...args: Parameters<Layer["forward"]>): Tensor {
    const above = recorder.path;
    recorder.path = path;
    try {
      return forward.apply(this, args);
    } finally {
      recorder.path = above;
    }
  };
  Object.defineProperty(layer, "forward", { value, configurable: true, writable: true, enumerable: false });
}

function unwatch(layer: Layer): void {
  const before = watched.get(layer);
  if (before === undefined) return;
  watched.delete(layer);
  if (before === null) Reflect.deleteProperty(layer, "forward");
  else Object.defineProperty(layer, "forward", before);
}
