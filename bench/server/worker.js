// A worker of a server: it has a model of its own, and answers one request after the other.
import { parentPort } from "node:worker_threads";
import { blas, useBlas } from "../../dist/blas.js";
import { compile } from "../../dist/compile.js";
import { manualSeed, mlp, noGrad, tensor } from "../../dist/index.js";

manualSeed(1);
const model = mlp([784, 512, 512, 10]);
const predict = compile((x) => model.forward(x));

parentPort.on("message", async ({ library, id, rows, pixels }) => {
  if (library !== undefined) {
    useBlas(await blas({ library, threads: 1 }));
    return;
  }
  const scores = noGrad(() => predict(tensor(pixels).reshape([rows, 784]))).data;
  parentPort.postMessage({ id, scores }, [scores.buffer]);
});
