import { type CheckOptions, checkGradient, type GradientReport } from "../../src/gradcheck/index.ts";
import { layoutOf } from "../../src/gradcheck/layout.ts";
import { Random } from "./random.ts";

/** One function with a gradient, at one point. */
export interface Trial {
  /** What this library's checker says. */
  check(): GradientReport | Promise<GradientReport>;
  /** Whether a plain check by central differences would pass; null where such a check does not apply. */
  passesCentralDifferences: boolean | null;
}

/** A gradient that is right or wrong in one way, for functions and points that a seed draws. */
export interface Case {
  readonly name: string;
  readonly draw: (random: Random) => Trial;
  /** For a wrong gradient: what a hint, or a problem, of the report must contain. */
  readonly hint?: string;
  /** Fewer seeds, where one check is long. */
  readonly seeds?: number;
}

/** The trial of a case for one seed. */
export function trialOf({ draw, name }: Case, seed: number): Trial {
  return draw(new Random(seed, name));
}

type Vector = Float64Array;

/** A trial of the checker for gradients; `x` may be in any form that it takes. */
export function gradientTrial<X = Vector>(
  f: (x: X) => number,
  grad: (x: X, out: X) => unknown,
  x: X,
  options: CheckOptions<X> = {},
): Trial {
  return {
    check: () => checkGradient(f, grad as never, x, options) as GradientReport,
    get passesCentralDifferences() {
      return centralDifferences(f, grad, x);
    },
  };
}

/** A trial of another check; central differences do not apply. */
export function trial(check: () => GradientReport | Promise<GradientReport>): Trial {
  return { check, passesCentralDifferences: null };
}

/** Flat numbers, for functions of them. */
export const vector = (...values: number[]): Vector => Float64Array.from(values);

/**
 * A plain gradient check with PyTorch's defaults, for comparison: central differences with an absolute step of 1e-6 in float64, and
 * |analytic − numeric| ≤ 1e-5 + 1e-3·|numeric| in each entry (the defaults of torch.autograd.gradcheck, whose slow mode does this for a
 * real function with one result).
 */
function centralDifferences<X>(f: (x: X) => number, grad: (x: X, out: X) => unknown, x: X): boolean {
  const layout = layoutOf("central differences", x, "x");
  const flat = layout.read(x, "x") as Vector;
  const buffer = layout.build(new Float64Array(layout.size)) as X;
  const returned = grad(layout.build(flat) as X, buffer) ?? buffer;
  const isPair = typeof returned === "object" && returned !== null && "gradient" in returned;
  const analytic = layout.read(isPair ? returned.gradient : returned, "gradient");
  if (!(analytic instanceof Float64Array)) return false;
  return flat.every((_, i) => {
    const at = (step: number): number => f(layout.build(flat.map((v, k) => (k === i ? v + step : v))) as X);
    const numeric = (at(1e-6) - at(-1e-6)) / 2e-6;
    return Math.abs(analytic[i]! - numeric) <= 1e-5 + 1e-3 * Math.abs(numeric);
  });
}
