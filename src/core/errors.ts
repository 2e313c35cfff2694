import { isTensor } from "./runtime.ts";

/**
 * Base of every error that this library throws at its user. The message reads `op: rule, got values; hint`, and each
 * part is a field too.
 *
 * @example
 * try {
 *   matmul(ones([2, 3]) as Tensor, ones([2, 3]));
 * } catch (error) {
 *   error instanceof TinygradError && error.op; // → matmul
 * }
 */
export class TinygradError extends Error {
  /** @internal Errors of another copy of the library are instances, too: by the name of their class. */
  static override [Symbol.hasInstance](x: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: subclasses inherit it
    return isInstance(this, x);
  }

  /** The name of the class, also after minifying. */
  override name = "TinygradError";
  /** The function or op that refused. */
  readonly op: string;
  /** The rule that was broken. */
  readonly rule: string;
  /** The offending values, as text. */
  readonly got: string;
  /** What to do instead; may be empty. */
  readonly hint: string;
  /** Where in a model it happened, `Sequential[2] Linear(784, 128)`; empty outside of one. It leads the message. */
  path = "";

  constructor(op: string, rule: string, got: string, hint = "") {
    super(`${op}: ${rule}${got === "" ? "" : `, got ${got}`}${hint === "" ? "" : `; ${hint}`}`);
    this.op = op;
    this.rule = rule;
    this.got = got;
    this.hint = hint;
  }

  /** Puts a place (a layer in what contains it) before the path. Used by layers that contain layers. */
  within(place: string): this {
    const before = this.message;
    // What has refused by its own name is not named twice.
    const named = this.path === "" && place.endsWith(` ${this.op}`) ? this.op : this.path;
    const bare = named === "" ? before : before.slice(named.length + 2);
    this.path = this.path === "" ? place : `${place} ${this.path}`;
    const message = `${this.path}: ${bare}`;
    // Engines write the message into the stack, which is printed when none catches the error; some only when it is first read.
    this.stack = this.stack?.replace(before, () => message) ?? message;
    this.message = message;
    return this;
  }
}

/**
 * Shapes or axes that do not fit.
 *
 * @example
 * new ShapeError("matmul", "inner sizes must agree", "[2, 3] and [2, 3]").message; // → matmul: inner sizes must agree, got [2, 3] and [2, 3]
 */
export class ShapeError extends TinygradError {
  /** The name of the class, also after minifying. */
  override name = "ShapeError";
}

/**
 * A dtype that an operation cannot take.
 *
 * @example
 * new DTypeError("requiresGrad", "must be floating", "int32").message; // → requiresGrad: must be floating, got int32
 */
export class DTypeError extends TinygradError {
  /** The name of the class, also after minifying. */
  override name = "DTypeError";
}

/**
 * An index outside the tensor.
 *
 * @example
 * new IndexError("gather", "index must be in range", "5").message; // → gather: index must be in range, got 5
 */
export class IndexError extends TinygradError {
  /** The name of the class, also after minifying. */
  override name = "IndexError";
}

/**
 * A value or option that is not allowed.
 *
 * @example
 * new ValueError("SGD", "lr must be a finite number, 0 or more", "-1").message; // → SGD: lr must be a finite number, 0 or more, got -1
 */
export class ValueError extends TinygradError {
  /** The name of the class, also after minifying. */
  override name = "ValueError";
}

/**
 * A gradient that cannot be computed, or would be wrong.
 *
 * @example
 * new GradError("backward", "the root has no gradient", "float32[]").message; // → backward: the root has no gradient, got float32[]
 */
export class GradError extends TinygradError {
  /** The name of the class, also after minifying. */
  override name = "GradError";
}

/**
 * A saved state that does not fit the model or optimizer it is loaded into.
 *
 * @example
 * new StateError("Linear(2, 2).loadStateDict", "the state must fit", "bias is missing").message; // → Linear(2, 2).loadStateDict: the state must fit, got bias is missing
 */
export class StateError extends TinygradError {
  /** The name of the class, also after minifying. */
  override name = "StateError";
}

function isInstance(type: typeof TinygradError, x: unknown): boolean {
  if (Function.prototype[Symbol.hasInstance].call(type, x)) return true;
  return isTinygradError(x) && (type === TinygradError || type.name === x.name);
}

/** Whether a value is an error of this library, of this copy or of another. */
export function isTinygradError(x: unknown): x is TinygradError {
  return x instanceof Error && typeof (x as Partial<TinygradError>).within === "function";
}

/** A value that should not be there, as errors show it. */
export function textOf(value: unknown): string {
  switch (typeof value) {
    case "string":
      return `${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}, a string`;
    case "bigint":
      return `${value}n, a bigint`;
    case "function":
      if (isGeneratorFunction(value)) return "a generator function, which runs only when looped over";
      return isClass(value) ? `the class ${value.name}` : "a function";
    case "object":
      return value === null ? "null" : textOfObject(value);
    default:
      return String(value);
  }
}

function textOfObject(value: object): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
  if (isTensor(value)) return `a tensor ${value.dtype}[${value.shape.join(", ")}]`;
  // A copy by postMessage has a tensor's fields, and none of its getters.
  const { then, sizes, kind, shape = sizes, dtype = kind } = value as { readonly [name: string]: unknown };
  if (typeof then === "function") return "a promise";
  const name = nameOfClass(value);
  if (Array.isArray(shape) && typeof dtype === "string") {
    if (name === "Tensor") return "a Proxy or copy of a tensor, or a tensor of another version of the package";
    return "what postMessage, structuredClone or JSON left of a tensor (send its data and shape)";
  }
  return name === "" || name === "Object" ? "an object" : `${/^[aeio]/i.test(name) ? "an" : "a"} ${name}`;
}

/** The name of an object's class; empty for one without. */
function nameOfClass(value: object): string {
  const maker = (value as { readonly constructor?: unknown }).constructor;
  return typeof maker === "function" ? maker.name : "";
}

/** Whether a function is a class: its prototype cannot be replaced. */
export function isClass(value: object): boolean {
  return Object.getOwnPropertyDescriptor(value, "prototype")?.writable === false;
}

/** Whether a function is a generator, async or not: called, it does nothing yet. */
export function isGeneratorFunction(value: object): boolean {
  return /Generator/.test((value as { readonly [Symbol.toStringTag]?: string })[Symbol.toStringTag] ?? "");
}
