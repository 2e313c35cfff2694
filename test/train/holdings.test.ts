import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from "vitest";
import { compile } from "../../src/compile/index.ts";
import {
  Adam,
  freeze,
  Layer,
  Linear,
  mse,
  mul,
  randn,
  relu,
  Sequential,
  SGD,
  type Tensor,
  tensor,
  unfreeze,
  ValueError,
} from "../../src/index.ts";
import { type Batch, type Callback, type FitOptions, fit } from "../../src/train/index.ts";

const batches = (count: number): Batch[] => Array.from({ length: count }, () => [randn([4, 2]), randn([4, 1])]);
const net = () => new Sequential(new Linear(2, 3), relu, new Linear(3, 1));

let warn: MockInstance<typeof console.warn>;
beforeEach(() => {
  warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterEach(() => warn.mockRestore());

describe.each([false, true])("compiled: %s", (isCompiled) => {
  const train = (model: Layer, optimizer: FitOptions["optimizer"], more: Partial<FitOptions> = {}, count = 3) => {
    return fit(model, batches(count), { loss: mse, optimizer, ...(isCompiled && { compile }), ...more });
  };
  const bitsOf = (model: Layer): unknown => [...model.stateDict()].map(([name, x]) => [name, ...x.data]);

  describe("fit refuses, before anything has changed,", () => {
    test("an optimizer of none of the model's parameters", async () => {
      const [model, other] = [net(), net()];
      const training = train(model, new Adam(other.parameters()));
      await expect(training).rejects.toThrow(ValueError);
      await expect(training).rejects.toThrow(
        "fit: the optimizer must hold the model's parameters, got none of them; make the optimizer of this model's, once it is complete: new Adam(model.parameters(), …)",
      );
      class Hidden extends Layer {
        readonly #inner = new Linear(2, 1);
        override forward(x: Tensor): Tensor {
          return this.#inner.forward(x);
        }
      }
      await expect(train(new Hidden(), new Adam(other.parameters()))).rejects.toThrow(
        "got none of them; the model has none: hold layers and parameters in public fields",
      );
    });

    test.each<[string, (model: Sequential) => void, string]>([
      [
        "by another parameter",
        ({ layers }) => {
          (layers[0] as Linear).weight = randn([3, 2], { requiresGrad: true });
        },
        "got float32[3, 2], where the model has another tensor as layers.0.weight, float32[3, 2]; make the optimizer once the model is complete, or write layers.0.weight.assign(values) instead of layers.0.weight = …",
      ],
      [
        "by a tensor that requires no gradient",
        ({ layers }) => {
          (layers[0] as Linear).weight = randn([3, 2]);
        },
        "has another tensor as layers.0.weight, float32[3, 2]",
      ],
      [
        "by a layer of another size",
        ({ layers }) => {
          (layers as Layer[])[2] = new Sequential(new Linear(3, 4), new Linear(4, 1));
        },
        "has another tensor as layers.2.layers.0.weight, float32[4, 3]",
      ],
    ])("an optimizer of a parameter that was replaced %s", async (_, replace, text) => {
      const model = net();
      const optimizer = new Adam(model.parameters());
      replace(model);
      let before = bitsOf(model);
      await expect(train(model, optimizer)).rejects.toThrow(text);
      expect(bitsOf(model)).toEqual(before);
      // And midway.
      const whole = net();
      const onStep = ({ step }: { readonly step: number }): void => {
        if (step === 2) replace(whole);
        before = bitsOf(whole);
      };
      const training = train(whole, new Adam(whole.parameters()), { callbacks: [{ onStep }] });
      await expect(training).rejects.toThrow("epoch 1, batch 3: fit: the optimizer must hold what the model has");
      await expect(training).rejects.toThrow(text);
      expect(bitsOf(whole)).toEqual(before);
      expect(warn).not.toHaveBeenCalled();
    });
  });

  describe("fit warns once, and trains on, of", () => {
    test("what the loss depends on outside of parameters()", async () => {
      class Hidden extends Layer {
        readonly shown = new Linear(2, 2);
        readonly #hidden = new Linear(2, 1);
        override forward(x: Tensor): Tensor {
          return this.#hidden.forward(this.shown.forward(x));
        }
      }
      const model = new Hidden();
      const scale = tensor(1, { requiresGrad: true });
      const loss = (y: Tensor, t: Tensor): Tensor => mse(mul(y, scale), t);
      const { warnings, losses } = await train(model, new Adam(model.parameters()), { loss, epochs: 2 });
      expect(losses).toHaveLength(6);
      expect(warnings).toEqual([
        "fit: the loss depends on float32[], float32[1], float32[1, 2] outside of model.parameters(): in a #private field, in an object of a class that is no Layer, or only in the loss function. It is neither trained, clipped nor saved: hold it in a public field, or set its requiresGrad to false.",
      ]);
      expect(warn.mock.calls).toEqual(warnings.map((text) => [text]));
    });

    test("parameters that the optimizer does not hold, also when they are unfrozen midway", async () => {
      const model = net();
      freeze(model.layers[0]!);
      const optimizer = new Adam(model.parameters());
      const callbacks: Callback[] = [
        {
          onStep: ({ step }) => {
            if (step === 2) unfreeze(model);
          },
        },
      ];
      const { warnings } = await train(model, optimizer, { callbacks }, 4);
      expect(warnings).toEqual([
        "fit: the optimizer does not hold layers.0.weight, layers.0.bias of the model. They stay as they are: give all to the optimizer, or freeze what is not to be trained.",
      ]);
      expect(warn).toHaveBeenCalledTimes(1);
    });

    test("nothing of a layer that is unfrozen at an epoch's last step", async () => {
      const model = net();
      const optimizer = new Adam(model.parameters());
      freeze(model.layers[0]!);
      const onStep: Callback["onStep"] = ({ step }) => {
        if (step === 3) unfreeze(model);
      };
      const { warnings, losses } = await train(model, optimizer, { callbacks: [{ onStep }], epochs: 2 });
      expect(losses).toHaveLength(6);
      expect(warnings).toEqual([]);
    });

    test("what the optimizer holds in vain", async () => {
      const [model, other] = [net(), new Linear(7, 7)];
      const optimizer = new Adam([...model.parameters(), ...other.parameters()]);
      const { warnings } = await train(model, optimizer);
      expect(warnings).toEqual([
        "fit: the optimizer holds float32[7, 7], float32[7], which neither the model nor the loss has.",
      ]);
    });
  });

  test("nothing is said of what is as it should be, and a parameter of the loss is trained, clipped and checked, too", async () => {
    const model = net();
    const scale = tensor(1, { requiresGrad: true });
    const optimizer = new SGD([...model.parameters(), scale], { lr: 1 });
    const loss = (y: Tensor, t: Tensor): Tensor => mse(y, t).add(mul(scale, 1000));
    const { warnings } = await train(model, optimizer, { loss, clipNorm: 0.01 });
    expect(warnings).toEqual([]);
    expect(warn).not.toHaveBeenCalled();
    expect(1 - scale.item()).toBeCloseTo(0.03, 4);
    const steep = (y: Tensor, t: Tensor): Tensor => mse(y, t).add(mul(scale, 0).sqrt());
    await expect(train(model, optimizer, { loss: steep })).rejects.toThrow(
      "got NaN in the gradient of what only the optimizer holds, float32[], from finite inputs",
    );
    const own = { step: () => optimizer.step(), zeroGrad: () => optimizer.zeroGrad() }; // which does not say what it holds
    expect((await train(model, own)).warnings).toEqual([]);
  });

  test("a buffer or layer that is replaced midway is used from the next step on", async () => {
    class Shifted extends Layer {
      readonly linear = new Linear(2, 1);
      shift = tensor([0]);
      override forward(x: Tensor): Tensor {
        return this.linear.forward(x).add(this.shift);
      }
    }
    const model = new Shifted();
    const onStep = (): void => {
      model.shift = tensor([1e6]);
    };
    const { losses, warnings } = await train(model, new SGD(model.parameters(), { lr: 1e-12 }), {
      callbacks: [{ onStep }],
    });
    expect(losses[0]).toBeLessThan(1e3);
    expect(losses[1]).toBeGreaterThan(1e11);
    expect(warnings).toEqual([]);
  });
});
