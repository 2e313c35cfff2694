import fc from "fast-check";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";
import { faultOf, others, still, unlike } from "./opinions.ts";
import { programOf, type Recipe, recipes, valuesOf } from "./randomProgram.ts";

// Backward through compiled functions with several results, which draw, write to a buffer, and refuse some of their arguments: in all orders of calls and backward passes.

/** A function, and what is done with it, by numbers. */
export interface GradientRecipe {
  readonly recipe: Recipe;
  readonly acts: readonly number[];
}

export const gradientRecipes: fc.Arbitrary<GradientRecipe> = fc.record({
  recipe: recipes,
  acts: fc.array(fc.nat({ max: 100_000 }), { minLength: 4, maxLength: 9 }),
});

interface World {
  readonly w: Tensor;
  readonly v: Tensor;
  readonly buffer: Tensor;
  readonly generator: T.Generator;
}

type Fn = (x: Tensor, at: Tensor) => Tensor[];

function made(recipe: Recipe, log: string[] = [], shake = still): { state: World; fn: Fn } {
  const [w, v] = [valuesOf(recipe, 0), valuesOf(recipe, 50)];
  for (const x of [w, v]) x.requiresGrad = true;
  const u = T.mul(v, 0.5); // a result that is captured, beside what it was made of
  if (recipe.seed % 4 === 0) v.registerHook((g) => T.mul(g, 2));
  const buffer = T.zeros([], { dtype: recipe.dtype });
  const generator = new T.Generator(recipe.seed);
  const program = programOf({ ...recipe, steps: recipe.steps.slice(0, 12), backward: false }, w, log, shake);
  const fn: Fn = (x, at) => {
    const [last, loss] = program(x);
    const mean = T.noGrad(() => T.mean(last!));
    buffer.assign(T.add(T.mul(buffer, 0.9), mean));
    const kept = T.mul(last!, T.gt(T.rand(last!.shape, { dtype: recipe.dtype, generator }), 0.5).to(recipe.dtype));
    const picked = T.indexSelect(T.reshape(T.mul(v, T.sin(v)), [-1]), 0, at);
    const both = T.add(T.add(T.sum(kept), T.sum(T.mul(u, v))), T.sum(T.mul(picked, picked)));
    return [loss!, both, kept, T.reshape(last!, [-1]), x, T.floor(both).to("int32"), T.gt(last!, 0), picked];
  };
  return { state: { w, v, buffer, generator }, fn };
}

/** What a world has. */
const contentsOf = ({ w, v, buffer, generator }: World) => ({
  values: [w, v, buffer].map((x) => x.detach()),
  gradients: [w.grad, v.grad],
  generator: generator.state,
});

function restore({ w, v, buffer, generator }: World, before: ReturnType<typeof contentsOf>): void {
  for (const [i, x] of [w, v, buffer].entries()) x.assign(before.values[i]!);
  for (const [i, x] of [w, v].entries()) x.grad = before.gradients[i]!;
  generator.state = before.generator;
}

/** Of nine kinds of acts, three for each recipe: what is prepared by some is used by later ones. */
const kindOf = ({ seed }: Recipe, act: number): number => (seed + 4 * ((act >> 4) % 3)) % 9;

