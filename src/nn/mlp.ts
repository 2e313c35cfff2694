import { checkCount } from "../core/arguments.ts";
import { textOf, ValueError } from "../core/errors.ts";
import { checkOptions, nearestOf, type OptionKinds } from "../core/options.ts";
import { listText } from "../core/shape.ts";
import type { AnyShape, Spread } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { relu } from "../ops/relu.ts";
import { type Activation, activationFor, asFunction } from "./activation.ts";
import { BatchNorm1d } from "./batchNorm.ts";
import { Dropout } from "./dropout.ts";
import type { Layer } from "./layer.ts";
import { LayerNorm } from "./layerNorm.ts";
import { Linear, type LinearOptions, linearOptions } from "./linear.ts";
import { RMSNorm } from "./rmsNorm.ts";
import { type LayerFunction, Sequential } from "./sequential.ts";

/** Options of {@link mlp}. */
export interface MlpOptions extends LinearOptions {
  /** What follows each hidden layer: a function, or a layer's class, of which each place gets an instance; {@link relu} by default. */
  readonly activation?: Activation;
  /** Share of the activations that are dropped in training, from 0 to 1; 0 by default. */
  readonly dropout?: number;
  /** Normalization between each hidden layer and its activation; none by default. */
  readonly norm?: "batch" | "layer" | "rms" | undefined;
}

const mlpOptions: OptionKinds<MlpOptions> = {
  activation: "any",
  dropout: "number",
  norm: ["batch", "layer", "rms"],
  ...linearOptions,
};

const norms = { batch: BatchNorm1d, layer: LayerNorm, rms: RMSNorm };

/** What a perceptron of some sizes does to a shape, as the type checker knows it: what one layer from its first size to its last does. */
type Ends<W extends readonly number[]> = W extends readonly [
  infer In extends number,
  ...(readonly number[]),
  infer Out extends number,
]
  ? readonly [Linear<In, Out>]
  : AnyShape;

/**
 * A whole multilayer perceptron: linear layers of the given sizes, with an activation after each but the last, which gives scores of any size: logits for `crossEntropy`, values for `mse`.
 *
 * @param sizes - number of inputs, of each hidden layer's outputs, and of outputs.
 * @returns the layers as a {@link Sequential}.
 * @throws {@link ValueError} for fewer than two sizes, or sizes that are not whole numbers.
 * @example
 * mlp([784, 128, 10]).forward(zeros([32, 784])).shape; // → [32, 10]
 */
export function mlp<const W extends readonly number[]>(sizes: Spread<W>): Sequential<Ends<W>>;
/**
 * The same, with options: normalization, activation and dropout after each linear layer but the last.
 *
 * @param sizes - number of inputs, of each hidden layer's outputs, and of outputs.
 * @param options - `activation`, `dropout`, `norm`, and those of {@link Linear}.
 * @returns the layers as a {@link Sequential}.
 * @throws {@link ValueError} for fewer than two sizes, for an option that is not allowed, or sizes that are not whole numbers.
 * @example
 * const model = mlp([784, 128, 10], { activation: tanh, dropout: 0.2, norm: "layer" });
 * model.layers.map((layer) => layer.describe()); // → ["Linear(784, 128)", "LayerNorm(128)", "tanh", "Dropout(0.2)", "Linear(128, 10)"]
 */
export function mlp(sizes: readonly number[], options?: MlpOptions): Sequential;
export function mlp(sizes: readonly number[], options: MlpOptions = {}, ...more: readonly unknown[]): Sequential {
  if (!Array.isArray(sizes) || sizes.length < 2) {
    const list = [sizes, options, ...more].filter((n) => typeof n === "number");
    const hint = `write mlp([${list.length > 1 ? list.join(", ") : "784, 128, 10"}])`;
    throw new ValueError(
      "mlp",
      "needs the number of inputs and of outputs",
      Array.isArray(sizes) ? listText(sizes) : textOf(sizes),
      hint,
    );
  }
  sizes.forEach((size, i) => checkCount("mlp", `size ${i}`, size, 0));
  const {
    activation = relu,
    dropout = 0,
    norm,
    ...rest
  } = checkOptions("mlp", options, mlpOptions, {
    instead: (given) => {
      if (typeof given === "function") return "write { activation: … }";
      return typeof given === "string" && nearestOf(given, Object.keys(norms)) === undefined ? asFunction : undefined;
    },
  });
  refuseMore("mlp", arguments, 2);
  const activate = activationFor("mlp", activation);
  const dtype = rest.dtype && { dtype: rest.dtype };
  const layers: (Layer | LayerFunction)[] = [];
  for (let i = 1; i < sizes.length; i++) {
    layers.push(new Linear(sizes[i - 1]!, sizes[i]!, rest));
    if (i === sizes.length - 1) break;
    if (norm !== undefined) layers.push(new norms[norm](sizes[i]!, dtype));
    layers.push(activate());
    if (dropout !== 0) layers.push(new Dropout(dropout, { generator: rest.generator }));
  }
  return new Sequential(...layers);
}
