import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";
import { difference, disagreement, others, outcomeOf } from "./opinions.ts";
import {
  argumentsOf,
  type CallRecipe,
  elementaryOf,
  isHosted,
  type StepRecipe,
  stepOf,
  type World,
  worldOf,
} from "./randomStep.ts";

/** All that a step may change. */
interface Contents {
  readonly values: readonly Tensor[];
  readonly gradients: readonly (Tensor | null)[];
  readonly state: T.GeneratorState;
}

const contentsOf = ({ tensors, generator }: World): Contents => ({
  values: tensors.map((x) => T.tensor(x.data.slice(), { dtype: x.dtype }).reshape([...x.shape])),
  gradients: tensors.map((x) => x.grad && T.tensor(x.grad.data.slice(), { dtype: x.dtype }).reshape([...x.shape])),
  state: generator.state,
});

function restore({ tensors, generator }: World, { values, gradients, state }: Contents): void {
  for (const [i, x] of tensors.entries()) {
    x.assign(values[i]!);
    x.grad = gradients[i]!;
  }
  generator.state = state;
}

/** What differs in what a step may change; null if nothing does. */
function unlike(got: Contents, wanted: Contents, isExact: boolean): string | null {
  for (const [i, x] of wanted.values.entries()) {
    const own = difference(got.values[i]!, x, isExact);
    if (own !== null) return `tensor ${i}: ${own}`;
    const [g, h] = [got.gradients[i]!, wanted.gradients[i]!];
    if ((g === null) !== (h === null)) return `gradient ${i}: ${g === null ? "none" : "one"}`;
    const slope = g && h && difference(g, h, isExact);
    if (slope) return `gradient ${i}: ${slope}`;
  }
  return JSON.stringify(got.state) === JSON.stringify(wanted.state) ? null : "the generator stands elsewhere";
}

/** What is done from outside between two calls. */
function meddle({ tensors, kept }: World, outside: number): void {
  const [v, w] = [tensors[outside % 3]!, tensors[(outside >> 2) % 3]!];
  const grads = tensors.filter((x) => x.requiresGrad);
  switch (outside % 7) {
    case 0:
      v.assign(w.detach()); // they share one array now
      break;
    case 1:
      for (const x of grads) x.grad = null;
      break;
    case 2:
      v.assign(T.mul(v.detach(), -0.5));
      break;
    case 3:
      for (const x of grads) if (x.grad !== null) x.grad = T.mul(x.grad, 0.5);
      break;
    case 4:
    case 5: {
      const before = kept.get(outside % 3);
      if (before === undefined) kept.set(outside % 3, { value: v.detach(), grad: v.grad });
      else {
        v.assign(before.value); // the very array that it had
        if (v.requiresGrad) v.grad = before.grad;
      }
      break;
    }
    default:
  }
}

/** How often steps gave results, and refused. */
export const outcomes = { results: 0, refusals: 0 };

/** A world, and a step in it. Some steps have no arguments: theirs are tensors from outside, too. */
function made(recipe: StepRecipe, log?: string[]): { state: World; fn: (...args: Tensor[]) => Tensor[] } {
  const state = worldOf(recipe);
  const step = stepOf(recipe, () => state, log);
  return { state, fn: (...args) => step(...((args.length > 0 ? args : state.held) as World["held"])) };
}

/** What a step is called with. */
function given(recipe: StepRecipe, call: CallRecipe, world: World): Tensor[] {
  const args = argumentsOf(recipe, call, world);
  if (recipe.last % 3 > 0) return args;
  for (const [i, x] of args.entries()) world.held[i]!.assign(x);
  return [];
}

/** Runs a random step in three worlds. A refusal must leave a world as it was. */
export function checkStep(recipe: StepRecipe): void {
  const { isExact, deterministic } = recipe;
  const last = isExact ? elementaryOf(recipe) : null;
  const log: string[] = [];
  const eager = made(recipe, log);
  const world = eager.state;
  const all = others(() => made(recipe), { deterministic });
  for (const [number, call] of recipe.calls.entries()) {
    for (const own of [world, ...all.map(({ state }) => state)]) meddle(own, call.outside);
    const before = contentsOf(world);
    log.length = 0;
    const wanted = outcomeOf(() => eager.fn(...given(recipe, call, world)));
    if (typeof wanted === "string") restore(world, before); // eager code refuses half-way
    outcomes[typeof wanted === "string" ? "refusals" : "results"]++;
    const after = contentsOf(world);
    for (const { name, run, state } of all) {
      const args = given(recipe, call, state);
      const got = outcomeOf(() => run(...args));
      // Where nobody looks, values stay in the memory of the programs.
      const isSeen = !isExact || call.outside % 3 > 0 || number === recipe.calls.length - 1;
      const areRefused = typeof got === "string" && typeof wanted === "string" && (isHosted(got) || isHosted(wanted));
      const fault =
        (areRefused ? null : disagreement(got, wanted, isExact, last)) ??
        (isSeen ? unlike(contentsOf(state), after, isExact) : null);
      if (fault !== null)
        throw new Error(`${name}: call ${number}: ${fault}\n${log.join("\n")}\nreturned ${recipe.returned}`);
      if (!isExact && call.outside % 2 === 0) restore(state, after); // errors are not to add up over calls
    }
  }
}
