import { describe, expect, test } from "vitest";
import { checkGradient, type GradientReport } from "../../src/gradcheck/index.ts";
import { Random } from "./random.ts";

// Functions whose values are small, as those of physics are in units of people's size, or large.

type Vector = Float64Array | Float32Array;
type Slopes = (x: Vector) => number[];
interface Scaled {
  readonly name: string;
  readonly inputs: number;
  readonly value: (x: Vector) => number;
  readonly slopes: Slopes;
  /** Whether the inputs may be of the scale's size, and not the factor. */
  readonly isPower: boolean;
}

const functions: readonly Scaled[] = [
  { name: "x²", inputs: 1, value: ([x]) => x! * x!, slopes: ([x]) => [2 * x!], isPower: true },
  {
    name: "½ m v²",
    inputs: 2,
    value: ([m, v]) => 0.5 * m! * v! * v!,
    slopes: ([m, v]) => [0.5 * v! * v!, m! * v!],
    isPower: true,
  },
  {
    name: "m M / r²",
    inputs: 3,
    value: ([m, n, r]) => (m! * n!) / (r! * r!),
    slopes: ([m, n, r]) => [n! / r! ** 2, m! / r! ** 2, (-2 * m! * n!) / r! ** 3],
    isPower: false,
  },
  {
    name: "y sin x",
    inputs: 2,
    value: ([x, y]) => y! * Math.sin(x!),
    slopes: ([x, y]) => [y! * Math.cos(x!), Math.sin(x!)],
    isPower: true,
  },
  {
    name: "relu",
    inputs: 2,
    value: ([x, y]) => 3 * Math.max(x!, 0) - 0.4 * y!,
    slopes: ([x]) => [x! > 0 ? 3 : 0, -0.4],
    isPower: true,
  },
  { name: "e^x", inputs: 1, value: ([x]) => Math.exp(x!), slopes: ([x]) => [Math.exp(x!)], isPower: false },
  {
    name: "logistic loss",
    inputs: 2,
    value: ([x, w]) => Math.log1p(Math.exp(-x! * w!)),
    slopes: ([x, w]) => [-w! / (1 + Math.exp(x! * w!)), -x! / (1 + Math.exp(x! * w!))],
    isPower: false,
  },
  {
    name: "sum of squares",
    inputs: 4,
    value: (x) => (x as Float64Array).reduce((sum, v) => sum + v * v, 0),
    slopes: (x) => Array.from(x, (v) => 2 * v),
    isPower: true,
  },
];

const faults: readonly [name: string, fault: (g: number, i: number) => number][] = [
  ["with another sign", (g) => -g],
  ["doubled", (g) => 2 * g],
  ["with an entry that is dropped", (g, i) => (i === 0 ? 0 : g)],
  ["off by 1 %", (g) => 1.01 * g],
];

/** Checks the right gradient and wrong ones; false where numbers have lost their digits. */
function holds(
  { name, inputs, value, slopes }: Scaled,
  [factor, size]: readonly [number, number],
  isFloat32: boolean,
): boolean {
  const random = new Random(1, `${name} ${factor} ${size}`);
  const x = Array.from({ length: inputs }, () => size * random.uniform(0.3, 2.3));
  const point = isFloat32 ? Float32Array.from(x) : Float64Array.from(x);
  const rounded = isFloat32 ? Math.fround : (v: number): number => v;
  const right: Slopes = (v) => slopes(v).map((g) => rounded(factor * g));
  const [least, most] = isFloat32 ? [1e-35, 1e36] : [1e-280, 1e280];
  const isLost = (v: number): boolean => v !== 0 && (Math.abs(v) < least || Math.abs(v) > most);
  const f = (v: Vector): number => rounded(factor * value(v));
  if (f(point) === 0 || [f(point), ...right(point)].some(isLost)) return false;
  const check = (grad: Slopes): GradientReport => checkGradient(f as never, grad as never, point as never);
  const label = `${factor} · ${name} at [${x}]`;
  const report = check(right);
  expect(report.ok, `${label}: ${report}`).toBe(true);
  expect(report.counts.flat, `${label}: ${report}`).toBe(0);
  for (const [what, fault] of faults) {
    const wrong = check((v) => right(v).map(fault));
    expect(wrong.counts.mismatch, `${label}, ${what}: ${wrong}`).toBeGreaterThan(0);
  }
  return true;
}

