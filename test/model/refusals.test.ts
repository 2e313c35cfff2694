import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as T from "../../src/index.ts";
import { type Json, Layer, Linear, relu, Sequential, type Tensor } from "../../src/index.ts";
import { decodeModel, encodeModel, fromJSON, type ModelOptions } from "../../src/model/index.ts";
import { decode, encode } from "../../src/safetensors/index.ts";

class Scale extends Layer {
  readonly factor: number;
  constructor(factor: number) {
    super();
    this.factor = factor;
  }
  override forward(x: Tensor): Tensor {
    return x.mul(this.factor);
  }
  override arguments(): readonly unknown[] {
    return [this.factor];
  }
}
const square = (x: Tensor): Tensor => x.mul(x);

describe("layers and functions of your own", () => {
  const options: ModelOptions = { layers: { Scale }, functions: { square } };
  const model = new Sequential(new Scale(3), square);

  test("are known by the names that they are given", () => {
    const bytes = encodeModel(model, { functions: { square } });
    expect(
      decodeModel(bytes, options)
        .forward(T.tensor([2]))
        .toArray(),
    ).toEqual([36]);
    expect(
      fromJSON(model.toJSON(), options)
        .forward(T.tensor([2]))
        .toArray(),
    ).toEqual([36]);
    const other = encodeModel(new Scale(3), { layers: { Times: Scale } });
    expect(decodeModel(other, { layers: { Times: Scale } })).toBeInstanceOf(Scale);
  });

  test("two classes or functions of one name are refused, until they are named", () => {
    const blockOf = (factor: number) =>
      class Block extends Layer {
        override forward(x: Tensor): Tensor {
          return x.mul(factor);
        }
        override arguments(): readonly unknown[] {
          return [];
        }
      };
    const [A, B] = [blockOf(2), blockOf(3)];
    const both = new Sequential(new A(), new B(), new A());
    const message =
      ": a name must mean one class or function, got two of the name Block; name them in options.layers of encodeModel";
    expect(() => encodeModel(both)).toThrow(`encodeModel${message}`);
    expect(() => both.toJSON()).toThrow(`toJSON${message}`);
    const layers = { A, B };
    const back = decodeModel(encodeModel(both, { layers }), { layers });
    expect(back.forward(T.ones([1])).toArray()).toEqual([12]);
    const scaledBy = (factor: number) => {
      return function scaled(x: Tensor): Tensor {
        return x.mul(factor);
      };
    };
    expect(() => new Sequential(scaledBy(2), scaledBy(3)).toJSON()).toThrow("two of the name scaled");
  });

  const Unnamed = (() => class extends Scale {})();
  Unnamed.prototype.arguments = Scale.prototype.arguments;
  const Twin = class Linear extends Scale {
    override arguments(): readonly unknown[] {
      return [1];
    }
  };
  test.each<[() => unknown, string]>([
    [() => encodeModel(model), "encodeModel: this function is not known, got square; name it in options.functions"],
    [
      () => encodeModel(new Unnamed(1)),
      "encodeModel: a class needs a name that no other has, got a class without one; name it in options.layers",
    ],
    [
      () => encodeModel(new Twin(1)),
      "encodeModel: a class needs a name that no other has, got Linear; name it in options.layers",
    ],
    [
      () => encodeModel(model, { functions: { relu: square } }),
      "encodeModel: functions cannot have this name, which the library uses, got relu; choose another",
    ],
    [
      () => decodeModel(encodeModel(new Scale(3))),
      'decodeModel: this kind of layer is not known, got "Scale", a string; name it in options.layers',
    ],
    [
      () => decodeModel(encodeModel(model, options), { layers: { Scale } }),
      'decodeModel: this function is not known, got "square", a string; name it in options.functions',
    ],
    [
      () => decodeModel(encodeModel(model, options), { layers: { Scale: new Scale(1) as never } }),
      "decodeModel: layers.Scale must be a class of layers, got a Scale",
    ],
    [
      () => decodeModel(encodeModel(model, options), { functions: { square: Scale as never } }),
      "decodeModel: functions.square must be a function, got the class Scale",
    ],
    [
      () => encodeModel(model, { functions: [square] as never }),
      "encodeModel: functions must be an object, got an array; write { functions: { name: … } }",
    ],
    [
      () => encodeModel(model, { layer: { Scale } } as never),
      "encodeModel: there is no such option, got layer; did you mean layers?",
    ],
    [() => encodeModel(relu as never), "encodeModel: needs a layer, got a function"],
    [() => encodeModel(new Sequential(new T.Hardtanh(0, Number.POSITIVE_INFINITY))), "JSON has no way to say"],
    [
      () => decodeModel("model" as never),
      'decodeModel: needs bytes: a Uint8Array or an ArrayBuffer, got "model", a string; pass what encodeModel returned',
    ],
  ])("are refused otherwise %#", (call, message) => {
    expect(call).toThrow(T.TinygradError);
    expect(call).toThrow(message);
  });
});

