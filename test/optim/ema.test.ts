import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import {
  Adam,
  BatchNorm1d,
  EMA,
  freeze,
  Linear,
  manualSeed,
  mse,
  randn,
  Sequential,
  StateError,
  type Tensor,
  tanh,
  tensor,
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

test.each([false, true])("refuses weights that are not finite, and changes nothing; compiled %s", (isCompiled) => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const { model, ema, run } = training(isCompiled);
    run();
    const update = isCompiled ? compile(() => ema.update()) : () => ema.update();
    update();
    const before = bits(ema.stateDict());
    const weight = model.layers[3]!.parameters()[0]!;
    const values = weight.data;
    weight.assign(tensor([[...values].fill(bad, 1, 2)]));
    expect(update).toThrow(
      `EMA.update: weights must be finite, got ${bad} in layers.3.weight; the averages are as they were`,
    );
    expect(bits(ema.stateDict())).toEqual(before);
    weight.assign(tensor([[...values]]));
    update();
    expect(bits(ema.stateDict())).not.toEqual(before);
  }
});

test("buffers may be infinite, as masks are", () => {
  class Masked extends Linear {
    readonly mask = tensor([0, Number.NEGATIVE_INFINITY]);
  }
  const ema = new EMA(new Masked(1, 2));
  ema.update();
  expect(ema.stateDict().get("mask")!.toArray()).toEqual([0, Number.NEGATIVE_INFINITY]);
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

describe("a model that changes", () => {
  const layerOf = (value: number): Linear => {
    const layer = new Linear(1, 1, { bias: false });
    layer.weight.assign(tensor([[value]]));
    return layer;
  };
  const averageOf = (ema: EMA): number => ema.stateDict().get("weight")!.item();

  test.each([false, true])(
    "is averaged on while a parameter is frozen, and when it thaws; compiled: %s",
    (isCompiled) => {
      const layer = layerOf(0);
      const ema = new EMA(layer, { decay: 0.5 });
      const step = (x: Tensor): Tensor => {
        ema.update();
        return x.mul(1);
      };
      const run = isCompiled ? compile(step) : step;
      const update = (): unknown => run(tensor([1]));
      layer.weight.assign(tensor([[8]]));
      update();
      expect(averageOf(ema)).toBe(4);
      freeze(layer);
      update();
      expect(averageOf(ema)).toBe(6);
      ema.use(() => expect(layer.weight.item()).toBe(6));
      expect([layer.weight.item(), layer.weight.requiresGrad]).toEqual([8, false]);
      layer.weight.requiresGrad = true;
      update();
      expect(averageOf(ema)).toBe(7);
    },
  );

  test("goes on to the bit after a resume, frozen or not", () => {
    for (const isFrozen of [false, true]) {
      const [a, b] = [layerOf(0), layerOf(5)];
      const first = new EMA(a, { decay: 0.9 });
      a.weight.assign(tensor([[3]]));
      first.update();
      for (const layer of isFrozen ? [a, b] : []) freeze(layer);
      b.loadStateDict(a.stateDict());
      const second = new EMA(b, { decay: 0.9 });
      second.loadStateDict(first.stateDict());
      for (const ema of [first, second]) ema.update();
      expect(averageOf(second)).toBe(averageOf(first));
      expect(averageOf(first)).toBeLessThan(1);
    }
  });

  test("with another parameter is refused, and nothing changes", () => {
    const layer = layerOf(2);
    const ema = new EMA(layer);
    const before = layer.weight;
    layer.weight = tensor([[4]], { requiresGrad: true });
    let ran = 0;
    for (const call of [
      () => ema.update(),
      () => ema.use(() => ran++),
      () => ema.stateDict(),
      () => ema.loadStateDict({ weight: tensor([[1]]) }),
    ]) {
      expect(call).toThrow(ValueError);
      expect(call).toThrow(
        "the model's parameters must be those that it had, got another weight; assign to a parameter instead of replacing it, or make a new EMA",
      );
    }
    expect([ran, layer.weight.item()]).toEqual([0, 4]);
    layer.weight = before;
    expect(averageOf(ema)).toBe(2);
  });

  test("may keep other tensors, which are copied", () => {
    class Counting extends Linear {
      last: Tensor = tensor([0]);
    }
    const layer = new Counting(1, 1);
    const ema = new EMA(layer, { decay: 0.5 });
    layer.last = tensor([3, 4]);
    ema.update();
    expect(ema.stateDict().get("last")!.toArray()).toEqual([3, 4]);
    ema.use(() => expect(layer.last.toArray()).toEqual([3, 4]));
  });

  test("while the averages are in use gets its own weights back, and the averages stay", () => {
    const layer = layerOf(0);
    const ema = new EMA(layer, { decay: 0.5 });
    layer.weight.assign(tensor([[8]]));
    ema.update();
    ema.use(() => {
      expect(averageOf(ema)).toBe(4);
      layer.weight.assign(tensor([[100]]));
      freeze(layer);
    });
    expect([layer.weight.item(), averageOf(ema)]).toEqual([8, 4]);
  });

  test("with tied weights is averaged once", () => {
    const [a, b] = [layerOf(0), layerOf(0)];
    b.weight = a.weight;
    const ema = new EMA(new Sequential(a, b), { decay: 0.5 });
    a.weight.assign(tensor([[8]]));
    ema.update();
    expect([...ema.stateDict().values()].map((x) => x.item())).toEqual([4, 4]);
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
