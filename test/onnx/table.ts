// npm run onnx:models prints which models of Debian's libonnx-testdata pass, by operator; with --all, each that does not, and why.
import { catalogue, departures, folder, type Outcome, tryModel } from "./catalogue.ts";

const names = catalogue();
if (names.length === 0) {
  console.log(`No models in ${folder}: apt-get install libonnx-testdata`);
  process.exit(1);
}
const outcomes = names.map(tryModel);
const count = (of: readonly Outcome[], result: Outcome["result"]): number =>
  of.filter((outcome) => outcome.result === result).length;

const operators = [...new Set(outcomes.flatMap((outcome) => outcome.operators))].sort();
console.log("operator                      passed refused failed");
for (const operator of operators) {
  const own = outcomes.filter((outcome) => outcome.operators.includes(operator));
  const counts = (["passed", "refused", "failed"] as const).map((result) => String(count(own, result)).padStart(7));
  console.log(operator.padEnd(29) + counts.join(""));
}
if (process.argv.includes("--all")) {
  for (const { name, result, reason } of outcomes) if (result !== "passed") console.log(`${result} ${name}: ${reason}`);
}
const [passed, refused, failed] = (["passed", "refused", "failed"] as const).map((result) => count(outcomes, result));
console.log(`${outcomes.length} models: ${passed} passed, ${refused} refused by name, ${failed} failed`);
const unexplained = outcomes.filter(({ name, result }) => result === "failed" && !(name in departures));
for (const [name, reason] of Object.entries(departures)) console.log(`  ${name}: ${reason}`);
for (const { name, reason } of unexplained) console.log(`  unexplained: ${name}: ${reason}`);
process.exitCode = unexplained.length === 0 ? 0 : 1;
