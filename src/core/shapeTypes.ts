// The arithmetic of shapes, done by the type checker. It follows one rule: what a type says of a shape is so when the program runs, or it says nothing.
// `any` is a shape of which nothing is known, and fits everywhere; `number` is a size that is not known.
//
// Sizes may be type parameters (`B extends number`). TypeScript puts a condition on one off, unless it holds whatever the parameter is; so each question below is *one*
// condition that holds by any of several reasons, and is asked of objects, since TypeScript puts off whatever is asked of a bare parameter.
import type { change, Layer } from "../nn/layer.ts";
import type { AttentionMasks } from "../nn/multiheadAttention.ts";
import type { DecoderMasks } from "../nn/transformer.ts";
import type { Tensor } from "../tensor.ts";
import type { Shape } from "./shape.ts";

/** @hidden A shape of which nothing is known: what `Tensor` alone means. */
// biome-ignore lint/suspicious/noExplicitAny: what is not known must fit everything
export type AnyShape = any;

/** @hidden What a mistake shows as, instead of a shape: `Mismatch<"inner sizes 784 and 100">`. */
export interface Mismatch<Text extends string> extends Shape {
  readonly "shapes do not fit": Text;
}

/**
 * @hidden Asks nothing of an argument, or, if its shape is a mistake, what cannot be. Where type parameters put the answer off, nothing is asked either: TypeScript lets an argument pass that
 * fits the second branch of a condition if the condition does not hold with `any` for all parameters. In a tuple the `any` is seen.
 */
export type Sound<Result> = IsMistake<Result> extends true ? Result : unknown;
type IsMistake<Result> = [0] extends [1 & Result] ? false : [Result] extends [Mismatch<string>] ? true : false;

/** @hidden The shape of a tensor; a number counts as a scalar. */
export type ShapeOf<T> = IsAny<T> extends true ? AnyShape : T extends Tensor<infer S> ? S : [];

/** @hidden A shape as it is written, from one that was inferred: `readonly [2, 3]` is `[2, 3]`, and of `number[]` nothing is known. */
export type Plain<S extends Shape> = number extends S["length"]
  ? AnyShape
  : S extends readonly [...infer T extends Shape]
    ? T
    : AnyShape;

/**
 * @hidden An argument that may be left out: `sum(x, axes: Optional<X>)`. From an argument `axes?: X`, TypeScript would take `undefined` out of what it infers, and X would be an axis
 * where there may be none.
 */
export type Optional<X> = X | void;

/**
 * @hidden A list that may have others spread in it: `zeros([2, ...[3, 4]])`. TypeScript infers `[2, 3, 4]` for L, and then takes what was spread for `number[]`, which does not fit L, but does fit a list of
 * any length.
 */
export type Spread<L, Item = number> = L | AnyList<Item, L>;
/**
 * A list of any length, in place of L. It is no plain array: from `Shape | [2]`, TypeScript would infer only the `[2]` for L. And it depends on L, because types are tried in the order in which they came up, and
 * L is much cheaper to try.
 */
type AnyList<Item, L> = readonly Item[] & { readonly inPlaceOf?: (list: L) => void };
/**
 * @hidden A list of which something is asked. None is a second `const` parameter, which nothing fits: before 5.3, TypeScript takes the entries of a list one by one only where such a parameter
 * stands alone.
 */
export type Asked<List, Ask, None> = (List & Ask) | None;
/** @hidden Sizes of which the last is N. */
export type LastOf<N extends number> = Spread<readonly [...number[], N]>;

// Sizes.

type IsAny<T> = 0 extends 1 & T ? true : false;
/** Whether a shape has no certain number of axes: `any`, `number[]`. */
type IsVague<S extends Shape> = IsAny<S> extends true ? true : number extends S["length"] ? true : false;
/** Whether two sizes can be equal: `CanEqual<2, number>`, and not `CanEqual<2, 3>`. */
type CanEqual<X extends number, Y extends number> = { n: number; x: X; y: Y } extends
  | { n: X }
  | { n: Y }
  | { x: Y }
  | { y: X }
  ? true
  : Overlap<X, Y>;
/** Whether two sizes have a value in common: `Overlap<2 | 3, 3 | 4>`. */
type Overlap<X extends number, Y extends number> = [X & Y] extends [never] ? false : true;
/** Whether two axes can broadcast: `CanBroadcast<1, 3>`, and not `CanBroadcast<2, 3>`. */
type CanBroadcast<X extends number, Y extends number> = { one: 1; n: number; x: X; y: Y } extends
  | { one: X }
  | { one: Y }
  | { n: X }
  | { n: Y }
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

/** Whether an axis is one literal: neither `number`, nor `any`, nor one of several. */
type IsCertain<X> = IsAny<X> extends true ? false : number extends X ? false : [X] extends [number] ? IsOne<X> : false;
type IsOne<X, All = X> = X extends unknown ? ([All] extends [X] ? true : false) : never;

// Elementwise.

/** @hidden What two shapes broadcast to: `Broadcast<[32, 1], [10]>` is `[32, 10]`. */
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

/** @hidden What is asked of an operand beside another: that the two broadcast. It stands in an intersection where it is used, so messages show the mistake and not this name. */
export type Beside<A, B> = Sound<Broadcast<ShapeOf<A>, ShapeOf<B>>>;

// Products.

/** @hidden What a matrix product gives: `Product<[32, 784], [784, 10]>` is `[32, 10]`. */
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

