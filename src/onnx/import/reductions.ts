import { argmax, argmin } from "../../ops/argmax.ts";
import { cumsum } from "../../ops/cumsum.ts";
import { flip } from "../../ops/flip.ts";
import { log } from "../../ops/log.ts";
import { logSumExp } from "../../ops/logSumExp.ts";
import { max, min } from "../../ops/max.ts";
import { mean } from "../../ops/mean.ts";
import { mul } from "../../ops/mul.ts";
import { norm } from "../../ops/norm.ts";
import { prod } from "../../ops/prod.ts";
import { topk } from "../../ops/sort.ts";
import { sub } from "../../ops/sub.ts";
import { sum } from "../../ops/sum.ts";
import type { Tensor } from "../../tensor.ts";
import { elements } from "../schema.ts";
import type { Call, Result, Rule, Rules } from "./node.ts";

/** The axes are an attribute before version 18 (13 for ReduceSum), and an input from then on. None are all, or none of them if that is said. */
const reduction =
  (fn: (x: Tensor, axes: number[] | undefined, options: { keepDims: boolean }) => Tensor): Rule =>
  (call) => {
    const axes = call.list("axes", 1);
    const keepDims = call.int("keepdims", 1) !== 0;
    const isNone = axes === null || axes.length === 0;
    if (isNone && call.int("noop_with_empty_axes", 0) !== 0) return call.x;
    const over = isNone ? undefined : axes.map((axis) => call.axis(axis, call.x.shape.length));
    return fn(call.x, over, { keepDims });
  };

const arg =
  (fn: typeof argmax): Rule =>
  (call): Result => {
    const { x } = call;
    const axis = call.axis(call.int("axis", 0), x.shape.length);
    const options = { keepDims: call.int("keepdims", 1) !== 0 };
    const type = elements.int64;
    if (call.int("select_last_index", 0) === 0) return { x: fn(x, axis, options), type };
    return { x: sub(x.shape[axis]! - 1, fn(flip(x, axis), axis, options)), type };
  };

function best(call: Call): Result[] {
  const { x } = call;
  const axis = call.axis(call.int("axis", -1), x.shape.length);
  const k = call.opset < 10 ? call.int("k", 0) : call.number(1);
  const { values, indices } = topk(x, k, axis, { largest: call.int("largest", 1) !== 0 });
  return [values, { x: indices, type: elements.int64 }];
}

function cumulated(call: Call): Tensor {
  const { x } = call;
  const axis = call.axis(call.number(1), x.shape.length);
  const turned = (t: Tensor): Tensor => (call.int("reverse", 0) ? flip(t, axis) : t);
  const sums = cumsum(turned(x), axis);
  if (!call.int("exclusive", 0)) return turned(sums);
  return turned(sub(sums, turned(x)));
}

/** Operators over axes. */
export const reductions: Rules = {
  ArgMax: arg(argmax),
  ArgMin: arg(argmin),
  CumSum: cumulated,
  ReduceL1: reduction((x, axes, options) => norm(x, 1, axes, options)),
  ReduceL2: reduction((x, axes, options) => norm(x, 2, axes, options)),
  ReduceLogSum: reduction((x, axes, options) => log(sum(x, axes, options))),
  ReduceLogSumExp: reduction((x, axes, options) => logSumExp(x, axes, options)),
  ReduceMax: reduction((x, axes, options) => max(x, axes, options)),
  ReduceMean: reduction((x, axes, options) => mean(x, axes, options)),
  ReduceMin: reduction((x, axes, options) => min(x, axes, options)),
  ReduceProd: reduction((x, axes, options) => prod(x, axes, options)),
  ReduceSum: reduction((x, axes, options) => sum(x, axes, options)),
  ReduceSumSquare: reduction((x, axes, options) => sum(mul(x, x), axes, options)),
  TopK: best,
};
