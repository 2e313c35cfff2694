import type { DType } from "../core/dtype.ts";
import type { Op } from "../core/op.ts";
import type { Shape } from "../core/shape.ts";
import type { Builder, Value } from "./builder.ts";

/** One call of an op, as it is lowered. */
export interface Call {
  readonly b: Builder;
  readonly inputs: readonly Value[];
  /** The first input, and the second. */
  readonly x: Value;
  readonly y: Value;
  readonly attrs: unknown;
  /** Of the result. */
  readonly shape: Shape;
  readonly dtype: DType;
}

/** How an op is written with the nodes of a graph. */
export type Lowering<A> = (call: Call & { readonly attrs: A }) => Value;

/** A row of the table of lowerings. */
export type Row = readonly [op: Op, lowering: (call: Call) => Value];

/** Writes a row: the lowering gets the attributes that the op has. */
export function row<A>(op: Op<A>, lowering: Lowering<A>): Row {
  return [op as Op, lowering as (call: Call) => Value];
}
