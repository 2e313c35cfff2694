import { Cancelling } from "./cancelling.ts";
import { Expression } from "./expression.ts";
import { Loss } from "./loss.ts";
import { type Measured, mattering, measure, reportOn, type Sample, spoilt } from "./measure.ts";

// npm run fuzz:gradcheck -- COUNT FIRST: checks that many random expressions, and prints what became of them, with the first reports
// that are not as they should be. `-- --seed SEED` prints one. With `--cancelling`, of functions that are the small difference of large numbers;
// with `--float32`, of losses of 100 inputs and more in float32, with errors of 1e-2 and more.

const numbers = process.argv
  .slice(2)
  .map(Number)
  .filter((value) => !Number.isNaN(value));

const draw = (seed: number): Sample => {
  if (process.argv.includes("--float32")) return new Loss(seed);
  return process.argv.includes("--cancelling") ? new Cancelling(seed) : new Expression(seed);
};

if (process.argv.includes("--seed")) show(numbers[0]!);
else {
  const [count = 10_000, first = 1] = numbers;
  const all = measure(first, count, draw);
  console.log(tableOf(all));
  const { mismatch, missed, undecided } = all.seeds;
  for (const [what, seeds] of Object.entries({ mismatch, missed, undecided })) {
    if (seeds.length > 0)
      console.log(`${what}: seeds ${seeds.slice(0, 20).join(", ")}${seeds.length > 20 ? ", …" : ""}`);
  }
  for (const seed of [...mismatch.slice(0, 3), ...missed.slice(0, 2)]) show(seed);
}

function tableOf({
  expressions,
  waves,
  mismatches,
  entries,
  undecided,
  flat,
  planted,
  caught,
  named,
}: Measured): string {
  const share = (part: number, whole: number): string => `${part} of ${whole} (${((100 * part) / whole).toFixed(3)} %)`;
  return [
    `expressions with a wave that is rounded away: ${share(waves, expressions)}`,
    `right gradients called wrong: ${share(mismatches, expressions)}`,
    `entries that matter, undecided: ${share(undecided, entries)}`,
    `entries that matter, flat: ${share(flat, entries)}`,
    `wrong gradients caught: ${share(caught, planted)}`,
    `wrong gradients called wrong: ${share(named, planted)}`,
  ].join("\n");
}

function show(seed: number): void {
  const expression = draw(seed);
  const gradient = expression.gradient();
  console.log(`\nseed ${seed}: ${expression}`);
  if (gradient === null) throw new Error(`seed ${seed} has no gradient`);
  const report = reportOn(expression);
  console.log(`the right gradient: ${report}`);
  const flat = new Set(report.entries.filter(({ verdict }) => verdict === "flat").map(({ entry }) => entry));
  const testable = mattering(expression, gradient).filter((i) => !flat.has(i));
  if (testable.length > 0) console.log(`with an error: ${reportOn(expression, spoilt(seed, expression, testable))}`);
}
