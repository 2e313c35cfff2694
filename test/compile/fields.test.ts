import { describe, expect, test, vi } from "vitest";
import { compile } from "../../src/compile/index.ts";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";

const x = T.tensor([[1, 2]]);

class Gate extends T.Layer {
  fn: (v: Tensor) => Tensor = T.abs;
  override forward(v: Tensor): Tensor {
    return this.fn(v);
  }
}

class Block extends T.Layer {
  inner = new T.Linear(2, 2);
  norm = new T.BatchNorm1d(2).eval();
  factor = T.tensor([2, 3], { requiresGrad: true });
  shift: Tensor | null = null;
  activation = T.tanh;
  gate = new Gate();
  parts: Record<string, Tensor> = { scale: T.tensor([2]) };
  heads = new Map<string, Tensor | T.Layer>([
    ["q", T.tensor([1, 2])],
    ["k", new T.Linear(2, 2)],
  ]);
  none = new Map<string, Tensor>();
  bag = new Set<Tensor>([T.tensor([3, 1]), T.tensor([1, 1])]);
  spare: Tensor[] = [];
  nested = { rows: [new Map([["a", T.tensor([0, 1])]])] };
  numbers = [1, 2];
  power = 2;
  unknown = Number.NaN;
  mode: "plus" | "minus" = "plus";
  settings = { by: 2 };
  last: Tensor | null = null;
  override forward(v: Tensor): Tensor {
    const y = T.mul(
      this.parts["scale"]!,
      this.gate.forward(this.activation(T.mul(this.norm.forward(this.inner.forward(v)), this.factor))),
    );
    this.last = this.shift === null ? y : T.add(y, this.shift);
    let all = this.last;
    for (const head of this.heads.values()) all = head instanceof T.Tensor ? T.mul(all, head) : head.forward(all);
    for (const part of [...this.none.values(), ...this.spare]) all = T.add(T.mul(all, 2), part);
    for (const part of this.bag) all = T.sub(part, all);
    for (const row of this.nested.rows) for (const part of row.values()) all = T.add(all, part);
    for (const part of Object.values(this.parts)) all = T.mul(all, part);
    all = T.mul(T.pow(all, this.power), this.settings.by);
    if (this.mode === "minus") all = T.neg(all);
    if (!Number.isNaN(this.unknown)) all = T.add(all, this.unknown);
    const { extra } = this as { readonly extra?: Tensor };
    return extra === undefined ? all : T.add(all, extra);
  }
}

