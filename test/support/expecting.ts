import { expect } from "vitest";
import { type Tensor, type TinygradError, tensor } from "../../src/index.ts";

const f64 = { dtype: "float64" } as const;

/** A float64 leaf that requires a gradient. */
export function leaf(data: Parameters<typeof tensor>[0]): Tensor {
  return tensor(data, { ...f64, requiresGrad: true });
}

/** An int32 tensor. */
export function int32(data: Parameters<typeof tensor>[0]): Tensor {
  return tensor(data, { dtype: "int32" });
}

/** The gradient of `x`, as arrays, for a cotangent of `y` (ones if left out). */
export function gradOf(x: Tensor, y: Tensor, cotangent?: readonly number[]): unknown {
  x.grad = null;
  y.backward(tensor(cotangent ?? new Array<number>(y.size).fill(1), { dtype: y.dtype }).reshape(y.shape));
  return (x.grad as Tensor | null)?.toArray();
}

/** Expects a call to throw an error of a type, with a part of its message. */
export function refuses(call: () => unknown, type: new (...args: never[]) => TinygradError, message: string): void {
  expect(call).toThrow(type);
  expect(call).toThrow(message);
}