/** A file with this beside the tensors. */
const fileOf = (remark: unknown, tensors: Record<string, Tensor> = {}): Uint8Array =>
  encode(tensors, { "tinygrad-ts": typeof remark === "string" ? remark : JSON.stringify(remark) });
const modelOf = (architecture: unknown, tensors: Record<string, Tensor> = {}): Uint8Array =>
  fileOf({ version: 1, architecture, frozen: [] }, tensors);
const linear = { layer: "Linear", arguments: [1, 2] };

describe("an architecture that is none is refused", () => {
  const nested = (levels: number): unknown => {
    let inner: unknown = { function: "relu" };
    for (let i = 0; i < levels; i++) inner = { layer: "Sequential", arguments: [inner] };
    return inner;
  };
  test.each<[unknown, string]>([
    [null, "fromJSON: needs a layer as toJSON writes it, got null"],
    [[linear], "fromJSON: needs a layer as toJSON writes it, got an array"],
    [{}, "fromJSON: needs a layer as toJSON writes it, got an object"],
    [{ function: "relu" }, "fromJSON: needs a layer as toJSON writes it, got an object"],
    [{ layer: "Lambda", arguments: [] }, "Lambda: fn must be a function"],
    [{ layer: "constructor", arguments: [] }, 'fromJSON: this kind of layer is not known, got "constructor", a string'],
    [{ layer: "__proto__", arguments: [] }, 'fromJSON: this kind of layer is not known, got "__proto__", a string'],
    [{ layer: "toString", arguments: [] }, 'fromJSON: this kind of layer is not known, got "toString", a string'],
    [{ layer: 3, arguments: [] }, "fromJSON: this kind of layer is not known, got 3"],
    [{ layer: "Linear" }, "fromJSON: Linear needs arguments, got undefined"],
    [{ layer: "Linear", arguments: { length: 2 } }, "fromJSON: Linear needs arguments, got an object"],
    [{ layer: "Linear", arguments: [-1, 2] }, "Linear"],
    [{ layer: "Linear", arguments: ["1", 2] }, "Linear"],
    [{ layer: "Linear", arguments: [1, 2, null] }, "Linear"],
    [{ layer: "Linear", arguments: [1, 2, { generator: 3 }] }, "Linear"],
    [{ layer: "Dropout", arguments: ["much"] }, "Dropout"],
    [{ layer: "LeakyReLU", arguments: ["steep"] }, "LeakyReLU"],
    [{ layer: "Softmax", arguments: [{ axis: 1 }] }, "Softmax"],
    [{ layer: "ReLU", arguments: [3] }, "ReLU: takes no arguments"],
    [{ layer: "Residual", arguments: [] }, "Residual"],
    [{ layer: "Parallel", arguments: [linear] }, "Parallel"],
    [{ layer: "GELU", arguments: [null] }, "GELU"],
    [{ layer: "Flatten", arguments: [[]] }, "Flatten"],
    [JSON.parse('{ "layer": "Linear", "arguments": [1, 2, { "__proto__": { "bias": false } }] }'), "__proto__"],
    [
      { layer: "Sequential", arguments: [{ function: "toString" }] },
      'fromJSON: this function is not known, got "toString", a string',
    ],
    [{ layer: "Sequential", arguments: [3] }, "Sequential: entry 0 must be a layer or a function, got 3"],
    [nested(250), "fromJSON: layers and arguments may nest 200 deep, got more"],
  ])("%#", (json, message) => {
    expect(() => fromJSON(json as Json)).toThrow(T.TinygradError);
    expect(() => fromJSON(json as Json)).toThrow(message);
    expect(() => decodeModel(modelOf(json))).toThrow(T.TinygradError);
  });

  test("what a constructor of your own throws is told", () => {
    class Sized extends Layer {
      constructor(size: { readonly width: number }) {
        super();
        size.width.toFixed();
      }
      override forward(x: Tensor): Tensor {
        return x;
      }
    }
    const json = { layer: "Sized", arguments: [null] };
    const call = (): unknown => fromJSON(json, { layers: { Sized } });
    expect(call).toThrow(T.ValueError);
    expect(call).toThrow("fromJSON: Sized must take the arguments that were written, got TypeError: Cannot read");
  });
});

