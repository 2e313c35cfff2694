import { promote } from "../core/dtype.ts";
import { DTypeError, textOf } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";
import type { Tensor } from "../tensor.ts";
import { cast, widened } from "./cast.ts";
import { parseEquation } from "./einsumEquation.ts";
import { fit } from "./fit.ts";
import { multiplied } from "./matmul.ts";
import { mul } from "./mul.ts";
import { permute } from "./permute.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slice.ts";
import { summed } from "./sum.ts";

/** A tensor with a distinct label on each axis. */
interface Factor {
  readonly tensor: Tensor;
  readonly labels: readonly string[];
}

/**
 * Sums of products by Einstein's notation: each axis of each operand is named by a letter; elements whose letters agree
 * are multiplied, and summed over the letters that the output does not name. `"ij,jk->ik"` is the matrix product,
 * `"ii->i"` the diagonal, `"ij->ji"` the transpose, `"bi,bi->b"` a dot product for each b.
 *
 * The rules are PyTorch's: `"..."` stands for the axes without a letter, which broadcast; a size of 1 broadcasts under
 * a letter as well; without an arrow, the output is `"..."` and then the letters that occur once, in alphabetical order
 * (capitals first). An ellipsis that an explicit output leaves away is summed over. Operands are contracted from left
 * to right, each time by one (batched) matrix product, so with three and more the order is yours to choose.
 *
 * @param equation - terms for the operands, separated by commas, and the output behind `->`. Spaces are ignored.
 * @param operands - one tensor per term; of numbers, not bool. Several dtypes are promoted to one. For int32, each contraction is exact, or you get an error.
 * @returns a tensor with the output's axes.
 * @throws {@link ValueError} for an equation that is malformed, or whose terms are not as many as the operands.
 * @throws {@link ShapeError} if a term does not fit its operand's rank, or a letter's sizes differ.
 * @throws {@link ValueError} if `int32` cannot hold a result, or a sum on the way: cast to `float64` first.
 * @throws {@link DTypeError} for bool operands, and what is not a tensor.
 * @example
 * const a = tensor([[1, 2], [3, 4]]);
 * einsum("ij,jk->ik", a, a).toArray(); // → [[7, 10], [15, 22]]
 * einsum("ii", a).item(); // → 5
 * einsum("...i,i->...", a, tensor([10, 1])).toArray(); // → [12, 34]
 */
export function einsum(equation: string, ...operands: Tensor[]): Tensor {
  for (const x of operands) {
    if (!isTensor(x)) {
      throw new DTypeError("einsum", "operands must be tensors", textOf(x), 'write einsum("ij,jk->ik", a, b)');
    }
  }
  const shapes = operands.map((x) => x.shape);
  const { terms, output, sizes } = parseEquation(equation, shapes);
  const dtype = operands.reduce((d, x) => promote(d, x.dtype), operands[0]!.dtype);
  if (operands.some((x) => x.dtype === "bool")) {
    throw new DTypeError(
      "einsum",
      "operands must be numbers",
      operands.map((x) => x.dtype).join(", "),
      "cast them first",
    );
  }
  const factors = operands.map((x, i) => distinct(cast(x, dtype), terms[i]!, sizes));
  const total = factors.reduce((product, factor, i) => {
    const later = new Set([...output, ...factors.slice(i + 1).flatMap(({ labels }) => labels)]);
    const a = sumOut(product, (label) => later.has(label) || factor.labels.includes(label));
    const b = sumOut(factor, (label) => later.has(label) || product.labels.includes(label));
    return contract(a, b, later, sizes);
  });
  return arrange(
    sumOut(total, (label) => output.includes(label)),
    output,
  );
}

