import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { compile } from "../../src/compile/index.ts";
import { cosine, Linear, mse, ReduceOnPlateau, Schedule, SGD } from "../../src/index.ts";
import { type FitOptions, fit, Progress } from "../../src/train/index.ts";

const data = { x: [[0], [1], [2], [3]], y: [[1], [3], [5], [7]] };
const start = () => {
  const model = new Linear(1, 1);
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  return { model, optimizer };
};
const warn = vi.fn<(text: string) => void>();

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(warn);
});
afterEach(() => {
  vi.restoreAllMocks();
  warn.mockReset();
});

describe.each<[string, Partial<FitOptions>]>([
  ["eager", {}],
  ["compiled", { compile }],
])("what would train in vain, %s", (_, more) => {
  test("a schedule of another optimizer is refused", async () => {
    const { model, optimizer } = start();
    const other = start().optimizer;
    for (const schedule of [new Schedule(other, cosine(5)), new ReduceOnPlateau(other)]) {
      await expect(fit(model, data, { loss: mse, optimizer, schedule, ...more })).rejects.toThrow(
        "fit: schedule must move the rates of the optimizer, got one of another optimizer; write schedule: new Schedule(optimizer, cosine(100))",
      );
    }
    // One that wraps the optimizer shares its groups.
    const wrapped = { groups: optimizer.groups, zeroGrad: () => optimizer.zeroGrad(), step: () => optimizer.step() };
    const schedule = new Schedule(optimizer, cosine(2));
    await fit(model, data, { loss: mse, optimizer: wrapped, schedule, ...more });
    expect(optimizer.lr).toBeCloseTo(0.05, 12);
  });

  test("an epoch at learning rate 0 is told of once, as when a schedule that has ended is used again", async () => {
    const { model, optimizer } = start();
    const options = { loss: mse, optimizer, schedule: new Schedule(optimizer, cosine(3)), epochs: 3, ...more };
    expect((await fit(model, data, options)).warnings).toEqual([]);
    const before = model.weight.item();
    const { warnings } = await fit(model, data, options);
    expect(model.weight.item()).toBe(before);
    expect(warnings).toEqual([
      "fit: the learning rate was 0 at each step in epoch 1; a schedule that has come to its end stays there: make a new one, or set optimizer.lr",
    ]);
    expect(warn.mock.calls).toEqual([warnings]);
  });

  test("a rate that begins with 0, or an epoch of which only the end is left, is no such epoch", async () => {
    const { model, optimizer } = start();
    const progress = new Progress();
    const schedule = new Schedule(optimizer, (step) => (step === 0 ? 0 : 1));
    const options = { loss: mse, optimizer, schedule, scheduleEvery: "step", batchSize: 2, progress, ...more } as const;
    const callbacks = [{ onStep: (_: unknown, run: { stop(why: string): void }) => run.stop("enough") }];
    for (let i = 0; i < 2; i++) expect((await fit(model, data, { ...options, callbacks })).warnings).toEqual([]);
    optimizer.lr = 0;
    expect((await fit(model, data, options)).warnings).toEqual([]);
    expect(progress.epoch).toBe(1);
  });

  test("a validation loss that is not finite is told of once", async () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const { model, optimizer } = start();
      const options = { loss: mse, optimizer, epochs: 3, validation: { x: [[1], [bad]], y: [[3], [3]] }, ...more };
      const { warnings, epochs } = await fit(model, data, options);
      expect(epochs.length).toBe(3);
      expect(warnings).toEqual([
        `fit: the validation loss was not finite in epoch 1; batch 1 has ${bad}, from row 1 of the inputs (${bad} at [1, 0]; sample 1 of the data)`,
      ]);
    }
  });

  test("a metric is not called as one of the validation is", async () => {
    const { model, optimizer } = start();
    const metrics = { "validation.loss": () => 42 };
    await expect(fit(model, data, { loss: mse, optimizer, metrics, ...more })).rejects.toThrow(
      "fit: a metric's name must not begin with validation., got validation.loss; with validation data, each metric has such a number, too",
    );
  });
});

test("an optimizer that steps every second time trains as it says, and is refused where the step is compiled", async () => {
  const every = (count: number, more: Partial<FitOptions>) => {
    const { model, optimizer: inner } = start();
    model.weight.assign([[1]]);
    model.bias!.assign([0]);
    let steps = 0;
    const optimizer = {
      groups: inner.groups,
      zeroGrad: () => {
        if (steps % count === 0) inner.zeroGrad();
      },
      step: () => {
        if (++steps % count === 0) inner.step();
      },
    };
    const run = fit(model, data, { loss: mse, optimizer, batchSize: 2, shuffle: false, ...more });
    return { model, run };
  };
  const eager = every(2, {});
  await eager.run;
  // Gradients 2·mean((x + 0 − y)·x) of both batches: −2 − 18.
  expect(eager.model.weight.item()).toBeCloseTo(1 + 0.1 * (2 + 18), 5);
  const compiled = every(2, { compile });
  await expect(compiled.run).rejects.toThrow(
    "fit: a compiled step must move parameters, got an optimizer.step() that moved none; a condition of its own, such as ++count % 2, is not looked at again: leave compile out",
  );
  expect(compiled.model.weight.item()).toBe(1);
});
