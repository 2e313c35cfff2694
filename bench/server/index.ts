// What a server gains by workers: `npm run build && npx tsx --tsconfig tsconfig.src.json bench/server/index.ts [library]`. Requests a second, by one worker and by two; with a library, which must
// be one that several threads may call, with BLAS, too.
import { Worker } from "node:worker_threads";

const rows = 64;
const atOnce = 8;
const ms = 3000;
const [library] = process.argv.slice(2);

for (const own of library === undefined ? [undefined] : [undefined, library]) {
  for (const workers of [1, 2]) {
    const { answered, longestTurn } = await served(workers, own);
    const with_ = own === undefined ? "" : " with BLAS";
    console.log(
      `${workers} worker${workers > 1 ? "s" : ""}${with_}: ${Math.round(answered / (ms / 1000))} requests a second; ` +
        `the main thread was away for ${longestTurn.toFixed(1)} ms at most`,
    );
  }
}

/** Answers as many requests as it can, several being under way at any time. */
async function served(count: number, own: string | undefined): Promise<{ answered: number; longestTurn: number }> {
  const workers = Array.from({ length: count }, () => new Worker(new URL("worker.js", import.meta.url)));
  const waiting = new Map<number, () => void>();
  for (const worker of workers) {
    worker.on("message", ({ id }: { id: number }) => waiting.get(id)!());
    if (own !== undefined) worker.postMessage({ library: own });
  }
  let next = 0;
  const request = async () => {
    const id = next++;
    const answer = new Promise<void>((resolve) => waiting.set(id, resolve));
    const pixels = new Float32Array(rows * 784).fill(0.5);
    workers[id % count]!.postMessage({ id, rows, pixels }, [pixels.buffer]);
    await answer;
    waiting.delete(id);
  };
  await Promise.all(Array.from({ length: 20 * count }, request)); // until the programs are there

  let [answered, longestTurn, last] = [0, 0, performance.now()];
  const watch = setInterval(() => {
    longestTurn = Math.max(longestTurn, performance.now() - last - 1);
    last = performance.now();
  }, 1);
  const end = performance.now() + ms;
  const client = async () => {
    for (; performance.now() < end; answered++) await request();
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  clearInterval(watch);
  await Promise.all(workers.map((worker) => worker.terminate()));
  return { answered, longestTurn };
}
