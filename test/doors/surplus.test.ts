import { describe, expect, test } from "vitest";
import * as t from "../../src/index.ts";
import { kinds } from "../model/kinds.ts";

// An argument beyond those that a function takes is refused: ignored, it would leave a wrong answer.

// biome-ignore lint/suspicious/noExplicitAny: calls that TypeScript refuses
type Anything = any;
const tg = t as Anything;
const x: Anything = t.tensor([[1, 2], [3, 4]]); // biome-ignore format: a matrix
const extras = [{ alpha: 10 }, {}, 2, 0, x, "float64", true, null];

const one = (
  "abs ceil cos erf exp expm1 floor hardswish log log1p logicalNot mish neg onesLike relu round rsqrt selu sigmoid sign silu sin " +
  "softplus softsign sqrt tanh zerosLike"
).split(" ");
const two = "add div eq ge gt le logicalAnd logicalOr logicalXor lt maximum minimum mul ne pow sub".split(" ");

describe("functions", () => {
  test.each(one)("%s takes one argument", (op) => {
    for (const extra of extras) expect(() => tg[op](x, extra)).toThrow(new RegExp(`^${op}: takes no argument 2, got `));
    expect([x, x].map(tg[op])).toHaveLength(2);
    expect(tg[op](x, undefined).shape).toEqual([2, 2]);
  });

  test.each(two)("%s takes two arguments", (op) => {
    for (const extra of extras) expect(() => tg[op](x, x, extra)).toThrow(`${op}: takes no argument 3, got `);
    expect([x, x].reduce(tg[op]).shape).toEqual([2, 2]);
    expect(() => [x, x].map(tg[op])).toThrow(`got an array; map passes the index, too: write xs.map((x) => ${op}(x))`);
  });

  test.each("celu cumsum elu flatten leakyRelu logSoftmax softmax squeeze unsqueeze".split(" "))("map(%s)", (op) => {
    expect(() => [x, x].map(tg[op])).toThrow(t.TinygradError);
  });
});

test("methods", () => {
  const methods = Object.getPrototypeOf(t.Tensor.prototype) as object;
  const isOpen = /^(constructor|reshape|expand|permute|slice|at|pipe|toString)$/;
  for (const name of Object.getOwnPropertyNames(methods)) {
    const method: unknown = Object.getOwnPropertyDescriptor(methods, name)!.value;
    if (isOpen.test(name) || typeof method !== "function") continue;
    const { length } = String(method)
      .match(/\((.*?)\)/s)![1]!
      .split(",")
      .filter((name) => name.trim() !== "");
    const args = [...Array.from({ length }), 3];
    expect(() => x[name](...args), name).toThrow(`${name}: takes no argument ${length + 1}, got 3`);
  }
});

test.each<[call: () => unknown, message: string]>([
  [
    () => tg.add(x, x, { alpha: 10 }),
    "add: takes no argument 3, got an object; to scale b, write add(a, mul(b, alpha))",
  ],
  [
    () => tg.sub(x, 1, { alpha: 2 }),
    "sub: takes no argument 3, got an object; to scale b, write sub(a, mul(b, alpha))",
  ],
  [
    () => tg.softplus(x, 2),
    "softplus: takes no argument 2, got 2; for a beta, write div(softplus(mul(x, beta)), beta)",
  ],
  [() => tg.round(x, 2), "round: takes no argument 2, got 2; leave it out"],
  [
    () => tg.zerosLike(x, { dtype: "int32" }),
    "zerosLike: takes no argument 2, got an object; it takes x's dtype and no gradient: write zerosLike(…).to(dtype)",
  ],
  [
    () => tg.fullLike(x, 1, {}),
    "fullLike: takes no argument 3, got an object; it takes x's dtype and no gradient: write fullLike(…).to(dtype)",
  ],
  [() => tg.maximum(x, x, x), "maximum: takes no argument 3, got a tensor float32[2, 2]; leave it out"],
  [() => x.mul(2, 3), "mul: takes no argument 2, got 3; leave it out"],
  [() => tg.stack([x, x], 0, {}), "stack: takes no argument 3, got an object; leave it out"],
  [() => tg.transpose(x, 0, 1, 2), "transpose: takes no argument 4, got 2; leave it out"],
  [() => x.to("int32", "float64"), 'to: takes no argument 2, got "float64", a string; leave it out'],
  [() => tg.reshape(x, [4], { order: "F" }), "reshape: takes no argument 3, got an object; leave it out"],
  [
    () => [x, x].map(t.softmax),
    "softmax: takes no argument 3, got an array; map passes the index, too: write xs.map((x) => softmax(x))",
  ],
])("%s", (call, message) => {
  expect(call).toThrow(t.ValueError);
  expect(call).toThrow(new RegExp(`^${message.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`));
});

test.each([1, 2, 3])("convolutions along %d axes take their options third", (axes) => {
  const [x, weight] = [t.ones([1, 1, 4, 4, 4].slice(0, axes + 2)), t.ones([1, 1, 3, 3, 3].slice(0, axes + 2))];
  for (const op of [`conv${axes}d`, `convTranspose${axes}d`]) {
    const message = `${op}: takes no argument 4, got an object; options come third, and the bias is one of them: write ${op}(x, weight, { bias, padding: 1 })`;
    expect(() => tg[op](x, weight, undefined, { padding: 1 })).toThrow(message);
    expect(() => tg[op](x, weight, {}, 1)).toThrow(t.ValueError);
    expect(tg[op](x, weight, { padding: 1 }, undefined).shape).toEqual(tg[op](x, weight, { padding: 1 }).shape);
  }
});

