import { type Generator, rand, type Tensor, tensor } from "tinygrad-ts";
import { type Section, standardized } from "./section.ts";

/** Batches of random crops of sections, each turned and mirrored in one of eight ways: inputs and targets `[count, 1, side, side]`. */
export class Crops {
  readonly #sections: readonly Section[];
  readonly #inputs: readonly Float32Array[];
  readonly #side: number;
  readonly #generator: Generator;

  constructor(sections: readonly Section[], side: number, generator: Generator) {
    this.#sections = sections;
    this.#inputs = sections.map(({ light }) => standardized(light));
    this.#side = side;
    this.#generator = generator;
  }

  /** Batches without end. */
  *batches(count: number): Iterable<[Tensor, Tensor]> {
    for (;;) yield this.#batch(count);
  }

  #batch(count: number): [Tensor, Tensor] {
    const side = this.#side;
    const [x, y] = [new Float32Array(count * side * side), new Float32Array(count * side * side)];
    const chances = rand([count, 4], { generator: this.#generator }).data;
    for (let n = 0; n < count; n++) {
      const below = (k: number, most: number): number => Math.floor(chances[4 * n + k]! * most);
      const which = below(0, this.#sections.length);
      const { width, height, membrane } = this.#sections[which]!;
      const [top, left, way] = [below(1, height - side + 1), below(2, width - side + 1), below(3, 8)];
      for (let i = 0, to = n * side * side; i < side; i++) {
        for (let j = 0; j < side; j++, to++) {
          const [a, b] = way & 1 ? [j, i] : [i, j];
          const [row, column] = [way & 2 ? side - 1 - a : a, way & 4 ? side - 1 - b : b];
          const from = (top + row) * width + left + column;
          x[to] = this.#inputs[which]![from]!;
          y[to] = membrane[from]!;
        }
      }
    }
    const shape = [count, 1, side, side];
    return [tensor(x).reshape(shape), tensor(y).reshape(shape)];
  }
}
