import { exhibits, outcome } from "./exhibits.ts";

// npm run museum, or npm run museum <exhibit>: what the wrong derivative computes, what is right, and the report.

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !exhibits.some((exhibit) => exhibit.name === name));
if (unknown.length > 0) {
  console.error(`no exhibit ${unknown.join(", ")}; there are ${exhibits.map(({ name }) => name).join(", ")}`);
  process.exitCode = 1;
} else {
  for (const { name, title, point, wrong, right, checkWrong } of exhibits) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    console.log(`${title} (docs/museum/${name}.ts), at ${JSON.stringify(point)}`);
    console.log(`  wrong: ${outcome(wrong)}\n  right: ${outcome(right)}`);
    console.log(`${outcome(checkWrong)}\n`);
  }
}
