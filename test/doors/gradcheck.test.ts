import { expect, test } from "vitest";
import * as gradcheckApi from "../../src/gradcheck/index.ts";
import { tensor } from "../../src/index.ts";
import { loose, testRefusals } from "../support/refusals.ts";

// What is handed to the gradient checker by mistake, and the whole text of the error.

const g = loose(gradcheckApi);
const f = (x: number[]): number => x[0]! ** 2;
const grad = (x: number[]): number[] => [2 * x[0]!];
const square = (x: number[]): number[] => x.map((v) => v * v);
const product = (x: number[], v: number[]): number[] => x.map((value, i) => 2 * value * v[i]!);
const row = { name: "square", f, gradient: grad, x: [3] };
const leaf = () => tensor([1, 2], { dtype: "float64", requiresGrad: true });
const all =
  "rtol, atol, kinks, inconclusive, effort, maxEntries, sampledEntries, directions, only, leaves, out, seed, precision, noise, nondeterminism, lower, upper, domain, tangent, retract";

const rows: readonly (readonly [call: () => unknown, text: string])[] = [
  [
    () => g.checkJvp(square, product, [1], null),
    `checkJvp: options must be an object, got null; there are ${all}, vjp`,
  ],
  [
    () => g.assertVjp(square, product, [1], true),
    `assertVjp: options must be an object, got true; there are ${all}, jvp`,
  ],
  [() => g.checkVjp(square, product, [1], 0.5), "checkVjp: options must be an object, got 0.5; write { rtol: 0.5 }"],
  [
    () => g.checkJvp(square, product, [1], { vpj: product }),
    "checkJvp: there is no such option, got vpj; did you mean vjp?",
  ],
  [
    () => g.checkGradient(f, grad, [1], new Map([["rtol", 1]])),
    `checkGradient: options must be an object, got a Map; there are ${all}`,
  ],
  [
    () => g.checkGradient(f, grad, [1], { tolerance: 1 }),
    `checkGradient: there is no such option, got tolerance; there are ${all}`,
  ],
  [
    () => g.checkGradient(f, grad, [1], { rtoll: 1 }),
    "checkGradient: there is no such option, got rtoll; did you mean rtol?",
  ],
  [
    () => g.checkGradient(f, grad, [1], { only: [0] }),
    'checkGradient: only must list names of entries, as ["x[0]"], got an array',
  ],
  [
    () => g.checkGradient(f, grad, [1], { only: ["x[1]"] }),
    "checkGradient: only must name entries or parts of x, got x[1]; there are x (x[0])",
  ],
  [
    () => g.checkGradient(f, grad, [1], { tangent: "simplex" }),
    "checkGradient: a simplex has rows of two entries or more that add up to 1, got 1 in x",
  ],
  [
    () => g.checkJacobian(square, () => [[2]], [1], { tangent: () => [1] }),
    "checkJacobian: tangent must return a Float64Array, got an array",
  ],
  [() => g.checkGradient([1], grad, [1]), "checkGradient: f must be a function, got an array"],
  [
    () => g.numericalGradient(f, [1], { rtol: 1 }),
    "numericalGradient: there is no such option, got rtol; there are leaves, out, seed, precision, noise, lower, upper, domain",
  ],
  [() => g.gradcheck("x", [leaf()]), 'gradcheck: must be given a function, got "x", a string; write gradcheck(f, [x])'],
  [
    () => g.gradcheck(leaf, leaf()),
    "gradcheck: inputs must be an array of tensors, got a tensor float64[2]; write gradcheck(f, [x])",
  ],
  [() => g.gradcheck(leaf, [leaf(), [1]]), "gradcheck: inputs must be an array of tensors, got an array for input 1"],
  [
    () => g.assertGradcheck(leaf, [new Proxy(leaf(), {})]),
    "assertGradcheck: inputs must be an array of tensors, got a Proxy or copy of a tensor, or a tensor of another version of the package for input 0",
  ],
  [
    () => g.gradgradcheck(async () => leaf(), [leaf()]),
    "gradgradcheck: the function must return tensors, got a promise",
  ],
  [() => g.assertSuite({}), "assertSuite: rows must be an array that is not empty, got an object"],
  [() => g.checkSuite([row], null), `checkSuite: options must be an object, got null; there are ${all}`],
  [() => g.checkSuite([row], { rtoll: 1 }), "checkSuite: there is no such option, got rtoll; did you mean rtol?"],
  [
    () => g.checkSuite([{ ...row, options: null }]),
    `checkSuite, row square: options must be an object, got null; there are ${all}`,
  ],
  [
    () => g.checkSuite([row, { ...row, name: "text", x: ["1"] }]),
    'checkSuite, row text: checkGradient: x[0] must hold numbers, got "1", a string; use numbers in arrays, Float64Array, Float32Array and objects, or say how by leaves: { flatten, unflatten }',
  ],
  [
    () => g.checkSuite([{ name: "sin", fn: leaf, inputs: [leaf()], order: 3 }]),
    "checkSuite: order of row sin must be 1 or 2, got 3",
  ],
  [
    () => gradcheckApi.gradientMatchers.toHaveGradient.call(undefined, f, grad, [1]),
    "toHaveGradient: options must say where, got an array; expect(f).toHaveGradient(…, { at: x })",
  ],
];

testRefusals(rows.map(([call, text]) => [call, "ValueError", text]));

test("what f itself throws comes out of a suite as it was", () => {
  const error = new Error("mine");
  const failing = () => {
    throw error;
  };
  expect(() => g.checkSuite([{ ...row, f: failing }])).toThrow(error);
});
