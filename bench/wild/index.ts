// Checks the gradients of public packages: `npm run wild`. Installs them first, prints what it finds, and writes the page about it.
import { readFileSync, writeFileSync } from "node:fs";
import { installIn } from "../drive/install.ts";
import { markdownTable, textTable } from "../report/format.ts";
import type { Suite } from "./case.ts";
import { findings } from "./findings.ts";
import { neataptic, synaptic } from "./packages/activations.ts";
import { algebrite } from "./packages/algebrite.ts";
import { brain } from "./packages/brain.ts";
import { convnetjs } from "./packages/convnetjs.ts";
import { jax } from "./packages/jax.ts";
import { jsPytorch } from "./packages/jsPytorch.ts";
import { mathjs } from "./packages/mathjs.ts";
import { nerdamer } from "./packages/nerdamer.ts";
import { tensorflow } from "./packages/tensorflow.ts";
import { type Outcome, run } from "./run.ts";

const suites: readonly Suite[] = [
  tensorflow,
  jax,
  jsPytorch,
  convnetjs,
  brain,
  neataptic,
  synaptic,
  mathjs,
  nerdamer,
  algebrite,
];

const problems = installIn("bench/wild");
for (const problem of problems) console.log(`! ${problem}`);
if (problems.length > 0) process.exit(1);

const outcomes: Outcome[] = [];
for (const suite of suites) outcomes.push(...(await run(suite)));

const census = [
  ["package", "version", "checked", "right", "wrong", "undecided", "not differentiable"],
  ...suites.map(({ name }) =>
    rowOf(
      name,
      versionOf(name),
      outcomes.filter((outcome) => outcome.package === name),
    ),
  ),
  rowOf("all", "", outcomes),
];
const wrong = outcomes.filter(({ verdict }) => verdict === "wrong");
const list = [
  ["package", "function", "its derivative", "the slope"],
  ...wrong.map(({ package: name, name: label, worst }) => [
    name,
    label,
    digits(worst?.analytic),
    digits(worst?.numeric),
  ]),
];
const unexplained = wrong.filter((outcome) => findingOf(outcome) === undefined);
const stale = findings.filter((finding) => !wrong.some((outcome) => findingOf(outcome) === finding));

console.log(`${textTable(census)}\n\n${textTable(list)}`);
for (const { package: name, name: label, text } of outcomes.filter(({ verdict }) => verdict === "undecided")) {
  console.log(`\nundecided: ${name} ${label}\n${text}`);
}
for (const { package: name, name: label, text } of unexplained)
  console.log(`\n! nobody has explained ${name} ${label}\n${text}`);
for (const { package: name, cases } of stale) console.log(`\n! nothing of ${name} shows ${cases}`);

const page = new URL("../../docs/guide/found-in-the-wild.md", import.meta.url);
const remarks = findings.map(({ package: name, cases, remark }) => {
  const shown = wrong.filter((outcome) => outcome.package === name && cases.test(outcome.name));
  return `- **${name} ${versionOf(name)}**, ${shown.map((outcome) => `\`${outcome.name}\``).join("; ")}. ${remark}`;
});
const sections = { census: markdownTable(census), list: markdownTable(list), remarks: remarks.join("\n") };
let text = readFileSync(page, "utf8");
for (const [name, content] of Object.entries(sections)) {
  const [before, after] = [`<!-- ${name} -->`, `<!-- /${name} -->`].map((mark) => text.indexOf(mark)) as [
    number,
    number,
  ];
  if (before < 0 || after < before) throw new Error(`the page has no place for ${name}`);
  text = `${text.slice(0, before + name.length + 9)}\n${content}\n${text.slice(after)}`;
}
writeFileSync(page, text);
console.log("\nWritten: docs/guide/found-in-the-wild.md; npm run figure brings its numbers into the README");
process.exit(unexplained.length + stale.length > 0 ? 1 : 0);

function findingOf(outcome: Outcome): (typeof findings)[number] | undefined {
  return findings.find((finding) => finding.package === outcome.package && finding.cases.test(outcome.name));
}

function rowOf(name: string, version: string, own: readonly Outcome[]): string[] {
  const count = (verdict: Outcome["verdict"]): string =>
    String(own.filter((outcome) => outcome.verdict === verdict).length);
  return [name, version, String(own.length), count("right"), count("wrong"), count("undecided"), count("refused")];
}

function versionOf(name: string): string {
  const manifest = readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), "utf8");
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

function digits(value: number | undefined): string {
  return value === undefined ? "—" : String(Number(value.toPrecision(4)));
}
