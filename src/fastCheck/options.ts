import { textOf, ValueError } from "../core/errors.ts";
import { hintFor } from "../core/options.ts";

/** Refuses unknown options: a misspelt one would change nothing. */
export function checkNames(op: string, options: object, known: readonly string[]): void {
  if (Object.prototype.toString.call(options) !== "[object Object]") {
    throw new ValueError(op, "constraints must be an object", textOf(options), `there are ${known.join(", ")}`);
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw new ValueError(op, "there is no such constraint", key, hintFor(key, known));
  }
}

/** An integer option, checked, or its default. */
export function integer(op: string, name: string, value: number | undefined, otherwise: number, least: number): number {
  if (value === undefined) return otherwise;
  if (!Number.isSafeInteger(value) || value < least) {
    throw new ValueError(op, `${name} must be an integer, ${least} or more`, textOf(value));
  }
  return value;
}

/** A finite option, checked, or its default. */
export function finite(op: string, name: string, value: number | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (!Number.isFinite(value)) throw new ValueError(op, `${name} must be a finite number`, textOf(value));
  return value;
}

/** Refuses a lower bound above its upper one. */
export function checkOrder(op: string, low: string, least: number, high: string, most: number): void {
  if (least > most) throw new ValueError(op, `${low} must not exceed ${high}`, `${least} and ${most}`);
}

/**
 * A count that is either exact, under one name, or between two.
 *
 * @param names - of the exact count, the least and the most.
 * @returns the least and the most.
 */
export function countRange<K extends string>(
  op: string,
  options: { readonly [Name in K]?: unknown },
  names: readonly [exact: K, least: K, most: K],
  defaults: readonly [least: number, most: number],
  floor: number,
): [least: number, most: number] {
  const [exact, least, most] = names.map((name) => options[name] as number | undefined);
  if (exact !== undefined) {
    if (least !== undefined || most !== undefined) {
      throw new ValueError(op, `${names[0]} stands alone`, `${least === undefined ? names[2] : names[1]} too`);
    }
    const count = integer(op, names[0], exact, 0, floor);
    return [count, count];
  }
  const low = integer(op, names[1], least, Math.min(defaults[0], most ?? defaults[0]), floor);
  const high = integer(op, names[2], most, Math.max(defaults[1], low), floor);
  checkOrder(op, names[1], low, names[2], high);
  return [low, high];
}
