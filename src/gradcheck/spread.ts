import { refuseMore } from "../core/surplus.ts";
import { requireFunctions } from "./check.ts";

/**
 * Converts a function of several arguments to a function of one list, as checks and matchers need it. Wrap the function and its
 * derivative, and pass the arguments as the point. What a check passes after the point (`out`, a cotangent, a tangent) follows them,
 * as far as the function declares parameters for it.
 *
 * @param f - the function, or its derivative; a gradient returns a list with the gradient of each argument.
 * @returns the same function, of a list.
 * @throws {@link ValueError} for anything that is not a function.
 * @example
 * import { checkGradient, spread } from "tinygrad-ts/gradcheck";
 * const energy = (w: number[], k: number) => k * (w[0]! ** 2 + w[1]! ** 2);
 * const gradient = (w: number[], k: number) => [w.map((v) => 2 * k * v), w[0]! ** 2 + w[1]! ** 2] as const;
 * checkGradient(spread(energy), spread(gradient), [[3, -1], 0.5]).ok; // → true
 */
export function spread<A extends readonly unknown[], R>(f: (...args: A) => R): (x: A) => R;
/**
 * The same for a function that takes more beside the point: `spread<[a: number, b: number], [u: number], readonly number[]>(vjp)`.
 *
 * @typeParam A - the arguments that are the point.
 * @typeParam M - those after them.
 * @typeParam R - what it returns.
 */
export function spread<A extends readonly unknown[], M extends readonly unknown[], R>(
  f: (...args: [...A, ...M]) => R,
): (x: A, ...more: M) => R;
export function spread(f: (...args: readonly unknown[]) => unknown): (...all: readonly unknown[]) => unknown {
  refuseMore("spread", arguments, 1);
  requireFunctions("spread", { f });
  return (...[x, ...more]) => {
    const args = x as readonly unknown[];
    return f(...args, ...more.slice(0, Math.max(0, f.length - args.length)));
  };
}
