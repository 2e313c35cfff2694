import type { DType, TypedArray } from "./core/dtype.ts";
import { refuseNames } from "./core/foreign.ts";
import { describe, type Shape, stridesOf } from "./core/shape.ts";

/** Above this many elements, long axes show only their ends. */
const fullSize = 200;
const edge = 3;

/** A tensor as text: `float32[2, 3]`, then the values in aligned columns, elided when there are many. */
export function formatTensor({ shape, dtype, values }: { shape: Shape; dtype: DType; values: TypedArray }): string {
  const strides = stridesOf(shape);
  let width = 0;
  /** The cells of an axis as text, or, in a first round that only measures, whatever. */
  const print = (axis: number, at: number): string => {
    const n = shape[axis];
    if (n === undefined) {
      const cell = formatValue(values[at]!, dtype).padStart(width);
      width = Math.max(width, cell.length);
      return cell;
    }
    const rows: string[] = [];
    for (let i = 0; i < n; i++) {
      if (i === edge && n > 2 * edge && values.length > fullSize) {
        rows.push("…");
        i = n - edge;
      }
      rows.push(print(axis + 1, at + i * strides[axis]!));
    }
    return `[${rows.join(axis === shape.length - 1 ? ", " : `,\n${" ".repeat(axis + 1)}`)}]`;
  };
  print(0, 0);
  const text = print(0, 0);
  return `${describe({ dtype, shape })}${text.includes("\n") ? "\n" : " "}${text}`;
}

/** An integer, or a value with at most seven significant digits, in the shorter notation. */
function formatValue(v: number, dtype: DType): string {
  if (dtype === "bool") return v === 0 ? "false" : "true";
  if (dtype === "int32") return String(v);
  if (Object.is(v, -0)) return "-0";
  return String(Number(v.toPrecision(7)));
}

/**
 * A base class whose instances are shown by their `toString` in the consoles of Node, Bun and Deno, and by `JSON.stringify` unless they say otherwise, and which have a tag of their own: Vue takes what is tagged
 * as a plain object for data to put behind a Proxy, and a tensor or layer behind one is not itself any more. A class of its own, since bundlers cannot drop one that has a computed key.
 *
 * @param elsewhere - what other libraries call its properties: for each name what to write here.
 * @param isInstance - what else is an instance of the class two levels below (`Tensor`, `Layer`): objects of another copy of the library.
 */
export function inspectable(
  elsewhere: { readonly [name: string]: string } = {},
  isInstance?: (x: unknown) => boolean,
): new () => object {
  class Inspectable {}
  refuseNames(Inspectable.prototype, elsewhere);
  if (isInstance !== undefined) {
    Object.defineProperty(Inspectable, Symbol.hasInstance, {
      value(this: object, x: unknown) {
        const isBelow = Object.getPrototypeOf(Object.getPrototypeOf(this)) === Inspectable;
        return Function.prototype[Symbol.hasInstance].call(this as () => void, x) || (isBelow && isInstance(x));
      },
    });
  }
  const show = {
    value(this: object) {
      return String(this);
    },
  };
  Object.defineProperties(Inspectable.prototype, {
    [Symbol.for("nodejs.util.inspect.custom")]: show,
    [Symbol.for("Deno.customInspect")]: show,
    toJSON: { ...show, writable: true },
    [Symbol.toStringTag]: {
      get(this: object) {
        return this.constructor.name;
      },
    },
  });
  return Inspectable;
}
