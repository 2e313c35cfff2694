import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arange,
  Generator,
  IndexError,
  MinMaxScaler,
  randn,
  ShapeError,
  StandardScaler,
  StateError,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.ts";
import {
  type Batch,
  type Batches,
  type BatchesOptions,
  batches,
  TensorDataset,
  trainTestSplit,
} from "../../src/train/index.ts";
import { valuesOf } from "../support/values.ts";

const numbered = (size: number): TensorDataset => new TensorDataset(arange(size), arange(size).mul(10));
const xs = (of: Iterable<Batch>): number[][] => [...of].map(([x]) => x.toArray<number[]>());

describe("TensorDataset", () => {
  test("gives rows of all tensors", () => {
    const data = new TensorDataset(arange(4), arange(4).mul(2), zeros([4, 2, 3]));
    expect(data.rows([3, 0, 3]).map((x) => x.shape)).toEqual([[3], [3], [3, 2, 3]]);
    expect(data.rows(tensor([2], { dtype: "int32" }))[1].toArray()).toEqual([4]);
    expect(() => data.rows([4])).toThrow(IndexError);
  });
});

describe("batches", () => {
  test("cover each sample once, in a new order for each epoch", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 12 }),
        fc.boolean(),
        fc.integer(),
        (size, batchSize, shuffle, seed) => {
          const data = batches(numbered(size), { batchSize, shuffle, generator: new Generator(seed) });
          const [first, second] = [xs(data), xs(data)];
          for (const epoch of [first, second]) {
            expect(epoch.length).toBe(data.length);
            expect(epoch.slice(0, -1).every((batch) => batch.length === batchSize)).toBe(true);
            expect(epoch.flat().sort((a, b) => a - b)).toEqual(arange(size).toArray());
          }
          if (!shuffle) expect(second).toEqual(first);
          else if (size > 15) expect(second).not.toEqual(first);
          expect([data.epoch, data.position]).toEqual([2, 0]);
        },
      ),
    );
  });

  test("keep inputs and targets together", () => {
    for (const [x, y] of batches(numbered(10), { batchSize: 3 })) expect(y.toArray()).toEqual(x.mul(10).toArray());
  });

  test("leave a smaller last one out if asked to", () => {
    expect(batches(numbered(7), { batchSize: 3, dropLast: true }).length).toBe(2);
    expect(() => batches(numbered(2), { batchSize: 3, dropLast: true })).toThrow(
      "batches: there must be a batch, got 2 samples for batches of 3",
    );
    expect(() => batches(new TensorDataset(zeros([0, 2]), zeros([0])))).toThrow("batches: there must be a batch");
  });

  test("that are saved anywhere go on with those that are left, and the same epochs after them", () => {
    for (let stop = 0; stop <= 8; stop++) {
      const [a, b] = [new Generator(5), new Generator(6)];
      const data = batches(numbered(11), { batchSize: 3, generator: a });
      let given = 0;
      while (given < stop) {
        for (const _ of data) if (++given >= stop) break;
      }
      const other = batches(numbered(11), { batchSize: 3, generator: b });
      for (const _ of other) break;
      other.loadStateDict(data.stateDict());
      b.state = a.state;
      expect([other.epoch, other.position]).toEqual([
        Math.floor(Math.max(stop - 1, 0) / 4),
        stop === 0 ? 0 : ((stop - 1) % 4) + 1,
      ]);
      expect([xs(other), xs(other)]).toEqual([xs(data), xs(data)]);
    }
  });

  test("refuse a state that does not fit", () => {
    const data = batches(numbered(4), { batchSize: 2 });
    const before = data.stateDict();
    const scalar = (v: number): Tensor => tensor(v, { dtype: "float64" });
    expect(() => data.loadStateDict({})).toThrow(StateError);
    expect(() => data.loadStateDict(new Map(before).set("position", scalar(3)))).toThrow(
      "position must be from 0 to 2, got 3",
    );
    expect(() => data.loadStateDict(new Map(before).set("epoch", scalar(-1)))).toThrow("epoch must be from 0 to");
    expect(valuesOf(data.stateDict())).toEqual(valuesOf(before));
  });

  test("refuse a state of other data or options within an epoch, and take it at the start of one", () => {
    const of = (n: number, options: BatchesOptions = {}) =>
      batches(numbered(n), { batchSize: 2, generator: new Generator(1), ...options });
    const others: [Batches, string][] = [
      [of(10, { batchSize: 5 }), "batchSize is 2 instead of 5"],
      [of(10, { batchSize: 1 }), "batchSize is 2 instead of 1"],
      [of(12), "size is 10 instead of 12"],
      [of(9, { shuffle: false }), "size is 10 instead of 9"],
      [of(10, { shuffle: false }), "shuffle is true instead of false"],
      [of(10, { dropLast: true }), "dropLast is false instead of true"],
    ];
    for (const stop of [1, 4, 5]) {
      const data = of(10);
      const loop = data[Symbol.iterator]();
      for (let i = 0; i < stop; i++) loop.next();
      for (const [other, got] of others) {
        const before = valuesOf(other.stateDict());
        const load = () => other.loadStateDict(data.stateDict());
        expect(load).toThrow(StateError);
        expect(load).toThrow(
          `Batches.loadStateDict: the state must fit, got ${got}, within an epoch; give what was given before`,
        );
        expect(valuesOf(other.stateDict())).toEqual(before);
      }
      const part = data.stateDict();
      part.delete("layout");
      expect(() => of(10).loadStateDict(part)).toThrow("layout is missing");
    }
    const data = of(10);
    xs(data);
    for (const [other] of others) {
      other.loadStateDict(data.stateDict());
      expect([other.epoch, other.position]).toEqual([1, 0]);
      expect(xs(other).length).toBe(other.length);
    }
  });

  test("a loop in a loop over the same batches ends in an error, where both would take from one epoch", () => {
    const data = batches(new TensorDataset(arange(6), arange(6)), { batchSize: 2, shuffle: false });
    const seen: unknown[] = [];
    const nested = (): void => {
      for (const [x] of data) {
        seen.push(x.toArray());
        for (const [y] of data) seen.push(y.toArray());
      }
    };
    expect(nested).toThrow(
      "Batches: there can be one loop at a time, got another that was begun since; write batches(data.dataset, …) for each loop, or predict(model, data.dataset) in the midst of one",
    );
    expect(seen).toEqual([[0, 1], [2, 3], [4, 5]]); // biome-ignore format: one line
    expect([...data].length).toBe(3);
    for (const _ of data) break;
    expect([...data].length).toBe(2); // one that was left is gone on with
    const first = data[Symbol.iterator]();
    first.next();
    expect([...data].length).toBe(2); // one that was dropped, too
    expect(() => first.next()).toThrow("there can be one loop at a time");
  });
});

