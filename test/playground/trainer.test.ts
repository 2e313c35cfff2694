import { describe, expect, test } from "vitest";
import { graphOf } from "../../docs/playground/model/graph.ts";
import { History } from "../../docs/playground/model/history.ts";
import { inputsOf } from "../../docs/playground/model/inputs.ts";
import { observe } from "../../docs/playground/model/observe.ts";
import {
  activations,
  changed,
  datasets,
  defaults,
  features,
  lossesFor,
  optimizers,
  pointCount,
  type Settings,
} from "../../docs/playground/model/settings.ts";
import { survey } from "../../docs/playground/model/survey.ts";
import { Trainer } from "../../docs/playground/model/trainer.ts";
import { residuals } from "../../src/debug/index.ts";
import { indexSelect, tensor } from "../../src/index.ts";

function trained(part: Partial<Settings>, steps: number): Trainer {
  const trainer = new Trainer(changed(defaults, part));
  for (let i = 0; i < steps; i++) expect(trainer.step()).not.toBeNull();
  return trainer;
}

const weights = ({ model }: Trainer): unknown => model.parameters().map((p) => p.toArray());

describe.each(datasets)("%s", (data) => {
  test("has as many points of each class, most of them in the square that is shown", () => {
    const { train, test: fresh } = new Trainer(changed(defaults, { data }));
    for (const { x, y } of [train, fresh]) {
      expect(x.shape).toEqual([pointCount, 2]);
      expect(y.shape).toEqual([pointCount, 1]);
      expect(x.data.filter((v) => Math.abs(v) <= 1.1).length).toBeGreaterThan(0.97 * x.size);
      if (data !== "regression") expect(new Set(y.data)).toEqual(new Set([0, 1]));
    }
    expect(train.x.toArray()).not.toEqual(fresh.x.toArray());
  });

  test.each(lossesFor(data))("is learned by %s", (loss) => {
    const trainer = new Trainer(changed(defaults, { data, loss, layers: [16, 16], optimizer: "adam", lr: 0.03 }));
    const before = trainer.score(trainer.test);
    for (let i = 0; i < 1500; i++) trainer.step();
    const after = trainer.score(trainer.test);
    expect(after.loss).toBeLessThan(before.loss);
    expect(after.quality).toBeGreaterThan(0.85);
  });
});

test.each(optimizers)("%s learns", (optimizer) => {
  const lr = optimizer === "sgd" ? 1 : optimizer === "momentum" ? 0.1 : 0.01;
  const trainer = trained({ optimizer, lr }, 800);
  expect(trainer.score(trainer.test).quality).toBeGreaterThan(0.9);
});

test("the same settings go the same way, to the bit; another seed another", () => {
  expect(weights(trained({}, 37))).toEqual(weights(trained({}, 37)));
  expect(weights(trained({ seed: 2 }, 37))).not.toEqual(weights(trained({}, 37)));
});

test("a training that diverges stops, with weights that are finite", () => {
  const trainer = new Trainer(
    changed(defaults, { data: "regression", activation: "linear", layers: [16, 16, 16, 16], lr: 3 }),
  );
  let steps = 0;
  while (trainer.step() !== null) expect(++steps).toBeLessThan(500);
  expect(trainer.steps).toBe(steps);
  for (const p of trainer.model.parameters()) expect(p.data.every(Number.isFinite)).toBe(true);
});

describe.each(activations)("with %s", (activation) => {
  const trainer = trained({ activation, features: ["x2", "x1x1", "sinx1"], layers: [5, 3, 4] }, 20);
  const { layers, inputs } = observe(trainer, 17);

  test("what is observed of a point obeys the formulas that the page shows", () => {
    for (const [l, layer] of layers.entries()) {
      const incoming = l === 0 ? inputs : layers[l - 1]!.a;
      for (const [j, z] of layer.z.entries()) {
        expect(layer.bias[j]! + dot(layer.weight[j]!, incoming)).toBeCloseTo(z, 5);
        const residual = layer.residual[j]!;
        expect(layer.arriving[j]! * layer.slope[j]!).toBeCloseTo(residual, 6);
        for (const [i, a] of incoming.entries()) expect(layer.weightGradient[j]![i]).toBeCloseTo(residual * a, 6);
        const next = layers[l + 1];
        if (next === undefined) continue;
        const weightsOut = next.weight.map((row) => row[j]!);
        expect(dot(weightsOut, next.residual)).toBeCloseTo(layer.arriving[j]!, 6);
      }
    }
    expect(layers.some(({ residual }) => residual.some((v) => v !== 0))).toBe(true);
  });

  test("what the page calls residuals are what the library calls residuals", () => {
    const picked = tensor([17], { dtype: "int32" });
    const point = inputsOf(trainer.settings.features, indexSelect(trainer.train.x, 0, picked));
    const y = indexSelect(trainer.train.y, 0, picked);
    const { rows } = residuals(trainer.model, () => trainer.loss(trainer.model.forward(point), y));
    const norms = rows.filter(({ of }) => of === "z").map(({ residual }) => residual!.norm);
    expect(norms.length).toBe(layers.length);
    layers.forEach(({ residual }, l) => expect(Math.hypot(...residual)).toBeCloseTo(norms[l]!, 6));
  });

  test("the observation changes nothing", () => {
    const before = weights(trainer);
    observe(trainer, 3);
    graphOf(trainer, 3);
    expect(weights(trainer)).toEqual(before);
  });

  test("the graph has inputs before results, and the gradients of the observation", () => {
    const nodes = graphOf(trainer, 17);
    for (const { id, inputs } of nodes) for (const input of inputs) expect(input.id).toBeLessThan(id);
    const last = nodes.at(-1)!;
    expect(last).toMatchObject({ kind: "loss", name: "L" });
    expect([...last.gradient!]).toEqual([1]);
    const bias = nodes.find(({ name }) => name === "0.bias")!;
    bias.gradient!.forEach((g, j) => expect(g).toBeCloseTo(layers[0]!.residual[j]!, 6));
    const tanhs = nodes.filter(({ name }) => name === "tanh");
    for (const { inputs } of tanhs) expect(inputs[0]!.derivative).toBe("∂tanh(x)/∂x = 1 − y²");
    expect(tanhs.length).toBe(activation === "tanh" ? 3 : 0);
  });
});

