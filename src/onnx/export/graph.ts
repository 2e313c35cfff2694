import { isFloat } from "../../core/dtype.ts";
import { ValueError } from "../../core/errors.ts";
import type { Layer } from "../../nn/layer.ts";
import { tensorsOf } from "../../nn/reflect.ts";
import { addOp } from "../../ops/add.ts";
import { convInputOp, convOp } from "../../ops/conv.ts";
import { matmulOp } from "../../ops/matmul.ts";
import { reshapeOp } from "../../ops/reshape.ts";
import type { Tensor } from "../../tensor.ts";
import { isBroken } from "../names.ts";
import { elements, type GraphProto, type TensorProto, type ValueInfo } from "../schema.ts";
import { elementOf } from "../tensors.ts";
import { Emission, type Row } from "./emission.ts";
import { writeLeaf } from "./leaves.ts";
import { type Match, match } from "./match.ts";
import { rowOf } from "./rows/index.ts";
import { convolution, product, transposed } from "./rows/products.ts";
import type { Sizes } from "./sizes.ts";
import { Templates } from "./templates.ts";
import { nowhere, type Place, refuse, type Step, type Trace } from "./trace.ts";
import type { Range } from "./trials.ts";
import type { Writer } from "./writer.ts";

/** What a step is written as: by its row; as a template's operator; or with the product before it, whose bias it adds. */
type Plan = { readonly match: Match } | { readonly product: number; readonly bias: Tensor } | "row";

/**
 * The graph of a model that was traced, at one or several sizes of its inputs.
 *
 * @param ranges - sizes that the model takes, where not all.
 * @param shapes - the sizes of the inputs' axes, by name, as they are to stand in the file.
 * @param isWhole - whether tensors are written, too; else it is found out whether all can be.
 */
export function graphOf(
  traces: readonly Trace[],
  ranges: ReadonlyMap<string, Range>,
  shapes: ReadonlyMap<string, readonly (number | string)[]>,
  state: ReadonlyMap<Tensor, string>,
  opset: number,
  sizes: Sizes,
  isWhole = true,
): GraphProto {
  const [first] = traces as [Trace];
  const { steps } = first;
  const { writer } = sizes;
  const initializers: TensorProto[] = [];
  /** Names of values, for the tensors of the first trace. */
  const names = new Map<Tensor, string>();
  const outputs = reserve(writer, [...shapes.keys()], first.outputs, [...state.values()]);
  const checked = new Set<string>();
  for (const [name, x] of first.inputs) {
    names.set(x, guarded(writer, name, shapes.get(name)!, ranges, checked));
    sizes.add(
      name,
      traces.map(({ inputs }) => inputs.get(name)!.shape),
      shapes.get(name)!,
    );
  }
  const order = [...state.values()].reverse();
  const made = new Map(steps.map(({ result }, i) => [result, i] as const));
  const { plans, needed } = planOf(traces, made, opset);
  const firstUse = new Map<Tensor, readonly [step: number, input: number]>();
  steps.forEach(({ inputs }, i) => {
    inputs.forEach((x, k) => {
      if (!firstUse.has(x)) firstUse.set(x, [i, k]);
    });
  });

  for (let i = 0; i < steps.length; i++) {
    if (!needed.has(steps[i]!.result)) continue;
    const name = write(i, plans.get(i)!);
    names.set(steps[i]!.result, name);
    sizes.add(
      name,
      traces.map((trace) => trace.steps[i]!.result.shape),
    );
  }
  const sources = first.outputs.map(([, x], k) => {
    const at = made.get(x);
    return at === undefined && !names.has(x)
      ? leaf(
          traces.map((trace) => trace.outputs[k]![1]),
          { op: { name: "an output" }, site: nowhere() },
          [],
        )
      : names.get(x)!;
  });
  finish(writer, sources, outputs);
  return {
    nodes: writer.nodes,
    name: "model",
    initializers: initializers.sort((a, b) => order.indexOf(a.name!) - order.indexOf(b.name!)),
    sparse: [],
    inputs: [...first.inputs].map(([name, x]) => info(name, x, shapes.get(name)!)),
    outputs: first.outputs.map(([, x], k) => info(outputs[k]!, x, sizesOf(k))),
  };

  function write(i: number, plan: Plan): string {
    const own = traces.map((trace) => trace.steps[i]!);
    if (plan === "row") {
      return knownRow(own[0]!)(new Emission(writer, opset, own, inputsOf(i), sizes));
    }
    if ("product" in plan) {
      const inner = traces.map((trace) => trace.steps[plan.product]!);
      const bias = nameOf(plan.bias, i);
      const call = new Emission<never>(writer, opset, inner, inputsOf(plan.product), sizes);
      const { op } = inner[0]!;
      if (op === (convInputOp as Step["op"])) return transposed(call, bias);
      return op === (convOp as Step["op"]) ? convolution(call, bias) : product(call, bias);
    }
    const { template, holes, number } = plan.match;
    const call = new Emission(writer, opset, own, [], sizes);
    return template.write(
      call,
      holes.map((x) => nameOf(x, plan.match.start)),
      number,
    );
  }

  function inputsOf(i: number): string[] {
    return steps[i]!.inputs.map((x) => nameOf(x, i));
  }

  /** The name of a tensor that step `i` uses, directly or in its run. */
  function nameOf(x: Tensor, i: number): string {
    const known = names.get(x);
    if (known !== undefined) return known;
    const use = firstUse.get(x);
    if (use !== undefined) {
      const [at, k] = use;
      const near = steps[at]!.inputs.flatMap((other) => names.get(other) ?? []);
      return leaf(
        traces.map((trace) => trace.steps[at]!.inputs[k]!),
        steps[at]!,
        near,
      );
    }
    return refuse(steps[i]!.site, "every value must be computed by an op", "one that is not");
  }

  function leaf(xs: readonly Tensor[], step: Place, near: readonly string[]): string {
    const [x] = xs as [Tensor];
    const own = state.get(x);
    if (own === undefined || xs.some((other) => other !== x)) return writeLeaf(xs, step, near, writer, sizes);
    if (isWhole) initializers.push(writer.tensor(x, own));
    names.set(x, own);
    return own;
  }

  function sizesOf(k: number): readonly (number | string | null)[] {
    const all = traces.map((trace) => trace.outputs[k]![1].shape);
    return all[0]!.map((n, axis) => {
      const column = all.map((shape) => shape[axis]!);
      if (column.every((other) => other === n)) return n;
      for (const [name, sizes] of shapes) {
        const at = sizes.findIndex((size, d) => {
          return typeof size === "string" && traces.every(({ inputs }, t) => inputs.get(name)!.shape[d] === column[t]);
        });
        if (at >= 0) return sizes[at]!;
      }
      return null;
    });
  }
}

