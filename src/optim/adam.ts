import { apply } from "../core/apply.ts";
import { refuseMore } from "../core/surplus.ts";
import { adamStepOp } from "../ops/adamStep.ts";
import { add } from "../ops/add.ts";
import { combine } from "../ops/combine.ts";
import { maximum } from "../ops/maximum.ts";
import { mul } from "../ops/mul.ts";
import { zerosLike } from "../ops/zerosLike.ts";
import { Tensor } from "../tensor.ts";
import { type BetasHyper, betasDefaults, checkBetas } from "./betas.ts";
import { checkRule } from "./checkRule.ts";
import { Optimizer, type OptimizerParameters, type RuleSettings, type Update } from "./optimizer.ts";

/** Settings of {@link Adam} and {@link AdamW} other than the learning rate. `weightDecay` has another meaning for AdamW: see there. */
export type AdamHyper = BetasHyper & {
  /** Divide by the largest running mean square that there was, instead of the last (Reddi et al., 2018); false by default. */
  readonly amsgrad: boolean;
};

/** Options of {@link Adam} and {@link AdamW}. */
export interface AdamOptions extends Partial<AdamHyper> {
  /** Learning rate; 0.001 by default. */
  readonly lr?: number;
}

/** The state of {@link Adam} for a parameter. */
export type AdamState = {
  /** Running mean of the gradient. */
  readonly mean: Tensor;
  /** Running mean of the gradient's square. */
  readonly square: Tensor;
  /** With `amsgrad`, the largest `square` that there was. */
  readonly largest?: Tensor;
  /** How many steps were taken, a float64 scalar. */
  readonly step: Tensor;
};

/**
 * One step of Adam (Kingma and Ba, 2015), in PyTorch's form: with the running means m of the gradient and v of its square, and t counting
 * from 1, p − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + eps). With a state `largest`, that stands for v (AMSGrad).
 *
 * A pure function, which changes nothing. You can differentiate it, in p, g, the means and lr.
 *
 * @param p - the parameter.
 * @param g - its gradient, of p's shape.
 * @param state - `mean`, `square` and `step`, as the last call returned them; zeros at first.
 * @param settings - the settings; `lr` is a scalar tensor. With `decoupled`, the parameter itself decays, as in AdamW.
 * @returns the parameter's new value and the new state.
 * @throws {@link DTypeError}, {@link ShapeError}, {@link ValueError} for what does not fit: another shape or dtype than p's, or a state or setting that is missing or unknown.
 * @example
 * const state = { mean: zeros([]), square: zeros([]), step: zeros([]) };
 * const settings = { lr: tensor(0.5), betas: [0.9, 0.999] as const, eps: 0, weightDecay: 0, amsgrad: false };
 * adamRule(tensor(1), tensor(7), state, settings).p.item().toFixed(4); // → 0.5000
 */
export function adamRule(
  p: Tensor,
  g: Tensor,
  state: AdamState,
  settings: RuleSettings<AdamHyper> & { readonly decoupled?: boolean },
): Update<AdamState> {
  refuseMore("adamRule", arguments, 4);
  checkRule(
    "adamRule",
    [p, g, state, settings],
    { ...betasDefaults, amsgrad: false, decoupled: false },
    ({ amsgrad = false }) => ({
      mean: true,
      square: true,
      largest: amsgrad,
      step: true,
    }),
  );
  return adamUpdate(p, g, state, settings);
}

/** {@link adamRule} of what is known to fit. */
function adamUpdate(
  p: Tensor,
  g: Tensor,
  state: AdamState,
  settings: RuleSettings<AdamHyper> & { readonly decoupled?: boolean },
): Update<AdamState> {
  const { betas, eps, weightDecay, lr, decoupled = false } = settings;
  const [beta1, beta2] = betas;
  const d = weightDecay === 0 || decoupled ? g : combine(1, g, weightDecay, p);
  const step = add(state.step, 1);
  const mean = combine(beta1, state.mean, 1 - beta1, d);
  const square = combine(beta2, state.square, 1 - beta2, mul(d, d));
  const attrs = { beta1, beta2, eps, decay: decoupled ? weightDecay : 0 };
  const largest = state.largest && maximum(state.largest, square);
  const next = apply(adamStepOp, [p, mean, largest ?? square, step, lr], attrs);
  return { p: next, state: largest ? { mean, square, largest, step } : { mean, square, step } };
}

