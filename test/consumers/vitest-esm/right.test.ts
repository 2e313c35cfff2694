import fc from "fast-check";
import { Linear, mse, Sequential, tanh, tensor } from "tinygrad-ts";
import { float64Array } from "tinygrad-ts/fast-check";
import { gradcheck } from "tinygrad-ts/gradcheck";
import { expect, test } from "vitest";
import { gradient, loss } from "./logistic.ts";

const float64 = { dtype: "float64" } as const;

test("the gradient of the loss", () => {
  expect(loss).toHaveGradient(gradient, { at: { w: [0.3, -0.7], b: 0.1 } });
});

test("at any weights", () => {
  fc.assert(
    fc.property(float64Array({ length: 3, min: -3, max: 3 }), ([u, v, b]) => {
      expect(loss).toHaveGradient(gradient, { at: { w: [u!, v!], b: b! } });
    }),
    { numRuns: 50, seed: 1 },
  );
});

test("a network of the library", () => {
  const model = new Sequential(new Linear(2, 3, float64), tanh, new Linear(3, 1, float64));
  const x = tensor([[0.1, 0.2]], { ...float64, requiresGrad: true });
  expect(gradcheck((x) => mse(model.forward(x), tensor([[1]], float64)), [x]).ok).toBe(true);
});
