const { assertGradient } = require("tinygrad-ts/gradcheck");
const { energy, gradient } = require("./springs.js");

test("the forces are the energy's gradient", () => {
  expect(energy).toHaveGradient(gradient, { at: [0, 1.2, 1.9, 3.3] });
  assertGradient(energy, gradient, [0, 1.2, 1.9, 3.3]);
});

test("functions that return promises", async () => {
  await expect(async (x) => energy(x)).toHaveGradient(gradient, { at: [0, 1.2, 1.9] });
});

test("a wrong one is told apart", () => {
  expect(energy).not.toHaveGradient((x) => gradient(x).map((v) => -v), { at: [0, 1.2, 1.9] });
});
