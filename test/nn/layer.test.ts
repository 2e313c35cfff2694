import { describe, expect, test } from "vitest";
import {
  Dropout,
  Layer,
  Linear,
  noGrad,
  ones,
  Sequential,
  SGD,
  StateError,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.ts";

class Scale extends Layer {
  readonly factor = ones([2], { requiresGrad: true });
  readonly calls = tensor(0);
  forward(x: Tensor): Tensor {
    return x.mul(this.factor);
  }
}

/** A layer of every kind of field. */
class Block extends Layer {
  readonly units = 3;
  readonly second = new Scale();
  readonly first = ones([1], { requiresGrad: true });
  readonly rows: readonly unknown[] = [ones([2], { requiresGrad: true }), "text", [new Scale(), zeros([3])]];
  readonly #hidden = ones([5], { requiresGrad: true });
  readonly map = new Map([["w", ones([6])]]);
  readonly object = { w: ones([7]) };
  readonly nothing = null;
  readonly derived = this.first.mul(2);
  get computed(): Tensor {
    return this.#hidden;
  }
  forward(x: Tensor): Tensor {
    return x;
  }
}

const block = (): Block => new Block();

describe("reflection", () => {
  test("finds parameters in public fields, in arrays and in layers below, in field order", () => {
    expect([...block().namedParameters().keys()]).toEqual(["second.factor", "first", "rows.0", "rows.2.0.factor"]);
    expect(
      block()
        .parameters()
        .map((p) => p.size),
    ).toEqual([2, 1, 2, 2]);
  });

  test("takes tensors without requiresGrad for buffers", () => {
    expect([...block().namedBuffers().keys()]).toEqual([
      "second.calls",
      "rows.2.0.calls",
      "rows.2.1",
      "map.w",
      "object.w",
    ]);
    const layer = new Linear(2, 2);
    layer.weight.requiresGrad = false;
    expect([...layer.namedParameters().keys()]).toEqual(["bias"]);
    expect([...layer.namedBuffers().keys()]).toEqual(["weight"]);
  });

  test("lists a shared tensor once as a parameter, but under each name in the state", () => {
    const [a, b] = [new Linear(2, 2), new Linear(2, 2)];
    b.weight = a.weight;
    const model = new Sequential(a, b);
    expect([...model.namedParameters().keys()]).toEqual(["layers.0.weight", "layers.0.bias", "layers.1.bias"]);
    expect([...model.stateDict().keys()]).toContain("layers.1.weight");
    expect(model.parameters().length).toBe(3);
  });

  test("follows fields that are assigned later", () => {
    const layer = new Linear(2, 2);
    layer.bias = null;
    expect([...layer.namedParameters().keys()]).toEqual(["weight"]);
  });

  test("does not look again into a layer that stands in itself", () => {
    class Knot extends Scale {
      inner: Layer | null = null;
    }
    const knot = new Knot();
    const other = new Scale();
    const inner = new Sequential(knot, other);
    knot.inner = inner;
    expect([...knot.namedParameters().keys()]).toEqual(["factor", "inner.layers.1.factor"]);
    expect([...knot.stateDict().keys()]).toEqual(["factor", "calls", "inner.layers.1.factor", "inner.layers.1.calls"]);
    expect([knot.eval().training, inner.training, other.training]).toEqual([false, false, false]);
    expect([...inner.namedParameters().keys()]).toEqual(["layers.0.factor", "layers.1.factor"]);
  });
});

describe("training or not", () => {
  test("train and eval reach all layers below, and return the layer", () => {
    const inner = new Dropout(0.5);
    const model = new Sequential(new Sequential(inner), (x) => x);
    expect([model.training, inner.training]).toEqual([true, true]);
    expect(model.eval()).toBe(model);
    expect([model, inner, model.layers[1]!].map((layer) => layer.training)).toEqual([false, false, false]);
    expect(model.train()).toBe(model);
    expect(inner.training).toBe(true);
    expect(model.train(false).layers[0]!.training).toBe(false);
  });
});

describe("stateDict", () => {
  test("is by name, parameters and buffers, in field order", () => {
    const state = new Sequential(new Linear(2, 3), (x) => x, new Scale()).stateDict();
    expect([...state].map(([name, x]) => `${name} ${x.shape}`)).toEqual([
      "layers.0.weight 3,2",
      "layers.0.bias 3",
      "layers.2.factor 2",
      "layers.2.calls ",
    ]);
    for (const x of state.values()) expect([x.requiresGrad, x.op]).toEqual([false, null]);
  });

  test("is a snapshot: training on does not change it, and changing it does not change the model", () => {
    const model = new Linear(2, 1);
    const saved = model.stateDict();
    const before = model.weight.toArray();
    model
      .forward(ones([1, 2]))
      .sum()
      .backward();
    new SGD(model.parameters(), { lr: 1 }).step();
    expect(model.weight.toArray()).not.toEqual(before);
    expect(saved.get("weight")!.toArray()).toEqual(before);
    const after = model.weight.toArray();
    model
      .stateDict()
      .get("weight")!
      .assign([[9, 9]]);
    expect(model.weight.toArray()).toEqual(after);
    model.loadStateDict(saved);
    expect(model.weight.toArray()).toEqual(before);
  });

  test("costs no memory until then", () => {
    const model = new Linear(2, 1);
    expect(model.stateDict().get("weight")!.values).toBe(model.weight.values);
  });
});

describe("loadStateDict", () => {
  const load = (state: unknown) => {
    const model = new Linear(2, 3);
    return { model, run: (): unknown => model.loadStateDict(state as Record<string, Tensor>) };
  };

  test("takes a Map or a plain object, and tensors that require gradients", () => {
    for (const make of [(state: Record<string, Tensor>) => new Map(Object.entries(state)), (state: object) => state]) {
      const { model, run } = load(make({ weight: ones([3, 2], { requiresGrad: true }).mul(2), bias: zeros([3]) }));
      expect(run()).toBeUndefined();
      expect(model.weight.toArray()).toEqual([
        [2, 2],
        [2, 2],
        [2, 2],
      ]);
      expect([model.weight.requiresGrad, model.weight.op]).toEqual([true, null]);
    }
  });

  test("keeps the parameters' identity, and the loaded tensors' independence", () => {
    const state = { weight: ones([3, 2]), bias: zeros([3]) };
    const { model, run } = load(state);
    const { weight } = model;
    run();
    expect(model.weight).toBe(weight);
    state.weight.assign(zeros([3, 2]));
    expect(model.weight.toArray()).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });

  test("names everything that does not fit in one error, and loads nothing", () => {
    const model = new Sequential(new Linear(2, 3), new Linear(3, 1));
    const before = model.parameters().map((p) => p.values);
    const state = {
      "layers.0.weight": ones([3, 2]),
      "layers.0.bias": zeros([4]),
      "layers.1.bias": zeros([1], { dtype: "int32" }),
      extra: zeros([1]),
      more: zeros([1]),
    };
    expect(() => model.loadStateDict(state)).toThrow(StateError);
    expect(() => model.loadStateDict(state)).toThrow(
      "Sequential.loadStateDict: the state must fit, got layers.0.bias is float32[4] instead of float32[3], layers.1.weight is missing, " +
        "layers.1.bias is int32[1] instead of float32[1], extra is unexpected, more is unexpected; nothing was loaded",
    );
    expect(model.parameters().map((p) => p.values)).toEqual(before);
    model.parameters().forEach((p, i) => {
      expect(p.values).toBe(before[i]);
    });
  });

  test("wants all names of a tensor that has two", () => {
    const a: Linear = new Linear(2, 1);
    const b: Linear = new Linear(2, 1);
    b.weight = a.weight;
    const model = new Sequential(a, b);
    const state = model.stateDict();
    a.weight.assign([[8, 9]]);
    model.loadStateDict(state);
    expect(a.weight.toArray()).toEqual(state.get("layers.0.weight")!.toArray());
    expect(b.weight).toBe(a.weight);
    state.delete("layers.1.weight");
    expect(() => model.loadStateDict(state)).toThrow("got layers.1.weight is missing; nothing was loaded");
  });

  test("is seen by a backward pass that needs the old values", () => {
    const model = new Linear(2, 1);
    const x = ones([1, 2], { requiresGrad: true });
    const y = model.forward(x).sum();
    noGrad(() => model.loadStateDict(model.stateDict()));
    expect(() => y.backward()).toThrow("overwritten");
  });
});

test("a layer is described by its class unless it says more", () => {
  expect([new Scale().describe(), new Linear(2, 3).describe()]).toEqual(["Scale", "Linear(2, 3)"]);
});
