import { ValueError } from "../core/errors.ts";
import { Layer } from "../nn/layer.ts";
import { watchForward } from "../nn/watch.ts";
import type { Tensor } from "../tensor.ts";
import { type Statistics, short, statisticsOf, tableOf } from "./numbers.ts";
import { walkBackward } from "./walk.ts";

/** One layer in a forward and backward pass. */
export interface ResidualRow {
  /** The layer's path in the model; empty for the model itself. */
  readonly path: string;
  /** What kind of layer it is. */
  readonly layer: string;
  /** Shape of its output. */
  readonly shape: readonly number[];
  /** Of its output. */
  readonly activation: Statistics;
  /** Of its residual, ∂loss/∂(its output); null if the loss does not depend on it. */
  readonly residual: Statistics | null;
}

/** What {@link residuals} gives. */
export interface ResidualTable {
  /** A row for each call of a layer, in the order in which they returned. */
  readonly rows: readonly ResidualRow[];
  /** The rows as a table. */
  toString(): string;
}

/**
 * Measures the activations and residuals of each layer: what it made of its input on the way forward, and the error ∂loss/∂(its output) that arrives on the way back. Norms that shrink from
 * layer to layer on the way back mean that the early layers hardly learn; norms that grow, that steps may be too large; a share of zeros of 100 %, that units are dead.
 *
 * No `grad` is changed.
 *
 * @param model - the model.
 * @param lossOf - runs the model and computes the loss, as a step of training does.
 * @returns rows, and a table by `String(…)`.
 * @throws `GradError` if the loss has no gradient, or more elements than one; `ValueError` for what is no model.
 * @example
 * import { fullLike, Linear, mse, Sequential, tensor } from "tinygrad-ts";
 * import { residuals } from "tinygrad-ts/debug";
 *
 * const model = new Sequential(new Linear(1, 1), new Linear(1, 1));
 * for (const p of model.parameters()) p.assign(fullLike(p, 2));
 * const table = residuals(model, () => mse(model.forward(tensor([[1]])), tensor([[9]])));
 * table.rows.map(({ path, activation, residual }) => [path, activation.mean, residual?.mean]); // → [["layers.0", 4, 4], ["layers.1", 10, 2], ["", 10, 2]]
 */
export function residuals(model: Layer, lossOf: () => Tensor): ResidualTable {
  if (!(model instanceof Layer)) throw new ValueError("residuals", "needs a model", String(model));
  const calls: { path: string; layer: Layer; output: Tensor }[] = [];
  const leave = (path: string, layer: Layer, output: Tensor): void => void calls.push({ path, layer, output });
  const loss = watchForward(model, { leave }, lossOf);
  const found = walkBackward("residuals", loss).residuals;
  const rows = calls.map(({ path, layer, output }): ResidualRow => {
    const g = found.get(output);
    const residual = g === undefined ? null : statisticsOf(g);
    return { path, layer: layer.describe(), shape: output.shape, activation: statisticsOf(output), residual };
  });
  return { rows, toString: () => textOf(rows) };
}

function textOf(rows: readonly ResidualRow[]): string {
  const cells = (s: Statistics | null): string[] =>
    s === null ? ["–", "–", "–", "–"] : [short(s.mean), short(s.deviation), short(s.norm), `${short(100 * s.zeros)} %`];
  const of = ["mean", "deviation", "norm", "zeros"];
  const head = [
    "layer",
    "kind",
    "output",
    ...of.map((name) => `activation ${name}`),
    ...of.map((name) => `residual ${name}`),
  ];
  const body = rows.map(({ path, layer, shape, activation, residual }) => {
    return [path || "(all)", layer, `[${shape.join(", ")}]`, ...cells(activation), ...cells(residual)];
  });
  return tableOf([head, ...body]);
}
