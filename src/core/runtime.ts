import type { Layer } from "../nn/layer.ts";
import type { Generator } from "../random/generator.ts";
import type { Tensor } from "../tensor.ts";
import type { FloatDType } from "./dtype.ts";
import type { Accelerator, Tracer } from "./tracer.ts";

/** What all copies of the library in a process share. */
export interface Runtime {
  /** Whether ops record themselves for backward. */
  recording: boolean;
  /** The time of the latest `assign`, counted in assigns. */
  writes: number;
  /** How to put back what was overwritten, in the transaction under way; null outside of one. */
  undo: Map<object, () => void> | null;
  /** From when to when, by the write clock, there were writes that were undone; in the order of their ends. */
  undone: (readonly [after: number, until: number])[];
  /** Backward passes so far, whose marks tell them apart. */
  runs: number;
  /** What listens to what happens; null nearly always. */
  tracer: Tracer | null;
  /** What stands before all kernels, those that were switched on and not off: the last is asked first. */
  readonly accelerators: Accelerator[];
  /** The dtype of numbers, unless one is given. */
  defaultDtype: FloatDType;
  /** All live layers, for `compile` to see where a tensor is replaced; and some that there are no more. */
  readonly layers: Set<WeakRef<Layer>>;
  /** The generator that is used where none is given; made when it is first needed. */
  generator: Generator | null;
  /** Is called before each draw: where processes share a batch, each draws from a stream of its own. Absent nearly always. */
  drawing?: ((generator: Generator) => void) | null | undefined;
  /** What a mean over weights divides by, where they are a part of the weights that it is over. Absent nearly always. */
  divisor?: ((weights: Tensor) => Tensor) | null | undefined;
}

/**
 * The one state of the library. A process may hold two copies of it, one that was imported and one that was required: they share this
 * object, so `noGrad` of one holds for the other, and `assign` of one is seen by the other. The number in the key belongs to what
 * the copies expect of each other; a copy that expects something else has a state of its own, and refuses the others' tensors.
 */
export const runtime: Runtime = /* @__PURE__ */ shared();

function shared(): Runtime {
  const key = Symbol.for("tinygrad-ts/3");
  const held = globalThis as { [key]?: Runtime };
  held[key] ??= {
    recording: true,
    writes: 0,
    undo: null,
    undone: [],
    runs: 0,
    tracer: null,
    accelerators: [],
    defaultDtype: "float32",
    layers: new Set(),
    generator: null,
  };
  return held[key];
}

/** Runs `fn` with a part of the state as is said, and puts it back however `fn` ends: so that these nest. */
export function withState<K extends "recording" | "tracer" | "drawing" | "divisor", T>(
  part: K,
  value: Runtime[K],
  fn: () => T,
): T {
  const before = runtime[part];
  runtime[part] = value;
  try {
    return fn();
  } finally {
    runtime[part] = before;
  }
}

/** Whether ops record themselves for backward at present. */
export function isRecording(): boolean {
  return runtime.recording;
}

/** Runs `fn` with recording switched on or off. */
export function withRecording<T>(on: boolean, fn: () => T): T {
  return withState("recording", on, fn);
}

/** The time of the latest `assign`, counted in assigns; results are stamped with it. */
export function writeClock(): number {
  return runtime.writes;
}

/** Advances the clock for an overwrite and returns the new time. */
export function tickWriteClock(): number {
  return ++runtime.writes;
}

/**
 * Whether a value is a tensor, of this copy of the library or of another that shares its state. A copy by `postMessage` or `structuredClone` is none, and a Proxy around a
 * tensor is none.
 */
export function isTensor(x: unknown): x is Tensor {
  return (x as Tensor | null | undefined)?.runtime === runtime;
}

/** Whether a value is a generator of random numbers, of this copy of the library or of another that shares its state, and no Proxy around one. */
export function isGenerator(x: unknown): x is Generator {
  return (x as Generator | null | undefined)?.generatorRuntime === runtime;
}
