import { Adam, crossEntropy, Linear, manualSeed, randint, randn, relu, Sequential, type Tensor } from "tinygrad-ts";
import { CompileError, compile, setThreads, type ThreadOptions } from "tinygrad-ts/compile";
import { show } from "./show.ts";

/** Learns noise by heart, with products that are large enough to be shared; returns the loss of each step. */
function learnNoise(): number[] {
  manualSeed(5);
  const model = new Sequential(new Linear(200, 300), relu, new Linear(300, 10));
  const optimizer = new Adam(model.parameters(), { lr: 0.003 });
  const step = compile((x: Tensor, y: Tensor) => {
    const loss = crossEntropy(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  const [x, y] = [randn([100, 200]), randint(0, 10, [100])];
  return Array.from({ length: 60 }, () => step(x, y).item());
}

/** Why threads could not be had; null if they could. */
async function refusal(options: ThreadOptions): Promise<string | null> {
  try {
    await setThreads(2, options);
    return null;
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    return error.message;
  }
}

void show(async () => {
  const alone = learnNoise();
  const fromBlob = await refusal({});
  const fromFile = fromBlob === null ? null : await refusal({ worker: () => new Worker("/dist/compile-worker.js") });
  return { alone, fromBlob, fromFile, together: learnNoise() };
});
