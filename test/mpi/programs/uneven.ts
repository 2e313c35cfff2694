import {
  Adam,
  BatchNorm1d,
  Layer,
  Linear,
  manualSeed,
  mse,
  ones,
  randn,
  Sequential,
  SGD,
  type Tensor,
  tensor,
} from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { type FitOptions, fit as train } from "tinygrad-ts/train";
import { group, print, refusal } from "./group.ts";

// Steps that ranks do not record at the same time: a last batch that one knows the size of already, another not.

async function attempt(name: string, layers: () => Layer, options: Partial<FitOptions>, rows = 7): Promise<void> {
  manualSeed(1);
  const model = layers();
  const data = { x: randn([rows, 5]), y: randn([rows, 1]) };
  const attempted = async (more: Partial<FitOptions>): Promise<string> => {
    try {
      const optimizer = new Adam(model.parameters());
      const { losses } = await train(model, data, {
        loss: mse,
        optimizer,
        batchSize: 3,
        epochs: 2,
        ...options,
        ...more,
      });
      return `${losses.length} steps`;
    } catch (error) {
      return String(error);
    }
  };
  print({ name, ended: await attempted({ group }) });
  group.barrier();
}

const linear = (): Layer => new Linear(5, 1);
await attempt("clipped", linear, { compile, clipNorm: 0.5 });
await attempt("plain", linear, { compile });
await attempt("residuals", linear, { compile, clipNorm: 0.5, residuals: true });
const normalized = (): Layer => new Sequential(new Linear(5, 4), new BatchNorm1d(4), new Linear(4, 1));
await attempt("statistics of all", normalized, { compile, syncBatchNorm: true, batchSize: 8, clipNorm: 1 }, 23);

// Statistics of one value: also with those of all ranks, where the last batch of 2 has the same program.
for (const [name, rows] of [
  ["one sample is left", 19],
  ["one sample for each rank", 18],
] as const) {
  for (const syncBatchNorm of [true, false]) {
    const options = { compile, syncBatchNorm, batchSize: rows === 19 ? 2 : 8, dropLast: false };
    await attempt(`${name}, ${syncBatchNorm ? "together" : "apart"}`, normalized, options, rows);
  }
}
await attempt("one sample in each piece", normalized, { compile, reproducible: 4, batchSize: 4 }, 8);

// Two experts of one shape: the sign of the first row's first number says which of them a piece uses, and there is a gradient of that one alone.
class Experts extends Layer {
  readonly first = new Linear(2, 1);
  readonly second = new Linear(2, 1);
  override forward(x: Tensor): Tensor {
    return (x.data[0]! > 0 ? this.first : this.second).forward(x);
  }
}

/** The same, row by row. */
class Chosen extends Experts {
  override forward(x: Tensor): Tensor {
    const isFirst = x.data.filter((_, i) => i % 2 === 0).map((v) => Number(v > 0));
    const chosen = tensor([...isFirst]).reshape([isFirst.length, 1]);
    return this.first
      .forward(x)
      .mul(chosen)
      .add(this.second.forward(x).mul(chosen.neg().add(1)));
  }
}

/** Weights after training, and losses, of a model that uses one expert for some rows. */
async function experts(
  samples: readonly number[],
  options: Partial<FitOptions>,
  Model = Experts,
): Promise<number[] | string> {
  manualSeed(2);
  const model = new Model();
  const x = tensor(samples.map((v) => [v, v * v]));
  const validation = { x: randn([21, 2]), y: randn([21, 1]) };
  try {
    const history = await train(
      model,
      { x, y: ones([samples.length, 1]) },
      {
        loss: mse,
        optimizer: new SGD(model.parameters(), { lr: 0.1 }),
        batchSize: samples.length,
        epochs: 3,
        shuffle: false,
        compile: false,
        validation,
        ...options,
      },
    );
    const weights = model.parameters().flatMap((p) => [...p.data]);
    return [...weights, ...history.losses, ...history.epochs.map((epoch) => epoch.validation!.loss)];
  } catch (error) {
    return String(error);
  }
}

const samples = [1, 1.5, -1, -0.5, 2, 0.5, -2, -1.5];
const pieces = await experts(samples, { group, reproducible: 4 });
print({ name: "experts in pieces", weights: pieces });
print({ name: "experts row by row", weights: await experts(samples, {}, Chosen) });
print({ name: "experts on ranks", ended: await experts([1, 1.5, 2, 0.5, -1, -0.5, -2, -1.5], { group }) });
print({
  name: "a sum, of one row each",
  ended: await experts([1, 2], { group, loss: (a: Tensor, b: Tensor) => mse(a, b).mul(a.shape[0]!) }),
});
const both = [1, 2].map(() => experts(samples, { group, reproducible: 4 }));
const [one, other] = await Promise.all(both);
print({ name: "two at once", weights: one, ended: other });

// In evaluation, too, this layer adds noise.
const noisy = (): Layer => new Sequential(new Linear(5, 1), (x: Tensor) => x.add(randn([x.shape[0]!, 1])));
await attempt("noise in evaluation", noisy, { compile: false }, 12);

// A gradient that is the same whatever the arguments, which the program does not compute.
const weight = ones([2], { requiresGrad: true });
const step = compile(
  (x: Tensor) => {
    weight.grad = null;
    weight.mul(2).sum().backward();
    return x.add(weight.grad!);
  },
  { average: group },
);
print({ name: "a constant gradient", weights: [0, 1].flatMap((v) => [...step(tensor([v, v])).data]) });
print({
  name: "as many samples as a rank has",
  ended: refusal(() => step(ones(group.rank === 0 ? [3, 2] : [1, 2]))),
});
print({ name: "a tensor to allReduce", ended: refusal(() => group.allReduce(ones([2]) as never)) });
