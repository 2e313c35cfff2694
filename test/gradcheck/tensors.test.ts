import { describe, expect, test } from "vitest";
import { DTypeError, GradError, ValueError } from "../../src/core/errors.ts";
import {
  assertGradcheck,
  assertGradgradcheck,
  GradientError,
  gradcheck,
  gradgradcheck,
} from "../../src/gradcheck/index.ts";
import {
  abs,
  add,
  argmax,
  crossEntropy,
  Linear,
  linear,
  matmul,
  mse,
  mul,
  relu,
  sin,
  softmax,
  sum,
  type Tensor,
  tensor,
} from "../../src/index.ts";

const float64 = { dtype: "float64" } as const;
const leaf = (data: number[] | number[][] | number): Tensor => tensor(data, { ...float64, requiresGrad: true });

/** sin with a gradient that is 1 % too large. */
const wrongSin = (x: Tensor): Tensor => add(sin(x), mul(sin(x), 0.01).sub(mul(sin(x.detach()), 0.01)));

describe("gradcheck", () => {
  test("checks every input that requires a gradient, in every element of the result", () => {
    const [a, b] = [
      leaf([
        [1, 2],
        [3, 4],
      ]),
      leaf([[0.5], [-1]]),
    ];
    const report = gradcheck((p, q) => matmul(p, q), [a, b]);
    expect(report.ok).toBe(true);
    expect(report.coverage.checked).toBe(12);
    expect(gradcheck((p, q) => matmul(p, q), [a.detach(), b]).coverage.checked).toBe(4);
  });

  test("a wrong gradient is named by input and index", () => {
    const report = gradcheck((x, y) => mul(wrongSin(x), y), [leaf([1, 2]), leaf([3, 4])]);
    expect(report.counts.mismatch).toBe(2);
    expect(report.worst[0]!.label).toMatch(/^f\(x\)\[\d\] by input 0\[\d\]$/);
    expect(report.hints).toEqual(["input 0: all wrong entries are off by one constant factor, 1.01"]);
    expect(() => assertGradcheck(wrongSin, [leaf([1])])).toThrow(GradientError);
  });

  test("several results, scalars, zero-size tensors, results that are not floating", () => {
    expect(gradcheck((x) => [sin(x), mul(x, x)], [leaf([1, 2])]).coverage.checked).toBe(8);
    expect(gradcheck((x) => sum(x), [leaf(3)]).ok).toBe(true);
    expect(gradcheck(sin, [leaf([])]).ok).toBe(true);
    expect(gradcheck((x) => [argmax(x, 0), sin(x)], [leaf([1, 2])]).coverage.checked).toBe(4);
  });

  test("kinks of the library's ops lie within the convention", () => {
    expect(gradcheck(relu, [leaf([0, 1])]).counts.kink).toBe(1);
    expect(gradcheck(abs, [leaf([0])]).ok).toBe(true);
    expect(gradcheck(abs, [leaf([0])], { kinks: "fail" }).ok).toBe(false);
  });

  test("models and losses, with what they close over, which is left as it was", () => {
    const model = new Linear(3, 2, float64);
    const x = leaf([[0.1, 0.2, 0.3]]);
    const target = tensor(Int32Array.of(1));
    model.weight.grad = tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      float64,
    );
    x.grad = null;
    expect(gradcheck((v) => crossEntropy(model.forward(v), target), [x]).ok).toBe(true);
    expect(model.weight.grad?.toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect([model.bias!.grad, x.grad]).toEqual([null, null]);
    const asInput = gradcheck(
      (w, b) => mse(softmax(linear(x.detach(), w, b), -1), tensor([[0, 1]], float64)),
      [
        leaf([
          [1, 2, 3],
          [4, 5, 6],
        ]),
        leaf([0, 1]),
      ],
    );
    expect(asInput.ok).toBe(true);
  });

  test("refuses what it cannot check", () => {
    expect(() => gradcheck(sin, [tensor([1], { requiresGrad: true })])).toThrow(DTypeError);
    expect(() => gradcheck(sin, [tensor([1], float64)])).toThrow(GradError);
    expect(() => gradcheck(3 as never, [leaf([1])])).toThrow(ValueError);
    expect(() => gradcheck((() => 3) as never, [leaf([1])])).toThrow("the function must return tensors");
  });
});

describe("gradgradcheck", () => {
  test("checks second derivatives, by the inputs and by the cotangents", () => {
    const report = gradgradcheck((x, y) => mul(sin(x), y), [leaf([1, 2]), leaf([3])]);
    expect(report.ok).toBe(true);
    expect(report.entries.some(({ input }) => input.startsWith("cotangent 0"))).toBe(true);
    expect(gradgradcheck((p, q) => matmul(p, q), [leaf([[1, 2]]), leaf([[3], [4]])]).ok).toBe(true);
  });

  test("sees a graph that is cut in the gradient, which gradcheck cannot", () => {
    // x² by way of a gradient that is a constant of x: x·x₀ + x₀·x − x₀², where x₀ is detached.
    const cut = (x: Tensor): Tensor => mul(x, x.detach()).mul(2).sub(mul(x.detach(), x.detach()));
    expect(gradcheck(cut, [leaf([1.5])]).ok).toBe(true);
    expect(gradgradcheck(cut, [leaf([1.5])]).ok).toBe(false);
    expect(() => assertGradgradcheck(cut, [leaf([1.5])])).toThrow(GradientError);
    expect(() => assertGradgradcheck(sin, [leaf([1.5])])).not.toThrow();
  });
});
