import values from "../fixtures/optimizers/trajectories.json" with { type: "json" };

/** What PyTorch's optimizers and schedules did: see the script beside the file. */
export interface Trajectories {
  readonly start: readonly number[];
  /** After which of the 100 steps `values` are. */
  readonly kept: readonly number[];
  readonly metrics: readonly number[];
  readonly optimizers: readonly {
    readonly kind: string;
    readonly options: { readonly [name: string]: number | boolean | readonly number[] };
    readonly values: readonly (readonly number[])[];
  }[];
  readonly lbfgs: readonly {
    readonly problem: "rosenbrock" | "network";
    readonly start: readonly number[];
    readonly options: { readonly [name: string]: number | string };
    readonly steps: number;
    readonly losses: readonly number[];
    /** How often the closure had been called, after each step. */
    readonly calls: readonly number[];
    readonly values: readonly (readonly number[])[];
  }[];
  readonly schedules: { readonly [name: string]: readonly number[] };
}

export const trajectories = values as unknown as Trajectories;
