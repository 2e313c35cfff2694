import { expect, test } from "vitest";
import * as t from "../../src/index.ts";

// An error names the function or method that was called, and none of those that it is made of.

// biome-ignore lint/suspicious/noExplicitAny: calls that TypeScript refuses
type Anything = any;

const f = t.tensor([[1, 2], [3, 4]]); // biome-ignore format: a matrix
const whole = t.tensor([[1, 2], [3, 4]], { dtype: "int32" }); // biome-ignore format: a matrix
const large = t.tensor([[2 ** 31 - 1, 2 ** 31 - 1]], { dtype: "int32" });
const tensors = [f, whole, large, t.ones([3]), t.ones([5]), t.ones([0, 3]), t.ones([2, 3, 4]), t.tensor(1), f.gt(1)];
const others: Anything[] = [7, -9, 1.5, Number.NaN, 1e12, "x", null, undefined, true, {}, { bogus: 1 }, () => 0];
const lists: Anything[] = [[], [7], [9, 9], [-1, -1], [f, tensors[3]], [f, whole], [[0, 1]]];
const values: Anything[] = [...tensors, ...others, ...lists];
const beyond = t.tensor([1e12, Number.NaN]);

/** One argument, two, and three whose first is a tensor. */
function* calls(): IterableIterator<readonly unknown[]> {
  yield [];
  for (const a of values) {
    yield [a];
    for (const b of values) yield [a, b];
  }
  for (const a of [f, whole]) for (const b of values) for (const c of values) yield [a, b, c];
}

/** What an error that names another function says, if there is one. */
function misnamed(name: string, calling: () => unknown): string | undefined {
  try {
    calling();
  } catch (error) {
    if (error instanceof t.TinygradError && error.op !== name) return error.message;
  }
  return undefined;
}

// Rules take the settings that an optimizer has checked; what is given a function may fail within it.
const functions = Object.entries(t).filter(
  ([name, value]) =>
    typeof value === "function" &&
    !/^class\b/.test(Function.prototype.toString.call(value)) &&
    !/Rule$|^(apply|setDefaultDtype|manualSeed)$/.test(name),
) as [string, (...args: readonly unknown[]) => unknown][];

test.each(functions)("%s", (name, fn) => {
  for (const args of calls()) expect(misnamed(name, () => fn(...args))).toBeUndefined();
});

const methods = Object.getPrototypeOf(t.Tensor.prototype) as object;
test.each(Object.getOwnPropertyNames(methods).filter((name) => name !== "constructor"))("Tensor.%s", (name) => {
  for (const x of [...tensors, beyond] as Anything[]) {
    const isMethod = typeof Object.getOwnPropertyDescriptor(methods, name)!.value === "function";
    for (const args of isMethod ? [[], ...values.map((a) => [a]), ...values.map((a) => [0, a])] : [[]]) {
      expect(misnamed(name, () => (isMethod ? x[name](...args) : x[name]))).toBeUndefined();
    }
  }
});
