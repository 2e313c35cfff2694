import { version } from "../../package.json";
import { type DType, dtypes, getDefaultDtype } from "../core/dtype.ts";
import { isTinygradError, textOf, ValueError } from "../core/errors.ts";
import { checkOptions } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import { refuseMore } from "../core/surplus.ts";
import { full } from "../create.ts";
import type { Layer } from "../nn/layer.ts";
import { checkLayer, isPlain, tensorsOf } from "../nn/reflect.ts";
import type { Tensor } from "../tensor.ts";
import { OnnxError } from "./error.ts";
import { graphOf } from "./export/graph.ts";
import { type Trace, trace } from "./export/trace.ts";
import { modelProto } from "./schema.ts";
import { writeMessage } from "./wire.ts";

/** Sizes of an input's axes: numbers, and names of those that may be any with each run. */
export type OnnxShape = readonly (number | string)[];

/** An input of a model, where its shape does not say enough. */
export interface OnnxInput {
  /** Its shape. */
  readonly shape: OnnxShape;
  /** Its dtype; that of the model's parameters if left out. */
  readonly dtype?: DType;
}

/** Options of {@link toOnnx}. */
export interface ToOnnxOptions {
  /**
   * What `forward` takes, in its order, each by the name that it is to have in the file: its shape, or that and its dtype. `["batch", 784]` may have any size along its first axis.
   * The dtype is that of the model's parameters if none is given.
   */
  readonly inputs: {
    readonly [name: string]: OnnxShape | OnnxInput;
  };
  /** The version of the operator set, from 17 to 21; 17 by default, which all runtimes of today read. */
  readonly opset?: number;
  /** What to compute, if it is not `model.forward` of the inputs: say with a mask, or several results by name. */
  readonly forward?: (inputs: { readonly [name: string]: Tensor }) => Tensor | { readonly [name: string]: Tensor };
}

/** Versions of the format that go with those of the operator set. */
const irVersions: { readonly [opset: number]: bigint } = { 17: 8n, 18: 8n, 19: 9n, 20: 9n, 21: 10n };

/** Sizes at which a model is tried that does not take small ones. */
const starts = [2, 8, 32, 96];

/**
 * Writes a model as an ONNX file, which onnxruntime and others run, on servers, on phones and in browsers.
 *
 * The model is run as it is used (`eval()`), and what it computes is written, op by op; where ONNX has an operator for several (`Gemm`, `Conv`, `BatchNormalization`,
 * `LayerNormalization`, `Gelu` from version 20 on), that one. Nodes and weights have the names of their layers: `layers.0.weight`. An axis that has a name instead of a size may have any size
 * in each run: the model is run at several, and what depends on the size is computed in the file, or refused; nothing is frozen silently. So is whatever a file cannot do: decisions that depend on values,
 * random numbers, ops without an operator.
 *
 * Parameters and buffers are written with the values that they have now; the model is not changed. {@link fromOnnx} reads the file again.
 *
 * @param model - a layer.
 * @param options - {@link ToOnnxOptions}: `inputs`, and `opset` and `forward` if you like.
 * @returns the file. The same model gives the same bytes.
 * @throws {@link OnnxError} NOT_EXPORTABLE for what a file cannot say, with the line that did it; `ValueError` for options that are none; what the model throws for inputs of these shapes.
 * @example
 * import { Linear, relu, Sequential, tensor } from "tinygrad-ts";
 * import { fromOnnx, toOnnx } from "tinygrad-ts/onnx";
 *
 * const model = new Sequential(new Linear(784, 32), relu, new Linear(32, 10));
 * const bytes = toOnnx(model, { inputs: { pixels: ["batch", 784] } });
 * fromOnnx(bytes).model.describe(); // → OnnxModel(pixels: [batch, 784] → output: [batch, 10])
 */
export function toOnnx(
  model: Layer,
  options: ToOnnxOptions,
): Uint8Array & {
  /** Memory of its own, which is not shared. */
  readonly buffer: ArrayBuffer;
} {
  refuseMore("toOnnx", arguments, 2);
  checkLayer("toOnnx", model);
  const {
    inputs,
    opset = 17,
    forward,
  } = checkOptions("toOnnx", options, {
    inputs: "any",
    opset: "number",
    forward: "function",
  });
  const irVersion = irVersions[opset];
  if (irVersion === undefined) throw new ValueError("toOnnx", "opset must be from 17 to 21", String(opset));
  const specs = inputsOf(model, inputs);
  const shapes = new Map(specs.map(([name, { shape }]) => [name, shape]));
  const graph = graphOf(model, tracesOf(model, specs, forward), shapes, opset);
  const size = graph.initializers.reduce((sum, { raw }) => sum + raw!.length, 0);
  if (size > 2 ** 31 - 2 ** 20) {
    throw new OnnxError("NOT_EXPORTABLE", "toOnnx", "a file holds less than 2 GiB", `${size} bytes of weights`);
  }
  return writeMessage(
    {
      irVersion,
      producerName: "tinygrad-ts",
      producerVersion: version,
      opsetImport: [{ domain: "", version: BigInt(opset) }],
      graph,
      metadata: remarksOf(model),
      functions: [],
    },
    modelProto,
  ) as Uint8Array & { readonly buffer: ArrayBuffer };
}

