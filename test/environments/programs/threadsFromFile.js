import { threads } from "./threads.js";

/** Takes the package's file, by a worker of the web's kind. */
export const threadsFromFile = () => {
  const url = import.meta.resolve("tinygrad-ts/compile/worker");
  return threads({ worker: () => new Worker(url, { type: "module" }) });
};
