// How much code a compiled step of training is, and how long the first call takes that makes it, as networks grow deeper:
// `npx tsx --tsconfig tsconfig.src.json bench/codeSize.ts`.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { compile } from "../src/compile/index.ts";
import { Adam, manualSeed, mlp, mse, randn } from "../src/index.ts";

interface Measured {
  readonly bytes: number;
  /** Milliseconds of the first call, and of the best of later ones. */
  readonly first: number;
  readonly later: number;
}

/** Layers of 64 × 64, a batch of 32, a whole step with Adam. */
function measure(layers: number): Measured {
  manualSeed(1);
  const model = mlp(Array.from({ length: layers + 1 }, () => 64));
  const optimizer = new Adam(model.parameters());
  const [x, y] = [randn([32, 64]), randn([32, 64])];
  const step = compile(() => {
    optimizer.zeroGrad();
    const loss = mse(model.forward(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  });
  const times = Array.from({ length: 60 }, () => {
    const start = performance.now();
    step();
    return performance.now() - start;
  });
  const [first, ...rest] = times as [number, ...number[]];
  return { bytes: step.programs[0]!.stats.moduleBytes, first, later: Math.min(...rest) };
}

const [asked] = process.argv.slice(2);
if (asked !== undefined) console.log(JSON.stringify(measure(Number(asked))));
else {
  // The first call in a process is what counts, so each has a process of its own.
  const own = [...process.execArgv, fileURLToPath(import.meta.url)];
  for (const layers of [1, 4, 16, 60]) {
    const runs = Array.from({ length: 7 }, () => {
      return JSON.parse(execFileSync(process.execPath, [...own, `${layers}`], { encoding: "utf8" })) as Measured;
    });
    const { bytes } = runs[0]!;
    const first = runs.map((run) => run.first).sort((a, b) => a - b)[3]!;
    const later = Math.min(...runs.map((run) => run.later));
    console.log(
      `${layers} layers: ${(bytes / 1000).toFixed(1)} kB, first call ${first.toFixed(0)} ms, later ${later.toFixed(2)} ms`,
    );
  }
}
