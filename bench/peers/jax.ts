import { defaultDevice, init, type Array as JaxArray, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { numbers, stepData, transposed } from "../run/data.ts";
import { type Library, some, type Task } from "../run/task.ts";
import { versionOf } from "../run/version.ts";
import type { Spec } from "../spec.ts";
import { convolutionTask, networkTask } from "./jaxNetworks.ts";
import { type Loss, trained } from "./jaxTraining.ts";

/** jax-js on its device "wasm": without workers, which Node does not have by the name it looks for, that is one thread. */
export async function load(device: string): Promise<Library> {
  if (device !== "wasm") throw new Error(`there is no device ${device}`);
  await init(device);
  defaultDevice(device);
  return { version: versionOf("@jax-js/jax"), task };
}

/** Whoever is given an array owns it: what is used again is passed as `x.ref`. */
function task(spec: Spec): Task {
  switch (spec.kind) {
    case "step":
      return trainingTask(spec);
    case "matmul": {
      const [a, b] = [1, 2].map((seed) => np.array(numbers(seed, spec.n ** 2, 1)).reshape([spec.n, spec.n]));
      const f = jit((a: JaxArray, b: JaxArray) => np.matmul(a, b));
      return forward(() => f(a!.ref, b!.ref));
    }
    case "map": {
      const x = np.array(numbers(1, spec.n, 4));
      const add = (x: JaxArray) => x.ref.add(x);
      const f = jit(spec.op === "add" ? add : (x: JaxArray) => np[spec.op as "exp" | "tanh"](x));
      return forward(() => f(x.ref));
    }
    case "chain":
      return chain(spec.length);
    case "network":
      return networkTask(spec);
    case "conv":
      return convolutionTask(spec);
    case "pool":
    case "stream":
    case "copy":
    case "training":
      throw new Error("not asked for");
  }
}

/** Computation is deferred until somebody waits for it. */
function forward(f: () => JaxArray): Task {
  const run = async () => (await f().blockUntilReady()).dispose();
  return { run, isAsync: true, check: async () => some(await f().data()) };
}

function chain(length: number): Task {
  const f = jit(
    valueAndGrad((x: JaxArray, factor: JaxArray, term: JaxArray) => {
      let y = x;
      for (let i = 0; i < length; i++) y = y.mul(factor.ref).add(term.ref);
      factor.dispose();
      term.dispose();
      return y;
    }),
  );
  const [x, factor, term] = [np.array(0.5), np.array(1.0001), np.array(0.0001)];
  const run = () => {
    const [value, gradient] = f(x.ref, factor.ref, term.ref) as [JaxArray, JaxArray];
    return [value.item(), gradient.item()];
  };
  return { run, check: run };
}

function trainingTask(spec: Extract<Spec, { kind: "step" }>): Task {
  const { sizes, batch, activation, loss } = spec;
  const data = stepData(sizes, batch);
  const outputs = sizes.at(-1)!;
  const lossOf: Loss = (p, x, target) => {
    let h = x;
    for (let i = 0; i < p.length; i += 2) {
      h = np.matmul(h, p[i]!).add(p[i + 1]!);
      if (i < p.length - 2) h = activation === "tanh" ? np.tanh(h) : nn.relu(h);
    }
    if (loss === "mse") return np.square(h.sub(target)).mean();
    return nn
      .logSoftmax(h)
      .mul(target)
      .sum()
      .mul(-1 / batch);
  };
  const p = data.layers.flatMap(({ inputs, outputs, weight, bias }) => [
    np.array(transposed(weight, inputs)).reshape([inputs, outputs]),
    np.array(bias),
  ]);
  const x = np.array(data.x).reshape([batch, sizes[0]!]);
  const target =
    loss === "mse"
      ? np.array(data.target).reshape([batch, outputs])
      : nn.oneHot(np.array(data.classes), outputs).astype(np.float32);
  return trained(spec, lossOf, p, x, target);
}
