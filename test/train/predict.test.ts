import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import {
  BatchNorm1d,
  Dropout,
  Embedding,
  Generator,
  Layer,
  Linear,
  manualSeed,
  mlp,
  noGrad,
  randn,
  relu,
  Sequential,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.ts";
import { batches, classes, predict, TensorDataset } from "../../src/train/index.ts";

const modesOf = (model: Sequential): boolean[] => [model.training, ...model.layers.map(({ training }) => training)];
const x = randn([10, 3], { generator: new Generator(2) });

describe("predict", () => {
  test("gives what the model gives out of training, whatever the size of batches", () => {
    manualSeed(1);
    const model = new Sequential(new Linear(3, 5), new BatchNorm1d(5), relu, new Dropout(0.5), new Linear(5, 2));
    model.layers[3]!.eval();
    const before = modesOf(model);
    const wanted = noGrad(() => model.eval().forward(x)).toArray();
    model.train();
    model.layers[3]!.eval();
    const statistics = model.stateDict();
    for (const batchSize of [1, 3, 10, 256, undefined]) {
      const y = predict(model, x, batchSize === undefined ? {} : { batchSize });
      expect(y.toArray()).toEqual(wanted);
      expect([y.op, y.requiresGrad]).toEqual([null, false]);
    }
    expect(modesOf(model)).toEqual(before);
    for (const [name, value] of model.stateDict()) expect(value.toArray()).toEqual(statistics.get(name)!.toArray());
  });

  test("compiled, runs the model for each size of batch only, and later calls use that again", () => {
    let calls = 0;
    const model = new Sequential(new Linear(3, 5), new Dropout(0.5), relu, (z) => {
      calls++;
      return z;
    });
    const wanted = predict(model, x, { batchSize: 4 }).toArray() as number[][];
    const closeTo = (y: Tensor): void =>
      (y.toArray() as number[][]).flat().forEach((v, i) => expect(v).toBeCloseTo(wanted.flat()[i]!, 5));
    calls = 0;
    for (let i = 0; i < 3; i++) closeTo(predict(model, x, { batchSize: 4, compile }));
    expect(calls).toBe(4); // of 4 samples and of 2, each twice
    const [first] = model.layers as unknown as [Linear];
    noGrad(() => first.weight.assign(first.weight.mul(2)));
    const moved = predict(model, x).toArray() as number[][];
    const again = predict(model, x, { compile }).toArray() as number[][];
    again.flat().forEach((v, i) => expect(v).toBeCloseTo(moved.flat()[i]!, 5));
    expect(model.training).toBe(true);
    expect(() => predict(new Sequential((z) => z.sum()), x, { compile })).toThrow(
      "predict: the model must return a row for each sample, got float32[] for float32[10, 3]",
    );
    expect(() => predict(model, x, { compile: true } as never)).toThrow(
      "predict: compile must be a function, got true",
    );
  });

  test("takes batches no larger than it was told", () => {
    const sizes: number[] = [];
    const model = new Sequential((z) => {
      sizes.push(z.shape[0]!);
      return z;
    });
    predict(model, zeros([10, 1]), { batchSize: 4 });
    predict(model, zeros([300, 1]));
    expect(sizes).toEqual([4, 4, 2, 256, 44]);
  });

  test("takes tensors, arrays, typed rows and datasets", () => {
    const model = new Linear(2, 1);
    const rows = [
      [1, 2],
      [3, 4],
    ];
    const wanted = model.forward(tensor(rows)).toArray();
    const data = new TensorDataset(rows, [0, 1]);
    for (const given of [tensor(rows), rows, rows.map((row) => Uint8Array.from(row)), data, batches(data).dataset]) {
      expect(predict(model, given).toArray()).toEqual(wanted);
    }
    const words = new Embedding(5, 2);
    expect(predict(words, tensor([1, 4], { dtype: "int32" })).shape).toEqual([2, 2]);
  });

  test("gives rows of any shape, and none for none", () => {
    expect(predict(new Sequential((z) => z.reshape(-1, 3, 1)), x, { batchSize: 4 }).shape).toEqual([10, 3, 1]);
    expect(predict(new Sequential((z) => z.sum(1)), x, { batchSize: 4 }).shape).toEqual([10]);
    expect(predict(new Sequential((z) => z.argmax(1)), x, { batchSize: 4 }).dtype).toBe("int32");
    expect(predict(mlp([3, 4, 2]), zeros([0, 3])).shape).toEqual([0, 2]);
  });

  test("gives a tensor of its own, also of a model that returns its input", () => {
    const y = predict(new Sequential((z) => z), x);
    expect(y).not.toBe(x);
    expect(y.toArray()).toEqual(x.toArray());
  });

  test("puts modes and recording back after an error", () => {
    class Fails extends Layer {
      calls = 0;
      forward(z: Tensor): Tensor {
        if (++this.calls > 1) throw new RangeError("no");
        return z;
      }
    }
    const model = new Sequential(new Dropout(0.5), new Fails());
    model.layers[1]!.eval();
    expect(() => predict(model, x, { batchSize: 4 })).toThrow(RangeError);
    expect(modesOf(model)).toEqual([true, true, false]);
    expect(tensor(1, { requiresGrad: true }).mul(2).op).not.toBeNull();
  });

  test("may stand in a callback: what is being trained goes on in training", () => {
    const model = new Sequential(new Dropout(0.5)).train();
    predict(model, x);
    expect(modesOf(model)).toEqual([true, true]);
  });
});

describe("classes", () => {
  test("are the places of the largest scores, as int32", () => {
    const found = classes(
      tensor([
        [0.1, 3, -1],
        [2, 2, 1],
      ]),
    );
    expect([found.dtype, found.toArray()]).toEqual(["int32", [1, 0]]);
    expect(
      classes([
        [0.1, 3],
        [2, 0],
      ]).toArray(),
    ).toEqual([1, 0]);
    expect(classes(zeros([2, 4, 3])).shape).toEqual([2, 4]);
    expect(classes(zeros([0, 3])).shape).toEqual([0]);
    expect(
      classes([
        [Number.NEGATIVE_INFINITY, -1],
        [Number.POSITIVE_INFINITY, 3],
      ]).toArray(),
    ).toEqual([1, 0]);
    expect(classes([[1e300, 1.5e300]]).toArray()).toEqual([1]);
  });

  test("of one number are 1 above the threshold", () => {
    for (const given of [
      [[-1], [0], [0.3]],
      [-1, 0, 0.3],
    ]) {
      expect(classes(given, { threshold: 0 }).toArray()).toEqual([0, 0, 1]);
      expect(classes(tensor(given), { threshold: -0.5 }).toArray()).toEqual([0, 1, 1]);
    }
    expect(classes([[0.2], [0.8]], { threshold: 0.5 }).dtype).toBe("int32");
  });
});
