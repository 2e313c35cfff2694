import { version } from "../../package.json";
import { type DType, dtypes, getDefaultDtype } from "../core/dtype.ts";
import { isTinygradError, textOf, ValueError } from "../core/errors.ts";
import { checkOptions } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Layer } from "../nn/layer.ts";
import { checkLayer, isPlain, tensorsOf } from "../nn/reflect.ts";
import type { Tensor } from "../tensor.ts";
import { type Range, rangesOf } from "./export/trials.ts";
import { type Forward, type InputSpec, written } from "./export/written.ts";
import { isBroken, listOf } from "./names.ts";
import { type GraphProto, modelProto } from "./schema.ts";
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
  /**
   * Which sizes the axes with names may have, each by its name: `{ batch: [1, 64] }`; up to `Infinity` for any from the first on. Of a small range, each size is tried. The file refuses others when it is run.
   * Any from 1 on if none are given.
   */
  readonly sizes?: { readonly [name: string]: readonly [least: number, most: number] };
  /** The version of the operator set, from 17 to 21; 17 by default, which all runtimes of today read. */
  readonly opset?: number;
  /** What to compute, if it is not `model.forward` of the inputs: say with a mask, or several results by name. */
  readonly forward?: (inputs: { readonly [name: string]: Tensor }) => Tensor | { readonly [name: string]: Tensor };
}

/** Versions of the format that go with those of the operator set. */
const irVersions: { readonly [opset: number]: bigint } = { 17: 8n, 18: 8n, 19: 9n, 20: 9n, 21: 10n };

