import { type Shape, sizeOf, stridesOf } from "../../core/shape.ts";
import { catOp } from "../../ops/cat.ts";
import { expandOp } from "../../ops/expand.ts";
import { flipOp } from "../../ops/flip.ts";
import { permuteOp } from "../../ops/permute.ts";
import { reshapeOp } from "../../ops/reshape.ts";
import { placeOp, placeSumOp, sliceOp, type Window } from "../../ops/slice.ts";
import { trilOp, triuOp } from "../../ops/triangle.ts";
import type { Value } from "../builder.ts";
import type { View } from "../ir.ts";
import { type Call, type Row, row } from "../lowering.ts";

/** Keeps the elements for which `keep` holds of row and column, and makes the others 0. */
function triangle({ b, x, shape, dtype }: Call, keep: (row: number, column: number) => boolean): Value {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const mask = Uint8Array.from({ length: rows * columns }, (_, i) =>
    keep(Math.floor(i / columns), i % columns) ? 1 : 0,
  );
  const zero = b.fill(0, [], dtype);
  return b.select(b.constant(mask, [rows, columns], "bool"), x, b.expand(zero, shape));
}

/** How a part of these sizes lies in a tensor. */
function windowOf({ starts, steps }: Omit<Window, "sizes">, sizes: Shape, shape: Shape): View {
  const own = stridesOf(shape);
  const strides = own.map((stride, axis) => stride * steps[axis]!);
  return { sizes, strides, offset: starts.reduce((at, start, axis) => at + start * own[axis]!, 0) };
}

/**
 * Windows by their numbers, in groups: those of one group have no place in common, so they are added at once, as the steps of a sequence are. What comes to a place comes in the
 * same order as one by one.
 */
function apartIn(windows: readonly Window[]): number[][] {
  const groups: number[][] = [];
  const reach = windows.map(({ starts, steps, sizes }) =>
    starts.map((start, axis) => {
      const end = start + steps[axis]! * (sizes[axis]! - 1);
      return [Math.min(start, end), Math.max(start, end)] as const;
    }),
  );
  const meet = (a: number, b: number): boolean =>
    reach[a]!.every(([low, high], axis) => low <= reach[b]![axis]![1] && reach[b]![axis]![0] <= high);
  for (const k of windows.keys()) {
    let at = groups.length;
    while (at > 0 && !groups[at - 1]!.some((own) => meet(own, k))) at--;
    const group = groups[at];
    if (group === undefined) groups.push([k]);
    else group.push(k);
  }
  return groups;
}

export const movement: readonly Row[] = [
  row(reshapeOp, ({ b, x, shape }) => b.reshape(x, shape)),
  row(expandOp, ({ b, x, shape }) => b.expand(x, shape)),
  row(permuteOp, ({ b, x, shape, attrs }) => {
    const strides = stridesOf(x.shape);
    return b.view(x, { sizes: shape, strides: attrs.map((axis) => strides[axis]!), offset: 0 }, shape);
  }),
  row(flipOp, ({ b, x, shape, attrs }) => {
    const own = stridesOf(shape);
    const strides = own.map((stride, axis) => (attrs.includes(axis) ? -stride : stride));
    const offset = attrs.reduce((at, axis) => at + (shape[axis]! - 1) * own[axis]!, 0);
    return b.view(x, { sizes: shape, strides, offset }, shape);
  }),
  row(sliceOp, ({ b, x, shape, attrs }) => b.view(x, windowOf(attrs, shape, x.shape), shape)),
  row(placeOp, ({ b, x, shape, dtype, attrs }) =>
    b.assemble([{ x, ...windowOf(attrs, x.shape, shape) }], attrs.value, shape, dtype),
  ),
  row(placeSumOp, ({ b, inputs: [x, ...parts], shape, dtype, attrs: windows }) => {
    const start = b.binary("add", x!, b.fill(0, [], dtype)); // as adding zeros does: −0 becomes 0
    return apartIn(windows).reduce((sum, together) => {
      const placed = together.map((k) => {
        return { x: b.cast(parts[k]!, dtype), ...windowOf(windows[k]!, parts[k]!.shape, shape) };
      });
      return b.binary("add", sum, b.assemble(placed, 0, shape, dtype));
    }, start);
  }),
  row(catOp, ({ b, inputs, shape, dtype, attrs: axis }) => {
    const strides = stridesOf(shape);
    let at = 0;
    const parts = inputs.flatMap((x) => {
      if (sizeOf(x.shape) === 0) return [];
      const part = { x: b.cast(x, dtype), sizes: x.shape, strides, offset: at * strides[axis]! };
      at += x.shape[axis]!;
      return [part];
    });
    return b.assemble(parts, 0, shape, dtype);
  }),
  row(trilOp, (call) => triangle(call, (i, j) => j <= i + call.attrs)),
  row(triuOp, (call) => triangle(call, (i, j) => j >= i + call.attrs)),
];