describe.each(functions)(
  "$name times a factor, or of inputs of another size: right gradients pass, wrong ones are called wrong",
  (scaled) => {
    const powers = [-3, -9, -16, -31, -100, -250, 3, 50, 150, 250];
    const powersOfFloat32 = [-3, -5, -7, -10, -20, -30, 3, 10, 30];
    test.each([false, true])("in float32: %s", (isFloat32) => {
      let count = 0;
      for (const power of isFloat32 ? powersOfFloat32 : powers) {
        if (holds(scaled, [10 ** power, 1], isFloat32)) count++;
        // Of large inputs, a sine is a wave that steps of their size do not see.
        if (scaled.isPower && !(power > 0 && scaled.name === "y sin x") && holds(scaled, [1, 10 ** power], isFloat32))
          count++;
      }
      expect(count).toBeGreaterThan(5);
    });
  },
);

describe("in the units of physics", () => {
  const [planck, newton, electron] = [6.62607015e-34, 6.6743e-11, 9.1093837e-31];
  const rows: [name: string, f: (x: number[]) => number, slopes: (x: number[]) => number[], x: number[]][] = [
    ["the energy of an electron, by its speed", ([v]) => 0.5 * electron * v! ** 2, ([v]) => [electron * v!], [1.3e6]],
    [
      "the same, by its mass, too",
      ([m, v]) => 0.5 * m! * v! ** 2,
      ([m, v]) => [0.5 * v! ** 2, m! * v!],
      [electron, 1.3e6],
    ],
    ["a photoelectron", ([frequency, w]) => planck * frequency! - w!, () => [planck, -1], [8.1e14, 3.6e-19]],
    [
      "gravity between people, and the Moon's",
      ([m, n, r]) => (newton * m! * n!) / r! ** 2,
      ([m, n, r]) => [(newton * n!) / r! ** 2, (newton * m!) / r! ** 2, (-2 * newton * m! * n!) / r! ** 3],
      [70, 7.342e22, 3.844e8],
    ],
    ["a capacitor", ([c, u]) => 0.5 * c! * u! ** 2, ([c, u]) => [0.5 * u! ** 2, c! * u!], [4.7e-12, 5.1]],
    [
      "a rate of reaction, by concentrations",
      ([k, a, b]) => k! * a! * b! ** 2,
      ([k, a, b]) => [a! * b! ** 2, k! * b! ** 2, 2 * k! * a! * b!],
      [3.1e-4, 2.2e-9, 7.4e-7],
    ],
  ];
  test.each(rows)("%s", (_, f, slopes, x) => {
    const right = checkGradient(f, slopes, x);
    expect(right.ok, String(right)).toBe(true);
    for (const [what, fault] of faults) {
      const wrong = checkGradient(f, (v) => slopes(v).map(fault), x);
      expect(wrong.counts.mismatch, `${what}: ${wrong}`).toBeGreaterThan(0);
    }
  });
});

test("where a small function does not move, a slope that it has elsewhere does not pass as one that rounding hides", () => {
  for (const factor of [1e-3, 1e-13, 1e-17, 1e-30, 1e-100]) {
    for (const x of [-1.3, -1e-2, -1e-9]) {
      const report = checkGradient(
        (v) => factor * Math.max(0, v),
        () => factor,
        x,
      );
      expect(report.counts.flat, `${factor} at ${x}: ${report}`).toBe(1);
      expect(report.ok).toBe(false);
    }
  }
});

test("but what a 1 inside has rounded away still passes as flat, times any factor", () => {
  for (const factor of [1, 1e-6, 1e-30]) {
    for (const x of [36.5, 40, 60]) {
      const report = checkGradient(
        (v) => factor * Math.log(1 + Math.exp(-v)),
        (v) => -factor / (1 + Math.exp(v)),
        x,
      );
      expect(report.ok, `${factor} at ${x}: ${report}`).toBe(true);
      expect(report.calls.f).toBeLessThan(500);
    }
  }
});

test("of many entries that a 1 inside has rounded away, f is asked once where it has grown", () => {
  const x = Float64Array.from({ length: 60 }, (_, i) => 37 + i / 10);
  const calls = (n: number): number => {
    const report = checkGradient(
      (v: Float64Array) => v.reduce((sum, own) => sum + Math.log(1 + Math.exp(-own)), 0),
      (v) => v.map((own) => -1 / (1 + Math.exp(own))),
      x.slice(0, n),
    );
    expect(report.ok, String(report)).toBe(true);
    return report.calls.f / n;
  };
  expect(calls(60)).toBeLessThan(0.6 * calls(1));
});
