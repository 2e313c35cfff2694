// How long loops over the parts of a tensor take, forward and backward, as their number grows: `npx tsx --tsconfig tsconfig.src.json bench/parts.ts`.
import { cat, slice, split, stack, sum, type Tensor, zeros } from "../src/index.ts";

const columns = 4;

const loops: Readonly<Record<string, (x: Tensor, rows: readonly Tensor[]) => Tensor>> = {
  cat: (_, rows) => cat(rows),
  stack: (_, rows) => stack(rows),
  "split, cat": (x) => cat(split(x, 1)),
  "for … of, stack": (x) => stack([...x]),
  "at, stack": (x) => stack(Array.from({ length: x.shape[0]! }, (_, i) => x.at(i))),
  "slice, add": (x) => {
    let total = zeros([columns]);
    for (let i = 0; i < x.shape[0]!; i++) total = total.add(slice(x, i));
    return total;
  },
};

/** The best of some runs, in milliseconds. */
function best(runs: number, fn: () => void): number {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    fn();
    return performance.now() - start;
  });
  return Math.min(...times);
}

console.log("milliseconds, forward and backward");
for (const [name, loop] of Object.entries(loops)) {
  const measured = [5000, 20_000, 80_000].map((n) => {
    const x = zeros([n, columns], { requiresGrad: true });
    const rows = Array.from({ length: n }, () => zeros([columns], { requiresGrad: true }));
    return `${n} parts ${best(3, () => sum(loop(x, rows)).backward()).toFixed(0)}`;
  });
  console.log(`${name}: ${measured.join(", ")}`);
}
