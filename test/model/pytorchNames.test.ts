import { expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
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

test("names do not come from those of classes, which minifiers change", () => {
  const minified = Object.defineProperty(T.LSTM, "name", { value: "a" });
  expect([...pytorchStateDict(new minified(2, 3)).keys()][0]).toBe("weight_ih_l0");
});

test("results of run are plain objects, to compiled functions and to tests", () => {
  const layer = new T.LSTM(2, 3);
  const x = T.ones([1, 2, 2]);
  const run = compile((y: T.Tensor) => ({ ...layer.run(y) }) as { readonly output: T.Tensor });
  expect(run(x).output.shape).toEqual([1, 2, 3]);
  const whole = compile(((y: T.Tensor) => layer.run(y)) as never) as unknown as (y: T.Tensor) => T.Recurrent;
  expect(whole(x).output.shape).toEqual([1, 2, 3]);
  expect(Reflect.ownKeys(layer.run(x))).toEqual(["output", "state"]);
});
