import { describe, expect, test } from "vitest";
import * as T from "../../src/index.ts";
import { Layer, Linear, type Tensor } from "../../src/index.ts";
import { decodeModel, encodeModel } from "../../src/model/index.ts";
import { isLayer, layersOf } from "../../src/nn/reflect.ts";
import { kinds } from "./kinds.ts";

const encoder = () => new T.TransformerEncoderLayer(4, 2, { hidden: 3, dropout: 0.1 });
const decoder = () => new T.TransformerDecoderLayer(4, 2, { hidden: 3 });

/** Sets a field, by its path, as plain JavaScript may do with any. */
function set<L extends Layer>(layer: L, path: string, value: unknown): L {
  const keys = path.split(".");
  const last = keys.pop()!;
  const at = keys.reduce<unknown>((x, key) => (x as Record<string, unknown>)[key], layer);
  (at as Record<string, unknown>)[last] = value;
  return layer;
}

class Doubled extends Linear {
  override forward<X extends Tensor>(x: X): Tensor {
    return T.linear(x, this.weight.mul(2), this.bias);
  }
  override arguments(): readonly unknown[] {
    return super.arguments();
  }
}

/** A block of one's own, which forgets what it was made with. */
class Block extends Layer {
  inner: Layer = new Linear(2, 2);
  rate = 0.5;
  name = "block";
  options: { [name: string]: unknown } = { steps: [1, 2], mask: new Map([["a", true]]) };
  fn = (x: Tensor): Tensor => x;
  override forward(x: Tensor): Tensor {
    return this.fn(this.inner.forward(x).mul(this.rate));
  }
  override arguments(): readonly unknown[] {
    return [];
  }
}

describe("what a file cannot say is refused", () => {
  const hint = "write a class of your own that makes it so, or encode(model.stateDict())";
  test.each<[string, Layer, string]>([
    [
      "a setting of a part",
      set(encoder(), "norm2", new T.LayerNorm(4, { eps: 0.5 })),
      `norm2.eps: 0.5, a new TransformerEncoderLayer has 0.00001; ${hint}`,
    ],
    [
      "a setting of a part, in a model",
      new T.Sequential(set(encoder(), "selfAttention.dropout", 0.4)),
      `layers.0.selfAttention.dropout: 0.4, a new TransformerEncoderLayer has 0.1; ${hint}`,
    ],
    [
      "a setting that stands for those of all parts",
      set(encoder(), "norm1.eps", 0.5),
      "norm2.eps: 0.00001, a new TransformerEncoderLayer has 0.5",
    ],
    [
      "a probability that stands for those of all parts",
      set(encoder(), "dropout", new T.Dropout(0.4)),
      "selfAttention.dropout: 0.1, a new TransformerEncoderLayer has 0.4",
    ],
    [
      "another kind of part",
      set(encoder(), "dropout", new T.Identity()),
      "dropout: an Identity, a new TransformerEncoderLayer has a Dropout",
    ],
    [
      "a class of one's own for a part",
      set(encoder(), "linear1", new Doubled(4, 3)),
      "linear1: a Doubled, a new TransformerEncoderLayer has a Linear",
    ],
    [
      "a class of one's own in a part",
      set(encoder(), "selfAttention.outProj", new Doubled(4, 4)),
      "selfAttention.outProj: a Doubled, a new TransformerEncoderLayer has a Linear",
    ],
    [
      "a part that is no layer",
      set(encoder(), "norm2", { forward: (x: Tensor) => x }),
      "norm2: an object, a new TransformerEncoderLayer has a LayerNorm",
    ],
    [
      "another number of heads",
      set(decoder(), "crossAttention", new T.MultiheadAttention(4, 4, { dropout: 0.1 })),
      "crossAttention.heads: 4, a new TransformerDecoderLayer has 2",
    ],
    [
      "a setting of one cell of several",
      set(new T.RNN(2, 3, { layers: 2 }), "cells.1.activation", "relu"),
      'cells.1.activation: "relu", a string, a new RNN has "tanh", a string',
    ],
    [
      "a forward of its own",
      set(new Linear(2, 2), "forward", (x: Tensor) => x.mul(0)),
      "forward: a function, a new Linear has none",
    ],
    ["a tensor more", set(new Linear(2, 2), "extra", T.ones([1])), "extra: a tensor float32[1], a new Linear has none"],
    ["a tensor less", set(new T.GroupNorm(1, 2), "bias", null), "bias: null, a new GroupNorm has a tensor float32[2]"],
    [
      "a tensor that is computed",
      set(new Linear(2, 2), "weight", T.ones([2, 2], { requiresGrad: true }).mul(2)),
      "weight: a tensor float32[2, 2], no state, a new Linear has a tensor float32[2, 2]; detach() it",
    ],
    [
      "a part of another shape",
      set(encoder(), "linear2", new Linear(5, 4)),
      "linear2.weight: a tensor float32[4, 5], a new TransformerEncoderLayer has a tensor float32[4, 3]",
    ],
    [
      "a setting of a class of one's own",
      set(new Block(), "rate", 0.1),
      "rate: 0.1, a new Block has 0.5; return it from arguments(), keep it #private, or encode(model.stateDict())",
    ],
    [
      "a tensor in a list of a class of one's own",
      set(new Block(), "options", { more: [T.ones([2])] }),
      "options.more.0: a tensor float32[2], a new Block has none",
    ],
    [
      "a function of another text",
      set(new Block(), "fn", (x: Tensor) => x.relu()),
      "fn: a function, a new Block has fn",
    ],
    [
      "a layer more in a class of one's own",
      set(new Block(), "head", new Linear(2, 1)),
      "head: a Linear, a new Block has none",
    ],
    [
      "another kind of part in a class of one's own",
      set(new Block(), "inner", encoder()),
      "inner: a TransformerEncoderLayer, a new Block has a Linear",
    ],
  ])("%s", (_, model, message) => {
    const start = "encodeModel: a model must be the same when arguments() makes it again, got ";
    expect(() => encodeModel(model)).toThrow(T.ValueError);
    expect(() => encodeModel(model)).toThrow(start + message);
  });

  test("weights that a constructor ties, and that are no longer", () => {
    class Tied extends Layer {
      a = new Linear(2, 2);
      b = new Linear(2, 2);
      constructor() {
        super();
        this.b.weight = this.a.weight;
      }
      override forward(x: Tensor): Tensor {
        return this.b.forward(this.a.forward(x));
      }
      override arguments(): readonly unknown[] {
        return [];
      }
    }
    const model = new Tied();
    model.b.weight = T.ones([2, 2], { requiresGrad: true });
    const message = "b.weight: a tensor float32[2, 2], a new Tied has another";
    expect(() => encodeModel(model)).toThrow(message);
  });
});

