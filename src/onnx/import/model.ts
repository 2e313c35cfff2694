import { checkTensor } from "../../core/apply.ts";
import { isFloat } from "../../core/dtype.ts";
import { DTypeError, ShapeError, textOf, ValueError } from "../../core/errors.ts";
import { nearestOf } from "../../core/options.ts";
import { isTensor } from "../../core/runtime.ts";
import { describe } from "../../core/shape.ts";
import { refuseMore } from "../../core/surplus.ts";
import { Layer } from "../../nn/layer.ts";
import type { Tensor } from "../../tensor.ts";
import { isInteger, type Value } from "../tensors.ts";
import { evaluate } from "./evaluate.ts";
import type { Graph, OnnxValueInfo } from "./graph.ts";
import { checkKept, roomOf } from "./guard.ts";
import type { Node } from "./node.ts";
import { statistics, usedAsWeights } from "./weights.ts";

/** What is computed when the file is read, and what is left for each run. */
interface Plan {
  readonly graph: Graph;
  /** Values that are known. */
  readonly fixed: ReadonlyMap<string, Value>;
  readonly nodes: readonly Node[];
  /** For each tensor of the model, the name that it has in the graph, and its element type. */
  readonly state: ReadonlyMap<string, readonly [name: string, type: number]>;
}

/**
 * A model that {@link fromOnnx} has read: a layer like any other. Its parameters are the weights of the file, under the names that they have there; gradients flow, a compiled
 * function can call it, and it is saved as any layer is.
 *
 * @example
 * import { Linear, zeros } from "tinygrad-ts";
 * import { fromOnnx, toOnnx } from "tinygrad-ts/onnx";
 *
 * const { model } = fromOnnx(toOnnx(new Linear(3, 2), { inputs: { x: ["batch", 3] } }));
 * model.run({ x: zeros([5, 3]) }).output?.shape; // → [5, 2]
 */
export class OnnxModel extends Layer {
  readonly #plan: Plan;

  /** @internal Use {@link fromOnnx}. */
  constructor(graph: Graph, constants: ReadonlyMap<string, Value>) {
    super();
    const weights = usedAsWeights(graph.nodes);
    const running = statistics(graph.nodes);
    const fixed = new Map<string, Value>(constants);
    const state = new Map<string, readonly [string, number]>();
    for (const [name, value] of graph.initializers) {
      const isState = graph.notTrained !== null || weights.has(name) || running.has(name);
      const isWeight = value.x.dtype.startsWith("float") && !(graph.notTrained?.has(name) ?? running.has(name));
      if (!isState || isInteger(value.type)) {
        fixed.set(name, value);
        continue;
      }
      const own = fieldFor(this, name);
      value.x.requiresGrad = isWeight;
      Object.defineProperty(this, own, { value: value.x, enumerable: true, writable: true, configurable: true });
      state.set(own, [name, value.type]);
    }
    const inFile = [...graph.initializers.values()].reduce((sum, { x }) => sum + x.size, 0);
    let kept = 0;
    const nodes = graph.nodes.filter((node) => {
      if (!node.inputs.every((name) => name === "" || fixed.has(name))) return true;
      evaluate(node, graph.opset, fixed);
      kept += node.outputs.reduce((sum, name) => sum + (fixed.get(name)?.x.size ?? 0), 0);
      checkKept(kept, inFile);
      return false;
    });
    this.#plan = { graph, fixed, nodes, state };
  }

  /** What the model takes. */
  get inputs(): readonly OnnxValueInfo[] {
    return this.#plan.graph.inputs.filter(({ name }) => !this.#plan.fixed.has(name));
  }

  /** What it gives. */
  get outputs(): readonly OnnxValueInfo[] {
    return this.#plan.graph.outputs;
  }

  /**
   * Runs a model of any number of inputs and outputs.
   *
   * @param inputs - a tensor for each input, by name.
   * @returns the outputs, by name.
   * @throws `ValueError` for an input that is missing, or that there is not; `ShapeError` for a shape that does not fit; `DTypeError` for floats where the file wants whole numbers, and for anything that is not bool where it wants bools; whatever the operators throw, with the node that threw it.
   */
  run(inputs: { readonly [name: string]: Tensor }): { [name: string]: Tensor } {
    refuseMore("OnnxModel.run", arguments, 1, "write all inputs in one object");
    const { graph, fixed, nodes, state } = this.#plan;
    const values = new Map(fixed);
    for (const [own, [name, type]] of state) {
      values.set(name, { x: Reflect.get(this, own) as Tensor, type, isFixed: false });
    }
    const given = this.#given(inputs);
    const sizeOf = (all: Iterable<Tensor>): number => [...all].reduce((sum, { size }) => sum + size, 0);
    const inRun = roomOf(sizeOf(given.map(([, x]) => x)), sizeOf([...values.values()].map(({ x }) => x)));
    for (const [name, x] of given) values.set(name, { x, type: graph.types.get(name)!, isFixed: false });
    for (const node of nodes) evaluate(node, graph.opset, values, inRun);
    return Object.fromEntries(
      graph.outputs.map(({ name, dtype }) => {
        const { x } = values.get(name)!;
        return [name, graph.types.has(name) ? x.to(dtype) : x];
      }),
    );
  }

