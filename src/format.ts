import type { DType, TypedArray } from "./core/dtype.ts";
import { type Shape, sizeOf, stridesOf } from "./core/shape.ts";

/** Above this many elements, long axes show only their ends. */
const fullSize = 200;
const edge = 3;

/** A tensor as text: `float32[2, 3]`, then the values in aligned columns, elided when there are many. */
export function formatTensor({ shape, dtype, values }: { shape: Shape; dtype: DType; values: TypedArray }): string {
  const head = `${dtype}[${shape.join(", ")}]`;
  const strides = stridesOf(shape);
  const elide = sizeOf(shape) > fullSize;
  const shown = (axis: number): number[] => {
    const n = shape[axis]!;
    const all = Array.from({ length: elide && n > 2 * edge ? 2 * edge : n }, (_, i) => i);
    return all.map((i) => (all.length === n || i < edge ? i : i + n - all.length));
  };
  const cells: string[] = [];
  const collect = (axis: number, at: number): void => {
    if (axis === shape.length) cells.push(formatValue(values[at]!, dtype));
    else for (const i of shown(axis)) collect(axis + 1, at + i * strides[axis]!);
  };
  collect(0, 0);
  const width = cells.reduce((w, cell) => Math.max(w, cell.length), 0);
  let next = 0;
  const print = (axis: number, indent: string): string => {
    if (axis === shape.length) return cells[next++]!.padStart(shape.length === 0 ? 0 : width);
    const rows = shown(axis).map(() => print(axis + 1, `${indent} `));
    if (rows.length < shape[axis]!) rows.splice(edge, 0, "…");
    const gap = axis === shape.length - 1 ? ", " : `,\n${indent} `;
    return `[${rows.join(gap)}]`;
  };
  const body = sizeOf(shape) === 0 ? "[]" : print(0, "");
  return `${head}${body.includes("\n") ? "\n" : " "}${body}`;
}

/** A value with at most six significant digits, in the shorter notation. */
function formatValue(v: number, dtype: DType): string {
  if (dtype === "bool") return v === 0 ? "false" : "true";
  if (Object.is(v, -0)) return "-0";
  return String(Number.isInteger(v) && Math.abs(v) < 1e7 ? v : Number(v.toPrecision(6)));
}

/**
 * A base class whose instances Node's console shows by their `toString`. A class of its own, since bundlers cannot drop one that has a
 * computed key.
 */
export function inspectable(): new () => object {
  class Inspectable {}
  Object.defineProperty(Inspectable.prototype, Symbol.for("nodejs.util.inspect.custom"), {
    value(this: object) {
      return this.toString();
    },
  });
  return Inspectable;
}
