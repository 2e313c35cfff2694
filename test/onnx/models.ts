import * as T from "../../src/index.ts";
import { fromJSON } from "../../src/model/index.ts";
import type { ToOnnxOptions } from "../../src/onnx/index.ts";
import { kinds } from "../model/kinds.ts";

/** A model to write, with inputs at two sizes. */
export interface Subject {
  readonly name: string;
  readonly model: T.Layer;
  readonly options: ToOnnxOptions;
  readonly batches: readonly { readonly [name: string]: T.Tensor }[];
  /** Whether onnxruntime has no kernel for some operator in float64. */
  readonly isSingle: boolean;
}

/** Kinds whose input has no batch: they get one. */
const ofOne = [
  "AdaptiveAvgPool3d",
  "AdaptiveMaxPool3d",
  "AvgPool3d",
  "MaxPool3d",
  "Conv3d",
  "ConvTranspose3d",
  "LayerNorm",
];
/** onnxruntime computes with operators of these in float32 only. */
const single =
  /^(AttentionGate|Conv|AvgPool|AdaptiveAvg|ELU|CELU|GELU|SELU|Mish|Softplus|Sequential|TransformerEncoderLayer|TransformerDecoderLayer|resnet)/;

const floats = (shape: readonly number[], seed: number, dtype: T.FloatDType = "float64"): T.Tensor =>
  T.randn(shape, { dtype, generator: new T.Generator(seed) });

const linear = (input: number, output: number): T.Linear => new T.Linear(input, output, { dtype: "float64" });