/** The tensors of a model's state, and their names: of one that has several, the first. */
export function stateOf(model: Layer): Map<Tensor, string> {
  const named = tensorsOf(model).map(([name, x]) => [x, name] as const);
  return new Map(named.reverse());
}

/** Takes the names that are not the writer's to choose, and refuses those that two would have. */
function reserve(
  writer: Writer,
  inputs: readonly string[],
  outputs: Trace["outputs"],
  state: readonly string[],
): string[] {
  const kinds = [
    ["an input", inputs],
    ["an output", outputs.map(([name]) => name)],
    ["a tensor of the model", state],
  ] as const;
  const known = new Map<string, string>();
  for (const [kind, names] of kinds) {
    for (const name of names) {
      const other = known.get(name);
      if (other !== undefined || name === "") {
        const got = name === "" ? `"" for ${kind}` : `${name} for ${other} and ${kind}`;
        throw new ValueError("toOnnx", "names of inputs, outputs and tensors must differ", got, "give the input or output another name"); // biome-ignore format: one line
      }
      if (isBroken(name)) {
        throw new ValueError(
          "toOnnx",
          "a name must be text that UTF-8 can hold",
          `${JSON.stringify(name)} for ${kind}`,
        );
      }
      known.set(name, kind);
      writer.take(name);
    }
  }
  return [...kinds[1][1]];
}

/**
 * An input whose sizes are looked at in each run, where not all are taken; its name, or that of what passes it on. A reshape to its own shape changes nothing; to one that is larger along each axis, it fails, with its name.
 */
function guarded(
  writer: Writer,
  name: string,
  shape: readonly (number | string)[],
  ranges: ReadonlyMap<string, Range>,
  checked: Set<string>,
): string {
  let own = name;
  shape.forEach((symbol, axis) => {
    if (typeof symbol === "number" || checked.has(symbol)) return;
    checked.add(symbol); // a run with other sizes in another input is refused as it is
    const range = ranges.get(symbol);
    if (range === undefined) return;
    const [least, most] = range;
    const whole = writer.node("", "Shape", [name]);
    const size = writer.node("", "Gather", [whole, writer.ints([axis])]);
    const outside = [
      ...(least > 1 ? [writer.node("", "Less", [size, writer.ints([least])])] : []),
      ...(Number.isFinite(most) ? [writer.node("", "Greater", [size, writer.ints([most])])] : []),
    ];
    const isOutside = outside.length === 1 ? outside[0]! : writer.node("", "Or", outside);
    const more = writer.node("", "Cast", [isOutside], { to: elements.int64 });
    const target = writer.node("", "Add", [whole, more]);
    const rule = Number.isFinite(most) ? `from ${least} to ${most}` : `${least} or more`;
    own = writer.node(`${symbol} must be ${rule}`, "Reshape", [own, target]);
  });
  return own;
}

/** The row of an op that is the library's. */
export function knownRow({ op, site }: Step): Row<unknown> {
  const hint = "write it with the library's ops";
  return rowOf(op) ?? refuse(site, "every op must be one of the library's", op.name, hint);
}

