import { textOf, ValueError } from "./errors.ts";

/**
 * Refuses arguments beyond those that a function takes: they would be silently ignored. `xs.map(relu)` and
 * `xs.reduce(add)` stay allowed, which pass the index and the array behind what they call with.
 *
 * @param hint - what to write instead, or what makes it of the arguments.
 * @param args - the function's `arguments`, which do not show in its signature as a rest parameter would.
 */
export function refuseMore(op: string, args: ArrayLike<unknown>, count: number, hint?: string | typeof oneList): void {
  if (args.length > count) refuseExtra(op, args, count, hint);
}

/** The rest of {@link refuseMore}, apart: what is called everywhere is to be so small that engines put it where it is called, and make no `arguments`. */
function refuseExtra(
  op: string,
  args: ArrayLike<unknown>,
  count: number,
  hint: string | typeof oneList = leaveOut,
): void {
  const [extra, all] = [args[count], args[count + 1]];
  if (extra === undefined || (Array.isArray(all) && all[extra as number] === args[count - 1])) return;
  const isMapped =
    Array.isArray(extra) && typeof args[count - 1] === "number" && extra[args[count - 1] as number] === args[count - 2];
  const own = isMapped
    ? `map passes the index, too: write xs.map((x) => ${op}(x))`
    : typeof hint === "string"
      ? hint
      : hint(op, args);
  throw new ValueError(op, `takes no argument ${count + 1}`, textOf(extra), own);
}

const leaveOut = "leave it out";

/** The hint for a function that takes sizes or axes in one array: `reshape(x, 2, 2)`. */
export function oneList(op: string, args: ArrayLike<unknown>): string {
  const numbers = Array.from(args).filter((arg) => typeof arg === "number");
  if (numbers.length < 2) return leaveOut;
  return `write ${op}(${typeof args[0] === "number" ? "" : "x, "}[${numbers.join(", ")}])`;
}
