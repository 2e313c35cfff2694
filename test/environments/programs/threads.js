import { manualSeed, matmul, rand } from "tinygrad-ts";
import { compile, setThreads } from "tinygrad-ts/compile";

// Products of matrices by one thread and by two. What ends the second one is in the file that calls.

function products() {
  manualSeed(4);
  const product = compile((a, b) => matmul(a, b));
  const inputs = Array.from({ length: 3 }, () => [rand([300, 300]), rand([300, 300])]);
  return inputs.map(([a, b]) => String(product(a, b).data));
}

/** So long that a worker goes to sleep. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 100));

export async function withThreads(options) {
  const alone = products();
  await setThreads(2, options);
  const together = products();
  await pause();
  const again = products();
  await pause();
  return { differ: new Set(alone).size, same: String(alone) === String(together) && String(alone) === String(again) };
}

/** Ends the worker. */
export async function threads(options) {
  const result = await withThreads(options);
  await setThreads(1);
  return result;
}
