import { describe, expect, test, vi } from "vitest";
import { crossEntropy, GradError, type Layer, Linear, mse, SGD, tensor } from "../../src/index.ts";
import { progressBar } from "../../src/reporters/index.ts";
import { encodeCheckpoint, loadCheckpoint } from "../../src/safetensors/index.ts";
import {
  accuracy,
  auc,
  type Batch,
  bestWeights,
  type Callback,
  checkpoint,
  earlyStopping,
  f1,
  fit,
  type Metric,
  mae,
  precision,
  r2,
  recall,
  rmse,
  topKAccuracy,
} from "../../src/train/index.ts";

const data = { x: [[0], [1]], y: [[1], [3]] };
const bitsOf = (model: Layer): string => JSON.stringify([...model.stateDict()].map(([, x]) => x.toArray()));

/** What a monitor does with metric values that go up, up, down: which epoch it finds best. */
async function bestEpoch(name: string, metric: (value: () => number) => Metric, mode?: "min" | "max") {
  const model = new Linear(1, 1);
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  const weights: string[] = [];
  const values = [2, 3, 1];
  const callbacks: Callback[] = [
    bestWeights({ monitor: name, ...(mode && { mode }) }),
    { onEpoch: () => void weights.push(bitsOf(model)) },
  ];
  const metrics = { [name]: metric(() => values[weights.length]!) };
  await fit(model, data, { loss: mse, optimizer, epochs: 3, metrics, callbacks });
  return weights.indexOf(bitsOf(model)) + 1;
}

describe("which way is better", () => {
  test("is said by the metrics of this package", () => {
    for (const metric of [accuracy, topKAccuracy, precision, recall, f1, auc, r2])
      expect(metric.higherIsBetter).toBe(true);
    for (const metric of [mae, rmse]) expect(metric.higherIsBetter).toBe(false);
  });

  const plain =
    (value: () => number): Metric =>
    () =>
      value();
  test.each(["accuracy", "acc", "top5Accuracy", "binary_accuracy", "f1", "F1", "f1Score", "rocAuc", "r2", "R²", "IoU"])(
    "or by the name %s: up",
    async (name) => expect(await bestEpoch(name, plain)).toBe(2),
  );

  test.each(["mae", "rmse", "myLoss", "val_error", "accuracyLoss", "logLoss"])(
    "or by the name %s: down",
    async (name) => expect(await bestEpoch(name, plain)).toBe(3),
  );

  test.each(["score", "inaccuracy", "falsePositives", "gap", "toString"])(
    "or must be given, as for %s",
    async (name) => {
      await expect(bestEpoch(name, plain)).rejects.toThrow(
        `bestWeights: mode must be given for ${name}, got none; write mode: "max" if more of it is better, "min" if less; or put higherIsBetter on the metric`,
      );
      expect(await bestEpoch(name, plain, "max")).toBe(2);
      expect(await bestEpoch(name, plain, "min")).toBe(3);
    },
  );

  test("or is said by a metric of your own, whatever its name", async () => {
    const declared = (higherIsBetter: boolean) => (value: () => number) =>
      Object.assign(() => value(), { higherIsBetter });
    expect(await bestEpoch("score", declared(true))).toBe(2);
    expect(await bestEpoch("accuracy", declared(false))).toBe(3);
    const sum = (value: () => number): Metric => ({
      start: () => ({ add: () => undefined, value }),
      higherIsBetter: true,
    });
    expect(await bestEpoch("score", sum)).toBe(2);
  });

  test("and a mode that says otherwise is refused before the first step", async () => {
    const model = new Linear(1, 2);
    const optimizer = new SGD(model.parameters(), { lr: 1 });
    const options = { loss: crossEntropy, optimizer, metrics: { accuracy }, validation: { x: [[1]], y: [1] } };
    const before = bitsOf(model);
    const classes = { x: [[0], [1]], y: [0, 1] };
    const callbacks = [earlyStopping({ monitor: "validation.accuracy", mode: "min" })];
    await expect(fit(model, classes, { ...options, callbacks })).rejects.toThrow(
      'earlyStopping: of validation.accuracy, more is better, got mode "min"; leave mode out',
    );
    await expect(
      fit(model, classes, { ...options, callbacks: [bestWeights({ monitor: "validation.f1" })] }),
    ).rejects.toThrow(
      "bestWeights: monitor must be one of loss, lr, accuracy, validation.loss, validation.accuracy, got validation.f1",
    );
    await expect(fit(model, classes, { ...options, callbacks: [bestWeights({ monitor: "lr" })] })).rejects.toThrow(
      "bestWeights: mode must be given for lr",
    );
    expect(bitsOf(model)).toBe(before);
  });

  test("a perfect accuracy from the first epoch on is kept, and training goes on until nothing improves", async () => {
    const model = new Linear(1, 2);
    const optimizer = new SGD(model.parameters(), { lr: 0.5 });
    const history = await fit(
      model,
      { x: [[-1], [1]], y: [0, 1] },
      {
        loss: crossEntropy,
        optimizer,
        epochs: 50,
        metrics: { accuracy },
        validation: { x: [[-1], [1]], y: [0, 1] },
        callbacks: [earlyStopping({ monitor: "validation.accuracy", patience: 3 })],
      },
    );
    const first = history.epochs.findIndex(({ validation }) => validation!.metrics["accuracy"] === 1);
    expect(history.epochs.length).toBe(first + 4);
  });
});

