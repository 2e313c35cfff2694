import { expect, test } from "vitest";
import * as T from "../../src/index.ts";
import { decodeModel, encodeModel, loadPytorchStateDict, pytorchStateDict } from "../../src/model/index.ts";

// Loading PyTorch's own states is in test/nn/stepForStep.test.ts.

class Softened extends T.BatchNorm1d {}
class Deep extends T.LSTM {
  override describe(): string {
    return "Deep";
  }
}
class Deeper extends Deep {}
class Encoder extends T.TransformerEncoderLayer {}
class Chain extends T.Sequential {}

test.each<[T.Layer, T.Layer]>([
  [new Softened(2), new T.BatchNorm1d(2)],
  [new Deep(2, 3), new T.LSTM(2, 3)],
  [new Deeper(2, 3, { bidirectional: true, layers: 2 }), new T.LSTM(2, 3, { bidirectional: true, layers: 2 })],
  [new Encoder(4, 2, { hidden: 3 }), new T.TransformerEncoderLayer(4, 2, { hidden: 3 })],
  [new Chain(new T.Linear(2, 3), new Softened(3)), new T.Sequential(new T.Linear(2, 3), new T.BatchNorm1d(3))],
])("a class that extends one of the library has its names in PyTorch: %s", (own, plain) => {
  const there = pytorchStateDict(plain);
  expect([...pytorchStateDict(own).keys()]).toEqual([...there.keys()]);
  loadPytorchStateDict(own, there);
  for (const [name, x] of pytorchStateDict(own)) expect(x.toArray()).toEqual(there.get(name)!.toArray());
});

test("fields of a class of one's own are in snake case", () => {
  class Own extends T.Layer {
    weightOf = T.ones([2], { requiresGrad: true });
    override forward(x: T.Tensor): T.Tensor {
      return x.mul(this.weightOf);
    }
  }
  expect([...pytorchStateDict(new Own()).keys()]).toEqual(["weight_of"]);
});

test("an affine LayerNorm may go without a bias, as PyTorch's", () => {
  const layer = new T.LayerNorm(3, { bias: false });
  expect([...layer.stateDict().keys()]).toEqual(["weight"]);
  expect([...decodeModel(encodeModel(layer)).stateDict().keys()]).toEqual(["weight"]);
  expect(() => new T.LayerNorm(3, { bias: true, affine: false })).toThrow(
    "LayerNorm: affine: false has no bias, got bias: true; leave out one of them",
  );
});
