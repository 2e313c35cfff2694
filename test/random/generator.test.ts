import { describe, expect, test } from "vitest";
import {
  defaultGenerator,
  Generator,
  type GeneratorState,
  manualSeed,
  permutation,
  rand,
  randint,
  randn,
  ValueError,
} from "../../src/index.ts";

const float64 = (generator: Generator, n: number): number[] => rand([n], { dtype: "float64", generator }).toArray();

describe("the stream", () => {
  // Computed from Threefry by an independent program.
  test.each([
    [0, [0.41845711022987275, 0.3146817218764961, 0.39316028345159515, 0.7213709802954236]],
    [42, [0.8690483965743594, 0.1506324111875399, 0.5203206621592672, 0.24993735448032295]],
    [-1, [0.2547832601222786, 0.6246777471545688, 0.1405639315016617, 0.3177246199240191]],
    [2 ** 53 - 1, [0.4364760807442819, 0.9667333890133216, 0.9881862246882299, 0.5721767713355379]],
  ])("of seed %d is what it is", (seed, expected) => {
    expect(float64(new Generator(seed), 4)).toEqual(expected);
  });

  test("does not depend on how it is drawn", () => {
    const whole = float64(new Generator(42), 6);
    const generator = new Generator(42);
    expect([...float64(generator, 1), ...float64(generator, 3), ...float64(generator, 2)]).toEqual(whole);
  });

  test("is the same for every kind of number, element by element", () => {
    const generator = new Generator(42);
    randn([1], { generator });
    randint(0, 9, [1], { generator });
    permutation(1, { generator });
    expect(float64(generator, 1)).toEqual(float64(new Generator(42), 4).slice(3));
  });

  test("goes on where the low word of the counter overflows", () => {
    const generator = new Generator(42);
    generator.state = [42, 0, 2 ** 32 - 1, 7];
    expect(float64(generator, 2)).toEqual([0.6329801326660258, 0.048647979270362574]);
    expect(generator.state).toEqual([42, 0, 1, 8]);
    generator.state = [42, 0, 2 ** 32 - 1, 2 ** 32 - 1];
    float64(generator, 1);
    expect(generator.state).toEqual([42, 0, 0, 0]);
  });

  test("differs between seeds that are alike, in both words", () => {
    const first = [0, 1, -1, 2 ** 32, 2 ** 32 + 1, 2 ** 52].map((seed) => float64(new Generator(seed), 1)[0]);
    expect(new Set(first).size).toBe(first.length);
  });
});

describe("state", () => {
  test("is two words of key and two of counter, and survives JSON", () => {
    const generator = new Generator(-1);
    float64(generator, 5);
    expect(generator.state).toEqual([2 ** 32 - 1, 2 ** 32 - 1, 5, 0]);
    const saved = JSON.stringify(generator.state);
    const next = float64(generator, 3);
    const other = new Generator();
    other.state = JSON.parse(saved) as GeneratorState;
    expect(float64(other, 3)).toEqual(next);
  });

  test("refuses what is no state, and keeps its own", () => {
    const generator = new Generator(3);
    const message = "Generator: a state is four 32-bit integers, got";
    for (const bad of [[1, 2, 3], [1, 2, 3, -1], [0, 0, 0.5, 0], [0, 0, 0, 2 ** 32], "0000", null]) {
      expect(() => {
        generator.state = bad as unknown as GeneratorState;
      }).toThrow(ValueError);
      expect(() => {
        generator.state = bad as unknown as GeneratorState;
      }).toThrow(message);
    }
    expect(generator.state).toEqual([3, 0, 0, 0]);
  });
});

describe("split", () => {
  test("gives a stream keyed by the next block, and advances by one", () => {
    const generator = new Generator(42);
    const child = generator.split();
    expect(child.state).toEqual([3732534457, 1332528664, 0, 0]);
    expect(float64(child, 2)).toEqual([0.6097989034285818, 0.29121536177591545]);
    expect(generator.state).toEqual([42, 0, 1, 0]);
  });

  test("gives streams that are not correlated with each other or their parent", () => {
    const parent = new Generator(1);
    const streams = [parent.split(), parent.split(), parent].map((generator) => float64(generator, 10_000));
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const covariance = streams[i]!.reduce((s, u, k) => s + (u - 0.5) * (streams[j]![k]! - 0.5), 0) / 10_000;
      expect(Math.abs(covariance * 12)).toBeLessThan(0.03);
    }
  });
});

describe("the default generator", () => {
  test("is started anew by manualSeed", () => {
    expect(manualSeed(7)).toBe(defaultGenerator());
    expect(rand([3]).toArray()).toEqual(rand([3], { generator: new Generator(7) }).toArray());
    expect(defaultGenerator().state).toEqual([7, 0, 3, 0]);
  });

  test("is left alone by draws from another", () => {
    const { state } = manualSeed(1);
    randn([5], { generator: new Generator(2) });
    expect(defaultGenerator().state).toEqual(state);
  });
});

test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("seed %d is refused", (seed) => {
  expect(() => new Generator(seed)).toThrow(ValueError);
  expect(() => manualSeed(seed)).toThrow(`manualSeed: the seed must be a safe integer, got ${seed}`);
});
