import { describe, expect, test } from "vitest";
import * as T from "../../src/index.ts";
import { Adam, Linear, mse, Sequential, type Tensor, TinygradError, tensor } from "../../src/index.ts";

// Libraries of user interfaces put state behind Proxies. What they do by rule is imitated here: Vue wraps plain objects, arrays, Maps and Sets,
// told apart by their tags, and Svelte plain objects and arrays, told apart by their prototypes; both wrap what is read from a wrapped object.

type Wrap = <V>(value: V) => V;

/** A deep Proxy around all values that pass a test. */
function deepProxy(isWrapped: (value: object) => boolean): Wrap {
  return function wrap<V>(value: V): V {
    if (typeof value !== "object" || value === null || !isWrapped(value)) return value;
    return new Proxy(value, { get: (target, key, receiver) => wrap(Reflect.get(target, key, receiver) as unknown) });
  };
}

const tagOf = (value: object): string => Object.prototype.toString.call(value).slice(8, -1);
const vue = deepProxy((value) => ["Object", "Array"].includes(tagOf(value)));
const svelte = deepProxy((value) => [Object.prototype, Array.prototype, null].includes(Object.getPrototypeOf(value)));
/** Wraps functions' hosts too: every object there is. */
const everything = deepProxy(() => true);

const leaf = (): Tensor => tensor([1, 2], { requiresGrad: true });
const model = (): Sequential => new Sequential(new Linear(2, 3), T.tanh, new T.Dropout(0), new Linear(3, 1));

const instances: [string, () => object][] = [
  ["a tensor", leaf],
  ["a layer", model],
  ["a generator", () => new T.Generator(1)],
  ["Adam", () => new Adam([leaf()])],
  ["SGD", () => new T.SGD([leaf()], { lr: 1 })],
  ["LBFGS", () => new T.LBFGS([leaf()])],
  ["EMA", () => new T.EMA(model())],
  ["Schedule", () => new T.Schedule(new Adam([leaf()]), T.cosine(3))],
  ["ReduceOnPlateau", () => new T.ReduceOnPlateau(new Adam([leaf()]))],
];

describe("what is no mere data is left alone", () => {
  test.each(instances)("%s", (_, make) => {
    const state = { held: make() };
    expect(vue(state).held).toBe(state.held);
    expect(svelte(state).held).toBe(state.held);
    expect(everything(state).held === state.held).toBe(false); // what wraps more does wrap it
  });
});

describe.each([
  ["Vue's", vue],
  ["Svelte's", svelte],
])("%s reactive state", (_, reactive) => {
  test("trains as without it", () => {
    const train = (wrap: Wrap): unknown => {
      T.manualSeed(3);
      const net = model();
      const state = wrap({
        net,
        optimizer: new Adam(wrap(net.parameters()), wrap({ lr: 0.05 })),
        schedule: null as T.Schedule | null,
        average: new T.EMA(net, wrap({ decay: 0.5 })),
        x: tensor(
          wrap([
            [0, 1],
            [1, 0],
          ]),
        ),
        y: tensor(wrap([[1], [2]])),
      });
      const schedule = new T.Schedule(state.optimizer, T.cosine(50));
      for (let i = 0; i < 50; i++) {
        const loss = mse(state.net.forward(state.x), state.y);
        state.optimizer.zeroGrad();
        loss.backward();
        T.clipGradNorm(wrap(state.net.parameters()), 1);
        state.optimizer.step();
        state.average.update();
        schedule.step();
      }
      return [mse(net.forward(state.x), state.y).item(), [...net.stateDict().values()].map((x) => x.toArray())];
    };
    expect(train(reactive)).toEqual(train((value) => value));
  });

  test("groups of parameters work behind it", () => {
    const [a, b] = [leaf(), leaf()];
    const optimizer = new T.SGD(
      reactive([
        { params: [a], lr: 1 },
        { params: [b], lr: 0.5 },
      ]),
      { lr: 1 },
    );
    a.add(b).sum().backward();
    optimizer.step();
    expect([a.toArray(), b.toArray()]).toEqual([
      [0, 1],
      [0.5, 1.5],
    ]);
  });
});

