import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import {
  Adam,
  AdamW,
  BatchNorm1d,
  freeze,
  Layer,
  LBFGS,
  Linear,
  mlp,
  mse,
  ones,
  PReLU,
  relu,
  Sequential,
  SGD,
  StandardScaler,
  summary,
  type Tensor,
  tensor,
  unfreeze,
  ValueError,
} from "../../src/index.ts";

const x = tensor([[1, 2], [3, -1], [0, 1]]); // biome-ignore format: a line
const y = tensor([[1], [2], [3]]);

/** A model with parameters and buffers of all kinds. */
const make = () =>
  new Sequential(
    new StandardScaler(2).fit([
      [-1, -2],
      [3, 4],
    ]),
    new Linear(2, 4),
    new BatchNorm1d(4),
    new PReLU(),
    new Linear(4, 1),
  );

describe("freeze and unfreeze", () => {
  test("return the layer, and hold and let go what was a parameter", () => {
    const model = make();
    const [parameters, buffers] = [[...model.namedParameters().keys()], [...model.namedBuffers().keys()]];
    expect(buffers).toHaveLength(5);
    for (let i = 0; i < 2; i++) {
      for (let k = 0; k < 2; k++) {
        expect(freeze(model)).toBe(model);
        expect(model.parameters()).toEqual([]);
      }
      for (let k = 0; k < 2; k++) {
        expect(unfreeze(model)).toBe(model);
        expect([...model.namedParameters().keys()]).toEqual(parameters);
        expect([...model.namedBuffers().keys()]).toEqual(buffers);
      }
    }
  });

  test("a part, and what stands in two places", () => {
    const shared = new Linear(2, 2);
    const model = new Sequential(new Sequential(shared), relu, shared, new Linear(2, 1));
    freeze(model.layers[0] as Layer);
    expect([...model.namedParameters().keys()]).toEqual(["layers.3.weight", "layers.3.bias"]);
    unfreeze(model);
    expect(model.parameters()).toHaveLength(4);
  });

  test("unfreeze lets go what was held by hand, and leaves what never was a parameter", () => {
    class Own extends Layer {
      readonly held = ones([2], { requiresGrad: true });
      readonly table = ones([2]);
      forward(input: Tensor): Tensor {
        return input.mul(this.held).add(this.table);
      }
    }
    const layer = new Own();
    layer.held.requiresGrad = false;
    expect([...unfreeze(layer).namedParameters().keys()]).toEqual(["held"]);
    layer.held.requiresGrad = false;
    unfreeze(freeze(layer));
    expect([layer.held.requiresGrad, layer.table.requiresGrad]).toEqual([true, false]);
  });

  test("gradients stop flowing, and begin again", () => {
    const model = new Sequential(new Linear(2, 3), new Linear(3, 1));
    const backward = (): void => mse(model.forward(x), y).backward();
    const first = model.layers[0] as Linear;
    backward();
    freeze(first);
    expect(first.weight.grad).toBeNull();
    backward();
    expect(first.weight.grad).toBeNull();
    unfreeze(first);
    backward();
    expect(first.weight.grad).not.toBeNull();
  });

  test.each([null, {}, ones([1]), [new Linear(1, 1)], Linear])("refuse what is no layer: %#", (value) => {
    expect(() => freeze(value as never)).toThrow(ValueError);
    expect(() => freeze(value as never)).toThrow("freeze: needs a layer");
    expect(() => unfreeze(value as never)).toThrow("unfreeze: needs a layer");
  });

  test("summary says what is frozen", () => {
    const model = new Sequential(freeze(new Linear(2, 2)), new Linear(2, 1));
    const lines = summary(model).split("\n");
    expect(lines.find((line) => line.startsWith("layers.0"))).toContain("weight [2, 2] (frozen), bias [2] (frozen)");
    expect(lines.find((line) => line.startsWith("layers.1"))).not.toContain("frozen");
    expect(lines.at(-1)).toBe("3 trainable, 6 frozen");
  });
});

describe("an optimizer that has a frozen parameter does not move it", () => {
  const makers: [string, (p: Tensor[]) => SGD | Adam | AdamW | LBFGS][] = [
    ["SGD", (p) => new SGD(p, { lr: 0.1, momentum: 0.9, weightDecay: 0.1 })],
    ["Adam", (p) => new Adam(p)],
    ["AdamW", (p) => new AdamW(p)],
    ["LBFGS", (p) => new LBFGS(p, { maxIterations: 3 })],
    ["LBFGS without a line search", (p) => new LBFGS(p, { maxIterations: 3, lineSearch: null, lr: 0.01 })],
  ];
  test.each(makers)("%s", (_, optimizerOf) => {
    const model = mlp([2, 3, 1], { activation: (t: Tensor) => t.tanh() });
    const first = model.layers[0] as Linear;
    const optimizer = optimizerOf(model.parameters());
    const step = (): void => {
      const closure = (): Tensor => {
        const loss = mse(model.forward(x), y);
        optimizer.zeroGrad();
        loss.backward();
        return loss;
      };
      if (optimizer instanceof LBFGS) optimizer.step(closure);
      else {
        closure();
        optimizer.step();
      }
    };
    const look = () => model.parameters().length + JSON.stringify(first.stateDict());
    for (let i = 0; i < 3; i++) step();
    first.bias!.assign([-0, 1, 2]);
    mse(model.forward(x), y).backward(); // left over
    freeze(first);
    const [frozen, rest] = [look(), JSON.stringify((model.layers[2] as Linear).stateDict())];
    if (!(optimizer instanceof LBFGS)) optimizer.step();
    for (let i = 0; i < 3; i++) step();
    expect(look()).toBe(frozen);
    expect(JSON.stringify((model.layers[2] as Linear).stateDict())).not.toBe(rest);
    unfreeze(first);
    step();
    expect(look()).not.toBe(frozen);
  });

  test("a compiled step is recorded anew, and does what an eager one does", () => {
    const [model, twin] = [make(), make()];
    twin.loadStateDict(model.stateDict());
    const stepOf = (net: Sequential) => {
      const optimizer = new SGD(net.parameters(), { lr: 0.05, momentum: 0.9 });
      return () => {
        const loss = mse(net.forward(x), y);
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
        return loss;
      };
    };
    const [step, eager] = [compile(stepOf(model)), stepOf(twin)];
    const [own, its] = [model.layers[1] as Linear, twin.layers[1] as Linear];
    const run = (): void => {
      for (let i = 0; i < 3; i++) expect(step().item()).toBeCloseTo(eager().item(), 5);
    };
    run();
    freeze(own);
    freeze(its);
    const before = JSON.stringify(own.stateDict());
    run();
    expect(JSON.stringify(own.stateDict())).toBe(before);
    expect(own.weight.grad).toBeNull();
    expect(step.programs).toHaveLength(2);
    unfreeze(own);
    unfreeze(its);
    run();
    expect(JSON.stringify(own.stateDict())).not.toBe(before);
    expect(step.programs).toHaveLength(2);
  });
});

test("an optimizer leaves a parameter alone that is frozen by hand, whatever gradient is left there", () => {
  const w = tensor([1], { requiresGrad: true });
  const optimizer = new AdamW([w], { lr: 0.5, weightDecay: 0.5 });
  w.mul(w).sum().backward();
  w.requiresGrad = false;
  optimizer.step();
  expect(w.item()).toBe(1);
  expect(optimizer.stateDict().get("state.0.step")?.item()).toBe(0);
  w.requiresGrad = true;
  optimizer.step();
  expect(w.item()).toBeLessThan(1);
});
