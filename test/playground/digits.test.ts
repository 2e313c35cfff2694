import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type DigitAddress,
  exampleCount,
  formatAddress,
  opening,
  parseAddress,
} from "../../docs/playground/digits/model/address.ts";
import { pictureAt, pixelCount, readDigits } from "../../docs/playground/digits/model/data.ts";
import { likeliest } from "../../docs/playground/digits/model/likeliest.ts";
import { observe } from "../../docs/playground/digits/model/observe.ts";
import { batchSizes, defaults, optimizers, rates } from "../../docs/playground/digits/model/settings.ts";
import { frameOf, mostSpots, parseStrokes, type Stroke, shrink } from "../../docs/playground/digits/model/strokes.ts";
import { DigitTrainer, mostSteps } from "../../docs/playground/digits/model/trainer.ts";
import { speeds } from "../../docs/playground/model/pace.ts";

const file = fileURLToPath(new URL("../../examples/data/digits.csv.gz", import.meta.url));
const { train, test: held } = readDigits(gunzipSync(readFileSync(file)).toString());

test("four fifths of the digits are learned, and one is held out", () => {
  expect(train.count + held.count).toBe(1797);
  expect(held.count).toBe(exampleCount);
  expect(train.pixels.length).toBe(train.count * pixelCount);
  expect(Array.from(pictureAt(held, 0).slice(0, 8))).toEqual([0, 0, 0, 1 / 16, 11 / 16, 0, 0, 0]);
  expect(held.digits[0]).toBe(4);
});

describe("a drawing", () => {
  const one: readonly Stroke[] = [
    [
      [50, 10],
      [50, 90],
    ],
  ];

  test("is moved to the middle, and fills the height", () => {
    const pixels = Array.from(shrink(one));
    const rows = Array.from({ length: 8 }, (_, i) => pixels.slice(8 * i, 8 * i + 8));
    for (const row of rows) {
      expect(row.slice(0, 3)).toEqual([0, 0, 0]);
      expect(row.slice(5)).toEqual([0, 0, 0]);
      expect(row[3]).toBe(row[4]);
      expect(row[3]).toBeGreaterThan(0);
    }
    // Wherever it was drawn, and however large.
    expect(
      Array.from(
        shrink([
          [
            [20, 50],
            [20, 90],
          ],
        ]),
      ),
    ).toEqual(pixels);
    expect(
      frameOf([
        [
          [20, 50],
          [20, 90],
        ],
      ]).size,
    ).toBeCloseTo(frameOf(one).size / 2, 10);
  });

  test("that is a dot stays small, and an empty one is paper", () => {
    const dot = Array.from(shrink([[[3, 3]]]));
    expect(dot.filter((v) => v > 0).length).toBe(4);
    expect(shrink([])).toEqual(new Float32Array(pixelCount));
  });

  test("whose text is none is refused, as is one that is too long", () => {
    for (const text of ["1", "123", "1234-", "-1234", "12345678-12", "12a4", "1234.1234"]) {
      expect(parseStrokes(text)).toBe(undefined);
    }
    expect(parseStrokes("0102".repeat(mostSpots))).toEqual([new Array(mostSpots).fill([1, 2])]);
    expect(parseStrokes("0102".repeat(mostSpots + 1))).toBe(undefined);
  });
});

test("an address leads back to the same state", () => {
  const spot = fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 99 }));
  const strokes = fc.array(fc.array(spot, { minLength: 1, maxLength: 20 }), { maxLength: 5 });
  const address = fc.record<DigitAddress>({
    settings: fc.record({
      optimizer: fc.constantFrom(...optimizers),
      lr: fc.constantFrom(...rates),
      batch: fc.constantFrom(...batchSizes),
    }),
    step: fc.integer({ min: 0, max: mostSteps }),
    subject: fc.oneof(fc.record({ example: fc.integer({ min: 0, max: exampleCount - 1 }) }), fc.record({ strokes })),
    target: fc.option(fc.integer({ min: 0, max: 9 })),
    speed: fc.constantFrom(...speeds),
    language: fc.constantFrom("en", "zh", null),
    embed: fc.boolean(),
  });
  fc.assert(
    fc.property(address, (state) => {
      expect(parseAddress(`#${formatAddress(state)}`)).toEqual({ address: state, refused: [] });
    }),
  );
  expect(formatAddress(opening)).toBe("");
  expect(parseAddress("#step=5001&example=359&draw=1&target=10&speed=3&lang=fr&lr=7&batch=0&optimizer=no")).toEqual({
    address: opening,
    refused: ["example", "draw", "optimizer", "lr", "batch", "step", "target", "speed", "lang"],
  });
});

