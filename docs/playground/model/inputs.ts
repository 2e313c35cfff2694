import { cat, type Tensor } from "tinygrad-ts";
import type { Feature } from "./settings.ts";

/** What a network is given of points of shape [n, 2]: shape [n, features]. The points themselves where these are its inputs. */
export function inputsOf(features: readonly Feature[], points: Tensor): Tensor {
  if (features.join() === "x1,x2") return points;
  const [x1, x2] = [points.slice([], [0, 1]), points.slice([], [1, 2])];
  return cat(
    features.map((feature) => inputOf[feature](x1, x2)),
    1,
  );
}

const inputOf: Record<Feature, (x1: Tensor, x2: Tensor) => Tensor> = {
  x1: (x1) => x1,
  x2: (_, x2) => x2,
  x1x1: (x1) => x1.mul(x1),
  x2x2: (_, x2) => x2.mul(x2),
  x1x2: (x1, x2) => x1.mul(x2),
  sinx1: (x1) => x1.mul(Math.PI).sin(),
  sinx2: (_, x2) => x2.mul(Math.PI).sin(),
};
