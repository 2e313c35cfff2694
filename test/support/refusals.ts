import { expect, test } from "vitest";
import { TinygradError } from "../../src/index.ts";

/** What plain JavaScript sees of the package: anything can be called, and made, with anything. */
export type Loose = {
  (...args: unknown[]): Loose;
  new (...args: unknown[]): Loose;
  readonly parameters: Loose;
  readonly namedParameters: Loose;
  readonly stateDict: Loose;
  readonly forward: Loose;
  readonly step: Loose;
  readonly use: Loose;
  readonly values: Loose;
  readonly weight: Loose;
  readonly mul: Loose;
  readonly sum: Loose;
};

/** A module without its types. */
export function loose<M>(module: M): { readonly [name in keyof M]: Loose } {
  return module as unknown as { readonly [name in keyof M]: Loose };
}

/** A Proxy around an object, and around all that is read from it. */
export function proxied<V>(value: V): V {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, { get: (target, key, receiver) => proxied(Reflect.get(target, key, receiver) as unknown) });
}

/** The name and message of the error that a call ends with: one of ours, or it is said what else. */
export function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return error instanceof TinygradError ? `${error.name}: ${error.message}` : `not ours: ${String(error)}`;
  }
  return "accepted";
}

/** A call, the name of its error, and the error's whole message. */
export type Refusal = readonly [call: () => unknown, error: string, message: string];

/** Tests that calls are refused, each with an exact message. */
export function testRefusals(rows: readonly Refusal[]): void {
  test.each(
    rows.map(([call, error, message]) => [String(call).replace(/^\(\) => /, ""), call, `${error}: ${message}`]),
  )("%s", (_, call, text) => {
    expect(messageOf(call as () => unknown)).toBe(text);
  });
}
