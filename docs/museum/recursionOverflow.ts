/**
 * # Recursion overflow
 *
 * A function finds the topological order by calling itself for each input. The order is right, but the recursion is as
 * deep as the graph: a recurrent network over a long text, or a loop of many small steps, overflows the stack.
 *
 * The fix: use an explicit list instead of the call stack. No gradient is wrong here. The check fails because the code
 * under test throws an error, and the checker passes that error on. Test at the sizes that you will use.
 */
import { checkGradient } from "tinygrad-ts/gradcheck";

interface Value {
  readonly data: number;
  readonly input?: Value;
  readonly derivative: number;
  grad: number;
}

function graph([x]: number[]): { first: Value; last: Value } {
  const first: Value = { data: x!, derivative: 1, grad: 0 };
  let last = first;
  for (let i = 0; i < 100_000; i++) {
    const { data } = last;
    last = { data: data + 1e-5 * Math.sin(data), input: last, derivative: 1 + 1e-5 * Math.cos(data), grad: 0 };
  }
  return { first, last };
}

function backward(order: Value[], last: Value): void {
  last.grad = 1;
  for (const { input, grad, derivative } of order) if (input !== undefined) input.grad += grad * derivative;
}

export const f = (x: number[]) => graph(x).last.data;

export function wrong(x: number[]): number[] {
  const { first, last } = graph(x);
  const order: Value[] = [];
  const inputsFirst = (value: Value) => {
    if (value.input !== undefined) inputsFirst(value.input);
    order.push(value);
  };
  inputsFirst(last);
  backward(order.reverse(), last);
  return [first.grad];
}

export function right(x: number[]): number[] {
  const { first, last } = graph(x);
  const order: Value[] = [];
  for (let value: Value | undefined = last; value !== undefined; value = value.input) order.push(value);
  backward(order, last);
  return [first.grad];
}

export const point = [0.5];
export const check = (gradient: typeof right) => checkGradient(f, gradient, point);
