import assert from "node:assert/strict";
import test from "node:test";
import { assertGradient, checkGradient } from "tinygrad-ts/gradcheck";
import { gradient, loss } from "./softmax.js";

const at = Float64Array.of(0.3, -1.2, 2.5);

test("the gradient of the loss", () => {
  assertGradient(
    (x) => loss(x),
    (x, out) => gradient(x, out),
    at,
  );
});

test("the report says what was checked", () => {
  const report = checkGradient(
    (x) => loss(x),
    (x, out) => gradient(x, out),
    at,
  );
  assert.deepEqual(report.coverage, { entries: 3, checked: 3, directions: 0 });
});
