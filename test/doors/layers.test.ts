import { describe } from "vitest";
import * as api from "../../src/index.ts";
import { loose, proxied, testRefusals } from "../support/refusals.ts";

// Layers, models and initializers: what they refuse, and what they say to write instead.

const T = loose(api);
const x22 = api.ones([2, 2]);
const m = () => new T.Linear(2, 3);

describe("sizes and options of layers", () => {
  testRefusals([
    [
      () => new T.Linear(2, 3, false),
      "ValueError",
      "Linear: options must be an object, got false; write { bias: false }",
    ],
    [
      () => new T.Linear(3),
      "ShapeError",
      "Linear: outFeatures must be a whole number, 0 or more, got undefined; write new Linear(3, outFeatures)",
    ],
    [
      () => new T.Linear(),
      "ShapeError",
      "Linear: inFeatures must be a whole number, 0 or more, got undefined; write new Linear(inFeatures, outFeatures)",
    ],
    [
      () => new T.Linear("2", 3),
      "ShapeError",
      'Linear: inFeatures must be a whole number, 0 or more, got "2", a string; write new Linear(inFeatures, 3)',
    ],
    [
      () => new T.Linear(2.5, 3),
      "ShapeError",
      "Linear: inFeatures must be a whole number, 0 or more, got 2.5; write new Linear(inFeatures, 3)",
    ],
    [
      () => new T.Linear([2, 3]),
      "ShapeError",
      "Linear: inFeatures must be a whole number, 0 or more, got an array; write new Linear(inFeatures, outFeatures)",
    ],
    [
      () => new T.Linear({ in: 2 }),
      "ShapeError",
      "Linear: inFeatures must be a whole number, 0 or more, got an object; write new Linear(inFeatures, outFeatures)",
    ],
    [
      () => new T.Linear(-1, 2),
      "ShapeError",
      "Linear: inFeatures must be a whole number, 0 or more, got -1; write new Linear(inFeatures, 2)",
    ],
    [
      () => new T.Linear(Number.NaN, 2),
      "ShapeError",
      "Linear: inFeatures must be a whole number, 0 or more, got NaN; write new Linear(inFeatures, 2)",
    ],
    [
      () => new T.Linear(x22, 2),
      "ShapeError",
      "Linear: inFeatures must be a whole number, 0 or more, got a tensor float32[2, 2]; write new Linear(inFeatures, 2)",
    ],
    [
      () => new T.Linear(2, 3, { use_bias: false }),
      "ValueError",
      "Linear: there is no such option, got use_bias; did you mean bias?",
    ],
    [
      () => new T.Linear(2, 3, { bais: false }),
      "ValueError",
      "Linear: there is no such option, got bais; did you mean bias?",
    ],
    [() => new T.Linear(2, 3, { bias: 0 }), "ValueError", "Linear: bias must be a boolean, got 0; write true or false"],
    [
      () => new T.Linear(2, 3, { dtype: "float16" }),
      "DTypeError",
      'Linear: dtype must be "float32" or "float64", got "float16", a string; did you mean "float32"?',
    ],
    [
      () => new T.Linear(2, 3, { dtype: "int32" }),
      "DTypeError",
      'Linear: dtype must be "float32" or "float64", got "int32", a string',
    ],
    [
      () => new T.Linear(2, 3, { generator: 5 }),
      "ValueError",
      "Linear: generator must be a generator, got 5; write new Generator(seed)",
    ],
    [
      () => new T.Linear(2, 3, new T.Generator(1)),
      "ValueError",
      "Linear: options must be an object, got a Generator; write { generator: … }",
    ],
    [
      () => new T.Linear(2, 3, null),
      "ValueError",
      "Linear: options must be an object, got null; write { bias, dtype, generator } with those that you need",
    ],
    [
      () => new T.Linear(2, 3, { device: "cuda" }),
      "ValueError",
      "Linear: there is no such option, got device; there are no devices",
    ],
    [
      () => new T.Linear(1e9, 1e9),
      "ShapeError",
      "Linear: the elements must fit into memory, got 1000000000000000000 of float32, 4000000000000000000 bytes",
    ],
    [
      () => new T.Dropout({ p: 0.5 }),
      "ValueError",
      "Dropout: p must be a probability from 0 to 1, got an object; write new Dropout(0.5)",
    ],
    [() => new T.Dropout("0.5"), "ValueError", 'Dropout: p must be a probability from 0 to 1, got "0.5", a string'],
    [() => new T.Dropout(2), "ValueError", "Dropout: p must be a probability from 0 to 1, got 2"],
    [
      () => new T.Dropout(0.5, true),
      "ValueError",
      "Dropout: options must be an object, got true; write { generator: … }",
    ],
    [
      () => new T.Dropout(0.5, { inplace: true }),
      "ValueError",
      "Dropout: there is no such option, got inplace; ops never change their input",
    ],
    [
      () => new T.AlphaDropout({ p: 0.2 }),
      "ValueError",
      "AlphaDropout: p must be a probability from 0 to 1, got an object; write new AlphaDropout(0.2)",
    ],
    [
      () => new T.BatchNorm1d(8, 1e-5),
      "ValueError",
      "BatchNorm1d: options must be an object, got 0.00001; write { eps: 0.00001 }",
    ],
    [
      () => new T.BatchNorm1d(),
      "ShapeError",
      "BatchNorm1d: features must be a whole number, 0 or more, got undefined; write new BatchNorm1d(features)",
    ],
    [
      () => new T.BatchNorm1d("8"),
      "ShapeError",
      'BatchNorm1d: features must be a whole number, 0 or more, got "8", a string; write new BatchNorm1d(features)',
    ],
    [
      () => new T.BatchNorm1d(8, { track_running_stats: false }),
      "ValueError",
      "BatchNorm1d: there is no such option, got track_running_stats; did you mean tracksStatistics?",
    ],
    [
      () => new T.BatchNorm1d(8, { momentum: "0.1" }),
      "ValueError",
      'BatchNorm1d: momentum must be a number or null, got "0.1", a string',
    ],
    [
      () => new T.BatchNorm1d(8, { epsilon: 1 }),
      "ValueError",
      "BatchNorm1d: there is no such option, got epsilon; did you mean eps?",
    ],
    [
      () => new T.LayerNorm(8, 1e-5),
      "ValueError",
      "LayerNorm: options must be an object, got 0.00001; write { eps: 0.00001 }",
    ],
    [
      () => new T.LayerNorm(),
      "ShapeError",
      "LayerNorm: the shape must be a whole number, 0 or more, or an array of them, got undefined",
    ],
    [
      () => new T.LayerNorm("8"),
      "ShapeError",
      'LayerNorm: the shape must be a whole number, 0 or more, or an array of them, got "8", a string',
    ],
    [
      () => new T.LayerNorm([8, "2"]),
      "ShapeError",
      'LayerNorm: a shape is an array of whole numbers, 0 or more, got [8, "2", a string]',
    ],
    [
      () => new T.LayerNorm(8, { elementwise_affine: false }),
      "ValueError",
      "LayerNorm: there is no such option, got elementwise_affine; did you mean affine?",
    ],
    [() => new T.RMSNorm(8, 1), "ValueError", "RMSNorm: options must be an object, got 1; write { eps: 1 }"],
    [
      () => new T.RMSNorm(null),
      "ShapeError",
      "RMSNorm: the shape must be a whole number, 0 or more, or an array of them, got null",
    ],
    [
      () => new T.GroupNorm(2),
      "ShapeError",
      "GroupNorm: channels must be a whole number, 0 or more, got undefined; write new GroupNorm(2, channels)",
    ],
    [
      () => new T.GroupNorm(2, 8, 1e-3),
      "ValueError",
      "GroupNorm: options must be an object, got 0.001; write { eps: 0.001 }",
    ],
    [
      () => new T.GroupNorm("2", 8),
      "ShapeError",
      'GroupNorm: groups must be a whole number, 0 or more, got "2", a string; write new GroupNorm(groups, 8)',
    ],
    [() => new T.GroupNorm(3, 8), "ValueError", "GroupNorm: groups must divide the channels, got 3 and 8"],
    [
      () => new T.Embedding(10),
      "ShapeError",
      "Embedding: size must be a whole number, 0 or more, got undefined; write new Embedding(10, size)",
    ],
    [
      () => new T.Embedding(),
      "ShapeError",
      "Embedding: count must be a whole number, 0 or more, got undefined; write new Embedding(count, size)",
    ],
    [
      () => new T.Embedding(10, 3, 0),
      "ValueError",
      "Embedding: options must be an object, got 0; write { paddingIndex: 0 }",
    ],
    [
      () => new T.Embedding(10, 3, { padding_idx: 0 }),
      "ValueError",
      "Embedding: there is no such option, got padding_idx; did you mean paddingIndex?",
    ],
    [
      () => new T.Embedding(10, 3, { paddingIndex: 10 }),
      "ValueError",
      "Embedding: paddingIndex must be from 0 to 9, got 10",
    ],
    ...[-1, 1.5, Number.NaN, 4].map((paddingIndex): [() => unknown, string, string] => [
      () => T.embedding(T.tensor([0], { dtype: "int32" }), T.zeros([4, 2]), { paddingIndex }),
      "ValueError",
      `embedding: paddingIndex must be from 0 to 3, got ${paddingIndex}${paddingIndex < 0 ? "; write 3" : ""}`,
    ]),
    [() => new T.PReLU(1, { slope: Number.NaN }), "ValueError", "PReLU: slope must be a number, got NaN"],
    [
      () => new T.MinMaxScaler(1, { high: Number.POSITIVE_INFINITY }),
      "ValueError",
      "MinMaxScaler: low must be below high, and both finite, got 0 and Infinity",
    ],
    [
      () => new api.BatchNorm2d(3, { tracksStatistics: false }).eval().forward(api.ones([1, 3, 1, 1])),
      "ShapeError",
      "BatchNorm2d: without running statistics, there must be more than one value for each feature, got float32[1, 3, 1, 1]; write tracksStatistics: true, to predict by running statistics",
    ],
    [
      () => new T.Embedding("10", 3),
      "ShapeError",
      'Embedding: count must be a whole number, 0 or more, got "10", a string; write new Embedding(count, 3)',
    ],
    [
      () => new T.Bilinear(2, 3),
      "ShapeError",
      "Bilinear: outFeatures must be a whole number, 0 or more, got undefined; write new Bilinear(2, 3, outFeatures)",
    ],
    [
      () => new T.Bilinear(3, 4, 2).forward(T.zeros([5, 3]), T.zeros([5, 3])),
      "ShapeError",
      "Bilinear(3, 4, 2): b must be […, 4], got float32[5, 3]",
    ],
    [
      () => new T.Bilinear(3, 4, 2).forward(T.zeros([5, 4]), T.zeros([5, 4])),
      "ShapeError",
      "Bilinear(3, 4, 2): a must be […, 3], got float32[5, 4]",
    ],
    [
      () => new T.Bilinear(3, 4, 2).forward(T.zeros([5, 3]), T.zeros([6, 4])),
      "ShapeError",
      "Bilinear(3, 4, 2): shapes must broadcast, got [5] and [6]; axis -1 has sizes 5 and 6",
    ],
    [
      () => new T.Bilinear(2, 3, 4, true),
      "ValueError",
      "Bilinear: options must be an object, got true; write { bias: true }",
    ],
  ]);
});

