import { expect, test } from "vitest";
import { CompileError, compile } from "../../src/compile/index.ts";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";

// What a function sets or clears outside of itself, and what others change there between its calls: modes, what requires a gradient, gradients, and what a graph from outside needs.

const leaf = (values: readonly number[]): Tensor => T.tensor([...values], { requiresGrad: true });
const one = T.ones([2]);

/** What a program does, eagerly and compiled: `run` gets what makes functions of the one kind or the other. */
function expectSame(run: (make: <F extends (...args: never[]) => never>(f: F) => F) => unknown): void {
  T.manualSeed(1);
  const eager = run((f) => f);
  T.manualSeed(1);
  expect(run((f) => compile(f as never) as never)).toEqual(eager);
}

test("a grad that is cleared is cleared at each call, also where there was none when it was recorded", () => {
  expectSame((make) => {
    const w = leaf([1, 2]);
    const optimizer = new T.SGD([w], { lr: 0.1 });
    const zero = make((() => optimizer.zeroGrad()) as never) as () => void;
    const back = make(((x: Tensor) => T.sum(T.mul(w, x)).backward()) as never) as (x: Tensor) => void;
    return [1, 2, 3].map(() => {
      zero();
      back(one);
      back(one);
      return w.grad?.toArray();
    });
  });
  expectSame((make) => {
    const [w, unused] = [leaf([1, 2]), leaf([3])];
    const optimizer = new T.SGD([w, unused], { lr: 0.1 });
    const step = make(((x: Tensor) => {
      optimizer.zeroGrad();
      T.sum(T.mul(w, x)).backward();
      optimizer.step();
      optimizer.zeroGrad();
    }) as never) as (x: Tensor) => void;
    return [1, 2, 3].map(() => {
      step(one);
      T.add(T.sum(T.mul(w, 3)), T.sum(unused)).backward();
      const between = [w.grad?.toArray(), unused.grad?.toArray()];
      step(one);
      return [between, w.grad, unused.grad, w.toArray(), unused.toArray()];
    });
  });
});

test("a grad that is assigned to between calls is seen", () => {
  expectSame((make) => {
    const w = leaf([1, 2]);
    const back = make(((x: Tensor) => T.sum(T.mul(w, x)).backward()) as never) as (x: Tensor) => void;
    const optimizer = new T.SGD([w], { lr: 0.1 });
    const step = make((() => optimizer.step()) as never) as () => void;
    return [1, 2, 3].map((k) => {
      back(one);
      w.grad!.assign([0, k]);
      back(one);
      const added = w.grad!.toArray();
      w.grad!.assign(T.mul(w.grad!, 0.1));
      step();
      const own = leaf([5, 6]).detach();
      w.grad = own;
      back(one);
      own.assign([7, 8]);
      w.grad = own;
      back(one);
      own.assign([9, k]);
      back(one);
      return [added, w.toArray(), w.grad.toArray()];
    });
  });
});

test("whether something requires a gradient is looked at, also where nothing else is", () => {
  expectSame((make) => {
    const [w, v] = [leaf([1, 2]), leaf([3, 4])];
    const optimizer = new T.SGD([w, v], { lr: 0.1, weightDecay: 0.1 });
    w.requiresGrad = false;
    const model = new T.Sequential(new T.Linear(2, 2), new T.Linear(2, 2));
    const first = model.layers[0] as T.Linear;
    first.weight.requiresGrad = false;
    const fs = [
      (x: Tensor) => (w.requiresGrad ? T.mul(x, w) : x),
      () =>
        model
          .parameters()
          .reduce((sum: Tensor, p) => T.add(sum, T.sum(T.mul(p, p))), T.tensor(0))
          .detach(),
      () => {
        optimizer.step();
        return w.detach();
      },
      () => T.tensor(0).add(T.clipGradNorm([w, v], 1)),
    ].map((f) => make(f as never) as (x: Tensor) => Tensor);
    const results: unknown[] = [];
    for (const on of [false, true, false, true]) {
      w.requiresGrad = on;
      first.weight.requiresGrad = on;
      w.grad = T.tensor([3, 4]);
      v.grad = T.tensor([1, 2]);
      results.push(
        fs.map((f) => f(one).toArray()),
        w.toArray(),
        v.toArray(),
        w.grad?.toArray(),
      );
    }
    return results;
  });
});

