import { ValueError } from "../core/errors.ts";
import { refuseMore } from "../core/surplus.ts";
import { add } from "../ops/add.ts";
import { cast } from "../ops/cast.ts";
import { mul } from "../ops/mul.ts";
import { sign } from "../ops/sign.ts";
import { sub } from "../ops/sub.ts";
import { zerosLike } from "../ops/zerosLike.ts";
import { Tensor } from "../tensor.ts";
import { checkRule } from "./checkRule.ts";
import { Optimizer, type OptimizerParameters, type RuleSettings, type Update } from "./optimizer.ts";

/** Settings of {@link SGD} other than the learning rate. */
export type SgdHyper = {
  /** How much of the previous update is kept; 0 by default. */
  readonly momentum: number;
  /** How much less than 1 a new gradient counts in the momentum; 0 by default. The first counts whole. */
  readonly dampening: number;
  /** Adds this times the parameter to its gradient (L2 regularization); 0 by default. */
  readonly weightDecay: number;
  /** Look ahead along the momentum (Nesterov); false by default. */
  readonly nesterov: boolean;
};

/** Options of {@link SGD}. */
export interface SgdOptions extends Partial<SgdHyper> {
  /** Learning rate. */
  readonly lr: number;
}

/** The state of {@link SGD} for a parameter: with momentum, the velocity; with dampening, the number of steps too. */
export type SgdState = {
  /** The velocity, zeros at first. */
  readonly velocity?: Tensor;
  /** How many steps were taken, a float64 scalar. */
  readonly step?: Tensor;
};

/**
 * One step of stochastic gradient descent, in PyTorch's form: with d = g + weightDecay · p, the velocity becomes
 * v = momentum · v + (1 − dampening) · d (at first, v = d), and p − lr · v is returned, or p − lr · (d + momentum · v) with Nesterov's
 * method (Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013).
 *
 * A pure function, which changes nothing. You can differentiate it, in p, g, the velocity and lr.
 *
 * @param p - the parameter.
 * @param g - its gradient, of p's shape.
 * @param state - what to remember, as the last call returned it; zeros at first, and `{}` without momentum.
 * @param settings - the settings; `lr` is a scalar tensor.
 * @returns the parameter's new value and the new state.
 * @throws {@link DTypeError}, {@link ShapeError}, {@link ValueError} for what does not fit: another shape or dtype than p's, or a state or setting that is missing or unknown.
 * @example
 * const settings = { lr: tensor(0.5), momentum: 0, dampening: 0, weightDecay: 0, nesterov: false };
 * sgdRule(tensor([1, 2]), tensor([1, 1]), {}, settings).p.toArray(); // → [0.5, 1.5]
 */
export function sgdRule(p: Tensor, g: Tensor, state: SgdState, settings: RuleSettings<SgdHyper>): Update<SgdState> {
  refuseMore("sgdRule", arguments, 4);
  checkRule(
    "sgdRule",
    [p, g, state, settings],
    { momentum: 0, dampening: 0, weightDecay: 0, nesterov: false },
    ({ momentum, dampening, nesterov = false }) => ({
      velocity: momentum > 0 || nesterov,
      step: momentum > 0 && dampening > 0,
    }),
  );
  return sgdUpdate(p, g, state, settings);
}

/** {@link sgdRule} of what is known to fit. */
function sgdUpdate(p: Tensor, g: Tensor, state: SgdState, settings: RuleSettings<SgdHyper>): Update<SgdState> {
  const { momentum, dampening, weightDecay, nesterov } = settings;
  const lr = cast(settings.lr, p.dtype);
  const { velocity, step } = state;
  const d = weightDecay === 0 ? g : add(g, mul(p, weightDecay));
  if (velocity === undefined) return { p: sub(p, mul(d, lr)), state };
  // The share of a new gradient; 1 in the first step.
  const share = step && cast(sub(1, mul(sign(step), dampening)), p.dtype);
  const v = add(mul(velocity, momentum), share ? mul(d, share) : d);
  return {
    p: sub(p, mul(nesterov ? add(d, mul(v, momentum)) : v, lr)),
    state: step === undefined ? { velocity: v } : { velocity: v, step: add(step, 1) },
  };
}

/**
 * Stochastic gradient descent, with momentum, Nesterov's method, dampening and weight decay, as in PyTorch. See {@link sgdRule}.
 *
 * @example
 * const w = tensor([1, 2], { requiresGrad: true });
 * const optimizer = new SGD([w], { lr: 0.25 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * w.toArray(); // → [0.5, 1]
 */
export class SGD extends Optimizer<SgdHyper, SgdState> {
  /** @internal */
  static readonly isOwn = true;
  /**
   * @param params - parameters, or groups `{ params, lr, momentum, … }` of them.
   * @param options - `lr`, `momentum`, `dampening`, `weightDecay`, `nesterov`.
   * @throws {@link ValueError} as every {@link Optimizer}, and if `nesterov` is used without momentum or with dampening.
   */
  constructor(params: OptimizerParameters<SgdHyper>, options: SgdOptions) {
    super("SGD", params, { momentum: 0, dampening: 0, weightDecay: 0, nesterov: false }, options);
    refuseMore("SGD", arguments, 2);
  }

  protected override check({ momentum, dampening, nesterov }: RuleSettings<SgdHyper>): void {
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      const hint = "write { momentum: 0.9, nesterov: true }";
      throw new ValueError("SGD", "nesterov needs momentum and no dampening", `${momentum} and ${dampening}`, hint);
    }
  }

  protected override start(p: Tensor, { momentum, dampening }: RuleSettings<SgdHyper>): SgdState {
    if (momentum === 0) return {};
    const velocity = zerosLike(p);
    return dampening === 0 ? { velocity } : { velocity, step: new Tensor(new Float64Array(1), [], "float64") };
  }

  protected override rule(p: Tensor, g: Tensor, state: SgdState, settings: RuleSettings<SgdHyper>): Update<SgdState> {
    return sgdUpdate(p, g, state, settings);
  }
}
