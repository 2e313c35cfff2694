import { Cancelling } from "./cancelling.ts";
import { Expression } from "./expression.ts";
import { type Measured, mattering, measure, reportOn, spoilt } from "./measure.ts";

// npm run fuzz:gradcheck -- COUNT FIRST: checks that many random expressions, and prints what became of them, with the first reports
// that are not as they should be. `-- --seed SEED` prints one. With `--cancelling`, of functions that are the small difference of large numbers.

const numbers = process.argv
  .slice(2)
  .map(Number)
  .filter((value) => !Number.isNaN(value));

const draw = (seed: number): Expression | Cancelling =>
  process.argv.includes("--cancelling") ? new Cancelling(seed) : new Expression(seed);

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
  const testable = mattering(expression, gradient).filter((i) => report.entries[i]!.verdict !== "flat");
  if (testable.length > 0) console.log(`with an error: ${reportOn(expression, spoilt(seed, expression, testable))}`);
}
