import { createRequire } from "node:module";
import { dirname } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { numbers, stepData, transposed } from "../run/data.ts";
import { type Library, some, type Task, training } from "../run/task.ts";
import { type Spec, stepsToCompare } from "../spec.ts";
import { convolutionTask, networkTask, poolingTask } from "./tfjsNetworks.ts";

/** TensorFlow.js. Modes: its backends "cpu" and "wasm" (with SIMD, on one thread). */
export async function load(backend: string): Promise<Library> {
  if (backend === "wasm") {
    const wasm = await import("@tensorflow/tfjs-backend-wasm");
    const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
    wasm.setWasmPaths(`${dirname(entry)}/`);
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  }
  if (!(await tf.setBackend(backend))) throw new Error(`there is no backend ${backend}`);
  await tf.ready();
  return { version: tf.version_core, task };
}

function task(spec: Spec): Task {
  switch (spec.kind) {
    case "step":
      return trainingTask(spec);
    case "matmul": {
      const [a, b] = [1, 2].map((seed) => tf.tensor2d(numbers(seed, spec.n ** 2, 1), [spec.n, spec.n]));
      return forward(() => tf.matMul(a!, b!), [a!, b!]);
    }
    case "map": {
      const x = tf.tensor1d(numbers(1, spec.n, 4));
      const f = { exp: tf.exp, tanh: tf.tanh, add: (x: tf.Tensor) => tf.add(x, x) }[spec.op];
      return forward(() => f(x), [x]);
    }
    case "chain":
      return chain(spec.length);
    case "network":
      return networkTask(spec);
    case "conv":
      return convolutionTask(spec);
    case "pool":
      return poolingTask(spec);
    case "stream":
    case "copy":
    case "training":
      throw new Error("not asked for");
  }
}

/** Both backends have computed when an op returns. */
function forward(f: () => tf.Tensor, inputs: tf.Tensor[]): Task {
  return {
    run: () => f().dispose(),
    check: () => tf.tidy(() => some(f().dataSync())),
    dispose: () => tf.dispose(inputs),
  };
}

function chain(length: number): Task {
  const [x, factor, term] = [tf.scalar(0.5), tf.scalar(1.0001), tf.scalar(0.0001)];
  const f = tf.valueAndGrad((x: tf.Tensor) => {
    let y = x;
    for (let i = 0; i < length; i++) y = y.mul(factor).add(term);
    return y;
  });
  const check = () =>
    tf.tidy(() => {
      const { value, grad } = f(x);
      return [value.dataSync()[0]!, grad.dataSync()[0]!];
    });
  return { run: check, check, dispose: () => tf.dispose([x, factor, term]) };
}

function trainingTask(spec: Extract<Spec, { kind: "step" }>): Task {
  const { sizes, batch, activation, loss } = spec;
  const data = stepData(sizes, batch);
  const layers = data.layers.map(({ inputs, outputs, weight, bias }) => ({
    w: tf.variable(tf.tensor2d(transposed(weight, inputs), [inputs, outputs])),
    b: tf.variable(tf.tensor1d(bias)),
  }));
  const variables = layers.flatMap(({ w, b }) => [w, b]);
  const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);
  const x = tf.tensor2d(data.x, [batch, sizes[0]!]);
  const classes = sizes.at(-1)!;
  const target =
    loss === "mse"
      ? tf.tensor2d(data.target, [batch, classes])
      : tf.oneHot(tf.tensor1d(data.classes, "int32"), classes);
  const lossOf = (): tf.Scalar => {
    let h: tf.Tensor2D = x;
    layers.forEach(({ w, b }, i) => {
      h = h.matMul(w).add(b);
      if (i < layers.length - 1) h = activation === "tanh" ? h.tanh() : h.relu();
    });
    return loss === "mse" ? tf.losses.meanSquaredError(target, h) : tf.losses.softmaxCrossEntropy(target, h);
  };
  const step = () => {
    const value = optimizer.minimize(lossOf, true, variables)!;
    const number = value.dataSync()[0]!;
    value.dispose();
    return number;
  };
  const dispose = () => {
    optimizer.dispose();
    tf.dispose([...variables, x, target]);
  };
  return training(step, stepsToCompare(spec), { dispose });
}