describe("what is replaced in a layer is recorded anew", () => {
  const changes: Record<string, (model: T.Sequential, block: Block) => void> = {
    "a parameter": (_, block) => {
      block.inner.weight = T.ones([2, 2], { requiresGrad: true });
    },
    "a parameter of a class of one's own": (_, block) => {
      block.factor = T.tensor([5, 7], { requiresGrad: true });
    },
    "a parameter that was not there": (_, block) => {
      block.shift = T.tensor([5, 7]);
    },
    "a layer": (_, block) => {
      block.inner = new T.Linear(2, 2);
    },
    "a function": (_, block) => {
      block.activation = T.relu as typeof T.tanh;
    },
    "a layer in a list": (model) => {
      (model.layers as unknown[])[0] = new T.Linear(2, 2);
    },
    "the order of layers": (model) => {
      (model.layers as unknown[]).reverse();
    },
    "a function in a layer without tensors": (_, block) => {
      block.gate.fn = T.neg;
    },
    "a tensor in a plain object": (_, block) => {
      block.parts["scale"] = T.tensor([7]);
    },
    "a buffer": (_, block) => {
      block.norm.runningMean = T.tensor([5, 7]);
    },
    "a tensor in a Map": (_, block) => {
      block.heads.set("q", T.tensor([5, 7]));
    },
    "a layer in a Map": (_, block) => {
      block.heads.set("k", new T.Linear(2, 2));
    },
    "a parameter of a layer in a Map": (_, block) => {
      (block.heads.get("k") as T.Linear).weight = T.ones([2, 2], { requiresGrad: true });
    },
    "a Map's entry that was not there": (_, block) => {
      block.heads.set("v", T.tensor([5, 7]));
    },
    "a Map's entry that is there no more": (_, block) => {
      block.heads.delete("q");
    },
    "the order of a Map": (_, block) => {
      const q = block.heads.get("q")!;
      block.heads.delete("q");
      block.heads.set("q", q);
    },
    "a Map": (_, block) => {
      block.heads = new Map([["q", T.tensor([5, 7])]]);
    },
    "a Map that was empty": (_, block) => {
      block.none.set("a", T.tensor([5, 7]));
    },
    "an array that was empty": (_, block) => {
      block.spare.push(T.tensor([5, 7]));
    },
    "what is in a Set": (_, block) => {
      const [first] = block.bag;
      block.bag.delete(first!);
      block.bag.add(T.tensor([5, 7]));
    },
    "a Set that is cleared": (_, block) => {
      block.bag.clear();
    },
    "what is in a Map in an array in an object": (_, block) => {
      block.nested.rows[0]!.set("a", T.tensor([5, 7]));
    },
    "an array in an object": (_, block) => {
      block.nested.rows.push(new Map([["b", T.tensor([5, 7])]]));
    },
    "a name in a plain object that was not there": (_, block) => {
      block.parts["more"] = T.tensor([5, 7]);
    },
    "a field that was not there": (_, block) => {
      (block as { extra?: Tensor }).extra = T.tensor([5, 7]);
    },
    "a number": (_, block) => {
      block.power = 3;
    },
    "a number that was NaN": (_, block) => {
      block.unknown = 3;
    },
    "a text": (_, block) => {
      block.mode = "minus";
    },
    "a number in a plain object": (_, block) => {
      block.settings.by = 5;
    },
    "the number of layers": (model) => {
      (model.layers as unknown[]).push(new T.Linear(2, 2));
    },
  };

  test.each(Object.keys(changes))("%s", (name) => {
    const block = new Block();
    const model = new T.Sequential(new T.Linear(2, 2), T.relu, block);
    const forward = compile((v: Tensor) => model.forward(v));
    const expectSame = (): void => {
      for (let i = 0; i < 3; i++) {
        const [got, wanted] = [forward(x).data, model.forward(x).data];
        got.forEach((v, k) => expect(Math.abs(v - wanted[k]!)).toBeLessThan(1e-5 * (1 + Math.abs(wanted[k]!))));
      }
    };
    expectSame();
    expect(forward.programs.length).toBe(1);
    changes[name]!(model, block);
    expectSame();
    expect(forward.programs.length).toBe(2);
  });

  test("but not what layers compute and keep, nor other layers", () => {
    const [block, other] = [new Block(), new Block()];
    const forward = compile((v: Tensor) => block.forward(v));
    const twice = compile((v: Tensor) => T.mul(block.forward(v), 2));
    for (let i = 0; i < 4; i++) {
      forward(x);
      twice(x);
      block.forward(x);
      other.factor = T.ones([2]);
      other.inner = new T.Linear(2, 2);
      other.heads.set("q", T.ones([2]));
      block.numbers.push(i);
    }
    expect([forward.programs.length, twice.programs.length]).toEqual([1, 1]);
  });
});

test("a function that replaces a tensor in a layer is refused, and the tensor put back", () => {
  class Counter extends T.Layer {
    state = T.zeros([2]);
    override forward(v: Tensor): Tensor {
      this.state = T.add(this.state, v);
      return this.state;
    }
  }
  const counter = new Counter();
  const f = compile((v: Tensor) => counter.forward(v));
  for (let i = 0; i < 2; i++) {
    expect(() => f(x)).toThrow(
      "a layer's state must not be replaced inside of the function, got float32[2]; assign to it",
    );
    expect(counter.state.toArray()).toEqual([0, 0]);
  }
});

test("a function that replaces a tensor in a Map or a Set is refused, and the tensor put back", () => {
  class Holder extends T.Layer {
    byName = new Map([["a", T.zeros([2])]]);
    all = new Set([T.zeros([2])]);
    replace: (holder: Holder, y: Tensor) => void = () => undefined;
    override forward(v: Tensor): Tensor {
      const y = T.add(T.add(this.byName.get("a")!, [...this.all][0]!), v);
      this.replace(this, y);
      return y;
    }
  }
  const replacements: ((holder: Holder, y: Tensor) => void)[] = [
    (holder, y) => holder.byName.set("a", y),
    (holder) => holder.byName.delete("a"),
    (holder, y) => {
      holder.all.clear();
      holder.all.add(y);
    },
  ];
  for (const replace of replacements) {
    const holder = new Holder();
    holder.replace = replace;
    const before = [holder.byName.get("a"), ...holder.all];
    const f = compile((v: Tensor) => holder.forward(v));
    for (let i = 0; i < 2; i++) {
      expect(() => f(x)).toThrow("must not be replaced inside of the function, got float32[2]; assign to it");
      expect([holder.byName.get("a"), [...holder.all][0]]).toEqual(before);
      expect(holder.byName.get("a")).toBe(before[0]);
    }
  }
});

