import { ones } from "../../create.ts";
import { eq, ne } from "../../ops/compare.ts";
import { div } from "../../ops/div.ts";
import { gather } from "../../ops/gather.ts";
import { indexSelect } from "../../ops/indexSelect.ts";
import { mul } from "../../ops/mul.ts";
import { neg } from "../../ops/neg.ts";
import { reshape, squeeze, unsqueeze } from "../../ops/reshape.ts";
import { logSoftmax } from "../../ops/softmax.ts";
import { sum } from "../../ops/sum.ts";
import { where } from "../../ops/where.ts";
import type { Tensor } from "../../tensor.ts";
import type { Call, Result, Rules } from "./node.ts";

/** Of classes along axis 1, the weighted negative of the logarithm at the target, and the weights. */
function negative(call: Call, logs: Tensor): Tensor {
  const target = call.indices(1);
  const weight = call.optional(2);
  const attribute = call.node.attribute("ignore_index")?.i;
  const ignored = attribute === undefined ? null : Number(attribute);
  const isKept = ignored === null ? null : ne(target, ignored);
  const at = isKept === null ? target : where(isKept, target, 0);
  const picked = squeeze(gather(logs, 1, unsqueeze(at, 1)), 1);
  const own =
    weight === null
      ? ones(at.shape, { dtype: logs.dtype as "float32" })
      : reshape(indexSelect(weight, 0, reshape(at, [at.size])), at.shape);
  const weights = isKept === null ? own : where(isKept, own, 0);
  const loss = where(eq(weights, 0), 0, neg(mul(picked, weights)));
  const reduction = call.text("reduction", "mean");
  if (reduction === "none") return loss;
  if (reduction === "sum") return sum(loss);
  if (reduction !== "mean") call.invalid("there is no such reduction", reduction);
  return div(sum(loss), sum(weights));
}

/** Losses, with classes along the second axis. */
export const losses: Rules = {
  NegativeLogLikelihoodLoss: (call) => negative(call, call.x),
  SoftmaxCrossEntropyLoss: (call): Result[] => {
    const logs = logSoftmax(call.x, 1);
    return [negative(call, logs), logs];
  },
};
