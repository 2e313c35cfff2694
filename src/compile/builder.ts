import { allocate, type DType, promote, type TypedArray } from "../core/dtype.ts";
import { broadcastShapes, type Shape, sameShape, sizeOf, stridesOf } from "../core/shape.ts";
import type { BinaryFn, Check, Id, MapFn, Node, ReduceFn, UnaryFn, View } from "./ir.ts";
import { composed, isWhole, simplified } from "./view.ts";

/** A node with the shape that an op sees in it. */
export interface Value {
  readonly id: Id;
  readonly shape: Shape;
  readonly dtype: DType;
}

/**
 * Builds a graph node by node: what lowerings write with. Equal nodes are made once, constants are computed, and windows of windows become
 * one, so that lowerings need not care.
 */
export class Builder {
  readonly nodes: Node[] = [];
  readonly checks: Check[] = [];
  readonly #known = new Map<string, Id>();
  readonly #constants = new Map<TypedArray, Id>();

  /** A node that others fill. */
  leaf(shape: Shape, dtype: DType): Value {
    const id = this.nodes.push({ kind: "leaf", dtype, size: sizeOf(shape) }) - 1;
    return { id, shape, dtype };
  }

  /** One number everywhere. */
  fill(value: number, shape: Shape, dtype: DType): Value {
    const values = allocate(dtype, 1);
    values[0] = value;
    return this.#add({ kind: "constant", dtype, size: sizeOf(shape), values }, shape);
  }

  /** Values that never change; they are not copied. */
  constant(values: TypedArray, shape: Shape, dtype: DType): Value {
    const first = values[0];
    if (first !== undefined && values.every((v) => Object.is(v, first))) return this.fill(first, shape, dtype);
    const known = this.#constants.get(values);
    const id = known ?? this.nodes.push({ kind: "constant", dtype, size: values.length, values }) - 1;
    this.#constants.set(values, id);
    return { id, shape, dtype };
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
  uniform({ id }: Value): number | null {
    const node = this.nodes[id]!;
    return node.kind === "constant" && node.values.length === 1 ? node.values[0]! : null;
  }

  reshape({ id, dtype }: Value, shape: Shape): Value {
    return { id, shape, dtype };
  }

  cast(x: Value, dtype: DType): Value {
    if (x.dtype === dtype) return x;
    const node = this.nodes[x.id]!;
    if (node.kind !== "constant")
      return this.#add({ kind: "map", fn: "cast", dtype, size: node.size, args: [x.id] }, x.shape);
    const values = allocate(dtype, node.values.length);
    if (dtype === "bool") node.values.forEach((v, i) => (values[i] = v === 0 ? 0 : 1));
    else values.set(node.values);
    return values.length === 1 ? this.fill(values[0]!, x.shape, dtype) : this.constant(values, x.shape, dtype);
  }

  /** An elementwise function of values of one shape and dtype; other shapes are broadcast. */
  map(fn: MapFn, args: readonly Value[], dtype: DType): Value {
    const shape = args.reduce<Shape>((to, { shape: own }) => broadcastShapes(fn, to, own), []);
    const ids = args.map((x) => this.expand(x, shape).id);
    return this.#add({ kind: "map", fn, dtype, size: sizeOf(shape), args: ids }, shape);
  }

  unary(fn: UnaryFn, x: Value): Value {
    return this.map(fn, [x], x.dtype);
  }

  /** A function of two values, in what both are promoted to. */
  binary(fn: BinaryFn, a: Value, b: Value, dtype = promote(a.dtype, b.dtype)): Value {
    const isTest = fn === "lt" || fn === "le" || fn === "eq" || fn === "ne";
    return this.map(fn, [this.cast(a, dtype), this.cast(b, dtype)], isTest ? "bool" : dtype);
  }

  /** `a` where the mask is true, else `b`. */
  select(mask: Value, a: Value, b: Value): Value {
    return this.map("select", [mask, a, this.cast(b, a.dtype)], a.dtype);
  }

  view(x: Value, view: View, shape: Shape): Value {
    const own = simplified(view);
    const node = this.nodes[x.id]!;
    const size = sizeOf(shape);
    if (isWhole(own, node.size) && size === node.size) return this.reshape(x, shape);
    if (node.kind === "constant" && node.values.length === 1) return this.fill(node.values[0]!, shape, x.dtype);
    if (size === 0) return this.fill(0, shape, x.dtype);
    if (node.kind === "view") {
      const whole = composed(node, own);
      const base = this.nodes[node.x]!;
      if (whole !== null) return this.view({ id: node.x, shape: [base.size], dtype: x.dtype }, whole, shape);
      // No one window shows it: what the inner window shows is laid out.
      const copy = this.#add({ kind: "map", fn: "cast", dtype: x.dtype, size: node.size, args: [x.id] }, x.shape);
      return this.view(copy, view, shape);
    }
    return this.#add({ kind: "view", dtype: x.dtype, size, x: x.id, ...own }, shape);
  }

  expand(x: Value, shape: Shape): Value {
    if (sameShape(x.shape, shape)) return x;
    const skip = shape.length - x.shape.length;
    const own = stridesOf(x.shape);
    const strides = shape.map((_, i) => (x.shape[i - skip] === 1 ? 0 : (own[i - skip] ?? 0)));
    return this.view(x, { sizes: shape, strides, offset: 0 }, shape);
  }

  take(x: Value, at: Value): Value {
    if (sizeOf(at.shape) === 0) return this.fill(0, at.shape, x.dtype);
    return this.#add({ kind: "take", dtype: x.dtype, size: sizeOf(at.shape), x: x.id, at: at.id }, at.shape);
  }

  /** Combines the middle of three axes, in another dtype if one is given: that of sums of float32 may be float64. */
  reduce(
    fn: ReduceFn,
    x: Value,
    [outer, count, inner]: readonly [number, number, number],
    shape: Shape,
    dtype = x.dtype,
  ): Value {
    const empty = { sum: 0, or: 0, and: 1, min: Number.NaN, max: Number.NaN };
    if (outer * count * inner === 0) return this.fill(empty[fn], shape, dtype);
    if (count === 1) return this.reshape(this.cast(x, dtype), shape);
    return this.#add({ kind: "reduce", fn, dtype, size: outer * inner, x: x.id, outer, count, inner }, shape);
  }

  matmul(
    a: Value,
    b: Value,
    sizes: { readonly batch: number; readonly m: number; readonly k: number; readonly n: number },
    attrs: { readonly transposeA: boolean; readonly transposeB: boolean },
    shape: Shape,
  ): Value {
    const size = sizeOf(shape);
    if (size === 0 || sizes.k === 0) return this.fill(0, shape, a.dtype);
    const { transposeA, transposeB } = attrs;
    return this.#add(
      { kind: "matmul", dtype: a.dtype, size, a: a.id, b: b.id, ...sizes, transposeA, transposeB },
      shape,
    );
  }

