import type { Shape } from "../../core/shape.ts";
import { type Place, refuse } from "./trace.ts";
import type { Writer } from "./writer.ts";

/** An axis of a value in the graph, with its size in each trace. */
interface Axis {
  readonly name: string;
  readonly axis: number;
  readonly sizes: readonly number[];
  /** The name of the size, of an input's axis. */
  readonly symbol?: string;
}

/** Finds how numbers that differ between the traces follow from the sizes of values in the graph, and writes that as nodes. */
export class Sizes {
  readonly writer: Writer;
  /** Sizes at which it would show if a number was another function of a size than it seems. */
  readonly probes: (readonly [symbol: string, n: number])[] = [];
  /** Those of the model's inputs that are symbolic: each has other sizes in each trace. */
  readonly #symbols: Axis[] = [];
  /** Axes of other values. */
  readonly #others = new Map<string, Axis[]>();
  readonly #shapes = new Map<string, string>();
  readonly #found = new Map<string, string>();

  constructor(writer: Writer) {
    this.writer = writer;
  }

  /** Notes a value that is in the graph, with its shape in each trace. */
  add(name: string, shapes: readonly Shape[], symbols?: readonly (number | string)[]): void {
    const axes = shapes[0]!.map((_, axis): Axis => {
      const symbol = symbols?.[axis];
      const own = typeof symbol === "string" ? { symbol } : {};
      return { name, axis, sizes: shapes.map((shape) => shape[axis]!), ...own };
    });
    const differing = axes.filter(({ sizes }) => sizes.some((n) => n !== sizes[0]));
    if (symbols !== undefined) this.#symbols.push(...differing);
    this.#others.set(name, differing);
  }

  /** A list of numbers, given for each trace, as a value. */
  list(lists: readonly (readonly number[])[], step: Place, near: readonly string[]): string {
    const [first] = lists as [readonly number[]];
    if (lists.some((list) => list.length !== first.length)) {
      refuse(step.site, "the number of axes must not depend on an input's size", step.op.name);
    }
    const columns = first.map((_, i) => lists.map((list) => list[i]!));
    if (columns.every(isConstant)) return this.writer.ints(first);
    const parts = columns.map((sizes) =>
      isConstant(sizes) ? this.writer.ints([sizes[0]!]) : this.#one(sizes, step, near),
    );
    return parts.length === 1 ? parts[0]! : this.writer.node("", "Concat", parts, { axis: 0 });
  }

