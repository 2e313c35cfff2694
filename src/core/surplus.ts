import { textOf, ValueError } from "./errors.ts";

/**
 * Refuses arguments beyond those that a function takes: they would be ignored without a word. `xs.map(relu)` and
 * `xs.reduce(add)` stay allowed, which pass the index and the array behind what they call with.
 *
 * @param args - the function's `arguments`, which do not show in its signature as a rest parameter would.
 */
export function refuseMore(op: string, args: ArrayLike<unknown>, count: number, hint = "leave it out"): void {
  if (args.length <= count) return;
  const [extra, all] = [args[count], args[count + 1]];
  if (extra === undefined || (Array.isArray(all) && all[extra as number] === args[count - 1])) return;
  const isMapped = Array.isArray(extra) && extra[args[count - 1] as number] === args[count - 2];
  const own = isMapped ? `map passes the index, too: write xs.map((x) => ${op}(x))` : hint;
  throw new ValueError(op, `takes no argument ${count + 1}`, textOf(extra), own);
}