/**
 * Writes a model as an ONNX file, which onnxruntime and others run, on servers, on phones and in browsers.
 *
 * The model is run as it is used (`eval()`), and what it computes is written, op by op; where ONNX has an operator for several (`Gemm`, `Conv`, `BatchNormalization`,
 * `LayerNormalization`, `Gelu` from version 20 on), that one. Nodes and weights have the names of their layers: `layers.0.weight`. An axis that has a name instead of a size may have any size
 * in each run: the model is run at many, from 1 to a million, and what depends on the size is computed in the file, or refused. A decision at sizes, or runs of sizes, between those that are tried, as `if (n > 514 && n < 999)`, cannot be seen: state with `sizes` for
 * which the file is, and up to 256 of them are tried one by one. Whatever a file cannot do is an error: decisions that depend on values,
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
  checkLayer("toOnnx", model);
  const {
    inputs,
    sizes,
    opset = 17,
    forward,
  } = checkOptions("toOnnx", options, {
    inputs: "any",
    sizes: "any",
    opset: "number",
    forward: "function",
  });
  refuseMore("toOnnx", arguments, 2);
  const irVersion = irVersions[opset];
  if (irVersion === undefined) throw new ValueError("toOnnx", "opset must be from 17 to 21", String(opset));
  const specs = inputsOf(model, inputs);
  const names = [...new Set(specs.flatMap(([, { shape }]) => shape.filter((size) => typeof size === "string")))];
  if (sizes !== undefined && !isPlain(sizes)) {
    throw new ValueError("toOnnx", "sizes must be ranges by name", textOf(sizes), "write sizes: { batch: [1, 64] }");
  }
  const fileOf = (graph: GraphProto, ranges: ReadonlyMap<string, Range>): Uint8Array => {
    return writeMessage(
      {
        irVersion,
        producerName: "tinygrad-ts",
        producerVersion: version,
        opsetImport: [{ domain: "", version: BigInt(opset) }],
        graph,
        metadata: remarksOf(model, ranges),
        functions: [],
      },
      modelProto,
    );
  };
  const bytes = written(model, forwardOf(model, forward), specs, names, rangesOf(sizes ?? {}, names), fileOf, opset);
  return bytes as Uint8Array & { readonly buffer: ArrayBuffer };
}

function inputsOf(model: Layer, given: ToOnnxOptions["inputs"]): [string, InputSpec][] {
  const example = 'write { inputs: { x: ["batch", 784] } }';
  if (!isPlain(given) || Object.keys(given).length === 0) {
    throw new ValueError("toOnnx", "needs the inputs' shapes by name", textOf(given), example);
  }
  const usual = model.parameters()[0]?.dtype ?? getDefaultDtype();
  return Object.entries(given).map(([name, spec]) => {
    if (isTensor(spec)) {
      const hint = `write ${name}: ["batch", ${spec.shape.slice(1).join(", ")}]: its shape, with a name for what may be any size`;
      throw new ValueError("toOnnx", "an input is given by its shape", textOf(spec), hint);
    }
    const isOptions = typeof spec === "object" && spec !== null;
    const { shape, dtype = usual } =
      Array.isArray(spec) || !isOptions
        ? { shape: spec as OnnxShape }
        : (checkOptions("toOnnx", spec as InputSpec, { shape: "any", dtype: dtypes }) as {
            shape: OnnxShape;
            dtype?: DType;
          });
    if (name.trim() === "") throw new ValueError("toOnnx", "an input must have a name", JSON.stringify(name), example);
    if (!Array.isArray(shape)) {
      const got = `${textOf(shape)} for ${name}`;
      throw new ValueError("toOnnx", "a shape must be a list of whole numbers and names", got, example);
    }
    const wrong = [...shape].find((size) => faultOf(size) !== null);
    if (wrong !== undefined || shape.includes(undefined as never)) {
      const hint = faultOf(wrong) ?? "";
      const got = `${listOf(shape)} for ${name}`;
      throw new ValueError("toOnnx", "a shape must be of whole numbers and names", got, hint);
    }
    return [name, { shape, dtype }];
  });
}

/** What to write instead of a size that is none; null for one that is. */
function faultOf(size: unknown): string | null {
  const example = 'a name for an axis of any size: ["batch", 784]';
  if (typeof size === "string") {
    if (size.trim() === "") return `a name must not be empty; write ${example}`;
    if (isBroken(size)) return `a name must be text that UTF-8 can hold; write ${example}`;
    return Number.isNaN(Number(size)) ? null : `write ${size} without quotes for a size, or ${example}`;
  }
  if (Number.isSafeInteger(size) && (size as number) >= 0) return null;
  if (typeof size === "bigint") return `write ${size} for a size, or ${example}`;
  return `write ${example}`;
}

/** How the model is run. */
function forwardOf(model: Layer, forward: ToOnnxOptions["forward"]): Forward {
  return (inputs) => {
    const y =
      forward === undefined
        ? model.forward(...([...inputs.values()] as [Tensor, ...never[]]))
        : forward(Object.fromEntries(inputs));
    if (isTensor(y) || (isPlain(y) && Object.keys(y).length > 0 && Object.values(y).every(isTensor))) return y;
    throw new ValueError("toOnnx", "the model must return a tensor, or tensors by name", textOf(y));
  };
}

/** What stands beside the graph: the architecture, if the layers say it, and which tensors are not trained. */
function remarksOf(model: Layer, ranges: ReadonlyMap<string, Range>): { key: string; value: string }[] {
  const remarks = [
    {
      key: "tinygrad-ts.fixed",
      value: JSON.stringify(tensorsOf(model).flatMap(([name, x]) => (x.requiresGrad ? [] : [name]))),
    },
  ];
  if (ranges.size > 0) {
    const text = Object.fromEntries(
      [...ranges].map(([name, [least, most]]) => [name, [least, Number.isFinite(most) ? most : null]]),
    );
    remarks.push({ key: "tinygrad-ts.sizes", value: JSON.stringify(text) });
  }
  try {
    remarks.push({ key: "tinygrad-ts.architecture", value: JSON.stringify(model) });
  } catch (error) {
    if (!isTinygradError(error)) throw error; // a class of your own need not say what it is made with
  }
  return remarks;
}
