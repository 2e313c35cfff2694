import { refuseMore } from "../core/surplus.ts";
import { add } from "../ops/add.ts";
import { cast } from "../ops/cast.ts";
import { combine } from "../ops/combine.ts";
import { div } from "../ops/div.ts";
import { mul } from "../ops/mul.ts";
import { pow } from "../ops/pow.ts";
import { sqrt } from "../ops/sqrt.ts";
import { sub } from "../ops/sub.ts";
import { zerosLike } from "../ops/zerosLike.ts";
import { Tensor } from "../tensor.ts";
import { type BetasHyper, betasDefaults, checkBetas } from "./betas.ts";
import { checkRule } from "./checkRule.ts";
import { Optimizer, type OptimizerParameters, type RuleSettings, type Update } from "./optimizer.ts";

/** Settings of {@link NAdam} other than the learning rate. */
export type NAdamHyper = BetasHyper & {
  /** How soon the momentum comes up to β₁; 0.004 by default. */
  readonly momentumDecay: number;
};

/** Options of {@link NAdam}. */
export interface NAdamOptions extends Partial<NAdamHyper> {
  /** Learning rate; 0.002 by default. */
  readonly lr?: number;
}

/** The state of {@link NAdam} for a parameter. */
export type NAdamState = {
  /** Running mean of the gradient. */
  readonly mean: Tensor;
  /** Running mean of the gradient's square. */
  readonly square: Tensor;
  /** Product of all momenta so far, a float64 scalar; 1 at first. */
  readonly product: Tensor;
  /** How many steps were taken, a float64 scalar. */
  readonly step: Tensor;
};

/**
 * One step of NAdam, Adam with Nesterov's momentum (Dozat, "Incorporating Nesterov momentum into Adam", 2016), in PyTorch's form: with the
 * running means m of the gradient g and v of its square, the momentum μₜ = β₁ (1 − ½ · 0.96^(t · momentumDecay)), and Π = μ₁ ⋯ μₜ, it is
 * p − lr (1 − μₜ) / (1 − Π) · g / d − lr μₜ₊₁ / (1 − Π μₜ₊₁) · m / d, where d = √(v / (1 − β₂ᵗ)) + eps.
 *
 * A pure function, which changes nothing.
 *
 * @param p - the parameter.
 * @param g - its gradient, of p's shape.
 * @param state - `mean`, `square`, `product` and `step`, as the last call returned them; at first 0, but `product` 1.
 * @param settings - the settings; `lr` is a scalar tensor.
 * @returns the parameter's new value and the new state.
 * @throws {@link DTypeError}, {@link ShapeError}, {@link ValueError} for what does not fit: another shape or dtype than p's, or a state or setting that is missing or unknown.
 * @example
 * const state = { mean: zeros([]), square: zeros([]), product: ones([]), step: zeros([]) };
 * const settings = { lr: tensor(0.5), betas: [0, 0.999] as const, eps: 0, weightDecay: 0, momentumDecay: 0 };
 * nadamRule(tensor(1), tensor(7), state, settings).p.item().toFixed(4); // → 0.5000
 */
export function nadamRule(
  p: Tensor,
  g: Tensor,
  state: NAdamState,
  settings: RuleSettings<NAdamHyper>,
): Update<NAdamState> {
  refuseMore("nadamRule", arguments, 4);
  checkRule("nadamRule", [p, g, state, settings], { ...betasDefaults, momentumDecay: 0 }, () => ({
    mean: true,
    square: true,
    product: true,
    step: true,
  }));
  return nadamUpdate(p, g, state, settings);
}

/** {@link nadamRule} of what is known to fit. */
function nadamUpdate(
  p: Tensor,
  g: Tensor,
  state: NAdamState,
  { betas, eps, weightDecay, momentumDecay, lr }: RuleSettings<NAdamHyper>,
): Update<NAdamState> {
  const [beta1, beta2] = betas;
  const d = weightDecay === 0 ? g : combine(1, g, weightDecay, p);
  const step = add(state.step, 1);
  const mean = combine(beta1, state.mean, 1 - beta1, d);
  const square = combine(beta2, state.square, 1 - beta2, mul(d, d));
  const now = momentum(step);
  const next = momentum(add(step, 1));
  const product = mul(state.product, now);
  const bias = cast(sub(1, pow(beta2, step)), p.dtype);
  const denominator = add(sqrt(div(square, bias)), eps);
  const fresh = combine(1, p, -1, div(d, denominator), div(mul(lr, sub(1, now)), sub(1, product)));
  const rate = div(mul(lr, next), sub(1, mul(product, next)));
  return { p: combine(1, fresh, -1, div(mean, denominator), rate), state: { mean, square, product, step } };

  function momentum(t: Tensor): Tensor {
    return mul(sub(1, mul(pow(0.96, mul(t, momentumDecay)), 0.5)), beta1);
  }
}

/**
 * NAdam: Adam with Nesterov's momentum, which increases slowly at first. Weight decay is added to the gradient. See {@link nadamRule}.
 *
 * @example
 * const w = tensor([1, -1], { requiresGrad: true });
 * const optimizer = new NAdam([w], { lr: 0.1 });
 * for (let i = 0; i < 50; i++) {
 *   optimizer.zeroGrad();
 *   w.mul(w).sum().backward();
 *   optimizer.step();
 * }
 * max(abs(w)).item() < 0.1; // → true
 */
export class NAdam extends Optimizer<NAdamHyper, NAdamState> {
  /** @internal */
  static readonly isOwn = true;
  /**
   * @param params - parameters, or groups `{ params, lr, … }` of them.
   * @param options - `lr` (0.002 by default), `betas`, `eps`, `weightDecay`, `momentumDecay`.
   * @throws {@link ValueError} as every {@link Optimizer}, and if `betas` are not two numbers below 1.
   */
  constructor(params: OptimizerParameters<NAdamHyper>, options?: NAdamOptions) {
    super("NAdam", params, { lr: 2e-3, ...betasDefaults, momentumDecay: 4e-3 }, options);
    refuseMore("NAdam", arguments, 2);
  }

  protected override check({ betas }: RuleSettings<NAdamHyper>): void {
    checkBetas("NAdam", betas);
  }

  protected override start(p: Tensor): NAdamState {
    const scalar = (value: number) => new Tensor(Float64Array.of(value), [], "float64");
    return { mean: zerosLike(p), square: zerosLike(p), product: scalar(1), step: scalar(0) };
  }

  protected override rule(
    p: Tensor,
    g: Tensor,
    state: NAdamState,
    settings: RuleSettings<NAdamHyper>,
  ): Update<NAdamState> {
    return nadamUpdate(p, g, state, settings);
  }
}
