import { describe, expect, test } from "vitest";
import {
  abs,
  calculateGain,
  flatten,
  Generator,
  kaimingNormal,
  kaimingUniform,
  matmul,
  max,
  type Nonlinearity,
  normal,
  orthogonal,
  rand,
  randn,
  ShapeError,
  type Tensor,
  transpose,
  uniform,
  ValueError,
  xavierNormal,
  xavierUniform,
} from "../../src/index.ts";

const seeded = (): { generator: Generator; dtype: "float64" } => ({ generator: new Generator(11), dtype: "float64" });

function deviation(x: Tensor): number {
  return Math.sqrt(x.mul(x).mean().item());
}

function largest(x: Tensor): number {
  return max(abs(x)).item();
}

describe("uniform and normal", () => {
  test("stretch and shift what rand and randn draw", () => {
    const u = rand([50], seeded()).toArray<number[]>();
    expect(uniform([50], { low: -3, high: 5, ...seeded() }).toArray()).toEqual(u.map((x) => -3 + x * 8));
    const z = randn([50], seeded()).toArray<number[]>();
    expect(normal([50], { mean: 2, std: 0.5, ...seeded() }).toArray()).toEqual(z.map((x) => 2 + x * 0.5));
    expect(uniform([3], seeded()).toArray()).toEqual(u.slice(0, 3));
    expect(normal([3], seeded()).toArray()).toEqual(z.slice(0, 3));
  });

  test("give leaves", () => {
    for (const init of [uniform, normal, kaimingUniform, xavierNormal, orthogonal]) {
      const x = init([2, 3], { requiresGrad: true });
      expect([x.requiresGrad, x.op, x.dtype, x.shape]).toEqual([true, null, "float32", [2, 3]]);
      expect(init([2, 3]).requiresGrad).toBe(false);
    }
  });

  test("refuse bounds and deviations that are none", () => {
    expect(() => uniform([1], { low: 2, high: 1 })).toThrow(ValueError);
    expect(() => uniform([1], { low: 2, high: 1 })).toThrow(
      "uniform: bounds must be finite with low ≤ high, got 2 and 1",
    );
    expect(() => uniform([1], { high: Number.NaN })).toThrow(ValueError);
    expect(() => normal([1], { std: -1 })).toThrow(
      "normal: mean and std must be finite and std not negative, got 0 and -1",
    );
  });
});

describe("Kaiming's", () => {
  test.each<[string, number, Parameters<typeof kaimingUniform>[1]]>([
    ["fan in, rectifier", Math.sqrt(2 / 300), {}],
    ["fan out", Math.sqrt(2 / 200), { mode: "fanOut" }],
    ["another nonlinearity", 5 / 3 / Math.sqrt(300), { nonlinearity: "tanh" }],
    ["leaky rectifier", Math.sqrt(2 / (1 + 0.25) / 300), { nonlinearity: "leakyRelu", slope: 0.5 }],
    ["a slope alone", Math.sqrt(2 / (1 + 5) / 300), { slope: Math.sqrt(5) }],
    ["a gain", 3 / Math.sqrt(300), { gain: 3 }],
  ])("have the deviation gain / √fan: %s", (_, wanted, options) => {
    const [u, z] = [kaimingUniform, kaimingNormal].map((init) => init([200, 300], { ...seeded(), ...options }));
    expect(deviation(u!) / wanted).toBeCloseTo(1, 2);
    expect(largest(u!) / wanted).toBeCloseTo(Math.sqrt(3), 3);
    expect(largest(u!)).toBeLessThanOrEqual(wanted * Math.sqrt(3));
    expect(deviation(z!) / wanted).toBeCloseTo(1, 2);
    expect(largest(z!) / wanted).toBeGreaterThan(3.5);
  });

  test("count the receptive field in both fans", () => {
    expect(largest(kaimingUniform([200, 30, 5, 2], seeded()))).toBeCloseTo(Math.sqrt(6 / 300), 3);
    const out = kaimingUniform([20, 30, 5, 2], { ...seeded(), mode: "fanOut" });
    expect(largest(out)).toBeCloseTo(Math.sqrt(6 / 200), 3);
  });

  test("take zero sizes", () => {
    expect(kaimingUniform([0, 0]).shape).toEqual([0, 0]);
  });

  test("refuse what is wrong", () => {
    expect(() => kaimingUniform([3])).toThrow(ShapeError);
    expect(() => kaimingUniform([3])).toThrow(
      "kaimingUniform: needs a shape of two axes or more, [out, in, …], got [3]; use uniform or normal for a bias",
    );
    expect(() => kaimingNormal([3, 3], { mode: "fan_in" as "fanIn" })).toThrow(
      'kaimingNormal: mode must be "fanIn" or "fanOut", got "fan_in", a string',
    );
    expect(() => kaimingNormal([3, 3], { gain: Number.NaN })).toThrow(
      "kaimingNormal: gain must be a finite number, got NaN",
    );
    expect(() => kaimingNormal([3, 3], { slope: 0.2, nonlinearity: "relu" })).toThrow(
      "kaimingNormal: only leakyRelu has a slope, got 0.2 for relu; leave the slope out",
    );
    expect(() => kaimingUniform([3, 3], { gain: 2, slope: 0.2 })).toThrow(
      "kaimingUniform: a gain stands instead of a nonlinearity and its slope, got both, 2 and 0.2; leave out one of them",
    );
  });
});

