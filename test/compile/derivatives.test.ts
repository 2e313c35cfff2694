import { describe, expect, test } from "vitest";
import { CompileError, compile } from "../../src/compile/index.ts";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";

const leaf = (values: number | number[]): Tensor => T.tensor(values, { requiresGrad: true, dtype: "float64" });

/** Calls of a compiled function: the first records, the others replay. */
const calls = [0, 1, 2];

describe("a compiled function has derivatives", () => {
  test("but not with respect to an argument that reaches the result through integers alone", () => {
    const w = leaf([0.3, 0.6]);
    const fn = (x: Tensor, y: Tensor): Tensor => T.mul(T.add(T.floor(x).to("int32"), w), y);
    const f = compile(fn);
    for (const k of calls) {
      const [x, y] = [leaf([k, 1.5]), leaf([2, 3 + k])];
      const slopes = [fn, f].map((own) => T.gradients(T.sum(own(x, y)), [x, y, w], { allowUnused: true }));
      const [wanted, got] = slopes.map((all) => all.map((g) => g?.toArray() ?? null));
      expect(got).toEqual(wanted);
      expect(got![0]).toBeNull();
    }
  });

  const square = (x: Tensor): Tensor => T.sum(T.mul(x, x));
  const cube = (x: Tensor): Tensor => T.mul(T.tanh(x), T.mul(x, T.mul(x, x)));

  test("grad, jacobian, hessian, vjp, jvp and hvp give what they give of the function itself", () => {
    const [f, c] = [compile(square), compile(cube)];
    const sumOf =
      (fn: (x: Tensor) => Tensor) =>
      (x: Tensor): Tensor =>
        T.sum(fn(x));
    for (const k of calls) {
      const x = T.tensor([1 + k, -2, 0.5], { dtype: "float64" });
      const v = T.tensor([1, 2, 3], { dtype: "float64" });
      const same = (
        of: (fn: (x: Tensor) => Tensor) => Tensor,
        wanted: (x: Tensor) => Tensor,
        got: typeof wanted,
      ): void => {
        const [a, b] = [of(wanted).toArray<number[]>().flat(), of(got).toArray<number[]>().flat()];
        b.forEach((value, i) => expect(value).toBeCloseTo(a[i]!, 12));
      };
      same(
        (fn) => T.grad(fn)(x),
        square,
        (own) => f(own),
      );
      same(
        (fn) => T.jacobian(fn, x),
        cube,
        (own) => c(own),
      );
      same(
        (fn) => T.hessian(sumOf(fn), x),
        cube,
        (own) => c(own),
      );
      same(
        (fn) => T.hvp(sumOf(fn), x, v),
        cube,
        (own) => c(own),
      );
      same(
        (fn) => T.jvp(fn, [x], [v]).tangent,
        cube,
        (own) => c(own),
      );
      same(
        (fn) => T.vjp(fn, [x]).vjp(v)[0],
        cube,
        (own) => c(own),
      );
      same(
        (fn) => T.grad((y: Tensor) => T.sum(T.grad(sumOf(fn))(y)))(x),
        cube,
        (own) => c(own),
      );
    }
  });

  test("a third derivative", () => {
    const f = compile((x: Tensor) => T.pow(x, 4));
    const third = T.grad(T.grad(T.grad((x: Tensor) => f(x))));
    for (const k of calls) expect(third(T.tensor(k, { dtype: "float64" })).item()).toBe(24 * k);
  });

  test("a loss may mix compiled and eager parts, over arguments and captured leaves", () => {
    const w = leaf([1, 2]);
    const f = compile((x: Tensor) => T.sum(T.mul(T.mul(w, w), x)));
    const g = compile((v: Tensor) => T.sum(T.mul(v, v)));
    for (const k of calls) {
      w.grad = null;
      T.add(T.add(f(T.tensor([k, 3], { dtype: "float64" })), g(w)), T.sum(w)).backward();
      expect(w.grad!.toArray()).toEqual([2 * k + 2 + 1, 12 + 4 + 1]);
    }
  });

  test("two calls of one function before backward", () => {
    const w = leaf([1, 2]);
    const f = compile((x: Tensor) => T.sum(T.exp(T.mul(w, x))));
    const of = (k: number): Tensor => T.tensor([k, k + 1], { dtype: "float64" });
    f(of(0));
    const [a, b] = [f(of(1)), f(of(2))];
    T.add(a, b).backward();
    const wanted = [Math.E + 2 * Math.exp(2), 2 * Math.exp(4) + 3 * Math.exp(6)];
    w.grad!.toArray<number[]>().forEach((v, i) => expect(v).toBeCloseTo(wanted[i]!, 8));
  });

  test("a second compile around it, and around its backward", () => {
    const w = leaf([1, 2]);
    const f = compile((x: Tensor) => T.sum(T.mul(T.mul(w, w), x)));
    const around = compile((x: Tensor) => T.gradients(f(x), [w])[0]);
    const x = T.tensor([3, 5], { dtype: "float64" });
    for (const _ of calls) expect(around(x).toArray()).toEqual([6, 20]);
    f(x);
    const y = f(x);
    const later = compile((k: Tensor) => T.gradients(T.mul(y, k), [w])[0]);
    for (const k of calls) expect(later(T.tensor(k, { dtype: "float64" })).toArray()).toEqual([6 * k, 20 * k]);
  });

  test("several results, each with its own gradient, and none for what needs none", () => {
    const [a, b] = [leaf([1, 2]), leaf([3, 4])];
    const f = compile((x: Tensor) => ({ p: T.mul(a, x), q: T.mul(a, b), r: T.mul(x, x), s: T.mul(a, b).detach() }));
    for (const k of calls) {
      a.grad = null;
      b.grad = null;
      const { p, q, r, s } = f(T.tensor([k, 1], { dtype: "float64" }));
      expect([p, q, r, s].map((y) => y.requiresGrad)).toEqual([true, true, false, false]);
      T.sum(p).backward();
      expect([a.grad!.toArray(), b.grad]).toEqual([[k, 1], null]);
      T.sum(T.mul(p, q)).backward();
      expect(b.grad!.toArray()).toEqual([k, 4]);
    }
  });

  test("noGrad and detach inside stop gradients as in eager code", () => {
    const w = leaf([3]);
    const f = compile((x: Tensor) =>
      T.sum(
        T.mul(
          T.mul(w.detach(), w),
          T.noGrad(() => T.mul(w, x)),
        ),
      ),
    );
    for (const k of calls) {
      w.grad = null;
      f(T.tensor([k], { dtype: "float64" })).backward();
      expect(w.grad!.toArray()).toEqual([9 * k]);
    }
    for (const _ of calls) expect(T.noGrad(() => f(T.tensor([1], { dtype: "float64" }))).requiresGrad).toBe(false);
  });

  test("arguments that it only compares get none", () => {
    const w = leaf([3]);
    const f = compile((a: Tensor, b: Tensor) => T.sum(T.mul(T.mul(b, w), T.lt(a, b).to("float64"))));
    for (const k of calls) {
      const [a, b] = [leaf([1]), leaf([2 + k])];
      f(a, b).backward();
      expect([a.grad, b.grad!.item()]).toEqual([null, 3]);
    }
  });

  test("random numbers in backward are those of the call", () => {
    const w = leaf(new Array<number>(64).fill(1));
    const f = compile(() => T.dropout(w, 0.5));
    for (const _ of calls) {
      w.grad = null;
      const [y, other] = [f(), f()];
      T.sum(y).backward();
      expect(w.grad!.toArray()).toEqual(y.toArray());
      expect(other.toArray()).not.toEqual(y.toArray());
    }
  });

  test("gradients that are read are inputs, as they were at the call", () => {
    const w = leaf([2, 3]);
    const f = compile(() => {
      const y = T.sum(T.mul(w, w.grad!));
      w.grad = null;
      return y;
    });
    for (const k of calls) {
      w.grad = T.tensor([k, 1], { dtype: "float64" });
      const y = f();
      expect(w.grad).toBe(null);
      expect(T.gradients(y, [w])[0].toArray()).toEqual([k, 1]);
    }
  });

  test("one tensor as two arguments", () => {
    const f = compile((a: Tensor, b: Tensor) => [T.mul(a, b), T.gradients(T.mul(a, b), [a])[0]!] as const);
    const [x, y] = [leaf(3), leaf(5)];
    for (const _ of calls) {
      const [xx, ofSame] = f(x, x);
      expect([T.gradients(xx, [x])[0].item(), ofSame.item()]).toEqual([6, 6]);
      const [xy, ofTwo] = f(x, y);
      expect([...T.gradients(xy, [x, y]).map((g) => g.item()), ofTwo.item()]).toEqual([5, 3, 5]);
    }
  });

  test("hooks of arguments, parameters and results are called", () => {
    const w = leaf([1, 2]);
    const f = compile((x: Tensor) => T.mul(w, x));
    for (const _ of calls) {
      w.grad = null;
      const remove = w.registerHook((g) => T.mul(g, 10));
      const x = leaf([3, 4]);
      x.registerHook((g) => T.mul(g, 100));
      const y = f(x);
      y.registerHook((g) => T.mul(g, 2));
      T.sum(y).backward();
      expect([w.grad!.toArray(), x.grad!.toArray()]).toEqual([[60, 80], [200, 400]]); // biome-ignore format: lists
      remove();
    }
  });
});

