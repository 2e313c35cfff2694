// One rank of a measurement: `npm run example bench/mpi/index.ts` starts it. Milliseconds of a step of workload C (1024-1024-1024-10, relu, cross-entropy, Adam), with the means of all ranks' gradients and without, one after the other; and of all-reduces.

import { blas, useBlas } from "../../dist/blas.js";
import { compile } from "../../dist/compile.js";
import { Adam, crossEntropy, manualSeed, mlp, randint, randn } from "../../dist/index.js";
import { mpi } from "../../dist/mpi.js";

const [batch, rounds, how] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];
const group = await mpi();
if (how === "blas") useBlas(await blas({ threads: 1 }));

function stepWith(average) {
  manualSeed(1);
  const model = mlp([1024, 1024, 1024, 10]);
  const optimizer = new Adam(model.parameters(), { lr: 1e-4 });
  return compile(
    (x, y) => {
      const loss = crossEntropy(model.forward(x), y);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss.detach();
    },
    average ? { average: group } : {},
  );
}

manualSeed(2 + group.rank);
const own = batch / group.size;
const [x, y] = [randn([own, 1024]), randint(0, 10, [own])];
const [together, apart] = [stepWith(true), stepWith(false)];
const time = (run) => {
  group.barrier();
  const start = performance.now();
  run();
  group.barrier(); // as long as the slowest takes
  return performance.now() - start;
};
const times = { together: [], apart: [] };
for (let i = 0; i < rounds + 2; i++) {
  const [a, b] = [time(() => together(x, y)), time(() => apart(x, y))];
  if (i < 2) continue; // compiling
  times.together.push(a);
  times.apart.push(b);
}
const reduces = {};
for (const bytes of [4, 2 ** 14, 2 ** 20, 2 ** 23]) {
  const values = new Float32Array(bytes / 4);
  const count = bytes < 2 ** 20 ? 200 : 20;
  const each = Array.from(
    { length: 7 },
    () => time(() => void Array.from({ length: count }, () => group.allReduce(values))) / count,
  );
  reduces[bytes] = Math.min(...each);
}
const least = (list) => Math.min(...list);
const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
if (group.rank === 0) {
  const { together: a, apart: b } = times;
  console.log(JSON.stringify({ ranks: group.size, step: least(a), median: median(a), alone: least(b), reduces }));
}
