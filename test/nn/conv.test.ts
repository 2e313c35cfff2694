import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import { residuals } from "../../src/debug/index.ts";
import {
  Conv1d,
  Conv2d,
  Conv3d,
  ConvTranspose1d,
  ConvTranspose2d,
  Generator,
  Layer,
  ones,
  relu,
  Sequential,
  SGD,
  type Tensor,
  zeros,
} from "../../src/index.ts";
import { fromJSON } from "../../src/model/index.ts";

describe("layers of convolution", () => {
  test("start as PyTorch's do: evenly within ±1/√(weight.shape[1] · kernel)", () => {
    for (const [layer, shape, bound] of [
      [new Conv1d(4, 64, 5, { groups: 2, generator: new Generator(1) }), [64, 2, 5], 1 / Math.sqrt(10)],
      [new Conv2d(3, 64, 3, { generator: new Generator(1) }), [64, 3, 3, 3], 1 / Math.sqrt(27)],
      [new Conv3d(2, 64, [1, 3, 3], { generator: new Generator(1) }), [64, 2, 1, 3, 3], 1 / Math.sqrt(18)],
      [new ConvTranspose2d(64, 3, 3, { generator: new Generator(1) }), [64, 3, 3, 3], 1 / Math.sqrt(27)],
    ] as const) {
      expect(layer.weight.shape).toEqual(shape);
      expect(layer.bias!.shape).toEqual([layer.outChannels]);
      const most = layer.weight.abs().max().item();
      expect(most).toBeLessThanOrEqual(bound);
      expect(most).toBeGreaterThan(0.95 * bound);
      expect(layer.bias!.abs().max().item()).toBeLessThanOrEqual(bound);
      expect(Math.abs(layer.weight.mean().item())).toBeLessThan(0.1 * bound);
    }
  });

  test("have PyTorch's names in state dicts, and a description that says what was given", () => {
    const model = new Sequential(
      new Conv2d(1, 4, 3, { stride: 2, padding: 1 }),
      relu,
      new Conv2d(4, 2, [3, 1], { bias: false }),
    );
    expect([...model.stateDict().keys()]).toEqual(["layers.0.weight", "layers.0.bias", "layers.2.weight"]);
    expect(String(model.layers[0])).toBe("Conv2d(1, 4, 3, stride 2, padding 1)");
    const again = fromJSON(JSON.parse(JSON.stringify(model)));
    again.loadStateDict(model.stateDict());
    const x = ones([2, 1, 9, 9]);
    expect((again as Sequential).forward(x).toArray()).toEqual(model.forward(x).toArray());
  });

  test("train, eager and compiled alike", () => {
    const losses = [false, true].map((isCompiled) => {
      const generator = new Generator(3);
      const options = { padding: 1, dtype: "float64", generator } as const;
      const model = new Sequential(
        new Conv2d(2, 6, 3, options),
        relu,
        new Conv2d(6, 6, 3, { ...options, stride: 2 }),
        relu,
        new ConvTranspose2d(6, 2, 2, { stride: 2, dtype: "float64", generator }),
      );
      const x = ones([3, 2, 8, 8], { dtype: "float64" });
      const optimizer = new SGD(model.parameters(), { lr: 0.01 });
      const step = (): Tensor => {
        optimizer.zeroGrad();
        const rest = model.forward(x).sub(x);
        const loss = rest.mul(rest).mean();
        loss.backward();
        optimizer.step();
        return loss.detach();
      };
      const run = isCompiled ? compile(step) : step;
      return Array.from({ length: 10 }, () => run().item());
    });
    const [eager, compiled] = losses as [number[], number[]];
    expect(eager.at(-1)!).toBeLessThan(eager[0]!);
    eager.forEach((loss, i) => expect(compiled[i]).toBeCloseTo(loss, 12));
  });

  test("have the weighted sum as their residual, also where an activation comes in the same layer", () => {
    class Block extends Layer {
      conv = new Conv2d(1, 2, 3);
      override forward(x: Tensor): Tensor {
        return relu(this.conv.forward(x));
      }
    }
    const model = new Block();
    const { rows } = residuals(model, () => model.forward(ones([1, 1, 4, 4])).sum());
    expect(rows.map(({ layer, of }) => [layer, of])).toEqual([
      ["Conv2d(1, 2, 3)", "z"],
      ["Block", "output"],
    ]);
  });

  test.each<[() => unknown, string]>([
    [() => new Conv2d(3, 4, { kernelSize: 3 } as never), "got an object; write new Conv2d(3, 4, 3) for one of 3"],
    [() => new Conv1d(3, 4, undefined as never), "Conv1d: the kernel's size comes after the channels, got undefined"],
    [() => new Conv2d(3, 4, 3, { kernelSize: 3 } as never), "it is a separate argument, after the channels"],
    [() => new Conv2d(3, 4, 3, 2 as never), "Conv2d: options must be an object, got 2; write { stride: 2 }"],
    [
      () => new (Conv2d as unknown as new () => Conv2d)(),
      "got undefined; write new Conv2d(inChannels, outChannels, kernelSize)",
    ],
    [
      () => new Conv2d(3, -1, 5),
      "Conv2d: outChannels must be a whole number, 0 or more, got -1; write new Conv2d(3, outChannels, 5)",
    ],
    [
      () => new Conv2d(1, 8, 3).forward(ones([32, 28, 28]) as Tensor),
      "x must have 1 channels, got float32[32, 28, 28]; for samples of one channel, write x.unsqueeze(1)",
    ],
    [() => new Conv2d(3, 8, 3).forward(ones([32, 28, 28]) as Tensor), "make the layer with 32 as its first number"],
    [() => new ConvTranspose1d(3, 4, 3, 2 as never), "options must be an object, got 2; write { stride: 2 }"],
  ])("say where the kernel's size and the stride go %#", (call, message) => {
    expect(call).toThrow(message);
  });

  test("refuse what does not fit, in their own name", () => {
    expect(() => new Conv2d(3, 4, 0)).toThrow(
      "Conv2d: kernelSize must be a whole number, 1 or more, or a list of 2, got 0",
    );
    expect(() => new Conv2d(3, 4, 3, { groups: 2 })).toThrow(
      "Conv2d: groups must divide the channels of input and output, got 2 for 3 and 4",
    );
    expect(() => new Conv2d(3, 4, 3, { padding: -1 })).toThrow("Conv2d: padding must be a whole number");
    expect(() => new ConvTranspose2d(3, 4, 3, { outputPadding: 1 })).toThrow(
      "ConvTranspose2d: outputPadding must be less",
    );
    expect(() => new Conv2d(3, 4, 3).forward(zeros([1, 8, 8, 3]) as Tensor)).toThrow(
      "Conv2d(3, 4, 3): the weight must have axis 1 of size 8, the channels of x, got weight [4, 3, 3, 3] for x [1, 8, 8, 3]; channels come before the sizes: permute(x, [0, 3, 1, 2])",
    );
  });
});
