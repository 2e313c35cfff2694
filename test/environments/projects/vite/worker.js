import url from "tinygrad-ts/compile/worker?url&no-inline";

export const workerOptions = { worker: () => new Worker(url) };
