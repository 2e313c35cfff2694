import { isFloat } from "../../core/dtype.ts";
import { withState } from "../../core/runtime.ts";
import { fromUtf8 } from "../../safetensors/utf8.ts";
import type { Tensor } from "../../tensor.ts";
import { OnnxError } from "../error.ts";
import { type AttributeProto, elements, type NodeProto } from "../schema.ts";
import { shortest } from "../shortest.ts";
import { dtypeOf, elementOf, isInteger, readTensor, type Value } from "../tensors.ts";
import { checkRoom } from "./guard.ts";

/** What a rule returns for one output: a tensor, whose element type follows from that of the first input; or with another type. */
export type Result = Tensor | { readonly x: Tensor; readonly type: number; readonly isFixed?: boolean };

/** Computes a node. */
export type Rule = (call: Call) => Result | readonly Result[];

/** The rules of a family of operators, by type. */
export type Rules = { readonly [type: string]: Rule };

/** A node of a graph, with its attributes read once. */
export class Node {
  readonly type: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** For each input, the inputs of the model that it depends on. */
  origins: readonly (readonly string[])[] = [];
  readonly #name: string;
  readonly #attributes = new Map<string, AttributeProto>();

  constructor({ type = "", domain = "", name = "", inputs, outputs, attributes }: NodeProto) {
    this.type = type;
    this.domain = domain === "ai.onnx" ? "" : domain;
    this.inputs = inputs;
    this.outputs = outputs;
    this.#name = name;
    for (const attribute of attributes) this.#attributes.set(attribute.name ?? "", attribute);
  }

  /** What the operator is called with its domain: `ai.onnx.ml:Scaler`. */
  get operator(): string {
    return (this.domain === "" ? "" : `${this.domain}:`) + this.type;
  }

  /** How errors name the node: by its name, or else by what it makes. */
  get label(): string {
    return this.#name || this.outputs.find((name) => name !== "") || "a node without a name";
  }

  /** What errors say of the node. */
  get place(): string {
    return `${this.operator} (${this.label})`;
  }