/** @hidden What is asked of the right operand of a product. */
export type Right<A, B, Options> = Sound<Product<ShapeOf<A>, ShapeOf<B>, Options>>;

/** @hidden What a map of the last axis gives, as `Linear(In, Out)` is one: `Mapped<[32, 784], 784, 10>` is `[32, 10]`. */
export type Mapped<S extends Shape, In extends number, Out extends number> =
  IsVague<S> extends true
    ? AnyShape
    : S extends readonly [...infer P extends Shape, infer K extends number]
      ? CanEqual<K, In> extends true
        ? [...P, Out]
        : Mismatch<`the last axis has ${K}, not ${In}`>
      : Mismatch<"a scalar has no last axis">;

/** @hidden What `linear` gives, by its weight: `MappedBy<[32, 784], [10, 784]>` is `[32, 10]`. */
export type MappedBy<S extends Shape, W extends Shape> =
  IsVague<W> extends true
    ? AnyShape
    : W extends readonly [infer Out extends number, infer In extends number]
      ? Mapped<S, In, Out>
      : Mismatch<`a weight with ${AxesText<W>}, not [out, in]`>;
/** @hidden What is asked of a weight of `linear`. */
export type MapOf<T, W> = Sound<MappedBy<ShapeOf<T>, ShapeOf<W>>>;

/** @hidden What a table gives for indices: `LookedUp<[2, 5], [1000, 64]>` is `[2, 5, 64]`. */
export type LookedUp<S extends Shape, W extends Shape> =
  IsVague<S> extends true
    ? AnyShape
    : IsVague<W> extends true
      ? AnyShape
      : W extends readonly [number, infer Size extends number]
        ? [...S, Size]
        : Mismatch<`a table with ${AxesText<W>}, not 2`>;
/** @hidden What is asked of a table. */
export type LookedUpIn<T, W> = Sound<LookedUp<ShapeOf<T>, ShapeOf<W>>>;

/** @hidden What an outer product gives: `Outer<[2], [3]>` is `[2, 3]`. */
export type Outer<A extends Shape, B extends Shape> = [A, B] extends [
  readonly [infer M extends number],
  readonly [infer N extends number],
]
  ? [M, N]
  : AnyShape;

/** @hidden What attention gives: `AttendedTo<[2, 4, 8], [2, 5, 8], [2, 5, 3]>` is `[2, 4, 3]`. */
export type AttendedTo<Q extends Shape, K extends Shape, V extends Shape> =
  Scores<Q, K> extends infer S extends Shape ? (S extends Mismatch<string> ? S : Product<S, V>) : never;
/** How much each query has to do with each key: `Scores<[2, 4, 8], [2, 5, 8]>` is `[2, 4, 5]`. */
type Scores<Q extends Shape, K extends Shape> = Product<Q, Transposed<K>>;
/** @hidden What is asked of keys. */
export type KeyOf<Q, K> = Sound<Scores<ShapeOf<Q>, ShapeOf<K>>>;
/** @hidden What is asked of values. */
export type ValueOf<Q, K, V> = Sound<AttendedTo<ShapeOf<Q>, ShapeOf<K>, ShapeOf<V>>>;

// Windows: convolutions and pooling go over the last axes, which stand behind the channels. How long these become is not counted: nothing is known of it.

/** So many axes of which nothing is known: `Places<2>` is `[number, number]`. */
type Places<Axes extends number> = { 1: [number]; 2: [number, number]; 3: [number, number, number] }[Axes &
  (1 | 2 | 3)];

/** What windows leave: `Windowed<[8, 3, 28, 28], 3, 16, 2>` is `[8, 16, number, number]`, and without the batch `[16, number, number]`. */
type Windowed<S extends Shape, In extends number, Out extends number, Axes extends number> =
  IsVague<S> extends true
    ? AnyShape
    : S extends readonly [infer N extends number, infer C extends number, ...Places<Axes>]
      ? CanEqual<C, In> extends true
        ? [N, Out, ...Places<Axes>]
        : Mismatch<`${C} channels go into a layer for ${In}`>
      : S extends readonly [infer C extends number, ...Places<Axes>]
        ? CanEqual<C, In> extends true
          ? [Out, ...Places<Axes>]
          : Mismatch<`${C} channels go into a layer for ${In}`>
        : Mismatch<`a shape of ${S["length"]} axes, where ${Axes} stand behind the channels`>;

/** A mistake, if there are other channels on axis 1: `Channelled<[8, 3], 4, number>` is `Mismatch<"3 channels go into a layer for 4">`. */
type Channelled<S extends Shape, C extends number, Axes extends number> = number extends Axes
  ? S extends readonly [number, infer D extends number, ...Shape]
    ? CanEqual<D, C> extends true
      ? S
      : Mismatch<`${D} channels go into a layer for ${C}`>
    : Mismatch<`a shape of ${S["length"]} axes, of which none is for channels`>
  : Windowed<S, C, C, Axes>;

/** What pooling gives: `Pooled<[8, 16, 28, 28], 2>` is `[8, 16, number, number]`. */
type Pooled<S extends Shape, Axes extends number> =
  IsVague<S> extends true
    ? AnyShape
    : S extends readonly [...infer P extends Shape, ...Places<Axes>]
      ? P["length"] extends 1 | 2
        ? [...P, ...Places<Axes>]
        : AnyShape
      : AnyShape;

