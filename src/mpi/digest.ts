import type { TypedArray } from "../core/dtype.ts";
import type { Tensor } from "../tensor.ts";
import { hashOf } from "./rollCall.ts";

/** So many elements of a tensor say which batch it is. */
const few = 32;

/** What tells tensors apart, to the bit. */
export function digestOf(tensors: readonly Tensor[], numbers: readonly number[]): string {
  const own = tensors.map(({ values, shape }) => `${shape}:${hashOf(bytesOf(values)).toString(36)}`);
  return `${own.join(" ")} ${numbers.join()}`;
}

/** What tells batches apart, mostly: some elements of each tensor. */
export function sampleOf(batch: readonly Tensor[]): string {
  const bytes = batch.map(({ values }) => {
    const step = Math.max(1, Math.floor(values.length / few));
    return Float64Array.from({ length: Math.min(few, values.length) }, (_, i) => values[i * step]!);
  });
  const all = Float64Array.from(bytes.flatMap((own) => [...own]));
  return hashOf(bytesOf(all)).toString(36);
}

const bytesOf = (x: TypedArray): Uint8Array => new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
