import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import {
  Adam,
  bce,
  bceWithLogits,
  crossEntropy,
  Generator,
  huber,
  type Layer,
  Linear,
  l1,
  MinMaxScaler,
  manualSeed,
  mlp,
  mse,
  SGD,
  StandardScaler,
  setDefaultDtype,
  sigmoid,
  Tensor,
  type TensorLike,
  tensor,
  zeros,
} from "../../src/index.ts";
import {
  accuracy,
  auc,
  type Batch,
  batches,
  confusionMatrix,
  convergence,
  f1,
  fit,
  type Loss,
  mae,
  precision,
  r2,
  recall,
  rmse,
  TensorDataset,
  topKAccuracy,
  trainTestSplit,
} from "../../src/train/index.ts";
import { valuesOf } from "../support/values.ts";

const kinds = (data: TensorDataset): string[] => data.tensors.map(({ dtype, shape }) => `${dtype}[${shape}]`);
const big = 2 ** 40;

describe("arrays in a dataset", () => {
  test.each<[inputs: TensorLike, kind: string]>([
    [[[1, 2]], "float32[1,2]"],
    [[[true, false]], "float32[1,2]"],
    [[7], "float32[1]"],
    [new Float32Array(2), "float32[2]"],
    [new Float64Array(2), "float64[2]"],
    [[new Float64Array(2)], "float64[1,2]"],
    [new Uint8ClampedArray([255]), "float32[1]"],
    [[new Uint8Array([255])], "float32[1,1]"],
    [new Int32Array(2), "float32[2]"],
    [BigInt64Array.of(5n), "float32[1]"],
    [tensor([[3]], { dtype: "int32" }), "int32[1,1]"],
    [[[[[1]]]], "float32[1,1,1,1]"],
    [[], "float32[0]"],
  ])("as inputs are floating: %o is %s", (inputs, kind) => {
    const size = inputs instanceof Tensor ? inputs.size : (inputs as ArrayLike<unknown>).length;
    expect(kinds(new TensorDataset(inputs, zeros([size])))[0]).toBe(kind);
  });

  test.each<[targets: TensorLike, kind: string, values: number[]]>([
    [[0, 2], "int32[2]", [0, 2]],
    [[true, false], "int32[2]", [1, 0]],
    [[-(2 ** 31), 2 ** 31 - 1], "int32[2]", [-(2 ** 31), 2 ** 31 - 1]],
    [[big, 1], "float64[2]", [big, 1]],
    [[0.5, 1], "float32[2]", [0.5, 1]],
    [[big, 0.5], "float32[2]", [big, 0.5]],
    [[Number.NaN, 1], "float32[2]", [Number.NaN, 1]],
    [[[1], [0]], "int32[2,1]", [1, 0]],
    [new Uint8Array([3, 4]), "int32[2]", [3, 4]],
    [new Uint32Array([2 ** 32 - 1, 1]), "float64[2]", [2 ** 32 - 1, 1]],
    [BigInt64Array.of(2n, -1n), "int32[2]", [2, -1]],
    [new Float32Array([1, 2]), "float32[2]", [1, 2]],
    [[new Float64Array([1]), new Float64Array([2])], "float64[2,1]", [1, 2]],
    [tensor([1, 2]), "float32[2]", [1, 2]],
  ])("as targets are classes or numbers: %o is %s", (targets, kind, values) => {
    const data = new TensorDataset(zeros([2, 1]), targets);
    expect(kinds(data)[1]).toBe(kind);
    expect([...data.tensors[1].data]).toEqual(values);
  });

  test("follow the default dtype", () => {
    setDefaultDtype("float64");
    try {
      expect(kinds(new TensorDataset([[1]], [0.5]))).toEqual(["float64[1,1]", "float64[1]"]);
    } finally {
      setDefaultDtype("float32");
    }
  });

  test("are copied", () => {
    const x = new Float32Array([1, 2]);
    const data = new TensorDataset(x, [0, 1]);
    x[0] = 9;
    expect(data.tensors[0].toArray()).toEqual([1, 2]);
  });

  test("are shown by their kinds, and are no plain objects for reactive state", () => {
    const data = new TensorDataset([[1, 2]], [1], [0.5]);
    expect(String(data)).toBe("TensorDataset(1 samples: float32[1, 2], int32[1], float32[1])");
    expect(String(batches(data, { batchSize: 4 }))).toBe("Batches(1 samples, 1 batches of 4)");
    for (const x of [data, batches(data)]) expect(Object.prototype.toString.call(x)).not.toBe("[object Object]");
  });

  test("stand for a dataset as { x, y }, in batches and splits", () => {
    const pair = { x: [[1], [2], [3], [4]], y: [0, 1, 0, 1] };
    const [[x, y]] = [...batches(pair, { batchSize: 4, shuffle: false })] as [Batch];
    expect([x.toArray(), y.toArray(), y.dtype]).toEqual([pair.x, pair.y, "int32"]);
    const [train, check] = trainTestSplit(pair, { testShare: 0.5, stratified: true, generator: new Generator(1) });
    expect([train, check].map(({ tensors }) => tensors[1].sum().item())).toEqual([1, 1]);
  });

  test("may be many: splitting takes more samples than a call takes arguments", () => {
    const count = 300_000;
    const [train, check] = trainTestSplit({ x: new Float32Array(count), y: new Uint8Array(count) });
    expect([train.size, check.size]).toEqual([240_000, 60_000]);
  });
});