describe("layers in layers", () => {
  testRefusals([
    [() => T.mlp(2, 8, 1), "ValueError", "mlp: needs the number of inputs and of outputs, got 2; write mlp([2, 8, 1])"],
    [
      () => T.mlp([2]),
      "ValueError",
      "mlp: needs the number of inputs and of outputs, got [2]; write mlp([784, 128, 10])",
    ],
    [
      () => T.mlp(),
      "ValueError",
      "mlp: needs the number of inputs and of outputs, got undefined; write mlp([784, 128, 10])",
    ],
    [
      () => T.mlp([2, "8", 1]),
      "ValueError",
      'mlp: size 1 must be a whole number, 0 or more, got "8", a string; pass the number itself: 8',
    ],
    [
      () => T.mlp([2, 8, 1], { activation: "relu" }),
      "ValueError",
      'mlp: activation must be a function, or a class of layers, got "relu", a string; pass the function: { activation: tanh }',
    ],
    [
      () => T.mlp([2, 8, 1], { activation: new T.ReLU() }),
      "ValueError",
      "mlp: activation must be a function, or a class of layers, got a ReLU; pass the class",
    ],
    [
      () => T.mlp([2, 8, 1], { activation: T.dropout }),
      "ValueError",
      "mlp: activation must know whether it trains, got a function, which eval() does not reach; write new Dropout(0.5)",
    ],
    [
      () => new T.Sequential(m(), T.dropout),
      "ValueError",
      "Sequential: entry 1 must know whether it trains, got a function, which eval() does not reach; write new Dropout(0.5)",
    ],
    [
      () => new T.Sequential(T.alphaDropout),
      "ValueError",
      "Sequential: entry 0 must know whether it trains, got a function, which eval() does not reach; write new AlphaDropout(0.5)",
    ],
    [
      () => new T.Lambda(T.dropout),
      "ValueError",
      "Lambda: fn must know whether it trains, got a function, which eval() does not reach; write new Dropout(0.5)",
    ],
    [
      () => new T.Residual(m(), { projection: T.dropout }),
      "ValueError",
      "Residual: entry 0 must know whether it trains, got a function, which eval() does not reach; write new Dropout(0.5)",
    ],
    [
      () => new T.Parallel([m(), T.alphaDropout]),
      "ValueError",
      "Parallel: entry 1 must know whether it trains, got a function, which eval() does not reach; write new AlphaDropout(0.5)",
    ],
    [
      () => T.mlp([2, 8, 1], T.relu),
      "ValueError",
      "mlp: options must be an object, got a function; write { activation: … }",
    ],
    [
      () => T.mlp([2, 8, 1], { norm: "bath" }),
      "ValueError",
      'mlp: norm must be "batch", "layer" or "rms", got "bath", a string; did you mean "batch"?',
    ],
    [() => T.mlp([2, 8, 1], { dropout: "0.1" }), "ValueError", 'mlp: dropout must be a number, got "0.1", a string'],
    [
      () => T.mlp([2, 8, 1], { hidden: 3 }),
      "ValueError",
      "mlp: there is no such option, got hidden; there are activation, dropout, norm, bias, dtype, generator",
    ],
    [
      () => T.mlp([2, 8, 1], { activations: T.relu }),
      "ValueError",
      "mlp: there is no such option, got activations; did you mean activation?",
    ],
    [
      () => new T.Sequential([m(), m()]),
      "ValueError",
      "Sequential: entry 0 must be a layer or a function, got an array; write new Sequential(...layers)",
    ],
    [
      () => new T.Sequential(T.ReLU),
      "ValueError",
      "Sequential: entry 0 must be a layer or a function, got the class ReLU; write new ReLU(…)",
    ],
    [
      () => new T.Sequential(T.Linear),
      "ValueError",
      "Sequential: entry 0 must be a layer or a function, got the class Linear; write new Linear(…)",
    ],
    [
      () => new T.Sequential("relu"),
      "ValueError",
      'Sequential: entry 0 must be a layer or a function, got "relu", a string; write relu, the function',
    ],
    [() => new T.Sequential(m(), null), "ValueError", "Sequential: entry 1 must be a layer or a function, got null"],
    [() => new T.Sequential(false), "ValueError", "Sequential: entry 0 must be a layer or a function, got false"],
    [
      () => new T.Sequential(proxied(m())),
      "ValueError",
      "Sequential: entry 0 must be a layer or a function, got a Linear; a Proxy around a layer is none: keep it outside of reactive state (markRaw, shallowRef, $state.raw)",
    ],
    [
      () => new T.Sequential(x22),
      "ValueError",
      "Sequential: entry 0 must be a layer or a function, got a tensor float32[2, 2]",
    ],
    [
      () => new T.Residual(T.ReLU),
      "ValueError",
      "Residual: entry 0 must be a layer or a function, got the class ReLU; write new ReLU(…)",
    ],
    [
      () => new T.Residual([m(), m()]),
      "ValueError",
      "Residual: entry 0 must be a layer or a function, got an array; write new Sequential(...layers) around them",
    ],
    [
      () => new T.Residual(m(), m()),
      "ValueError",
      "Residual: options must be an object, got a Linear; write { projection: … }",
    ],
    [
      () => new T.Residual(m(), { projection: T.Linear }),
      "ValueError",
      "Residual: entry 0 must be a layer or a function, got the class Linear; write new Linear(…)",
    ],
    [() => new T.Residual(), "ValueError", "Residual: entry 0 must be a layer or a function, got undefined"],
    [
      () => new T.Parallel(m(), m()),
      "ValueError",
      "Parallel: needs an array of layers, got a Linear; write new Parallel([a, b])",
    ],
    [
      () => new T.Parallel([]),
      "ValueError",
      "Parallel: needs an array of layers, got an empty array; write new Parallel([a, b])",
    ],
    [
      () => new T.Parallel([T.Linear]),
      "ValueError",
      "Parallel: entry 0 must be a layer or a function, got the class Linear; write new Linear(…)",
    ],
    [() => new T.Parallel([m()], 1), "ValueError", "Parallel: options must be an object, got 1; write { axis: 1 }"],
    [
      () => new T.Parallel([m()], { dim: 1 }),
      "ValueError",
      "Parallel: there is no such option, got dim; did you mean axis?",
    ],
    [() => new T.Lambda(5), "ValueError", "Lambda: fn must be a function, got 5"],
    [() => new T.Lambda(T.ReLU), "ValueError", "Lambda: fn must be a function, got the class ReLU"],
  ]);
});

