/**
 * # No topological order
 *
 * `backward` calls itself for each input as soon as it has added something to it. That works in a chain. But here $b =
 * a + a$ and $c = b + b$: $b$ passes on 1 before its second 1 has arrived, and then passes everything on again.
 *
 * The fix: visit each value once, after everything that uses it. [In which
 * order?](forward-pass-and-residuals.md#in-which-order) explains this example.
 */
import { checkGradient } from "tinygrad-ts/gradcheck";

interface Value {
  readonly data: number;
  readonly inputs: readonly Value[]; // of a sum: each local derivative is 1
  grad: number;
}
const add = (a: Value, b: Value): Value => ({ data: a.data + b.data, inputs: [a, b], grad: 0 });

function graph([x]: number[]): { a: Value; c: Value } {
  const a: Value = { data: x!, inputs: [], grad: 0 };
  const b = add(a, a);
  return { a, c: add(b, b) };
}

export const f = (x: number[]) => graph(x).c.data;

export function wrong(x: number[]): number[] {
  const { a, c } = graph(x);
  const backward = (value: Value) => {
    for (const input of value.inputs) {
      input.grad += value.grad;
      backward(input);
    }
  };
  c.grad = 1;
  backward(c);
  return [a.grad];
}

export function right(x: number[]): number[] {
  const { a, c } = graph(x);
  const order = new Set<Value>();
  const inputsFirst = (value: Value) => {
    for (const input of value.inputs) if (!order.has(input)) inputsFirst(input);
    order.add(value);
  };
  inputsFirst(c);
  c.grad = 1;
  for (const value of [...order].reverse()) for (const input of value.inputs) input.grad += value.grad;
  return [a.grad];
}

export const point = [3];
export const check = (gradient: typeof right) => checkGradient(f, gradient, point);