describe("backward goes on from what the call has saved", () => {
  test("the function is recorded once more after the first backward pass, and never again", () => {
    const w = leaf([1, 2]);
    let runs = 0;
    const f = compile((x: Tensor) => {
      runs++;
      return T.sum(T.exp(T.mul(w, x)));
    });
    const counts: number[] = [];
    for (let k = 0; k < 5; k++) {
      const y = f(T.tensor([k, 1], { dtype: "float64" }));
      counts.push(runs);
      w.grad = null;
      y.backward();
      expect(w.grad!.toArray<number[]>()[0]).toBeCloseTo(k * Math.exp(k), 10);
    }
    expect(counts.map((count) => count - counts[0]!)).toEqual([0, 2, 2, 2, 2]); // looked at twice
    expect(f.programs.length).toBe(1);
  });

  test("results with layers in common have one program, and each leaf gets what is its own", () => {
    const [u, v, w] = [leaf([1, 2]), leaf([3, 4]), leaf([5, 6])];
    let runs = 0;
    const f = compile((x: Tensor) => {
      runs++;
      const h = T.mul(u, x);
      return [T.mul(h, v), T.mul(h, w)] as const;
    });
    const counts: number[] = [];
    for (let k = 1; k < 6; k++) {
      for (const p of [u, v, w]) p.grad = null;
      const [a, b] = f(T.tensor([k, 1], { dtype: "float64" }));
      counts.push(runs);
      T.sum(T.add(T.mul(a, 2), T.mul(a, b))).backward();
      const [x, y] = [k, 1]; // d/du (2uxv + u²x²vw) = 2xv + 2ux²vw
      expect(u.grad!.toArray()).toEqual([6 * x + 2 * x * x * 15, 8 * y + 2 * 2 * 24]);
      expect(v.grad!.toArray()).toEqual([2 * x + x * x * 5, 4 + 4 * 6]);
      expect(w.grad!.toArray()).toEqual([x * x * 3, 4 * 4]);
      for (const p of [u, v, w]) p.grad = null;
      T.sum(b).backward();
      expect([u.grad!.toArray(), v.grad, w.grad!.toArray()]).toEqual([[5 * x, 6], null, [x, 2]]);
    }
    expect(counts.map((count) => count - counts[0]!)).toEqual([0, 2, 2, 2, 2]); // looked at twice
  });

  test("gradients that nobody has looked at are kept when another backward pass comes", () => {
    const w = leaf([1, 2]);
    const f = compile((x: Tensor) => T.sum(T.mul(T.mul(w, w), x)));
    const x = T.tensor([3, 5], { dtype: "float64" });
    for (const _ of calls) {
      w.grad = null;
      f(x).backward();
      const y = f(x);
      T.gradients(y, [w]);
      y.backward();
      y.backward();
      expect(w.grad!.toArray()).toEqual([18, 60]);
    }
  });
});

