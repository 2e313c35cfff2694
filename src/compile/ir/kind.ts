import type { DType } from "../../core/dtype.ts";
import type { View } from "./view.ts";

/** A node's number in its graph. Nodes come after what they use. */
export type Id = number;

/** Bytes of an element in memory. */
export const bytesOf: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4, bool: 1 };

/** What nodes of all kinds have. */
export interface Base {
  readonly dtype: DType;
  /** Number of elements, row-major; shapes are the tracer's matter. */
  readonly size: number;
}

/** What a node uses, as far as it matters for whether that must be laid out in memory. */
export interface Operand extends Base {
  /** If it shows a window of another node. */
  readonly window: View | null;
  /** Whether it is one number, wherever it is read. */
  readonly isNumber: boolean;
}

/** Three axes that a node works along: the middle one. */
export interface Axes {
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
}

/** How a node is computed in a loop with others. */
export interface Looped<N extends Base> {
  /** The elements that the loop goes over. */
  over(node: N, of: (id: Id) => Base): number;
  /** What is read at the loop's own element. */
  direct(node: N): readonly Id[];
  /** What is read anywhere, so it must be complete before the loop begins. */
  whole(node: N): readonly Id[];
  /** Where the loop is cut into axes: see cuts.ts. */
  cuts(node: N): readonly number[];
  /** The axes that it reduces; null if it gives an element for each. */
  reduction(node: N): Axes | null;
}

/**
 * All that the compiler, but for what makes code of it, knows of a kind of node. A new kind is a file beside this one, a line in ir.ts, and a function of each engine, which
 * TypeScript asks for.
 */
export interface Kind<N extends Base> {
  /**
   * Where its elements are computed: `nowhere`, since they are there already; in a loop with other nodes; `alone`, by a kernel of its own; or `outside` of the
   * program, by a function that may do and throw anything.
   */
  readonly where: "nowhere" | "alone" | "outside" | Looped<N>;
  /** The nodes that it uses. */
  uses(node: N): readonly Id[];
  /** The same node with other uses. */
  withUses(node: N, other: (id: Id) => Id): N;
  /** Which of its uses must be copied, so they lie in memory, or fit into its loop, as they are. None but windows and single numbers; not asked where it uses none of these. */
  copied(node: N, of: (id: Id) => Operand): ReadonlySet<Id>;
  /** What is wrong with it; null if nothing is. Its uses come before it. */
  fault(node: N, of: (id: Id) => Base): string | null;
  /** Whether it has numbers in itself that JSON does not tell apart: −0, NaN and ∞. */
  readonly hasNumbers: boolean;
  /** A text that tells a node from all others, for kinds that most nodes are of; without it, all fields are written, which takes longer. */
  content?(node: N): string;
  /** If it reads or writes at places that one of its uses holds: that, and what they are places in. */
  places(node: N): { readonly x: Id; readonly at: Id } | null;
  /** Floating-point operations. */
  flops(node: N, of: (id: Id) => Base): number;
  /** One line, after its name. */
  text(node: N): string;
}

/** `float32[6]`. */
export function typeOf({ dtype, size }: Base): string {
  return `${dtype}[${size}]`;
}

/** Whether something has a dtype and a number of elements. */
export function isLike(x: Base, dtype: DType, size: number): boolean {
  return x.dtype === dtype && x.size === size;
}

/** For kinds of nodes that read memory by addresses of their own: which of some uses do not lie there, one element after the other. */
export function notDense(uses: readonly Id[], of: (id: Id) => Operand): ReadonlySet<Id> {
  return new Set(uses.filter((id) => of(id).window !== null || of(id).isNumber));
}

/** No nodes, and no cuts. */
export const nothing: readonly number[] = [];

/** No use needs a copy. */
export const none: ReadonlySet<Id> = /* @__PURE__ */ new Set<Id>();
