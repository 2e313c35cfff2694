import type { Bytes } from "../core/bytes.ts";
import { isTinygradError, StateError, textOf, ValueError } from "../core/errors.ts";
import { inNameOf } from "../core/inNameOf.ts";
import { isGenerator } from "../core/runtime.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Generator, GeneratorState } from "../random/generator.ts";
import type { StateDict } from "../state.ts";
import { Tensor } from "../tensor.ts";
import { type DecodeOptions, decode, decodeMetadata } from "./decode.ts";
import { encode, type Metadata } from "./encode.ts";
import { modelKey } from "./modelKey.ts";

/** An object with a state: a model, an optimizer, a schedule, an average. */
export interface Stateful {
  /** The state as it is now: snapshots by name. */
  stateDict(): ReadonlyMap<string, Tensor>;
  /** Loads a state: all of it or, by an error, nothing. */
  loadStateDict(state: StateDict): void;
}

/** The parts of a training run, by names of your choice, without dots. */
export interface CheckpointParts {
  /** A part. */
  readonly [name: string]: Stateful | Generator;
}

/**
 * Writes the state of a whole training run as one safetensors file: of its model, optimizer, schedule, whatever else has a `stateDict()`, and of generators of random numbers.
 * A training run that loads it continues exactly as this one would, bit for bit.
 *
 * @param parts - the parts by name. Give `defaultGenerator()` as one, if dropout or shuffling draw from it.
 * @param metadata - texts by name, say the epoch.
 * @returns the file; a weight of the model is in it as `model.layers.0.weight`.
 * @throws `ValueError` for anything that is not a part, and a name with a dot.
 * @example
 * import { Adam, defaultGenerator, Linear } from "tinygrad-ts";
 * import { decode, encodeCheckpoint } from "tinygrad-ts/safetensors";
 *
 * const model = new Linear(2, 1);
 * const optimizer = new Adam(model.parameters());
 * const bytes = encodeCheckpoint({ model, optimizer, generator: defaultGenerator() }, { epoch: "3" });
 * [...decode(bytes).keys()].slice(0, 3); // → ["model.weight", "model.bias", "optimizer.groups.0.lr"]
 */
export function encodeCheckpoint(
  parts: CheckpointParts,
  metadata?: Metadata,
): Uint8Array & {
  /** Memory of its own, which is not shared. */
  readonly buffer: ArrayBuffer;
} {
  refuseMore("encodeCheckpoint", arguments, 2);
  const states = entriesOf("encodeCheckpoint", parts).map(([name, part]) => {
    return [...stateOf(part)].map(([key, x]): [string, Tensor] => [`${name}.${key}`, x]);
  });
  return inNameOf("encodeCheckpoint", ["encode"], () => encode(new Map(states.flat()), metadata));
}

/**
 * Loads the state of a whole training run into its parts: all of it, or nothing if anything is wrong with the file or does not fit.
 *
 * @param bytes - what {@link encodeCheckpoint} returned.
 * @param parts - parts that were made like those that were saved, under the same names.
 * @param options - as {@link decode}.
 * @returns the texts that were saved beside.
 * @throws {@link SafetensorsError} for a file that is none; {@link StateError} for a part that is missing, or not expected, or does not fit; {@link ValueError} for anything that is
 * no part.
 * @example
 * import { eq, Linear } from "tinygrad-ts";
 * import { encodeCheckpoint, loadCheckpoint } from "tinygrad-ts/safetensors";
 *
 * const saved = new Linear(2, 1);
 * const bytes = encodeCheckpoint({ model: saved }, { epoch: "3" });
 * const model = new Linear(2, 1);
 * loadCheckpoint(bytes, { model }).get("epoch"); // → 3
 * eq(model.weight, saved.weight).toArray(); // → [[true, true]]
 */
export function loadCheckpoint(bytes: Bytes, parts: CheckpointParts, options?: DecodeOptions): Map<string, string> {
  refuseMore("loadCheckpoint", arguments, 3);
  const own = entriesOf("loadCheckpoint", parts);
  const given = new Map(own.map(([name]): [string, Map<string, Tensor>] => [name, new Map()]));
  const tensors = inNameOf("loadCheckpoint", ["decode"], () => decode(bytes, options));
  const metadata = decodeMetadata(bytes, options);
  if (metadata.has(modelKey)) {
    const hint = "use decodeModel or loadModel";
    throw new ValueError("loadCheckpoint", "needs a file that encodeCheckpoint wrote", "a model's file", hint);
  }
  for (const [path, x] of tensors) {
    const dot = path.indexOf(".");
    const state = given.get(path.slice(0, Math.max(dot, 0)));
    if (state === undefined) {
      const hint = "nothing was loaded; name all parts that were saved";
      throw new StateError("loadCheckpoint", "the parts must fit", `${path} in the file`, hint);
    }
    state.set(path.slice(dot + 1), x);
  }
  const before = own.map(([, part]) => stateOf(part));
  for (const [i, [name, part]] of own.entries()) {
    try {
      load(name, part, given.get(name)!);
    } catch (error) {
      for (let k = 0; k < i; k++) load(own[k]![0], own[k]![1], before[k]!);
      throw isTinygradError(error) ? error.within(name) : error;
    }
  }
  return metadata;
}

function stateOf(part: Stateful | Generator): ReadonlyMap<string, Tensor> {
  if (!isGenerator(part)) return part.stateDict();
  return new Map([["state", new Tensor(Float64Array.from(part.state), [4], "float64")]]);
}

function load(name: string, part: Stateful | Generator, state: ReadonlyMap<string, Tensor>): void {
  if (!isGenerator(part)) {
    part.loadStateDict(state);
    return;
  }
  const words = state.get("state");
  if (words === undefined || state.size !== 1) {
    throw new StateError("loadCheckpoint", `${name} must be a generator's state`, [...state.keys()].join(", "));
  }
  part.state = [...words.values] as unknown as GeneratorState;
}

function entriesOf(op: string, parts: CheckpointParts): [string, Stateful | Generator][] {
  if (Object.prototype.toString.call(parts) !== "[object Object]") {
    const list = op === "loadCheckpoint" ? "bytes, { model, optimizer }" : "{ model, optimizer }";
    throw new ValueError(op, "needs parts by name", textOf(parts), `write ${op}(${list})`);
  }
  const entries = Object.entries(parts);
  for (const [name, part] of entries) {
    if (name === "" || name.includes(".")) throw new ValueError(op, "names of parts must have no dot", `"${name}"`);
    const { stateDict, loadStateDict } = (part ?? {}) as Partial<Stateful>;
    const isPart = isGenerator(part) || (typeof stateDict === "function" && typeof loadStateDict === "function");
    if (isPart) continue;
    const hint = typeof part === "object" ? "pass the model or the optimizer itself" : "";
    throw new ValueError(op, `${name} must have a stateDict(), or be a generator`, textOf(part), hint);
  }
  return entries;
}
