import { noGrad } from "../core/apply.ts";
import { textOf, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { refuseMore } from "../core/surplus.ts";
import { cast } from "../ops/cast.ts";
import { stack } from "../ops/cat.ts";
import { clamp } from "../ops/clamp.ts";
import { div } from "../ops/div.ts";
import { mul } from "../ops/mul.ts";
import { norm } from "../ops/norm.ts";
import { sum } from "../ops/sum.ts";
import { Tensor } from "../tensor.ts";
import { checkFinite, checkParameters } from "./finite.ts";

/** Options of {@link clipGradNorm}. */
export interface ClipGradNormOptions {
  /** Which norm: 2 by default; `Infinity` for the largest element. */
  readonly p?: number;
  /** Throw if the norm is NaN or infinite, and leave the gradients as they are; false by default, where such a norm makes all of them NaN or 0, as in PyTorch. */
  readonly errorIfNonFinite?: boolean;
}

const clipGradNormOptions: OptionKinds<ClipGradNormOptions> = { p: "number", errorIfNonFinite: "boolean" };

/**
 * Scales all gradients by one factor, so their norm, taken over all of them as if they were one vector, is at most `maxNorm`. Between
 * `backward()` and `step()`, it prevents a single bad batch from moving the parameters too far.
 *
 * The factor is maxNorm / norm, and at most 1; norm and products are computed in float64. PyTorch adds 10⁻⁶ to the norm, which makes small gradients too small.
 *
 * @param parameters - the parameters; those without a gradient, or with an empty one, count as 0, and so do frozen ones, whatever gradient was left there: an optimizer leaves them alone, too. One that is there twice counts once.
 * @param maxNorm - the norm that is let through; a number from 0 on. `Infinity` lets all through, and measures.
 * @param options - `p`, `errorIfNonFinite`.
 * @returns the norm before, a float64 scalar: worth a curve of its own.
 * @throws {@link GradError} with `errorIfNonFinite`; {@link ValueError} for a maximum that is negative or NaN, if there are no parameters, or for an unknown option.
 * @example
 * const w = tensor([3, 4], { requiresGrad: true });
 * w.mul(w).sum().backward(); // the gradient is [6, 8]
 * clipGradNorm([w], 5).item(); // → 10
 * norm(w.grad!).item().toFixed(4); // → 5.0000
 */
export function clipGradNorm(
  parameters: readonly Tensor[],
  maxNorm: number,
  options: ClipGradNormOptions = {},
): Tensor {
  const list = checkParameters("clipGradNorm", parameters);
  checkLimit("clipGradNorm", "maxNorm", maxNorm);
  const { p = 2, errorIfNonFinite = false } = checkOptions("clipGradNorm", options, clipGradNormOptions, {
    names: { normType: "p" },
  });
  refuseMore("clipGradNorm", arguments, 3);
  if (p !== p) throw new ValueError("clipGradNorm", "p must be a number or ±Infinity", String(p));
  return noGrad(() => {
    const graded = gradedOf(list);
    if (graded.length === 0) return new Tensor(new Float64Array(1), [], "float64");
    const wide = graded.map(({ grad }) => cast(grad!, "float64"));
    const norms = stack(wide.map((g) => norm(g, p)));
    const total = p === 0 ? sum(norms) : norm(norms, p); // a norm of order 0 is a count
    if (errorIfNonFinite) checkFinite("clipGradNorm", total, "the norm", "the gradients are as they were");
    if (maxNorm === Number.POSITIVE_INFINITY) return total;
    const factor = clamp(div(maxNorm, clamp(total, Number.MIN_VALUE, null)), null, 1); // of 0, 1 or 0: no NaN
    const clipped = graded.map(({ dtype }, i) => cast(mul(wide[i]!, factor), dtype));
    for (const [i, x] of graded.entries()) x.grad = clipped[i]!;
    return total;
  });
}

/**
 * Clamps each element of all gradients to the range from −limit to limit. Unlike {@link clipGradNorm}, this changes the direction of the gradient.
 *
 * @param parameters - the parameters; those without a gradient stay without, and frozen ones keep theirs.
 * @param limit - a number from 0 on.
 * @throws {@link ValueError} for a limit that is negative or NaN, or if there are no parameters.
 * @example
 * const w = tensor([3, 0.25], { requiresGrad: true });
 * w.mul(w).sum().backward();
 * clipGradValue([w], 1);
 * w.grad?.toArray(); // → [1, 0.5]
 */
export function clipGradValue(parameters: readonly Tensor[], limit: number): void {
  refuseMore("clipGradValue", arguments, 2);
  const list = checkParameters("clipGradValue", parameters);
  checkLimit("clipGradValue", "limit", limit);
  noGrad(() => {
    for (const p of gradedOf(list)) p.grad = clamp(p.grad!, -limit, limit);
  });
}

/** Those of some parameters, each once, that an optimizer would step by: with a gradient that is not empty, and not frozen. */
function gradedOf(list: readonly Tensor[]): Tensor[] {
  return [...new Set(list)].filter(
    ({ requiresGrad, frozen, grad }) => (requiresGrad || !frozen) && grad !== null && grad.size > 0,
  );
}

function checkLimit(op: string, name: string, limit: number): void {
  if (typeof limit === "number" && limit >= 0) return;
  const given = typeof limit === "object" ? Object.values(limit ?? {}).find((v) => typeof v === "number") : undefined;
  const hint = typeof limit === "number" ? "" : `write ${op}(parameters, ${given ?? 1})`;
  throw new ValueError(op, `${name} must be a number, 0 or more`, textOf(limit), hint);
}
