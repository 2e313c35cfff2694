/**
 * Base of every error that this library throws at its user. The message reads `op: rule, got values; hint`, and each
 * part is a field too.
 *
 * @example
 * try {
 *   matmul(ones([2, 3]), ones([2, 3]));
 * } catch (error) {
 *   error instanceof TinygradError && error.op; // → matmul
 * }
 */
export class TinygradError extends Error {
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
    const bare = this.path === "" ? before : before.slice(this.path.length + 2);
    this.path = this.path === "" ? place : `${place} ${this.path}`;
    const message = `${this.path}: ${bare}`;
    // Engines write the message into the stack, which is printed when none catches the error; some only when it is first read.
    this.stack = this.stack?.replace(before, () => message) ?? message;
    this.message = message;
    return this;
  }
}

/** Shapes or axes that do not fit. */
export class ShapeError extends TinygradError {
  override name = "ShapeError";
}

/** A dtype that an operation cannot take. */
export class DTypeError extends TinygradError {
  override name = "DTypeError";
}

/** An index outside the tensor. */
export class IndexError extends TinygradError {
  override name = "IndexError";
}

/** A value or option that is not allowed. */
export class ValueError extends TinygradError {
  override name = "ValueError";
}

/** A gradient that cannot be computed, or would be wrong. */
export class GradError extends TinygradError {
  override name = "GradError";
}

/** A saved state that does not fit the model or optimizer it is loaded into. */
export class StateError extends TinygradError {
  override name = "StateError";
}

/** A broken invariant of the library itself: a bug here, not in the caller's code. */
export class InternalError extends TinygradError {
  override name = "InternalError";
}

/** A value that should not be there, as errors show it. */
export function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "function" ? "a function" : String(value);
}
