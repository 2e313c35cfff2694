import { describe, expect, test } from "vitest";
import { apply } from "../../src/core/apply.ts";
import { checkFirst, checkFloat32, checkLinear, checkMixed, checkSecond, denies } from "../support/gradientChecks.ts";
import { checkErrors, checkKernel, checkLanes } from "../support/kernelChecks.ts";
import { allOps } from "../support/ops.ts";
import { checkOverwrites } from "../support/overwriteChecks.ts";
import { forAll, numRuns, type Sample } from "../support/sample.ts";

// One suite over all op records. More calls, or others: OP_RUNS=1000 OP_SEED=2 npx vitest run test/ops/generic.test.ts

test("every op record has cases beside it", () => {
  const without = allOps.filter(({ cases }) => cases === undefined);
  expect(without.map(({ exported, file }) => `${exported} in ${file}`)).toEqual([]);
  expect(allOps.length).toBeGreaterThan(40);
});

test("the exports of op records start with their names", () => {
  for (const { exported, op } of allOps) expect(exported.startsWith(op.name)).toBe(true);
});

/** Floating inputs that ops deny a gradient: a decision each time, so each is listed here. */
const denied = ["adamStep: the step count, input 3"];

const elementwise: string[] = [];

for (const { exported, op, cases } of allOps) {
  if (cases === undefined) continue;
  const all = (check: (sample: Sample) => void): void => forAll(op, cases, check);

  describe(exported, () => {
    test("the kernel fills what the shape rule says, and leaves its inputs alone", () => {
      const outcomes = new Set<string>();
      all((sample) => outcomes.add(checkKernel(sample)));
      expect(outcomes).toContain("full");
    });

    if (op.vjp === "nondifferentiable") {
      test("results require no gradient", () => {
        all(({ inputs, attrs }) => {
          const leaves = inputs.map((input) => input.leaf());
          expect(apply(op, leaves, attrs).requiresGrad).toBe(false);
        });
      });
    } else {
      test("only inputs that cannot have a gradient are denied one", () => {
        all(({ inputs }) => {
          inputs.forEach((input, i) => {
            if (!input.isFloat || !denies(op, i)) return;
            expect(denied.filter((text) => text.startsWith(`${op.name}:`) && text.endsWith(`input ${i}`))).not.toEqual(
              [],
            );
          });
        });
      });

      test("the vjp of every input equals finite differences", () => {
        let count = 0;
        all((sample) => {
          count += checkFirst(sample);
        });
        expect(count).toBeGreaterThan(numRuns / 2);
      });

      test("the vjp of the vjp equals finite differences, in the inputs and in the cotangent", () => {
        let count = 0;
        all((sample) => {
          count += checkSecond(sample);
        });
        expect(count).toBeGreaterThan(numRuns / 2);
      });

      test("the vjp is linear in the cotangent", () => all(checkLinear));

      test("inputs of mixed dtypes get gradients of their own dtype, or are refused", () => all(checkMixed));

      test("overwritten inputs give the exact gradient, or an error if the gradient needs them", () => {
        const refused = new Set<number>();
        const needed = new Set<number>();
        all((sample) => {
          checkOverwrites(sample).forEach(({ outcome, depends }, i) => {
            if (outcome === "refused") refused.add(i);
            if (depends) needed.add(i);
          });
        });
        expect([...refused].filter((i) => !needed.has(i))).toEqual([]);
      });
    }

    test("float32 agrees with float64", () => all(checkFloat32));

    test("elements do not depend on where they lie", () => {
      let always = true;
      all((sample) => {
        always = checkLanes(sample) && always;
      });
      if (always) elementwise.push(op.name);
    });

    test("the documented errors are thrown", () => checkErrors(op, cases));
  });
}

test("the elementwise ops were recognised as such", () => {
  expect(elementwise).toEqual(expect.arrayContaining(["add", "exp", "relu", "where", "pow", "lt"]));
  for (const name of ["flip", "argsort", "permute", "gather"]) expect(elementwise).not.toContain(name);
});