describe("activations", () => {
  testRefusals([
    [() => new T.ReLU(true), "ValueError", "ReLU: takes no arguments, got true"],
    [() => new T.ReLU({ inplace: true }), "ValueError", "ReLU: takes no arguments, got an object"],
    [() => new T.Tanh(1), "ValueError", "Tanh: takes no arguments, got 1"],
    [
      () => new T.LeakyReLU({ slope: 0.1 }),
      "ValueError",
      "LeakyReLU: slope must be a number, got an object; pass the number itself: 0.1",
    ],
    [
      () => new T.LeakyReLU("0.1"),
      "ValueError",
      'LeakyReLU: slope must be a number, got "0.1", a string; pass the number itself: 0.1',
    ],
    [
      () => new T.ELU({ alpha: 1 }),
      "ValueError",
      "ELU: alpha must be a number, got an object; pass the number itself: 1",
    ],
    [() => new T.CELU("1"), "ValueError", 'CELU: alpha must be a number, got "1", a string; pass the number itself: 1'],
    [
      () => new T.GELU("tanh"),
      "ValueError",
      'GELU: options must be an object, got "tanh", a string; write { approximate: "tanh" }',
    ],
    [
      () => new T.GELU({ approximate: "tan" }),
      "ValueError",
      'GELU: approximate must be "none" or "tanh", got "tan", a string; did you mean "tanh"?',
    ],
    [
      () => new T.GELU({ approx: "tanh" }),
      "ValueError",
      "GELU: there is no such option, got approx; did you mean approximate?",
    ],
    [
      () => new T.Hardtanh({ min: 0 }),
      "ValueError",
      "Hardtanh: min must be a number, got an object; pass the number itself: 0",
    ],
    [
      () => new T.Softmax({ dim: 1 }),
      "ShapeError",
      "Softmax: axis must be a whole number, negative to count from the end, got an object; pass the number itself: 1",
    ],
    [
      () => new T.Softmax("1"),
      "ShapeError",
      'Softmax: axis must be a whole number, negative to count from the end, got "1", a string; pass the number itself: 1',
    ],
    [
      () => new T.LogSoftmax(1.5),
      "ShapeError",
      "LogSoftmax: axis must be a whole number, negative to count from the end, got 1.5",
    ],
    [() => new T.GLU(null), "ShapeError", "GLU: axis must be a whole number, negative to count from the end, got null"],
    [
      () => new T.Flatten({ start: 1 }),
      "ShapeError",
      "Flatten: start must be a whole number, negative to count from the end, got an object; pass the number itself: 1",
    ],
    [
      () => new T.PReLU({ slope: 1 }),
      "ShapeError",
      "PReLU: channels must be a whole number, 0 or more, got an object; write new PReLU(channels)",
    ],
    [() => new T.PReLU(1, 0.1), "ValueError", "PReLU: options must be an object, got 0.1; write { slope: 0.1 }"],
    [
      () => new T.PReLU(1, { init: 0.1 }),
      "ValueError",
      "PReLU: there is no such option, got init; there are slope, dtype",
    ],
    [() => new T.PReLU(0), "ShapeError", "PReLU: there must be a channel, got 0"],
  ]);
});

