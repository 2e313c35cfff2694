import { ValueError } from "../core/errors.ts";
import { refuseMore } from "../core/surplus.ts";
import { add } from "../ops/add.ts";
import { combine } from "../ops/combine.ts";
import { div } from "../ops/div.ts";
import { mul } from "../ops/mul.ts";
import { sqrt } from "../ops/sqrt.ts";
import { zerosLike } from "../ops/zerosLike.ts";
import type { Tensor } from "../tensor.ts";
import { checkRule } from "./checkRule.ts";
import { Optimizer, type OptimizerParameters, type RuleSettings, type Update } from "./optimizer.ts";

/** Settings of {@link Adadelta} other than the learning rate. */
export type AdadeltaHyper = {
  /** Decay of the running means; 0.9 by default. */
  readonly rho: number;
  /** Added to both mean squares; 1e-6 by default. */
  readonly eps: number;
  /** Adds this times the parameter to its gradient (L2 regularization); 0 by default. */
  readonly weightDecay: number;
};

/** Options of {@link Adadelta}. */
export interface AdadeltaOptions extends Partial<AdadeltaHyper> {
  /** Learning rate; 1 by default. */
  readonly lr?: number;
}

/** The state of {@link Adadelta} for a parameter. */
export type AdadeltaState = {
  /** Running mean of the gradient's square. */
  readonly square: Tensor;
  /** Running mean of the update's square. */
  readonly moved: Tensor;
};

/**
 * One step of Adadelta (Zeiler, 2012), in PyTorch's form: with the running means v of the gradient's square and w of the update's square,
 * the update is u = g √(w + eps) / √(v + eps), and it is p − lr · u.
 *
 * A pure function, which changes nothing.
 *
 * @param p - the parameter.
 * @param g - its gradient, of p's shape.
 * @param state - `square` and `moved`, as the last call returned them; zeros at first.
 * @param settings - the settings; `lr` is a scalar tensor.
 * @returns the parameter's new value and the new state.
 * @throws {@link DTypeError}, {@link ShapeError}, {@link ValueError} for what does not fit: another shape or dtype than p's, or a state or setting that is missing or unknown.
 * @example
 * const settings = { lr: tensor(0.5), rho: 0, eps: 1, weightDecay: 0 };
 * adadeltaRule(tensor(1), tensor(0), { square: zeros([]), moved: zeros([]) }, settings).p.item(); // → 1
 */
export function adadeltaRule(
  p: Tensor,
  g: Tensor,
  state: AdadeltaState,
  settings: RuleSettings<AdadeltaHyper>,
): Update<AdadeltaState> {
  refuseMore("adadeltaRule", arguments, 4);
  checkRule("adadeltaRule", [p, g, state, settings], { rho: 0.9, eps: 0, weightDecay: 0 }, () => ({
    square: true,
    moved: true,
  }));
  return adadeltaUpdate(p, g, state, settings);
}

/** {@link adadeltaRule} of what is known to fit. */
function adadeltaUpdate(
  p: Tensor,
  g: Tensor,
  state: AdadeltaState,
  { rho, eps, weightDecay, lr }: RuleSettings<AdadeltaHyper>,
): Update<AdadeltaState> {
  const d = weightDecay === 0 ? g : combine(1, g, weightDecay, p);
  const square = combine(rho, state.square, 1 - rho, mul(d, d));
  const update = mul(div(sqrt(add(state.moved, eps)), sqrt(add(square, eps))), d);
  const moved = combine(rho, state.moved, 1 - rho, mul(update, update));
  return { p: combine(1, p, -1, update, lr), state: { square, moved } };
}

/**
 * Adadelta: scales steps by the size of recent steps, so you hardly need to choose a rate. Weight decay is added to the gradient. See
 * {@link adadeltaRule}.
 *
 * @example
 * const w = tensor([1, -1], { requiresGrad: true });
 * const optimizer = new Adadelta([w], { lr: 10 });
 * for (let i = 0; i < 100; i++) {
 *   optimizer.zeroGrad();
 *   w.mul(w).sum().backward();
 *   optimizer.step();
 * }
 * max(abs(w)).item() < 0.5; // → true
 */
export class Adadelta extends Optimizer<AdadeltaHyper, AdadeltaState> {
  /** @internal */
  static readonly isOwn = true;
  /**
   * @param params - parameters, or groups `{ params, lr, … }` of them.
   * @param options - `lr` (1 by default), `rho`, `eps`, `weightDecay`.
   * @throws {@link ValueError} as every {@link Optimizer}, and if `rho` is above 1.
   */
  constructor(params: OptimizerParameters<AdadeltaHyper>, options?: AdadeltaOptions) {
    super("Adadelta", params, { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0 }, options);
    refuseMore("Adadelta", arguments, 2);
  }

  protected override check({ rho }: RuleSettings<AdadeltaHyper>): void {
    if (rho > 1) throw new ValueError("Adadelta", "rho must be from 0 to 1", String(rho));
  }

  protected override start(p: Tensor): AdadeltaState {
    return { square: zerosLike(p), moved: zerosLike(p) };
  }

  protected override rule(
    p: Tensor,
    g: Tensor,
    state: AdadeltaState,
    settings: RuleSettings<AdadeltaHyper>,
  ): Update<AdadeltaState> {
    return adadeltaUpdate(p, g, state, settings);
  }
}
