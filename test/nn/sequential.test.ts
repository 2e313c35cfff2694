import { describe, expect, test } from "vitest";
import {
  crossEntropy,
  Flatten,
  Lambda,
  Layer,
  Linear,
  ones,
  ReLU,
  relu,
  Sequential,
  ShapeError,
  type Tensor,
  tanh,
  tensor,
  ValueError,
  zeros,
} from "../../src/index.ts";

/** The error that a function throws. */
function caught(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was thrown");
}

describe("Sequential", () => {
  test("applies layers and functions in order", () => {
    const layer = new Linear(1, 1);
    layer.loadStateDict({ weight: tensor([[-2]]), bias: tensor([1]) });
    const model = new Sequential(layer, relu, (x) => x.add(10));
    expect(model.forward(tensor([[0], [3]])).toArray()).toEqual([[11], [10]]);
    const x = ones([2]);
    expect(new Sequential().forward(x)).toBe(x);
  });

  test("holds its layers in an array, and nests", () => {
    const [a, b] = [new Linear(2, 3), new Linear(3, 1)];
    const model = new Sequential(a, new Sequential(relu, b));
    expect(model.layers.length).toBe(2);
    expect(model.layers[0]).toBe(a);
    expect(model.layers.map((layer) => layer.describe())).toEqual(["Linear(2, 3)", "Sequential"]);
    expect([...model.namedParameters().keys()]).toEqual([
      "layers.0.weight",
      "layers.0.bias",
      "layers.1.layers.1.weight",
      "layers.1.layers.1.bias",
    ]);
    expect(model.forward(ones([4, 2])).shape).toEqual([4, 1]);
  });

  test("wraps functions, which keep their names", () => {
    const model = new Sequential(tanh, (x) => x);
    expect(model.layers[0]).toBeInstanceOf(Lambda);
    expect((model.layers[0] as Lambda).fn).toBe(tanh);
    expect(model.layers.map((layer) => layer.describe())).toEqual(["tanh", "function"]);
    expect(model.parameters()).toEqual([]);
  });

  test.each<[unknown, string]>([
    [3, "got 3"],
    [null, "got null"],
    [ones([2]), "got a tensor float32[2]"],
    [undefined, "got undefined"],
    [[relu], "got an array"],
    [ReLU, "got the class ReLU; write new ReLU(…)"],
  ])("refuses what is neither layer nor function: %#", (entry, got) => {
    const build = (): unknown => new Sequential(relu, entry as Layer);
    expect(build).toThrow(ValueError);
    expect(build).toThrow(`Sequential: entry 1 must be a layer or a function, ${got}`);
  });

  test("refuses promises and other results that are no tensors, naming the place", () => {
    const later = async (x: Tensor): Promise<Tensor> => await Promise.resolve(x);
    const model = new Sequential(relu, later as unknown as (x: Tensor) => Tensor);
    expect(() => model.forward(ones([1]))).toThrow(ValueError);
    expect(() => model.forward(ones([1]))).toThrow(
      "Sequential[1] later: forward: must return a tensor, got a promise; await outside of it",
    );
    const nothing = new Sequential((() => undefined) as unknown as (x: Tensor) => Tensor);
    expect(() => nothing.forward(ones([1]))).toThrow(
      "Sequential[0] function: forward: must return a tensor, got undefined",
    );
  });
});

describe("the path in errors", () => {
  const inner = new Sequential(relu, new Linear(128, 10));

  test("names the place and the layer", () => {
    const model = new Sequential(new Flatten(), relu, new Linear(784, 128));
    const error = caught(() => model.forward(zeros([2, 28, 27]) as Tensor));
    expect(error).toBeInstanceOf(ShapeError);
    expect(error.message).toBe("Sequential[2] Linear(784, 128): x must be […, 784], got float32[2, 756]");
    expect(error).toMatchObject({ op: "Linear(784, 128)", path: "Sequential[2] Linear(784, 128)" });
  });

  test("has one entry per level", () => {
    const model = new Sequential(new Sequential(relu, inner));
    expect(caught(() => model.forward(zeros([2, 64]) as Tensor)).message).toBe(
      "Sequential[0] Sequential[1] Sequential[1] Linear(128, 10): x must be […, 128], " +
        "got float32[2, 64]; if it is one sample, flatten it: x.flatten()",
    );
  });

  test("passes through blocks that are no Sequential", () => {
    class Block extends Layer {
      readonly body = inner;
      forward(x: Tensor): Tensor {
        return this.body.forward(x);
      }
    }
    expect(caught(() => new Sequential(new Block()).forward(zeros([2, 64]))).message).toBe(
      "Sequential[0] Block Sequential[1] Linear(128, 10): x must be […, 128], " +
        "got float32[2, 64]; if it is one sample, flatten it: x.flatten()",
    );
  });

  test("is in the stack too, which is what is printed when nobody catches", () => {
    const { stack, message } = caught(() => inner.forward(zeros([2, 64]) as Tensor));
    expect(stack).toContain(message);
    expect(stack!.split("Sequential[1] Linear(128, 10)").length).toBe(2);
    const nested = caught(() => new Sequential(inner).forward(zeros([2, 64]) as Tensor));
    expect(nested.stack).toContain(nested.message);
    expect(nested.stack!.split("Sequential[1] Linear(128, 10)").length).toBe(2);
  });

  test("leaves errors of others as they are", () => {
    const broken = (): Tensor => {
      throw new TypeError("no");
    };
    expect(caught(() => new Sequential(broken).forward(ones([1]))).message).toBe("no");
  });
});

test("a model fits a few points", () => {
  const model = new Sequential(new Linear(2, 8), new ReLU(), new Linear(8, 2));
  const x = tensor([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  const y = tensor([0, 1, 1, 0], { dtype: "int32" });
  const first = crossEntropy(model.forward(x), y);
  first.backward();
  for (const p of model.parameters()) p.assign(p.detach().sub(p.grad!.mul(0.1)));
  expect(crossEntropy(model.forward(x), y).item()).toBeLessThan(first.item());
});
