import { type BackwardOptions, backward, checkFits } from "./autograd/backward.ts";
import { make } from "./core/apply.ts";
import { refuseProxy } from "./core/arguments.ts";
import { type DType, isFloat, isTypedArray, type TypedArray } from "./core/dtype.ts";
import { DTypeError, GradError, ShapeError, textOf, ValueError } from "./core/errors.ts";
import { readOnly, refuseFrozen } from "./core/foreign.ts";
import { type NestedArray, parseNested, type TensorData } from "./core/nested.ts";
import type { Op } from "./core/op.ts";
import {
  isRecording,
  isTensor,
  type Runtime,
  runtime,
  tickWriteClock,
  withRecording,
  writeClock,
} from "./core/runtime.ts";
import { describe, type Shape, sameShape, sizeOf } from "./core/shape.ts";
import type { AnyShape, Transposed } from "./core/shapeTypes.ts";
import { refuseMore } from "./core/surplus.ts";
import { remember } from "./core/transaction.ts";
import { formatTensor } from "./format.ts";
import { TensorMethods } from "./methods.ts";
import { cast } from "./ops/cast.ts";
import { alias } from "./ops/reshape.ts";

/** A hook of a tensor. It receives the gradient that arrives there. It returns nothing, or a tensor that replaces the gradient. */
export type GradHook = (g: Tensor) => Tensor | undefined | void;

/** A tensor, as {@link Tensor.toJSON} returns it. */
export interface TensorJson {
  /** Element type. */
  readonly dtype: DType;
  /** Sizes of the axes. */
  readonly shape: Shape;
  /** The values, nested; NaN, Infinity, −Infinity and −0 as text. */
  readonly values: NestedJson;
}

/** The values of a tensor as nested arrays for JSON. */
export type NestedJson = number | boolean | string | readonly NestedJson[];

declare const known: unique symbol;

const reshaping = "use x.reshape(…)";
const assigning = "use x.assign(…)";
const noInputs: readonly Tensor[] = [];
const noHooks: readonly GradHook[] = [];

/**
 * A multi-dimensional array of numbers that records how it was computed.
 *
 * Made by {@link tensor} and the other creation functions, and by ops. The values that an op made never change, and no two tensors can
 * be seen to share them: only {@link Tensor.assign} replaces the values of one tensor, and of no other. A tensor that is held stays
 * valid; there is nothing to dispose of.
 *
 * @example
 * const x = tensor([1, 2, 3], { requiresGrad: true });
 * x.mul(x).sum().backward();
 * x.grad?.toArray(); // → [2, 4, 6]
 */
export class Tensor<S extends Shape = AnyShape> extends TensorMethods {
  /** @hidden What the type checker knows of the shape; nothing when the program runs. */
  declare readonly [known]: S;
  /** @internal Sizes of the axes, not copied: for what is in this library and hot. */
  readonly sizes: Shape;
  /** @internal What `dtype` gives. */
  private readonly kind: DType;
  /** The op that made this tensor, if it was recorded; null for leaves. */
  op: Op | null = null;
  /** The recorded op's inputs. */
  inputs: readonly Tensor[] = noInputs;
  /** The recorded op's attributes. */
  attrs: unknown = undefined;
  /** @internal The elements, or what copies them from where a compiled program keeps them. */
  stored: TypedArray | (() => TypedArray);
  /** @internal Write clock when these values came: when the tensor was made, or at the latest `assign`. */
  time = /* @__PURE__ */ writeClock();
  /** @internal Backward's marks: the run that saw this tensor, and its place in that run's order. Before the first, −1 says that PyTorch would return a pair. */
  mark = 0;
  /** @internal */
  slot = 0;
  /** @internal */
  hooks: readonly GradHook[] = noHooks;
  /** @internal */
  retainsGrad = false;
  /** @internal What `requiresGrad` gives, for what is in this library and hot. */
  tracked = false;
  /** @internal Whether it required a gradient once, and now does not: a frozen parameter, and no buffer. Only `requiresGrad` tells a program that is recorded that this was asked. */
  frozen = false;
  /** What neither a copy by `structuredClone` nor a Proxy has. */
  readonly #genuine = true;
  /** @internal The gradient, or what copies it from where a compiled program keeps it. */
  gradient: Tensor | (() => Tensor) | null = null;

