import {
  Adam,
  argmax,
  crossEntropy,
  eq,
  indexSelect,
  Linear,
  manualSeed,
  noGrad,
  permutation,
  relu,
  Sequential,
  split,
  type Tensor,
  tensor,
} from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { Noise, standardizer } from "../../../examples/support/inputs.ts";
import { show } from "./show.ts";

const pixels = 64;

/** The lines of the example's data: 64 pixels from 0 to 16, and the digit. */
async function fetchDigits(): Promise<number[][]> {
  const { body } = await fetch("/examples/data/digits.csv.gz");
  if (body === null) throw new Error("the data is empty");
  const text = await new Response(body.pipeThrough(new DecompressionStream("gzip"))).text();
  return text
    .trim()
    .split("\n")
    .map((line) => line.split(",").map(Number));
}

function dataset(rows: readonly (readonly number[])[]): { inputs: Tensor; labels: Tensor } {
  return {
    inputs: tensor(rows.map((row) => row.slice(0, pixels).map((ink) => ink / 16))),
    labels: tensor(
      rows.map((row) => row[pixels]!),
      { dtype: "int32" },
    ),
  };
}

/** Learns from four fifths of the digits; returns the share of the others that it reads rightly. */
async function accuracy(epochs: number): Promise<number> {
  const rows = await fetchDigits();
  const train = dataset(rows.filter((_, i) => i % 5 !== 4));
  const test = dataset(rows.filter((_, i) => i % 5 === 4));
  manualSeed(0);
  const model = new Sequential(
    standardizer(train.inputs),
    new Noise(0.6),
    new Linear(pixels, 64),
    relu,
    new Linear(64, 32),
    relu,
    new Linear(32, 10),
  );
  const optimizer = new Adam(model.parameters(), { lr: 4e-3 });
  const step = compile((x: Tensor, y: Tensor) => {
    const loss = crossEntropy(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
  });
  for (let epoch = 0; epoch < epochs; epoch++) {
    optimizer.lr = 4e-3 * (1 - epoch / epochs);
    for (const batch of split(permutation(train.labels.size), 32)) {
      step(indexSelect(train.inputs, 0, batch), indexSelect(train.labels, 0, batch));
    }
  }
  const predicted = noGrad(() => argmax(model.eval().forward(test.inputs), 1));
  return eq(predicted, test.labels).sum().item() / test.labels.size;
}

void show(async () => ({ accuracy: await accuracy(40) }));
