// Regression: how far diabetes progresses within a year. Run by `npm run example:diabetes`.
import { fileURLToPath } from "node:url";
import {
  AdamW,
  cosine,
  LBFGS,
  Linear,
  manualSeed,
  mlp,
  mse,
  Schedule,
  Sequential,
  StandardScaler,
  silu,
} from "tinygrad-ts";
import { lines } from "tinygrad-ts/reporters";
import { bestWeights, convergence, fit, predict, r2, rmse, TensorDataset, trainTestSplit } from "tinygrad-ts/train";
import { runExample, wholeNumber } from "./support/cli.ts";
import { readTable } from "./support/table.ts";

const usage = `
diabetes: predicts the progress of a disease from ten measurements, by a straight line and by a perceptron

  --epochs N   passes over the training data (60)
  --seed N     seed of the split, the weights and shuffling; the same seed gives the same run, to the bit (0)
  -h, --help   this text
`;

const file = (name: string) => fileURLToPath(new URL(`data/${name}`, import.meta.url));

await runExample(usage, { epochs: "60", seed: "0" }, async (options) => {
  const epochs = wholeNumber("epochs", options.epochs, 1);
  manualSeed(wholeNumber("seed", options.seed, 0));
  const x = readTable(file("diabetes_data_raw.csv.gz"), { separator: /\s+/ });
  const y = readTable(file("diabetes_target.csv.gz"));
  const [rest, test] = trainTestSplit({ x, y }, { testShare: 0.2 });
  const [train, validation] = trainTestSplit(rest, { testShare: 0.15 });
  console.log(`${train.size} patients to learn from, ${validation.size} to stop by, ${test.size} to test with\n`);

  // What is predicted is scaled too: a network starts with outputs near 0, and the targets go up to 346.
  const scale = new StandardScaler(1).fit(train.tensors[1]);
  const scaled = ({ tensors: [x, y] }: TensorDataset) => new TensorDataset(x, scale.forward(y));

  const line = new Sequential(new StandardScaler(10).fit(rest.tensors[0]), new Linear(10, 1));
  fitLine(line, scaled(rest));
  report("straight line", line, scale, test);

  const perceptron = mlp([10, 32, 1], { activation: silu, dropout: 0.2 });
  const model = new Sequential(new StandardScaler(10).fit(train.tensors[0]), perceptron);
  const optimizer = new AdamW(model.parameters(), { lr: 5e-3, weightDecay: 0.05 });
  console.log();
  const history = await fit(model, scaled(train), {
    loss: mse,
    optimizer,
    epochs,
    batchSize: 32,
    schedule: new Schedule(optimizer, cosine(epochs)),
    validation: scaled(validation),
    callbacks: [bestWeights(), lines({ every: Math.ceil(epochs / 6) })],
  });
  console.log(`\nloss curve: ${convergence(history)}\n`);
  report("perceptron", model, scale, test);
});

/** The best line, which L-BFGS finds in a few iterations. */
function fitLine(model: Sequential, data: TensorDataset): void {
  const [x, y] = data.tensors;
  const optimizer = new LBFGS(model.parameters(), { maxIterations: 100 });
  optimizer.step(() => {
    const loss = mse(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    return loss;
  });
}

function report(name: string, model: Sequential, scale: StandardScaler, test: TensorDataset): void {
  const predicted = scale.inverse(predict(model, test));
  const [error, explained] = [rmse(predicted, test.tensors[1]), r2(predicted, test.tensors[1])];
  console.log(`${name}: RMSE ${error.toFixed(1)}, R² ${explained.toFixed(3)} on patients that it has not seen`);
}
