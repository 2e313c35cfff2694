// How much code a compiled step of training is, and how long the first call takes that makes it, as networks grow deeper, and sequences longer, which a recurrent layer unrolls; and what compiling workload B costs:
// `npx tsx --tsconfig tsconfig.src.json bench/codeSize.ts`.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { compile } from "../src/compile/index.ts";
import {
  Adam,
  crossEntropy,
  type Layer,
  LSTM,
  manualSeed,
  mean,
  mlp,
  mse,
  randn,
  relu,
  type Tensor,
  zeros,
} from "../src/index.ts";

interface Measured {
  readonly bytes: number;
  /** Milliseconds of the first call, and of the best of later ones. */
  readonly first: number;
  readonly later: number;
}

/** Layers of 64 × 64 with a batch of 32, workload B, or an LSTM of 64 to 128 over so many places, with a batch of 32 (workload G has 32 of them): a whole step with Adam. */
function stepOf(which: string): () => Tensor {
  manualSeed(1);
  if (which.startsWith("lstm")) {
    const model = new LSTM(64, 128);
    const x = randn([32, Number(which.slice(4)), 64]);
    return trainingStep(model, () => mean(model.forward(x).pow(2)));
  }
  const isB = which === "B";
  const sizes = isB ? [784, 128, 10] : Array.from({ length: Number(which) + 1 }, () => 64);
  const model = isB ? mlp(sizes, { activation: relu }) : mlp(sizes);
  const x = isB ? randn([64, 784]) : randn([32, 64]);
  const y = isB ? zeros([64], { dtype: "int32" }) : randn([32, 64]);
  const lossOf = isB ? crossEntropy : mse;
  return trainingStep(model, () => lossOf(model.forward(x), y));
}

function trainingStep(model: Layer, lossOf: () => Tensor): () => Tensor {
  const optimizer = new Adam(model.parameters());
  return () => {
    optimizer.zeroGrad();
    const loss = lossOf();
    loss.backward();
    optimizer.step();
    return loss;
  };
}

function measure(which: string, isEager: boolean): Measured {
  const eager = stepOf(which);
  const step = compile(eager);
  const run = isEager ? eager : step;
  const times = Array.from({ length: 60 }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  const [first, ...rest] = times as [number, ...number[]];
  return { bytes: step.programs[0]?.stats.moduleBytes ?? 0, first, later: Math.min(...rest) };
}

const [asked, how] = process.argv.slice(2);
if (asked !== undefined) console.log(JSON.stringify(measure(asked, how === "eager")));
else {
  // The first call in a process is what counts, so each has a process of its own.
  const own = [...process.execArgv, fileURLToPath(import.meta.url)];
  const middle = (...which: string[]): Measured => {
    const runs = Array.from({ length: 7 }, () => {
      return JSON.parse(execFileSync(process.execPath, [...own, ...which], { encoding: "utf8" })) as Measured;
    });
    const first = runs.map((run) => run.first).sort((a, b) => a - b)[3]!;
    return { bytes: runs[0]!.bytes, first, later: Math.min(...runs.map((run) => run.later)) };
  };
  for (const layers of [1, 4, 16, 60]) {
    const { bytes, first, later } = middle(`${layers}`);
    console.log(
      `${layers} layers: ${(bytes / 1000).toFixed(1)} kB, first call ${first.toFixed(0)} ms, later ${later.toFixed(2)} ms`,
    );
  }
  for (const places of [8, 32, 128]) {
    const { bytes, first, later } = middle(`lstm${places}`);
    console.log(
      `LSTM over ${places} places: ${(bytes / 1000).toFixed(1)} kB, first call ${first.toFixed(0)} ms, later ${later.toFixed(1)} ms`,
    );
  }
  // What compiling costs is what the first call takes beyond a run of the program. Without the compiler, a process would have run the function itself, cold, too.
  const [compiled, eager] = [middle("B"), middle("B", "eager")];
  const cost = compiled.first - compiled.later;
  console.log(
    `workload B: first call ${compiled.first.toFixed(1)} ms, ${cost.toFixed(1)} ms of it compiling: ${(cost - eager.first).toFixed(1)} ms more than its first eager call, ${eager.first.toFixed(1)} ms`,
  );
}
