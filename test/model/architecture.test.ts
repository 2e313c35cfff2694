import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import * as T from "../../src/index.ts";
import { Layer, Linear, relu, Sequential, type Tensor, ValueError } from "../../src/index.ts";
import { kinds } from "./kinds.ts";

class Scale extends Layer {
  readonly factor: number;
  constructor(factor: number) {
    super();
    this.factor = factor;
  }
  override forward(x: Tensor): Tensor {
    return x.mul(this.factor);
  }
}

/** A layer that may hold anything. */
class Holder extends Layer {
  readonly head: Layer;
  readonly blocks: Layer[];
  self: Layer | null = null;
  readonly held = { layer: new T.ReLU() };
  constructor(head: Layer, blocks: Layer[]) {
    super();
    this.head = head;
    this.blocks = blocks;
  }
  override forward(x: Tensor): Tensor {
    return this.head.forward(x);
  }
  override arguments(): readonly unknown[] {
    return [this.head, this.blocks];
  }
}

describe("toString", () => {
  test("shows the layers in their places, as PyTorch does", () => {
    const model = new Sequential(new Linear(784, 128), relu, new T.Residual(new Linear(128, 128)));
    const wanted = `Sequential(
  (0): Linear(784, 128)
  (1): relu
  (2): Residual(
    (inner): Linear(128, 128)
  )
)`;
    expect(model.toString()).toBe(wanted);
    expect(`${model}`).toBe(wanted);
    expect(inspect(model)).toBe(wanted);
    expect(String(new Linear(2, 3))).toBe("Linear(2, 3)");
    expect(String(new Sequential())).toBe("Sequential");
    expect(String(new Scale(3))).toBe("Scale");
  });

  test("shows layers in fields and arrays, in two places, and in themselves", () => {
    const shared = new Sequential(relu);
    const model = new Holder(shared, [new Scale(2), shared]);
    model.self = model;
    expect(String(model)).toBe(`Holder(
  (head): Sequential(
    (0): relu
  )
  (blocks.0): Scale
  (blocks.1): Sequential(
    (0): relu
  )
  (self): Holder (see above)
  (held.layer): ReLU
)`);
  });
});

describe("arguments", () => {
  test.each(Object.keys(kinds))("%s is made again by its own", (name) => {
    const [layer] = kinds[name]!;
    const copy = new (layer.constructor as new (...args: readonly unknown[]) => Layer)(...layer.arguments());
    expect(copy.describe()).toBe(layer.describe());
    const shapes = (of: Layer): unknown[] => [...of.stateDict()].map(([at, x]) => [at, x.dtype, x.shape]);
    expect(shapes(copy)).toEqual(shapes(layer));
    expect(Object.hasOwn(layer.constructor.prototype, "arguments")).toBe(true);
  });

  test("must be said by each class, which may have another constructor", () => {
    const refusal = (name: string): string =>
      `toJSON: a layer must say its arguments, got ${name}; give ${name} a method arguments() that returns what its constructor takes`;
    expect(() => new Scale(1).arguments()).toThrow(refusal("Scale"));
    expect(() => new Sequential(new Scale(1)).toJSON()).toThrow(refusal("Scale"));
    class Block extends Sequential {
      constructor(size: number) {
        super(new Linear(size, size), relu);
      }
    }
    expect(() => new Block(2).toJSON()).toThrow(refusal("Block"));
    expect(() => JSON.stringify({ model: new Block(2) })).toThrow(ValueError);
  });
});

describe("toJSON", () => {
  test("is what JSON.stringify takes", () => {
    const model = new Sequential(new Linear(784, 128), relu, new T.Residual(T.tanh, { projection: new T.GELU() }));
    expect(JSON.parse(JSON.stringify({ model })).model).toEqual({
      layer: "Sequential",
      arguments: [
        { layer: "Linear", arguments: [784, 128, { bias: true, dtype: "float32" }] },
        { function: "relu" },
        {
          layer: "Residual",
          arguments: [{ function: "tanh" }, { projection: { layer: "GELU", arguments: [{ approximate: "none" }] } }],
        },
      ],
    });
    expect(model.toJSON()).toEqual(JSON.parse(JSON.stringify(model)));
  });

  test("says names that stand in what a class says of itself, as minifiers leave them", () => {
    const Short = class a extends Linear {
      override describe(): string {
        return "Wide(3)";
      }
      override arguments(): readonly unknown[] {
        return [3];
      }
    };
    expect(new Short(1, 1).toJSON().layer).toBe("Wide");
    class Spoken extends Short {
      override describe(): string {
        return "three of them";
      }
      override arguments(): readonly unknown[] {
        return [];
      }
    }
    expect(new Spoken(1, 1).toJSON()).toEqual({ layer: "Spoken", arguments: [], custom: true });
    class Quiet extends Linear {
      override arguments(): readonly unknown[] {
        return super.arguments();
      }
    }
    expect(new Quiet(1, 1).toJSON().layer).toBe("Quiet");
  });

  const shared = new Linear(2, 2);
  const tied = new Sequential(new Linear(2, 2), new Linear(2, 2));
  (tied.layers[1] as Linear).weight = (tied.layers[0] as Linear).weight;
  const itself: Layer[] = [];
  const circle = new Holder(new T.Identity(), itself);
  itself.push(circle);
  const says = (value: unknown): Layer => {
    class Says extends Scale {
      override arguments(): readonly unknown[] {
        return value as readonly unknown[];
      }
    }
    return new Says(1);
  };
  const endless: unknown[] = [];
  endless.push(endless);
  const deep = Array.from({ length: 250 }).reduce<Layer>((inner) => new Sequential(inner), relu as never);

  test.each<[Layer, string]>([
    [new Sequential(shared, shared), "toJSON: a layer must not be in two places, got Linear(2, 2)"],
    [tied, "toJSON: tied weights cannot be said, got one tensor as layers.0.weight and layers.1.weight"],
    [circle, "toJSON: a layer must not be in two places, got Holder"],
    [new T.Hardtanh(-1, Number.POSITIVE_INFINITY), "toJSON: JSON has no way to say this argument, got Infinity"],
    [new T.LeakyReLU(-0), "toJSON: JSON has no way to say this argument, got -0"],
    [new Sequential((x) => x), "toJSON: a function must have a name, got a function"],
    [says(3), "toJSON: arguments() of Says must return an array, got 3"],
    [says([new Map()]), "toJSON: JSON has no way to say this argument, got a Map"],
    [says([T.ones([2])]), "toJSON: JSON has no way to say this argument, got a tensor float32[2]"],
    [says([new T.Generator(1)]), "toJSON: JSON has no way to say this argument, got a Generator"],
    [says([undefined]), "toJSON: JSON has no way to say this argument, got undefined"],
    [says([{ layer: "Linear" }]), "toJSON: an option cannot have this name, got layer"],
    [says(endless), "toJSON: layers and arguments may nest 200 deep, got more"],
    [deep, "toJSON: layers and arguments may nest 200 deep, got more"],
  ])("refuses %#", (model, message) => {
    expect(() => model.toJSON()).toThrow(ValueError);
    expect(() => model.toJSON()).toThrow(message);
  });
});
