import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import { gradients, mul, sum, type Tensor, TinygradError } from "../../src/index.ts";
import { type Grid, grid, toTensor } from "../support/integers.ts";
import { interpret } from "./interpreter.ts";
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
  const parameter = (): Tensor => {
    const w = valuesOf(recipe, 0);
    w.requiresGrad = true;
    return w;
  };
  const log: string[] = [];
  const v = parameter();
  const eager = programOf(recipe, v, log);
  const others = (["WebAssembly", "interpreter"] as const).map((name) => {
    const w = parameter();
    const fn = programOf(recipe, w);
    return { name, w, run: name === "WebAssembly" ? compile(fn, { verify: true }) : interpret(fn) };
  });
  for (let run = 0; run < 3; run++) {
    const x = valuesOf(recipe, 1 + run);
    const wanted = eager(x).map((y) => y.detach());
    for (const other of others) {
      const got = other.run(x);
      const worst = Math.max(distance(other.w.detach(), v.detach()), ...wanted.map((y, i) => distance(got[i]!, y)));
      if (worst > bounds[recipe.dtype]) {
        throw new Error(`${other.name}: run ${run} is off by ${worst}\n${log.join("\n")}`);
      }
      other.w.assign(v.detach()); // errors are not to add up over runs
    }
  }
}

test("random programs, compiled, equal eager ones", () => {
  const seed = process.env["SEED"];
  fc.assert(fc.property(recipes, check), { numRuns, seed: seed === undefined ? 7 : Number(seed) });
}, 1_200_000);

/** A program's loss, its gradients, and the gradients of the sum of their squares. */
function derivativesOf(program: (x: Tensor) => Tensor[], x: Tensor, w: Tensor): (Tensor | null)[] {
  const loss = program(x).at(-1)!;
  if (!loss.requiresGrad) return [loss];
  const options = { allowUnused: true, createGraph: true } as const;
  const first = gradients(loss, [x, w], options);
  const squares = first.flatMap((g) => (g === null || !g.requiresGrad ? [] : [sum(mul(g, g))]));
  return [loss, ...first, ...(squares.length === 0 ? [] : gradients(squares, [x, w], options))];
}

test("gradients through a compiled program, first and second, equal eager ones", () => {
  const seen = { first: 0, second: 0 };
  const checkDerivatives = (recipe: Recipe): void => {
    const short: Recipe = { ...recipe, steps: recipe.steps.slice(0, 12), dtype: "float64", backward: false };
    const w = valuesOf(short, 0);
    w.requiresGrad = true;
    const log: string[] = [];
    const eager = programOf(short, w, log);
    const compiled = compile(programOf(short, w), { verify: true });
    for (let run = 0; run < 2; run++) {
      const x = valuesOf(short, 1 + run);
      x.requiresGrad = true;
      const wanted = derivativesOf(eager, x, w);
      const got = derivativesOf(compiled, x, w);
      expect(got.map((g) => g === null)).toEqual(wanted.map((g) => g === null));
      wanted.forEach((g, i) => {
        const far = g === null ? 0 : distance(got[i]!.detach(), g.detach());
        if (far > 1e-8) throw new Error(`run ${run}: derivative ${i} is off by ${far}\n${log.join("\n")}`);
      });
      if (wanted.length > 1) seen.first++;
      if (wanted.length > 3) seen.second++;
    }
  };
  fc.assert(fc.property(recipes, checkDerivatives), { numRuns: Math.ceil(numRuns / 5), seed: 7 });
  expect(Math.min(seen.first, seen.second)).toBeGreaterThan(numRuns / 10);
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
    const others = [compile(integerProgramOf(short), { verify: true }), interpret(integerProgramOf(short))];
    const zeros: Grid = { shape: inputs[0]![0].shape, at: inputs[0]![0].at.map(() => 0n) };
    for (const pair of [[zeros, zeros], ...inputs]) {
      const wanted = textOf(() => eager(...pair.map(toTensor)));
      outcomes[wanted.includes("Error") ? "refusals" : "values"]++;
      for (const other of others) {
        const got = textOf(() => other(...pair.map(toTensor)));
        if (got === wanted) continue;
        throw new Error(`${got}\ninstead of\n${wanted}\n${log.slice(0, short.steps.length).join("\n")}`);
      }
    }
  };
  fc.assert(fc.property(integers, check), { numRuns, seed: 7 });
  expect(Math.min(outcomes.values, outcomes.refusals)).toBeGreaterThan(numRuns / 4);
}, 1_200_000);
