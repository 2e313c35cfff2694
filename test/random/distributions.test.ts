import { expect, test } from "vitest";
import { logOf, normalFromWords, normalQuantile, uniform24, uniform53 } from "../../src/random/distributions.ts";

test.each([
  // From another implementation of the same algorithm, Python's statistics.NormalDist.
  [1e-300, -37.0470962993612],
  [1e-20, -9.262340089798405],
  [2 ** -53, -8.209536151601386],
  [1e-9, -5.9978070150076865],
  [0.001, -3.090232306167813],
  [0.0749, -1.4402382675279632],
  [0.0751, -1.4388253927525398],
  [0.25, -0.6744897501960817],
  [0.6, 0.2533471031357998],
  [0.924, 1.4325027208258119],
  [0.926, 1.4466320671589785],
  [0.99999, 4.26489079392384],
])("the normal quantile of %d is %d", (p, z) => {
  expect(Math.abs(normalQuantile(p) / z - 1)).toBeLessThan(4e-15);
});

test("the normal quantile is odd about ½, to the bit", () => {
  expect(normalQuantile(0.5)).toBe(0);
  for (const q of [2 ** -20, 0.125, 0.4375, 0.499]) expect(normalQuantile(0.5 + q)).toBe(-normalQuantile(0.5 - q));
});

test("the normal quantile rises, also where its formulas meet", () => {
  let before = Number.NEGATIVE_INFINITY;
  for (let i = 1; i < 20_000; i++) {
    const z = normalQuantile(i / 20_000);
    expect(z).toBeGreaterThan(before);
    before = z;
  }
  for (const p of [0.075, 0.925, Math.exp(-25)]) {
    const step = p * 1e-12;
    expect(normalQuantile(p + step)).toBeGreaterThan(normalQuantile(p - step));
    expect(normalQuantile(p + step) - normalQuantile(p - step)).toBeLessThan(1e-10);
  }
});

test("the logarithm is good to a few units in the last place", () => {
  expect(logOf(1)).toBe(0);
  let worst = 0;
  for (let i = 1; i < 50_000; i++) {
    const x = i / 50_000;
    worst = Math.max(worst, Math.abs(logOf(x) / Math.log(x) - 1));
  }
  for (let e = 1; e < 1000; e++) worst = Math.max(worst, Math.abs(logOf(2 ** -e) / Math.log(2 ** -e) - 1));
  expect(worst).toBeLessThan(1e-15);
});

test("uniform numbers reach 0 and stay below 1", () => {
  const all = 2 ** 32 - 1;
  expect([uniform24(0), uniform53(0, 0)]).toEqual([0, 0]);
  expect([uniform24(all), uniform53(all, all)]).toEqual([1 - 2 ** -24, 1 - 2 ** -53]);
  expect(Math.fround(uniform24(all))).toBeLessThan(1);
});

test("normal numbers are finite and symmetric to the ends", () => {
  const all = 2 ** 32 - 1;
  expect(normalFromWords(0, 0)).toBe(normalQuantile(2 ** -53));
  expect(normalFromWords(all, all)).toBe(-normalFromWords(0, 0));
});
