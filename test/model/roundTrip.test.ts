import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as T from "../../src/index.ts";
import { Layer, Linear, relu, Sequential, type Tensor } from "../../src/index.ts";
import { decodeModel, encodeModel, fromJSON } from "../../src/model/index.ts";
import { decode } from "../../src/safetensors/index.ts";
import { dtype, kinds } from "./kinds.ts";

const copyOf = (model: Layer): Layer => decodeModel(encodeModel(model));
const stateOf = (model: Layer): unknown[] =>
  [...model.stateDict()].map(([name, x]) => [name, x.dtype, x.shape, x.toArray()]);

/** The copy is of the same layers, with the same state, and computes the same, in training and out of it. */
function expectSame(copy: Layer, model: Layer, x: Tensor): void {
  expect(copy.toJSON()).toEqual(model.toJSON());
  expect(String(copy)).toBe(String(model));
  expect(stateOf(copy)).toEqual(stateOf(model));
  expect([...copy.namedParameters().keys()]).toEqual([...model.namedParameters().keys()]);
  for (const isTraining of [true, false]) {
    T.manualSeed(1);
    const wanted = model.train(isTraining).forward(x);
    T.manualSeed(1);
    expect(copy.train(isTraining).forward(x).toArray()).toEqual(wanted.toArray());
  }
  expect(stateOf(copy)).toEqual(stateOf(model)); // running statistics too
}

test("every layer that the library exports is known", () => {
  const exported = Object.entries(T).filter(
    ([, value]) => (value as { prototype?: unknown }).prototype instanceof Layer,
  );
  expect(Object.keys(kinds).sort()).toEqual(exported.map(([name]) => name).sort());
});

describe("a model comes back as it was", () => {
  test.each(Object.keys(kinds))("%s", (name) => {
    const [layer, x] = kinds[name]!;
    const copy = copyOf(layer);
    expect(copy.constructor).toBe(layer.constructor);
    expectSame(copy, layer, x);
    expect(fromJSON(JSON.parse(JSON.stringify(layer))).toJSON()).toEqual(layer.toJSON());
  });

  test("Bilinear, of two inputs", () => {
    const layer = new T.Bilinear(2, 3, 4, { bias: false, dtype });
    const [a, b] = [T.ones([5, 2], { dtype }), T.ones([5, 3], { dtype })];
    expect((copyOf(layer) as T.Bilinear).forward(a, b).toArray()).toEqual(layer.forward(a, b).toArray());
  });

  test("AttentionGate, of two inputs", () => {
    const layer = new T.AttentionGate(2, 3, 4, { stride: 1, dtype });
    const [x, g] = [T.ones([1, 2, 3, 3], { dtype }), T.ones([1, 3, 3, 3], { dtype })];
    expect((copyOf(layer) as T.AttentionGate).forward(x, g).toArray()).toEqual(layer.forward(x, g).toArray());
  });

  test("every activation that stands as a function", () => {
    const functions = [T.celu, T.elu, T.gelu, T.glu, T.hardswish, T.hardtanh, T.leakyRelu, T.logSoftmax, T.mish, relu];
    const more = [T.selu, T.sigmoid, T.silu, T.softmax, T.softplus, T.softsign, T.tanh, T.flatten];
    for (const fn of [...functions, ...more] as T.LayerFunction[]) {
      const copy = copyOf(new Sequential(fn)) as Sequential;
      expect((copy.layers[0] as T.Lambda).fn).toBe(fn);
    }
  });

  test("with what was frozen, and nothing else, frozen; the same model in the same bytes", () => {
    const model = T.mlp([4, 3, 2], { norm: "batch" }).eval();
    model.layers[0]!.parameters()[0]!.requiresGrad = false;
    const copy = copyOf(model);
    const names = ["layers.0.bias", "layers.1.weight", "layers.1.bias", "layers.3.weight", "layers.3.bias"];
    expect([...copy.namedParameters().keys()]).toEqual(names);
    expect(encodeModel(copy)).toEqual(encodeModel(model));
  });

  test("each layer in the mode that it was saved in", () => {
    const model = T.mlp([4, 3, 2], { norm: "batch", dropout: 0.5 });
    const modes = (of: T.Layer) => [of, ...(of as Sequential).layers].map(({ training }) => training);
    expect(modes(copyOf(model))).toEqual([true, true, true, true, true, true]);
    model.layers[1]!.eval();
    expect(modes(copyOf(model))).toEqual([true, true, false, true, true, true]);
    model.eval();
    expect(modes(copyOf(model))).toEqual([false, false, false, false, false, false]);
    const x = T.ones([2, 4]);
    expect(copyOf(model).forward(x).toArray()).toEqual(model.forward(x).toArray());
  });

  test("whose weights have become trainable where they were not", () => {
    const model = new T.StandardScaler(2);
    model.shift.requiresGrad = true;
    expect([...copyOf(model).namedParameters().keys()]).toEqual(["shift"]);
  });

  test("and its tensors are those of any safetensors file", () => {
    const model = T.mlp([2, 3, 1]);
    expect([...decode(encodeModel(model)).keys()]).toEqual([...model.stateDict().keys()]);
  });

  test("without a random number being drawn", () => {
    const bytes = encodeModel(new Linear(2, 2));
    T.manualSeed(5);
    const wanted = T.rand([3]).toArray();
    T.manualSeed(5);
    decodeModel(bytes);
    expect(T.rand([3]).toArray()).toEqual(wanted);
  });

  test("whatever the default dtype is", () => {
    const bytes = encodeModel(T.mlp([2, 2], { dtype: "float32" }));
    T.setDefaultDtype("float64");
    try {
      expect(decodeModel(bytes).parameters()[0]!.dtype).toBe("float32");
    } finally {
      T.setDefaultDtype("float32");
    }
  });
});

