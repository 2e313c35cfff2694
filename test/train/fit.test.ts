import { describe, expect, test, vi } from "vitest";
import { compile } from "../../src/compile/index.ts";
import {
  Adam,
  BatchNorm1d,
  cosine,
  crossEntropy,
  Dropout,
  defaultGenerator,
  Generator,
  GradError,
  type Layer,
  Linear,
  log,
  manualSeed,
  mlp,
  mse,
  ReduceOnPlateau,
  randn,
  relu,
  Schedule,
  Sequential,
  SGD,
  type Tensor,
  tanh,
  tensor,
  zeros,
} from "../../src/index.ts";
import { encodeCheckpoint, loadCheckpoint } from "../../src/safetensors/index.ts";
import {
  accuracy,
  type Batch,
  batches,
  bestWeights,
  type Callback,
  checkpoint,
  earlyStopping,
  type FitOptions,
  fit,
  mae,
  TensorDataset,
} from "../../src/train/index.ts";

const line = (count = 20): TensorDataset => {
  const x = randn([count, 2], { generator: new Generator(4) });
  return new TensorDataset(
    x,
    x
      .mul(tensor([2, -1]))
      .sum(1, { keepDims: true })
      .add(0.5),
  );
};

const bitsOf = (model: Layer): unknown => [...model.stateDict()].map(([name, x]) => [name, ...x.data]);

/** A model and what it is trained with, the same each time. */
function start(options: Partial<FitOptions> = {}) {
  const { model, options: own } = startWithBatches(options);
  return { model, options: { batchSize: 6, ...own } };
}

/** The same for data that is in batches already. */
function startWithBatches(options: Partial<FitOptions> = {}) {
  manualSeed(1);
  const model = new Sequential(new Linear(2, 8), tanh, new Linear(8, 1));
  const optimizer = new Adam(model.parameters(), { lr: 0.05 });
  return { model, options: { loss: mse, ...options, optimizer } };
}

