import { describe, expect, test } from "vitest";
import {
  Adam,
  cosine,
  crossEntropy,
  Dropout,
  defaultGenerator,
  EMA,
  Generator,
  indexSelect,
  LBFGS,
  Linear,
  manualSeed,
  mse,
  permutation,
  randint,
  randn,
  relu,
  Schedule,
  Sequential,
  type StateDict,
  slice,
  type Tensor,
  tensor,
  ValueError,
} from "../../src/index.ts";
import {
  type CheckpointParts,
  decode,
  encode,
  encodeCheckpoint,
  loadCheckpoint,
  SafetensorsError,
} from "../../src/safetensors/index.ts";

/** A training with all that has a state: dropout and shuffling draw from the default generator. */
function training() {
  const model = new Sequential(new Linear(4, 8), relu, new Dropout(0.3), new Linear(8, 3));
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const schedule = new Schedule(optimizer, cosine(60));
  const average = new EMA(model, { decay: 0.9 });
  const data = new Generator(99);
  const [x, y] = [randn([20, 4], { generator: data }), randint(0, 3, [20], { generator: data })];
  const step = (): number => {
    const rows = slice(permutation(20), [0, 5]);
    const loss = crossEntropy(model.forward(indexSelect(x, 0, rows)), indexSelect(y, 0, rows));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    schedule.step();
    average.update();
    return loss.item();
  };
  const parts = { model, optimizer, schedule, average, generator: defaultGenerator() };
  return { parts, step };
}

const bytesOf = (parts: CheckpointParts): Uint8Array => encodeCheckpoint(parts);

test("a training that is stopped at any step, and loaded elsewhere, goes on to the bit", () => {
  const steps = 30;
  manualSeed(3);
  const whole = training();
  const losses: number[] = [];
  const saved: Uint8Array[] = [];
  for (let i = 0; i < steps; i++) {
    saved.push(bytesOf(whole.parts));
    losses.push(whole.step());
  }
  const stops = permutation(steps, { generator: new Generator(8) })
    .toArray<number[]>()
    .slice(0, 20);
  for (const stop of stops) {
    manualSeed(stop + 1000);
    const other = training();
    for (let i = 0; i < stop % 4; i++) other.step();
    loadCheckpoint(saved[stop]!, other.parts);
    const rest = losses.slice(stop).map(() => other.step());
    expect(rest).toEqual(losses.slice(stop));
    expect(bytesOf(other.parts)).toEqual(bytesOf(whole.parts));
    loadCheckpoint(saved[stop]!, whole.parts); // which another's training has changed: they share the default generator
    for (let i = stop; i < steps; i++) whole.step();
  }
});

test("LBFGS goes on to the bit, too", () => {
  const make = () => {
    manualSeed(1);
    const model = new Linear(3, 1, { dtype: "float64" });
    const [x, y] = [randn([10, 3], { dtype: "float64" }), randn([10, 1], { dtype: "float64" })];
    const optimizer = new LBFGS(model.parameters(), { maxIterations: 2, toleranceChange: 0 });
    const step = (): number =>
      optimizer
        .step(() => {
          optimizer.zeroGrad();
          const loss = mse(model.forward(x), y);
          loss.backward();
          return loss;
        })
        .item();
    return { parts: { model, optimizer }, step };
  };
  const [a, b] = [make(), make()];
  a.step();
  loadCheckpoint(bytesOf(a.parts), b.parts);
  expect([b.step(), b.step()]).toEqual([a.step(), a.step()]);
});

test("names tell the parts, and texts come back", () => {
  const bytes = encodeCheckpoint({ model: new Linear(1, 1), generator: new Generator(5) }, { epoch: "3" });
  expect([...decode(bytes).keys()]).toEqual(["model.weight", "model.bias", "generator.state"]);
  const texts = loadCheckpoint(bytes, { model: new Linear(1, 1), generator: new Generator() });
  expect([...texts]).toEqual([["epoch", "3"]]);
});

describe("loading changes nothing if anything is wrong", () => {
  const right = (): Map<string, Tensor> => decode(bytesOf(training().parts));
  const changes: [string, (state: Map<string, Tensor>) => unknown, string][] = [
    ["a weight is missing", (state) => state.delete("model.layers.3.bias"), "layers.3.bias is missing"],
    ["a weight has another shape", (state) => state.set("model.layers.0.weight", tensor([1])), "instead of"],
    [
      "a name is not expected",
      (state) => state.set("model.layers.9.weight", tensor([1])),
      "layers.9.weight is unexpected",
    ],
    [
      "the optimizer's rate is negative",
      (state) => state.set("optimizer.groups.0.lr", tensor(-1, { dtype: "float64" })),
      "must be a finite number",
    ],
    ["the schedule's step is missing", (state) => state.delete("schedule.step"), "step is missing"],
    [
      "the generator's state is none",
      (state) => state.set("generator.state", tensor([1, 2, 3, 4.5], { dtype: "float64" })),
      "a state is four 32-bit integers",
    ],
    [
      "the generator's state is missing",
      (state) => state.delete("generator.state"),
      "generator must be a generator's state",
    ],
    [
      "a part is not expected",
      (state) => state.set("loader.position", tensor(1)),
      "the parts must fit, got loader.position in the file",
    ],
    ["a tensor is of no part", (state) => state.set("weight", tensor(1)), "the parts must fit, got weight in the file"],
  ];

  test.each(changes)("%s", (_, change, message) => {
    const { parts, step } = training();
    step();
    const [state, other] = [right(), encode(right())];
    const before = bytesOf(parts);
    change(state);
    expect(() => loadCheckpoint(encode(state), parts)).toThrow(message);
    expect(bytesOf(parts)).toEqual(before);
    loadCheckpoint(other, parts);
    expect(bytesOf(parts)).not.toEqual(before);
  });

  test("the file is none", () => {
    const { parts } = training();
    const before = bytesOf(parts);
    for (let end = 0; end < before.length; end += 101) {
      expect(() => loadCheckpoint(before.subarray(0, end), parts)).toThrow(SafetensorsError);
    }
    expect(bytesOf(parts)).toEqual(before);
  });

  test("a part of one's own throws what it likes", () => {
    const model = new Linear(1, 1);
    const own = { stateDict: () => new Map([["x", tensor(1)]]), loadStateDict: (_: StateDict) => expect.fail("never") };
    const bytes = encodeCheckpoint({ model: new Linear(1, 1), own });
    const before = model.weight.item();
    expect(() => loadCheckpoint(bytes, { model, own })).toThrow("never");
    expect(model.weight.item()).toBe(before);
  });
});

test.each<[() => unknown, string]>([
  [() => encodeCheckpoint(undefined as never), "encodeCheckpoint: needs parts by name, got undefined"],
  [() => encodeCheckpoint({ "a.b": new Linear(1, 1) }), 'encodeCheckpoint: names of parts must have no dot, got "a.b"'],
  [() => encodeCheckpoint({ "": new Linear(1, 1) }), 'encodeCheckpoint: names of parts must have no dot, got ""'],
  [
    () => encodeCheckpoint({ model: 3 as never }),
    "encodeCheckpoint: model must have a stateDict(), or be a generator, got 3",
  ],
  [
    () => loadCheckpoint(encode({}), { model: null as never }),
    "loadCheckpoint: model must have a stateDict(), or be a generator, got null",
  ],
])("refuses what are no parts: %#", (call, message) => {
  expect(call).toThrow(ValueError);
  expect(call).toThrow(message);
});
