import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { sub, type Tensor, tensor } from "../../src/index.ts";
import { checkCosts } from "./checkCosts.ts";
import { checkGradients, gradientRecipes } from "./checkGradients.ts";
import { checkHomes } from "./checkHomes.ts";
import { checkOverwriting } from "./checkOverwriting.ts";
import {
  checkDerivatives,
  checkIntegers,
  checkProducts,
  checkProgram,
  integerOutcomes,
  integerRecipes,
} from "./checkProgram.ts";
import { checkStep, outcomes } from "./checkStep.ts";
import { checkCuts, checkTasks, works } from "./checkTasks.ts";
import { checkTraining, trainingRecipes } from "./checkTraining.ts";
import { checkWindows, windowRecipes } from "./checkWindows.ts";
import { difference, faultOf, illConditioned } from "./opinions.ts";
import { recipes } from "./randomProgram.ts";
import { stepRecipes } from "./randomStep.ts";

// More programs, so many of each kind: PROGRAMS=20000 npx vitest run test/compile/programs.test.ts; others: SEED=8 …
const isLong = "PROGRAMS" in process.env;
const numRuns = Number(process.env["PROGRAMS"] ?? 200);
const seed = Number(process.env["SEED"] ?? 7);
const minutes = 60_000 * Math.max(20, numRuns / 20);

function draw<T>(
  recipe: fc.Arbitrary<T>,
  check: (recipe: T) => void,
  share = 1,
  count = isLong ? numRuns : numRuns * share,
): void {
  fc.assert(fc.property(recipe, check), { numRuns: Math.ceil(count), seed });
}

afterAll(() => expect(illConditioned.count).toBeLessThanOrEqual(numRuns / 50));

test("a difference of equals may be off by as much as its operands, and not by more", () => {
  const x = tensor([3, 3]);
  const faultAt = (value: number): string | null =>
    faultOf(
      (shaken: readonly Tensor[]) => difference(tensor([0, value]), tensor([0, 0]), false, 1, shaken),
      (shake) => sub(shake(x), shake(x)),
    );
  expect(faultAt(4e-6)).toBeNull();
  expect(illConditioned.count).toBe(1);
  expect(faultAt(1e-4)).toBe("0.00009999999747378752 instead of 0 at 1 of float32[2]");
});

test(
  "random programs: eager, compiled and interpreted, they give the same",
  () => draw(recipes, checkProgram, 0.5),
  minutes,
);

test(
  "random programs of integers give and refuse the same",
  () => {
    draw(integerRecipes, checkIntegers, 0.5);
    expect(Math.min(integerOutcomes.results, integerOutcomes.refusals)).toBeGreaterThan(numRuns / 8);
  },
  minutes,
);

test(
  "random steps change the same, and nothing where they refuse",
  () => {
    draw(stepRecipes, checkStep);
    expect(Math.min(outcomes.results, outcomes.refusals)).toBeGreaterThan(numRuns / 4);
  },
  minutes,
);

test(
  "random programs over windows of shared arrays have the same values and gradients at all places",
  () => draw(windowRecipes, checkWindows, 0.1),
  minutes,
);

test("random programs have the same gradients, first and second", () => draw(recipes, checkDerivatives, 0.2), minutes);

test(
  "random orders of calls and backward passes come to the same gradients",
  () => draw(gradientRecipes, checkGradients, 0.3),
  minutes,
);

test(
  "random training steps refuse what is not finite, and leave everything as it was",
  () => draw(trainingRecipes, checkTraining, 0.1),
  minutes,
);

test("work is cut as is said, and tasks in any order, some of them twice, come to the same bits", () => {
  checkCuts();
  draw(works, checkTasks, 1, 30);
});

test("programs take no more kernels and memory than they need", checkCosts);

test("what reads a product that is computed in parts, reads what is done", checkProducts);

test("what is made of a tensor is written over it, and nothing is read too late", checkOverwriting);

test("values stay where programs use them until somebody looks", checkHomes);
