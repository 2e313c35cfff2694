import { describe, expect, test } from "vitest";
import {
  Dropout,
  DTypeError,
  defaultGenerator,
  dropout,
  eq,
  Generator,
  manualSeed,
  mean,
  ones,
  rand,
  tensor,
  ValueError,
} from "../../src/index.ts";

const options = () => ({ generator: new Generator(5) });

describe("dropout", () => {
  test("keeps an element where rand is at least p, and scales it by 1 / (1 − p)", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const x = rand([20, 10], { dtype }).add(1);
      const u = rand([20, 10], { ...options(), dtype }).data;
      const wanted = x.data.map((v, i) => (u[i]! < 0.25 ? 0 : v * (1 / 0.75)));
      dropout(x, 0.25, options()).data.forEach((v, i) => {
        expect(v).toBeCloseTo(wanted[i]!, 6);
      });
    }
  });

  test("drops the share p and keeps the mean", () => {
    const y = dropout(ones([100_000]), 0.3, options());
    expect(mean(eq(y, 0)).item()).toBeCloseTo(0.3, 2);
    expect(y.mean().item()).toBeCloseTo(1, 2);
  });

  test("lets gradients through where it keeps", () => {
    const x = ones([1000], { requiresGrad: true });
    const y = dropout(x, 0.5, options());
    y.sum().backward();
    expect(x.grad!.toArray()).toEqual(y.toArray());
  });

  test("is the identity out of training and for p = 0, and draws nothing then", () => {
    const x = tensor([1, Number.NaN]);
    const { state } = manualSeed(1);
    expect(dropout(x, 0.5, { training: false })).toBe(x);
    expect(dropout(x, 0)).toBe(x);
    expect(defaultGenerator().state).toEqual(state);
  });

  test("gives zeros for p = 1", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = dropout(x, 1);
    y.sum().backward();
    expect([y.toArray(), x.grad!.toArray()]).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test.each([-0.1, 1.1, Number.NaN])("refuses p = %d", (p) => {
    expect(() => dropout(ones([1]), p)).toThrow(ValueError);
    expect(() => dropout(ones([1]), p)).toThrow(`dropout: p must be a probability from 0 to 1, got ${p}`);
    expect(() => new Dropout(p)).toThrow(`Dropout: p must be a probability from 0 to 1, got ${p}`);
  });

  test("refuses integers", () => {
    expect(() => dropout(tensor([1], { dtype: "int32" }))).toThrow(DTypeError);
  });
});

describe("Dropout", () => {
  test("drops in training only", () => {
    const layer = new Dropout(0.5, options());
    expect(layer.forward(ones([64])).toArray()).toEqual(dropout(ones([64]), 0.5, options()).toArray());
    const x = ones([64]);
    expect(layer.eval().forward(x)).toBe(x);
    expect(layer.train().forward(x)).not.toBe(x);
  });

  test("draws anew each time, from the default generator if it has none", () => {
    manualSeed(2);
    const layer = new Dropout();
    const [a, b] = [layer.forward(ones([64])).toArray(), layer.forward(ones([64])).toArray()];
    expect(a).not.toEqual(b);
    manualSeed(2);
    expect(layer.forward(ones([64])).toArray()).toEqual(a);
  });

  test("says its probability, and has no state", () => {
    expect(new Dropout(0.2).describe()).toBe("Dropout(0.2)");
    expect(new Dropout(0.2, options()).stateDict().size).toBe(0);
  });
});
