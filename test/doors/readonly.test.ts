import { describe, expect, test } from "vitest";
import * as t from "../../src/index.ts";
import { batches, TensorDataset } from "../../src/train/index.ts";

// What TypeScript calls readonly, plain JavaScript may set: that is refused.

// biome-ignore lint/suspicious/noExplicitAny: writes that TypeScript refuses
type Anything = any;
const leaf = (): t.Tensor => t.tensor([1, 2], { requiresGrad: true });

/** Writes in a way that is refused, or that is without effect on the tensor: to the copy that a getter gives. */
function write(change: () => void): void {
  try {
    change();
  } catch (error) {
    expect(error).toBeInstanceOf(t.ValueError);
  }
}

describe("a tensor keeps its shape and dtype", () => {
  test.each<[string, (x: Anything) => void]>([
    ["an axis", (x) => { x.shape[0] = 9; }], // biome-ignore format: one line
    ["another axis", (x) => { x.shape.push(1); }], // biome-ignore format: one line
    ["the shape", (x) => { x.shape = [1, 2]; }], // biome-ignore format: one line
    ["the dtype", (x) => { x.dtype = "int32"; }], // biome-ignore format: one line
    ["the values", (x) => { x.data[0] = 9; }], // biome-ignore format: one line
  ])("whoever writes %s", (_, change) => {
    const x: Anything = t.tensor([[1, 2]]);
    const same = x.mul(1); // which shares the shape
    write(() => change(x));
    expect([x.toString(), same.toString(), x.add(same).toString()]).toEqual([
      "float32[1, 2] [[1, 2]]",
      "float32[1, 2] [[1, 2]]",
      "float32[1, 2] [[2, 4]]",
    ]);
  });
});

describe("an optimizer keeps its parameters", () => {
  test.each<[string, () => Anything]>([
    ["SGD", () => new t.SGD([leaf()], { lr: 0.5 })],
    ["LBFGS", () => new t.LBFGS([leaf()])],
  ])("%s", (_, make) => {
    const optimizer = make();
    const { groups } = optimizer;
    const before = optimizer.toString();
    for (const change of [
      () => { optimizer.groups = []; }, // biome-ignore format: one line
      () => { groups[0] = { params: [] }; }, // biome-ignore format: one line
      () => { groups[0].params = []; }, // biome-ignore format: one line
      () => { groups[0].weightDecay = "0.1"; }, // biome-ignore format: one line
      () => groups.push({ params: [] }),
      () => groups[0].params.push(leaf()),
    ]) {
      expect(change).toThrow(); // by the library, where a setter can be, and else by the engine
    }
    expect([optimizer.toString(), optimizer.groups === groups, groups.length]).toEqual([before, true, 1]);
  });

  test("a group's rate is still set", () => {
    const optimizer: Anything = new t.Adam([leaf()]);
    optimizer.groups[0].lr = 0.25;
    expect(optimizer.lr).toBe(0.25);
  });
});

test("data keep their tensors", () => {
  const data: Anything = new TensorDataset([[1], [2]], [0, 1]);
  const loader: Anything = batches(data, { batchSize: 1 });
  for (const change of [
    () => { data.tensors = []; }, // biome-ignore format: one line
    () => { data.tensors[0] = t.zeros([3, 1]); }, // biome-ignore format: one line
    () => { data.size = 3; }, // biome-ignore format: one line
    () => { loader.dataset = null; }, // biome-ignore format: one line
    () => { loader.length = 9; }, // biome-ignore format: one line
  ]) {
    expect(change).toThrow(); // by the library, where a setter can be, and else by the engine
  }
  expect([String(data), String(loader)]).toEqual([
    "TensorDataset(2 samples: float32[2, 1], int32[2])",
    "Batches(2 samples, 2 batches of 1)",
  ]);
});

test("what structuredClone left of a tensor is still told", () => {
  expect(() => t.relu(structuredClone(leaf()))).toThrow(
    "relu: input 0 must be a tensor, got what postMessage, structuredClone or JSON left of a tensor (send its data and shape)",
  );
});
