import {
  cast,
  cat,
  cos,
  type Generator,
  gt,
  mul,
  ones,
  rand,
  randn,
  sin,
  stack,
  type Tensor,
  tensor,
  zeros,
} from "tinygrad-ts";
import type { Dataset } from "./settings.ts";

/** Points in the plane, most of them in the square from −1 to 1, and what is to be learned of each. */
export interface Points {
  /** Shape [n, 2]. */
  readonly x: Tensor;
  /** Shape [n, 1]: a class, 0 or 1; for the regression a value, about from −1 to 1. */
  readonly y: Tensor;
}

/**
 * Draws a data set.
 *
 * @param data - which.
 * @param n - how many points; even. The lesson's is one.
 * @param noise - about the standard deviation by which points are moved; for the regression, by which values are.
 * @param generator - where they come from.
 */
export function drawPoints(data: Dataset, n: number, noise: number, generator: Generator): Points {
  const evenly = (low: number, high: number, count = n): Tensor =>
    rand([count], { generator })
      .mul(high - low)
      .add(low);
  const moved = (x: Tensor): Tensor => x.add(randn(x.shape, { generator }).mul(noise * room[data]));

  if (data === "lesson") return { x: tensor([[1, 2]]), y: tensor([[1]]) };
  if (data === "xor" || data === "regression") {
    const [a, b] = [evenly(-1, 1), evenly(-1, 1)];
    const x = stack([a, b], 1);
    if (data === "xor") return { x: moved(x), y: cast(gt(mul(a, b), 0), "float32").reshape([n, 1]) };
    return { x, y: moved(mul(sin(a.mul(Math.PI)), cos(b.mul(Math.PI / 2)))).reshape([n, 1]) };
  }

  const half = n / 2;
  const along = (): Tensor => rand([half], { generator });
  const [zero, one] = curves[data](along(), along());
  return { x: moved(cat([zero, one])), y: cat([zeros([half, 1]), ones([half, 1])]) };
}

/** How much of the noise a data set bears: the arms of the spiral are close to each other. */
const room: Record<Dataset, number> = { moons: 1, circles: 0.7, spiral: 0.3, xor: 0.5, regression: 1, lesson: 0 };

/** The points of both classes, from numbers between 0 and 1 that say where along its curve each is. */
const curves: Record<"moons" | "circles" | "spiral", (s: Tensor, t: Tensor) => [Tensor, Tensor]> = {
  moons: (s, t) => {
    const [a, b] = [s.mul(Math.PI), t.mul(Math.PI)];
    const upper = stack([cos(a).mul(0.6).sub(0.3), sin(a).mul(0.6).sub(0.15)], 1);
    const lower = stack([cos(b).mul(-0.6).add(0.3), sin(b).mul(-0.6).add(0.15)], 1);
    return [upper, lower];
  },
  circles: (s, t) => [onCircle(s, 0.4), onCircle(t, 0.85)],
  spiral: (s, t) => [arm(s, 0), arm(t, Math.PI)],
};

function onCircle(t: Tensor, radius: number): Tensor {
  const angle = t.mul(2 * Math.PI);
  return stack([cos(angle).mul(radius), sin(angle).mul(radius)], 1);
}

/** One and a quarter turns from near the centre outwards; close to evenly along the way. */
function arm(t: Tensor, start: number): Tensor {
  const radius = t.mul(0.85).add(0.08);
  const angle = t.mul(2.5 * Math.PI).add(start);
  return stack([radius.mul(sin(angle)), radius.mul(cos(angle))], 1);
}
