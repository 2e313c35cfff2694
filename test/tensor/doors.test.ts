import { describe, expect, test } from "vitest";
import {
  Adam,
  add,
  Linear,
  matmul,
  max,
  mean,
  mse,
  mul,
  neg,
  reshape,
  type Shape,
  sub,
  sum,
  type Tensor,
  TinygradError,
  tensor,
} from "../../src/index.ts";

// What plain JavaScript may hand in where a tensor, a shape or options belong: refused at the door, with a typed error.

const wrong = [1, 2] as unknown as Tensor;
const leaf = () => tensor([1, 2], { requiresGrad: true });

describe("no tensors", () => {
  test.each<[string, () => unknown, string]>([
    ["sum", () => sum(wrong), "sum: input 0 must be a tensor, got an array; wrap values in tensor(…)"],
    ["mean", () => mean(wrong), "mean: input 0 must be a tensor"],
    ["max", () => max(wrong), "max: input 0 must be a tensor"],
    ["matmul", () => matmul(tensor([1, 2]), wrong), "matmul: input 1 must be a tensor"],
    [
      "mse",
      () => mse(wrong, tensor([1, 2])),
      "mse: the prediction must be a tensor, got an array; it comes before the target",
    ],
    [
      "Linear",
      () => new Linear(2, 2).forward(wrong),
      "Linear(2, 2): x must be a tensor, got an array; wrap values in tensor(…)",
    ],
    ["a cotangent", () => leaf().mul(2).backward(wrong), "backward: the cotangent must be a tensor, got an array"],
    [
      "a grad",
      () => {
        leaf().grad = wrong;
      },
      "grad: input 0 must be a tensor",
    ],
    [
      "what a hook returns",
      () => {
        const x = leaf();
        x.registerHook(() => wrong);
        x.sum().backward();
      },
      "hook: input 0 must be a tensor",
    ],
  ])("%s", (_, call, text) => {
    expect(call).toThrow(TinygradError);
    expect(call).toThrow(text);
  });
});

describe("no shapes, axes or options", () => {
  test.each<[string, () => unknown, string]>([
    [
      "a size for a shape",
      () => reshape(tensor([1]), 1 as unknown as Shape),
      "reshape: a shape is an array of whole numbers, 0 or more, got 1",
    ],
    [
      "no shape",
      () => reshape(tensor([1]), undefined as unknown as Shape),
      "reshape: a shape is an array of whole numbers, 0 or more",
    ],
    ["a name for an axis", () => sum(tensor([1]), "rows" as unknown as number), "sum: axis must be an integer"],
  ])("%s", (_, call, text) => {
    expect(call).toThrow(TinygradError);
    expect(call).toThrow(text);
  });

  test("null for options is refused", () => {
    expect(() => new Adam([leaf()], null as unknown as object)).toThrow("Adam: options must be an object, got null");
  });
});

test("arithmetic on bools counts in int32, where −1 and 2 have room", () => {
  const mask = tensor([true, false]);
  expect([add(mask, mask), sub(mask, 1), mul(mask, mask), neg(mask)].map((x) => x.dtype)).toEqual(
    new Array(4).fill("int32"),
  );
  expect([add(mask, mask).toArray(), sub(tensor([false]), tensor([true])).toArray(), neg(mask).toArray()]).toEqual([
    [2, 0],
    [-1],
    [-1, 0],
  ]);
});
