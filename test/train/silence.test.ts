import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { compile } from "../../src/compile/index.ts";
import {Adadelta, Adagrad, Adam, Adamax, AdamW, 
  abs, BatchNorm1d, bce, bceWithLogits, cosine, crossEntropy, dice, focal, freeze, iou, Layer, Linear, Lion, logSoftmax, manualSeed, mse, NAdam, nll, RAdam, ReduceOnPlateau, RMSprop, relu, Schedule, Sequential, SGD, sigmoid, softmax, type Tensor, tensor, where, zeros,
} from "../../src/index.ts"; // biome-ignore format: shorter
import { batches, bestWeights, earlyStopping, type FitOptions, fit, Progress } from "../../src/train/index.ts";

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
      "fit: the learning rate was 0 at each step in epoch 1; set optimizer.lr, or make a new schedule if one has come to its end",
    ]);
    expect(warn.mock.calls).toEqual([warnings]);
  });

  test("so is a learning rate of 0 without a schedule", async () => {
    const { model, optimizer } = start();
    optimizer.lr = 0;
    const { warnings } = await fit(model, data, { loss: mse, optimizer, ...more });
    expect(warnings).toEqual([
      "fit: the learning rate was 0 at each step in epoch 1; set optimizer.lr, or make a new schedule if one has come to its end",
    ]);
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

/** A training whose optimizer steps at each second call, say, counted before or after it. */
function every(count: number, isAfter: boolean, more: Partial<FitOptions>) {
  const model = new Linear(1, 1);
  model.weight.assign([[1]]);
  model.bias!.assign([0]);
  const inner = new SGD(model.parameters(), { lr: 0.1 });
  let steps = 0;
  const optimizer = {
    groups: inner.groups,
    zeroGrad: () => {
      if (steps % count === 0) inner.zeroGrad();
    },
    step: () => {
      if ((isAfter ? ++steps : steps++) % count === 0) inner.step();
    },
  };
  return { model, run: fit(model, data, { loss: mse, optimizer, batchSize: 2, shuffle: false, ...more }) };
}

test("an optimizer that steps every second time trains as it says, and is refused where the step is compiled", async () => {
  const eager = every(2, true, {});
  await eager.run;
  // Gradients 2·mean((x + 0 − y)·x) of both batches: −2 − 18.
  expect(eager.model.weight.item()).toBeCloseTo(1 + 0.1 * (2 + 18), 5);
  const compiled = every(2, true, { compile });
  await expect(compiled.run).rejects.toThrow(
    "fit: a compiled step must move parameters, got an optimizer.step() that moved none; a condition of its own, such as ++count % 2, is not looked at again: leave compile out",
  );
  expect(compiled.model.weight.item()).toBe(1);
});

test.each([
  [2, false],
  [2, true],
  [3, false],
  [3, true],
])(
  "accumulation by hand over %d steps is refused where it is compiled, also if the recorded step moves parameters (counted after it: %s)",
  async (count, isAfter) => {
    const eager = every(count, isAfter, { epochs: 3 });
    await eager.run;
    expect(eager.model.weight.item()).not.toBe(1);
    const compiled = every(count, isAfter, { epochs: 3, compile });
    await expect(compiled.run).rejects.toThrow(
      /^epoch 1, batch 1: (fit: a compiled step must move parameters|compile: the function must do the same)/,
    );
    expect(compiled.model.weight.item()).toBe(1);
  },
);

describe.each<[string, Partial<FitOptions>]>([
  ["eager", {}],
  ["compiled", { compile }],
])("what an epoch has come to, %s", (_, more) => {
  test("parameters that are not finite end the training, and are not the best", async () => {
    const { model, optimizer } = start();
    optimizer.lr = 1e36;
    const before = model.weight.item();
    const callbacks = [bestWeights({ monitor: "loss" })];
    const far = { x: [[1e3]], y: [[0]] };
    await expect(fit(model, far, { loss: mse, optimizer, callbacks, ...more })).rejects.toThrow(
      /^epoch 1: fit: parameters must be finite, got weight \(-?Infinity at \[0, 0\]\)(, .*)?; the last update was too large: make lr smaller, or give clipNorm$/,
    );
    expect(before).not.toBeNaN();
  });

  test("what the optimizer or a buffer remembers and is not finite is told of once", async () => {
    const model = new Linear(1, 1);
    const optimizer = new Adam(model.parameters(), { lr: 0.1 });
    const { warnings } = await fit(model, { x: [[1e15]], y: [[1e7]] }, { loss: mse, optimizer, epochs: 2, ...more });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /^fit: what is remembered from step to step is not finite, state\.0\.\w+ of the optimizer \(Infinity at \[0, 0\]\).* in epoch 1; values or gradients are too large/,
    );
    const normed = new Sequential(new BatchNorm1d(1), new Linear(1, 1));
    const own = new SGD(normed.parameters(), { lr: 0.1 });
    const history = await fit(
      normed,
      { x: [[1e25], [-1e25], [2e25]], y: [[1], [2], [3]] },
      { loss: mse, optimizer: own, ...more },
    );
    expect(history.warnings[0]).toMatch(/^fit: what is remembered .*runningVariance/);
  });

  test.each([Adadelta, Adagrad, Adam, Adamax, AdamW, Lion, NAdam, RAdam, RMSprop, SGD])(
    "gradients of 10²² are taken by %o, told of, or refused",
    async (Kind) => {
      const model = new Linear(1, 1, { bias: false });
      model.weight.assign([[1e-8]]);
      const optimizer = new Kind(model.parameters() as never, { lr: 0.1 }) as SGD;
      const run = fit(model, { x: [[1e15]], y: [[0]] }, { loss: mse, optimizer, epochs: 2, ...more });
      if (Kind === RAdam || Kind === SGD) await expect(run).rejects.toThrow("must be finite");
      else if (Kind === Adamax || Kind === Lion) expect((await run).warnings).toEqual([]);
      else
        expect((await run).warnings[0]).toMatch(/^fit: what is remembered from step to step is not finite, state\.0\./);
    },
  );

  test("a loss that depends on nothing that is trained is refused", async () => {
    const { model, optimizer } = start();
    const other = tensor(1, { requiresGrad: true });
    const loss = (o: Tensor): Tensor => o.detach().mean().mul(other);
    await expect(fit(model, data, { loss, optimizer, ...more })).rejects.toThrow(
      "fit: the loss must depend on parameters that the model or the optimizer has, got one of float32[], which neither has; compute it from the outputs, without item(), tensor() and detach()",
    );
    const both = new SGD([...model.parameters(), other], { lr: 0.1 });
    expect((await fit(model, data, { loss, optimizer: both, ...more })).epochs).toHaveLength(1);
  });

  test("classes that are floats are refused by name", async () => {
    const model = new Linear(1, 8);
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const run = (y: unknown): Promise<unknown> =>
      fit(model, { x: data.x, y } as never, { loss: crossEntropy, optimizer, shuffle: false, ...more });
    await expect(run([1, 3, 5, 7.5])).rejects.toThrow(
      "crossEntropy: a class must be a whole number, got 7.5 at sample 3 of the target; to predict numbers, use mse",
    );
    await expect(run(tensor([1, 3, 5, 7]))).rejects.toThrow('got float32[4]; write y: y.to("int32")');
    await expect(run([[1], [3], [5], [7]])).rejects.toThrow(
      'got int32[4, 1]; write y: tensor(y, { dtype: "int32" }).squeeze(1)',
    );
  });

  test("probabilities where a loss takes scores or logarithms are told of, once", async () => {
    const told = async (last: (x: Tensor) => Tensor, loss: FitOptions["loss"], y: unknown, count = 3) => {
      const model = new Sequential(new Linear(1, count), last);
      const optimizer = new SGD(model.parameters(), { lr: 0.01 });
      const options = { loss, optimizer, batchSize: 1, epochs: 2, ...more };
      return (await fit(model, { x: data.x, y } as never, options)).warnings;
    };
    const [classes, labels] = [[0, 1, 2, 0], [[0], [1], [1], [0]]]; // biome-ignore format: one line
    const rows = tensor([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]); // biome-ignore format: one line
    const text = (by: string) => [`fit: the loss takes scores, and is given the result of ${by}; leave ${by} out`];
    expect(await told((x) => softmax(x, 1), crossEntropy, classes)).toEqual(text("softmax"));
    expect(await told((x) => softmax(x, 1), crossEntropy, rows)).toEqual(text("softmax"));
    expect(await told((x) => sigmoid(x), crossEntropy, classes)).toEqual(text("sigmoid"));
    expect(await told((x) => sigmoid(x), bceWithLogits, labels, 1)).toEqual(text("sigmoid"));
    const flat = (o: Tensor, t: Tensor): Tensor => bceWithLogits(o.squeeze(1), t.squeeze(1));
    expect(await told((x) => sigmoid(x), flat, labels, 1)).toEqual(text("sigmoid"));
    for (const loss of [dice, iou, focal]) {
      expect(await told((x) => sigmoid(x), loss, tensor([[0], [1], [1], [0]]), 1)).toEqual(text("sigmoid"));
      expect(await told((x) => softmax(x, 1), loss, classes)).toEqual(text("softmax"));
      expect(await told((x) => x, loss, classes)).toEqual([]);
    }
    expect(await told((x) => softmax(x, 1), nll, classes)).toEqual([
      "fit: nll takes logarithms of probabilities, and is given the result of softmax; write logSoftmax",
    ]);
    expect(await told((x) => x, crossEntropy, [0, 0, 0, 0], 1)).toEqual([
      "fit: crossEntropy is given one score for each sample, whose softmax is always 1, so the loss is always 0; for two classes, write bceWithLogits",
    ]);
    // What is right, or may be meant.
    for (const [last, loss, y, count] of [
      [(x: Tensor) => x, crossEntropy, classes],
      [(x: Tensor) => logSoftmax(x, 1), nll, classes],
      [(x: Tensor) => softmax(x, 1).log(), nll, classes],
      [(x: Tensor) => logSoftmax(x, 1), crossEntropy, classes], // the same numbers
      [(x: Tensor) => x, bceWithLogits, labels, 1],
      [(x: Tensor) => sigmoid(x), bce, labels, 1],
      [(x: Tensor) => sigmoid(x), (o: Tensor, t: Tensor) => bce(o.squeeze(1), t.squeeze(1)), labels, 1],
      [(x: Tensor) => softmax(x, 1), mse, rows],
      [(x: Tensor) => x.mul(sigmoid(x)), bceWithLogits, labels, 1],
    ] as const) {
      expect(await told(last, loss as never, y, count)).toEqual([]);
    }
  });

  test("layers that steps do not change are named, once, after some steps", async () => {
    const told = async (change: (model: Sequential) => void, own: Partial<FitOptions> = {}, lr = 0.01) => {
      manualSeed(1);
      const model = new Sequential(new Linear(1, 4), relu, new Linear(4, 1));
      change(model);
      const optimizer = new SGD(model.parameters(), { lr });
      return (await fit(model, data, { loss: mse, optimizer, batchSize: 2, epochs: 5, ...own, ...more })).warnings;
    };
    const nothing = (): void => undefined;
    const [first, last] = [
      (model: Sequential) => model.layers[0] as Linear,
      (model: Sequential) => model.layers[2] as Linear,
    ];
    const text = (names: string): string =>
      `fit: steps did not change ${names} in epoch 2; its gradients were 0, or too small for the digits of its values: look for ReLU units that are never above 0, weights that all begin with 0, a clipNorm of 0, and a rate that is too low`;
    const hidden = text("layers.0.weight, layers.0.bias");
    expect(await told((model) => first(model).bias!.assign([-100, -100, -100, -100]))).toEqual([hidden]);
    const toZero = (model: Sequential): void => {
      for (const x of model.parameters()) x.assign(zeros(x.shape));
    };
    expect(await told(toZero)).toEqual([hidden]);
    const all = [text("layers.0.weight, layers.0.bias, layers.2.weight, and 1 more")];
    expect(await told(nothing, { clipNorm: 0 })).toEqual(all);
    expect(await told(nothing, {}, 1e-30)).toEqual(all);
    // What is as it should be: a training, one that has arrived, a part that was frozen, and a bias before a normalization.
    expect(await told(nothing)).toEqual([]);
    expect(await told((model) => last(model).weight.assign([[0, 0, 0, 0]]))).toEqual([]);
    expect(await told((model) => last(model).weight.assign([[0, 0, 0, 0]]), { batchSize: 4, epochs: 1 })).toEqual([]);
    expect(await told((model) => freeze(first(model)))).toEqual([]);
    expect(await told(nothing, { loss: (o, t: Tensor) => mse(o, t).mul(0) })).toEqual([]);
    const normed = new Sequential(new Linear(1, 4), new BatchNorm1d(4), new Linear(4, 1));
    const optimizer = new SGD(normed.parameters(), { lr: 0.01 });
    expect((await fit(normed, data, { loss: mse, optimizer, epochs: 30, ...more })).warnings).toEqual([]);
  });

  test("a loss of one's own that compares each output with all targets is told of once", async () => {
    const told = async (loss: FitOptions["loss"], y: unknown, isFlat = false, batchSize = 4): Promise<string[]> => {
      const model = new Sequential(new Linear(1, 1), (x) => (isFlat ? x.squeeze(1) : x));
      const optimizer = new SGD(model.parameters(), { lr: 0.01 });
      const x = [[0], [1], [2], [3], [4]];
      const history = await fit(model, { x, y } as never, { loss, optimizer, batchSize, epochs: 2, ...more });
      return [...history.warnings];
    };
    const [row, column] = [[1, 2, 3, 4, 5], [[1], [2], [3], [4], [5]]]; // biome-ignore format: one line
    const squares = (o: Tensor, t: Tensor): Tensor => o.sub(t).pow(2).mean();
    const text = (shapes: string, op: string, hint: string): string[] => [
      `fit: the loss broadcasts ${shapes} to [4, 4] in ${op}, so each output is compared with all targets; write ${hint}.squeeze(1), or give both one shape`,
    ];
    expect(await told(squares, row)).toEqual(text("[4, 1] beside [4]", "sub", "outputs"));
    expect(await told(squares, column, true)).toEqual(text("[4] beside [4, 1]", "sub", "targets"));
    expect(await told((o, t: Tensor) => abs(t.sub(o.tanh())).mean(), row)).toEqual(
      text("[4, 1] beside [4]", "sub", "outputs"),
    );
    expect(await told((o, t: Tensor) => where(t.gt(2), o, o.mul(2)).mean(), row)).toEqual(
      text("[4, 1] beside [4]", "where", "outputs"),
    );
    // What is meant as it is.
    for (const [loss, y, isFlat, batchSize] of [
      [squares, column],
      [squares, row, true],
      [squares, row, false, 1],
      [(o: Tensor, t: Tensor) => squares(o.squeeze(1), t), row],
      [(o: Tensor, t: Tensor) => squares(o, t.reshape([-1, 1])), row],
      [(o: Tensor) => o.sub(o.squeeze(1)).pow(2).mean(), row], // all pairs
      [
        (o: Tensor, t: Tensor) =>
          o
            .sub(o.squeeze(1))
            .pow(2)
            .mul(t.sub(t.reshape([-1, 1])))
            .mean(),
        row,
      ],
    ] as const) {
      expect(await told(loss as never, y, isFlat, batchSize)).toEqual([]);
    }
  });

  test("layers that get no gradient are named", async () => {
    class Cut extends Layer {
      readonly a = new Linear(1, 2);
      readonly b = new Linear(2, 1);
      override forward(x: Tensor): Tensor {
        return this.b.forward(this.a.forward(x).detach());
      }
    }
    const model = new Cut();
    const optimizer = new SGD(model.parameters(), { lr: 0.01 });
    expect((await fit(model, data, { loss: mse, optimizer, epochs: 2, ...more })).warnings).toEqual([
      "fit: nothing was learned by a.weight, a.bias in epoch 1; the loss does not depend on it: look for detach(), noGrad() and layers that forward does not use",
    ]);
  });

  test("a model that is frozen is refused, from the start and midway", async () => {
    const frozen =
      "fit: there must be parameters to train, got a model that is frozen; write unfreeze(model), or unfreeze what is to be trained";
    const { model, optimizer } = start();
    const callbacks = [{ onEpoch: () => void freeze(model) }];
    await expect(fit(model, data, { loss: mse, optimizer, epochs: 2, callbacks, ...more })).rejects.toThrow(frozen);
    await expect(fit(model, data, { loss: mse, optimizer, ...more })).rejects.toThrow(frozen);
  });

  test("a metric that is NaN is told of, once", async () => {
    const { model, optimizer } = start();
    const callbacks = [earlyStopping({ monitor: "accuracy", patience: 2 })];
    const metrics = { accuracy: () => Number.NaN };
    const { warnings } = await fit(model, data, { loss: mse, optimizer, epochs: 5, metrics, callbacks, ...more });
    expect(warnings).toEqual(["fit: accuracy was NaN in epoch 1; what monitors it takes that for no improvement"]);
  });

  test("a batch that is refused has not been taken: a training that goes on begins with it", async () => {
    for (const [shuffle, isOwn] of [
      [false, false],
      [true, false],
      [true, true],
    ]) {
      for (const bad of [0, 1, 2]) {
        const make = (x: number[][]) => {
          manualSeed(3);
          const { model, optimizer } = start();
          const samples = { x, y: [[1], [2], [3]] };
          const given = isOwn ? batches(samples, { batchSize: 1, shuffle: shuffle! }) : samples;
          const options = { loss: mse, optimizer, batchSize: 1, shuffle: shuffle!, ...more };
          return { model, given, options: isOwn ? { loss: mse, optimizer, ...more } : options };
        };
        const whole = make([[1], [2], [3]]);
        const progress = new Progress();
        const expected = await fit(whole.model, whole.given, { ...whole.options, progress });
        const part = make([[1], [2], [3]]);
        const again = new Progress();
        const options = { ...part.options, progress: again };
        let count = 0;
        const loss = (a: Tensor, b: Tensor): Tensor => (count++ === bad ? mse(a, b).div(zeros([])) : mse(a, b));
        await expect(fit(part.model, part.given, { ...options, loss, compile: (step) => step })).rejects.toThrow(
          "loss and gradients must be finite",
        );
        const rest = await fit(part.model, part.given, options);
        if (more.compile === undefined) {
          expect(rest.losses).toEqual(expected.losses.slice(bad));
          expect(part.model.weight.item()).toBe(whole.model.weight.item());
        } else expect(rest.losses).toHaveLength(3 - bad);
        expect(String(again)).toBe(String(progress));
      }
    }
  });
});

test("an optimizer that says nothing of what it holds, and moves nothing", async () => {
  const { model } = start();
  const other = start().optimizer;
  const optimizer = { zeroGrad: () => other.zeroGrad(), step: () => other.step() };
  expect((await fit(model, data, { loss: mse, optimizer, epochs: 2 })).warnings).toEqual([
    "fit: no parameter was moved in epoch 1; look at what the optimizer's step() does, and at what it holds",
  ]);
});

test("leaves outside of the model are told of in the epoch in which they appear", async () => {
  class Late extends Layer {
    readonly a = new Linear(1, 1);
    readonly #b = new Linear(1, 1);
    isOn = false;
    override forward(x: Tensor): Tensor {
      return this.isOn ? this.#b.forward(this.a.forward(x)) : this.a.forward(x);
    }
  }
  const model = new Late();
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  const turnOn = (): void => {
    model.isOn = true;
  };
  const callbacks = [{ onEpoch: turnOn }];
  const { warnings } = await fit(model, data, { loss: mse, optimizer, epochs: 3, callbacks });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain("outside of model.parameters()");
});

test("a batch without samples is refused", async () => {
  const { model, optimizer } = start();
  const empty = function* () {
    yield [zeros([0, 1]), zeros([0, 1])] as const;
  };
  await expect(fit(model, empty, { loss: mse, optimizer })).rejects.toThrow(
    "fit: a batch must have samples, got inputs [0, 1]; leave it out",
  );
});

test("the state of a monitor is not taken by one of another number", () => {
  const loss = earlyStopping({ monitor: "loss" });
  for (const other of [earlyStopping({ monitor: "validation.accuracy" }), bestWeights({ monitor: "accuracy" })]) {
    expect(() => other.loadStateDict(loss.stateDict())).toThrow(/the state must fit, got .*best\.loss is unexpected/);
  }
});
