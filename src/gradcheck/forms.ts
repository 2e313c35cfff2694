import { textOf, ValueError } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";
import { listed } from "./entry.ts";
import type { Leaf, Misfit } from "./layout.ts";

/**
 * How to read numbers from instances of your own classes, and how to create instances from numbers, if their enumerable fields are not the numbers, or if no
 * whole instance can be created from them (private fields). Called for each part that is not a number, array, typed array or plain object.
 */
export interface Leaves {
  /** The numbers of a part, in any form that a check takes; undefined: by its fields. */
  readonly flatten: (part: never) => unknown;
  /** A part like the one given with these numbers, in the form that `flatten` gave. */
  readonly unflatten: (numbers: never, like: never) => unknown;
}

/** A part of a user's value that holds numbers. */
export type Form =
  | { readonly kind: "leaf"; readonly leaf: Leaf; readonly make: (entries: Float64Array) => unknown }
  | Holder
  | { readonly kind: "own"; readonly inner: Form; readonly like: object; readonly leaves: Leaves };

/** Parts in an array, or in an object of any class; what is not among them is passed through. */
interface Holder {
  readonly kind: "list" | "record";
  readonly like: object;
  readonly fields: PropertyDescriptorMap;
  readonly children: readonly (readonly [string, Form])[];
}

/** Levels that a value may be nested in. */
const deepest = 64;

/** The form of a value, with its leaves in order and the names of what is passed through. */
export function formOf(op: string, value: unknown, name: string, own: Leaves | undefined) {
  const leaves: Leaf[] = [];
  const passed: string[] = [];
  let size = 0;
  let first: [string, unknown] | undefined; // of what is passed through
  const refuse = (path: string, part: unknown): never => {
    const hint = isTensor(part)
      ? "gradcheck(f, inputs) takes tensors"
      : "use numbers in arrays, Float64Array, Float32Array and objects, or say how by leaves: { flatten, unflatten }";
    throw new ValueError(op, `${path} must hold numbers`, textOf(part), hint);
  };
  const leafOf = (
    path: string,
    shape: readonly number[],
    make: (entries: Float64Array) => unknown,
    isFloat32 = false,
  ) => {
    const leaf = { path, shape, offset: size, size: shape.reduce((n, s) => n * s, 1), isFloat32 };
    leaves.push(leaf);
    size += leaf.size;
    return { kind: "leaf", leaf, make } as const;
  };
  /** The form of a part; null for one that f is given as it is. */
  const walk = (part: unknown, path: string, depth = 0): Form | null => {
    if (depth > deepest) throw new ValueError(op, "must not be nested so deep, or in a circle", `${deepest} levels`);
    if (typeof part === "number") return leafOf(path, [], (entries) => entries[0]!);
    if (typeof part !== "object" || part === null) return null;
    if (isTyped(part, "Float64Array")) return leafOf(path, [part.length], (entries) => ofClass(entries, part));
    if (isTyped(part, "Float32Array")) {
      return leafOf(path, [part.length], (entries) => ofClass(Float32Array.from(entries), part), true);
    }
    if (ArrayBuffer.isView(part)) return /Float|View/.test(tagOf(part)) ? refuse(path, part) : null;
    const isList = Array.isArray(part);
    if (own !== undefined && !isList && !isPlain(part)) {
      const numbers = own.flatten(part as never);
      if (numbers !== undefined) {
        const inner = walk(numbers, path, depth + 1) ?? refuse(path, numbers);
        return { kind: "own", inner, like: part, leaves: own };
      }
    }
    if (isList) {
      const shape = rectangle(part);
      if (shape !== null) return leafOf(path, shape, (entries) => ofClass(nested(entries, shape), part));
    } else if (isWhole(part)) return null;
    else if (!isHolder(part)) return refuse(path, part);

    const fields = isList ? {} : Object.getOwnPropertyDescriptors(part);
    const children: [string, Form][] = [];
    const before = passed.length;
    const isData = isList && part.some((child) => typeof child === "number");
    for (const key of isList ? Array.from(part, (_, i) => String(i)) : Object.keys(part)) {
      const field = (fields as PropertyDescriptorMap)[key];
      if (field?.get !== undefined && field.set === undefined) continue; // what is computed from the rest
      const child: unknown = (part as unknown as Record<string, unknown>)[key];
      const at = isList ? `${path}[${key}]` : `${path}.${key}`;
      // Beside numbers, these are rather gaps in them.
      if (isData && (child === undefined || child === null || isNumeral(child))) refuse(at, child);
      const form = walk(child, at, depth + 1);
      if (form === null) {
        passed.push(at);
        first ??= [at, child];
        continue;
      }
      children.push([key, form]);
      if (field === undefined) continue;
      delete field.get;
      delete field.set;
      field.writable = true;
      field.configurable = true;
    }
    if (children.length > 0 || passed.length === before)
      return { kind: isList ? "list" : "record", like: part, fields, children };
    passed.length = before;
    return null;
  };
  const root = walk(value, name);
  return { root: root ?? refuse(...(first ?? [name, value])), leaves, size, passed };
}

