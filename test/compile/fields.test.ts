import { describe, expect, test } from "vitest";
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
  factor = T.tensor([2, 3], { requiresGrad: true });
  shift: Tensor | null = null;
  activation = T.tanh;
  gate = new Gate();
  parts: Record<string, Tensor> = { scale: T.tensor([2]) };
  last: Tensor | null = null;
  override forward(v: Tensor): Tensor {
    const y = T.mul(
      this.parts["scale"]!,
      this.gate.forward(this.activation(T.mul(this.inner.forward(v), this.factor))),
    );
    this.last = this.shift === null ? y : T.add(y, this.shift);
    return this.last;
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
        got.forEach((v, k) => expect(v).toBeCloseTo(wanted[k]!, 5));
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

test("a tensor in a field may be anything to a tensor in another", () => {
  const tied = new T.Linear(2, 2);
  const model = new T.Sequential(tied, T.tanh, tied);
  const forward = compile((v: Tensor) => model.forward(v));
  for (let i = 0; i < 3; i++) forward(x);
  tied.weight = T.zeros([2, 2]);
  expect([...forward(x).data]).toEqual([...model.forward(x).data]);
});