// Reductions, and whatever names axes. An axis that is not a literal leaves nothing known.

/** A list of which only the length is known: `Count<2>` is `[unknown, unknown]`. */
type Count<N extends number, Counted extends readonly unknown[] = []> = Counted["length"] extends N
  ? Counted
  : Counted["length"] extends 16
    ? never
    : Count<N, [...Counted, unknown]>;
/** An axis counted from the front, and `never` for one that there is not: `Position<[5, 6, 7], -1>` is 2. */
type Position<S extends Shape, X extends number> = `${X}` extends keyof S
  ? X
  : `${X}` extends `-${infer N extends number}`
    ? Count<N> extends infer Last extends readonly unknown[]
      ? S extends readonly [...infer P extends Shape, ...Last]
        ? P["length"]
        : never
      : never
    : never;
/** Whether an axis is one literal, and a shape has it: `IsAxis<[5, 6, 7], 2>`, and not `IsAxis<[5, 6, 7], 3>`. */
type IsAxis<S extends Shape, X> =
  IsCertain<X> extends true ? ([Position<S, X & number>] extends [never] ? false : true) : false;
/** @hidden What is asked of an axis, or of a list of axes: that a tensor has them, each once. */
export type AxesOf<T, X> = Sound<AxesFault<ShapeOf<T>, X>>;
type AxesFault<S extends Shape, X> = S extends unknown
  ? IsVague<S> extends true
    ? unknown
    : [X] extends [number]
      ? AxisFault<S, X>
      : [X] extends [Shape]
        ? IsVague<X> extends true
          ? unknown
          : IsOne<X> extends true
            ? ListFault<S, X>
            : unknown
        : unknown
  : never;
type AxisFault<S extends Shape, X extends number> =
  IsAxis<S, X> extends true
    ? unknown
    : IsCertain<X> extends true
      ? [S, X] extends [readonly [], 0 | -1] // of a scalar, all elements are taken for axis 0
        ? unknown
        : "16" extends keyof S // negative axes are counted up to here
          ? unknown
          : Mismatch<`axis ${X} of a tensor with ${AxesText<S>}`>
      : unknown;
type ListFault<S extends Shape, L extends Shape, Seen = never> = L extends readonly [
  infer X extends number,
  ...infer Others extends Shape,
]
  ? IsAxis<S, X> extends true
    ? Position<S, X> extends Seen
      ? Mismatch<`axis ${X} named twice`>
      : ListFault<S, Others, Seen | Position<S, X>>
    : AxisFault<S, X> extends infer Fault extends Mismatch<string>
      ? Fault
      : ListFault<S, Others, Seen>
  : unknown;
/** The number of axes in words: `AxesText<[5, 6]>` is "2 axes". */
type AxesText<S extends Shape> = S["length"] extends 1 ? "1 axis" : `${S["length"]} axes`;

/** @hidden What is asked of a position for a new axis, from 0 to the number of axes: that a tensor has room there. */
export type PlaceOf<T, X> = Sound<PlaceFault<ShapeOf<T>, X>>;
type PlaceFault<S extends Shape, X> = S extends unknown
  ? IsVague<S> extends true
    ? unknown
    : IsCertain<X> extends true
      ? AxisFault<[...S, 1], X & number> extends Mismatch<string>
        ? Mismatch<`new axis ${X & number} of a tensor with ${AxesText<S>}`>
        : unknown
      : unknown
  : never;

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
/** Whether sizes of 1 stay; `boolean` where that is not known. */
type KeepsDims<O> =
  IsAny<O> extends true
    ? boolean
    : O extends { readonly keepDims: infer K }
      ? IsAny<K> extends true
        ? boolean
        : K extends true
          ? true
          : false
      : "keepDims" extends keyof O
        ? boolean
        : false;

/** @hidden What a reduction gives: `Reduced<[5, 6, 7], -1>` is `[5, 6]`. */
export type Reduced<S extends Shape, Axes, Options = undefined> = S extends unknown
  ? IsVague<S> extends true
    ? AnyShape
    : boolean extends KeepsDims<Options>
      ? AnyShape
      : IsAny<Axes> extends true
        ? AnyShape
        : [Axes] extends [undefined]
          ? KeepsDims<Options> extends true
            ? { -readonly [I in keyof S]: 1 }
            : []
          : [Axes] extends [number]
            ? IsAxis<S, Axes> extends true
              ? Without<S, Position<S, Axes>, KeepsDims<Options>>
              : AnyShape
            : [Axes] extends [Shape]
              ? AreAxes<S, Axes> extends true
                ? Without<S, { [I in keyof Axes]: Position<S, Axes[I] & number> }[number], KeepsDims<Options>>
                : AnyShape
              : AnyShape
  : never;
/** Whether a list of axes is one list, of a certain length, not 0, and of axes that a shape has, each once. */
type AreAxes<S extends Shape, L extends Shape> =
  IsVague<L> extends true ? false : IsOne<L> extends true ? (L extends readonly [] ? false : AreDistinct<S, L>) : false;
type AreDistinct<S extends Shape, L extends Shape, Seen = never> = L extends readonly [
  infer X extends number,
  ...infer Others extends Shape,
]
  ? IsAxis<S, X> extends true
    ? Position<S, X> extends Seen
      ? false
      : AreDistinct<S, Others, Seen | Position<S, X>>
    : false
  : true;

