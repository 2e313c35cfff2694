import { describe, expect, test } from "vitest";
import {
  Adam,
  arange,
  cosine,
  crossEntropy,
  Embedding,
  Flatten,
  type Layer,
  LBFGS,
  Linear,
  MinMaxScaler,
  mse,
  ReduceOnPlateau,
  Schedule,
  Sequential,
  SGD,
  StandardScaler,
  type Tensor,
  TinygradError,
  tensor,
  zeros,
} from "../../src/index.ts";
import { lines, progressBar } from "../../src/reporters/index.ts";
import {
  accuracy,
  auc,
  batches,
  bestWeights,
  binaryAccuracy,
  binaryF1,
  binaryRecall,
  checkpoint,
  classes,
  confusionMatrix,
  convergence,
  earlyStopping,
  f1,
  fit,
  mae,
  precision,
  predict,
  type Run,
  r2,
  recall,
  TensorDataset,
  topKAccuracy,
  trainTestSplit,
} from "../../src/train/index.ts";

// What the doors of training refuse, and what they say: the very text, which is to say what to write instead.

const model = new Linear(2, 1);
const optimizer = new SGD(model.parameters(), { lr: 0.1 });
const [x, y] = [zeros([4, 2]), zeros([4, 1])];
const data = new TensorDataset(x, y);
const good = { loss: mse, optimizer };
const three = new Linear(2, 3);
const lookup = new Sequential(new Embedding(4, 2), new Flatten(), new Linear(2, 1));
/** What is good for another model. */
const goodFor = (own: Layer, loss: unknown = mse) => ({ loss, optimizer: new SGD(own.parameters(), { lr: 0.1 }) });

/** Calls `fit` as JavaScript lets one call it. */
const fits = (...args: unknown[]): Promise<unknown> => (fit as (...args: unknown[]) => Promise<unknown>)(...args);
/** With other options than the good ones. */
const given = (options: object, samples: unknown = data): Promise<unknown> =>
  fits(model, samples, { ...good, ...options });
/** A function as it is called in JavaScript. */
const js = (f: unknown): ((...args: unknown[]) => unknown) => f as (...args: unknown[]) => unknown;
const made = (Kind: unknown, ...args: unknown[]): unknown => new (Kind as new (...args: unknown[]) => unknown)(...args);
const generator = function* (): Iterable<number> {
  yield 1;
};
const proxy = <T extends object>(of: T): T => new Proxy(of, {});

type Refusals = readonly (readonly [call: () => unknown, message: string])[];

