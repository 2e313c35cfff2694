import {
  Adam,
  crossEntropy,
  type Layer,
  Linear,
  manualSeed,
  mlp,
  randint,
  randn,
  Sequential,
  type Tensor,
} from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { type FitOptions, type TrainingData, fit as train } from "tinygrad-ts/train";
import { group, print } from "./group.ts";

// Trainings that fail on one rank, or differ: all ranks throw, and go on together.

const { rank } = group;

async function attempt(
  name: string,
  change: {
    model?: () => Layer;
    data?: (data: { x: Tensor; y: Tensor }) => TrainingData;
    options?: Partial<FitOptions>;
    step?: number;
  },
): Promise<void> {
  manualSeed(1);
  const model = change.model?.() ?? mlp([4, 8, 3]);
  const data = { x: randn([40, 4]), y: randint(0, 3, [40]) };
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
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
await attempt("other data", { data: ({ x, y }) => ({ x: rank === 0 ? x : x.add(1), y }) });
await attempt("more batches", {
  data: ({ x, y }) => Array.from({ length: rank === 0 ? 3 : 4 }, () => [x, y] as const),
  options: { batchSize: undefined as never },
});
await attempt("a class that there is not, on one rank", {
  data: ({ x, y }) => ({ x, y: y.add(rank === 1 ? 3 : 0) }),
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
await attempt("averaged twice", { options: { compile: (f) => compile(f, { average: group }) } });
await attempt("pieces that are no power of two", { options: { reproducible: 6 } });
await attempt("a sum instead of a mean", {
  options: { loss: (a: Tensor, b: Tensor) => crossEntropy(a, b, { reduction: "sum" }) },
});
