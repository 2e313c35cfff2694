import type { TinygradError } from "./core/errors.ts";

/** What is used of koffi, which checks no argument: whoever calls must. */
export interface Koffi {
  load(name: string, options?: { readonly global?: boolean }): Loaded;
  address(value: object): bigint;
}

/** A library that was loaded. */
export interface Loaded {
  func(prototype: string): (...args: unknown[]) => unknown;
  symbol(name: string): bigint;
}

/** How an error is made. */
type Failure = new (op: string, rule: string, got: string, hint?: string) => TinygradError;

/**
 * Loads the package koffi, an optional peer.
 *
 * @param op - who needs it, for errors.
 * @param what - what it is needed for.
 */
export async function loadKoffi(op: string, Failure: Failure, what: string): Promise<Koffi> {
  try {
    const { default: koffi } = (await import("koffi")) as unknown as { readonly default?: Partial<Koffi> };
    if (koffi?.load !== undefined && koffi.address !== undefined) return koffi as Koffi;
  } catch (error) {
    const isMissing = /MODULE_NOT_FOUND/.test(String((error as { readonly code?: unknown }).code));
    const hint = isMissing
      ? `npm install koffi: an optional peer, which only who uses ${what} needs`
      : "it must be able to load its binary; Deno needs --allow-ffi --allow-read";
    const refusal = new Failure(op, "needs the package koffi, in Node, Deno or Bun", (error as Error).message, hint);
    refusal.cause = error;
    throw refusal;
  }
  const got = "another version, which has no load or no address";
  throw new Failure(op, "needs the package koffi from 3.0 on", got, "npm install koffi@3");
}

/** The first of some libraries that is there, and its name; if there is none, why. */
export function loadFirst(
  koffi: Koffi,
  names: readonly string[],
  options: { readonly global?: boolean } = {},
): { readonly name: string; readonly loaded: Loaded } | { readonly reasons: readonly string[] } {
  const reasons: string[] = [];
  for (const name of names) {
    try {
      return { name, loaded: koffi.load(name, options) };
    } catch (error) {
      const reason = (error as Error).message;
      reasons.push(reason.includes(name) ? reason : `${name}: ${reason}`);
    }
  }
  return { reasons };
}
