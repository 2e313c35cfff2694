import { textOf, ValueError } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";

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
}

/** How a value of the user's (numbers in any nest of arrays and records) lies in one flat array. */
export interface Layout {
  readonly leaves: readonly Leaf[];
  readonly size: number;
  /** A fresh value of the user's form with these entries. */
  build(flat: Float64Array): unknown;
  /** The entries of a value that should have this form, or what does not fit; arrays and typed arrays may stand for one another. */
  read(value: unknown, name: string): Float64Array | Misfit;
  /** A value of this form with `times` as many entries in each leaf. */
  repeated(times: number): unknown;
}

/** Levels that a value may be nested in. */
const deepest = 64;

type Node =
  | { readonly kind: "leaf"; readonly leaf: Leaf; readonly make: (entries: Float64Array) => unknown }
  | { readonly kind: "list" | "record"; readonly children: readonly (readonly [string, Node])[] };

/**
 * @param op - who asks, for errors.
 * @param name - what the value is called in labels, `x`.
 * @throws {@link ValueError} for anything but numbers in arrays, Float64Array, Float32Array and plain records.
 */
export function layoutOf(op: string, value: unknown, name: string): Layout {
  const leaves: Leaf[] = [];
  let size = 0;
  const leafOf = (
    path: string,
    shape: readonly number[],
    make: (entries: Float64Array) => unknown,
    isFloat32 = false,
  ) => {
    const leaf = { path, shape, offset: size, size: shape.reduce((n, s) => n * s, 1), isFloat32 };
    leaves.push(leaf);
    size += leaf.size;
    return { kind: "leaf", leaf, make } as const;
  };
  const walk = (part: unknown, path: string, depth = 0): Node => {
    if (depth > deepest) throw new ValueError(op, "must not be nested so deep, or in a circle", `${deepest} levels`);
    if (typeof part === "number") return leafOf(path, [], (entries) => entries[0]!);
    if (isTyped(part, "Float64Array")) return leafOf(path, [part.length], (entries) => entries);
    if (isTyped(part, "Float32Array")) {
      return leafOf(path, [part.length], (entries) => Float32Array.from(entries), true);
    }
    if (Array.isArray(part)) {
      const shape = rectangle(part);
      if (shape !== null) return leafOf(path, shape, (entries) => nested(entries, shape));
      return {
        kind: "list",
        children: Array.from(part as unknown[], (child, i) => [String(i), walk(child, `${path}[${i}]`, depth + 1)]),
      };
    }
    if (isRecord(part)) {
      return {
        kind: "record",
        children: Object.keys(part).map((key) => [key, walk(part[key], `${path}.${key}`, depth + 1)]),
      };
    }
    const hint = isTensor(part)
      ? "gradcheck(f, inputs) takes tensors"
      : "use numbers in arrays, Float64Array, Float32Array and plain objects";
    throw new ValueError(op, `${path} must hold numbers`, textOf(part), hint);
  };
  const root = walk(value, name);
  return {
    leaves,
    size,
    build: (flat) => buildNode(root, flat),
    read: (given, as) => {
      const flat = new Float64Array(size);
      return readNode(root, given, as, flat) ?? flat;
    },
    repeated: (times) => repeatNode(root, times),
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
    build: (flat) => flat.slice(),
    read: (given, as) => {
      const flat = new Float64Array(size);
      return readLeaf(whole, given, as, flat) ?? flat;
    },
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

function repeatNode(node: Node, times: number): unknown {
  if (node.kind === "leaf") return new Float64Array(node.leaf.size * times);
  const children = node.children.map(([key, child]) => [key, repeatNode(child, times)] as const);
  return node.kind === "list" ? children.map(([, child]) => child) : Object.fromEntries(children);
}

function buildNode(node: Node, flat: Float64Array): unknown {
  if (node.kind === "leaf") return node.make(flat.slice(node.leaf.offset, node.leaf.offset + node.leaf.size));
  const children = node.children.map(([key, child]) => [key, buildNode(child, flat)] as const);
  return node.kind === "list" ? children.map(([, child]) => child) : Object.fromEntries(children);
}

function readNode(node: Node, value: unknown, name: string, flat: Float64Array): Misfit | undefined {
  if (node.kind === "leaf") return readLeaf(node.leaf, value, name, flat);
  const keys = typeof value === "object" && value !== null ? Object.keys(value) : [];
  const surplus = keys.find((key) => !node.children.some(([own]) => own === key));
  for (const [key, child] of node.children) {
    const at = node.kind === "list" ? `${name}[${key}]` : `${name}.${key}`;
    const isHolder = node.kind === "list" ? Array.isArray(value) : isRecord(value);
    if (!isHolder || !(key in (value as object))) return { leaf: null, found: -1, text: `${at} is missing` };
    const misfit = readNode(child, (value as Record<string, unknown>)[key], at, flat);
    if (misfit !== undefined) return misfit;
  }
  return surplus === undefined ? undefined : { leaf: null, found: -1, text: `${name} has a part too many: ${surplus}` };
}

function readLeaf(leaf: Leaf, value: unknown, name: string, flat: Float64Array): Misfit | undefined {
  let count = 0;
  const fill = (part: unknown, depth = 0): string | undefined => {
    if (typeof part === "number") {
      if (count < leaf.size) flat[leaf.offset + count] = part;
      count++;
      return undefined;
    }
    if (!Array.isArray(part) && !(ArrayBuffer.isView(part) && "length" in part)) {
      return textOf(part);
    }
    for (const child of part as unknown as Iterable<unknown>) {
      const wrong = depth > deepest ? "a circle" : fill(child, depth + 1);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
  const wrong = fill(value);
  if (wrong !== undefined) return { leaf, found: -1, text: `${name} must hold numbers, got ${wrong}` };
  const shape = Array.isArray(value) ? rectangle(value) : null;
  if (count === leaf.size && shape !== null && shape.length > 1 && shape.length === leaf.shape.length) {
    const differs = shape.some((n, axis) => n !== leaf.shape[axis]);
    const sizes = `[${shape.join(", ")}] where it should be [${leaf.shape.join(", ")}]`;
    if (differs) return { leaf, found: -1, text: `${name} has shape ${sizes}` };
  }
  if (count === leaf.size) return undefined;
  return { leaf, found: count, text: `${name} has ${count} entries where there should be ${leaf.size}` };
}

/** The shape of a rectangular nest of arrays of numbers, or null. */
function rectangle(value: readonly unknown[], depth = 0): number[] | null {
  if (depth > deepest) return null;
  const items = Array.from(value); // with holes as undefined
  if (items.every((item) => typeof item === "number")) return [value.length];
  const shapes = items.map((item) => (Array.isArray(item) ? rectangle(item, depth + 1) : null));
  const [first] = shapes;
  if (!first || shapes.some((shape) => shape?.join() !== first.join())) return null;
  return [value.length, ...first];
}

function nested(entries: Float64Array, shape: readonly number[]): unknown[] {
  const [n, ...rest] = shape;
  if (rest.length === 0) return Array.from(entries);
  const size = entries.length / n!;
  return Array.from({ length: n! }, (_, i) => nested(entries.subarray(i * size, (i + 1) * size), rest));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return true;
  // The root of some realm's prototypes: objects of another realm, a test environment's, are plain too.
  return Object.getPrototypeOf(prototype) === null && Object.prototype.toString.call(value) === "[object Object]";
}

/** Whether a value is a typed array of a class: told by its tag, since each realm has classes of its own. */
export function isTyped(value: unknown, name: "Float32Array" | "Float64Array"): value is Float32Array | Float64Array {
  return (
    ArrayBuffer.isView(value) && (value as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === name
  );
}