/** What a change of an axis's size leaves: `Resized<[5, 6], 0, number>` is `[number, 6]`. */
type Resized<S extends Shape, At extends number, Size extends number, Done extends Shape = []> = S extends readonly [
  infer X extends number,
  ...infer Rest extends Shape,
]
  ? Resized<Rest, At, Size, [...Done, Done["length"] extends At ? Size : X]>
  : Done;
type At<S extends Shape, X extends number> = S[Position<S, X>] & number;

// Other shapes of the same elements.

/** @hidden What `reshape` gives: of one size that is −1, nothing is known. */
export type Reshaped<T> = T extends Shape
  ? IsVague<T> extends true
    ? AnyShape
    : {
        -readonly [K in keyof T]: IsAny<T[K]> extends true
          ? number
          : true extends IsNegative<T[K] & number>
            ? number
            : T[K];
      }
  : AnyShape;

/** Whether a size is negative, and `boolean` for one of several of which some are: `IsNegative<-1>`. */
type IsNegative<X extends number> = X extends number ? (`${X}` extends `-${string}` ? true : false) : never;

/** @hidden Sizes that stand in an array, or one by one. */
export type Listed<T> = T extends readonly [infer List extends Shape] ? List : T extends Shape ? T : AnyShape;

/** @hidden What `permute` gives: `Permuted<[5, 6, 7], [2, 0, 1]>` is `[7, 5, 6]`. */
export type Permuted<S extends Shape, Axes> = S extends unknown
  ? IsVague<S> extends true
    ? AnyShape
    : Axes extends Shape
      ? [AreAxes<S, Axes>, Axes["length"]] extends [true, S["length"]]
        ? { -readonly [K in keyof Axes]: At<S, Axes[K] & number> }
        : AnyShape
      : AnyShape
  : never;

/** @hidden What is asked of an order of axes: that it names each axis of a tensor once. */
export type OrderOf<T, Axes> = Sound<OrderFault<ShapeOf<T>, Axes>>;
type OrderFault<S extends Shape, Axes> = S extends unknown
  ? IsVague<S> extends true
    ? unknown
    : Axes extends Shape
      ? IsVague<Axes> extends true
        ? unknown
        : Axes["length"] extends S["length"]
          ? AxesFault<S, Axes>
          : Mismatch<`${AxesText<Axes>} named of a tensor with ${AxesText<S>}`>
      : unknown
  : never;

/** @hidden What `transpose` without axes gives: the last two are swapped. */
export type Transposed<S extends Shape, X = undefined, Y = undefined> = S extends unknown
  ? IsVague<S> extends true
    ? AnyShape
    : IsAny<X> extends true
      ? AnyShape
      : [X] extends [undefined]
        ? [Y] extends [undefined]
          ? S extends readonly [...infer P extends Shape, infer M extends number, infer N extends number]
            ? [...P, N, M]
            : S
          : AnyShape
        : [X, Y] extends [infer I extends number, infer J extends number]
          ? [IsAxis<S, I>, IsAxis<S, J>] extends [true, true]
            ? Resized<Resized<S, Position<S, I>, At<S, J>>, Position<S, J>, At<S, I>>
            : AnyShape
          : AnyShape
  : never;

/** @hidden What `unsqueeze` gives: `Unsqueezed<[5, 6], 1>` is `[5, 1, 6]`. */
export type Unsqueezed<S extends Shape, X extends number> = S extends unknown
  ? IsVague<S> extends true
    ? AnyShape
    : IsAxis<[...S, 1], X> extends true
      ? Inserted<S, Position<[...S, 1], X>, 1>
      : AnyShape
  : never;
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

/** @hidden What `squeeze` of an axis gives, which stays unless its size is 1. */
export type Squeezed<S extends Shape, Axis> = S extends unknown
  ? IsVague<S> extends true
    ? AnyShape
    : [Axis] extends [number]
      ? [IsAxis<S, Axis>, IsCertain<At<S, Axis>>] extends [true, true]
        ? At<S, Axis> extends 1
          ? Without<S, Position<S, Axis>, false>
          : S
        : AnyShape
      : AnyShape
  : never;

/** @hidden What `flatten` gives: `Flattened<[5, 6, 7], 1>` is `[5, 42]`, and without positions there is one axis. */
export type Flattened<S extends Shape, X = undefined, Y = undefined> = S extends unknown
  ? IsAny<X | Y> extends true
    ? AnyShape
    : [X, Y] extends [undefined, undefined]
      ? [number]
      : IsVague<S> extends true
        ? AnyShape
        : [IsAxis<S, X>, Y] extends [true, undefined]
          ? Merged<S, Position<S, X & number>, Position<S, -1>>
          : [IsAxis<S, X>, IsAxis<S, Y>] extends [true, true]
            ? Merged<S, Position<S, X & number>, Position<S, Y & number>>
            : AnyShape
  : never;
/** A shape with the axes from one position to another as one: `Merged<[5, 6, 7], 0, 1>` is `[30, 7]`. */
type Merged<S extends Shape, From extends number, To extends number, Front extends Shape = []> = [From] extends [To]
  ? [...Front, ...S]
  : Front["length"] extends From
    ? MergedTo<S, To, Front>
    : S extends readonly [infer X extends number, ...infer Rest extends Shape]
      ? Merged<Rest, From, To, [...Front, X]>
      : AnyShape;
