import { gradients, tensor } from "tinygrad-ts";
import { expect, test } from "vitest";
import { figureLabelsOf } from "../../docs/playground/figures/labels.ts";
import {
  block,
  chain,
  chainActivations,
  mistake,
  neuron,
  passingOrders,
  passings,
} from "../../docs/playground/figures/model.ts";

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

test("b = a + a, c = b + b: passed on at once, a gets 6; once complete, the 4 that the library gets", () => {
  const a = tensor(3, { requiresGrad: true });
  const b = a.add(a);
  const c = b.add(b);
  const [ofA, ofB] = gradients(c, [a, b]).map((g) => g.item());
  expect(passings("complete").at(-1)!.grads).toEqual({ a: ofA, b: ofB, c: 1 });
  expect(passings("complete").some(({ isEarly }) => isEarly)).toBe(false);
  expect(passings("atOnce").at(-1)!.grads).toEqual({ a: 6, b: 2, c: 1 });
  // 1 + 1 + 2 + 2, and the first two too early.
  const toA = passings("atOnce").filter(({ to }) => to === "a");
  expect(toA.map(({ passed, isEarly }) => [passed, isEarly])).toEqual([
    [1, true],
    [1, true],
    [2, false],
    [2, false],
  ]);
});

test.each(["en", "zh"] as const)(
  "each step of both orders is told, and the last says what is right: %s",
  (language) => {
    const { passing } = figureLabelsOf[language];
    for (const order of passingOrders) {
      const steps = passings(order);
      const told = steps.map((step, i) => passing(step, i === steps.length - 1));
      for (const [i, { from, to, passed }] of steps.entries()) {
        if (from !== undefined)
          expect(told[i]).toContain(
            language === "en" ? `${from} passes ${passed} on to ${to}` : `${from} 把 ${passed} 传给 ${to}`,
          );
      }
      expect(told.at(-1)).toContain(`a.grad ${language === "en" ? "is" : "为"} ${steps.at(-1)!.grads.a}`);
      expect(told.at(-1)).toContain("c = 4a");
    }
  },
);

test("a block with a path has what comes back through F and 1 more; sixteen without one have next to nothing", () => {
  const [plain, residual] = [block(1, 0.5, false), block(1, 0.5, true)];
  expect([plain.through, plain.dx, residual.dx].map((v) => v.toFixed(4))).toEqual(["0.3932", "0.3932", "1.3932"]);
  expect(plain.far.toFixed(5)).toBe("0.00001");
  expect(residual.far).toBeGreaterThan(1);
});
