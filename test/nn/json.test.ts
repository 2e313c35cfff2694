import { describe, expect, test } from "vitest";
import * as T from "../../src/index.ts";
import {
  fromJSON,
  type Json,
  type Layer,
  Linear,
  mlp,
  relu,
  Sequential,
  type Tensor,
  toJSON,
  ValueError,
} from "../../src/index.ts";

const dtype = "float64";
const batch = T.randn([4, 6], { dtype, generator: new T.Generator(3) });

/** Every kind of layer of the library, with settings that are not the defaults, and an input. */
const kinds: Record<string, [layer: Layer, x: Tensor]> = {
  AlphaDropout: [new T.AlphaDropout(0.3), batch],
  BatchNorm1d: [new T.BatchNorm1d(6, { eps: 0.1, momentum: null, affine: false, dtype }), batch],
  Bilinear: [new T.Parallel([new T.Identity()]), batch],
  CELU: [new T.CELU(2), batch],
  Dropout: [new T.Dropout(0.3), batch],
  ELU: [new T.ELU(2), batch],
  Embedding: [new T.Embedding(5, 3, { paddingIndex: 1, dtype }), T.tensor([0, 1, 4], { dtype: "int32" })],
  Flatten: [new T.Flatten(0, 1), batch],
  GELU: [new T.GELU({ approximate: "tanh" }), batch],
  GLU: [new T.GLU(0), batch],
  GroupNorm: [new T.GroupNorm(2, 6, { eps: 0.1, dtype }), batch],
  Hardswish: [new T.Hardswish(), batch],
  Hardtanh: [new T.Hardtanh(-0.5, 0.25), batch],
  Identity: [new T.Identity(), batch],
  LayerNorm: [new T.LayerNorm([4, 6], { eps: 0.1, affine: false }), batch],
  LeakyReLU: [new T.LeakyReLU(0.3), batch],
  Linear: [new Linear(6, 3, { bias: false, dtype }), batch],
  LogSoftmax: [new T.LogSoftmax(0), batch],
  MinMaxScaler: [new T.MinMaxScaler(6, { low: -1, high: 2, dtype }).fit(batch), batch],
  Mish: [new T.Mish(), batch],
  PReLU: [new T.PReLU(6, { slope: 0.5, dtype }), batch],
  Parallel: [new T.Parallel([new Linear(6, 2, { dtype }), relu], { axis: 1 }), batch],
  RMSNorm: [new T.RMSNorm(6, { dtype }), batch],
  ReLU: [new T.ReLU(), batch],
  Residual: [new T.Residual(T.tanh, { projection: new Linear(6, 6, { dtype }) }), batch],
  SELU: [new T.SELU(), batch],
  Sequential: [new Sequential(new Sequential(T.softplus), new Linear(6, 2, { dtype })), batch],
  SiLU: [new T.SiLU(), batch],
  Sigmoid: [new T.Sigmoid(), batch],
  Softmax: [new T.Softmax(0), batch],
  Softplus: [new T.Softplus(), batch],
  Softsign: [new T.Softsign(), batch],
  StandardScaler: [new T.StandardScaler(6, { dtype }).fit(batch), batch],
  Tanh: [new T.Tanh(), batch],
};

/** Through text, as into a file. */
const roundTrip = (model: Layer): Layer => fromJSON(JSON.parse(JSON.stringify(toJSON(model))));

test("every layer that the library exports is known", () => {
  const exported = Object.entries(T).filter(
    ([, value]) => (value as { prototype?: unknown }).prototype instanceof T.Layer,
  );
  const names = exported.map(([name]) => name).filter((name) => name !== "Lambda");
  expect(Object.keys(kinds).sort()).toEqual(names.sort());
});

describe("a model comes back as it was", () => {
  test.each(Object.keys(kinds))("%s", (name) => {
    const [layer, x] = kinds[name]!;
    const copy = roundTrip(layer);
    expect(copy).toBeInstanceOf(layer.constructor);
    copy.loadStateDict(layer.stateDict());
    for (const isTraining of [true, false]) {
      T.manualSeed(1);
      const wanted = layer.train(isTraining).forward(x);
      T.manualSeed(1);
      expect(copy.train(isTraining).forward(x).toArray()).toEqual(wanted.toArray());
    }
    expect(toJSON(copy)).toEqual(toJSON(layer));
  });

  test("Bilinear, of two inputs", () => {
    const layer = new T.Bilinear(2, 3, 4, { bias: false, dtype });
    const copy = roundTrip(layer) as T.Bilinear;
    copy.loadStateDict(layer.stateDict());
    const [a, b] = [T.ones([5, 2], { dtype }), T.ones([5, 3], { dtype })];
    expect(copy.forward(a, b).toArray()).toEqual(layer.forward(a, b).toArray());
  });

  test("every activation that stands as a function", () => {
    const functions = [T.celu, T.elu, T.gelu, T.glu, T.hardswish, T.hardtanh, T.leakyRelu, T.logSoftmax, T.mish, relu];
    const more = [T.selu, T.sigmoid, T.silu, T.softmax, T.softplus, T.softsign, T.tanh];
    for (const fn of [...functions, ...more] as T.LayerFunction[]) {
      const copy = roundTrip(new Sequential(fn)) as Sequential;
      expect((copy.layers[0] as T.Lambda).fn).toBe(fn);
    }
  });
});

