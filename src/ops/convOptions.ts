import { textOf, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { isTensor } from "../core/runtime.ts";
import { formatShape, listText } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import type { ConvAttrs } from "./conv.ts";

/** How the windows of a convolution go over the spatial axes. A number is for all of these axes; a list has an entry for each. */
export interface ConvWindowOptions {
  /** Steps from one window to the next; 1 by default. */
  readonly stride?: number | readonly number[];
  /**
   * How much to add around x: a number, or for each axis a number or `[before, after]`; `"valid"`, nothing (the default); or `"same"`, as much as keeps the sizes at
   * stride 1, the odd one behind.
   */
  readonly padding?: number | readonly (number | readonly [before: number, after: number])[] | "same" | "valid";
  /** Steps between the elements of a window; 1 by default. */
  readonly dilation?: number | readonly number[];
  /** Parts into which channels are divided, each convolved by itself; 1 by default. As many as there are channels is a depthwise convolution. */
  readonly groups?: number;
}

/** Options of {@link conv1d}, {@link conv2d} and {@link conv3d}. */
export interface ConvOptions extends ConvWindowOptions {
  /** Added to each channel of the result: of shape `[out]`. None by default. */
  readonly bias?: Tensor | null;
  /** What to add around x: zeros (the default), x mirrored at its edge (which is not repeated), its edge repeated, or its other end. */
  readonly paddingMode?: "zeros" | "reflect" | "replicate" | "circular";
}

/** Options of {@link convTranspose1d}, {@link convTranspose2d} and {@link convTranspose3d}. */
export interface ConvTransposeOptions extends Omit<ConvWindowOptions, "padding"> {
  /** Added to each channel of the result: of shape `[out]`. None by default. */
  readonly bias?: Tensor | null;
  /** How much the convolution that this is the adjoint of pads, and so how much of the result is cut off: a number, or for each axis a number or `[before, after]`; 0 by default. */
  readonly padding?: number | readonly (number | readonly [before: number, after: number])[];
  /** How many elements to add behind, of the sizes that the stride leaves open; less than the stride or the dilation; 0 by default. */
  readonly outputPadding?: number | readonly number[];
}

export const windowKinds: OptionKinds<ConvWindowOptions> = {
  stride: "any",
  padding: "any",
  dilation: "any",
  groups: "any",
};
export const paddingModes = ["zeros", "reflect", "replicate", "circular"] as const;
const convKinds: OptionKinds<ConvOptions> = { ...windowKinds, bias: "tensor or null", paddingMode: paddingModes };
const transposeKinds: OptionKinds<ConvTransposeOptions> = {
  ...windowKinds,
  bias: "tensor or null",
  outputPadding: "any",
};

export const convNames = {
  kernelSize: "the weight's shape says the kernel's size",
  dilationRate: "dilation",
  pad: "padding",
};

/** Checks the options of a convolution, but for what depends on shapes. */
export function checkConvOptions(op: string, options: ConvOptions | undefined): ConvOptions {
  return checkOptions(op, options, convKinds, { names: convNames, instead: biasInstead });
}

/** The same without bias and mode, for the adjoints. */
export function checkWindowOptions(op: string, options: ConvWindowOptions | undefined): ConvWindowOptions {
  return checkOptions(op, options, windowKinds, { names: convNames });
}

/** The same for a transposed convolution. */
export function checkTransposeOptions(op: string, options: ConvTransposeOptions | undefined): ConvTransposeOptions {
  return checkOptions(op, options, transposeKinds, { names: convNames, instead: biasInstead });
}

/** PyTorch takes the bias, and then options one by one, where the options stand. */
export const optionsThird = (op: string): string =>
  `options come third, and the bias is one of them: write ${op}(x, weight, { bias, padding: 1 })`;

/** PyTorch takes the bias instead of the options. */
const biasInstead = (given: unknown): string | undefined => (isTensor(given) ? "write { bias }" : undefined);

/**
 * Options as lists with an entry for each spatial axis.
 *
 * @param kernel - the kernel's sizes, for `"same"`.
 */
export function windowAttrs(op: string, options: ConvWindowOptions, kernel: readonly number[]): ConvAttrs {
  const axes = kernel.length;
  const { groups = 1, padding = 0, stride: steps = 1, dilation: spread = 1 } = options;
  const stride = perAxis(op, "stride", steps, axes, 1);
  const dilation = perAxis(op, "dilation", spread, axes, 1);
  if (!Number.isSafeInteger(groups) || groups < 1) {
    throw new ValueError(op, "groups must be a whole number, 1 or more", textOf(groups));
  }
  if (padding === "same") {
    if (stride.some((step) => step !== 1)) {
      const hint = "write padding as numbers: at other strides there is no one way";
      throw new ValueError(op, 'padding "same" needs stride 1', `stride ${formatShape(stride)}`, hint);
    }
    const total = kernel.map((size, d) => dilation[d]! * (Math.max(size, 1) - 1));
    return { stride, dilation, groups, padding: total.map((n) => [Math.floor(n / 2), Math.ceil(n / 2)] as const) };
  }
  return {
    stride,
    dilation,
    groups,
    padding: padding === "valid" ? kernel.map(() => [0, 0]) : sides(op, padding, axes),
  };
}

/** A whole number for each axis, from one for all or a list. */
export function perAxis(op: string, name: string, given: unknown, axes: number, least: number): readonly number[] {
  const list = Array.isArray(given) ? (given as unknown[]) : new Array<unknown>(axes).fill(given);
  if (list.length === axes && list.every((n) => isWhole(n, least))) return [...(list as number[])];
  throw new ValueError(op, `${name} must be a whole number, ${least} or more${listRule(axes)}`, listOrText(given));
}

/** `[before, after]` for each axis. `words` are what padding may be, too. */
export function sides(
  op: string,
  given: unknown,
  axes: number,
  words = ', "same" or "valid"',
): readonly (readonly [number, number])[] {
  const list = Array.isArray(given) ? (given as unknown[]) : new Array<unknown>(axes).fill(given);
  const pairs = list.map((side): unknown[] => (Array.isArray(side) ? [...side] : [side, side])); // kept for backward, so not the caller's
  if (list.length === axes && pairs.every((pair) => pair.length === 2 && pair.every((n) => isWhole(n, 0)))) {
    return pairs as unknown as readonly (readonly [number, number])[];
  }
  const isPair = axes === 1 && list.length === 2 && list.every((n) => isWhole(n, 0));
  const isNegative = list.flat().some((n) => typeof n === "number" && n < 0);
  let hint = isPair ? `write padding: [[${list.join(", ")}]]` : "";
  if (isNegative) hint = "slice x to cut off";
  if (typeof given === "string" && words !== "")
    hint = /^s/i.test(given)
      ? 'write "same"'
      : /^v/i.test(given)
        ? 'write "valid"'
        : "paddingMode says what to pad with";
  throw new ValueError(
    op,
    `padding must be a whole number, 0 or more${words}${axes === 1 ? ", or a list with a number or [before, after]" : `, or a list with a number or [before, after] for each of ${axes} axes`}`,
    Array.isArray(given) ? `[${list.map(listOrText).join(", ")}]` : textOf(given),
    hint,
  );
}

const isWhole = (n: unknown, least: number): boolean => Number.isSafeInteger(n) && (n as number) >= least;
const listRule = (axes: number): string => (axes === 1 ? "" : `, or a list of ${axes}`);
const listOrText = (given: unknown): string => (Array.isArray(given) ? listText(given) : textOf(given));

/** A copy of settings, with the lists in them: what a layer keeps must not be the caller's to change. */
export function copied<T>(given: T): T {
  if (Array.isArray(given)) return given.map(copied) as T;
  if (typeof given !== "object" || given === null) return given;
  return Object.fromEntries(Object.entries(given).map(([name, own]) => [name, copied(own)])) as T;
}
