import type { Lowering } from "../compile/lowering.ts";
import { others, standIns } from "../compile/others.ts";
import { apply } from "../core/apply.ts";
import type { TypedArray } from "../core/dtype.ts";
import type { Op } from "../core/op.ts";
import { reshape } from "../ops/reshape.ts";
import { slice } from "../ops/slice.ts";
import type { Tensor } from "../tensor.ts";

/** Adds up over all ranks: puts the sums of some arrays into one, one after the other. */
export interface Adder {
  addUp(into: TypedArray, froms: readonly TypedArray[]): void;
}

// d/dx of the sum of all ranks' x: what all ranks have as cotangents, together.
const sumOp: Op<Adder> = {
  name: "allReduce",
  shape: (inputs) => [inputs.reduce((sum, { size }) => sum + size, 0)],
  forward: (out, inputs, adder) =>
    adder.addUp(
      out,
      inputs.map(({ values }) => values),
    ),
  vjp: ({ g, index, attrs, result }) => {
    const [own] = addedUp([g], attrs);
    const start = result.inputs.slice(0, index).reduce((sum, { size }) => sum + size, 0);
    const x = result.inputs[index]!;
    return reshape(slice(own!, [start, start + x.size]), x.shape);
  },
};

// Only the program calls the others: how often a function is recorded differs between ranks, and of what it finds there nothing but the shape goes on.
const recordedOp: Op<Adder> = {
  ...sumOp,
  forward(out, inputs) {
    let at = 0;
    for (const { values } of inputs) {
      out.set(values, at);
      at += values.length;
    }
  },
};

const lowered: Lowering<Adder> = ({ b, inputs, attrs, shape, dtype }) => {
  const allReduce = (given: readonly TypedArray[], filled: readonly TypedArray[]): void =>
    attrs.addUp(filled[0]!, given);
  return b.host(allReduce, inputs, [shape], dtype)[0]!;
};

/** The sums of some tensors of one dtype over all ranks, by one call: eager, compiled, and with gradients. */
export function addedUp(xs: readonly Tensor[], adder: Adder): Tensor[] {
  others().set(sumOp as Op, lowered as Lowering);
  standIns().set(sumOp as Op, recordedOp as Op);
  const all = apply(sumOp, xs, adder);
  let start = 0;
  return xs.map(({ shape, size }) => {
    const own = slice(all, [start, start + size]);
    start += size;
    return reshape(own, shape);
  });
}

/** Elements of the largest part that is sent at once: MPI is faster by parts that a cache holds. */
const most = 2 ** 18;
/** From so many elements on, an array is sent from where it lies. */
const large = 2 ** 13;

/** Adds up in buckets: small arrays are put together, large ones are sent in parts from where they lie. */
export function inBuckets<T extends TypedArray>(
  into: T,
  froms: readonly T[],
  allReduce: (into: T, from: T) => void,
): void {
  let [start, at] = [0, 0];
  const send = (): void => {
    if (at === start) return;
    const bucket = into.subarray(start, at) as T;
    allReduce(bucket, bucket);
    start = at;
  };
  for (const from of froms) {
    if (from.length < large) {
      into.set(from, at);
      at += from.length;
      if (at - start >= large) send();
      continue;
    }
    send();
    for (let i = 0; i < from.length; i += most) {
      const end = Math.min(i + most, from.length);
      allReduce(into.subarray(at + i, at + end) as T, from.subarray(i, end) as T);
    }
    at += from.length;
    start = at;
  }
  send();
}
