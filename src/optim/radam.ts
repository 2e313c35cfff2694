import { refuseMore } from "../core/surplus.ts";
import { add } from "../ops/add.ts";
import { combine } from "../ops/combine.ts";
import { gt } from "../ops/compare.ts";
import { div } from "../ops/div.ts";
import { maximum } from "../ops/maximum.ts";
import { mul } from "../ops/mul.ts";
import { pow } from "../ops/pow.ts";
import { sqrt } from "../ops/sqrt.ts";
import { sub } from "../ops/sub.ts";
import { where } from "../ops/where.ts";
import { zerosLike } from "../ops/zerosLike.ts";
import { Tensor } from "../tensor.ts";
import { type BetasHyper, betasDefaults, checkBetas } from "./betas.ts";
import { checkRule } from "./checkRule.ts";
import { Optimizer, type OptimizerParameters, type RuleSettings, type Update } from "./optimizer.ts";

/** Options of {@link RAdam}. */
export interface RAdamOptions extends Partial<BetasHyper> {
  /** Learning rate; 0.001 by default. */
  readonly lr?: number;
}

/** The state of {@link RAdam} for a parameter. */
export type RAdamState = {
  /** Running mean of the gradient. */
  readonly mean: Tensor;
  /** Running mean of the gradient's square. */
  readonly square: Tensor;
  /** How many steps were taken, a float64 scalar. */
  readonly step: Tensor;
};

/**
 * One step of RAdam (Liu et al., "On the variance of the adaptive learning rate and beyond", 2020), in PyTorch's form. With the running means m
 * of the gradient and v of its square, ρ∞ = 2 / (1 − β₂) − 1, and ρ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ): as long as ρ is 5 or less, too few gradients
 * were seen to scale by, and it is p − lr / (1 − β₁ᵗ) · m; then p − lr r / (1 − β₁ᵗ) · m √(1 − β₂ᵗ) / (√v + eps), with
 * r² = (ρ − 4) (ρ − 2) ρ∞ / ((ρ∞ − 4) (ρ∞ − 2) ρ).
 *
 * A pure function, which changes nothing.
 *
 * @param p - the parameter.
 * @param g - its gradient, of p's shape.
 * @param state - `mean`, `square` and `step`, as the last call returned them; zeros at first.
 * @param settings - the settings; `lr` is a scalar tensor.
 * @returns the parameter's new value and the new state.
 * @throws {@link DTypeError}, {@link ShapeError}, {@link ValueError} for what does not fit: another shape or dtype than p's, or a state or setting that is missing or unknown.
 * @example
 * const state = { mean: zeros([]), square: zeros([]), step: zeros([]) };
 * const settings = { lr: tensor(0.5), betas: [0.9, 0.999] as const, eps: 0, weightDecay: 0 };
 * radamRule(tensor(1), tensor(7), state, settings).p.item().toFixed(4); // → -2.5000
 */
export function radamRule(
  p: Tensor,
  g: Tensor,
  state: RAdamState,
  settings: RuleSettings<BetasHyper>,
): Update<RAdamState> {
  refuseMore("radamRule", arguments, 4);
  checkRule("radamRule", [p, g, state, settings], betasDefaults, () => ({ mean: true, square: true, step: true }));
  return radamUpdate(p, g, state, settings);
}

/** {@link radamRule} of what is known to fit. */
function radamUpdate(
  p: Tensor,
  g: Tensor,
  state: RAdamState,
  { betas, eps, weightDecay, lr }: RuleSettings<BetasHyper>,
): Update<RAdamState> {
  const [beta1, beta2] = betas;
  const d = weightDecay === 0 ? g : combine(1, g, weightDecay, p);
  const step = add(state.step, 1);
  const mean = combine(beta1, state.mean, 1 - beta1, d);
  const square = combine(beta2, state.square, 1 - beta2, mul(d, d));
  const bias2 = sub(1, pow(beta2, step));
  const limit = 2 / (1 - beta2) - 1;
  const length = sub(limit, div(mul(step, mul(pow(beta2, step), 2)), bias2));
  const isScaled = gt(length, 5);
  const safe = maximum(length, 5); // no roots of negative numbers in the branch that is not taken
  const variance = div(mul(mul(sub(safe, 4), sub(safe, 2)), limit), mul(safe, (limit - 4) * (limit - 2)));
  const rate = div(lr, sub(1, pow(beta1, step)));
  const scaled = combine(1, p, -1, div(mean, add(sqrt(square), eps)), mul(rate, sqrt(mul(variance, bias2))));
  return { p: where(isScaled, scaled, combine(1, p, -1, mean, rate)), state: { mean, square, step } };
}

/**
 * RAdam: Adam that starts as gradient descent with momentum, and scales its steps only after it has seen enough gradients. It needs no warm-up. Weight decay
 * is added to the gradient. See {@link radamRule}.
 *
 * @example
 * const w = tensor([1, -1], { requiresGrad: true });
 * const optimizer = new RAdam([w], { lr: 0.1 });
 * for (let i = 0; i < 50; i++) {
 *   optimizer.zeroGrad();
 *   w.mul(w).sum().backward();
 *   optimizer.step();
 * }
 * max(abs(w)).item() < 0.1; // → true
 */
export class RAdam extends Optimizer<BetasHyper, RAdamState> {
  /** @internal */
  static readonly isOwn = true;
  /**
   * @param params - parameters, or groups `{ params, lr, … }` of them.
   * @param options - `lr` (0.001 by default), `betas`, `eps`, `weightDecay`.
   * @throws {@link ValueError} as every {@link Optimizer}, and if `betas` are not two numbers below 1.
   */
  constructor(params: OptimizerParameters<BetasHyper>, options?: RAdamOptions) {
    super("RAdam", params, { lr: 1e-3, ...betasDefaults }, options);
    refuseMore("RAdam", arguments, 2);
  }

  protected override check({ betas }: RuleSettings<BetasHyper>): void {
    checkBetas("RAdam", betas);
  }

  protected override start(p: Tensor): RAdamState {
    return { mean: zerosLike(p), square: zerosLike(p), step: new Tensor(new Float64Array(1), [], "float64") };
  }

  protected override rule(
    p: Tensor,
    g: Tensor,
    state: RAdamState,
    settings: RuleSettings<BetasHyper>,
  ): Update<RAdamState> {
    return radamUpdate(p, g, state, settings);
  }
}