describe("layers and functions of one's own", () => {
  class Scale extends T.Layer {
    readonly factor: number;
    constructor(factor: number) {
      super();
      this.factor = factor;
    }
    forward(x: Tensor): Tensor {
      return x.mul(this.factor);
    }
  }
  const square = (x: Tensor): Tensor => x.mul(x);
  const options: T.JsonOptions = {
    layers: { Scale: { type: Scale, arguments: ({ factor }: Scale) => [factor] } },
    functions: { square },
  };
  const model = new Sequential(new Scale(3), square);

  test("are known by the names that they are given", () => {
    const json = toJSON(model, options);
    expect(json).toEqual({
      layer: "Sequential",
      arguments: [{ layer: "Scale", arguments: [3] }, { function: "square" }],
    });
    expect(
      fromJSON(json, options)
        .forward(T.tensor([2]))
        .toArray(),
    ).toEqual([36]);
  });

  test("are refused otherwise", () => {
    expect(() => toJSON(new Scale(1))).toThrow(
      "toJSON: this kind of layer is not known, got Scale; name it in options.layers",
    );
    expect(() => toJSON(new Sequential(square))).toThrow(
      "toJSON: this function is not known, got square; name it in options.functions",
    );
    class Narrow extends Linear {}
    expect(() => toJSON(new Narrow(1, 1))).toThrow(ValueError); // whose constructor may want other arguments
  });
});

test("a layer in two places, and settings that JSON cannot say, are refused", () => {
  const shared = new Linear(2, 2);
  expect(() => toJSON(new Sequential(shared, shared))).toThrow(
    "toJSON: a layer must not stand in two places, got Linear(2, 2)",
  );
  expect(() => toJSON(new T.Hardtanh(-1, Number.POSITIVE_INFINITY))).toThrow(
    "toJSON: JSON has no way to say this argument, got Infinity",
  );
  expect(() => toJSON(relu as never)).toThrow("toJSON: needs a layer, got a function");
});

describe("JSON that is none of ours is refused", () => {
  const linear = { layer: "Linear", arguments: [1, 2] };
  test.each<[unknown, string]>([
    [null, "fromJSON: needs a layer as toJSON writes it, got null"],
    [[linear], "fromJSON: needs a layer as toJSON writes it, got an array"],
    [{}, "fromJSON: needs a layer as toJSON writes it, got an object"],
    [{ function: "relu" }, "fromJSON: needs a layer as toJSON writes it, got an object"],
    [{ layer: "Lambda", arguments: [] }, "fromJSON: this kind of layer is not known, got Lambda"],
    [{ layer: "constructor", arguments: [] }, "fromJSON: this kind of layer is not known, got constructor"],
    [{ layer: "__proto__", arguments: [] }, "fromJSON: this kind of layer is not known, got __proto__"],
    [{ layer: "Linear" }, "fromJSON: Linear needs arguments, got undefined"],
    [{ layer: "Linear", arguments: [-1, 2] }, "Linear"],
    [
      { layer: "Sequential", arguments: [{ function: "toString" }] },
      "fromJSON: this function is not known, got toString",
    ],
    [{ layer: "Sequential", arguments: [3] }, "Sequential: entry 0 must be a layer or a function, got 3"],
  ])("%j", (json, message) => {
    expect(() => fromJSON(json as Json)).toThrow(T.TinygradError);
    expect(() => fromJSON(json as Json)).toThrow(message);
  });
});

describe("mlp", () => {
  const layersOf = (model: Sequential): string[] => model.layers.map((layer) => layer.describe());

  test("is linear layers with activations between", () => {
    expect(layersOf(mlp([4, 8, 6, 2]))).toEqual(["Linear(4, 8)", "relu", "Linear(8, 6)", "relu", "Linear(6, 2)"]);
    expect(layersOf(mlp([4, 2]))).toEqual(["Linear(4, 2)"]);
    const options = { activation: T.PReLU, dropout: 0.5, norm: "batch", bias: false, dtype: "float64" } as const;
    const model = mlp([4, 8, 8, 2], options);
    const hidden = ["BatchNorm1d(8)", "PReLU(1)", "Dropout(0.5)"];
    expect(layersOf(model)).toEqual([
      "Linear(4, 8, no bias)",
      ...hidden,
      "Linear(8, 8, no bias)",
      ...hidden,
      "Linear(8, 2, no bias)",
    ]);
    expect(model.layers[2]).not.toBe(model.layers[6]);
    expect(layersOf(mlp([1, 2, 1], { norm: "rms" }))[1]).toBe("RMSNorm(2)");
  });

  test("draws from the generator that it is given, dropout too", () => {
    const make = (): Sequential => mlp([4, 50, 2], { dropout: 0.5, generator: new T.Generator(5) });
    const outputs = [make(), make()].map((model) => model.forward(T.ones([3, 4])).toArray());
    expect(outputs[0]).toEqual(outputs[1]);
  });

  test.each<[() => unknown, string]>([
    [() => mlp([3]), "mlp: needs the number of inputs and of outputs, got an array; write mlp([784, 128, 10])"],
    [() => mlp(3 as never), "mlp: needs the number of inputs and of outputs, got 3"],
    [
      () => mlp([3, 2, 1], { norm: "instance" as never }),
      'mlp: norm must be "batch", "layer" or "rms", got "instance", a string',
    ],
    [
      () => mlp([3, 2, 1], { activation: "relu" as never }),
      'mlp: activation must be a function, or a class of layers, got "relu", a string',
    ],
    [() => mlp([3, 2, 1], { dropout: 2 }), "Dropout"],
    [() => mlp([3, -2, 1]), "mlp: size 1 must be a whole number, 0 or more, got -2"],
  ])("refuses %#", (call, message) => {
    expect(call).toThrow(message);
  });
});
