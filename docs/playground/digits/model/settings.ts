/** Learning rates to choose from. */
export const rates = [0.0003, 0.001, 0.003, 0.01, 0.03] as const;
/** Pictures in a batch to choose from. */
export const batchSizes = [8, 32, 128] as const;
/** Optimizers to choose from. */
export const optimizers = ["adam", "momentum", "sgd"] as const;

/** All that the training depends on: the same settings give the same weights after the same number of steps. */
export interface DigitSettings {
  readonly optimizer: (typeof optimizers)[number];
  readonly lr: (typeof rates)[number];
  readonly batch: (typeof batchSizes)[number];
}

/** What the page opens with. */
export const defaults: DigitSettings = { optimizer: "adam", lr: 0.003, batch: 32 };
