import type { TypedArray } from "../../src/core/dtype.ts";

/**
 * A typed array that a kernel can use as any other, and that throws where a real one keeps silent: when it is read or
 * written outside of its bounds, or written to although it is only to be read.
 */
export function guard(
  values: TypedArray,
  name: string,
  writable: boolean,
): { array: TypedArray; written: ReadonlySet<number> } {
  const written = new Set<number>();
  const mark = (from: number, to: number): void => {
    for (let i = from; i < to; i++) written.add(i);
  };
  const check = (key: string, does: string): void => {
    const i = Number(key);
    if (!(Number.isInteger(i) && i >= 0 && i < values.length)) {
      throw new Error(`the kernel ${does} ${name}[${key}], which has ${values.length} elements`);
    }
  };
  const isIndex = (key: string | symbol): key is string =>
    typeof key === "string" && /^(-?\d+(\.\d+)?|NaN|-?Infinity)$/.test(key);
  const array = new Proxy(values, {
    get: (target, key) => {
      if (isIndex(key)) check(key, "reads");
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      if (["set", "fill", "subarray", "copyWithin", "sort", "reverse"].includes(String(key))) {
        if (!writable && key !== "subarray") throw new Error(`the kernel writes to ${name} by ${String(key)}`);
        return (...args: unknown[]) => {
          if (key === "set") mark(Number(args[1] ?? 0), Number(args[1] ?? 0) + (args[0] as ArrayLike<number>).length);
          else if (key === "fill") mark(Number(args[1] ?? 0), Number(args[2] ?? target.length));
          else mark(0, target.length);
          return Reflect.apply(value, target, args) as unknown;
        };
      }
      return value.bind(target) as unknown;
    },
    set: (target, key, value) => {
      if (!isIndex(key)) throw new Error(`the kernel sets ${name}.${String(key)}`);
      if (!writable) throw new Error(`the kernel writes to ${name}[${key}]`);
      check(key, "writes");
      written.add(Number(key));
      return Reflect.set(target, key, value, target);
    },
  });
  return { array, written };
}
