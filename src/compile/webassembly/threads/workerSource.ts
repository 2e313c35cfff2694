import { active, done, kernel, next, posted, program, state, tasks } from "./words.ts";

/** So many times a worker looks for work before it goes to sleep: some tens of microseconds, since kernels follow each other closely. */
const patience = 4000;

/**
 * What a worker runs: JavaScript in a text, since no bundler can then take it apart. It waits for tasks, and goes back to its messages when there
 * are any: the memory first, then programs.
 */
export const workerSource = `"use strict";
const port = globalThis.process?.getBuiltinModule?.("node:worker_threads")?.parentPort ?? self;
const programs = new Map();
let memory, words, seen = 0, received = 0;
port.onmessage = ({ data }) => {
  if (data.memory) {
    memory = data.memory;
    words = new Int32Array(memory.buffer, data.control, data.length);
    port.postMessage("ready");
  } else {
    received++;
    if (data.module) programs.set(data.id, new WebAssembly.Instance(data.module, { env: { memory, fork() {}, host() {} } }).exports.task);
    else programs.delete(data.id);
  }
  serve();
};
function serve() {
  let looks = 0;
  while (Atomics.load(words, ${posted}) === received) {
    const state = Atomics.load(words, ${state});
    if ((state & 1) === 0 || state === seen) {
      if (++looks > ${patience}) {
        Atomics.wait(words, ${state}, state);
        looks = 0;
      }
      continue;
    }
    seen = state;
    looks = 0;
    Atomics.add(words, ${active}, 1);
    if (Atomics.load(words, ${state}) === state) work(state);
    Atomics.sub(words, ${active}, 1);
  }
}
function work(state) {
  const doTask = programs.get(words[${program}]);
  if (doTask === undefined) return;
  for (;;) {
    const task = Atomics.add(words, ${next}, 1);
    if (task >= words[${tasks}]) return;
    doTask(words[${kernel}], task);
    Atomics.store(words, ${done} + task, state);
  }
}
`;

/** The same as a file of the package. What loads it elsewhere than in a worker is told so. */
export function workerFile(): string {
  const guard = `"use strict";
if (globalThis.document || !(globalThis.process?.getBuiltinModule?.("node:worker_threads")?.parentPort ?? globalThis.self)?.postMessage)
  throw new TypeError("tinygrad-ts/compile/worker: runs in a worker, got the main thread; write setThreads(n, { worker: () => new Worker(url) }) with this file's address");`;
  return workerSource.replace('"use strict";', guard);
}
