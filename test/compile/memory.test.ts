import { expect, test } from "vitest";
import { CompileError, compile } from "../../src/compile/index.ts";
import { Heap, heap } from "../../src/compile/webassembly/heap.ts";
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

test("a program keeps nothing of the run that was recorded", async () => {
  const layers = Array.from({ length: 20 }, () => T.mul(T.randn([300, 300]), 0.05));
  const w = T.zeros([300], { requiresGrad: true });
  const made: WeakRef<object>[] = [];
  const forward = compile((x: Tensor) => {
    let y = T.add(x, w);
    for (const layer of layers) {
      y = T.tanh(T.matmul(y, layer));
      made.push(new WeakRef(y), new WeakRef(y.stored)); // which is the array, or what computes it
    }
    return { mean: T.mean(y), list: [y.sum(), null] };
  });
  const x = T.ones([300, 300]);
  const sizeNow = (): number => {
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const before = sizeNow(); // without WebAssembly's memory
  forward(x);
  const { mean } = forward(x);
  await new Promise((resolve) => setTimeout(resolve, 0)); // what a WeakRef was made of lives until the end of the task
  collect();
  expect(made.filter((ref) => ref.deref() !== undefined).length).toBe(0);
  expect(sizeNow() - before).toBeLessThan(2e6); // a graph has 14 MB
  mean.backward();
  expect(w.grad!.shape).toEqual([300]);
});

test("compiled functions that are collected, and their derivatives, give their memory back", async () => {
  const x = T.ones([200, 200], { requiresGrad: true });
  const run = (): void => {
    const f = compile((v: Tensor) => T.sum(T.tanh(T.matmul(v, v)))); // with an arena of 160 kB
    for (let k = 0; k < 2; k++) f(x).backward();
  };
  run();
  const { byteLength } = heap().memory.buffer;
  for (let i = 0; i < 60; i++) {
    run();
    if (i % 5 > 0) continue;
    await new Promise((resolve) => setTimeout(resolve, 0)); // finalizers run between tasks
    collect();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  expect(heap().memory.buffer.byteLength).toBeLessThan(byteLength + 60e6); // 190 MB if nothing came back
});

/** Runs a function while WebAssembly's memory of a heap cannot grow. */
function withoutGrowth<T>({ memory }: Heap, fn: () => T): T {
  memory.grow = () => {
    throw new RangeError("WebAssembly.Memory.grow(): Maximum memory size exceeded");
  };
  try {
    return fn();
  } finally {
    Reflect.deleteProperty(memory, "grow");
  }
}

test("functions share what they know of layers that they do not read", () => {
  const others = Array.from({ length: 1000 }, () => new T.Linear(1, 1));
  const x = T.ones([1]);
  const compiled = (k: number) => {
    const f = compile((v: Tensor) => T.mul(v, k));
    f(x);
    return f;
  };
  const kept = [compiled(0)];
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let k = 1; k <= 50; k++) kept.push(compiled(k));
  collect();
  const each = (process.memoryUsage().heapUsed - before) / 50 / others.length;
  expect(each).toBeLessThan(200); // bytes; 730 where each has a copy of its own
  expect(kept.length).toBe(51);
});

test("a request that fails changes nothing, and says how much there is", () => {
  const own = new Heap();
  own.release(own.allocate(1000), 1000);
  withoutGrowth(own, () => {
    for (let i = 0; i < 5; i++) {
      expect(() => own.allocate(40e6)).toThrow(CompileError);
      expect(() => own.allocate(40e6)).toThrow(
        /got 4\d{7} bytes more; it has 65536 bytes, 65472 of them free, and cannot grow/,
      );
    }
  });
  own.allocate(400);
  expect(own.memory.buffer.byteLength).toBe(65_536);
  const large = own.allocate(40e6);
  expect(large).toBeLessThan(65_536);
});

test("a program that finds no room gives back what it has taken, and everything is as it was", () => {
  const w = T.ones([1000]);
  const grow = compile((x: Tensor) => {
    w.assign(T.mul(w, 2));
    return [T.sum(x), T.expand(x, [40_000, 1000])];
  });
  const free = (): number => {
    // The size of a block that nothing else asks for tells where the heap ends.
    const at = heap().allocate(12_345);
    heap().release(at, 12_345);
    return at;
  };
  const x = T.ones([1000]);
  const small = compile((v: Tensor) => T.mul(v, 2));
  small(x);
  withoutGrowth(heap(), () => expect(() => grow(x)).toThrow("WebAssembly's memory must have room for the program"));
  const before = free();
  withoutGrowth(heap(), () => {
    for (let i = 0; i < 5; i++) expect(() => grow(x)).toThrow(CompileError);
  });
  expect(free()).toBe(before);
  expect([w.data[0], small(x).data[0]]).toEqual([1, 2]);
  expect(grow(x)[1]!.shape).toEqual([40_000, 1000]);
});

test("a program whose constructor throws, wherever, gives its blocks back", () => {
  const { allocate, release } = Heap.prototype;
  const engine = (globalThis as unknown as { WebAssembly: Record<"Module" | "Instance", unknown> }).WebAssembly;
  const { Module, Instance } = engine;
  const live = new Set<number>();
  let left = Number.POSITIVE_INFINITY;
  Heap.prototype.allocate = function (bytes) {
    if (left-- <= 0) throw new RangeError("stopped");
    const at = allocate.call(this, bytes);
    live.add(at);
    return at;
  };
  Heap.prototype.release = function (at, bytes) {
    live.delete(at);
    release.call(this, at, bytes);
  };
  class Stopped {
    constructor() {
      throw new RangeError("stopped");
    }
  }
  const x = T.ones([2, 2]);
  const run = (): (() => unknown) => {
    const [w, v] = [T.tensor([1, 2], { requiresGrad: true }), T.zeros([2])];
    const f = compile((y: Tensor) => {
      w.grad = null;
      T.sum(T.mul(T.matmul(y, w), T.rand([2]))).backward();
      v.assign(T.mul(w.grad!, 2));
      return T.matmul(y, w);
    });
    const [held, { state }] = [live.size, T.defaultGenerator()];
    expect(() => f(x)).toThrow("stopped");
    expect(live.size - held).toBeLessThanOrEqual(3); // the homes of w, of its gradient, and of v, which belong to them
    expect([T.defaultGenerator().state, v.toArray(), w.grad]).toEqual([state, [0, 0], null]);
    return () => f(x).toArray();
  };
  try {
    for (let k = 0; k < 6; k++) {
      left = k;
      const again = run();
      left = Number.POSITIVE_INFINITY;
      expect(again()).toEqual([3, 3]);
    }
    for (const broken of [{ Module: Stopped }, { Instance: Stopped }]) {
      Object.assign(engine, broken);
      const again = run();
      Object.assign(engine, { Module, Instance });
      expect(again()).toEqual([3, 3]);
    }
  } finally {
    Object.assign(Heap.prototype, { allocate, release });
    Object.assign(engine, { Module, Instance });
  }
});
