import { expect, test } from "vitest";
import { chain, chainActivations, mistake, neuron } from "../../docs/playground/figures/model.ts";

// What the lesson says of its figures.

test("the neuron begins with the lesson's numbers", () => {
  const { z, a, loss, da, slope, dz, dw, db } = neuron({ x: 1.5, w: 0.8, b: -0.2, y: 0.5 });
  expect([z, a, loss, da / 2, slope, dz, dw, db].map((v) => v.toFixed(4))).toEqual(
    ["1.0000", "0.7616", "0.0684", "0.2616", "0.4200", "0.2197", "0.3296", "0.2197"], // in the lesson's order
  );
});

test("a confident mistake has next to no residual by squares", () => {
  const { bySquares, byEntropy } = mistake(-8);
  expect([bySquares, byEntropy].map((g) => g.toFixed(4))).toEqual(["-0.0007", "-0.9997"]);
});

test("a chain of sigmoids loses the residual, one of ReLUs does not, and with an identity path none does", () => {
  expect(chain("sigmoid", 1, false)[0]!.toFixed(4)).toBe("0.0006");
  expect(chain("relu", 1, false)).toEqual([1, 1, 1, 1, 1, 1]);
  for (const activation of chainActivations) {
    expect(chain(activation, 1, false).at(-1)).toBe(1);
    for (const w of [0, 0.5, 1, 3]) {
      for (const g of chain(activation, w, true)) expect(g).toBeGreaterThanOrEqual(1);
    }
  }
});
