import { CompileError } from "../../errors.ts";
import { workerSource } from "./workerSource.ts";

/** A worker, of whatever kind the platform has. */
export interface Thread {
  post(message: unknown): void;
  /** Tells of its messages, and of its end, if it ends by itself. */
  listen(onMessage: () => void, onEnd: (why: string) => void): void;
  stop(): void;
}

/** What is used of workers as browsers, Deno and Bun have them; the library is compiled without the types of any one platform. */
export interface WebWorker {
  /** Sends it something. */
  postMessage(message: unknown): void;
  /** Has a function called for each of its messages, or errors. */
  addEventListener(
    type: string,
    listener: (event: { readonly message?: string; preventDefault?(): void }) => void,
  ): void;
  /** Ends it. */
  terminate(): void;
}

/** What is used of Node's. */
interface NodeWorker {
  postMessage(message: unknown): void;
  on(event: string, listener: (value: unknown) => void): void;
  terminate(): void;
  unref(): void;
}

interface Platform {
  readonly process?: {
    getBuiltinModule?(
      id: string,
    ): { readonly Worker: new (source: string, options: { readonly eval: boolean }) => NodeWorker } | undefined;
  };
  readonly document?: unknown;
  readonly Worker?: new (url: string) => WebWorker;
  readonly Blob?: new (parts: string[], options: { readonly type: string }) => object;
  readonly URL?: { createObjectURL(blob: object): string; revokeObjectURL(url: string): void };
}

/**
 * Starts a worker. Node's kind, which Deno and Bun have too, goes first, since the web's keeps their processes alive; but a page takes the web's, also where it
 * sees Node as in Electron.
 *
 * @throws {@link CompileError} where there are none.
 */
export function spawn(): Thread {
  const { process, document, Worker, Blob, URL } = globalThis as Platform;
  const node = process?.getBuiltinModule?.("node:worker_threads");
  if (node !== undefined && (document === undefined || Worker === undefined)) {
    return nodeThread(new node.Worker(workerSource, { eval: true }));
  }
  if (Worker === undefined || Blob === undefined || URL === undefined) {
    throw new CompileError("setThreads", "needs workers", "a platform without them", "in Node, from 20.16 on");
  }
  const url = URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }));
  const thread = webThread(new Worker(url));
  const stop = (): void => {
    URL.revokeObjectURL(url);
    thread.stop();
  };
  return { ...thread, stop };
}

/** A worker of a browser's kind. */
export function webThread(worker: WebWorker): Thread {
  return {
    post: (message) => worker.postMessage(message),
    listen(onMessage, onEnd) {
      worker.addEventListener("message", onMessage);
      worker.addEventListener("error", (event) => {
        event.preventDefault?.();
        onEnd(event.message ?? "it could not be started");
      });
    },
    stop: () => worker.terminate(),
  };
}

function nodeThread(worker: NodeWorker): Thread {
  return {
    post: (message) => worker.postMessage(message),
    listen(onMessage, onEnd) {
      worker.on("message", () => {
        worker.unref(); // from now on it keeps no process alive
        onMessage();
      });
      worker.on("error", (error) => onEnd(String(error)));
      worker.on("exit", (code) => onEnd(`exit code ${String(code)}`));
    },
    stop: () => worker.terminate(),
  };
}
