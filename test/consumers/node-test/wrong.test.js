import test from "node:test";
import { assertGradient } from "tinygrad-ts/gradcheck";
import { gradient, loss } from "./softmax.js";

test("a gradient without its target", () => {
  assertGradient(
    (x) => loss(x),
    (x, out) => gradient(x, out, -1),
    Float64Array.of(0.3, -1.2, 2.5),
  );
});
