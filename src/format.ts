import type { DType, TypedArray } from "./core/dtype.ts";
import { describe, type Shape } from "./core/shape.ts";

/** Above this many elements, long axes show only their ends. */
const fullSize = 200;
const edge = 3;

/** A tensor as text: `float32[2, 3]`, then the values in aligned columns, elided when there are many. */
export function formatTensor({ shape, dtype, values }: { shape: Shape; dtype: DType; values: TypedArray }): string {
  const elide = values.length > fullSize;
  let width = 0;
  /** The rows from `at` on, elements `size` in all, as nested lists of cells. */
  const cells = (axis: number, at: number, size: number): Cells => {
    if (axis === shape.length) {
      const cell = formatValue(values[at]!, dtype);
      width = Math.max(width, cell.length);
      return cell;
    }
    const n = shape[axis]!;
    const list: Cells[] = [];
    for (let i = 0; i < n; i++) {
      if (elide && n > 2 * edge && i === edge) i = n - edge;
      list.push(cells(axis + 1, at + (i * size) / n, size / n));
    }
    if (list.length < n) list.splice(edge, 0, []);
    return list;
  };
  const print = (cell: Cells, indent: string): string => {
    if (typeof cell === "string") return cell.padStart(width);
    if (cell.length === 0) return "…";
    return `[${cell.map((c) => print(c, `${indent} `)).join(typeof cell[0] === "string" ? ", " : `,\n${indent} `)}]`;
  };
  const body = values.length === 0 ? "[]" : print(cells(0, 0, values.length), "");
  return `${describe({ dtype, shape })}${body.includes("\n") ? "\n" : " "}${body}`;
}

type Cells = string | Cells[];

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
