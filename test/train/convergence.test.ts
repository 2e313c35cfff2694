import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  Adam,
  Generator,
  manualSeed,
  mlp,
  mse,
  randn,
  SGD,
  type Tensor,
  tensor,
  ValueError,
  zerosLike,
} from "../../src/index.ts";
import { convergence, fit, TensorDataset } from "../../src/train/index.ts";

/** Normal noise. */
const noise = (count: number, seed: number): number[] => [
  ...randn([count], { dtype: "float64", generator: new Generator(seed) }).data,
];
const curve = (
  count: number,
  seed: number,
  at: (t: number, i: number) => number,
  spread: (t: number) => number,
): number[] => noise(count, seed).map((e, i) => at(i / count, i) + e * spread(i / count));

const seeds = fc.integer({ min: 0, max: 1e9 });
const counts = fc.integer({ min: 40, max: 1500 });

describe("curves that were drawn", () => {
  const verdicts = (make: (count: number, seed: number, v: number) => number[], wanted: string): void => {
    fc.assert(
      fc.property(counts, seeds, fc.double({ min: 0, max: 1, noNaN: true }), (count, seed, v) => {
        expect(convergence(make(count, seed, v)).verdict).toBe(wanted);
      }),
      { numRuns: 300, seed: 5 },
    );
  };

  test("that come down, with any noise well below the way down, converge", () => {
    verdicts(
      (count, seed, v) =>
        curve(
          count,
          seed,
          (t) => Math.exp(-t * (1 + 6 * v)),
          () => 0.08,
        ),
      "converging",
    );
    verdicts(
      (count, seed, v) =>
        curve(
          count,
          seed,
          (t) => 3 * Math.exp(-t * 20),
          (t) => (0.02 + 0.2 * v) * Math.exp(-t * 20) + 0.01,
        ),
      "converging",
    );
  });

  test("that only are noise have stalled", () => {
    verdicts(
      (count, seed, v) =>
        curve(
          count,
          seed,
          () => 2.3,
          () => 0.005 + v,
        ),
      "stalled",
    );
    verdicts((count) => Array.from({ length: count }, () => 0.69), "stalled");
  });

  test("that rise diverge", () => {
    verdicts(
      (count, seed, v) =>
        curve(
          count,
          seed,
          (t) => Math.exp(t * (2 + 6 * v)),
          () => 0.1,
        ),
      "diverging",
    );
    verdicts(
      (count, seed, v) =>
        curve(
          count,
          seed,
          (t) => (t < 0.5 ? 1 - t : 0.5 + (3 + 9 * v) * (t - 0.5)),
          () => 0.05,
        ),
      "diverging",
    );
  });

  test("that swing regularly oscillate", () => {
    verdicts(
      (count, seed, v) =>
        curve(
          count,
          seed,
          (_, i) => 1 + (0.2 + v) * (-1) ** i,
          () => 0.03,
        ),
      "oscillating",
    );
    verdicts(
      (count, seed, v) =>
        curve(
          count,
          seed,
          (_, i) => 2 + (0.2 + v) * Math.sin(i * 1.3),
          () => 0.03,
        ),
      "oscillating",
    );
    const report = convergence(
      curve(
        200,
        1,
        (_, i) => 1 + 0.5 * Math.cos((Math.PI * i) / 3),
        () => 0.01,
      ),
    );
    expect([report.verdict, report.period]).toEqual(["oscillating", 6]);
  });
});

test("a loss that is not finite says where", () => {
  const losses = [...Array.from({ length: 30 }, (_, i) => 1 / (i + 1)), Number.NaN, 1];
  expect(convergence(losses)).toMatchObject({ verdict: "diverging", step: 31 });
  expect(convergence([Number.POSITIVE_INFINITY])).toMatchObject({ verdict: "diverging", step: 1 });
});

test("few losses say nothing, and what are none are refused", () => {
  expect(convergence([3, 2, 1]).verdict).toBe("too short");
  expect(convergence([]).verdict).toBe("too short");
  expect(() => convergence(["1"] as never)).toThrow(ValueError);
});

test("reads as a text", () => {
  expect(String(convergence(Array.from({ length: 40 }, (_, i) => 2 ** (i / 4))))).toBe(
    "diverging from step 4 on\n" +
      "  40 steps; loss 1.321 at first, 676.5 at last; noise 2.669\n" +
      "  - Lower the learning rate, first by a factor of 10.\n" +
      "  - Clip the gradients: clipNorm of fit, or clipGradNorm.\n" +
      "  - Warm up the learning rate, and standardize the inputs.",
  );
});

describe("real trainings", () => {
  const data = (): TensorDataset => {
    const x = randn([64, 3], { generator: new Generator(2) });
    return new TensorDataset(x, x.mul(x).sum(1, { keepDims: true }));
  };
  const train = async (
    lr: number,
    more: { zero?: boolean; kind?: typeof Adam | typeof SGD; batchSize?: number } = {},
  ) => {
    manualSeed(1);
    const model = mlp([3, 16, 1]);
    if (more.zero) for (const p of model.parameters()) p.assign(zerosLike(p));
    const Kind = more.kind ?? SGD;
    const optimizer = new Kind(model.parameters(), { lr });
    // Without the guard of fit, which would refuse: losses of a loop by hand.
    const history = await fit(model, data(), { loss: mse, optimizer, epochs: 40, batchSize: more.batchSize ?? 16 });
    return convergence(history);
  };

  test("a good one converges", async () => {
    expect((await train(0.02)).verdict).toBe("converging");
    expect((await train(0.01, { kind: Adam })).verdict).toBe("converging");
  });

  test("a rate of nearly 0 stalls", async () => {
    expect((await train(1e-7)).verdict).toBe("stalled");
  });

  test("full batches at too high a rate swing, or diverge", () => {
    // A quadratic, by hand: with a rate just below 2 / curvature it swings, above it diverges.
    const descend = (lr: number): number[] => {
      const w = tensor([1], { dtype: "float64", requiresGrad: true });
      const optimizer = new SGD([w], { lr });
      return Array.from({ length: 60 }, () => {
        const loss: Tensor = w.mul(w).sum().add(w.sum());
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
        return loss.item();
      });
    };
    expect(convergence(descend(1)).verdict).toBe("stalled"); // from one side to the other, on one level
    expect(convergence(descend(1.05)).verdict).toBe("diverging");
    expect(convergence(descend(0.3)).verdict).toBe("converging");
  });
});
