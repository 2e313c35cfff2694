// The arithmetic of shapes, done by the type checker. It follows one rule: what a type says of a shape is so when the program runs, or it says nothing.
// `any` is a shape of which nothing is known, and fits everywhere; `number` is a size that is not known.
//
// Sizes may be type parameters (`B extends number`). TypeScript puts a condition on one off, unless it holds whatever the parameter is; so each question below is *one*
// condition that holds by any of several reasons, and is asked of objects, since TypeScript puts off whatever is asked of a bare parameter.
import type { Layer } from "../nn/layer.ts";
import type { Tensor } from "../tensor.ts";
import type { Shape } from "./shape.ts";

/** A shape of which nothing is known: what `Tensor` alone means. */
// biome-ignore lint/suspicious/noExplicitAny: what is not known must fit everything
export type AnyShape = any;

/** What a mistake shows as, in place of a shape: `Mismatch<"inner sizes 784 and 100">`. */
export interface Mismatch<Text extends string> extends Shape {
  readonly "shapes do not fit": Text;
}

/** Asks nothing of an argument, or, if its shape is a mistake, what cannot be. */
export type Sound<Result> = IsAny<Result> extends true ? unknown : Result extends Mismatch<string> ? Result : unknown;

/** The shape of a tensor; a number counts as a scalar. */
export type ShapeOf<T> = IsAny<T> extends true ? AnyShape : T extends Tensor<infer S> ? S : [];

/** A shape as it is written, from one that was inferred: `readonly [2, 3]` is `[2, 3]`, and of `number[]` nothing is known. */
export type Plain<S extends Shape> = IsVague<S> extends true ? AnyShape : { -readonly [K in keyof S]: S[K] };

// Sizes.

type IsAny<T> = 0 extends 1 & T ? true : false;
/** Whether a shape has no certain number of axes: `any`, `number[]`. */
type IsVague<S extends Shape> = IsAny<S> extends true ? true : number extends S["length"] ? true : false;
/** Whether two sizes can be equal: `CanEqual<2, number>`, and not `CanEqual<2, 3>`. */
type CanEqual<X extends number, Y extends number> = { x: X; y: Y } extends { x: Y } | { y: X } ? true : Overlap<X, Y>;
/** Whether two sizes have a value in common: `Overlap<2 | 3, 3 | 4>`. */
type Overlap<X extends number, Y extends number> = [X & Y] extends [never] ? false : true;
/** Whether two axes can broadcast: `CanBroadcast<1, 3>`, and not `CanBroadcast<2, 3>`. */
type CanBroadcast<X extends number, Y extends number> = { one: 1; x: X; y: Y } extends
  | { one: X }
  | { one: Y }
  | { x: Y }
  | { y: X }
  ? true
  : Overlap<X, Y>;
/** The size that two broadcast to: `Wider<1, 3>` is 3, and so is `Wider<3, number>`. */
type Wider<X extends number, Y extends number> = { y: Y; both: [X, Y] } extends { y: 1 } | { both: [Y, X] }
  ? X
  : { x: X } extends { x: 1 }
    ? Y
    : { one: 1 } extends { one: Y }
      ? { one: 1 } extends { one: X }
        ? number
        : X
      : Y;

// Elementwise.

/** What two shapes broadcast to: `Broadcast<[32, 1], [10]>` is `[32, 10]`. */
export type Broadcast<A extends Shape, B extends Shape> =
  IsVague<A> extends true ? AnyShape : IsVague<B> extends true ? AnyShape : Aligned<A, B>;

type Aligned<A extends Shape, B extends Shape, Behind extends Shape = []> = A extends readonly [
  ...infer P extends Shape,
  infer X extends number,
]
  ? B extends readonly [...infer Q extends Shape, infer Y extends number]
    ? CanBroadcast<X, Y> extends true
      ? Aligned<P, Q, [Wider<X, Y>, ...Behind]>
      : Mismatch<`sizes ${X} and ${Y}`>
    : [...A, ...Behind]
  : [...B, ...Behind];

/** An operand beside one of shape A: a tensor, if the two broadcast. */
export type Beside<A, B> = B & Sound<Broadcast<ShapeOf<A>, ShapeOf<B>>>;

// Products.

/** What a matrix product gives: `Product<[32, 784], [784, 10]>` is `[32, 10]`. */
export type Product<A extends Shape, B extends Shape, Options = undefined> = [Options] extends [undefined]
  ? Multiplied<A, B>
  : AnyShape;
