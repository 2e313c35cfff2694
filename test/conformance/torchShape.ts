import * as tg from "../../src/index.ts";

type Tensor = tg.Tensor;

// PyTorch's functions that move elements, as compositions of this library's. Axes and index lists are worked out in plain numbers;
// elements are only moved by the library.

/** An axis counted from the front; a scalar is taken to have one. */
export function axisOf(x: Tensor, axis: number): number {
  return axis < 0 ? axis + Math.max(x.rank, 1) : axis;
}

/** An int32 tensor of indices. */
export function indices(values: readonly number[]): Tensor {
  return tg.tensor(Int32Array.from(values));
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** `x[start:stop:step]` on one axis. */
export function sliceAxis(x: Tensor, axis: number, start: number | null, stop: number | null, step = 1): Tensor {
  return tg.slice(x, ...range(axisOf(x, axis)).map(() => null), [start, stop, step]);
}

/** `length` elements of an axis from `start` on, which may be negative. */
export function narrow(x: Tensor, axis: number, start: number, length: number): Tensor {
  const n = x.shape[axisOf(x, axis)]!;
  const first = start < 0 ? start + n : start;
  return sliceAxis(x, axis, first, first + length);
}

export function select(x: Tensor, axis: number, index: number): Tensor {
  return tg.slice(x, ...range(axisOf(x, axis)).map(() => null), index);
}

export function movedim(x: Tensor, source: readonly number[], destination: readonly number[]): Tensor {
  const from = source.map((axis) => axisOf(x, axis));
  const to = destination.map((axis) => axisOf(x, axis));
  const rest = range(x.rank).filter((axis) => !from.includes(axis));
  return tg.permute(
    x,
    range(x.rank).map((axis) => (to.includes(axis) ? from[to.indexOf(axis)]! : rest.shift()!)),
  );
}

/** `expand` where −1 keeps a size. */
export function expand(x: Tensor, sizes: readonly number[]): Tensor {
  const lead = sizes.length - x.rank;
  return tg.expand(
    x,
    sizes.map((n, i) => (n === -1 ? x.shape[i - lead]! : n)),
  );
}

/** Each element of an axis (or of all, flattened) so many times in a row: one number for all, or one for each. */
export function repeatInterleave(x: Tensor, times: readonly number[], axis: number | null): Tensor {
  const y = axis === null ? tg.flatten(x) : atLeast(x, 1);
  const at = axisOf(y, axis ?? 0);
  const sources = range(y.shape[at]!).flatMap((i) => range(times[i % times.length]!).map(() => i));
  return tg.indexSelect(y, at, indices(sources));
}

export function rot90(x: Tensor, times: number, axes: readonly number[]): Tensor {
  const [a, b] = axes as [number, number];
  const turns = ((times % 4) + 4) % 4;
  if (turns === 0) return x;
  if (turns === 2) return tg.flip(x, [a, b]);
  return tg.transpose(tg.flip(x, [turns === 1 ? b : a]), a, b);
}

export function atLeast(x: Tensor, rank: 1 | 2 | 3): Tensor {
  if (x.rank >= rank) return x;
  if (x.rank === 0) return tg.reshape(x, new Array(rank).fill(1));
  if (x.rank === 1) return tg.reshape(x, rank === 2 ? [1, x.size] : [1, x.size, 1]);
  return tg.unsqueeze(x, 2);
}

export function columnStack(tensors: readonly Tensor[]): Tensor {
  return tg.cat(
    tensors.map((t) => (t.rank < 2 ? tg.reshape(t, [t.size, 1]) : t)),
    1,
  );
}

/** Sections of nearly equal size, or the parts between the given bounds. */
export function tensorSplit(x: Tensor, sections: number | readonly number[], given: number): Tensor[] {
  const axis = axisOf(x, given);
  const n = x.shape[axis]!;
  if (typeof sections !== "number") {
    const bounds = [0, ...sections, n];
    return range(bounds.length - 1).map((i) => sliceAxis(x, axis, bounds[i]!, bounds[i + 1]!));
  }
  const least = Math.floor(n / sections);
  return tg.split(
    x,
    range(sections).map((i) => least + (i < n % sections ? 1 : 0)),
    axis,
  );
}

export function cartesianProd(tensors: readonly Tensor[]): Tensor {
  if (tensors.length === 1) return tensors[0]!;
  return tg.stack(
    tg.meshgrid(tensors).map((t) => tg.flatten(t)),
    1,
  );
}

export function blockDiag(tensors: readonly Tensor[]): Tensor {
  const blocks = tensors.map((t) => atLeast(t, 2));
  const width = blocks.reduce((n, t) => n + t.shape[1]!, 0);
  let before = 0;
  const rows = blocks.map((t) => {
    const row = tg.pad(t, [
      [0, 0],
      [before, width - before - t.shape[1]!],
    ]);
    before += t.shape[1]!;
    return row;
  });
  return tg.cat(rows, 0);
}

/** PyTorch lists widths from the last axis on; negative ones cut off. */
export function pad(x: Tensor, widths: readonly number[], mode: string, value: number): Tensor {
  const perAxis = x.shape.map((_, axis) => {
    const at = 2 * (x.rank - 1 - axis);
    return [widths[at] ?? 0, widths[at + 1] ?? 0] as const;
  });
  return tg.pad(x, perAxis, mode === "constant" ? value : (mode as tg.PadMode));
}

/** Windows of an axis, as a new last axis. */
export function unfold(x: Tensor, given: number, size: number, step: number): Tensor {
  if (x.rank === 0) return tg.expand(tg.reshape(x, [1]), [size]);
  const axis = axisOf(x, given);
  const count = Math.floor((x.shape[axis]! - size) / step) + 1;
  const sources = range(count * size).map((i) => Math.floor(i / size) * step + (i % size));
  const windows = tg.indexSelect(x, axis, indices(sources));
  const apart = tg.reshape(windows, [...x.shape.slice(0, axis), count, size, ...x.shape.slice(axis + 1)]);
  return movedim(apart, [axis + 1], [-1]);
}

export function unflatten(x: Tensor, given: number, sizes: readonly number[]): Tensor {
  const axis = axisOf(x, given);
  const known = sizes.reduce((product, n) => (n === -1 ? product : product * n), 1);
  const full = sizes.map((n) => (n === -1 ? x.shape[axis]! / known : n));
  return tg.reshape(x, [...x.shape.slice(0, axis), ...full, ...x.shape.slice(axis + 1)]);
}

/** The last axis put on a diagonal of two new ones, between zeros. */
export function diagEmbed(x: Tensor, offset: number, axis1: number, axis2: number): Tensor {
  const y = x.rank === 0 ? tg.reshape(x, [1]) : x;
  const widths = y.shape.map((_, axis) => [0, axis === y.rank - 1 ? Math.abs(offset) : 0] as const);
  const along = tg.unsqueeze(tg.pad(y, widths), offset < 0 ? -2 : -1);
  const n = y.shape[y.rank - 1]! + Math.abs(offset);
  const onDiagonal = tg.eq(tg.sub(tg.unsqueeze(tg.arange(n), 0), tg.unsqueeze(tg.arange(n), 1)), offset);
  return movedim(tg.where(onDiagonal, along, 0), [-2, -1], [axis1, axis2]);
}

export function kron(a: Tensor, b: Tensor): Tensor {
  const rank = Math.max(a.rank, b.rank);
  const [m, n] = [a, b].map((t) => [...new Array(rank - t.rank).fill(1), ...t.shape]) as [number[], number[]];
  const product = tg.mul(
    tg.reshape(
      a,
      m.flatMap((k) => [k, 1]),
    ),
    tg.reshape(
      b,
      n.flatMap((k) => [1, k]),
    ),
  );
  return tg.reshape(
    product,
    m.map((k, i) => k * n[i]!),
  );
}

/** Contracts the last axes of a with the first of b, or the listed ones. */
export function tensordot(a: Tensor, b: Tensor, axes: number | readonly (readonly number[])[]): Tensor {
  const listed = typeof axes === "number" ? [range(axes).map((i) => i - axes), range(axes)] : axes;
  const [p, q] = [listed[0]!.map((i) => axisOf(a, i)), listed[1]!.map((i) => axisOf(b, i))];
  const rows = range(a.rank).filter((i) => !p.includes(i));
  const columns = range(b.rank).filter((i) => !q.includes(i));
  const size = (x: Tensor, of: readonly number[]): number => of.reduce((n, i) => n * x.shape[i]!, 1);
  const left = tg.reshape(tg.permute(a, [...rows, ...p]), [size(a, rows), size(a, p)]);
  const right = tg.reshape(tg.permute(b, [...q, ...columns]), [size(b, q), size(b, columns)]);
  return tg.reshape(tg.matmul(left, right), [...rows.map((i) => a.shape[i]!), ...columns.map((i) => b.shape[i]!)]);
}
