import { Adam, Generator, Linear, manualSeed, mse, rand, Sequential, sin, type Tensor, tanh } from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";

type Step = (x: Tensor, y: Tensor) => Tensor;

/** What to learn with. */
export interface Task {
  readonly dtype: "float32" | "float64";
  /** Neurons in between; 16 by default. */
  readonly width?: number;
  /** Points of the sine; 64 by default. */
  readonly points?: number;
}

const steps = 300;

/** Learns a sine, always from the same start; returns the loss of each step. */
export function learnSine(task: Task, prepare: (step: Step) => Step = (step) => step): number[] {
  const { dtype, width = 16, points = 64 } = task;
  manualSeed(3);
  const model = new Sequential(new Linear(1, width, { dtype }), tanh, new Linear(width, 1, { dtype }));
  const optimizer = new Adam(model.parameters(), { lr: 0.02 });
  const step = prepare((x, y) => {
    const loss = mse(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  const x = rand([points, 1], { dtype, generator: new Generator(4) }).mul(4);
  const y = sin(x);
  return Array.from({ length: steps }, () => step(x, y).item());
}

/** Losses of one training run, by eager code and compiled. */
export interface Losses {
  readonly eager: readonly number[];
  readonly compiled: readonly number[];
  /** How many programs the compiled run took. */
  readonly programs: number;
}

/** Learns the same sine twice. */
export function learnSineTwice(task: Task): Losses {
  const eager = learnSine(task);
  let programs = 0;
  const compiled = learnSine(task, (step) => {
    const fast = compile(step);
    return (x, y) => {
      const loss = fast(x, y);
      programs = fast.programs.length;
      return loss;
    };
  });
  return { eager, compiled, programs };
}
