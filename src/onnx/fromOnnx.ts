import { type Bytes, bytesOf } from "../core/bytes.ts";
import { DTypeError, isTinygradError, textOf, ValueError } from "../core/errors.ts";
import { checkOptions } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Layer } from "../nn/layer.ts";
import { isPlain } from "../nn/reflect.ts";
import type { Tensor } from "../tensor.ts";
import { OnnxError } from "./error.ts";
import { type Graph, graphOf, type OnnxValueInfo } from "./import/graph.ts";
import { checkFit, OnnxModel } from "./import/model.ts";
import { modelProto } from "./schema.ts";
import { isInteger, type Value } from "./tensors.ts";
import { readMessage } from "./wire.ts";

/** Options of {@link fromOnnx}. */
export interface FromOnnxOptions {
  /** Inputs that are given once and for all, by name: those that decide shapes, say, which must be known when the file is read. */
  readonly constants?: { readonly [name: string]: Tensor };
}

/** What a model that was read has beside what all layers have. */
export interface OnnxRunner {
  /** What it takes. */
  readonly inputs: readonly OnnxValueInfo[];
  /** What it gives. */
  readonly outputs: readonly OnnxValueInfo[];
  /**
   * Runs a model of any number of inputs and outputs.
   *
   * @param inputs - a tensor for each input, by name.
   * @returns the outputs, by name.
   * @throws `ValueError` for an input that is missing, or that there is not; `ShapeError` for a shape that does not fit; `DTypeError` for floats where the file wants whole numbers, and for anything that is not bool where it wants bools; whatever the operators throw, with the node that threw it.
   */
  run(inputs: { readonly [name: string]: Tensor }): { [name: string]: Tensor };
}

/** What {@link fromOnnx} returns. */
export interface OnnxImport {
  /** The model: a layer, whose `forward` is for one input and one output, and `run` for any. */
  readonly model: Layer & OnnxRunner;
  /** What it takes. */
  readonly inputs: readonly OnnxValueInfo[];
  /** What it gives. */
  readonly outputs: readonly OnnxValueInfo[];
}

/**
 * Reads a model from an ONNX file, as PyTorch, TensorFlow, scikit-learn and {@link toOnnx} write them. The result is a layer: it can be run, trained further, compiled, and looked into.
 *
 * The weights of the file are the layer's parameters, under the names that they have there; running statistics are buffers. Whatever does not depend on inputs and weights, such as
 * shapes, is computed when the file is read. Integers of all widths are `int32` here, and float16 and bfloat16 are `float32`. What a model does in training (dropout, statistics of a batch) is
 * left out: it behaves as in use, but gradients flow.
 *
 * The file need not be trusted: whatever is wrong with it, an error says so, and no memory is taken for anything that is not in it.
 *
 * @param bytes - the file, in a `Uint8Array`, a `Buffer`, an `ArrayBuffer` or other bytes, of any realm.
 * @param options - `constants`: inputs that are given once and for all.
 * @returns the model, and what it takes and gives.
 * @throws {@link OnnxError} with a `code`: MALFORMED for bytes that are no such file, INVALID for one that breaks the format's rules, UNSUPPORTED for operators that there are not, or sets of them newer than 24 (all at
 * once, with the nodes' names), NOT_CONSTANT for shapes that depend on inputs' values. `ValueError` for anything but bytes, and for constants that are no inputs; `ShapeError` and `DTypeError` for those that the file says other shapes or dtypes of.
 * @example
 * import { Linear, ones, relu, Sequential } from "tinygrad-ts";
 * import { fromOnnx, toOnnx } from "tinygrad-ts/onnx";
 *
 * const trained = new Sequential(new Linear(3, 4), relu, new Linear(4, 2));
 * const bytes = toOnnx(trained, { inputs: { x: ["batch", 3] } });
 * const { model, inputs } = fromOnnx(bytes);
 * inputs; // → [{ name: "x", shape: ["batch", 3], dtype: "float32" }]
 * [...model.namedParameters().keys()]; // → ["layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias"]
 * model.forward(ones([5, 3])).shape; // → [5, 2]
 */
export function fromOnnx(bytes: Bytes, options: FromOnnxOptions = {}): OnnxImport {
  const { constants = {} } = checkOptions("fromOnnx", options, { constants: "any" });
  refuseMore("fromOnnx", arguments, 2);
  const file = bytesOf("fromOnnx", bytes, "read the file first: await readFile(path), or await response.arrayBuffer()");
  const graph = graphOf(readMessage("fromOnnx", file, modelProto));
  const fixed = fixedOf(graph, constants);
  const model = inName(() => new OnnxModel(graph, fixed));
  return { model, inputs: model.inputs, outputs: model.outputs };
}

/** Inputs that are given as constants. */
function fixedOf(graph: Graph, constants: FromOnnxOptions["constants"]): Map<string, Value> {
  if (!isPlain(constants)) {
    throw new ValueError(
      "fromOnnx",
      "constants must be an object",
      textOf(constants),
      "write { constants: { name: x } }",
    );
  }
  const sizes = new Map<string, readonly [number, string]>();
  return new Map(
    Object.entries(constants).map(([name, x]): [string, Value] => {
      const info = graph.inputs.find((input) => input.name === name);
      if (info === undefined) {
        const names = graph.inputs.map((input) => input.name).join(", ");
        throw new ValueError("fromOnnx", "constants must be inputs of the model", name, `there are ${names || "none"}`);
      }
      if (!isTensor(x)) throw new ValueError("fromOnnx", "constants must be tensors", `${textOf(x)} for ${name}`);
      const type = graph.types.get(name)!;
      checkFit("fromOnnx", info, x, sizes);
      checkValues(info, x, isInteger(type));
      return [name, { x: x.detach().to(isInteger(type) ? "float64" : info.dtype), type, isFixed: true }];
    }),
  );
}

/** Refuses a constant whose values the file's dtype does not hold. */
function checkValues({ name, dtype }: OnnxValueInfo, x: Tensor, isWhole: boolean): void {
  if (dtype === "bool" && x.dtype !== "bool") {
    throw new DTypeError("fromOnnx", `${name} must be bool`, describe(x), "compare first: x.ne(0)");
  }
  const other = isWhole ? x.values.find((v) => !Number.isSafeInteger(v)) : undefined;
  if (other === undefined) return;
  throw new DTypeError("fromOnnx", `${name} must be of whole numbers`, `${other} in ${describe(x)}`);
}

/** What an op refuses while the file is read is the file's fault. */
function inName<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof OnnxError || !isTinygradError(error)) throw error;
    const refusal = new OnnxError("INVALID", "fromOnnx", "its nodes must be ones that can be computed", error.message);
    refusal.cause = error;
    throw refusal;
  }
}
