import { adviceFor } from "./advice.ts";
import type { Communicator } from "./communicator.ts";
import { MpiError } from "./errors.ts";
import { hashOfText } from "./hash.ts";
import { hashOfParts, type Part } from "./parts.ts";

type Hint = string | (() => string);
const textOf = (hint: Hint): string => (typeof hint === "string" ? hint : hint());

/** Characters of a message that ranks exchange when something is wrong. */
const room = 300;

/**
 * What stands before all that ranks do together: each says what it comes for, and whether it has failed. If they come for different things, all throw, where MPI would hang, or add up what does not belong
 * together. It is one all-reduce of four numbers.
 */
export class RollCall {
  readonly #communicator: Communicator;
  readonly #numbers = new Float64Array(4);
  readonly #hashes = new Map<string, number>();
  /** Errors that all ranks know of. */
  readonly #known = new WeakSet<object>();
  /** What is known of where the ranks stand. */
  readonly #places: () => readonly string[];

  constructor(communicator: Communicator, places: () => readonly string[]) {
    this.#communicator = communicator;
    this.#places = places;
  }

  /**
   * @param what - what this rank comes for.
   * @param detail - more of that, too long to be shown; or its parts, the first of which that differs is shown.
   * @param flag - something that is true for all if it is for one.
   * @param hint - what to do if all come for the same, but differ in the detail; a function is called by all ranks.
   * @param parts - what the detail was made of, to name what differs.
   * @throws {@link MpiError} if another rank comes for something else, or has failed.
   */
  expect(
    what: string,
    detail: string | readonly Part[] = "",
    flag = false,
    hint: Hint = "",
    parts?: () => readonly Part[],
  ): boolean {
    if (this.#communicator.size === 1) return flag;
    if (typeof detail !== "string") return this.#compare(what, detail, flag, hint);
    const numbers = this.#call(what, 0, flag, detail);
    if (numbers[2]! > 0) this.#refuse("a rank has failed", this.#exchange(""));
    if (numbers[0] !== -numbers[1]!) {
      const all = this.#exchange(detail === "" ? what : `${what} (${hashOfText(detail).toString(36)})`);
      const isDetail = all.every((text) => text.startsWith(`${what} (`));
      if (isDetail && parts !== undefined) this.#name(what, parts(), hint);
      this.#refuse("all ranks must do the same, in the same order", all, isDetail ? textOf(hint) : adviceFor(all));
    }
    return numbers[3]! > 0;
  }

  #compare(what: string, parts: readonly Part[], flag: boolean, hint: Hint): boolean {
    const hash = hashOfParts(parts);
    const isOne = this.expect(what, "", flag);
    const numbers = this.#call(hash, 0, false);
    return numbers[0] === -numbers[1]! ? isOne : this.#name(what, parts, hint);
  }

  /** Refuses what differs, by the first part that does. */
  #name(what: string, parts: readonly Part[], hint: Hint): never {
    const most = Int32Array.of(parts.length);
    this.#communicator.allReduce(most, "max");
    const own = Float64Array.from({ length: most[0]! }, (_, i) => parts[i]?.hash ?? -1);
    const all = new Float64Array(own.length * this.#communicator.size);
    this.#communicator.gather(own, all);
    const at = own.findIndex((_, i) => all.some((other, k) => k % own.length === i && other !== all[i]));
    const messages = this.#exchange(parts[at]?.text() ?? "nothing");
    return this.#refuse(`all ranks must have the same in "${what}"`, messages, textOf(hint));
  }

  /** Tells all others, where they come next, that this rank has failed. */
  fail(error: unknown): void {
    const isKnown = typeof error === "object" && error !== null && this.#known.has(error);
    if (this.#communicator.size === 1 || isKnown) return;
    this.#call("failed", 1, false);
    this.#exchange(error instanceof Error ? error.message : String(error));
    if (typeof error === "object" && error !== null) this.#known.add(error);
  }

  #call(what: string, failed: number, flag: boolean, detail = ""): Float64Array {
    const known = this.#hashes.get(what) ?? hashOfText(what);
    if (this.#hashes.size < 1000) this.#hashes.set(what, known);
    const hash = detail === "" ? known : (known + hashOfText(detail)) % 2 ** 52;
    this.#numbers.set([hash, -hash, failed, Number(flag)]);
    this.#communicator.allReduce(this.#numbers, "max");
    return this.#numbers;
  }

  #refuse(rule: string, messages: readonly string[], more = ""): never {
    const different = messages.flatMap((text, rank) => (text === "" ? [] : [`rank ${rank}: ${text}`]));
    const places = this.#places();
    const hint = more === "" && places.length > 0 ? `they were at ${places.join(", ")}` : more;
    const error = new MpiError("group", rule, different.join("; "), hint);
    this.#known.add(error);
    throw error;
  }

  /** The messages of all ranks. */
  #exchange(text: string): string[] {
    const { size } = this.#communicator;
    const own = new Int32Array(room);
    for (let i = 0; i < Math.min(text.length, room); i++) own[i] = text.charCodeAt(i);
    const all = new Int32Array(room * size);
    this.#communicator.gather(own, all);
    return Array.from({ length: size }, (_, rank) => {
      const codes = all.subarray(rank * room, (rank + 1) * room);
      return String.fromCharCode(...codes.filter((code) => code > 0));
    });
  }
}