describe("functions", () => {
  testRefusals([
    [
      () => T.dropout([1, 2], 0.5),
      "DTypeError",
      "dropout: input 0 must be a tensor, got an array; wrap values in tensor(…)",
    ],
    [() => T.dropout(undefined), "DTypeError", "dropout: input 0 must be a tensor, got undefined"],
    [
      () => T.dropout(x22, 0.5, true),
      "ValueError",
      "dropout: options must be an object, got true; write { training: true }",
    ],
    [
      () => T.dropout(x22, { p: 0.3 }),
      "ValueError",
      "dropout: p must be a probability from 0 to 1, got an object; write dropout(x, 0.3)",
    ],
    [
      () => T.alphaDropout(x22, 0.5, false),
      "ValueError",
      "alphaDropout: options must be an object, got false; write { training: false }",
    ],
    [
      () => T.layerNorm(x22, 2, x22, x22),
      "ValueError",
      "layerNorm: takes no argument 4, got a tensor float32[2, 2]; write layerNorm(x, shape, { weight, bias, eps })",
    ],
    [
      () => T.layerNorm(x22, 2, { weight: [1, 2] }),
      "ValueError",
      "layerNorm: weight must be a tensor or null, got an array; wrap values in tensor(…)",
    ],
    [
      () => T.layerNorm([1], 1),
      "DTypeError",
      "layerNorm: input 0 must be a tensor, got an array; wrap values in tensor(…)",
    ],
    [
      () => T.rmsNorm(x22, 2, { weight: 5 }),
      "ValueError",
      "rmsNorm: weight must be a tensor or null, got 5; wrap values in tensor(…)",
    ],
    [
      () => T.groupNorm(x22, undefined),
      "ValueError",
      "groupNorm: groups must be a whole number, 1 or more, got undefined",
    ],
    [
      () => T.groupNorm(x22, 2, 1e-5),
      "ValueError",
      "groupNorm: options must be an object, got 0.00001; write { eps: 0.00001 }",
    ],
    [
      () => T.linear(x22, [[1, 2]]),
      "DTypeError",
      "linear: input 1 must be a tensor, got an array; wrap values in tensor(…)",
    ],
    [() => T.linear(x22, x22, 5), "DTypeError", "linear: input 2 must be a tensor, got 5; wrap values in tensor(…)"],
    [() => T.linear(undefined, x22), "DTypeError", "linear: input 0 must be a tensor, got undefined"],
    [() => T.embedding(x22), "DTypeError", "embedding: the weight must be a tensor, got undefined"],
    [
      () => T.embedding(T.zeros([2], { dtype: "int32" }), undefined),
      "DTypeError",
      "embedding: the weight must be a tensor, got undefined",
    ],
    [
      () => T.embedding(T.zeros([2], { dtype: "int32" }), x22, 0),
      "ValueError",
      "embedding: options must be an object, got 0; write { paddingIndex: 0 }",
    ],
  ]);
});