type Multiplied<A extends Shape, B extends Shape> =
  IsVague<A> extends true
    ? AnyShape
    : IsVague<B> extends true
      ? AnyShape
      : A extends readonly []
        ? Mismatch<"a scalar has no axis">
        : B extends readonly []
          ? Mismatch<"a scalar has no axis">
          : A extends readonly [infer K extends number]
            ? B extends readonly [infer L extends number]
              ? Inner<K, L, []>
              : B extends readonly [...infer Q extends Shape, infer L extends number, infer N extends number]
                ? Inner<K, L, [...Q, N]>
                : never
            : A extends readonly [...infer P extends Shape, infer M extends number, infer K extends number]
              ? B extends readonly [infer L extends number]
                ? Inner<K, L, [...P, M]>
                : B extends readonly [...infer Q extends Shape, infer L extends number, infer N extends number]
                  ? Inner<K, L, Batched<Aligned<P, Q>, M, N>>
                  : never
              : never;

type Inner<K extends number, L extends number, Result extends Shape> =
  CanEqual<K, L> extends true ? Result : Mismatch<`inner sizes ${K} and ${L}`>;
type Batched<Batch extends Shape, M extends number, N extends number> =
  Batch extends Mismatch<string> ? Batch : [...Batch, M, N];

/** The right operand of a product. */
export type Right<A, B, Options> = B & Sound<Product<ShapeOf<A>, ShapeOf<B>, Options>>;

/** What a map of the last axis gives, as `Linear(In, Out)` is one: `Mapped<[32, 784], 784, 10>` is `[32, 10]`. */
export type Mapped<S extends Shape, In extends number, Out extends number> =
  IsVague<S> extends true
    ? AnyShape
    : IsAny<In> extends true
      ? AnyShape
      : S extends readonly [...infer P extends Shape, infer K extends number]
        ? CanEqual<K, In> extends true
          ? [...P, Out]
          : Mismatch<`the last axis has ${K}, not ${In}`>
        : Mismatch<"a scalar has no last axis">;

// Reductions, and whatever names axes. An axis that is not a literal leaves nothing known.

/** Sizes of which only the count is known: `Count<2>` is `[number, number]`. */
type Count<N extends number, Counted extends Shape = []> = Counted["length"] extends N
  ? Counted
  : Counted["length"] extends 16
    ? never
    : Count<N, [...Counted, number]>;
/** An axis counted from the front: `Position<[5, 6, 7], -1>` is 2. */
type Position<S extends Shape, X extends number> = `${X}` extends `-${infer N extends number}`
  ? Count<N> extends infer Last extends Shape
    ? S extends readonly [...infer P extends Shape, ...Last]
      ? P["length"]
      : never
    : never
  : X;
/** A shape without the axes at some positions, or with 1 there. */
type Without<
  S extends Shape,
  At extends number,
  Keep extends boolean,
  Done extends Shape = [],
  Seen extends Shape = [],
> = S extends readonly [infer X extends number, ...infer Rest extends Shape]
  ? Seen["length"] extends At
    ? Without<Rest, At, Keep, Keep extends true ? [...Done, 1] : Done, [...Seen, 0]>
    : Without<Rest, At, Keep, [...Done, X], [...Seen, 0]>
  : Done;
type KeepsDims<O> = [O] extends [{ readonly keepDims: infer K }] ? K : false;

/** What a reduction gives: `Reduced<[5, 6, 7], -1>` is `[5, 6]`. */
export type Reduced<S extends Shape, Axes, Options = undefined> =
  IsVague<S> extends true
    ? AnyShape
    : KeepsDims<Options> extends infer K extends boolean
      ? boolean extends K
        ? AnyShape
        : [Axes] extends [undefined]
          ? K extends true
            ? { -readonly [I in keyof S]: 1 }
            : []
          : Axes extends number
            ? number extends Axes
              ? AnyShape
              : Without<S, Position<S, Axes>, K>
            : Axes extends Shape
              ? IsVague<Axes> extends true
                ? AnyShape
                : number extends Axes[number]
                  ? AnyShape
                  : Axes extends readonly []
                    ? AnyShape
                    : Without<S, { [I in keyof Axes]: Position<S, Axes[I] & number> }[number], K>
              : AnyShape
      : AnyShape;

/** What a change of an axis's size leaves: `Resized<[5, 6], 0, number>` is `[number, 6]`. */
type Resized<S extends Shape, At extends number, Size extends number, Done extends Shape = []> = S extends readonly [
  infer X extends number,
  ...infer Rest extends Shape,
]
  ? Resized<Rest, At, Size, [...Done, Done["length"] extends At ? Size : X]>
  : Done;
type At<S extends Shape, X extends number> = S[Position<S, X>] extends infer N extends number ? N : number;

// Other shapes of the same elements.

/** What `reshape` gives: of one size that is −1, nothing is known. */
export type Reshaped<T extends Shape> =
  IsVague<T> extends true ? AnyShape : { -readonly [K in keyof T]: `${T[K]}` extends `-${string}` ? number : T[K] };

