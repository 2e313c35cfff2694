import { textOf } from "../core/errors.ts";
import { pathsOf } from "./tree.ts";

/** After so many recordings, each for another value, a warning is due. */
const most = 8;

/** Looks at what a function is recorded for, and warns, once, of a value that is another one at each call. */
export class Changing {
  #keys: (readonly unknown[])[] | null = [];
  readonly #fields = new Map<string, number>();

  /** A field, such as that of a layer, has led to a new recording. */
  noteField(field: string, name: string): void {
    const count = (this.#fields.get(field) ?? 1) + 1; // with the first recording of all
    this.#fields.set(field, count);
    if (count === most)
      warn(
        `${name}: ${field} has had ${most} values, and a program is recorded for each; make it a tensor, and assign to it`,
      );
  }

  note(key: readonly unknown[], args: readonly unknown[], name: string): void {
    if (this.#keys === null) return;
    this.#keys = [...this.#keys, key].slice(-most);
    const keys = this.#keys;
    if (keys.length < most || keys.some((other) => other.length !== key.length)) return;
    const at = pathsOf(args).findIndex((path, i) => path !== "" && new Set(keys.map((own) => own[i])).size === most);
    if (at < 0) return;
    this.#keys = null;
    const value = key[at];
    const hint =
      typeof value === "number" ? `pass it as a tensor: tensor(${value})` : "pass the same value at each call";
    warn(
      `${name}: ${pathsOf(args)[at]} has had ${most} values, now ${textOf(value)}, and a program is recorded for each; ${hint}`,
    );
  }
}

function warn(line: string): void {
  (globalThis as unknown as { readonly console: { warn(text: string): void } }).console.warn(line);
}
