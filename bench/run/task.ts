import type { Spec } from "../spec.ts";

/** A library that can be timed, loaded in a process of its own. */
export interface Library {
  readonly version: string;
  /** Makes ready what a spec asks for; throws if the library cannot do it. */
  readonly task: (spec: Spec) => Task;
  /** Where it computes something else than the others, and what; then only its first loss is compared. */
  readonly departs?: string;
  /** How long compiling takes, where there is a compiler. */
  readonly compileTimes?: (spec: Spec) => CompileTimes;
}

/** Something to time. */
export interface Task {
  /** Runs once, to the end: what it returns is computed, or a promise of that. */
  readonly run: () => unknown;
  readonly isAsync?: boolean;
  /** A few numbers that must be the same for all libraries; it may run things. */
  readonly check: () => readonly number[] | Promise<readonly number[]>;
  /** What a compiled program does in a run. */
  readonly program?: () => { readonly flops: number; readonly bytes: number };
  readonly dispose?: () => void;
}

/** How long the first call of a compiled function took beyond a later one, in milliseconds. */
export interface CompileTimes {
  /** The first in its process, when the engine has optimised nothing of the compiler. */
  readonly first: number;
  /** The median of later ones. */
  readonly later: number;
}

/** A task of training: its check are the losses of the first steps. */
export function training(step: () => number | Promise<number>, steps: number, rest: Partial<Task> = {}): Task {
  const check = async () => {
    const losses: number[] = [];
    for (let i = 0; i < steps; i++) losses.push(await step());
    return losses;
  };
  return { run: step, check, ...rest };
}

/** Some elements of a large result. */
export function some(values: ArrayLike<number>): number[] {
  if (values.length === 0) return [];
  return [0, 1, 2, 3, 4].map((i) => values[Math.floor((i * (values.length - 1)) / 4)]!);
}
