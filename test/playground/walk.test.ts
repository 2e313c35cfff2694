import { expect, test } from "vitest";
import { knownAt, stagesOf, walkOn } from "../../docs/playground/model/walk.ts";

const sizes = [3, 2, 1];
const stages = stagesOf(sizes);

test("the walk goes forwards through all neurons, and back through all of them, last layer first", () => {
  expect(stages.map(({ kind }) => kind)).toEqual([
    "input",
    ...Array.from({ length: 6 }, () => "forward"),
    "loss",
    "residual",
    "gradient",
    "residual",
    "residual",
    "gradient",
    "residual",
    "residual",
    "residual",
    "gradient",
    "update",
  ]);
  expect(stages[8]).toEqual({ kind: "residual", layer: 2, neuron: 0 });
});

test("at the pace of layers it stops where a layer is complete, on the way back too", () => {
  const stops = [0];
  while (stops.at(-1) !== stages.length - 1) stops.push(walkOn(stages, stops.at(-1)!, 1, "layer"));
  expect(stops).toEqual([0, 3, 5, 6, 7, 8, 9, 11, 12, 15, 16, 17]);
  const back = [stages.length - 1];
  while (back.at(-1) !== 0) back.push(walkOn(stages, back.at(-1)!, -1, "layer"));
  expect(back).toEqual(stops.reverse());
});

test("neuron by neuron it stops everywhere, and not beyond the ends", () => {
  expect(walkOn(stages, 4, 1, "neuron")).toBe(5);
  expect(walkOn(stages, 0, -1, "neuron")).toBe(0);
  expect(walkOn(stages, stages.length - 1, 1, "layer")).toBe(stages.length - 1);
});

test("what is known grows with the walk", () => {
  expect(knownAt(stages, 0, sizes)).toEqual({ activations: [0, 0, 0], residuals: [0, 0, 0], loss: false });
  expect(knownAt(stages, 4, sizes)).toEqual({ activations: [3, 1, 0], residuals: [0, 0, 0], loss: false });
  expect(knownAt(stages, 10, sizes)).toEqual({ activations: [3, 2, 1], residuals: [0, 1, 1], loss: true });
  expect(knownAt(stages, stages.length - 1, sizes)).toEqual({
    activations: [3, 2, 1],
    residuals: [3, 2, 1],
    loss: true,
  });
});