/** Every kind of layer, and models made of them. */
export function subjects(): Subject[] {
  const ofKinds = Object.entries(kinds)
    .filter(([name]) => name !== "Bilinear" && name !== "TransformerDecoderLayer")
    .map(([name, [model, input]]): Subject => {
      const x = ofOne.includes(name) ? input.reshape([1, ...input.shape]) : input;
      const axis = name === "GLU" ? 1 : 0; // which halves its first
      const shape = x.shape.map((n, i) => (i === axis ? "batch" : n));
      const other = T.cat([x, T.flip(x, axis), x], axis);
      return {
        name,
        model,
        options: { inputs: { x: { shape, dtype: x.dtype } } },
        batches: [x, other].map((x) => ({ x })),
        isSingle: single.test(name),
      };
    });
  const of = (
    name: string,
    model: T.Layer,
    options: ToOnnxOptions,
    ...batches: { readonly [name: string]: T.Tensor }[]
  ): Subject => ({ name, model, options, batches, isSingle: single.test(name) });
  const dtype = "float64";
  const block = () =>
    new T.Sequential(
      new T.Conv2d(4, 4, 3, { padding: 1, dtype }),
      T.relu,
      new T.Conv2d(4, 4, 3, { padding: 1, dtype }),
    );
  const digits = new T.Sequential(linear(64, 32), T.relu, linear(32, 10), T.softmax);
  const normed = new T.Sequential(
    linear(6, 8),
    new T.BatchNorm1d(8, { dtype }),
    T.silu,
    new T.LayerNorm(8, { dtype }),
    linear(8, 2),
  );
  const resnet = new T.Sequential(
    new T.Conv2d(1, 4, 3, { stride: 2, dtype }),
    new T.Residual(block()),
    T.relu,
    new T.Flatten(),
    linear(4 * 9, 3),
  );
  const gate = new T.AttentionGate(2, 3, 4, { dtype });
  const attention = new T.MultiheadAttention(4, 2, { dtype });
  const bilinear = new T.Bilinear(3, 4, 2, { dtype });
  const decoder = new T.TransformerDecoderLayer(4, 2, { hidden: 8, dtype });
  const encoder = new T.TransformerEncoderLayer(4, 2, { hidden: 8, dtype });
  const sequence = (batch: number, length: number, seed: number): T.Tensor => floats([batch, length, 4], seed);
  const long = { x: ["batch", "length", 4] };
  return [
    ...ofKinds,
    of(
      "Bilinear",
      bilinear,
      { inputs: { a: ["batch", 3], b: ["batch", 4] } },
      { a: floats([2, 3], 1), b: floats([2, 4], 2) },
      { a: floats([5, 3], 3), b: floats([5, 4], 4) },
    ),
    of(
      "AttentionGate",
      gate,
      { inputs: { x: ["batch", 2, 8, 4], gate: ["batch", 3, 4, 2] } },
      { x: floats([1, 2, 8, 4], 1), gate: floats([1, 3, 4, 2], 2) },
      { x: floats([3, 2, 8, 4], 3), gate: floats([3, 3, 4, 2], 4) },
    ),
    of(
      "digits",
      digits,
      { inputs: { pixels: ["batch", 64] } },
      { pixels: floats([1, 64], 1) },
      { pixels: floats([7, 64], 2) },
    ),
    of("normed", normed, { inputs: { x: ["batch", 6] } }, { x: floats([3, 6], 1) }, { x: floats([4, 6], 2) }),
    of(
      "resnet",
      resnet,
      { inputs: { x: ["batch", 1, 7, 7] } },
      { x: floats([1, 1, 7, 7], 1) },
      { x: floats([3, 1, 7, 7], 2) },
    ),
    of("lengths", attention, { inputs: long }, { x: sequence(1, 5, 1) }, { x: sequence(3, 2, 2) }),
    of(
      "causal",
      attention,
      { inputs: long, forward: ({ x }) => attention.forward(x!, x!, x!, { causal: true }) },
      { x: sequence(1, 5, 1) },
      { x: sequence(3, 2, 2) },
    ),
    of(
      "positions",
      new T.Sequential(new T.SinusoidalPositions(4), linear(4, 2)),
      { inputs: { x: ["batch", 5, 4] } },
      { x: sequence(2, 5, 1) },
      { x: sequence(3, 5, 2) },
    ),
    of(
      "TransformerEncoderLayer of any length",
      encoder,
      { inputs: long },
      { x: sequence(2, 3, 1) },
      { x: sequence(1, 6, 2) },
    ),
    of(
      "TransformerDecoderLayer",
      decoder,
      { inputs: { x: ["batch", "length", 4], memory: ["batch", "before", 4] } },
      { x: sequence(2, 3, 1), memory: sequence(2, 5, 2) },
      { x: sequence(1, 4, 3), memory: sequence(1, 2, 4) },
    ),
  ];
}

/** The same with parameters and inputs of float32. */
export function inFloat32({ model, options, batches, ...rest }: Subject): Subject | null {
  if (options.forward !== undefined) return null; // it holds the model
  const copy = fromJSON(JSON.parse(JSON.stringify(model).replaceAll("float64", "float32")));
  const state = [...model.stateDict()].map(([name, x]) => [name, narrow(x)] as const);
  copy.loadStateDict(new Map(state));
  const inputs = Object.fromEntries(
    Object.entries(options.inputs).map(([name, spec]) => {
      const { shape, dtype = "float32" } = Array.isArray(spec)
        ? { shape: spec }
        : (spec as { shape: number[]; dtype?: T.DType });
      return [name, { shape, dtype: dtype === "float64" ? "float32" : dtype }] as const;
    }),
  );
  const narrowed = batches.map((batch) =>
    Object.fromEntries(Object.entries(batch).map(([name, x]) => [name, narrow(x)])),
  );
  return { ...rest, model: copy, options: { ...options, inputs }, batches: narrowed };
}

const narrow = (x: T.Tensor): T.Tensor => (x.dtype === "float64" ? x.to("float32") : x);

/** What the model itself gives. */
export function expected({ model, options }: Subject, batch: { readonly [name: string]: T.Tensor }): T.Tensor {
  const y = options.forward?.(batch) ?? model.eval().forward(...(Object.values(batch) as [T.Tensor, ...never[]]));
  return y as T.Tensor;
}
