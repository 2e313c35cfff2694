import {
  Adam,
  BatchNorm1d,
  crossEntropy,
  gradients,
  type Layer,
  Linear,
  manualSeed,
  mlp,
  mse,
  ones,
  randint,
  randn,
  Sequential,
  SGD,
  type Tensor,
  tensor,
  zeros,
} from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { type FitOptions, type TrainingData, fit as train } from "tinygrad-ts/train";
import { group, print, refusal } from "./group.ts";

// Trainings that fail on one rank, or differ: all ranks throw, and go on together.

const { rank } = group;

async function attempt(
  name: string,
  change: {
    model?: () => Layer;
    data?: (data: { x: Tensor; y: Tensor }) => TrainingData;
    options?: Partial<FitOptions>;
    rate?: number;
  },
): Promise<void> {
  manualSeed(1);
  const model = change.model?.() ?? mlp([4, 8, 3]);
  const data = { x: randn([40, 4]), y: randint(0, 3, [40]) };
  const optimizer = new Adam(model.parameters(), { lr: change.rate ?? 0.01 });
  const before = [...model.parameters()].flatMap((p) => [...p.data]);
  try {
    const given = change.data?.(data) ?? data;
    const history = await train(model, given, {
      loss: crossEntropy,
      optimizer,
      epochs: 2,
      batchSize: 8,
      compile,
      group,
      ...change.options,
    });
    print({ name, steps: history.losses.length, stopped: history.stopped });
  } catch (error) {
    const isSame = [...model.parameters()].flatMap((p) => [...p.data]).every((v, i) => v === before[i]);
    print({ name, error: String(error), isSame });
  }
  group.barrier(); // all are here again
}

await attempt("other weights", {
  model: () => {
    manualSeed(rank);
    return mlp([4, 8, 3]);
  },
});
await attempt("another model", { model: () => mlp([4, rank === 0 ? 8 : 9, 3]) });
await attempt("other settings", { options: { clipNorm: 1 + rank } });
await attempt("another rate", {
  rate: 0.01 * (rank + 1),
});
await attempt("another order", { options: { shuffle: rank === 0 } });
await attempt("validation on one rank", {
  options: rank === 0 ? {} : { validation: { x: zeros([4, 4]), y: randint(0, 3, [4]) } },
});
await attempt("other data", { data: ({ x, y }) => ({ x: rank === 0 ? x : x.add(1), y }) });
await attempt("other data, in pieces", {
  data: ({ x, y }) => ({ x: rank === 0 ? x : x.add(1), y }),
  options: { reproducible: 8 },
});
await attempt("other data later", {
  data: ({ x, y }) => [0, 0, rank].map((by) => [x.add(by), y] as const),
  options: { batchSize: undefined as never },
});
await attempt("another loss", { options: { loss: (a: Tensor, b: Tensor) => crossEntropy(a, b).mul(rank + 1) } });
await attempt("another loss of a class that comes later", {
  data: ({ x }) => ({
    x,
    y: tensor(
      Array.from({ length: 40 }, (_, i) => (i < 8 ? i % 2 : i % 3)),
      { dtype: "int32" },
    ),
  }),
  options: {
    shuffle: false,
    loss: (a: Tensor, b: Tensor) => crossEntropy(a, b, { weight: tensor([1, 1, 1 + rank]) }),
  },
});
await attempt("a loss with gradients in it", {
  options: {
    loss: (a: Tensor, b: Tensor) => {
      const [g] = gradients(crossEntropy(a, b, { reduction: "sum" }), [a], { createGraph: true });
      return crossEntropy(a, b).add(g!.mul(g!).mean());
    },
  },
});
await attempt("more batches", {
  data: ({ x, y }) => Array.from({ length: rank === 0 ? 3 : 4 }, () => [x, y] as const),
  options: { batchSize: undefined as never },
});
await attempt("a class that there is not, on one rank", {
  data: ({ x }) => ({
    x,
    y: tensor(
      Array.from({ length: 40 }, (_, i) => (i % 8 < 4 ? 0 : 5)),
      { dtype: "int32" },
    ),
  }),
  options: { shuffle: false },
});
await attempt("a callback that throws on one rank", {
  options: {
    callbacks: [
      {
        onStep: ({ step }) => {
          if (step === 3 && rank === 1) throw new Error("the disk is full");
        },
      },
    ],
  },
});
await attempt("a layer that throws on one rank", {
  model: () =>
    new Sequential(new Linear(4, 3), (x) => {
      if (rank === 1) throw new Error("a bad layer");
      return x;
    }),
});
await attempt("a loss that is not finite", { data: ({ x, y }) => ({ x: x.mul(Number.NaN), y }) });
await attempt("stopped by one rank", {
  options: {
    callbacks: [
      {
        onStep: ({ step }, run) => {
          if (step === 4 && rank === 1) run.stop("enough");
        },
      },
    ],
  },
});
{
  let model: Layer;
  await attempt("weights that a callback changes on one rank", {
    model: () => {
      model = mlp([4, 8, 3]);
      return model;
    },
    options: {
      epochs: 30,
      callbacks: [
        {
          onStep: ({ step }) => {
            if (step === 70 && rank === 1) model.parameters()[0]!.assign(zeros([8, 4]));
          },
        },
      ],
    },
  });
  let calls = 0;
  await attempt("a callback for one process", {
    options: { callbacks: [{ isForOne: true, onStep: () => void calls++ }] },
  });
  print({ calls });
}
await attempt("averaged twice", { options: { compile: (f) => compile(f, { average: group }) } });
await attempt("pieces that are no power of two", { options: { reproducible: 6 } });
await attempt("a sum instead of a mean", {
  options: { loss: (a: Tensor, b: Tensor) => crossEntropy(a, b, { reduction: "sum" }) },
});