describe("Xavier's", () => {
  test("have the deviation gain · √(2 / (in + out))", () => {
    const wanted = 1.5 * Math.sqrt(2 / 500);
    const [u, z] = [xavierUniform, xavierNormal].map((init) => init([200, 300], { ...seeded(), gain: 1.5 }));
    expect(largest(u!) / wanted).toBeCloseTo(Math.sqrt(3), 3);
    expect(deviation(u!) / wanted).toBeCloseTo(1, 2);
    expect(deviation(z!) / wanted).toBeCloseTo(1, 2);
    expect(() => xavierUniform([])).toThrow("xavierUniform: needs a shape of two axes or more");
  });
});

describe("orthogonal", () => {
  test.each([[[5, 5]], [[3, 7]], [[7, 3]], [[4, 2, 3]], [[1, 1]], [[40, 40]]])(
    "has orthonormal rows or columns: %j",
    (shape) => {
      const q = flatten(orthogonal(shape, seeded()), 1);
      const [rows, columns] = q.shape as [number, number];
      const product = rows <= columns ? matmul(q, transpose(q)) : matmul(transpose(q), q);
      product.toArray<number[][]>().forEach((row, i) => {
        row.forEach((v, j) => {
          expect(Math.abs(v - (i === j ? 1 : 0))).toBeLessThan(1e-14);
        });
      });
    },
  );

  test("is scaled by the gain, and rounded once in float32", () => {
    const q = orthogonal([3, 4], seeded()).toArray<number[][]>();
    const options = { generator: new Generator(11), gain: 2 };
    expect(orthogonal([3, 4], { ...seeded(), gain: 2 }).toArray()).toEqual(q.map((row) => row.map((v) => 2 * v)));
    expect(orthogonal([3, 4], options).dtype).toBe("float32");
  });

  test("prefers no direction: signs and positions are even", () => {
    const generator = new Generator(4);
    let [sum, square, determinant] = [0, 0, 0];
    for (let i = 0; i < 2000; i++) {
      const [[a, b], [c, d]] = orthogonal([2, 2], { generator, dtype: "float64" }).toArray<
        [[number, number], [number, number]]
      >();
      sum += a;
      square += a * a;
      determinant += a * d - b * c;
    }
    expect(Math.abs(sum / 2000)).toBeLessThan(0.05);
    expect(square / 2000).toBeCloseTo(0.5, 1);
    expect(Math.abs(determinant / 2000)).toBeLessThan(0.07);
  });

  test("takes zero sizes and refuses fewer than two axes", () => {
    expect(orthogonal([0, 3]).shape).toEqual([0, 3]);
    expect(() => orthogonal([3])).toThrow("orthogonal: needs a shape of two axes or more, [out, in, …], got [3]");
  });
});

test.each<[Nonlinearity, number]>([
  ["linear", 1],
  ["sigmoid", 1],
  ["tanh", 5 / 3],
  ["relu", Math.sqrt(2)],
  ["leakyRelu", Math.sqrt(2 / 1.0001)],
  ["selu", 0.75],
])("the gain of %s is %d", (name, gain) => {
  expect(calculateGain(name)).toBeCloseTo(gain, 14);
});

test("unknown nonlinearities and slopes are refused", () => {
  expect(() => calculateGain("gelu" as "relu")).toThrow(
    'calculateGain: nonlinearity must be "linear", "sigmoid", "tanh", "relu", "leakyRelu" or "selu", got "gelu", a string; did you mean "relu"?',
  );
  expect(() => calculateGain("leakyRelu", Number.NaN)).toThrow("calculateGain: slope must be a finite number, got NaN");
});