/** A value of a form with these entries. */
export function build(form: Form, flat: Float64Array): unknown {
  if (form.kind === "leaf") return form.make(flat.slice(form.leaf.offset, form.leaf.offset + form.leaf.size));
  if (form.kind === "own") return form.leaves.unflatten(build(form.inner, flat) as never, form.like as never);
  if (form.kind === "list") {
    const list = Array.from(form.like as unknown[]);
    for (const [key, child] of form.children) list[Number(key)] = build(child, flat);
    return ofClass(list, form.like);
  }
  for (const [key, child] of form.children) form.fields[key]!.value = build(child, flat);
  return Object.create(Object.getPrototypeOf(form.like), form.fields);
}

/** Arrays with `times` as many entries in each leaf, in plain objects. */
export function repeat(form: Form, times: number): unknown {
  if (form.kind === "leaf") return new Float64Array(form.leaf.size * times);
  if (form.kind === "own") return repeat(form.inner, times);
  const children = form.children.map(([key, child]) => [key, repeat(child, times)] as const);
  return form.kind === "list" ? children.map(([, child]) => child) : Object.fromEntries(children);
}

/**
 * Reads the entries of a value that should have a form into a flat array; what does not fit, if something does not.
 *
 * @param mayLack - whether a leaf may be missing; then its entries stay as they are.
 */
export function read(
  form: Form,
  value: unknown,
  name: string,
  flat: Float64Array,
  mayLack: (leaf: Leaf) => boolean = () => false,
): Misfit | undefined {
  if (form.kind === "leaf") return readLeaf(form.leaf, value, name, flat);
  if (form.kind === "own") {
    const isOwn = typeof value === "object" && value !== null && !Array.isArray(value) && !isPlain(value);
    const numbers = isOwn && !ArrayBuffer.isView(value) ? form.leaves.flatten(value as never) : undefined;
    return read(form.inner, numbers === undefined ? value : numbers, name, flat, mayLack);
  }
  const isList = form.kind === "list";
  const isSuch = typeof value === "object" && value !== null && Array.isArray(value) === isList;
  for (const [key, child] of form.children) {
    const at = isList ? `${name}[${key}]` : `${name}.${key}`;
    if (isSuch && (value as Record<string, unknown>)[key] === undefined && leavesOf(child).every(mayLack)) continue;
    if (!isSuch || !(key in value))
      return { leaf: null, found: -1, text: `${at} is missing`, hint: found(value, name) };
    const misfit = read(child, (value as Record<string, unknown>)[key], at, flat, mayLack);
    if (misfit !== undefined) return misfit;
  }
  const surplus = Object.keys(isSuch ? value : {}).find(
    (key) => !Object.hasOwn(form.like, key) && hasNumbers((value as Record<string, unknown>)[key]),
  );
  return surplus === undefined ? undefined : { leaf: null, found: -1, text: `${name} has a part too many: ${surplus}` };
}

/** The leaves in a form. */
function leavesOf(form: Form): Leaf[] {
  if (form.kind === "leaf") return [form.leaf];
  return form.kind === "own" ? leavesOf(form.inner) : form.children.flatMap(([, child]) => leavesOf(child));
}

const nothingReturned = "return it, or write it into the last argument: (x, out) => { … }";

/** What there is in the place of a value that lacks parts. */
function found(value: unknown, name: string): string {
  if (value === undefined) return nothingReturned;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return `${name} is ${textOf(value)}`;
  const keys = Object.keys(value);
  return keys.length === 0 ? `${name} has no fields` : `${name} has ${listed(keys)}`;
}

function hasNumbers(part: unknown, depth = 0): boolean {
  if (typeof part !== "object" || part === null) return typeof part === "number";
  return depth < deepest && Object.values(part).some((child) => hasNumbers(child, depth + 1));
}