  /** Whether the node holds graphs, as control flow does. */
  get hasGraphs(): boolean {
    return [...this.#attributes.values()].some(({ g }) => g !== undefined);
  }

  attribute(name: string): AttributeProto | undefined {
    return this.#attributes.get(name);
  }

  get attributes(): readonly string[] {
    return [...this.#attributes.keys()];
  }
}

/** One evaluation of a node: what its rule sees. */
export class Call {
  readonly node: Node;
  /** The version of the operator set. */
  readonly opset: number;
  readonly inputs: readonly (Value | null)[];
  /** Whether all inputs are known without the model's inputs and parameters. */
  readonly isFixed: boolean;

  /** How many elements a value may have, if not all inputs are known. */
  readonly inRun: number;

  constructor(node: Node, opset: number, inputs: readonly (Value | null)[], inRun: number) {
    this.inRun = inRun;
    this.node = node;
    this.opset = opset;
    this.inputs = inputs;
    this.isFixed = inputs.every((value) => value === null || value.isFixed);
  }

  /** Whether input `i` is given. */
  has(i: number): boolean {
    return (this.inputs[i] ?? null) !== null;
  }

  /** Input `i`. */
  value(i: number): Value {
    return this.inputs[i] ?? this.invalid(`needs input ${i}`, "none");
  }

  /** The first input. */
  get x(): Tensor {
    return this.tensor(0);
  }

  /** The second. */
  get y(): Tensor {
    return this.tensor(1);
  }

  /** The element type of the first input. */
  get type(): number {
    return this.value(0).type;
  }

  /** Input `i` to compute with: integers are int32, unless all inputs are known. */
  tensor(i: number): Tensor {
    const { x, type } = this.value(i);
    return isInteger(type) && !this.isFixed && x.dtype !== "int32" ? x.to("int32") : x;
  }

  /** Input `i`, or null if it is left out. */
  optional(i: number): Tensor | null {
    return this.has(i) ? this.tensor(i) : null;
  }

  /** Input `i` as indices: int32 in any case. */
  indices(i: number): Tensor {
    return this.tensor(i).to("int32");
  }

  /** All inputs. */
  get tensors(): Tensor[] {
    return this.inputs.map((_, i) => this.tensor(i));
  }

  /** The numbers in input `i`, which must be known. */
  numbers(i: number): number[] {
    const { x, isFixed } = this.value(i);
    if (!isFixed) {
      const names = (this.node.origins[i] ?? []).map((name) => `${JSON.stringify(name)}: …`);
      const call = `fromOnnx(bytes, { constants: { ${names.join(", ")} } })`;
      const hint = names.length === 0 ? "" : `give what it depends on when you read the file: ${call}`;
      const got = names.length === 0 ? "a value that depends on weights" : "a value that depends on inputs";
      throw new OnnxError("NOT_CONSTANT", this.node.place, `input ${i} must be known`, got, hint);
    }
    return withState("tracer", null, () => [...x.values]);
  }

  /** The one number in input `i`. */
  number(i: number): number {
    const [value, ...more] = this.numbers(i);
    if (value === undefined || more.length > 0)
      return this.invalid(`input ${i} must be one number`, `${more.length + 1}`);
    return value;
  }

  /** An attribute that is a float. */
  float(name: string, otherwise: number): number {
    const value = this.node.attribute(name)?.f;
    return value === undefined ? otherwise : shortest(value);
  }

  /** An attribute that is an integer. */
  int(name: string, otherwise: number): number {
    const value = this.node.attribute(name)?.i;
    return value === undefined ? otherwise : Number(value);
  }

  /** An attribute that is a list of integers. */
  ints(name: string): number[] | null {
    return this.node.attribute(name)?.ints.map(Number) ?? null;
  }

  /** An attribute that is a list of floats. */
  floats(name: string): number[] | null {
    return this.node.attribute(name)?.floats.map(shortest) ?? null;
  }

  /** An attribute that is a text. */
  text(name: string, otherwise: string): string {
    const bytes = this.node.attribute(name)?.s;
    return bytes === undefined ? otherwise : (fromUtf8(bytes) ?? this.invalid(`${name} must be UTF-8`, "other bytes"));
  }

  /** An attribute that is a list of texts. */
  texts(name: string): string[] | null {
    const attribute = this.node.attribute(name);
    if (attribute === undefined) return null;
    return attribute.strings.map((bytes) => fromUtf8(bytes) ?? this.invalid(`${name} must be UTF-8`, "other bytes"));
  }

  /** An attribute that is a tensor. */
  constant(name: string): Value | null {
    const proto = this.node.attribute(name)?.t;
    return proto === undefined ? null : readTensor("fromOnnx", proto, `${name} of ${this.node.place}`);
  }

  /** Numbers that are an attribute in older versions, and input `i` in newer ones. */
  list(name: string, i: number): number[] | null {
    return this.has(i) ? this.numbers(i) : this.ints(name);
  }

  /** An axis of a tensor of so many axes, counted from the first. */
  axis(axis: number, rank: number): number {
    if (!Number.isInteger(axis) || axis < -rank || axis >= Math.max(rank, 1)) {
      this.invalid(`an axis must be one of ${rank}`, String(axis));
    }
    return axis < 0 ? axis + rank : axis;
  }

  /** A count that a value or an attribute says: a whole number, and none that memory would not hold. */
  count(what: string, n: number, least = 0): number {
    if (!Number.isSafeInteger(n) || n < least)
      this.invalid(`${what} must be a whole number from ${least} on`, String(n));
    checkRoom(this.node.place, [n]);
    return n;
  }

  /** Looks at a shape that the operator's numbers make, before memory is taken for it. */
  room(shape: readonly number[]): void {
    checkRoom(this.node.place, shape, this.isFixed ? null : this.inRun);
  }

  /** Refuses the node. */
  invalid(rule: string, got: string): never {
    throw new OnnxError("INVALID", this.node.place, rule, got);
  }

  /** Refuses what this library has no way to do. */
  unsupported(rule: string, got: string, hint = ""): never {
    throw new OnnxError("UNSUPPORTED", this.node.place, rule, got, hint);
  }
}

/** Which of a rule's results are values, with the dtype that they are held in. */
export function valuesOf(call: Call, results: Result | readonly Result[]): Value[] {
  const list = Array.isArray(results) ? (results as readonly Result[]) : [results as Result];
  const first = call.inputs.find((value) => value !== null)?.type ?? elements.float32;
  return list.map((result) => {
    const given = "type" in result ? result : { x: result, type: typeFor(result, first) };
    const isFixed = "isFixed" in given ? given.isFixed === true : call.isFixed;
    const dtype = isInteger(given.type) && isFixed ? "float64" : dtypeOf(given.type)!;
    return { x: given.x.to(dtype), type: given.type, isFixed };
  });
}

/** The element type of a result that a rule says none of: the first input's, where that fits. */
function typeFor(x: Tensor, first: number): number {
  if (x.dtype === "bool") return elements.bool;
  if (isInteger(first)) return first;
  if (isFloat(x.dtype) && dtypeOf(first) === x.dtype) return first;
  return x.dtype === "int32" ? elements.int64 : elementOf(x.dtype);
}
