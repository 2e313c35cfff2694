import { textOf, ValueError } from "../core/errors.ts";
import type { Layer } from "../nn/layer.ts";
import { layersOf } from "../nn/reflect.ts";
import { isBatches } from "./batches.ts";
import type { FitOptions, TrainingData } from "./fit.ts";

/** What the training runs under way hold: layers, optimizers, and what else remembers something. */
const held = /* @__PURE__ */ new WeakSet<object>();

/**
 * Takes what a training run changes for itself alone: one of two at once would switch the modes of the other's layers, and count on in what the other remembers.
 *
 * @returns what gives it back.
 * @throws `ValueError` if another training run that has not ended holds some of it; then nothing is taken.
 */
export function hold(model: Layer, data: TrainingData, options: FitOptions): () => void {
  const { optimizer, schedule, progress, validation, callbacks = [] } = options;
  const all: [object: object | undefined, rule: string, path?: string][] = [
    ...layersOf(model).map(([path, layer]): [object, string, string] => [layer, "a model is trained by", path]),
    [optimizer, "an optimizer is used by"],
    [schedule, "a schedule is used by"],
    [progress, "a progress follows"],
    ...[data, validation].map((x): [object | undefined, string] => [
      isBatches(x) ? x : undefined,
      "batches are taken by",
    ]),
    ...callbacks.map((x): [object | undefined, string] => [
      "stateDict" in x ? x : undefined, // the others remember nothing that is known of
      "a callback with a state is called by",
    ]),
  ];
  const objects = all.flatMap(([x]) => x ?? []);
  for (const [x, rule, path = ""] of all) {
    if (x === undefined || !held.has(x)) continue;
    const got = `${path === "" ? "" : `${path}, `}${textOf(x)} of a fit that has not ended`;
    throw new ValueError("fit", `${rule} one fit at a time`, got, "await the first");
  }
  for (const x of objects) held.add(x);
  return () => {
    for (const x of objects) held.delete(x);
  };
}