/** Sizes that stand in an array, or one by one. */
export type Listed<T> = T extends readonly [infer List extends Shape] ? List : T extends Shape ? T : AnyShape;

/** What `permute` gives: `Permuted<[5, 6, 7], [2, 0, 1]>` is `[7, 5, 6]`. */
export type Permuted<S extends Shape, Axes extends Shape> =
  IsVague<S> extends true
    ? AnyShape
    : IsVague<Axes> extends true
      ? AnyShape
      : number extends Axes[number]
        ? AnyShape
        : { -readonly [K in keyof Axes]: At<S, Axes[K] & number> };

/** What `transpose` without axes gives: the last two are swapped. */
export type Transposed<S extends Shape, X = undefined, Y = undefined> =
  IsVague<S> extends true
    ? AnyShape
    : [X] extends [undefined]
      ? S extends readonly [...infer P extends Shape, infer M extends number, infer N extends number]
        ? [...P, N, M]
        : S
      : [X, Y] extends [infer I extends number, infer J extends number]
        ? number extends I | J
          ? AnyShape
          : Resized<Resized<S, Position<S, I>, At<S, J>>, Position<S, J>, At<S, I>>
        : AnyShape;

/** What `unsqueeze` gives: `Unsqueezed<[5, 6], 1>` is `[5, 1, 6]`. */
export type Unsqueezed<S extends Shape, X extends number> =
  IsVague<S> extends true ? AnyShape : number extends X ? AnyShape : Inserted<S, Position<[...S, 1], X>, 1>;
type Inserted<
  S extends Shape,
  At extends number,
  Size extends number,
  Done extends Shape = [],
> = Done["length"] extends At
  ? [...Done, Size, ...S]
  : S extends readonly [infer X extends number, ...infer Rest extends Shape]
    ? Inserted<Rest, At, Size, [...Done, X]>
    : Done;

/** What `squeeze` of an axis gives, which stays unless its size is 1. */
export type Squeezed<S extends Shape, Axis> =
  IsVague<S> extends true
    ? AnyShape
    : [Axis] extends [number]
      ? number extends Axis | At<S, Axis>
        ? AnyShape
        : At<S, Axis> extends 1
          ? Without<S, Position<S, Axis>, false>
          : S
      : AnyShape;

/** What `flatten` gives: without positions, one axis. */
export type Flattened<X> = [X] extends [undefined] ? [number] : AnyShape;

// Several tensors.

/** What `cat` gives: of the axis along which it joins, nothing is known. */
export type Joined<L extends readonly unknown[], X extends number> = L extends readonly [Tensor<infer S>, ...unknown[]]
  ? IsVague<S> extends true
    ? AnyShape
    : number extends X
      ? AnyShape
      : Resized<S, Position<S, X>, number>
  : AnyShape;

/** What `stack` gives: an axis as long as the list. */
export type Stacked<L extends readonly unknown[], X extends number> = number extends L["length"]
  ? AnyShape
  : L extends readonly [Tensor<infer S>, ...unknown[]]
    ? IsVague<S> extends true
      ? AnyShape
      : number extends X
        ? AnyShape
        : Inserted<S, Position<[...S, 1], X>, L["length"]>
    : AnyShape;

// Parts.

/** What `slice` gives: a position takes an axis away, null leaves it, a range leaves its size open. */
export type Sliced<S extends Shape, Specs extends readonly unknown[], Done extends Shape = []> =
  IsVague<S> extends true
    ? AnyShape
    : number extends Specs["length"]
      ? AnyShape
      : Specs extends readonly [infer Spec, ...infer Others]
        ? S extends readonly [infer X extends number, ...infer Rest extends Shape]
          ? [Spec] extends [null]
            ? Sliced<Rest, Others, [...Done, X]>
            : [Spec] extends [number]
              ? Sliced<Rest, Others, Done>
              : [Spec] extends [readonly unknown[]]
                ? Sliced<Rest, Others, [...Done, number]>
                : AnyShape
          : AnyShape
        : [...Done, ...S];

// Data.

/** The shape of nested arrays, as far as they are literals: `DataShape<[[1, 2], [3, 4]]>` is `[2, 2]`. */
export type DataShape<D, Done extends Shape = []> =
  IsAny<D> extends true
    ? AnyShape
    : [D] extends [number | boolean]
      ? Done
      : [D] extends [readonly [infer First, ...unknown[]]]
        ? number extends D["length"]
          ? AnyShape
          : DataShape<First, [...Done, D["length"] & number]>
        : AnyShape;

// Losses.

