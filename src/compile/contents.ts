import { textOf } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";
import { isLayer, isPlain } from "../nn/reflect.ts";

/** What kind of container is looked into. */
export type Container = "array" | "record" | "map" | "set";

/** The kind of a container, of any realm; null for what is none. */
export function containerOf(value: unknown): Container | null {
  if (typeof value !== "object" || value === null) return null;
  if (Array.isArray(value)) return "array";
  if (isPlain(value)) return "record";
  const tag = Object.prototype.toString.call(value);
  return tag === "[object Map]" ? "map" : tag === "[object Set]" ? "set" : null;
}

/** Whether an array, a Map or a Set has no fields beside what it holds, and is of no class of its own. Of any realm: the third prototype above it is none. */
export function isPlainContainer(value: object, kind: "array" | "map" | "set"): boolean {
  let above: object | null = value;
  for (let i = 0; i < 3 && above !== null; i++) above = Object.getPrototypeOf(above) as object | null;
  if (above !== null) return false;
  const own = Reflect.ownKeys(value);
  return kind === "array" ? own.at(-1) === "length" : own.length === 0; // indices come before it, and fields after it
}

/** What buffers are called, as by `Object.prototype.toString`. */
export const buffers: readonly string[] = ["[object ArrayBuffer]", "[object SharedArrayBuffer]"];

/** What is looked into for its parts: a container, a list of numbers, or an object of another class, for its fields. */
export type Inner = Container | "numbers" | "date";

/** The same, where objects of other classes are looked into for their fields; null for tensors and layers, and for lists of numbers and dates, if not all counts. */
export function innerOf(value: unknown, isWhole: boolean): Inner | null {
  if (typeof value !== "object" || value === null || isTensor(value) || isLayer(value)) return null;
  const tag = Object.prototype.toString.call(value);
  if (ArrayBuffer.isView(value) || buffers.includes(tag)) return isWhole ? "numbers" : null;
  if (tag === "[object Date]" && isWhole) return "date";
  return containerOf(value) ?? "record";
}

/**
 * Whether a value is something to compute with: no result of an op, such as the last one that a layer has computed. Numbers are in fields, where they are settings, but not in lists, where they
 * are mostly notes, such as the losses so far.
 */
function isPart(value: unknown, kind: Inner): boolean {
  return typeof value === "number" ? kind === "record" : !isTensor(value) || value.op === null;
}

/** The parts that a container, or an object with fields, holds at some time, in their order. */
export class Contents {
  readonly keys: unknown[] = [];
  readonly values: unknown[] = [];
  /** Whether there was nothing at all, numbers included. */
  readonly isEmpty: boolean;
  readonly #holder: object;
  readonly #kind: Inner;
  /** Whether all that is there is a part, numbers in lists included. */
  readonly isWhole: boolean;
  /** Keys whose parts a function has changed when it was recorded, as it does each time. */
  #ignored: ReadonlySet<unknown> | null = null;