test("settings of the library's own layers are looked at", () => {
  const dropout = new T.Dropout(0.5);
  const f = compile((v: Tensor) => dropout.forward(v));
  f(x);
  (dropout as { p: number }).p = 0;
  expect(f(x).toArray()).toEqual([[1, 2]]);
});

test("a number that a layer counts up by itself leads to no new recording, and one that changes outside is named once", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  class Counted extends T.Layer {
    calls = 0;
    scale = 1;
    override forward(v: Tensor): Tensor {
      this.calls++;
      return T.mul(v, this.scale);
    }
  }
  const layer = new Counted();
  const f = compile((v: Tensor) => layer.forward(v));
  for (let i = 0; i < 20; i++) f(x);
  layer.calls = 100;
  f(x);
  expect(f.programs.length).toBe(1);
  for (let i = 1; i < 12; i++) {
    layer.scale = i;
    expect(f(x).toArray()).toEqual([[i, 2 * i]]);
  }
  expect(warn.mock.calls).toEqual([
    [
      "compile: scale of a Counted has had 8 values, and a program is recorded for each; make it a tensor, and assign to it",
    ],
  ]);
  warn.mockRestore();
});

test("a layer without tensors, by itself, is looked at", () => {
  const gate = new Gate();
  const f = compile((v: Tensor) => gate.forward(v));
  const v = T.tensor([-1, 2]);
  for (let i = 0; i < 2; i++) expect(f(v).toArray()).toEqual([1, 2]);
  gate.fn = T.neg;
  for (let i = 0; i < 2; i++) expect(f(v).toArray()).toEqual([1, -2]);
  expect(f.programs.length).toBe(2);
});

test("an argument of a class: what its fields hold is looked at", () => {
  class State {
    h = T.tensor([1]);
    readonly more = new Map<string, Tensor>();
  }
  const state = new State();
  const f = compile((own: State) => [...own.more.values()].reduce((y, z) => T.mul(y, z), T.add(own.h, 1)));
  const expectIt = (wanted: number): void => {
    for (let i = 0; i < 2; i++) expect(f(state).item()).toBe(wanted);
  };
  expectIt(2);
  state.h = T.tensor([5]);
  expectIt(6);
  state.more.set("a", T.tensor([7]));
  expectIt(42);
  state.more.set("a", T.tensor([2]));
  expectIt(12);
  expect(f.programs.length).toBe(4);
});

test("a tensor in a field may be anything to a tensor in another", () => {
  const tied = new T.Linear(2, 2);
  const model = new T.Sequential(tied, T.tanh, tied);
  const forward = compile((v: Tensor) => model.forward(v));
  for (let i = 0; i < 3; i++) forward(x);
  tied.weight = T.zeros([2, 2]);
  expect([...forward(x).data]).toEqual([...model.forward(x).data]);
});

test("names in a list, a Map or a Set of a layer are settings; numbers there are notes", () => {
  class Features extends T.Layer {
    readonly list = ["mul"];
    readonly set = new Set<string>();
    readonly map = new Map<string, string | number>([["how", "mul"]]);
    readonly losses: number[] = [];
    readonly w = T.tensor([2]);
    override forward(x: Tensor): Tensor {
      const names = [...this.list, ...this.set, this.map.get("how")];
      return names.reduce((y: Tensor, name) => (name === "mul" ? T.mul(y, this.w) : T.neg(y)), x);
    }
  }
  const features = new Features();
  const f = compile((x: Tensor) => features.forward(x));
  const expectAll = (value: number, programs: number): void => {
    for (let i = 0; i < 3; i++) {
      features.losses.push(i);
      features.map.set("loss", i);
      expect(f(T.tensor([3])).item()).toBe(value);
    }
    expect(f.programs.length).toBe(programs);
  };
  expectAll(12, 1);
  features.list.push("neg");
  expectAll(-12, 2);
  features.set.add("mul");
  expectAll(-24, 3);
  features.map.set("how", "neg");
  expectAll(12, 4);
});
