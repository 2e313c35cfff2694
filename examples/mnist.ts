// Learns to read the handwritten digits of MNIST, 28×28 pixels, from its four files:
// npm run example:mnist -- --data DIR
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Linear, manualSeed, relu, Sequential } from "tinygrad-ts";
import { InputError, runExample, wholeNumber } from "./support/cli.ts";
import { holdOutFifth, type ImageSet } from "./support/dataset.ts";
import { runExperiment } from "./support/experiment.ts";
import { readIdxImages } from "./support/idx.ts";
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
  const { train, test } = readMnist(options.data);
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

/** The training digits and the test digits; or, where there are only the latter, a split of them. */
function readMnist(folder: string): { train: ImageSet; test: ImageSet } {
  const t10k = readPart(folder, "t10k");
  if (!["images-idx3", "labels-idx1"].some((kind) => find(folder, "train", kind))) return holdOutFifth(t10k);
  const train = readPart(folder, "train");
  if (train.width === t10k.width && train.height === t10k.height) return { train, test: t10k };
  const sizes = [train, t10k].map(({ width, height }) => `${width}×${height}`);
  throw new InputError(`pictures to learn from and to test with must be of one size, got ${sizes.join(" and ")}`);
}

function readPart(folder: string, part: string): ImageSet {
  const [images, labels] = ["images-idx3", "labels-idx1"].map((kind) => {
    const path = find(folder, part, kind);
    if (path === undefined) throw new InputError(`--data: ${folder} has no ${part}-${kind}-ubyte, nor that with .gz`);
    return path;
  });
  return readIdxImages(images!, labels!);
}

function find(folder: string, part: string, kind: string): string | undefined {
  const path = join(folder, `${part}-${kind}-ubyte`);
  return [path, `${path}.gz`].find((candidate) => existsSync(candidate));
}
