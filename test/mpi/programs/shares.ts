import {
  Adam,
  crossEntropy,
  Dropout,
  defaultGenerator,
  Generator,
  Layer,
  Linear,
  logSoftmax,
  manualSeed,
  mse,
  nll,
  noGrad,
  onesLike,
  rand,
  randn,
  randnLike,
  Sequential,
  SGD,
  type Tensor,
  tensor,
  where,
  zerosLike,
} from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { type FitOptions, fit as train } from "tinygrad-ts/train";
import { group, print } from "./group.ts";

// What depends on who has which rows: numbers that are drawn, and means over weights.

/** Goes on where it was, if that fails; says how it ended. */
async function ended(run: () => Promise<unknown>): Promise<string> {
  let text = "well";
  try {
    await run();
  } catch (error) {
    text = String(error);
  }
  group.barrier();
  return text;
}

/** Draws from the second epoch on. */
class Later extends Layer {
  isOn = false;
  readonly #draw: (x: Tensor) => Tensor;
  constructor(draw: (x: Tensor) => Tensor) {
    super();
    this.#draw = draw;
  }
  override forward(x: Tensor): Tensor {
    return this.isOn ? this.#draw(x) : x;
  }
}

const width = 16;

interface Drawn {
  readonly end: string;
  /** How many rows are unlike, in each epoch. */
  readonly kinds: readonly number[];
  readonly rows: unknown;
  /** Where the default generator stands. */
  readonly state: readonly number[];
}

/** What a layer has made of ones, row by row, from the second epoch on. */
async function drawn(draw: (x: Tensor) => Tensor, options: Partial<FitOptions>): Promise<Drawn> {
  manualSeed(3);
  const later = new Later(draw);
  const model = new Sequential(new Linear(width, width), later);
  const rows: string[][] = [];
  const [weight, bias] = model.parameters() as [Tensor, Tensor];
  weight.assign(zerosLike(weight));
  bias.assign(onesLike(bias));
  const history = train(
    model,
    { x: randn([8, width]), y: randn([8, width]) },
    {
      loss: mse,
      optimizer: new SGD(model.parameters(), { lr: 1e-30 }),
      epochs: 3,
      batchSize: 8,
      metrics: {
        seen: (outputs: Tensor) => {
          rows.push(Array.from({ length: 8 }, (_, i) => String(outputs.slice([i, i + 1]).data)));
          return 0;
        },
      },
      callbacks: [
        {
          onEpoch() {
            later.isOn = true;
          },
        },
      ],
      group,
      ...options,
    },
  );
  const end = await ended(() => history);
  const kinds = rows.map((own) => new Set(own).size);
  return { end, kinds, rows: rows.slice(1), state: defaultGenerator().state };
}

const half = new Dropout(0.5);
const own = new Generator(9);
const draws: Record<string, (x: Tensor) => Tensor> = {
  dropout: (x) => half.forward(x),
  "a generator of its own": (x) => x.add(rand(x.shape, { generator: own })),
};
const eager: Record<string, (x: Tensor) => Tensor> = {
  "a generator that each step makes": (x) => x.add(rand(x.shape, { generator: new Generator(4) })),
  "a generator that is split": (x) => x.add(rand(x.shape, { generator: own.split() })),
};
for (const [name, draw] of Object.entries({ ...draws, ...eager })) {
  for (const how of name in eager ? [false as const] : [compile, false as const]) {
    own.state = new Generator(9).state;
    const { rows: _rows, ...rest } = await drawn(draw, { compile: how });
    print({ drawn: name, isCompiled: how !== false, ...rest });
    own.state = new Generator(9).state;
    const pieces = await drawn(draw, { compile: how, reproducible: 4 });
    print({ pieces: name, isCompiled: how !== false, ...pieces });
  }
}

// What was drawn once is drawn again from where the generator was put back to, as where a part is computed again for backward.
let isAgain: boolean[] = [];
const again = (x: Tensor): Tensor => {
  const { state } = own;
  const first = rand(x.shape, { generator: own });
  own.state = state;
  const second = rand(x.shape, { generator: own });
  isAgain.push(String(first.data) === String(second.data));
  return x.add(second);
};
const { kinds } = await drawn(again, { compile: false });
print({ again: isAgain, kinds });
isAgain = [];

