import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { context, stop } from "esbuild";
import { type Mutant, mutantsOf } from "./mutants.ts";

// Changes the compiler's planner in many small ways, and prints which changes the random programs do not notice:
//   npm run mutate [-- file …]           files of src/compile, without folder and .ts; all of them by default
//   npm run mutate -- --new [file …]     without the survivors that are explained
//   npm run mutate -- --for 80 [file …]  begins nothing new after so many seconds
// Survivors that are explained in survivors.md are marked; the others are gaps of the tests. What a trial came to is kept in .cache/mutate, by the code that ran, so
// that a run goes on where the last one stopped.

const root = fileURLToPath(new URL("../../../", import.meta.url));
const planner = ["webassembly/plan", "schedule", "stage", "webassembly/epilogues", "homes", "webassembly/tasks"].map(
  (name) => `src/compile/${name}.ts`,
);
const longest = 40_000; // milliseconds of a processor: a trial without a mutant takes 11,000
const contained = fileURLToPath(new URL("contained.mjs", import.meta.url));

/** Changes that are made by hand. */
const byHand: readonly (readonly [file: string, before: string, after: string])[] = [
  [
    "src/train/step.ts",
    'if (grad !== null) checkFinite("fit", grad',
    'if (grad === undefined) checkFinite("fit", grad',
  ],
  ["src/compile/webassembly/plan.ts", "k <= lastStop || ", ""],
  ["src/compile/webassembly/plan.ts", " && onlyDirect[leaf] === 1", ""],
];

const read = (file: string): string => readFileSync(join(root, file), "utf8");

function handmade(): Mutant[] {
  return byHand.map(([file, before, after]) => {
    const source = read(file);
    const at = source.indexOf(before);
    if (at < 0) throw new Error(`${file} has no ${before}`);
    return { file, line: source.slice(0, at).split("\n").length, before, after, source: source.replace(before, after) };
  });
}

type Outcome = "survived" | "noticed" | "took too long";

/** What trials came to, by what ran. */
const record = join(root, ".cache/mutate");
const outcomes = new Map<string, Outcome>();
if (existsSync(record)) {
  for (const line of readFileSync(record, "utf8").trim().split("\n")) {
    const [code, outcome] = line.split(": ") as [string, Outcome];
    outcomes.set(code, outcome);
  }
} else mkdirSync(dirname(record), { recursive: true });

type Bundled = (mutant: Mutant | null) => Promise<string>;

