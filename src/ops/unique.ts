import { checkTensor, noGrad } from "../core/apply.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { bincount } from "./bincount.ts";
import { cast } from "./cast.ts";
import { cat } from "./cat.ts";
import { eq, ne } from "./compare.ts";
import { cumsum } from "./cumsum.ts";
import { scatterAdd } from "./gather.ts";
import { index } from "./index.ts";
import { indexSelect } from "./indexSelect.ts";
import { flatten, reshape } from "./reshape.ts";
import { slice } from "./slice.ts";
import { argsort } from "./sort.ts";
import { sub } from "./sub.ts";
import { zerosLike } from "./zerosLike.ts";

/** What {@link unique} finds. */
export interface Unique {
  /** The different elements, in ascending order: a vector of x's dtype. */
  readonly values: Tensor;
  /** For each element of x its place in `values`: int32, of x's shape. */
  readonly inverse: Tensor;
  /** How often each value occurs: int32. */
  readonly counts: Tensor;
}

/**
 * The different elements of a tensor, in ascending order. Each NaN differs from all others, and comes last, as in PyTorch. Not differentiable.
 *
 * The number of results depends on the values, so you cannot use this in a compiled function.
 *
 * @param x - a tensor of any shape and dtype.
 * @returns `{ values, inverse, counts }`: the elements, where each element of x stands among them, and how often each occurs.
 * @throws {@link DTypeError} for anything that is not a tensor.
 * @example
 * const { values, inverse, counts } = unique(tensor([3, 1, 3]));
 * values.toArray(); // → [1, 3]
 * inverse.toArray(); // → [1, 0, 1]
 * counts.toArray(); // → [1, 2]
 */
export function unique(x: Tensor): Unique {
  refuseMore("unique", arguments, 1);
  checkTensor("unique", x);
  return noGrad(() => {
    const flat = flatten(x);
    const order = argsort(flat, 0);
    const sorted = indexSelect(flat, 0, order);
    // The first of each: all that differ from the one before.
    const differ = ne(slice(sorted, [1]), slice(sorted, [0, -1]));
    const first = slice(order, [0, 1]);
    const isNew = x.size === 0 ? eq(flat, flat) : cat([eq(first, first), differ]);
    const group = sub(cumsum(cast(isNew, "int32"), 0), 1);
    const inverse = scatterAdd(zerosLike(group), 0, order, group);
    return { values: index(sorted, isNew), inverse: reshape(inverse, x.sizes), counts: bincount(inverse) };
  });
}
