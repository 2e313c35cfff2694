// Learns to read handwritten digits of 8×8 pixels. Run by `npm start`, or `npm run example:digits -- --help`.
import { fileURLToPath } from "node:url";
import { manualSeed } from "tinygrad-ts";
import { runExample, wholeNumber } from "./support/cli.ts";
import { readDigits } from "./support/csv.ts";
import { holdOutFifth } from "./support/dataset.ts";
import { digitsNetwork } from "./support/digits.ts";
import { runExperiment } from "./support/experiment.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const usage = `
digits: trains a multilayer perceptron on 1,797 handwritten digits and draws the curves of the loss and of the residuals

  --epochs N   passes over the training digits (40)
  --seed N     seed of weights and shuffling; the same seed gives the same run, to the bit (0)
  --out FILE   where the picture goes, as SVG (examples/out/digits.svg)
  -h, --help   this text
`;

await runExample(usage, { epochs: "40", seed: "0", out: here("out/digits.svg") }, async (options) => {
  const epochs = wholeNumber("epochs", options.epochs, 1);
  manualSeed(wholeNumber("seed", options.seed, 0));
  const { train, test } = holdOutFifth(readDigits(here("data/digits.csv.gz")));
  const model = digitsNetwork(train.inputs);
  const title = "Handwritten digits";
  await runExperiment(model, { title, train, test, epochs, batchSize: 32, lr: 4e-3, out: options.out });
});
