/**
 * # Overwritten instead of accumulated
 *
 * This code has `=` where it needs `+=`. Each use of a value sends it a part of its gradient, but only the last part
 * remains. With $y = x \cdot x + x$ the order is right, but the answer contains only the last use.
 *
 * The fix: begin with 0 and add. (Then you have to reset the gradient to 0 before the next step: that is what
 * `zeroGrad()` is for.)
 */
import { checkGradient } from "tinygrad-ts/gradcheck";

interface Value {
  readonly data: number;
  readonly uses: readonly (readonly [input: Value, derivative: number])[];
  grad: number;
}
const leaf = (data: number): Value => ({ data, uses: [], grad: 0 });
const add = (a: Value, b: Value): Value => ({
  data: a.data + b.data,
  uses: [
    [a, 1],
    [b, 1],
  ],
  grad: 0,
});
const mul = (a: Value, b: Value): Value => ({
  data: a.data * b.data,
  uses: [
    [a, b.data],
    [b, a.data],
  ],
  grad: 0,
});

function graph([x]: number[]): Value[] {
  const a = leaf(x!);
  const square = mul(a, a);
  return [add(square, a), square, a]; // each before its inputs
}

export const f = (x: number[]) => graph(x)[0]!.data;

export function wrong(x: number[]): number[] {
  const values = graph(x);
  values[0]!.grad = 1;
  for (const { uses, grad } of values) for (const [input, derivative] of uses) input.grad = grad * derivative;
  return [values.at(-1)!.grad];
}

export function right(x: number[]): number[] {
  const values = graph(x);
  values[0]!.grad = 1;
  for (const { uses, grad } of values) for (const [input, derivative] of uses) input.grad += grad * derivative;
  return [values.at(-1)!.grad];
}

export const point = [3];
export const check = (gradient: typeof right) => checkGradient(f, gradient, point);
