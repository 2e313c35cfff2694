import fc from "fast-check";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";
import { makeStep } from "../../src/train/step.ts";
import { difference, disagreement, others, outcomeOf } from "./opinions.ts";

/** What a random training step is made of. */
export interface TrainingRecipe {
  readonly inputs: number;
  readonly hidden: number;
  readonly activation: number;
  readonly optimizer: number;
  readonly clipNorm: number | undefined;
  readonly residuals: boolean;
  readonly seed: number;
  /** For each step, what its batch holds. */
  readonly batches: readonly ("normal" | "zero" | "huge" | "nan")[];
}

export const trainingRecipes: fc.Arbitrary<TrainingRecipe> = fc.record({
  inputs: fc.integer({ min: 1, max: 5 }),
  hidden: fc.integer({ min: 1, max: 9 }),
  activation: fc.constantFrom(0, 1, 2, 2, 2, 3),
  optimizer: fc.nat({ max: 3 }),
  clipNorm: fc.constantFrom(undefined, 0.3, 10),
  residuals: fc.boolean(),
  seed: fc.noShrink(fc.nat({ max: 1_000_000 })),
  batches: fc.array(fc.constantFrom("normal", "normal", "zero", "zero", "huge", "nan"), { minLength: 2, maxLength: 6 }),
});

/** A root has an infinite slope at 0: its loss is finite, and its gradient is not. */
const root = (x: Tensor): Tensor => T.sqrt(T.abs(x));

/** Runs the step that `fit` takes; one that is refused must change no parameter, and none may become NaN. */
export function checkTraining(recipe: TrainingRecipe): void {
  const { inputs, hidden, clipNorm, residuals, seed } = recipe;
  const make = () => {
    T.manualSeed(seed);
    const activation = [T.tanh, T.relu, root, T.gelu][recipe.activation]!;
    const options = { bias: recipe.activation !== 2 };
    const model = new T.Sequential(new T.Linear(inputs, hidden, options), activation, new T.Linear(hidden, 1));
    const parameters = model.parameters();
    const optimizer = [
      () => new T.SGD(parameters, { lr: 0.1 }),
      () => new T.SGD(parameters, { lr: 0.05, momentum: 0.9 }),
      () => new T.Adam(parameters, { lr: 0.01 }),
      () => new T.AdamW(parameters, { lr: 0.01 }),
    ][recipe.optimizer]!();
    const { run: step } = makeStep(model, {
      loss: (outputs, targets) => T.mse(outputs, targets),
      optimizer,
      residuals,
      clipNorm,
      warn: () => undefined,
      compile: undefined,
    });
    return { state: parameters, fn: (x: Tensor, y: Tensor): Tensor[] => [step(x, y).loss, ...parameters] };
  };
  const eager = make();
  const all = others(make);
  for (const [number, batch] of recipe.batches.entries()) {
    const generator = new T.Generator(seed + number);
    const draw = (shape: number[]): Tensor => T.randn(shape, { generator });
    const factor = { normal: 1, zero: 0, huge: 1e18, nan: Number.NaN }[batch];
    const [x, y] = [T.mul(draw([4, inputs]), factor), draw([4, 1])];
    const before = eager.state.map((p) => p.data.slice());
    const wanted = outcomeOf(() => eager.fn(x, y));
    const isKept = before.every((values, i) => values.every((v, k) => Object.is(v, eager.state[i]!.data[k])));
    const sick = eager.state.findIndex((p) => !p.data.every(Number.isFinite));
    if (sick >= 0) throw new Error(`eager: step ${number} (${batch}) made parameter ${sick} NaN or infinite`);
    if (typeof wanted === "string" && !isKept)
      throw new Error(`eager: step ${number} was refused, and has changed something`);
    for (const { name, run, state } of all) {
      const fault = disagreement(
        outcomeOf(() => run(x, y)),
        wanted,
        false,
      );
      if (fault !== null) throw new Error(`${name}: step ${number} (${batch}): ${fault}`);
      for (const [i, p] of state.entries()) {
        const own = difference(p.detach(), eager.state[i]!.detach(), false);
        if (own !== null) throw new Error(`${name}: step ${number} (${batch}): parameter ${i}: ${own}`);
        p.assign(eager.state[i]!.detach()); // errors are not to add up over steps
      }
    }
    if (batch === "huge") break; // from here on, float32 overflows sooner where products are added up in it
  }
}