test("modes that are set inside are set at each call, and functions that set them are recorded once", () => {
  const build = () => new T.Sequential(new T.Linear(2, 2), new T.Dropout(0.5));
  expectSame((make) => {
    const model = build();
    const within = (isTraining: boolean): ((x: Tensor) => Tensor) =>
      make(((x: Tensor) => {
        model.train(isTraining);
        const y = model.forward(x);
        model.train(!isTraining);
        return y;
      }) as never);
    const [evaluate, sample] = [within(false), within(true)];
    const x = T.ones([1, 2]);
    return [0, 1, 2].map(() => {
      const [a, trains] = [evaluate(x).toArray(), model.training];
      model.eval();
      const [b, trainsStill] = [evaluate(x).toArray(), model.training];
      const [c, trainsNow] = [sample(x).toArray(), model.training];
      return [a, trains, b, trainsStill, c, trainsNow, model.forward(x).toArray()];
    });
  });
  const model = build();
  let runs = 0;
  const step = compile((x: Tensor) => {
    runs++;
    model.train();
    return model.forward(x);
  });
  const evaluate = compile((x: Tensor) => {
    model.eval();
    return model.forward(x);
  });
  for (let i = 0; i < 6; i++) {
    step(T.ones([1, 2]));
    expect(model.training).toBe(true);
    evaluate(T.ones([1, 2]));
    expect(model.training).toBe(false);
  }
  expect([runs, step.programs.length, evaluate.programs.length]).toEqual([2, 1, 1]);
});

test("requiresGrad that is set inside is set at each call; put back inside, it is as it was", () => {
  expectSame((make) => {
    const [w, v] = [leaf([1, 2]), leaf([3, 4])];
    const thaw = make(((x: Tensor) => {
      const y = T.mul(x, v.detach());
      w.requiresGrad = true;
      return y;
    }) as never) as (x: Tensor) => Tensor;
    const generator = make(((x: Tensor) => {
      v.requiresGrad = false; // as of a discriminator, while the generator learns
      T.sum(T.mul(T.mul(x, v), w)).backward();
      v.requiresGrad = true;
    }) as never) as (x: Tensor) => void;
    return [0, 1, 2].map(() => {
      w.requiresGrad = false;
      const y = thaw(one).toArray();
      const before = w.requiresGrad;
      generator(one);
      return [y, before, w.requiresGrad, v.requiresGrad, w.grad?.toArray(), v.grad];
    });
  });
});

test("backward through a graph from outside refuses what was overwritten since, as eager code does", () => {
  const overwritten = /a value that it needs was overwritten/;
  const w = leaf([2, 2]);
  const h = T.mul(w, w);
  const f = compile(() => {
    w.grad = null;
    T.sum(h).backward();
  });
  for (let i = 0; i < 3; i++) f();
  expect(w.grad!.toArray()).toEqual([4, 4]);
  expect(f.programs.length).toBe(1);
  w.assign([3, 3]);
  expect(f).toThrow(overwritten);
  // By the function itself.
  const a = leaf([2, 2]);
  const own = T.mul(a, a);
  const step = compile(() => {
    a.grad = null;
    T.sum(own).backward();
    a.assign(T.sub(a.detach(), T.mul(a.grad!, 0.1)));
  });
  step();
  expect(step).toThrow(overwritten);
  // Of another compiled function.
  const b = leaf([2, 2]);
  const square = compile(() => T.mul(b, b));
  square();
  const y = square();
  const g = compile(() => {
    b.grad = null;
    T.sum(y).backward();
  });
  g();
  expect(b.grad!.toArray()).toEqual([4, 4]);
  b.assign([3, 3]);
  expect(g).toThrow(overwritten);
});

