import { noGrad } from "../core/apply.ts";
import { type DType, getDefaultDtype } from "../core/dtype.ts";
import { DTypeError, ShapeError, textOf } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { isTensor, runtime } from "../core/runtime.ts";
import { formatShape, type Shape } from "../core/shape.ts";
import type { Accelerator } from "../core/tracer.ts";
import { zeros } from "../create.ts";
import type { MatmulAttrs } from "../ops/matmul.ts";
import { defaultGenerator } from "../random/generator.ts";
import type { Tensor } from "../tensor.ts";
import type { Layer } from "./layer.ts";
import { checkLayer, layersOf, membersOf, tensorsOf } from "./reflect.ts";
import { type ForwardListener, watchForward } from "./watch.ts";

/**
 * A table of a model's layers: their settings, parameters and counts, and the multiply-adds that they do. A function of its own, so programs without it do not carry it.
 *
 * @param model - a layer; those inside it are listed too.
 * @param inputShapes - if given, zeros of this shape are run through the model (out of training, and leaving no trace), and the
 * table shows the shape of each layer's output, and how many multiply-adds products of matrices and convolutions do in it for this input, all layers inside included. (Activations, normalization, pooling and
 * other work on single elements count for nothing, as is usual.) A shape for each input of a model with several.
 * @returns text of several lines.
 * @throws {@link ValueError} for anything that is not a model; {@link ShapeError} for anything that is not a shape; and what the model throws for an input of this shape.
 * @example
 * console.log(summary(new Sequential(new Linear(64, 32), relu, new Linear(32, 10)), [1, 64]));
 */
export function summary(model: Layer, ...inputShapes: readonly Shape[]): string {
  checkLayer("summary", model);
  for (const shape of inputShapes) checkShape(shape, inputShapes);
  const uses = inputShapes.length === 0 ? undefined : usesOf(model, inputShapes);
  const rows = layersOf(model).map(([path, layer]) => {
    const own = membersOf(layer).filter((member): member is [string, Tensor] => isTensor(member[1]));
    const parameters = own.map(([name, x]) => `${name} ${formatShape(x.shape)}${x.requiresGrad ? "" : " (frozen)"}`);
    const count = own.reduce((n, [, x]) => n + x.size, 0);
    const use = uses?.get(layer);
    const output = uses ? [use?.outputs.join(", ") ?? "not used"] : [];
    const work = uses ? [counted(use?.multiplyAdds)] : [];
    return [path || "(all)", layer.describe(), ...output, parameters.join(", "), counted(count), ...work];
  });
  const [output, work] = uses ? [["Output"], ["Multiply-adds"]] : [[], []];
  const table = [["Layer", "Kind", ...output, "Parameters", "Count", ...work], ...rows];
  const isNumber = (c: number): boolean => c > table[0]!.indexOf("Parameters");
  const widths = table[0]!.map((_, c) => table.reduce((width, row) => Math.max(width, row[c]!.length), 0));
  const lines = table.map((row) =>
    row.map((text, c) => (isNumber(c) ? text.padStart(widths[c]!) : text.padEnd(widths[c]!))),
  );
  const [head, ...body] = lines.map((line) => line.join("  ").trimEnd());
  const rule = "─".repeat(head!.length);
  const tensors = [...new Set(tensorsOf(model).map(([, x]) => x))];
  const total = (trainable: boolean): string =>
    grouped(tensors.reduce((n, x) => (x.requiresGrad === trainable ? n + x.size : n), 0));
  return [head, rule, ...body, rule, `${total(true)} trainable, ${total(false)} frozen`].join("\n");
}

function checkShape(shape: unknown, all: readonly unknown[]): void {
  const isNested = Array.isArray(shape) && shape.some(Array.isArray);
  if (Array.isArray(shape) && !isNested) return;
  const numbers = all.filter((n) => typeof n === "number");
  const wide = numbers.length > 1 ? numbers : [1, numbers[0] ?? "…"];
  const of = isNested ? "write a shape for each input: summary(model, [1, 3], [1, 5])" : `write [${wide.join(", ")}]`;
  throw new ShapeError(
    "summary",
    "the input's shape must be an array",
    textOf(shape),
    isTensor(shape) ? "pass x.shape" : of,
  );
}

