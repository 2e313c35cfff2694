import type { DType } from "../../../core/dtype.ts";
import { strideAlong } from "../../cuts.ts";
import { bytesOf } from "../../ir/kind.ts";
import { type Id, isNumber, loopedOf, type Node, reductionOf, type View } from "../../ir.ts";
import type { LoopKernel } from "../../schedule.ts";
import type { Assembler, Local } from "../binary/assembler.ts";
import { loadEach, loadRow, loadSplat, storeRow } from "./access.ts";
import type { Loops, Pointer } from "./nest.ts";
import { addressOf, type Place } from "./place.ts";
import type { Vector, Width } from "./vector.ts";

// What a loop reads from memory and writes to it, element by element.

/** Nodes, and where they lie. */
export interface Layout {
  readonly nodes: readonly Node[];
  /** Where a node's elements are; null if they are not kept in memory. */
  place(id: Id): Place | null;
  /** Whether a node overwrites what others in its loop read, so it must be written after them. */
  isLate(id: Id): boolean;
}

/** The place of a node that has one. */
export function placeIn(layout: Layout, id: Id): Place {
  const place = layout.place(id);
  if (place === null) throw new Error(`node ${id} has no place in memory`);
  return place;
}

/** A node that is read or written at the loop's own element. */
export interface Operand {
  readonly dtype: DType;
  /** In bytes, from what the pointer shows. */
  readonly offset: number;
  /** Which of the loop's pointers it is reached by. */
  readonly pointer: number;
  /** In bytes, along each of the loops. */
  readonly strides: readonly number[];
}

/** All that a loop reads and writes. Those that move alike share a pointer. */
export interface Operands {
  readonly reads: ReadonlyMap<Id, Operand>;
  readonly writes: ReadonlyMap<Id, Operand>;
  readonly pointers: readonly Pointer[];
}

/** What a loop's node reads at the loop's own element. */
export function operandsOf(node: Node): readonly Id[] {
  return loopedOf(node)?.direct(node) ?? [];
}

/** Finds what a kernel reads and writes. */
export function operandsIn({ nodes: members }: LoopKernel, { axes }: Loops, layout: Layout): Operands {
  const reads = new Map<Id, Operand>();
  const writes = new Map<Id, Operand>();
  const pointers: Pointer[] = [];
  const pointerNumbers = new Map<string, number>();
  const inLoop = new Set(members.filter((id) => reductionOf(layout.nodes[id]!) === null));

  const operand = ({ dtype }: Node, base: Id, view: View): Operand => {
    const width = bytesOf[dtype];
    const strides = axes.map(({ size, place }) => (size === 1 ? 0 : strideAlong(view, place) * width));
    const place = placeIn(layout, base);
    const key = `${place.base?.index} ${strides}`;
    let pointer = pointerNumbers.get(key);
    if (pointer === undefined) {
      pointer = pointers.push({ base: place.base, strides }) - 1;
      pointerNumbers.set(key, pointer);
    }
    return { dtype, offset: place.offset + view.offset * width, pointer, strides };
  };

  for (const id of members) {
    const node = layout.nodes[id]!;
    for (const use of operandsOf(node)) {
      const used = layout.nodes[use]!;
      if (inLoop.has(use) || reads.has(use) || isNumber(used)) continue;
      reads.set(use, used.kind === "view" ? operand(used, used.x, used) : operand(used, use, rowOf(used)));
    }
    if (layout.place(id) === null) continue;
    const axesOfResult = reductionOf(node);
    if (axesOfResult === null) writes.set(id, operand(node, id, rowOf(node)));
    else {
      const { outer, count, inner } = axesOfResult;
      writes.set(id, operand(node, id, { sizes: [outer, count, inner], strides: [inner, 0, 1], offset: 0 }));
    }
  }
  return { reads, writes, pointers };
}

/** All elements, one after the other. */
const rowOf = ({ size }: Node): View => ({ sizes: [size], strides: [1], offset: 0 });

/** At what depth an operand can be read once, for all elements inside; null if its lanes differ, or it moves on inside of the vector's axis. */
export function depthOf({ strides }: Operand, { vector }: Loops): number | null {
  if (strides.slice(vector).some((stride) => stride !== 0)) return null;
  return strides.reduce((depth, stride, d) => (stride === 0 ? depth : d + 1), 0);
}

/** Reads an operand's number into all lanes. */
export function emitReadNumber(c: Assembler, { dtype, offset, strides }: Operand, pointer: Local): Vector {
  if (!isBackwards(strides)) return loadSplat(c, dtype, pointer, offset);
  const moved = c.local("i32");
  addressOf(c, { base: pointer, offset }).set(moved);
  const vector = loadSplat(c, dtype, moved, 0);
  c.release(moved);
  return vector;
}

/** Reads an operand's elements. */
export function emitRead(
  c: Assembler,
  { dtype, offset, strides }: Operand,
  { vector }: Loops,
  width: Width,
  pointer: Local,
): Vector {
  const step = strides[vector]!;
  const each = (first: number, rest: number): Vector =>
    loadEach(c, dtype, width, (lane) => addressOf(c, { base: pointer, offset: first + lane * step }), rest);
  if (isBackwards(strides)) return each(offset, 0);
  if (step === 0) return loadSplat(c, dtype, pointer, offset);
  return step === bytesOf[dtype] ? loadRow(c, dtype, width, pointer, offset) : each(0, offset);
}

/** Writes elements side by side. */
export function emitWrite(c: Assembler, { offset }: Operand, vector: Vector, width: Width, pointer: Local): void {
  storeRow(c, vector, width, pointer, offset);
}

/** Whether a pointer may be below 0: then the offset is added to it, since an access adds it to an unsigned number. */
function isBackwards(strides: readonly number[]): boolean {
  return strides.some((stride) => stride < 0);
}
