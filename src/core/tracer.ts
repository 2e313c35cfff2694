import type { Layer } from "../nn/layer.ts";
import type { Generator, GeneratorState } from "../random/generator.ts";
import type { Tensor } from "../tensor.ts";
import type { DType, TypedArray } from "./dtype.ts";
import type { Op, Saved, Vjp } from "./op.ts";
import type { Products } from "./products.ts";
import type { Shape } from "./shape.ts";

/** How ops are run. `fill` gives the values of results; if it is left out, they are computed at once. */
export type Run = (op: Op, inputs: readonly Tensor[], attrs: unknown, fill?: Fill) => Tensor;

/** The values of an op's result, or what computes them when they are looked at. */
export type Fill = (op: Op, inputs: readonly Tensor[], attrs: unknown, shape: Shape, dtype: DType) => Tensor["stored"];

/** What `compile` hears of a run that it records, and the debugging tools of one that they watch. */
export interface Tracer {
  /** An op is applied: runs it by `run`. */
  apply(run: Run, op: Op, inputs: readonly Tensor[], attrs: unknown): Tensor;
  /** A tensor's elements are read; inside of `apply`, by a kernel. */
  read(x: Tensor): void;
  /** A tensor's values are about to be replaced by another's. */
  assign(x: Tensor, from: Tensor): void;
  /** A tensor's `grad` is about to be read, or written. */
  grad(x: Tensor, isWrite: boolean): void;
  /** A tensor is about to be filled with random numbers. */
  draw(x: Tensor, generator: Generator, fill: (values: TypedArray, generator: Generator) => void): void;
  /** A generator's state is read. */
  state?(generator: Generator): void;
  /** A generator is about to be put to a state; its first, if it is new. */
  seed(generator: Generator, state: GeneratorState, isNew: boolean): void;
  /** A generator is about to be split. */
  split(): void;
  /** A layer's `training` is read, or about to be set. */
  mode(layer: { training: boolean }, isWrite: boolean): void;
  /** A tensor's `requiresGrad` is read, or about to be set. */
  flag?(x: Tensor, isWrite: boolean): void;
  /** A gradient rule reads an input of a result. */
  saved?(x: Tensor, result: Tensor): void;
  /** A tensor is about to get a hook. */
  hook?(x: Tensor): void;
  /** A transaction has failed, and what it wrote was put back. */
  undone?(): void;
  /** A gradient rule is due in a backward pass: runs it. */
  rule?(rule: Vjp, saved: Saved): Tensor;
  /** A layer of a Sequential is due: applies it. */
  layer?(index: number, layer: Layer, x: Tensor): Tensor;
  /** A cell of a recurrent layer is due at a step of the sequence: runs it. */
  step?<T>(at: number, run: () => T): T;
}

/** Fills an op's result in another way than its kernel does, or returns false. */
export interface Accelerator {
  (op: Op, out: TypedArray, inputs: readonly Tensor[], attrs: unknown, shape: Shape): boolean;
  /** What multiplies matrices for compiled programs, too. */
  readonly products?: Products;
}
