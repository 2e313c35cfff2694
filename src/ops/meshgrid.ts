import { checkTensor } from "../core/apply.ts";
import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { describe } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { expand } from "./expand.ts";
import { reshape } from "./reshape.ts";

/** How the axes of a grid are ordered. */
export interface MeshgridOptions {
  /** `"ij"` (default): the first tensor runs along axis 0, as in a matrix; `"xy"`: along axis 1, as in a picture. */
  readonly indexing?: "ij" | "xy";
}

const kinds: OptionKinds<MeshgridOptions> = { indexing: ["ij", "xy"] };

/**
 * The coordinates of all points of a grid, from those along each axis.
 *
 * @param tensors - one or more vectors (or scalars, which count as vectors of one element).
 * @param options - `indexing`: `"ij"` (default, as in PyTorch 1) or `"xy"`, which swaps the first two axes.
 * @returns as many tensors, each with the grid's shape: its size along axis `k` is that of vector `k`.
 * @throws {@link ShapeError} for a tensor with more than one axis.
 * @throws {@link ValueError} for an empty array, or an unknown option.
 * @example
 * const [rows, columns] = meshgrid([tensor([0, 1]), tensor([5, 6, 7])]);
 * rows.toArray(); // → [[0, 0, 0], [1, 1, 1]]
 * columns.toArray(); // → [[5, 6, 7], [5, 6, 7]]
 */
export function meshgrid(tensors: readonly Tensor[], options?: MeshgridOptions): Tensor[] {
  refuseMore("meshgrid", arguments, 2, "put all tensors in one array: meshgrid([x, y])");
  if (!Array.isArray(tensors)) {
    throw new ValueError("meshgrid", "takes an array of tensors", textOf(tensors), "write meshgrid([x, y])");
  }
  if (tensors.length === 0) throw new ValueError("meshgrid", "needs at least one tensor", "an empty array");
  const vectors = tensors as readonly Tensor[];
  vectors.forEach((x, i) => {
    checkTensor("meshgrid", x, `tensor ${i}`);
    if (x.shape.length < 2) return;
    throw new ShapeError("meshgrid", "tensors must be vectors", `${describe(x)} (tensor ${i})`, "flatten it first");
  });
  const { indexing = "ij" } = checkOptions("meshgrid", options, kinds);
  const order = vectors.map((_, k) => (indexing === "xy" && vectors.length > 1 && k < 2 ? 1 - k : k));
  const shape = order.map((k) => vectors[k]!.size);
  return vectors.map((x, k) =>
    expand(
      reshape(
        x,
        order.map((own) => (own === k ? x.size : 1)),
      ),
      shape,
    ),
  );
}
