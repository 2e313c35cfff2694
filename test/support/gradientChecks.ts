import { gradients } from "../../src/autograd/backward.ts";
import { apply } from "../../src/core/apply.ts";
import { isFloat, type TypedArray } from "../../src/core/dtype.ts";
import { DTypeError } from "../../src/core/errors.ts";
import type { Op } from "../../src/core/op.ts";
import { sameShape } from "../../src/core/shape.ts";
import { checkSuite } from "../../src/gradcheck/index.ts";
import { Tensor } from "../../src/tensor.ts";
import { expectClose, fail, floatsOf, isDifferentiable, leavesOf, type Sample, valuesOf } from "./sample.ts";

/** The vjp of the floating inputs; null where the op says that there is none. Checks shapes and dtypes. */
export function vjp(
  sample: Sample,
  leaves: readonly Tensor[],
  cotangent: Tensor,
  createGraph = false,
): (Tensor | null)[] {
  const y = apply(sample.op, leaves, sample.attrs);
  if (!y.requiresGrad) fail("the result of a differentiable op requires no gradient");
  const floats = floatsOf(leaves);
  const gs = gradients([y], floats, { cotangents: [cotangent], createGraph, allowUnused: true });
  gs.forEach((g, i) => {
    const x = floats[i]!;
    if (g === null || (sameShape(g.shape, x.shape) && g.dtype === x.dtype)) return;
    fail(`vjp ${i} is ${g.dtype}[${g.shape}] for ${x.dtype}[${x.shape}]`);
  });
  return gs;
}

/** Whether the op says that it has no gradient for an input, whatever its dtype. */
export function denies({ vjp: rules }: Op, i: number): boolean {
  return typeof rules !== "function" && rules[i] === "nondifferentiable";
}

/**
 * The derivatives of an op at a sample, as this library's own checker sees them: in every floating input that has a gradient, of every
 * element of the result. Returns the number of entries that were compared.
 */
function checkBySuite(sample: Sample, order: 1 | 2): number {
  if (!isDifferentiable(sample)) return 0;
  const { op, inputs, attrs } = sample;
  const leaves = inputs.map((input, i) => (input.isFloat && denies(op, i) ? input.leaf().detach() : input.leaf()));
  if (!leaves.some(({ requiresGrad }) => requiresGrad)) return 0;
  const row = { name: op.name, fn: (...xs: Tensor[]) => apply(op, xs, attrs), inputs: leaves, order };
  const { failed, results } = checkSuite([row]);
  for (const { report } of failed) fail(String(report));
  return results.reduce((count, { report }) => count + report.coverage.checked, 0);
}

/** The vjp equals finite differences, in every floating input. Returns the number of comparisons. */
export function checkFirst(sample: Sample): number {
  if (isDifferentiable(sample)) vjp(sample, leavesOf(sample), sample.cotangent.leaf().detach());
  return checkBySuite(sample, 1);
}

/** The vjp of the vjp equals finite differences, in every floating input and in the cotangent. Returns the number of comparisons. */
export function checkSecond(sample: Sample): number {
  return checkBySuite(sample, 2);
}

/** The vjp is linear in the cotangent, and 0 at 0. */
export function checkLinear(sample: Sample): void {
  if (!isDifferentiable(sample)) return;
  const { cotangent, cotangent2 } = sample;
  const of = (value: (i: number) => number): (TypedArray | null)[] => {
    const c = Float64Array.from(cotangent.values, (_, i) => value(i));
    return valuesOf(vjp(sample, leavesOf(sample), new Tensor(c, cotangent.shape, "float64")));
  };
  const a = of((i) => cotangent.values[i]!);
  const b = of((i) => cotangent2.values[i]!);
  const both = of((i) => 2 * cotangent.values[i]! - 3 * cotangent2.values[i]!);
  const none = of(() => 0);
  both.forEach((sum, i) => {
    if (sum === null) return;
    const scale = largest(a[i]!) + largest(b[i]!);
    for (let j = 0; j < sum.length; j++) {
      const wanted = 2 * a[i]![j]! - 3 * b[i]![j]!;
      expectClose(`vjp of a combination, input ${i}`, sum[j]!, wanted, 1e-12, 1e-12 * scale);
      if (none[i]![j] !== 0) fail(`vjp of 0, input ${i}: ${none[i]![j]}`);
    }
  });
}

/** Computed from the same values in float32 and float64, result and gradients agree but for rounding. */
export function checkFloat32(sample: Sample): void {
  const { op, inputs, attrs, cotangent } = sample;
  const run = (dtype: "float32" | "float64") => {
    const leaves = inputs.map((input) =>
      input.leaf(dtype, input.isFloat ? Float32Array.from(input.values) : input.values),
    );
    const y = apply(op, leaves, attrs);
    if (!isDifferentiable(sample) || !isFloat(y.dtype)) return { y, gs: [] };
    const c = cotangent.leaf(y.dtype, Float32Array.from(cotangent.values)).detach();
    return { y, gs: valuesOf(vjp(sample, leaves, c)) };
  };
  const low = run("float32");
  const high = run("float64");
  const agree = (
    what: string,
    a: ArrayLike<number>,
    b: ArrayLike<number>,
    relative: number,
    scale = largest(b),
  ): void => {
    const floor = relative * scale;
    for (let i = 0; i < b.length; i++) expectClose(`${what} in float32`, a[i]!, b[i]!, relative, floor);
  };
  if (!sameShape(low.y.shape, high.y.shape)) fail("shapes differ between float32 and float64");
  agree("result", low.y.values, high.y.values, 1e-6);
  // A gradient may be a small difference of large terms: of the size of the others, say.
  const scale = high.gs.reduce((m, g) => Math.max(m, g === null ? 0 : largest(g)), largest(cotangent.values));
  high.gs.forEach((g, i) => {
    if (g !== null) agree(`vjp ${i}`, low.gs[i]!, g, 1e-5, scale);
  });
}

/** Floating inputs of different dtypes are refused by a DTypeError, or each gets a gradient of its own dtype. */
export function checkMixed(sample: Sample): void {
  const { op, inputs, attrs, cotangent } = sample;
  if (inputs.filter((input) => input.isFloat).length < 2) return;
  for (const odd of [0, 1]) {
    let k = 0;
    const leaves = inputs.map((input) => input.leaf(input.isFloat && k++ % 2 === odd ? "float32" : "float64"));
    let y: Tensor;
    try {
      y = apply(op, leaves, attrs);
    } catch (error) {
      if (error instanceof DTypeError) continue;
      throw error;
    }
    if (isDifferentiable(sample) && isFloat(y.dtype)) vjp(sample, leaves, cotangent.leaf(y.dtype).detach());
  }
}

function largest(values: ArrayLike<number>): number {
  let m = 0;
  for (let i = 0; i < values.length; i++) m = Math.max(m, Math.abs(values[i]!));
  return m;
}
