import { describe, expect, test } from "vitest";
import { CompileError, compile } from "../../src/compile/index.ts";
import { transaction } from "../../src/core/transaction.ts";
import {
  BatchNorm1d,
  Generator,
  GradError,
  gather,
  LBFGS,
  mul,
  noGrad,
  Optimizer,
  type OptimizerState,
  type RuleSettings,
  rand,
  randn,
  sub,
  sum,
  type Tensor,
  tensor,
} from "../../src/index.ts";

const failing = (fn: () => void): void => {
  expect(() =>
    transaction(() => {
      fn();
      throw new Error("stop");
    }),
  ).toThrow("stop");
};

describe("a transaction that fails", () => {
  test("puts back values, gradients and generators, the very same ones", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    w.mul(w).sum().backward();
    const [values, grad, generator] = [w.stored, w.grad, new Generator(3)];
    rand([5], { generator });
    const { state } = generator;
    failing(() => {
      w.assign([3, 4]);
      w.grad = null;
      w.mul(3).sum().backward();
      w.assign([5, 6]);
      rand([2], { generator });
      generator.state = [1, 2, 3, 4];
      generator.split();
    });
    expect(w.stored).toBe(values);
    expect(w.grad).toBe(grad);
    expect(generator.state).toEqual(state);
  });

  test("leaves what was recorded before valid, and what was recorded of undone values invalid", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const before = w.mul(w).sum();
    let within: Tensor | undefined;
    failing(() => {
      w.assign([3, 4]);
      within = w.mul(w).sum();
    });
    before.backward();
    expect(w.grad?.toArray()).toEqual([2, 4]);
    expect(() => within?.backward()).toThrow(GradError);
    const after = w.mul(w).sum();
    after.backward();
    expect(w.grad?.toArray()).toEqual([4, 8]);
  });

  test("is undone alone if it stands in another, which still undoes what it wrote if it succeeded", () => {
    const [a, b] = [tensor([1]), tensor([1])];
    failing(() => {
      a.assign([2]);
      failing(() => {
        a.assign([3]);
        b.assign([3]);
      });
      expect([a.item(), b.item()]).toEqual([2, 1]);
      transaction(() => b.assign([4]));
      expect(b.item()).toBe(4);
    });
    expect([a.item(), b.item()]).toEqual([1, 1]);
  });

  test("undoes what a compiled function wrote in its own memory", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const generator = new Generator(1);
    const step = compile((x: Tensor) => {
      w.grad = null;
      sum(mul(w, x)).backward();
      noGrad(() => w.assign(mul(w, rand([2], { generator }))));
    });
    for (let i = 0; i < 3; i++) step(tensor([1, i]));
    const [{ state }, seen] = [generator, w.detach().data];
    step(tensor([1, 9]));
    const next = w.data;
    w.assign(seen);
    generator.state = state;
    step(tensor([1, 5]));
    const [values, grad, at] = [w.data, w.grad?.data, generator.state];
    // Read neither before nor in between, so that all of it stands in the program's memory.
    generator.state = state;
    w.assign(seen);
    step(tensor([1, 5]));
    failing(() => {
      step(tensor([1, 6]));
      step(tensor([1, 7]));
    });
    failing(() => {
      w.assign([100, 100]);
      step(tensor([1, 7]));
    });
    expect(w.data).toEqual(values);
    expect(w.grad?.data).toEqual(grad);
    expect(generator.state).toEqual(at);
    generator.state = state;
    w.assign(seen);
    step(tensor([1, 9]));
    expect(w.data).toEqual(next);
  });
});

test("a compiled function that is refused has drawn nothing", () => {
  const generator = new Generator(1);
  const layer = new BatchNorm1d(2);
  const table = randn([3, 2], { generator });
  const step = compile((x: Tensor, index: Tensor) => {
    layer.forward(x.add(rand([2, 2], { generator })));
    return gather(table, 0, index);
  });
  const [x, good, bad] = [randn([2, 2]), tensor([[0, 1]], { dtype: "int32" }), tensor([[0, 7]], { dtype: "int32" })];
  const bits = () => [generator.state, ...[...layer.stateDict().values()].map((v) => v.data)];
  let before = bits();
  expect(() => step(x, bad)).toThrow("index");
  expect(bits()).toEqual(before);
  step(x, good);
  step(x, good);
  before = bits();
  expect(() => step(x, bad)).toThrow("index");
  expect(bits()).toEqual(before);
});

test("a compiled function must not catch what undoes a part of it", () => {
  const w = tensor([1]);
  const step = compile(() => {
    try {
      transaction(() => {
        w.assign([2]);
        throw new Error("stop");
      });
    } catch {
      // It goes on as if nothing had been.
    }
    return w.mul(2);
  });
  expect(() => step()).toThrow(CompileError);
});

describe("an optimizer's step that fails", () => {
  class Noisy extends Optimizer {
    readonly generator = new Generator(1);
    readonly count = tensor(0);
    constructor(params: Tensor[]) {
      super("Noisy", params, { lr: 1 });
    }
    protected rule(p: Tensor, g: Tensor, state: OptimizerState, { lr }: RuleSettings) {
      this.count.assign(this.count.add(1));
      const noise = randn(p.shape, { generator: this.generator });
      if (p.size === 2) throw new Error("stop");
      return { p: sub(p, mul(g.add(noise), lr)), state };
    }
  }

  test("has undone what the rule drew and wrote for the parameters before", () => {
    const params = [tensor([1], { requiresGrad: true }), tensor([1, 2], { requiresGrad: true })];
    const optimizer = new Noisy(params);
    for (const p of params) p.mul(p).sum().backward();
    const { state } = optimizer.generator;
    expect(() => optimizer.step()).toThrow("stop");
    expect(params.map((p) => p.toArray())).toEqual([[1], [1, 2]]);
    expect(optimizer.generator.state).toEqual(state);
    expect(optimizer.count.item()).toBe(0);
  });

  test("of L-BFGS has undone all that its closure did, a compiled one too", () => {
    for (const isCompiled of [false, true]) {
      const layer = new BatchNorm1d(1);
      const w = tensor([1], { requiresGrad: true });
      const x = tensor([[1], [2], [4]]);
      const evaluate = (scale: Tensor): Tensor => {
        w.grad = null;
        const loss = sum(layer.forward(x).mul(w).add(1)).mul(scale).add(w.mul(w).sum());
        loss.backward();
        return loss.detach();
      };
      const closure = isCompiled ? compile(evaluate) : evaluate;
      const optimizer = new LBFGS([w], { lineSearch: null, lr: 0.1 });
      optimizer.step(() => closure(tensor(1)));
      const bits = () => [w.data, w.grad?.data, ...[...layer.stateDict().values()].map((v) => v.data)];
      const before = bits();
      let calls = 0;
      expect(() => optimizer.step(() => closure(tensor(calls++ > 0 ? Number.NaN : 3)))).toThrow(GradError);
      expect(calls).toBe(2);
      expect(bits()).toEqual(before);
    }
  });
});

test("a generator that is made in a step that fails keeps its seed", () => {
  const fresh = rand([3], { generator: new Generator(7) }).toArray();
  let generator: Generator | undefined;
  expect(() =>
    transaction(() => {
      generator = new Generator(7);
      rand([5], { generator });
      throw new Error("stop");
    }),
  ).toThrow("stop");
  expect(rand([3], { generator: generator! }).toArray()).toEqual(fresh);
});
