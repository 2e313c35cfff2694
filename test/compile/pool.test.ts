import { afterEach, expect, test, vi } from "vitest";
import { CompileError, compile, setThreads } from "../../src/compile/index.ts";
import { Assembler } from "../../src/compile/webassembly/binary/assembler.ts";
import { ModuleBuilder } from "../../src/compile/webassembly/binary/module.ts";
import { engine } from "../../src/compile/webassembly/engine.ts";
import { Heap, heap, replaceHeap } from "../../src/compile/webassembly/heap.ts";
import { controlBytes, Pool } from "../../src/compile/webassembly/threads/pool.ts";
import { spawn, type Thread } from "../../src/compile/webassembly/threads/spawn.ts";
import * as word from "../../src/compile/webassembly/threads/words.ts";
import { add, type Tensor, zeros } from "../../src/index.ts";

/** A pool of one worker and this thread, and the memory that they share. */
async function pair(patience?: number): Promise<{ pool: Pool; worker: Thread; words: Int32Array; marks: Int32Array }> {
  const shared = new Heap({ isShared: true });
  const control = shared.allocate(controlBytes);
  const marksAt = shared.allocate(64);
  const worker = spawn();
  const pool = new Pool([worker], shared.memory, control, patience);
  await pool.start(shared.memory, control);
  started.push(pool);
  const words = new Int32Array(shared.memory.buffer, control, controlBytes / 4);
  return { pool, worker, words, marks: new Int32Array(shared.memory.buffer, marksAt, 16) };
}

const started: Pool[] = [];
afterEach(async () => {
  vi.unstubAllGlobals();
  for (const pool of started.splice(0)) pool.stop();
  await setThreads(1);
});

/** A program whose only function writes 1 to where its task is, or ends its worker. */
function program(marks: Int32Array, isFatal: boolean): object {
  const c = new Assembler(["i32", "i32"]);
  if (isFatal) c.op("unreachable");
  else c.get(c.params[1]!).i32(4).op("i32.mul").i32(1).memory("i32.store", marks.byteOffset);
  const module = new ModuleBuilder();
  module.export("task", module.define(c));
  return new (engine().Module)(module.build(true));
}

/** Lets time pass until something is so. */
function until(isSo: () => boolean): void {
  const end = Date.now() + 20_000;
  while (!isSo()) if (Date.now() > end) throw new Error("it did not come about");
}

test("workers do tasks", async () => {
  const { pool, words, marks } = await pair();
  const id = pool.add(program(marks, false));
  const mine: number[] = [];
  pool.run(
    id,
    (_, task) => {
      mine.push(task);
      until(() => Atomics.load(words, word.next) >= 4); // the other thread does what is left
      marks[task] = 2;
    },
    0,
    3,
  );
  // Which task is this thread's is chance, and so is whether any is: the other one may have done all before this one looks.
  expect(mine.length).toBeLessThan(2);
  expect([...marks.subarray(0, 4)]).toEqual([0, 1, 2, 3].map((task) => (task === 3 ? 0 : mine.includes(task) ? 2 : 1)));
  expect(pool.failure).toBeNull();
});

test("workers leave the tasks of programs that they do not have to this thread", async () => {
  const { pool } = await pair();
  const mine: number[] = [];
  for (let i = 0; i < 200; i++) pool.run(99, (_, task) => mine.push(task), 0, 3);
  expect(mine).toHaveLength(600);
  expect(pool.failure).toBeNull();
});

test("the work of a worker that dies over it is done here", async () => {
  const { pool, words, marks } = await pair(200);
  const id = pool.add(program(marks, true));
  const mine: number[] = [];
  pool.run(
    id,
    (kernel, task) => {
      if (mine.length === 0) until(() => Atomics.load(words, word.next) >= 2); // the worker has taken a task, which ends it
      mine.push(task);
      expect(kernel).toBe(5);
    },
    5,
    4,
  );
  expect(mine.sort()).toEqual([0, 1, 2, 3]);
  expect(pool.failure).toBe("no answer for 200 ms");
  mine.length = 0;
  pool.run(id, (_, task) => mine.push(task), 0, 2);
  expect(mine).toEqual([0, 1]);
});

test("workers are woken before they are ended, since Deno cannot end one that sleeps", async () => {
  const { pool, worker, words } = await pair();
  const looking = Atomics.load(words, word.state);
  const seen: number[] = [];
  const stop = worker.stop;
  worker.stop = () => {
    seen.push(Atomics.load(words, word.posted), Atomics.load(words, word.state));
    stop();
  };
  pool.stop();
  expect(seen).toEqual([1, looking + 2]);
});

test("a page takes the web's workers, also where it sees Node", () => {
  const made: string[] = [];
  class Worker {
    constructor(url: string) {
      made.push(url);
    }
    terminate(): void {
      made.push("ended");
    }
  }
  vi.stubGlobal("document", {});
  spawn().stop();
  expect(made).toEqual([]);
  vi.stubGlobal("Worker", Worker);
  spawn().stop();
  expect(made).toEqual([expect.stringMatching(/^blob:/), "ended"]);
});

test("a worker that ends by itself is noticed", async () => {
  const { pool, worker } = await pair();
  worker.stop();
  await expect.poll(() => pool.failure).toBe("exit code 1");
});

test("after a worker has died, the next call throws, and the one after it works with one thread", async () => {
  await setThreads(2);
  const p = zeros([2]);
  const grow = compile((x: Tensor) => {
    p.assign(add(p, x));
  });
  const one = add(zeros([2]), 1);
  grow(one);
  grow(one);
  heap().pool!.fail("exit code 9");
  expect(() => grow(one)).toThrow(CompileError);
  expect(heap().pool).toBeNull();
  expect(p.data).toEqual(new Float32Array([2, 2]));
  grow(one);
  grow(one);
  expect(p.data).toEqual(new Float32Array([4, 4]));
  replaceHeap(new Heap());
  grow(one);
  expect(p.data).toEqual(new Float32Array([5, 5]));
});
