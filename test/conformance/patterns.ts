import * as tg from "../../src/index.ts";
import type { Adapter, Params } from "./binding.ts";
import * as loss from "./torchLoss.ts";
import * as math from "./torchMath.ts";
import * as move from "./torchShape.ts";

type Tensor = tg.Tensor;

// The forms that PyTorch's signatures come in, so that most adapters are one line.

/** An op without an adapter, and why. */
export interface Pending {
  readonly pending: string;
}

/** No adapter, with the reason. */
export const pending = (reason: string): Pending => ({ pending: reason });
/** An adapter from PyTorch's signature. */
export const op = (signature: string, call: Adapter["call"]): Adapter => ({ signature, call });

/** `f(input)`. */
export const unary = (f: (x: Tensor) => Tensor): Adapter => op("input", (p) => f(p.tensor("input")));
/** `f(input, other)`, either of which may be a number. */
export const binary = (f: (a: never, b: never) => Tensor): Adapter =>
  op("input, other", (p) => f(p.operand("input") as never, p.operand("other") as never));
/** The operator with its operands exchanged: `__rsub__` is `other − input`. */
export const swapped = (f: (a: never, b: never) => Tensor): Adapter =>
  op("input, other", (p) => f(p.operand("other") as never, p.operand("input") as never));
/** What changes nothing here, where all tensors are real and contiguous. */
export const view = op("input", (p) => p.tensor("input"));

/** How a tensor is stored and where: nothing that this library has. */
export const placement = "device=None, layout=None, requires_grad=False, pin_memory=False, memory_format=None";
/** Takes note of it. */
export const ignorePlacement = (p: Params): void => {
  for (const part of placement.split(", ")) p.get(part.split("=")[0]!);
};
/** A creation function: `f(size or first arguments, dtype)`. */
export const creation = (signature: string, f: (p: Params, options: tg.TensorOptions) => Tensor): Adapter =>
  op(`${signature}, *, dtype=None, ${placement}`, (p) => {
    ignorePlacement(p);
    const dtype = p.dtype("dtype");
    return f(p, dtype === null ? {} : { dtype });
  });
/** A creation function that takes its dtype from `input` where none is given. */
export const creationLike = (signature: string, f: (p: Params, options: tg.TensorOptions) => Tensor): Adapter =>
  creation(`input, ${signature}`, (p, options) => f(p, { dtype: p.tensor("input").dtype, ...options }));

/** x in a dtype, if one is given. */
export const asDtype = (x: Tensor, dtype: tg.DType | null): Tensor => (dtype === null ? x : x.to(dtype));
/** PyTorch's `keepdim` as options. */
export const keep = (p: Params) => ({ keepDims: p.flag("keepdim") });

/** `f(input, dim, keepdim)` over one axis, several, or all. */
export const reduction = (
  f: (x: Tensor, axes: number | number[] | undefined, o: tg.ReduceOptions) => Tensor,
): Adapter =>
  op("input, dim=None, keepdim=False, *, dtype=None", (p) =>
    f(asDtype(p.tensor("input"), p.dtype("dtype")), p.axes("dim"), keep(p)),
  );
/** Like {@link reduction}, without a dtype. */
export const plainReduction = (
  f: (x: Tensor, axes: number | number[] | undefined, o: tg.ReduceOptions) => Tensor,
): Adapter => op("input, dim=None, keepdim=False", (p) => f(p.tensor("input"), p.axes("dim"), keep(p)));
/** `max` and `min`: of all, along an axis with indices, or of two tensors. */
export const extreme = (
  all: typeof tg.max,
  argument: typeof tg.argmax,
  both: (a: Tensor, b: Tensor) => Tensor,
): Adapter =>
  op("input, dim=None, keepdim=False, *, other=None", (p) => {
    const x = p.tensor("input");
    const second = p.get("other") ?? p.get("dim");
    if (second instanceof tg.Tensor) return both(x, second);
    return second === null ? all(x) : math.extremes(x, p.number("dim"), p.flag("keepdim"), argument);
  });
