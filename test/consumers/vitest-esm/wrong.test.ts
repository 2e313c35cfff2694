import { expect, test } from "vitest";
import { gradient, loss, type Model } from "./logistic.ts";

test("a gradient that forgot its mean", () => {
  const wrong = (model: Model): Model => {
    const { w, b } = gradient(model);
    return { w: w.map((v) => 3 * v), b };
  };
  expect(loss).toHaveGradient(wrong, { at: { w: [0.3, -0.7], b: 0.1 } });
});