/** What bundles the trial with a mutant in its place, or with none: one at a time, which reads again only what may be changed. */
async function bundler(): Promise<Bundled> {
  let current: Mutant | null = null;
  const changed = [...new Set([...planner, ...byHand.map(([file]) => file)])].map((file) =>
    file.replaceAll(".", "\\."),
  );
  const { rebuild } = await context({
    entryPoints: [fileURLToPath(new URL("trial.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "es2022",
    logLevel: "silent",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    plugins: [
      {
        name: "mutant",
        setup: ({ onLoad }) => {
          onLoad({ filter: new RegExp(`/(${changed.join("|")})$`) }, ({ path }) => {
            const isIt = current !== null && path === join(root, current.file);
            return { contents: isIt ? current!.source : readFileSync(path, "utf8"), loader: "ts" };
          });
        },
      },
    ],
  });
  return async (mutant) => {
    current = mutant;
    const { outputFiles } = await rebuild();
    return outputFiles![0]!.text;
  };
}

const hashOf = (...texts: string[]): string => createHash("sha256").update(texts.join("\0")).digest("hex");

/** Runs the trial with a mutant, or with none; null if it has not run yet, and is not to. `whole` names the code without any. */
async function outcomeOf(
  mutant: Mutant | null,
  mayRun: boolean,
  bundled: Bundled,
  whole: string,
): Promise<Outcome | null> {
  const hash = mutant === null ? whole : hashOf(whole, mutant.file, mutant.source);
  const known = outcomes.get(hash);
  if (known !== undefined || !mayRun) return known ?? null;
  const code = await bundled(mutant);
  const file = join(tmpdir(), `trial-${hash}.mjs`);
  writeFileSync(file, code);
  const child = spawn(process.execPath, ["--expose-gc", contained, file, String(longest)], {
    stdio: ["pipe", "ignore", "ignore"], // it ends when the pipe does
  });
  const outcome = await new Promise<Outcome>((resolve) =>
    child.on("close", (status) => resolve(status === 0 ? "survived" : status === 2 ? "took too long" : "noticed")),
  );
  outcomes.set(hash, outcome);
  appendFileSync(record, `${hash}: ${outcome}\n`);
  return outcome;
}

// It ends with what has started it, as npm, which leaves it alone if it is killed.
const parent = process.ppid;
setInterval(() => process.ppid === parent || process.exit(1), 1000).unref();

const { positionals: named, values: options } = parseArgs({
  allowPositionals: true,
  options: { new: { type: "boolean", default: false }, for: { type: "string", default: "Infinity" } },
});
const isNew = options.new;
const end = performance.now() + 1000 * Number(options.for);
const files = planner.filter((file) => named.length === 0 || named.some((name) => file.endsWith(`/${name}.ts`)));
const all = [...(named.length === 0 ? handmade() : []), ...files.flatMap((file) => mutantsOf(file, read(file)))];
const explained = read("test/compile/mutate/survivors.md");
/** How survivors.md names it. */
function nameOf({ file, line, before, after }: Mutant): string {
  const isShort = /^([\d._]+|true|false|return;)$/.test(before); // which stands in many lines
  const where = isShort ? ` in \`${oneLine(read(file).split("\n")[line - 1]!.trim())}\`` : "";
  return `${basename(file)}: \`${oneLine(before)}\` → \`${oneLine(after)}\`${where}`;
}
const oneLine = (code: string): string => code.replace(/\s+/g, " ").slice(0, 90);

const mutants = all.filter((mutant) => !isNew || !explained.includes(nameOf(mutant)));

const plain = await bundler();
const whole = hashOf(await plain(null));
if ((await outcomeOf(null, true, plain, whole)) !== "survived") throw new Error("the trial fails without any mutant");
const found = new Map<Mutant, Outcome>();
let next = 0;
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    const bundled = await bundler();
    while (next < mutants.length) {
      const mutant = mutants[next++]!;
      const outcome = await outcomeOf(mutant, performance.now() < end, bundled, whole);
      if (outcome === null) continue;
      found.set(mutant, outcome);
      if (outcome === "noticed") continue;
      const mark = outcome === "survived" ? (explained.includes(nameOf(mutant)) ? "explained" : "NEW") : "TOO LONG";
      console.log(`${mark.padEnd(9)} ${mutant.file}:${mutant.line} ${nameOf(mutant)}`);
    }
  }),
);

/** How many mutants of a list were noticed; what takes too long is, too. */
const noticedOf = (list: readonly Mutant[]): number =>
  list.filter((mutant) => found.has(mutant) && found.get(mutant) !== "survived").length;
for (const file of new Set(mutants.map((own) => own.file))) {
  const own = mutants.filter((mutant) => mutant.file === file);
  console.log(`${file}: ${noticedOf(own)} of ${own.length} noticed`);
}
const left = mutants.length - found.size;
if (left > 0) console.log(`${left} have not run yet: run it again`);
const noticed = noticedOf(mutants);
const equal = all.filter((mutant) => explained.includes(nameOf(mutant)) && !noticedOf([mutant])).length;
const percent = (of: number): string => `${((100 * noticed) / of).toFixed(1)} %`;
console.log(
  `${noticed} of ${all.length} noticed: ${percent(all.length)}; ${equal} make no difference: ${percent(all.length - equal)} of the others`,
);
await stop(); // the bundlers would go on