/** A target that must have the prediction's shape. */
type Alike<P extends Shape, T extends Shape> =
  IsVague<P> extends true
    ? unknown
    : IsVague<T> extends true
      ? unknown
      : P extends readonly [infer X extends number, ...infer Ps extends Shape]
        ? T extends readonly [infer Y extends number, ...infer Ts extends Shape]
          ? CanEqual<X, Y> extends true
            ? Alike<Ps, Ts>
            : Mismatch<`target sizes ${Y} and ${X}`>
          : Mismatch<"the target has fewer axes">
        : T extends readonly []
          ? unknown
          : Mismatch<"the target has more axes">;

/** The target of a loss: if it is a tensor, of the prediction's shape. */
export type Target<P, T> = T & (T extends Tensor<infer S> ? Alike<ShapeOf<P>, S> : unknown);

/** What a loss gives. */
export type Lost<P extends Shape, Options> = [Options] extends [{ readonly reduction: infer R }]
  ? [R] extends ["mean" | "sum"]
    ? []
    : R extends "none"
      ? P
      : AnyShape
  : [Options] extends [undefined]
    ? []
    : "reduction" extends keyof Options
      ? AnyShape
      : [];

// Layers.

/** How a layer changes shapes, in its type: nothing is known of it. What `Layer` alone means. */
// biome-ignore lint/suspicious/noExplicitAny: what is not known must fit everything
export type AnyChange = any;
/** How a layer changes shapes: not at all. */
export interface Keeps {
  readonly keeps: true;
}
/** How a layer changes shapes: the last axis goes from one size to another. */
export interface Maps<In extends number, Out extends number> {
  readonly maps: readonly [In, Out];
}
/** How a layer changes shapes: an axis is added at the end. */
export interface Adds<Size extends number> {
  readonly adds: Size;
}
/** How a layer changes shapes: as others do, one after another. */
export interface Chain<L extends readonly unknown[]> {
  readonly chain: L;
}

/** What a layer gives, by how it changes shapes. */
type Applied<M, S extends Shape> =
  IsAny<M> extends true
    ? AnyShape
    : IsVague<S> extends true
      ? AnyShape
      : M extends Keeps
        ? S
        : M extends Maps<infer In, infer Out>
          ? Mapped<S, In, Out>
          : M extends Adds<infer Size>
            ? [...S, Size]
            : M extends Chain<infer L>
              ? Chained<L, S>
              : AnyShape;
type Chained<L extends readonly unknown[], S extends Shape> = number extends L["length"]
  ? AnyShape
  : S extends Mismatch<string>
    ? S
    : L extends readonly [infer First, ...infer Others]
      ? Chained<Others, Applied<ChangeOf<First>, S>>
      : S;

/** How a layer, or a function in a Sequential, changes shapes. Of a function it is known if it keeps those that no tensor has, as `relu` does. */
type ChangeOf<L> = [L] extends [never]
  ? AnyChange
  : L extends Layer<infer M>
    ? M
    : L extends (x: Tensor<[0.5]>) => Tensor<[0.25]>
      ? AnyChange
      : L extends (x: Tensor<[0.5]>) => Tensor<[0.5]>
        ? Keeps
        : AnyChange;

/** What a layer gives for a tensor. */
export type Output<L, T> = IsVague<ShapeOf<T>> extends true ? AnyShape : Applied<ChangeOf<L>, ShapeOf<T>>;
/** An input of a layer: a tensor that it takes. */
export type Input<L, T> = T & Sound<Output<L, T>>;

/** The list of layers, or a mistake at the first that does not take what the one before it gives. */
export type Linked<
  L extends readonly unknown[],
  Width extends number = number,
  Done extends readonly unknown[] = [],
> = number extends L["length"]
  ? L
  : L extends readonly [infer First, ...infer Others]
    ? Step<ChangeOf<First>, Width> extends infer Next
      ? [Next] extends [number]
        ? Linked<Others, Next, [...Done, First]>
        : [...Done, Next, ...Others]
      : never
    : Done;
/** The width behind a layer, as far as it is known. */
type Step<M, Width extends number> =
  IsAny<M> extends true
    ? number
    : M extends Keeps
      ? Width
      : M extends Maps<infer In, infer Out>
        ? IsAny<In> extends true
          ? number
          : CanEqual<Width, In> extends true
            ? Out
            : Mismatch<`${Width} features go into a layer for ${In}`>
        : M extends Adds<infer Size>
          ? Size
          : M extends Chain<infer L>
            ? Through<L, Width>
            : number;
type Through<L extends readonly unknown[], Width extends number> = number extends L["length"]
  ? number
  : L extends readonly [infer First, ...infer Others]
    ? Step<ChangeOf<First>, Width> extends infer Next
      ? [Next] extends [number]
        ? Through<Others, Next>
        : Next
      : never
    : Width;
