import { overSpread, standardized } from "../../nn/layerNorm.ts";
import { add } from "../../ops/add.ts";
import { div } from "../../ops/div.ts";
import { mean } from "../../ops/mean.ts";
import { mul } from "../../ops/mul.ts";
import { norm } from "../../ops/norm.ts";
import { over } from "../../ops/over.ts";
import { pad } from "../../ops/pad.ts";
import { pow } from "../../ops/pow.ts";
import { reshape } from "../../ops/reshape.ts";
import { rsqrt } from "../../ops/rsqrt.ts";
import { slice } from "../../ops/slice.ts";
import { sqrt } from "../../ops/sqrt.ts";
import { sub } from "../../ops/sub.ts";
import type { Tensor } from "../../tensor.ts";
import type { Call, Result, Rules } from "./node.ts";

/** A tensor of one number for each channel, to broadcast along the second axis. */
function perChannel(t: Tensor, x: Tensor): Tensor {
  return reshape(t, [t.size, ...new Array<number>(Math.max(0, x.shape.length - 2)).fill(1)]);
}

/** By the statistics in the file; or, in training, by those of the batch, with new running ones beside the result. */
function batchNorm(call: Call): Result | Result[] {
  const { x } = call;
  const [scale, shift, average, spread] = [1, 2, 3, 4].map((i) => perChannel(call.tensor(i), x)) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  if (call.node.outputs.length > 1 && call.opset < 14) {
    call.unsupported("batch normalization must be that of a model that is used, not trained", "several outputs");
  }
  if (call.opset < 9 && call.int("spatial", 1) === 0) call.unsupported("statistics must be per channel", "spatial 0");
  const eps = call.float("epsilon", 1e-5);
  if (call.opset >= 14 && call.int("training_mode", 0) !== 0) {
    const axes = x.shape.flatMap((_, i) => (i === 1 ? [] : [i]));
    const y = { x: add(mul(standardized(x, axes, eps), scale), shift).to(x.dtype), type: call.type };
    const momentum = call.float("momentum", 0.9);
    const own = mean(x, axes, { keepDims: true });
    const centred = sub(x, own);
    const moved = (i: number, now: Tensor): Tensor => {
      const before = call.tensor(i);
      return add(mul(before, momentum), mul(reshape(now, before.shape), 1 - momentum)).to(before.dtype);
    };
    return [y, moved(3, own), moved(4, mean(mul(centred, centred), axes))];
  }
  const y = over(sub(x, average), sqrt(add(spread, eps)));
  return { x: add(mul(y, scale), shift).to(x.dtype), type: call.type };
}

const from = (x: Tensor, axis: number): number[] => x.shape.flatMap((_, i) => (i < axis ? [] : [i]));

function layerNormalization(call: Call): Result[] {
  const { x } = call;
  const eps = call.float("epsilon", 1e-5);
  const axes = from(x, call.axis(call.int("axis", -1), x.shape.length));
  const y = mul(standardized(x, axes, eps), call.tensor(1));
  const bias = call.optional(2);
  const all = bias === null ? y : add(y, bias);
  if (call.node.outputs.slice(1).every((name) => name === "")) return [all];
  const average = mean(x, axes, { keepDims: true });
  const centred = sub(x, average);
  return [all, average, rsqrt(add(mean(mul(centred, centred), axes, { keepDims: true }), eps))];
}

function rmsNormalization(call: Call): Tensor {
  const { x } = call;
  const axes = from(x, call.axis(call.int("axis", -1), x.shape.length));
  return mul(overSpread(x, axes, call.float("epsilon", 1e-5)), call.tensor(1));
}

function instanceNormalization(call: Call): Tensor {
  const { x } = call;
  const y = standardized(x, from(x, 2), call.float("epsilon", 1e-5));
  return add(mul(y, perChannel(call.tensor(1), x)), perChannel(call.tensor(2), x));
}

/** Scale and shift are per channel from version 21 on, and per group before. */
function groupNormalization(call: Call): Tensor {
  const { x } = call;
  const groups = call.int("num_groups", 1);
  const [n, channels, ...spatial] = x.shape as [number, number, ...number[]];
  const parts = reshape(x, [n, groups, channels / groups, ...spatial]);
  const y = standardized(parts, from(parts, 2), call.float("epsilon", 1e-5));
  if (call.opset >= 21) {
    return add(mul(reshape(y, x.shape), perChannel(call.tensor(1), x)), perChannel(call.tensor(2), x));
  }
  return reshape(add(mul(y, perChannel(call.tensor(1), parts)), perChannel(call.tensor(2), parts)), x.shape);
}

function meanVariance(call: Call): Tensor {
  const { x } = call;
  const axes = call.ints("axes") ?? [0, 2, 3];
  const centred = sub(x, mean(x, axes, { keepDims: true }));
  return div(centred, add(sqrt(mean(mul(centred, centred), axes, { keepDims: true })), 1e-9));
}

/** Divides by a power of the squares of the channels beside (Krizhevsky et al., 2012). */
function localResponse(call: Call): Tensor {
  const { x } = call;
  const size = call.count("the size", call.int("size", 1), 1);
  const before = Math.floor((size - 1) / 2);
  const around = pad(mul(x, x), [
    [0, 0],
    [before, size - 1 - before],
  ]);
  const channels = x.shape[1]!;
  const squares = Array.from({ length: size }, (_, i) => slice(around, null, [i, i + channels])).reduce((a, b) =>
    add(a, b),
  );
  const base = add(mul(squares, call.float("alpha", 1e-4) / size), call.float("bias", 1));
  return div(x, pow(base, call.float("beta", 0.75)));
}

/** Operators that bring values to a common size. */
export const normalization: Rules = {
  BatchNormalization: batchNorm,
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  LRN: localResponse,
  LayerNormalization: layerNormalization,
  LpNormalization: (call) => {
    const axis = call.axis(call.int("axis", -1), call.x.shape.length);
    return div(call.x, norm(call.x, call.int("p", 2), axis, { keepDims: true }));
  },
  MeanVarianceNormalization: meanVariance,
  RMSNormalization: rmsNormalization,
};