describe("fit", () => {
  test("does what the loop by hand does, to the bit", async () => {
    const byHand = start();
    const data = batches(line(), { batchSize: 6 });
    const losses: number[] = [];
    for (let epoch = 0; epoch < 3; epoch++) {
      for (const [x, y] of data) {
        const loss = mse(byHand.model.forward(x), y);
        byHand.options.optimizer.zeroGrad();
        loss.backward();
        byHand.options.optimizer.step();
        losses.push(loss.item());
      }
    }
    const { model, options } = start();
    const history = await fit(model, line(), { ...options, epochs: 3 });
    expect(history.losses).toEqual(losses);
    expect(bitsOf(model)).toEqual(bitsOf(byHand.model));
    expect(history.epochs.map(({ epoch, lr }) => [epoch, lr])).toEqual([
      [1, 0.05],
      [2, 0.05],
      [3, 0.05],
    ]);
    // 20 samples in batches of 6, 6, 6 and 2.
    const mean = (l: number[]): number => (6 * (l[0]! + l[1]! + l[2]!) + 2 * l[3]!) / 20;
    expect(history.epochs.map(({ loss }) => loss)).toEqual([0, 4, 8].map((at) => mean(losses.slice(at, at + 4))));
    expect(history.stopped).toBeNull();
  });

  test("gives the same history compiled, with residuals, metrics and dropout", async () => {
    const run = async (more: Partial<FitOptions>) => {
      manualSeed(2);
      const model = new Sequential(
        new Linear(2, 8, { bias: false }),
        new BatchNorm1d(8),
        relu,
        new Dropout(0.2),
        new Linear(8, 1),
      );
      const optimizer = new Adam(model.parameters(), { lr: 0.01 });
      const options = {
        loss: mse,
        optimizer,
        batchSize: 6,
        epochs: 5,
        metrics: { mae },
        validation: line(7),
        clipNorm: 1,
      };
      return { history: await fit(model, line(), { ...options, ...more }), model };
    };
    const [eager, compiled] = [await run({}), await run({ compile })];
    expect(compiled.history.losses.length).toBe(20);
    compiled.history.losses.forEach((loss, i) => expect(loss).toBeCloseTo(eager.history.losses[i]!, 3));
    const layers = ["layers.0: Linear(2, 8, no bias)", "layers.1: BatchNorm1d(8), output", "layers.4: Linear(8, 1)"];
    for (const { history } of [eager, compiled]) {
      expect([...history.residuals.keys()].sort()).toEqual(layers);
      expect(Object.keys(history.epochs[0]!.residuals).sort()).toEqual(layers);
    }
    for (const layer of layers) {
      const [a, b] = [eager, compiled].map(({ history }) => history.residuals.get(layer)!) as [number[], number[]];
      expect(b.length).toBe(20);
      b.forEach((size, i) => expect(size).toBeCloseTo(a[i]!, 3));
    }
    eager.history.epochs.forEach(({ metrics, validation }, i) => {
      const other = compiled.history.epochs[i]!;
      expect(other.metrics["mae"]).toBeCloseTo(metrics["mae"]!, 3);
      expect(other.validation!.loss).toBeCloseTo(validation!.loss, 3);
      expect(other.validation!.metrics["mae"]).toBeCloseTo(validation!.metrics["mae"]!, 3);
    });
  });

  test("compiled, runs the model for each mode and size of batch only, and what a batch gave is not overwritten by the next", async () => {
    const calls: [boolean, number][] = [];
    const model = new Sequential(new Linear(2, 1), (z: Tensor) => {
      calls.push([model.training, z.shape[0]!]);
      return z;
    });
    const whole = vi.fn((outputs: Tensor, targets: Tensor) => {
      const gaps = outputs.sub(targets).toArray() as number[][];
      expect(gaps.length).toBe(new Set(gaps.flat()).size); // no sample twice
      return gaps.length;
    });
    const options = {
      loss: mse,
      optimizer: new SGD(model.parameters(), { lr: 0.01 }),
      epochs: 3,
      batchSize: 6,
      compile,
    };
    const history = await fit(model, line(), { ...options, validation: line(15), metrics: { whole } });
    const runs = ["false,3", "false,6", "false,6", "true,2", "true,6", "true,6"]; // twice where it is the first time
    expect(calls.map(String).sort()).toEqual(runs);
    expect(history.epochs.map(({ metrics, validation }) => [metrics["whole"], validation!.metrics["whole"]])).toEqual(
      [1, 2, 3].map(() => [20, 15]),
    );
  });

  test("measures each layer's residual: the norm of the derivative with respect to its weighted sum", async () => {
    const { model, options } = start({ batchSize: 20, shuffle: false });
    const [x, y] = line().tensors;
    const hidden = (model.layers[0] as Linear).forward(x);
    const output = (model.layers[2] as Linear).forward(tanh(hidden));
    for (const z of [hidden, output]) z.retainGrad();
    mse(output, y).backward();
    const wanted = [hidden, output].map((z) => Math.hypot(...z.grad!.data));
    const { epochs } = await fit(model, line(), options);
    Object.values(epochs[0]!.residuals)
      .sort()
      .forEach((size, i) => expect(size).toBeCloseTo(wanted.sort()[i]!, 5));
    const without = await fit(model, line(), { ...options, residuals: false });
    expect([without.residuals.size, without.epochs[0]!.residuals]).toEqual([0, {}]);
  });

  test("measures over all samples of an epoch together", async () => {
    const x = randn([10, 2], { generator: new Generator(1) });
    const labels = tensor(
      Int32Array.from({ length: 10 }, (_, i) => i % 2),
      { dtype: "int32" },
    );
    const model = mlp([2, 4, 2]);
    const optimizer = new SGD(model.parameters(), { lr: 0 });
    const data = new TensorDataset(x, labels);
    const { epochs } = await fit(model, data, {
      loss: crossEntropy,
      optimizer,
      batchSize: 3,
      metrics: { accuracy },
      validation: data,
    });
    const wanted = accuracy(model.forward(x), labels);
    expect(epochs[0]!.metrics["accuracy"]).toBe(wanted);
    expect(epochs[0]!.validation!.metrics["accuracy"]).toBe(wanted);
    expect(epochs[0]!.validation!.loss).toBeCloseTo(crossEntropy(model.forward(x), labels).item(), 5);
  });

  test("takes batches of any kind: lists, generators, async ones", async () => {
    const [x, y] = line().tensors;
    const list: Batch[] = [
      [x, y],
      [x, y],
    ];
    const asynchronous: AsyncIterable<Batch> = {
      async *[Symbol.asyncIterator]() {
        for (const batch of list) {
          await Promise.resolve();
          yield batch;
        }
      },
    };
    const results: number[][] = [];
    for (const data of [list, asynchronous, new Set(list)]) {
      const { model, options } = startWithBatches();
      results.push([...(await fit(model, data, { ...options, epochs: 2 })).losses]);
    }
    expect(results[0]!.length).toBe(4);
    expect(results[1]).toEqual(results[0]);
    const { model, options } = startWithBatches();
    const once = list.values(); // which gives nothing in the second epoch
    await expect(fit(model, once, { ...options, epochs: 2 })).rejects.toThrow(
      "fit: the data must have batches in each epoch, got none in epoch 2; a generator runs once",
    );
  });

  test("steps a schedule after each epoch or step, with the validation loss", async () => {
    const rates = async (scheduleEvery: "epoch" | "step") => {
      const { model, options } = start();
      const schedule = new Schedule(options.optimizer, cosine(8));
      const seen: number[] = [];
      const callbacks: Callback[] = [{ onStep: ({ lr }) => void seen.push(lr) }];
      await fit(model, line(), { ...options, epochs: 2, schedule, scheduleEvery, callbacks });
      return seen;
    };
    expect(new Set(await rates("epoch")).size).toBe(2);
    expect(new Set(await rates("step")).size).toBe(8);
    const { model, options } = start();
    const given: number[] = [];
    const schedule = { step: (metric: number) => void given.push(metric) };
    const { epochs } = await fit(model, line(), { ...options, epochs: 2, schedule, validation: line(5) });
    expect(given).toEqual(epochs.map(({ validation }) => validation!.loss));
    await fit(model, line(), { ...options, schedule: new ReduceOnPlateau(options.optimizer) });
  });

  test("clips gradients", async () => {
    const { model, options } = start({ clipNorm: 1e-3, epochs: 1 });
    const optimizer = new SGD(model.parameters(), { lr: 1 });
    const before = model.parameters().map((p) => p.detach());
    await fit(model, line(6), { ...options, optimizer });
    const moved = model.parameters().flatMap((p, i) => [...p.detach().sub(before[i]!).data]);
    expect(Math.hypot(...moved)).toBeCloseTo(1e-3, 6);
  });
});

