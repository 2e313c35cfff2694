/** The data sets that are drawn; the last is a regression. */
export const datasets = ["moons", "circles", "spiral", "xor", "regression"] as const;
/** The drawn data sets, and the one point that the lesson "Forward pass and residuals" works out by hand. */
export const allDatasets = [...datasets, "lesson"] as const;
/** What a network may be given of a point: its coordinates, squares, their product, and a sine whose period is the square from −1 to 1. */
export const features = ["x1", "x2", "x1x1", "x2x2", "x1x2", "sinx1", "sinx2"] as const;
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
/** Strengths of L2 regularisation to choose from: the share of each weight that is added to its gradient. */
export const decays = [0, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1] as const;
/** Points of a drawn data set to learn from, and as many to test on. */
export const pointCount = 200;
/** Most hidden layers, and most neurons in one. */
export const limits = { layers: 4, neurons: 16, seed: 9999, steps: 100_000 } as const;

export type Dataset = (typeof allDatasets)[number];
export type Feature = (typeof features)[number];
export type Activation = (typeof activations)[number];
export type LossName = (typeof classLosses)[number] | (typeof valueLosses)[number];
export type OptimizerName = (typeof optimizers)[number];

/** Where a training begins that does not begin with drawn weights at step 0. */
export interface Start {
  readonly step: number;
  /** All parameters, in the order of the model: each layer's weights row by row, then its biases. */
  readonly weights: readonly number[];
}

/** All that a training depends on: the same settings give the same weights after the same number of steps. */
export interface Settings {
  readonly data: Dataset;
  readonly noise: number;
  readonly batch: number;
  /** What the network is given of a point, in this order; at least one. */
  readonly features: readonly Feature[];
  /** Neurons of each hidden layer. */
  readonly layers: readonly number[];
  readonly activation: Activation;
  readonly loss: LossName;
  readonly optimizer: OptimizerName;
  readonly lr: number;
  readonly l2: number;
  /** Seed of points, weights and batches. */
  readonly seed: number;
  /** Null: with drawn weights, at step 0. */
  readonly start: Start | null;
}

/** What the page opens with. */
export const defaults: Settings = {
  data: "moons",
  noise: 0.1,
  batch: 20,
  features: ["x1", "x2"],
  layers: [6, 4],
  activation: "tanh",
  loss: "crossEntropy",
  optimizer: "sgd",
  lr: 0.3,
  l2: 0,
  seed: 1,
  start: null,
};

/** The network of the lesson: both hidden neurons' weights, their biases, the output's weights, its bias. */
const lessonWeights = [0.5, -0.25, 0.25, 0.5, 0.5, -0.25, 2, -1, 0.5] as const;

/** Settings by name: `#preset=lesson` is the network, the point and the loss of the lesson. */
export const presets = {
  lesson: {
    ...defaults,
    data: "lesson",
    noise: 0,
    batch: 1,
    layers: [2],
    loss: "mse",
    lr: 0.1,
    start: { step: 0, weights: lessonWeights },
  },
} satisfies Record<string, Settings>;

/** How many points there are to learn from. */
export function countOf(data: Dataset): number {
  return data === "lesson" ? 1 : pointCount;
}

/** Whether values are learned, and not classes. */
export function isRegression(data: Dataset): boolean {
  return data === "regression" || data === "lesson";
}

/** The losses that fit a data set. */
export function lossesFor(data: Dataset): readonly LossName[] {
  return isRegression(data) ? valueLosses : classLosses;
}

/** How many parameters a network with these inputs and hidden layers has. */
export function parameterCount({ features, layers }: Pick<Settings, "features" | "layers">): number {
  const sizes = [features.length, ...layers, 1];
  return sizes.slice(1).reduce((sum, size, i) => sum + size * (sizes[i]! + 1), 0);
}

/**
 * Settings with some of them changed, and others with them where they would not fit: the loss, where the data set asks for another, and the start, where another
 * network or other points are to begin anew.
 */
export function changed(settings: Settings, change: Partial<Settings>): Settings {
  const next = { ...settings, ...change };
  const losses = lossesFor(next.data);
  const isAnew = (["data", "noise", "features", "layers", "seed"] as const).some((key) => key in change);
  const loss = losses.includes(next.loss) ? next.loss : losses[0]!;
  return { ...next, loss, start: "start" in change ? next.start : isAnew ? firstStart(next) : next.start };
}

/** Where a training with these settings begins when it is started over: the lesson's network has weights of its own. */
export function firstStart({ data, features, layers }: Pick<Settings, "data" | "features" | "layers">): Start | null {
  const isLesson = data === "lesson" && features.join() === "x1,x2" && layers.join() === "2";
  return isLesson ? presets.lesson.start : null;
}
