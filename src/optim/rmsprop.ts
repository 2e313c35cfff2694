import { ValueError } from "../core/errors.ts";
import { refuseMore } from "../core/surplus.ts";
import { add } from "../ops/add.ts";
import { combine } from "../ops/combine.ts";
import { div } from "../ops/div.ts";
import { mul } from "../ops/mul.ts";
import { sqrt } from "../ops/sqrt.ts";
import { sub } from "../ops/sub.ts";
import { zerosLike } from "../ops/zerosLike.ts";
import type { Tensor } from "../tensor.ts";
import { checkRule } from "./checkRule.ts";
import { Optimizer, type OptimizerParameters, type RuleSettings, type Update } from "./optimizer.ts";

/** Settings of {@link RMSprop} other than the learning rate. */
export type RmspropHyper = {
  /** Decay of the running means; 0.99 by default. */
  readonly alpha: number;
  /** Added to the denominator; 1e-8 by default. */
  readonly eps: number;
  /** Adds this times the parameter to its gradient (L2 regularization); 0 by default. */
  readonly weightDecay: number;
  /** How much of the previous update is kept; 0 by default. */
  readonly momentum: number;
  /** Scale by the standard deviation of the gradient instead of its root mean square; false by default. */
  readonly centered: boolean;
};

/** Options of {@link RMSprop}. */
export interface RmspropOptions extends Partial<RmspropHyper> {
  /** Learning rate; 0.01 by default. */
  readonly lr?: number;
}

/** The state of {@link RMSprop} for a parameter. */
export type RmspropState = {
  /** Running mean of the gradient's square; if centered, less the square of its running mean, the variance. */
  readonly square: Tensor;
  /** If centered, the running mean of the gradient. */
  readonly mean?: Tensor;
  /** With momentum, the velocity. */
  readonly velocity?: Tensor;
};

/**
 * One step of RMSprop (Hinton, "Neural networks for machine learning", lecture 6e, 2012; centered: Graves, "Generating sequences with recurrent
 * neural networks", 2013), in PyTorch's form: with the running means v of the gradient's square and m of the gradient, u = g / (√v + eps), or
 * g / (√(v − m²) + eps) if centered, where v − m² is computed as the running variance that it is; the velocity becomes momentum · velocity + u; and it is p − lr · velocity.
 *
 * A pure function, which changes nothing.
 *
 * @param p - the parameter.
 * @param g - its gradient, of p's shape.
 * @param state - `square`, and `mean` if centered, and `velocity` with momentum, as the last call returned them; zeros at first.
 * @param settings - the settings; `lr` is a scalar tensor. What the state has decides about centering and momentum.
 * @returns the parameter's new value and the new state.
 * @throws {@link DTypeError}, {@link ShapeError}, {@link ValueError} for what does not fit: another shape or dtype than p's, or a state or setting that is missing or unknown.
 * @example
 * const settings = { lr: tensor(0.5), alpha: 0, eps: 0, weightDecay: 0, momentum: 0, centered: false };
 * rmspropRule(tensor(1), tensor(7), { square: zeros([]) }, settings).p.item(); // → 0.5
 */
export function rmspropRule(
  p: Tensor,
  g: Tensor,
  state: RmspropState,
  settings: RuleSettings<RmspropHyper>,
): Update<RmspropState> {
  refuseMore("rmspropRule", arguments, 4);
  checkRule(
    "rmspropRule",
    [p, g, state, settings],
    { alpha: 0, eps: 0, weightDecay: 0, momentum: 0, centered: false },
    ({ momentum, centered = false }) => ({
      square: true,
      mean: centered,
      velocity: momentum > 0,
    }),
  );
  return rmspropUpdate(p, g, state, settings);
}

/** {@link rmspropRule} of what is known to fit. */
function rmspropUpdate(
  p: Tensor,
  g: Tensor,
  state: RmspropState,
  { alpha, eps, weightDecay, momentum, lr }: RuleSettings<RmspropHyper>,
): Update<RmspropState> {
  const d = weightDecay === 0 ? g : combine(1, g, weightDecay, p);
  // The variance about the mean before; with the mean after it, this is v − m², without its cancellation, which may round to less than 0.
  const about = state.mean ? sub(d, state.mean) : d;
  const square = combine(alpha, state.square, (state.mean ? alpha : 1) * (1 - alpha), mul(about, about));
  const mean = state.mean && combine(alpha, state.mean, 1 - alpha, d);
  const update = div(d, add(sqrt(square), eps));
  const velocity = state.velocity && combine(momentum, state.velocity, 1, update);
  return {
    p: combine(1, p, -1, velocity ?? update, lr),
    state: { square, ...(mean && { mean }), ...(velocity && { velocity }) },
  };
}

/**
 * RMSprop: scales steps by the running root mean square of the gradient. Weight decay is added to the gradient. See {@link rmspropRule}.
 *
 * @example
 * const w = tensor([1, -1], { requiresGrad: true });
 * const optimizer = new RMSprop([w], { lr: 0.05 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * max(abs(w.sub(tensor([0.5, -0.5])))).item() < 1e-6; // → true
 */
export class RMSprop extends Optimizer<RmspropHyper, RmspropState> {
  /** @internal */
  static readonly isOwn = true;
  /**
   * @param params - parameters, or groups `{ params, lr, … }` of them.
   * @param options - `lr` (0.01 by default), `alpha`, `eps`, `weightDecay`, `momentum`, `centered`.
   * @throws {@link ValueError} as every {@link Optimizer}, and if `alpha` is above 1.
   */
  constructor(params: OptimizerParameters<RmspropHyper>, options?: RmspropOptions) {
    const defaults = { lr: 1e-2, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centered: false };
    super("RMSprop", params, defaults, options);
    refuseMore("RMSprop", arguments, 2);
  }

  protected override check({ alpha }: RuleSettings<RmspropHyper>): void {
    if (alpha > 1) throw new ValueError("RMSprop", "alpha must be from 0 to 1", String(alpha));
  }

  protected override start(p: Tensor, { momentum, centered }: RuleSettings<RmspropHyper>): RmspropState {
    return {
      square: zerosLike(p),
      ...(centered && { mean: zerosLike(p) }),
      ...(momentum > 0 && { velocity: zerosLike(p) }),
    };
  }

  protected override rule(
    p: Tensor,
    g: Tensor,
    state: RmspropState,
    settings: RuleSettings<RmspropHyper>,
  ): Update<RmspropState> {
    return rmspropUpdate(p, g, state, settings);
  }
}