test("an error about values that is caught inside is refused: what shapes decide may be caught", () => {
  const classes = (...values: number[]) => T.tensor(values, { dtype: "int32" });
  const f = compile((x: Tensor, y: Tensor) => {
    try {
      return T.crossEntropy(x, y);
    } catch {
      return T.tensor(0);
    }
  });
  const x = T.randn([3, 4]);
  expect(() => f(x, classes(0, 9, 0))).toThrow(CompileError);
  expect(() => f(x, classes(0, 9, 0))).toThrow(/must not be caught inside .*got .*crossEntropy/);
  const table = new T.Embedding(3, 2);
  const g = compile((i: Tensor) => {
    try {
      return table.forward(i);
    } catch {
      return T.zeros([1, 2]);
    }
  });
  expect(() => g(classes(7))).toThrow(/must not be caught/);
  const either = compile((a: Tensor, b: Tensor) => {
    try {
      return T.matmul(a, b);
    } catch {
      return T.matmul(a, T.transpose(b));
    }
  });
  for (let i = 0; i < 2; i++) expect(either(T.ones([2, 3]), T.ones([4, 3])).shape).toEqual([2, 4]);
});

test("the default dtype must not be changed inside, and is as it was then", () => {
  const f = compile((x: Tensor) => {
    T.setDefaultDtype("float64");
    return T.add(x, T.ones([2]));
  });
  expect(() => f(one)).toThrow(/default dtype must not be changed inside of the function, got float64; set it outside/);
  expect(T.getDefaultDtype()).toBe("float32");
});

test("texts: of a gradient that is assigned to, of a schedule, of the function's own errors, of an argument that is changed", () => {
  const w = leaf([1, 2]);
  expect(() =>
    compile((x: Tensor) => {
      T.sum(T.mul(w, x)).backward();
      w.grad!.assign(T.mul(w.grad!, 0.1));
    })(one),
  ).toThrow("a gradient must not be assigned to inside of the function, got float32[2]; put another in its place: w.grad = w.grad.mul(0.1)"); // biome-ignore format: one line
  const own = new TypeError("mine");
  const throwing = compile((x: Tensor, how: { mode: string }) => {
    if (how.mode === "c") throw own;
    return x;
  });
  expect(() => throwing(one, { mode: "c" })).toThrow(own);
  const typo = compile((x: Tensor, how: object) => (x as unknown as { foo(how: object): Tensor }).foo(how));
  expect(() => typo(one, {})).toThrow(/^x\.foo is not a function/);
  const changing = compile((into: { y?: Tensor }, x: Tensor) => {
    into.y = x;
    return T.sum(x);
  });
  expect(() => changing({}, one)).toThrow("got a change of argument 0, an object; return the new value instead");
});

test("a tensor that is frozen can be read", () => {
  const w = Object.freeze(T.tensor([1, 2])) as Tensor;
  const f = compile((x: Tensor) => T.mul(x, w));
  for (let i = 0; i < 2; i++) expect(f(one).toArray()).toEqual([1, 2]);
});

test("a layer that is made in the first call keeps the mode that it was given", () => {
  let model: T.Layer | undefined;
  const f = compile((x: Tensor) => {
    model ??= new T.Sequential(new T.Linear(2, 2), new T.BatchNorm1d(2), new T.Dropout(0.5)).eval();
    return model.forward(x);
  });
  for (let i = 0; i < 3; i++) {
    f(T.ones([1, 2]));
    expect(model!.training).toBe(false);
  }
});

test("what is set in turns, or in the first call only, is refused; by a switch of a layer, it is recorded again", () => {
  const [layer, w] = [new T.Linear(2, 2), leaf([1, 2])];
  const x = T.ones([1, 2]);
  let count = 0;
  let isDone = false;
  const refused: (() => void)[] = [
    () => (count++ % 2 === 0 ? layer.train() : layer.eval()),
    () => {
      w.requiresGrad = count++ % 2 === 0;
    },
    () => {
      if (!isDone) layer.eval();
      isDone = true;
    },
  ];
  for (const set of refused) {
    const f = compile((v: Tensor) => {
      set();
      return layer.forward(v);
    });
    expect(() => f(x)).toThrow(
      /must do the same at each call, got .*(training|requiresGrad) set to|got .*in the second/,
    );
    expect([layer.training, w.requiresGrad]).toEqual([true, true]);
  }
  class Switch extends T.Identity {
    isOn = true;
    other = false;
  }
  const own = new Switch();
  const f = compile((v: Tensor) => {
    layer.training = own.isOn;
    return layer.forward(v);
  });
  const g = compile((v: Tensor) => (own.other && w.requiresGrad ? T.mul(v, 2) : v));
  for (const isOn of [true, false, true]) {
    own.isOn = isOn;
    f(x);
    expect(layer.training).toBe(isOn);
  }
  w.requiresGrad = false;
  expect(g(one).toArray()).toEqual([1, 1]);
  own.other = true; // the same program, which has asked more
  expect(g(one).toArray()).toEqual([1, 1]);
  w.requiresGrad = true;
  expect(g(one).toArray()).toEqual([2, 2]);
});

