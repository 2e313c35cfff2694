import { keepOutside } from "../core/arguments.ts";
import { textOf } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";
import { Tensor } from "../tensor.ts";
import { buffers, type Container, fieldsOf, isPlainContainer, numbersOf } from "./contents.ts";
import { CompileError } from "./errors.ts";

/** What stands in a key before a tensor, and before each kind of container. */
const marks = { tensor: {}, array: {}, hole: {}, typed: {}, record: {}, bare: {}, map: {}, set: {}, date: {}, again: {} } as const; // biome-ignore format: one line

/** Values, maybe nested, as a compiled function sees them. */
export interface Tree {
  /** The tensors, in order; one that stands in two places is there twice. */
  readonly tensors: readonly Tensor[];
  /** All else: structure, dtypes, shapes, what requires a gradient, other values. Two keys are equal if their entries are the same by `Object.is`. */
  readonly key: readonly unknown[];
  /** Objects of classes: one value each, whose fields may hold tensors. */
  readonly objects: readonly object[];
}

/** Reads arguments: arrays, plain objects, Maps and Sets are looked into. */
export function readTree(args: readonly unknown[]): Tree {
  return args.length === 0 ? none : new Reader(args, null);
}

const none: Tree = { tensors: [], key: [], objects: [] };

/** For each entry of the arguments' key, where it comes from: `argument 1`, `argument 0, "rate"`; empty for anything that is not a value of its own. */
export function pathsOf(args: readonly unknown[]): readonly string[] {
  const paths: string[] = [];
  new Reader(args, paths);
  return paths;
}

