import { isTensor } from "../core/runtime.ts";

type Named = Readonly<Record<string, unknown>>;

/** Whether values are the same, and what is in lists and plain objects. Of functions and other objects, nobody can tell. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== typeof b || typeof a !== "object" || a === null || b === null) return typeof a === "function";
  if (isTensor(a) || isTensor(b)) return false;
  if (ArrayBuffer.isView(a) || Array.isArray(a)) {
    const x = a as ArrayLike<unknown>;
    const y = b as ArrayLike<unknown>;
    if (x.length !== y.length) return false;
    for (let i = 0; i < x.length; i++) if (!isSame(x[i], y[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  const [x, y] = [a, b] as unknown as [Named, Named];
  const names = Object.keys(x);
  return names.length === Object.keys(y).length && names.every((name) => isSame(x[name], y[name]));
}