/** An operand without repeated labels, and without axes of size 1 under labels that are larger elsewhere. */
function distinct(x: Tensor, term: readonly string[], sizes: ReadonlyMap<string, number>): Factor {
  let tensor = x;
  let labels = term;
  for (let q = labels.length - 1; q > 0; q--) {
    const p = labels.indexOf(labels[q]!);
    if (p === q) continue;
    // The diagonal of the last two axes, n by n, is each (n + 1)th element of them in a row.
    const order = [...labels.keys()].filter((axis) => axis !== p && axis !== q);
    const moved = permute(tensor, [...order, p, q]);
    const rest = order.map((axis) => tensor.shape[axis]!);
    const n = tensor.shape[p]!;
    tensor = slice(reshape(moved, [...rest, n * n]), "...", [null, null, n + 1]);
    labels = [...order, p].map((axis) => labels[axis]!);
    q = labels.length;
  }
  const kept = labels.filter((label, axis) => tensor.shape[axis] !== 1 || sizes.get(label) === 1);
  return { tensor: reshape(tensor, sizesOf(kept, sizes)), labels: kept };
}

function sizesOf(labels: readonly string[], sizes: ReadonlyMap<string, number>): number[] {
  return labels.map((label) => sizes.get(label)!);
}

/** Sums over the labels that are not to be kept. */
function sumOut({ tensor, labels }: Factor, keep: (label: string) => boolean): Factor {
  const kept = labels.filter(keep);
  if (kept.length === labels.length) return { tensor, labels };
  return {
    tensor: summed(
      "einsum",
      tensor,
      [...labels.keys()].filter((axis) => !keep(labels[axis]!)),
    ),
    labels: kept,
  };
}

/** The tensor with its axes in another order of labels. */
function arrange({ tensor, labels }: Factor, order: readonly string[]): Tensor {
  return permute(
    tensor,
    order.map((label) => labels.indexOf(label)),
  );
}

/** The product of two factors, summed over the labels that both have and nothing needs later. */
function contract(a: Factor, b: Factor, later: ReadonlySet<string>, sizes: ReadonlyMap<string, number>): Factor {
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => later.has(label));
  const inner = shared.filter((label) => !later.has(label));
  const left = a.labels.filter((label) => !shared.includes(label));
  const right = b.labels.filter((label) => !shared.includes(label));
  const labels = [...batch, ...left, ...right];
  const shape = sizesOf(labels, sizes);
  if (inner.length === 0) {
    const ones = (of: readonly string[]): number[] => of.map(() => 1);
    const x = reshape(arrange(a, [...batch, ...left]), [...sizesOf([...batch, ...left], sizes), ...ones(right)]);
    const y = reshape(arrange(b, [...batch, ...right]), [
      ...sizesOf(batch, sizes),
      ...ones(left),
      ...sizesOf(right, sizes),
    ]);
    // Unlike `mul`, which wraps around, it refuses products that int32 cannot hold.
    const isInteger = x.dtype === "int32";
    return { tensor: isInteger ? fit("einsum", mul(widened(x), widened(y))) : mul(x, y), labels };
  }
  const x = matrices(a, batch, left, inner, sizes);
  const y = matrices(b, batch, inner, right, sizes);
  const options = { transposeA: x.transposed, transposeB: y.transposed };
  return { tensor: reshape(multiplied("einsum", x.tensor, y.tensor, options), shape), labels };
}

/** A factor as a batch of matrices `rows × columns`, or transposed ones if it is stored like that. */
function matrices(
  factor: Factor,
  batch: readonly string[],
  rows: readonly string[],
  columns: readonly string[],
  sizes: ReadonlyMap<string, number>,
): { readonly tensor: Tensor; readonly transposed: boolean } {
  const transposed = [...batch, ...columns, ...rows].every((label, axis) => label === factor.labels[axis]);
  const [first, second] = transposed ? [columns, rows] : [rows, columns];
  const sizeOf = (labels: readonly string[]): number => sizesOf(labels, sizes).reduce((n, size) => n * size, 1);
  const lead = batch.length === 0 ? [] : [sizeOf(batch)];
  const tensor = reshape(arrange(factor, [...batch, ...first, ...second]), [...lead, sizeOf(first), sizeOf(second)]);
  return { tensor, transposed };
}
