import { assertGradient } from "tinygrad-ts/gradcheck";
import { gradient, loss } from "./kepler.js";

it("forgets a minus", () => {
  assertGradient(loss, (x) => gradient(x, 1.1, -1), [1.4, 0.3]);
});
