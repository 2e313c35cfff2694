import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import { AnomalyError, detectAnomaly } from "../../src/debug/index.ts";
import * as T from "../../src/index.ts";
import {
  type Layer,
  Linear,
  log,
  type Op,
  Residual,
  relu,
  Sequential,
  SGD,
  sqrt,
  sum,
  type Tensor,
  tensor,
} from "../../src/index.ts";

function caught(run: () => unknown): AnomalyError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(AnomalyError);
    return error as AnomalyError;
  }
  return expect.fail("nothing was thrown");
}

/** The number of the line that calls this. */
const here = (): number =>
  Number(/anomaly\.test\.ts(?:\?[^:]*)?:(\d+):\d+/.exec(new Error("here").stack!.split("\n")[2]!)?.[1]);

const leaf = (values: number[]): Tensor => tensor(values, { requiresGrad: true });

describe("forward", () => {
  test.each<[string, () => Tensor, string]>([
    [
      "log",
      () => log(tensor([1, 0, 2])),
      "log: its result must be finite, got -∞ at [1], of float32[3] from 0 to 2, at ",
    ],
    [
      "div",
      () => T.div(tensor([[1], [0]]), tensor([0])),
      "div: its result must be finite, got ∞ at [0, 0] and 1 more, of float32[2, 1] from 0 to 1 and float32[1] 0, at ",
    ],
    ["exp", () => T.exp(tensor(1000)), "exp: its result must be finite, got ∞ at [], of float32[] 1000, at "],
    ["sqrt", () => sqrt(tensor([-1])), "sqrt: its result must be finite, got NaN at [0], of float32[1] -1, at "],
    ["mul", () => tensor([1e30]).mul(1e30), "mul: its result must be finite, got ∞ at [0]"],
  ])("names %s", (op, fn, message) => {
    const error = caught(() => detectAnomaly(fn));
    expect([error.op, error.phase, error.layer]).toEqual([op, "forward", null]);
    expect(error.message).toContain(message);
  });

  test("names the line, and the layer at any depth of any model", () => {
    class Own extends T.Layer {
      inner = new Linear(2, 2);
      forward(x: Tensor): Tensor {
        const y = this.inner.forward(x);
        return log(y.mul(0));
      }
    }
    const model = new Sequential(new Residual(new Sequential(new Own())));
    const error = caught(() => detectAnomaly(() => model.forward(tensor([[1, 2]])), { model }));
    expect(error.layer).toBe("layers.0.inner.layers.0 Own");
    expect(error.message).toMatch(/^Sequential\[0\] Residual/);
    let line = 0;
    const second = caught(() =>
      detectAnomaly(() => {
        line = here() + 1;
        return log(tensor([0]));
      }),
    );
    expect(second.place).toMatch(new RegExp(`test/debug/anomaly\\.test\\.ts:${line}$`));
  });

  test("finds what a custom op makes", () => {
    const op: Op = {
      name: "spoil",
      shape: ([x]) => x!.shape,
      forward: (out) => out.fill(Number.NaN),
      vjp: "nondifferentiable",
    };
    expect(caught(() => detectAnomaly(() => T.apply(op, [tensor([1])], undefined))).op).toBe("spoil");
  });

  test("takes given infinities and NaN as meant, integers and empty tensors too", () => {
    const mask = tensor([0, Number.NEGATIVE_INFINITY]);
    expect(detectAnomaly(() => T.softmax(tensor([1, 2]).add(mask))).toArray()).toEqual([1, 0]);
    expect(detectAnomaly(() => tensor([Number.NaN]).mul(2)).toArray()).toEqual([Number.NaN]);
    expect(detectAnomaly(() => log(T.zeros([0]))).size).toBe(0);
    expect(detectAnomaly(() => tensor([1], { dtype: "int32" }).add(1)).toArray()).toEqual([2]);
  });
});

