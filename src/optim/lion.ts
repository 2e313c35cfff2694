import { refuseMore } from "../core/surplus.ts";
import { combine } from "../ops/combine.ts";
import { sign } from "../ops/sign.ts";
import { zerosLike } from "../ops/zerosLike.ts";
import type { Tensor } from "../tensor.ts";
import { checkBetas } from "./betas.ts";
import { checkRule } from "./checkRule.ts";
import { Optimizer, type OptimizerParameters, type RuleSettings, type Update } from "./optimizer.ts";

/** Settings of {@link Lion} other than the learning rate. */
export type LionHyper = {
  /** How much of the running mean counts in a step, and how much of it is kept; `[0.9, 0.99]` by default. */
  readonly betas: readonly [number, number];
  /** Each step also takes lr times this off the parameter's own value; 0 by default. */
  readonly weightDecay: number;
};

/** Options of {@link Lion}. */
export interface LionOptions extends Partial<LionHyper> {
  /** Learning rate, the size of every step; 0.0001 by default. */
  readonly lr?: number;
}

/** The state of {@link Lion} for a parameter. */
export type LionState = {
  /** Running mean of the gradient. */
  readonly mean: Tensor;
};

/**
 * One step of Lion (Chen et al., "Symbolic discovery of optimization algorithms", 2023): with the running mean m of the gradient, it is
 * p − lr (sign(β₁ m + (1 − β₁) g) + weightDecay · p), and then m becomes β₂ m + (1 − β₂) g.
 *
 * A pure function, which changes nothing.
 *
 * @param p - the parameter.
 * @param g - its gradient, of p's shape.
 * @param state - `mean`, as the last call returned it; zeros at first.
 * @param settings - the settings; `lr` is a scalar tensor.
 * @returns the parameter's new value and the new state.
 * @throws {@link DTypeError}, {@link ShapeError}, {@link ValueError} for what does not fit: another shape or dtype than p's, or a state or setting that is missing or unknown.
 * @example
 * const settings = { lr: tensor(0.5), betas: [0.9, 0.99] as const, weightDecay: 0 };
 * lionRule(tensor(1), tensor(7), { mean: zeros([]) }, settings).p.item(); // → 0.5
 */
export function lionRule(p: Tensor, g: Tensor, state: LionState, settings: RuleSettings<LionHyper>): Update<LionState> {
  refuseMore("lionRule", arguments, 4);
  checkRule("lionRule", [p, g, state, settings], { betas: [0, 0], weightDecay: 0 }, () => ({ mean: true }));
  return lionUpdate(p, g, state, settings);
}

/** {@link lionRule} of what is known to fit. */
function lionUpdate(
  p: Tensor,
  g: Tensor,
  state: LionState,
  { betas, weightDecay, lr }: RuleSettings<LionHyper>,
): Update<LionState> {
  const [beta1, beta2] = betas;
  const direction = sign(combine(beta1, state.mean, 1 - beta1, g));
  const update = weightDecay === 0 ? direction : combine(1, direction, weightDecay, p);
  return { p: combine(1, p, -1, update, lr), state: { mean: combine(beta2, state.mean, 1 - beta2, g) } };
}

/**
 * Lion: every element moves by the learning rate, in the direction of the smoothed gradient's sign. It needs half the memory of Adam, a learning rate three to
 * ten times smaller, and a weight decay larger by the same factor. See {@link lionRule}.
 *
 * @example
 * const w = tensor([1, -2], { requiresGrad: true });
 * const optimizer = new Lion([w], { lr: 0.5 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * w.toArray(); // → [0.5, -1.5]
 */
export class Lion extends Optimizer<LionHyper, LionState> {
  /** @internal */
  static readonly isOwn = true;
  /**
   * @param params - parameters, or groups `{ params, lr, … }` of them.
   * @param options - `lr` (0.0001 by default), `betas`, `weightDecay`.
   * @throws {@link ValueError} as every {@link Optimizer}, and if `betas` are not two numbers below 1.
   */
  constructor(params: OptimizerParameters<LionHyper>, options?: LionOptions) {
    super("Lion", params, { lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0 }, options);
    refuseMore("Lion", arguments, 2);
  }

  protected override check({ betas }: RuleSettings<LionHyper>): void {
    checkBetas("Lion", betas);
  }

  protected override start(p: Tensor): LionState {
    return { mean: zerosLike(p) };
  }

  protected override rule(
    p: Tensor,
    g: Tensor,
    state: LionState,
    settings: RuleSettings<LionHyper>,
  ): Update<LionState> {
    return lionUpdate(p, g, state, settings);
  }
}