type MergedTo<
  S extends Shape,
  To extends number,
  Front extends Shape,
  Seen extends Shape = Front,
  Size extends number = 1,
> = S extends readonly [infer X extends number, ...infer Rest extends Shape]
  ? Seen["length"] extends To
    ? [...Front, Times<Size, X>, ...Rest]
    : MergedTo<Rest, To, Front, [...Seen, 0], Times<Size, X>>
  : AnyShape;

// The product of two sizes, as one works it out on paper: for each digit of the second, ten times what there is, and the digit times the first.

/** The product of two sizes that are literals, and `number` of others: `Times<28, 28>` is 784. */
type Times<X extends number, Y extends number> = [IsCertain<X>, IsCertain<Y>] extends [true, true]
  ? X extends 1
    ? Y
    : Y extends 1
      ? X
      : 0 extends X | Y
        ? 0
        : NumberOf<Long<Digits<`${X}`>, `${Y}`>>
  : number;
/** The number that digits say, if they say it exactly. */
type NumberOf<Text> = [Text] extends [never] ? number : Text extends `${infer N extends number}` ? N : number;
/** So many entries: `Units["3"]["length"]` is 3. */
interface Units {
  "0": [];
  "1": [0];
  "2": [0, 0];
  "3": [0, 0, 0];
  "4": [0, 0, 0, 0];
  "5": [0, 0, 0, 0, 0];
  "6": [0, 0, 0, 0, 0, 0];
  "7": [0, 0, 0, 0, 0, 0, 0];
  "8": [0, 0, 0, 0, 0, 0, 0, 0];
  "9": [0, 0, 0, 0, 0, 0, 0, 0, 0];
}
type Digit = keyof Units;
/** The digits of a number: `Digits<"28">` is `["2", "8"]`, and `never` of one that is not written in digits alone. */
type Digits<Text extends string, Done extends readonly Digit[] = []> = Text extends `${infer D}${infer Rest}`
  ? D extends Digit
    ? Digits<Rest, [...Done, D]>
    : never
  : Done;
type Long<X extends readonly Digit[], Y extends string, Sum extends string = ""> = [X] extends [never]
  ? never
  : Y extends `${infer D}${infer Rest}`
    ? D extends Digit
      ? Long<X, Rest, Line<X, D, Digits<`${Sum}0`>>>
      : never
    : Sum;
/** The digits of X, times one, and of what is added, from the last to the first: `Line<["2", "8"], "3", ["5", "0"]>` is "134". */
type Line<
  X extends readonly Digit[],
  D extends Digit,
  Added extends readonly Digit[],
  Carry extends Digit = "0",
  Done extends string = "",
> = X extends readonly [...infer Xs extends readonly Digit[], infer P extends Digit]
  ? Added extends readonly [...infer As extends readonly Digit[], infer Q extends Digit]
    ? Line<Xs, D, As, Tens<Column<P, D, Q, Carry>>, `${Ones<Column<P, D, Q, Carry>>}${Done}`>
    : Line<Xs, D, [], Tens<Column<P, D, "0", Carry>>, `${Ones<Column<P, D, "0", Carry>>}${Done}`>
  : Added extends readonly [...infer As extends readonly Digit[], infer Q extends Digit]
    ? Line<[], D, As, Tens<Column<"0", D, Q, Carry>>, `${Ones<Column<"0", D, Q, Carry>>}${Done}`>
    : Carry extends "0"
      ? Done
      : `${Carry}${Done}`;
/** p · d + q + carry, at most 99, as text. */
type Column<P extends Digit, D extends Digit, Q extends Digit, Carry extends Digit> = `${[
  ...Repeated<Units[P]>[D],
  ...Units[Q],
  ...Units[Carry],
]["length"] &
  number}`;
/** A list, so many times over: `Repeated<[0]>["3"]` is `[0, 0, 0]`. */
interface Repeated<L extends readonly unknown[]> {
  "0": [];
  "1": [...L];
  "2": [...L, ...L];
  "3": [...L, ...L, ...L];
  "4": [...L, ...L, ...L, ...L];
  "5": [...L, ...L, ...L, ...L, ...L];
  "6": [...L, ...L, ...L, ...L, ...L, ...L];
  "7": [...L, ...L, ...L, ...L, ...L, ...L, ...L];
  "8": [...L, ...L, ...L, ...L, ...L, ...L, ...L, ...L];
  "9": [...L, ...L, ...L, ...L, ...L, ...L, ...L, ...L, ...L];
}
type Tens<Text extends string> = Text extends `${infer T extends Digit}${Digit}` ? T : "0";
type Ones<Text extends string> = Text extends `${Digit}${infer O extends Digit}` ? O : Text;

/** @hidden What is asked of a shape for `expand`: that axes of size 1 alone become longer. */
export type Expands<T, To> = Sound<ExpandFault<ShapeOf<T>, To>>;
type ExpandFault<S extends Shape, To> = S extends unknown
  ? To extends Shape
    ? IsVague<S> extends true
      ? unknown
      : IsVague<To> extends true
        ? unknown
        : RepeatFault<S, To>
    : unknown
  : never;
type RepeatFault<
  S extends Shape,
  To extends Shape,
  From extends Shape = S,
  Goal extends Shape = To,
