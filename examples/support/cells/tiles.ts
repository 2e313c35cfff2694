import { sigmoid, type Tensor, tensor } from "tinygrad-ts";
import { type Section, standardized } from "./section.ts";

/**
 * A section cut into tiles that overlap by half. What a model sees at the edge of a tile it sees without its surroundings, so each pixel's probability is a mean in which the middle of a tile
 * weighs more than its edge.
 */
export class Tiles {
  /** What goes through a model: `[tiles, 1, side, side]`. */
  readonly inputs: Tensor;
  readonly #section: Section;
  readonly #side: number;
  readonly #places: readonly { readonly top: number; readonly left: number }[];

  constructor(section: Section, side: number) {
    const { width, height } = section;
    this.#section = section;
    this.#side = side;
    this.#places = startsOf(height, side).flatMap((top) => startsOf(width, side).map((left) => ({ top, left })));
    const light = standardized(section.light);
    const values = new Float32Array(this.#places.length * side * side);
    this.#each((at, pixel) => {
      values[at] = light[pixel]!;
    });
    this.inputs = tensor(values).reshape([this.#places.length, 1, side, side]);
  }

  /** The probability of a membrane at each pixel, from logits of the tiles. */
  probabilities(logits: Tensor): Float32Array {
    const own = sigmoid(logits).data;
    const { length } = this.#section.light;
    const [sums, weights] = [new Float32Array(length), new Float32Array(length)];
    this.#each((at, pixel, weight) => {
      sums[pixel]! += weight * own[at]!;
      weights[pixel]! += weight;
    });
    return sums.map((sum, i) => sum / weights[i]!);
  }

  #each(visit: (at: number, pixel: number, weight: number) => void): void {
    const side = this.#side;
    for (const [n, { top, left }] of this.#places.entries()) {
      for (let i = 0, at = n * side * side; i < side; i++) {
        for (let j = 0; j < side; j++, at++) {
          const weight = Math.min(i + 1, side - i) * Math.min(j + 1, side - j);
          visit(at, (top + i) * this.#section.width + left + j, weight);
        }
      }
    }
  }
}

/** Where tiles begin along an axis: half a tile apart, the last one at the end. */
function startsOf(size: number, side: number): number[] {
  const count = Math.ceil((size - side) / (side / 2)) + 1;
  return Array.from({ length: count }, (_, i) => Math.min(i * (side / 2), size - side));
}
