import { tensor } from "../../create.ts";
import type { Tensor } from "../../tensor.ts";
import type { Sizes } from "./sizes.ts";
import { type Place, refuse } from "./trace.ts";
import type { Writer } from "./writer.ts";

/** Writes a tensor that no op made: the same in all traces, or one that follows from the inputs' sizes: filled with one number, or counting. */
export function writeLeaf(
  xs: readonly Tensor[],
  step: Place,
  near: readonly string[],
  writer: Writer,
  sizes: Sizes,
): string {
  const [x] = xs as [Tensor];
  if (xs.every((other) => isEqual(x, other))) return writer.constant(x);
  const shape = () =>
    sizes.list(
      xs.map(({ shape }) => shape),
      step,
      near,
    );
  if (isFilled(xs)) return writer.node("", "Expand", [writer.scalar(x.values[0]!, x.dtype), shape()]);
  if (x.size === 1 && xs.every((other) => other.size === 1 && Number.isSafeInteger(other.values[0]))) {
    const size = sizes.list(
      xs.map((other) => [other.values[0]!]),
      step,
      near,
    );
    return writer.node("", "Cast", [writer.node("", "Reshape", [size, writer.ints(x.shape)])], {
      to: numberOf[x.dtype],
    });
  }
  if (isCounting(xs)) {
    const [start, next] = longestOf(xs).values as unknown as [number, number];
    // In steps of 1, of which there are as many as the shape says: others may add up to more or fewer. Then as `arange` computes: in float64, and rounded once.
    const index = (value: number): string => writer.constant(tensor(value, { dtype: "float64" }), true);
    const counting = (value: number): string => (x.dtype === "int32" ? index(value) : writer.scalar(value, "float64"));
    const whole = [index(0), writer.node("", "Squeeze", [shape()]), index(1)];
    const count = writer.node("", "Range", whole);
    const own = x.dtype === "int32" ? count : writer.node("", "Cast", [count], { to: numberOf.float64 });
    const by = Math.abs(next - start);
    const steps = by === 1 ? own : writer.node("", "Mul", [own, counting(by)]);
    // Down from 0 begins with 0, not with -0.
    const sum =
      next < start
        ? writer.node("", "Sub", [counting(start), steps])
        : start === 0
          ? steps
          : writer.node("", "Add", [steps, counting(start)]);
    return x.dtype === "float64" ? sum : writer.node("", "Cast", [sum], { to: numberOf[x.dtype] });
  }
  return refuse(
    step.site,
    "a tensor that forward makes may depend on an input's size only if it is filled with one number, or counts",
    `${x.dtype}[${x.shape.join(", ")}] for ${step.op.name}`,
    "give that size as a number, or make the tensor by ops on the input",
  );
}

const numberOf = { float32: 1, float64: 11, int32: 6, bool: 9 } as const;

function isEqual(a: Tensor, b: Tensor): boolean {
  if (a === b) return true;
  if (a.dtype !== b.dtype || `${a.shape}` !== `${b.shape}`) return false;
  const [u, v] = [a.values, b.values];
  for (let i = 0; i < u.length; i++) if (!Object.is(u[i], v[i])) return false;
  return true;
}

function isFilled(xs: readonly Tensor[]): boolean {
  const value = xs[0]!.values[0];
  if (value === undefined) return false;
  return xs.every(({ values }) => {
    for (let i = 0; i < values.length; i++) if (!Object.is(values[i], value)) return false;
    return values.length > 0;
  });
}

/** Whether all are rows that count from the same number in the same steps, as `arange` makes them. */
function isCounting(xs: readonly Tensor[]): boolean {
  const [x] = xs as [Tensor];
  const longest = longestOf(xs);
  if (x.shape.length !== 1 || longest.size < 2 || x.size < 1 || x.dtype === "bool") return false;
  const [start, next] = longest.values as unknown as [number, number];
  const by = next - start;
  const own = (i: number): number => (x.dtype === "float32" ? Math.fround(start + i * by) : start + i * by);
  if (by === 0) return false;
  return xs.every(({ values }) => {
    for (let i = 0; i < values.length; i++) if (values[i] !== own(i)) return false;
    return true;
  });
}

function longestOf(xs: readonly Tensor[]): Tensor {
  return xs.reduce((a, b) => (b.size > a.size ? b : a));
}
