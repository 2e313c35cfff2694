import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import {
  Adam,
  BatchNorm1d,
  EMA,
  Linear,
  manualSeed,
  mse,
  randn,
  Sequential,
  StateError,
  type Tensor,
  tanh,
  ValueError,
} from "../../src/index.ts";

const bits = (state: ReadonlyMap<string, Tensor>): [string, number[]][] =>
  [...state].map(([name, x]) => [name, [...x.data]]);

function training(isCompiled = false) {
  manualSeed(5);
  const model = new Sequential(new Linear(2, 4, { bias: false }), new BatchNorm1d(4), tanh, new Linear(4, 1));
  const [x, y] = [randn([8, 2]), randn([8, 1])];
  const optimizer = new Adam(model.parameters(), { lr: 0.1 });
  const ema = new EMA(model, { decay: 0.5 });
  const step = (inputs: Tensor): Tensor => {
    const loss = mse(model.forward(inputs), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    ema.update();
    return loss;
  };
  const run = isCompiled ? compile(step) : step;
  return { model, ema, x, run: () => run(x) };
}

test("averages weights by the formula, and copies buffers", () => {
  const { model, ema, run } = training();
  const wanted = new Map(bits(model.stateDict()));
  for (let i = 0; i < 5; i++) {
    run();
    for (const [name, x] of model.stateDict()) {
      const isBuffer = name.includes("running") || x.dtype === "int32";
      const old = wanted.get(name)!;
      wanted.set(name, isBuffer ? [...x.data] : old.map((v, k) => Math.fround(0.5 * v + 0.5 * x.data[k]!)));
    }
  }
  expect(bits(ema.stateDict())).toEqual([...wanted]);
  expect(bits(ema.stateDict())).not.toEqual(bits(model.stateDict()));
});

test("is the same when the step is compiled", () => {
  const [eager, compiled] = [training(), training(true)];
  for (let i = 0; i < 5; i++) {
    eager.run();
    compiled.run();
  }
  const wanted = bits(eager.ema.stateDict()).flatMap(([, values]) => values);
  const got = bits(compiled.ema.stateDict()).flatMap(([, values]) => values);
  got.forEach((v, i) => expect(v).toBeCloseTo(wanted[i]!, 4));
});

describe("use", () => {
  test("gives the model the averages, and then its own weights back, to the bit", async () => {
    const { model, ema, x, run } = training();
    for (let i = 0; i < 3; i++) run();
    const [own, averages] = [bits(model.stateDict()), bits(ema.stateDict())];
    expect(ema.use(() => bits(model.stateDict()))).toEqual(averages);
    expect(bits(model.stateDict())).toEqual(own);
    expect(() =>
      ema.use(() => {
        model.eval().forward(x).sum().backward();
        throw new RangeError("no");
      }),
    ).toThrow(RangeError);
    expect(bits(model.stateDict())).toEqual(own);
    const later = ema.use(async () => {
      await Promise.resolve();
      return bits(model.stateDict());
    });
    expect(bits(model.stateDict())).toEqual(averages);
    expect(() => ema.update()).toThrow("EMA.update: the averages are in use; await what use() returned first");
    expect(() => ema.use(() => 0)).toThrow("EMA.use: the averages are in use");
    expect(await later).toEqual(averages);
    expect(bits(model.stateDict())).toEqual(own);
    await expect(ema.use(() => Promise.reject(new RangeError("no")))).rejects.toThrow(RangeError);
    expect(bits(model.stateDict())).toEqual(own);
    expect(bits(ema.stateDict())).toEqual(averages);
  });
});

test("is saved and loaded under the model's names, all or nothing", () => {
  const [a, b] = [training(), training()];
  a.run();
  const saved = a.ema.stateDict();
  b.ema.loadStateDict(saved);
  a.run();
  expect(bits(b.ema.stateDict())).toEqual(bits(saved));
  b.model.loadStateDict(saved);
  expect(() => b.ema.loadStateDict(new Map([...saved].slice(1)))).toThrow(StateError);
  expect(bits(b.ema.stateDict())).toEqual(bits(saved));
});

test.each<[() => unknown, string]>([
  [() => new EMA(new Linear(1, 1), { decay: 1.5 }), "EMA: decay must be from 0 to 1, got 1.5"],
  [() => new EMA(new Linear(1, 1), { decay: Number.NaN }), "EMA: decay must be from 0 to 1, got NaN"],
  [() => new EMA([] as never), "EMA: needs a layer, got an empty array"],
])("refuses bad arguments: %#", (call, message) => {
  expect(call).toThrow(ValueError);
  expect(call).toThrow(message);
});