  constructor(holder: object, kind: Inner, isWhole: boolean) {
    this.#holder = holder;
    this.#kind = kind;
    this.isWhole = isWhole;
    let count = 0;
    for (const [key, value] of this.#entries()) {
      count++;
      if (!this.#isPart(key, value)) continue;
      this.keys.push(key);
      this.values.push(value);
    }
    this.isEmpty = count === 0;
  }

  /** Keys of parts that are others now, or gone, with what was there. */
  changed(): [key: unknown, value: unknown][] {
    const now = new Map(this.#entries());
    return this.keys.flatMap((key, i): [unknown, unknown][] =>
      now.has(key) && Object.is(now.get(key), this.values[i]) ? [] : [[key, this.values[i]]],
    );
  }

  /** The first that is another, as `p of a Dropout`; null if none is, but others have come. */
  difference(): string | null {
    const [change] = this.changed();
    const holder = textOf(this.#holder);
    if (change === undefined) return this.isWhole || this.#kind !== "record" ? `what is in ${holder}` : null;
    return `${typeof change[0] === "object" ? "a key" : String(change[0])} of ${holder}`;
  }

  /** Puts the parts back. */
  restore(): void {
    const holder = this.#holder as Record<PropertyKey, unknown> & Map<unknown, unknown> & Set<unknown>;
    if (this.#kind === "set") {
      const all = new Set([...this.values, ...holder]);
      holder.clear();
      for (const value of all) holder.add(value);
    } else if (this.#kind === "date") (this.#holder as Date).setTime(this.values[0] as number);
    else {
      this.keys.forEach((key, i) => {
        if (this.#kind === "map") holder.set(key, this.values[i]);
        else holder[key as PropertyKey] = this.values[i];
      });
    }
  }

  /** The same, but for what has changed by now, and may do so again; null if that is all. */
  steady(): Contents | null {
    if (this.isAsItWas()) return this;
    if (this.isEmpty) return null;
    const now = new Contents(this.#holder, this.#kind, this.isWhole);
    const before = new Set(this.keys);
    const ignored = [...this.changed().map(([key]) => key), ...now.keys.filter((key) => !before.has(key))];
    if (ignored.length > 0) now.#ignore(new Set(ignored));
    return now;
  }

  /** Whether all is as it was, numbers in a list that was empty included. */
  isAsItWas(): boolean {
    return this.holds() && (!this.isEmpty || new Contents(this.#holder, this.#kind, this.isWhole).isEmpty);
  }

  /** The object whose parts these are. */
  get holder(): object {
    return this.#holder;
  }

  /** Keys whose parts are others now, gone, or new. */
  changes(): unknown[] {
    const before = new Set(this.keys);
    const come = new Contents(this.#holder, this.#kind, this.isWhole).keys.filter((key) => !before.has(key));
    return [...this.changed().map(([key]) => key), ...come.filter((key) => this.#ignored?.has(key) !== true)];
  }

  /** The same without some keys; null for all but a record, whose keys are not names. */
  without(keys: ReadonlySet<unknown>): Contents | null {
    if (this.#kind !== "record") return null;
    const own = new Contents(this.#holder, this.#kind, this.isWhole);
    own.#ignore(keys);
    return own;
  }

  #ignore(keys: ReadonlySet<unknown>): void {
    this.#ignored = keys;
    for (let i = this.keys.length - 1; i >= 0; i--) {
      if (!keys.has(this.keys[i])) continue;
      this.keys.splice(i, 1);
      this.values.splice(i, 1);
    }
  }

  /** Whether the same parts are there, in the same order. This is asked before each run, so it makes no lists, and calls nothing for a part that is still there. */
  holds(): boolean {
    const { keys, values } = this;
    const holder = this.#holder;
    const count = keys.length;
    let at = 0;
    if (this.isWhole) {
      for (const [key, value] of this.#entries()) {
        if (this.#isAt(at, key, value)) at++;
        else if (this.#isOther(key, value)) return false;
      }
    } else if (this.#kind === "array") {
      const list = holder as readonly unknown[];
      for (let i = 0; i < list.length; i++) {
        if (at < count && values[at] === list[i] && keys[at] === i && list[i] !== 0) at++;
        else if (this.#isAt(at, i, list[i])) at++;
        else if (this.#isOther(i, list[i])) return false;
        if (this.isEmpty) break; // of what was filled since, the first one tells
      }
    } else if (this.#kind === "record") {
      // biome-ignore lint/suspicious/useGuardForIn: the guard is slow, so it is asked last
      for (const key in holder) {
        const value = (holder as Readonly<Record<string, unknown>>)[key];
        if (at < count && values[at] === value && keys[at] === key && value !== 0)
          at++; // 0 and −0 are two values
        else if (!Object.hasOwn(holder, key)) continue;
        else if (this.#isAt(at, key, value)) at++;
        else if (this.#isOther(key, value)) return false;
      }
    } else {
      for (const [key, value] of (holder as ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>).entries()) {
        if (this.#isAt(at, key, value)) at++;
        else if (this.#isOther(key, value)) return false;
        if (this.isEmpty) break;
      }
    }
    return at === count;
  }

  #isAt(at: number, key: unknown, value: unknown): boolean {
    return at < this.keys.length && this.keys[at] === key && Object.is(this.values[at], value);
  }

  /** Whether something is a part that was not there. */
  #isOther(key: unknown, value: unknown): boolean {
    return this.#isPart(key, value) && this.#ignored?.has(key) !== true;
  }

  #isPart(key: unknown, value: unknown): boolean {
    const kind = this.#kind;
    return this.isWhole || isPart(value, kind) || (kind === "map" && typeof key !== "string" && isPart(key, kind));
  }

  #entries(): Iterable<[unknown, unknown]> {
    const holder = this.#holder;
    switch (this.#kind) {
      case "array":
        return (holder as readonly unknown[]).entries();
      case "map":
      case "set":
        return (holder as ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>).entries();
      case "numbers":
        return numbersOf(holder as ArrayBufferView | ArrayBuffer).entries();
      case "date":
        return [["time", (holder as Date).getTime()]];
      default:
        return this.isWhole && typeof holder === "object" ? fieldsOf(holder, true) : Object.entries(holder);
    }
  }
}

/** For each layer, what counts of all that was in it when it was last looked at, as long as some function keeps that; and all that was seen then. */
const looks = new WeakMap<object, WeakRef<readonly Contents[]>>();
const seenFor = new WeakMap<readonly Contents[], readonly Contents[]>();

/** The same as {@link allOf} of a layer. Functions share it while the layer is as it was: each looks at all layers of a process, of which there may be thousands. */
export function contentsOf(layer: object): readonly Contents[] {
  const before = looks.get(layer)?.deref();
  if (before !== undefined && seenFor.get(before)!.every((contents) => contents.isAsItWas())) return before;
  const seen: Contents[] = [];
  const counts = allOf(layer, false, seen);
  looks.set(layer, new WeakRef(counts));
  seenFor.set(counts, seen);
  return counts;
}

/**
 * What is in an object's public fields, and in containers there, as far as there is anything to compute with, or all of it.
 *
 * @param visited - gets all that was looked into, also where there was nothing to compute with.
 */
export function allOf(object: object, isWhole: boolean, visited: Contents[] = []): Contents[] {
  const seen = new Set<unknown>(); // a container may contain itself
  const visit = (holder: object, kind: Inner): Contents[] => {
    seen.add(holder);
    const own = new Contents(holder, kind, isWhole);
    visited.push(own);
    const parts = isWhole && kind === "map" ? [...own.keys, ...own.values] : own.values;
    const inside = parts.flatMap((value) => {
      const inner = seen.has(value) ? null : innerOf(value, isWhole);
      return inner === null ? [] : visit(value as object, inner);
    });
    const isUseful = inside.length > 0 || own.isEmpty || own.values.some((value) => innerOf(value, false) === null);
    return isWhole || holder === object || isUseful ? [own, ...inside] : [];
  };
  const kind = containerOf(object) ?? "record"; // a list of a class of its own has fields, too
  return kind === "record" ? visit(object, kind) : [...visit(object, kind), ...visit(object, "record")];
}

/** The elements of a typed array, or the bytes of a buffer. */
export function numbersOf(value: ArrayBufferView | ArrayBuffer): Uint8Array {
  if ("length" in value) return value as unknown as Uint8Array;
  return "buffer" in value ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
}

/**
 * All own fields of an object, by texts and symbols, hidden or not.
 *
 * @param isGuarded - whether some may refuse to be read, as those that optimizers have to say where a setting is.
 */
export function fieldsOf(value: object, isGuarded = false): [PropertyKey, unknown][] {
  const names = Reflect.ownKeys(value);
  const open = isGuarded ? names.filter((name) => !isRefusing(value, name)) : names;
  return open.map((name) => [name, (value as Readonly<Record<PropertyKey, unknown>>)[name]]);
}

/** Whether a property is there to refuse: what is done to read it is also done to set it. */
function isRefusing(value: object, name: PropertyKey): boolean {
  const { get, set } = Object.getOwnPropertyDescriptor(value, name) ?? {};
  return get !== undefined && get === set;
}
