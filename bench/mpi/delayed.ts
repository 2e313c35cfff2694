import { performance } from "node:perf_hooks";
import { Adam, crossEntropy, manualSeed, mlp, randint, randn } from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { type Group, groupOf, mpi } from "tinygrad-ts/mpi";
import { fit } from "tinygrad-ts/train";

// What a delay costs. Build first. `sh bench/mpi/network.sh 1ms npx tsx bench/mpi/delayed.ts 0` has a network that delays packets; in `mpirun -n 2 npx tsx bench/mpi/delayed.ts 1`, each call waits for so many milliseconds before
// it begins.

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
const groups: (readonly [string, Group])[] = [["without a delay before calls", own]];
if (delay > 0) groups.push([`with ${delay} ms before each call`, delayed(own, delay)]);
for (const [name, group] of groups) {
  const one = Float32Array.of(1);
  const times = Array.from({ length: 200 }, () => {
    const begin = performance.now();
    group.allReduce(one, "max");
    return performance.now() - begin;
  }).sort((a, b) => a - b);
  if (own.rank === 0) console.log(`${name}: an all-reduce of 4 bytes takes ${times[100]!.toFixed(3)} ms`);
  manualSeed(1);
  const model = mlp([64, 128, 10]);
  const data = { x: randn([6400, 64]), y: randint(0, 10, [6400]) };
  const optimizer = new Adam(model.parameters());
  const begin = performance.now();
  const { losses } = await fit(model, data, { loss: crossEntropy, optimizer, batchSize: 64, compile, group });
  const each = (performance.now() - begin) / losses.length;
  if (own.rank === 0) console.log(`${name}: ${losses.length} steps on ${own.size} ranks, ${each.toFixed(2)} ms each`);
}
