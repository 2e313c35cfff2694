// A residual network of blocks of three convolutions learns to read digits; beside it the same depth without identity
// paths, and a multilayer perceptron. Run by `npm run example:resnet -- --help`.
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import {
  argmax,
  type Conv2d,
  Flatten,
  Linear,
  manualSeed,
  relu,
  reshape,
  Sequential,
  summary,
  type Tensor,
} from "tinygrad-ts";
import { compile, setThreads } from "tinygrad-ts/compile";
import { type Batch, type History, predict, randomFlip, randomNoise, randomShift } from "tinygrad-ts/train";
import { residualCurve } from "./support/chart.ts";
import { InputError, runExample, wholeNumber } from "./support/cli.ts";
import { readDigits } from "./support/csv.ts";
import { holdOutFifth, type ImageSet } from "./support/dataset.ts";
import { describeMistakes, grouped, percentRight, trainClassifier } from "./support/experiment.ts";
import { prepareToWrite, writeText } from "./support/files.ts";
import { readIdxFolder } from "./support/idx.ts";
import { standardizer } from "./support/inputs.ts";
import { resnet } from "./support/resnet.ts";
import { drawImages } from "./support/terminal.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const usage = `
resnet: trains a residual network on pictures, and the same depth without identity paths, and a multilayer perceptron

  --data DIR     MNIST or Fashion-MNIST: a folder with their four IDX files, each as it is or with .gz (if there are
                 only the two t10k files, a fifth of their pictures is held out to test with); by default 1,797 digits
                 of 8×8 pixels
  --epochs N     passes over the training pictures (30; with --data 14 for 20,000 of them and fewer, 8 for more)
  --channels N   channels of the first convolution, an even number (16)
  --blocks N     blocks in each stage (2)
  --flip P       in percent, how many pictures are mirrored in training: 50 for clothes (0)
  --noise S      in percent of the range of a pixel, standard deviation of the noise that is added in training (10)
  --compare N    how many others to train as well: 2, or 1 for the perceptron alone, or 0 (2)
  --threads N    threads to compute with (1)
  --seed N       seed of weights, shuffling and augmentation; the same seed gives the same run, to the bit (0)
  --out FILE     where the residual curve goes, as SVG; that of the other depth is written beside it
                 (examples/out/resnet.svg)
  -h, --help     this text
