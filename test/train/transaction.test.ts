import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";
import {
  BatchNorm1d,
  Dropout,
  defaultGenerator,
  Generator,
  GradError,
  type Layer,
  Linear,
  manualSeed,
  mse,
  ones,
  randn,
  Sequential,
  type Tensor,
  tensor,
  unfreeze,
  zeros,
} from "../../src/index.ts";
import { type Batch, type FitOptions, fit, type StepRecord, TensorDataset } from "../../src/train/index.ts";

/** Every optimizer that `fit` takes. */
const optimizers = {
  SGD: (p: Tensor[]) => new T.SGD(p, { lr: 0.05, momentum: 0.9 }),
  Adam: (p: Tensor[]) => new T.Adam(p, { lr: 0.05 }),
  AdamW: (p: Tensor[]) => new T.AdamW(p, { lr: 0.05 }),
  Adadelta: (p: Tensor[]) => new T.Adadelta(p, { lr: 0.5 }),
  Adagrad: (p: Tensor[]) => new T.Adagrad(p, { lr: 0.05 }),
  Adamax: (p: Tensor[]) => new T.Adamax(p, { lr: 0.05 }),
  Lion: (p: Tensor[]) => new T.Lion(p, { lr: 0.01 }),
  NAdam: (p: Tensor[]) => new T.NAdam(p, { lr: 0.05 }),
  RAdam: (p: Tensor[]) => new T.RAdam(p, { lr: 0.05 }),
  RMSprop: (p: Tensor[]) => new T.RMSprop(p, { lr: 0.05, momentum: 0.5 }),
};

type Part = "linear" | "norm" | "dropout" | "default dropout" | "tanh" | "layer norm";

interface Setup {
  readonly parts: readonly Part[];
  readonly optimizer: keyof typeof optimizers;
  readonly isCompiled: boolean;
  readonly clipNorm?: number;
}

/** A model with all that a step may change, and what it is trained with; the same each time. */
function start({ parts, optimizer: name, isCompiled, ...more }: Setup) {
  manualSeed(5);
  const generator = new Generator(6);
  const layers = parts.map((part): Layer | typeof T.tanh => {
    if (part === "linear") return new Linear(3, 3);
    if (part === "norm") return new BatchNorm1d(3);
    if (part === "layer norm") return new T.LayerNorm(3);
    return part === "tanh" ? T.tanh : new Dropout(0.3, part === "dropout" ? { generator } : {});
  });
  const model = new Sequential(...layers, new Linear(3, 1));
  const optimizer = optimizers[name](model.parameters());
  const options: FitOptions = { loss: mse, optimizer, ...more, ...(isCompiled && { compile }) };
  const bits = () => [
    ...[...model.stateDict(), ...optimizer.stateDict()].map(([key, x]) => [key, ...x.data]),
    ...model.parameters().map((p) => (p.grad === null ? null : [...p.grad.data])),
    defaultGenerator().state,
    generator.state,
  ];
  return { model, optimizer, options, bits };
}

const batch = (seed: number): Batch => {
  const generator = new Generator(seed);
  return [randn([4, 3], { generator }), randn([4, 1], { generator })];
};

/** A batch with a NaN in its inputs or targets. */
const spoiled = ([x, y]: Batch, row: number, isTarget: boolean): Batch => {
  const [values, target] = [x.data, y.data];
  if (isTarget) target[row] = Number.NaN;
  else values[3 * row + 1] = Number.NaN;
  return [T.reshape(tensor(values), [4, 3]), T.reshape(tensor(target), [4, 1])];
};

const setups: fc.Arbitrary<Setup> = fc.record(
  {
    parts: fc.array(fc.constantFrom<Part>("linear", "norm", "dropout", "default dropout", "tanh", "layer norm"), {
      maxLength: 5,
    }),
    optimizer: fc.constantFrom(...(Object.keys(optimizers) as (keyof typeof optimizers)[])),
    isCompiled: fc.boolean(),
    clipNorm: fc.constantFrom(0.1, 10),
  },
  { requiredKeys: ["parts", "optimizer", "isCompiled"] },
);

test("whatever the model and the optimizer, a step that is refused leaves every bit, and what follows is as if it had not been", async () => {
  const places = fc.record({ good: fc.nat(3), row: fc.nat(3), isTarget: fc.boolean() });
  const property = fc.asyncProperty(setups, places, async (setup, { good, row, isTarget }) => {
    const steps = Array.from({ length: good }, (_, i) => batch(i));
    const rest = [batch(10), batch(11)];
    const refused = start(setup);
    let before = refused.bits();
    const onStep = (): void => {
      before = refused.bits();
    };
    // In one call, so that it is a replay that is refused, where steps are compiled and came before.
    const data = [...steps, spoiled(batch(9), row, isTarget)];
    const training = fit(refused.model, data, { ...refused.options, callbacks: [{ onStep }] });
    const place = isTarget
      ? `row ${row} of the targets (NaN at [${row}, 0])`
      : `row ${row} of the inputs (NaN at [${row}, 1])`;
    await expect(training).rejects.toThrow(
      `epoch 1, batch ${good + 1}: fit: loss and gradients must be finite, got NaN in the loss, from ${place}; nothing was changed; to find the op, run the step in detectAnomaly`,
    );
    expect(refused.bits()).toEqual(before);
    const { losses } = await fit(refused.model, rest, refused.options);
    const after = refused.bits();
    const plain = start(setup);
    if (good > 0) await fit(plain.model, steps, plain.options);
    expect((await fit(plain.model, rest, plain.options)).losses).toEqual(losses);
    expect(plain.bits()).toEqual(after);
  });
  await fc.assert(property, { numRuns: 50 });
});

