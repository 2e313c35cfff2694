// Classification with fit: which of three growers is a wine from? Run by `npm run example:wine`.
import { fileURLToPath } from "node:url";
import { Adam, crossEntropy, manualSeed, mlp, Sequential, StandardScaler, slice, tensor } from "tinygrad-ts";
import { lines } from "tinygrad-ts/reporters";
import {
  accuracy,
  bestWeights,
  confusionMatrix,
  earlyStopping,
  f1,
  fit,
  predict,
  trainTestSplit,
} from "tinygrad-ts/train";
import { runExample, wholeNumber } from "./support/cli.ts";
import { readTable } from "./support/table.ts";

const usage = `
wine: tells three growers apart by 13 chemical measurements of their wines

  --epochs N   passes over the training data, at most (200)
  --seed N     seed of the split, the weights and shuffling; the same seed gives the same run, to the bit (0)
  -h, --help   this text
`;

await runExample(usage, { epochs: "200", seed: "0" }, async (options) => {
  const epochs = wholeNumber("epochs", options.epochs, 1);
  manualSeed(wholeNumber("seed", options.seed, 0));
  const table = tensor(readTable(fileURLToPath(new URL("data/wine_data.csv", import.meta.url)), { skip: 1 }));
  const all = { x: slice(table, null, [0, 13]), y: slice(table, null, 13).to("int32") };
  const [rest, test] = trainTestSplit(all, { testShare: 0.25, stratified: true });
  const [train, validation] = trainTestSplit(rest, { testShare: 0.2, stratified: true });
  console.log(`${train.size} wines to learn from, ${validation.size} to stop by, ${test.size} to test with\n`);

  const model = new Sequential(new StandardScaler(13).fit(train.tensors[0]), mlp([13, 16, 3], { dropout: 0.1 }));
  const history = await fit(model, train, {
    loss: crossEntropy,
    optimizer: new Adam(model.parameters(), { lr: 0.01 }),
    epochs,
    batchSize: 16,
    metrics: { accuracy },
    validation,
    callbacks: [earlyStopping({ patience: 10, minDelta: 1e-3 }), bestWeights(), lines({ every: 10 })],
  });
  console.log(`\nended after ${history.epochs.length} epochs${history.stopped === null ? "" : `: ${history.stopped}`}`);

  const outputs = predict(model, test);
  const y = test.tensors[1];
  console.log(`test accuracy: ${(100 * accuracy(outputs, y)).toFixed(2)} %, F1 ${f1(outputs, y).toFixed(3)}\n`);
  console.log("grower   taken for 1   2   3");
  for (const [i, row] of confusionMatrix(outputs, y).entries()) {
    console.log(`${i + 1}${" ".repeat(13)}${row.map((n) => String(n).padStart(4)).join("")}`);
  }
});
