import { type DType, Tensor } from "../../src/index.ts";

/** What stands in a PyTorch call. `None` is null and `...` is the string "...". */
export type Value = Tensor | Slice | number | boolean | string | null | readonly Value[];

type SliceParts = readonly [start: number | null, stop: number | null, step: number | null];

/** Python's `start:stop:step`. */
export class Slice {
  readonly parts: SliceParts;

  constructor(parts: SliceParts) {
    this.parts = parts;
  }
}

/** Thrown by an adapter for arguments that lead out of the library's present scope: the case is pending, not failed. */
export class OutOfScope extends Error {}

/** A PyTorch signature (`"input, other, *, alpha=1"`, `"*tensors"`) and the call of this library that it stands for. */
export interface Adapter {
  readonly signature: string;
  readonly call: (p: Params) => Tensor | readonly Tensor[];
}

/**
 * Calls an adapter with PyTorch's arguments. An argument that the signature does not have, or that the adapter was given and never
 * looked at, is an error: nothing is ignored in silence.
 */
export function invoke(
  { signature, call }: Adapter,
  args: readonly Value[],
  kwargs: Readonly<Record<string, Value>>,
): readonly Tensor[] {
  const params = new Params(signature, args, kwargs);
  const result = call(params);
  params.checkRead();
  return result instanceof Tensor ? [result] : result;
}

/** The arguments of one call, by name. */
export class Params {
  private readonly values = new Map<string, Value>();
  private readonly unread = new Set<string>();

  constructor(signature: string, args: readonly Value[], kwargs: Readonly<Record<string, Value>>) {
    let at = 0;
    let positional = true;
    for (const part of signature.split(", ")) {
      const [name, fallback] = part.split("=") as [string, string?];
      if (name === "*") positional = false;
      else if (name.startsWith("*")) {
        const rest = args.slice(at);
        const named = rest.length === 0 ? kwargs[name.slice(1)] : undefined;
        at = args.length;
        positional = false;
        this.set(name.slice(1), named ?? (rest.length === 1 && Array.isArray(rest[0]) ? rest[0] : rest));
      } else if (positional && at < args.length) this.set(name, args[at++]!);
      else if (name in kwargs) this.set(name, kwargs[name]!);
      else if (fallback !== undefined) this.values.set(name, parseDefault(fallback));
      else throw new Error(`argument ${name} is missing in (${signature})`);
    }
    if (at < args.length) throw new Error(`${args.length} arguments for (${signature})`);
    for (const name of Object.keys(kwargs)) {
      if (!this.unread.has(name)) throw new Error(`argument ${name} is not in (${signature}), or given twice`);
    }
  }

  private set(name: string, value: Value): void {
    this.values.set(name, value);
    this.unread.add(name);
  }

  /** Fails if an argument that was given was not looked at. */
  checkRead(): void {
    if (this.unread.size > 0) throw new Error(`the adapter ignores ${[...this.unread].join(", ")}`);
  }

  /** The argument as it stands. */
  get(name: string): Value {
    if (!this.values.has(name)) throw new Error(`the signature has no ${name}`);
    this.unread.delete(name);
    return this.values.get(name)!;
  }

  private fail(name: string, wanted: string): never {
    throw new TypeError(`${name} must be ${wanted}, got ${String(this.values.get(name))}`);
  }

  tensor(name: string): Tensor {
    const v = this.get(name);
    return v instanceof Tensor ? v : this.fail(name, "a tensor");
  }

  optionalTensor(name: string): Tensor | null {
    return this.get(name) === null ? null : this.tensor(name);
  }

  /** A tensor or a plain number. */
  operand(name: string): Tensor | number {
    const v = this.get(name);
    return v instanceof Tensor ? v : this.number(name);
  }

  tensors(name: string): Tensor[] {
    const v = this.get(name);
    return Array.isArray(v) && v.every((t) => t instanceof Tensor) ? v : this.fail(name, "a list of tensors");
  }

  /** A number; Python's bools are numbers too, and a tensor with one element serves where an integer is wanted. */
  number(name: string): number {
    const v = this.get(name);
    if (v instanceof Tensor) return v.item();
    if (typeof v === "boolean") return Number(v);
    return typeof v === "number" ? v : this.fail(name, "a number");
  }

  optionalNumber(name: string): number | null {
    return this.get(name) === null ? null : this.number(name);
  }

  flag(name: string): boolean {
    const v = this.get(name);
    return typeof v === "boolean" ? v : this.fail(name, "a bool");
  }

  text(name: string): string {
    const v = this.get(name);
    return typeof v === "string" ? v : this.fail(name, "a string");
  }

  /** A dtype of PyTorch under its name here, or null if none is given. */
  dtype(name: string): DType | null {
    const v = this.get(name);
    if (v === null) return null;
    const own = typeof v === "string" ? dtypes[v.replace("torch.", "")] : undefined;
    if (own === undefined) throw new OutOfScope(`dtype ${String(v)}`);
    return own;
  }

  /** A list of numbers; one number stands for a list of one. */
  numbers(name: string): number[] {
    const v = this.get(name);
    if (typeof v === "number") return [v];
    if (v instanceof Tensor) return [...v.data];
    return Array.isArray(v) && v.every((n) => typeof n === "number") ? v : this.fail(name, "a list of numbers");
  }

  /** Axes to reduce: both `None` and `[]` mean all of them in PyTorch. */
  axes(name: string): number | number[] | undefined {
    const v = this.get(name);
    if (v === null || (Array.isArray(v) && v.length === 0)) return undefined;
    return typeof v === "number" ? v : this.numbers(name);
  }

  /** Accepts an argument that makes no difference here, if it has one of these values. */
  expect(name: string, ...allowed: Value[]): void {
    const v = this.get(name);
    if (!allowed.includes(v)) throw new OutOfScope(`${name} = ${String(v)}`);
  }
}

const dtypes: Readonly<Record<string, DType>> = {
  float32: "float32",
  float64: "float64",
  double: "float64",
  float: "float32",
  int32: "int32",
  int64: "int32", // the library has one integer dtype
  long: "int32",
  bool: "bool",
};

function parseDefault(text: string): Value {
  if (text === "None") return null;
  if (text === "True" || text === "False") return text === "True";
  if (text === "()") return [];
  const n = Number(text);
  return Number.isNaN(n) ? text : n;
}
