import { expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";

// Gradients of the parts of a tensor are put together at once, and not each in a tensor of its size.

const step = (x: T.Tensor, parts: (x: T.Tensor) => T.Tensor[]): (() => T.Tensor) => {
  return () => {
    x.grad = null;
    const loss = parts(x).reduce(
      (sum, part, i) =>
        sum.add(
          part
            .mul(part)
            .mul(i + 1)
            .sum(),
        ),
      T.tensor(0),
    );
    loss.backward();
    return loss;
  };
};

const values = (): T.Tensor => {
  const x = T.tensor(Float32Array.from({ length: 3 * 40 * 2 }, (_, i) => (i % 7) - 3))
    .reshape([3, 40, 2])
    .detach();
  x.requiresGrad = true;
  return x;
};

test.each<[string, (x: T.Tensor) => T.Tensor[]]>([
  ["steps", (x) => T.split(x, 1, 1)],
  ["steps that overlap", (x) => Array.from({ length: 38 }, (_, i) => T.slice(x, null, [i, i + 3]))],
  [
    "steps backwards, and every other one",
    (x) => [T.slice(x, null, [30, 10, -1]), T.slice(x, null, [0, 20, 2]), T.slice(x, 1)],
  ],
  ["steps beside the whole", (x) => [x, T.slice(x, null, [1, 2]), T.slice(x, null, [5, 9]), T.slice(x, 0)]],
])("gradients of %s are those of eager code", (_, parts) => {
  const [own, other] = [values(), values()];
  const [eager, compiled] = [step(own, parts), compile(step(other, parts), { verify: true })];
  for (let i = 0; i < 2; i++) {
    expect(compiled().item()).toBe(eager().item());
    expect(Array.from(other.grad!.data)).toEqual(Array.from(own.grad!.data));
  }
});

test("a sequence of twice the length takes twice the memory", () => {
  const bytes = [20, 40].map((length) => {
    const x = T.zeros([8, length, 64], { requiresGrad: true });
    const train = compile(step(x, (own) => T.split(own, 1, 1)));
    train();
    return train.programs[0]!.stats.bytesMoved;
  });
  expect(bytes[1]! / bytes[0]!).toBeLessThan(2.5);
});
