import type { DType } from "../../core/dtype.ts";
import { OnnxError } from "../error.ts";
import { elementName, type ModelProto, type ValueInfo } from "../schema.ts";
import { dtypeOf, readTensor, type Value } from "../tensors.ts";
import { Node } from "./node.ts";
import { rules } from "./rules.ts";

/** What a model takes, or gives. */
export interface OnnxValueInfo {
  /** Its name. */
  readonly name: string;
  /** Sizes of its axes: a number, the name of one that is given with each input, or null for one that is not said. Null if nothing is said of the shape. */
  readonly shape: readonly (number | string | null)[] | null;
  /** The dtype that it has here: integers of all widths are `int32`. */
  readonly dtype: DType;
}

/** A graph, checked: each node's inputs are there before it, and each name is given once. */
export interface Graph {
  readonly opset: number;
  readonly nodes: readonly Node[];
  /** Tensors that are in the file. */
  readonly initializers: ReadonlyMap<string, Value>;
  /** What is to be given with each run. */
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  /** Tensors in the file that belong to the model's state, and are not trained; null where the file does not say. */
  readonly notTrained: ReadonlySet<string> | null;
  /** Element types of inputs and outputs, by name. */
  readonly types: ReadonlyMap<string, number>;
}

const op = "fromOnnx";

/** The newest operator set whose operators are known: a newer one may mean something else by a name. */
const newest = 24;

/** Reads the graph of a model. */
export function graphOf(model: ModelProto): Graph {
  const graph = model.graph ?? invalid("needs a graph", "none");
  if (graph.sparse.length > 0) unsupported("tensors must be dense", "sparse initializers");
  const opset = opsetOf(model);
  const nodes = graph.nodes.map((proto) => new Node(proto));
  checkOperators(nodes);
  const initializers = new Map<string, Value>();
  for (const proto of graph.initializers) {
    const { name = "" } = proto;
    if (name === "") invalid("a tensor in the file must have a name", "none");
    if (initializers.has(name)) invalid("a name must be given once", quoted(name));
    initializers.set(name, readTensor(op, proto, quoted(name)));
  }
  const types = new Map<string, number>();
  const inputs = graph.inputs
    .filter(({ name }) => !initializers.has(name ?? ""))
    .map((info) => read(info, types, true));
  const outputs = graph.outputs.map((info) => read(info, types, false));
  checkNames(nodes, inputs, initializers, outputs);
  return { opset, nodes, initializers, inputs, outputs, notTrained: remarkOf(model), types };
}

function opsetOf({ opsetImport, graph }: ModelProto): number {
  const own = opsetImport.find(({ domain = "" }) => domain === "" || domain === "ai.onnx");
  if (own === undefined && graph?.nodes.every(({ domain = "" }) => domain !== "" && domain !== "ai.onnx")) return 1;
  const version = Number(own?.version ?? 1n);
  if (!(version >= 1 && version <= 2 ** 31)) invalid("the operator set must have a version", String(version));
  if (version <= newest) return version;
  const hint = `write the file for version ${newest} or an older one: onnx.version_converter.convert_version(model, 21)`;
  const rule = `the operator set must be one of version 1 to ${newest}`;
  throw new OnnxError("UNSUPPORTED", op, rule, String(version), hint);
}

/** Which tensors `toOnnx` says are not trained: they are buffers, or frozen. */
function remarkOf({ metadata }: ModelProto): Set<string> | null {
  const text = metadata.find(({ key }) => key === "tinygrad-ts.fixed")?.value;
  if (text === undefined) return null;
  let names: unknown;
  try {
    names = JSON.parse(text);
  } catch {
    names = null; // whoever wrote it, it was not this library
  }
  const isList = Array.isArray(names) && names.every((name) => typeof name === "string");
  return isList ? new Set(names as string[]) : invalid("tinygrad-ts.fixed must be a list of names", quoted(text));
}

/** Refuses all operators that there are no rules for, at once. */
function checkOperators(nodes: readonly Node[]): void {
  const missing = new Map<string, string[]>();
  for (const node of nodes) {
    if (node.domain === "" && !node.hasGraphs && rules().has(node.type)) continue;
    const name = node.operator + (node.hasGraphs ? ", control flow" : "");
    missing.set(name, [...(missing.get(name) ?? []), node.label]);
  }
  if (missing.size === 0) return;
  const got = [...missing].map(([name, labels]) => {
    const more = labels.length > 3 ? ` and ${labels.length - 3} more` : "";
    return `${name} (${labels.slice(0, 3).join(", ")}${more})`;
  });
  unsupported("all operators must be ones that this library has", got.join(", "));
}

function read(info: ValueInfo, types: Map<string, number>, isInput: boolean): OnnxValueInfo {
  const { name = "", type } = info;
  if (name === "") invalid("inputs and outputs must have names", "none");
  const what = `${isInput ? "input" : "output"} ${quoted(name)}`;
  if (type?.tensor === undefined) {
    if (!isInput && type === undefined) return { name, shape: null, dtype: "float32" };
    unsupported("inputs and outputs must be tensors", what);
  }
  const element = Number(type.tensor.element ?? 0n);
  const dtype =
    dtypeOf(element) ??
    unsupported("inputs and outputs must be numbers or bools", `${elementName(element)} of ${what}`);
  types.set(name, element);
  const shape = type.tensor.shape?.dims.map(({ value, param }) => {
    if (value === undefined) return param || null;
    const size = Number(value);
    return Number.isSafeInteger(size) && size >= 0
      ? size
      : invalid("a size must be a whole number", `${size} of ${what}`);
  });
  return { name, shape: shape ?? null, dtype };
}

/** Whether each name is given once, before it is used; and which inputs each node depends on. Nodes of a graph stand in the order in which they can be computed; so there is no cycle. */
function checkNames(
  nodes: readonly Node[],
  inputs: readonly OnnxValueInfo[],
  initializers: ReadonlyMap<string, Value>,
  outputs: readonly OnnxValueInfo[],
): void {
  const known = new Set(initializers.keys());
  for (const { name } of inputs) {
    if (known.has(name)) invalid("a name must be given once", quoted(name));
    known.add(name);
  }
  const origins = new Map(inputs.map(({ name }) => [name, [name]] as [string, readonly string[]]));
  const later = new Set(nodes.flatMap((node) => node.outputs));
  for (const node of nodes) {
    for (const name of node.inputs) {
      if (name === "" || known.has(name)) continue;
      const got = later.has(name) ? `${quoted(name)}, which a later node makes` : quoted(name);
      invalid(`the inputs of ${node.place} must be there before it`, got);
    }
    node.origins = node.inputs.map((name) => origins.get(name) ?? []);
    // The shape of a value is known, whatever the value depends on.
    const behind = node.type === "Shape" || node.type === "Size" ? [] : [...new Set(node.origins.flat())];
    for (const name of node.outputs) {
      if (name === "") continue;
      if (behind.length > 0) origins.set(name, behind);
      if (known.has(name)) invalid("a name must be given once", quoted(name));
      known.add(name);
    }
  }
  if (outputs.length === 0) invalid("a model must have an output", "none");
  for (const { name } of outputs) if (!known.has(name)) invalid("an output must be made by a node", quoted(name));
}

export function quoted(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
}

function invalid(rule: string, got: string): never {
  throw new OnnxError("INVALID", op, rule, got);
}

function unsupported(rule: string, got: string): never {
  throw new OnnxError("UNSUPPORTED", op, rule, got);
}
