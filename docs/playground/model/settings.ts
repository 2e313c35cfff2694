/** The data sets; the last is a regression. */
export const datasets = ["moons", "circles", "spiral", "xor", "regression"] as const;
/** Activations of the hidden layers. */
export const activations = ["tanh", "relu", "sigmoid", "leakyRelu", "silu", "linear"] as const;
/** Losses for two classes. */
export const classLosses = ["crossEntropy", "hinge", "mse"] as const;
/** Losses for a regression. */
export const valueLosses = ["mse", "huber", "l1"] as const;
/** Optimizers. */
export const optimizers = ["sgd", "momentum", "adam", "rmsprop"] as const;
/** Learning rates to choose from. */
export const rates = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3] as const;
/** Points in a batch to choose from; the last is all of them. */
export const batchSizes = [1, 10, 20, 50, 200] as const;
/** Amounts of noise to choose from. */
export const noises = [0, 0.05, 0.1, 0.2, 0.3] as const;
/** Points to learn from, and as many to test on. */
export const pointCount = 200;
/** Most hidden layers, and most neurons in one. */
export const limits = { layers: 4, neurons: 16, seed: 9999, steps: 100_000 } as const;

export type Dataset = (typeof datasets)[number];
export type Activation = (typeof activations)[number];
export type LossName = (typeof classLosses)[number] | (typeof valueLosses)[number];
export type OptimizerName = (typeof optimizers)[number];

/** All that a training depends on: the same settings give the same weights after the same number of steps. */
export interface Settings {
  readonly data: Dataset;
  readonly noise: number;
  readonly batch: number;
  /** Neurons of each hidden layer. */
  readonly layers: readonly number[];
  readonly activation: Activation;
  readonly loss: LossName;
  readonly optimizer: OptimizerName;
  readonly lr: number;
  /** Seed of points, weights and batches. */
  readonly seed: number;
}

/** What the page opens with. */
export const defaults: Settings = {
  data: "moons",
  noise: 0.1,
  batch: 20,
  layers: [6, 4],
  activation: "tanh",
  loss: "crossEntropy",
  optimizer: "sgd",
  lr: 0.3,
  seed: 1,
};

/** The losses that fit a data set. */
export function lossesFor(data: Dataset): readonly LossName[] {
  return data === "regression" ? valueLosses : classLosses;
}

/** Settings with some of them changed, and the loss with them where the data set asks for another. */
export function changed(settings: Settings, change: Partial<Settings>): Settings {
  const next = { ...settings, ...change };
  const losses = lossesFor(next.data);
  return losses.includes(next.loss) ? next : { ...next, loss: losses[0]! };
}
