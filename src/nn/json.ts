import { textOf, ValueError } from "../core/errors.ts";
import { elu, gelu, leakyRelu, silu } from "../ops/activations.ts";
import { glu } from "../ops/glu.ts";
import { hardswish } from "../ops/hardswish.ts";
import { hardtanh } from "../ops/hardtanh.ts";
import { mish } from "../ops/mish.ts";
import { relu } from "../ops/relu.ts";
import { celu, selu } from "../ops/selu.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { logSoftmax, softmax } from "../ops/softmax.ts";
import { softplus } from "../ops/softplus.ts";
import { softsign } from "../ops/softsign.ts";
import { tanh } from "../ops/tanh.ts";
import { AlphaDropout } from "./alphaDropout.ts";
import { BatchNorm1d } from "./batchNorm.ts";
import { Bilinear } from "./bilinear.ts";
import { Dropout } from "./dropout.ts";
import { Embedding } from "./embedding.ts";
import { Flatten } from "./flatten.ts";
import { GroupNorm } from "./groupNorm.ts";
import type { Layer } from "./layer.ts";
import { LayerNorm } from "./layerNorm.ts";
import { Linear } from "./linear.ts";
import { PReLU } from "./prelu.ts";
import { CELU, ELU, GELU, Hardswish, LeakyReLU, Mish, ReLU, SELU, SiLU } from "./rectifiers.ts";
import { isLayer } from "./reflect.ts";
import { Identity, Parallel, Residual } from "./residual.ts";
import { RMSNorm } from "./rmsNorm.ts";
import { MinMaxScaler, StandardScaler } from "./scalers.ts";
import { Lambda, type LayerFunction, Sequential } from "./sequential.ts";
import { GLU, Hardtanh, LogSoftmax, Sigmoid, Softmax, Softplus, Softsign, Tanh } from "./squashing.ts";

/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A layer as {@link toJSON} writes it: its kind, and what to make it with. */
export type LayerJson = {
  /** The name of its class. */
  readonly layer: string;
  /** What to give the class's constructor, where layers and functions are written as such objects again. */
  readonly arguments: readonly Json[];
};

/** A class of layers. */
export interface LayerClass<L extends Layer = Layer> {
  /** Makes a layer. */
  new (...args: never[]): L;
}

/** How a kind of layer is written and made again. */
export interface LayerKind<L extends Layer = Layer> {
  /** The class. */
  readonly type: LayerClass<L>;
  /** What its constructor was given: numbers, strings, objects and arrays of them, layers, and functions that are known. */
  arguments(layer: L): readonly unknown[];
}

/** What models are made of beyond the library's own layers, by name. */
export interface JsonOptions {
  /** Kinds of layers. */
  readonly layers?: { readonly [name: string]: LayerKind };
  /** Functions that stand in a {@link Sequential}. */
  readonly functions?: { readonly [name: string]: LayerFunction };
}

/**
 * A model's architecture as JSON: which layers it has, with which settings, and no weights. Together with them, say in one safetensors file, it is a model that
 * can be loaded without its code.
 *
 * The library's own layers are known, and its activation functions, but no other function: give those a name by `options`. Neither whether a parameter is frozen nor
 * whether the model is in training is written down.
 *
 * @param model - a layer.
 * @param options - `layers` and `functions` of one's own.
 * @returns plain objects, fit for `JSON.stringify`.
 * @throws {@link ValueError} for a layer or function that is not known, or that stands in two places, which share it.
 * @example
 * toJSON(new Sequential(new Dropout(0.5), relu)); // → { layer: "Sequential", arguments: [{ layer: "Dropout", arguments: [0.5] }, { function: "relu" }] }
 */
export function toJSON(model: Layer, options: JsonOptions = {}): LayerJson {
  if (!isLayer(model)) throw new ValueError("toJSON", "needs a layer", textOf(model));
  const known = kindsOf(options);
  const names = new Map([...known.layers].map(([name, { type }]): [unknown, string] => [type, name]));
  const functions = new Map([...known.functions].map(([name, fn]) => [fn, name]));
  const seen = new Set<Layer>();
  return write(model) as LayerJson;

  function write(value: unknown): Json {
    if (value instanceof Lambda) return write(value.fn);
    if (isLayer(value)) {
      const name = names.get(value.constructor);
      if (name === undefined) {
        throw new ValueError(
          "toJSON",
          "this kind of layer is not known",
          value.describe(),
          "name it in options.layers",
        );
      }
      if (seen.has(value)) throw new ValueError("toJSON", "a layer must not stand in two places", value.describe());
      seen.add(value);
      const args = known.layers.get(name)!.arguments(value).map(write);
      return { layer: name, arguments: args };
    }
    if (typeof value === "function") {
      const name = functions.get(value as LayerFunction);
      if (name !== undefined) return { function: name };
      const hint = "name it in options.functions";
      throw new ValueError("toJSON", "this function is not known", value.name || "a function without a name", hint);
    }
    if (Array.isArray(value)) return value.map(write);
    if (typeof value === "object" && value !== null) {
      const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
      return Object.fromEntries(entries.map(([key, entry]) => [key, write(entry)]));
    }
    if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw new ValueError("toJSON", "JSON has no way to say this argument", String(value));
  }
}

/**
 * A model of the architecture that {@link toJSON} wrote, with fresh weights: load the saved ones by {@link Layer.loadStateDict}.
 *
 * @param json - what {@link toJSON} returned, through `JSON.stringify` and `JSON.parse` if you like. It need not be trusted: it names only kinds that are known.
 * @param options - `layers` and `functions` of one's own, as they were written with.
 * @returns the model, in training.
 * @throws {@link ValueError} for a layer or function that is not known, and for anything else that is none; and what constructors throw.
 * @example
 * const text = JSON.stringify(toJSON(mlp([2, 8, 1])));
 * fromJSON(JSON.parse(text)).forward(zeros([5, 2])).shape; // → [5, 1]
 */
