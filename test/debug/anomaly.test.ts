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
      "log: its result must be finite, got -∞ at [1] (1 of 3 elements), of float32[3] from 0 to 2, at ",
    ],
    [
      "div",
      () => T.div(tensor([[1], [0]]), tensor([0])),
      "div: its result must be finite, got ∞ at [0, 0] (2 of 2 elements), of float32[2, 1] from 0 to 1 and float32[1] 0, at ",
    ],
    ["exp", () => T.exp(tensor(1000)), "exp: its result must be finite, got ∞, of float32[] 1000, at "],
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

  test("names the op of a convolution beside its layer", () => {
    const conv = new T.Conv2d(1, 1, 3, { padding: 1 });
    conv.weight.assign(T.full([1, 1, 3, 3], 10));
    const model = new Sequential(new T.MaxPool2d(2), new Sequential(conv, relu));
    const error = caught(() => detectAnomaly(() => model.forward(T.full([1, 1, 4, 4], 1e38)), { model }));
    expect([error.op, error.layer]).toEqual(["conv", "layers.1.layers.0 Conv2d(1, 1, 3, padding 1)"]);
    expect(error.message).toContain("Sequential[1] Sequential[0] Conv2d(1, 1, 3, padding 1): conv: its result must be");
    const own = caught(() => detectAnomaly(() => T.conv2d(T.full([1, 1, 4, 4], 1e38), conv.weight)));
    expect([own.op, own.hint]).toEqual(["conv", error.hint]);
    expect(own.hint).toContain("too large");
  });

  test("names the op within attention, and the layer", () => {
    const layer = new T.TransformerEncoderLayer(8, 2, { hidden: 16, dropout: 0 });
    const error = caught(() => detectAnomaly(() => layer.forward(T.full([1, 3, 8], 1e30)), { model: layer }));
    expect([error.op, error.layer]).toEqual(["matmul", "selfAttention MultiheadAttention(8, 2)"]);
  });

  test("names the step of a recurrent layer, from either end, forward and backward", () => {
    const layer = new T.RNN(1, 1, { activation: "relu", bias: false, bidirectional: true });
    const model = new Sequential(layer);
    for (const p of layer.parameters()) p.assign(T.full(p.shape, 1e30));
    const x = (values: number[]): Tensor => tensor(values).reshape([1, values.length, 1]);
    const forward = caught(() => detectAnomaly(() => model.forward(x([0, 1e-25, 0, 0])), { model }));
    expect(forward.message).toContain("layers.0 RNN(1, 1, both ways), at step 3 of the sequence, at ");
    for (const p of layer.cells[0]!.parameters()) p.assign(T.full(p.shape, 0));
    const fromTheEnd = caught(() => detectAnomaly(() => model.forward(x([0, 0, 1e-25, 0])), { model }));
    expect(fromTheEnd.message).toContain("at step 0 of the sequence, at ");

    // Small states, and a gradient that overflows on its way back.
    for (const p of layer.parameters()) p.assign(T.full(p.shape, 1e20));
    const state = { hidden: T.full([2, 1, 1], 1e-30) };
    state.hidden.requiresGrad = true;
    const backward = caught(() =>
      detectAnomaly(() =>
        sum(layer.run(x([0, 0]), state).output)
          .mul(1e10)
          .backward(),
      ),
    );
    expect(backward.message).toContain("of the sequence");
    const after = caught(() => detectAnomaly(() => log(sum(layer.forward(x([0]))))));
    expect(after.message).not.toContain("of the sequence");
  });

  test("names the layer by its way through Sequentials, without a model, and outside of them", () => {
    const inner = new Sequential(new Linear(2, 2), (x: Tensor) => log(x.mul(0)));
    const model: Layer = new Sequential(relu, inner);
    expect(caught(() => detectAnomaly(() => model.forward(tensor([[1, 2]])))).message).toMatch(
      /^Sequential\[1\] Sequential\[1\] function: log: its result/,
    );
    const after = caught(() =>
      detectAnomaly(
        () => {
          expect(() => model.forward(tensor([[1, 2, 3]]))).toThrow("x must be […, 2]");
          return log(tensor([0]));
        },
        { model },
      ),
    );
    expect([after.path, after.layer]).toEqual(["", null]);
  });

  test("an element that is not finite is an op's fault if no input is like it", () => {
    const infinite = tensor([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    const softmax = caught(() => detectAnomaly(() => T.softmax(infinite)));
    expect(softmax.message).toContain("softmax: its result must be finite, got NaN at [0] (2 of 2 elements)");
    expect(softmax.message).toContain("of float32[2] all -∞, at ");
    expect(softmax.hint).toContain("leave at least one element of each row unmasked");
    expect(caught(() => detectAnomaly(() => tensor([0]).mul(Number.POSITIVE_INFINITY))).hint).toContain("0 · ∞ is NaN");
    expect(caught(() => detectAnomaly(() => infinite.sub(infinite))).hint).toContain("∞ − ∞");
    expect(caught(() => detectAnomaly(() => T.mean(T.zeros([0])))).hint).toContain("mean of no elements");
    const masked = T.maskedFill(tensor([1, 2]), tensor([true, false]), Number.NEGATIVE_INFINITY);
    expect(detectAnomaly(() => T.logSoftmax(masked)).toArray()).toEqual([Number.NEGATIVE_INFINITY, 0]);
  });

  test("infinities can be left out", () => {
    const mask = detectAnomaly(() => log(tensor([0, 1])), { infinities: false });
    expect(mask.toArray()).toEqual([Number.NEGATIVE_INFINITY, 0]);
    expect(caught(() => detectAnomaly(() => mask.sub(mask), { infinities: false })).op).toBe("sub");
  });

  test("a NaN that was given is told of when the loss or a gradient becomes NaN", () => {
    const w = leaf([1, 2]);
    const data = tensor([3, Number.NaN]);
    const forward = caught(() => detectAnomaly(() => sum(w.mul(data))));
    const text = "mul: its input must not be NaN, got NaN at [1], of float32[2] from 1 to 2 and float32[2] all 3";
    expect(forward.message).toContain(`${text} beside NaN, at `);
    expect([forward.phase, forward.hint]).toEqual([
      "given",
      "no op computed it: check the data, and values that were loaded or assigned",
    ]);
    const known = tensor([true, false]);
    const masked = (): Tensor => sum(T.where(known, w.mul(data), 0));
    expect(detectAnomaly(masked).item()).toBe(3);
    expect(caught(() => detectAnomaly(() => masked().backward())).phase).toBe("given"); // 0 · NaN
    const loss = masked();
    const outside = caught(() => detectAnomaly(() => loss.backward()));
    expect([outside.op, outside.place]).toEqual(["mul", null]);
    expect(outside.hint).toBe("mul was applied before detectAnomaly started: run the forward pass inside it too");
    expect(w.grad).toBeNull();
    const model = new Sequential(new Linear(1, 1));
    expect(caught(() => detectAnomaly(() => sum(model.forward(tensor([Number.NaN]))))).path).toBe(
      "Sequential[0] Linear(1, 1)",
    );
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

  test("takes given infinities as meant, and NaN that do no harm; integers and empty tensors too", () => {
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
      "sqrt: its gradient must be finite, got ∞ at [0] (1 of 2 elements, computed by div), of float32[2] from 0 to 4",
    );
    expect(error.hint).toContain("the derivative of the square root at 0 is infinite");
    expect(x.grad).toBeNull();
  });

  test("what a rule masks out is no anomaly, and what a hook does is no rule's fault", () => {
    const [base, exponent] = [leaf([0, 2]), leaf([0, 3])]; // 0 · 0⁻¹ on the way, where the exponent is 0
    detectAnomaly(() => sum(T.pow(base, exponent)).backward());
    expect(base.grad?.toArray()).toEqual([0, 12]);
    const y = sqrt(leaf([4]));
    y.registerHook(() => void log(tensor([0])));
    const error = caught(() => detectAnomaly(() => sum(y.mul(2)).backward()));
    expect([error.op, error.phase]).toEqual(["log", "forward"]);
    const caughtInside = caught(() =>
      detectAnomaly(() => {
        expect(() => sum(sqrt(leaf([0]))).backward()).toThrow(AnomalyError);
        log(tensor([0]));
      }),
    );
    expect([caughtInside.op, caughtInside.phase]).toEqual(["log", "forward"]);
  });

  test("shows what the op was applied to, also if that was assigned to since", () => {
    const x = leaf([0, 4]);
    const op: Op = {
      name: "own",
      shape: ([a]) => a!.shape,
      forward: (out, [a]) => out.set(a!.values),
      vjp: [({ g }) => T.div(g, 0)],
    };
    const error = caught(() =>
      detectAnomaly(() => {
        const loss = sum(T.apply(op, [x], undefined));
        x.assign([100, 100]);
        loss.backward();
      }),
    );
    expect([error.op, error.input, error.hint]).toEqual(["own", "float32[2] from 0 to 4", ""]);
    expect(error.message).toContain("got ∞ at [0] (2 of 2 elements, computed by div)");
  });

  test("names the layer in which it was applied", () => {
    const first = new Linear(1, 1);
    first.weight.assign([[0]]);
    first.bias!.assign([0]);
    const model = new Sequential(first, relu, (x: Tensor) => sqrt(x));
    const error = caught(() => detectAnomaly(() => sum(model.forward(tensor([[1]]))).backward(), { model }));
    expect([error.op, error.phase, error.layer]).toEqual(["sqrt", "backward", "layers.2 function"]);
    expect(error.message).toMatch(/^Sequential\[2\] function: sqrt: its gradient .*, in layers\.2 function, at /);
    const without = caught(() => detectAnomaly(() => sum(model.forward(tensor([[1]]))).backward()));
    expect([without.path, without.layer]).toEqual(["Sequential[2] function", null]);
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
    expect([error.op, error.phase, error.hint.includes("below 1")]).toEqual(["pow", "backward", true]);
    expect(error.place).toMatch(/anomaly\.test\.ts:\d+$/); // where the first derivative was asked for
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
    "detectAnomaly: cannot be called within a function that is being compiled, got a recording; call it around the compiled function",
  );
});

test("refuses what it cannot watch, and leaves nothing behind", () => {
  expect(() => detectAnomaly(3 as never)).toThrow("detectAnomaly: fn must be a function, got 3");
  expect(() => detectAnomaly(() => 1, { model: 3 as never })).toThrow("detectAnomaly: needs a layer, got 3");
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