/** Reads the entries of a leaf, in arrays and typed arrays of any nesting. */
export function readLeaf(leaf: Leaf, value: unknown, name: string, flat: Float64Array): Misfit | undefined {
  if (copyRows(value, leaf.shape, 0, flat, leaf.offset)) return undefined;
  let count = 0;
  const fill = (part: unknown, depth = 0): string | undefined => {
    if (typeof part === "number") {
      if (count < leaf.size) flat[leaf.offset + count] = part;
      count++;
      return undefined;
    }
    if (!Array.isArray(part) && !(ArrayBuffer.isView(part) && "length" in part)) {
      return textOf(part);
    }
    for (const child of part as unknown as Iterable<unknown>) {
      const wrong = depth > deepest ? "a circle" : fill(child, depth + 1);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
  const wrong = fill(value);
  if (wrong !== undefined) {
    const text = `${name} must hold numbers, got ${wrong}`;
    return { leaf, found: -1, text, ...(value === undefined && { hint: nothingReturned }) };
  }
  const shape = Array.isArray(value) ? rectangle(value) : null;
  if (count === leaf.size && shape !== null && shape.length > 1 && shape.length === leaf.shape.length) {
    const differs = shape.some((n, axis) => n !== leaf.shape[axis]);
    const sizes = `[${shape.join(", ")}] where it should be [${leaf.shape.join(", ")}]`;
    if (differs) return { leaf, found: -1, text: `${name} has shape ${sizes}` };
  }
  if (count === leaf.size) return undefined;
  return { leaf, found: count, text: `${name} has ${count} entries where there should be ${leaf.size}` };
}

/** Copies what has just a shape, typed arrays as rows or not; false for what has not, which {@link readLeaf} takes a closer look at. */
function copyRows(value: unknown, shape: readonly number[], axis: number, flat: Float64Array, offset: number): boolean {
  const n = shape[axis];
  if (n === undefined || typeof value !== "object" || value === null) return false;
  const isRow = axis === shape.length - 1;
  if (isRow && (isTyped(value, "Float64Array") || isTyped(value, "Float32Array"))) {
    if (value.length !== n) return false;
    flat.set(value, offset);
    return true;
  }
  if (!Array.isArray(value) || value.length !== n) return false;
  if (!isRow) {
    const size = shape.slice(axis + 1).reduce((product, own) => product * own, 1);
    for (let i = 0; i < n; i++) if (!copyRows(value[i], shape, axis + 1, flat, offset + i * size)) return false;
    return true;
  }
  for (let i = 0; i < n; i++) {
    const number: unknown = value[i];
    if (typeof number !== "number") return false;
    flat[offset + i] = number;
  }
  return true;
}

/** The shape of a rectangular nest of arrays of numbers, or null. */
function rectangle(value: readonly unknown[], depth = 0): number[] | null {
  if (depth > deepest) return null;
  let first: number[] | null | undefined; // of the rows; undefined as long as there are numbers
  for (let i = 0; i < value.length; i++) {
    const item = value[i];
    if (typeof item === "number" && first === undefined) continue;
    // Rows of a class of their own keep it.
    const shape: number[] | null = Array.isArray(item) && isPlain(item) ? rectangle(item, depth + 1) : null;
    if (i === 0) first = shape;
    if (!first || shape === null || shape.length !== first.length || shape.some((n, axis) => n !== first![axis]))
      return null;
  }
  return first ? [value.length, ...first] : [value.length];
}

function nested(entries: Float64Array, shape: readonly number[]): unknown[] {
  const [n, ...rest] = shape;
  if (rest.length === 0) return rowOf(entries);
  const size = entries.length / n!;
  return Array.from({ length: n! }, (_, i) => nested(entries.subarray(i * size, (i + 1) * size), rest));
}

/** An array that engines see to hold fractions from the start: else they may make an object of each number. */
function rowOf(entries: Float64Array): number[] {
  const row = new Array<number>(entries.length).fill(0.5);
  for (let i = 0; i < entries.length; i++) row[i] = entries[i]!;
  return row;
}

/** The same object, of the class of another. */
function ofClass<T extends object>(made: T, like: object): T {
  const prototype: unknown = Object.getPrototypeOf(like);
  return Object.getPrototypeOf(made) === prototype ? made : (Object.setPrototypeOf(made, prototype as object) as T);
}

/** Whether a value is of no class of its own, but an array or object of some realm: test environments have realms of their own. */
function isPlain(value: object): boolean {
  let levels = 0;
  for (let next: unknown = value; next !== null && levels < 4; levels++) next = Object.getPrototypeOf(next);
  return levels <= (Array.isArray(value) ? 3 : 2);
}

/** Whether a value's fields are its numbers: not of a Map, a Date or a promise, nor of another library's tensors. */
function isHolder(part: object): boolean {
  const { shape, sizes = shape, dtype, kind = dtype } = part as { readonly [name: string]: unknown };
  if (isTensor(part) || tagOf(part) !== "[object Object]" || (Array.isArray(sizes) && typeof kind === "string"))
    return false;
  return isPlain(part) || Object.keys(part).length > 0;
}

/** Whether a value is of a kind that holds no fields: like a string, nothing is differentiated with respect to it. */
function isWhole(part: object): boolean {
  return /^\[object (?:Date|RegExp|Map|Set|WeakMap|WeakSet)\]$/.test(tagOf(part));
}

function isNumeral(part: unknown): boolean {
  return typeof part === "string" && !Number.isNaN(Number(part));
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value);
}

/** Whether a value is a typed array of a class: told by its tag, since each realm has classes of its own. */
export function isTyped(value: unknown, name: "Float32Array" | "Float64Array"): value is Float32Array | Float64Array {
  return ArrayBuffer.isView(value) && tagOf(value) === `[object ${name}]`;
}
