import { ValueError } from "../core/errors.ts";
import type { Communicator, Numbers } from "./communicator.ts";

// What each library does silently, in its own way: sums of integers that are too large, and the largest of NaN and a number, which may be another on each rank.

/** Adds up integers in float64, which is exact for all that many ranks can have, and refuses a sum that int32 cannot hold: on all ranks, since all have it. */
export function addIntegers(communicator: Communicator, values: Int32Array): void {
  const sums = Float64Array.from(values);
  communicator.allReduce(sums, "sum");
  const at = sums.findIndex((sum) => sum !== (sum | 0));
  if (at >= 0) {
    throw new ValueError("allReduce", "an Int32Array must hold the sum", `${sums[at]} at ${at}`, "pass a Float64Array");
  }
  values.set(sums);
}

/** Whether the largest of these and others depends on the order in which they are compared: NaN is neither larger nor smaller, nor is −0 than 0. */
export function isAmbiguous(values: Numbers): boolean {
  return !(values instanceof Int32Array) && values.some((v) => v !== v || Object.is(v, -0));
}

/** The largest in any order: NaN if one rank has it, and 0 for −0. */
export function findLargest(communicator: Communicator, values: Numbers): void {
  const marks = Float32Array.from(values, (v) => Number(v !== v));
  const rest = values.map((v) => (v !== v ? Number.NEGATIVE_INFINITY : v + 0));
  communicator.allReduce(marks, "max");
  communicator.allReduce(rest, "max");
  values.set(rest.map((v, i) => (marks[i]! > 0 ? Number.NaN : v)));
}
