import { axesOf, cutsOf, strideAlong } from "../../cuts.ts";
import { bytesOf } from "../../ir/kind.ts";
import type { AssembleNode, Id, View } from "../../ir.ts";
import type { Assembler } from "../binary/assembler.ts";
import { loadRow, storeEach, storeRow } from "./access.ts";
import { emitNest } from "./nest.ts";
import { type Layout, placeIn } from "./operands.ts";
import { addressOf, type Place } from "./place.ts";

/** Fills windows from other nodes, and what is outside of them with a number. */
export function emitAssemble(c: Assembler, node: AssembleNode, to: Place, layout: Layout): void {
  const covered = node.parts.reduce((sum, { x }) => sum + layout.nodes[x]!.size, 0);
  if (covered < node.size) emitFill(c, node, to);
  for (const { x, ...view } of node.parts) emitWindow(c, x, view, to, layout);
}

/** Copies a node into a window. */
function emitWindow(c: Assembler, source: Id, view: View, target: Place, layout: Layout): void {
  const { dtype, size } = layout.nodes[source]!;
  const width = bytesOf[dtype];
  const axes = axesOf(cutsOf(view), size);
  const from = placeIn(layout, source);
  const read = { base: from.base, strides: axes.map(({ place }) => place * width) };
  const write = { base: target.base, strides: axes.map(({ place }) => strideAlong(view, place) * width) };
  const step = write.strides.at(-1)!;
  emitNest(c, { axes, vector: axes.length - 1 }, [read, write], null, {
    body: (own, [at, to]) => {
      const vector = loadRow(c, dtype, own, at!, from.offset);
      const address = c.local("i32"); // the window may go backwards, so the offset must be added to a signed number
      addressOf(c, { base: to!, offset: target.offset + view.offset * width }).set(address);
      if (step === width) storeRow(c, vector, own, address, 0);
      else storeEach(c, vector, own, address, 0, step);
      for (const register of new Set([address, ...vector.parts])) c.release(register);
    },
  });
}

/** Fills an array with one number. */
function emitFill(c: Assembler, { dtype, fill, size }: AssembleNode, to: Place): void {
  const width = bytesOf[dtype];
  if (Object.is(fill, 0) || dtype === "bool") {
    addressOf(c, to)
      .i32(fill)
      .i32(size * width)
      .fill();
    return;
  }
  const nest = { axes: axesOf([], size), vector: -1 };
  emitNest(c, nest, [{ base: to.base, strides: [width] }], null, {
    body: (_, [at]) => {
      c.get(at!);
      if (dtype === "int32") c.i32(fill).memory("i32.store", to.offset);
      else if (dtype === "float32") c.f32(fill).memory("f32.store", to.offset);
      else c.f64(fill).memory("f64.store", to.offset);
    },
  });
}
