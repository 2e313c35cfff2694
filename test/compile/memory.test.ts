import { expect, test } from "vitest";
import { heap } from "../../src/compile/heap.ts";
import { compile } from "../../src/compile/index.ts";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";

// Long runs: REPLAYS=1000000 is the default.
const replays = Number(process.env["REPLAYS"] ?? 1_000_000);

const collect = (globalThis as { gc?: () => void }).gc!;

test("a million replays leave the heap and WebAssembly's memory as they were", () => {
  T.manualSeed(2);
  const model = new T.Sequential(new T.Linear(2, 3), T.tanh, new T.Linear(3, 1));
  const optimizer = new T.SGD(model.parameters(), { lr: 0.01 });
  const step = compile((x: Tensor, y: Tensor) => {
    const loss = T.mse(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  const [x, y] = [T.randn([4, 2]), T.randn([4, 1])];
  for (let i = 0; i < 10_000; i++) step(x, y);
  collect();
  const before = { used: process.memoryUsage().heapUsed, buffers: process.memoryUsage().arrayBuffers };
  const { byteLength } = heap().memory.buffer;
  for (let i = 0; i < replays; i++) step(x, y);
  collect();
  const after = process.memoryUsage();
  expect(heap().memory.buffer.byteLength).toBe(byteLength);
  expect(after.heapUsed - before.used).toBeLessThan(1e6);
  expect(after.arrayBuffers - before.buffers).toBeLessThan(1e6);
  expect(Number.isFinite(step(x, y).item())).toBe(true);
}, 600_000);

test("programs that are dropped from the cache, and tensors that are collected, give their memory back", async () => {
  const forward = compile((x: Tensor) => T.add(T.mul(x, 2), 1), { cacheSize: 2 });
  const sizes = [100, 200, 300, 400];
  for (const n of [...sizes, ...sizes]) forward(T.ones([n]));
  const { byteLength } = heap().memory.buffer;
  for (let i = 0; i < 500; i++) forward(T.ones([sizes[i % 4]!]));
  expect(heap().memory.buffer.byteLength).toBe(byteLength);

  for (let i = 0; i < 200; i++) {
    const held = T.ones([100_000]);
    const f = compile(() => T.sum(held));
    f();
    expect(f().item()).toBe(100_000);
    if (i % 10 === 0) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 0)); // finalizers run between tasks
    }
  }
  expect(heap().memory.buffer.byteLength).toBeLessThan(byteLength + 40e6); // 80 MB if nothing came back
});