test("what classes of one's own keep beside single values says little, and is let be", () => {
  class Dense extends Layer {
    readonly size: number;
    readonly options: { readonly hidden?: number };
    readonly hidden: number;
    readonly inner: Linear;
    cache: Map<string, number> | null = null;
    constructor(size: number, options: { readonly hidden?: number } = {}) {
      super();
      this.size = size;
      this.options = options;
      this.hidden = options.hidden ?? 8;
      this.inner = new Linear(size, this.hidden);
    }
    override forward(x: Tensor): Tensor {
      this.cache ??= new Map();
      this.cache.set(`${x.shape}`, x.size);
      return this.inner.forward(x);
    }
    override arguments(): readonly unknown[] {
      return [this.size, { hidden: this.hidden }];
    }
  }
  const model = new T.Sequential(new Dense(2), set(new Dense(2), "seen", ["a", "b"]), new Linear(8, 1));
  (model.layers[0] as Dense).forward(T.ones([1, 2]));
  const again = decodeModel(encodeModel(model, { layers: { Dense } }), { layers: { Dense } });
  expect(String(again)).toBe(String(model));
});

/** All settings of a model, by path. */
function settingsOf(model: Layer): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const visit = (value: unknown, path: string): void => {
    if (typeof value === "object" && value !== null && !("layerRuntime" in value) && !("grad" in value)) {
      for (const [key, entry] of Object.entries(value)) visit(entry, `${path}.${key}`);
    } else if (typeof value !== "object" || value === null) found.set(path, value);
  };
  for (const [path, layer] of layersOf(model)) {
    found.set(path, layer.constructor);
    for (const [key, value] of Object.entries(layer)) visit(value, `${path}.${key}`);
  }
  return found;
}

describe("whatever is changed is saved or refused", () => {
  const all: readonly [string, Layer][] = [
    ...Object.entries(kinds).map(([name, [layer]]): [string, Layer] => [name, layer]),
    ["TransformerDecoderLayer", decoder()],
    ["AttentionGate", new T.AttentionGate(2, 3, 4)],
    ["Bilinear", new T.Bilinear(2, 3, 4)],
  ];
  const copyOf = (layer: Layer): Layer => decodeModel(encodeModel(layer));

  test.each(all)("in %s", (_, original) => {
    const others = (value: unknown): unknown[] => {
      if (typeof value === "number") return [value + 1, value / 2];
      if (typeof value === "boolean") return [!value];
      if (isLayer(value)) return [new T.Identity(), new Doubled(4, 3), new T.Dropout(0.25), null];
      return typeof value === "string" ? ["relu", "tanh", "gelu", "max", "reflect"] : [];
    };
    let refused = 0;
    for (const [i, [, layer]] of layersOf(original).entries()) {
      for (const key of [...Object.keys(layer), "forward", "more"]) {
        const values =
          key === "forward"
            ? [(x: Tensor) => x]
            : key === "more"
              ? [1]
              : others((layer as unknown as Record<string, unknown>)[key]);
        for (const value of values) {
          const model = copyOf(original);
          set(layersOf(model)[i]![1], key, value);
          let bytes: Uint8Array;
          try {
            bytes = encodeModel(model);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
            refused++;
            continue;
          }
          const back = decodeModel(bytes, { layers: { Doubled } });
          expect([key, settingsOf(back)]).toEqual([key, settingsOf(model)]);
        }
      }
    }
    expect(refused).toBeGreaterThan(0);
  });
});

