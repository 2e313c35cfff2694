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
  ValueError,
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
  Progress,
  predict,
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
    const runs = ["false,3", "false,3", "false,6", "false,6", "true,2", "true,2", "true,6", "true,6"]; // each twice
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

  test("steps a schedule of one's own class", async () => {
    class Loud extends Schedule {
      readonly given: unknown[] = [];
      override step(...args: readonly unknown[]): void {
        this.given.push(args);
        super.step();
      }
    }
    class ByLoss extends Loud {
      override step(metric?: number): void {
        super.step(typeof metric);
      }
    }
    class Same extends Schedule {}
    const seen = async (Kind: typeof Loud | typeof Same): Promise<unknown> => {
      const model = new Linear(2, 1);
      const options = { optimizer: new SGD(model.parameters(), { lr: 0.1 }), loss: mse, epochs: 2 };
      const schedule = new Kind(options.optimizer, cosine(8));
      await fit(model, line(), { ...options, schedule });
      expect(options.optimizer.lr).toBe(0.1 * cosine(8)(2));
      return (schedule as Partial<Loud>).given;
    };
    expect(await seen(Loud)).toEqual([[], []]);
    expect(await seen(ByLoss)).toEqual([["number"], ["number"]]);
    expect(await seen(Same)).toBeUndefined();
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

describe("two trainings at once", () => {
  const epochs = 3;
  const busy = (rule: string, what: string): string =>
    `fit: ${rule} one fit at a time, got ${what} of a fit that has not ended; await the first`;
  /** Begins a training, tries a second while it runs, and returns what the second was told. */
  const during = async (first: Promise<unknown>, second: () => Promise<unknown>): Promise<unknown> => {
    const told = await second().catch((error: unknown) => error);
    await first;
    return told instanceof ValueError ? told.message : told;
  };

  test("of one model are refused, and the first goes on undisturbed", async () => {
    const [alone, { model, options }] = [start({ epochs }), start({ epochs })];
    const expected = await fit(alone.model, line(), { ...alone.options, validation: line(8), shuffle: false });
    const train = () => fit(model, line(), { ...options, validation: line(8), shuffle: false });
    const first = train();
    await expect(train()).rejects.toThrow(busy("a model is trained by", "a Sequential"));
    expect(await first).toEqual(expected);
    expect(bitsOf(model)).toEqual(bitsOf(alone.model));
    expect((await train()).epochs).toHaveLength(epochs); // one after the other
  });

  test("of models that share a layer, an optimizer or a state are refused", async () => {
    const { model, options } = start({ epochs });
    const part = model.layers[0] as Layer;
    const own = () => new SGD(model.parameters(), { lr: 0.1 });
    const message = busy("a model is trained by", "layers.0, a Linear");
    const whole = new Sequential(part, new Linear(8, 1));
    const run = () => fit(model, line(), options);
    expect(await during(run(), () => fit(whole, line(), { loss: mse, optimizer: own() }))).toBe(message);

    const other = new Sequential(new Linear(2, 1));
    const both = new SGD([...model.parameters(), ...other.parameters()], { lr: 0.1 });
    const used = await during(fit(model, line(), { ...options, optimizer: both }), () =>
      fit(other, line(), { loss: mse, optimizer: both }),
    );
    expect(used).toBe(busy("an optimizer is used by", "a SGD"));

    const makeOther = () => ({ loss: mse, optimizer: new SGD(other.parameters(), { lr: 0.1 }) });
    const callbacks = [earlyStopping({ monitor: "loss" })];
    const called = await during(fit(model, line(), { ...options, callbacks }), () =>
      fit(other, line(), { ...makeOther(), callbacks }),
    );
    expect(called).toBe(busy("a callback with a state is called by", "an object"));

    const data = batches(line(), { batchSize: 6 });
    const { batchSize: _, ...rest } = options;
    const taken = await during(fit(model, data, rest), () => fit(other, data, makeOther()));
    expect(taken).toBe(busy("batches are taken by", "a Batches"));

    const progress = new Progress();
    const followed = await during(fit(model, line(), { ...options, progress }), () =>
      fit(other, line(), { ...makeOther(), progress }),
    );
    expect(followed).toBe(busy("a progress follows", "a Progress"));
  });

  test("in a callback of the first are refused, while predict is not", async () => {
    const { model, options } = start();
    const shapes: unknown[] = [];
    const onStep: Callback["onStep"] = (_, run) => void shapes.push(predict(run.model, [[1, 2]]).shape);
    const first = await fit(model, line(6), { ...options, callbacks: [{ onStep }] });
    expect([first.epochs.length, shapes]).toEqual([1, [[1, 1]]]);
    const onEpoch: Callback["onEpoch"] = async () => void (await fit(model, line(), options));
    await expect(fit(model, line(), { ...options, callbacks: [{ onEpoch }] })).rejects.toThrow(
      busy("a model is trained by", "a Sequential"),
    );
  });

  test("of different models go on beside each other", async () => {
    const [a, b] = [start({ epochs }), start({ epochs })];
    const log: Callback = { onEpoch: () => undefined };
    const [first, second] = await Promise.all(
      [a, b].map(({ model, options }) => fit(model, line(), { ...options, shuffle: false, callbacks: [log] })),
    );
    expect(first?.epochs).toHaveLength(epochs);
    expect(second).toEqual(first);
  });

  test("are no longer two after an error, a refusal or an abort", async () => {
    const { model, options } = start({ epochs });
    const fails: Callback = {
      onStep() {
        throw new Error("mine");
      },
    };
    await expect(fit(model, line(), { ...options, callbacks: [fails] })).rejects.toThrow("mine");
    await expect(fit(model, { x: [[1, 2]], y: [] }, options)).rejects.toThrow("as many targets");
    const control = new AbortController();
    const stopping: Callback = { onStep: () => control.abort() };
    const aborted = await fit(model, line(), { ...options, signal: control.signal, callbacks: [stopping] });
    expect(aborted.stopped).toBe("aborted");
    expect((await fit(model, line(), options)).epochs).toHaveLength(epochs);
  });
});

describe("what callbacks get", () => {
  test.each(["model", "epochs", "startEpoch", "metrics", "hasValidation", "stop"])("has a %s to read", async (name) => {
    const { model, options } = start({ epochs: 2 });
    const onEpoch: Callback["onEpoch"] = (_, run) => void Object.assign(run, { [name]: null });
    await expect(fit(model, line(), { ...options, callbacks: [{ onEpoch }] })).rejects.toThrow(
      `${name}: cannot be set; callbacks read the run; run.stop() ends it`,
    );
  });

  test("stops by a function that can be taken out", async () => {
    const { model, options } = start({ epochs: 3 });
    const onEpoch: Callback["onEpoch"] = (_, { stop }) => stop("enough");
    expect((await fit(model, line(), { ...options, callbacks: [{ onEpoch }] })).stopped).toBe("enough");
  });

  test("changes no history", async () => {
    const { model, options } = start({ epochs: 1, metrics: { mae }, validation: line(6) });
    const refused: string[] = [];
    const set = (of: object | undefined, name: string): void => {
      try {
        Object.assign(of ?? {}, { [name]: 5 });
      } catch (error) {
        refused.push(`${name}: ${(error as Error).name}`);
      }
    };
    const meddler: Callback = {
      onStep: (record) => set(record, "loss"),
      onEpoch(record, run) {
        set(record, "loss");
        set(record.metrics, "mae");
        set(record.residuals, "layers.0");
        set(record.validation, "loss");
        set(record.validation?.metrics, "mae");
        set(run.metrics, "mae");
      },
      onEnd(history) {
        Object.assign(history, { stopped: "mine" });
        (history.epochs as unknown[]).length = 0;
        (history.losses as unknown[]).length = 0;
        (history.residuals as Map<string, unknown>).clear();
      },
    };
    const history = await fit(model, line(6), { ...options, callbacks: [meddler] });
    expect(refused).toEqual(
      ["loss", "loss", "mae", "layers.0", "loss", "mae", "mae"].map((name) => `${name}: TypeError`),
    );
    expect([history.epochs.length, history.losses.length, history.residuals.size, history.stopped]).toEqual([
      1,
      1,
      2,
      null,
    ]);
  });
});