/** From the end, what is needed for the outputs, and how it is written. */
function planOf(traces: readonly Trace[], made: ReadonlyMap<Tensor, number>, opset: number) {
  const [{ steps, outputs }] = traces as [Trace];
  const users = new Map<Tensor, number[]>();
  const use = (x: Tensor, i: number): void => {
    const before = users.get(x);
    if (before === undefined) users.set(x, [i]);
    else before.push(i);
  };
  for (const [i, { inputs }] of steps.entries()) for (const x of inputs) use(x, i);
  for (const [, x] of outputs) use(x, steps.length);
  const needed = new Set(outputs.map(([, x]) => x));
  const plans = new Map<number, Plan>();
  const templates = new Templates(opset);
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i]!;
    if (!needed.has(step.result)) continue;
    const plan = matched(i) ?? fused(i) ?? "row";
    plans.set(i, plan);
    const uses =
      plan === "row" ? step.inputs : "match" in plan ? plan.match.holes : [...steps[plan.product]!.inputs, plan.bias];
    for (const x of uses) needed.add(x);
  }
  return { plans, needed };

  function matched(i: number): Plan | null {
    const { shape, dtype } = steps[i]!.result;
    for (const [k, template] of templates.for(shape, dtype).entries()) {
      const found = match(template(), steps, i, users);
      if (found !== null && traces.every((trace) => isMatched(found, k, trace, i))) return { match: found };
    }
    return null;
  }

  /** Whether a trace has the same there: what fits at one size only is written op by op. */
  function isMatched({ start, holes, number }: Match, k: number, trace: Trace, i: number): boolean {
    if (trace.steps === steps) return true;
    // What was left out there, since it would have changed nothing, is not in the template for that shape either.
    if (trace.steps.slice(start, i + 1).some((step) => step.result === step.inputs[0])) return true;
    const { shape, dtype } = trace.steps[i]!.result;
    // Which templates there are follows from the dtype and the number of axes; what is used on the way was checked.
    const found = match(templates.for(shape, dtype)[k]!(), trace.steps, i, new Map());
    return (
      found !== null &&
      found.number === number &&
      holes.every((hole, j) => {
        const at = steps.findIndex(({ inputs }, step) => step >= start && inputs.includes(hole));
        return trace.steps[at]!.inputs[steps[at]!.inputs.indexOf(hole)] === found.holes[j];
      })
    );
  }

  /** A sum that adds a bias to a product or a convolution which nothing else uses. */
  function fused(i: number): Plan | null {
    const { op, inputs, result } = steps[i]!;
    if (op !== (addOp as Step["op"]) || !isFloat(result.dtype)) return null;
    for (const [at, other] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const [x, bias] = [inputs[at]!, inputs[other]!];
      const before = made.get(x);
      if (before === undefined || users.get(x)!.length > 1 || x === bias) continue;
      const isWhole = traces.every((trace) => {
        const { inputs, result } = trace.steps[i]!;
        return `${inputs[at]!.shape}` === `${result.shape}`;
      });
      if (x.dtype !== result.dtype || bias.dtype !== result.dtype || !isWhole) continue;
      const inner = steps[before]!;
      if (inner.inputs.some(({ dtype }) => dtype !== result.dtype)) continue;
      if (inner.op === (matmulOp as Step["op"]) && x.shape.length === 2) return { product: before, bias };
      const channels = made.get(bias);
      if (![convOp, convInputOp].includes(inner.op as typeof convOp) || channels === undefined) continue;
      const shaped = steps[channels]!;
      const source = shaped.inputs[0]!;
      const isPerChannel = traces.every((trace) => {
        const [x, bias] = [trace.steps[i]!.inputs[at]!, trace.steps[i]!.inputs[other]!];
        const { size } = trace.steps[channels]!.inputs[0]!;
        return bias.shape.length === x.shape.length - 1 && bias.shape[0] === x.shape[1] && bias.size === size;
      });
      if (shaped.op === (reshapeOp as Step["op"]) && isPerChannel && source.shape.length === 1) {
        return { product: before, bias: source };
      }
    }
    return null;
  }
}

/** Gives outputs their names: those of the nodes that make them, or, for anything that is no node's own, an Identity. */
function finish(writer: Writer, sources: readonly string[], outputs: readonly string[]): void {
  sources.forEach((source, k) => {
    const node = writer.nodes.find((other) => other.outputs.includes(source));
    const isOnce = sources.indexOf(source) === k && sources.lastIndexOf(source) === k;
    if (node === undefined || !isOnce) {
      writer.node("", "Identity", [source]);
      writer.nodes.at(-1)!.outputs = [outputs[k]!];
      return;
    }
    for (const other of writer.nodes) {
      other.inputs = other.inputs.map((name) => (name === source ? outputs[k]! : name));
      other.outputs = other.outputs.map((name) => (name === source ? outputs[k]! : name));
    }
  });
}

function info(name: string, { dtype }: Tensor, shape: readonly (number | string | null)[]): ValueInfo {
  const dims = shape.map((size) => {
    return typeof size === "number" ? { value: BigInt(size) } : size === null ? {} : { param: size };
  });
  return { name, type: { tensor: { element: BigInt(elementOf(dtype)), shape: { dims } } } };
}
