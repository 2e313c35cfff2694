import { describe, expect, test } from "vitest";
import {
  AlphaDropout,
  alphaDropout,
  Generator,
  mean,
  ones,
  randn,
  sum,
  tensor,
  variance,
  zeros,
} from "../../src/index.ts";

describe("alphaDropout", () => {
  test("keeps a mean of 0 and a variance of 1", () => {
    const x = randn([200_000], { dtype: "float64", generator: new Generator(1) });
    for (const p of [0.1, 0.5, 0.9]) {
      const y = alphaDropout(x, p, { generator: new Generator(2) });
      expect(mean(y).item()).toBeCloseTo(0, 1);
      expect(variance(y).item()).toBeCloseTo(1, 1);
    }
  });

  test("drops the share that was asked for to one value, and passes no gradient there", () => {
    const x = ones([10_000], { dtype: "float64", requiresGrad: true });
    const y = alphaDropout(x, 0.3, { generator: new Generator(3) });
    sum(y).backward();
    const [kept, ...others] = [...new Set(y.data)].sort((a, b) => b - a);
    expect(others).toHaveLength(1);
    const isKept = Array.from(y.data, (v) => v === kept);
    expect(isKept.filter(Boolean).length / 10_000).toBeCloseTo(0.7, 1.5);
    const scale = 1 / Math.sqrt(0.7 * (1 + 0.3 * 1.7580993408473766 ** 2));
    Array.from(x.grad!.data).forEach((g, i) => {
      expect(g).toBeCloseTo(isKept[i] ? scale : 0, 12);
    });
  });

  test("does nothing out of training or with p = 0, and gives 0 with p = 1", () => {
    const x = randn([5]);
    expect(new AlphaDropout(0.5).eval().forward(x)).toBe(x);
    expect(alphaDropout(x, 0)).toBe(x);
    expect(alphaDropout(ones([3]), 1).data).toEqual(zeros([3]).data);
    expect(new AlphaDropout(0.25).describe()).toBe("AlphaDropout(0.25)");
  });

  test("refuses what is no probability, and integers", () => {
    expect(() => new AlphaDropout(1.5)).toThrow("AlphaDropout: p must be a probability from 0 to 1, got 1.5");
    expect(() => alphaDropout(ones([1]), Number.NaN)).toThrow("alphaDropout: p must be a probability");
    expect(() => alphaDropout(tensor([1], { dtype: "int32" }))).toThrow("alphaDropout: x must be floating, got int32");
  });
});
