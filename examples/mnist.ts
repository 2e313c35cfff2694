// Learns to read the handwritten digits of MNIST, 28×28 pixels, from its four files:
// npm run example:mnist -- --data DIR
import { fileURLToPath } from "node:url";
import { Linear, manualSeed, relu, Sequential } from "tinygrad-ts";
import { runExample, wholeNumber } from "./support/cli.ts";
import { runExperiment } from "./support/experiment.ts";
import { readIdxFolder } from "./support/idx.ts";
import { Noise, standardizer } from "./support/inputs.ts";

const usage = `
mnist: trains a multilayer perceptron on the digits of MNIST and draws the curves of the loss and of the residuals

  --data DIR   folder with train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and
               t10k-labels-idx1-ubyte, each as it is or with .gz; if there are only the two t10k files, a fifth
               of their digits is held out to test with
  --epochs N   passes over the training digits (5)
  --seed N     seed of weights and shuffling; the same seed gives the same run, to the bit (0)
  --out FILE   where the picture goes, as SVG (examples/out/mnist.svg)
  -h, --help   this text
`;
const out = fileURLToPath(new URL("out/mnist.svg", import.meta.url));

await runExample(usage, { data: null, epochs: "5", seed: "0", out }, async (options) => {
  const epochs = wholeNumber("epochs", options.epochs, 1);
  manualSeed(wholeNumber("seed", options.seed, 0));
  const { train, test } = readIdxFolder(options.data);
  const model = new Sequential(
    standardizer(train.inputs),
    new Noise(0.6),
    new Linear(train.width * train.height, 128),
    relu,
    new Linear(128, 32),
    relu,
    new Linear(32, 10),
  );
  await runExperiment(model, { title: "MNIST", train, test, epochs, batchSize: 64, lr: 3e-3, out: options.out });
});
