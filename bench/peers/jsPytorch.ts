import { torch } from "js-pytorch";
import { numbers, stepData, transposed } from "../run/data.ts";
import { type Library, some, type Task, training } from "../run/task.ts";
import { versionOf } from "../run/version.ts";
import { type Spec, stepsToCompare } from "../spec.ts";

type TorchTensor = ReturnType<typeof torch.tensor>;

/** js-pytorch on the CPU. */
export function load(device: string): Library {
  if (device !== "cpu") throw new Error(`there is no device ${device}`);
  return {
    version: versionOf("js-pytorch"),
    task,
    departs: "its Adam does not correct the bias of its means, so only first losses are compared",
  };
}

function task(spec: Spec): Task {
  switch (spec.kind) {
    case "step":
      return trainingTask(spec);
    case "matmul": {
      const [a, b] = [1, 2].map((seed) => torch.tensor(rows(numbers(seed, spec.n ** 2, 1), spec.n)));
      const f = () => torch.matmul(a!, b!);
      return { run: f, check: () => some(f().data.flat()) };
    }
    case "map": {
      const x = torch.tensor([...numbers(1, spec.n, 4)]);
      const f = spec.op === "add" ? () => torch.add(x, x) : spec.op === "exp" ? () => torch.exp(x) : () => tanh(x);
      return { run: f, check: () => some(f().data) };
    }
    case "chain":
      return chain(spec.length);
    case "stream":
    case "copy":
    case "conv":
    case "network":
    case "training":
      throw new Error("not asked for");
  }
}

/** The library has no tanh. */
function tanh(x: TorchTensor): TorchTensor {
  const e = torch.exp(torch.mul(x, 2));
  return torch.div(torch.add(e, -1), torch.add(e, 1));
}

function rows(values: ArrayLike<number>, columns: number): number[][] {
  const flat = Array.from(values);
  return Array.from({ length: flat.length / columns }, (_, i) => flat.slice(i * columns, (i + 1) * columns));
}

function chain(length: number): Task {
  const x = torch.tensor([0.5], true);
  const run = () => {
    x.zero_grad();
    let y = x;
    for (let i = 0; i < length; i++) y = torch.add(torch.mul(y, 1.0001), 0.0001);
    y.backward();
    return [y.data[0] as number, x.grad[0] as number];
  };
  return { run, check: run };
}

function trainingTask(spec: Extract<Spec, { kind: "step" }>): Task {
  const { sizes, batch, activation, loss } = spec;
  const data = stepData(sizes, batch);
  const layers = data.layers.map(({ inputs, outputs, weight, bias }) => {
    const layer = new torch.nn.Linear(inputs, outputs);
    layer.W._data = rows(transposed(weight, inputs), outputs);
    layer.b._data = [...bias];
    return layer;
  });
  const optimizer = new torch.optim.Adam(
    layers.flatMap((layer) => layer.parameters()),
    1e-3,
    0,
    [0.9, 0.999],
    1e-8,
  );
  const x = torch.tensor(rows(data.x, sizes[0]!));
  const outputs = sizes.at(-1)!;
  const target = torch.tensor(loss === "mse" ? rows(data.target, outputs) : [...data.classes]);
  const relu = new torch.nn.ReLU();
  const crossEntropy = new torch.nn.CrossEntropyLoss();
  // Its own MSELoss divides by the size of the batch once too often.
  const mse = (h: TorchTensor) => torch.mean(torch.pow(torch.reshape(h.sub(target), [batch * outputs]), 2));
  const step = () => {
    let h = x;
    layers.forEach((layer, i) => {
      h = layer.forward(h);
      if (i < layers.length - 1) h = activation === "tanh" ? tanh(h) : relu.forward(h);
    });
    const value = loss === "mse" ? mse(h) : crossEntropy.forward(h, target);
    value.backward();
    optimizer.step();
    optimizer.zero_grad();
    return value.data[0] as number;
  };
  return training(step, stepsToCompare(spec));
}