test("what requires a gradient, as the function leaves it, is what eager code leaves", () => {
  expectSame((make) => {
    const [w, v] = [leaf([1, 2]), leaf([3, 4])];
    const f = make((() => {
      const y = T.sum(T.mul(w, v));
      w.requiresGrad = false;
      return y;
    }) as never) as () => Tensor;
    const model = new T.Sequential(new T.Linear(2, 1));
    const freeze = make(((x: Tensor) => {
      T.freeze(model);
      return x;
    }) as never) as (x: Tensor) => Tensor;
    return [0, 1, 2].map(() => {
      w.grad = null as Tensor | null;
      const y = f();
      w.requiresGrad = true;
      y.backward();
      freeze(one);
      const frozen = model.parameters().map((p) => p.requiresGrad);
      T.unfreeze(model);
      return [w.grad?.toArray(), frozen, model.parameters().map((p) => p.requiresGrad)];
    });
  });
});

test("a grad that is set to the same tensor, or assigned to through a name of its own", () => {
  expectSame((make) => {
    const [w, z] = [leaf([1, 2]), T.tensor([5, 6])];
    w.grad = z;
    const f = make(((x: Tensor) => {
      w.grad = z;
      return T.mul(x, 1);
    }) as never) as (x: Tensor) => Tensor;
    const optimizer = new T.SGD([w], { lr: 0.1 });
    const g = T.tensor([4, 4]);
    const step = make((() => {
      g.assign(T.mul(g, 0.5));
      optimizer.step();
    }) as never) as () => void;
    return [0, 1, 2].map(() => {
      f(one);
      T.sum(T.mul(w, 2)).backward();
      f(one);
      const before = (w.grad as Tensor).toArray();
      w.grad = g;
      step();
      return [before, w.toArray(), (g as Tensor).toArray()];
    });
  });
});

test("a graph from outside: what has changed about its leaves and its hooks is seen", () => {
  expectSame((make) => {
    const [w, v] = [leaf([1, 2]), leaf([3, 4])];
    const [a, sum] = [T.mul(w, 2), T.add(w, v)];
    const h = T.add(a, 1);
    const f = make((() => T.sum(h).backward()) as never) as () => void;
    const g = make((() => T.sum(sum).backward()) as never) as () => void;
    const seen: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      if (i === 1) a.registerHook((x) => T.mul(x, 10));
      if (i === 2) a.retainGrad();
      w.requiresGrad = i !== 3;
      f();
      g();
      seen.push(w.grad?.toArray(), v.grad?.toArray(), a.grad?.toArray());
    }
    return seen;
  });
});

test("an op that no program can have is refused, caught or not; one that fails for constants may be caught", () => {
  const f = compile((x: Tensor) => {
    try {
      return T.unique(x) as unknown as Tensor;
    } catch {
      return x;
    }
  });
  expect(() => f(one)).toThrow(CompileError);
  const g = compile((x: Tensor) => {
    try {
      return T.oneHot(T.tensor([9], { dtype: "int32" }), 3);
    } catch {
      return x;
    }
  });
  for (let i = 0; i < 2; i++) expect(g(one).toArray()).toEqual([1, 1]);
});

test("a leaf that is made in the first call, kept, and returned", () => {
  let p: Tensor | undefined;
  const f = compile((x: Tensor) => {
    p ??= leaf([2, 3]);
    p.grad = null;
    T.sum(T.mul(p, x)).backward();
    return p;
  });
  for (let i = 0; i < 3; i++) {
    expect(f(one).toArray()).toEqual([2, 3]);
    expect(p!.grad!.toArray()).toEqual([1, 1]);
  }
});
