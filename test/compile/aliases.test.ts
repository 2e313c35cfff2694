import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";

// One tensor in two places: twice among the arguments, or as an argument and captured. Eager code is right by definition.

type Compiler = <A extends readonly unknown[], R extends Tensor | void>(fn: (...args: A) => R) => (...args: A) => R;
const eager: Compiler = (fn) => fn;
const compiled: Compiler = (fn) => compile(fn, { verify: true });

const cases: Record<string, (make: Compiler) => unknown> = {
  "captured, assigned to, and read as an argument": (make) => {
    const w = T.tensor([1, 2]);
    const f = make((x: Tensor) => {
      w.assign(T.add(w, 1));
      return T.mul(x, 2);
    });
    return [w, w, T.tensor([7, 7]), w].map((x) => [f(x).toArray(), w.toArray()]);
  },
  "the same, when the first call had another": (make) => {
    const w = T.tensor([1, 2]);
    const f = make((x: Tensor) => {
      w.assign(T.add(w, x));
      return T.mul(x, 2);
    });
    return [T.tensor([7, 7]), w, w, T.tensor([5, 5])].map((x) => [f(x).toArray(), w.toArray()]);
  },
  "read before it is assigned to": (make) => {
    const state = T.tensor([1, 2]);
    const f = make((x: Tensor) => {
      const next = T.mul(x, 3);
      state.assign(next);
      return next;
    });
    return [state, T.tensor([1, 1]), state].map((x) => [f(x).toArray(), state.toArray()]);
  },
  "in a list, beside another": (make) => {
    const w = T.tensor([1, 2]);
    const f = make(([a, b]: readonly [Tensor, Tensor]) => {
      w.assign(T.add(a, b));
      return T.sub(a, b);
    });
    const other = T.tensor([3, 5]);
    return ([[w, other], [other, w], [w, w], [other, other]] as const).map((pair) => [f(pair).toArray(), w.toArray()]); // biome-ignore format: one line
  },
  "differentiated for inside": (make) => {
    const w = T.tensor([3], { requiresGrad: true });
    const f = make((x: Tensor) => T.gradients(T.sum(T.mul(x, w)), [w])[0]!);
    return [w, T.tensor([5], { requiresGrad: true }), w].map((x) => f(x).toArray());
  },
  "trained inside": (make) => {
    const w = T.tensor([3, -1], { requiresGrad: true });
    const optimizer = new T.SGD([w], { lr: 0.125 });
    const step = make((x: Tensor) => {
      const loss = T.sum(T.mul(T.mul(x, w), w));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    });
    return [w, T.tensor([1, 2]), w, w].map((x) => [step(x).item(), w.toArray()]);
  },
  "differentiated for outside": (make) => {
    const w = T.tensor([3], { requiresGrad: true });
    const f = make((x: Tensor) => T.sum(T.mul(x, T.mul(w, w))));
    return [w, w, T.tensor([2], { requiresGrad: true }), w].map((x) => T.gradients(f(x), [w])[0]!.toArray());
  },
  "compared with another argument": (make) => {
    const f = make((a: Tensor, b: Tensor) => T.mul(a, a === b ? 2 : 3));
    const [x, y] = [T.tensor([1]), T.tensor([5])];
    return ([[x, x], [x, y], [y, y], [y, x]] as const).map(([a, b]) => f(a, b).item()); // biome-ignore format: one line
  },
};

describe("one tensor in two places is one tensor to a compiled function, too", () => {
  test.each(Object.entries(cases))("%s", (_, use) => {
    expect(use(compiled)).toEqual(use(eager));
  });

  test("and each way of passing it has a program, not each call", () => {
    const w = T.tensor([1, 2]);
    const f = compile((x: Tensor) => {
      w.assign(T.add(w, x));
      return T.mul(w, 2);
    });
    for (let i = 0; i < 3; i++) for (const x of [w, T.tensor([i, i])]) f(x);
    expect(f.programs.length).toBe(2);
  });
});