describe("what is behind a Proxy all the same is refused, and nothing has changed", () => {
  const hint = "keep it outside of reactive state";
  const adam = (): Adam => {
    const w = leaf();
    w.sum().backward();
    return new Adam([w]);
  };
  const schedule = (): T.Schedule => new T.Schedule(adam(), T.cosine(3));
  const plateau = (): T.ReduceOnPlateau => new T.ReduceOnPlateau(adam());
  test.each<[string, () => unknown, string]>([
    ["Adam.step", () => everything(adam()).step(), "Adam: must be called on the object itself, got a Proxy around it"],
    ["Adam.zeroGrad", () => everything(adam()).zeroGrad(), "Adam: must be called"],
    ["Adam.stateDict", () => everything(adam()).stateDict(), "Adam: must be called"],
    ["Adam.loadStateDict", () => everything(adam()).loadStateDict({}), "Adam: must be called"],
    ["Adam.lr", () => everything(adam()).lr, "Adam: must be called"],
    ["Schedule", () => new T.Schedule(everything(adam()), T.cosine(3)), "Adam: must be called on the object itself"],
    ["Schedule.step", () => everything(schedule()).step(), "Schedule.step: must be called"],
    ["Schedule.stateDict", () => everything(schedule()).stateDict(), "Schedule.stateDict: must be called"],
    ["ReduceOnPlateau.step", () => everything(plateau()).step(1), "ReduceOnPlateau.step: must be called"],
    [
      "EMA",
      () => new T.EMA(everything(model())),
      "EMA: needs a layer, got a Sequential; a Proxy around a layer is none",
    ],
    ["EMA.update", () => everything(new T.EMA(model())).update(), "EMA.update: must be called"],
    ["EMA.use", () => everything(new T.EMA(model())).use(() => 1), "EMA.use: must be called"],
    ["LBFGS.step", () => everything(new T.LBFGS([leaf()])).step(leaf), "LBFGS.step: must be called"],
    [
      "parameters",
      () => new Adam(everything([leaf()])),
      "Adam: parameters must be distinct leaves with requiresGrad, got a Proxy or copy of a tensor",
    ],
    ["a layer's parameters", () => everything(model()).parameters(), "Layer: needs a layer, got a Sequential; a Proxy"],
    ["a layer's mode", () => everything(new T.Dropout()).training, "Layer.training: must be called"],
    [
      "a layer in a Sequential",
      () => new Sequential(everything(new Linear(1, 1))),
      "Sequential: entry 0 must be a layer",
    ],
  ])("%s", (_, call, text) => {
    expect(call).toThrow(TinygradError);
    expect(call).toThrow(text);
    expect(call).toThrow(hint);
  });

  test.each<[string, () => unknown, string]>([
    [
      "a model's forward",
      () => everything(new Linear(2, 3)).forward(T.ones([1, 2])),
      "weight must be a tensor, got a Proxy",
    ],
    [
      "Dropout's forward",
      () => everything(new T.Dropout()).forward(T.ones([1, 2])),
      "Layer.training: must be called on the object itself",
    ],
    [
      "an input",
      () => new Linear(2, 3).forward(everything(T.ones([1, 2]))),
      "Linear(2, 3): x must be a tensor, got a Proxy or copy of a tensor",
    ],
    [
      "a generator",
      () => new T.Dropout(0.5, { generator: everything(new T.Generator()) }),
      "Dropout: generator must be a generator",
    ],
    [
      "gradients to clip",
      () => T.clipGradNorm(everything([leaf()]), 1),
      "clipGradNorm: needs a list of parameters, got a Proxy or copy of a tensor",
    ],
    ["summary", () => T.summary(everything(model())), "summary: needs a layer, got a Sequential; a Proxy"],
  ])("%s", (_, call, text) => {
    expect(call).toThrow(TinygradError);
    expect(call).toThrow(text);
  });
});

test("they say what they are", () => {
  const optimizer = new T.SGD([leaf()], { lr: 0.5, momentum: 0.9 });
  const texts = [
    optimizer,
    new Adam([{ params: [leaf()], lr: 0.25 }, { params: [leaf(), leaf()] }]),
    new T.LBFGS([leaf()], { maxIterations: 5 }),
    new T.EMA(new Linear(2, 3), { decay: 0.9 }),
    new T.Schedule(optimizer, T.cosine(3)),
    new T.ReduceOnPlateau(optimizer),
  ].map(String);
  expect(texts).toEqual([
    "SGD(1 parameter, lr 0.5)",
    "Adam(3 parameters, lr 0.25, 0.001)",
    "LBFGS(1 parameter, lr 1)",
    "EMA(Linear(2, 3), { decay: 0.9 })",
    "Schedule(step 0, lr 0.5)",
    "ReduceOnPlateau(best Infinity, 0 of 10 bad steps)",
  ]);
});
