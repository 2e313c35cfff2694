import type { Backend, Block, CodeOptions, Memory, Place, Places, Runnable } from "../../src/compile/backend.ts";
import { type Compiled, compileWith, type Returned } from "../../src/compile/compile.ts";
import type { AssembleNode, Constant, Graph, HostNode, Id, MapNode, MatmulNode, Node, ReduceNode, ScanNode, ScatterNode, SortNode, TakeNode, View } from "../../src/compile/ir.ts"; // biome-ignore format: one line
import { readsOf, withPasses } from "../../src/compile/passes.ts";
import { printGraph } from "../../src/compile/print.ts";
import type { ProgramStats } from "../../src/compile/stats.ts";
import { allocate, type DType, type TypedArray } from "../../src/core/dtype.ts";
import { errorFunction } from "../../src/ops/erf.ts";

// What the compiler's graph means, node by node, as plainly as it can be said: each node becomes a typed array, one after the other. It shares
// with the WebAssembly backend the passes, and nothing of how work is ordered, merged and laid out, and of where values are.

/** The elements of a node that was computed before. */
type Read = (id: Id) => TypedArray;

const unary: Record<string, (x: number) => number> = {
  neg: (x) => -x,
  abs: Math.abs,
  sqrt: Math.sqrt,
  floor: Math.floor,
  ceil: Math.ceil,
  round: (x) => {
    const below = Math.floor(x);
    if (!Number.isFinite(x) || x === below) return x;
    const isDown = x - below < 0.5 || (x - below === 0.5 && below % 2 === 0);
    return isDown ? below * (below === 0 ? Math.sign(x) : 1) : below + 1 === 0 ? -0 : below + 1;
  },
  not: (x) => 1 - x,
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  expm1: Math.expm1,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  erf: errorFunction,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  log2: Math.log2,
  log10: Math.log10,
};

const binary: Record<string, (x: number, y: number) => number> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  min: Math.min,
  max: Math.max,
  lt: (x, y) => Number(x < y),
  le: (x, y) => Number(x <= y),
  eq: (x, y) => Number(x === y),
  ne: (x, y) => Number(x !== y),
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
  rem: (x, y) => x % y,
  pow: (x, y) => {
    if (x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY)) return 1; // unlike JavaScript's
    return x ** y;
  },
};

/** A number as an element of a dtype; a typed array rounds to float32, and keeps the last 32 bits of an integer, by itself. */
function cast(x: number, to: DType): number {
  if (to === "bool") return Number(x !== 0);
  if (to === "int32") return Math.trunc(Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Number.isNaN(x) ? 0 : x)));
  return x;
}

function map({ fn, args, dtype }: MapNode, y: TypedArray, read: Read): void {
  const [a, b, c] = args.map(read) as [TypedArray, TypedArray, TypedArray];
  for (let i = 0; i < y.length; i++) {
    if (fn === "cast") y[i] = cast(a[i]!, dtype);
    else if (fn === "select") y[i] = a[i] ? b[i]! : c[i]!;
    else if (fn === "mul" && dtype === "int32") y[i] = Math.imul(a[i]!, b[i]!);
    else y[i] = b === undefined ? unary[fn]!(a[i]!) : binary[fn]!(a[i]!, b[i]!);
  }
}

/** The places of a window's elements, in their order. */
function placesOf({ sizes, strides, offset }: View): number[] {
  let places = [offset];
  sizes.forEach((size, d) => {
    places = places.flatMap((place) => Array.from({ length: size }, (_, i) => place + i * strides[d]!));
  });
  return places;
}

function view(node: View & { readonly x: Id }, y: TypedArray, read: Read): void {
  const x = read(node.x);
  placesOf(node).forEach((place, i) => (y[i] = x[place]!));
}

function take(node: TakeNode, y: TypedArray, read: Read): void {
  const [x, at] = [read(node.x), read(node.at)];
  for (let i = 0; i < y.length; i++) y[i] = x[at[i]!]!;
}

/** The places of the middle axis, for each pair of places of the others. */
function* lanes(outer: number, count: number, inner: number): Generator<number[]> {
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) yield Array.from({ length: count }, (_, c) => (o * count + c) * inner + i);
  }
}

/** Sums of float32 are carried in float64, and rounded once; those of int32 wrap. */
const plus = (a: number, b: number, dtype: DType): number => (dtype === "int32" ? (a + b) | 0 : a + b);

function reduce({ fn, x: from, dtype, outer, count, inner }: ReduceNode, y: TypedArray, read: Read): void {
  const values = read(from);
  let to = 0;
  for (const lane of lanes(outer, count, inner)) {
    const own = lane.map((place) => values[place]!);
    y[to++] = fn === "sum" ? own.reduce((a, b) => plus(a, b, dtype), 0) : own.reduce((a, b) => binary[fn]!(a, b));
  }
}

function matmul(node: MatmulNode, y: TypedArray, read: Read): void {
  const { batch, m, k, n, transposeA, transposeB, dtype } = node;
  const [a, b] = [read(node.a), read(node.b)];
  for (let s = 0; s < batch; s++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let p = 0; p < k; p++) {
          const left = a[s * m * k + (transposeA ? p * m + i : i * k + p)]!;
          const right = b[s * k * n + (transposeB ? j * k + p : p * n + j)]!;
          sum = plus(sum, dtype === "int32" ? Math.imul(left, right) : left * right, dtype);
        }
        y[s * m * n + i * n + j] = sum;
      }
    }
  }
}