  /** A number that differs, as a value of one element. */
  #one(sizes: readonly number[], step: Place, near: readonly string[]): string {
    const key = sizes.join();
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const name = this.#search(sizes, near);
    if (name === null) {
      const got = `${sizes.join(", ")} in ${step.op.name}`;
      const hint = "give the size as a number, or make it of the sizes of tensors";
      refuse(step.site, "a number must follow from the sizes of the inputs", got, hint);
    }
    this.#found.set(key, name);
    return name;
  }

  #search(sizes: readonly number[], near: readonly string[]): string | null {
    const own = near.flatMap((name) => this.#others.get(name) ?? []);
    const isSame = (axis: Axis): boolean => axis.sizes.every((n, k) => n === sizes[k]);
    const direct = this.#symbols.find(isSame) ?? own.find(isSame);
    if (direct !== undefined) return this.#size(direct);
    for (const axis of this.#symbols) {
      const affine = this.#affine(axis, sizes);
      if (affine !== null) return affine;
    }
    for (const a of this.#symbols) {
      for (const b of this.#symbols) {
        const factor = sizes[0]! / (a.sizes[0]! * b.sizes[0]!);
        if (!Number.isSafeInteger(factor)) continue;
        if (!sizes.every((n, k) => n === factor * a.sizes[k]! * b.sizes[k]!)) continue;
        const product = this.writer.node("", "Mul", [this.#size(a), this.#size(b)]);
        return factor === 1 ? product : this.writer.node("", "Mul", [product, this.writer.ints([factor])]);
      }
    }
    for (const axis of this.#symbols) {
      const clamped = this.#clamped(axis, sizes, "Min") ?? this.#clamped(axis, sizes, "Max");
      if (clamped !== null) return clamped;
    }
    const all = [...this.#others.values()];
    const any = all.flat().find(isSame);
    if (any !== undefined) return this.#size(any);
    for (const axes of all) {
      // How many elements a plane has, as global pooling divides by it.
      const pair = axes.flatMap((a, i) => axes.slice(i + 1).map((b) => [a, b] as const));
      const found = pair.find(([a, b]) => sizes.every((n, k) => n === a.sizes[k]! * b.sizes[k]!));
      if (found !== undefined) return this.writer.node("", "Mul", [this.#size(found[0]), this.#size(found[1])]);
    }
    return null;
  }

  /** `scale · n + shift`, but not more than a number, or not less: a slice's end beyond the axis, say, or `Math.min(n, 32)`. */
  #clamped(axis: Axis, sizes: readonly number[], type: "Min" | "Max"): string | null {
    const bound = sizes.reduce((a, b) => (type === "Min" ? Math.max(a, b) : Math.min(a, b)));
    const free = sizes.flatMap((size, k) => (size === bound ? [] : [k]));
    const line = lineThrough(
      free.map((k) => axis.sizes[k]!),
      free.map((k) => sizes[k]!),
    );
    if (line === null || axis.symbol === undefined) return null;
    const [scale, shift] = line;
    const of = (n: number): number => (type === "Min" ? Math.min : Math.max)(scale * n + shift, bound);
    if (!sizes.every((size, k) => size === of(axis.sizes[k]!))) return null;
    const turn = Math.floor((bound - shift) / scale);
    for (const by of [-2, -1, 0, 1, 2, 3, 5, 9]) this.probes.push([axis.symbol, turn + by]);
    this.probes.push([axis.symbol, 2 * turn], [axis.symbol, Math.floor(1.5 * turn)]);
    return this.writer.node("", type, [this.#line(axis, scale, shift), this.writer.ints([bound])]);
  }

  /** `scale · n + shift`, which all traces confirm. */
  #affine(axis: Axis, sizes: readonly number[]): string | null {
    const line = lineThrough(axis.sizes, sizes);
    if (line === null || !sizes.every((size, k) => size === line[0] * axis.sizes[k]! + line[1])) return null;
    return this.#line(axis, ...line);
  }

  #line(axis: Axis, scale: number, shift: number): string {
    const size = this.#size(axis);
    const scaled = scale === 1 ? size : this.writer.node("", "Mul", [size, this.writer.ints([scale])]);
    return shift === 0 ? scaled : this.writer.node("", "Add", [scaled, this.writer.ints([shift])]);
  }

  #size({ name, axis }: Axis): string {
    const shape = this.#shapes.get(name) ?? this.writer.node("", "Shape", [name]);
    this.#shapes.set(name, shape);
    const key = `${name} ${axis}`;
    const size = this.#shapes.get(key) ?? this.writer.node("", "Gather", [shape, this.writer.ints([axis])]);
    this.#shapes.set(key, size);
    return size;
  }
}

/** Scale and shift of the line through the first two of some points that lie beside each other, if they are whole. */
function lineThrough(xs: readonly number[], ys: readonly number[]): [scale: number, shift: number] | null {
  const other = xs.findIndex((x) => x !== xs[0]);
  if (other < 0) return null;
  const scale = (ys[other]! - ys[0]!) / (xs[other]! - xs[0]!);
  const shift = ys[0]! - scale * xs[0]!;
  return Number.isSafeInteger(scale) && scale !== 0 && Number.isSafeInteger(shift) ? [scale, shift] : null;
}

function isConstant(sizes: readonly number[]): boolean {
  return sizes.every((n) => n === sizes[0]);
}
