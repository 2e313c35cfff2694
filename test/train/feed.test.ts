import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import {
  arange,
  bceWithLogits,
  crossEntropy,
  Generator,
  gradients,
  huber,
  klDiv,
  Layer,
  Linear,
  l1,
  manualSeed,
  mse,
  poissonNll,
  randn,
  SGD,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.ts";
import {
  type Batch,
  type BatchLike,
  batches,
  type FitOptions,
  fit,
  mae,
  r2,
  rmse,
  TensorDataset,
  type TrainingData,
  trainTestSplit,
  weighted,
} from "../../src/train/index.ts";

const bitsOf = (model: Layer): unknown => [...model.stateDict()].map(([name, x]) => [name, ...x.data]);

function start(options: Partial<FitOptions> = {}) {
  manualSeed(1);
  const model = new Linear(1, 1);
  return { model, options: { loss: mse, optimizer: new SGD(model.parameters(), { lr: 0.01 }), ...options } };
}

const at = (i: number): Batch => [tensor([[i]]), tensor([[2 * i]])];

/** The inputs that a training was given, as they came. */
async function seen(data: TrainingData, more: Partial<FitOptions>): Promise<unknown[][]> {
  const { model, options } = start();
  const epochs: unknown[][] = [[]];
  const forward = model.forward.bind(model);
  model.forward = (x: Tensor) => {
    epochs.at(-1)!.push(x.toArray());
    return forward(x);
  };
  await fit(model, data, { ...options, ...more, callbacks: [{ onEpoch: () => void epochs.push([]) }] });
  return epochs.slice(0, -1).map((epoch) => epoch.flat(2));
}

describe("validation data", () => {
  test("that are used up are an error", async () => {
    const { model, options } = start();
    await expect(fit(model, [at(1)], { ...options, epochs: 3, validation: [at(2)].values() })).rejects.toThrow(
      "fit: the validation data must have batches in each epoch, got none in epoch 2; a generator runs once: pass the function that makes it",
    );
  });

  test("without batches or samples are an error", async () => {
    const { model, options } = start();
    await expect(fit(model, [at(1)], { ...options, validation: new Set<Batch>() })).rejects.toThrow(
      "fit: the validation data must have batches in each epoch, got none in epoch 1",
    );
    const none: Batch = [zeros([0, 1]), zeros([0, 1])];
    await expect(fit(model, [at(1)], { ...options, validation: [none] })).rejects.toThrow(
      "fit: the validation data must have samples, got none in epoch 1",
    );
    await expect(fit(model, [at(1)], { ...options, validation: () => [] })).rejects.toThrow("got none in epoch 1");
  });

  test("that are batches must begin with their first", async () => {
    const { model, options } = start();
    const validation = batches({ x: [[1], [2], [3]], y: [[1], [2], [3]] }, { batchSize: 1 });
    for (const _ of validation) break;
    await expect(fit(model, [at(1)], { ...options, validation })).rejects.toThrow(
      "fit: validation must begin with its first batch, got a Batches; 1 were taken: make new batches",
    );
  });

  test("may be a function, called for each epoch with its number", async () => {
    const { model, options } = start();
    const optimizer = new SGD(model.parameters(), { lr: 0 });
    const given: number[] = [];
    const validation = function* (epoch: number): globalThis.Generator<BatchLike> {
      given.push(epoch);
      yield at(epoch);
    };
    const { epochs } = await fit(model, [at(1)], { ...options, optimizer, epochs: 4, startEpoch: 1, validation });
    expect(given).toEqual([2, 3, 4]);
    const losses = given.map((i) => mse(model.forward(at(i)[0]), at(i)[1]).item());
    expect(epochs.map((epoch) => epoch.validation!.loss)).toEqual(losses);
  });
});

describe("functions as data", () => {
  test.each<[string, TrainingData]>([
    [
      "a generator function",
      function* (epoch: number) {
        yield at(10 * epoch);
        yield at(10 * epoch + 1);
      },
    ],
    [
      "an async one",
      async function* (epoch: number) {
        yield await Promise.resolve(at(10 * epoch));
        yield at(10 * epoch + 1);
      },
    ],
    ["one that returns a list", (epoch: number) => [at(10 * epoch), at(10 * epoch + 1)]],
    ["one that is waited for", (epoch: number) => Promise.resolve([at(10 * epoch), at(10 * epoch + 1)])],
  ])("%s is called for each epoch", async (_, data) => {
    expect(await seen(data, { epochs: 3 })).toEqual([
      [10, 11],
      [20, 21],
      [30, 31],
    ]);
  });

  test("what throws inside comes out, and a generator that is left cleans up", async () => {
    const { model, options } = start();
    let cleaned = 0;
    const data = function* (): globalThis.Generator<BatchLike> {
      try {
        for (;;) yield at(1);
      } finally {
        cleaned++;
      }
    };
    await fit(model, data, {
      ...options,
      callbacks: [{ onStep: ({ step }, run) => void (step === 3 && run.stop("enough")) }],
    });
    expect(cleaned).toBe(1);
    await fit(model, data(), { ...options, epochs: 2, stepsPerEpoch: 2 });
    expect(cleaned).toBe(2);
    const broken = function* (): globalThis.Generator<BatchLike> {
      yield at(1);
      throw new RangeError("no such file");
    };
    await expect(fit(model, broken, options)).rejects.toThrow(RangeError);
  });

  test("an empty epoch is an error", async () => {
    const { model, options } = start();
    const data = (epoch: number): Batch[] => (epoch < 3 ? [at(1)] : []);
    await expect(fit(model, data, { ...options, epochs: 5 })).rejects.toThrow("got none in epoch 3");
    await expect(fit(model, data, { ...options, epochs: 5, stepsPerEpoch: 4 })).rejects.toThrow(
      "fit: the data must have batches",
    );
  });
});

describe("stepsPerEpoch", () => {
  const endless = function* (): globalThis.Generator<Batch> {
    for (let i = 0; ; i++) yield at(i);
  };

  test("ends the epochs of data without an end", async () => {
    const wanted = [
      [0, 1, 2],
      [3, 4, 5],
    ];
    expect(await seen(endless, { epochs: 2, stepsPerEpoch: 3 })).toEqual(wanted);
    expect(await seen(endless(), { epochs: 2, stepsPerEpoch: 3 })).toEqual(wanted);
  });

  test("begins data anew that are used up, also amid an epoch", async () => {
    const data = { x: [[0], [1], [2]], y: [[0], [1], [2]] };
    expect(await seen(data, { epochs: 2, stepsPerEpoch: 5, batchSize: 1, shuffle: false })).toEqual([
      [0, 1, 2, 0, 1],
      [2, 0, 1, 2, 0],
    ]);
    expect(await seen([at(0), at(1), at(2)], { epochs: 2, stepsPerEpoch: 2 })).toEqual([
      [0, 1],
      [2, 0],
    ]);
    expect(await seen((pass: number) => [at(pass)], { epochs: 2, stepsPerEpoch: 2 })).toEqual([
      [1, 2],
      [3, 4],
    ]);
    const { model, options } = start();
    const once = [at(0), at(1), at(2)].values();
    await expect(fit(model, once, { ...options, epochs: 2, stepsPerEpoch: 2 })).rejects.toThrow(
      "a generator runs once",
    );
  });

  test("is in the record of each step", async () => {
    const { model, options } = start();
    const counts: unknown[] = [];
    const callbacks = [
      { onStep: (s: { batch: number; batches: number | undefined }) => void counts.push([s.batch, s.batches]) },
    ];
    await fit(model, endless, { ...options, epochs: 2, stepsPerEpoch: 2, callbacks });
    expect(counts).toEqual([
      [1, 2],
      [2, 2],
      [1, 2],
      [2, 2],
    ]);
  });
});

test("dropLast leaves out the smaller last batch in training, and none in validation", async () => {
  const data = { x: [[0], [1], [2], [3], [4]], y: [[0], [1], [2], [3], [4]] };
  expect(await seen(data, { batchSize: 2, shuffle: false, dropLast: true })).toEqual([[0, 1, 2, 3]]);
  expect(await seen(data, { batchSize: 2, shuffle: false, dropLast: true, validation: data })).toEqual([
    [0, 1, 2, 3, 0, 1, 2, 3, 4],
  ]);
});

describe("what comes after the targets", () => {
  const x = [[1], [2], [3], [4]];
  const y = [[1], [2], [3], [9]];
  const weights = [[1], [1], [1], [0]];
  const own = (outputs: Tensor, targets: Tensor, weight: Tensor): Tensor =>
    mse(outputs, targets, { reduction: "none" }).mul(weight).mean();

  test.each([false, true])("reaches the loss, in training and validation; compiled: %s", async (isCompiled) => {
    const run = async (data: TrainingData, validation: TrainingData, loss: FitOptions["loss"]) => {
      const { model, options } = start({ epochs: 3, loss, validation, ...(isCompiled && { compile }) });
      return { history: await fit(model, data, options), bits: bitsOf(model) };
    };
    const all = new TensorDataset(x, y, weights);
    const { history, bits } = await run(batches(all, { batchSize: 4, shuffle: false }), all, own);
    // Weighing nothing is as good as a target that is met: three quarters of the mean over the other three.
    const three = { x: x.slice(0, 3), y: y.slice(0, 3) };
    const without = await run(batches(three, { batchSize: 3, shuffle: false }), three, (o, t) => mse(o, t).mul(0.75));
    expect(history.losses.length).toBe(3);
    history.losses.forEach((loss, i) => expect(loss).toBeCloseTo(without.history.losses[i]!, 5));
    history.epochs.forEach((epoch, i) =>
      expect(epoch.validation!.loss).toBeCloseTo(without.history.epochs[i]!.validation!.loss, 5),
    );
    const named = await run(batches({ x, y, weights }, { batchSize: 4, shuffle: false }), { x, y, weights }, own);
    expect(named).toEqual({ history, bits });
    const listed = await run([all.tensors], [all.tensors], own);
    expect(listed).toEqual({ history, bits });
  });

  test("is refused before a step where the loss does not take it", async () => {
    const message =
      "fit: the loss must take what comes after the targets, got a function of 2 for batches of 3 tensors; for weights, write loss: weighted(mse)";
    for (const data of [{ x, y, weights }, () => [[x, y, weights] as const]] satisfies TrainingData[]) {
      const { model, options } = start();
      const before = bitsOf(model);
      await expect(fit(model, data, options)).rejects.toThrow(message);
      expect(bitsOf(model)).toEqual(before);
      await expect(fit(model, { x, y }, { ...options, validation: data })).rejects.toThrow(message);
    }
    const { model, options } = start({ loss: own });
    const four = new TensorDataset(x, y, weights, weights);
    await expect(fit(model, four, options)).rejects.toThrow("got a function of 3 for batches of 4 tensors");
  });

  test("is weighed by weighted(), whatever the shape of the terms", async () => {
    const [o, t, w] = [tensor([[1], [2], [5]]), tensor([[0], [0], [0]]), tensor([1, 0, 2])];
    expect(weighted(mse)(o, t, w).item()).toBeCloseTo((1 + 0 + 50) / 3, 6); // and no mean over all pairs
    expect(weighted(mse)(o, t, w.reshape([3, 1])).item()).toBeCloseTo(17, 6);
    const scores = tensor([
      [0, 0],
      [3, 0],
      [0, 1],
    ]);
    const classes = tensor([0, 1, 1], { dtype: "int32" });
    const terms = crossEntropy(scores, classes, { reduction: "none" }).data;
    expect(weighted(crossEntropy)(scores, classes, w).item()).toBeCloseTo((terms[0]! + 2 * terms[2]!) / 3, 6);
    expect(() => weighted(mse)(o, t, tensor([1, 2]))).toThrow(
      "weighted: there must be a weight for each sample, or for each term, got float32[2] for terms float32[3, 1]",
    );
    expect(() => weighted(mse)(o, t, undefined as never)).toThrow(
      "weighted: needs a weight for each sample, got undefined; give the data a third tensor: { x, y, weights }",
    );
    expect(() => weighted((a, b) => mse(a, b))(o, t, w)).toThrow(
      'weighted: the loss must give its terms, got float32[]; it must take { reduction: "none" }',
    );
    const { model, options } = start({ loss: weighted(mse) });
    const { losses } = await fit(model, { x, y, weights: weights.flat() }, options);
    const same = start({ loss: own });
    expect((await fit(same.model, { x, y, weights }, same.options)).losses).toEqual(losses);
  });

  test.each([false, true])("of 0 leaves out a target that is not known; compiled: %s", async (isCompiled) => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const losses = [mse, l1, huber, bceWithLogits, poissonNll, klDiv];
      for (const loss of losses) {
        const [o, w] = [tensor([[1, 2], [3, 4], [5, 6]], { requiresGrad: true }), tensor([1, 0, 2])]; // biome-ignore format: one line
        const run = (t: Tensor): Tensor[] => {
          const y = weighted(loss)(o, t, w);
          return [y, gradients(y, [o])[0]];
        };
        const [got, wanted] = [bad, 1].map((v) => {
          const t = tensor([[0, 1], [v, v], [1, 0]]); // biome-ignore format: one line
          return (isCompiled ? compile(run) : run)(t).map((part) => [...part.data]);
        });
        expect(wanted![1]!.slice(2, 4).map(Math.abs)).toEqual([0, 0]);
        expect(got!.map((part) => part.map((v) => v + 0))).toEqual(wanted!.map((part) => part.map((v) => v + 0)));
      }
      const floats = y.map(([v]) => [v! + 0.25]); // whole numbers are int32, and are not rounded to float32
      const [o, t] = [tensor([1, 2]), tensor([0, bad])];
      expect(weighted(mse)(o, t, tensor([1, 1])).item()).toBe(Number.isNaN(bad) ? bad : Number.POSITIVE_INFINITY);
      expect(weighted(mse)(o, t, tensor([1, Number.NaN])).item()).toBeNaN();
      const { model, options } = start({ loss: weighted(mse), shuffle: false, ...(isCompiled && { compile }) });
      const { losses: steps } = await fit(
        model,
        { x, y: floats.map((v, i) => (i === 3 ? [bad] : v)), weights: [1, 1, 1, 0] },
        options,
      );
      const same = start({ loss: weighted(mse), shuffle: false, ...(isCompiled && { compile }) });
      const known = await fit(same.model, { x, y: floats, weights: [1, 1, 1, 0] }, same.options);
      expect([steps, bitsOf(model)]).toEqual([known.losses, bitsOf(same.model)]);
    }
  });

  test("is split with the samples, and called weights", () => {
    const [train] = trainTestSplit({ x, y, weights }, { testShare: 0.25 });
    expect(train.tensors.map(({ shape }) => shape)).toEqual([
      [3, 1],
      [3, 1],
      [3, 1],
    ]);
    expect(() => batches({ x, y, sampleWeight: weights } as never)).toThrow(
      "batches: samples are { x, y, weights }, got sampleWeight; call them weights",
    );
  });
});

