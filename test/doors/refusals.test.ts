import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import { assertGradcheck, gradcheck } from "../../src/gradcheck/index.ts";
import * as t from "../../src/index.ts";
import { decode, decodeMetadata, encode } from "../../src/safetensors/index.ts";
import { batches, trainTestSplit } from "../../src/train/index.ts";

// What people write who come from PyTorch, NumPy or plain JavaScript, and the whole text of the error that they get.

// biome-ignore lint/suspicious/noExplicitAny: calls that TypeScript refuses
type Anything = any;
const tg = t as Anything;
const x: Anything = t.tensor([[1, 2], [3, 4]]); // biome-ignore format: a matrix
const v: Anything = t.tensor([1, 2]);
const places: Anything = t.tensor([0, 1], { dtype: "int32" });
const leaf = (): Anything => t.tensor([1, 2], { requiresGrad: true });
const square = (a: t.Tensor): t.Tensor => a.mul(a).sum();

type Row = readonly [call: () => unknown, text: string];

function refuses(rows: readonly Row[]): void {
  test.each(rows.map(([call, text]) => ({ name: call.toString().slice(6), call, text })))("$name", ({ call, text }) => {
    expect(call).toThrow(t.TinygradError);
    expect(call).toThrow(new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`));
  });
}

describe("options of reductions", () => {
  const axes = "axis must be an integer, or several in an array";
  refuses([
    [() => x.sum(1, { keepdim: true }), "sum: there is no such option, got keepdim; did you mean keepDims?"],
    [() => x.sum(1, { keepdims: true }), "sum: there is no such option, got keepdims; did you mean keepDims?"],
    [() => x.sum(1, true), "sum: options must be an object, got true; write { keepDims: true }"],
    [() => x.sum(1, { keepDims: 1 }), "sum: keepDims must be a boolean, got 1; write true or false"],
    [
      () => x.sum({ keepDims: true }),
      `sum: ${axes}, got an object; options come after the axis: sum(x, undefined, { keepDims: true })`,
    ],
    [() => x.sum({ axis: 1 }), `sum: ${axes}, got an object; write sum(x, 1)`],
    [() => x.mean({ dim: 1 }), `mean: ${axes}, got an object; write mean(x, 1)`],
    [
      () => x.sum(undefined, { dim: 1 }),
      "sum: there is no such option, got dim; the axis is a separate argument: sum(x, 1)",
    ],
    [() => x.mean(0, 1), "mean: options must be an object, got 1; name several axes in one array: mean(x, [0, 1])"],
    [() => x.sum(v), `sum: ${axes}, got a tensor float32[2]; for two tensors, write add(a, b)`],
    [() => x.max(v), `max: ${axes}, got a tensor float32[2]; for two tensors, write maximum(a, b)`],
    [() => x.sum(null), `sum: ${axes}, got null; leave it out, or write undefined`],
    [() => x.sum(Number.NaN), "sum: axis must be an integer from -2 to 1, got NaN"],
    [() => x.sum("rows"), `sum: ${axes}, got "rows", a string; write sum(x, 0)`],
    [() => x.norm(2, true), `norm: ${axes}, got true; write norm(x, 2, undefined, { keepDims: true })`],
    [
      () => x.norm("fro"),
      'norm: p must be a number or ±Infinity, got "fro", a string; write norm(x, 2, axes) to name axes',
    ],
    [
      () => x.std(0, { unbiased: false }),
      "std: there is no such option, got unbiased; write correction: 0 for false, 1 for true",
    ],
    [() => x.variance(0, { ddof: 1 }), "variance: there is no such option, got ddof; did you mean correction?"],
    [() => x.argmax([0, 1]), "argmax: axis must be an integer from -2 to 1, got an array"],
    [() => x.softmax({ axis: 1 }), "softmax: axis must be an integer from -2 to 1, got an object; write softmax(x, 1)"],
    [
      () => x.sort({ descending: true }),
      "sort: axis must be an integer from -2 to 1, got an object; options come after the axis: sort(x, undefined, { descending: true })",
    ],
    [() => x.sort(-1, true), "sort: options must be an object, got true; write { descending: true }"],
  ]);
});

describe("arguments of ops", () => {
  refuses([
    [
      () => tg.leakyRelu(x, "0.1"),
      'leakyRelu: slope must be a number, got "0.1", a string; pass the number itself: 0.1',
    ],
    [
      () => tg.leakyRelu(x, { slope: 0.1 }),
      "leakyRelu: slope must be a number, got an object; pass the number itself: 0.1",
    ],
    [() => tg.elu(x, Number.NaN), "elu: alpha must be a number, got NaN"],
    [() => tg.gelu(x, "tanh"), 'gelu: options must be an object, got "tanh", a string; write { approximate: "tanh" }'],
    [
      () => tg.gelu(x, { approximate: "tan" }),
      'gelu: approximate must be "none" or "tanh", got "tan", a string; did you mean "tanh"?',
    ],
    [
      () => x.clamp("0"),
      'clamp: bounds are numbers or null, got "0", a string; write clamp(x, min, max), with null for none',
    ],
    [
      () => x.clamp({ min: 0 }),
      "clamp: bounds are numbers or null, got an object; write clamp(x, 0, max), with null for none",
    ],
    [() => x.pow("2"), 'pow: input 1 must be a tensor or a number, got "2", a string'],
    [() => x.gt(undefined), "gt: input 1 must be a tensor or a number, got undefined"],
    [() => x.add([1, 2]), "add: input 1 must be a tensor or a number, got an array; wrap values in tensor(…)"],
    [() => x.matmul(2), "matmul: input 1 must be a tensor, got 2; wrap values in tensor(…)"],
    [() => tg.tril(x, 1.5), "tril: the diagonal must be an integer, got 1.5"],
    [() => tg.pad(x, 1), "pad: widths must be an array of pairs, one per axis, got 1; write pad(x, [[1, 1]])"],
    [() => tg.pad(x, [1, 1]), "pad: widths must be pairs of integers, got 1 on axis 0; write pad(x, [[1, 1]])"],
    [() => tg.split(x, 0), "split: the size of the parts must be a positive integer, or sizes a list, got 0"],
    [
      () => tg.split(x, [1, "1"]),
      'split: sizes must be non-negative integers that add up to the axis, got [1, "1", a string]; axis 0 has size 2',
    ],
    [() => tg.expand(x, 2), "expand: a shape is an array of whole numbers, 0 or more, got 2; write expand(x, [2])"],
    [() => x.reshape(2, "2"), 'reshape: a shape is an array of whole numbers, 0 or more, got [2, "2", a string]'],
    [() => tg.permute(x, 1), "permute: axes must be an array, got 1; write permute(x, [1, 0])"],
    [() => x.transpose([1, 0]), "transpose: swaps two axes, got [1, 0]; write permute(x, [1, 0])"],
    [() => tg.cat(x), "cat: takes an array of tensors, got a tensor float32[2, 2]; write cat([a, b])"],
    [() => tg.cat([]), "cat: needs at least one tensor, got an empty array"],
    [() => tg.stack([x, 3]), "stack: tensor 1 must be a tensor, got 3; wrap values in tensor(…)"],
    [
      () => tg.einsum(x, "ij->j"),
      'einsum: operands must be tensors, got "ij->j", a string; write einsum("ij,jk->ik", a, b)',
    ],
    [() => tg.topk(x), "topk: k must be an integer from 0 to 2, the size of axis 1, got undefined; write topk(x, 2)"],
    [() => tg.oneHot(places), "oneHot: the number of classes must be a non-negative integer, got undefined"],
    [() => x.unsqueeze(), "unsqueeze: axis must be an integer from -3 to 2, got undefined; write unsqueeze(x, 0)"],
    [() => x.cumsum(), "cumsum: axis must be an integer from -2 to 1, got undefined; write cumsum(x, 0)"],
    [
      () => tg.gather(v, places),
      "gather: axis must be an integer from -1 to 0, got a tensor int32[2]; write gather(x, 0, index)",
    ],
    [
      () => tg.gather(v, places, 0),
      "gather: axis must be an integer from -1 to 0, got a tensor int32[2]; write gather(x, 0, index)",
    ],
    [() => tg.gather(v, 0, 0), 'gather: the index must be a tensor, got 0; write tensor(0, { dtype: "int32" })'],
    [
      () => tg.gather(v, "0", places),
      'gather: axis must be an integer from -1 to 0, got "0", a string; write gather(x, 0, index)',
    ],
    [
      () => x.slice("1:2"),
      "slice: a spec is an index, [start, stop, step], null or '...', got \"1:2\", a string; write [1, 2]",
    ],
    [() => x.slice(["0", 1]), 'slice: bounds must be integers and the step not 0, got ["0", a string, 1] on axis 0'],
    [
      () => x.to("float"),
      'to: dtype must be "float32", "float64", "int32" or "bool", got "float", a string; did you mean "float32"?',
    ],
    [() => tg.where(x.gt(1), x), "where: input 2 must be a tensor or a number, got undefined"],
    [() => tg.where([true], x, 0), "where: the condition must be a tensor, got an array; wrap values in tensor(…)"],
    [
      () => tg.relu(structuredClone(v)),
      "relu: input 0 must be a tensor, got what postMessage, structuredClone or JSON left of a tensor (send its data and shape)",
    ],
    [
      () => tg.mish(new Proxy(v, {})),
      "mish: input 0 must be a tensor, got a Proxy or copy of a tensor, or a tensor of another version of the package",
    ],
    [
      () => t.tensor([1]).expand(1e12),
      "expand: the elements must fit into memory, got 1000000000000 of float32, 4000000000000 bytes",
    ],
    [
      () => tg.pad(v, [[0, 1e12]]),
      "pad: the elements must fit into memory, got 1000000000002 of float32, 4000000000008 bytes",
    ],
    [
      () => tg.oneHot(places, 1e12),
      "oneHot: the elements must fit into memory, got 2000000000000 of float32, 8000000000000 bytes",
    ],
  ]);
});

describe("creation and random numbers", () => {
  refuses([
    [
      () => tg.zeros([2], { requires_grad: true }),
      "zeros: there is no such option, got requires_grad; did you mean requiresGrad?",
    ],
    [
      () => tg.ones([2], "float64"),
      'ones: options must be an object, got "float64", a string; write { dtype: "float64" }',
    ],
    [() => tg.randn(2, 3), "randn: a shape is an array of whole numbers, 0 or more, got 2, 3; write randn([2, 3])"],
    [
      () => tg.rand([2], { device: "cpu" }),
      "rand: there is no such option, got device; there are dtype, requiresGrad, generator",
    ],
    [() => tg.rand([2], { generator: 42 }), "rand: generator must be a generator, got 42; write new Generator(seed)"],
    [
      () => tg.randint(6, [2, 2]),
      "randint: bounds must be integers of 32 bits with low < high, got 6 and an array; write randint(0, 6, [2, 2])",
    ],
    [() => tg.randLike(v, true), "randLike: options must be an object, got true; write { requiresGrad: true }"],
    [() => tg.manualSeed("7"), 'manualSeed: the seed must be a safe integer, got "7", a string'],
    [() => tg.fullLike(v, "7"), 'fullLike: the value must be a number, got "7", a string'],
  ]);
});

describe("strings in the place of options, and strings that are not allowed", () => {
  const dtypes = 'dtype must be "float32", "float64", "int32" or "bool"';
  const shape = [2, 2];
  refuses([
    [() => tg.arange("5"), 'arange: a bound must be a number, got "5", a string; pass the number itself: 5'],
    [() => tg.arange(0, "5"), 'arange: a bound must be a number, got "5", a string; pass the number itself: 5'],
    [() => tg.arange(5, "int32"), 'arange: options must be an object, got "int32", a string; write { dtype: "int32" }'],
    [() => tg.ones([2], "float"), 'ones: options must be an object, got "float", a string; write { dtype: "float32" }'],
    [
      () => tg.zeros([2], "5"),
      'zeros: options must be an object, got "5", a string; write { dtype, requiresGrad } with those that you need',
    ],
    [() => tg.zeros([2], { dtype: "int" }), `zeros: ${dtypes}, got "int", a string; did you mean "int32"?`],
    [() => tg.zeros([2], { dtype: "Float64" }), `zeros: ${dtypes}, got "Float64", a string; did you mean "float64"?`],
    [() => tg.zeros([2], { dtype: "double" }), `zeros: ${dtypes}, got "double", a string`],
    [() => tg.zeros([2], { dtype: 32 }), `zeros: ${dtypes}, got 32`],
    [() => tg.oneHot(places, 2, { dtype: "in32" }), `oneHot: ${dtypes}, got "in32", a string; did you mean "int32"?`],
    [() => tg.setDefaultDtype("int32"), 'setDefaultDtype: dtype must be "float32" or "float64", got "int32", a string'],
    [
      () => tg.kaimingUniform(shape, "relu"),
      'kaimingUniform: options must be an object, got "relu", a string; write { nonlinearity: "relu" }',
    ],
    [
      () => tg.kaimingUniform(shape, "leaky_relu"),
      'kaimingUniform: options must be an object, got "leaky_relu", a string; write { nonlinearity: "leakyRelu" }',
    ],
    [
      () => tg.kaimingNormal(shape, "fan_out"),
      'kaimingNormal: options must be an object, got "fan_out", a string; write { mode: "fanOut" }',
    ],
    [
      () => tg.calculateGain("leaky_relu"),
      'calculateGain: nonlinearity must be "linear", "sigmoid", "tanh", "relu", "leakyRelu" or "selu", got "leaky_relu", a string; did you mean "leakyRelu"?',
    ],
    [
      () => tg.mlp([2, 3], "relu"),
      'mlp: options must be an object, got "relu", a string; pass the function: { activation: tanh }',
    ],
    [() => tg.mlp([2, 3], "batch"), 'mlp: options must be an object, got "batch", a string; write { norm: "batch" }'],
    [
      () => tg.mlp([2, 3], { norm: "batchnorm" }),
      'mlp: norm must be "batch", "layer" or "rms", got "batchnorm", a string; did you mean "batch"?',
    ],
    [
      () => tg.mse(v, v, "avg"),
      'mse: options must be an object, got "avg", a string; write { reduction: … } with "mean", "sum" or "none"',
    ],
    [() => tg.klDiv(v, v, "Sum"), 'klDiv: options must be an object, got "Sum", a string; write { reduction: "sum" }'],
    [
      () => x.std(0, false),
      "std: options must be an object, got false; write { correction: 0 } for unbiased, or { keepDims: false }",
    ],
    [
      () => x.variance(0, true),
      "variance: options must be an object, got true; write { correction: 1 } for unbiased, or { keepDims: true }",
    ],
    [
      () => x.std(0, "population"),
      'std: options must be an object, got "population", a string; write { keepDims, correction } with those that you need',
    ],
  ]);
});

describe("names of other libraries", () => {
  refuses([
    [
      () => tg.randn([2], { mean: 0, std: 1 }),
      "randn: there is no such option, got mean; write normal(shape, { mean, std })",
    ],
    [() => tg.rand([2], { min: 0 }), "rand: there is no such option, got min; write uniform(shape, { low, high })"],
    [
      () => tg.randn([2], { seed: 0 }),
      "randn: there is no such option, got seed; write generator: new Generator(seed), or manualSeed(seed) before",
    ],
    [() => tg.uniform([2], { min: 0 }), "uniform: there is no such option, got min; did you mean low?"],
    [() => tg.normal([2], { stddev: 2 }), "normal: there is no such option, got stddev; did you mean std?"],
    [
      () => tg.oneCycle(10, { max_lr: 0.1 }),
      "oneCycle: there is no such option, got max_lr; the highest rate is the optimizer's: new SGD(parameters, { lr })",
    ],
    [
      () => tg.oneCycle({ max_lr: 0.1, total_steps: 10 }),
      "oneCycle: steps must be a whole number, 2 or more, got an object; the steps come first: oneCycle(100, { warmup })",
    ],
    [
      () => tg.cosine({ T_max: 10 }),
      "cosine: steps must be a whole number, 1 or more, got an object; pass the number itself: 10",
    ],
    [
      () => x.clamp({ min: 0, max: 1 }),
      "clamp: bounds are numbers or null, got an object; write clamp(x, 0, 1), with null for none",
    ],
    [() => new tg.SGD([leaf()], { max_lr: 1 }), "SGD: there is no such option, got max_lr; did you mean lr?"],
    [() => new tg.SGD([leaf()], { rate: 1 }), "SGD: there is no such option, got rate; did you mean lr?"],
    [
      () => new tg.Adam([leaf()], { weight_decay_rate: 1 }),
      "Adam: there is no such option, got weight_decay_rate; did you mean weightDecay?",
    ],
    [() => new tg.Adam([leaf()], { decay: 1 }), "Adam: there is no such option, got decay; did you mean weightDecay?"],
  ]);
});

describe("indices", () => {
  const write = 'write tensor([0, 1], { dtype: "int32" })';
  refuses([
    [() => tg.gather(v, 0, [0, 1]), `gather: the index must be a tensor, got an array; ${write}`],
    [() => tg.scatterAdd(v, 0, [0, 1], v), `scatterAdd: the index must be a tensor, got an array; ${write}`],
    [() => tg.indexSelect(v, 0, [0, 1]), `indexSelect: the index must be a tensor, got an array; ${write}`],
    [() => tg.indexAdd(v, 0, [0, 1], v), `indexAdd: the index must be a tensor, got an array; ${write}`],
    [() => tg.index(v, [0, 1]), `index: index 0 must be a tensor, got an array; ${write}`],
    [() => tg.oneHot([0, 1], 2), `oneHot: the index must be a tensor, got an array; ${write}`],
    [() => tg.embedding(x, places), "embedding: indices must be int32, got float32; write embedding(indices, weight)"],
    [() => tg.embedding([0, 1], x), `embedding: the index must be a tensor, got an array; ${write}`],
    [() => new tg.Embedding(3, 2).forward([0, 1]), `Embedding(3, 2): index must be a tensor, got an array; ${write}`],
    [
      () => tg.indexSelect(v, places),
      "indexSelect: axis must be an integer from -1 to 0, got a tensor int32[2]; write indexSelect(x, 0, index)",
    ],
    [
      () => x.slice(places),
      "slice: a spec is an index, [start, stop, step], null or '...', got a tensor int32[2]; write indexSelect(x, 0, index)",
    ],
    [
      () => x.slice([[0, 1]]),
      'slice: bounds must be integers and the step not 0, got [an array] on axis 0; for several indices, write indexSelect(x, 0, tensor([0, 1], { dtype: "int32" }))',
    ],
    [() => x.at(places), "at: takes one index, got a tensor int32[2]; write indexSelect(x, 0, index)"],
  ]);
});

describe("calls that lack something, or have it elsewhere", () => {
  const sizes = "eye: sizes are whole numbers, 0 or more";
  const broken = (layer: Anything): Anything => {
    const model = new t.Sequential(layer);
    (model.layers[0] as Anything).weight = 3;
    return model;
  };
  class Unwritten extends tg.Layer {}
  const unwritten = "a layer must have a method forward, got none; write forward(x) { return … }";
  const scaled = "features must be a whole number, 0 or more";
  refuses([
    [() => tg.eye("3"), `${sizes}, got "3", a string; pass the number itself: 3`],
    [() => tg.eye([3, 3]), `${sizes}, got an array; write eye(3, 3)`],
    [
      () => tg.eye(3, { dtype: "int32" }),
      `${sizes}, got [3, an object]; options come third: eye(3, 3, { dtype, requiresGrad })`,
    ],
    [() => tg.eye(), `${sizes}, got undefined; write eye(rows)`],
    [() => x.reshape(-1, -1), "reshape: one size may be -1, and is worked out, got [2, 2] to [-1, -1]"],
    [
      () => tg.maskedFill(x, x.gt(1)),
      "maskedFill: the value must be a number, or a tensor without axes, got undefined; write maskedFill(x, mask, 0)",
    ],
    [
      () => x.slice("0:1"),
      "slice: a spec is an index, [start, stop, step], null or '...', got \"0:1\", a string; write [0, 1]",
    ],
    [
      () => x.slice(":", "::2"),
      "slice: a spec is an index, [start, stop, step], null or '...', got \":\", a string; write [null, null]",
    ],
    [() => tg.hessian(square), "hessian: needs the point to differentiate at, got undefined; write hessian(f, x)"],
    [() => tg.jacobian(square), "jacobian: needs the point to differentiate at, got undefined; write jacobian(f, x)"],
    [() => tg.hvp(square), "hvp: needs the point to differentiate at, got undefined; write hvp(f, x, v)"],
    [() => tg.grad(square)(), "grad: needs the point to differentiate at, got undefined; write grad(f)(x)"],
    [() => new tg.Tensor([1, 2]), "Tensor: tensors are made by tensor(…), got an array; write tensor([1, 2])"],
    [
      () => new tg.Tensor([1, 2], [2], "float32"),
      "Tensor: tensors are made by tensor(…), got an array; write tensor([1, 2])",
    ],
    [
      () => new tg.StandardScaler(),
      `StandardScaler: ${scaled}, got undefined; write new StandardScaler(features).fit(x)`,
    ],
    [
      () => new tg.StandardScaler(x),
      `StandardScaler: ${scaled}, got a tensor float32[2, 2]; write new StandardScaler(2).fit(x)`,
    ],
    [() => new tg.MinMaxScaler([[1, 2, 3]]), `MinMaxScaler: ${scaled}, got an array; write new MinMaxScaler(3).fit(x)`],
    [
      () => assertGradcheck(square, v),
      "assertGradcheck: inputs must be an array of tensors, got a tensor float32[2]; write assertGradcheck(f, [x])",
    ],
    [() => gradcheck(square, [1] as Anything), "gradcheck: inputs must be an array of tensors, got 1 for input 0"],
    [
      () => gradcheck(square, [v]),
      'gradcheck: an input must require a gradient, got 1 that do not; write tensor([1, 2], { dtype: "float64", requiresGrad: true })',
    ],
    [
      () => broken(new t.Linear(2, 2)).forward(x),
      "Sequential[0] Linear(?, ?): weight must be a tensor, got 3; write weight.assign(tensor(…))",
    ],
    [
      () => broken(new t.BatchNorm1d(2)).forward(x),
      "Sequential[0] BatchNorm1d(2): weight must be a tensor, got 3; write weight.assign(tensor(…))",
    ],
    [
      () => broken(new t.Embedding(2, 2)).forward(places),
      "Sequential[0] Embedding(?, ?): weight must be a tensor, got 3; write weight.assign(tensor(…))",
    ],
    [() => new (Unwritten as Anything)().forward(x), `Unwritten: ${unwritten}`],
    [() => new t.Sequential(new (Unwritten as Anything)()).forward(x), `Sequential[0] Unwritten: ${unwritten}`],
    [
      () => compile(square)([1, 2] as Anything),
      "compile: the function fails on these arguments (a.mul is not a function), got an array as argument 0; wrap values in tensor(…)",
    ],
    [
      () => (compile(square) as Anything)(),
      "compile: the function fails on these arguments (Cannot read properties of undefined (reading 'mul')), got 0 of 1; pass what the function takes: f(tensor([1, 2]))",
    ],
  ]);

  test("a summary of a model that begins with an embedding", () => {
    const model = new t.Sequential(new t.Embedding(10, 4), new t.Linear(4, 2));
    expect(t.summary(model, [3])).toContain("layers.1  Linear(4, 2)      [3, 2]");
  });
});

describe("hints are calls that work, or are left out", () => {
  const index = "oneHot: the index must be a tensor, got an array";
  refuses([
    [() => t.eye(-1), "eye: sizes are whole numbers, 0 or more, got -1; write eye(rows), or eye(rows, columns)"],
    [() => tg.tensor([[], [1]]), "tensor: arrays must not be ragged, got 1 entries at row 1; the first has 0 entries"],
    [
      () => tg.oneHot(["cat"], 2),
      'oneHot: the index must be a tensor of whole numbers, got "cat", a string; number the classes: tensor(names.map((name) => classes.indexOf(name)), { dtype: "int32" })',
    ],
    [() => tg.oneHot([0.5], 2), index],
    [() => tg.oneHot([0, 1], 2), `${index}; write tensor([0, 1], { dtype: "int32" })`],
    [
      () => tg.vjp(square, v, v),
      "vjp: options must be an object, got a tensor float32[2]; write vjp(f, [x]).vjp(cotangent)",
    ],
    [
      () => tg.std(v, { correction: 0 }),
      "std: axis must be an integer, or several in an array, got an object; options come after the axis: std(x, undefined, { correction: 0 })",
    ],
  ]);
});

describe("losses", () => {
  const logits: Anything = t.ones([3, 10]);
  refuses([
    [() => tg.mse([1, 2], v), "mse: the prediction must be a tensor, got an array; it comes before the target"],
    [() => tg.mse(v, undefined), "mse: the target must be a tensor, or numbers in arrays, got undefined"],
    [
      () => tg.mse(v, [[1], [2]]),
      "mse: shapes must be equal, got float32[2] and float32[2, 1]; write prediction.unsqueeze(1), or target.squeeze(1)",
    ],
    [
      () => tg.mse(t.ones([2, 1]), v),
      "mse: shapes must be equal, got float32[2, 1] and float32[2]; write target.unsqueeze(1), or prediction.squeeze(1)",
    ],
    [() => tg.mse(v, v, "sum"), 'mse: options must be an object, got "sum", a string; write { reduction: "sum" }'],
    [
      () => tg.mse(v, v, { size_average: false }),
      'mse: there is no such option, got size_average; write reduction: "mean" or "sum"',
    ],
    [() => tg.mse(v, v, { reduction: "avg" }), 'mse: reduction must be "mean", "sum" or "none", got "avg", a string'],
    [
      () => tg.klDiv(v, v, { reduction: "batchmean" }),
      'klDiv: reduction must be "batchMean", "mean", "sum" or "none", got "batchmean", a string; did you mean "batchMean"?',
    ],
    [
      () => tg.klDiv(v, v, { log_target: true }),
      "klDiv: there is no such option, got log_target; did you mean isLogTarget?",
    ],
    [
      () => tg.crossEntropy(logits, [0, 1, 2], { label_smoothing: 0.1 }),
      "crossEntropy: there is no such option, got label_smoothing; did you mean labelSmoothing?",
    ],
    [
      () => tg.crossEntropy(logits, [0, 1, 2], { ignore_index: -100 }),
      "crossEntropy: there is no such option, got ignore_index; did you mean ignoreIndex?",
    ],
    [
      () => tg.bceWithLogits(v, v, { pos_weight: v }),
      "bceWithLogits: there is no such option, got pos_weight; did you mean posWeight?",
    ],
    [
      () => tg.crossEntropy(logits, [0, 1, 10]),
      "crossEntropy: a class must be from 0 to 9, got 10 at sample 2 of the target; classes count from 0; the logits have 10",
    ],
    [
      () => tg.crossEntropy(logits, [0, -100, 1]),
      "crossEntropy: a class must be from 0 to 9, got -100 at sample 1 of the target; to leave such places out, pass { ignoreIndex: -100 }",
    ],
    [
      () => tg.crossEntropy(logits, [0, 1.5, 1]),
      "crossEntropy: a class must be a whole number, got 1.5 at sample 1 of the target; to predict numbers, use mse",
    ],
    [
      () => tg.crossEntropy(logits, t.tensor([0, 1, 2])),
      'crossEntropy: for logits [3, 10] the target must be classes, int32[3], or probabilities, float32[3, 10], got float32[3]; class indices must be int32: use target.to("int32")',
    ],
    [
      () => tg.nll(logits, t.tensor([0, 1.5, 2])),
      "nll: a class must be a whole number, got 1.5 at sample 1 of the target; to predict numbers, use mse",
    ],
    [
      () => tg.crossEntropy(logits, [0, 1, 2], { weight: [1, 2] }),
      "crossEntropy: the weight must be floating, of shape [10], got float32[2]",
    ],
    [() => tg.hinge(v, [1, 2]), "hinge: a target must be 1 or −1, got 2"],
  ]);
});

describe("gradients", () => {
  refuses([
    [() => square(leaf()).backward(true as Anything), "backward: the cotangent must be a tensor, got true"],
    [
      () => square(leaf()).backward({ createGraph: true } as Anything),
      "backward: the cotangent must be a tensor, got an object; options come second: backward(undefined, { createGraph: true })",
    ],
    [
      () => square(leaf()).backward(undefined, { retain_graph: true } as Anything),
      "backward: there is no such option, got retain_graph; nothing is freed: backward may run again",
    ],
    [() => leaf().registerHook(5), "registerHook: needs a function, got 5"],
    [
      () => tg.gradients(square(leaf()), leaf()),
      "gradients: inputs must be an array of tensors, got a tensor float32[2]; write gradients(y, [x])",
    ],
    [
      () => tg.grad(square, v),
      "grad: options must be an object, got a tensor float32[2]; it gives a function: write grad(f)(x)",
    ],
    [() => tg.grad(square)([1, 2]), "grad: input 0 must be a tensor, got an array; wrap values in tensor(…)"],
    [() => tg.grad(square)(places), "grad: input 0 must be floating, got int32[2]; cast it first"],
    [() => tg.grad(5), "grad: needs a function of tensors, got 5"],
    [
      () => tg.jvp(square, v, v),
      "jvp: inputs must be an array of tensors, got a tensor float32[2]; write jvp(f, [x], [v])",
    ],
    [() => tg.jvp(square, [v], [3]), "jvp: tangent 0 must be a tensor, got 3; wrap values in tensor(…)"],
    [() => tg.hvp(square, v, [1, 0]), "hvp: the vector must be a tensor, got an array; wrap values in tensor(…)"],
    [() => tg.noGrad(5), "noGrad: needs a function, got 5; write noGrad(() => …)"],
  ]);
});

describe("files and splits", () => {
  refuses([
    [
      () => decode(encode({ x: v }), { dtype: "float32" } as Anything),
      "decode: there is no such option, got dtype; write decode(bytes).get(name).to(dtype)",
    ],
    [
      () => trainTestSplit({ x, y: x }, { test_size: 0.5 } as Anything),
      "trainTestSplit: there is no such option, got test_size; did you mean testShare?",
    ],
    [
      () => trainTestSplit({ x, y: x }, { size: 0.5 } as Anything),
      "trainTestSplit: there is no such option, got size; did you mean testShare?",
    ],
    [
      () => trainTestSplit({ x, y: x }, { seed: 0 } as Anything),
      "trainTestSplit: there is no such option, got seed; write generator: new Generator(seed)",
    ],
  ]);
});

describe("states that are loaded, and files that are read", () => {
  const all = "all must fit: to load a part, write loadStateDict({ ...Object.fromEntries(x.stateDict()), ...part })";
  const adam: Anything = new t.Adam([leaf()]);
  const holders: readonly [string, Anything][] = [
    ["EMA", new t.EMA(new t.Linear(1, 1))],
    ["LBFGS", new t.LBFGS([leaf()])],
    ["Schedule", new t.Schedule(adam, t.cosine(3))],
    ["ReduceOnPlateau", new t.ReduceOnPlateau(adam)],
    ["Batches", batches({ x: [[1]], y: [1] })],
  ];
  test.each(holders)("%s takes a state and no options", (name, holder) => {
    expect(() => holder.loadStateDict(holder.stateDict(), { strict: false })).toThrow(
      `${name}.loadStateDict: takes a state and no options, got an object; ${all}`,
    );
  });

  const plateau: Anything = new t.ReduceOnPlateau(adam);
  const lbfgs: Anything = new t.LBFGS([leaf()]);
  const number = (value: number): t.Tensor => t.tensor(value, { dtype: "float64" });
  const edited = (holder: Anything, name: string, value: number): unknown =>
    new Map(holder.stateDict()).set(name, number(value));
  refuses([
    [
      () => plateau.loadStateDict(edited(plateau, "bad", -1)),
      "ReduceOnPlateau.loadStateDict: bad must be a whole number, 0 or more, got -1",
    ],
    [
      () => plateau.loadStateDict(edited(plateau, "cooldown", 0.5)),
      "ReduceOnPlateau.loadStateDict: cooldown must be a whole number, 0 or more, got 0.5",
    ],
    [
      () => plateau.loadStateDict(edited(plateau, "best", Number.NaN)),
      "ReduceOnPlateau.loadStateDict: best must be a number, got NaN",
    ],
    [
      () => lbfgs.loadStateDict(edited(lbfgs, "state.iterations", 0.5)),
      "LBFGS.loadStateDict: state.iterations must be a whole number, 0 or more, got 0.5",
    ],
    [
      () => lbfgs.loadStateDict(edited(lbfgs, "state.scale", Number.NaN)),
      "LBFGS.loadStateDict: state.scale must be finite, got NaN",
    ],
    [
      () => decodeMetadata("file.safetensors" as Anything),
      'decodeMetadata: needs bytes: a Uint8Array or an ArrayBuffer, got "file.safetensors", a string; read the file first: await readFile(path), or await response.arrayBuffer()',
    ],
    [
      () => decode(encode({}), { maxHeaderBytes: Number.NaN }),
      "decode: maxHeaderBytes must be a number, 0 or more, got NaN",
    ],
    [
      () => decode(encode({}), { onlyFinit: true } as Anything),
      "decode: there is no such option, got onlyFinit; did you mean onlyFinite?",
    ],
  ]);
});

describe("what would be ignored, or go wrong later", () => {
  const optimizer: Anything = new t.SGD([leaf()], { lr: 0.1 });
  const model: Anything = new t.Linear(2, 2);
  const all = "all must fit: to load a part, write loadStateDict({ ...Object.fromEntries(x.stateDict()), ...part })";
  refuses([
    [() => x.at(0, 1), "at: takes one index, got 2; write slice(0, 1)"],
    [
      () => {
        optimizer.groups[0].lr = "0.1";
      },
      'SGD: lr must be a finite number, 0 or more, got "0.1", a string',
    ],
    [
      () => optimizer.step(() => 1),
      "SGD: step takes no arguments, got a function; run backward before it; only LBFGS calls a function",
    ],
    [
      () => model.loadStateDict(model.stateDict(), { strict: false }),
      `Linear(2, 2).loadStateDict: takes a state and no options, got an object; ${all}`,
    ],
    [
      () => optimizer.loadStateDict(optimizer.stateDict(), { strict: false }),
      `SGD.loadStateDict: takes a state and no options, got an object; ${all}`,
    ],
    [
      () => {
        model.training = "no";
      },
      'Layer.training: must be a boolean, got "no", a string; write true or false',
    ],
    [
      () => {
        leaf().requiresGrad = "yes";
      },
      'requiresGrad: must be a boolean, got "yes", a string; write true or false',
    ],
    [() => model.train("x"), 'train: takes true, false or nothing, got "x", a string'],
    [
      () => t.bce(t.tensor([0.5, 0.5]), [0, 2]),
      "bce: a target must be from 0 to 1, got 2 at [1]; for more than two classes, use crossEntropy; for labels of -1 and 1, write (target + 1) / 2",
    ],
    [
      () => t.bce(t.tensor([0.5]), t.tensor([-1], { dtype: "int32" })),
      "bce: a target must be from 0 to 1, got -1 at [0]; for more than two classes, use crossEntropy; for labels of -1 and 1, write (target + 1) / 2",
    ],
  ]);

  test("a group's rate is set by a number", () => {
    const two = new t.SGD([{ params: [leaf()] }, { params: [leaf()] }], { lr: 0.1 });
    const held = two.groups[1]!.lr;
    two.groups[1]!.lr = 0.5;
    expect([two.lr, held.item(), two.groups[1]!.lr === held]).toEqual([0.1, 0.5, true]);
    two.lr = 0.25;
    expect(held.item()).toBe(0.25);
  });
});