  /** @internal Use {@link tensor} or another creation function. */
  constructor(values: TypedArray | (() => TypedArray), shape: Shape, dtype: DType) {
    super();
    if (dtype === undefined || Array.isArray(values)) {
      throw new ValueError("Tensor", "tensors are made by tensor(…)", textOf(values), "write tensor([1, 2])");
    }
    this.stored = values;
    this.sizes = shape;
    this.kind = dtype;
  }

  // A getter without a setter, and a copy, so plain JavaScript cannot put another shape on the same elements, nor on those of other tensors.
  /** Sizes of the axes; `[]` for a scalar. A fresh copy each time. */
  get shape(): Shape {
    return this.sizes.slice();
  }
  /** @internal */
  set shape(_: Shape) {
    readOnly("shape", reshaping);
  }

  /** Element type. */
  get dtype(): DType {
    return this.kind;
  }
  /** @internal */
  set dtype(_: DType) {
    readOnly("dtype", "use x.to(…)");
  }

  /** @internal What {@link isTensor} looks at. */
  get runtime(): Runtime | undefined {
    return #genuine in this ? runtime : undefined;
  }

  /** @internal The elements, row-major. Never written to once the tensor exists: `assign` puts another array in their place. */
  get values(): TypedArray {
    runtime.tracer?.read(this);
    if (typeof this.stored === "function") this.stored = this.stored();
    return this.stored;
  }
  /** @internal */
  set values(_: TypedArray) {
    readOnly("values", assigning);
  }

  /** @internal Makes this fresh tensor the recorded result of an op. */
  record(op: Op, inputs: readonly Tensor[], attrs: unknown, time: number): this {
    this.op = op;
    this.inputs = inputs;
    this.attrs = attrs;
    this.time = time;
    this.tracked = true;
    return this;
  }

  /**
   * The matrix with its two axes swapped; a vector or a scalar as it is.
   *
   * @throws {@link ShapeError} for more axes: {@link transpose} swaps the last two, {@link permute} reorders all.
   */
  override get T(): Tensor<Transposed<S>> {
    return super.T;
  }

