import { type Layer, sigmoid, tensor } from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { predict } from "tinygrad-ts/train";
import { type Section, standardized } from "./section.ts";

/**
 * The probability of a membrane at each pixel, from overlapping tiles: what a model sees at the edge of a tile it sees without its surroundings, so tiles overlap by half, and each pixel's
 * probability is a mean in which the middle of a tile weighs more than its edge.
 */
export function predictSection(model: Layer, { width, height, light }: Section, side: number): Float32Array {
  const inputs = standardized(light);
  const places = startsOf(height, side).flatMap((top) => startsOf(width, side).map((left) => ({ top, left })));
  const tiles = new Float32Array(places.length * side * side);
  const each = (visit: (tile: number, from: number, weight: number) => void): void => {
    for (const [n, { top, left }] of places.entries()) {
      for (let i = 0, tile = n * side * side; i < side; i++) {
        for (let j = 0; j < side; j++, tile++) {
          visit(tile, (top + i) * width + left + j, Math.min(i + 1, side - i) * Math.min(j + 1, side - j));
        }
      }
    }
  };
  each((tile, from) => {
    tiles[tile] = inputs[from]!;
  });
  const x = tensor(tiles).reshape([places.length, 1, side, side]);
  const logits = predict(model, x, { batchSize: 8, compile: (f) => compile(f, { deterministic: true }) });
  const probabilities = sigmoid(logits).data;
  const [sums, weights] = [new Float32Array(light.length), new Float32Array(light.length)];
  each((tile, to, weight) => {
    sums[to]! += weight * probabilities[tile]!;
    weights[to]! += weight;
  });
  return sums.map((sum, i) => sum / weights[i]!);
}

/** Where tiles begin along an axis: half a tile apart, the last one at the end. */
function startsOf(size: number, side: number): number[] {
  const count = Math.ceil((size - side) / (side / 2)) + 1;
  return Array.from({ length: count }, (_, i) => Math.min(i * (side / 2), size - side));
}
