import { refuseMore } from "../core/surplus.ts";
import { add } from "../ops/add.ts";
import { combine } from "../ops/combine.ts";
import { div } from "../ops/div.ts";
import { mul } from "../ops/mul.ts";
import { sqrt } from "../ops/sqrt.ts";
import { fullLike } from "../ops/zerosLike.ts";
import { Tensor } from "../tensor.ts";
import { checkRule } from "./checkRule.ts";
import { Optimizer, type OptimizerParameters, type RuleSettings, type Update } from "./optimizer.ts";

/** Settings of {@link Adagrad} other than the learning rate. */
export type AdagradHyper = {
  /** The rate of step t is lr / (1 + (t − 1) lrDecay); 0 by default. */
  readonly lrDecay: number;
  /** Added to the denominator; 1e-10 by default. */
  readonly eps: number;
  /** Adds this times the parameter to its gradient (L2 regularization); 0 by default. */
  readonly weightDecay: number;
  /** Where the sum of squares starts; 0 by default. */
  readonly initialAccumulator: number;
};

/** Options of {@link Adagrad}. */
export interface AdagradOptions extends Partial<AdagradHyper> {
  /** Learning rate; 0.01 by default. */
  readonly lr?: number;
}

/** The state of {@link Adagrad} for a parameter. */
export type AdagradState = {
  /** Sum of the gradient's squares. */
  readonly sum: Tensor;
  /** How many steps were taken, a float64 scalar. */
  readonly step: Tensor;
};

/**
 * One step of Adagrad (Duchi et al., "Adaptive subgradient methods", 2011), in PyTorch's form: with s the sum of all squared gradients so far,
 * p − lr / (1 + (t − 1) lrDecay) · g / (√s + eps).
 *
 * A pure function, which changes nothing.
 *
 * @param p - the parameter.
 * @param g - its gradient, of p's shape.
 * @param state - `sum` and `step`, as the last call returned them; zeros at first.
 * @param settings - the settings; `lr` is a scalar tensor.
 * @returns the parameter's new value and the new state.
 * @throws {@link DTypeError}, {@link ShapeError}, {@link ValueError} for what does not fit: another shape or dtype than p's, or a state or setting that is missing or unknown.
 * @example
 * const settings = { lr: tensor(0.5), lrDecay: 0, eps: 0, weightDecay: 0, initialAccumulator: 0 };
 * adagradRule(tensor(1), tensor(7), { sum: zeros([]), step: zeros([]) }, settings).p.item(); // → 0.5
 */
export function adagradRule(
  p: Tensor,
  g: Tensor,
  state: AdagradState,
  settings: RuleSettings<AdagradHyper>,
): Update<AdagradState> {
  refuseMore("adagradRule", arguments, 4);
  checkRule(
    "adagradRule",
    [p, g, state, settings],
    { lrDecay: 0, eps: 0, weightDecay: 0, initialAccumulator: 0 },
    () => ({ sum: true, step: true }),
  );
  return adagradUpdate(p, g, state, settings);
}

/** {@link adagradRule} of what is known to fit. */
function adagradUpdate(
  p: Tensor,
  g: Tensor,
  state: AdagradState,
  { lrDecay, eps, weightDecay, lr }: RuleSettings<AdagradHyper>,
): Update<AdagradState> {
  const d = weightDecay === 0 ? g : combine(1, g, weightDecay, p);
  const sum = add(state.sum, mul(d, d));
  const rate = div(lr, add(mul(state.step, lrDecay), 1));
  return { p: combine(1, p, -1, div(d, add(sqrt(sum), eps)), rate), state: { sum, step: add(state.step, 1) } };
}

/**
 * Adagrad: steps shrink with the sum of all squared gradients so far, separately for each element. Good for sparse features. Weight decay is added to
 * the gradient. See {@link adagradRule}.
 *
 * @example
 * const w = tensor([1, -1], { requiresGrad: true });
 * const optimizer = new Adagrad([w], { lr: 0.5 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * w.toArray(); // → [0.5, -0.5]
 */
export class Adagrad extends Optimizer<AdagradHyper, AdagradState> {
  /** @internal */
  static readonly isOwn = true;
  /**
   * @param params - parameters, or groups `{ params, lr, … }` of them.
   * @param options - `lr` (0.01 by default), `lrDecay`, `eps`, `weightDecay`, `initialAccumulator`.
   * @throws {@link ValueError} as every {@link Optimizer}.
   */
  constructor(params: OptimizerParameters<AdagradHyper>, options?: AdagradOptions) {
    const defaults = { lr: 1e-2, lrDecay: 0, eps: 1e-10, weightDecay: 0, initialAccumulator: 0 };
    super("Adagrad", params, defaults, options);
    refuseMore("Adagrad", arguments, 2);
  }

  protected override start(p: Tensor, { initialAccumulator }: RuleSettings<AdagradHyper>): AdagradState {
    return { sum: fullLike(p, initialAccumulator), step: new Tensor(new Float64Array(1), [], "float64") };
  }

  protected override rule(
    p: Tensor,
    g: Tensor,
    state: AdagradState,
    settings: RuleSettings<AdagradHyper>,
  ): Update<AdagradState> {
    return adagradUpdate(p, g, state, settings);
  }
}
