import type { TypedArray } from "../../core/dtype.ts";
import type { Op } from "../../core/op.ts";
import { isTensor, withRecording } from "../../core/runtime.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Fill, Run } from "../../core/tracer.ts";
import { Listener, listen, Site } from "../../debug/listener.ts";
import { unitOp } from "../../loss/bce.ts";
import { classesOp } from "../../loss/classes.ts";
import { probabilitiesOp } from "../../loss/crossEntropy.ts";
import { varianceOp } from "../../loss/gaussianNll.ts";
import { signsOp } from "../../loss/signs.ts";
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

/** Where in the program something was done, and by which op. */
export interface Place {
  readonly op: { readonly name: string };
  readonly site: Site;
}

/** What a model did with some inputs. */
export interface Trace {
  readonly steps: readonly Step[];
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly outputs: readonly (readonly [name: string, x: Tensor])[];
}

/** A place for steps whose own is not looked for. */
export function nowhere(): Site {
  return new Site(new Error("not thrown"), null);
}

/** An error that names the line of the program that applied an op. */
export function refuse(site: Site, rule: string, got: string, hint = ""): never {
  const { place } = site;
  throw new OnnxError("NOT_EXPORTABLE", "toOnnx", rule, place === null ? got : `${got} at ${place}`, hint);
}

/** Most elements of a value that is computed in a trace. */
const most = 2 ** 18;

/** Whether an op of a loss only looks at its input, which a file does not: and numbers that a model is tried with are no labels. */
function isCheck(op: unknown): boolean {
  return [classesOp, probabilitiesOp, signsOp, unitOp, varianceOp].some((own) => own === op);
}

/** A trace would need more memory than it is worth. */
export class TooLarge extends Error {}

class Recorder extends Listener {
  readonly steps: Step[] = [];
  /** What the model has done that it must not, also where it has caught the error. */
  refusal: unknown = null;
  path = "";
  #depth = 0;
  readonly #made = new Set<Tensor>();
  /** Where all steps are said to be; null to look where each is, which takes time. */
  readonly #site: Site | null;

  constructor(inputs: Iterable<Tensor>, site: Site | null) {
    super();
    this.#site = site;
    for (const x of inputs) this.#made.add(x);
  }

  /** Finds out what an op's result looks like. It is computed only if somebody looks at its values, such as the shape rule of an op that takes indices. */
  override apply(run: Run, op: Op, inputs: readonly Tensor[], attrs: unknown): Tensor {
    if (isCheck(op)) return inputs[0]!;
    const later: Fill = (_op, _inputs, _attrs, shape) => () => {
      if (sizeOf(shape) > most) throw new TooLarge();
      return this.#within(() => run(op, inputs, attrs)).stored as TypedArray;
    };
    const result = this.#within(() => run(op, inputs, attrs, later));
    const site = this.#site ?? this.site();
    this.steps.push({ op, attrs, inputs: [...inputs], result, path: this.path, site });
    if (inputs.some((x) => this.#made.has(x))) this.#made.add(result);
    return result;
  }

  #within<T>(fn: () => T): T {
    this.#depth++;
    try {
      return fn();
    } finally {
      this.#depth--;
    }
  }

  override readonly read = (x: Tensor): void => {
    if (this.#depth > 0 || !this.#made.has(x)) return;
    const hint = "write it with ops, such as where(mask, a, b): a file has no JavaScript in it";
    this.#refuse("forward must not look at values that depend on its input", "item(), data or toArray()", hint);
  };

  override readonly assign = (): void => {
    this.#refuse("forward must not assign", "assign()", "a file keeps nothing between runs");
  };

  override readonly draw = (): void => {
    this.#refuse("forward must not draw random numbers", "a draw", "layers in eval mode draw none");
  };

  #refuse(rule: string, got: string, hint: string): never {
    try {
      refuse(this.site(), rule, got, hint);
    } catch (error) {
      this.refusal ??= error;
      throw error;
    }
  }
}

/**
 * Runs a function of named inputs as the model is used (out of training, without gradients), and notes what it applies. All is put back to where it was.
 *
 * @param site - where all that it applies is said to be; null to look.
 */
export function trace(
  model: Layer,
  inputs: ReadonlyMap<string, Tensor>,
  run: () => Tensor | { readonly [name: string]: Tensor },
  site: Site | null,
): Trace {
  const recorder = new Recorder(inputs.values(), site);
  const layers = layersOf(model);
  const modes = layers.map(([, { training }]) => training);
  try {
    for (const [path, layer] of layers) {
      layer.training = false;
      watch(layer, path, recorder);
    }
    const result = listen("toOnnx", recorder, () => withRecording(false, run));
    if (recorder.refusal !== null) throw recorder.refusal;
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
