import { textOf, ValueError } from "../core/errors.ts";

/** Settings other than the learning rate of the optimizers that keep two running means: {@link Adam} and its kin. */
export type BetasHyper = {
  /** Decay of the running means of the gradient and of its size; `[0.9, 0.999]` by default. */
  readonly betas: readonly [number, number];
  /** Added to the denominator; 1e-8 by default. */
  readonly eps: number;
  /** Adds this times the parameter to its gradient (L2 regularization), unless said otherwise; 0 by default. */
  readonly weightDecay: number;
};

/** Refuses anything but two numbers below 1; that they are numbers from 0 on was checked before. */
export function checkBetas(name: string, betas: unknown): void {
  if (!Array.isArray(betas) || betas.length !== 2 || !betas.every((beta) => beta < 1)) {
    const got = Array.isArray(betas) ? `[${betas.join(", ")}]` : textOf(betas);
    throw new ValueError(name, "betas must be two numbers from 0 to below 1", got, "write { betas: [0.9, 0.999] }");
  }
}

/** What the kin of Adam have in common, to be spread. */
export const betasDefaults = { betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 } as const;
