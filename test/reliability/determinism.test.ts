import { expect, test } from "vitest";
import {
  Adam,
  crossEntropy,
  Dropout,
  Generator,
  indexSelect,
  Linear,
  manualSeed,
  permutation,
  randint,
  randn,
  relu,
  Sequential,
  slice,
} from "../../src/index.ts";

/** The bits of a small training run with everything random in it. */
function train(seed: number): string {
  manualSeed(seed);
  const model = new Sequential(new Linear(5, 16), relu, new Dropout(0.3), new Linear(16, 3));
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const x = randn([24, 5]);
  const y = randint(0, 3, [24]);
  const losses: number[] = [];
  for (let i = 0; i < 30; i++) {
    const order = slice(permutation(24), [0, 8]);
    const batch = indexSelect(x, 0, order);
    const loss = crossEntropy(model.forward(batch), indexSelect(y, 0, order));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  const weights = model.parameters().map((p) => Array.from(new Uint32Array((p.data as Float32Array).buffer)));
  return JSON.stringify([losses, weights]);
}

test("training is bit-identical for the same seed, and differs for another", () => {
  expect(train(3)).toBe(train(3));
  expect(train(3)).not.toBe(train(4));
});

test("a generator of one's own does not disturb the default one", () => {
  manualSeed(5);
  const a = randn([4]).toArray();
  manualSeed(5);
  randn([100], { generator: new Generator(9) });
  expect(randn([4]).toArray()).toEqual(a);
});