describe("what is no setting is not refused", () => {
  const constant = T.ones([2]);
  let made = 0;

  class Free extends Layer {
    static readonly shared = { base: 3 };
    readonly options: { readonly size: number; readonly bias?: boolean | undefined };
    readonly shared = Free.shared;
    readonly constant = constant;
    readonly heads: Map<string, Layer>;
    readonly activation: T.LayerFunction;
    readonly generator = new T.Generator(made++);
    readonly other = new Date(made++);
    readonly same: Layer;
    inputs: Tensor | null = null;
    config: Date | undefined;
    bound: (x: Tensor) => Tensor;
    #calls = 0;
    constructor(options: { readonly size: number; readonly bias?: boolean | undefined }, activation: T.LayerFunction) {
      super();
      this.options = options;
      this.activation = activation;
      const { size } = options;
      this.heads = new Map<string, Layer>([["a", new Linear(size, size)]]);
      this.heads.set("b", new T.ReLU());
      this.same = this.heads.get("b")!;
      this.bound = this.own.bind(this);
    }
    own(x: Tensor): Tensor {
      this.#calls++;
      return this.heads.get("a")!.forward(this.activation(x)).add(this.#calls);
    }
    override forward = (x: Tensor): Tensor => {
      this.inputs = this.bound(x);
      this.config = new Date();
      return this.inputs;
    };
    override arguments(): readonly unknown[] {
      return [this.options, this.activation];
    }
  }

  test("in a class of one's own", () => {
    const layer = new Free({ size: 2, bias: undefined }, T.gelu);
    layer.forward(T.ones([2], { requiresGrad: true }));
    const back = decodeModel(encodeModel(layer), { layers: { Free } }) as Free;
    expect(back.options).toEqual({ size: 2 });
    expect(back.heads.get("a")).toBeInstanceOf(Linear);
  });

  test("in a class whose constructor changes what it inherits", () => {
    class Softer extends T.TransformerEncoderLayer {
      constructor(size: number, heads: number, options?: T.TransformerLayerOptions) {
        super(size, heads, options);
        this.norm2 = new T.LayerNorm(size, { eps: 0.5 });
      }
      override arguments(): readonly unknown[] {
        return super.arguments();
      }
    }
    const back = decodeModel(encodeModel(new Softer(4, 2, { hidden: 3 })), { layers: { Softer } }) as Softer;
    expect(back.norm2.eps).toBe(0.5);
  });

  test("in a part that is replaced by one that is made in the same way", () => {
    const layer = encoder();
    layer.norm2 = new T.LayerNorm(4);
    layer.selfAttention = new T.MultiheadAttention(4, 2, { dropout: 0.1 });
    layer.linear1.weight = T.ones([3, 4]);
    layer.linear1.eval();
    const back = decodeModel(encodeModel(layer)) as T.TransformerEncoderLayer;
    expect(back.linear1.weight.toArray()).toEqual(T.ones([3, 4]).toArray());
    expect(back.linear1.training).toBe(false);
  });
});

describe("that a model is made again leaves no trace", () => {
  class Drawn extends Layer {
    readonly weight = T.randn([2], { requiresGrad: true });
    override forward(x: Tensor): Tensor {
      return x.mul(this.weight);
    }
    override arguments(): readonly unknown[] {
      return [];
    }
  }

  test("in the default generator, and in what computes", () => {
    const model = new T.Sequential(new Drawn(), new Linear(2, 2), new T.Dropout(0.5));
    const refused = set(new Linear(2, 2), "more", 1);
    const x = T.ones([2], { requiresGrad: true });
    const y = model.forward(x).sum();
    const before = T.defaultGenerator().state;
    encodeModel(model);
    expect(() => encodeModel(refused)).toThrow("more: 1, a new Linear has none");
    expect(T.defaultGenerator().state).toEqual(before);
    expect(Object.keys(T.defaultGenerator())).toEqual([]);
    expect(new Linear(2, 2).weight.toArray()).not.toEqual([
      [0, 0],
      [0, 0],
    ]);
    y.backward(); // what was computed before is valid
    expect(x.grad).not.toBeNull();
  });
});
