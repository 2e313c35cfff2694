import fc from "fast-check";
import { expect, test } from "vitest";
import { type Address, formatAddress, opening, parseAddress } from "../../docs/playground/model/address.ts";
import { speeds } from "../../docs/playground/model/pace.ts";
import { partOf } from "../../docs/playground/model/parameters.ts";
import {
  activations,
  batchSizes,
  changed,
  countOf,
  datasets,
  decays,
  defaults,
  features,
  limits,
  lossesFor,
  noises,
  optimizers,
  parameterCount,
  pointCount,
  presets,
  rates,
} from "../../docs/playground/model/settings.ts";

const addresses: fc.Arbitrary<Address> = fc
  .record({
    data: fc.constantFrom(...datasets),
    noise: fc.constantFrom(...noises),
    batch: fc.constantFrom(...batchSizes),
    features: fc.shuffledSubarray([...features], { minLength: 1 }),
    layers: fc.array(fc.integer({ min: 1, max: limits.neurons }), { maxLength: limits.layers }),
    activation: fc.constantFrom(...activations),
    optimizer: fc.constantFrom(...optimizers),
    lr: fc.constantFrom(...rates),
    l2: fc.constantFrom(...decays),
    seed: fc.integer({ min: 0, max: limits.seed }),
  })
  .chain((settings) => {
    const count = parameterCount(settings);
    const weight = fc.float({ noNaN: true, noDefaultInfinity: true }).map((w) => (w === 0 ? 0 : w));
    const weights = fc.array(weight, { minLength: count, maxLength: count });
    const start = fc.record({ step: fc.integer({ min: 0, max: limits.steps }), weights });
    return fc.record({
      settings: fc
        .record({ loss: fc.constantFrom(...lossesFor(settings.data)), start: fc.option(start) })
        .map((rest) => ({ ...settings, ...rest })),
      more: fc.integer({ min: 0, max: limits.steps }),
      point: fc.integer({ min: 0, max: pointCount - 1 }),
      walk: fc.option(fc.integer({ min: 0, max: 200 })),
      neuron: fc.option(
        fc.record({ column: fc.integer({ min: 0, max: settings.layers.length + 1 }), row: fc.constant(0) }),
      ),
      graph: fc.option(fc.integer({ min: 0, max: 9999 })),
      speed: fc.constantFrom(...speeds),
      language: fc.constantFrom(null, "en", "zh"),
      embed: fc.boolean(),
    });
  })
  .map(({ more, ...rest }) => ({ ...rest, step: Math.max(more, rest.settings.start?.step ?? 0) }));

test("an address comes back as it was", () => {
  fc.assert(
    fc.property(addresses, (address) => {
      expect(parseAddress(`#${formatAddress(address)}`)).toEqual({ address, refused: [] });
    }),
  );
});

test("what is as usual is not in the address", () => {
  expect(formatAddress(opening)).toBe("");
  const settings = changed(defaults, { data: "spiral", layers: [8, 8] });
  expect(formatAddress({ ...opening, settings, step: 7 })).toBe("data=spiral&layers=8-8&step=7");
  expect(formatAddress({ ...opening, settings: presets.lesson })).toBe("preset=lesson");
});

test.each([
  "data=moon",
  "layers=99",
  "layers=4-4-4-4-4",
  "layers=",
  "features=",
  "features=x3",
  "features=x1-x1",
  "features=x1,x2",
  "features=0",
  "lr=-1",
  "lr=1e-99",
  "step=1e9",
  "step=-1",
  "loss=huber",
  "weights=1,2,3",
  "from=3",
  "neuron=9-0",
  "neuron=1-6",
  "speed=1000",
  "graph=x",
  "preset=moons",
  "embed=2",
])("%s is refused by name, and the usual stands", (text) => {
  const { address, refused } = parseAddress(text);
  expect(refused).toEqual([text.split("=")[0]]);
  expect(address.settings).toEqual(defaults);
  expect(address.step).toBe(0);
});

test("any text can be an address", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom(
        "",
        "data=",
        "features=",
        "layers=",
        "step=",
        "lr=",
        "preset=lesson&weights=",
        "layers=0&weights=1,2,",
      ),
      (text, before) => {
        const { address } = parseAddress(before + text);
        expect(parseAddress(formatAddress(address)).address).toEqual(address);
      },
    ),
  );
});

test("a data set brings a loss that fits it", () => {
  expect(changed(defaults, { data: "regression" }).loss).toBe("mse");
  expect(changed(changed(defaults, { data: "regression", loss: "huber" }), { data: "xor" }).loss).toBe("crossEntropy");
});

test("a preset can be changed in parts", () => {
  const { address, refused } = parseAddress("preset=lesson&lr=0.3&layers=3");
  expect(refused).toEqual([]);
  expect(address.settings).toEqual({ ...presets.lesson, lr: 0.3, layers: [3], start: null });
  expect(formatAddress(address)).toBe("preset=lesson&layers=3&lr=0.3");
  expect(countOf(address.settings.data)).toBe(1);
});

test("weights hold for their network alone; other points and another network begin anew, another rate does not", () => {
  const start = { step: 5, weights: Array.from({ length: parameterCount(defaults) }, (_, i) => i) };
  const settings = { ...defaults, start };
  expect(changed(settings, { lr: 1 }).start).toBe(start);
  expect(changed(settings, { activation: "relu" }).start).toBe(start);
  expect(changed(settings, { layers: [3] }).start).toBe(null);
  expect(changed(settings, { features: ["x1", "x2", "x1x2"] }).start).toBe(null);
  expect(changed(settings, { data: "xor" }).start).toBe(null);
  expect(changed(settings, { data: "lesson", layers: [2] }).start).toBe(presets.lesson.start);
});

test.each([
  ["?embed", "", "embed=1"],
  ["?embed", "#layers=3-2&walk=0", "layers=3-2&walk=0&embed=1"],
  ["?embed", "#embed=1", "embed=1"],
  ["", "#walk=0", "walk=0"],
])("a frame is asked for behind the question mark as well: %s%s", (search, hash, meant) => {
  const { address, refused } = parseAddress(partOf({ search, hash }));
  expect([address, refused]).toEqual([parseAddress(meant).address, []]);
  expect(address.embed).toBe(meant.includes("embed"));
});
