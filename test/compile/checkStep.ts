import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";
import { difference, disagreement, faultOf, others, outcomeOf, type Shake, still } from "./opinions.ts";
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
function unlike(got: Contents, wanted: Contents, isExact: boolean, shaken: readonly Contents[]): string | null {
  for (const [i, x] of wanted.values.entries()) {
    const values = shaken.map((own) => own.values[i]!);
    const own = difference(got.values[i]!, x, isExact, 1, values);
    if (own !== null) return `tensor ${i}: ${own}`;
    const [g, h] = [got.gradients[i]!, wanted.gradients[i]!];
    if ((g === null) !== (h === null)) return `gradient ${i}: ${g === null ? "none" : "one"}`;
    const slopes = shaken.flatMap(({ gradients }) => gradients[i] ?? []);
    const slope = g && h && difference(g, h, isExact, 1, slopes);
    if (slope) return `gradient ${i}: ${slope}`;
  }
  return JSON.stringify(got.state) === JSON.stringify(wanted.state) ? null : "the generator stands elsewhere";
}

/** The tensors that have grown so large that an error in a sine of theirs would be larger than the sine. */
const wildOf = ({ tensors }: World): number[] =>
  [...tensors.keys()].filter((i) => tensors[i]!.data.some((v) => Math.abs(v) > 8 && Number.isFinite(v)));

/** What is done from outside between two calls. */
function meddle({ tensors, kept }: World, outside: number, wild: readonly number[]): void {
  for (const i of wild) tensors[i]!.assign(T.mul(T.tanh(tensors[i]!.detach()), 2));
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
function made(
  recipe: StepRecipe,
  log: string[] = [],
  shake = still,
): { state: World; fn: (...args: Tensor[]) => Tensor[] } {
  const state = worldOf(recipe, shake);
  const step = stepOf(recipe, state, log);
  return { state, fn: (...args) => step(...((args.length > 0 ? args : state.held) as World["held"])) };
}

/** What a step is called with. */
function given(recipe: StepRecipe, call: CallRecipe, world: World): Tensor[] {
  const args = argumentsOf(recipe, call, world);
  if (recipe.last % 3 > 0) return args;
  for (const [i, x] of args.entries()) world.held[i]!.assign(x);
  return [];
}

/** A call that was made in all worlds. */
interface Past {
  readonly call: CallRecipe;
  readonly wild: readonly number[];
  /** What all worlds have afterwards; null if errors may add up. */
  readonly synced: Contents | null;
}

/** What calls have come to, and a last one comes to, in a world that is shaken. */
function shakenBy(shake: Shake, recipe: StepRecipe, past: readonly Past[]): Seen {
  const { state, fn } = made(recipe, [], shake);
  let seen: Seen | null = null;
  for (const { call, wild, synced } of past) {
    meddle(state, call.outside, wild);
    const before = contentsOf(state);
    const outcome = outcomeOf(() => fn(...given(recipe, call, state)));
    if (typeof outcome === "string") restore(state, before);
    seen = { outcome, contents: contentsOf(state) };
    if (synced !== null) restore(state, synced);
  }
  return seen!;
}

/** What a call comes to. */
interface Seen {
  readonly outcome: readonly Tensor[] | string;
  readonly contents: Contents;
}

/** Runs a random step in three worlds. A refusal must leave a world as it was. */
export function checkStep(recipe: StepRecipe): void {
  const { isExact, deterministic } = recipe;
  const last = isExact ? elementaryOf(recipe) : null;
  const log: string[] = [];
  const eager = made(recipe, log);
  const world = eager.state;
  const all = others(() => made(recipe), { deterministic });
  const past: Past[] = [];
  for (const [number, call] of recipe.calls.entries()) {
    const wild = isExact ? [] : wildOf(world);
    for (const own of [world, ...all.map(({ state }) => state)]) meddle(own, call.outside, wild);
    const before = contentsOf(world);
    log.length = 0;
    const wanted = outcomeOf(() => eager.fn(...given(recipe, call, world)));
    if (typeof wanted === "string") restore(world, before); // eager code refuses half-way
    outcomes[typeof wanted === "string" ? "refusals" : "results"]++;
    const after = contentsOf(world);
    const isSynced = !isExact && call.outside % 2 === 0; // errors are not to add up over calls
    past.push({ call, wild, synced: isSynced ? after : null });
    for (const { name, run, state } of all) {
      const args = given(recipe, call, state);
      const got = outcomeOf(() => run(...args));
      // Where nobody looks, values stay in the memory of the programs.
      const isSeen = !isExact || call.outside % 3 > 0 || number === recipe.calls.length - 1;
      const areRefused = typeof got === "string" && typeof wanted === "string" && (isHosted(got) || isHosted(wanted));
      const contents = isSeen ? contentsOf(state) : null;
      const compare = (shaken: readonly Seen[]): string | null =>
        (areRefused
          ? null
          : disagreement(
              got,
              wanted,
              isExact,
              last,
              shaken.map((own) => own.outcome),
            )) ??
        (contents &&
          unlike(
            contents,
            after,
            isExact,
            shaken.map((own) => own.contents),
          ));
      const fault = isExact ? compare([]) : faultOf(compare, (shake) => shakenBy(shake, recipe, past));
      if (fault !== null)
        throw new Error(`${name}: call ${number}: ${fault}\n${log.join("\n")}\nreturned ${recipe.returned}`);
      if (isSynced) restore(state, after);
    }
  }
}