describe("initializers", () => {
  testRefusals([
    [
      () => T.kaimingUniform(2, 3),
      "ShapeError",
      "kaimingUniform: a shape is an array of whole numbers, 0 or more, got 2, 3; write kaimingUniform([2, 3])",
    ],
    [
      () => T.kaimingUniform([3]),
      "ShapeError",
      "kaimingUniform: needs a shape of two axes or more, [out, in, …], got [3]; use uniform or normal for a bias",
    ],
    [
      () => T.kaimingUniform(m().weight),
      "ShapeError",
      "kaimingUniform: a shape is an array of whole numbers, 0 or more, got a tensor float32[3, 2]; write w.assign(kaimingUniform(w.shape))",
    ],
    [
      () => T.kaimingUniform([2, 3], "relu"),
      "ValueError",
      'kaimingUniform: options must be an object, got "relu", a string; write { nonlinearity: "relu" }',
    ],
    [
      () => T.kaimingUniform([2, 3], { mode: "fan_in" }),
      "ValueError",
      'kaimingUniform: mode must be "fanIn" or "fanOut", got "fan_in", a string; did you mean "fanIn"?',
    ],
    [
      () => T.kaimingUniform([2, 3], { nonlinearity: "gelu" }),
      "ValueError",
      'kaimingUniform: nonlinearity must be "linear", "sigmoid", "tanh", "relu", "leakyRelu" or "selu", got "gelu", a string; did you mean "relu"?',
    ],
    [
      () => T.kaimingUniform([2, 3], { a: 1 }),
      "ValueError",
      "kaimingUniform: there is no such option, got a; did you mean slope?",
    ],
    [
      () => T.xavierNormal([2, 3], 2),
      "ValueError",
      "xavierNormal: options must be an object, got 2; write { gain: 2 }",
    ],
    [
      () => T.xavierNormal([2, 3], { gian: 2 }),
      "ValueError",
      "xavierNormal: there is no such option, got gian; did you mean gain?",
    ],
    [() => T.uniform([2], -1, 1), "ValueError", "uniform: options must be an object, got -1; write { low: -1 }"],
    [() => T.normal([2], 0, 1), "ValueError", "normal: options must be an object, got 0; write { mean: 0 }"],
    [() => T.uniform([2], { min: 0 }), "ValueError", "uniform: there is no such option, got min; did you mean low?"],
    [
      () => T.orthogonal(3),
      "ShapeError",
      "orthogonal: a shape is an array of whole numbers, 0 or more, got 3; write orthogonal([3])",
    ],
    [
      () => T.orthogonal([3]),
      "ShapeError",
      "orthogonal: needs a shape of two axes or more, [out, in, …], got [3]; use uniform or normal for a bias",
    ],
    [
      () => T.uniform(2, 3),
      "ShapeError",
      "uniform: a shape is an array of whole numbers, 0 or more, got 2, 3; write uniform([2, 3])",
    ],
    [() => T.uniform([2], { low: "0" }), "ValueError", 'uniform: low must be a number, got "0", a string'],
  ]);
});

