import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Mutant, mutantsOf } from "./mutants.ts";

// Changes the compiler's planner in many small ways, and prints which changes the random programs do not notice:
//   npm run mutate [-- file …]        files of src/compile, without .ts; all of them by default
//   npm run mutate -- --new [file …]  without the survivors that are explained
// Survivors that are explained in survivors.md are marked; the others are gaps of the tests.

const root = fileURLToPath(new URL("../../../", import.meta.url));
const planner = ["plan", "schedule", "stage", "epilogues", "homes", "tasks"].map((name) => `src/compile/${name}.ts`);
const longest = 120_000;

/** Changes that are made by hand. */
const byHand: readonly (readonly [file: string, before: string, after: string])[] = [
  [
    "src/train/step.ts",
    'if (grad !== null) checkFinite("fit", grad',
    'if (grad === undefined) checkFinite("fit", grad',
  ],
  ["src/compile/plan.ts", "k <= lastStop || ", ""],
  ["src/compile/plan.ts", " && onlyDirect[leaf] === 1", ""],
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

/** Bundles the trial with a mutant in its place, or with none, and runs it; whether it went through. */
async function survives(mutant: Mutant | null, number: number): Promise<boolean> {
  const outfile = join(tmpdir(), `trial-${process.pid}-${number}.mjs`);
  const replaced = mutant && join(root, mutant.file);
  await build({
    entryPoints: [fileURLToPath(new URL("trial.ts", import.meta.url))],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    logLevel: "silent",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    plugins: [
      {
        name: "mutant",
        setup: ({ onLoad }) => {
          onLoad({ filter: /\.ts$/ }, ({ path }) => {
            return path === replaced ? { contents: mutant!.source, loader: "ts" } : null;
          });
        },
      },
    ],
  });
  const child = spawn(process.execPath, ["--expose-gc", outfile], { stdio: "ignore", timeout: longest });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  rmSync(outfile);
  return code === 0;
}

const named = process.argv.slice(2).filter((word) => word !== "--new");
const isNew = process.argv.includes("--new");
const files = planner.filter((file) => named.length === 0 || named.some((name) => file.endsWith(`/${name}.ts`)));
const all = [...(named.length === 0 ? handmade() : []), ...files.flatMap((file) => mutantsOf(file, read(file)))];
const explained = read("test/compile/mutate/survivors.md");
/** How survivors.md names it. */
function nameOf({ file, line, before, after }: Mutant): string {
  const isShort = /^([\d._]+|true|false|return;)$/.test(before); // which stands in many lines
  const where = isShort ? ` in \`${oneLine(read(file).split("\n")[line - 1]!.trim())}\`` : "";
  return `${relative("src/compile", file)}: \`${oneLine(before)}\` → \`${oneLine(after)}\`${where}`;
}
const oneLine = (code: string): string => code.replace(/\s+/g, " ").slice(0, 90);

const mutants = all.filter((mutant) => !isNew || !explained.includes(nameOf(mutant)));

if (!(await survives(null, -1))) throw new Error("the trial fails without any mutant");
const survivors: Mutant[] = [];
let next = 0;
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    while (next < mutants.length) {
      const number = next++;
      const mutant = mutants[number]!;
      if (!(await survives(mutant, number))) continue;
      survivors.push(mutant);
      const mark = explained.includes(nameOf(mutant)) ? "explained" : "NEW      ";
      console.log(`${mark} ${mutant.file}:${mutant.line} ${nameOf(mutant)}`);
    }
  }),
);
for (const file of new Set(mutants.map((own) => own.file))) {
  const [own, left] = [mutants, survivors].map((list) => list.filter((mutant) => mutant.file === file).length);
  console.log(`${file}: ${own! - left!} of ${own} noticed`);
}
const equal = all.filter((mutant) => explained.includes(nameOf(mutant))).length;
const noticed = mutants.length - survivors.length;
const share = (100 * noticed) / (all.length - equal);
console.log(`${noticed} of ${all.length} noticed, ${equal} make no difference: ${share.toFixed(1)} % of the others`);