  /** Inputs, checked against what the file says of them. */
  #given(inputs: { readonly [name: string]: Tensor }): [string, Tensor][] {
    if (Object.prototype.toString.call(inputs) !== "[object Object]") {
      const names = this.inputs.map(({ name }) => name).join(", ");
      const hint = isTensor(inputs) ? "write model.forward(x)" : `write model.run({ ${names} })`;
      throw new ValueError("OnnxModel.run", "needs tensors by name", textOf(inputs), hint);
    }
    const names = this.inputs.map(({ name }) => name);
    for (const name of Object.keys(inputs)) {
      if (names.includes(name)) continue;
      const near =
        nearestOf(
          name,
          names.filter((other) => !Object.hasOwn(inputs, other)),
        ) ?? nearestOf(name, names);
      const hint = near === undefined ? `there are ${names.join(", ") || "none"}` : `did you mean ${near}?`;
      throw new ValueError("OnnxModel.run", "there is no such input", name, hint);
    }
    const sizes = new Map<string, readonly [number, string]>();
    const { graph, fixed } = this.#plan;
    for (const info of graph.inputs) {
      const known = fixed.get(info.name);
      if (known !== undefined) checkFit("OnnxModel.run", info, known.x, sizes);
    }
    return this.inputs.map((info) => {
      const { name } = info;
      if (!Object.hasOwn(inputs, name)) throw new ValueError("OnnxModel.run", "an input is missing", name);
      const x = inputs[name]!;
      checkTensor("OnnxModel.run", x, name);
      checkFit("OnnxModel.run", info, x, sizes);
      const isWhole = isInteger(graph.types.get(name)!);
      if ((isWhole && isFloat(x.dtype)) || (info.dtype === "bool" && x.dtype !== "bool")) {
        const hint = isWhole ? 'write x.to("int32")' : "compare first: x.ne(0)";
        throw new DTypeError("OnnxModel.run", `${name} must be ${info.dtype}`, x.dtype, hint);
      }
      return [name, x.to(info.dtype)];
    });
  }

  /**
   * Runs a model of one input and one output.
   *
   * @param x - its input.
   * @throws `ValueError` for a model of more, which {@link OnnxModel.run} is for.
   */
  override forward(x: Tensor): Tensor {
    const { inputs, outputs } = this;
    refuseMore("OnnxModel.forward", arguments, 1, `write model.run({ ${inputs.map(({ name }) => name).join(", ")} })`);
    if (inputs.length !== 1 || outputs.length !== 1) {
      const got = `${inputs.length} inputs and ${outputs.length} outputs`;
      const names = inputs.map(({ name }) => name).join(", ");
      throw new ValueError(
        "OnnxModel.forward",
        "is for one input and one output",
        got,
        `write model.run({ ${names} })`,
      );
    }
    return this.run({ [inputs[0]!.name]: x })[outputs[0]!.name]!;
  }

  /** `OnnxModel(inputs → outputs)`. */
  override describe(): string {
    const list = (infos: readonly OnnxValueInfo[]): string =>
      infos.map(({ name, shape }) => `${name}: [${shape?.map((n) => n ?? "?").join(", ") ?? "…"}]`).join(", ");
    return `OnnxModel(${list(this.inputs)} → ${list(this.outputs)})`;
  }
}

/** A name that is free on a layer: the tensor's own, unless a method has it. */
function fieldFor(layer: Layer, name: string): string {
  let own = name;
  while (own in layer || own === "__proto__") own = `${own}_`;
  return own;
}

/** Refuses an input of another shape than the file says, or whose axes of one name have other sizes than those of inputs before. */
export function checkFit(
  op: string,
  { name, shape }: OnnxValueInfo,
  x: Tensor,
  sizes: Map<string, readonly [number, string]>,
): void {
  if (shape === null) return;
  const wanted = `[${shape.map((n) => n ?? "?").join(", ")}]`;
  if (shape.length !== x.shape.length) throw new ShapeError(op, `${name} must be ${wanted}`, describe(x));
  shape.forEach((size, axis) => {
    const n = x.shape[axis]!;
    if (typeof size === "number" && size !== n) throw new ShapeError(op, `${name} must be ${wanted}`, describe(x));
    if (typeof size !== "string") return;
    const [other, where] = sizes.get(size) ?? [n, name];
    if (other !== n) {
      throw new ShapeError(op, `"${size}" must be the same in all inputs`, `${n} in ${name} and ${other} in ${where}`);
    }
    sizes.set(size, [n, name]);
  });
}
