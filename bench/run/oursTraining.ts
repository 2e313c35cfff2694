import { Adam, crossEntropy, rand, randint, relu, type Tensor, tensor } from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { fit, type History, TensorDataset } from "tinygrad-ts/train";
import { type Spec, stepsToCompare } from "../spec.ts";
import { stepData } from "./data.ts";
import { matrix, network } from "./oursFunctions.ts";
import type { Task } from "./task.ts";

/** A training from start to end, by `fit`: a new model and optimizer for each run, so that compiling is in the time. */
export function wholeTraining(spec: Extract<Spec, { kind: "training" }>): Task {
  const { sizes, batch, samples, validation, epochs } = spec;
  const data = stepData(sizes, batch * stepsToCompare(spec));
  const drawn = (n: number): TensorDataset =>
    new TensorDataset(rand([n, sizes[0]!]), randint(0, sizes.at(-1)!, [n]) as Tensor);
  const [training, held] = [drawn(samples), drawn(validation)];
  const job = (given: TensorDataset, epochs: number, validation: TensorDataset, shuffle: boolean): Promise<History> => {
    const model = network(data, relu);
    const optimizer = new Adam(model.parameters());
    return fit(model, given, {
      ...{ loss: crossEntropy, optimizer, epochs, batchSize: batch, shuffle, validation },
      compile,
    });
  };
  const check = async () => {
    const few = new TensorDataset(matrix(data.x, sizes[0]!), tensor(data.classes));
    const { losses, epochs } = await job(few, 1, few, false);
    return [...losses, epochs[0]!.validation!.loss];
  };
  return { run: () => job(training, epochs, held, true), check, isAsync: true };
}