describe("backward", () => {
  test("names the op whose rule made it, and where that op was applied", () => {
    const x = leaf([0, 4]);
    let line = 0;
    const error = caught(() =>
      detectAnomaly(() => {
        line = here() + 1;
        const y = sqrt(x);
        sum(y.mul(2)).backward();
      }),
    );
    expect([error.op, error.phase, error.input]).toEqual(["sqrt", "backward", "float32[2] from 0 to 4"]);
    expect(error.place).toMatch(new RegExp(`anomaly\\.test\\.ts:${line}$`));
    expect(error.message).toContain(
      "sqrt: its gradient must be finite, got ∞ at [0] (made by div), of float32[2] from 0 to 4",
    );
    expect(error.hint).toContain("the root's slope at 0 is infinite");
    expect(x.grad).toBeNull();
  });

  test("names the layer in which it was applied", () => {
    const first = new Linear(1, 1);
    first.weight.assign([[0]]);
    first.bias!.assign([0]);
    const model = new Sequential(first, relu, (x: Tensor) => sqrt(x));
    const error = caught(() => detectAnomaly(() => sum(model.forward(tensor([[1]]))).backward(), { model }));
    expect([error.op, error.phase, error.layer]).toEqual(["sqrt", "backward", "layers.2 function"]);
  });

  test("an op after the backward pass is forward again, also after gradients()", () => {
    const x = leaf([1]);
    expect(caught(() => detectAnomaly(() => [T.gradients(sum(sqrt(x)), [x]), log(tensor([0]))])).phase).toBe("forward");
    const error = caught(() =>
      detectAnomaly(() => {
        sum(x.mul(1e30)).backward();
        T.noGrad(() => x.grad!.mul(1e30));
      }),
    );
    expect([error.op, error.phase]).toEqual(["mul", "forward"]);
  });

  test("of the second order", () => {
    const x = tensor([0], { requiresGrad: true });
    const error = caught(() =>
      detectAnomaly(() => {
        const [g] = T.gradients(sum(T.pow(x, 1.5)), [x], { createGraph: true });
        T.gradients(sum(g), [x]);
      }),
    );
    expect(error.phase).toBe("backward");
  });
});

test("a step without anomalies does what it does without, to the bit", () => {
  const run = (wrap: (step: () => Tensor, model: Layer) => Tensor): unknown => {
    T.manualSeed(1);
    const model = T.mlp([2, 4, 1], { dropout: 0.2 });
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const step = (): Tensor => {
      const loss = T.mse(model.forward(T.randn([3, 2])), T.zeros([3, 1]));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    };
    const losses = Array.from({ length: 3 }, () => wrap(step, model).item());
    expect(Object.hasOwn(model.layers[0]!, "forward")).toBe(false);
    return [losses, [...model.stateDict()].map(([, x]) => [...x.data])];
  };
  expect(run((step, model) => detectAnomaly(step, { model }))).toEqual(run((step) => step()));
});

test("a compiled function runs as eager code in it, and it cannot be a part of one", () => {
  const step = compile((x: Tensor) => log(x));
  expect(step(tensor([2])).item()).toBeCloseTo(Math.log(2), 6);
  expect(step(tensor([0])).item()).toBe(Number.NEGATIVE_INFINITY); // a replay
  expect(caught(() => detectAnomaly(() => step(tensor([0])))).op).toBe("log");
  expect(() => compile((x: Tensor) => detectAnomaly(() => log(x)))(tensor([1]))).toThrow(
    "detectAnomaly: cannot be part of a function that is compiled, or watched already; put it around the compiled function",
  );
});

test("refuses what it cannot watch, and leaves nothing behind", () => {
  expect(() => detectAnomaly(3 as never)).toThrow("detectAnomaly: needs a function, got 3");
  expect(() => detectAnomaly(() => 1, { model: 3 as never })).toThrow("detectAnomaly: model must be a layer, got 3");
  expect(() => detectAnomaly(async () => log(tensor([1])))).toThrow(
    "detectAnomaly: must be synchronous, got a promise",
  );
  expect(() =>
    detectAnomaly(() => {
      throw new RangeError("no");
    }),
  ).toThrow(RangeError);
  expect(log(tensor([0])).item()).toBe(Number.NEGATIVE_INFINITY);
});
