import { expect, test } from "vitest";
import { Adam, Linear, manualSeed, mse, randn, Sequential, tanh } from "../../src/index.ts";

declare const gc: (() => void) | undefined;

/** Bytes in use after full collections: the heap, and array buffers outside of it. */
function used(): { heap: number; buffers: number } {
  if (gc === undefined) throw new Error("this test needs node --expose-gc");
  for (let i = 0; i < 3; i++) gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, buffers: arrayBuffers };
}

test.each([
  { title: "100,000 steps of training keep heap and array buffers flat", throwing: false },
  { title: "so do they when every tenth step throws in the middle", throwing: true },
])(
  "$title",
  ({ throwing }) => {
    manualSeed(1);
    const model = new Sequential(new Linear(2, 4), tanh, new Linear(4, 1));
    const optimizer = new Adam(model.parameters());
    const x = randn([8, 2]);
    const y = randn([8, 1]);
    let thrown = 0;
    const step = (i: number) => {
      try {
        const loss = mse(model.forward(x), y);
        if (throwing && i % 10 === 0) {
          loss.registerHook(() => {
            throw new Error("in the middle of backward");
          });
        }
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
      } catch {
        thrown++;
      }
    };
    for (let i = 0; i < 2_000; i++) step(i);
    const before = used();
    for (let i = 0; i < 100_000; i++) step(i);
    const after = used();
    expect(thrown).toBe(throwing ? 10_200 : 0);
    expect(after.heap - before.heap).toBeLessThan(500_000);
    expect(after.buffers - before.buffers).toBeLessThan(100_000);
  },
  240_000,
);
