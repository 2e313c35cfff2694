import type { Subject } from "./subject.ts";

/** Derivatives this small, in roundings of the function over the size of its input, are no more than rounding. */
export const roundings = 4096;

/**
 * What rounding makes of the derivatives of a function that stands still, as the sum of a softmax does. Along the way, its terms may have
 * been as large as 1, as its value, or as the input.
 */
export class RoundingOf {
  readonly #unit: number;
  readonly #values: Float64Array;
  readonly #inverses: Float64Array;

  constructor(subject: Subject) {
    this.#unit = roundings * subject.eps;
    this.#values = subject.scales.map((own) => Math.max(1, own));
    this.#inverses = subject.magnitudes.map((own) => 1 / own);
  }

  /** Of each entry of vᵀJᵀ, for v over the results. */
  vjp(u: Float64Array): (i: number) => number {
    const [weighted, plain] = [this.#sum(u, this.#values), this.#sum(u)];
    return (i) => this.#unit * (weighted * this.#inverses[i]! + plain);
  }

  /** Of each entry of Jv, for v over the input. */
  jvp(v: Float64Array): (j: number) => number {
    const [weighted, plain] = [this.#sum(v, this.#inverses), this.#sum(v)];
    return (j) => this.#unit * (weighted * this.#values[j]! + plain);
  }

  /** Of each entry of Hv, where the function has one result. */
  hvp(v: Float64Array): (i: number) => number {
    const weighted = this.#sum(v, this.#inverses);
    return (i) => this.#unit * weighted * Math.max(1, this.#values[0]! * this.#inverses[i]!);
  }

  #sum(vector: Float64Array, weights?: Float64Array): number {
    return vector.reduce((sum, value, k) => sum + Math.abs(value) * (weights?.[k] ?? 1), 0);
  }
}
