import { describe, expect, test } from "vitest";
import { CompileError, compile } from "../../src/compile/index.ts";
import { runtime } from "../../src/core/runtime.ts";
import { transaction } from "../../src/core/transaction.ts";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";

/** A small classifier with everything a training step needs, the same for the same seed. */
function setting(seed = 1, options: { readonly dropout?: number; readonly dtype?: "float32" | "float64" } = {}) {
  const { dropout = 0, dtype = "float32" } = options;
  const generator = T.manualSeed(seed);
  const model = new T.Sequential(
    new T.Linear(5, 7, { dtype }),
    T.tanh,
    new T.Dropout(dropout),
    new T.Linear(7, 3, { dtype }),
  );
  const optimizer = new T.Adam(model.parameters(), { lr: 0.01 });
  const step = (x: Tensor, y: Tensor): Tensor => {
    const loss = T.crossEntropy(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  };
  const batch = (k: number, n = 6): [Tensor, Tensor] => {
    const own = new T.Generator(100 + k);
    return [T.randn([n, 5], { generator: own, dtype }), T.randint(0, 3, [n], { generator: own })];
  };
  return { generator, model, optimizer, step, batch };
}

const flat = (tensors: Iterable<Tensor>): number[] => [...tensors].flatMap((x) => [...x.data]);

function expectClose(got: readonly number[], wanted: readonly number[], slack: number): void {
  expect(got.length).toBe(wanted.length);
  got.forEach((v, i) =>
    expect(Math.abs(v - wanted[i]!)).toBeLessThanOrEqual(slack * Math.max(1, Math.abs(wanted[i]!))),
  );
}

describe("a training step", () => {
  test("gives what eager steps give: losses, parameters, gradients and the optimizer's state", () => {
    const [a, b] = [setting(1, { dtype: "float64" }), setting(1, { dtype: "float64" })];
    const step = compile(b.step);
    for (let i = 0; i < 50; i++) {
      const wanted = a.step(...a.batch(i));
      const got = step(...b.batch(i));
      expectClose([got.item()], [wanted.item()], 1e-12);
      expect(got.requiresGrad).toBe(true);
    }
    expect(step.programs.length).toBe(1);
    expectClose(flat(b.model.parameters()), flat(a.model.parameters()), 1e-11);
    expectClose(flat(b.optimizer.stateDict().values()), flat(a.optimizer.stateDict().values()), 1e-11);
    const grads = (model: T.Layer): number[] => flat(model.parameters().map((p) => p.grad!));
    expectClose(grads(b.model), grads(a.model), 1e-11);
  });

  test("batches of other shapes get programs of their own, and share the parameters", () => {
    const [a, b] = [setting(), setting()];
    const step = compile(b.step);
    for (let i = 0; i < 12; i++) {
      const n = [6, 6, 2][i % 3]!;
      expectClose([step(...b.batch(i, n)).item()], [a.step(...a.batch(i, n)).item()], 1e-5);
    }
    expect(step.programs.length).toBe(2);
  });

  test("the cache is bounded", () => {
    const { model } = setting();
    const forward = compile((x: Tensor) => model.forward(x), { cacheSize: 2 });
    for (const n of [1, 2, 3, 2, 4, 1]) expect(forward(T.zeros([n, 5])).shape).toEqual([n, 3]);
    expect(forward.programs.length).toBe(2);
  });

  test("eager code and other programs see the newest values, and what they write is seen", () => {
    const { model, optimizer, step, batch } = setting();
    const train = compile(step);
    const predict = compile((x: Tensor) => model.forward(x));
    const [x, y] = batch(0);
    const agree = (): void => expectClose(flat([predict(x)]), flat([model.forward(x).detach()]), 1e-5);
    for (let i = 0; i < 3; i++) {
      train(x, y);
      agree();
    }
    const saved = { model: model.stateDict(), optimizer: optimizer.stateDict() };
    const four = (): number[] => Array.from({ length: 4 }, () => train(x, y).item());
    const first = four();
    model.loadStateDict(saved.model);
    optimizer.loadStateDict(saved.optimizer);
    agree();
    expect(four()).toEqual(first);
    for (const p of model.parameters()) p.assign(T.mul(p.detach(), 0.5));
    agree();
    // Memory grows: views of it must be made anew.
    const big = compile((v: Tensor) => T.mul(v, 2));
    expect(big(T.ones([1 << 20])).data[12345]).toBe(2);
    expect(big(T.ones([1 << 20])).data[12345]).toBe(2);
    train(x, y);
    agree();
    step(x, y); // eager, in between
    agree();
  });

  test("a schedule's learning rate is read at each run", () => {
    const [a, b] = [setting(), setting()];
    const step = compile(b.step);
    for (let i = 0; i < 10; i++) {
      a.optimizer.lr = 0.01 / (i + 1);
      b.optimizer.lr = 0.01 / (i + 1);
      a.step(...a.batch(i));
      step(...b.batch(i));
    }
    expect(step.programs.length).toBe(1);
    expectClose(flat(b.model.parameters()), flat(a.model.parameters()), 1e-5);
  });

  test("dropout draws new masks, from the same stream as eager code", () => {
    const [a, b] = [setting(3, { dropout: 0.5 }), setting(3, { dropout: 0.5 })];
    T.manualSeed(5);
    const wanted = Array.from({ length: 8 }, (_, i) => a.step(...a.batch(i)).item());
    const state = T.defaultGenerator().state;
    T.manualSeed(5);
    const step = compile(b.step);
    const got = Array.from({ length: 8 }, (_, i) => step(...b.batch(i)).item());
    expectClose(got, wanted, 1e-5);
    expect(T.defaultGenerator().state).toEqual(state);
  });

  test("generators that are made or seeded inside are so at each run", () => {
    const draws = (): Tensor[] => {
      const own = new T.Generator(4);
      const first = T.rand([2], { generator: own });
      const second = T.rand([2], { generator: own });
      const third = T.rand([2]);
      T.manualSeed(9);
      return [first, second, third, T.rand([2]), T.randn([2], { generator: own }), T.permutation(5)];
    };
    const compiled = compile(draws);
    T.manualSeed(1);
    const wanted = Array.from({ length: 3 }, () => flat(draws()));
    T.manualSeed(1);
    expect(Array.from({ length: 3 }, () => flat(compiled()))).toEqual(wanted);
    expect(wanted[2]).toEqual(wanted[1]);
  });

  test("the default generator, when it is first used inside, is not made anew at each run", () => {
    runtime.generator = null;
    const draw = compile(() => T.rand([4]));
    const drawn = [draw(), draw(), draw()];
    T.manualSeed(0);
    expect(drawn.map((x) => x.toArray())).toEqual([T.rand([4]), T.rand([4]), T.rand([4])].map((x) => x.toArray()));
  });

  test("train and eval are two recordings", () => {
    const { model, batch } = setting(3, { dropout: 0.5 });
    const forward = compile((x: Tensor) => model.forward(x));
    const [x] = batch(0);
    const noisy = flat([forward(x)]);
    expect(flat([forward(x)])).not.toEqual(noisy);
    model.eval();
    forward(x);
    const still = flat([forward(x)]);
    expect(flat([forward(x)])).toEqual(still);
    expectClose(still, flat([model.forward(x).detach()]), 1e-6);
    model.train();
    expect(flat([forward(x)])).not.toEqual(still);
    expect(forward.programs.length).toBe(2);
  });

  test("gradients accumulate where they are not zeroed", () => {
    const [a, b] = [setting(), setting()];
    const backward =
      (model: T.Layer) =>
      (x: Tensor, y: Tensor): Tensor => {
        const loss = T.crossEntropy(model.forward(x) as Tensor, y);
        loss.backward();
        return loss;
      };
    const [eager, compiled] = [backward(a.model), compile(backward(b.model))];
    for (let i = 0; i < 5; i++) {
      eager(...a.batch(i));
      compiled(...b.batch(i));
    }
    const grads = (model: T.Layer): number[] => flat(model.parameters().map((p) => p.grad!));
    expectClose(grads(b.model), grads(a.model), 1e-5);
    expect(compiled.programs.length).toBe(2); // without a gradient before, and with one
  });
});

describe("what is captured", () => {
  test("a swap reads both before it writes either", () => {
    const [p, q] = [T.tensor([1, 2, 3, 4, 5]), T.tensor([6, 7, 8, 9, 10])];
    const swap = compile(() => {
      const held = p.detach();
      p.assign(q);
      q.assign(held);
    });
    swap();
    swap();
    swap();
    expect([...p.data, ...q.data]).toEqual([6, 7, 8, 9, 10, 1, 2, 3, 4, 5]);
  });

  test("tensors that share an array at the recording need not share it later", () => {
    const p = T.tensor([1, 2]);
    const q = p.detach();
    const f = compile(() => {
      p.assign(T.mul(p, 2));
      return T.sub(p, q);
    });
    expect(f().toArray()).toEqual([1, 2]);
    expect(f().toArray()).toEqual([3, 6]);
    expect(q.toArray()).toEqual([1, 2]);
  });

  test("an argument may be a captured tensor, and one tensor be two arguments", () => {
    const p = T.tensor([1, 2]);
    const f = compile((x: Tensor, y: Tensor) => {
      p.assign(T.add(p, x));
      return T.add(p, y);
    });
    const g = (x: Tensor, y: Tensor): number[] => f(x, y).toArray() as number[];
    expect(g(p, p)).toEqual([4, 8]); // as in eager code: y is p, which was assigned to by then
    expect(g(p, p)).toEqual([8, 16]);
  });

  test("results are arrays, objects, or nothing; and stay as they are", () => {
    const f = compile((x: Tensor) => ({ twice: T.mul(x, 2), list: [x, null] as const, none: undefined }));
    f(T.tensor([1]));
    const first = f(T.tensor([1]));
    const second = f(T.tensor([5]));
    expect([first.twice.item(), first.list[0].item(), first.list[1], first.none]).toEqual([2, 1, null, undefined]);
    expect([second.twice.item(), second.list[0].item()]).toEqual([10, 5]);
  });

  test("one tensor in two places of a result is one outside, too", () => {
    const f = compile((x: Tensor) => {
      const y = T.mul(x, 2);
      return [y, { y }, T.mul(x, 2)] as const;
    });
    const x = T.tensor([3], { requiresGrad: true });
    for (let k = 0; k < 3; k++) {
      const [a, { y: b }, c] = f(x);
      expect([a === b, (a as Tensor) === c, b.item(), c.item()]).toEqual([true, false, 6, 6]);
      x.grad = null;
      T.sum(T.add(T.mul(a, b), c)).backward(); // 4x² + 2x
      expect(x.grad!.toArray()).toEqual([26]);
    }
  });

  test("a grad that is kept does not come out with a result, so that is refused", () => {
    const w = T.tensor([2], { requiresGrad: true });
    const retained = (x: Tensor): Tensor => {
      const y = T.mul(x, w).retainGrad();
      T.sum(T.mul(y, y)).backward();
      return y;
    };
    const made = (x: Tensor): Tensor => {
      const leaf = T.ones([1], { requiresGrad: true });
      T.sum(T.mul(x, leaf)).backward();
      return leaf;
    };
    const x = T.tensor([3]);
    for (const fn of [retained, made]) {
      const rule = "the grad of a result does not come out of the function, got float32[1]; return its grad";
      expect(() => compile(fn)(x)).toThrow(rule);
    }
    expect(w.grad).toBeNull();
    const f = compile((v: Tensor) => {
      const y = retained(v);
      return [y.detach(), y.grad!, w] as const; // of a tensor from outside, the grad is where it belongs
    });
    for (let k = 1; k < 3; k++) {
      const [y, g] = f(x);
      expect([y.item(), g.item(), w.grad!.item()]).toEqual([6, 12, 36 * k]);
    }
  });

  test("views and constants can be results", () => {
    const f = compile((x: Tensor) => [T.transpose(x), T.zeros([2]), T.slice(x, [1, 2]), T.expand(T.sum(x), [3])]);
    const x = (k: number): Tensor => T.tensor([[1, 2], [3, k]]); // biome-ignore format: a matrix
    f(x(4));
    expect(f(x(5)).map((y) => y.toArray())).toEqual([[[1, 3], [2, 5]], [0, 0], [[3, 5]], [11, 11, 11]]); // biome-ignore format: matrices
  });

  test("a gradient's hooks, and requiresGrad, are guarded", () => {
    const w = T.tensor([1, 2], { requiresGrad: true });
    const f = compile((x: Tensor) => {
      w.grad = null;
      T.sum(T.mul(w, x)).backward();
      return w.grad!;
    });
    const x = T.tensor([3, 4]);
    f(x);
    expect(f(x).toArray()).toEqual([3, 4]);
    const remove = w.registerHook((g) => T.mul(g, 10));
    expect(f(x).toArray()).toEqual([30, 40]);
    expect(f(x).toArray()).toEqual([30, 40]);
    remove();
    expect(f(x).toArray()).toEqual([3, 4]);
    for (let i = 0; i < 5; i++) {
      w.registerHook((g) => g)();
      f(x);
    }
    expect(f.programs.length).toBe(2); // with the hook that there was, and without one
  });

  test("hooks that the function registers and removes are a part of it; those that it would leave are refused", () => {
    for (const isEarly of [true, false]) {
      const w = T.tensor([1, 2], { requiresGrad: true });
      const f = compile((x: Tensor) => {
        const ten = (g: Tensor): Tensor => T.mul(g, 10);
        let remove = isEarly ? w.registerHook(ten) : null;
        w.grad = null;
        const loss = T.sum(T.mul(w, x));
        remove ??= w.registerHook(ten);
        loss.backward();
        remove();
        return w.grad!;
      });
      for (let i = 0; i < 3; i++) expect(f(T.tensor([3, i])).toArray()).toEqual([30, 10 * i]);
      expect(f.programs.length).toBe(1);
      const leaving = compile((x: Tensor) => {
        w.registerHook((g) => g);
        return T.mul(w, x);
      });
      const before = w.hooks;
      expect(() => leaving(w.detach())).toThrow("a hook must not be left on a tensor from outside");
      w.hooks = before;
    }
  });

  test("a hook that removes itself is called once", () => {
    const w = T.tensor([1, 2], { requiresGrad: true });
    const remove = w.registerHook((g) => {
      remove();
      return T.mul(g, 10);
    });
    const f = compile((x: Tensor) => {
      w.grad = null;
      T.sum(T.mul(w, x)).backward();
      return w.grad!;
    });
    const seen = [1, 2, 3].map(() => f(T.tensor([3, 4])).toArray());
    expect(seen).toEqual([
      [30, 40],
      [3, 4],
      [3, 4],
    ]);
  });

  test("inside of another compiled function, a compiled function is a part of it", () => {
    const twice = compile((x: Tensor) => T.mul(x, 2));
    const f = compile((x: Tensor) => T.add(twice(x), 1));
    f(T.tensor(1));
    expect(f(T.tensor(5)).item()).toBe(11);
    expect(twice.programs.length).toBe(0);
  });

  test("other arguments are told apart by what they are", () => {
    const f = compile((x: Tensor, k: number, fn: (v: Tensor) => Tensor) => T.mul(fn(x), k));
    const x = T.tensor([4]);
    for (let i = 0; i < 2; i++) {
      expect(f(x, 2, T.sqrt).item()).toBe(4);
      expect(f(x, 3, T.sqrt).item()).toBe(6);
      expect(f(x, 2, T.neg).item()).toBe(-8);
    }
    expect(f.programs.length).toBe(3);
  });
});

describe("what cannot be compiled", () => {
  const x = T.tensor([1, 2, 3]);
  const refused: [what: string, fn: (v: Tensor) => unknown, message: string][] = [
    ["reading a value", (v) => T.mul(v, v.data[0]!), "values must not be read inside of the function"],
    ["reading a captured value", (v) => T.mul(v, (x.toArray() as number[])[0]!), "values must not be read"],
    ["a promise", (v) => Promise.resolve(v), "the function must be synchronous, got a promise"],
    ["a number as a result", () => 3, "results must be tensors, in arrays or plain objects, got 3"],
    [
      "a generator's state",
      () => {
        const generator = T.defaultGenerator();
        const { state } = generator;
        const first = T.rand([2]);
        generator.state = state;
        return T.add(first, T.rand([2]));
      },
      "a generator's state must not be read inside",
    ],
    [
      "splitting a generator",
      () => T.rand([2], { generator: T.defaultGenerator().split() }),
      "must not be split inside",
    ],
    ["selecting by a mask", (v) => T.index(v, T.lt(v, 0)), "every op must have a lowering, got nonzero"],
    [
      "assigning to what was made inside",
      (v) => T.zeros([3]).assign(v),
      "a tensor made inside of the function must not be assigned to, got float32[3]",
    ],
    [
      "assigning to an argument",
      (v) => v.assign(T.zeros([3])),
      "an argument must not be assigned to inside of the function, got float32[3]; return the new values, or assign to a tensor that is from outside",
    ],
  ];

  test.each(refused)("%s", (_, fn, message) => {
    const run = compile(fn as (v: Tensor) => Tensor);
    expect(() => run(x)).toThrow(CompileError);
    expect(() => run(x)).toThrow(message);
  });

  test("leaves everything as it was", () => {
    const { model, optimizer, step, batch } = setting(1, { dropout: 0.5 });
    const before = [flat(model.parameters()), flat(optimizer.stateDict().values())];
    const { state } = T.defaultGenerator();
    const bad = compile((v: Tensor, y: Tensor) => {
      step(v, y);
      return T.index(v, T.lt(v, 0));
    });
    expect(() => bad(...batch(0))).toThrow("nonzero");
    expect([flat(model.parameters()), flat(optimizer.stateDict().values())]).toEqual(before);
    expect(model.parameters().every((p) => p.grad === null)).toBe(true);
    expect(T.defaultGenerator().state).toEqual(state);
  });

  test("what is no function, and options that are none", () => {
    const f = compile((v: Tensor) => v);
    expect(() => compile(3 as never)).toThrow("fn must be a function");
    expect(() => compile(f, { cacheSize: 0 })).toThrow("cacheSize must be a positive integer, got 0");
  });
});

describe("bad input to a program", () => {
  test("classes out of range are refused with eager's error, before anything has changed", () => {
    const { model, step, batch } = setting();
    const train = compile(step);
    const [x, y] = batch(0);
    train(x, y);
    train(x, y);
    const before = flat(model.parameters());
    const bad = T.tensor([0, 1, 2, 3, 0, 1], { dtype: "int32" });
    expect(() => train(x, bad)).toThrow("crossEntropy: a class must be from 0 to 2, got 3 at sample 3 of the target");
    expect(flat(model.parameters())).toEqual(before);
    expect(Number.isFinite(train(x, y).item())).toBe(true);
  });

  test("a run that is refused leaves generators where they were", () => {
    const generator = T.manualSeed(3);
    const own = new T.Generator(4);
    const noisy = compile((x: Tensor) => {
      const y = T.add(T.rand([2]), T.rand([2], { generator: own }));
      own.state = [1, 2, 3, 4];
      return T.mul(y, x.to("int32"));
    });
    const good = T.tensor([1, 2]);
    noisy(good);
    noisy(good);
    const before = [generator.state, own.state];
    generator.state = before[0]!;
    for (let i = 0; i < 2; i++) expect(() => noisy(T.tensor([1, Number.NaN]))).toThrow("int32 cannot hold it");
    expect([generator.state, own.state]).toEqual(before);
  });

  test("so are indices, casts that do not fit, and NaN probabilities", () => {
    const source = T.tensor([10, 20, 30]);
    const pick = compile((i: Tensor) => T.gather(source, 0, i));
    const int = (...values: number[]): Tensor => T.tensor(values, { dtype: "int32" });
    pick(int(0, 2));
    expect(pick(int(2, 1)).toArray()).toEqual([30, 20]);
    expect(() => pick(int(0, 3))).toThrow("gather: index must be from 0 to 2 on axis 0, got 3");
    expect(() => pick(int(-1, 0))).toThrow("got -1");
    const at = compile((i: Tensor) => T.index(source, i));
    at(int(0));
    expect(at(int(-1)).toArray()).toEqual([30]);
    expect(() => at(int(-4))).toThrow("index: index must be from -3 to 2 on axis 0, got -4");
    const whole = compile((v: Tensor) => v.to("int32"));
    whole(T.tensor([1]));
    expect(whole(T.tensor([7])).toArray()).toEqual([7]);
    for (const v of [0.5, -1.5, 2 ** 30, -(2 ** 31)]) {
      expect(whole(T.tensor([v])).toArray()).toEqual(T.tensor([v]).to("int32").toArray());
    }
    for (const v of [Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, -3e9]) {
      expect(() => whole(T.tensor([v]))).toThrow("to: int32 cannot hold it, got");
    }
    const loss = compile((p: Tensor) => T.crossEntropy(T.zeros([1, 2]), p));
    loss(T.tensor([[0.5, 0.5]]));
    expect(() => loss(T.tensor([[0.5, Number.NaN]]))).toThrow("probabilities must not be NaN, got NaN at [0, 1]");
  });
});

describe("the first call", () => {
  test("gives the bits that a program gives which was there before: results, parameters, gradients, state, draws", () => {
    const run = (cacheSize: number): unknown => {
      const { model, optimizer, step, batch } = setting(1, { dropout: 0.4 });
      const own = compile(step, { cacheSize });
      const bits = [0, 1, 2, 3, 4, 5].map((i) => [
        own(...batch(i, i % 2 === 0 ? 6 : 3)).item(),
        ...[...model.stateDict(), ...optimizer.stateDict()].map(([name, x]) => [name, ...x.data]),
        ...model.parameters().map((p) => [...p.grad!.data]),
        T.defaultGenerator().state,
      ]);
      expect(own.programs.length).toBe(cacheSize);
      return bits;
    };
    expect(run(1)).toEqual(run(2)); // with a cache for one program, each call is a first one
  });

  test("gives gradients of its results with the same bits, too", () => {
    const x = T.randn([50], { generator: new T.Generator(1) });
    const f = (v: Tensor): Tensor => T.sum(T.mul(T.sin(v), T.exp(v)));
    const g = compile(f);
    const of = (h: typeof f): unknown => [...T.grad((v: Tensor) => h(v))(x).data, h(x).item()];
    const wanted = of(g);
    expect(of(g)).toEqual(wanted);
    expect(of(compile(f))).toEqual(wanted);
  });

  test("does once what a function adds up, in a transaction as well", () => {
    const [count, generator] = [T.tensor(0), new T.Generator(1)];
    const f = compile(() => {
      count.assign(T.add(count, 1));
      return T.rand([2], { generator });
    });
    const drawn = f();
    expect(count.item()).toBe(1);
    expect(drawn.toArray()).toEqual(T.rand([2], { generator: new T.Generator(1) }).toArray());
    f();
    expect(count.item()).toBe(2);
    const own = compile(() => {
      count.assign(T.add(count, 1));
      return T.rand([2], { generator });
    });
    const before = generator.state;
    const broken = (): void =>
      transaction(() => {
        own();
        expect(count.item()).toBe(3);
        throw new RangeError("no");
      });
    expect(broken).toThrow(RangeError);
    expect([count.item(), generator.state]).toEqual([2, before]);
  });

  test("leaves no graph behind that would use what was taken back", () => {
    const w = T.tensor([1, 2], { requiresGrad: true });
    let leaked: Tensor | undefined;
    const f = compile(() => {
      T.noGrad(() => w.assign(T.mul(w, 10)));
      leaked = T.sum(T.mul(w, w));
      throw new RangeError("no");
    });
    expect(() => f()).toThrow(RangeError);
    expect(w.toArray()).toEqual([1, 2]);
    expect(() => leaked!.backward()).toThrow("a value that it needs was overwritten");
  });
});

test("a backward after a compiled step refuses values that it overwrote", () => {
  const { model, step, batch } = setting();
  const train = compile(step);
  train(...batch(0));
  const loss = T.sum(model.forward(batch(1)[0]));
  train(...batch(0));
  expect(() => loss.backward()).toThrow("a value that it needs was overwritten");
});
