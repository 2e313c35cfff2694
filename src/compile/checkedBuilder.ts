import { dtypes } from "../core/dtype.ts";
import { textOf } from "../core/errors.ts";
import type { Builder } from "./builder.ts";
import { CompileError } from "./errors.ts";
import { signatures } from "./ir/map.ts";
import type { LoweringBuilder } from "./lowering.ts";

// What a rule from outside writes with: the builder, whose methods first look at what they are given. The library's own lowerings do without.

/** What an argument must be: in words, and as a test; with an example of how it is written. */
interface Kind {
  readonly rule: string;
  readonly hint: string;
  is(value: unknown, builder: Builder): boolean;
}

const isValue = (x: unknown): boolean => isRecord(x) && "id" in x && "shape" in x;
const isSize = (n: unknown): boolean => Number.isInteger(n) && (n as number) >= 0;
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
const isList = (value: unknown, of: (part: unknown) => boolean): boolean =>
  Array.isArray(value) && Array.from(value).every(of);
const isWindow = (view: unknown): boolean =>
  isRecord(view) &&
  isList(view["sizes"], isSize) &&
  isList(view["strides"], Number.isInteger) &&
  (view["strides"] as unknown[]).length === (view["sizes"] as unknown[]).length &&
  isSize(view["offset"]);
const fnOf = (names: readonly string[]): Kind => ({
  rule: `fn must be one of ${names.join(", ")}`,
  hint: "",
  is: (fn) => names.includes(fn as string),
});
const withCount = (count: number): string[] =>
  Object.entries(signatures).flatMap(([name, [own]]) => (own === count ? [name] : []));
/** The same, where the argument may be left out. */
const maybe = (kind: Kind): Kind => ({ ...kind, is: (value, b) => value === undefined || kind.is(value, b) });

const value: Kind = {
  rule: "must be a value that this builder has made",
  hint: "write numbers as b.fill(2, [], dtype), and keep no values from one call to another",
  is: (x, b) => b.hasMade(x),
};
const values: Kind = {
  rule: "must be an array of values that this builder has made",
  hint: "write [x, y]",
  is: (xs, b) => isList(xs, (x) => b.hasMade(x)),
};
const number: Kind = { rule: "must be a number", hint: "write 2, true as 1", is: (x) => typeof x === "number" };
const flag: Kind = { rule: "must be true or false", hint: "", is: (x) => typeof x === "boolean" };
const shape: Kind = {
  rule: "must be a shape: an array of integers from 0 on",
  hint: "write [2, 3], or [] for one number that fits everywhere",
  is: (sizes) => isList(sizes, isSize),
};
const shapes: Kind = { rule: "must be an array of shapes", hint: "write [[2, 3]]", is: (all) => isList(all, (own) => isList(own, isSize)) }; // biome-ignore format: one line
const dtype: Kind = {
  rule: `must be a dtype: ${dtypes.join(", ")}`,
  hint: "pass the call's dtype",
  is: (x) => (dtypes as readonly unknown[]).includes(x),
};
const axes: Kind = {
  rule: "must be the sizes of three axes, [outer, count, inner]",
  hint: "write [rows, columns, 1] for the last axis of a matrix",
  is: (sizes) => isList(sizes, isSize) && (sizes as unknown[]).length === 3,
};
const view: Kind = {
  rule: "must be a window, { sizes, strides, offset }, with a stride for each size",
  hint: "write { sizes: [3, 2], strides: [1, 3], offset: 0 }",
  is: isWindow,
};
const parts: Kind = {
  rule: "must be an array of windows with what fills them, { x, sizes, strides, offset }",
  hint: "write [{ x, sizes: [2], strides: [1], offset: 0 }]",
  is: (all, b) => isList(all, (part) => isWindow(part) && b.hasMade((part as { readonly x: unknown }).x)),
};
const array: Kind = {
  rule: "must be a typed array: Float32Array, Float64Array, Int32Array, or Uint8Array for bool",
  hint: "write Float32Array.of(1, 2)",
  is: (x) => [Float32Array, Float64Array, Int32Array, Uint8Array].some((Class) => x instanceof Class),
};
const product: Kind = {
  rule: "must be the sizes of products, { batch, m, k, n }",
  hint: "write { batch: 1, m: rows, k: terms, n: columns }",
  is: (sizes) => isRecord(sizes) && ["batch", "m", "k", "n"].every((name) => isSize(sizes[name])),
};
const transposed: Kind = {
  rule: "must say which operands are transposed, { transposeA, transposeB }",
  hint: "write { transposeA: false, transposeB: false }",
  is: (attrs) => isRecord(attrs) && ["transposeA", "transposeB"].every((name) => typeof attrs[name] === "boolean"),
};
const size: Kind = { rule: "must be an integer from 0 on", hint: "", is: isSize };
const host: Kind = { rule: "must be a function", hint: "write (inputs, outputs) => …", is: (fn) => typeof fn === "function" }; // biome-ignore format: one line
const factors: Kind = { ...value, is: (x, b) => x === undefined || x === null || b.hasMade(x) };

