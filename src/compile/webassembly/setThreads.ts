import { textOf, ValueError } from "../../core/errors.ts";
import { checkOptions } from "../../core/options.ts";
import { refuseMore } from "../../core/surplus.ts";
import { CompileError } from "../errors.ts";
import { engine } from "./engine.ts";
import { Heap, heap, replaceHeap } from "./heap.ts";
import { controlBytes, Pool } from "./threads/pool.ts";
import { spawn, type WebWorker, webThread } from "./threads/spawn.ts";

/** The most threads that may be asked for. */
const mostThreads = 64;

/** Options of {@link setThreads}. */
export interface ThreadOptions {
  /**
   * Makes a worker that runs the package's file `tinygrad-ts/compile/worker`, for pages whose Content-Security-Policy forbids workers from `blob:`
   * addresses: `() => new Worker(url)`, where the page serves that file.
   */
  readonly worker?: () => WebWorker;
}

/**
 * Makes compiled functions use several threads for matrix products and large loops: this thread, and workers that share its memory. Results are the
 * same bits for any number of threads, but for products that a BLAS library computes, whose bits are its own. 1 by default.
 *
 * In a page, memory can only be shared if it is cross-origin isolated: served with the headers `Cross-Origin-Opener-Policy: same-origin` and
 * `Cross-Origin-Embedder-Policy: require-corp`. Functions that were compiled before are recorded again at their next call.
 *
 * If a worker dies, this thread does what is left of its work; the next call of a compiled function throws, and leaves one thread.
 *
 * @param n - how many, from 1 to 64; using more than there are cores does not help.
 * @param options - {@link ThreadOptions}.
 * @returns a promise that resolves when all are ready.
 * @throws `ValueError` for another number, and for an unknown option; {@link CompileError} where there are no workers, or memory cannot be shared.
 * @example
 * import { matmul, ones, type Tensor } from "tinygrad-ts";
 * import { compile, setThreads } from "tinygrad-ts/compile";
 * await setThreads(2);
 * const product = compile((x: Tensor) => matmul(x, x));
 * product(ones([300, 300]));
 * product(ones([300, 300])).sum().item(); // → 27000000
 * await setThreads(1); // ends the worker
 */
export async function setThreads(n: number, options: ThreadOptions = {}): Promise<void> {
  if (!Number.isInteger(n) || n < 1 || n > mostThreads) {
    throw new ValueError("setThreads", `the number of threads must be an integer from 1 to ${mostThreads}`, textOf(n));
  }
  checkOptions("setThreads", options, { worker: "function" });
  refuseMore("setThreads", arguments, 2);
  engine();
  const { pool } = heap();
  if (n === (pool?.threads ?? 1) && (pool?.failure ?? null) === null) return;
  const next = n === 1 ? new Heap() : await shared(n, options);
  heap().pool?.stop();
  replaceHeap(next);
}

/** Memory that workers share. */
async function shared(n: number, { worker }: ThreadOptions): Promise<Heap> {
  const platform = globalThis as { readonly SharedArrayBuffer?: unknown; readonly crossOriginIsolated?: boolean };
  if (platform.SharedArrayBuffer === undefined || platform.crossOriginIsolated === false) {
    // Only browsers say whether a page, and workers of it, are isolated.
    const isPage = platform.crossOriginIsolated !== undefined;
    const got = isPage
      ? "a page, or a worker of one, that is not cross-origin isolated"
      : "an engine without SharedArrayBuffer";
    const hint = isPage
      ? "serve the page, and the worker's file, with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp"
      : "leave setThreads out: compiled functions work with one thread";
    throw new CompileError("setThreads", "needs memory that can be shared", got, hint);
  }
  const own = new Heap({ isShared: true });
  const control = own.allocate(controlBytes);
  const workers = Array.from({ length: n - 1 }, () => (worker === undefined ? spawn() : webThread(madeBy(worker))));
  own.pool = new Pool(workers, own.memory, control);
  try {
    await own.pool.start(own.memory, control);
  } catch (error) {
    const hint = "a Content-Security-Policy must allow worker-src blob:, or pass the option worker";
    throw new CompileError("setThreads", "workers must start", (error as Error).message, hint);
  }
  return own;
}

/** The worker that the option has made. */
function madeBy(worker: () => WebWorker): WebWorker {
  const made = worker() as unknown;
  if (typeof (made as Partial<WebWorker> | null | undefined)?.postMessage === "function") return made as WebWorker;
  throw new ValueError(
    "setThreads",
    "worker must return a Worker",
    textOf(made),
    "write worker: () => new Worker(url)",
  );
}
