import type { DType } from "../../core/dtype.ts";
import { ShapeError, textOf, ValueError } from "../../core/errors.ts";
import { describe, type Shape, sameShape } from "../../core/shape.ts";
import { asTensor, type TensorLike } from "../../create.ts";
import type { Tensor } from "../../tensor.ts";
import type { Accumulator } from "../metric.ts";
import { named } from "../samples.ts";

/** An {@link Accumulator} that reads arrays, too. */
export interface Sum extends Accumulator {
  add(outputs: TensorLike, targets: TensorLike): void;
  readonly numbers: number[];
}

/** A metric: called with all outputs and targets it gives the number, and in the `metrics` of `fit` it adds up what it needs, batch after batch. */
export interface MetricOf<Options extends readonly unknown[]> {
  (outputs: TensorLike, targets: TensorLike, ...options: Options): number;
  /** Begins to measure, with the same options. */
  start(...options: Options): Accumulator;
  /** Whether more of it is better. */
  readonly higherIsBetter: boolean;
}

/** Makes a metric of what adds up. Its options are the parameters of `start`, none of which has a default. */
export function metricOf<Options extends readonly unknown[]>(
  name: string,
  higherIsBetter: boolean,
  start: (...options: Options) => Sum,
): MetricOf<Options> {
  const metric = (outputs: TensorLike, targets: TensorLike, ...options: Options): number => {
    if (targets === undefined) {
      const isNone = outputs === undefined;
      const of = isNone ? "" : typeof outputs === "number" ? String(outputs) : "…";
      const hint = `in fit, write metrics: { ${name}${isNone ? "" : `: { start: () => ${name}.start(${of}) }`} }`;
      const got = isNone ? "nothing" : `${textOf(outputs)} alone`;
      throw new ValueError(name, "needs outputs and targets", got, start.length === 0 && !isNone ? "" : hint);
    }
    if (options.length > start.length) {
      throw new ValueError(name, "takes outputs and targets alone", `${textOf(options[start.length])} after them`);
    }
    const sum = start(...options);
    sum.add(outputs, targets);
    return sum.value();
  };
  Object.defineProperty(metric, "name", { value: name });
  return Object.assign(metric, { start, higherIsBetter });
}

/** A tensor as it is, and numbers in all their digits. */
export function read(op: string, data: TensorLike, i: number, dtype: DType = "float64"): Tensor {
  return named(i === 0 ? "outputs" : "targets", () => asTensor(op, data, dtype));
}

/** @param own - what to write, where the metric knows. */
export function misfit(op: string, outputs: Tensor, targets: Tensor, own = ""): never {
  const [a, b] = [outputs.shape, targets.shape];
  const isColumn = (x: Shape, y: Shape): boolean => x.length === 2 && sameShape(x, [...y, 1]);
  const usual = isColumn(a, b) ? "write outputs.squeeze(1)" : isColumn(b, a) ? "write targets.squeeze(1)" : "";
  throw new ShapeError(
    op,
    "outputs must fit the targets",
    `${describe(outputs)} and ${describe(targets)}`,
    own || usual,
  );
}