/** `var` and `std`: by `unbiased` (first, if it is a bool) or by `correction`. */
export const spread = (f: (p: Spread) => Tensor | Tensor[]): Adapter =>
  op("input, dim=None, unbiased=None, keepdim=False, *, correction=None", (p) => {
    const first = p.get("dim");
    const unbiased = typeof first === "boolean" ? first : p.get("unbiased");
    return f({
      x: p.tensor("input"),
      axes: typeof first === "boolean" ? undefined : p.axes("dim"),
      options: { ...keep(p), correction: p.optionalNumber("correction") ?? (unbiased === false ? 0 : 1) },
    });
  });
export interface Spread {
  readonly x: Tensor;
  readonly axes: number | number[] | undefined;
  readonly options: { keepDims: boolean; correction: number };
}
/** `f(input, dim)` with a dtype to compute in. */
export const alongAxis = (f: (x: Tensor, axis: number) => Tensor): Adapter =>
  op("input, dim, dtype=None", (p) => f(asDtype(p.tensor("input"), p.dtype("dtype")), p.number("dim")));
/** The same in torch.nn.functional, with an argument between that is internal to it. */
export const softAlong = (f: (x: Tensor, axis: number) => Tensor): Adapter =>
  op("input, dim, _stacklevel=3, dtype=None", (p) => {
    p.get("_stacklevel");
    return f(asDtype(p.tensor("input"), p.dtype("dtype")), p.number("dim"));
  });
/** A loss of prediction and target. `size_average` and `reduce` are long out of use. */
export const lossOf = (extra: string, f: (x: Tensor, y: Tensor, p: Params) => Tensor, reduce = loss.reduced): Adapter =>
  op(`input, target, *, ${extra === "" ? "" : `${extra}, `}reduction=mean`, (p) =>
    reduce(f(p.tensor("input"), p.tensor("target"), p), p.text("reduction")),
  );
/** Times a weight, if there is one. */
export const weighted = (x: Tensor, weight: Tensor | null): Tensor => (weight === null ? x : tg.mul(x, weight));
/** The options of the losses of classes. */
export const classOptions = (p: Params): tg.CrossEntropyOptions => {
  const target = p.tensor("target");
  return {
    weight: p.optionalTensor("weight") ?? undefined,
    ...(target.dtype === "int32" ? { ignoreIndex: p.number("ignore_index") } : {}),
    labelSmoothing: p.number("label_smoothing"),
    reduction: p.text("reduction") as tg.Reduction,
  };
};
/** `f(input, *sizes)`. */
export const sizes = (f: (x: Tensor, sizes: number[]) => Tensor): Adapter =>
  op("input, *sizes", (p) => f(p.tensor("input"), p.numbers("sizes")));
/** Splits at an axis that depends on the rank. */
export const splitAlong = (axis: (x: Tensor) => number): Adapter =>
  op("input, indices_or_sections", (p) => move.tensorSplit(p.tensor("input"), sections(p), axis(p.tensor("input"))));
/** A number of parts, or a list of bounds. */
export const sections = (p: Params): number | number[] => {
  const v = p.get("indices_or_sections");
  return typeof v === "number" || (v instanceof tg.Tensor && v.rank === 0)
    ? p.number("indices_or_sections")
    : p.numbers("indices_or_sections");
};
/** `cat` of tensors that have at least so many axes. */
export const stacked = (rank: 1 | 2 | 3, axis: (x: Tensor) => number): Adapter =>
  op("tensors", (p) => {
    const tensors = p.tensors("tensors").map((t) => move.atLeast(t, rank));
    return tg.cat(tensors, axis(tensors[0]!));
  });
/** `atleast_1d` and its kin. */
export const atLeast = (rank: 1 | 2 | 3): Adapter =>
  op("*tensors", (p) => p.tensors("tensors").map((t) => move.atLeast(t, rank)));
/** Functions of a diagonal of two axes. */
export const diagonalOf = (f: typeof move.diagEmbed, first: number, second: number): Adapter =>
  op(`input, offset=0, dim1=${first}, dim2=${second}`, (p) =>
    f(p.tensor("input"), p.number("offset"), p.number("dim1"), p.number("dim2")),
  );
