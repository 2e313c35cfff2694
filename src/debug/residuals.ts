import { checkFunction } from "../core/arguments.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Layer } from "../nn/layer.ts";
import { checkLayer } from "../nn/reflect.ts";
import { type ResidualOf, type ResidualPoint, residualPoint } from "../nn/residualPoint.ts";
import { type ForwardListener, watchForward } from "../nn/watch.ts";
import type { Tensor } from "../tensor.ts";
import { type Statistics, short, statisticsOf, tableOf } from "./numbers.ts";
import { walkBackward } from "./walk.ts";

/** One call of a layer in a forward and backward pass. */
export interface ResidualRow {
  /** The layer's path in the model; empty for the model itself. */
  readonly path: string;
  /** The layer's kind and settings, as its `describe()` returns them. */
  readonly layer: string;
  /** Shape of its output. */
  readonly shape: readonly number[];
  /** Statistics of its output. */
  readonly activation: Statistics;
  /**
   * What the residual is the derivative with respect to: `"z"`, the layer's weighted sum, before any activation in its `forward`; or `"output"`, for a layer without a weighted sum of its own,
   * or with several.
   */
  readonly of: ResidualOf;
  /** Statistics of its residual, ∂loss/∂z or ∂loss/∂(its output); null if the loss does not depend on it. */
  readonly residual: Statistics | null;
}

/** What {@link residuals} returns. */
export interface ResidualTable {
  /** A row for each call of a layer, in the order in which the calls returned. */
  readonly rows: readonly ResidualRow[];
  /** The rows as a table. */
  toString(): string;
}

/**
 * Measures the activation and the residual of each layer in one forward and backward pass.
 *
 * The residual of a layer (also called error term) is δ = ∂loss/∂z, the derivative of the loss with respect to the layer's weighted sum z, before the activation. The weighted sum is what
 * the layer computes from its inputs with its weights and biases: the output of a `Linear` or `Bilinear`, and in your own layer the result of `linear`, `matmul`, `conv2d` or
 * `einsum` with the tensors in its fields, even if `forward` goes on to apply an activation. A layer without a weighted sum of its own (an activation, a normalization, an `Embedding`, a
 * container, the skip connection `Residual`), or with several (attention), has the residual ∂loss/∂(its output). Each row says in `of` which of the two it is.
 *
 * Norms that shrink from the last layer to the first mean that the first layers hardly learn (vanishing gradients). Norms that grow mean that steps may be too large. A share of zeros of 100 %
 * means that all units are dead.
 *
 * No `grad` changes.
 *
 * @param model - the model.
 * @param lossOf - runs the model and computes the loss, as a training step does.
 * @returns a row for each call of a layer; `String(…)` makes a table of them.
 * @throws `GradError` if the loss requires no gradient, or has more than one element; `ValueError` if `model` is not a layer, or `lossOf` not a function.
 * @example
 * import { fullLike, Linear, mse, Sequential, tanh, tensor } from "tinygrad-ts";
 * import { residuals } from "tinygrad-ts/debug";
 *
 * const model = new Sequential(new Linear(1, 1), tanh, new Linear(1, 1));
 * for (const p of model.parameters()) p.assign(fullLike(p, 0.5));
 * const { rows } = residuals(model, () => mse(model.forward(tensor([[1]])), tensor([[0]])));
 * rows.map(({ layer, of, residual }) => [layer, of, residual?.mean.toFixed(3)]); // → [["Linear(1, 1)", "z", "0.370"], ["tanh", "output", "0.881"], ["Linear(1, 1)", "z", "1.762"], ["Sequential", "output", "1.762"]]
 */
export function residuals(model: Layer, lossOf: () => Tensor): ResidualTable {
  refuseMore("residuals", arguments, 2);
  checkLayer("residuals", model);
  checkFunction("residuals", "lossOf", lossOf, "write residuals(model, () => loss)");
  const calls: { path: string; layer: Layer; output: Tensor; point: ResidualPoint }[] = [];
  const leave: ForwardListener["leave"] = (path, layer, output, inputs) => {
    calls.push({ path, layer, output, point: residualPoint(layer, inputs, output) });
  };
  const loss = watchForward(model, { leave }, lossOf);
  const { gradients } = walkBackward("residuals", loss);
  const rows = calls.map(({ path, layer, output, point: { of, at } }): ResidualRow => {
    const delta = gradients.get(at);
    const residual = delta === undefined ? null : statisticsOf(delta);
    return { path, layer: layer.describe(), shape: output.shape, activation: statisticsOf(output), of, residual };
  });
  return { rows, toString: () => textOf(rows) };
}

function textOf(rows: readonly ResidualRow[]): string {
  const cells = (s: Statistics | null): string[] =>
    s === null ? ["–", "–", "–", "–"] : [short(s.mean), short(s.deviation), short(s.norm), `${short(100 * s.zeros)} %`];
  const columns = ["mean", "deviation", "norm", "zeros"];
  const head = [
    "layer",
    "kind",
    "output",
    ...columns.map((name) => `activation ${name}`),
    "residual of",
    ...columns.map((name) => `residual ${name}`),
  ];
  const body = rows.map(({ path, layer, shape, activation, of, residual }) => {
    return [path || "(all)", layer, `[${shape.join(", ")}]`, ...cells(activation), of, ...cells(residual)];
  });
  return tableOf([head, ...body]);
}
