// Finds the membranes of cells: a U-shaped network of residual blocks with attention gates. Run by `npm run example:cells -- --help`.
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Generator, manualSeed } from "tinygrad-ts";
import { Crops } from "./support/cells/crops.ts";
import { drawCells } from "./support/cells/draw.ts";
import { CellNetwork } from "./support/cells/network.ts";
import { drawPicture } from "./support/cells/picture.ts";
import { readSections, type Section } from "./support/cells/section.ts";
import { testOn, trainOn } from "./support/cells/train.ts";
import { InputError, runExample, wholeNumber } from "./support/cli.ts";
import { prepareToWrite, writeBytes } from "./support/files.ts";

const usage = `
cells: trains a network of residual blocks with attention gates to find the membranes of cells, and draws what it found

  --data DIR   folder with image/0.png, image/1.png, … and label/0.png, …, white inside of cells and black on
               membranes; a fifth of them, the last, is to test with (cells that are drawn)
  --epochs N   how often to go on for as many steps as --steps says (8)
  --steps N    steps in an epoch (50)
  --side N     height and width of the crops that it learns from, and of the tiles that it predicts (64)
  --batch N    crops in a step (8)
  --seed N     seed of drawings, weights and crops; the same seed gives the same run, to the bit (0)
  --out FILE   where the picture goes, as PNG (examples/out/cells.png)
  -h, --help   this text
`;
const out = fileURLToPath(new URL("out/cells.png", import.meta.url));
const defaults = { data: "drawn", epochs: "8", steps: "50", side: "64", batch: "8", seed: "0", out };

await runExample(usage, defaults, async (options) => {
  const epochs = wholeNumber("epochs", options.epochs, 1);
  const stepsPerEpoch = wholeNumber("steps", options.steps, 1);
  const count = wholeNumber("batch", options.batch, 1);
  const side = wholeNumber("side", options.side, 8);
  const seed = wholeNumber("seed", options.seed, 0);
  prepareToWrite(options.out);
  manualSeed(seed);
  const sections = options.data === "drawn" ? drawn(new Generator(seed)) : readSections(options.data);
  const model = new CellNetwork([8, 16, 32, 32]);
  checkSide(side, model.factor, sections);
  const train = sections.slice(0, Math.floor(0.8 * sections.length));
  const test = sections.slice(train.length);
  const numbers = model
    .parameters()
    .reduce((sum, { size }) => sum + size, 0)
    .toLocaleString("en");
  console.log(`Cells: ${train.length} sections to learn from, ${test.length} to test with; ${numbers} parameters\n`);

  await trainOn(new Crops(train, side, new Generator(seed)), model, { epochs, stepsPerEpoch, count });

  const { found, score } = testOn(test, model, side);
  console.log(`\npixel error: ${(100 * score.pixelError).toFixed(2)} %`);
  console.log(`membrane F1: ${(100 * score.f1).toFixed(2)} %\n`);
  await writeBytes(options.out, drawPicture(test[0]!, found[0]!));
  const path = relative("", options.out);
  console.log(`image, truth, prediction, error: ${path.startsWith("..") ? options.out : path}`);
});

function drawn(generator: Generator): Section[] {
  return Array.from({ length: 10 }, () => drawCells(192, generator));
}

function checkSide(side: number, factor: number, sections: readonly Section[]): void {
  const least = Math.min(...sections.flatMap(({ width, height }) => [width, height]));
  if (side % (2 * factor) === 0 && side <= least) return;
  throw new InputError(`--side must be a multiple of ${2 * factor}, and at most ${least}, got ${side}; see --help`);
}