export function sameKey(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

/** The same value with other tensors in it. What holds none is not copied; what stands in two places has one copy. */
export function withTensors(value: unknown, other: (x: Tensor) => unknown): unknown {
  const copies = new Map<unknown, unknown>();
  const copied = (part: unknown): unknown => {
    if (isTensor(part)) return other(part);
    if (kindOf(part) === null) return part;
    if (!copies.has(part)) copies.set(part, copyOf(part, copied));
    return copies.get(part);
  };
  return copied(value);
}

/** A container with copies of its parts; the value itself, if they are the same, or if it is none. */
function copyOf(value: unknown, copied: (part: unknown) => unknown): unknown {
  switch (kindOf(value)) {
    case "array": {
      const before = value as readonly unknown[];
      const after = before.map(copied); // which leaves holes
      return after.every((part, i) => Object.is(part, before[i])) ? value : after;
    }
    case "record": {
      const before = fieldsOf(value as object);
      const after = before.map(([name, part]) => [name, copied(part)] as const);
      return after.every(([, part], i) => Object.is(part, before[i]![1]))
        ? value
        : Object.assign(Object.create(Object.getPrototypeOf(value)), Object.fromEntries(after));
    }
    case "map": {
      const before = [...(value as ReadonlyMap<unknown, unknown>)];
      const after = before.map(([name, part]) => [name, copied(part)] as const);
      return after.every(([, part], i) => Object.is(part, before[i]![1])) ? value : new Map(after);
    }
    case "set": {
      const before = [...(value as ReadonlySet<unknown>)];
      const after = before.map(copied);
      return after.every((part, i) => Object.is(part, before[i])) ? value : new Set(after);
    }
    default:
      return value;
  }
}

/** Whether a value gives others one by one, each once: a generator, or an iterator of a container. */
export function isIterator(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { next } = value as { readonly next?: unknown };
  return typeof next === "function" && (Symbol.iterator in value || Symbol.asyncIterator in value);
}

type Kind = Container | "typed" | "date";

/** What kind of container a value is; null for all others. */
function kindOf(value: unknown): Kind | null {
  if (typeof value !== "object" || value === null) return null;
  if (Array.isArray(value)) return isPlainContainer(value, "array") ? "array" : null;
  if (ArrayBuffer.isView(value)) return "typed";
  const prototype = Object.getPrototypeOf(value) as object | null;
  // The prototype of plain objects, also of those from an iframe or a `vm` context, is the one that has none itself.
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return "record";
  switch (Object.prototype.toString.call(value)) {
    case "[object Map]":
      return isPlainContainer(value, "map") ? "map" : null;
    case "[object Set]":
      return isPlainContainer(value, "set") ? "set" : null;
    case "[object Date]":
      return "date";
    case buffers[0]:
    case buffers[1]:
      return "typed";
    default:
      return null;
  }
}

/** What is in a Map or a Set. A Proxy around one has their tag, and cannot be read. */
function listOf(value: Iterable<unknown>): readonly unknown[] {
  try {
    return [...value];
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CompileError("compile", "Maps and Sets must be arguments themselves", "a Proxy around one", keepOutside);
  }
}

class Reader implements Tree {
  readonly tensors: Tensor[] = [];
  readonly key: unknown[] = [];
  readonly objects: object[] = [];
  readonly #paths: string[] | null;
  readonly #above: unknown[] = [];
  /** Containers, with their numbers: one that stands in two places is read once. */
  #containers: Map<unknown, number> | null = null;

  constructor(args: readonly unknown[], paths: string[] | null) {
    this.#paths = paths;
    args.forEach((arg, i) => this.#read(arg, paths && `argument ${i}`));
  }

  #read(value: unknown, path: string | null): void {
    if (isTensor(value)) {
      const { dtype, shape, requiresGrad, hooks } = value;
      // No call with a rest parameter: this is all that most calls of a compiled function do in JavaScript.
      this.key.push(marks.tensor, dtype, requiresGrad, shape.length);
      for (const size of shape) this.key.push(size);
      this.key.push(this.tensors.indexOf(value)); // which of them are one tensor
      if (this.#paths !== null) while (this.#paths.length < this.key.length) this.#paths.push("");
      if (requiresGrad) this.#note(hooks.length, ...hooks);
      this.tensors.push(value);
      return;
    }
    const kind = kindOf(value);
    if (kind === null) {
      if (value instanceof Tensor) {
        throw new CompileError(
          "compile",
          "arguments must be tensors themselves",
          "a Proxy around a tensor",
          keepOutside,
        );
      }
      if (isIterator(value)) {
        const hint = "pass an array of what it gives: [...items]";
        throw new CompileError("compile", "arguments must not be iterators, whose place nobody can see", textOf(value), hint); // biome-ignore format: one line
      }
      // Of a function, too: it may have fields.
      if ((typeof value === "object" && value !== null) || typeof value === "function") this.objects.push(value);
      this.key.push(value);
      this.#paths?.push(path!);
      return;
    }
    if (this.#above.includes(value)) {
      throw new CompileError("compile", "an argument must not contain itself", textOf(value));
    }
    this.#containers ??= new Map();
    const number = this.#containers.get(value);
    if (number !== undefined) {
      this.#note(marks.again, number);
      return;
    }
    this.#containers.set(value, this.#containers.size);
    this.#above.push(value);
    if (kind === "date") {
      this.#note(marks.date);
      this.#read((value as Date).getTime(), path);
    } else if (kind === "array" || kind === "typed" || kind === "set") {
      const list = kind === "set" ? listOf(value as Iterable<unknown>) : kind === "typed" ? numbersOf(value as ArrayBufferView) : (value as ArrayLike<unknown>); // biome-ignore format: one line
      this.#note(marks[kind], list.length);
      if (kind === "typed") this.#note(Object.prototype.toString.call(value));
      for (let i = 0; i < list.length; i++) {
        if (list[i] === undefined && kind === "array" && !(i in list)) this.#note(marks.hole);
        else this.#read(list[i], path && `${path}[${i}]`);
      }
    } else {
      const entries =
        kind === "map" ? (listOf(value as Iterable<unknown>) as [unknown, unknown][]) : fieldsOf(value as object);
      const isBare = Object.getPrototypeOf(value) === null;
      this.#note(isBare ? marks.bare : marks[kind], entries.length);
      for (const [name, part] of entries) {
        this.#note(name);
        if (typeof name === "object" && name !== null && !isTensor(name)) this.objects.push(name); // a Map's key, with fields
        this.#read(part, path && `${path}, ${typeof name === "string" ? JSON.stringify(name) : textOf(name)}`);
      }
    }
    this.#above.pop();
  }

  #note(...values: readonly unknown[]): void {
    for (const value of values) {
      this.key.push(value);
      this.#paths?.push("");
    }
  }
}
