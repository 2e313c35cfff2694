import fc from "fast-check";
import { isFloat, type TypedArray } from "../../src/core/dtype.ts";
import type { Op } from "../../src/core/op.ts";
import type { Draw, OpCases } from "../../src/ops/cases.ts";
import type { Tensor } from "../../src/tensor.ts";
import { Drawn, drawFrom } from "./draw.ts";

/** One call of an op: what checks are made on. A check throws an error that says what is wrong. */
export interface Sample {
  readonly op: Op;
  readonly inputs: readonly Drawn[];
  readonly attrs: unknown;
  /** A cotangent, and another; of the result's shape. */
  readonly cotangent: Drawn;
  readonly cotangent2: Drawn;
}

/** How many calls are drawn for each property, and from which seed: always the same ones, unless asked otherwise. */
export const numRuns = Number(process.env["OP_RUNS"] ?? 15);
const seed = Number(process.env["OP_SEED"] ?? 1);

/** Makes a check on many drawn calls of an op; a call that fails it is shrunk and described. */
export function forAll(op: Op, cases: OpCases<unknown>, check: (sample: Sample) => void): void {
  const property = fc.property(fc.gen(), (g) => describing(sampleOf(op, cases, drawFrom(g)), check));
  fc.assert(property, { seed, numRuns });
}

function sampleOf(op: Op, cases: OpCases<unknown>, d: Draw): Sample {
  const { inputs, attrs } = cases.draw(d);
  const drawn = inputs.map((input) => {
    if (!(input instanceof Drawn)) throw new Error("cases must draw inputs by floats, ints and bools");
    return input;
  });
  const leaves = drawn.map((input) => input.leaf());
  const shape = op.shape(leaves, attrs);
  return { op, inputs: drawn, attrs, cotangent: d.floats(shape) as Drawn, cotangent2: d.floats(shape) as Drawn };
}

/** Adds to an error on which call it arose. */
function describing(sample: Sample, check: (sample: Sample) => void): void {
  try {
    check(sample);
  } catch (error) {
    const { op, inputs, attrs } = sample;
    const call = `${op.name}(${inputs.join(", ")}), attrs ${JSON.stringify(attrs)}`;
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n  in ${call}`, { cause: error });
  }
}

/** Fails a check. */
export function fail(message: string): never {
  throw new Error(message);
}

/** Fails unless two numbers agree within a relative and an absolute tolerance. */
export function expectClose(what: string, got: number, wanted: number, relative: number, absolute: number): void {
  const bound = relative * Math.max(Math.abs(got), Math.abs(wanted)) + absolute;
  if (!(Math.abs(got - wanted) <= bound)) fail(`${what}: got ${got}, wanted ${wanted} (within ${bound})`);
}

/** Fails unless two arrays are the same, down to NaN and the sign of 0. */
export function expectSame(what: string, got: ArrayLike<number>, wanted: ArrayLike<number>): void {
  if (got.length !== wanted.length) fail(`${what}: ${got.length} elements, wanted ${wanted.length}`);
  for (let i = 0; i < got.length; i++) {
    if (!Object.is(got[i], wanted[i])) fail(`${what}: element ${i} is ${got[i]}, wanted ${wanted[i]}`);
  }
}

/** Fresh leaves of the sample's inputs. */
export function leavesOf({ inputs }: Sample): Tensor[] {
  return inputs.map((input) => input.leaf());
}

/** The tensors that can have a gradient. */
export function floatsOf(tensors: readonly Tensor[]): Tensor[] {
  return tensors.filter((x) => isFloat(x.dtype));
}

/** Copies of the values; null where there is no tensor. */
export function valuesOf(tensors: readonly (Tensor | null)[]): (TypedArray | null)[] {
  return tensors.map((x) => x?.data ?? null);
}

/** The list with another tensor in one place. */
export function replaced(tensors: readonly Tensor[], i: number, x: Tensor): Tensor[] {
  return tensors.map((other, k) => (k === i ? x : other));
}

/** Whether there is a gradient to be checked. */
export function isDifferentiable({ op, inputs }: Sample): boolean {
  return op.vjp !== "nondifferentiable" && inputs.some((input) => input.isFloat);
}