export function fromJSON(json: Json, options: JsonOptions = {}): Layer {
  const known = kindsOf(options);
  const model = read(json);
  if (isLayer(model)) return model;
  throw new ValueError("fromJSON", "needs a layer as toJSON writes it", textOf(json));

  function read(value: Json): unknown {
    if (Array.isArray(value)) return value.map(read);
    if (typeof value !== "object" || value === null) return value;
    const { layer, function: name, arguments: args } = value as { readonly [name: string]: Json };
    if (typeof layer === "string") {
      const kind = known.layers.get(layer);
      if (kind === undefined) {
        throw new ValueError("fromJSON", "this kind of layer is not known", layer, "name it in options.layers");
      }
      if (!Array.isArray(args)) throw new ValueError("fromJSON", `${layer} needs arguments`, textOf(args));
      return new kind.type(...(args.map(read) as never[]));
    }
    if (typeof name === "string") {
      const fn = known.functions.get(name);
      if (fn !== undefined) return fn;
      throw new ValueError("fromJSON", "this function is not known", name, "name it in options.functions");
    }
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, read(entry)]));
  }
}

/** The library's kinds and one's own. */
function kindsOf(options: JsonOptions) {
  return {
    layers: new Map<string, LayerKind>([...Object.entries(ownLayers()), ...Object.entries(options.layers ?? {})]),
    functions: new Map<string, LayerFunction>([
      ...Object.entries(ownFunctions),
      ...Object.entries(options.functions ?? {}),
    ]),
  };
}

const ownFunctions = {
  ...{ celu, elu, gelu, glu, hardswish, hardtanh, leakyRelu, logSoftmax, mish, relu, selu, sigmoid, silu, softmax },
  ...{ softplus, softsign, tanh },
};

function ownLayers() {
  return {
    AlphaDropout: kind(AlphaDropout, ({ p }) => [p]),
    BatchNorm1d: kind(BatchNorm1d, ({ features, eps, momentum, weight, runningMean }) => {
      const dtype = (weight ?? runningMean)?.dtype;
      return [features, { eps, momentum, affine: weight !== null, tracksStatistics: runningMean !== null, dtype }];
    }),
    Bilinear: kind(Bilinear, ({ weight, bias }) => {
      const [out, a, b] = weight.shape;
      return [a, b, out, { bias: bias !== null, dtype: weight.dtype }];
    }),
    CELU: kind(CELU, ({ alpha }) => [alpha]),
    Dropout: kind(Dropout, ({ p }) => [p]),
    ELU: kind(ELU, ({ alpha }) => [alpha]),
    Embedding: kind(Embedding, ({ weight, paddingIndex }) => {
      return [...weight.shape, { paddingIndex: paddingIndex ?? undefined, dtype: weight.dtype }];
    }),
    Flatten: kind(Flatten, ({ start, end }) => [start, end]),
    GELU: kind(GELU, ({ approximate }) => [{ approximate }]),
    GLU: kind(GLU, ({ axis }) => [axis]),
    GroupNorm: kind(GroupNorm, ({ groups, channels, eps, weight }) => {
      return [groups, channels, { eps, affine: weight !== null, dtype: weight?.dtype }];
    }),
    Hardswish: kind(Hardswish, () => []),
    Hardtanh: kind(Hardtanh, ({ min, max }) => [min, max]),
    Identity: kind(Identity, () => []),
    LayerNorm: kind(LayerNorm, ({ shape, eps, weight }) => {
      return [shape, { eps, affine: weight !== null, dtype: weight?.dtype }];
    }),
    LeakyReLU: kind(LeakyReLU, ({ slope }) => [slope]),
    Linear: kind(Linear, ({ weight, bias }) => {
      const [out, size] = weight.shape;
      return [size, out, { bias: bias !== null, dtype: weight.dtype }];
    }),
    LogSoftmax: kind(LogSoftmax, ({ axis }) => [axis]),
    Mish: kind(Mish, () => []),
    PReLU: kind(PReLU, ({ weight }) => [weight.size, { dtype: weight.dtype }]),
    Parallel: kind(Parallel, ({ layers, axis }) => [layers, { axis }]),
    RMSNorm: kind(RMSNorm, ({ shape, eps, weight }) => {
      return [shape, { eps, affine: weight !== null, dtype: weight?.dtype }];
    }),
    ReLU: kind(ReLU, () => []),
    Residual: kind(Residual, ({ inner, projection }) => [inner, { projection: projection ?? undefined }]),
    MinMaxScaler: kind(MinMaxScaler, ({ shift, low, high }) => [shift.size, { low, high, dtype: shift.dtype }]),
    SELU: kind(SELU, () => []),
    Sequential: kind(Sequential, ({ layers }) => layers),
    SiLU: kind(SiLU, () => []),
    Sigmoid: kind(Sigmoid, () => []),
    Softmax: kind(Softmax, ({ axis }) => [axis]),
    Softplus: kind(Softplus, () => []),
    Softsign: kind(Softsign, () => []),
    StandardScaler: kind(StandardScaler, ({ shift }) => [shift.size, { dtype: shift.dtype }]),
    Tanh: kind(Tanh, () => []),
  };
}

function kind<L extends Layer>(
  type: new (...args: never[]) => L,
  args: (layer: L) => readonly unknown[],
): LayerKind<L> {
  return { type, arguments: args };
}