describe("random models come back to the bit", () => {
  const size = 4;
  const functions: readonly T.LayerFunction[] = [relu, T.tanh, T.gelu, T.silu, T.softplus, T.sigmoid];
  const real = fc.double({ min: 0.01, max: 0.99, noNaN: true });

  /** Layers from [batch, 4] to [batch, 4]. */
  const { model } = fc.letrec<{ model: Layer | T.LayerFunction }>((tie) => ({
    model: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(...functions),
      fc.oneof(
        fc.record({ bias: fc.boolean() }).map((options) => new Linear(size, size, { ...options, dtype })),
        real.map((p) => new T.Dropout(p)),
        real.map((slope) => new T.LeakyReLU(slope)),
        fc.tuple(real, real).map(([min, range]) => new T.Hardtanh(-min, range)),
        fc.constantFrom(1, size).chain((n) => real.map((slope) => new T.PReLU(n, { slope, dtype }))),
        fc
          .record({ eps: real, momentum: fc.oneof(real, fc.constant(null)), affine: fc.boolean() })
          .chain((options) => fc.boolean().map((tracksStatistics) => ({ ...options, tracksStatistics })))
          .map((options) => new T.BatchNorm1d(size, { ...options, dtype })),
        fc.record({ eps: real, affine: fc.boolean() }).map((options) => new T.LayerNorm(size, { ...options, dtype })),
        fc.record({ eps: real, affine: fc.boolean() }).map((options) => new T.RMSNorm([size], { ...options, dtype })),
        fc.constantFrom(1, 2, 4).map((groups) => new T.GroupNorm(groups, size, { dtype })),
        fc.tuple(real, real).map(([low, width]) => {
          const scaler = new T.MinMaxScaler(size, { low, high: low + width });
          return scaler.fit(T.randn([5, size], { dtype }));
        }),
        fc.constant(0).map(() => new T.StandardScaler(size).fit(T.randn([5, size], { dtype }))),
      ),
      fc.array(tie("model"), { maxLength: 4 }).map((layers) => new Sequential(...layers)),
      tie("model").map((inner) => new T.Residual(inner)),
      fc.tuple(tie("model"), tie("model")).map(([a, projection]) => new T.Residual(a, { projection })),
      tie("model").map((inner) => {
        const halves = [inner, new T.Identity()];
        return new Sequential(new T.Parallel(halves, { axis: 1 }), new Linear(2 * size, size, { dtype }));
      }),
    ),
  }));

  test("by encodeModel and decodeModel", () => {
    const frozen = fc.array(fc.nat(), { maxLength: 3 });
    fc.assert(
      fc.property(model, frozen, fc.nat(), (drawn, indices, seed) => {
        const layer = new Sequential(drawn);
        const tensors = layer.parameters();
        for (const i of tensors.length > 0 ? indices : []) tensors[i % tensors.length]!.requiresGrad = false;
        const x = T.randn([6, size], { dtype, generator: new T.Generator(seed) });
        layer.forward(x); // for statistics that are not those of the beginning
        expectSame(copyOf(layer), layer, x);
      }),
      { numRuns: 200 },
    );
  });
});
