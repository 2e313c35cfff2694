import { type DType, isFloat } from "../../core/dtype.ts";
import { cutsOf, isChain } from "../cuts.ts";
import { type Base, type Id, type Kind, none, nothing, typeOf } from "./kind.ts";

/** Elementwise functions of one argument, of its dtype; `cast` to its own dtype is a copy. */
export type UnaryFn =
  | "neg"
  | "abs"
  | "sqrt"
  | "floor"
  | "ceil"
  | "round"
  | "not"
  | "cast"
  | "exp"
  | "log"
  | "tanh"
  | "sigmoid"
  | "expm1"
  | "log1p"
  | "sin"
  | "cos"
  | "erf"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "log2"
  | "log10";

/** Elementwise functions of two arguments of one dtype. `min` and `max` give NaN for NaN. */
export type BinaryFn =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "min"
  | "max"
  | "lt"
  | "le"
  | "eq"
  | "ne"
  | "and"
  | "or"
  | "xor"
  | "pow"
  | "rem";

/** An elementwise function; `select` takes a mask, what to take where it is true, and what elsewhere. */
export type MapFn = UnaryFn | BinaryFn | "select";

/** An elementwise function of nodes of one size. */
export interface MapNode extends Base {
  readonly kind: "map";
  readonly fn: MapFn;
  readonly args: readonly Id[];
}

export const map = {
  where: {
    over: ({ size }) => size,
    direct: ({ args }) => args,
    whole: () => nothing,
    cuts: () => nothing,
    reduction: () => null,
  },
  uses: ({ args }) => args,
  withUses: ({ kind, fn, dtype, size, args }, other) => ({ kind, fn, dtype, size, args: args.map(other) }),
  copied({ args, size }, of) {
    if (!args.some((id) => of(id).window !== null)) return none;
    const copied = new Set<Id>();
    const cuts = new Set<number>();
    for (const id of args) {
      const { window } = of(id);
      if (window === null) continue;
      const both = new Set([...cuts, ...cutsOf(window)]);
      if (isChain([...both], size)) for (const cut of both) cuts.add(cut);
      else copied.add(id);
    }
    return copied;
  },
  fault: (node, of) =>
    node.args.every((id) => of(id).size === node.size)
      ? faultOfFunction(
          node,
          node.args.map((id) => of(id).dtype),
        )
      : "sizes must be equal",
  hasNumbers: false,
  content: ({ fn, dtype, size, args }) => `${fn} ${dtype} ${size} ${args.join()}`,
  places: () => null,
  flops: ({ size }) => size,
  text: (node) => `${node.fn} ${typeOf(node)} ${node.args.map((id) => `%${id}`).join(", ")}`,
} satisfies Kind<MapNode>;

/** How many arguments functions have, and of what they are. */
export const signatures: Readonly<
  Record<MapFn, readonly [count: number, of: "numbers" | "floats" | "bools" | "anything"]>
> = {
  neg: [1, "numbers"],
  abs: [1, "numbers"],
  sqrt: [1, "numbers"],
  floor: [1, "numbers"],
  ceil: [1, "numbers"],
  round: [1, "numbers"],
  not: [1, "bools"],
  cast: [1, "anything"],
  exp: [1, "floats"],
  log: [1, "floats"],
  tanh: [1, "floats"],
  sigmoid: [1, "floats"],
  expm1: [1, "floats"],
  log1p: [1, "floats"],
  sin: [1, "floats"],
  cos: [1, "floats"],
  erf: [1, "floats"],
  tan: [1, "floats"],
  asin: [1, "floats"],
  acos: [1, "floats"],
  atan: [1, "floats"],
  log2: [1, "floats"],
  log10: [1, "floats"],
  add: [2, "numbers"],
  sub: [2, "numbers"],
  mul: [2, "numbers"],
  div: [2, "numbers"],
  min: [2, "numbers"],
  max: [2, "numbers"],
  lt: [2, "numbers"],
  le: [2, "numbers"],
  eq: [2, "numbers"],
  ne: [2, "numbers"],
  and: [2, "bools"],
  or: [2, "bools"],
  xor: [2, "bools"],
  pow: [2, "floats"],
  rem: [2, "floats"],
  select: [3, "anything"],
};

function faultOfFunction({ fn, dtype }: MapNode, args: readonly DType[]): string | null {
  const [x, y, z] = args;
  const signature = signatures[fn] as (typeof signatures)[MapFn] | undefined; // from JavaScript, any text may come
  if (signature === undefined)
    return `there is no function ${String(fn)}; there are ${Object.keys(signatures).join(", ")}`;
  const [count, of] = signature;
  if (count !== args.length) return `${fn} has ${count} arguments`;
  if (fn === "cast") return null;
  if (fn === "select")
    return x === "bool" && y === dtype && z === dtype ? null : "select needs a bool and two of its dtype";
  if (count === 2 && x !== y) return "arguments must be of one dtype";
  if (fn === "lt" || fn === "le" || fn === "eq" || fn === "ne")
    return dtype === "bool" && x !== "bool" ? null : "a comparison of numbers gives bools";
  if ((of === "bools") !== (dtype === "bool") || x !== dtype) return "the result has the dtype of the arguments";
  return of === "floats" && !isFloat(dtype) ? `${fn} is of floats` : null;
}