/**
 * Adam: scales steps by running means of the gradient and its square. Weight decay is added to the gradient (L2 regularization). See
 * {@link adamRule}.
 *
 * @example
 * const w = tensor([1, -1], { requiresGrad: true });
 * const optimizer = new Adam([w], { lr: 0.5 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * max(abs(w.sub(tensor([0.5, -0.5])))).item() < 1e-6; // → true
 */
export class Adam extends Optimizer<AdamHyper, AdamState> {
  /** @internal */
  static readonly isOwn = true;
  /**
   * @param params - parameters, or groups `{ params, lr, … }` of them.
   * @param options - `lr`, `betas`, `eps`, `weightDecay`, `amsgrad`.
   * @throws {@link ValueError} as every {@link Optimizer}, and if `betas` are not two numbers below 1.
   */
  constructor(params: OptimizerParameters<AdamHyper>, options?: AdamOptions) {
    super("Adam", params, defaults, options);
    refuseMore("Adam", arguments, 2);
  }

  protected override check({ betas }: RuleSettings<AdamHyper>): void {
    checkBetas("Adam", betas);
  }

  protected override start(p: Tensor, { amsgrad }: RuleSettings<AdamHyper>): AdamState {
    return startAdam(p, amsgrad);
  }

  protected override rule(
    p: Tensor,
    g: Tensor,
    state: AdamState,
    settings: RuleSettings<AdamHyper>,
  ): Update<AdamState> {
    return adamUpdate(p, g, state, settings);
  }
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019): each step first multiplies the parameter by 1 − lr · weightDecay, and the
 * gradient does not change.
 *
 * @example
 * const w = tensor([1], { requiresGrad: true });
 * const optimizer = new AdamW([w], { lr: 0.1, weightDecay: 0.5 });
 * w.mul(0).sum().backward();
 * optimizer.step();
 * w.item().toFixed(2); // → 0.95
 */
export class AdamW extends Optimizer<AdamHyper, AdamState> {
  /** @internal */
  static readonly isOwn = true;
  /**
   * @param params - parameters, or groups `{ params, lr, … }` of them.
   * @param options - `lr`, `betas`, `eps`, `weightDecay` (0.01 by default), `amsgrad`.
   * @throws {@link ValueError} as every {@link Optimizer}, and if `betas` are not two numbers below 1.
   */
  constructor(params: OptimizerParameters<AdamHyper>, options?: AdamOptions) {
    super("AdamW", params, { ...defaults, weightDecay: 0.01 }, options);
    refuseMore("AdamW", arguments, 2);
  }

  protected override check({ betas }: RuleSettings<AdamHyper>): void {
    checkBetas("AdamW", betas);
  }

  protected override start(p: Tensor, { amsgrad }: RuleSettings<AdamHyper>): AdamState {
    return startAdam(p, amsgrad);
  }

  protected override rule(
    p: Tensor,
    g: Tensor,
    state: AdamState,
    settings: RuleSettings<AdamHyper>,
  ): Update<AdamState> {
    return adamUpdate(p, g, state, { ...settings, decoupled: true });
  }
}

const defaults = { lr: 1e-3, ...betasDefaults, amsgrad: false };

function startAdam(p: Tensor, amsgrad: boolean): AdamState {
  const step = new Tensor(new Float64Array(1), [], "float64");
  const [mean, square] = [zerosLike(p), zerosLike(p)];
  return amsgrad ? { mean, square, largest: zerosLike(p), step } : { mean, square, step };
}