describe("summary", () => {
  testRefusals([
    [
      () => T.summary(m(), undefined),
      "ShapeError",
      "summary: the input's shape must be an array, got undefined; write [1, …]",
    ],
    [() => T.summary(m(), 784), "ShapeError", "summary: the input's shape must be an array, got 784; write [1, 784]"],
    [
      () => T.summary(m(), x22),
      "ShapeError",
      "summary: the input's shape must be an array, got a tensor float32[2, 2]; pass x.shape",
    ],
    [
      () => T.summary(m(), "1"),
      "ShapeError",
      `summary: the input's shape must be an array, got "1", a string; write [1, …]`,
    ],
    [() => T.summary(5), "ValueError", "summary: needs a layer, got 5"],
    [() => T.summary(T.Linear), "ValueError", "summary: needs a layer, got the class Linear; write new Linear(…)"],
    [
      () => T.summary(proxied(m())),
      "ValueError",
      "summary: needs a layer, got a Linear; a Proxy around a layer is none: keep it outside of reactive state (markRaw, shallowRef, $state.raw)",
    ],
    [
      () => T.summary(m(), ["1", 2]),
      "ShapeError",
      'zeros: a shape is an array of whole numbers, 0 or more, got ["1", a string, 2]',
    ],
  ]);
});
