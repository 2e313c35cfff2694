import { isTensor } from "../core/runtime.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Layer } from "../nn/layer.ts";
import { checkLayer, membersOf } from "../nn/reflect.ts";
import { mapOf, readState, type StateDict } from "../state.ts";
import type { Tensor } from "../tensor.ts";

/**
 * The tensors of a model under PyTorch's names, for `model.load_state_dict(load_file(…))` in PyTorch.
 *
 * Layers of the library, and classes that extend them, have the names of PyTorch's layers: `layers.0.weight` of a `Sequential` becomes `0.weight`, `runningVariance` becomes `running_var`, `cells.0.weightIh` of an
 * `LSTM` becomes `weight_ih_l0`. Fields of your own classes keep their names, in snake case.
 *
 * @param model - a layer.
 * @returns snapshots by name, as {@link Layer.stateDict} returns them.
 * @throws `ValueError` for anything that is not a layer; `StateError` if two tensors come to one name.
 * @example
 * import { Linear, relu, Sequential } from "tinygrad-ts";
 * import { pytorchStateDict } from "tinygrad-ts/model";
 *
 * const model = new Sequential(new Linear(4, 8), relu, new Linear(8, 2));
 * [...pytorchStateDict(model).keys()]; // → ["0.weight", "0.bias", "2.weight", "2.bias"]
 */
export function pytorchStateDict(model: Layer): Map<string, Tensor> {
  refuseMore("pytorchStateDict", arguments, 1);
  checkLayer("pytorchStateDict", model);
  const state = model.stateDict();
  return mapOf(pytorchNames(model).map(([name, own]) => [name, state.get(own)!]));
}

/**
 * Loads a state with PyTorch's names into a model: what `save_file(model.state_dict(), …)` wrote in PyTorch, and `decode` of `tinygrad-ts/safetensors` read.
 *
 * @param model - a layer, built as the model over there.
 * @param state - tensors by PyTorch's names, in a Map or a plain object. `num_batches_tracked` may be missing, as in files of before 2018.
 * @throws `StateError` naming what does not fit, by the names of this library; nothing is loaded then.
 * @example
 * import { Linear, ones, Sequential, zeros } from "tinygrad-ts";
 * import { loadPytorchStateDict } from "tinygrad-ts/model";
 *
 * const [here, there] = [new Sequential(new Linear(4, 2)), { "0.weight": ones([2, 4]), "0.bias": zeros([2]) }];
 * loadPytorchStateDict(here, there);
 * here.forward(ones([4])).toArray(); // → [4, 4]
 */
export function loadPytorchStateDict(model: Layer, state: StateDict): void {
  refuseMore("loadPytorchStateDict", arguments, 2);
  checkLayer("loadPytorchStateDict", model);
  const given = readState("loadPytorchStateDict", state) as Map<string, Tensor>;
  const now = model.stateDict();
  for (const [name, own] of pytorchNames(model)) {
    const value = given.get(name) ?? (name.endsWith("num_batches_tracked") ? now.get(own) : undefined);
    given.delete(name);
    if (value !== undefined) given.set(own, value);
  }
  model.loadStateDict(given);
}

/** PyTorch's name for each tensor of a model, beside its own. */
function pytorchNames(model: Layer): [string, string][] {
  return membersOf(model).flatMap(([field, member]): [string, string][] => {
    if (isTensor(member)) return [[renamed(model, snake(field)), field]];
    return pytorchNames(member).map(([name, own]) => [renamed(model, `${snake(field)}.${name}`), `${field}.${own}`]);
  });
}

const snake = (name: string): string => name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

/** The name of the library's class that a layer is of, or extends; undefined if there is none. */
function ownName(layer: Layer): string | undefined {
  let own = Object.getPrototypeOf(layer) as Layer;
  while (own !== null && !Object.hasOwn(own.constructor, "isOwn")) own = Object.getPrototypeOf(own);
  if (own === null) return undefined;
  const said = Object.hasOwn(own, "describe") ? /^[A-Z]\w*/.exec(own.describe.call(layer))?.[0] : undefined;
  return said ?? own.constructor.name;
}

/** A name below a layer of the library, as PyTorch's layer of the same name has it. */
function renamed(layer: Layer, name: string): string {
  const { bidirectional } = layer as { readonly bidirectional?: boolean };
  switch (ownName(layer)?.replace(/\dd$/, "")) {
    case "Sequential":
      return name.replace(/^layers\./, "");
    case "BatchNorm":
    case "InstanceNorm":
      return name.replace(/^running_variance$/, "running_var").replace(/^batches$/, "num_batches_tracked");
    case "TransformerEncoderLayer":
    case "TransformerDecoderLayer":
      return name.replace(/^self_attention\./, "self_attn.").replace(/^cross_attention\./, "multihead_attn.");
    case "RNN":
    case "LSTM":
    case "GRU":
      return name.replace(/^cells\.(\d+)\.(\w+)$/, (_, cell: string, field: string) => {
        const at = Number(cell);
        if (bidirectional !== true) return `${field}_l${at}`;
        return `${field}_l${Math.floor(at / 2)}${at % 2 === 1 ? "_reverse" : ""}`;
      });
    default:
      return name;
  }
}
