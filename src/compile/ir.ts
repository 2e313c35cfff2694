import type { DType, TypedArray } from "../core/dtype.ts";

/** A node's number in its graph. Nodes come after what they use. */
export type Id = number;

/** Elementwise functions of one argument, of its dtype; `cast` to its own dtype is a copy. */
export type UnaryFn =
  | "neg"
  | "abs"
  | "sqrt"
  | "floor"
  | "ceil"
  | "round"
  | "not"
  | "cast"
  | "exp"
  | "log"
  | "tanh"
  | "sigmoid"
  | "expm1"
  | "log1p"
  | "sin"
  | "cos"
  | "erf";

/** Elementwise functions of two arguments of one dtype. `min` and `max` give NaN for NaN. */
export type BinaryFn =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "min"
  | "max"
  | "lt"
  | "le"
  | "eq"
  | "ne"
  | "and"
  | "or"
  | "xor"
  | "pow";

/** An elementwise function; `select` takes a mask, what to take where it is true, and what elsewhere. */
export type MapFn = UnaryFn | BinaryFn | "select";

/** How a reduction combines elements. */
export type ReduceFn = "sum" | "min" | "max" | "and" | "or";

/** A window of an array: for each axis its size and step, in elements, from `offset` on. */
export interface View {
  /** Elements along each axis. */
  readonly sizes: readonly number[];
  /** From one element of an axis to the next. */
  readonly strides: readonly number[];
  /** Where the first element is. */
  readonly offset: number;
}

interface Common {
  readonly dtype: DType;
  /** Number of elements, row-major; shapes are the tracer's matter. */
  readonly size: number;
}

/** What comes from outside: an argument, a captured tensor, random numbers. */
export interface Leaf extends Common {
  readonly kind: "leaf";
}

/** Values that never change. If `size` is 1, it is inlined. */
export interface Constant extends Common {
  readonly kind: "constant";
  readonly values: TypedArray;
}

/** Elements of another node, in another order. */
export interface ViewNode extends Common, View {
  readonly kind: "view";
  readonly x: Id;
}

/** An elementwise function of nodes of one size. */
export interface MapNode extends Common {
  readonly kind: "map";
  readonly fn: MapFn;
  readonly args: readonly Id[];
}

/** `y[k] = x[at[k]]`. */
export interface TakeNode extends Common {
  readonly kind: "take";
  readonly x: Id;
  readonly at: Id;
}

/** `y[o, i]` of all `x[o, c, i]`. */
export interface ReduceNode extends Common {
  readonly kind: "reduce";
  readonly fn: ReduceFn;
  readonly x: Id;
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
}

/** Products of matrices, one a batch. */
export interface MatmulNode extends Common {
  readonly kind: "matmul";
  readonly a: Id;
  readonly b: Id;
  readonly batch: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** A copy of x to which `source[k]` is added at `at[k]`. */
export interface ScatterNode extends Common {
  readonly kind: "scatter";
  readonly x: Id;
  readonly at: Id;
  readonly source: Id;
}

/** Windows filled from other nodes, and `fill` elsewhere. */
export interface AssembleNode extends Common {
  readonly kind: "assemble";
  readonly fill: number;
  readonly parts: readonly (View & { readonly x: Id })[];
}

/** Running sums over the middle axis. */
export interface ScanNode extends Common {
  readonly kind: "scan";
  readonly x: Id;
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
  readonly reverse: boolean;
}

/** The places of the middle axis's elements in sorted order. */
export interface SortNode extends Common {
  readonly kind: "sort";
  readonly x: Id;
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
  readonly descending: boolean;
}

/** Fills arrays in the midst of a program: reads `inputs`, fills all of `outputs`, and keeps neither. */
export type HostFn = (inputs: readonly TypedArray[], outputs: readonly TypedArray[]) => void;

/** What a JavaScript function makes of other nodes. Its outputs lie one after the other. */
export interface HostNode extends Common {
  readonly kind: "host";
  readonly fn: HostFn;
  readonly inputs: readonly Id[];
  /** How many elements each output has. */
  readonly outputs: readonly number[];
}

export type Node =
  | Leaf
  | Constant
  | ViewNode
  | MapNode
  | TakeNode
  | ReduceNode
  | MatmulNode
  | ScatterNode
  | AssembleNode
  | ScanNode
  | SortNode
  | HostNode;

/** A condition that ends a run before it has changed anything: that one of `bad`'s elements is true. */
export interface Check {
  readonly bad: Id;
  /** What is needed to say why. */
  readonly inputs: readonly Id[];
}

/** A straight-line program of array operations. */
export interface Graph {
  readonly nodes: readonly Node[];
  readonly checks: readonly Check[];
  /** What must be in memory at the end. */
  readonly outputs: readonly Id[];
}

/** The nodes that a node uses. */
export function usesOf(node: Node): readonly Id[] {
  switch (node.kind) {
    case "leaf":
    case "constant":
      return [];
    case "map":
      return node.args;
    case "view":
    case "reduce":
    case "scan":
    case "sort":
      return [node.x];
    case "take":
      return [node.x, node.at];
    case "matmul":
      return [node.a, node.b];
    case "scatter":
      return [node.x, node.at, node.source];
    case "assemble":
      return node.parts.map(({ x }) => x);
    case "host":
      return node.inputs;
  }
}

/** The same node with other uses. */
export function withUses(node: Node, other: (id: Id) => Id): Node {
  switch (node.kind) {
    case "leaf":
    case "constant":
      return node;
    case "map":
      return { ...node, args: node.args.map(other) };
    case "view":
    case "reduce":
    case "scan":
    case "sort":
      return { ...node, x: other(node.x) };
    case "take":
      return { ...node, x: other(node.x), at: other(node.at) };
    case "matmul":
      return { ...node, a: other(node.a), b: other(node.b) };
    case "scatter":
      return { ...node, x: other(node.x), at: other(node.at), source: other(node.source) };
    case "assemble":
      return { ...node, parts: node.parts.map((part) => ({ ...part, x: other(part.x) })) };
    case "host":
      return { ...node, inputs: node.inputs.map(other) };
  }
}
