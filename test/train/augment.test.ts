import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";
import {
  type Batch,
  batches,
  randomCrop,
  randomFlip,
  randomNoise,
  randomQuarterTurn,
  randomShift,
} from "../../src/train/index.ts";

const generator = (seed: number) => new T.Generator(seed);
/** Images whose elements tell where they come from. */
const images = T.arange(40 * 2 * 3 * 3).reshape([40, 2, 3, 3]);

/** What each image became, by the name of the way that leads there. */
function waysOf(y: T.Tensor, ways: Readonly<Record<string, (x: T.Tensor) => T.Tensor>>): string[] {
  return Array.from({ length: y.shape[0]! }, (_, i) => {
    const got = JSON.stringify(y.at(i).toArray());
    const found = Object.keys(ways).find((name) => JSON.stringify(ways[name]!(images.at(i)).toArray()) === got);
    return found ?? "none";
  });
}

describe("augmentation", () => {
  test("flips each sample by itself, the same ones for the same seed", () => {
    const y = randomFlip(images, { generator: generator(1) });
    const ways = waysOf(y, { same: (x) => x, flipped: (x) => T.flip(x, -1) });
    expect(ways.filter((way) => way === "same").length).toBe(20);
    expect(ways.filter((way) => way === "flipped").length).toBe(20);
    expect(randomFlip(images, { generator: generator(1) }).toArray()).toEqual(y.toArray());
    expect(randomFlip(images, { axis: -2, p: 1 }).toArray()).toEqual(T.flip(images, 2).toArray());
    expect(randomFlip(images, { p: 0 }).toArray()).toEqual(images.toArray());
  });

  test("turns each sample by a quarter, a half, three quarters, or not", () => {
    const y = randomQuarterTurn(images, { generator: generator(2) });
    const quarter = (x: T.Tensor): T.Tensor => T.flip(T.transpose(x), -2);
    const half = (x: T.Tensor): T.Tensor => quarter(quarter(x));
    const ways = waysOf(y, { same: (x) => x, quarter, half, threeQuarters: (x) => quarter(half(x)) });
    const counts = ["same", "quarter", "half", "threeQuarters"].map(
      (name) => ways.filter((way) => way === name).length,
    );
    expect(counts.reduce((sum, n) => sum + n)).toBe(40);
    expect(Math.min(...counts)).toBeGreaterThan(3);
  });

  test("moves each sample along both axes, and leaves zeros behind", () => {
    const y = randomShift(images.add(1), 1, { generator: generator(3) });
    const moves = Object.fromEntries(
      [-1, 0, 1].flatMap((dy) =>
        [-1, 0, 1].map((dx) => {
          const move = (x: T.Tensor): T.Tensor =>
            T.slice(
              T.pad(x.add(1), [[0, 0], [1, 1], [1, 1]]), // biome-ignore format: before and after each axis
              null,
              [1 - dy, 4 - dy],
              [1 - dx, 4 - dx],
            );
          return [`${dy},${dx}`, move];
        }),
      ),
    );
    const ways = waysOf(y, moves);
    expect(ways).not.toContain("none");
    expect(new Set(ways).size).toBe(9);
    expect(randomShift(T.tensor([[1, 2, 3]]), [0]).toArray()).toEqual([[1, 2, 3]]);
  });

  test("cuts parts out at places of their own", () => {
    const y = randomCrop(images, [2, 1], { generator: generator(4) });
    expect(y.shape).toEqual([40, 2, 2, 1]);
    const corners = T.sub(T.slice(y, null, 0, 0, 0), T.slice(images, null, 0, 0, 0)).toArray<number[]>();
    expect([...new Set(corners)].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(T.sub(T.slice(y, null, 0, 1), T.slice(y, null, 0, 0)).toArray()).toEqual(T.full([40, 1], 3).toArray());
    expect(randomCrop(images, [5, 3], { padding: [1, 0] }).shape).toEqual([40, 2, 5, 3]);
  });

  test("does the same to what belongs together", () => {
    const masks = T.gt(T.slice(images, null, 0), 100);
    const whole = T.slice(images, null, 0).to("int32");
    const all: ((x: [T.Tensor, T.Tensor, T.Tensor]) => readonly T.Tensor[])[] = [
      (x) => randomFlip(x, { generator: generator(5) }),
      (x) => randomQuarterTurn(x, { generator: generator(5) }),
      (x) => randomCrop(x, [2, 2], { generator: generator(5) }),
    ];
    for (const augment of all) {
      const [x, mask, label] = augment([images, masks, whole]) as [T.Tensor, T.Tensor, T.Tensor];
      expect([x.dtype, mask.dtype, label.dtype]).toEqual(["float32", "bool", "int32"]);
      expect(T.gt(T.slice(x, null, 0), 100).toArray()).toEqual(mask.toArray());
      expect(T.slice(x, null, 0).toArray()).toEqual(label.toArray());
    }
  });

  test("adds noise of a standard deviation, and passes gradients through", () => {
    const y = randomNoise(T.zeros([10_000]), { std: 0.5, generator: generator(6) });
    expect(Math.abs(T.std(y).item() - 0.5)).toBeLessThan(0.02); // σ ≈ 0.0035
    const x = T.ones([2, 3, 3], { requiresGrad: true });
    T.sum(randomShift(randomFlip(randomNoise(x)), 0)).backward();
    expect(x.grad!.toArray()).toEqual(T.ones([2, 3, 3]).toArray());
  });

  test("draws anew at each run of a compiled step, as eager code does", () => {
    const augment = (from: T.Generator) => (x: T.Tensor) =>
      randomShift(randomQuarterTurn(randomFlip(x, { generator: from }), { generator: from }), 1, { generator: from });
    const [eager, compiled] = [augment(generator(7)), compile(augment(generator(7)))];
    for (let k = 0; k < 3; k++) expect(compiled(images).toArray()).toEqual(eager(images).toArray());
  });

  test.each<[string, () => unknown, string]>([
    [
      "the axis of samples",
      () => randomFlip(images, { axis: 0 }),
      "randomFlip: axis must be one within a sample, got 0",
    ],
    [
      "an axis that is another one in a mask",
      () => randomFlip([T.ones([1, 1, 2, 2]), T.ones([1, 2, 2])], { axis: 2 }),
      "randomFlip: an axis from 0 on is another one in each rank, got axis 2 of float32[1, 1, 2, 2] and float32[1, 2, 2]; count the axis from the end: −1 is left to right, −2 up and down",
    ],
    ["one sample", () => randomFlip(T.ones([3])), "randomFlip: needs an axis of samples and 1 more, got float32[3]"],
    ["no probability", () => randomFlip(images, { p: 2 }), "randomFlip: p must be a probability from 0 to 1, got 2"],
    [
      "a number for options",
      () => randomFlip(images, 0.5 as never),
      "options must be an object, got 0.5; write { p: 0.5 }",
    ],
    [
      "an axis for options",
      () => randomFlip(images, -2 as never),
      "options must be an object, got -2; write { axis: -2 }",
    ],
    ["no tensor", () => randomFlip([[1, 2]] as never), "randomFlip: input 0 must be a tensor, got an array"],
    [
      "an empty list",
      () => randomFlip([] as never),
      "randomFlip: needs a tensor, or a list of them, got an empty list",
    ],
    [
      "oblongs",
      () => randomQuarterTurn(T.ones([2, 3, 4])),
      "randomQuarterTurn: images must be square, got float32[2, 3, 4]",
    ],
    ["a size that is a number", () => randomCrop(images, 2 as never), "write [2, 2] for images"],
    [
      "too large a part",
      () => randomCrop(images, [4, 3]),
      "randomCrop: the size must fit into x, got [4, 3] for float32[40, 2, 3, 3]",
    ],
    ["half a place", () => randomShift(images, 0.5), "randomShift: by must be a whole number, 0 or more, got 0.5"],
    ["an empty list of places", () => randomShift(images, []), "randomShift: by must be a number, or a list of one"],
    [
      "a negative deviation",
      () => randomNoise(images, { std: -1 }),
      "randomNoise: std must be a number, 0 or more, got -1",
    ],
    ["integers", () => randomNoise(T.ones([2], { dtype: "int32" })), "randomNoise: x must be floating, got int32"],
    [
      "different numbers of samples",
      () => randomFlip([images, T.ones([3, 3])]),
      "randomFlip: what belongs together must have as many samples, got 40 and 3",
    ],
    [
      "different sizes",
      () => randomShift([images, T.ones([40, 4, 4])], 1),
      "randomShift: what belongs together must have the same last sizes, got [3, 3] and [4, 4]",
    ],
  ])("refuses %s", (_, call, message) => {
    expect(call).toThrow(message);
  });
});

describe("transform of batches", () => {
  const classes = T.arange(40);
  const flipped = ([x, y]: Batch, from: T.Generator): Batch => [randomFlip(x, { generator: from }), y];
  const of = (seed: number) =>
    batches({ x: images, y: classes }, { batchSize: 16, generator: generator(seed), transform: flipped });

  test("is done to each batch, with the batches' generator", () => {
    const [first, again] = [of(8), of(8)].map((data) => [...data].map((batch) => batch.map((x) => x.toArray())));
    expect(again).toEqual(first);
    const data = of(8);
    const [one, two] = [[...data], [...data]];
    expect(one[0]![0].toArray()).not.toEqual(two[0]![0].toArray());
    for (const [x, y] of one) {
      for (let i = 0; i < y.size; i++) {
        const image = images.at(y.at(i).item());
        const got = JSON.stringify(x.at(i).toArray());
        expect([image, T.flip(image, -1)].map((each) => JSON.stringify(each.toArray()))).toContain(got);
      }
    }
  });

  test.each([[() => 3], [() => [images]], [() => undefined]])("refuses what returns no batch: %s", (transform) => {
    const data = batches({ x: images, y: classes }, { transform: transform as never });
    expect(() => [...data]).toThrow("batches: transform must return tensors, [x, y], got");
  });

  test("refuses what returns different numbers of samples", () => {
    const data = batches({ x: images, y: classes }, { batchSize: 8, transform: ([x, y]) => [x, y.slice([0, 3])] });
    expect(() => [...data]).toThrow(T.ShapeError);
    expect(() => [...data]).toThrow("batches: transform must return as many samples in each tensor, got 8 and 3");
    const fewer = batches(
      { x: images, y: classes },
      { batchSize: 8, transform: ([x, y]) => [x.slice([0, 3]), y.slice([0, 3])] },
    );
    expect([...fewer][0]!.map((t) => t.sizes[0])).toEqual([3, 3]);
  });
});
