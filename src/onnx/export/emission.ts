import { type DType, isFloat, promote } from "../../core/dtype.ts";
import type { Shape } from "../../core/shape.ts";
import { full, tensor } from "../../create.ts";
import { elements } from "../schema.ts";
import type { Sizes } from "./sizes.ts";
import { refuse, type Step } from "./trace.ts";
import type { AttributeValue, Writer } from "./writer.ts";

/** Writes one op as nodes, and returns the name of the result. */
export type Row<A> = (call: Emission<A>) => string;

/** What a row knows of its op, as it was applied in each of the traces. */
export class Emission<A = unknown> {
  readonly writer: Writer;
  readonly opset: number;
  /** The names of the inputs in the graph. */
  readonly names: readonly string[];
  readonly #steps: readonly Step[];
  readonly #sizes: Sizes;

  constructor(writer: Writer, opset: number, steps: readonly Step[], names: readonly string[], sizes: Sizes) {
    this.writer = writer;
    this.opset = opset;
    this.names = names;
    this.#steps = steps;
    this.#sizes = sizes;
  }

  get #step(): Step {
    return this.#steps[0]!;
  }

  /** The op's attributes, if they are the same for all sizes: of those that are not, `fixed`, `each` or `sizes` ask for a part. */
  get attrs(): A {
    return this.fixed("an attribute", (attrs) => attrs);
  }

  /** The dtype of the result. */
  get dtype(): DType {
    return this.#step.result.dtype;
  }

  /** The number of axes of the result. */
  get rank(): number {
    return this.#step.result.shape.length;
  }

  /** The first input, as it is. */
  get x(): string {
    return this.names[0]!;
  }

  /** The dtype of input `i`. */
  dtypeOf(i: number): DType {
    return this.#step.inputs[i]!.dtype;
  }

  /** The sizes of a kernel, the second input, along its spatial axes. */
  get kernel(): Shape {
    return this.fixed("a kernel", (_, { inputs }) => inputs[1]!.shape.slice(2));
  }

  /** Something that must be the same for all sizes, since it is no value in ONNX. */
  fixed<T>(what: string, select: (attrs: A, step: Step) => T): T {
    const [first, ...others] = this.#steps.map((step) => select(step.attrs as A, step));
    const own = textOf(first);
    const differs = others.map(textOf).find((other) => other !== own);
    if (differs !== undefined) {
      const got = `${own} and ${differs} for ${this.#step.op.name}`;
      refuse(this.#step.site, `${what} must not depend on an input's size`, got, "give that size as a number");
    }
    return first!;
  }

  /** Whole numbers as a value in the graph: those that depend on inputs' sizes are computed there. */
  sizes(select: (attrs: A, step: Step) => readonly number[]): string {
    const lists = this.#steps.map((step) => select(step.attrs as A, step));
    return this.#sizes.list(lists, this.#step, this.names);
  }

  /** What each of the traces says. */
  each<T>(select: (attrs: A, step: Step) => T): T[] {
    return this.#steps.map((step) => select(step.attrs as A, step));
  }

  /** Adds a node in the layer's name. */
  node(type: string, inputs: readonly string[], attributes?: { readonly [name: string]: AttributeValue }): string {
    return this.writer.node(this.#step.path, type, inputs, attributes);
  }

  /** A number of the result's dtype, or of another. */
  scalar(value: number, dtype = this.dtype): string {
    return this.writer.scalar(value, dtype);
  }

  /** A whole number as ONNX takes sizes, axes and the like. */
  scalarInt(value: number): string {
    return this.writer.constant(tensor(value, { dtype: "float64" }), true);
  }

  /** A tensor of one number, as long as the result along some of its axes. */
  filled(value: number, axes: (shape: Shape) => Shape): string {
    const shapes = this.each((_, { result }) => axes(result.shape));
    if (shapes.some((other) => `${other}` !== `${shapes[0]}`)) {
      return this.node("Expand", [this.scalar(value), this.sizes((_, { result }) => axes(result.shape))]);
    }
    return this.writer.constant(full(shapes[0]!, value, { dtype: this.dtype as "float32" }));
  }

  /** A list of numbers of a dtype. */
  constant(values: readonly number[], dtype: DType): string {
    return this.writer.constant(tensor(values, { dtype }));
  }

  /** A list of whole numbers. */
  ints(values: readonly number[]): string {
    return this.writer.ints(values);
  }

  /** A value in another dtype. */
  cast(name: string, from: DType, to: DType): string {
    return from === to ? name : this.node("Cast", [name], { to: elements[to] });
  }

  /** Input `i` in a dtype; the result's if none is said. */
  as(i: number, dtype = this.dtype): string {
    return this.cast(this.names[i]!, this.dtypeOf(i), dtype);
  }

  /** All inputs in the dtype that the first two have in common. */
  get common(): string[] {
    const dtype = promote(this.dtypeOf(0), this.dtypeOf(1));
    return this.names.map((_, i) => this.as(i, dtype));
  }

  /** Whether the result is floating. */
  get isFloat(): boolean {
    return isFloat(this.dtype);
  }

  /** Refuses the op. */
  refuse(rule: string, hint = ""): never {
    return refuse(this.#step.site, rule, this.#step.op.name, hint);
  }
}

/** JSON, which has no infinities of its own. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    return typeof part === "number" && !Number.isFinite(part) ? String(part) : part;
  });
}