`;

const defaults = {
  ...{
    data: "digits",
    epochs: "auto",
    channels: "16",
    blocks: "2",
    flip: "0",
    noise: "10",
    compare: "2",
    threads: "1",
    seed: "0",
  },
  out: here("out/resnet.svg"),
};

/** A model that was trained, and what came of it. */
interface Result {
  readonly name: string;
  readonly model: Sequential;
  readonly history: History;
  readonly outputs: Tensor;
  readonly seconds: number;
}

await runExample(usage, defaults, async (options) => {
  const seed = wholeNumber("seed", options.seed, 0);
  const isSmall = options.data === "digits";
  const { train, test } = isSmall ? holdOutFifth(readDigits(here("data/digits.csv.gz"))) : readIdxFolder(options.data);
  const { height, width } = train;
  const defaultEpochs = isSmall ? 30 : train.labels.size > 20_000 ? 8 : 14;
  const epochs = options.epochs === "auto" ? defaultEpochs : wholeNumber("epochs", options.epochs, 1);
  const channels = wholeNumber("channels", options.channels, 2);
  const perStage = wholeNumber("blocks", options.blocks, 1);
  const flipped = wholeNumber("flip", options.flip, 0) / 100;
  const std = wholeNumber("noise", options.noise, 0) / 100;
  const compared = wholeNumber("compare", options.compare, 0);
  if (compared > 2) throw new InputError(`--compare must be at most 2, got ${options.compare}; see --help`);
  if (channels % 2 === 1) throw new InputError(`--channels must be even, got ${channels}; see --help`);
  if (flipped > 1) throw new InputError(`--flip must be at most 100, got ${options.flip}; see --help`);
  prepareToWrite(options.out);
  setThreads(wholeNumber("threads", options.threads, 1));

  const augment = ([x, y]: Batch): Batch => {
    const images = reshape(x, [-1, height, width]);
    const moved = randomShift(flipped > 0 ? randomFlip(images, { p: flipped }) : images, height < 16 ? 1 : 2);
    return [randomNoise(reshape(moved, x.shape), { std }), y];
  };
  const how = { epochs, batchSize: isSmall ? 32 : 64, lr: 0.01, transform: augment };
  const teach = async (name: string, make: () => Sequential): Promise<Result> => {
    manualSeed(seed);
    const model = make();
    console.log(`${name}\n`);
    const start = performance.now();
    const history = await trainClassifier(model, train, how);
    const seconds = (performance.now() - start) / 1000;
    console.log();
    return { name, model, history, outputs: predict(model, test.inputs, { compile }), seconds };
  };

  const size = { height, width, channels, blocks: isSmall ? [perStage, perStage] : [perStage, perStage, perStage] };
  const prepare = standardizer(train.inputs);
  console.log(`${grouped(train.labels.size)} pictures to learn from, ${grouped(test.labels.size)} to test with\n`);
  const main = await teach("residual network", () => resnet(size, prepare));
  const deep = [main];
  if (compared > 1) {
    deep.push(await teach("the same without identity paths", () => resnet({ ...size, hasSkips: false }, prepare)));
  }
  const all = [...deep];
  if (compared > 0) all.push(await teach("multilayer perceptron", () => perceptron(train, prepare)));

  console.log(`${table(all, test)}\n`);
  console.log(`${residualsOf(deep)}\n`);
  console.log(`filters of the first convolution:\n\n${drawFilters(main.model)}\n`);
  console.log(`test accuracy: ${percentRight(main.outputs, test.labels)} %\n`);
  console.log(`${describeMistakes(test, argmax(main.outputs, 1).toArray<number[]>())}\n`);
  for (const [i, { name, history, outputs }] of deep.entries()) {
    const path = i === 0 ? options.out : options.out.replace(/(\.svg)?$/, "-without.svg");
    const subtitle = `${name}, ${epochs} epochs of Adam, test accuracy ${percentRight(outputs, test.labels)} %`;
    await writeText(path, residualCurve("Residuals of blocks", subtitle, { ...history, residuals: ofBlocks(history) }));
    const shown = relative("", path);
    console.log(`residual curve: ${shown.startsWith("..") ? path : shown}`);
  }
});

/** A multilayer perceptron as the example `mnist` has it, which learns from the same pictures. */
function perceptron({ width, height }: ImageSet, prepare: (x: Tensor) => Tensor): Sequential {
  return new Sequential(
    prepare,
    new Flatten(),
    new Linear(width * height, 128),
    relu,
    new Linear(128, 32),
    relu,
    new Linear(32, 10),
  );
}

/** What each model is like, and how well it does. */
function table(results: readonly Result[], test: ImageSet): string {
  const rows = results.map(({ name, model, outputs, seconds }) => {
    const lines = summary(model, [1, test.width * test.height]).split("\n");
    const work = lines[2]!.split(/\s+/).at(-1)!;
    const parameters = lines.at(-1)!.split(" ")[0]!;
    return [name, parameters, work, `${percentRight(outputs, test.labels)} %`, `${seconds.toFixed(1)} s`];
  });
  const all = [["model", "parameters", "multiply-adds", "test accuracy", "training"], ...rows];
  return all.map((row) => row.map((text, c) => (c === 0 ? text.padEnd(32) : text.padStart(15))).join("")).join("\n");
}

/** The norm of each block's residual, by what the history calls the normalization before the sum. */
function ofBlocks({ residuals }: History): Map<string, number[]> {
  const blocks = [...residuals].filter(([name]) => /^layers\.\d+\.layers\.0(\.inner)?\.layers\.7: /.test(name));
  return new Map(blocks.map(([, norms], i) => [`block ${i + 1}`, [...norms]]));
}

/** How large residuals are in each block, in the first epoch and in the last. */
function residualsOf(results: readonly Result[]): string {
  const columns = results.map(({ history }) => {
    const perEpoch = Math.ceil(history.losses.length / history.epochs.length);
    const mean = (norms: readonly number[]) => norms.reduce((sum, n) => sum + n, 0) / norms.length;
    return [...ofBlocks(history).values()].map((norms) =>
      [norms.slice(0, perEpoch), norms.slice(-perEpoch)]
        .map((part) => mean(part).toExponential(1).padStart(12))
        .join(""),
    );
  });
  const rows = columns[0]!.map((_, i) => `${String(i + 1).padStart(5)}${columns.map((rows) => rows[i]).join("   ")}`);
  const head = `block${results.map(() => "first epoch".padStart(12) + "last".padStart(12)).join("   ")}`;
  const names = `     ${results.map(({ name }) => name.padEnd(27)).join("")}`.trimEnd();
  return `mean norm of each block's residual ∂loss/∂(sum):\n\n${names}\n${head}\n${rows.join("\n")}`;
}

/** The 3 × 3 filters of the first convolution, each stretched from its least value, blank, to its largest. */
function drawFilters(model: Sequential): string {
  const { weight } = (model.layers[2] as Sequential).layers[0] as Conv2d;
  const flat = weight.detach().reshape([weight.shape[0]!, 9]);
  const least = flat.min(1, { keepDims: true });
  const inputs = flat.sub(least).div(flat.max(1, { keepDims: true }).sub(least));
  const chosen = Array.from({ length: Math.min(weight.shape[0]!, 16) }, (_, i) => i);
  const filters = { inputs, labels: argmax(flat, 1), width: 3, height: 3 };
  return drawImages(filters, chosen, (i) => `${i + 1}`);
}