interface InputSpec {
  readonly shape: OnnxShape;
  readonly dtype: DType;
}

function inputsOf(model: Layer, given: ToOnnxOptions["inputs"]): [string, InputSpec][] {
  const example = 'write { inputs: { x: ["batch", 784] } }';
  if (!isPlain(given) || Object.keys(given).length === 0) {
    throw new ValueError("toOnnx", "needs the inputs' shapes by name", textOf(given), example);
  }
  const usual = model.parameters()[0]?.dtype ?? getDefaultDtype();
  return Object.entries(given).map(([name, spec]) => {
    const { shape, dtype = usual } = Array.isArray(spec)
      ? { shape: spec as OnnxShape }
      : (checkOptions("toOnnx", spec as InputSpec, { shape: "any", dtype: dtypes }) as {
          shape: OnnxShape;
          dtype?: DType;
        });
    const isSize = (size: unknown): boolean => {
      return typeof size === "string" ? size !== "" : Number.isSafeInteger(size) && (size as number) >= 0;
    };
    if (name === "" || !Array.isArray(shape) || !shape.every(isSize)) {
      const got = Array.isArray(shape)
        ? `[${shape.map(String).join(", ")}] for ${name}`
        : `${textOf(shape)} for ${name}`;
      throw new ValueError("toOnnx", "a shape must be of whole numbers and names", got, example);
    }
    return [name, { shape, dtype }];
  });
}

/** Runs the model at one size if all are given, else at four. */
function tracesOf(
  model: Layer,
  specs: readonly (readonly [string, InputSpec])[],
  forward: ToOnnxOptions["forward"],
): Trace[] {
  const symbols = [...new Set(specs.flatMap(([, { shape }]) => shape.filter((size) => typeof size === "string")))];
  let refusal: unknown;
  for (const start of symbols.length === 0 ? [0] : starts) {
    // No two names have the same size in all, no product of them looks like another, and each is even and odd: half of it and twice that is not it.
    const n = symbols.length;
    const steps = n === 0 ? [[]] : [0, 1, 2, 3].map((t) => symbols.map((_, k) => sizeIn(start, t, k, n)));
    try {
      return steps.map((sizes) => traceAt(model, specs, (name) => sizes[symbols.indexOf(name)]!, forward));
    } catch (error) {
      if (!isTinygradError(error) || error instanceof OnnxError) throw error;
      refusal ??= error; // of the smallest sizes: a kernel that needs more may be satisfied by larger ones
    }
  }
  throw refusal;
}

/** The size of name `k` of `n` in trace `t`. */
function sizeIn(start: number, t: number, k: number, n: number): number {
  return start + t * n + k * [1, 1, 2, 2][t]! + (t < 3 ? 0 : 1 + (n % 2));
}

function traceAt(
  model: Layer,
  specs: readonly (readonly [string, InputSpec])[],
  sizeOf: (symbol: string) => number,
  forward: ToOnnxOptions["forward"],
): Trace {
  const given = new Map(
    specs.map(([name, { shape, dtype }]) => {
      const sizes = shape.map((size) => (typeof size === "string" ? sizeOf(size) : size));
      return [name, full(sizes, dtype === "int32" || dtype === "bool" ? 0 : 0.5, { dtype })];
    }),
  );
  const run = (): ReturnType<NonNullable<typeof forward>> => {
    const y =
      forward === undefined
        ? model.forward(...([...given.values()] as [Tensor, ...never[]]))
        : forward(Object.fromEntries(given));
    if (isTensor(y) || (isPlain(y) && Object.keys(y).length > 0 && Object.values(y).every(isTensor))) return y;
    throw new ValueError("toOnnx", "the model must return a tensor, or tensors by name", textOf(y));
  };
  return trace(model, given, run);
}

/** What stands beside the graph: the architecture, if the layers say it, and which tensors are not trained. */
function remarksOf(model: Layer): { key: string; value: string }[] {
  const remarks = [
    {
      key: "tinygrad-ts.fixed",
      value: JSON.stringify(tensorsOf(model).flatMap(([name, x]) => (x.requiresGrad ? [] : [name]))),
    },
  ];
  try {
    remarks.push({ key: "tinygrad-ts.architecture", value: JSON.stringify(model) });
  } catch (error) {
    if (!isTinygradError(error)) throw error; // a class of your own need not say what it is made with
  }
  return remarks;
}
