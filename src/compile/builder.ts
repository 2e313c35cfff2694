import { allocate, type DType, promote, type TypedArray } from "../core/dtype.ts";
import { textOf } from "../core/errors.ts";
import { broadcastShapes, type Shape, sameShape, sizeOf, stridesOf } from "../core/shape.ts";
import { contentOf, numberText } from "./content.ts";
import { CompileError } from "./errors.ts";
import type { Id } from "./ir/kind.ts";
import {
  type BinaryFn,
  type Check,
  type HostFn,
  isNumber,
  type MapFn,
  type Node,
  type ReduceFn,
  type UnaryFn,
  type View,
} from "./ir.ts";
import { isCheap } from "./residuals.ts";
import { composed, isWhole, simplified, viewSize } from "./view.ts";

/** So many functions are computed again, at most, so a result need not be laid out in another order. */
const mostAgain = 8;

/** An array in the graph of a compiled function, as lowerings see it: it has a shape and a dtype, but no numbers yet. You can use it only with the builder that made it. */
export interface Value {
  /** The number of its node in the graph. */
  readonly id: number;
  /** Sizes of the axes. */
  readonly shape: Shape;
  /** Element type. */
  readonly dtype: DType;
}

/**
 * Builds a graph node by node: what lowerings write with. Equal nodes are made once, constants are computed, and windows of windows become
 * one, so lowerings need not care.
 */
export class Builder {
  /** Whose call is being written, for messages. */
  op = "compile";
  readonly nodes: Node[] = [];
  readonly checks: Check[] = [];
  readonly #known = new Map<string, Id>();
  /** What its values are known by. */
  readonly #own = Symbol("builder");
  readonly #constants = new Map<TypedArray, Id>();

  /** A node that others fill. */
  leaf(shape: Shape, dtype: DType): Value {
    const id = this.nodes.push({ kind: "leaf", dtype, size: sizeOf(shape) }) - 1;
    return this.#value(id, shape, dtype);
  }

  /** One number everywhere. */
  fill(value: number, shape: Shape, dtype: DType): Value {
    const size = sizeOf(shape);
    const known = this.#known.get(numberText(value, { dtype, size }));
    if (known !== undefined) return this.#value(known, shape, dtype);
    const values = allocate(dtype, 1);
    values[0] = value;
    return this.#add({ kind: "constant", dtype, size, values }, shape);
  }

  /** Values that never change; they are not copied. */
  constant(values: TypedArray, shape: Shape, dtype: DType): Value {
    if (values.length !== sizeOf(shape)) {
      throw new CompileError(this.op, "a constant must fill its shape", `${values.length} numbers for [${shape}]`);
    }
    const first = values[0];
    if (first !== undefined && values.every((v) => Object.is(v, first))) return this.fill(first, shape, dtype);
    const known = this.#constants.get(values);
    const id = known ?? this.nodes.push({ kind: "constant", dtype, size: values.length, values }) - 1;
    this.#constants.set(values, id);
    return this.#value(id, shape, dtype);
  }

  /** 0, 1, 2 …, int32. */
  range(n: number): Value {
    return this.constant(
      Int32Array.from({ length: n }, (_, i) => i),
      [n],
      "int32",
    );
  }

  /** The value of a constant that is one number everywhere, or null. */
  uniform(x: Value): number | null {
    const node = this.nodeOf(x);
    return isNumber(node) ? node.values[0]! : null;
  }

  /** The same elements, in the same order, in another shape of as many. */
  reshape(x: Value, shape: Shape): Value {
    const { size } = this.nodeOf(x);
    if (sizeOf(shape) !== size) {
      throw new CompileError(this.op, "sizes must multiply to the number of elements", `[${shape}] for ${size}`);
    }
    return this.#value(x.id, shape, x.dtype);
  }

  /** The elements in another dtype; to int32, the fraction is cut off. */
  cast(x: Value, dtype: DType): Value {
    const node = this.nodeOf(x);
    if (x.dtype === dtype) return x;
    if (node.kind !== "constant")
      return this.#add({ kind: "map", fn: "cast", dtype, size: node.size, args: [x.id] }, x.shape);
    const values = allocate(dtype, node.values.length);
    if (dtype === "bool") node.values.forEach((v, i) => (values[i] = v === 0 ? 0 : 1));
    else values.set(node.values);
    return values.length === 1 ? this.fill(values[0]!, x.shape, dtype) : this.constant(values, x.shape, dtype);
  }

