import { expect, test } from "vitest";
import { add, Generator, mul, noGrad, rand, type Tensor, tensor } from "../../src/index.ts";

declare const gc: () => void;

/** y ← y + c, `n` times, and back; milliseconds, not counting the garbage of earlier runs. */
function chain(n: number): number {
  gc();
  const x = tensor([1], { requiresGrad: true, dtype: "float64" });
  const one = tensor(1, { dtype: "float64" });
  const start = performance.now();
  let y: Tensor = x;
  for (let i = 0; i < n; i++) y = add(y, one);
  y.backward();
  const time = performance.now() - start;
  expect(y.item()).toBe(n + 1);
  expect(x.grad?.item()).toBe(1);
  return time;
}

test("a chain of 1,000,000 ops runs forward and backward at the default stack, in time that grows with it", () => {
  chain(100_000); // warm-up
  const short = Math.min(chain(100_000), chain(100_000), chain(100_000));
  // The least of several runs: whatever else the machine does only adds time.
  let long = chain(1_000_000);
  for (let run = 0; run < 5 && long / short >= 12; run++) long = Math.min(long, chain(1_000_000));
  console.log(
    `chain: 1e5 ops ${short.toFixed(0)} ms, 1e6 ops ${long.toFixed(0)} ms, ratio ${(long / short).toFixed(1)}`,
  );
  expect(long / short).toBeLessThan(40); // it would be 100 if an op took time that grows with the graph
});

test("a random graph of 100,000 ops with skips has the gradient that an independent reverse sweep computes", () => {
  const random = new Generator(7);
  const n = 100_000;
  const picks = rand([2 * n], { dtype: "float64", generator: random }).data;
  const nodes: Tensor[] = [tensor(0.5, { dtype: "float64", requiresGrad: true })];
  const parents: [number, number][] = [[0, 0]];
  for (let i = 1; i <= n; i++) {
    // One parent near, one anywhere before: long paths and long skips, and often the same parent twice.
    const near = Math.max(0, i - 1 - Math.floor(picks[2 * i - 2]! * 3));
    const far = Math.floor(picks[2 * i - 1]! * i);
    parents.push([near, far]);
    nodes.push(add(mul(nodes[near]!, 0.5), mul(nodes[far]!, 0.25)));
  }
  const root = nodes.at(-1)!;
  root.backward();
  const adjoint = new Float64Array(n + 1);
  adjoint[n] = 1;
  for (let i = n; i > 0; i--) {
    const [near, far] = parents[i]!;
    adjoint[near]! += 0.5 * adjoint[i]!;
    adjoint[far]! += 0.25 * adjoint[i]!;
  }
  expect(nodes[0]!.grad!.item()).toBeCloseTo(adjoint[0]!, 12);
  expect(adjoint[0]).toBeGreaterThan(0);
});

test("a fan-out of 100,000 accumulates every branch", () => {
  const x = tensor(2, { dtype: "float64", requiresGrad: true });
  let y: Tensor = tensor(0, { dtype: "float64" });
  for (let i = 0; i < 100_000; i++) y = add(y, x);
  y.backward();
  expect(x.grad?.item()).toBe(100_000);
});

test("an unused side branch changes no gradient", () => {
  const run = (branch: boolean) => {
    const x = tensor([1, 2, 3], { dtype: "float64", requiresGrad: true });
    const shared = mul(x, x);
    if (branch) {
      mul(shared, 100).sum();
      shared.exp().log();
      noGrad(() => shared.mul(7));
      shared.registerHook(() => undefined);
    }
    shared.mul(x).sum().backward();
    return x.grad!.toArray();
  };
  expect(run(true)).toEqual(run(false));
  expect(run(true)).toEqual([3, 12, 27]);
});

test("a diamond of depth 60 is linear work, not 2^60", () => {
  const x = tensor(1, { dtype: "float64", requiresGrad: true });
  let y: Tensor = x;
  for (let i = 0; i < 60; i++) y = add(y, y);
  y.backward();
  expect(x.grad?.item()).toBe(2 ** 60);
});
