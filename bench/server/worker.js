// A worker of a server: it has a model of its own, and answers one request after the other.
import { parentPort } from "node:worker_threads";
import { manualSeed, mlp, noGrad, tensor } from "tinygrad-ts";
import { blas, useBlas } from "tinygrad-ts/blas";
import { compile } from "tinygrad-ts/compile";

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