describe.each([false, true])("a step that is refused, compiled: %s", (isCompiled) => {
  const setup: Setup = { parts: ["linear", "norm", "default dropout"], optimizer: "Adam", isCompiled };

  test("is undone for any error, of the loss as of a gradient alone", async () => {
    const { model, options, bits } = start(setup);
    await fit(model, [batch(1)], options);
    const before = bits();
    const broken = (): never => {
      throw new RangeError("no");
    };
    await expect(fit(model, [batch(2)], { ...options, loss: broken })).rejects.toThrow(RangeError);
    expect(bits()).toEqual(before);
    // √ is 0 at 0, and its derivative is infinite.
    const steep: FitOptions["loss"] = (outputs) => T.sum(T.sqrt(T.mul(outputs, 0)));
    for (const more of [{}, { clipNorm: 1 }]) {
      const training = fit(model, [batch(2)], { ...options, ...more, loss: steep });
      await expect(training).rejects.toThrow(/got NaN in the gradient of layers.0.weight, from finite inputs/);
      expect(bits()).toEqual(before);
    }
  });

  test("says which parameter or buffer was not finite, and which sample in all data", async () => {
    const { model, options } = start(setup);
    model.parameters()[0]?.assign([[1, 2, 3], [4, Number.NaN, 6], [7, 8, 9]]); // biome-ignore format: a matrix
    await expect(fit(model, [batch(1)], options)).rejects.toThrow(
      "got NaN in the loss, from layers.0.weight (NaN at [1, 1]); nothing was changed",
    );
    const other = start(setup);
    const x = T.cat([batch(1)[0], spoiled(batch(2), 2, false)[0]]);
    const training = fit(other.model, { x, y: zeros([8, 1]) }, { ...other.options, batchSize: 8 });
    await expect(training).rejects.toThrow(/from row \d of the inputs \(NaN at \[\d, 1\]; sample 6 of the data\)/);
  });

  test("gives the order back that was drawn for it, so that good data trains as if there had been no bad", async () => {
    const all = (bad: Batch) => new TensorDataset(T.cat([batch(1)[0], bad[0]]), T.cat([batch(1)[1], bad[1]]));
    const [refused, bad] = [start(setup), all(spoiled(batch(2), 0, true))];
    await expect(fit(refused.model, bad, { ...refused.options, batchSize: 8 })).rejects.toThrow(GradError);
    const { losses } = await fit(refused.model, all(batch(2)), { ...refused.options, batchSize: 3 });
    const plain = start(setup);
    expect((await fit(plain.model, all(batch(2)), { ...plain.options, batchSize: 3 })).losses).toEqual(losses);
  });
});

describe.each([false, true])("callbacks may change the model between steps, compiled: %s", (isCompiled) => {
  const compiled = isCompiled ? { compile } : {};

  test("what is unfrozen is clipped and checked from the next step on", async () => {
    manualSeed(1);
    const [front, back] = [new Linear(1, 1, { bias: false }), new Linear(1, 1, { bias: false })];
    const model = new Sequential(front, back);
    const optimizer = new T.SGD(model.parameters(), { lr: 1 });
    T.freeze(front);
    front.weight.assign([[1]]);
    back.weight.assign([[1000]]); // so that the gradient at the front is 2,000,000
    const onStep = ({ step }: StepRecord): void => {
      if (step === 2) unfreeze(front);
    };
    const data: Batch[] = Array.from({ length: 4 }, () => [ones([1, 1]), zeros([1, 1])]);
    const options = { loss: mse, optimizer, clipNorm: 1e-3, ...compiled };
    await fit(model, data, { ...options, callbacks: [{ onStep }] });
    const moved = 1 - front.weight.item();
    expect(moved).toBeGreaterThan(0);
    expect(moved).toBeLessThan(2.1e-3);
    front.weight.assign([[Number.MAX_VALUE]]);
    await expect(fit(model, data, options)).rejects.toThrow("layers.0.weight (Infinity at [0, 0])");
  });

  test("what is taken out of training is in it at the next step, and train() of the model's own decides", async () => {
    const seen: boolean[] = [];
    class Own extends Sequential {
      override train(on = true): this {
        super.train(on);
        this.layers[1]!.training = false; // as where running statistics are to stay
        return this;
      }
      override forward(x: Tensor): Tensor {
        seen.push(...this.layers.map(({ training }) => training));
        return super.forward(x);
      }
    }
    const model = new Own(new Linear(3, 3), new BatchNorm1d(3), new Linear(3, 1));
    const optimizer = new T.Adam(model.parameters());
    const onStep = (): void => {
      model.eval();
    };
    await fit(model, [batch(1), batch(2), batch(3)], { loss: mse, optimizer, ...compiled, callbacks: [{ onStep }] });
    expect(seen.slice(0, 3)).toEqual([true, false, true]);
    expect(new Set(seen.filter((_, i) => i % 3 !== 1))).toEqual(new Set([true]));
  });

  test("dropout drops on after model.eval() in a callback", async () => {
    const model = new Sequential(new Linear(3, 1), new Dropout(1));
    const optimizer = new T.Adam(model.parameters());
    const y = ones([4, 1]);
    const data: Batch[] = [1, 2, 3].map((seed): Batch => [batch(seed)[0], y]);
    const callbacks = [{ onStep: () => void model.eval() }];
    const { losses } = await fit(model, data, { loss: mse, optimizer, ...compiled, callbacks });
    expect(losses).toEqual([1, 1, 1]);
  });
});