describe("trainTestSplit", () => {
  test("gives each sample to one part", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 40 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.integer(),
        (size, testShare, seed) => {
          const [train, check] = trainTestSplit(numbered(size), { testShare, generator: new Generator(seed) });
          const all = [train, check].flatMap(({ tensors }) => [...tensors[0].data]);
          expect(all.sort((a, b) => a - b)).toEqual(arange(size).toArray());
          expect(train.size * check.size).toBeGreaterThan(0);
          expect(Math.abs(check.size - size * testShare)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  test("keeps the shares of classes if asked to", () => {
    const labels = tensor(
      Int32Array.from({ length: 50 }, (_, i) => Number(i % 5 === 0)),
      { dtype: "int32" },
    );
    const [train, check] = trainTestSplit(new TensorDataset(arange(50), labels), { stratified: true });
    expect([train, check].map(({ tensors }) => tensors[1].sum().item())).toEqual([8, 2]);
    expect(check.size).toBe(10);
  });
});

describe("scalers", () => {
  const x = randn([20, 3], { dtype: "float64", generator: new Generator(1) })
    .mul(tensor([1, 100, 0.01], { dtype: "float64" }))
    .add(5);

  test("bring features to mean 0 and deviation 1, and back", () => {
    const scaler = new StandardScaler(3, { dtype: "float64" }).fit(x);
    const y = scaler.forward(x);
    y.mean(0)
      .toArray<number[]>()
      .forEach((v) => expect(v).toBeCloseTo(0, 10));
    y.mul(y)
      .mean(0)
      .toArray<number[]>()
      .forEach((v) => expect(v).toBeCloseTo(1, 10));
    [...scaler.inverse(y).data].forEach((v, i) => expect(v).toBeCloseTo(x.data[i]!, 10));
  });

  test("bring features to a range, and back", () => {
    const scaler = new MinMaxScaler(3, { low: -1, high: 3, dtype: "float64" }).fit(x);
    const y = scaler.forward(x);
    expect(Math.min(...y.data)).toBeCloseTo(-1, 10);
    expect(Math.max(...y.data)).toBeCloseTo(3, 10);
    [...scaler.inverse(y).data].forEach((v, i) => expect(v).toBeCloseTo(x.data[i]!, 10));
  });

  test("take constant features", () => {
    const constant = tensor([[7], [7]]);
    // What was not fitted gives no numbers that could be taken for scaled ones.
    expect(new StandardScaler(1).forward(constant).toArray()).toEqual([[Number.NaN], [Number.NaN]]);
    expect(new MinMaxScaler(1).inverse(constant).toArray()).toEqual([[Number.NaN], [Number.NaN]]);
    expect(new StandardScaler(1).fit(constant).forward(constant).toArray()).toEqual([[0], [0]]);
    expect(new MinMaxScaler(1, { low: 2, high: 3 }).fit(constant).forward(constant).toArray()).toEqual([[2], [2]]);
  });

  describe("keep times in milliseconds", () => {
    const times = [1.7e12, 1.7e12 + 1000, 1.7e12 + 2000].map((t) => [t]);
    const x = tensor(times, { dtype: "float64" });
    for (const [scaler, wanted] of [
      [new StandardScaler(1), [-Math.sqrt(1.5), 0, Math.sqrt(1.5)]],
      [new MinMaxScaler(1), [0, 0.5, 1]],
    ] as const) {
      test(scaler.describe(), () => {
        const y = scaler.fit(x).forward(x);
        expect(y.dtype).toBe("float64");
        [...y.data].forEach((v, i) => expect(v).toBeCloseTo(wanted[i]!, 12));
        const back = scaler.inverse(y.to("float32"));
        expect(back.dtype).toBe("float64");
        back.toArray<number[][]>().forEach(([t], i) => expect(Math.abs(t! - times[i]![0]!)).toBeLessThan(0.01));
        expect(scaler.forward(x.to("float32")).dtype).toBe("float32");
      });
    }
  });

  test("take integers, exactly", () => {
    const whole = tensor([[2147483647], [2147483645], [-2147483648]], { dtype: "int32" });
    const y = new StandardScaler(1).fit(whole).forward(whole);
    const wanted = new StandardScaler(1).fit(whole.to("float64")).forward(whole.to("float64"));
    expect(y.dtype).toBe("float32");
    expect(y.data).toEqual(wanted.to("float32").data);
    expect(new MinMaxScaler(1).fit(whole).forward(whole).toArray()).toEqual([
      [1],
      [Math.fround(1 - 2 / (2 ** 32 - 1))],
      [0],
    ]);
  });

  test("are saved with a model, and have nothing to learn", () => {
    const scaler = new StandardScaler(3, { dtype: "float64" }).fit(x);
    const copy = new StandardScaler(3, { dtype: "float64" });
    copy.loadStateDict(scaler.stateDict());
    expect(copy.forward(x).toArray()).toEqual(scaler.forward(x).toArray());
    expect(scaler.parameters()).toEqual([]);
  });

  test("refuse other data", () => {
    expect(() => new StandardScaler(2).fit(x)).toThrow(ShapeError);
    expect(() => new StandardScaler(2).fit(zeros([0, 2]))).toThrow(
      "StandardScaler(2): needs data [samples, 2], got float32[0, 2]",
    );
    expect(() => new MinMaxScaler(1, { low: 1, high: 1 })).toThrow(
      "MinMaxScaler: low must be below high, and both finite, got 1 and 1",
    );
  });
});
