import type { DType } from "../../core/dtype.ts";
import { tensor } from "../../create.ts";
import { toUtf8 } from "../../safetensors/utf8.ts";
import type { Tensor } from "../../tensor.ts";
import type { AttributeProto, NodeProto, TensorProto } from "../schema.ts";
import { writeTensor } from "../tensors.ts";

/** The value of a node's attribute. A list of whole numbers is `ints`. */
export type AttributeValue = number | { readonly float: number } | string | readonly number[] | TensorProto;

/** Collects the nodes of a graph, and gives them names. */
export class Writer {
  readonly nodes: NodeProto[] = [];
  readonly #taken = new Set<string>();
  readonly #constants = new Map<string, string>();

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
    const name = this.node("", "Constant", [], { value: writeTensor(x, undefined, isIndex) });
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
