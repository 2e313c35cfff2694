import { assertGradient, assertSuite } from "tinygrad-ts/gradcheck";
import { gradient, loss } from "./kepler.js";

describe("Kepler's equation", () => {
  it("has this gradient", () => {
    assertGradient(loss, (x) => gradient(x), [1.4, 0.3]);
  });

  it("has it at several points", () => {
    const rows = [0.2, 0.9, 2.4].map((anomaly) => ({
      name: `at ${anomaly}`,
      f: (x) => loss(x),
      gradient: (x) => gradient(x),
      x: [anomaly, 0.6],
    }));
    assertSuite(rows);
  });
});