> = S extends readonly [...infer P extends Shape, infer X extends number]
  ? To extends readonly [...infer Q extends Shape, infer Y extends number]
    ? CanRepeat<X, Y> extends true
      ? RepeatFault<P, Q, From, Goal>
      : Mismatch<`size ${X} repeated to ${Y}`>
    : Mismatch<`${AxesText<From>} repeated to ${AxesText<Goal>}`>
  : unknown;
/** Whether an axis can be repeated to a size, of which −1 stands for its own: `CanRepeat<1, 3>`, and not `CanRepeat<3, 1>`. */
type CanRepeat<X extends number, Y extends number> = { one: 1; n: number; x: X; y: Y } extends
  | { one: X }
  | { n: X }
  | { n: Y }
  | { x: Y }
  | { y: X }
  ? true
  : true extends IsNegative<Y>
    ? true
    : Overlap<X, Y>;

// Several tensors.

/** The first shape of a list of tensors that is known, or, of those that `cat` joins, that cannot be an empty vector: it joins with anything. */
type FirstKnown<L extends readonly unknown[], MayBeEmpty extends boolean> = L extends readonly [
  Tensor<infer S>,
  ...infer Others,
]
  ? IsVague<S> extends true
    ? FirstKnown<Others, MayBeEmpty>
    : [MayBeEmpty, CanBeEmpty<S>] extends [true, true]
      ? FirstKnown<Others, MayBeEmpty>
      : S
  : AnyShape;
/** Whether a shape may be that of an empty vector: `CanBeEmpty<[number]>`. */
type CanBeEmpty<S extends Shape> = S extends readonly [infer N extends number] ? CanEqual<N, 0> : false;

/** @hidden What is asked of the tensors that `cat` joins: that they agree in all axes but one. */
export type Joins<L extends readonly unknown[], X> = Sound<
  ListOfFault<L, FirstKnown<L, true>, true, IsCertain<X> extends true ? X : unknown>
>;
/** @hidden What is asked of the axis along which `cat` joins. */
export type JoinsAt<L extends readonly unknown[], X> = Sound<AxesFault<FirstKnown<L, true>, X>>;
/** @hidden What is asked of the tensors that `stack` stacks: that they agree. */
export type Stacks<L extends readonly unknown[]> = Sound<ListOfFault<L, FirstKnown<L, false>, false, never>>;
/** @hidden What is asked of the position of the axis that `stack` adds. */
export type StacksAt<L extends readonly unknown[], X> = Sound<PlaceFault<FirstKnown<L, false>, X>>;

type ListOfFault<L extends readonly unknown[], First extends Shape, MayBeEmpty extends boolean, X> =
  IsVague<First> extends true
    ? unknown
    : L extends readonly [Tensor<infer S>, ...infer Others]
      ? BesideFault<First, S, MayBeEmpty, X> extends infer Fault extends Mismatch<string>
        ? Fault
        : ListOfFault<Others, First, MayBeEmpty, X>
      : unknown;
type BesideFault<A extends Shape, B extends Shape, MayBeEmpty extends boolean, X> = A extends unknown
  ? B extends A
    ? unknown
    : IsVague<B> extends true
      ? unknown
      : [MayBeEmpty, CanBeEmpty<B>] extends [true, true]
        ? unknown
        : A["length"] extends B["length"]
          ? SizesFault<A, B, X extends number ? Position<A, X> : X>
          : Mismatch<`a tensor with ${AxesText<A>} and one with ${AxesText<B>}`>
  : never;
/** Sizes that differ, at another position than one; where that is not known, none are compared. */
type SizesFault<A extends Shape, B extends Shape, But, Seen extends Shape = []> = unknown extends But
  ? unknown
  : A extends readonly [infer X extends number, ...infer As extends Shape]
    ? B extends readonly [infer Y extends number, ...infer Bs extends Shape]
      ? Seen["length"] extends But
        ? SizesFault<As, Bs, But, [...Seen, 0]>
        : CanEqual<X, Y> extends true
          ? SizesFault<As, Bs, But, [...Seen, 0]>
          : Mismatch<`sizes ${X} and ${Y} of axis ${Seen["length"]}`>
      : unknown
    : unknown;

/** @hidden What `cat` gives: of the axis along which it joins, nothing is known. (An empty vector joins with anything, so of vectors nothing is known at all.) */
export type Joined<L extends readonly unknown[], X> = L extends readonly [Tensor<infer S>, ...unknown[]]
  ? ResizedAt<S, X>
  : AnyShape;
type ResizedAt<S extends Shape, X> = S extends unknown
  ? IsVague<S> extends true
    ? AnyShape
    : S extends readonly [number]
      ? AnyShape
      : IsAxis<S, X> extends true
        ? Resized<S, Position<S, X & number>, number>
        : AnyShape
  : never;

/** @hidden What `stack` gives: an axis as long as the list. */
export type Stacked<L extends readonly unknown[], X> = number extends L["length"]
  ? AnyShape
  : L extends readonly [Tensor<infer S>, ...unknown[]]
    ? InsertedAt<S, X, L["length"]>
    : AnyShape;
type InsertedAt<S extends Shape, X, Size extends number> = S extends unknown
  ? IsVague<S> extends true
    ? AnyShape
    : IsAxis<[...S, 1], X> extends true
      ? Inserted<S, Position<[...S, 1], X & number>, Size>
      : AnyShape
  : never;

// Parts.