describe("bestWeights", () => {
  test("are restored after a divergence, and after any other error", async () => {
    for (const fails of ["loss", "callback"]) {
      const model = new Linear(1, 1);
      const optimizer = new SGD(model.parameters(), { lr: 0.1 });
      const [x, y] = [tensor([[0], [1]]), tensor([[1], [3]])];
      const good: Batch = [x, y];
      const bad: Batch = [x, tensor([[Number.NaN], [1]])];
      let after = "";
      const scores = [5, 9, 2];
      let epoch = 0;
      const callbacks: Callback[] = [
        bestWeights({ monitor: "score", mode: "max" }),
        {
          onEpoch: () => {
            if (++epoch === 2) after = bitsOf(model);
            if (epoch === 3 && fails === "callback") throw new RangeError("disk full");
          },
        },
      ];
      const batches = (n: number): Batch[] => (n === 4 ? [good, bad] : [good]);
      const training = fit(model, batches, {
        loss: mse,
        optimizer,
        epochs: 5,
        metrics: { score: () => scores[epoch]! },
        callbacks,
      });
      await expect(training).rejects.toThrow(fails === "loss" ? GradError : RangeError);
      expect(after).not.toBe("");
      expect(bitsOf(model)).toBe(after);
    }
  });

  test("of another model are refused before the first step", async () => {
    const callback = bestWeights({ monitor: "loss" });
    const small = new Linear(1, 1);
    await fit(small, data, { loss: mse, optimizer: new SGD(small.parameters(), { lr: 0.1 }), callbacks: [callback] });
    const loaded = bestWeights({ monitor: "loss" });
    loaded.loadStateDict(callback.stateDict());
    const other = new Linear(1, 2);
    const before = bitsOf(other);
    const optimizer = new SGD(other.parameters(), { lr: 0.1 });
    await expect(fit(other, { x: [[0]], y: [[1, 2]] }, { loss: mse, optimizer, callbacks: [loaded] })).rejects.toThrow(
      "the state must fit",
    );
    expect(bitsOf(other)).toBe(before);
  });
});

test("a checkpoint saves what callbacks after it in the list remember of the epoch", async () => {
  const stopping = earlyStopping({ monitor: "loss", patience: 2 });
  const model = new Linear(1, 1);
  const optimizer = new SGD(model.parameters(), { lr: 0 });
  let bytes: Uint8Array = new Uint8Array();
  const save = checkpoint((epoch) => {
    if (epoch === 2) bytes = encodeCheckpoint({ stopping });
  });
  await fit(model, data, { loss: mse, optimizer, epochs: 9, callbacks: [save, stopping] });
  const again = earlyStopping({ monitor: "loss", patience: 2 });
  loadCheckpoint(bytes, { stopping: again });
  expect(again.stateDict().get("bad")!.item()).toBe(1);
  const rest = await fit(model, data, { loss: mse, optimizer, epochs: 9, startEpoch: 2, callbacks: [again] });
  expect([rest.epochs.length, rest.stopped]).toEqual([1, "no better loss for 2 epochs"]);
});

test("states of callbacks are checked", () => {
  const stopping = earlyStopping();
  const state = Object.fromEntries(stopping.stateDict());
  expect(() => stopping.loadStateDict({})).toThrow(
    "earlyStopping.loadStateDict: the state must fit, got best.validation.loss is missing",
  );
  expect(() => stopping.loadStateDict({ ...state, bad: tensor(-1, { dtype: "float64" }) })).toThrow(
    "earlyStopping.loadStateDict: bad must be a whole number, 0 or more, got -1",
  );
  expect(() => bestWeights().loadStateDict({ ...state })).toThrow(
    "bestWeights.loadStateDict: the state must fit, got bad is unexpected",
  );
});

test("a progress bar ends with a training that fails: no timer is left that keeps the process alive", async () => {
  vi.useFakeTimers(); // which are counted, where those of the test runner are not
  try {
    const model = new Linear(1, 1);
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    let running = 0;
    const bar = progressBar({ stream: { write: () => true } });
    const look: Callback = {
      onStart: () => {
        running = vi.getTimerCount();
      },
    };
    const bad = { x: [[Number.NaN]], y: [[1]] };
    await expect(fit(model, bad, { loss: mse, optimizer, callbacks: [bar, look] })).rejects.toThrow(GradError);
    expect(running).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
