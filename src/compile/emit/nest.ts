import { axesOf } from "../cuts.ts";
import type { LoopKernel } from "../schedule.ts";
import type { Assembler, Local } from "../wasm/assembler.ts";
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
  open?(width: Width): void;
  close?(width: Width, pointers: readonly Local[]): void;
  /** Innermost. */
  body(width: Width, pointers: readonly Local[]): void;
}

/**
 * Emits the loops over some axes.
 *
 * @param range - the part of the outermost axis that is gone along, if not all of it.
 */
export function emitNest(
  c: Assembler,
  { axes, vector }: Pick<Loops, "axes" | "vector">,
  pointers: readonly Pointer[],
  range: Range | null,
  hooks: Hooks,
): void {
  const zero = c.local("i32");
  if (pointers.some(({ base }) => base === null)) c.i32(0).set(zero);
  const start = pointers.map(({ base }) => base ?? zero);
  hooks.enter?.(0, start);
  level(0, 4, start);
  c.release(zero);

  function level(depth: number, width: Width, at: readonly Local[]): void {
    if (depth === axes.length) {
      hooks.body(width, at);
      return;
    }
    const { size } = axes[depth]!;
    const isVector = depth === vector;
    const counter = c.local("i32");
    const inside = (own: Width): void => {
      const moved = pointers.map(({ strides }, k) => {
        const stride = strides[depth]!;
        if (stride === 0) return at[k]!;
        const next = c.local("i32");
        c.get(at[k]!).get(counter).i32(stride).op("i32.mul", "i32.add").set(next);
        return next;
      });
      if (isVector) hooks.open?.(own);
      hooks.enter?.(depth + 1, moved);
      level(depth + 1, own, moved);
      if (isVector) hooks.close?.(own, moved);
      moved.forEach((pointer, k) => {
        if (pointer !== at[k]) c.release(pointer);
      });
    };
    if (depth === 0 && range !== null) emitRange(c, range, counter, size, isVector, inside);
    else {
      c.i32(0).set(counter);
      if (!isVector) c.loop(counter, size, 1, () => inside(width));
      else {
        const whole = size - (size % 4);
        if (whole > 0) c.loop(counter, whole, 4, () => inside(4));
        if (whole < size) c.loop(counter, size, 1, () => inside(1));
      }
    }
    c.release(counter);
    hooks.leave?.(depth);
  }
}

/** Loops over a range of an axis; it begins at a multiple of four where that counts, and may reach beyond the end. */
function emitRange(
  c: Assembler,
  range: Range,
  counter: Local,
  size: number,
  isVector: boolean,
  inside: (width: Width) => void,
): void {
  const [end, last] = [c.local("i32"), c.local("i32")];
  c.get(range.from).tee(counter).i32(range.size).op("i32.add").set(end);
  /** Goes on to where the range ends, or to `limit`. */
  const goOn = (limit: number, step: number, width: Width): void => {
    c.get(end).i32(limit).get(end).i32(limit).op("i32.lt_s", "select").set(last);
    c.get(counter).get(last).op("i32.lt_s");
    c.if(() => c.loop(counter, last, step, () => inside(width)));
  };
  const whole = isVector ? size - (size % 4) : size;
  if (whole > 0) goOn(whole, isVector ? 4 : 1, 4);
  if (whole < size) goOn(size, 1, 1);
  for (const local of [end, last]) c.release(local);
}