  scatter(x: Value, at: Value, source: Value): Value {
    if (sizeOf(at.shape) === 0 || sizeOf(x.shape) === 0) return x;
    const size = sizeOf(x.shape);
    return this.#add({ kind: "scatter", dtype: x.dtype, size, x: x.id, at: at.id, source: source.id }, x.shape);
  }

  assemble(parts: readonly (View & { readonly x: Value })[], fill: number, shape: Shape, dtype: DType): Value {
    const used = parts
      .filter(({ sizes }) => sizeOf(sizes) > 0)
      .map(({ x, ...view }) => ({ x: x.id, ...simplified(view) }));
    const size = sizeOf(shape);
    if (used.length === 0) return this.fill(fill, shape, dtype);
    return this.#add({ kind: "assemble", dtype, size, fill, parts: used }, shape);
  }

  scan(x: Value, [outer, count, inner]: readonly [number, number, number], reverse: boolean): Value {
    const size = outer * count * inner;
    if (size === 0) return x;
    return this.#add({ kind: "scan", dtype: x.dtype, size, x: x.id, outer, count, inner, reverse }, x.shape);
  }

  /** Places of the middle axis's elements in sorted order, int32. */
  sort(x: Value, [outer, count, inner]: readonly [number, number, number], descending: boolean): Value {
    const size = outer * count * inner;
    if (size === 0 || count === 1) return this.fill(0, x.shape, "int32");
    return this.#add({ kind: "sort", dtype: "int32", size, x: x.id, outer, count, inner, descending }, x.shape);
  }

  check(bad: Value, inputs: readonly Value[]): void {
    const size = sizeOf(bad.shape);
    const any = this.reduce("or", bad, [1, size, 1], []);
    this.checks.push({ bad: any.id, inputs: inputs.map(({ id }) => id) });
  }

  #add(node: Node, shape: Shape): Value {
    const key = JSON.stringify(node, (name, value: unknown) => {
      if (name === "values") return [...(value as TypedArray)].map((v) => (Object.is(v, -0) ? "-0" : String(v)));
      return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
    });
    const id = this.#known.get(key) ?? this.nodes.push(node) - 1;
    this.#known.set(key, id);
    return { id, shape, dtype: node.dtype };
  }
}
