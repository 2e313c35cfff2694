import type { DType } from "../core/dtype.ts";
import type { Op } from "../core/op.ts";
import type { Shape } from "../core/shape.ts";
import type { Builder, Value } from "./builder.ts";

/** What a {@link Lowering} builds with: its methods add to the graph of the function that is being compiled, and compute nothing yet. */
export interface LoweringBuilder
  extends Pick<
    Builder,
    | "fill"
    | "constant"
    | "range"
    | "uniform"
    | "reshape"
    | "cast"
    | "map"
    | "unary"
    | "binary"
    | "select"
    | "view"
    | "expand"
    | "take"
    | "reduce"
    | "matmul"
    | "scatter"
    | "assemble"
    | "scan"
    | "sort"
    | "check"
    | "host"
  > {}

/** One call of an op, as a {@link Lowering} receives it. */
export interface LoweringCall<A = unknown> {
  /** Writes the graph. */
  readonly b: LoweringBuilder;
  /** The op's inputs. */
  readonly inputs: readonly Value[];
  /** The first input. */
  readonly x: Value;
  /** The second input, of an op that has one. */
  readonly y: Value;
  /** The attributes that the op was applied with. */
  readonly attrs: A;
  /** The shape of the result, as the op's shape rule gives it. */
  readonly shape: Shape;
  /** The dtype of the result. */
  readonly dtype: DType;
}

/** How an op is compiled: from one call of it to the value that is its result, of the call's `shape` and `dtype`. */
export type Lowering<A = unknown> = (call: LoweringCall<A>) => Value;

/** One call of an op, as the library's own lowerings get it. */
export interface Call extends LoweringCall {
  readonly b: Builder;
}

/** A row of the table of lowerings. */
export type Row = readonly [op: Op, lowering: (call: Call) => Value];

/** Writes a row: the lowering gets the attributes that the op has. */
export function row<A>(op: Op<A>, lowering: (call: Call & { readonly attrs: A }) => Value): Row {
  return [op as Op, lowering as (call: Call) => Value];
}