describe("what backward refuses behind a compiled function", () => {
  test("values that were overwritten, by the function or since", () => {
    const w = leaf([1, 2]);
    const step = compile((x: Tensor) => {
      const loss = T.sum(T.mul(T.mul(w, w), x));
      w.assign(T.sub(w.detach(), T.gradients(loss, [w])[0]));
      return loss;
    });
    const f = compile((x: Tensor) => T.sum(T.mul(w, x)));
    for (const _ of calls) {
      const x = T.tensor([0.1, 0.1], { dtype: "float64" });
      const loss = step(x);
      expect(() => T.add(loss, T.sum(w)).backward()).toThrow(
        "compile (backward): a value that it needs was overwritten by the function itself, got float64[2]; call backward() inside of it, or return the new value, and assign it outside after backward()",
      );
      const y = f(x);
      x.assign([5, 5]);
      expect(() => y.backward()).toThrow("a value that it needs was overwritten");
    }
    expect(w.grad).toBe(null);
  });

  test("hooks inside of the function", () => {
    const f = compile((x: Tensor) => {
      const y = T.mul(x, x);
      if (y.requiresGrad) y.registerHook((g) => T.mul(g, 2));
      return T.sum(y);
    });
    for (const _ of calls) {
      expect(() => f(leaf([1])).backward()).toThrow("a hook inside of the function is not called");
    }
  });

  test("an argument's grad inside of the function", () => {
    const reads = compile((x: Tensor) => T.mul(x, x.grad ?? 1));
    const writes = compile((x: Tensor) => {
      T.sum(T.mul(x, x)).backward();
      return x;
    });
    const turns = compile((x: Tensor) => {
      x.requiresGrad = true;
      return T.mul(x, x);
    });
    for (const _ of calls) {
      expect(() => reads(leaf([1]))).toThrow(CompileError);
      expect(() => reads(leaf([1]))).toThrow("an argument has no grad inside of the function");
      expect(() => writes(leaf([1]))).toThrow("an argument has no grad inside of the function");
      expect(() => turns(T.tensor([1]))).toThrow("arguments must not be changed inside of the function");
    }
  });

  test("a grad with a graph that is left outside", () => {
    const w = leaf([1, 2]);
    const f = compile(() => T.sum(T.mul(w, T.mul(w, w))).backward(undefined, { createGraph: true }));
    for (const _ of calls) expect(() => f()).toThrow("a grad that is left outside must not be recorded");
    expect(w.grad).toBe(null);
  });
});