  /** An elementwise function of values of one shape and dtype; other shapes are broadcast. */
  map(fn: MapFn, args: readonly Value[], dtype: DType): Value {
    // Most are of one shape. An optimizer's rule writes thousands, so there are no iterators.
    let shape: Shape = args[0]?.shape ?? [];
    for (let i = 0; i < args.length; i++) {
      const x = args[i]!;
      this.nodeOf(x);
      if (!sameShape(x.shape, shape)) shape = broadcastShapes(fn, shape, x.shape);
    }
    const ids: Id[] = [];
    for (let i = 0; i < args.length; i++) {
      const x = args[i]!;
      ids.push((sameShape(x.shape, shape) ? x : this.expand(x, shape)).id);
    }
    return this.#add({ kind: "map", fn, dtype, size: sizeOf(shape), args: ids }, shape);
  }

  /** An elementwise function of one value, in its dtype. */
  unary(fn: UnaryFn, x: Value): Value {
    this.nodeOf(x);
    return this.map(fn, [x], x.dtype);
  }

  /** A function of two values, in what both are promoted to. */
  binary(fn: BinaryFn, a: Value, b: Value, to?: DType): Value {
    this.nodeOf(a);
    this.nodeOf(b);
    const isTest = fn === "lt" || fn === "le" || fn === "eq" || fn === "ne";
    let dtype = to ?? promote(a.dtype, b.dtype);
    if (isTest && dtype === "bool") dtype = "int32"; // tests are of numbers
    return this.map(fn, [this.cast(a, dtype), this.cast(b, dtype)], isTest ? "bool" : dtype);
  }

  /** `a` where the mask is true, else `b`. */
  select(mask: Value, a: Value, b: Value): Value {
    this.nodeOf(a);
    return this.map("select", [mask, a, this.cast(b, a.dtype)], a.dtype);
  }

  /** Elements of a value in another order, or some of them: a window of the flat array, whose sizes multiply to those of `shape`. */
  view(x: Value, view: View, shape: Shape): Value {
    const own = simplified(view);
    const node = this.nodeOf(x);
    const size = sizeOf(shape);
    if (isWhole(own, node.size) && size === node.size) return this.reshape(x, shape);
    if (isNumber(node)) return this.fill(node.values[0]!, shape, x.dtype);
    if (size === 0) return this.fill(0, shape, x.dtype);
    if (node.kind === "view") {
      const whole = composed(node, own);
      if (whole !== null) return this.view(this.flat(node.x), whole, shape);
      // No one window shows it: what the inner window shows is laid out.
      const copy = this.#add({ kind: "map", fn: "cast", dtype: x.dtype, size: node.size, args: [x.id] }, x.shape);
      return this.view(copy, view, shape);
    }
    if (isCheap(node) && size === node.size) {
      const again = this.#inOrder(x.id, own, mostAgain);
      if (again !== null) return this.reshape(again.value, shape);
    }
    return this.#add({ kind: "view", dtype: x.dtype, size, x: x.id, ...own }, shape);
  }

