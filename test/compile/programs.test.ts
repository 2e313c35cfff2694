import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import type { Tensor } from "../../src/index.ts";
import { programOf, type Recipe, recipes, valuesOf } from "./randomProgram.ts";

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