describe("the history", () => {
  test("keeps so many steps, the latest, and all epochs", async () => {
    const data = { x: arange(50).reshape([50, 1]), y: zeros([50, 1]) };
    const run = async (historySteps?: number) => {
      const { model, options } = start({ optimizer: undefined as never });
      const optimizer = new SGD(model.parameters(), { lr: 1e-5 });
      return await fit(model, data, {
        ...options,
        optimizer,
        batchSize: 1,
        epochs: 9,
        ...(historySteps !== undefined && { historySteps }),
      });
    };
    const all = await run();
    expect(all.losses.length).toBe(450);
    for (const count of [0, 7, 100, 450, 9999]) {
      const { losses, residuals, epochs } = await run(count);
      const from = Math.max(0, 450 - count);
      expect(losses).toEqual(all.losses.slice(from));
      expect(epochs).toEqual(all.epochs);
      for (const [name, sizes] of residuals) expect(sizes).toEqual(all.residuals.get(name)!.slice(from));
    }
  });
});

test("functions as metrics get all outputs of an epoch; the metrics of this package give the same", async () => {
  const data = { x: arange(37).reshape([37, 1]), y: zeros([37, 1]) };
  const { model, options } = start({ optimizer: undefined as never });
  const optimizer = new SGD(model.parameters(), { lr: 1e-5 });
  const sizes: number[] = [];
  const whole = (outputs: Tensor, targets: Tensor): number => {
    sizes.push(outputs.shape[0]!);
    return mae(outputs, targets);
  };
  const { epochs } = await fit(model, data, {
    ...options,
    optimizer,
    batchSize: 5,
    metrics: { whole, mae },
    validation: data,
  });
  expect(sizes).toEqual([37, 37]);
  expect(epochs[0]!.metrics["mae"]).toBe(epochs[0]!.metrics["whole"]);
  expect(epochs[0]!.validation!.metrics["mae"]).toBe(epochs[0]!.validation!.metrics["whole"]);
});