const refusals: { readonly [door: string]: Refusals } = {
  "the model of fit": [
    [
      () => fits(model.forward, data, good),
      "fit: needs a layer, got a function; pass the model itself, or new Sequential(f) around functions",
    ],
    [() => fits(Linear, data, good), "fit: needs a layer, got the class Linear; write new Linear(…)"],
    [
      () => fits(proxy(model), data, good),
      "fit: needs a layer, got a Linear; a Proxy around a layer is none: keep it outside of reactive state (markRaw, shallowRef, $state.raw)",
    ],
    [() => fits(model.parameters(), data, good), "fit: needs a layer, got an array; pass the model itself"],
    [() => fits({ layers: [model] }, data, good), "fit: needs a layer, got an object"],
  ],
  "the data of fit": [
    [() => fits(model, undefined, good), "fit: data must be { x, y }, a TensorDataset or batches, got undefined"],
    [() => fits(model, 3, good), "fit: data must be { x, y }, a TensorDataset or batches, got 3"],
    [
      () => fits(model, x, good),
      "fit: data must be { x, y }, a TensorDataset or batches, got a tensor float32[4, 2]; write fit(model, { x, y }, …)",
    ],
    [
      () => fits(model, x, y, good),
      "fit: data must be { x, y }, a TensorDataset or batches, got a tensor float32[4, 2]; write fit(model, { x, y }, …)",
    ],
    [
      () =>
        fits(
          model,
          [
            [0, 0],
            [0, 1],
          ],
          [0, 1],
          good,
        ),
      "fit: data in a list must be batches [x, y] of tensors, got an array at index 0; for inputs and targets, write fit(model, { x, y }, …)",
    ],
    [
      () => fits(model, new Float32Array(8), good),
      "fit: data must be { x, y }, a TensorDataset or batches, got a Float32Array; write fit(model, { x, y }, …)",
    ],
    [
      () => fits(model, [x, y], good),
      "fit: data in a list must be batches [x, y] of tensors, got a tensor float32[4, 2] at index 0; for inputs and targets, write fit(model, { x, y }, …)",
    ],
    [
      () =>
        fits(
          model,
          [
            [
              [0, 0],
              [0, 1],
            ],
            [0, 1],
          ],
          good,
        ),
      "fit: data in a list must be batches [x, y] of tensors, got an array at index 0; for inputs and targets, write fit(model, { x, y }, …)",
    ],
    [
      () => fits(model, [[x, y], [x]], good),
      "fit: data in a list must be batches [x, y] of tensors, got an array at index 1; for inputs and targets, write fit(model, { x, y }, …)",
    ],
    [
      () => fits(model, [data], good),
      "fit: data in a list must be batches [x, y] of tensors, got a TensorDataset at index 0; for inputs and targets, write fit(model, { x, y }, …)",
    ],
    [
      () => fits(model, Promise.resolve(data), good),
      "fit: data must be { x, y }, a TensorDataset or batches, got a promise; await it",
    ],
    [() => fits(model, () => 3, good), "fit: the function for data must return batches, got 3; write function*"],
    [
      () => fits(model, { xs: x, ys: y }, good),
      "fit: data must be { x, y }, a TensorDataset or batches, got an object; call them x and y",
    ],
    [
      () => fits(model, { inputs: x, labels: y }, good),
      "fit: data must be { x, y }, a TensorDataset or batches, got an object; call them x and y",
    ],
    [
      () => fits(model, { x: [[1, 2], [3]], y: [0, 1] }, good),
      "TensorDataset: arrays must not be ragged, got 1 entries at row 1 of the inputs; the first has 2 entries",
    ],
    [
      () =>
        fits(
          model,
          {
            x: [
              [1, 2],
              [3, "4"],
            ],
            y: [0, 1],
          },
          good,
        ),
      'TensorDataset: data must be numbers or booleans, got "4", a string at row 1, column 1 of the inputs; convert it by Number(…)',
    ],
    [
      () =>
        fits(
          model,
          {
            x: [
              [1, 2],
              [3, 4],
            ],
            y: [0, 1, 2],
          },
          good,
        ),
      "TensorDataset: there must be as many targets as inputs, got 2 rows of inputs float32[2, 2], 3 of targets int32[3]",
    ],
    [
      () =>
        fits(
          model,
          {
            x: [
              [1, 2],
              [3, 4],
            ],
            y: 1,
          },
          good,
        ),
      "TensorDataset: the first axis of the targets must count the samples, got a single number; write a list",
    ],
    [() => fits(model, { x: [], y: [] }, good), "fit: there must be a batch, got 0 samples for batches of 32"],
    [
      () => fits(model, { x, y: Promise.resolve(y) }, good),
      "TensorDataset: data must be numbers or booleans, got a promise for the targets; await it",
    ],
    [() => fits(model, [], good), "fit: data must have batches, got an empty array"],
    [() => fits(model, new Set([3]), good), "fit: a batch must be [inputs, targets], got 3; write yield [x, y]"],
    [
      () =>
        fits(
          model,
          (function* () {
            yield { x, y };
          })(),
          good,
        ),
      "fit: a batch must be [inputs, targets], got an object; write yield [x, y]",
    ],
    [
      () =>
        fits(
          model,
          (function* () {
            yield [[[1, 2]], [["a"]]];
          })(),
          good,
        ),
      'fit: data must be numbers or booleans, got "a", a string at row 0, column 0 of the targets; convert it by Number(…)',
    ],
    [
      () => {
        const once = [[x, y]].values();
        for (const _ of once);
        return fits(model, once, good);
      },
      "fit: the data must have batches in each epoch, got none in epoch 1; a generator runs once: pass the function that makes it",
    ],
    [
      () => given({ validation: [x, y] }),
      "fit: validation in a list must be batches [x, y] of tensors, got a tensor float32[4, 2] at index 0; for inputs and targets, write validation: { x, y }",
    ],
    [
      () => given({ validation: 0.2 }),
      "fit: validation must be { x, y }, a TensorDataset or batches, got 0.2; for a share of the data, write const [train, test] = trainTestSplit(data, { testShare: 0.2 }), and validation: test",
    ],
    [() => given({ validation: 3 }), "fit: validation must be { x, y }, a TensorDataset or batches, got 3"],
    [
      () => given({ validation: { x: [[1, 2]], y: [1, 2] } }),
      "validation: TensorDataset: there must be as many targets as inputs, got 1 rows of inputs float32[1, 2], 2 of targets int32[2]; samples are rows: transpose the inputs",
    ],
    [
      () => fits(model, proxy(batches(data)), good),
      "Batches: must be called on the object itself, got a Proxy around it; keep it outside of reactive state (markRaw, shallowRef, $state.raw)",
    ],
  ],
  "what is not called as it is meant": [
    [() => fits(Promise.resolve(model), data, good), "fit: needs a layer, got a promise; await it"],
    [() => js(predict)(Promise.resolve(model), x), "predict: needs a layer, got a promise; await it"],
    [
      () => js(topKAccuracy)(2),
      "topKAccuracy: needs outputs and targets, got 2 alone; in fit, write metrics: { topKAccuracy: { start: () => topKAccuracy.start(2) } }",
    ],
    [
      () => js(topKAccuracy)({ k: 2 }),
      "topKAccuracy: needs outputs and targets, got an object alone; in fit, write metrics: { topKAccuracy: { start: () => topKAccuracy.start(…) } }",
    ],
    [() => js(accuracy)(), "accuracy: needs outputs and targets, got nothing; in fit, write metrics: { accuracy }"],
    [
      () => given({ metrics: { acc: async () => 1 } }),
      "fit: metrics.acc must return a number, got a promise; no metric is waited for: make it a function that is not async",
    ],
    [
      () => fits(model, { x, y: Float32Array.of(0, 1, 0, 1) }, { ...good, loss: crossEntropy }),
      "epoch 1, batch 1: crossEntropy: for logits [4, 1] the target must be classes, int32[4], or probabilities, float32[4, 1], got float32[4]; of one logit for two classes, write bceWithLogits",
    ],
    [
      () => fits(model, { x, y: [[0], [1], [0], [1]] }, { ...good, loss: crossEntropy }),
      "epoch 1, batch 1: crossEntropy: for logits [4, 1] the target must be classes, int32[4], or probabilities, float32[4, 1], got int32[4, 1]; of one logit for two classes, write bceWithLogits",
    ],
    [
      () => fits(three, { x, y: Float32Array.of(0, 1, 0, 1) }, goodFor(three, crossEntropy)),
      'epoch 1, batch 1: crossEntropy: for logits [4, 3] the target must be classes, int32[4], or probabilities, float32[4, 3], got float32[4]; write y: tensor(y).to("int32")',
    ],
    [
      () => fits(three, { x, y: [[0], [1], [2], [0]] }, goodFor(three, crossEntropy)),
      'epoch 1, batch 1: crossEntropy: for logits [4, 3] the target must be classes, int32[4], or probabilities, float32[4, 3], got int32[4, 1]; write y: tensor(y, { dtype: "int32" }).squeeze(1)',
    ],
    [
      () => fits(model, { x, y: [0, 1, 2, 3] }, good),
      'epoch 1, batch 1: mse: shapes must be equal, got float32[4, 1] and int32[4]; write y: tensor(y, { dtype: "int32" }).unsqueeze(1), or prediction.squeeze(1)',
    ],
    [
      () => fits(lookup, { x: [[0], [1]], y: [[0], [1]] }, goodFor(lookup)),
      'epoch 1, batch 1 Sequential[0] Embedding(4, 2): embedding: indices must be int32, got float32; write x: tensor(x, { dtype: "int32" })',
    ],
    [
      () => fits(lookup, { x: [[0.5], [1]], y: [[0], [1]] }, goodFor(lookup)),
      'epoch 1, batch 1 Sequential[0] Embedding(4, 2): embedding: indices must be int32, got float32; use to("int32")',
    ],
    [
      () => js(predict)(lookup, [[0], [1]]),
      'Sequential[0] Embedding(4, 2): embedding: indices must be int32, got float32; write x: tensor(x, { dtype: "int32" })',
    ],
  ],
  "the names of samples": [
    [
      () => fits(model, { x, y, wieghts: [1, 0, 1, 1] }, good),
      "fit: samples are { x, y, weights }, got wieghts; call them weights",
    ],
    [
      () => fits(model, { x, y, w: [1, 0, 1, 1] }, good),
      "fit: samples are { x, y, weights }, got w; call them weights",
    ],
    [
      () => fits(model, { x, y, z: y }, good),
      "fit: samples are { x, y, weights }, got z; for more tensors, write new TensorDataset(x, y, …)",
    ],
    [
      () => fits(model, { x, y, validation: data }, good),
      "fit: samples are { x, y, weights }, got validation; it is an option of fit",
    ],
    [
      () => given({ validation: { x, y, sample_weight: [1, 1, 1, 1] } }),
      "validation: fit: samples are { x, y, weights }, got sample_weight; call them weights",
    ],
    [
      () => js(trainTestSplit)({ x, y, wight: [1, 1, 1, 1] }),
      "trainTestSplit: samples are { x, y, weights }, got wight; call them weights",
    ],
    [
      () => fits(model, { X: x, y }, good),
      "fit: data must be { x, y }, a TensorDataset or batches, got an object; x is missing: call X x",
    ],
    [
      () => fits(model, { x }, good),
      "fit: data must be { x, y }, a TensorDataset or batches, got an object; y is missing",
    ],
    [
      () => given({ validation: { x, labels: y } }),
      "fit: validation must be { x, y }, a TensorDataset or batches, got an object; y is missing: call labels y",
    ],
    [() => js(batches)({ y }), "batches: needs { x, y } or a TensorDataset, got an object; x is missing"],
    [
      () => fits(model, { tensors: [x, y] }, good),
      "fit: data must be { x, y }, a TensorDataset or batches, got an object; write new TensorDataset(...data.tensors)",
    ],
  ],
  "the weights of samples": [
    [
      () => fits(model, { x, y, weights: [1] }, good),
      "fit: there must be a weight for each sample, got 1 weights for 4 samples",
    ],
    [
      () => fits(model, { x, y, weights: 1 }, good),
      "fit: the first axis of the weights must count the samples, got a single number; write a list",
    ],
    [
      () => fits(model, { x, y, weights: [1, 1, -2, 1] }, good),
      "fit: weights must be finite numbers, 0 or more, got -2 for sample 2",
    ],
    [
      () => fits(model, { x, y, weights: [[1], [Number.NaN], [1], [1]] }, good),
      "fit: weights must be finite numbers, 0 or more, got NaN for sample 1",
    ],
    [
      () => given({ validation: { x, y, weights: zeros([4]) } }),
      "validation: fit: weights must not all be 0, got 4 of them; leave out the samples that do not count",
    ],
    [
      () => fits(model, { x, y, weights: [1, "a", 1, 1] }, good),
      'fit: data must be numbers or booleans, got "a", a string at index 1 of the weights; convert it by Number(…)',
    ],
  ],
  "the options of fit": [
    [() => given({ generator: 42 }), "fit: generator must be a generator, got 42; write new Generator(seed)"],
    [
      () => fits(model, data),
      "fit: options must be an object, got undefined; write fit(model, data, { loss: mse, optimizer })",
    ],
    [
      () => fits(model, data, mse),
      "fit: options must be an object, got a function; write fit(model, data, { loss: mse, optimizer })",
    ],
    [
      () => fits(model, data, mse, optimizer),
      "fit: options must be an object, got a function; write fit(model, data, { loss: mse, optimizer })",
    ],
    [
      () => fits(model, data, optimizer),
      "fit: options must be an object, got a SGD; write fit(model, data, { loss: mse, optimizer })",
    ],
    [
      () => fits(model, data, null),
      "fit: options must be an object, got null; write fit(model, data, { loss: mse, optimizer })",
    ],
    [
      () => fits(model, data, 10),
      "fit: options must be an object, got 10; write fit(model, data, { loss: mse, optimizer })",
    ],
    [
      () => given({ loss: undefined }),
      "fit: loss must be a function of outputs and targets, got undefined; write loss: mse, or crossEntropy for classes",
    ],
    [
      () => given({ loss: "mse" }),
      'fit: loss must be a function of outputs and targets, got "mse", a string; write loss: mse, or crossEntropy for classes',
    ],
    [
      () => given({ loss: zeros([]) }),
      "fit: loss must be a function of outputs and targets, got a tensor float32[]; write loss: mse, or crossEntropy for classes",
    ],
    [
      () => given({ loss: class Loss {} }),
      "fit: loss must be a function of outputs and targets, got the class Loss; write loss: mse, or crossEntropy for classes",
    ],
    [() => given({ loss: () => 3 }), "epoch 1, batch 1: fit: the loss must be a scalar tensor, got 3"],
    [
      () => given({ loss: async () => zeros([]) }),
      "epoch 1, batch 1: fit: the loss must be a scalar tensor, got a promise",
    ],
    [
      () => given({ loss: (a: Tensor, b: Tensor) => mse(a, b, { reduction: "none" }) }),
      "epoch 1, batch 1: fit: the loss must be a scalar tensor, got a tensor float32[4, 1]; take its mean",
    ],
    [
      () => given({ optimizer: undefined }),
      "fit: needs an optimizer, got undefined; write optimizer: new Adam(model.parameters(), { lr: 0.001 })",
    ],
    [
      () => given({ optimizer: "adam" }),
      'fit: needs an optimizer, got "adam", a string; write optimizer: new Adam(model.parameters(), { lr: 0.001 })',
    ],
    [
      () => given({ optimizer: Adam }),
      "fit: needs an optimizer, got the class Adam; write optimizer: new Adam(model.parameters(), { lr: 0.001 })",
    ],
    [
      () => given({ optimizer: model.parameters() }),
      "fit: needs an optimizer, got an array; write optimizer: new Adam(model.parameters(), { lr: 0.001 })",
    ],
    [
      () => given({ optimizer: new LBFGS(model.parameters()) }),
      "fit: the optimizer's step must take no arguments, got a LBFGS; LBFGS asks for the loss many times: call its step in your own loop",
    ],
    [() => given({ epochs: "3" }), 'fit: epochs must be a number, got "3", a string'],
    [() => given({ epochs: 1.5 }), "fit: epochs must be a whole number, 0 or more, got 1.5"],
    [() => given({ epochs: Number.NaN }), "fit: epochs must be a whole number, 0 or more, got NaN"],
    [() => given({ epoch: 3 }), "fit: there is no such option, got epoch; did you mean epochs?"],
    [
      () => given({ schedule: new ReduceOnPlateau(optimizer, { mode: "max" }) }),
      'fit: schedule must not have mode "max": it is given the loss, got a ReduceOnPlateau; for a metric, step it in onEpoch of a callback',
    ],
    [() => given({ stepsPerEpoch: 0 }), "fit: stepsPerEpoch must be a whole number, 1 or more, got 0"],
    [
      () => given({ steps_per_epoch: 3 }),
      "fit: there is no such option, got steps_per_epoch; did you mean stepsPerEpoch?",
    ],
    [() => given({ historySteps: -1 }), "fit: historySteps must be a whole number, 0 or more, got -1"],
    [() => given({ history: 5 }), "fit: there is no such option, got history; did you mean historySteps?"],
    [() => given({ progress: {} }), "fit: progress must be a Progress, got an object; write progress: new Progress()"],
    [
      () => given({ dropLast: true }, batches(data)),
      "fit: dropLast is for data that is not in batches yet, got batches; give it to what makes them: batches(data, { dropLast })",
    ],
    [
      () => given({ dropLast: true, batchSize: 8 }),
      "fit: there must be a batch, got 4 samples for batches of 8 with dropLast; leave out dropLast, or make batchSize smaller",
    ],
    [() => given({ startEpoch: -1 }), "fit: startEpoch must be a whole number, 0 or more, got -1"],
    [() => given({ batchSize: 0 }), "fit: batchSize must be a whole number, 1 or more, got 0"],
    [() => given({ batch_size: 8 }), "fit: there is no such option, got batch_size; did you mean batchSize?"],
    [
      () => given({ batchSize: 8 }, batches(data)),
      "fit: batchSize is for data that is not in batches yet, got batches; give it to what makes them: batches(data, { batchSize })",
    ],
    [
      () => given({ shuffle: false, validation: data }, [[x, y]]),
      "fit: shuffle is for data that is not in batches yet, got batches; give it to what makes them: batches(data, { shuffle })",
    ],
    [() => given({ shuffle: 1 }), "fit: shuffle must be a boolean, got 1; write true or false"],
    [
      () => given({ validationData: data }),
      "fit: there is no such option, got validationData; did you mean validation?",
    ],
    [
      () => given({ validation_data: data }),
      "fit: there is no such option, got validation_data; did you mean validation?",
    ],
    [
      () => given({ validationSplit: 0.2 }),
      "fit: there is no such option, got validationSplit; split the data by trainTestSplit, and pass one part as validation",
    ],
    [
      () => given({ verbose: 1 }),
      "fit: there is no such option, got verbose; write callbacks: [lines()], of tinygrad-ts/reporters",
    ],
    [() => given({ criterion: mse }), "fit: there is no such option, got criterion; did you mean loss?"],
    [
      () => given({ lr: 0.1 }),
      "fit: there is no such option, got lr; it is the optimizer's: new Adam(model.parameters(), { lr })",
    ],
    [() => given({ device: "cuda" }), "fit: there is no such option, got device; there are no devices"],
    [
      () => given({ schedule: cosine(10) }),
      "fit: schedule must be a schedule, got a function; write schedule: new Schedule(optimizer, cosine(100))",
    ],
    [
      () => given({ schedule: optimizer }),
      "fit: schedule must be a schedule, got a SGD; write schedule: new Schedule(optimizer, cosine(100))",
    ],
    [
      () => given({ schedule: "cosine" }),
      'fit: schedule must be a schedule, got "cosine", a string; write schedule: new Schedule(optimizer, cosine(100))',
    ],
    [
      () => given({ schedule: new Schedule(new SGD(model.parameters(), { lr: 0.1 }), cosine(10)) }),
      "fit: schedule must move the rates of the optimizer, got one of another optimizer; write schedule: new Schedule(optimizer, cosine(100))",
    ],
    [
      () => given({ schedule: new ReduceOnPlateau(new Adam(model.parameters())) }),
      "fit: schedule must move the rates of the optimizer, got one of another optimizer; write schedule: new Schedule(optimizer, cosine(100))",
    ],
    [() => given({ scheduleEvery: "batch" }), 'fit: scheduleEvery must be "epoch" or "step", got "batch", a string'],
    [() => given({ clipNorm: -1 }), "fit: clipNorm must be a number, 0 or more, got -1"],
    [() => given({ clipNorm: true }), "fit: clipNorm must be a number, got true"],
    [() => given({ residuals: "yes" }), 'fit: residuals must be a boolean, got "yes", a string; write true or false'],
    [
      () => given({ signal: new AbortController() }),
      "fit: signal must be an AbortSignal, got an AbortController; of a controller, write controller.signal",
    ],
    [
      () => given({ compile: true }),
      'fit: compile must be a function, got true; write compile, from "tinygrad-ts/compile", or false',
    ],
    [
      () => given({ compile: generator }),
      'fit: compile must be a function, got a generator function, which runs only when looped over; write compile, from "tinygrad-ts/compile", or false',
    ],
    [
      () => given({ compile: () => 5 }),
      "fit: what compile returns must be a function, got 5; write compile: (f) => compile(f, { … }), not async",
    ],
    [
      () => given({ compile: async (step: unknown) => step }),
      "fit: what compile returns must be a function, got a promise; write compile: (f) => compile(f, { … }), not async",
    ],
    [
      () => given({ compile: () => () => 5 }),
      "epoch 1, batch 1: fit: a compiled step must return { loss, outputs, … } of tensors, got 5; return what the function returned that compile was given",
    ],
    [
      () => given({ compile: () => async () => 5 }),
      "epoch 1, batch 1: fit: a compiled step must return { loss, outputs, … } of tensors, got a promise; return what the function returned that compile was given",
    ],
    [
      () => given({ compile: () => () => ({ loss: x, outputs: x }) }),
      "epoch 1, batch 1: fit: a compiled step must return { loss, outputs, … } of tensors, got an object; return what the function returned that compile was given",
    ],
    [
      () => js(predict)(model, x, { compile: () => 5 }),
      "predict: what compile returns must be a function, got 5; write compile: (f) => compile(f, { … }), not async",
    ],
    [() => js(predict)(model, x, { compile: () => () => 5 }), "predict: the model must return a tensor, got 5"],
    [
      () => given({ loss: generator }),
      "fit: loss must be a function of outputs and targets, got a generator function, which runs only when looped over; write loss: mse, or crossEntropy for classes",
    ],
    [
      () => given({ metrics: { error: generator } }),
      "fit: metrics.error must be a function, or have start(), got a generator function, which runs only when looped over; write metrics: { generator }",
    ],
  ],
  "metrics of fit": [
    [
      () => given({ metrics: [accuracy] }),
      "fit: metrics must be an object of functions by name, got an array; write metrics: { accuracy }",
    ],
    [
      () => given({ metrics: ["accuracy"] }),
      "fit: metrics must be an object of functions by name, got an array; write metrics: { accuracy }",
    ],
    [
      () => given({ metrics: accuracy }),
      "fit: metrics must be an object of functions by name, got a function; write metrics: { accuracy }",
    ],
    [
      () => given({ metrics: "accuracy" }),
      'fit: metrics must be an object of functions by name, got "accuracy", a string; write metrics: { accuracy }',
    ],
    [
      () => given({ metrics: { accuracy: "accuracy" } }),
      'fit: metrics.accuracy must be a function, or have start(), got "accuracy", a string; write metrics: { accuracy }',
    ],
    [
      () => given({ metrics: { accuracy: true } }),
      "fit: metrics.accuracy must be a function, or have start(), got true; write metrics: { accuracy }",
    ],
    [
      () => given({ metrics: { loss: mae } }),
      "fit: a metric must not be called loss or lr, got loss; each epoch has these anyway",
    ],
    [
      () => given({ metrics: { error: (a: Tensor, b: Tensor) => mse(a, b) } }),
      "fit: metrics.error must return a number, got a tensor float32[]; write .item() of a tensor",
    ],
    [
      () => given({ metrics: { accuracy } }, { x: [[1, 2]], y: [[2]] }),
      "accuracy: one number for each sample needs logits or a threshold, got float32[1, 1]; write { logits: true }, or { logits: false } for probabilities; in fit, binaryAccuracy({ logits: true })",
    ],
    [
      () => given({ metrics: { accuracy: binaryAccuracy({ logits: true }) } }, { x: [[1, 2]], y: [[2]] }),
      "binaryAccuracy: targets must be classes from 0 to 1, got 2 at row 0, column 0; outputs for more classes are a row of scores for each sample",
    ],
    [
      () => given({ metrics: { accuracy: { add: () => undefined, value: () => 1 } } }),
      "fit: metrics.accuracy must be a function, or have start(), got an object; write { start: () => ({ add, value }) }, since each epoch starts again",
    ],
    [
      () => given({ metrics: { accuracy: { start: () => 1 } } }),
      "fit: metrics.accuracy.start() must return { add, value }, got 1",
    ],
  ],
  "callbacks of fit": [
    [
      () => given({ callbacks: earlyStopping() }),
      "fit: callbacks must be a list, got an object; write callbacks: [callback]",
    ],
    [
      () => given({ callbacks: () => undefined }),
      "fit: callbacks must be a list, got a function; write callbacks: [{ onEpoch: … }]",
    ],
    [
      () => given({ callbacks: [() => undefined] }),
      "fit: a callback must be an object, got a function at index 0; write { onEpoch: … }, or call what makes a callback: earlyStopping()",
    ],
    [
      () => given({ callbacks: [earlyStopping] }),
      "fit: a callback must be an object, got a function at index 0; write { onEpoch: … }, or call what makes a callback: earlyStopping()",
    ],
    [() => given({ callbacks: [false] }), "fit: a callback must be an object, got false at index 0"],
    [() => given({ callbacks: [[lines()]] }), "fit: a callback must be an object, got an array at index 0"],
    [
      () => given({ callbacks: [{}] }),
      "fit: a callback must have one of onStart, onStep, onEpoch, onEnd, onError, got an object",
    ],
    [
      () => given({ callbacks: [{ onEpochEnd: () => undefined }] }),
      "fit: callbacks have no such hook, got onEpochEnd; did you mean onEpoch?",
    ],
    [
      () => given({ callbacks: [{ on_epoch_end: () => undefined }] }),
      "fit: callbacks have no such hook, got on_epoch_end; did you mean onEpoch?",
    ],
    [
      () => given({ callbacks: [{ onBatchEnd: () => undefined, onStep: () => undefined }] }),
      "fit: callbacks have no such hook, got onBatchEnd; did you mean onStep?",
    ],
    [() => given({ callbacks: [{ onEpoch: 3 }] }), "fit: onEpoch must be a function, got 3"],
    [
      () => given({ callbacks: [{ onEpoch: generator }] }),
      "fit: onEpoch must be a function, got a generator function, which runs only when looped over",
    ],
    [
      () => given({ callbacks: [{ onEnd: generator }] }),
      "fit: onEnd must be a function, got a generator function, which runs only when looped over",
    ],
    [() => given({ callbacks: [{ onStart: class Hook {} }] }), "fit: onStart must be a function, got the class Hook"],
    [
      () => given({ callbacks: [{ onEpoch: (_: unknown, run: Run) => js(run.stop)(3) }] }),
      "stop: the reason must be a text, got 3",
    ],
    [
      () => given({ callbacks: [{ onEpoch: (_: unknown, run: Run) => js(run.stop)(null) }] }),
      "stop: the reason must be a text, got null",
    ],
  ],
  TensorDataset: [
    [() => made(TensorDataset), "TensorDataset: needs inputs and targets, got nothing; write new TensorDataset(x, y)"],
    [
      () => made(TensorDataset, arange(3)),
      "TensorDataset: needs inputs and targets, got a tensor float32[3]; write new TensorDataset(x, y)",
    ],
    [
      () => made(TensorDataset, { x, y }),
      "TensorDataset: needs inputs and targets, got an object; write new TensorDataset(x, y)",
    ],
    [
      () => made(TensorDataset, [x, y]),
      "TensorDataset: needs inputs and targets, got an array; write new TensorDataset(x, y)",
    ],
    [
      () => made(TensorDataset, arange(3), arange(4)),
      "TensorDataset: there must be as many targets as inputs, got 3 rows of inputs float32[3], 4 of targets float32[4]",
    ],
    [
      () =>
        made(
          TensorDataset,
          [
            [0, 0, 0],
            [0, 1, 0],
          ],
          [0, 1, 1],
        ),
      "TensorDataset: there must be as many targets as inputs, got 2 rows of inputs float32[2, 3], 3 of targets int32[3]; samples are rows: transpose the inputs",
    ],
    [
      () => made(TensorDataset, arange(3), arange(3), arange(4)),
      "TensorDataset: there must be as many targets as inputs, got 3 rows of inputs float32[3], 4 of tensor 2 float32[4]",
    ],
    [
      () => made(TensorDataset, tensor(1), tensor(2)),
      "TensorDataset: the first axis of the inputs must count the samples, got a single number; write a list",
    ],
    [
      () => made(TensorDataset, [[1], [2, 3]], [0, 1]),
      "TensorDataset: arrays must not be ragged, got 2 entries at row 1 of the inputs; the first has 1 entries",
    ],
    [
      () => made(TensorDataset, [[1], [null]], [0, 1]),
      "TensorDataset: data must be numbers or booleans, got null at row 1, column 0 of the inputs",
    ],
    [
      () => made(TensorDataset, [[1], [2]], [0, "1"]),
      'TensorDataset: data must be numbers or booleans, got "1", a string at index 1 of the targets; convert it by Number(…)',
    ],
    [
      () => made(TensorDataset, [[1], [2]], [0, undefined]),
      "TensorDataset: data must be numbers or booleans, got undefined at index 1 of the targets",
    ],
    [
      () => made(TensorDataset, x, JSON.parse(JSON.stringify({ shape: [1], dtype: "float32" }))),
      "TensorDataset: data must be numbers or booleans, got what postMessage, structuredClone or JSON left of a tensor (send its data and shape) for the targets",
    ],
    [() => data.rows([4]), "rows: index must be from 0 to 3 on axis 0, got 4"],
    [() => data.rows([0.5]), "rows: an index must be a whole number, got 0.5 at index 0"],
    [() => js(data.rows.bind(data))(1), "rows: needs a list of indices, got 1; write rows([0, 1])"],
    [() => js(data.rows.bind(data))("1"), 'rows: needs a list of indices, got "1", a string; write rows([0, 1])'],
  ],
  batches: [
    [
      () => js(batches)(data, { generator: 42 }),
      "batches: generator must be a generator, got 42; write new Generator(seed)",
    ],
    [() => js(batches)(), "batches: needs { x, y } or a TensorDataset, got undefined"],
    [
      () => js(batches)(x, y),
      "batches: needs { x, y } or a TensorDataset, got a tensor float32[4, 2]; write batches({ x, y }, …)",
    ],
    [() => js(batches)([x, y]), "batches: needs { x, y } or a TensorDataset, got an array; write batches({ x, y }, …)"],
    [() => js(batches)(data, 2), "batches: options must be an object, got 2; write { batchSize: 2 }"],
    [() => js(batches)(data, { batchSize: "2" }), 'batches: batchSize must be a number, got "2", a string'],
    [() => batches(data, { batchSize: 0 }), "batches: batchSize must be a whole number, 1 or more, got 0"],
    [() => js(batches)(data, { size: 2 }), "batches: there is no such option, got size; did you mean batchSize?"],
    [
      () => js(batches)(data, { drop_last: true, dropLast: true }),
      "batches: there is no such option, got drop_last; did you mean dropLast?",
    ],
    [
      () => js(batches)(data, { dropLst: true }),
      "batches: there is no such option, got dropLst; did you mean dropLast?",
    ],
    [
      () => [...proxy(batches(data))],
      "Batches: must be called on the object itself, got a Proxy around it; keep it outside of reactive state (markRaw, shallowRef, $state.raw)",
    ],
  ],
  trainTestSplit: [
    [
      () => js(trainTestSplit)(data, 0.5),
      "trainTestSplit: options must be an object, got 0.5; write { testShare: 0.5 }",
    ],
    [
      () => js(trainTestSplit)(data, { test_size: 0.5 }),
      "trainTestSplit: there is no such option, got test_size; did you mean testShare?",
    ],
    [
      () => js(trainTestSplit)(data, { stratify: true }),
      "trainTestSplit: there is no such option, got stratify; did you mean stratified?",
    ],
    [
      () => js(trainTestSplit)(data, { shuffle: true }),
      "trainTestSplit: there is no such option, got shuffle; there are testShare, stratified, generator",
    ],
    [
      () => js(trainTestSplit)(x, y),
      "trainTestSplit: needs { x, y } or a TensorDataset, got a tensor float32[4, 2]; write trainTestSplit({ x, y }, …)",
    ],
    [() => trainTestSplit(data, { testShare: 1 }), "trainTestSplit: testShare must be between 0 and 1, got 1"],
    [() => trainTestSplit({ x: [[1]], y: [1] }), "trainTestSplit: needs two samples or more, got 1"],
    [
      () => trainTestSplit(data, { stratified: true }),
      "trainTestSplit: stratified needs a class for each sample, int32 [n], got float32[4, 1]",
    ],
    [
      () =>
        trainTestSplit(
          {
            x,
            y: [
              [1, 0],
              [0, 1],
              [1, 0],
              [0, 1],
            ],
          },
          { stratified: true },
        ),
      "trainTestSplit: stratified needs a class for each sample, int32 [n], got int32[4, 2]",
    ],
  ],
  predict: [
    [
      () => js(predict)(model.forward, x),
      "predict: needs a layer, got a function; pass the model itself, or new Sequential(f) around functions",
    ],
    [
      () => js(predict)(proxy(model), x),
      "predict: needs a layer, got a Linear; a Proxy around a layer is none: keep it outside of reactive state (markRaw, shallowRef, $state.raw)",
    ],
    [() => js(predict)(model), "predict: data must be numbers or booleans, got undefined for the inputs"],
    [() => js(predict)(model, { x, y }), "predict: needs samples, got an object; write predict(model, data.x)"],
    [
      () => js(predict)(model, batches(data)),
      "predict: needs samples, got batches; write predict(model, data.dataset)",
    ],
    [
      () => js(predict)(model, Promise.resolve(x)),
      "predict: data must be numbers or booleans, got a promise for the inputs; await it",
    ],
    [
      () => js(predict)(model, 3),
      "predict: the first axis of the inputs must count the samples, got a single number; write a list",
    ],
    [
      () => predict(model, [1, 2]),
      "predict: the model must return a row for each sample, got float32[1] for float32[2]; a single sample is a list of one: predict(model, [x])",
    ],
    [
      () => predict(model, [[1, 2], [3]]),
      "predict: arrays must not be ragged, got 1 entries at row 1 of the inputs; the first has 2 entries",
    ],
    [() => predict(model, [[1, 2, 3]]), "Linear(2, 1): x must be […, 2], got float32[1, 3]"],
    [() => js(predict)(model, x, 2), "predict: options must be an object, got 2; write { batchSize: 2 }"],
    [() => predict(model, x, { batchSize: 0 }), "predict: batchSize must be a whole number, 1 or more, got 0"],
    [
      () => js(predict)(model, x, { batch_size: 2 }),
      "predict: there is no such option, got batch_size; did you mean batchSize?",
    ],
    [
      () => predict(new Sequential((z) => z.sum()), x),
      "predict: the model must return a row for each sample, got float32[] for float32[4, 2]",
    ],
    [
      () => predict({ ...good, forward: () => 3 } as never, x),
      "predict: needs a layer, got an object; write class … extends Layer { forward(x) { … } }",
    ],
  ],
  classes: [
    [() => classes([[1, Number.NaN]]), "classes: outputs must be numbers, got NaN at row 0, column 1"],
    [
      () => classes([[1], [2]]),
      "classes: one number for each sample needs a threshold, got float64[2, 1]; write { threshold: 0 } for logits, { threshold: 0.5 } for probabilities; scores of one sample are [[…]]",
    ],
    [
      () => classes([1, 2]),
      "classes: one number for each sample needs a threshold, got float64[2]; write { threshold: 0 } for logits, { threshold: 0.5 } for probabilities; scores of one sample are [[…]]",
    ],
    [
      () => classes([[1, 2]], { threshold: 0 }),
      "classes: a threshold is for one number for each sample, got float64[1, 2]; a row of 2 scores needs none",
    ],
    [() => classes(3), "classes: outputs must be [n, classes], got float64[]"],
    [() => classes(zeros([2, 0])), "classes: outputs must be [n, classes], got float32[2, 0]"],
    [() => js(classes)([[1]], 0.5), "classes: options must be an object, got 0.5; write { threshold: 0.5 }"],
    [
      () => js(classes)([["a"]]),
      'classes: data must be numbers or booleans, got "a", a string at row 0, column 0; convert it by Number(…)',
    ],
    [() => js(classes)(new Linear(1, 1)), "classes: data must be numbers or booleans, got a Linear"],
  ],
  metrics: [
    [() => js(accuracy)([[1, 2]], [0], 0.5), "accuracy: options must be an object, got 0.5; write { threshold: 0.5 }"],
    [
      () => js(accuracy)([[1, 2]], [0], { treshold: 0.5 }),
      "accuracy: there is no such option, got treshold; did you mean threshold?",
    ],
    [
      () =>
        accuracy(
          [
            [1, 2],
            [3, 4],
          ],
          [0, 1, 1],
        ),
      "accuracy: outputs must fit the targets, got float64[2, 2] and float64[3]",
    ],
    [
      () => accuracy([0.1, 0.9, 0.3], [0, 1, 2], { logits: false }),
      "accuracy: targets must be classes from 0 to 1, got 2 at index 2; outputs for more classes are a row of scores for each sample",
    ],
    [
      () =>
        accuracy(
          [
            [1, 2],
            [3, 4],
          ],
          [0, 2],
        ),
      "accuracy: targets must be classes from 0 to 1, got 2 at index 1",
    ],
    [
      () =>
        accuracy(
          [
            [1, 2],
            [3, 4],
          ],
          [0, -1],
        ),
      "accuracy: targets must be classes from 0 to 1, got -1 at index 1; to leave such samples out, pass { ignoreIndex: -1 }; in fit, metrics: { accuracy: { start: () => accuracy.start({ ignoreIndex: -1 }) } }",
    ],
    [
      () => js(accuracy)([[1, 2], [3]], [0, 1]),
      "accuracy: arrays must not be ragged, got 1 entries at row 1 of the outputs; the first has 2 entries",
    ],
    [
      () =>
        js(accuracy)(
          [
            [1, 2],
            [3, 4],
          ],
          ["cat", "dog"],
        ),
      'accuracy: data must be numbers or booleans, got "cat", a string at index 0 of the targets; convert it by Number(…)',
    ],
    [() => js(accuracy)(model, [0]), "accuracy: data must be numbers or booleans, got a Linear for the outputs"],
    [
      () => js(topKAccuracy)([[1, 2]], [0], { k: 1 }),
      "topKAccuracy: k must be a whole number, 1 or more, got an object; write topKAccuracy(outputs, targets, 5)",
    ],
    [
      () => topKAccuracy([[1, 2]], [0], 3),
      "topKAccuracy: k must be at most the number of classes, got 3 of 2; give a smaller k",
    ],
    [() => topKAccuracy([[1, 2]], [0], 0), "topKAccuracy: k must be a whole number, 1 or more, got 0"],
    [
      () => js(f1)([[1, 2]], [0], "macro"),
      'f1: options must be an object, got "macro", a string; write { average: "macro" }',
    ],
    [() => js(f1)([[1, 2]], [0], { avg: "macro" }), "f1: there is no such option, got avg; did you mean average?"],
    [
      () => js(confusionMatrix)([[1, 2]], [0], 3),
      "confusionMatrix: options must be an object, got 3; write { threshold: 3 }",
    ],
    [
      () => mae([[1], [2]], [1, 2]),
      "mae: outputs must fit the targets, got float64[2, 1] and float64[2]; write outputs.squeeze(1)",
    ],
    [
      () => r2([1, 2], [[1], [2]]),
      "r2: outputs must fit the targets, got float64[2] and float64[2, 1]; write targets.squeeze(1)",
    ],
    [() => js(mae)([1], [2], { reduction: "sum" }), "mae: takes outputs and targets alone, got an object after them"],
    [() => auc([0.5], [2]), "auc: targets must be 0 or 1, got 2 at index 0"],
  ],
  "metrics of one number for each sample": [
    [
      () => js(binaryAccuracy)(),
      "binaryAccuracy: needs logits or a threshold, got neither; write binaryAccuracy({ logits: true }), or { logits: false } for probabilities",
    ],
    [
      () => js(binaryF1)({ fromLogits: true }),
      "binaryF1: there is no such option, got fromLogits; did you mean logits?",
    ],
    [
      () => binaryF1({ logits: true, threshold: 0 }),
      "binaryF1: needs logits or a threshold, got both; write binaryF1({ logits: true }), or { logits: false } for probabilities",
    ],
    [
      () =>
        binaryRecall({ logits: true })
          .start()
          .add(zeros([2, 2]), tensor([0, 1])),
      "binaryRecall: logits and threshold are for one number for each sample, got float32[2, 2]; for rows of scores, write recall",
    ],
    [
      () => precision([[1, 2]], [0], { logits: true }),
      "precision: logits and threshold are for one number for each sample, got float64[1, 2]; a row of 2 scores needs none",
    ],
    [
      () => precision([3, -1], [1, 0]),
      "precision: one number for each sample needs logits or a threshold, got float64[2]; write { logits: true }, or { logits: false } for probabilities; in fit, binaryPrecision({ logits: true })",
    ],
    [
      () => recall([0.2, -1], [1, 0], { logits: false }),
      "recall: probabilities must be from 0 to 1, got -1 at index 1; of logits, write { logits: true }",
    ],
    [
      () => f1([[0.2], [0.1]], [1, 0], { logits: false, threshold: 0.4 }),
      "f1: takes logits or a threshold, got both; logits: true is a threshold of 0",
    ],
    [() => accuracy([1, 2], [1, 0], { threshold: Number.NaN }), "accuracy: threshold must be a number, got NaN"],
    [
      () => accuracy(tensor([1, -2]).to("int32"), [1, 0]),
      "accuracy: outputs must be classes, whole numbers from 0, got -2 at index 1",
    ],
    [
      () => accuracy([2, 0, 1], [2, 0, 1]),
      "accuracy: one number for each sample needs logits or a threshold, got float64[3]; of classes, make an int32 tensor of them; of scores, write { logits: true }, or { logits: false } for probabilities; in fit, binaryAccuracy({ logits: true })",
    ],
    [() => accuracy([[1, Number.NaN]], [1]), "accuracy: outputs must be numbers, got NaN at row 0, column 1"],
    [
      () => topKAccuracy([[Number.NaN, 1, 0]], [0], 1),
      "topKAccuracy: outputs must be numbers, got NaN at row 0, column 0",
    ],
    [() => topKAccuracy([[2, 1, 0]], [3], 1), "topKAccuracy: targets must be classes from 0 to 2, got 3 at index 0"],
    [
      () => confusionMatrix(tensor([0, 1e9], { dtype: "int32" }), [1, 0]),
      "confusionMatrix: takes 5000 classes at most, got classes up to 1000000000; number the classes that occur from 0, without gaps",
    ],
    [
      () => confusionMatrix(Int32Array.of(0, 1), [1, 1e15]),
      "confusionMatrix: takes 5000 classes at most, got classes up to 1000000000000000; number the classes that occur from 0, without gaps",
    ],
    [
      () => confusionMatrix(zeros([1, 6000]), [0]),
      "confusionMatrix: takes 5000 classes at most, got classes up to 5999; number the classes that occur from 0, without gaps",
    ],
    [
      () => confusionMatrix([3, -1], [1, 0]),
      "confusionMatrix: one number for each sample needs logits or a threshold, got float64[2]; write { logits: true }, or { logits: false } for probabilities",
    ],
  ],
  "one-hot targets": [
    [
      () => accuracy(tensor([[0.9, 0.6, 0.1]]), tensor([[1, 0, 0]])),
      "accuracy: targets must be class numbers, got one-hot rows float32[1, 3]; write targets.argmax(1), or flatten both if each number is a separate sample",
    ],
    [
      () => accuracy([[0.9, 0.6, 0.1]], [[1, 0, 0]], { logits: false }),
      "accuracy: targets must be class numbers, got one-hot rows float64[1, 3]; write tensor(targets).argmax(1), or flatten both if each number is a separate sample",
    ],
    [
      () => accuracy(Int32Array.of(0), [[1, 0]]),
      "accuracy: targets must be class numbers, got one-hot rows float64[1, 2]; write tensor(targets).argmax(1)",
    ],
    [
      () => topKAccuracy([[0.9, 0.6, 0.1]], tensor([[true, false, false]]), 1),
      "topKAccuracy: targets must be class numbers, got one-hot rows bool[1, 3]; write targets.argmax(1)",
    ],
    [
      () => confusionMatrix(tensor([[[2, 1]]]), tensor([[[0, 1]]])),
      "confusionMatrix: targets must be class numbers, got one-hot rows float32[1, 1, 2]; write targets.argmax(2), or flatten both if each number is a separate sample",
    ],
    [
      () => f1(tensor([[0, 1, 0]], { dtype: "int32" }), tensor([[1, 0, 0]], { dtype: "int32" })),
      "f1: targets must be class numbers, got one-hot rows int32[1, 3]; write targets.argmax(1), or flatten both if each number is a separate sample",
    ],
    ...[precision, recall].map(
      (metric) =>
        [
          () =>
            metric(
              zeros([2, 2]),
              tensor([
                [1, 0],
                [0, 1],
              ]),
              { threshold: 0 },
            ),
          `${metric.name}: targets must be class numbers, got one-hot rows float32[2, 2]; write targets.argmax(1), or flatten both if each number is a separate sample`,
        ] as const,
    ),
  ],
  "callbacks of training": [
    [() => js(earlyStopping)(5), "earlyStopping: options must be an object, got 5; write { patience: 5 }"],
    [
      () => js(earlyStopping)("loss"),
      'earlyStopping: options must be an object, got "loss", a string; write { monitor: "loss" }',
    ],
    [() => js(earlyStopping)({ patience: "5" }), 'earlyStopping: patience must be a number, got "5", a string'],
    [() => earlyStopping({ patience: 0 }), "earlyStopping: patience must be a whole number, 1 or more, got 0"],
    [
      () => js(earlyStopping)({ min_delta: 0.1, minDelta: 0 }),
      "earlyStopping: there is no such option, got min_delta; did you mean minDelta?",
    ],
    [
      () => js(earlyStopping)({ restoreBestWeights: true }),
      "earlyStopping: there is no such option, got restoreBestWeights; add bestWeights() to the callbacks",
    ],
    [
      () => js(bestWeights)("validation.accuracy"),
      'bestWeights: options must be an object, got "validation.accuracy", a string; write { monitor: "validation.accuracy" }',
    ],
    ...(
      [
        ["val_loss", "did you mean validation.loss?"],
        ["valLoss", "did you mean validation.loss?"],
        ["val_mae", "did you mean validation.mae?"],
        ["valMAE", "did you mean validation.mae?"],
        ["VAL_LOSS", "did you mean validation.loss?"],
        ["validation_mae", "did you mean validation.mae?"],
        ["validation.los", "did you mean validation.loss?"],
        ["train_loss", "did you mean loss?"],
      ] as const
    ).flatMap(([monitor, hint]) =>
      [earlyStopping, bestWeights].map(
        (make) =>
          [
            () => given({ metrics: { mae }, validation: data, callbacks: [make({ monitor })] }),
            `${make.name}: monitor must be one of loss, lr, mae, validation.loss, validation.mae, got ${monitor}; ${hint}`,
          ] as const,
      ),
    ),
    [
      () => given({ callbacks: [earlyStopping({ monitor: "val_loss" })] }),
      'earlyStopping: monitor must be one of loss, lr, got val_loss; pass validation to fit, or { monitor: "loss" }',
    ],
    [() => js(bestWeights)({ mode: "up" }), 'bestWeights: mode must be "min" or "max", got "up", a string'],
    [
      () => js(bestWeights)({ monitr: "loss" }),
      "bestWeights: there is no such option, got monitr; did you mean monitor?",
    ],
    [
      () => js(checkpoint)("model.safetensors"),
      'checkpoint: needs a function that saves, got "model.safetensors", a string; write checkpoint(() => writeFileAtomic("model.safetensors", encodeCheckpoint(parts)))',
    ],
    [
      () => js(checkpoint)({ everyEpochs: 2 }),
      "checkpoint: needs a function that saves, got an object; write checkpoint(() => writeFileAtomic(path, encodeCheckpoint(parts)))",
    ],
    [
      () => js(checkpoint)(() => undefined, 5),
      "checkpoint: options must be an object, got 5; write { everyEpochs: 5 }",
    ],
    [
      () => js(checkpoint)(() => undefined, { every: 5 }),
      "checkpoint: there is no such option, got every; did you mean everyEpochs or everySteps?",
    ],
    [
      () => checkpoint(() => undefined, { everySteps: 0.5 }),
      "checkpoint: everySteps must be a whole number, 1 or more, got 0.5",
    ],
  ],
  convergence: [
    [() => js(convergence)(), "convergence: needs the losses of the steps, got undefined; write convergence(history)"],
    [
      () => js(convergence)(given({ epochs: 0 })),
      "convergence: needs the losses of the steps, got a promise; await it",
    ],
    [
      () => js(convergence)([{ epoch: 1, loss: 3 }]),
      "convergence: losses must be numbers, got an object at index 0; write convergence(history), or history.losses",
    ],
    [
      () => js(convergence)([1, "2"]),
      'convergence: losses must be numbers, got "2", a string at index 1; write convergence(history), or history.losses',
    ],
    [
      () => js(convergence)(zeros([30])),
      "convergence: needs the losses of the steps, got a tensor float32[30]; write convergence(x.data)",
    ],
    [
      () => js(convergence)("losses"),
      'convergence: needs the losses of the steps, got "losses", a string; write convergence(history)',
    ],
  ],
  reporters: [
    [() => js(lines)(5), "lines: options must be an object, got 5; write { every: 5 }"],
    [() => js(lines)(console.log), "lines: options must be an object, got a function; write { write: … }"],
    [() => lines({ every: 0 }), "lines: every must be a whole number, 1 or more, got 0"],
    [() => js(lines)({ evry: 2 }), "lines: there is no such option, got evry; did you mean every?"],
    [
      () => js(progressBar)({ write: () => undefined }),
      "progressBar: options must be an object, got a stream; write { stream }",
    ],
    [
      () => js(progressBar)({ stream: "stderr" }),
      'progressBar: stream must be a stream, got "stderr", a string; write stream: process.stderr',
    ],
    [() => js(progressBar)({ strem: {} }), "progressBar: there is no such option, got strem; did you mean stream?"],
  ],
  scalers: [
    [
      () => new StandardScaler(2).fit([[1, 2], [3]]),
      "StandardScaler(2): arrays must not be ragged, got 1 entries at row 1; the first has 2 entries",
    ],
    [() => new StandardScaler(2).inverse([[1, 2, 3]]), "StandardScaler(2): x must be […, 2], got float64[1, 3]"],
    [() => new MinMaxScaler(2).forward([[1, 2, 3]]), "MinMaxScaler(2): x must be […, 2], got float64[1, 3]"],
    [() => new StandardScaler(2).fit([1, 2]), "StandardScaler(2): needs data [samples, 2], got float64[2]"],
    [() => new StandardScaler(2).fit([[1, 2, 3]]), "StandardScaler(2): needs data [samples, 2], got float64[1, 3]"],
    [() => new MinMaxScaler(2).fit([]), "MinMaxScaler(2): needs data [samples, 2], got float64[0]"],
    [
      () => js((v: unknown) => new StandardScaler(2).fit(v as never))("1"),
      'StandardScaler(2): data must be numbers or booleans, got "1", a string; convert it by Number(…)',
    ],
    [
      () => made(StandardScaler),
      "StandardScaler: features must be a whole number, 0 or more, got undefined; write new StandardScaler(features).fit(x)",
    ],
    [
      () => made(StandardScaler, [[1, 2]]),
      "StandardScaler: features must be a whole number, 0 or more, got an array; write new StandardScaler(2).fit(x)",
    ],
    [
      () => made(StandardScaler, 2, "float64"),
      'StandardScaler: options must be an object, got "float64", a string; write { dtype: "float64" }',
    ],
    [() => made(MinMaxScaler, 2, { min: 0 }), "MinMaxScaler: there is no such option, got min; did you mean low?"],
    [
      () => made(MinMaxScaler, 2, [0, 1]),
      "MinMaxScaler: options must be an object, got an array; write { dtype, low, high } with those that you need",
    ],
    [
      () => made(MinMaxScaler, 2, { low: 1, high: 0 }),
      "MinMaxScaler: low must be below high, and both finite, got 1 and 0",
    ],
  ],
};

describe.each(Object.entries(refusals))("%s", (_, table) => {
  test.each(table)("%s", async (call, message) => {
    const refused: unknown = await Promise.resolve()
      .then(call)
      .then(
        () => "nothing was refused",
        (error: unknown) => error,
      );
    expect(refused).toBeInstanceOf(TinygradError);
    expect((refused as TinygradError).message).toBe(message);
  });
});