test("the likeliest digit, of all and of some", () => {
  const p = [0.1, 0.5, 0.2, 0.2];
  expect(likeliest(p)).toBe(1);
  expect(likeliest(p, (digit) => digit !== 1)).toBe(2);
});

describe("the training", () => {
  const steps = 200;
  let trainer: DigitTrainer;
  let losses: number[];
  beforeAll(() => {
    trainer = new DigitTrainer(train, held, defaults);
    losses = Array.from({ length: steps }, () => trainer.step().loss);
  });

  test("reads digits that it did not learn, and drawn ones", () => {
    expect(trainer.epoch).toBe(4);
    expect(trainer.score().quality).toBeGreaterThan(0.7); // 0.93
    const read = (text: string): number => likeliest(observe(trainer, shrink(parseStrokes(text)!), null).p);
    expect(read("50125088")).toBe(1);
    expect(read("251875184585")).toBe(7);
    expect(read("5015331626382550266234803884508564836875735875426830581750155015")).toBe(0);
  });

  test("goes the same way each time", () => {
    const again = new DigitTrainer(train, held, defaults);
    expect(Array.from({ length: 5 }, () => again.step().loss)).toEqual(losses.slice(0, 5));
  });

  test.each(optimizers)("learns by %s, in batches of another size", (optimizer) => {
    const other = new DigitTrainer(train, held, { optimizer, lr: optimizer === "adam" ? 0.003 : 0.03, batch: 8 });
    const before = other.score().loss;
    for (let i = 0; i < 40; i++) other.step();
    expect(other.epoch).toBe(0);
    expect(other.score().loss).toBeLessThan(before);
  });

  test("without a target there is no residual", () => {
    const seen = observe(trainer, pictureAt(held, 3), null);
    expect([seen.loss, seen.delta, seen.gradient]).toEqual([null, null, null]);
    expect(seen.layers.map(({ residuals }) => residuals)).toEqual([null, null]);
    expect(seen.layers.map(({ side, activations }) => [side, activations.length])).toEqual([
      [8, 8],
      [4, 16],
    ]);
  });

  test("the residual is born as p − y, and each gradient is what the loss does", () => {
    const pixels = pictureAt(held, 3);
    const target = (held.digits[3]! + 1) % 10; // a wrong one, so that the residuals are large
    const seen = observe(trainer, pixels, target);
    expect(seen.loss).toBeCloseTo(-Math.log(seen.p[target]!), 3);
    for (const [digit, delta] of seen.delta!.entries()) {
      expect(delta).toBeCloseTo(seen.p[digit]! - Number(digit === target), 5);
    }
    // Where a unit is inactive, its residual is 0.
    for (const { activations, residuals } of seen.layers) {
      for (const [i, map] of activations.entries()) {
        for (const [k, a] of map.entries()) if (a === 0) expect(Math.abs(residuals![i]![k]!)).toBe(0);
      }
    }
    const step = 1 / 512;
    const most = Math.max(...seen.gradient!.map(Math.abs));
    const at = seen.gradient!.findIndex((g) => Math.abs(g) === most);
    const moved = (by: number): number => {
      const other = pixels.slice();
      other[at]! += by;
      return observe(trainer, other, target).loss!;
    };
    const slope = (moved(step) - moved(-step)) / (2 * step);
    expect(Math.abs(slope - seen.gradient![at]!)).toBeLessThan(0.15 * most);
  });
});