test("an epoch's outputs are kept for functions alone: 8 MB of them else take no memory", async () => {
  const x = randn([20_000, 100], { generator: new Generator(1) });
  const peakWith = async (metrics: FitOptions["metrics"] & {}): Promise<number> => {
    const model = new Linear(100, 100);
    const optimizer = new SGD(model.parameters(), { lr: 0.01 });
    const memory = (): number => {
      gc!();
      gc!(); // waits until what the first has found is freed: that is done beside the program
      return process.memoryUsage().arrayBuffers;
    };
    const before = memory();
    let peak = 0;
    const onStep = ({ batch }: { batch: number }): void => {
      if (batch % 20 === 0) peak = Math.max(peak, memory() - before);
    };
    await fit(model, batches({ x, y: x }, { batchSize: 200 }), {
      loss: mse,
      optimizer,
      metrics,
      callbacks: [{ onStep }],
    });
    return peak;
  };
  expect(await peakWith({ mae, rmse, r2 })).toBeLessThan(1e6);
  expect(await peakWith({ mae: (outputs, targets) => mae(outputs, targets) })).toBeGreaterThan(8e6);
});

describe("metrics of all outputs and targets keep what they were given", () => {
  const whole = Object.assign((outputs: Tensor, targets: Tensor) => outputs.sub(targets).abs().sum().item(), {
    higherIsBetter: false,
  });
  const ways: [string, Partial<FitOptions>][] = [
    ["eager", { compile: false }],
    ["compiled", { compile }],
    ["by a compile that does nothing", { compile: (f) => f }],
  ];

  test.each(ways)("where a generator writes into its own tensors, %s", async (_, more) => {
    const [x, y] = [tensor([[0]]), tensor([[0]])];
    function* refilled(): Iterable<[Tensor, Tensor]> {
      for (const v of [1, 2, 3]) {
        x.assign([[0]]);
        y.assign([[v]]);
        yield [x, y];
      }
    }
    const model = new Linear(1, 1, { bias: false });
    const options = { loss: mse, optimizer: new SGD(model.parameters(), { lr: 0 }), metrics: { whole } };
    const { epochs } = await fit(model, refilled, {
      ...options,
      validation: refilled,
      ...more,
    });
    expect([epochs[0]!.metrics["whole"], epochs[0]!.validation!.metrics["whole"]]).toEqual([6, 6]);
  });

  test.each(ways)("where the model returns its input, %s", async (_, more) => {
    class Skip extends Layer {
      w = tensor([0], { requiresGrad: true });
      forward(x: Tensor): Tensor {
        return x;
      }
    }
    const model = new Skip();
    const x = tensor([[1], [2], [3], [4]]);
    const { epochs } = await fit(
      model,
      { x, y: x },
      {
        loss: (a, b) => mse(a, b).add(model.w.sum()),
        optimizer: new SGD(model.parameters(), { lr: 0.1 }),
        batchSize: 1,
        shuffle: false,
        metrics: { whole },
        ...more,
      },
    );
    expect(epochs[0]!.metrics["whole"]).toBe(0);
  });
});
