import { refuseMore } from "../core/surplus.ts";
import { abs } from "../ops/abs.ts";
import { add } from "../ops/add.ts";
import { combine } from "../ops/combine.ts";
import { div } from "../ops/div.ts";
import { maximum } from "../ops/maximum.ts";
import { mul } from "../ops/mul.ts";
import { pow } from "../ops/pow.ts";
import { sub } from "../ops/sub.ts";
import { zerosLike } from "../ops/zerosLike.ts";
import { Tensor } from "../tensor.ts";
import { type BetasHyper, betasDefaults, checkBetas } from "./betas.ts";
import { checkRule } from "./checkRule.ts";
import { Optimizer, type OptimizerParameters, type RuleSettings, type Update } from "./optimizer.ts";

/** Options of {@link Adamax}. */
export interface AdamaxOptions extends Partial<BetasHyper> {
  /** Learning rate; 0.002 by default. */
  readonly lr?: number;
}

/** The state of {@link Adamax} for a parameter. */
export type AdamaxState = {
  /** Running mean of the gradient. */
  readonly mean: Tensor;
  /** Decaying maximum of the gradient's size. */
  readonly largest: Tensor;
  /** How many steps were taken, a float64 scalar. */
  readonly step: Tensor;
};

/**
 * One step of Adamax, Adam with the maximum instead of the mean square (Kingma and Ba, 2015, section 7.1), in PyTorch's form: with the running
 * mean m of the gradient, and u = max(β₂ u, |g| + eps), p − lr / (1 − β₁ᵗ) · m / u.
 *
 * A pure function, which changes nothing.
 *
 * @param p - the parameter.
 * @param g - its gradient, of p's shape.
 * @param state - `mean`, `largest` and `step`, as the last call returned them; zeros at first.
 * @param settings - the settings; `lr` is a scalar tensor.
 * @returns the parameter's new value and the new state.
 * @throws {@link DTypeError}, {@link ShapeError}, {@link ValueError} for what does not fit: another shape or dtype than p's, or a state or setting that is missing or unknown.
 * @example
 * const state = { mean: zeros([]), largest: zeros([]), step: zeros([]) };
 * const settings = { lr: tensor(0.5), betas: [0.9, 0.999] as const, eps: 0, weightDecay: 0 };
 * adamaxRule(tensor(1), tensor(7), state, settings).p.item().toFixed(4); // → 0.5000
 */
export function adamaxRule(
  p: Tensor,
  g: Tensor,
  state: AdamaxState,
  settings: RuleSettings<BetasHyper>,
): Update<AdamaxState> {
  refuseMore("adamaxRule", arguments, 4);
  checkRule("adamaxRule", [p, g, state, settings], betasDefaults, () => ({ mean: true, largest: true, step: true }));
  return adamaxUpdate(p, g, state, settings);
}

/** {@link adamaxRule} of what is known to fit. */
function adamaxUpdate(
  p: Tensor,
  g: Tensor,
  state: AdamaxState,
  { betas, eps, weightDecay, lr }: RuleSettings<BetasHyper>,
): Update<AdamaxState> {
  const [beta1, beta2] = betas;
  const d = weightDecay === 0 ? g : combine(1, g, weightDecay, p);
  const step = add(state.step, 1);
  const mean = combine(beta1, state.mean, 1 - beta1, d);
  const largest = maximum(mul(state.largest, beta2), add(abs(d), eps));
  const rate = div(lr, sub(1, pow(beta1, step)));
  return { p: combine(1, p, -1, div(mean, largest), rate), state: { mean, largest, step } };
}

/**
 * Adamax: Adam, with steps scaled by the largest recent gradient. Weight decay is added to the gradient. See {@link adamaxRule}.
 *
 * @example
 * const w = tensor([1, -1], { requiresGrad: true });
 * const optimizer = new Adamax([w], { lr: 0.5 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * max(abs(w.sub(tensor([0.5, -0.5])))).item() < 1e-6; // → true
 */
export class Adamax extends Optimizer<BetasHyper, AdamaxState> {
  /** @internal */
  static readonly isOwn = true;
  /**
   * @param params - parameters, or groups `{ params, lr, … }` of them.
   * @param options - `lr` (0.002 by default), `betas`, `eps`, `weightDecay`.
   * @throws {@link ValueError} as every {@link Optimizer}, and if `betas` are not two numbers below 1.
   */
  constructor(params: OptimizerParameters<BetasHyper>, options?: AdamaxOptions) {
    super("Adamax", params, { lr: 2e-3, ...betasDefaults }, options);
    refuseMore("Adamax", arguments, 2);
  }

  protected override check({ betas }: RuleSettings<BetasHyper>): void {
    checkBetas("Adamax", betas);
  }

  protected override start(p: Tensor): AdamaxState {
    return { mean: zerosLike(p), largest: zerosLike(p), step: new Tensor(new Float64Array(1), [], "float64") };
  }

  protected override rule(
    p: Tensor,
    g: Tensor,
    state: AdamaxState,
    settings: RuleSettings<BetasHyper>,
  ): Update<AdamaxState> {
    return adamaxUpdate(p, g, state, settings);
  }
}