function scatter(node: ScatterNode, y: TypedArray, read: Read): void {
  const [at, source] = [read(node.at), read(node.source)];
  const sums = Array.from(read(node.x));
  at.forEach((place, i) => (sums[place] = plus(sums[place]!, source[i]!, node.dtype)));
  y.set(sums);
}

function assemble({ fill, parts }: AssembleNode, y: TypedArray, read: Read): void {
  y.fill(fill);
  for (const part of parts) {
    const x = read(part.x);
    placesOf(part).forEach((place, i) => (y[place] = x[i]!));
  }
}

function scan({ x, factors, outer, count, inner, reverse, dtype }: ScanNode, y: TypedArray, read: Read): void {
  const values = read(x);
  for (const lane of lanes(outer, count, inner)) {
    let sum = factors === null ? 0 : -0;
    for (const place of reverse ? lane.reverse() : lane) {
      sum = plus(factors === null ? sum : sum * read(factors)[place]!, values[place]!, dtype);
      y[place] = sum;
    }
  }
}

/** Whether a comes before b, smallest first; NaN is larger than all. */
const order = (a: number, b: number): number => (a < b || (Number.isNaN(b) && !Number.isNaN(a)) ? -1 : a > b || (Number.isNaN(a) && !Number.isNaN(b)) ? 1 : 0); // biome-ignore format: one line

function sort({ x, outer, count, inner, descending }: SortNode, y: TypedArray, read: Read): void {
  const values = read(x);
  const sign = descending ? -1 : 1;
  for (const lane of lanes(outer, count, inner)) {
    const places = lane.map((_, i) => i).sort((i, j) => sign * order(values[lane[i]!]!, values[lane[j]!]!));
    lane.forEach((place, i) => (y[place] = places[i]!));
  }
}

function constant({ values }: Constant, y: TypedArray): void {
  if (values.length === 1) y.fill(values[0]!);
  else y.set(values);
}

function host({ fn, inputs, outputs }: HostNode, y: TypedArray, read: Read): void {
  const filled: TypedArray[] = [];
  let at = 0;
  for (const size of outputs) {
    filled.push(y.subarray(at, at + size));
    at += size;
  }
  fn(inputs.map(read), filled);
}

type Computed = Exclude<Node, { kind: "leaf" }>;

const rules: { [K in Computed["kind"]]: (node: Extract<Computed, { kind: K }>, y: TypedArray, read: Read) => void } = {
  constant,
  view,
  map,
  take,
  reduce,
  matmul,
  scatter,
  assemble,
  scan,
  sort,
  host,
};

/** There is nothing to give back. */
const nothing = (): undefined => undefined;

/** Memory whose blocks are typed arrays. */
const arrays: Memory = {
  block(dtype, size): Block {
    const elements = allocate(dtype, size);
    return { dtype, size, elements, copy: () => elements.slice(), release: nothing };
  },
};

/** Runs a graph: what it computes, up to the first check that fails. */
export class Interpreter implements Runnable {
  readonly graph: Graph;
  readonly stats: ProgramStats;
  readonly holding = { release: nothing };
  readonly #places: Places;
  #values: (TypedArray | undefined)[] = [];

  constructor(recorded: Graph, { verify }: CodeOptions, place: Place) {
    const graph = withPasses(recorded, verify);
    const { leaves, isRead } = readsOf(graph);
    this.graph = graph;
    this.#places = place(leaves, isRead, graph.outputs);
    const operations = graph.nodes.length;
    const none = { arenaBytes: 0, moduleBytes: 0, flops: 0, bytesMoved: 0 };
    this.stats = { recorded: recorded.nodes.length, operations, kernels: operations, ...none };
  }

  readonly run = (): number => {
    this.#values = [];
    const { checks, outputs } = this.graph;
    const failed = checks.findIndex(({ bad }) => this.elements(bad)[0] !== 0);
    if (failed >= 0) return failed + 1;
    // All are computed before one is written: an output may lie where a leaf is.
    const results = outputs.map((id) => this.elements(id));
    this.#places.outputs.forEach(({ block }, i) => block.elements.set(results[i]!));
    return 0;
  };

  elements(id: Id): TypedArray {
    const known = this.#values[id];
    if (known !== undefined) return known;
    const node = this.graph.nodes[id]!;
    const { dtype, size } = node;
    let y: TypedArray;
    if (node.kind === "leaf") y = this.#places.leaves.get(id)!.copy();
    else {
      y = allocate(dtype, size);
      const rule = rules[node.kind] as (node: Computed, y: TypedArray, read: Read) => void;
      rule(node, y, (use) => this.elements(use));
    }
    this.#values[id] = y;
    return y;
  }

  isPresent(): boolean {
    return true;
  }

  isLatest(): boolean {
    return true;
  }

  toString(): string {
    return printGraph(this.graph);
  }
}

const interpreter: Backend = {
  memory: () => arrays,
  expectAlive: nothing,
  make: (recorded, options, place) => new Interpreter(recorded, options, place),
};

/** A function that is recorded as `compile` does, and whose graph is interpreted. */
export function interpret<A extends readonly unknown[], R extends Returned>(fn: (...args: A) => R): Compiled<A, R> {
  return compileWith(fn, { deterministic: true, verify: true, backend: interpreter }, 16);
}
