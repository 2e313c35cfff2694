import { performance } from "node:perf_hooks";
import { Adam, crossEntropy, manualSeed, mlp, randint, randn } from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { type Group, groupOf, mpi } from "tinygrad-ts/mpi";
import { fit } from "tinygrad-ts/train";

// What a delay of the network costs, where the kernel has no netem for network.sh: each call waits before it begins. Build first; then `mpirun -n 2 npx tsx bench/mpi/delayed.ts 1`, with the delay in milliseconds.

/** A group whose calls take so many milliseconds more. */
function delayed(group: Group, ms: number): Group {
  const never = new Int32Array(new SharedArrayBuffer(4));
  const wait = (): void => void Atomics.wait(never, 0, 0, ms);
  const { rank, size } = group;
  return groupOf({
    rank,
    size,
    allReduce(into, op, from = into) {
      wait();
      if (from !== into) into.set(from);
      group.allReduce(into, op);
    },
    broadcast(values, root) {
      wait();
      group.broadcast(values, root);
    },
    gather(from, into) {
      wait();
      into.set(group.gather(from));
    },
    barrier() {
      wait();
      group.barrier();
    },
  });
}

const delay = Number(process.argv[2] ?? 1);
const own = await mpi();
for (const [name, group] of [
  ["without a delay", own],
  [`with ${delay} ms before each call`, delayed(own, delay)],
] as const) {
  manualSeed(1);
  const model = mlp([64, 128, 10]);
  const data = { x: randn([6400, 64]), y: randint(0, 10, [6400]) };
  const optimizer = new Adam(model.parameters());
  const begin = performance.now();
  const { losses } = await fit(model, data, { loss: crossEntropy, optimizer, batchSize: 64, compile, group });
  const each = (performance.now() - begin) / losses.length;
  if (own.rank === 0) console.log(`${name}: ${losses.length} steps on ${own.size} ranks, ${each.toFixed(2)} ms each`);
}
