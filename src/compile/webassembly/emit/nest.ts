import { axesOf } from "../../cuts.ts";
import type { LoopKernel } from "../../schedule.ts";
import type { Assembler, Local } from "../binary/assembler.ts";
import type { Range } from "./range.ts";
import type { Width } from "./vector.ts";

// Loops one inside of the other, one of which is taken four elements at a time.

/** A loop: how many rounds it has, and the number of the kernel's elements inside of one. */
export interface Axis {
  readonly size: number;
  readonly place: number;
}

/** The loops of a kernel, outermost first. */
export interface Loops {
  readonly axes: readonly Axis[];
  /** The one that is taken four elements at a time. */
  readonly vector: number;
  /** The first of those that reductions go along; −1 if there are none. */
  readonly reduced: number;
  /** Whether reductions go along columns: then those loops are inside of the vector's, and each lane has a sum of its own. */
  readonly isColumn: boolean;
}

/** How a kernel's elements are gone through. */
export function loopsOf({ cuts, size, reduction }: LoopKernel): Loops {
  const all = axesOf(cuts, size);
  const isColumn = reduction !== null && reduction.inner > 1;
  const end = reduction === null ? 0 : reduction.count * reduction.inner;
  const isReduced = ({ place }: Axis): boolean => isColumn && place >= reduction.inner && place < end;
  const axes = [...all.filter((axis) => !isReduced(axis)), ...all.filter(isReduced)];
  const vector = axes.findIndex(({ place }) => place === 1);
  const reduced = reduction === null ? -1 : isColumn ? vector + 1 : axes.findIndex(({ place }) => place < end);
  return { axes, vector, reduced, isColumn };
}

/** A variable that follows the loops: where it starts, 0 if nowhere, and by how many bytes it moves with each. */
export interface Pointer {
  readonly base: Local | null;
  readonly strides: readonly number[];
}

/** What is emitted at the places of a nest of loops. */
export interface Hooks {
  /** After a loop's counters are set: the pointers at that depth; 0 is before all loops. */
  enter?(depth: number, pointers: readonly Local[]): void;
  /** After a loop has ended that was at this depth. */
  leave?(depth: number): void;
  /** At the vector axis, before the loops inside of it, and after them. */
  open?(width: Width, vectors: number): void;
  close?(width: Width, pointers: readonly Local[], vectors: number): void;
  /** Innermost. */
  body(width: Width, pointers: readonly Local[], vectors: number): void;
}

/**
 * Emits the loops over some axes.
 *
 * @param range - the part of the outermost axis that is gone along, if not all of it.
 * @param most - so many vectors that lie side by side are taken in one round of the vector axis, as long as there are as many.
 */
export function emitNest(
  c: Assembler,
  { axes, vector }: Pick<Loops, "axes" | "vector">,
  pointers: readonly Pointer[],
  range: Range | null,
  hooks: Hooks,
  most = 1,
): void {
  const zero = c.local("i32");
  if (pointers.some(({ base }) => base === null)) c.i32(0).set(zero);
  const start = pointers.map(({ base }) => base ?? zero);
  hooks.enter?.(0, start);
  level(0, { width: 4, vectors: 1 }, start);
  c.release(zero);

  function level(depth: number, stride: Stride, at: readonly Local[]): void {
    if (depth === axes.length) {
      hooks.body(stride.width, at, stride.vectors);
      return;
    }
    const { size } = axes[depth]!;
    const isVector = depth === vector;
    const counter = c.local("i32");
    const inside = (own: Stride): void => {
      const moved = pointers.map(({ strides }, k) => {
        const stride = strides[depth]!;
        if (stride === 0) return at[k]!;
        const next = c.local("i32");
        c.get(at[k]!).get(counter).i32(stride).op("i32.mul", "i32.add").set(next);
        return next;
      });
      if (isVector) hooks.open?.(own.width, own.vectors);
      hooks.enter?.(depth + 1, moved);
      level(depth + 1, own, moved);
      if (isVector) hooks.close?.(own.width, moved, own.vectors);
      moved.forEach((pointer, k) => {
        if (pointer !== at[k]) c.release(pointer);
      });
    };
    const rounds = isVector ? stridesFor(size, most) : [stride];
    if (depth === 0 && range !== null) emitRange(c, range, counter, size, isVector ? rounds : null, inside);
    else {
      c.i32(0).set(counter);
      let done = 0;
      for (const own of rounds) {
        const step = isVector ? own.width * own.vectors : 1;
        const end = size - ((size - done) % step);
        if (end > done) c.loop(counter, end, step, () => inside(own));
        done = end;
      }
    }
    c.release(counter);
    hooks.leave?.(depth);
  }
}

/** How many elements one round of the vector axis takes: so many vectors of so many. */
interface Stride {
  readonly width: Width;
  readonly vectors: number;
}

/** The kinds of rounds that go along an axis, one after the other. */
function stridesFor(size: number, most: number): Stride[] {
  return [
    ...(most > 1 && size >= 4 * most ? [{ width: 4, vectors: most } as const] : []),
    ...(size >= 4 ? [{ width: 4, vectors: 1 } as const] : []),
    ...(size % 4 > 0 ? [{ width: 1, vectors: 1 } as const] : []),
  ];
}

/** Loops over a range of an axis; it begins at a multiple of four where that counts, and may reach beyond the end. */
function emitRange(
  c: Assembler,
  range: Range,
  counter: Local,
  size: number,
  strides: readonly Stride[] | null,
  inside: (stride: Stride) => void,
): void {
  const [end, last] = [c.local("i32"), c.local("i32")];
  c.get(range.from).tee(counter).i32(range.size).op("i32.add").set(end);
  for (const own of strides ?? [{ width: 4, vectors: 1 } as const]) {
    const step = strides === null ? 1 : own.width * own.vectors;
    // Rounds of four end where whole fours do, also where the range reaches beyond; larger ones, after the last whole one.
    const limit = strides !== null && own.width === 4 ? size - (size % 4) : size;
    c.get(end).i32(limit).get(end).i32(limit).op("i32.lt_s", "select").set(last);
    if (own.vectors > 1) {
      c.get(last).get(last).get(counter).op("i32.sub");
      c.i32(step - 1).op("i32.and", "i32.sub").set(last); // biome-ignore format: one line
    }
    c.get(counter).get(last).op("i32.lt_s");
    c.if(() => c.loop(counter, last, step, () => inside(own)));
  }
  for (const local of [end, last]) c.release(local);
}
