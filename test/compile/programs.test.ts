import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import { type Tensor, TinygradError } from "../../src/index.ts";
import { type Grid, grid, toTensor } from "../support/integers.ts";
import { integerProgramOf, programOf, type Recipe, recipes, valuesOf } from "./randomProgram.ts";

// More programs: PROGRAMS=20000 npx vitest run test/compile/programs.test.ts
const numRuns = Number(process.env["PROGRAMS"] ?? 500);

function distance(got: Tensor, wanted: Tensor): number {
  expect(got.shape).toEqual(wanted.shape);
  expect(got.dtype).toBe(wanted.dtype);
  const [a, b] = [got.data, wanted.data];
  const scale = Array.from(b).reduce((most: number, v: number) => Math.max(most, Math.abs(v)), 1e-3);
  let most = 0;
  for (let i = 0; i < b.length; i++) {
    if (Object.is(a[i], b[i]) || (Number.isNaN(a[i]) && Number.isNaN(b[i]))) continue;
    most = Math.max(most, Math.abs(a[i]! - b[i]!) / scale);
    if (Number.isNaN(most)) return Number.POSITIVE_INFINITY;
  }
  return most;
}

/** How far compiled results may be from eager ones: errors grow along a program. */
const bounds = { float32: 2e-3, float64: 1e-11 };

function check(recipe: Recipe): void {
  const [w, v] = [valuesOf(recipe, 0), valuesOf(recipe, 0)];
  w.requiresGrad = true;
  v.requiresGrad = true;
  const log: string[] = [];
  const eager = programOf(recipe, v, log);
  const compiled = compile(programOf(recipe, w), { verify: true });
  for (let run = 0; run < 3; run++) {
    const x = valuesOf(recipe, 1 + run);
    const wanted = eager(x).map((y) => y.detach());
    const got = compiled(x);
    const worst = Math.max(distance(w.detach(), v.detach()), ...wanted.map((y, i) => distance(got[i]!, y)));
    if (worst > bounds[recipe.dtype]) {
      throw new Error(`run ${run} is off by ${worst}\n${log.join("\n")}`);
    }
    w.assign(v.detach()); // errors are not to add up over runs
  }
}

test("random programs, compiled, equal eager ones", () => {
  const seed = process.env["SEED"];
  fc.assert(fc.property(recipes, check), { numRuns, seed: seed === undefined ? 7 : Number(seed) });
}, 1_200_000);

/** What a program comes to: the text of its results, or of what it refuses. */
function textOf(call: () => Tensor[]): string {
  try {
    return call()
      .map((y) => `${y.dtype}[${y.shape}] ${y.data}`)
      .join("\n");
  } catch (error) {
    if (error instanceof TinygradError) return `${error.name} ${error.message}`;
    throw error;
  }
}

test("random programs of integers, compiled, give and refuse what eager ones do", () => {
  const integers = fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 })).chain(([m, n]) => {
    const shape = [m + 1, n + 1];
    return fc.record({
      recipe: recipes,
      // The first that is not refused is recorded.
      inputs: fc.array(fc.tuple(grid(shape), grid(shape, fc.integer({ min: -3, max: 3 }))), {
        minLength: 2,
        maxLength: 4,
      }),
    });
  });
  const outcomes = { values: 0, refusals: 0 };
  const check = ({ recipe, inputs }: { recipe: Recipe; inputs: [Grid, Grid][] }): void => {
    const short = { ...recipe, steps: recipe.steps.slice(0, 12) };
    const log: string[] = [];
    const eager = integerProgramOf(short, log);
    const compiled = compile(integerProgramOf(short), { verify: true });
    const zeros: Grid = { shape: inputs[0]![0].shape, at: inputs[0]![0].at.map(() => 0n) };
    for (const pair of [[zeros, zeros], ...inputs]) {
      const wanted = textOf(() => eager(...pair.map(toTensor)));
      const got = textOf(() => compiled(...pair.map(toTensor)));
      outcomes[wanted.includes("Error") ? "refusals" : "values"]++;
      if (got !== wanted)
        throw new Error(`${got}\ninstead of\n${wanted}\n${log.slice(0, short.steps.length).join("\n")}`);
    }
  };
  fc.assert(fc.property(integers, check), { numRuns, seed: 7 });
  expect(Math.min(outcomes.values, outcomes.refusals)).toBeGreaterThan(numRuns / 4);
}, 1_200_000);