describe("a file that is none is refused", () => {
  const weights = { weight: T.zeros([2, 1]), bias: T.zeros([2]) };
  test.each<[Uint8Array, string]>([
    [
      encode(weights),
      "decodeModel: needs a file that encodeModel wrote, got a file of tensors only; decode(bytes) reads them",
    ],
    [fileOf("{"), "decodeModel: the architecture must be JSON, got SyntaxError"],
    [fileOf("null"), "decodeModel: the architecture must be of version 1, got undefined"],
    [fileOf({ version: 2 }), "got 2; a later version of the library may have written it"],
    [fileOf({ version: 1 }), "decodeModel: needs an architecture, and the names of what is frozen"],
    [fileOf({ version: 1, architecture: linear, frozen: [3] }), "decodeModel: needs an architecture, and the names"],
    [
      fileOf({ version: 1, architecture: linear, frozen: ["slope"] }, weights),
      "decodeModel: what is frozen must be in the file, got slope",
    ],
    [
      fileOf({ version: 1, architecture: linear, frozen: [], resting: "all" }, weights),
      "decodeModel: needs an architecture, and the names of what is frozen and of what is out of training, got something else",
    ],
    [
      fileOf({ version: 1, architecture: linear, frozen: [], resting: ["head"] }, weights),
      "decodeModel: what is out of training must be in the model, got head",
    ],
    [modelOf(linear, { weight: weights.weight }), "the state must fit, got bias is missing; nothing was loaded"],
    [modelOf(linear), "decodeModel: the weights must be in the file, got too few of them for Linear(1, 2)"],
    [
      modelOf(linear, { ...weights, more: T.ones([1]) }),
      "the state must fit, got more is unexpected; nothing was loaded",
    ],
    [
      modelOf(linear, { weight: T.zeros([1, 2]), bias: T.zeros([2]) }),
      "weight is float32[1, 2] instead of float32[2, 1]",
    ],
    [new Uint8Array(3), "decodeModel: a file has at least 8 bytes, got 3"],
  ])("%#", (bytes, message) => {
    expect(() => decodeModel(bytes)).toThrow(T.TinygradError);
    expect(() => decodeModel(bytes)).toThrow(message);
  });

  test("before memory is taken for weights that are not in it", () => {
    const sizes: readonly (readonly [string, ...unknown[]])[] = [
      ["Linear", 1e5, 1e5],
      ["Linear", 1e9, 1e300, { bias: false }],
      ["Bilinear", 3000, 3000, 3000],
      ["Embedding", 1e6, 1e5],
      ["BatchNorm1d", 1e10],
      ["BatchNorm1d", 1e10, { affine: false }],
      ["BatchNorm2d", 1e10],
      ["InstanceNorm2d", 1e10, { affine: true }],
      ["SqueezeExcite", 1e6],
      ["LayerNorm", [1e5, 1e5]],
      ["RMSNorm", 1e10],
      ["GroupNorm", 1, 1e10],
      ["PReLU", 1e10],
      ["StandardScaler", 1e10],
      ["MinMaxScaler", 1e10],
    ];
    for (const [layer, ...args] of sizes) {
      const call = (): unknown => decodeModel(modelOf({ layer, arguments: args }, { weight: T.ones([100]) }));
      expect(call, layer).toThrow(T.StateError);
      expect(call, layer).toThrow(`the weights must be in the file, got too few of them for ${layer}(`);
    }
    // Each has weights enough in the file, but not all of them.
    const many = {
      layer: "Sequential",
      arguments: Array.from({ length: 1e4 }, () => ({ layer: "Linear", arguments: [1000, 1000] })),
    };
    expect(() => decodeModel(modelOf(many, { w: T.zeros([1e6]) }))).toThrow("too few of them for Linear(1000, 1000)");
  });

  test("whatever bytes are changed, the error is ours, or the model is one", () => {
    const bytes = encodeModel(new Sequential(new Linear(2, 2), relu, new T.BatchNorm1d(2)));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const other = bytes.slice();
        other[at]! ^= change;
        try {
          expect(decodeModel(other)).toBeInstanceOf(Layer);
        } catch (error) {
          if (!(error instanceof T.TinygradError)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
    expect(decode(bytes).size).toBe(7);
  });
});

test("a class of one's own that is called as one of the library's is not taken for it", () => {
  const own = {
    Linear: class extends Layer {
      override forward(x: Tensor): Tensor {
        return x;
      }
      override arguments(): readonly unknown[] {
        return [1, 2];
      }
    },
  };
  const text = JSON.stringify(new own.Linear());
  expect(text).toBe('{"layer":"Linear","arguments":[1,2],"custom":true}');
  expect(() => fromJSON(JSON.parse(text))).toThrow(
    "fromJSON: a class must not be confused with another, got Linear, your own class with the name of one of the library's; give your class another name, and save again",
  );
});
