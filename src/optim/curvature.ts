/** An update of all parameters, as one vector, and how it changed the gradient. */
export interface CurvaturePair {
  readonly step: Float64Array;
  readonly change: Float64Array;
}

/** What L-BFGS remembers between iterations. Never changed, but replaced. */
export interface CurvatureMemory {
  /** How many iterations there were. */
  readonly iterations: number;
  /** The last updates that told something of the curvature, the newest last. */
  readonly pairs: readonly CurvaturePair[];
  /** Inverse of the curvature along the newest. */
  readonly scale: number;
  /** The last update, and the gradient before it. */
  readonly update: Float64Array;
  readonly gradient: Float64Array;
}

/** Takes in what the last update did to the gradient, unless the loss was not convex along it, or the numbers are too large or too small to tell. */
export function learn(memory: CurvatureMemory, gradient: Float64Array, historySize: number): CurvatureMemory {
  const { iterations, pairs, update: step } = memory;
  const next = { ...memory, iterations: iterations + 1 };
  const change = gradient.map((v, i) => v - memory.gradient[i]!);
  const curvature = dot(change, step);
  const scale = curvature / dot(change, change);
  if (iterations === 0 || !(curvature > 1e-10 && scale > 0 && Number.isFinite(scale))) return next;
  const kept = [...pairs, { step, change }].slice(-historySize);
  return { ...next, pairs: kept, scale };
}

/** Minus the approximate inverse Hessian times the gradient (Nocedal and Wright, "Numerical optimization", 2006, algorithm 7.4). */
export function directionFrom({ pairs, scale }: CurvatureMemory, gradient: Float64Array): Float64Array {
  const direction = gradient.map((v) => -v);
  const shares = pairs.map(({ step, change }) => 1 / dot(change, step));
  const taken = new Float64Array(pairs.length);
  for (let i = pairs.length - 1; i >= 0; i--) {
    taken[i] = dot(pairs[i]!.step, direction) * shares[i]!;
    addScaled(direction, pairs[i]!.change, -taken[i]!);
  }
  for (let i = 0; i < direction.length; i++) direction[i]! *= scale;
  for (const [i, { step, change }] of pairs.entries()) {
    addScaled(direction, step, taken[i]! - dot(change, direction) * shares[i]!);
  }
  return direction;
}

export function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}

/** The size of the largest element. */
export function largest(a: Float64Array): number {
  return a.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
}

function addScaled(y: Float64Array, x: Float64Array, factor: number): void {
  for (let i = 0; i < y.length; i++) y[i]! += factor * x[i]!;
}
