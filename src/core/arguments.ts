import { isClass, isGeneratorFunction, textOf, ValueError } from "./errors.ts";

/** Refuses what is not a whole number from `least` on. */
export function checkCount(op: string, name: string, value: unknown, least: number, hint = ""): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return;
  const own = hint || numberHint(value, Number.isSafeInteger);
  throw new ValueError(op, `${name} must be a whole number, ${least} or more`, textOf(value), own);
}

/** Refuses what is not a number: also NaN, and numbers in strings. */
export function checkNumber(op: string, name: string, value: unknown, hint = ""): number {
  if (typeof value === "number" && !Number.isNaN(value)) return value;
  throw new ValueError(op, `${name} must be a number`, textOf(value), hint || numberHint(value));
}

/** For options, or a string, in the place of a number: the number in them, if there is one. */
export function numberHint(value: unknown, isFit: (value: unknown) => boolean = Number.isFinite): string {
  const isOptions = Object.prototype.toString.call(value) === "[object Object]";
  const found = isOptions
    ? Object.values(value as object).find(isFit)
    : typeof value === "string" && value.trim()
      ? +value
      : Number.NaN;
  return isFit(found) ? `pass the number itself: ${found}` : "";
}

/** Refuses what is not a function, classes and generators included: called, they do not compute. */
export function checkFunction(op: string, name: string, value: unknown, hint = ""): void {
  if (typeof value === "function" && !isClass(value) && !isGeneratorFunction(value)) return;
  throw new ValueError(op, `${name} must be a function`, textOf(value), hint);
}

/**
 * Refuses a call on a Proxy, which cannot reach private fields: without this, the engine would say that the receiver is of the wrong class.
 *
 * @param isOwn - `#field in this`.
 */
export function refuseProxy(op: string, isOwn: boolean): void {
  if (isOwn) return;
  throw new ValueError(op, "must be called on the object itself", "a Proxy around it", keepOutside);
}

/** What to do about a Proxy. */
export const keepOutside = "keep it outside of reactive state (markRaw, shallowRef, $state.raw)";