/** What one act comes to: values, and gradients with −1 for each that is null. */
function play(fn: Fn, { w, v, buffer, generator }: World, recipe: Recipe, act: number): Tensor[] {
  const slots = T.tensor([act % v.size, 0], { dtype: "int32" });
  const argument = (k: number): Tensor => {
    const x = valuesOf(recipe, 1 + ((act + k) % 5));
    x.requiresGrad = act % 3 > 0;
    return x;
  };
  const found: Tensor[] = [];
  const note = (...all: (Tensor | null)[]): void => {
    for (const g of all) found.push(g?.detach() ?? T.tensor(-1));
  };
  const weighted = (y: Tensor): Tensor => T.sum(T.mul(y, T.cos(y)));
  const live = (ys: readonly Tensor[]): Tensor[] => ys.filter((y) => y.requiresGrad);
  const [x, z] = [argument(0), argument(1)];
  const leaves = x.requiresGrad ? [w, v, x] : [w, v];
  if (act % 2 === 0) for (const p of [w, v]) p.grad = null; // else gradients add up
  const kind = kindOf(recipe, act);
  const ys = fn(x, slots);
  const [loss, both, kept, flat] = ys as [Tensor, Tensor, Tensor, Tensor];
  switch (kind) {
    case 0:
    case 1:
      if (loss.requiresGrad) loss.backward();
      break;
    case 2: // two calls, and backward through both
      T.add(weighted(both), T.mul(weighted(fn(z, slots)[1]!), 2)).backward();
      break;
    case 3: {
      // two calls, and backward from the first, then from the second, then from the first again
      const later = fn(z, slots)[1]!;
      for (const y of [both, later, both]) y.backward();
      break;
    }
    case 4: // several results, and eager parts
      T.add(live([both, kept, flat]).map(weighted).reduce((a, b) => T.add(a, b)), T.sum(T.mul(w, v))).backward(); // biome-ignore format: one line
      break;
    case 5: {
      const roots = live([both, loss]);
      note(...T.gradients(roots, leaves, { allowUnused: true }));
      note(...T.gradients(roots.slice(0, 1), leaves, { allowUnused: true }));
      break;
    }
    case 6: {
      // of second order, then of first order again
      const first = T.gradients(weighted(both), leaves, { createGraph: true, allowUnused: true });
      note(...first);
      const bent = live(first.flatMap((g) => (g === null ? [] : [g]))).map((g) => T.sum(T.sin(g)));
      if (bent.length > 0 && recipe.dtype === "float64") note(...T.gradients(bent, leaves, { allowUnused: true }));
      both.backward();
      break;
    }
    case 7: {
      // a call that is refused, and one without gradients, in between
      const wrong = T.tensor([v.size, 0], { dtype: "int32" });
      const before = { state: generator.state, buffer: buffer.detach() };
      try {
        fn(z, wrong);
      } catch (error) {
        if (!(error instanceof T.TinygradError)) throw error;
        generator.state = before.state; // eager code refuses half-way
        buffer.assign(before.buffer);
      }
      if (act % 4 === 1) T.noGrad(() => fn(z, slots));
      both.backward();
      break;
    }
    default: {
      // hooks of leaves and results
      const remove = w.registerHook((g) => T.mul(g, 2));
      both.registerHook((g) => T.mul(g, 3));
      both.backward();
      remove();
    }
  }
  note(...ys.map((y) => y.to(recipe.dtype)), w.grad, v.grad, x.grad, z.grad, buffer);
  return [...found, T.tensor([...generator.state], { dtype: "float64" })];
}

/** Compares gradients through a compiled function with eager ones, act by act. */
export function checkGradients({ recipe, acts }: GradientRecipe): void {
  const log: string[] = [];
  const eager = made(recipe, log);
  const all = others(() => made(recipe));
  for (const [number, act] of acts.entries()) {
    log.length = 0;
    const before = contentsOf(eager.state);
    const wanted = play(eager.fn, eager.state, recipe, act);
    for (const { name, run, state } of all) {
      const got = play(run, state, recipe, act);
      const fault = faultOf(
        (shaken: readonly Tensor[][]) => unlike(got, wanted, shaken),
        (shake) => {
          const own = made(recipe, [], shake);
          restore(own.state, before);
          return play(own.fn, own.state, recipe, act);
        },
      );
      if (fault !== null)
        throw new Error(`${name}: act ${number}, kind ${kindOf(recipe, act)}: ${fault}\n${log.join("\n")}`);
    }
    // Errors are not to add up, and parameters move on.
    eager.state.w.assign(T.mul(eager.state.w.detach(), 0.9));
    for (const { state } of all) restore(state, contentsOf(eager.state));
  }
}