/** What a layer does in a run. */
interface Use {
  readonly outputs: string[];
  multiplyAdds: number;
}

/**
 * The shapes that each layer returns for an input of zeros, and its work. The model runs out of training and unrecorded. What it may have written to its
 * buffers or drawn is undone.
 */
function usesOf(root: Layer, shapes: readonly Shape[]): Map<Layer, Use> {
  const seen = new Map<Layer, Use>();
  const under: Layer[] = []; // the layers that are under way
  const modes = layersOf(root).map(([, layer]) => [layer, layer.training] as const);
  const tensors = tensorsOf(root).map(([, x]) => ({ x, before: x.detach() }));
  const own = new Set(tensors.map(({ x }) => x));
  const generator = defaultGenerator();
  const { state } = generator;
  const several: { forward(...inputs: readonly Tensor[]): Tensor } = root;
  const run = (of: DType): Tensor => several.forward(...shapes.map((shape) => zeros(shape, { dtype: of })));
  const useOf = (layer: Layer): Use => {
    const use = seen.get(layer) ?? { outputs: [], multiplyAdds: 0 };
    seen.set(layer, use);
    return use;
  };
  const listener: ForwardListener = {
    enter: (_, layer) => under.push(layer),
    leave: (_, layer, y) => useOf(layer).outputs.push(formatShape(y.shape)),
    end: () => under.pop(),
  };
  const count: Accelerator = (op, out, inputs, attrs) => {
    if (op.name === "conv" && isSum(inputs[1]!, own)) return false;
    const work = multiplyAddsOf(op, out.length, inputs, attrs);
    if (work > 0) for (const layer of new Set(under)) useOf(layer).multiplyAdds += work;
    return false; // it computes nothing itself
  };
  try {
    root.eval();
    const dtype = root.parameters()[0]?.dtype ?? getDefaultDtype();
    runtime.accelerators.push(count);
    watchForward(root, listener, () =>
      noGrad(() => {
        try {
          run(dtype);
        } catch (error) {
          // A model that begins with an embedding takes indices. What takes neither is right about the floats.
          if (!(error instanceof DTypeError)) throw error;
          seen.clear();
          try {
            run("int32");
          } catch {
            throw error;
          }
        }
      }),
    );
  } finally {
    runtime.accelerators.splice(runtime.accelerators.indexOf(count), 1);
    for (const [layer, mode] of modes) layer.training = mode;
    for (const { x, before } of tensors) if (x.values !== before.values) x.assign(before);
    generator.state = state;
  }
  return seen;
}

/** Whether a convolution has equal weights that are none of the model's own: pooling adds up its windows so. */
function isSum(weight: Tensor, own: ReadonlySet<Tensor>): boolean {
  return !own.has(weight) && weight.values.every((w) => w === weight.values[0]);
}

/** How many multiplications an op does whose products are added up. Zeros around an image count, too. */
function multiplyAddsOf(op: Op, size: number, [a, b]: readonly Tensor[], attrs: unknown): number {
  switch (op.name) {
    case "matmul":
      return size * a!.sizes.at((attrs as MatmulAttrs).transposeA ? -2 : -1)!;
    case "conv": // x, w
      return size * (b!.size / b!.sizes[0]!);
    case "convInput": // g, w
      return a!.size * (b!.size / b!.sizes[0]!);
    case "convWeight": // x, g
      return size * (b!.size / b!.sizes[1]!);
    default:
      return 0;
  }
}

function counted(n: number | undefined): string {
  return n ? grouped(n) : "";
}

function grouped(n: number): string {
  return n.toLocaleString("en-US");
}
