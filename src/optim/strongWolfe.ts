/** A point on the line: how far along, and what is there. */
export interface LinePoint {
  /** The length of the step. */
  readonly t: number;
  /** The loss; Infinity where it, the gradient, or the place is not finite. */
  readonly loss: number;
  /** The loss's derivative along the line. */
  readonly slope: number;
  /** The gradient. */
  readonly gradient: Float64Array;
}

/** How much of the decrease that the slope promises is asked for. */
const sufficient = 1e-4;
/** How much of the slope may be left. */
const curvature = 0.9;
const mostPoints = 25;

/**
 * Looks along a line of descent for a point that meets the strong Wolfe conditions: the loss has come down by a share of what the slope promised,
 * and most of the slope is gone. First the step is made longer until it must have passed such a point, then the bracket is made smaller.
 *
 * After Nocedal and Wright, "Numerical optimization" (2006), algorithms 3.5 and 3.6, with the safeguards of Schmidt's minFunc (2005), as PyTorch has it.
 *
 * @param look - what is at a point. One whose loss is Infinity is never returned.
 * @param start - the point at 0, with a negative slope.
 * @param t - the first length to try.
 * @param tolerance - a bracket smaller than this is not worth a look.
 * @returns the best point; the start if there is none better.
 */
export function strongWolfe(look: (t: number) => LinePoint, start: LinePoint, t: number, tolerance: number): LinePoint {
  const isTooHigh = (point: LinePoint): boolean => !(point.loss <= start.loss + sufficient * point.t * start.slope);
  const isFlat = (point: LinePoint): boolean => Math.abs(point.slope) <= -curvature * start.slope;

  let before = start;
  let point = look(t);
  let count = 0;
  let bracket: [LinePoint, LinePoint] | undefined;
  for (; count < mostPoints; count++) {
    if (isTooHigh(point) || (count > 1 && point.loss >= before.loss)) {
      bracket = [before, point];
      break;
    }
    if (isFlat(point)) return point;
    if (point.slope >= 0) {
      bracket = [before, point];
      break;
    }
    const next = cubicMinimum(before, point, point.t + 0.01 * (point.t - before.t), point.t * 10);
    before = point;
    point = look(next);
  }
  let [low, high] = ordered(...(bracket ?? [before, point]));
  let isStuck = false;
  for (; count < mostPoints; count++) {
    const [left, right] = [Math.min(low.t, high.t), Math.max(low.t, high.t)];
    if (right - left < tolerance) break;
    let middle = cubicMinimum(low, high, left, right);
    const margin = 0.1 * (right - left);
    const isAtEdge = Math.min(right - middle, middle - left) < margin;
    if (isAtEdge && (isStuck || middle >= right || middle <= left)) {
      middle = Math.abs(middle - right) < Math.abs(middle - left) ? right - margin : left + margin;
      isStuck = false;
    } else isStuck = isAtEdge;
    point = look(middle);
    if (isTooHigh(point) || point.loss >= low.loss) {
      [low, high] = ordered(low, point);
    } else {
      if (isFlat(point)) return point;
      if (point.slope * (high.t - low.t) >= 0) high = low;
      low = point;
    }
  }
  return low;
}

/** The lower of two points first; of two alike, the first. */
function ordered(a: LinePoint, b: LinePoint): [LinePoint, LinePoint] {
  return b.loss < a.loss ? [b, a] : [a, b];
}

/** Where the cubic through two points with these slopes has its minimum, within bounds; the middle of them if it has none. */
function cubicMinimum(a: LinePoint, b: LinePoint, lower: number, upper: number): number {
  const [left, right] = a.t <= b.t ? [a, b] : [b, a];
  const d = left.slope + right.slope - (3 * (left.loss - right.loss)) / (left.t - right.t);
  const root = Math.sqrt(d * d - left.slope * right.slope);
  const share = (right.slope + root - d) / (right.slope - left.slope + 2 * root);
  const t = right.t - (right.t - left.t) * share;
  return Number.isFinite(t) ? Math.min(Math.max(t, lower), upper) : (lower + upper) / 2;
}
