import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import * as t from "../../src/index.ts";
import { batches, TensorDataset } from "../../src/train/index.ts";

// What other libraries call a property is refused, set or read, with the name here: set, it would be ignored without a word. And what is only to be read refuses to be set, also in
// programs that are no modules, where JavaScript says nothing.

// biome-ignore lint/suspicious/noExplicitAny: writes that TypeScript refuses
type Anything = any;
const leaf = (): Anything => t.tensor([1, 2], { requiresGrad: true });
const sgd = (): Anything => new t.SGD([leaf()], { lr: 1, momentum: 0.9 });
const data = (): Anything => new TensorDataset([[1]], [1]);
const freezing = "write freeze(layer), or unfreeze(layer)";
const only = "only lr can be set; for other settings or parameters, make another optimizer";

describe.each<[string, () => Anything, readonly (readonly [name: string, hint: string])[]]>([
  [
    "a tensor",
    leaf,
    [
      ["requires_grad", "write requiresGrad"],
      ["trainable", "write requiresGrad"],
      ["ndim", "write rank"],
      ["length", "write shape[0], or size"],
      ...[-2, -1, 0, 1, 2, 9].map((i) => [`${i}`, `write x.at(${i}), or x.assign(…)`] as const),
      ["indices", "write argmax(x, axis), or argmin"],
    ],
  ],
  [
    "a layer",
    () => new t.Linear(2, 2),
    [
      ["requires_grad", freezing],
      ["requiresGrad", freezing],
      ["trainable", freezing],
    ],
  ],
  ["a Dropout", () => new t.Dropout(0.5), [["rate", "write p"]]],
  ["an AlphaDropout", () => new t.AlphaDropout(0.5), [["rate", "write p"]]],
  [
    "an optimizer",
    sgd,
    [
      ["learningRate", "write lr"],
      ["learning_rate", "write lr"],
      ["param_groups", "write groups"],
      ["momentum", `it is in groups[0], and ${only}`],
      ["weightDecay", `it is in groups[0], and ${only}`],
    ],
  ],
  ["LBFGS", () => new t.LBFGS([leaf()]), [["learningRate", "write lr"]]],
  ["a generator", () => new t.Generator(1), [["seed", "write new Generator(seed)"]]],
  ["a dataset", data, [["length", "write size"]]],
])("%s", (_, make, rows) => {
  test.each(rows)("%s", (name, hint) => {
    const x = make();
    const message = `${name}: there is no such property; ${hint}`;
    expect(() => x[name]).toThrow(new t.ValueError(name, "there is no such property", "", hint));
    expect(() => {
      x[name] = false;
    }).toThrow(message);
    expect(() => new Function("x", `x["${name}"] = false`)(x)).toThrow(message); // not in strict mode
    expect(Object.keys(x)).not.toContain(name);
    expect(`${JSON.stringify(x)}${inspect(x)}`).not.toContain(`${name}:`);
  });
});

describe("what is only to be read", () => {
  test.each<[name: string, make: () => Anything, hint: string]>([
    ["data", leaf, "use x.assign(…)"],
    ["values", leaf, "use x.assign(…)"],
    ["shape", leaf, "use x.reshape(…)"],
    ["rank", leaf, "use x.reshape(…)"],
    ["size", leaf, "use x.reshape(…)"],
    ["dtype", leaf, "use x.to(…)"],
    ["groups", sgd, only],
    ["state", sgd, "use loadStateDict(…)"],
    ["weightDecay", () => sgd().groups[0], only],
    ["params", () => sgd().groups[0], only],
    ["groups", () => new t.LBFGS([leaf()]), "make another optimizer"],
    ["params", () => new t.LBFGS([leaf()]).groups[0], only],
    ["size", data, "write new TensorDataset(x, y)"],
    ["tensors", data, "write new TensorDataset(x, y)"],
    ["dataset", () => batches(data(), {}), "write batches(data, options) for others"],
    ["length", () => batches(data(), {}), "write batches(data, options) for others"],
  ])("%s", (name, make, hint) => {
    const x = make();
    const before = x[name];
    expect(() => new Function("x", `x.${name} = [3]`)(x)).toThrow(new t.ValueError(name, "cannot be set", "", hint));
    expect(x[name]).toEqual(before);
  });

  test.each<[name: string, list: (optimizer: Anything) => Anything]>([
    ["groups", ({ groups }) => groups],
    ["params", ({ groups }) => groups[0].params],
  ])("%s are not added to", (name, list) => {
    for (const optimizer of [sgd(), new t.LBFGS([leaf()])]) {
      expect(() => list(optimizer).push({ params: [leaf()] })).toThrow(
        new t.ValueError(name, "cannot be set", "", only),
      );
      expect(list(optimizer)).toHaveLength(1);
    }
  });
});

test("a class of one's own may have a field of such a name", () => {
  class Own extends t.Layer {
    trainable = 3;
    forward(x: t.Tensor): t.Tensor {
      return x.mul(this.trainable);
    }
  }
  expect(new Own().forward(t.tensor(2)).item()).toBe(6);
});
