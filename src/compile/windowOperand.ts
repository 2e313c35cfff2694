import { notDense } from "./ir/kind.ts";
import type { Id, MatmulNode, Node, Operand, View } from "./ir.ts";

// An operand of a product that is a window of an array can be packed from where it lies: its axes fall apart into those of the batch, those of its lanes (rows of the
// left operand, columns of the right one) and those of the inner axis, along which products are added up.

/** A part of an axis: so many elements, so far apart. */
export interface Step {
  readonly size: number;
  readonly stride: number;
}

/** How an operand lies in an array: for each of its three axes, the axes of the array that it goes along, outermost first. In elements. */
export interface WindowOperand {
  readonly offset: number;
  readonly batch: readonly Step[];
  readonly lanes: readonly Step[];
  readonly inner: readonly Step[];
}

/** How an operand lies in the array that it is a window of; null if it must be laid out. */
export function windowOperandOf(node: Omit<MatmulNode, "kind">, side: "a" | "b", view: View): WindowOperand | null {
  const { batch, m, k, n } = node;
  // Whether its lanes are its last axis: packing walks along the inner one.
  const isAcross = side === "a" ? node.transposeA : !node.transposeB;
  const lanes = side === "a" ? m : n;
  const steps = view.sizes.map((size, d) => ({ size, stride: view.strides[d]! }));
  const parts = partsOf(steps, [batch, ...(isAcross ? [k, lanes] : [lanes, k])]);
  // Offsets of accesses to memory cannot be negative.
  if (parts === null || view.strides.some((stride) => stride < 0)) return null;
  const [first, second, third] = parts as [Step[], Step[], Step[]];
  return { offset: view.offset, batch: first, lanes: isAcross ? third : second, inner: isAcross ? second : third };
}

/** Axes, cut where others end; null if one goes over an end. */
export function partsOf(of: readonly Step[], axes: readonly number[]): Step[][] | null {
  const parts: Step[][] = [];
  let d = of.length - 1;
  let { size: left, stride } = of[d] ?? { size: 1, stride: 0 };
  for (const axis of [...axes].reverse()) {
    const steps: Step[] = [];
    let room = axis;
    while (room > 1) {
      while (left === 1 && d > 0) {
        d--;
        ({ size: left, stride } = of[d]!);
      }
      const size = Math.min(left, room);
      if (left % size !== 0 || room % size !== 0) return null;
      const last = steps[0];
      if (last !== undefined && stride === last.stride * last.size)
        steps[0] = { size: size * last.size, stride: last.stride };
      else steps.unshift({ size, stride });
      left /= size;
      stride *= size;
      room /= size;
    }
    parts.unshift(steps);
  }
  return parts;
}

/** Whether so many neighbouring elements of an axis, from a multiple of as many on, always make a box: as many along each of its steps. */
export function isBox(steps: readonly Step[], count: number): boolean {
  let inside = 1;
  for (let d = steps.length - 1; d >= 0; d--) {
    const { size } = steps[d]!;
    if (count <= inside * size || d === 0) return count % inside === 0 && (d === 0 || (inside * size) % count === 0);
    inside *= size;
  }
  return true;
}

/** The steps of such a box. */
export function boxOf(steps: readonly Step[], count: number): Step[] {
  const box: Step[] = [];
  let rest = count;
  for (let d = steps.length - 1; d >= 0 && rest > 1; d--) {
    const size = Math.min(rest, steps[d]!.size);
    box.unshift({ size, stride: steps[d]!.stride });
    rest /= size;
  }
  return box;
}

/** So much of the inner axis is taken at a time, that a panel of the right operand stays in the nearest cache. */
export const mostInner = 256;
/** So much of it where less makes no box that is worth it. */
const mostInnerOfWindow = 640;

/** How much of the inner axis is taken at a time. */
export function innerBlockOf({ k }: { readonly k: number }, { a, b }: WindowOperands): number {
  const fits = (count: number): boolean => [a, b].every((own) => own === null || isBox(own.inner, count));
  const largest = (most: number): number => {
    let count = Math.min(k, most);
    while (count > 1 && !fits(count)) count--;
    return count;
  };
  const block = largest(mostInner);
  return 2 * block < mostInner ? largest(mostInnerOfWindow) : block;
}

/** The operands of a product that are windows read in place; null for those that lie in memory as they are. */
export interface WindowOperands {
  readonly a: WindowOperand | null;
  readonly b: WindowOperand | null;
}

/** @param windowOf - the window that an operand is; null if it is none. */
export function windowOperandsOf(node: MatmulNode, windowOf: (id: Id) => View | null): WindowOperands {
  const [a, b] = [windowOf(node.a), windowOf(node.b)];
  return { a: a && windowOperandOf(node, "a", a), b: b && windowOperandOf(node, "b", b) };
}

/** The same in a graph. */
export function windowsOf(node: MatmulNode, nodes: readonly Node[]): WindowOperands {
  return windowOperandsOf(node, (id) => {
    const own = nodes[id]!;
    return own.kind === "view" ? own : null;
  });
}

/** Shorter blocks of the inner axis than this are not worth it. */
const leastInner = 16;

/** Which operands must be laid out: those that no packing can read where they are. */
export function laidOut(node: MatmulNode, of: (id: Id) => Operand): ReadonlySet<Id> {
  const dense = notDense([node.a, node.b], of);
  if (!node.inPlace || node.dtype === "int32") return dense;
  const isNumber = (id: Id): boolean => of(id).isNumber;
  const operands = windowOperandsOf(node, (id) => (isNumber(id) ? null : of(id).window));
  if (innerBlockOf(node, operands) < Math.min(node.k, leastInner)) return dense;
  const isRead = (id: Id): boolean =>
    !isNumber(id) && (id !== node.a || operands.a !== null) && (id !== node.b || operands.b !== null);
  return new Set([...dense].filter((id) => !isRead(id)));
}