describe("a dataset is known by what it has", () => {
  const data = new TensorDataset([[1], [2]], [0, 1]);

  test("behind a Proxy, and from another copy of the package, whose class is another", () => {
    const { tensors, size } = data;
    const foreign = { tensors, size, rows: (index: readonly number[]) => data.rows(index) };
    for (const other of [new Proxy(data, {}), foreign as never as TensorDataset]) {
      expect([...batches(other, { shuffle: false, batchSize: 1 })].map(([, y]) => y.toArray())).toEqual([[0], [1]]);
      expect(trainTestSplit(other).map((part) => part.size)).toEqual([1, 1]);
    }
  });

  test("and so are batches", async () => {
    const own = batches(data, { batchSize: 1, shuffle: false });
    const foreign = { dataset: data, length: 2, [Symbol.iterator]: () => own[Symbol.iterator]() };
    const model = new Linear(1, 2);
    const counts: unknown[] = [];
    await fit(model, foreign, {
      loss: crossEntropy,
      optimizer: new SGD(model.parameters(), { lr: 0 }),
      callbacks: [{ onStep: (step) => void counts.push(step.batches) }],
    });
    expect(counts).toEqual([2, 2]);
  });
});

describe("fit takes", () => {
  const xs = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ];

  /** What a model has learned from data in some form. */
  async function learned(data: Parameters<typeof fit>[1], loss: Loss, outputs: number, more: object = {}) {
    manualSeed(1);
    const model = mlp([2, 4, outputs]);
    const optimizer = new Adam(model.parameters(), { lr: 0.05 });
    const { losses } = await fit(model, data, { loss, optimizer, epochs: 3, ...more });
    return { losses, values: valuesOf(model.stateDict()) };
  }

  test.each<[string, Loss, number, number[] | number[][]]>([
    ["classes", crossEntropy, 2, [0, 1, 1, 0]],
    ["numbers that happen to be whole", mse, 1, [[0], [1], [3], [-2]]],
    ["numbers with fractions", mse, 1, [[0.5], [1], [3], [-2]]],
    ["numbers for l1", l1, 1, [[0], [1], [3], [-2]]],
    ["numbers for huber", huber, 1, [[0], [1], [3], [-2]]],
    ["numbers beyond 32 bits, as times", (o, t) => mse(o, t.mul(1 / big).to("float32")), 1, [[big], [0], [1], [2]]],
    ["yes and no", bceWithLogits, 1, [[0], [1], [1], [0]]],
    ["yes and no for probabilities", (o, t) => bce(sigmoid(o), t), 1, [[0], [1], [1], [0]]],
  ])("%s in arrays as it takes tensors", async (_, loss, outputs, ys) => {
    const hasFractions = JSON.stringify(ys).includes(".");
    const dtype = hasFractions ? "float32" : JSON.stringify(ys).includes(String(big)) ? "float64" : "int32";
    const seeded = { generator: new Generator(1) };
    const wanted = await learned(new TensorDataset(tensor(xs), tensor(ys, { dtype })), loss, outputs, seeded);
    expect(await learned({ x: xs, y: ys }, loss, outputs, { generator: new Generator(1) })).toEqual(wanted);
    if (loss !== crossEntropy) {
      // Of whole targets, losses are computed in float64: the same, but for rounding.
      const floats = await learned({ x: xs, y: tensor(ys) }, loss, outputs, { generator: new Generator(1) });
      floats.losses.forEach((v, i) => expect(v).toBeCloseTo(wanted.losses[i]!, 5));
    }
    const inBatches = batches({ x: tensor(xs), y: ys }, { generator: new Generator(1) });
    expect(await learned(inBatches, loss, outputs)).toEqual(wanted);
  });

  test("validation as { x, y }, and metrics of it", async () => {
    const model = mlp([2, 4, 2]);
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const validation = { x: xs, y: [0, 1, 1, 0] };
    const { epochs } = await fit(model, validation, {
      loss: crossEntropy,
      optimizer,
      validation,
      metrics: { accuracy },
    });
    expect(epochs[0]!.validation!.metrics["accuracy"]).toBe(accuracy(model.forward(tensor(xs)), validation.y));
  });

  test("arrays from generators, and one dtype of classes whatever the batch", async () => {
    const ys = [0, 1, 1, 0];
    const [x, y] = [tensor(xs), tensor(ys, { dtype: "int32" })];
    const wanted = await learned(
      [
        [x, y],
        [x, y],
      ],
      crossEntropy,
      2,
      { epochs: 1 },
    );
    const generator = (function* () {
      yield [xs, ys] as const;
      yield [xs, new Uint8Array(ys)] as const;
    })();
    expect(await learned(generator, crossEntropy, 2, { epochs: 1 })).toEqual(wanted);
    const stream = (async function* () {
      yield [await Promise.resolve(xs), ys] as const;
      yield [xs, ys] as const;
    })();
    expect(await learned(stream, crossEntropy, 2, { epochs: 1 })).toEqual(wanted);
    expect(await learned(new Set([[xs, ys] as const, [xs, y] as const]), crossEntropy, 2, { epochs: 1 })).toEqual(
      wanted,
    );
  });

  test("bytes of images, compiled too", async () => {
    const images = new Uint8ClampedArray(8).map((_, i) => 30 * i);
    const x = [images.subarray(0, 2), images.subarray(2, 4), images.subarray(4, 6), images.subarray(6)];
    const wanted = await learned(new TensorDataset(tensor(x, { dtype: "float32" }), [0, 1, 1, 0]), crossEntropy, 2);
    manualSeed(1);
    const eager = await learned({ x, y: [0, 1, 1, 0] }, crossEntropy, 2);
    expect(eager.losses.map((v) => v.toFixed(3))).toEqual(wanted.losses.map((v) => v.toFixed(3)));
    const compiled = await learned({ x, y: [0, 1, 1, 0] }, crossEntropy, 2, { compile });
    compiled.losses.forEach((v, i) => expect(v).toBeCloseTo(eager.losses[i]!, 2));
  });

  test("inputs of one number for each sample only as a column, and says so", async () => {
    const model: Layer = new Linear(1, 1);
    const options = { loss: mse, optimizer: new SGD(model.parameters(), { lr: 0 }) };
    await expect(fit(model, { x: [1, 2, 3], y: [[1], [2], [3]] }, options)).rejects.toThrow("float32[3]");
    await fit(model, { x: [[1], [2], [3]], y: [[1], [2], [3]] }, options);
  });
});

