import { build, formOf, type Leaves, read, readLeaf, repeat } from "./forms.ts";
import { flatWorkspace, type Workspace, workspaceOf } from "./workspace.ts";

/** A run of numbers in a user's value: a number, a typed array, or a rectangular nest of arrays. */
export interface Leaf {
  /** Where it is in the value: `x.layers[0].w`. */
  readonly path: string;
  /** Sizes of its axes; empty for a plain number. */
  readonly shape: readonly number[];
  /** Where its entries begin in the flat array. */
  readonly offset: number;
  /** Its number of entries. */
  readonly size: number;
  /** Whether it can hold float32 numbers only. */
  readonly isFloat32: boolean;
}

/** A part of a value that cannot be read as the layout wants it. */
export interface Misfit {
  readonly leaf: Leaf | null;
  /** Entries that were found there; −1 if the trouble is not their number. */
  readonly found: number;
  readonly text: string;
  /** What may be the reason, if that can be told from the part alone. */
  readonly hint?: string;
}

/** How a value of the user's (numbers in any nest of arrays and objects) lies in one flat array. */
export interface Layout {
  readonly leaves: readonly Leaf[];
  readonly size: number;
  /** Names of the parts that hold no numbers to differentiate with respect to. */
  readonly passed: readonly string[];
  /** A fresh value of the user's form with these entries. */
  build(flat: Float64Array): unknown;
  /**
   * The entries of a value that should have this form, or what does not fit; arrays and typed arrays may stand for one another.
   *
   * @param into - where to write them; a new array unless given.
   * @param mayLack - whether a leaf may be missing; then its entries are left as they are.
   */
  read(value: unknown, name: string, into?: Float64Array, mayLack?: (leaf: Leaf) => boolean): Float64Array | Misfit;
  /** A value of the user's form that can be written in place; null where that is of the user's own making. */
  workspace(flat: Float64Array): Workspace | null;
  /** A value of this form with `times` as many entries in each leaf. */
  repeated(times: number): unknown;
}

/**
 * @param op - who asks, for errors.
 * @param name - what the value is called in labels, `x`.
 * @param own - how parts of the user's classes are read.
 * @throws {@link ValueError} for what contains no numbers, or contains them where they cannot be found.
 */
export function layoutOf(op: string, value: unknown, name: string, own?: Leaves): Layout {
  const { root, leaves, size, passed } = formOf(op, value, name, own);
  return {
    leaves,
    size,
    passed,
    build: (flat) => build(root, flat),
    read: (given, as, flat = new Float64Array(size), mayLack) => read(root, given, as, flat, mayLack) ?? flat,
    workspace: (flat) => workspaceOf(root, flat),
    repeated: (times) => repeat(root, times),
  };
}

/** The layout of a flat list of numbers with a shape. */
export function flatLayout(path: string, shape: readonly number[]): Layout {
  const size = shape.reduce((n, s) => n * s, 1);
  return layoutOfLeaves([{ path, shape, offset: 0, size, isFloat32: false }]);
}

/** A layout for what is passed as one flat array, with names and shapes for its parts. */
export function layoutOfLeaves(leaves: readonly Leaf[]): Layout {
  const size = leaves.reduce((n, leaf) => n + leaf.size, 0);
  const whole: Leaf = { path: "", shape: [size], offset: 0, size, isFloat32: false };
  return {
    leaves,
    size,
    passed: [],
    build: (flat) => flat.slice(),
    read: (given, as, flat = new Float64Array(size)) => readLeaf(whole, given, as, flat) ?? flat,
    workspace: flatWorkspace,
    repeated: (times) => new Float64Array(size * times),
  };
}

/** The name of an entry, with its index on each axis: `x.w[1, 2]`. */
export function labelOf(layout: Layout, entry: number): string {
  const { leaf, index } = locate(layout, entry);
  return index.length === 0 ? leaf.path : `${leaf.path}[${index.join(", ")}]`;
}

/** The leaf that an entry is in, and its index on each of the leaf's axes. */
export function locate({ leaves }: Layout, entry: number): { leaf: Leaf; index: number[] } {
  const leaf = leaves.find(({ offset, size }) => entry >= offset && entry < offset + size)!;
  const index: number[] = [];
  let rest = entry - leaf.offset;
  for (let axis = leaf.shape.length - 1; axis >= 0; axis--) {
    index.unshift(rest % leaf.shape[axis]!);
    rest = Math.floor(rest / leaf.shape[axis]!);
  }
  return { leaf, index };
}

/** Whether two flat arrays hold the same numbers, the signs of zeros included. */
export function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if ((a[i] !== b[i] || a[i] === 0) && !Object.is(a[i], b[i])) return false;
  return true;
}
