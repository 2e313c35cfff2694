import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import {
  Adam,
  BatchNorm1d,
  bceWithLogits,
  cosine,
  Dropout,
  defaultGenerator,
  Generator,
  type Layer,
  Linear,
  manualSeed,
  mse,
  ones,
  ReduceOnPlateau,
  rand,
  randn,
  relu,
  Schedule,
  Sequential,
  SGD,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.ts";
import { encodeCheckpoint, loadCheckpoint } from "../../src/safetensors/index.ts";
import {
  auc,
  type Batch,
  batches,
  bestWeights,
  binaryAccuracy,
  binaryF1,
  type Callback,
  checkpoint,
  earlyStopping,
  type FitOptions,
  fit,
  type History,
  mae,
  Progress,
  type Run,
  r2,
  randomNoise,
  rmse,
  TensorDataset,
  type TrainingData,
} from "../../src/train/index.ts";

const bitsOf = (model: Layer): unknown => [...model.stateDict()].map(([name, x]) => [name, ...x.data]);

const samples = (): TensorDataset => {
  const x = randn([14, 2], { generator: new Generator(4) });
  return new TensorDataset(x, x.sum(1).gt(0).to("float32"));
};

/** Batches of an epoch that its number alone decides. */
function* drawn(epoch: number): Generator2 {
  yield* batches(samples(), { batchSize: 4, generator: new Generator(epoch) });
}
type Generator2 = globalThis.Generator<Batch>;

const sources: { readonly [kind: string]: () => TrainingData } = {
  "a dataset": samples,
  batches: () => batches(samples(), { batchSize: 4 }),
  "batches that are transformed": () =>
    batches(samples(), { batchSize: 4, transform: ([x, y], generator) => [randomNoise(x, { generator }), y] }),
  "a list": () => [...batches(samples(), { batchSize: 4, shuffle: false })],
  "a generator function": () => drawn,
  "an async generator function": () =>
    async function* (epoch: number) {
      for (const batch of drawn(epoch)) yield await Promise.resolve(batch);
    },
};

interface Setting {
  readonly source: string;
  readonly stepsPerEpoch: number | undefined;
  readonly schedule: "step" | "epoch" | "plateau";
  readonly monitor: string;
  readonly isValidated: boolean;
}

/** A training, the same each time for the same setting. */
function make({ source, stepsPerEpoch, schedule: kind, monitor, isValidated }: Setting, more: Partial<FitOptions>) {
  manualSeed(3);
  const hidden = 6;
  const model = new Sequential(
    new Linear(2, hidden),
    new BatchNorm1d(hidden),
    relu,
    new Dropout(0.3),
    new Linear(hidden, 1),
    (x) => x.squeeze(1),
  );
  const optimizer = new Adam(model.parameters(), { lr: 0.05 });
  const schedule =
    kind === "plateau"
      ? new ReduceOnPlateau(optimizer, { patience: 0, factor: 0.5 })
      : new Schedule(optimizer, cosine(kind === "step" ? 30 : 8));
  const [stopping, best] = [earlyStopping({ monitor, patience: 2 }), bestWeights({ monitor })];
  const parts = { model, optimizer, schedule, stopping, best, progress: new Progress(), generator: defaultGenerator() };
  const data = sources[source]!();
  const run = (callbacks: readonly Callback[]) =>
    fit(model, data, {
      loss: bceWithLogits,
      optimizer,
      schedule,
      scheduleEvery: kind === "step" ? "step" : "epoch",
      epochs: 7,
      ...(source === "a dataset" && { batchSize: 4 }),
      ...(stepsPerEpoch && { stepsPerEpoch }),
      metrics: {
        accuracy: binaryAccuracy({ logits: true }),
        rangeError: (outputs: Tensor) => outputs.max().item() - outputs.min().item(),
      },
      ...(isValidated && { validation: samples() }),
      progress: parts.progress,
      ...more,
      callbacks: [...callbacks, stopping, best],
    });
  return { model, parts, run };
}

/** Stops after some step or epoch, saves, and goes on elsewhere: the same as without. */
async function expectSame(setting: Setting, share: number, isByEpoch: boolean, more: Partial<FitOptions> = {}) {
  const whole = make(setting, more);
  const all = await whole.run([]);
  const steps = isByEpoch ? all.epochs.length : all.losses.length;
  const stop = 1 + Math.floor(share * (steps - 1));
  const first = make(setting, more);
  let bytes: Uint8Array = new Uint8Array();
  const save = checkpoint(
    (at) => {
      if (at === stop) bytes = encodeCheckpoint(first.parts);
    },
    isByEpoch ? { everyEpochs: 1 } : { everySteps: 1 },
  );
  const end: Callback = {
    [isByEpoch ? "onEpoch" : "onStep"]: (record: { epoch: number; step: number }, run: { stop(why: string): void }) => {
      if ((isByEpoch ? record.epoch : record.step) === stop) run.stop("enough");
    },
  };
  const part = await first.run([save, end]);
  const second = make(setting, more);
  manualSeed(77);
  loadCheckpoint(bytes, second.parts);
  const rest = await second.run([]);
  expect(rest.losses).toEqual(all.losses.slice(part.losses.length));
  expect(rest.epochs).toEqual(all.epochs.slice(part.epochs.length));
  expect(rest.stopped).toBe(all.stopped);
  expect(bitsOf(second.model)).toEqual(bitsOf(whole.model));
  const last = (parts: typeof second.parts): unknown =>
    [parts.optimizer, parts.schedule, parts.stopping, parts.best].map((part) =>
      [...part.stateDict()].map(([name, x]) => [name, ...x.data]),
    );
  expect(last(second.parts)).toEqual(last(whole.parts));
  expect([second.parts.progress.epoch, second.parts.progress.step]).toEqual([
    whole.parts.progress.epoch,
    whole.parts.progress.step,
  ]);
}

const settings = fc.record({
  source: fc.constantFrom(...Object.keys(sources)),
  stepsPerEpoch: fc.constantFrom(undefined, 3, 6),
  schedule: fc.constantFrom("step" as const, "epoch" as const, "plateau" as const),
  monitor: fc.constantFrom("loss", "accuracy", "rangeError"),
  isValidated: fc.boolean(),
});
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe("a training that is stopped, saved, loaded and gone on with", () => {
  test.each([
    ["eager", {}, 20],
    ["compiled", { compile }, 8],
  ])(
    "does what it would have done, to the bit, with callbacks and schedules: %s",
    async (_, more, numRuns) => {
      const property = fc.asyncProperty(settings, share, fc.boolean(), (setting, at, isByEpoch) =>
        expectSame(setting, at, isByEpoch, more),
      );
      await fc.assert(property, { numRuns });
    },
    60_000,
  );
});

test.each([
  ["eager", {}],
  ["compiled", { compile }],
])(
  "what throws after a step leaves it done and counted, and a training goes on as if nothing had thrown: %s",
  async (_, more) => {
    const start = (failing: string, at: number) => {
      manualSeed(3);
      const model = new Sequential(new Linear(2, 4), new Dropout(0.3), new Linear(4, 1), (x) => x.squeeze(1));
      const optimizer = new Adam(model.parameters(), { lr: 0.05 });
      const schedule = new Schedule(optimizer, cosine(12));
      const progress = new Progress();
      let count = 0;
      const mayThrow = (place: string): void => {
        if (place === failing && ++count === at) throw new RangeError("out of paper");
      };
      const slow = { start: () => ({ add: () => mayThrow("metric"), value: () => 0 }) };
      const callback: Callback = { onStep: () => mayThrow("onStep"), onEpoch: () => mayThrow("onEpoch") };
      const run = () =>
        fit(model, samples(), {
          loss: bceWithLogits,
          optimizer,
          schedule,
          scheduleEvery: failing === "onEpoch" ? "epoch" : "step",
          batchSize: 4,
          epochs: 3,
          metrics: { slow },
          callbacks: [callback],
          progress,
          ...more,
        });
      const bits = (): unknown => [
        bitsOf(model),
        ...[optimizer, schedule].map((part) => [...part.stateDict()].map(([name, x]) => [name, ...x.data])),
        [progress.epoch, progress.step],
      ];
      return { run, bits, progress };
    };
    for (const failing of ["metric", "onStep", "onEpoch"]) {
      const whole = start(failing, -1);
      await whole.run();
      for (const at of failing === "onEpoch" ? [1, 2] : [1, 4, 6]) {
        const part = start(failing, at);
        await expect(part.run()).rejects.toThrow("out of paper");
        expect(part.progress.step).toBe(failing === "onEpoch" ? 4 * at : at);
        await part.run();
        expect(part.bits()).toEqual(whole.bits());
      }
    }
  },
);

/** What may throw around the end of an epoch, or of a step. */
const places = [
  "validation data",
  "validation loss",
  "validation metric",
  "value of a metric",
  "value of a metric of validation",
  "schedule by epoch",
  "schedule by step",
  "onStep of the second",
  "onEpoch of the first",
  "onEpoch of the second",
  "save",
] as const;

/** A training that logs what it does, and throws once: in its second epoch, after at least one call of the kind. */
function makeFailing(place: (typeof places)[number], source: string, isBad: boolean, stepsPerEpoch?: number) {
  manualSeed(3);
  let isFailing = isBad;
  let epoch = 0;
  const log: [what: string, of: unknown][] = [];
  const mayThrow = (at: string): void => {
    if (!isFailing || at !== place || epoch < 2) return;
    isFailing = false;
    throw new RangeError("out of paper");
  };
  const model = new Sequential(new Linear(2, 4), new Dropout(0.3), new Linear(4, 1), (x) => x.squeeze(1));
  const optimizer = new Adam(model.parameters(), { lr: 0.05 });
  const inner = new Schedule(optimizer, cosine(30));
  const scheduleEvery = place === "schedule by step" ? "step" : "epoch";
  const schedule = {
    step(metric: number) {
      mayThrow(`schedule by ${scheduleEvery}`);
      inner.step();
      log.push(["schedule", metric]);
    },
  };
  const own = batches(samples(), {
    batchSize: 5,
    transform: ([x, y], generator) => [randomNoise(x, { generator }), y],
  });
  const validation = function* () {
    for (const batch of batches(samples(), { batchSize: 5, shuffle: false })) {
      yield batch;
      mayThrow("validation data");
    }
  };
  const spread = {
    start() {
      const numbers: number[] = [0];
      return {
        numbers,
        add(outputs: Tensor) {
          if (!model.training && numbers[0]! > 0) mayThrow("validation metric");
          numbers[0]! += outputs.max().item() - outputs.min().item() + 1;
        },
        value() {
          mayThrow(model.training ? "value of a metric" : "value of a metric of validation");
          return numbers[0]!;
        },
      };
    },
  };
  const logged = (name: string): Callback => ({
    onStep(record) {
      epoch = record.epoch;
      mayThrow(`onStep of ${name}`);
      log.push([`step, ${name}`, record]);
    },
    onEpoch(record) {
      mayThrow(`onEpoch of ${name}`);
      log.push([`epoch, ${name}`, record]);
    },
  });
  const [stopping, best] = [earlyStopping({ patience: 2 }), bestWeights()];
  const save = checkpoint((at) => {
    mayThrow("save");
    log.push(["saved", at]);
  });
  const progress = new Progress();
  const parts = { model, optimizer, schedule: inner, own, stopping, best, progress, generator: defaultGenerator() };
  const run = (more: Partial<FitOptions> = {}) =>
    fit(model, sources[source]!(), {
      loss: (outputs: Tensor, targets: Tensor) => {
        if (!model.training) mayThrow("validation loss");
        return bceWithLogits(outputs, targets);
      },
      optimizer,
      schedule,
      scheduleEvery,
      epochs: 4,
      ...(source === "a dataset" && { batchSize: 4 }),
      ...(stepsPerEpoch && { stepsPerEpoch }),
      metrics: { spread, "a.mean": (outputs: Tensor) => outputs.mean().item() },
      validation: place === "validation data" ? validation : own,
      callbacks: [logged("the first"), stopping, save, logged("the second")],
      progress,
      ...more,
    });
  const bits = (): unknown =>
    Object.values(parts).map((part) => (part instanceof Generator ? part.state : bitsOf(part as unknown as Layer)));
  return { parts, run, log, bits };
}

describe("after an error between two steps, a training goes on with what was left, each thing once", () => {
  const kinds = Object.keys(sources);
  test.each(places)("%s", async (place) => {
    for (const source of place === "validation loss" ? kinds : ["a dataset", "an async generator function"]) {
      for (const stepsPerEpoch of source === "a dataset" ? [undefined, 3, 6] : [undefined]) {
        const whole = makeFailing(place, source, false, stepsPerEpoch);
        const all = await whole.run();
        for (const isElsewhere of [false, true]) {
          const first = makeFailing(place, source, true, stepsPerEpoch);
          await expect(first.run()).rejects.toThrow("out of paper");
          let second = first;
          if (isElsewhere) {
            const bytes = encodeCheckpoint(first.parts);
            second = makeFailing(place, source, false, stepsPerEpoch);
            manualSeed(77);
            loadCheckpoint(bytes, second.parts);
          }
          const rest = await second.run();
          expect(isElsewhere ? [...first.log, ...second.log] : first.log).toEqual(whole.log);
          expect(rest.epochs).toEqual(all.epochs.slice(1));
          expect(second.bits()).toEqual(whole.bits());
        }
      }
    }
  });

  test("with other callbacks, it says which are not told of what, and the schedule still steps", async () => {
    const first = makeFailing("schedule by epoch", "a dataset", true);
    await expect(first.run()).rejects.toThrow("out of paper");
    const { warnings, epochs } = await first.run({ callbacks: [] });
    expect(warnings).toEqual(["fit: callbacks are not told of epoch 2; there are 0 instead of 4"]);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([2, 3, 4]);
    expect(first.log.filter(([what]) => what === "schedule").length).toBe(4);
  });

  test("what a file says of it must be whole", async () => {
    const first = makeFailing("onEpoch of the first", "a dataset", true);
    await expect(first.run()).rejects.toThrow("out of paper");
    const state = first.parts.progress.stateDict();
    expect(state.get("told")!.toArray()).toEqual([1, 5, 0]);
    for (const [name, value] of [
      ["told", tensor([1, 5, 1, 0.5], { dtype: "float64" })],
      ["told", tensor([5, 5], { dtype: "float64" })],
      ["told", tensor([0.5, 5], { dtype: "float64" })],
      ["told.loss", null],
      ["told.epoch", null],
    ] as const) {
      const other = makeFailing("save", "a dataset", false);
      const bad = new Map(state);
      if (value === null) bad.delete(name);
      else bad.set(name, value);
      other.parts.progress.loadStateDict(bad);
      await expect(other.run()).rejects.toThrow("got told without its numbers; give fit what it was given before");
      expect(other.log).toEqual([]);
    }
  });
});

describe("Progress", () => {
  const data = { x: [[0], [1], [2], [3]], y: [[1], [3], [5], [7]] };
  const start = () => {
    const model = new Linear(1, 1);
    return { model, options: { loss: mse, optimizer: new SGD(model.parameters(), { lr: 0.01 }), batchSize: 2 } };
  };

  test("counts, and goes on in the same process, too", async () => {
    const { model, options } = start();
    const progress = new Progress();
    expect(String(progress)).toBe("Progress(0 epochs, 0 steps)");
    await fit(model, data, { ...options, epochs: 2, progress });
    expect(String(progress)).toBe("Progress(2 epochs, 4 steps)");
    const { epochs } = await fit(model, data, { ...options, epochs: 5, progress });
    expect(epochs.map(({ epoch }) => epoch)).toEqual([3, 4, 5]);
    expect(progress.step).toBe(10);
  });

  test("goes on in the same process amid an epoch, with the same callbacks", async () => {
    const run = async (stops: readonly number[]) => {
      manualSeed(5);
      const model = new Sequential(new Linear(2, 4), relu, new Dropout(0.3), new Linear(4, 1), (x) => x.squeeze(1));
      const optimizer = new SGD(model.parameters(), { lr: 0.5 });
      const [progress, stopping] = [new Progress(), earlyStopping({ monitor: "loss", patience: 2 })];
      const losses: number[] = [];
      let stopped: string | null = null;
      for (const stop of [...stops, -1]) {
        const end: Callback = { onStep: ({ step }, run) => void (step === stop && run.stop("enough")) };
        const options = { loss: bceWithLogits, optimizer, batchSize: 4, epochs: 20, progress };
        const history = await fit(model, samples(), { ...options, callbacks: [stopping, end] });
        losses.push(...history.losses);
        stopped = history.stopped;
      }
      return { losses, stopped, bits: bitsOf(model) };
    };
    const whole = await run([]);
    expect(whole.stopped).toBe("no better loss for 2 epochs");
    expect(await run([3, 4, 9, 10])).toEqual(whole);
    expect(await run([1, 8, whole.losses.length - 1])).toEqual(whole);
  });

  test("shows that outputs are kept for functions alone", async () => {
    const stop: Callback = { onStep: ({ step }, run) => void (step === 2 && run.stop("enough")) };
    const keysWith = async (metrics: FitOptions["metrics"] & {}) => {
      const { model, options } = start();
      const progress = new Progress();
      await fit(model, { ...data, y: [[0], [1], [0], [1]] }, { ...options, progress, metrics, callbacks: [stop] });
      return progress.stateDict();
    };
    const metrics = { mae, rmse, r2, accuracy: binaryAccuracy({ logits: true }), f1: binaryF1({ threshold: 0 }) };
    const state = await keysWith({ ...metrics, auc });
    expect(state.has("outputs")).toBe(false);
    for (const name of Object.keys(metrics)) expect(state.get(`metrics.${name}`)!.size).toBeLessThanOrEqual(10);
    expect(state.get("metrics.auc")!.shape).toEqual([8]);
    expect((await keysWith({ mae: (o, t) => mae(o, t) })).get("outputs")!.shape).toEqual([4, 1]);
  });

  test("goes on within an epoch with the same data and batch size alone, and between two with others", async () => {
    const samplesOf = (n: number) => ({ x: zeros([n, 1]), y: zeros([n, 1]) });
    const { model, options } = start();
    const progress = new Progress();
    const stop: Callback = { onStep: ({ step }, run) => void (step === 1 && run.stop("enough")) };
    await fit(model, samplesOf(10), { ...options, progress, callbacks: [stop] });
    const run = (n: number, batchSize: number, epochs: number) =>
      fit(model, samplesOf(n), { ...options, batchSize, epochs, progress });
    await expect(run(10, 5, 1)).rejects.toThrow("the state must fit, got batchSize is 2 instead of 5, within an epoch");
    await expect(run(20, 2, 1)).rejects.toThrow("got size is 10 instead of 20, within an epoch");
    expect(String(progress)).toBe("Progress(0 epochs, 1 steps)");
    expect((await run(10, 2, 1)).losses.length).toBe(4);
    expect((await run(20, 5, 2)).losses.length).toBe(4);
    expect(String(progress)).toBe("Progress(2 epochs, 9 steps)");
  });

  test("says what does not fit, before the first step", async () => {
    const { model, options } = start();
    const progress = new Progress();
    const before = bitsOf(model);
    const stop: Callback = { onStep: ({ step }, run) => void (step === 1 && run.stop("enough")) };
    await fit(model, data, { ...options, epochs: 2, progress, callbacks: [stop] });
    const stopped = bitsOf(model);
    expect(stopped).not.toEqual(before);
    const other = new Progress();
    other.loadStateDict(progress.stateDict());
    await expect(
      fit(model, data, { ...options, progress: other, metrics: { accuracy: binaryAccuracy({ logits: true }) } }),
    ).rejects.toThrow(
      "fit: the state of progress must fit the data and metrics, got nothing of metrics.accuracy; give fit what it was given before",
    );
    await expect(
      fit(model, () => [[tensor([[1]]), tensor([[1]])]], { loss: mse, optimizer: options.optimizer, progress: other }),
    ).rejects.toThrow("got batches;");
    await expect(fit(model, data, { ...options, progress: other, startEpoch: 1 })).rejects.toThrow(
      "fit: startEpoch must be what progress says, 0, got 1; leave startEpoch out: progress knows",
    );
    expect(bitsOf(model)).toEqual(stopped);
    expect(() => other.loadStateDict({})).toThrow("Progress.loadStateDict: the state must fit, got numbers is missing");
    const state = Object.fromEntries(progress.stateDict());
    expect(() => other.loadStateDict({ ...state, weight: tensor(1) })).toThrow("weight is unexpected");
    expect(() => other.loadStateDict({ ...state, numbers: tensor([1, 2]) })).toThrow(
      "numbers is float32[2] instead of float64[8]",
    );
    const negative = tensor([-1, 0, 0, 0, 0, 0, 0, 0], { dtype: "float64" });
    expect(() => other.loadStateDict({ ...state, numbers: negative })).toThrow(
      "epoch must be a whole number, 0 or more, got -1",
    );
  });
});

test.each(["in memory", "by its state"])(
  "a callback that ended the training before another threw has ended it, %s",
  async (way) => {
    for (const hook of ["onStep", "onEpoch"] as const) {
      const model = new Linear(2, 1);
      const optimizer = new SGD(model.parameters(), { lr: 0.1 });
      let count = 0;
      const epochs: number[] = [];
      const run = (progress: Progress) =>
        fit(
          model,
          { x: ones([4, 2]), y: ones([4, 1]) },
          {
            loss: mse,
            optimizer,
            epochs: 6,
            batchSize: 2,
            progress,
            callbacks: [
              { [hook]: (record: { epoch: number }, training: Run) => record.epoch === 2 && training.stop("enough ✓") },
              {
                [hook]: ({ epoch }: { epoch: number }) => {
                  if (epoch === 2 && count++ === 0) throw new RangeError("out of paper");
                },
              },
              { onEpoch: ({ epoch }) => void epochs.push(epoch) },
            ],
          },
        );
      const first = new Progress();
      await expect(run(first)).rejects.toThrow("out of paper");
      const second = way === "in memory" ? first : new Progress();
      if (second !== first) second.loadStateDict(first.stateDict());
      const { stopped } = await run(second);
      expect(stopped).toBe("enough ✓");
      expect(epochs).toEqual(hook === "onStep" ? [1] : [1, 2]);
      expect(second.step).toBe(hook === "onStep" ? 3 : 4);
    }
  },
);

test("validation that draws is run again with the same draws", async () => {
  const start = (isBad: boolean) => {
    manualSeed(4);
    let isFailing = isBad;
    const model = new Linear(2, 1);
    const options = {
      loss: mse,
      optimizer: new SGD(model.parameters(), { lr: 0.1 }),
      progress: new Progress(),
      epochs: 3,
      batchSize: 2,
      validation: { x: ones([4, 2]), y: ones([4, 1]) },
      metrics: {
        drawn: () => {
          if (model.training) return 0;
          const value = rand([]).item();
          if (isFailing) {
            isFailing = false;
            throw new RangeError("out of paper");
          }
          return value;
        },
      },
    };
    return () => fit(model, { x: ones([4, 2]), y: ones([4, 1]) }, options);
  };
  const whole = await start(false)();
  const run = start(true);
  await expect(run()).rejects.toThrow("out of paper");
  const last = (history: History): unknown => history.epochs.at(-1);
  expect(last(await run())).toEqual(last(whole));
});