test("a network is given what is chosen of a point, in that order", () => {
  const { x, inputs } = observe(new Trainer(changed(defaults, { features: [...features].reverse() })), 4);
  const [a, b] = x as [number, number];
  const wanted = [Math.sin(Math.PI * b), Math.sin(Math.PI * a), a * b, b * b, a * a, b, a];
  for (const [i, value] of wanted.entries()) expect(inputs[i]).toBeCloseTo(value, 6);
  expect(inputs.length).toBe(features.length);
});

test("inputs that fit the data do the work of a hidden layer", () => {
  const part = { layers: [], optimizer: "adam", lr: 0.03 } as const;
  const quality = (more: Partial<Settings>): number => {
    const trainer = trained({ ...part, ...more }, 500);
    return trainer.score(trainer.test).quality;
  };
  expect(quality({ data: "circles" })).toBeLessThan(0.7);
  expect(quality({ data: "circles", features: ["x1x1", "x2x2"] })).toBeGreaterThan(0.95);
  expect(quality({ data: "xor" })).toBeLessThan(0.7);
  expect(quality({ data: "xor", features: ["x1x2"] })).toBeGreaterThan(0.9);
});

test("a history is thinned out, and keeps its first and last parts", () => {
  const history = new History();
  const records = Float64Array.from(
    { length: 3 * 50_000 },
    (_, at) => (1 + Math.floor(at / 3)) * (at % 3 === 2 ? 2 : 1),
  );
  for (let at = 0; at < records.length; at += 3000) history.add(records.subarray(at, at + 3000), 2);
  expect(history.steps.length).toBeLessThan(801);
  expect(history.steps.length).toBeGreaterThan(399);
  expect(history.losses).toEqual(history.steps);
  expect(history.residuals).toEqual([history.steps, history.steps.map((s) => 2 * s)]);
  expect(history.steps[0]).toBeLessThan(100);
  expect(history.steps.at(-1)).toBeGreaterThan(49_900);
});

test.each([
  ["crossEntropy", [0, 1]],
  ["hinge", [-1, 1]],
  ["mse", [-1, 1]],
] as const)("the target that is observed is the one that the loss %s takes", (loss, targets) => {
  const trainer = trained({ loss }, 5);
  const seen = [0, pointCount - 1].map((point) => observe(trainer, point));
  expect(seen.map(({ target }) => target)).toEqual(targets);
  expect(seen.map(({ y }) => y)).toEqual([0, 1]);
  for (const { output: z, target: y, loss: value, layers } of seen) {
    const sigma = 1 / (1 + Math.exp(-z));
    const [L, delta] = {
      crossEntropy: [-Math.log(y === 1 ? sigma : 1 - sigma), sigma - y],
      hinge: [Math.max(0, 1 - y * z), y * z < 1 ? -y : 0],
      mse: [(z - y) ** 2, 2 * (z - y)],
    }[loss];
    expect(value).toBeCloseTo(L!, 5);
    expect(layers.at(-1)!.residual[0]).toBeCloseTo(delta!, 5);
  }
});

test("a training can go on from its weights, to the bit, and with another rate", () => {
  const whole = trained({}, 24);
  const half = trained({}, 11);
  const start = { step: 11, weights: half.model.parameters().flatMap((p) => Array.from(p.data)) };
  const other = trained({ start }, 13);
  expect(other.steps).toBe(24);
  expect(weights(other)).toEqual(weights(whole));
  expect(weights(trained({ start, lr: 1 }, 13))).not.toEqual(weights(whole));
});

test("regularization makes weights smaller", () => {
  const size = (trainer: Trainer) => Math.hypot(...trainer.model.parameters().flatMap((p) => Array.from(p.data)));
  expect(size(trained({ l2: 0.1 }, 200))).toBeLessThan(0.7 * size(trained({}, 200)));
});

test("residuals that are 0 are counted, and neurons that are dead", () => {
  const dead = survey(trained({ data: "circles", layers: [6, 6, 6, 6], activation: "relu" }, 0));
  expect(dead.map(({ norm, zeros }) => [norm > 0, zeros])).toEqual([...new Array(4).fill([false, 1]), [true, 0]]);
  expect(dead.map((layer) => layer.dead)).toEqual([...new Array(4).fill(new Array(6).fill(true)), [false]]);
  const alive = survey(trained({ data: "circles", layers: [6, 6, 6, 6], activation: "sigmoid" }, 0));
  for (const { norm, zeros } of alive) expect([norm > 0, zeros]).toEqual([true, 0]);
});

test("a history that begins in the middle counts its steps from there", () => {
  const history = new History(40);
  history.add(Float64Array.of(1, 1), 1);
  expect(history.steps).toEqual([41]);
});

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, v, i) => sum + v * b[i]!, 0);
}
