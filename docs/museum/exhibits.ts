import { readFileSync } from "node:fs";
import type { GradientReport } from "tinygrad-ts/gradcheck";
import * as broadcastNotSummed from "./broadcastNotSummed.ts";
import * as meanAgainstSum from "./meanAgainstSum.ts";
import * as nanThroughAMask from "./nanThroughAMask.ts";
import * as noTopologicalOrder from "./noTopologicalOrder.ts";
import * as overwritten from "./overwritten.ts";
import * as recursionOverflow from "./recursionOverflow.ts";
import * as sideBranchIgnored from "./sideBranchIgnored.ts";
import * as staleValues from "./staleValues.ts";
import * as tiesCountedTwice from "./tiesCountedTwice.ts";
import * as wrongSoftmaxJacobian from "./wrongSoftmaxJacobian.ts";

/** What each file of an exhibit exports: a function, a wrong derivative and the right one, and the check of either. */
interface Pieces<R> {
  readonly f: (x: number[]) => number | number[];
  readonly wrong: (x: number[]) => R;
  readonly right: (x: number[]) => R;
  readonly point: number[];
  readonly check: (derivative: (x: number[]) => R) => GradientReport;
}

/** An exhibit of the bug museum, with what it computes. */
export interface Exhibit {
  /** The file, without its extension. */
  readonly name: string;
  readonly title: string;
  /** The leading comment, without the title: Markdown. */
  readonly story: string;
  readonly code: string;
  readonly point: readonly number[];
  readonly wrong: () => unknown;
  readonly right: () => unknown;
  readonly checkWrong: () => GradientReport;
  readonly checkRight: () => GradientReport;
}

function exhibit<R>(name: string, { wrong, right, point, check }: Pieces<R>): Exhibit {
  const text = readFileSync(new URL(`${name}.ts`, import.meta.url), "utf8");
  const [comment, code] = text.split("\n */\n");
  const [title, ...story] = comment!
    .replace("/**\n", "")
    .replaceAll(/^ \* ?/gm, "")
    .split("\n");
  return {
    name,
    title: title!.replace("# ", ""),
    story: story.join("\n").trim(),
    code: code!.trim(),
    point,
    wrong: () => wrong(point),
    right: () => right(point),
    checkWrong: () => check(wrong),
    checkRight: () => check(right),
  };
}

/** The ten exhibits, in the order of the tour. */
export const exhibits: readonly Exhibit[] = [
  exhibit("noTopologicalOrder", noTopologicalOrder),
  exhibit("sideBranchIgnored", sideBranchIgnored),
  exhibit("overwritten", overwritten),
  exhibit("broadcastNotSummed", broadcastNotSummed),
  exhibit("meanAgainstSum", meanAgainstSum),
  exhibit("staleValues", staleValues),
  exhibit("recursionOverflow", recursionOverflow),
  exhibit("tiesCountedTwice", tiesCountedTwice),
  exhibit("nanThroughAMask", nanThroughAMask),
  exhibit("wrongSoftmaxJacobian", wrongSoftmaxJacobian),
];

/** What a piece of code returns or throws, in words. */
export function outcome(run: () => unknown): string {
  try {
    const value = run();
    return Array.isArray(value) ? numbers(value) : String(value);
  } catch (error) {
    return `throws ${error}`;
  }
}

/** Numbers in brackets, with four decimals at most. */
function numbers(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(numbers).join(", ")}]` : String(+Number(value).toFixed(4));
}