/** @hidden What `slice` gives: a position takes an axis away, null leaves it, a range leaves its size open. */
export type Sliced<S extends Shape, Specs extends readonly unknown[], Done extends Shape = []> =
  IsVague<S> extends true
    ? AnyShape
    : number extends Specs["length"]
      ? AnyShape
      : Specs extends readonly [infer Spec, ...infer Others]
        ? S extends readonly [infer X extends number, ...infer Rest extends Shape]
          ? IsAny<Spec> extends true
            ? AnyShape
            : [Spec] extends [null]
              ? Sliced<Rest, Others, [...Done, X]>
              : [Spec] extends [number]
                ? Sliced<Rest, Others, Done>
                : [Spec] extends [readonly unknown[]]
                  ? Sliced<Rest, Others, [...Done, number]>
                  : AnyShape
          : AnyShape
        : [...Done, ...S];

// Data.

/** @hidden The shape of nested arrays, as far as they are literals: `DataShape<[[1, 2], [3, 4]]>` is `[2, 2]`. */
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

/** @hidden What is asked of the target of a loss: the prediction's shape, if it is a tensor. */
export type Target<P, T> = Sound<T extends Tensor<infer S> ? Alike<ShapeOf<P>, S> : unknown>;

/** A shape without its axis of classes, 1, or 0 of a vector: `Unclassed<[32, 10, 28]>` is `[32, 28]`. */
type Unclassed<P extends Shape> = P extends unknown
  ? IsVague<P> extends true
    ? AnyShape
    : Without<P, P["length"] extends 1 ? 0 : 1, false>
  : never;
/** A target that must have the prediction's shape, or that without the axis of classes. */
type AlikeOrClasses<P extends Shape, T extends Shape> = P extends unknown
  ? T extends unknown
    ? T["length"] extends P["length"]
      ? Alike<P, T>
      : Alike<Unclassed<P>, T>
    : never
  : never;

/** @hidden What is asked of a target of classes: one for each place of the prediction, if it is a tensor. */
export type Classes<P, T> = Sound<T extends Tensor<infer S> ? Alike<Unclassed<ShapeOf<P>>, S> : unknown>;
/** @hidden What is asked of a target of classes, or of a number for each of them: `[32]` or `[32, 10]` for `[32, 10]`. */
export type ClassesOrShares<P, T> = Sound<T extends Tensor<infer S> ? AlikeOrClasses<ShapeOf<P>, S> : unknown>;

/** Whether a loss stays apart for each element; `boolean` where that is not known. */
type StaysApart<O> =
  IsAny<O> extends true
    ? boolean
    : O extends { readonly reduction: infer R }
      ? IsAny<R> extends true
        ? boolean
        : R extends "none"
          ? true
          : false
      : "reduction" extends keyof O
        ? boolean
        : false;

/** @hidden What a loss gives. */
export type Lost<P extends Shape, Options> =
  boolean extends StaysApart<Options> ? AnyShape : StaysApart<Options> extends true ? P : [];

// Layers.

/** @hidden How a layer changes shapes, in its type: nothing is known of it. What `Layer` alone means. */
// biome-ignore lint/suspicious/noExplicitAny: what is not known must fit everything
export type AnyChange = any;
/** @hidden How a layer changes shapes: not at all. */
export interface Keeps {
  readonly keeps: true;
}
/** @hidden How a layer changes shapes: the last axis goes from one size to another. */
export interface Maps<In extends number, Out extends number> {
  readonly maps: readonly [In, Out];
}
/** @hidden How a layer changes shapes: an axis is added at the end. */
export interface Adds<Size extends number> {
  readonly adds: Size;
}
/** @hidden How a layer changes shapes: windows over so many axes, which lead from some channels to others. */
export interface Windows<In extends number, Out extends number, Axes extends number> {
  readonly windows: readonly [In, Out, Axes];
}
/** @hidden How a layer changes shapes: windows over so many axes, each channel for itself. */
export interface Pools<Axes extends number> {
  readonly pools: Axes;
}
/** @hidden How a layer changes shapes: not at all, and it takes so many channels on axis 1, with so many axes behind them, or with any number of axes. */
export interface Channels<C extends number, Axes extends number = number> {
  readonly channels: readonly [C, Axes];
}
/** @hidden How a layer changes shapes: axes are merged, from one to another, by default from 1 to the last. */
export interface Flattens<A extends readonly unknown[]> {
  readonly flattens: A;
}
/** @hidden How a layer changes shapes: as others do, one after another. */
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
              : M extends Windows<infer In, infer Out, infer Axes>
                ? Windowed<S, In, Out, Axes>
                : M extends Pools<infer Axes>
                  ? Pooled<S, Axes>
                  : M extends Channels<infer C, infer Axes>
                    ? Channelled<S, C, Axes> extends infer W
                      ? W extends Mismatch<string>
                        ? W
                        : S
                      : never
                    : M extends Flattens<infer A>
                      ? FlattenedBy<S, A>
                      : AnyShape;
/** What `Flatten(...A)` gives: `FlattenedBy<[32, 28, 28], []>` is `[32, 784]`. */
type FlattenedBy<S extends Shape, A extends readonly unknown[]> =
  IsAny<A> extends true
    ? AnyShape
    : A extends readonly []
      ? Flattened<S, 1, -1>
      : A extends readonly [infer X, infer Y]
        ? Flattened<S, Or<X, 1>, Or<Y, -1>>
        : A extends readonly [infer X]
          ? Flattened<S, Or<X, 1>, -1>
          : AnyShape;
