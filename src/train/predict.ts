import { noGrad } from "../core/apply.ts";
import { checkCount, checkFunction } from "../core/arguments.ts";
import { isTinygradError, ShapeError, textOf, ValueError } from "../core/errors.ts";
import { placeIn } from "../core/nested.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { asTensor, type TensorLike } from "../create.ts";
import type { Layer } from "../nn/layer.ts";
import { argmax } from "../ops/argmax.ts";
import { cast } from "../ops/cast.ts";
import { cat } from "../ops/cat.ts";
import { gt } from "../ops/compare.ts";
import { reshape } from "../ops/reshape.ts";
import { slice } from "../ops/slice.ts";
import type { Tensor } from "../tensor.ts";
import { isBatches } from "./batches.ts";
import { isDataset, type TensorDataset } from "./dataset.ts";
import { forwardOf } from "./evaluate.ts";
import { forSamples } from "./forSamples.ts";
import { checkModel, modesOf } from "./modes.ts";
import { readSamples } from "./samples.ts";
import type { StepCompiler } from "./step.ts";

/** Options of {@link predict}. */
export interface PredictOptions {
  /** How many samples go through the model at a time; 256 by default. It decides how much memory is used, and changes no result of a model that treats samples one by one. */
  readonly batchSize?: number;
  /** `compile` of `tinygrad-ts/compile`, to run the model as a WebAssembly program, which later calls with the same model use again. */
  readonly compile?: StepCompiler;
}

const predictOptions: OptionKinds<PredictOptions> = { batchSize: "number", compile: "function" };

/**
 * Computes the outputs of a model for samples, batch by batch, without gradients and in evaluation mode (no dropout, running statistics). Afterwards, each layer is in the mode that it was in before, even if something
 * throws.
 *
 * @param model - the model. It must return a row for each sample; the rows may have any shape.
 * @param x - a row for each sample: a tensor, or arrays, which become floating as the inputs of a {@link TensorDataset} do; or a dataset, of which these are the inputs.
 * @param options - `batchSize`, `compile`.
 * @returns the outputs, a row for each sample, not recorded.
 * @throws `ValueError` for anything that is not a model or option; `ShapeError` for anything that is not data, or if the model does not return a row for each sample; and what the model throws.
 * @example
 * import { Linear, tensor } from "tinygrad-ts";
 * import { predict } from "tinygrad-ts/train";
 *
 * const model = new Linear(2, 1);
 * model.weight.assign(tensor([[1, 10]]));
 * model.bias?.assign(tensor([100]));
 * predict(model, [[1, 2], [3, 4]]).toArray(); // → [[121], [143]]
 */
export function predict(model: Layer, x: TensorLike | TensorDataset, options?: PredictOptions): Tensor {
  checkModel("predict", model);
  const { batchSize = 256, compile } = checkOptions("predict", options, predictOptions);
  refuseMore("predict", arguments, 3);
  checkCount("predict", "batchSize", batchSize, 1);
  const inputs = inputsOf(x);
  const size = inputs.shape[0]!;
  const compiled = forwardOf(model, compile, checkRows);
  checkFunction("predict", "what compile returns", compiled, "write compile: (f) => compile(f, { … }), not async");
  const forward = (part: Tensor): Tensor => {
    try {
      return checkRows(compiled(part), part); // a compiler of your own may lose them
    } catch (error) {
      throw isTinygradError(error) && !isDataset(x) ? forSamples(error, { x, y: undefined }, [part]) : error;
    }
  };
  const restore = modesOf(model);
  try {
    model.eval();
    return noGrad(() => {
      if (size <= batchSize) return forward(inputs).detach(); // what the model returns may be its input, or a tensor of its own
      const parts: Tensor[] = [];
      for (let at = 0; at < size; at += batchSize) {
        parts.push(forward(slice(inputs, [at, Math.min(at + batchSize, size)])));
      }
      return cat(parts);
    });
  } finally {
    restore();
  }
}

function inputsOf(x: unknown): Tensor {
  if (isDataset(x)) return x.tensors[0];
  if (isBatches(x)) throw new ValueError("predict", "needs samples", "batches", "write predict(model, data.dataset)");
  if (typeof x === "object" && x !== null && "x" in x) {
    throw new ValueError("predict", "needs samples", textOf(x), "write predict(model, data.x)");
  }
  return readSamples("predict", x as TensorLike, 0);
}

/** A model's outputs, if they are a row for each sample. */
function checkRows(y: unknown, x: Tensor): Tensor {
  if (!isTensor(y)) throw new ValueError("predict", "the model must return a tensor", textOf(y));
  if (y.shape[0] === x.shape[0]) return y;
  const got = `${describe(y)} for ${describe(x)}`;
  const hint = x.shape.length === 1 ? "a single sample is a list of one: predict(model, [x])" : "";
  throw new ShapeError("predict", "the model must return a row for each sample", got, hint);
}

/** Options of {@link classes}. */
export interface ClassesOptions {
  /** For outputs of one number for each sample: what it must be above to count as class 1. 0 for logits, 0.5 for probabilities. There is no default, since numbers do not say which they are. */
  readonly threshold?: number;
}

const classesOptions: OptionKinds<ClassesOptions> = { threshold: "number" };

/**
 * Converts the outputs of a model to classes: the index of the largest score, or, for one number per sample, 1 above the threshold and 0 otherwise.
 *
 * @param outputs - `[n, classes]` logits or probabilities, with further axes between if you like; or, with `threshold`, `[n]` or `[n, 1]`.
 * @param options - `threshold`.
 * @returns an int32 tensor, `[n]`; of equal scores, the first counts. `toArray()` makes plain numbers of it.
 * @throws `ValueError` for a NaN, naming its place, or if there is a threshold where there are several scores, and none where there is one; `ShapeError` if there are no classes.
 * @example
 * import { classes } from "tinygrad-ts/train";
 *
 * classes([[0.1, 3, -1], [2, 0, 1]]).toArray(); // → [1, 0]
 * classes([[-3], [0.2]], { threshold: 0 }).toArray(); // → [0, 1]
 */
export function classes(outputs: TensorLike, options?: ClassesOptions): Tensor {
  const { threshold } = checkOptions("classes", options, classesOptions);
  refuseMore("classes", arguments, 2);
  const scores = asTensor("classes", outputs, "float64");
  const { shape, values } = scores;
  const bad = values.findIndex(Number.isNaN);
  if (bad >= 0) throw new ValueError("classes", "outputs must be numbers", `NaN${placeIn(bad, shape)}`);
  const count = shape.length > 1 ? shape.at(-1)! : 1;
  if (shape.length === 0 || count === 0) {
    throw new ShapeError("classes", "outputs must be [n, classes]", describe(scores));
  }
  if (count > 1) {
    if (threshold === undefined) return noGrad(() => argmax(scores, -1));
    const hint = `a row of ${count} scores needs none`;
    throw new ValueError("classes", "a threshold is for one number for each sample", describe(scores), hint);
  }
  if (threshold === undefined || Number.isNaN(threshold)) {
    const hint =
      "write { threshold: 0 } for logits, { threshold: 0.5 } for probabilities; scores of one sample are [[…]]";
    throw new ValueError("classes", "one number for each sample needs a threshold", describe(scores), hint);
  }
  const rows = shape.length > 1 ? shape.slice(0, -1) : shape;
  return noGrad(() => cast(reshape(gt(scores, threshold), rows), "int32"));
}
