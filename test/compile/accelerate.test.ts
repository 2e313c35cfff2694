import { afterEach, describe, expect, test } from "vitest";
import { accelerate } from "../../src/compile/index.ts";
import { runtime } from "../../src/core/runtime.ts";
import * as T from "../../src/index.ts";

let stop: (() => void) | null = null;
afterEach(() => stop?.());

/** The same computation eagerly and accelerated. */
function both(compute: () => T.Tensor): [plain: T.Tensor, fast: T.Tensor] {
  const plain = compute();
  stop = accelerate();
  const fast = compute();
  stop();
  return [plain, fast];
}

function expectNear(fast: T.Tensor, plain: T.Tensor, slack: number): void {
  expect(fast.shape).toEqual(plain.shape);
  expect(fast.dtype).toBe(plain.dtype);
  const difference = T.max(T.abs(T.sub(fast, plain))).item();
  expect(difference).toBeLessThanOrEqual(slack * Math.max(1, T.max(T.abs(plain)).item()));
}

test("switched on twice, it is on until both are switched off, in any order", () => {
  const x = T.linspace(-3, 3, 1000);
  const isOn = (): boolean => runtime.accelerators.length > 0;
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    // biome-ignore format: pairs
    const stops = [accelerate(), accelerate({ deterministic: true })];
    stops[order[0]!]!();
    stops[order[0]!]!();
    expect(isOn()).toBe(true);
    expectNear(T.tanh(x), T.sub(1, T.div(2, T.add(T.exp(T.mul(x, 2)), 1))), 1e-5);
    stops[order[1]!]!();
    expect(isOn()).toBe(false);
  }
});

describe("accelerated eager code", () => {
  test.each([
    [33, 40, 50],
    [128, 300, 9],
    [1, 400, 64],
  ])("products of %i×%i×%i, transposed or not, and their gradients", (m, k, n) => {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const a = T.randn(transposeA ? [k, m] : [m, k], { requiresGrad: true });
        const b = T.randn(transposeB ? [n, k] : [k, n], { requiresGrad: true });
        const [plain, fast] = both(() => T.matmul(a, b, { transposeA, transposeB }).detach());
        expectNear(fast, plain, 1e-5);
        expect(fast.data).not.toEqual(plain.data); // added up in another precision: it was the other kernel
        const [da, fastDa] = both(() => T.gradients(T.sum(T.matmul(a, b, { transposeA, transposeB })), [a])[0]!);
        expectNear(fastDa, da, 1e-5);
      }
    }
  });

  const elementary = {
    exp: T.exp,
    log: T.log,
    tanh: T.tanh,
    sigmoid: T.sigmoid,
    softmax: T.softmax,
    logSoftmax: T.logSoftmax,
  };
  test.each(Object.entries(elementary))("%s of many elements", (_, compute) => {
    const x = T.add(T.abs(T.randn([100, 50])), 0.01);
    const [plain, fast] = both(() => compute(x));
    expectNear(fast, plain, 1e-6);
    expect(fast.data).not.toEqual(plain.data);
  });

  test("is as it was for float64, integers, and little work; and after it is switched off", () => {
    for (const compute of [
      () => T.matmul(T.full([50, 50], 0.1, { dtype: "float64" }), T.full([50, 50], 0.3, { dtype: "float64" })),
      () => T.exp(T.full([10_000], 0.1, { dtype: "float64" })),
      () => T.matmul(T.full([5, 5], 0.1), T.full([5, 5], 0.3)),
      () => T.tanh(T.full([100], 0.1)),
    ]) {
      const [plain, fast] = both(compute);
      expect(fast.data).toEqual(plain.data);
    }
    const x = T.randn([64, 64]);
    const before = T.matmul(x, x).data;
    stop = accelerate();
    T.matmul(x, x);
    stop();
    expect(T.matmul(x, x).data).toEqual(before);
  });

  test("more shapes than are kept", () => {
    stop = accelerate();
    for (let round = 0; round < 2; round++) {
      for (let n = 30; n < 70; n++) {
        expect(T.matmul(T.ones([n, 30]), T.ones([30, n])).data.every((v) => v === 30)).toBe(true);
      }
    }
  });

  test("a training step comes to the same", () => {
    const train = (): T.Tensor => {
      T.manualSeed(4);
      const model = new T.Sequential(new T.Linear(40, 60), T.tanh, new T.Linear(60, 10));
      const optimizer = new T.SGD(model.parameters(), { lr: 0.1 });
      const [x, y] = [T.randn([80, 40]), T.randint(0, 10, [80])];
      for (let i = 0; i < 20; i++) {
        const loss = T.crossEntropy(model.forward(x), y);
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
      }
      return model.forward(x).detach();
    };
    const [plain, fast] = both(train);
    expectNear(fast, plain, 1e-4);
  });
});

test("nothing is switched on by itself: what is computed later has the same bits", async () => {
  const a = T.randn([128, 128], { generator: new T.Generator(1) });
  const compute = (): number[] => [...T.matmul(a, T.tanh(a)).data];
  const first = compute();
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(runtime.accelerators).toEqual([]);
  expect(compute()).toEqual(first);
});
