import { describe, expect, test } from "vitest";
import {
  freeze,
  Layer,
  Linear,
  ones,
  randn,
  Sequential,
  StateError,
  summary,
  type Tensor,
  tensor,
  unfreeze,
} from "../../src/index.ts";
import { decodeModel, encodeModel, fromJSON } from "../../src/model/index.ts";

/** Layers and tensors in containers of all kinds, in each other. */
class Attention extends Layer {
  heads = { q: new Linear(2, 2), k: new Linear(2, 2, { bias: false }) };
  byName = new Map<string | number | object, unknown>([
    ["mix", new Linear(2, 2, { bias: false })],
    [7, { scale: ones([2], { requiresGrad: true }) }],
    [{}, [[new Linear(2, 1, { bias: false })]]],
  ]);
  few = new Set([ones([1])]);
  nothing = { text: "a", number: 1, none: null, list: [1, 2], date: new Date(0), bytes: new Uint8Array(3) };
  override forward(x: Tensor): Tensor {
    const { q, k } = this.heads;
    const { scale } = this.byName.get(7) as { scale: Tensor };
    const mixed = (this.byName.get("mix") as Layer).forward(q.forward(x).add(k.forward(x)).mul(scale));
    const [, , last] = [...this.byName.values()] as [unknown, unknown, [[Layer]]];
    return last[0][0].forward(mixed);
  }
  override arguments(): readonly unknown[] {
    return [];
  }
}

const names = [
  "heads.q.weight",
  "heads.q.bias",
  "heads.k.weight",
  "byName.mix.weight",
  "byName.7.scale",
  "byName.2.0.0.weight",
];

describe("layers and tensors in plain objects, Maps, Sets and nested arrays", () => {
  test("are found, by the names of fields and keys", () => {
    const model = new Attention();
    expect([...model.namedParameters().keys()]).toEqual(names);
    expect(model.parameters()).toHaveLength(6);
    expect([...model.namedBuffers().keys()]).toEqual(["few.0"]);
    expect([...new Sequential(model).stateDict().keys()]).toEqual(
      [...names, "few.0"].map((name) => `layers.0.${name}`),
    );
    expect(model.toString().split("\n")).toEqual([
      "Attention(",
      "  (heads.q): Linear(2, 2)",
      "  (heads.k): Linear(2, 2, no bias)",
      "  (byName.mix): Linear(2, 2, no bias)",
      "  (byName.2.0.0): Linear(2, 1, no bias)",
      ")",
    ]);
    expect(summary(model)).toContain("heads.q");
    model.eval();
    expect(model.heads.q.training).toBe(false);
    freeze(model);
    expect(model.parameters()).toEqual([]);
    expect(unfreeze(model).parameters()).toHaveLength(6);
  });

  test("are loaded, saved as a file, and made again", () => {
    const [model, x] = [new Attention(), randn([4, 2])];
    const y = model.forward(x).toArray();
    const own = { layers: { Attention } };
    for (const copy of [new Attention(), decodeModel(encodeModel(model, own), own), fromJSON(model.toJSON(), own)]) {
      copy.loadStateDict(model.stateDict());
      expect(copy.forward(x).toArray()).toEqual(y);
    }
  });

  test("stand once where containers hold themselves, and are refused where two have one name", () => {
    class Ring extends Layer {
      config: Record<string, unknown> = { layer: new Linear(1, 1, { bias: false }) };
      override forward(x: Tensor): Tensor {
        return x;
      }
    }
    const ring = new Ring();
    ring.config["self"] = ring.config;
    ring.config["owner"] = ring;
    expect([...ring.stateDict().keys()]).toEqual(["config.layer.weight"]);
    ring.config["layer.weight"] = tensor([1], { requiresGrad: true });
    for (const look of [() => ring.stateDict(), () => ring.parameters()]) {
      expect(look).toThrow(StateError);
      expect(look).toThrow("names must be distinct, got two tensors as config.layer.weight");
    }
  });

  test("are not looked for in objects of other classes, nor in private fields", () => {
    class Helper {
      layer = new Linear(1, 1);
    }
    class Holder extends Layer {
      helper = new Helper();
      readonly #hidden = new Linear(1, 1);
      override forward(x: Tensor): Tensor {
        return this.#hidden.forward(this.helper.layer.forward(x));
      }
    }
    expect(new Holder().parameters()).toEqual([]);
  });
});
