export const workerOptions = { worker: () => new Worker(new URL("tinygrad-ts/compile/worker", import.meta.url)) };