test.each<[call: () => unknown, message: string]>([
  [() => tg.pad(x, [[1, 1]], 0, "reflect"), "pad: takes no argument 4"],
  [() => tg.layerNorm(x, 2, undefined, x), "layerNorm: takes no argument 4"],
  [() => tg.dropout(x, 0.5, undefined, { training: false }), "dropout: takes no argument 4, got an object"],
  [
    () => tg.crossEntropy(x, t.tensor([0, 1], { dtype: "int32" }), undefined, x),
    "crossEntropy: takes no argument 4, got a tensor",
  ],
  [() => tg.alphaDropout(x, 0.5, undefined, { training: false }), "alphaDropout: takes no argument 4, got an object"],
])("%s", (call, message) => {
  expect(call).toThrow(t.ValueError);
  expect(call).toThrow(message);
});

const shape = "a shape is an array of whole numbers, 0 or more";
test.each<[call: () => unknown, message: string]>([
  [
    () => tg.normal(0, 1, [2]),
    `normal: ${shape}, got 0; the shape comes first: write normal([2, 3], { mean: 0, std: 1 })`,
  ],
  [
    () => tg.uniform(-1, 1),
    `uniform: ${shape}, got -1; the shape comes first: write uniform([2, 3], { low: -1, high: 1 })`,
  ],
  [
    () => tg.pad(x, [[1, 1]], { value: 0 }),
    'pad: the value must be a number, or "reflect", "replicate" or "circular", got an object; write pad(x, widths, 0)',
  ],
])("the hint is a call that works: %s", (call, message) => {
  expect(call).toThrow(t.TinygradError);
  expect(call).toThrow(new RegExp(`^${message.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`));
});

// As PyTorch writes them: what stands in place of the options is told first, since it says what to write.
test.each<[call: () => unknown, message: string]>([
  [() => new tg.LayerNorm(2, 1e-5, false), "LayerNorm: options must be an object, got 0.00001; write { eps: 0.00001 }"],
  [() => new tg.Dropout(0.5, true, 1), "Dropout: options must be an object, got true"],
  [() => tg.linear(x, x, null, x), "linear: takes no argument 4, got a tensor float32[2, 2]; leave it out"],
  [() => tg.mse(x, x, {}, x), "mse: takes no argument 4, got a tensor float32[2, 2]; leave it out"],
  [() => tg.huber(x, x, "sum", 1), 'huber: options must be an object, got "sum", a string; write { reduction: "sum" }'],
  [() => new tg.Dropout(0.5).forward(x, true), "Dropout: takes no argument 2, got true; leave it out"],
])("%s", (call, message) => {
  expect(call).toThrow(t.ValueError);
  expect(call).toThrow(message);
});

const line = (): Anything => new t.Linear(2, 3);
const sgd = (): Anything => new t.SGD(line().parameters(), { lr: 1 });
const plateau = (): Anything => new t.ReduceOnPlateau(sgd());

// Methods of layers, optimizers and so on that PyTorch's take more, as `schedule.step(epoch)` does, or `optimizer.zero_grad(set_to_none)`.
test.each<[name: string, call: () => unknown]>([
  ["parameters", () => line().parameters(false)],
  ["namedParameters", () => line().namedParameters("p.")],
  ["namedBuffers", () => line().namedBuffers("p.")],
  ["stateDict", () => line().stateDict("p.")],
  ["StandardScaler(2).fit", () => (new t.StandardScaler(2) as Anything).fit(x, x)],
  ["MinMaxScaler(2).inverse", () => (new t.MinMaxScaler(2) as Anything).inverse(x, true)],
  ["train", () => line().train(true, 1)],
  ["eval", () => line().eval(true)],
  ["zeroGrad", () => sgd().zeroGrad({ setToNone: false })],
  ["stateDict", () => sgd().stateDict(1)],
  ["LBFGS.zeroGrad", () => (new t.LBFGS(line().parameters()) as Anything).zeroGrad(false)],
  ["LBFGS.step", () => (new t.LBFGS(line().parameters()) as Anything).step(() => x.sum(), 1)],
  ["EMA.update", () => (new t.EMA(line()) as Anything).update(line())],
  ["ReduceOnPlateau.step", () => plateau().step(1, 2)],
  ["Schedule.step", () => (new t.Schedule(sgd(), t.cosine(4)) as Anything).step(3)],
  ["item", () => t.tensor(1).item(...([0] as unknown as []))],
  ["assign", () => t.zeros([2, 2]).assign(x, ...([true] as unknown as []))],
  [
    "backward",
    () =>
      t
        .tensor(1, { requiresGrad: true })
        .mul(2)
        .backward(undefined, {}, ...([true] as unknown as [])),
  ],
  ["split", () => new t.Generator(1).split(...([3] as unknown as []))],
  ["LSTM(2, 3)", () => (new t.LSTM(2, 3) as Anything).forward(t.zeros([1, 1, 2]), {}, 1)],
  ["GRU(2, 3)", () => (new t.GRU(2, 3) as Anything).run(t.zeros([1, 1, 2]), undefined, {}, 1)],
  ["LSTMCell(2, 3)", () => (new t.LSTMCell(2, 3) as Anything).forward(t.zeros([1, 2]), undefined, 1)],
])("%s takes no more", (name, call) => {
  expect(call).toThrow(`${name}: takes no argument `);
});

test.each(Object.entries(kinds))("forward of %s takes no more", (_, [layer, x]) => {
  // Some take options, or masks, behind x.
  expect(() => (layer as Anything).forward(x, {}, {}, {}, {}, {})).toThrow(/takes no argument [2-5], got /);
});