test("batch norm and dropout in a compiled forward: gradients, running statistics and draws are eager code's", () => {
  const make = (): T.Sequential => {
    T.manualSeed(1);
    const parts = [new T.Linear(3, 4), new T.BatchNorm1d(4), T.relu, new T.Dropout(0.5), new T.Linear(4, 1)] as const;
    return new T.Sequential(...parts);
  };
  const [a, b] = [make(), make()];
  const forward = compile((x: Tensor) => b.forward(x));
  for (let i = 0; i < 4; i++) {
    const x = T.randn([6, 3], { generator: new T.Generator(i) });
    const { state } = T.defaultGenerator();
    const [wanted, got] = [a, b].map((model) => {
      T.defaultGenerator().state = state;
      for (const p of model.parameters()) p.grad = null;
      T.sum(T.exp(model === b ? forward(x) : model.forward(x))).backward();
      return [...model.parameters().map((p) => p.grad!), ...model.namedBuffers().values()].flatMap((y) => [...y.data]);
    });
    got!.forEach((v, k) => expect(v).toBeCloseTo(wanted![k]!, 4));
  }
  expect(forward.programs.length).toBe(1);
});

test("a training loop whose forward is compiled learns what the eager one does", () => {
  const setting = (): { model: T.Sequential; optimizer: T.Adam } => {
    T.manualSeed(1);
    const model = new T.Sequential(
      new T.Linear(3, 8, { dtype: "float64" }),
      T.tanh,
      new T.Linear(8, 1, { dtype: "float64" }),
    );
    return { model, optimizer: new T.Adam(model.parameters(), { lr: 0.05 }) };
  };
  const [a, b] = [setting(), setting()];
  const forward = compile((x: Tensor) => b.model.forward(x));
  for (let i = 0; i < 20; i++) {
    const generator = new T.Generator(i);
    const x = T.randn([6, 3], { generator, dtype: "float64" });
    const y = T.sum(x, 1, { keepDims: true });
    const losses = [a, b].map(({ model, optimizer }) => {
      const loss = T.mse(model === b.model ? forward(x) : model.forward(x), y);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss.item();
    });
    expect(losses[1]).toBeCloseTo(losses[0]!, 10);
  }
  expect(forward.programs.length).toBe(1);
});

test("what was computed from no elements, or is the same for all, has gradients", () => {
  const cases: Record<string, (x: Tensor) => Tensor> = {
    prod: (x) => T.prod(x, -1),
    logSumExp: (x) => T.logSumExp(x, -1),
    median: (x) => T.median(x, -1),
    "a sum, and more": (x) => T.add(T.mul(T.sum(x), 3), 1),
    "the power of 0": (x) => T.exp(T.add(T.pow(x, 0), 1)),
  };
  for (const [name, fn] of Object.entries(cases)) {
    const f = compile(fn, { verify: true });
    for (const shape of [[0, 3], [2, 3], [0, 3]]) {
      const x = T.ones(shape, { requiresGrad: true });
      const y = f(x);
      expect(y.requiresGrad, name).toBe(true);
      expect(T.gradients(T.sum(y), [x])[0].toArray(), name).toEqual(T.gradients(T.sum(fn(x)), [x])[0].toArray());
    }
  } // biome-ignore format: a table
});
