import { apply } from "../../src/core/apply.ts";
import { allocate, type TypedArray } from "../../src/core/dtype.ts";
import { TinygradError } from "../../src/core/errors.ts";
import type { Op } from "../../src/core/op.ts";
import { sameShape, sizeOf } from "../../src/core/shape.ts";
import type { OpCases } from "../../src/ops/cases.ts";
import { Tensor } from "../../src/tensor.ts";
import { guard } from "./guard.ts";
import { expectSame, fail, leavesOf, type Sample } from "./sample.ts";

/**
 * The kernel keeps to its arrays: it reads its inputs within bounds and never writes to them, writes its result within
 * bounds, and computes the same again. Returns whether each element of the result was written: that must be so in some
 * call, or else the shape rule promises more than the kernel computes.
 */
export function checkKernel(sample: Sample): "full" | "partial" | "empty" {
  const { op, attrs } = sample;
  const leaves = leavesOf(sample);
  const before = leaves.map((x) => x.data);
  const y = apply(op, leaves, attrs);
  const shape = op.shape(leaves, attrs);
  if (!sameShape(y.shape, shape) || y.size !== sizeOf(shape)) {
    fail(`the result has shape [${y.shape}] and ${y.size} elements, the rule says [${shape}]`);
  }
  if (y.dtype !== (op.dtype?.(leaves, attrs) ?? leaves[0]!.dtype)) fail(`the result has dtype ${y.dtype}`);
  if (!(y.data instanceof allocate(y.dtype, 0).constructor)) fail(`${y.dtype} values in a ${y.data.constructor.name}`);
  leaves.forEach((x, i) => expectSame(`input ${i} after forward`, x.data, before[i]!));
  if (op.forward === "view") return "full";
  const operands = leaves.map((x, i) => ({
    shape: x.shape,
    dtype: x.dtype,
    values: guard(x.values, `input ${i}`, false).array,
  }));
  const out = allocate(y.dtype, y.size);
  const { array, written } = guard(out, "the result", true);
  op.forward(array, operands, attrs, shape);
  expectSame("the same computation again", out, y.data);
  if (out.length === 0) return "empty";
  return written.size === out.length ? "full" : "partial";
}

/** The documented errors are thrown, typed and with their text. */
export function checkErrors(op: Op, cases: OpCases<unknown>): void {
  for (const { inputs, attrs, error } of cases.errors ?? []) {
    const tensors = inputs.map((input) => {
      const { shape, dtype } = "dtype" in input ? input : ({ shape: input, dtype: "float64" } as const);
      return new Tensor(allocate(dtype, sizeOf(shape)), shape, dtype);
    });
    let thrown: unknown;
    try {
      apply(op, tensors, attrs);
    } catch (e) {
      thrown = e;
    }
    if (!(thrown instanceof TinygradError)) fail(`"${error}" is not refused by a TinygradError: ${String(thrown)}`);
    if (!thrown.message.includes(error)) fail(`"${error}" is not in the message "${thrown.message}"`);
    if (thrown.name === "TinygradError" || thrown.name === "InternalError") fail(`${thrown.name} is too general`);
  }
}

const inf = Number.POSITIVE_INFINITY;
/** Values that kernels treat apart, among ordinary ones. */
const special = [0, -0, 1, -1, 0.5, 2.5, -3, 20.5, 800, -800, 1e-20, 1e-310, 1e200, Number.NaN, inf, -inf];
const length = 37;

/**
 * Whether the op works element by element; and if so, that what it computes for an element does not depend on where it
 * lies: alone and in any of 37 places, it gives the same bits.
 */
export function checkLanes({ op, inputs, attrs }: Sample): boolean {
  if (inputs.some((input) => input.dtype === "int32")) return false;
  const run = (size: number, value: (k: number, i: number) => number): TypedArray | null => {
    const tensors = inputs.map(({ dtype }, k) => {
      const values = allocate(dtype, size);
      for (let i = 0; i < size; i++) values[i] = dtype === "bool" ? Number(value(k, i) > 0.4) : value(k, i);
      return new Tensor(values, [size], dtype);
    });
    try {
      const y = apply(op, tensors, attrs);
      return sameShape(y.shape, [size]) ? y.values : null;
    } catch (error) {
      if (error instanceof TinygradError) return null;
      throw error;
    }
  };
  const ordinary = (k: number, i: number): number => 0.25 + 0.01 * i + 0.1 * k;
  const base = run(length, ordinary);
  if (base === null) return false;
  // Whether it works element by element is seen by the large: what differs in the last bit only is a fault of one that does.
  const isOther = (a: number, b: number): boolean => !(Math.abs(a - b) <= 1e-6);
  const backwards = run(length, (k, i) => ordinary(k, length - 1 - i))!;
  if (backwards.some((v, i) => isOther(v, base[length - 1 - i]!))) return false;
  for (const changed of [0, 5, length - 1]) {
    const y = run(length, (k, i) => ordinary(k, i) + (i === changed ? 0.003 : 0))!;
    if (y.some((v, i) => i !== changed && isOther(v, base[i]!))) return false;
    const alone = run(1, (k) => ordinary(k, changed));
    if (alone === null || isOther(alone[0]!, base[changed]!)) return false;
  }

  const extreme = (k: number, i: number): number => special[(i * (k + 3) + k) % special.length]!;
  const long = run(length, extreme)!;
  for (let at = 0; at < length; at++) {
    expectSame(`element ${at} of ${length} by itself`, run(1, (k) => extreme(k, at))!, long.subarray(at, at + 1));
    const moved = run(length, (k, i) => extreme(k, i + at))!;
    expectSame(`elements moved by ${at}`, moved.subarray(0, length - at), long.subarray(at));
  }
  return true;
}