  /**
   * What a window shows of cheap functions of windows, made of what those are windows of, where that undoes their order: axes that were exchanged for a reduction, say, and back. It need
   * not be laid out then. Null where something would have to be.
   */
  #inOrder(id: Id, view: View, room: number): { readonly value: Value; readonly room: number } | null {
    const node = this.nodes[id]!;
    if (isNumber(node)) return { value: this.view(this.flat(id), view, [viewSize(view)]), room };
    if (node.kind === "view") {
      const own = composed(node, view);
      if (own === null) return null;
      const { size } = this.nodes[node.x]!;
      const shown = simplified(own);
      const isNumbers = shown.strides.includes(0); // one for several elements
      return isNumbers || isWhole(shown, size) ? { value: this.view(this.flat(node.x), own, [node.size]), room } : null;
    }
    if (!isCheap(node) || room === 0) return null;
    const args: Value[] = [];
    let left = room - 1;
    for (const arg of node.args) {
      const made = this.#inOrder(arg, view, left);
      if (made === null) return null;
      args.push(made.value);
      left = made.room;
    }
    return { value: this.map(node.fn, args, node.dtype), room: left };
  }

  /** Broadcasts to a shape. */
  expand(x: Value, shape: Shape): Value {
    const node = this.nodeOf(x);
    if (sameShape(x.shape, shape)) return x;
    if (!sameShape(broadcastShapes(this.op, x.shape, shape), shape)) {
      throw new CompileError(this.op, "shapes must broadcast", `[${x.shape}] to [${shape}]`);
    }
    if (node.kind === "constant" && node.values.length === 1) return this.fill(node.values[0]!, shape, x.dtype);
    const skip = shape.length - x.shape.length;
    const own = stridesOf(x.shape);
    const strides = shape.map((_, i) => (x.shape[i - skip] === 1 ? 0 : (own[i - skip] ?? 0)));
    return this.view(x, { sizes: shape, strides, offset: 0 }, shape);
  }

  /** `x[at[k]]` for each k: `at` are places in the flat array, int32, which must be right. */
  take(x: Value, at: Value): Value {
    for (const own of [x, at]) this.nodeOf(own);
    if (sizeOf(at.shape) === 0) return this.fill(0, at.shape, x.dtype);
    return this.#add({ kind: "take", dtype: x.dtype, size: sizeOf(at.shape), x: x.id, at: at.id }, at.shape);
  }

  /** Combines the middle of three axes, in another dtype if one is given: that of sums of float32 may be float64. */
  reduce(
    fn: ReduceFn,
    x: Value,
    [outer, count, inner]: readonly [number, number, number],
    shape: Shape,
    to?: DType,
  ): Value {
    this.nodeOf(x);
    const dtype = to ?? x.dtype;
    const empty = { sum: 0, or: 0, and: 1, min: Number.NaN, max: Number.NaN };
    if (outer * count * inner === 0) return this.fill(empty[fn], shape, dtype);
    if (count === 1) return this.reshape(this.cast(x, dtype), shape);
    return this.#add({ kind: "reduce", fn, dtype, size: outer * inner, x: x.id, outer, count, inner }, shape);
  }

  /** Products of matrices, `batch` of them one after the other: of m rows, n columns and k terms. */
  matmul(
    a: Value,
    b: Value,
    sizes: { readonly batch: number; readonly m: number; readonly k: number; readonly n: number },
    attrs: { readonly transposeA: boolean; readonly transposeB: boolean; readonly inPlace?: boolean },
    shape: Shape,
  ): Value {
    for (const x of [a, b]) this.nodeOf(x);
    const size = sizeOf(shape);
    if (size === 0 || sizes.k === 0) return this.fill(0, shape, a.dtype);
    const { transposeA, transposeB, inPlace = false } = attrs;
    return this.#add(
      { kind: "matmul", dtype: a.dtype, size, a: a.id, b: b.id, ...sizes, transposeA, transposeB, inPlace },
      shape,
    );
  }

  /** A copy of x to which `source[k]` is added at the place `at[k]` of the flat array; places are int32, and must be right. */
  scatter(x: Value, at: Value, source: Value): Value {
    for (const own of [x, at, source]) this.nodeOf(own);
    if (sizeOf(at.shape) === 0 || sizeOf(x.shape) === 0) return x;
    const size = sizeOf(x.shape);
    return this.#add({ kind: "scatter", dtype: x.dtype, size, x: x.id, at: at.id, source: source.id }, x.shape);
  }

  /** An array in which values fill windows, and one number is elsewhere. */
  assemble(parts: readonly (View & { readonly x: Value })[], fill: number, shape: Shape, dtype: DType): Value {
    for (const { x } of parts) this.nodeOf(x);
    const used = parts
      .filter(({ sizes }) => sizeOf(sizes) > 0)
      .map(({ x, ...view }) => ({ x: x.id, ...simplified(view) }));
    const size = sizeOf(shape);
    if (used.length === 0) return this.fill(fill, shape, dtype);
    return this.#add({ kind: "assemble", dtype, size, fill, parts: used }, shape);
  }

  /** Running sums along the middle of three axes; with factors, which must be floats, each sum is multiplied by its own before x is added. The first factor must be 0. */
  scan(
    x: Value,
    [outer, count, inner]: readonly [number, number, number],
    reverse: boolean,
    factors: Value | null = null,
  ): Value {
    for (const own of factors === null ? [x] : [x, factors]) this.nodeOf(own);
    const size = outer * count * inner;
    if (size === 0) return x;
    return this.#add(
      { kind: "scan", dtype: x.dtype, size, x: x.id, factors: factors?.id ?? null, outer, count, inner, reverse },
      x.shape,
    );
  }

  /** Places of the middle axis's elements in sorted order, int32. */
  sort(x: Value, [outer, count, inner]: readonly [number, number, number], descending: boolean): Value {
    this.nodeOf(x);
    const size = outer * count * inner;
    if (size === 0 || count === 1) return this.fill(0, x.shape, "int32");
    return this.#add({ kind: "sort", dtype: "int32", size, x: x.id, outer, count, inner, descending }, x.shape);
  }

  /**
   * Ends a run before it has changed anything if one element of `bad` is true. The op's shape rule is then called on the values of `inputs`, which
   * should be the call's, and is to throw.
   */
  check(bad: Value, inputs: readonly Value[]): void {
    for (const x of [bad, ...inputs]) this.nodeOf(x);
    const size = sizeOf(bad.shape);
    const any = this.reduce("or", bad, [1, size, 1], []);
    this.checks.push({ bad: any.id, inputs: inputs.map(({ id }) => id) });
  }

  hasMade(x: unknown): x is Value {
    return Made.by(this.#own, x);
  }

  /** A node's elements as one axis. */
  flat(id: Id): Value {
    const { size, dtype } = this.nodes[id]!;
    return this.#value(id, [size], dtype);
  }

  /** @throws {@link CompileError} for what this builder has not made. */
  nodeOf(x: Value): Node {
    if (!this.hasMade(x)) {
      const hint = "write numbers as b.fill(2, [], dtype), and keep no values from one call to another";
      throw new CompileError(this.op, "its lowering must use values that this builder has made", textOf(x), hint);
    }
    return this.nodes[x.id]!;
  }

  #value(id: Id, shape: Shape, dtype: DType): Value {
    return new Made(id, shape, dtype, this.#own);
  }

  /**
   * Has a run stop, call a JavaScript function with what lies in its memory, and go on: `fn(inputs, outputs)` gets typed arrays, which it must not keep, and
   * fills all outputs. It is called once in each run, on the main thread, before the run has changed anything outside; not for a result that nobody
   * uses. It must be synchronous, and call nothing compiled. If it throws, the run has changed nothing.
   *
   * @returns the outputs, of these shapes.
   * @internal
   */
  host(fn: HostFn, inputs: readonly Value[], shapes: readonly Shape[], dtype: DType): Value[] {
    if (typeof fn !== "function") throw new CompileError(this.op, "a host call needs a function", textOf(fn));
    const ids = inputs.map((x) => {
      this.nodeOf(x);
      return x.id;
    });
    const outputs = shapes.map(sizeOf);
    const size = outputs.reduce((sum, own) => sum + own, 0);
    if (size === 0) return shapes.map((shape) => this.fill(0, shape, dtype));
    // Not by `add`: two calls of one function on equal values may give different ones.
    const id = this.nodes.push({ kind: "host", dtype, size, fn, inputs: ids, outputs }) - 1;
    let offset = 0;
    return shapes.map((shape, i) => {
      const own = { sizes: [outputs[i]!], strides: [1], offset };
      offset += outputs[i]!;
      return this.view(this.flat(id), own, shape);
    });
  }

  #add(node: Node, shape: Shape): Value {
    if (node.size !== sizeOf(shape)) {
      const got = `[${shape}] for a ${node.kind} of ${node.size}`;
      throw new CompileError(this.op, "the shape must have as many elements as are computed", got);
    }
    const key = contentOf(node);
    const id = this.#known.get(key) ?? this.nodes.push(node) - 1;
    this.#known.set(key, id);
    return this.#value(id, shape, node.dtype);
  }
}

/** A value that knows who has made it, and keeps nothing of that alive. */
class Made implements Value {
  readonly id: Id;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly #maker: symbol;

  constructor(id: Id, shape: Shape, dtype: DType, maker: symbol) {
    this.id = id;
    this.shape = shape;
    this.dtype = dtype;
    this.#maker = maker;
  }

  static by(maker: symbol, x: unknown): x is Value {
    return typeof x === "object" && x !== null && #maker in x && x.#maker === maker;
  }
}
