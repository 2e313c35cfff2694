import type { DType } from "../../core/dtype.ts";
import { tensor } from "../../create.ts";
import { toUtf8 } from "../../safetensors/utf8.ts";
import type { Tensor } from "../../tensor.ts";
import { OnnxError } from "../error.ts";
import type { AttributeProto, NodeProto, TensorProto } from "../schema.ts";
import { writeTensor } from "../tensors.ts";

/** The value of a node's attribute. A list of whole numbers is `ints`. */
export type AttributeValue = number | { readonly float: number } | string | readonly number[] | TensorProto;

/** Most bytes of tensors: a message of protobuf is smaller than 2 GiB, and the graph needs some, too. */
const most = 2 ** 31 - 2 ** 20;

const bytesPerElement = { float32: 4, float64: 8, int32: 4, bool: 1 } as const;

/** Collects the nodes of a graph, and gives them names. */
export class Writer {
  readonly nodes: NodeProto[] = [];
  readonly #taken = new Set<string>();
  readonly #constants = new Map<string, string>();
  #bytes = 0;

  /** The model's state, and constants: counted before memory is taken for the file. */
  tensor(x: Tensor, name?: string, isIndex = false): TensorProto {
    this.#bytes += x.size * (isIndex ? 8 : bytesPerElement[x.dtype]);
    if (this.#bytes <= most) return writeTensor(x, name, isIndex);
    const hint =
      "save the weights as safetensors, which hold any size, or write parts of the model as files of their own";
    throw new OnnxError("NOT_EXPORTABLE", "toOnnx", "a file holds less than 2 GiB", `${this.#bytes} bytes of weights`, hint); // biome-ignore format: one line
  }

  /** Reserves a name. */
  take(name: string): string {
    let free = name;
    for (let i = 1; this.#taken.has(free); i++) free = `${name}_${i}`;
    this.#taken.add(free);
    return free;
  }

  /** Adds a node, named by the layer that it belongs to, and returns the name of its (first) result. */
  node(
    path: string,
    type: string,
    inputs: readonly string[],
    attributes: { readonly [name: string]: AttributeValue } = {},
  ): string {
    const name = this.take(path === "" ? type : `${path}/${type}`);
    const output = this.take(`${name}_output`);
    this.nodes.push({
      type,
      name,
      inputs: [...inputs],
      outputs: [output],
      attributes: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    });
    return output;
  }

  /** A constant, which is written once. Constants are nodes; what is in the file as a tensor is the model's state. */
  constant(x: Tensor, isIndex = false): string {
    const key = `${isIndex} ${x.dtype} ${x.shape} ${x.size <= 64 ? [...x.values].map((v) => (Object.is(v, -0) ? "-0" : v)) : ""}`;
    const known = x.size <= 64 ? this.#constants.get(key) : undefined;
    if (known !== undefined) return known;
    const name = this.node("", "Constant", [], { value: this.tensor(x, undefined, isIndex) });
    if (x.size <= 64) this.#constants.set(key, name);
    return name;
  }

  /** A number. */
  scalar(value: number, dtype: DType): string {
    return this.constant(tensor(value, { dtype }));
  }

  /** A list of whole numbers: sizes or axes. */
  ints(values: readonly number[]): string {
    return this.constant(tensor(Float64Array.from(values)), true);
  }
}

function attribute(name: string, value: AttributeValue): AttributeProto {
  const empty = { name, floats: [], ints: [], strings: [] };
  if (typeof value === "number") return { ...empty, i: BigInt(value), type: 2n };
  if (typeof value === "string") return { ...empty, s: toUtf8(value), type: 3n };
  if (Array.isArray(value)) return { ...empty, ints: (value as number[]).map(BigInt), type: 7n };
  if ("float" in value) return { ...empty, f: Math.fround(value.float), type: 1n };
  return { ...empty, t: value as TensorProto, type: 4n };
}