/** An optimizer that adds noise, which must be the same on all ranks. */
class Noisy extends SGD {
  override step(): void {
    super.step();
    noGrad(() => {
      for (const { params } of this.groups) for (const p of params) p.assign(p.add(randnLike(p).mul(0.01)));
    });
  }
}
for (const [name, more] of Object.entries({
  eager: { compile: false },
  compiled: { compile },
  pieces: { compile, reproducible: 4 },
} as const)) {
  manualSeed(3);
  const model = new Sequential(new Linear(4, 4), new Dropout(0.5));
  const options = { loss: mse, optimizer: new Noisy(model.parameters(), { lr: 0.1 }), epochs: 2, batchSize: 8 };
  const end = await ended(() => train(model, { x: randn([21, 4]), y: randn([21, 4]) }, { ...options, group, ...more }));
  print({ noisy: name, end });
}

// Noise in evaluation, of shares that are not alike: afterwards, all have the same order again.
{
  manualSeed(3);
  const model = new Sequential(new Linear(4, 1), (x: Tensor) => x.add(randn([x.shape[0]!, 1]).mul(0.1)));
  const data = { x: randn([21, 4]), y: randn([21, 1]) };
  const options = { loss: mse, optimizer: new SGD(model.parameters(), { lr: 0.1 }), epochs: 3, batchSize: 8 };
  print({ evaluated: await ended(() => train(model, data, { ...options, validation: data, compile: false, group })) });
}

// Means over weights.
const classes = 3;
const weight = [1, 3, 0.5];
const ignored = -1;

interface Found {
  readonly weights: number[];
  readonly losses: readonly number[];
  readonly validation: number[];
}

/** @param targets - of 21 samples, in batches of 5: of the last one, some ranks have none. */
async function weighed(
  loss: FitOptions["loss"],
  targets: readonly number[],
  more: Partial<FitOptions>,
): Promise<Found> {
  manualSeed(4);
  const model = new Linear(4, classes);
  const data = { x: randn([targets.length, 4]), y: tensor(targets, { dtype: "int32" }) };
  const optimizer = new Adam(model.parameters(), { lr: 0.05 });
  const options = { loss, optimizer, epochs: 2, batchSize: 5, shuffle: false, validation: data, clipNorm: 1 };
  const history = await train(model, data, { ...options, ...more });
  return {
    weights: model.parameters().flatMap((p) => [...p.data]),
    losses: history.losses,
    validation: history.epochs.map((epoch) => epoch.validation!.loss),
  };
}

const target = Array.from({ length: 21 }, (_, i) => (i * i) % classes);
// The second batch has nothing but two samples of the first rank, the fourth one of each.
const holes = target.map((c, i) => ([7, 8, 9, 15, 19].includes(i) ? ignored : c));
const losses: Record<string, FitOptions["loss"]> = {
  "weights of classes": (a: Tensor, b: Tensor) => crossEntropy(a, b, { weight }),
  "targets that are ignored": (a: Tensor, b: Tensor) => crossEntropy(a, b, { ignoreIndex: ignored }),
  both: (a: Tensor, b: Tensor) =>
    nll(logSoftmax(a, 1), b, { ignoreIndex: ignored, weight }).add(a.mul(a).mean().mul(0.1)),
};
const isNear = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((v, i) => Math.abs(v - b[i]!) < 1e-4);
for (const [name, loss] of Object.entries(losses)) {
  const targets = name === "weights of classes" ? target : holes;
  const alone = await weighed(loss, targets, {});
  for (const how of [compile, false] as const) {
    let found: Found | null = null;
    const end = await ended(async () => {
      found = await weighed(loss, targets, { compile: how, group });
    });
    const parts = found ?? { weights: [], losses: [], validation: [] };
    const near = Object.entries(parts).map(([part, values]) => [part, isNear(values, alone[part as keyof Found])]);
    print({ weighed: name, isCompiled: how !== false, end, ...Object.fromEntries(near) });
  }
}
const refused = (loss: FitOptions["loss"], more: Partial<FitOptions>): Promise<string> =>
  ended(() => weighed(loss, holes, { group, compile, ...more }));
print({ refused: "in pieces", end: await refused(losses["both"]!, { reproducible: 4 }) });
const masked = (a: Tensor, b: Tensor): Tensor => {
  const isThere = b.ne(ignored).to("float32");
  const terms = crossEntropy(a, where(b.ne(ignored), b, 0), { reduction: "none" });
  return terms.mul(isThere).sum().div(isThere.sum());
};
print({ refused: "a mean over a mask", end: await refused(masked, {}) });