  /** Number of axes. */
  get rank(): number {
    return this.sizes.length;
  }
  /** @internal */
  set rank(_: number) {
    readOnly("rank", reshaping);
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.sizes);
  }
  /** @internal */
  set size(_: number) {
    readOnly("size", reshaping);
  }

  /**
   * Whether gradients flow to this tensor. Set it on a leaf to make it one that backward fills the `grad` of; on the result of a
   * recorded op it is true and stays so.
   *
   * @throws {@link DTypeError} when set on an integer or bool tensor.
   * @throws {@link GradError} when set to false on a recorded result: use {@link Tensor.detach}.
   */
  get requiresGrad(): boolean {
    runtime.tracer?.flag?.(this, false);
    return this.tracked;
  }
  /** @throws {@link DTypeError}, {@link GradError}: see there. */
  set requiresGrad(on: boolean) {
    if (typeof on !== "boolean")
      throw new ValueError("requiresGrad", "must be a boolean", textOf(on), "write true or false");
    if (on && !isFloat(this.dtype)) {
      throw new DTypeError("requiresGrad", "must be floating", this.dtype);
    }
    if (!on && this.op !== null) {
      throw new GradError("requiresGrad", "cannot be unset on a recorded result", this.op.name, "use detach()");
    }
    refuseFrozen("requiresGrad", this);
    runtime.tracer?.flag?.(this, true);
    this.frozen = !on && (this.frozen || this.tracked);
    this.tracked = on;
  }

  /**
   * The gradient that backward passes have added up here, or null before the first: for leaves, and for results that asked by
   * {@link Tensor.retainGrad}. Set it to null to start over.
   *
   * @throws {@link GradError} when set to a tensor that does not fit.
   */
  get grad(): Tensor<S> | null {
    runtime.tracer?.grad(this, false);
    if (typeof this.gradient === "function") this.gradient = this.gradient();
    return this.gradient;
  }
  /** @throws {@link GradError} when set to a tensor of another shape or dtype. */
  set grad(g: Tensor<S> | null) {
    refuseFrozen("grad", this);
    refuseProxy("grad", #genuine in this); // it would be another key than the tensor to what notes writes
    if (g !== null) checkFits("grad", "must fit its tensor", g, this);
    runtime.tracer?.grad(this, true);
    remember(this, backTo);
    this.gradient = g;
  }

  /**
   * The value of a tensor with one element, as a number (1 or 0 for `bool`).
   *
   * @throws {@link ShapeError} if there are more elements, or none.
   * @example
   * tensor([[42]]).item(); // → 42
   */
  item(): number {
    refuseMore("item", arguments, 0);
    if (this.size !== 1) {
      throw new ShapeError("item", "must have one element", describe(this), "use toArray()");
    }
    return this.values[0]!;
  }

  /**
   * The values, row-major, in a typed array of the tensor's own kind (`Uint8Array` of 0 and 1 for bool). A fresh copy each time: writing
   * to it changes nothing here, so no gradient can go wrong behind the graph's back. Keep it in a variable instead of reading
   * `data[i]` in a loop; write by {@link Tensor.assign}.
   *
   * @example
   * const d = tensor([1, 2]).data;
   * d[0] + d[1]; // → 3
   */
  get data(): TypedArray {
    return this.values.slice();
  }
  /** @internal */
  set data(_: TypedArray) {
    readOnly("data", assigning);
  }

  /**
   * The values as nested arrays (a plain value for a scalar); booleans for bool.
   *
   * @typeParam T - what the caller knows of the nesting, say `number[][]`.
   * @example
   * tensor([[1, 2], [3, 4]]).toArray(); // → [[1, 2], [3, 4]]
   */
  toArray<T = NestedArray>(): T {
    let at = 0;
    const read = (axis: number): NestedArray => {
      if (axis === this.sizes.length) {
        const v = this.values[at++]!;
        return this.dtype === "bool" ? v !== 0 : v;
      }
      return Array.from({ length: this.sizes[axis]! }, () => read(axis + 1));
    };
    return read(0) as T;
  }

  /**
   * What `JSON.stringify` writes for a tensor. JSON has no NaN, Infinity, −Infinity and −0, so these are written as text. `Number` converts the text back.
   *
   * @returns dtype, shape and the values as `toArray()` nests them.
   * @example
   * JSON.stringify(tensor([1, NaN, -0])); // → {"dtype":"float32","shape":[3],"values":[1,"NaN","-0"]}
   */
  toJSON(): TensorJson {
    const write = (v: NestedJson): NestedJson => {
      if (Array.isArray(v)) return v.map(write);
      return Object.is(v, -0) ? "-0" : typeof v === "number" && !Number.isFinite(v) ? String(v) : v;
    };
    return { dtype: this.dtype, shape: this.shape, values: write(this.toArray()) };
  }

  /** Dtype, shape and aligned values, elided in the middle when there are many. What Node's console shows too. */
  override toString(): string {
    return formatTensor(this);
  }

  /**
   * Backpropagates from here: adds ∂this/∂leaf to `grad` of every leaf that requires a gradient and that this was computed from. If
   * anything fails on the way, no `grad` has changed. Nothing is freed, so it may be called again (and adds up again).
   *
   * @param cotangent - ∂loss/∂this, of this shape and dtype; may be left out for a tensor with one element, where it is 1.
   * @param options - `createGraph: true` makes the gradients differentiable themselves.
   * @throws {@link GradError} if this has no gradient, is not a scalar and there is no cotangent, or a value that is needed was
   * overwritten.
   * @example
   * const x = tensor(3, { requiresGrad: true });
   * x.mul(x).backward();
   * x.grad?.item(); // → 6
   */
  backward(cotangent?: Tensor, options?: BackwardOptions): void {
    refuseMore("backward", arguments, 2);
    backward(this, cotangent, options);
  }

  /**
   * The same values as a new leaf. No gradient flows through it.
   *
   * @example
   * tensor(2, { requiresGrad: true }).mul(3).detach().requiresGrad; // → false
   */
  detach(): Tensor<S> {
    return withRecording(false, () => alias(this));
  }

  /**
   * Makes the backward pass keep the gradient of this result in `grad`, as it does for leaves.
   *
   * @returns this tensor.
   * @throws {@link GradError} if it has no gradient.
   * @example
   * const x = tensor(3, { requiresGrad: true });
   * const y = x.mul(2).retainGrad();
   * y.mul(y).backward();
   * y.grad?.item(); // → 12
   */
  retainGrad(): this {
    this.requireTracked("retainGrad");
    this.retainsGrad = true;
    return this;
  }

  /**
   * Calls `hook` with the complete gradient of this tensor (its cotangent) in each backward pass.
   *
   * @param hook - may return another cotangent, of the same shape and dtype, which replaces it.
   * @returns a function that removes the hook.
   * @throws {@link GradError} if this tensor does not require a gradient.
   * @example
   * const x = tensor(3, { requiresGrad: true });
   * const y = x.mul(2);
   * y.registerHook((g) => g.mul(10));
   * y.backward();
   * x.grad?.item(); // → 20
   */
  registerHook(hook: GradHook): () => void {
    refuseMore("registerHook", arguments, 1);
    this.requireTracked("registerHook");
    if (typeof hook !== "function") throw new ValueError("registerHook", "needs a function", textOf(hook));
    runtime.tracer?.hook?.(this);
    const entry: GradHook = (g) => hook(g);
    this.hooks = [...this.hooks, entry];
    return () => {
      this.hooks = this.hooks.filter((h) => h !== entry);
    };
  }

  /**
   * Overwrites this tensor's values. It stays the same tensor. This is how optimizers update parameters. Only values pass, no gradient. A
   * backward pass that still needs the old values says so instead of using the new ones.
   *
   * @param source - a tensor or an array, of this tensor's shape (a typed or flat array of its size will do); converted to its dtype.
   * @returns this tensor.
   * @throws {@link ShapeError} if the shape differs; {@link DTypeError} for a float tensor where this is int32 or bool; {@link ValueError} for values that do not fit.
   * @throws {@link GradError} if this is the recorded result of an op, or `source` carries a gradient (outside of {@link noGrad}).
   * @example
   * const w = tensor([1, 2], { requiresGrad: true });
   * w.assign([3, 4]).toArray(); // → [3, 4]
   */
  assign(source: Tensor | TensorData): this {
    refuseMore("assign", arguments, 1);
    refuseProxy("assign", #genuine in this);
    refuseFrozen("assign", this);
    const from = isTensor(source) ? source : this.parse(source);
    if (!sameShape(from.sizes, this.sizes)) {
      throw new ShapeError("assign", "shapes must be equal", `${describe(from)} for ${describe(this)}`);
    }
    if (this.op !== null) {
      throw new GradError("assign", "cannot overwrite a recorded result", this.op.name, "use detach()");
    }
    if (from.requiresGrad && isRecording()) {
      throw new GradError("assign", "only values are assigned", "a tensor with a gradient", "use detach()");
    }
    if (isFloat(from.dtype) && !isFloat(this.dtype)) {
      const hint = `write assign(source.to("${this.dtype}"))`;
      throw new DTypeError(
        "assign",
        "a float must not lose its fraction",
        `${describe(from)} for ${describe(this)}`,
        hint,
      );
    }
    const values = cast(from.detach(), this.dtype);
    runtime.tracer?.assign(this, values);
    remember(this, backTo);
    this.stored = values.stored;
    this.time = tickWriteClock();
    return this;
  }

  /** @internal */
  private requireTracked(op: string): void {
    if (!this.requiresGrad) throw new GradError(op, "must require a gradient", describe(this));
  }

  /** @internal */
  private parse(source: TensorData): Tensor {
    const { values, shape } = parseNested("assign", source, this.dtype);
    return make(this, values, isTypedArray(source) && values.length === this.size ? this.sizes : shape, this.dtype);
  }
}

/** @internal Where a tensor stands, and what puts it back there. What a compiled program keeps is read first: the program may run again before that. */
export function backTo(x: Tensor): () => void {
  if (typeof x.stored === "function") x.stored = x.stored();
  if (typeof x.gradient === "function") x.gradient = x.gradient();
  const { stored, time, gradient } = x;
  return () => Object.assign(x, { stored, time, gradient });
}
