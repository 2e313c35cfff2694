import type { ShapeOf } from "../core/shapeTypes.ts";
import type { Tensor } from "../tensor.ts";
import { unaryCases } from "./cases.ts";
import { applyUnary, defineUnary } from "./define.ts";
import { each } from "./each.ts";
import { exp } from "./exp.ts";
import { mul } from "./mul.ts";

export const erfinvOp = /* @__PURE__ */ defineUnary({
  name: "erfinv",
  dtype: "float",
  forward: /* @__PURE__ */ each(inverse),
  // d/dx erf⁻¹ = √π/2 e^(y²)
  vjp: ({ g, y }) => mul(g, mul(exp(mul(y, y)), 0.8862269254527580137)),
});

/**
 * `erf⁻¹(x) / x` as polynomials in w = −log(1 − x²) up to 6.25, and in √w up to 4 and beyond, which is M. Giles' form (GPU Computing Gems, 2011). The coefficients
 * are interpolated at Chebyshev's points in 200 bits. Each is in the distance from `centre`.
 */
export const inverseErf = {
  near: {
    centre: 3.125,
    coefficients: [
      1.6536545626831027, 0.2401581824255883, -0.00603367087142785, -0.000740702534154477, 0.00018673420802464837,
      -1.3882523394405316e-5, -1.3654691850603575e-6, 4.234788173782339e-7, -2.9070382262927266e-8,
      -4.11266082002324e-9, 1.0512181539804126e-9, -5.414287198084716e-11, -1.2976885526532075e-11,
      2.6304834740560442e-12, -8.118399443074353e-14, -4.001237735091896e-14, 6.596407712420834e-15,
      -4.0282154327661744e-17, -1.3016928016796445e-16, 1.557432024623325e-17, 1.150022252066253e-18,
      -3.4996044354754177e-19, -1.113483769832702e-21, 3.240704459379902e-21,
    ],
  },
  middle: {
    centre: 3.25,
    coefficients: [
      3.0838856104922208, 1.0052589676941655, 0.005370914553555033, -0.0037512085082247342, 0.00249144209795696,
      -0.0016882755354488555, 0.0009532893415794137, -0.0003550378137852452, 2.4031512865758357e-5,
      6.828711739251955e-5, -4.732068066544697e-5, 1.2465028224217455e-5, 2.93257845538535e-6, -3.985705945648173e-6,
      1.4815977874022539e-6, -2.761716223816241e-8, -2.4549818963339823e-7, 1.3158663683192966e-7,
      -2.091453334773126e-8, -1.5305397964152548e-8, 7.680200479077053e-9,
    ],
  },
  far: {
    centre: 5.05,
    coefficients: [
      4.90042105144364, 1.010285017597772, -0.00016985809149340297, -0.00020031200668027357, 7.124031542245363e-5,
      -1.8374536139125653e-5, 4.193853753803149e-6, -9.070860240222452e-7, 2.016190552154886e-7, -5.493197748316723e-8,
      2.182184091047108e-8, -1.1207461299741081e-8, 5.8058881045281164e-9, -2.63111320489407e-9, 1.0483309310240935e-9,
      -3.868291027600669e-10, 7.745384761724363e-11, 2.8907082659821957e-11, -1.5439278197208357e-11,
    ],
  },
} as const;

function inverse(x: number): number {
  const rest = (1 - x) * (1 + x);
  if (rest <= 0) return rest < 0 ? Number.NaN : x * Number.POSITIVE_INFINITY;
  const w = -Math.log(rest);
  if (w < 6.25) return x * value(inverseErf.near, w);
  return x * value(w < 16 ? inverseErf.middle : inverseErf.far, Math.sqrt(w));
}

function value({ centre, coefficients }: { centre: number; coefficients: readonly number[] }, at: number): number {
  const t = at - centre;
  let y = 0;
  for (let k = coefficients.length - 1; k >= 0; k--) y = y * t + coefficients[k]!;
  return y;
}

/**
 * Inverse error function, elementwise: the y with `erf(y) = x`. With it, `√2 erfinv(2p − 1)` is the normal distribution's quantile. The derivative is `√π/2 e^(y²)`.
 *
 * @param x - a tensor of any shape; integers become the default floating dtype.
 * @returns a tensor of x's shape: ±∞ at ±1, NaN beyond.
 * @example
 * erfinv(tensor([0, 0.5, 1, 2], { dtype: "float64" })).toArray(); // → [0, 0.4769362762044699, Infinity, NaN]
 */
export function erfinv<T extends Tensor>(x: T): Tensor<ShapeOf<T>> {
  return applyUnary(erfinvOp, x, arguments);
}

export const erfinvCases = /* @__PURE__ */ unaryCases({ low: -0.9, high: 0.9 });