type Or<X, Default> = [X] extends [undefined] ? Default : X;
type Chained<L extends readonly unknown[], S extends Shape> = number extends L["length"]
  ? AnyShape
  : S extends Mismatch<string>
    ? S
    : L extends readonly [infer First, ...infer Others]
      ? Chained<Others, Applied<ChangeOf<First>, S>>
      : S;

/** The library's own `forward`, which a class of yours may have replaced by another. */
type OwnForward = <Self extends Layer, T extends Tensor>(this: Self, x: T & Input<Self, T>) => Tensor<Output<Self, T>>;
/** That of layers with attention. */
type OwnMaskedForward = <Self extends Layer, T extends Tensor>(
  this: Self,
  x: T & Input<Self, T>,
  masks?: AttentionMasks,
) => Tensor<Output<Self, T>>;
/** That of attention, whose keys and values may be left out. */
type OwnAttendingForward = <Self extends Layer, T extends Tensor>(
  this: Self,
  query: T & Input<Self, T>,
  key?: Tensor,
  value?: Tensor,
  masks?: AttentionMasks,
) => Tensor<Output<Self, T>>;
/** That of layers with a memory. */
type OwnInformedForward = <Self extends Layer, T extends Tensor>(
  this: Self,
  x: T & Input<Self, T>,
  memory: Tensor,
  masks?: DecoderMasks,
) => Tensor<Output<Self, T>>;
type IsSame<A, B> = (<G>() => G extends A ? 1 : 2) extends <G>() => G extends B ? 1 : 2 ? true : false;

/** How a layer, or a function in a Sequential, changes shapes. Of a function it is known if it keeps one that no tensor has, as `relu` does. */
type ChangeOf<L> = [L] extends [never]
  ? AnyChange
  : L extends Layer
    ? true extends
        | IsSame<L["forward"], OwnForward>
        | IsSame<L["forward"], OwnMaskedForward>
        | IsSame<L["forward"], OwnAttendingForward>
        | IsSame<L["forward"], OwnInformedForward>
      ? L[typeof change]
      : AnyChange
    : L extends (x: Tensor<[0.5, 0.25, 0.125]>) => Tensor<[0.125]>
      ? AnyChange
      : L extends (x: Tensor<[0.5, 0.25, 0.125]>) => Tensor<[0.5, 0.25, 0.125]>
        ? Keeps
        : AnyChange;

/** @hidden What a layer gives for a tensor. */
export type Output<L, T> = IsVague<ShapeOf<T>> extends true ? AnyShape : Applied<ChangeOf<L>, ShapeOf<T>>;
/** @hidden What is asked of an input of a layer: that the layer takes it. */
export type Input<L, T> = Sound<Output<L, T>>;

/** @hidden What a list of layers asks of each: of the first that does not take what the one before it gives, what cannot be. */
export type Fitting<L extends readonly unknown[]> = {
  [K in keyof L]: L[K] & Sound<K extends keyof Faults<L> ? Faults<L>[K] : unknown>;
};
/** The mistake in a list of layers, by its position: `{ 2: Mismatch<"128 features go into a layer for 64"> }`. */
type Faults<L extends readonly unknown[]> = number extends L["length"]
  ? unknown
  : L extends readonly [...infer Layers]
    ? FaultsFrom<Layers>
    : unknown;
type FaultsFrom<L extends unknown[], Sizes extends Known = Known, Seen extends unknown[] = []> = L extends [
  infer First,
  ...infer Others,
]
  ? Step<ChangeOf<First>, Sizes> extends infer Next
    ? Next extends Known
      ? FaultsFrom<Others, Next, [...Seen, 0]>
      : { [At in `${Seen["length"] & number}`]: Next }
    : never
  : unknown;
/** What is known between two layers: the size of the last axis, and the number of channels. */
type Known = readonly [width: number, channels: number];
/** What is known behind a layer; or a mistake. Where a layer takes any number of axes, its channels may be the last axis, which the next layer may change; so they are not kept. */
type Step<M, Sizes extends Known> =
  IsAny<M> extends true
    ? Known
    : M extends Keeps
      ? Sizes
      : M extends Maps<infer In, infer Out>
        ? CanEqual<Sizes[0], In> extends true
          ? readonly [Out, Sizes[1]]
          : Mismatch<`${Sizes[0]} features go into a layer for ${In}`>
        : M extends Adds<infer Size>
          ? readonly [Size, number]
          : M extends Chain<infer L>
            ? Through<L, Sizes>
            : M extends Windows<infer In, infer Out, number>
              ? CanEqual<Sizes[1], In> extends true
                ? readonly [number, Out]
                : Mismatch<`${Sizes[1]} channels go into a layer for ${In}`>
              : M extends Pools<number>
                ? readonly [number, Sizes[1]]
                : M extends Channels<infer C, infer Axes>
                  ? CanEqual<Sizes[1], C> extends true
                    ? number extends Axes
                      ? Sizes
                      : readonly [Sizes[0], C]
                    : Mismatch<`${Sizes[1]} channels go into a layer for ${C}`>
                  : Known;
type Through<L extends readonly unknown[], Sizes extends Known> = number extends L["length"]
  ? Known
  : L extends readonly [infer First, ...infer Others]
    ? Step<ChangeOf<First>, Sizes> extends infer Next
      ? Next extends Known
        ? Through<Others, Next>
        : Next
      : never
    : Sizes;
