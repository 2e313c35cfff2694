import type { Tensor } from "../tensor.ts";
import { hashOf } from "./hash.ts";
import { bytesOf } from "./parts.ts";

/** So many elements of a tensor say which batch it is. */
const few = 32;

/** What tells batches apart, mostly: some elements of each tensor. */
export function sampleOf(batch: readonly Tensor[]): string {
  const bytes = batch.map(({ values }) => {
    const step = Math.max(1, Math.floor(values.length / few));
    return Float64Array.from({ length: Math.min(few, values.length) }, (_, i) => values[i * step]!);
  });
  const all = Float64Array.from(bytes.flatMap((own) => [...own]));
  return hashOf(bytesOf(all)).toString(36);
}
