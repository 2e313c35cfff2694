import fc from "fast-check";
import { expect, test } from "vitest";
import { type Address, formatAddress, parseAddress } from "../../docs/playground/model/address.ts";
import {
  activations,
  batchSizes,
  changed,
  datasets,
  defaults,
  limits,
  lossesFor,
  noises,
  optimizers,
  pointCount,
  rates,
} from "../../docs/playground/model/settings.ts";

const addresses: fc.Arbitrary<Address> = fc
  .record({
    data: fc.constantFrom(...datasets),
    noise: fc.constantFrom(...noises),
    batch: fc.constantFrom(...batchSizes),
    layers: fc.array(fc.integer({ min: 1, max: limits.neurons }), { maxLength: limits.layers }),
    activation: fc.constantFrom(...activations),
    optimizer: fc.constantFrom(...optimizers),
    lr: fc.constantFrom(...rates),
    seed: fc.integer({ min: 0, max: limits.seed }),
  })
  .chain((settings) =>
    fc.record({
      settings: fc.constantFrom(...lossesFor(settings.data)).map((loss) => ({ ...settings, loss })),
      step: fc.integer({ min: 0, max: limits.steps }),
      point: fc.integer({ min: 0, max: pointCount - 1 }),
      walk: fc.option(fc.integer({ min: 0, max: 200 })),
      language: fc.constantFrom(null, "en", "zh"),
    }),
  );

test("an address comes back as it was", () => {
  fc.assert(
    fc.property(addresses, (address) => {
      expect(parseAddress(`#${formatAddress(address)}`)).toEqual({ address, refused: [] });
    }),
  );
});

test("what is as usual is not in the address", () => {
  expect(formatAddress({ settings: defaults, step: 0, point: 0, walk: null, language: null })).toBe("");
  const settings = changed(defaults, { data: "spiral", layers: [8, 8] });
  expect(formatAddress({ settings, step: 7, point: 0, walk: null, language: null })).toBe(
    "data=spiral&layers=8-8&step=7",
  );
});

test.each([
  "data=moon",
  "layers=99",
  "layers=4-4-4-4-4",
  "layers=",
  "lr=-1",
  "lr=1e-99",
  "step=1e9",
  "step=-1",
  "loss=huber",
])("%s is refused by name, and the usual stands", (text) => {
  const { address, refused } = parseAddress(text);
  expect(refused).toEqual([text.split("=")[0]]);
  expect(address.settings).toEqual(defaults);
  expect(address.step).toBe(0);
});

test("any text can be an address", () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom("", "data=", "layers=", "step=", "lr="), (text, before) => {
      const { address } = parseAddress(before + text);
      expect(parseAddress(formatAddress(address)).address).toEqual(address);
    }),
  );
});

test("a data set brings a loss that fits it", () => {
  expect(changed(defaults, { data: "regression" }).loss).toBe("mse");
  expect(changed(changed(defaults, { data: "regression", loss: "huber" }), { data: "xor" }).loss).toBe("crossEntropy");
});