type Given = readonly [name: string, kind: Kind];

/** What the methods take, in their order. Of a function so nothing is computed where no rule is. */
const taken = (): { readonly [M in keyof LoweringBuilder]: readonly Given[] } => ({
  fill: [["value", number], ["shape", shape], ["dtype", dtype]], // biome-ignore format: a row
  constant: [["values", array], ["shape", shape], ["dtype", dtype]], // biome-ignore format: a row
  range: [["n", size]],
  uniform: [["x", value]],
  reshape: [["x", value], ["shape", shape]], // biome-ignore format: a row
  cast: [["x", value], ["dtype", dtype]], // biome-ignore format: a row
  map: [["fn", fnOf(Object.keys(signatures))], ["args", values], ["dtype", dtype]], // biome-ignore format: a row
  unary: [["fn", fnOf(withCount(1))], ["x", value]], // biome-ignore format: a row
  binary: [["fn", fnOf(withCount(2))], ["a", value], ["b", value], ["to", maybe(dtype)]], // biome-ignore format: a row
  select: [["mask", value], ["a", value], ["b", value]], // biome-ignore format: a row
  view: [["x", value], ["view", view], ["shape", shape]], // biome-ignore format: a row
  expand: [["x", value], ["shape", shape]], // biome-ignore format: a row
  take: [["x", value], ["at", value]], // biome-ignore format: a row
  reduce: [["fn", fnOf(["sum", "min", "max", "and", "or"])], ["x", value], ["axes", axes], ["shape", shape], ["to", maybe(dtype)]], // biome-ignore format: a row
  matmul: [["a", value], ["b", value], ["sizes", product], ["attrs", transposed], ["shape", shape]], // biome-ignore format: a row
  scatter: [["x", value], ["at", value], ["source", value]], // biome-ignore format: a row
  assemble: [["parts", parts], ["fill", number], ["shape", shape], ["dtype", dtype]], // biome-ignore format: a row
  scan: [["x", value], ["axes", axes], ["reverse", flag], ["factors", factors]], // biome-ignore format: a row
  sort: [["x", value], ["axes", axes], ["descending", flag]], // biome-ignore format: a row
  check: [["bad", value], ["inputs", values]], // biome-ignore format: a row
  host: [["fn", host], ["inputs", values], ["shapes", shapes], ["dtype", dtype]], // biome-ignore format: a row
});

const made = new WeakMap<Builder, LoweringBuilder>();

/** A builder that says what is wrong with what its methods are given. */
export function checkedBuilder(b: Builder): LoweringBuilder {
  const known = made.get(b);
  if (known !== undefined) return known;
  const methods = Object.entries(taken()).map(([name, given]) => {
    const method = b[name as keyof LoweringBuilder] as (...args: unknown[]) => unknown;
    const checked = (...args: unknown[]): unknown => {
      for (const [i, [argument, { is, rule, hint }]] of given.entries()) {
        if (is(args[i], b)) continue;
        const what = rule.startsWith("fn ") ? `${rule} in` : `${argument} ${rule} in`;
        const call = `b.${name}(${given.map(([own]) => own).join(", ")})`;
        throw new CompileError(
          b.op,
          `its lowering is wrong: ${what} ${call}`,
          isValue(args[i]) ? "one that was kept, or is a copy" : textOf(args[i]),
          hint,
        );
      }
      if (args.length > given.length) {
        const call = `b.${name}(${given.map(([own]) => own).join(", ")})`;
        throw new CompileError(b.op, `its lowering is wrong: ${call} takes no more`, `${args.length} arguments`);
      }
      return method.apply(b, args);
    };
    return [name, checked];
  });
  const own = Object.fromEntries(methods) as LoweringBuilder;
  const checked = new Proxy(own, {
    get(target, name) {
      if (name in target || typeof name === "symbol") return Reflect.get(target, name) as unknown;
      const hint = `it has ${Object.keys(own).join(", ")}: b.binary("add", x, y)`;
      throw new CompileError(b.op, "its lowering is wrong: a builder has no such method", `b.${name}`, hint);
    },
  });
  made.set(b, checked);
  return checked;
}
