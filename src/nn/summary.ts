import { noGrad } from "../core/apply.ts";
import { getDefaultDtype } from "../core/dtype.ts";
import { DTypeError, ShapeError, textOf } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";
import { formatShape, type Shape } from "../core/shape.ts";
import { zeros } from "../create.ts";
import { defaultGenerator } from "../random/generator.ts";
import type { Tensor } from "../tensor.ts";
import type { Layer } from "./layer.ts";
import { checkLayer, layersOf, membersOf, tensorsOf } from "./reflect.ts";
import { watchForward } from "./watch.ts";

/**
 * A table of a model's layers: their settings, parameters and counts. A function of its own, so that programs without it do not carry it.
 *
 * @param model - a layer; those inside it are listed too.
 * @param inputShape - if given, zeros of this shape are run through the model (out of training, and leaving no trace), and the
 * table shows the shape of each layer's output.
 * @returns text of several lines.
 * @throws {@link ValueError} for what is no model; {@link ShapeError} for what is no shape; and what the model throws for an input of this shape.
 * @example
 * console.log(summary(new Sequential(new Linear(64, 32), relu, new Linear(32, 10)), [1, 64]));
 */
export function summary(model: Layer, inputShape?: Shape): string {
  checkLayer("summary", model);
  if (inputShape !== undefined && !Array.isArray(inputShape)) {
    const hint = isTensor(inputShape)
      ? "pass x.shape"
      : `write [1, ${typeof inputShape === "number" ? inputShape : "…"}]`;
    throw new ShapeError("summary", "the input's shape must be an array", textOf(inputShape), hint);
  }
  const outputs = inputShape && outputsOf(model, inputShape);
  const rows = layersOf(model).map(([path, layer]) => {
    const own = membersOf(layer).filter((member): member is [string, Tensor] => isTensor(member[1]));
    const shapes = own.map(([name, x]) => `${name} ${formatShape(x.shape)}${x.requiresGrad ? "" : " (frozen)"}`);
    const count = own.reduce((n, [, x]) => n + x.size, 0);
    const output = outputs ? [outputs.get(layer)?.join(", ") ?? "not used"] : [];
    return [path || "(all)", layer.describe(), ...output, shapes.join(", "), count === 0 ? "" : grouped(count)];
  });
  const table = [["Layer", "Kind", ...(outputs ? ["Output"] : []), "Parameters", "Count"], ...rows];
  const widths = table[0]!.map((_, c) => table.reduce((width, row) => Math.max(width, row[c]!.length), 0));
  const lines = table.map((row) =>
    row.map((text, c) => (c < row.length - 1 ? text.padEnd(widths[c]!) : text.padStart(widths[c]!))),
  );
  const [head, ...body] = lines.map((line) => line.join("  ").trimEnd());
  const rule = "─".repeat(head!.length);
  const tensors = [...new Set(tensorsOf(model).map(([, x]) => x))];
  const total = (trainable: boolean): string =>
    grouped(tensors.reduce((n, x) => (x.requiresGrad === trainable ? n + x.size : n), 0));
  return [head, rule, ...body, rule, `${total(true)} trainable, ${total(false)} frozen`].join("\n");
}

/**
 * The shapes that each layer returns for an input of zeros. The model runs out of training and unrecorded. What it may have written to its
 * buffers or drawn is undone.
 */
function outputsOf(root: Layer, inputShape: Shape): Map<Layer, string[]> {
  const seen = new Map<Layer, string[]>();
  const modes = layersOf(root).map(([, layer]) => [layer, layer.training] as const);
  const tensors = tensorsOf(root).map(([, x]) => ({ x, before: x.detach() }));
  const generator = defaultGenerator();
  const { state } = generator;
  const leave = (_: string, layer: Layer, y: Tensor): void => {
    seen.set(layer, [...(seen.get(layer) ?? []), formatShape(y.shape)]);
  };
  try {
    root.eval();
    const dtype = root.parameters()[0]?.dtype ?? getDefaultDtype();
    watchForward(root, { leave }, () =>
      noGrad(() => {
        try {
          root.forward(zeros(inputShape, { dtype }));
        } catch (error) {
          // A model that begins with an embedding takes indices. What takes neither is right about the floats.
          if (!(error instanceof DTypeError)) throw error;
          seen.clear();
          try {
            root.forward(zeros(inputShape, { dtype: "int32" }));
          } catch {
            throw error;
          }
        }
      }),
    );
  } finally {
    for (const [layer, mode] of modes) layer.training = mode;
    for (const { x, before } of tensors) if (x.values !== before.values) x.assign(before);
    generator.state = state;
  }
  return seen;
}

function grouped(n: number): string {
  return n.toLocaleString("en-US");
}
