import { apply } from "../core/apply.ts";
import { ValueError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import type { Tensor } from "../tensor.ts";

/** Lets numbers through that are 1 or −1. An op, so compiled programs check them, too. */
export const signsOp: Op<string> = {
  name: "signs",
  shape: ([target], loss) => {
    const bad = target!.values.find((v) => v !== 1 && v !== -1);
    if (bad === undefined) return target!.shape;
    throw new ValueError(loss, "a target must be 1 or −1", String(bad));
  },
  forward: "view",
  vjp: [({ g }) => g],
};

/** A target of signs as it is, for the loss that is named. */
export function checkSigns(loss: string, target: Tensor): Tensor {
  return apply(signsOp, [target], loss);
}