describe("a training is stopped", () => {
  test("by a signal, between steps, with the history of what was done", async () => {
    const whole = start();
    const all = await fit(whole.model, line(), { ...whole.options, epochs: 3 });
    for (let stop = 0; stop <= 12; stop++) {
      const { model, options } = start();
      const controller = new AbortController();
      if (stop === 0) controller.abort();
      const callbacks: Callback[] = [{ onStep: ({ step }) => void (step === stop && controller.abort()) }];
      const history = await fit(model, line(), { ...options, epochs: 3, signal: controller.signal, callbacks });
      expect(history.losses).toEqual(all.losses.slice(0, stop));
      expect(history.stopped).toBe("aborted");
      expect(JSON.stringify(bitsOf(model))).not.toContain("null");
    }
  });

  test("amid an epoch, and goes on to the bit elsewhere", async () => {
    const make = () => {
      manualSeed(3);
      const model = new Sequential(new Linear(2, 8), relu, new Dropout(0.3), new Linear(8, 1));
      const optimizer = new Adam(model.parameters(), { lr: 0.01 });
      const data = batches(line(), { batchSize: 3 });
      return { model, optimizer, data, parts: { model, optimizer, data, generator: defaultGenerator() } };
    };
    const whole = make();
    const all = await fit(whole.model, whole.data, { loss: mse, optimizer: whole.optimizer, epochs: 4 });
    for (const stop of [1, 5, 7, 10, 14, 21, 27]) {
      const first = make();
      let bytes: Uint8Array = new Uint8Array();
      const callbacks = [
        checkpoint(
          () => {
            bytes = encodeCheckpoint(first.parts);
          },
          { everySteps: stop },
        ),
        { onStep: ({ step }, run) => void (step === stop && run.stop("enough")) } satisfies Callback,
      ];
      await fit(first.model, first.data, { loss: mse, optimizer: first.optimizer, epochs: 4, callbacks });
      const second = make();
      manualSeed(77);
      loadCheckpoint(bytes, second.parts);
      const rest = await fit(second.model, second.data, {
        loss: mse,
        optimizer: second.optimizer,
        epochs: 4,
        startEpoch: second.data.epoch,
      });
      expect(rest.losses).toEqual(all.losses.slice(stop));
      expect(bitsOf(second.model)).toEqual(bitsOf(whole.model));
    }
  });

  test("early, when nothing improves", async () => {
    const { model, options } = start({ epochs: 50 });
    let epoch = 0;
    const score = (): number => [3, 2, 2, 1.95, 2, 2, 2, 2][epoch++ >> 1]!; // asked for training and validation
    const stop = earlyStopping({ monitor: "validation.score", mode: "min", patience: 2, minDelta: 0.1 });
    const history = await fit(model, line(), {
      ...options,
      metrics: { score },
      validation: line(3),
      callbacks: [stop],
    });
    expect([history.epochs.length, history.stopped]).toEqual([4, "no better validation.score for 2 epochs"]);
    const wrong = fit(model, line(), { ...options, callbacks: [earlyStopping()] });
    await expect(wrong).rejects.toThrow(
      'earlyStopping: monitor must be one of loss, lr, got validation.loss; pass validation to fit, or { monitor: "loss" }',
    );
  });

  test("and has its best weights at the end", async () => {
    const { model, options } = start({ epochs: 6 });
    const scores = [1, 5, 3, 9, 2, 2];
    const weights: unknown[] = [];
    const callbacks: Callback[] = [
      bestWeights({ monitor: "score", mode: "max" }),
      { onEpoch: () => void weights.push(bitsOf(model)) },
    ];
    await fit(model, line(), { ...options, metrics: { score: () => scores[weights.length]! }, callbacks });
    expect(bitsOf(model)).toEqual(weights[3]);
    expect(bitsOf(model)).not.toEqual(weights[5]);
  });

  test("saves every so often", async () => {
    const saved: [string, number][] = [];
    const { model, options } = start({ epochs: 5 });
    const callbacks = [
      checkpoint((n) => void saved.push(["epoch", n]), { everyEpochs: 2 }),
      checkpoint(async (n) => void saved.push(["step", n]), { everySteps: 7 }),
    ];
    await fit(model, line(), { ...options, callbacks });
    expect(saved).toEqual([
      ["step", 7],
      ["epoch", 2],
      ["step", 14],
      ["epoch", 4],
    ]);
  });
});

