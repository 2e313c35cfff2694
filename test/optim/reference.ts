// PyTorch's update rules written out on plain numbers, one parameter at a time: what the optimizers are held against.

export interface SgdReference {
  readonly lr: number;
  readonly momentum?: number;
  readonly dampening?: number;
  readonly weightDecay?: number;
  readonly nesterov?: boolean;
}

/** Values after each of the steps with the given gradients. */
export function sgd(
  start: number,
  gradient: (p: number, t: number) => number,
  steps: number,
  o: SgdReference,
): number[] {
  const { lr, momentum = 0, dampening = 0, weightDecay = 0, nesterov = false } = o;
  const values: number[] = [];
  let p = start;
  let buffer: number | undefined;
  for (let t = 1; t <= steps; t++) {
    let d = gradient(p, t);
    if (weightDecay !== 0) d += weightDecay * p;
    if (momentum !== 0) {
      buffer = buffer === undefined ? d : momentum * buffer + (1 - dampening) * d;
      d = nesterov ? d + momentum * buffer : buffer;
    }
    p -= lr * d;
    values.push(p);
  }
  return values;
}

export interface AdamReference {
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly decoupled: boolean;
}

/** Values after each of the steps with the given gradients. */
export function adam(
  start: number,
  gradient: (p: number, t: number) => number,
  steps: number,
  o: AdamReference,
): number[] {
  const [beta1, beta2] = o.betas;
  const values: number[] = [];
  let [p, m, v] = [start, 0, 0];
  for (let t = 1; t <= steps; t++) {
    let g = gradient(p, t);
    if (o.decoupled) p -= o.lr * o.weightDecay * p;
    else g += o.weightDecay * p;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const mHat = m / (1 - beta1 ** t);
    const vHat = v / (1 - beta2 ** t);
    p -= (o.lr * mHat) / (Math.sqrt(vHat) + o.eps);
    values.push(p);
  }
  return values;
}
