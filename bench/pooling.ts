// Compiled pooling of [32, 16, 28, 28], forward and backward, beside a plain copy of each window that is read: `npx tsx --tsconfig tsconfig.src.json bench/pooling.ts`.
// Backward, the largest elements are looked for and then gone through once more: each window is read twice.
import { compile } from "../src/compile/index.ts";
import { avgPool2d, gradients, maxPool2d, pad, randn, slice, type Tensor } from "../src/index.ts";

const x = randn([32, 16, 28, 28]);

/** Milliseconds of each: the best of some rounds, in which all take turns. */
function best(calls: Readonly<Record<string, () => unknown>>): Record<string, number> {
  const times = Object.fromEntries(Object.keys(calls).map((name) => [name, Number.POSITIVE_INFINITY]));
  for (let round = 0; round < 60; round++) {
    for (const [name, call] of Object.entries(calls)) {
      const start = performance.now();
      call();
      times[name] = Math.min(times[name]!, performance.now() - start);
    }
  }
  return times;
}

for (const [kernel, stride, padding] of [
  [2, 2, 0],
  [3, 2, 1],
  [3, 1, 1],
] as const) {
  // biome-ignore format: a table
  const options = { stride, padding };
  const around = pad(x, [[0, 0], [0, 0], [padding, padding], [padding, padding]]); // biome-ignore format: a row
  const g = randn(maxPool2d(x, kernel, options).shape);
  const reach = stride * (g.shape[2]! - 1) + 1;
  const taps = Array.from({ length: kernel ** 2 }, (_, k) => [Math.floor(k / kernel), k % kernel] as const);
  const copies = compile((v: Tensor) =>
    taps.map(([i, j]) => slice(v, null, null, [i, i + reach, stride], [j, j + reach, stride]).mul(2)),
  );
  const forward = (pool: typeof maxPool2d) => compile((v: Tensor) => pool(v, kernel, options));
  const backward = (pool: typeof maxPool2d) =>
    compile((v: Tensor, own: Tensor) => {
      const leaf = v.detach();
      leaf.requiresGrad = true;
      return gradients(pool(leaf, kernel, options), [leaf], { cotangents: [own] })[0];
    });
  const [max, avg, maxBack, avgBack] = [
    forward(maxPool2d),
    forward(avgPool2d),
    backward(maxPool2d),
    backward(avgPool2d),
  ];
  const times = best({
    copies: () => copies(around),
    max: () => max(x),
    mean: () => avg(x),
    "max, backward": () => maxBack(x, g),
    "mean, backward": () => avgBack(x, g),
  });
  const rows = Object.entries(times).map(
    ([name, ms]) => `${name} ${ms.toFixed(3)} (${(ms / times["copies"]!).toFixed(2)} ×)`,
  );
  console.log(`${kernel} × ${kernel}, stride ${stride}, padding ${padding}: ${rows.join("; ")}`);
}