describe("whatever throws", () => {
  test.each([false, true])(
    "a loss that is not finite is refused before anything has changed, compiled: %s",
    async (isCompiled) => {
      const { model, options } = startWithBatches();
      let before: unknown;
      const [x, y] = line(6).tensors;
      const bad = y.mul(0).sub(1); // log(−1)
      const data: Batch[] = [
        [x, y.mul(0).add(1)],
        [x, bad],
      ];
      const loss = (outputs: Tensor, targets: Tensor): Tensor => log(targets).mean().add(mse(outputs, targets));
      const onStep = (): void => {
        before = bitsOf(model);
      };
      const callbacks: Callback[] = [{ onStep }];
      const training = fit(model, data, { ...options, loss, callbacks, ...(isCompiled && { compile }) });
      await expect(training).rejects.toThrow(GradError);
      await expect(training).rejects.toThrow(
        "epoch 1, batch 2: fit: loss and gradients must be finite, got NaN in the loss, from finite inputs, targets and parameters; nothing was changed; to find the op, run the step in detectAnomaly of tinygrad-ts/debug",
      );
      expect(bitsOf(model)).toEqual(before);
    },
  );

  test("layers get the mode back that they were in", async () => {
    const modes = (model: Sequential): boolean[] => model.layers.map(({ training }) => training);
    const fails: Partial<FitOptions>[] = [
      {},
      {
        loss: () => {
          throw new RangeError("no");
        },
      },
      { callbacks: [{ onStart: () => Promise.reject(new RangeError("no")) }] },
      {
        callbacks: [
          {
            onStep: () => {
              throw new RangeError("no");
            },
          },
        ],
      },
      { callbacks: [{ onEpoch: () => Promise.reject(new RangeError("no")) }] },
      {
        metrics: {
          bad: () => {
            throw new RangeError("no");
          },
        },
      },
      { validation: [[zeros([1, 5]), zeros([1])]] },
    ];
    for (const [i, more] of fails.entries()) {
      const { model, options } = start();
      model.layers[1]!.eval();
      const training = fit(model, line(), { ...options, validation: line(3), ...more });
      if (i === 0) await training;
      else await expect(training).rejects.toThrow();
      expect(modes(model)).toEqual([true, false, true]);
      expect(model.layers.every((layer) => !Object.hasOwn(layer, "forward"))).toBe(true);
    }
  });
});

