const { energy, gradient } = require("./springs.js");

test("forces point down the energy", () => {
  expect(energy).toHaveGradient((x) => gradient(x).map((v) => -v), { at: [0, 1.2, 1.9] });
});
