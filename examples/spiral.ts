// Three arms of a spiral: which one does a point belong to? Run by `npm run example:spiral`.
import {
  argmax,
  cat,
  cos,
  Linear,
  linspace,
  manualSeed,
  mul,
  randn,
  relu,
  Sequential,
  sin,
  stack,
  summary,
  type Tensor,
  tensor,
} from "tinygrad-ts";
import { predict } from "tinygrad-ts/train";
import { runExample, wholeNumber } from "./support/cli.ts";
import type { Dataset } from "./support/dataset.ts";
import { percentRight, trainClassifier } from "./support/experiment.ts";
import { drawRegions } from "./support/regions.ts";

const arms = 3;
const pointsPerArm = 100;

const usage = `
spiral: trains a multilayer perceptron to tell three arms of a spiral apart and draws the regions that it found

  --epochs N   passes over the points (100)
  --seed N     seed of points, weights and shuffling; the same seed gives the same run, to the bit (0)
  -h, --help   this text
`;

await runExample(usage, { epochs: "100", seed: "0" }, async (options) => {
  const epochs = wholeNumber("epochs", options.epochs, 1);
  manualSeed(wholeNumber("seed", options.seed, 0));
  const points = drawSpiral();
  const fresh = drawSpiral();
  const model = new Sequential(new Linear(2, 32), relu, new Linear(32, 32), relu, new Linear(32, arms));
  console.log(summary(model, [1, 2]), "\n");

  await trainClassifier(model, points, { epochs, batchSize: 25, lr: 1e-2 });

  console.log(`\n${drawRegions((xy) => argmax(predict(model, xy), 1), points)}\n`);
  console.log(`accuracy on fresh points: ${percentRight(predict(model, fresh.inputs), fresh.labels)} %`);
});

/** Points along arms that make two thirds of a turn on their way out, with some noise in the angle; none is further than 1 from 0. */
function drawSpiral(): Dataset {
  const inputs: Tensor[] = [];
  const radius = linspace(0.05, 1, pointsPerArm);
  for (let arm = 0; arm < arms; arm++) {
    const angle = radius
      .mul(4.2)
      .add((2 * Math.PI * arm) / arms)
      .add(randn([pointsPerArm]).mul(0.15));
    inputs.push(stack([mul(radius, cos(angle)), mul(radius, sin(angle))], 1));
  }
  const labels = Array.from({ length: arms * pointsPerArm }, (_, i) => Math.floor(i / pointsPerArm));
  return { inputs: cat(inputs), labels: tensor(labels, { dtype: "int32" }) };
}