// Loops of one's own.

/** A model whose second parameter is another on rank 1, if `by` is not 0. */
function pair(by: number): { model: Layer; optimizer: SGD } {
  manualSeed(1);
  const model = new Linear(2, 1);
  if (rank === 1) model.bias!.assign(ones([1]).mul(by));
  else model.bias!.assign(zeros([1]));
  return { model, optimizer: new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }) };
}

function stepOf({ model, optimizer }: ReturnType<typeof pair>): (x: Tensor, y: Tensor) => Tensor {
  return (x, y) => {
    const loss = mse(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  };
}

const [x, y] = [ones([4, 2]), zeros([4, 1])];
const tell = (name: string, fn: () => unknown): void => {
  print({ name, error: refusal(fn) });
  group.barrier();
};

tell("compile from other weights", () => compile(stepOf(pair(1)), { average: group })(x, y));
tell("compile from the same weights", () => compile(stepOf(pair(0)), { average: group })(x, y));
tell("compile with another rate", () => {
  const own = pair(0);
  own.optimizer.groups[0]!.lr.assign(0.1 * (rank + 1)); // a tensor, which no program shows
  const step = compile(stepOf(own), { average: group });
  step(x, y);
  step(x, y);
});
tell("compile with another momentum", () => {
  const { model } = pair(0);
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.8 + 0.1 * rank });
  compile(stepOf({ model, optimizer }), { average: group })(x, y);
});
tell("compile with weights that were changed in between", () => {
  const own = pair(0);
  const step = compile(stepOf(own), { average: group });
  for (let i = 0; i < 101; i++) {
    step(x, y);
    if (i === 50 && rank === 1) own.model.parameters()[0]!.assign(ones([1, 2]));
  }
});
tell("compile with a rate that is another later", () => {
  const own = pair(0);
  const step = compile(stepOf(own), { average: group });
  for (let i = 0; i < 4; i++) step(x, y);
  own.optimizer.groups[0]!.lr.assign(0.1 * (rank + 1));
  step(x, y);
  step(x, y);
});
tell("compile another function", () => {
  const weight = ones([4, 2], { requiresGrad: true });
  compile(
    (a: Tensor) =>
      weight
        .mul(a)
        .mul(rank + 2)
        .sum()
        .backward(),
    { average: group },
  )(x);
});
tell("compile with statistics of each rank's own", () => {
  manualSeed(1);
  const model = new Sequential(new Linear(2, 3), new BatchNorm1d(3), new Linear(3, 1));
  const step = compile(stepOf({ model, optimizer: new SGD(model.parameters(), { lr: 0.1 }) }), { average: group });
  const own = x.add(randn([4, 2])).mul(rank + 1);
  for (let i = 0; i < 3; i++) step(own, y);
  step(own.slice([0, 3]), y.slice([0, 3])); // another program
});
const averaged = (own: ReturnType<typeof pair>, steps = 2): void => {
  for (let i = 0; i < steps; i++) {
    if (i === 4) own.optimizer.groups[0]!.lr.assign(0.1 * (rank + 1));
    own.optimizer.zeroGrad();
    mse(own.model.forward(x), y).backward();
    group.averageGradients(own.model.parameters());
    own.optimizer.step();
  }
};
tell("eager from other weights", () => averaged(pair(1)));
tell("eager with another rate", () => {
  const own = pair(0);
  own.optimizer.lr = 0.1 * (rank + 1);
  averaged(own);
});
tell("eager from the same weights", () => averaged(pair(0)));
tell("eager with a rate that is another later", () => averaged(pair(0), 6));
tell("eager without gradients on one rank", () => {
  const { model } = pair(0);
  if (rank === 0) mse(model.forward(x), y).backward();
  group.averageGradients(model.parameters());
});
