export const workerOptions = { worker: () => new Worker("./tinygrad-ts/compile-worker.js") };
