import { div, Layer, mean, mul, noGrad, randn, std, sub, type Tensor } from "tinygrad-ts";

/**
 * A function that shifts and scales inputs as it takes to bring the data to mean 0 and standard deviation 1, where a freshly
 * initialised network works best. Stands first in a model.
 */
export function standardizer(data: Tensor): (x: Tensor) => Tensor {
  const [centre, spread] = noGrad(() => [mean(data).item(), std(data).item()]);
  return function standardize(x) {
    return div(sub(x, centre), spread);
  };
}

/** Adds normal noise in training, anew each time, and nothing afterwards: so that a model cannot learn single pictures by heart. */
export class Noise extends Layer {
  readonly #deviation: number;

  constructor(deviation: number) {
    super();
    this.#deviation = deviation;
  }

  override forward(x: Tensor): Tensor {
    return this.training ? x.add(mul(randn(x.shape), this.#deviation)) : x;
  }

  override describe(): string {
    return `Noise(${this.#deviation})`;
  }
}
