import { show } from "./show.ts";

void show(() => {
  const worker = new Worker("/pages/worker.js", { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(`in the worker: ${message}`));
  });
});
