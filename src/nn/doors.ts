import { checkTensor } from "../core/apply.ts";
import { numberHint } from "../core/arguments.ts";
import { DTypeError, ShapeError, textOf, ValueError } from "../core/errors.ts";
import { isTensor } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Layer } from "./layer.ts";

/**
 * Refuses sizes that are not counts, and says how the layer is made: `new Linear(inFeatures, outFeatures)`.
 *
 * @param least - of those that may not be 0: 1.
 */
export function checkSizes<Sizes extends { readonly [name: string]: unknown }>(
  op: string,
  sizes: Sizes,
  least: { readonly [name in keyof Sizes]?: 1 } = {},
): void {
  const isSize = ([name, n]: [string, unknown]): boolean =>
    Number.isSafeInteger(n) && (n as number) >= (least[name] ?? 0);
  const all = Object.entries(sizes);
  const bad = all.find((entry) => !isSize(entry));
  if (bad === undefined) return;
  const list = all.map(([name, n]) => (isSize([name, n]) ? n : name));
  const hint = `write ${/^[A-Z]/.test(op) ? "new " : ""}${op}(${list.join(", ")})`;
  throw new ShapeError(op, `${bad[0]} must be a whole number, ${least[bad[0]] ?? 0} or more`, textOf(bad[1]), hint);
}

/** The shape of a layer's parameter, as its description shows it: also where that has been replaced by what is not a tensor. */
export function shapeOf(x: unknown, rank: number): readonly (number | string)[] {
  return isTensor(x) ? x.shape : new Array<string>(rank).fill("?");
}

/** Marks a function that cannot see a model's mode, so it is refused in models, where `eval()` would not reach it. */
export function layerInstead<F extends object>(instead: string, fn: F): F {
  return Object.assign(fn, { instead });
}

/** Refuses a function that {@link layerInstead} has marked. */
export function refuseModeless(
  op: string,
  what: string,
  fn: { readonly instead?: string; readonly name: string },
): void {
  if (fn.instead === undefined) return;
  throw new ValueError(
    op,
    `${what} must know whether it trains`,
    "a function, which eval() does not reach",
    `write ${fn.instead}`,
  );
}

/** Refuses what is not a tensor, in the name of the layer that is to compute with it. */
export function checkInput(layer: Layer, x: unknown, name = "x"): asserts x is Tensor {
  checkFields(layer);
  if (!isTensor(x)) checkTensor(layer.describe(), x, name);
}

/** Refuses a call of a method that was taken off its layer: `const f = model.forward; f(x)`. */
export function checkSelf(layer: Partial<Layer> | undefined, method = "forward"): void {
  if (typeof layer?.describe === "function") return;
  throw new ValueError(method, "must be called on a layer", textOf(layer), `write (x) => layer.${method}(x)`);
}

/** Refuses a layer whose parameter or buffer has been replaced by what is not a tensor: `layer.weight = 3`. */
function checkFields(layer: Layer & { readonly [field in (typeof fields)[number]]?: unknown }): void {
  checkSelf(layer);
  for (const field of fields) {
    const value = layer[field];
    if (isTensor(value)) continue;
    // Normalizations, which have an eps, go without a weight; any layer may go without the others.
    const isOptional = field !== "weight" || "eps" in layer;
    if (!(field in layer) || (value === null && isOptional)) continue;
    throw new DTypeError(
      layer.describe(),
      `${field} must be a tensor`,
      textOf(value),
      `write ${field}.assign(tensor(…))`,
    );
  }
}

const fields = ["weight", "bias", "runningMean", "runningVariance"] as const;

/** Refuses a tensor whose last axis has another size than the layer takes. */
export function checkWidth(layer: Layer, x: unknown, width: number, name = "x"): asserts x is Tensor {
  if (!isTensor(x)) checkInput(layer, x, name);
  if (x.sizes.at(-1) === width) return;
  throw new ShapeError(layer.describe(), `${name} must be […, ${width}]`, describe(x), widthHint(x, width));
}

/** What makes a tensor fit a layer that takes vectors of some size, if something plain does. */
function widthHint({ shape, size }: Tensor, width: number): string {
  const [rows, ...rest] = shape;
  if (rows === undefined) return width === 1 ? "give it an axis: x.reshape([1])" : "";
  if (width === 1 && rest.length === 0) return "give each value a row: x.unsqueeze(1)";
  if (rest.length > 1 && rest.reduce((product, n) => product * n, 1) === width) return "flatten it first: x.flatten(1)";
  if (rest.length > 0 && size === width) return "if it is one sample, flatten it: x.flatten()";
  return rest.length === 1 && rows === width ? "samples are rows, so transpose it: x.T" : "";
}

/** Refuses an axis that is none in a tensor of any rank. */
export function checkAxis(op: string, name: string, axis: unknown): number {
  if (Number.isSafeInteger(axis)) return axis as number;
  throw new ShapeError(
    op,
    `${name} must be a whole number, negative to count from the end`,
    textOf(axis),
    numberHint(axis),
  );
}
