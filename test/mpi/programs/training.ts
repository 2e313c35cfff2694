import { createHash } from "node:crypto";
import {
  Adam,
  argmax,
  BatchNorm1d,
  crossEntropy,
  Dropout,
  Generator,
  type Layer,
  Linear,
  manualSeed,
  randint,
  randn,
  relu,
  Sequential,
  SGD,
  type Tensor,
  tensor,
  zeros,
} from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { accuracy, batches, type FitOptions, fit as train } from "tinygrad-ts/train";
import { group, print } from "./group.ts";

// Trainings by fit on all ranks, beside one without a group.

interface Case {
  readonly layers: () => Layer;
  readonly options?: Partial<FitOptions>;
  /** With the group alone. */
  readonly shared?: Partial<FitOptions>;
  readonly samples?: number;
}

async function trained(
  { layers, options, samples = 50 }: Case,
  more: Partial<FitOptions>,
): Promise<{ weights: number[]; epochs: unknown; compiled: string; losses: readonly number[]; residuals: number[] }> {
  manualSeed(5);
  const model = layers();
  const data = { x: randn([samples, 6]), y: randint(0, 3, [samples]) };
  const validation = { x: randn([21, 6]), y: randint(0, 3, [21]) };
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const history = await train(model, data, {
    loss: crossEntropy,
    optimizer,
    epochs: 2,
    batchSize: 16,
    metrics: { accuracy },
    validation,
    clipNorm: 1,
    ...options,
    ...more,
  });
  const weights = [...model.stateDict().values()].flatMap((x) => [...x.data]);
  const residuals = [...history.residuals.values()].flat();
  return {
    weights,
    epochs: history.epochs.map(({ loss, metrics, validation: own }) => [
      loss,
      metrics["accuracy"],
      own!.loss,
      own!.metrics["accuracy"],
    ]),
    compiled: history.compiled,
    losses: history.losses,
    residuals,
  };
}

function isSameOnAll(weights: readonly number[]): boolean {
  return group.gather(Float64Array.from(weights)).every((v, i) => Object.is(v, weights[i % weights.length]));
}

const digest = (values: readonly number[]): string =>
  createHash("sha256")
    .update(new Uint8Array(Float64Array.from(values).buffer))
    .digest("hex");

const difference = (a: readonly number[], b: readonly number[]): number =>
  a.length === b.length ? Math.max(...a.map((v, i) => Math.abs(v - b[i]!))) : Number.POSITIVE_INFINITY;

const plain = (): Layer => new Sequential(new Linear(6, 40), relu, new Linear(40, 3));
// Without a bias, whose gradient would be 0 but for rounding: Adam would make steps of that.
const normalized = (): Layer =>
  new Sequential(new Linear(6, 40, { bias: false }), new BatchNorm1d(40), relu, new Linear(40, 3));
const dropping = (): Layer =>
  new Sequential(new Linear(6, 40), new Dropout(0.3), relu, new Dropout(0.2), new Linear(40, 3));

const wide = (): Layer =>
  new Sequential(new Linear(6, 30, { dtype: "float64" }), relu, new Linear(30, 3, { dtype: "float64" }));

/** What a training of all ranks differs by from one without a group, and whether all ranks have the same. */
async function compare(name: string, own: Case): Promise<void> {
  const alone = await trained(own, {});
  const together = await trained(own, { group, ...own.shared });
  print({
    name,
    isSame: isSameOnAll(together.weights),
    weights: difference(alone.weights, together.weights) < 1e-3,
    epochs: difference((alone.epochs as number[][]).flat(), (together.epochs as number[][]).flat()) < 1e-3,
    losses: difference(alone.losses, together.losses) < 1e-3,
    residuals: difference(alone.residuals, together.residuals) < 1e-3,
    compiled: together.compiled,
  });
}

// Batches among ranks: sample i is row i of the identity, so the gradient of a mean over some samples is 1 / n for each of them and 0 for the others, and steps show who was in them.
async function sharded(more: Partial<FitOptions>): Promise<{ moves: number[][]; rows: number[][] }> {
  const n = 13;
  const x = tensor(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j))));
  const model = new Linear(n, 1, { bias: false });
  const [weight] = model.parameters() as [Tensor];
  const rows: number[][] = [];
  const watched = new Sequential((inputs: Tensor) => {
    if (model.training) rows.push([...argmax(inputs, 1).data]); // out of training, it is looked at what the loss is
    return inputs;
  }, model);
  weight.assign(zeros([1, n]));
  const moves: number[][] = [];
  let before = [...weight.data];
  await train(watched, batches({ x, y: zeros([n, 1]) }, { batchSize: 5, generator: new Generator(7) }), {
    loss: (output: Tensor) => output.mean(),
    optimizer: new SGD(model.parameters(), { lr: 1 }),
    epochs: 2,
    compile: false,
    callbacks: [
      {
        onStep() {
          const now = [...weight.data];
          moves.push(now.map((v, i) => before[i]! - v));
          before = now;
        },
      },
    ],
    ...more,
  });
  return { moves, rows };
}
const [one, many] = [await sharded({}), await sharded({ group })];
print({
  batches: many.moves.map((move) => move.flatMap((v, i) => (v === 0 ? [] : [i]))),
  isWeighted: difference(one.moves.flat(), many.moves.flat()) < 1e-5,
  rows: many.rows,
});

// argv: "all", or "some" of the cases.
const isAll = process.argv[2] === "all";
if (isAll) {
  await compare("compiled", { layers: plain, options: { compile } });
  await compare("eager", { layers: plain, options: { compile: false } });
  await compare("fewer samples than ranks at the end", { layers: plain, options: { compile }, samples: 49 });
  await compare("statistics of all", {
    layers: normalized,
    options: { compile },
    shared: { syncBatchNorm: true },
    samples: 48,
  });
  await compare("statistics of all, eager", { layers: normalized, shared: { syncBatchNorm: true }, samples: 48 });

  // What is computed on each rank's own: the same for all, if not the same as on one.
  for (const [name, layers] of Object.entries({ normalized, dropping })) {
    for (const how of [compile, false] as const) {
      const { weights } = await trained({ layers, samples: 48 }, { group, compile: how });
      print({ own: name, isCompiled: how !== false, isSame: isSameOnAll(weights) });
    }
  }
}

// In pieces, the same bits on any number of ranks.
for (const [name, layers] of Object.entries({ plain, normalized, dropping, wide })) {
  const reproducible = name === "normalized" ? 4 : 8; // statistics need more than one sample a piece
  if (group.size > reproducible) continue;
  for (const [how, samples] of [
    [compile, 56],
    [compile, name === "normalized" ? 48 : 49],
    [false, 56],
  ] as const) {
    if (name === "wide" && samples !== 49) continue;
    if (!isAll && (how === false || samples === 48)) continue;
    const result = await trained({ layers, samples }, { group, compile: how, reproducible });
    print({
      pieces: name,
      isCompiled: how !== false,
      samples,
      bits: digest([...result.weights, ...result.losses, ...result.residuals]),
    });
  }
}
