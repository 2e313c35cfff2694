import type { Backend } from "../backend.ts";
import { CompileError } from "../errors.ts";
import { Executable } from "./executable.ts";
import { Heap, heap, replaceHeap } from "./heap.ts";
import type { Pool } from "./threads/pool.ts";

/** Runs graphs as WebAssembly, in one memory, with as many threads as `setThreads` has asked for. */
export const webAssembly: Backend = {
  memory: heap,
  expectAlive() {
    const { pool } = heap();
    if (pool !== null) expectThreads(pool);
  },
  make: (recorded, options, place) => new Executable(recorded, options, place),
};

/** Throws if a worker has died, and goes on with one thread. */
function expectThreads(pool: Pool): void {
  const { failure } = pool;
  if (failure === null) return;
  pool.stop();
  replaceHeap(new Heap());
  const hint = "nothing is lost, and there is one thread now: call setThreads for more";
  throw new CompileError("compile", "a worker has ended", failure, hint);
}