describe("metrics take arrays", () => {
  test("as they take tensors", () => {
    const [scores, classes] = [
      [
        [2, 1],
        [0, 3],
        [1, 0],
      ],
      [0, 0, 0],
    ];
    const [p, t] = [
      [0.9, 0.2, 0.7, 0.4],
      [1, 0, 0, 1],
    ];
    for (const [x, y] of [
      [scores, classes],
      [tensor(scores), tensor(classes)],
      [scores, new Uint8Array(3)],
    ] as [TensorLike, TensorLike][]) {
      expect(accuracy(x, y)).toBe(2 / 3);
      expect(topKAccuracy(x, y, 2)).toBe(1);
      expect(confusionMatrix(x, y)).toEqual([
        [2, 1],
        [0, 0],
      ]);
    }
    for (const [x, y] of [
      [p, t],
      [tensor(p), tensor(t)],
      [new Float32Array(p), [true, false, false, true]],
    ] as [TensorLike, TensorLike][]) {
      const values = [accuracy, precision, recall, f1].map((metric) => metric(x, y, { logits: false }));
      expect([...values, auc(x, y)]).toEqual([0.5, 0.5, 0.5, 0.5, 0.75]);
    }
  });

  test("in all their digits", () => {
    expect(mae([0.1], [0.4])).toBe(0.4 - 0.1);
    expect(rmse([1e12 + 1], [1e12])).toBe(1);
    expect(r2([1, 2, 4], [1, 2, 3])).toBe(0.5);
    expect(mae(BigInt64Array.of(9007199254740991n), [9007199254740990])).toBe(1);
  });

  test("and a column as a number for each sample", () => {
    expect(accuracy([[0.9], [0.1], [0.2]], [1, 0, 1], { logits: false })).toBe(2 / 3);
    expect(accuracy(tensor([[3], [-1], [0.2]]), tensor([1, 0, 1]), { threshold: 0 })).toBe(1);
    expect(confusionMatrix([[0.9], [0.1]], [1, 1], { threshold: 0.5 })).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  test("and so does convergence", () => {
    const curve = Array.from({ length: 100 }, (_, i) => 0.95 ** i);
    expect(convergence(Float64Array.from(curve))).toMatchObject({
      verdict: "converging",
      first: convergence(curve).first,
    });
    expect(convergence(Float32Array.from(curve)).verdict).toBe("converging");
  });
});

describe("scalers take arrays", () => {
  test("and keep the digits of times in milliseconds", () => {
    const start = 1_700_000_000_000;
    const times = [[start], [start + 1000], [start + 2000]];
    const scaler = new StandardScaler(1).fit(times);
    expect(scaler.shift.item()).toBe(start + 1000);
    const scaled = scaler.forward(times);
    expect([scaled.dtype, scaled.at(1).item()]).toEqual(["float32", 0]);
    expect(scaled.at(2).item()).toBeCloseTo(Math.sqrt(1.5), 6);
    expect(
      scaler
        .inverse([[0], [1]])
        .at(0)
        .item(),
    ).toBe(start + 1000);
    expect(new MinMaxScaler(1).fit(times).forward(times).toArray()).toEqual([[0], [0.5], [1]]);
  });

  test("of typed rows in their dtype", () => {
    const rows = [new Float64Array([1, 2]), new Float64Array([3, 6])];
    const scaler = new MinMaxScaler(2).fit(rows);
    expect(scaler.forward(rows).dtype).toBe("float64");
    expect(scaler.forward([new Uint8Array([2, 4])]).dtype).toBe("float32");
    expect(scaler.forward([new Uint8Array([2, 4])]).toArray()).toEqual([[0.5, 0.5]]);
  });
});

test("what a metric of one's own is given is a tensor", async () => {
  const model = new Linear(1, 1);
  const kindsSeen: string[] = [];
  const metric = (outputs: Tensor, targets: Tensor): number => {
    kindsSeen.push(outputs.dtype, targets.dtype);
    return outputs.size;
  };
  const { epochs } = await fit(
    model,
    { x: [[1], [2]], y: [[1], [2]] },
    { loss: mse, optimizer: new SGD(model.parameters(), { lr: 0 }), metrics: { metric } },
  );
  expect([epochs[0]!.metrics["metric"], kindsSeen]).toEqual([2, ["float32", "int32"]]);
});