test("the event loop goes on while a model is trained", async () => {
  const { model, options } = start();
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  // As many steps as it takes until a timer has run five times: with none, for ever.
  const callbacks: Callback[] = [{ onStep: (_, run) => void (ticks >= 5 && run.stop("seen")) }];
  const history = await fit(model, line(), { ...options, epochs: 1_000_000, callbacks });
  clearInterval(timer);
  expect(history.stopped).toBe("seen");
});

test("warns once of a validation loss that is not finite, and names the row", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const model = new Linear(1, 1);
  const options = { loss: mse, optimizer: new SGD(model.parameters(), { lr: 0.1 }), epochs: 2 };
  const validation = { x: [[1], [Number.NaN]], y: [[1], [2]] };
  const { warnings, epochs } = await fit(model, { x: [[1]], y: [[1]] }, { ...options, validation });
  expect(epochs.map((epoch) => epoch.validation?.loss)).toEqual([Number.NaN, Number.NaN]);
  expect(warnings).toEqual([
    "fit: the validation loss was not finite in epoch 1; batch 1 has NaN, from row 1 of the inputs (NaN at [1, 0]; sample 1 of the data)",
  ]);
  expect(warn.mock.calls).toEqual([warnings]);
  warn.mockRestore();
  const scores = { x: [[1]], y: [[1, 2]] };
  const wrong = fit(model, { x: [[1]], y: [[1]] }, { ...options, validation: scores, residuals: false });
  await expect(wrong).rejects.toThrow(/^validation: epoch 1, batch 1: mse: /);
});

test("warns if there is no epoch to do", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const { model, options } = start();
  const { warnings } = await fit(model, line(), { ...options, epochs: 2, startEpoch: 2 });
  expect(warnings).toEqual([
    "fit: there is nothing to do: 2 epochs have been done, and epochs, the one to end with, is 2",
  ]);
  warn.mockRestore();
});

test("a training that is stopped without a reason says that it was", async () => {
  const { model, options } = start({ epochs: 3 });
  const onEpoch: Callback["onEpoch"] = (_, run) => run.stop();
  const history = await fit(model, line(), { ...options, callbacks: [{ onEpoch }] });
  expect([history.epochs.length, history.stopped]).toEqual([1, "stopped"]);
});
