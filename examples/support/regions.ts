import { type Tensor, tensor } from "tinygrad-ts";
import type { Dataset } from "./dataset.ts";

const columns = 64;
const rows = 30;
const grounds = [" ", "░", "▒"];
const marks = ["o", "x", "+"];

/**
 * The square from −1 to 1 as a map in block characters: the ground shows the class that a model predicts there, the marks on it the
 * examples' own classes.
 *
 * @param predict - classes of points, [n, 2] → [n]; at most three classes.
 */
export function drawRegions(predict: (xy: Tensor) => Tensor, { inputs, labels }: Dataset): string {
  const centres = Array.from({ length: rows * columns }, (_, i) => [
    ((i % columns) + 0.5) * (2 / columns) - 1,
    1 - (Math.floor(i / columns) + 0.5) * (2 / rows),
  ]);
  const cells = predict(tensor(centres))
    .toArray<number[]>()
    .map((c) => grounds[c]!);
  const classes = labels.toArray<number[]>();
  for (const [i, [x, y]] of inputs.toArray<[number, number][]>().entries()) {
    const column = Math.floor(((x + 1) / 2) * columns);
    const row = Math.floor(((1 - y) / 2) * rows);
    if (column >= 0 && column < columns && row >= 0 && row < rows) cells[row * columns + column] = marks[classes[i]!]!;
  }
  return Array.from({ length: rows }, (_, row) => cells.slice(row * columns, (row + 1) * columns).join("")).join("\n");
}
