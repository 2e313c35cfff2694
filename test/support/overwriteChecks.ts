import { gradients } from "../../src/autograd/backward.ts";
import { apply, noGrad } from "../../src/core/apply.ts";
import type { TypedArray } from "../../src/core/dtype.ts";
import { GradError } from "../../src/core/errors.ts";
import { sameShape } from "../../src/core/shape.ts";
import { reshape } from "../../src/ops/reshape.ts";
import type { Tensor } from "../../src/tensor.ts";
import { vjp } from "./gradientChecks.ts";
import { expectSame, fail, floatsOf, isDifferentiable, leavesOf, replaced, type Sample, valuesOf } from "./sample.ts";

type Gradients = readonly (TypedArray | null)[];

/** How backward fared after one input was overwritten. */
export interface Overwritten {
  readonly outcome: "refused" | "exact";
  /** Whether other values of that input make another gradient. */
  readonly depends: boolean;
}

/**
 * After an input was overwritten, backward refuses by an error that names the op, or gives exactly the gradient that it
 * gave before: never one of the new values. Writing to views and copies, of inputs and of the result, has no effect at
 * all, and the recorded result itself cannot be written to. Returns what happened for each input.
 */
export function checkOverwrites(sample: Sample): Overwritten[] {
  if (!isDifferentiable(sample)) return [];
  const c = sample.cotangent.leaf().detach();
  const wanted = valuesOf(vjp(sample, leavesOf(sample), c));
  checkViews(sample, c, wanted);
  return sample.inputs.map((input, i) => {
    const leaves = leavesOf(sample);
    const y = apply(sample.op, leaves, sample.attrs);
    leaves[i]!.assign(input.others);
    const depends = dependsOn(sample, i, c, wanted);
    try {
      expectExact(`after input ${i} was overwritten`, backward(leaves, y, c), wanted);
      return { outcome: "exact", depends };
    } catch (error) {
      if (!(error instanceof GradError)) throw error;
      if (!error.message.includes(sample.op.name)) fail(`the refusal does not name the op: ${error.message}`);
      return { outcome: "refused", depends };
    }
  });
}

function checkViews(sample: Sample, c: Tensor, wanted: Gradients): void {
  const leaves = leavesOf(sample);
  const y = apply(sample.op, leaves, sample.attrs);
  const sevens = new Float64Array(y.size).fill(7);
  leaves.forEach((x, i) => {
    const { others } = sample.inputs[i]!;
    noGrad(() => reshape(x, [1, ...x.shape])).assign(others);
    x.detach().assign(others);
  });
  noGrad(() => reshape(y, [1, ...y.shape])).assign(sevens);
  y.detach().assign(sevens);
  for (const recorded of [y, reshape(y, [1, ...y.shape])]) {
    let refused = false;
    try {
      recorded.assign(sevens);
    } catch (error) {
      refused = error instanceof GradError;
    }
    if (!refused) fail("a recorded result could be overwritten");
  }
  expectExact("after views were overwritten", backward(leaves, y, c), wanted);
}

function backward(leaves: readonly Tensor[], y: Tensor, c: Tensor): Gradients {
  return valuesOf(gradients([y], floatsOf(leaves), { cotangents: [c], allowUnused: true }));
}

function expectExact(when: string, got: Gradients, wanted: Gradients): void {
  wanted.forEach((g, k) => {
    if (g === null || got[k] === null) {
      if (got[k] !== g) fail(`vjp ${k} ${when} comes or goes`);
    } else expectSame(`vjp ${k} ${when}`, got[k]!, g);
  });
}

function dependsOn(sample: Sample, i: number, c: Tensor, wanted: Gradients): boolean {
  const input = sample.inputs[i]!;
  const leaves = replaced(leavesOf(sample), i, input.leaf(input.dtype, input.others));
  if (!sameShape(sample.op.shape(leaves, sample.attrs), c.shape)) return true;
  return vjp(sample, leaves, c).some((g, k) => g?.values.some((v, j) => !Object.is(v, wanted[k]?.[j])) ?? false);
}
