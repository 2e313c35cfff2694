import fc from "fast-check";
import { compile } from "../../src/compile/index.ts";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";
import { reorderOp } from "../../src/ops/sort.ts";
import { type Grid, grid, toTensor } from "../support/integers.ts";
import { difference, disagreement, faultOf, others, outcomeOf, still, unlike } from "./opinions.ts";
import { integerProgramOf, programOf, type Recipe, recipes, valuesOf } from "./randomProgram.ts";
import { readers } from "./randomStep.ts";

/** Runs a random program with a parameter, which it may update. */
export function checkProgram(recipe: Recipe): void {
  const make = (own: string[] = [], shake = still) => {
    const w = valuesOf(recipe, 0);
    w.requiresGrad = true;
    return { state: w, fn: programOf(recipe, w, own, shake) };
  };
  const log: string[] = [];
  const eager = make(log);
  const all = others(make);
  for (let run = 0; run < 3; run++) {
    const x = valuesOf(recipe, 1 + run);
    const resultsOf = ({ state, fn }: Pick<typeof eager, "state" | "fn">): Tensor[] =>
      [...fn(x), state].map((y) => y.detach());
    const before = eager.state.detach();
    const wanted = resultsOf(eager);
    for (const { name, run: fn, state } of all) {
      const got = resultsOf({ state, fn });
      const fault = faultOf(
        (shaken: readonly Tensor[][]) => disagreement(got, wanted, false, null, shaken),
        (shake) => {
          const own = make([], shake);
          own.state.assign(before);
          return resultsOf(own);
        },
      );
      if (fault !== null) throw new Error(`${name}: run ${run}: ${fault}\n${log.join("\n")}`);
      state.assign(eager.state.detach()); // errors are not to add up over runs
    }
  }
}

/** Programs of integers, with arguments for some calls. */
export const integerRecipes = fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 })).chain(([m, n]) => {
  const shape = [m + 1, n + 1];
  // The first arguments that are not refused are recorded.
  const pair = fc.tuple(grid(shape), grid(shape, fc.integer({ min: -3, max: 3 })));
  return fc.record({ recipe: recipes, inputs: fc.array(pair, { minLength: 2, maxLength: 4 }) });
});

/** How often programs of integers gave results, and refused. */
export const integerOutcomes = { results: 0, refusals: 0 };

/** Runs a random program of integers: exact, or refused. */
export function checkIntegers({ recipe, inputs }: { readonly recipe: Recipe; readonly inputs: [Grid, Grid][] }): void {
  const short = { ...recipe, steps: recipe.steps.slice(0, 12) };
  const log: string[] = [];
  const eager = integerProgramOf(short, log);
  const all = others(() => ({ state: null, fn: integerProgramOf(short) }));
  const zeros: Grid = { shape: inputs[0]![0].shape, at: inputs[0]![0].at.map(() => 0n) };
  for (const pair of [[zeros, zeros], ...inputs]) {
    const [x, y] = pair.map(toTensor);
    log.length = 0;
    const wanted = outcomeOf(() => eager(x!, y!));
    integerOutcomes[typeof wanted === "string" ? "refusals" : "results"]++;
    for (const { name, run } of all) {
      const fault = disagreement(outcomeOf(() => run(x!, y!)), wanted, true); // biome-ignore format: one line
      if (fault !== null) throw new Error(`${name}: ${fault}\n${log.join("\n")}`);
    }
  }
}

/** First and second gradients of a function's result, with respect to its argument and to what it captured; zeros where there are none. */
function slopesOf(fn: (x: Tensor) => Tensor, w: Tensor, from: Tensor): Tensor[] {
  const x = from.detach();
  x.requiresGrad = true;
  const y = fn(x);
  const isNone: boolean[] = [];
  const gradientsOf = (z: Tensor): Tensor[] => {
    const all = z.requiresGrad ? T.gradients(T.sum(z), [x, w], { createGraph: true, allowUnused: true }) : [null, null];
    isNone.push(...all.map((g) => g === null));
    return all.map((g) => g ?? T.zeros(x.shape, { dtype: x.dtype }));
  };
  const first = gradientsOf(T.mul(y, T.cos(y)));
  const second = x.dtype === "float64" ? gradientsOf(T.add(T.sum(T.tanh(first[0]!)), T.sum(T.sin(first[1]!)))) : [];
  return [y, ...first, ...second, T.tensor(isNone)].map((z) => z.detach());
}

/** Gradients through a compiled function, of first and, in float64, second order. */
export function checkDerivatives(recipe: Recipe): void {
  const log: string[] = [];
  const short = { ...recipe, steps: recipe.steps.slice(0, 14), backward: false };
  const make = (own: string[] = [], shake = still) => {
    const w = valuesOf(recipe, 0);
    w.requiresGrad = true;
    const program = programOf(short, w, own, shake);
    return { state: w, fn: (x: Tensor) => program(x)[0]! };
  };
  const eager = make(log);
  const all = others(make);
  for (let run = 0; run < 3; run++) {
    const x = valuesOf(recipe, 1 + run);
    log.length = 0;
    const wanted = slopesOf(eager.fn, eager.state, x);
    for (const { name, run: fn, state } of all) {
      const got = slopesOf(fn, state, x);
      const fault = faultOf(
        (shaken: readonly Tensor[][]) => unlike(got, wanted, shaken),
        (shake) => {
          const own = make([], shake);
          own.state.assign(eager.state.detach());
          return slopesOf(own.fn, own.state, x);
        },
      );
      if (fault !== null) throw new Error(`${name}: run ${run}: slope ${fault}\n${log.join("\n")}`);
    }
    for (const { state } of [eager, ...all]) state.assign(T.mul(state.detach(), 0.9));
  }
}

/** Products of more rows than are computed at once, and all that may read them. */
export function checkProducts(): void {
  const n = 130;
  const draw = (shape: number[]): Tensor =>
    T.randn(shape, { dtype: "float64", generator: new T.Generator(shape.length) });
  // A product's elements in another order, without a check that would come between.
  const reordered = (a: Tensor, b: Tensor): Tensor => {
    const order = T.argsort(T.reshape(b, [-1]));
    const z = T.reshape(T.matmul(a, b), [-1]);
    return T.add(z, T.apply(reorderOp, [z, order], 0));
  };
  const cut = (a: Tensor, b: Tensor, c: Tensor): Tensor => T.add(T.reshape(T.matmul(a, b), [n, n - 1]), c); // in rows that are one shorter
  const operands = [draw([n - 1, 7]), draw([7, n]), draw([n - 1])] as const;
  const fault = difference(compile(cut)(...operands), cut(...operands), false);
  if (fault !== null) throw new Error(`cut in another way: ${fault}`);
  const [x, y, v] = [draw([n, n]), T.transpose(draw([n, n])), T.mul(draw([n]), n / 3)];
  const all = readers.map((read) => (a: Tensor, b: Tensor, c: Tensor) => read(T.matmul(a, b), b, c));
  for (const [k, fn] of [...all, reordered].entries()) {
    const f = compile(fn);
    f(T.mul(x, 2), y, T.neg(v)); // leaves another product where this one goes
    const fault = difference(f(x, y, v), fn(x, y, v), false);
    if (fault !== null) throw new Error(`reader ${k}: ${fault}`);
  }
}
