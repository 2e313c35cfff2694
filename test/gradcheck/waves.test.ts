import { describe, expect, test } from "vitest";
import {
  checkGradient,
  checkHessian,
  checkHvp,
  checkJacobian,
  checkJvp,
  checkVjp,
  type GradientReport,
  gradcheck,
} from "../../src/gradcheck/index.ts";
import { add, cos, exp, type Tensor, tensor } from "../../src/index.ts";
import { Random } from "./random.ts";

// A wave below the last digit of f: f has one slope, its right gradient any other.

type Wave = [name: string, f: (x: number) => number, slope: (x: number) => number, x: number];

const waves: Wave[] = [
  ["1e15 + sin x", (x) => 1e15 + Math.sin(x), Math.cos, 3],
  ["1e15 + sin x, far out", (x) => 1e15 + Math.sin(x), Math.cos, 231.95711771909095],
  ["1e16 + sin 1000 x", (x) => 1e16 + Math.sin(1000 * x), (x) => 1000 * Math.cos(1000 * x), 0.7],
  ["e^x + cos e^x", (x) => Math.exp(x) + Math.cos(Math.exp(x)), (x) => Math.exp(x) * (1 - Math.sin(Math.exp(x))), 47],
  [
    "x³ (1 + 1e-17 sin 1e15 x)",
    (x) => x ** 3 * (1 + 1e-17 * Math.sin(1e15 * x)),
    (x) => 3 * x ** 2 * (1 + 1e-17 * Math.sin(1e15 * x)) + 0.01 * x ** 3 * Math.cos(1e15 * x),
    1.3,
  ],
  [
    "log(1e14 + x² + 10 sin 500 x)",
    (x) => Math.log(1e14 + x * x + 10 * Math.sin(500 * x)),
    (x) => (2 * x + 5000 * Math.cos(500 * x)) / (1e14 + x * x + 10 * Math.sin(500 * x)),
    2.1,
  ],
];

test.each(waves)("%s: the right gradient is undecided at worst, at this point and beside it", (_, f, slope, x) => {
  for (let k = 0; k < 20; k++) expect(checkGradient(f, slope, x + k / 97).counts.mismatch).toBe(0);
});

test("where f moves by no more than its rounding, a gradient that is known at the point alone is not called wrong either", () => {
  for (let k = 0; k < 20; k++) {
    const x = 3 + k / 7;
    const report = checkGradient(
      (v: number) => 1e15 + Math.sin(v),
      () => Math.cos(x),
      x,
    );
    expect(report.counts.mismatch, String(report)).toBe(0);
  }
});

test("of a gradient that is known at the point alone, where f is next to constant, the report says what to give", () => {
  const of = (v: number): number => 7e12 + 0.09 * Math.sin(900 * v);
  const [x, right] = [2.3, 0.09 * 900 * Math.cos(900 * 2.3)];
  for (const value of [right, -right, 40]) {
    const report = checkGradient(of, () => value, x);
    expect(report.ok, String(report)).toBe(false);
    expect(report.counts.mismatch, String(report)).toBe(0);
  }
  const report = checkGradient(
    (v) => 1e13 + 0.4 * Math.sin(900 * v),
    () => 900,
    x,
  );
  expect(String(report)).toMatch(/give the gradient as a function of x/);
  // Of what moves, a constant is refuted.
  expect(
    checkGradient(
      (v) => 1e10 + v,
      () => 1.5,
      3,
    ).counts.mismatch,
  ).toBe(1);
  expect(
    checkGradient(
      (v) => v * v,
      () => 7,
      3,
    ).counts.mismatch,
  ).toBe(1);
});

const f = (x: number): number => Math.exp(x) + Math.cos(Math.exp(x));
const slope = (x: number): number => Math.exp(x) * (1 - Math.sin(Math.exp(x)));

test("the report says why", () => {
  const report = checkGradient(f, slope, 47);
  expect(report.ok).toBe(false);
  expect(String(report)).toMatch(
    /of the input the gradient changes by as much as it is off: f may round such a wave away/,
  );
});

test("in checks of other derivatives, too", () => {
  const reports: GradientReport[] = [
    checkVjp(
      ([x]: number[]) => [f(x!), x!],
      ([x]: number[], [u, v]: number[]) => [u! * slope(x!) + v!],
      [47],
    ),
    checkJvp(
      ([x]: number[]) => [x!, f(x!)],
      ([x]: number[], [v]: number[]) => [v!, v! * slope(x!)],
      [47],
    ),
    checkJacobian(
      ([x]: number[]) => [x!, f(x!)],
      ([x]: number[]) => [[1], [slope(x!)]],
      [47],
    ),
    checkHessian(
      ([x, y]: number[]) => [y!, x! + f(y!)],
      ([, y]: number[]) => [
        [0, 1],
        [1, slope(y!)],
      ],
      [2, 47],
    ),
    checkHvp(
      ([x, y]: number[]) => [y!, x! + f(y!)],
      ([, y]: number[], [u, v]: number[]) => [v!, u! + v! * slope(y!)],
      [2, 47],
    ),
    gradcheck((x: Tensor) => add(exp(x), cos(exp(x))), [tensor(47, { dtype: "float64", requiresGrad: true })]),
  ];
  for (const report of reports) {
    expect(report.counts.mismatch, String(report)).toBe(0);
    expect(report.counts.noisy).toBeGreaterThan(0);
  }
});

test.each([2, -1, 0, 1 + 1e-5])("a smooth gradient is refuted: %f times the right one", (factor) => {
  const report = checkGradient(Math.exp, (x) => factor * Math.exp(x), 47);
  expect(report.counts.mismatch, String(report)).toBe(1);
  const large = checkGradient(
    (x) => 1e15 + 1e9 * x ** 2,
    (x) => factor * 2e9 * x,
    300,
  );
  expect(large.counts.mismatch, String(large)).toBe(1);
});

test.each([2, -1, 0, 1 + 1e-5])("no error passes with a wave beside it: %f times the right gradient", (factor) => {
  for (let k = 0; k < 20; k++) expect(checkGradient(f, (x) => factor * slope(x), 47 + k / 97).ok).toBe(false);
});

test("a wrong gradient that throws beside the point, or has another form there, is called wrong", () => {
  const only = (elsewhere: () => number) => (x: number) => (x === 3 ? 7 : elsewhere());
  const throwing = only(() => {
    throw new Error("at 3 alone");
  });
  for (const grad of [throwing, only(() => "none" as unknown as number), only(() => Number.NaN)]) {
    const report = checkGradient((x) => x * x, grad, 3);
    expect(report.counts.mismatch, String(report)).toBe(1);
    expect(report.problems).toEqual([]);
  }
});

test("of a gradient that returns promises, and rejects beside the point", async () => {
  const grad = (x: number): Promise<number> => (x === 3 ? Promise.resolve(7) : Promise.reject(new Error("at 3 alone")));
  expect((await checkGradient((x) => x * x, grad, 3)).counts.mismatch).toBe(1);
  const right = await checkGradient(f, (x: number) => Promise.resolve(slope(x)), 47);
  expect(right.counts).toMatchObject({ mismatch: 0, noisy: 1 });
});

test("a large wrong gradient is asked for at other points a few times only", () => {
  const x = Float64Array.from({ length: 500 }, (_, i) => Math.sin(i + 1));
  const report = checkGradient(
    (v: Float64Array) => v.reduce((sum, own) => sum + own * own, 0),
    (v) => v.map((own) => 4 * own),
    x,
  );
  expect(report.counts.mismatch).toBe(500);
  expect(report.calls.derivative).toBeLessThan(250);
});

// Steps that are a multiple of a wave's period see a line, or two that meet in a kink.
const skipped: Wave[] = [
  ["a kink that is none", (x) => 4.5e8 + 0.3 * Math.sin(14.5 * x), (x) => 0.3 * 14.5 * Math.cos(14.5 * x), -30],
  [
    "a parabola, with a wave that is beside x as if it were slow",
    (x) => 99403558609944.11 + 0.14 * x ** 2 + 0.13 * Math.sin(400 * x) * Math.cos(0.1819824102913295 * x),
    (x) =>
      0.28 * x +
      0.13 * 400 * Math.cos(400 * x) * Math.cos(0.1819824102913295 * x) -
      0.13 * 0.1819824102913295 * Math.sin(400 * x) * Math.sin(0.1819824102913295 * x),
    -50,
  ],
  [
    "a wave that grows faster",
    (x) => 655587399388.6517 + 0.7286800981070876 * Math.sin(27.894139221029025 * x * x),
    (x) => 0.7286800981070876 * 27.894139221029025 * 2 * x * Math.cos(27.894139221029025 * x * x),
    -35.105527681298554,
  ],
];

test.each(skipped)("wide steps skip %s, and the right gradient is not called wrong", (_, f, slope, x) => {
  for (const gradient of [slope, () => slope(x)].slice(0, x === -50 ? 1 : 2)) {
    const report = checkGradient(f, gradient, x);
    expect(report.counts.mismatch, String(report)).toBe(0);
    expect(report.ok).toBe(false);
  }
});

test.each([
  [2122.7500046322593, 0.06151678369585235, 0.26, 710, 0, -51],
  [800000, 0, 0.10730779414704192, 200, 0.8691148753277957, -82],
])("in float32, too: %f + %f x + %f sin(%f x + %f) at %f", (offset, slope, height, speed, phase, x) => {
  const report = checkGradient(
    ([v]: Float32Array) => Math.fround(offset + slope * v! + height * Math.sin(speed * v! + phase)),
    ([v]: Float32Array) => [slope + height * speed * Math.cos(speed * v! + phase)],
    Float32Array.of(x),
  );
  expect(report.counts.mismatch, String(report)).toBe(0);
});

test("of offsets, waves and points at random, no right gradient is called wrong, and of wrong ones what f shows is", () => {
  const random = new Random(1, "waves");
  let [shown, called] = [0, 0];
  for (let k = 0; k < 1000; k++) {
    const [offset, height, speed] = [random.power(2, 12), random.power(-1, 1), random.power(-1, 2.5)];
    const x = k % 2 === 0 ? random.int(-50, 50) || 1 : random.uniform(-50, 50);
    const of = (v: number): number => offset + height * Math.sin(speed * v);
    const slope = (v: number): number => height * speed * Math.cos(speed * v);
    const report = checkGradient(of, slope, x);
    expect(report.counts.mismatch, `${offset} + ${height} sin ${speed} x at ${x}: ${report}`).toBe(0);
    if (!report.ok || report.worst[0]!.isSmall) continue;
    shown++;
    if (!checkGradient(of, (v) => -slope(v), x).ok) called++;
  }
  expect(shown).toBeGreaterThan(300);
  expect(called).toBe(shown);
});

test("waves of a few roundings on a slope: a right gradient that is known at the point alone is not called wrong", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new Random(seed, "waves of roundings");
    const [offset, speed, x] = [random.power(0, 12), random.power(0, 3), random.uniform(-50, 50)];
    const height = random.uniform(3, 50) * offset * 2 ** -52;
    const trend = random.power(-1, 1) * height * speed;
    const right = trend + height * speed * Math.cos(speed * x);
    const report = checkGradient(
      (v: number) => offset + trend * v + height * Math.sin(speed * v),
      () => right,
      x,
    );
    expect(report.counts.mismatch, `seed ${seed}: ${report}`).toBe(0);
  }
});

test("but a wrong one of a linear function is, whatever is added to it", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = new Random(seed, "linear");
    const [w, x, offset] = [random.vector(3), random.vector(3, -5, 5), random.power(0, 6)];
    const f = (v: Float64Array): number => v.reduce((sum, own, i) => sum + w[i]! * own, offset);
    const factor = [2, -1, 0, 1.01][seed % 4]!;
    const largest = w.indexOf(w.reduce((most, own) => (Math.abs(own) > Math.abs(most) ? own : most)));
    const report = checkGradient(f, () => w.map((own, i) => (i === largest ? factor * own : own)), x);
    expect(report.entries[largest]!.verdict, `seed ${seed}: ${report}`).toBe("mismatch");
  }
});

// Steps of x's own size skip many periods, and the beginnings and ends of a second in milliseconds.
describe.each<[name: string, f: (x: number) => number, slope: (x: number) => number, point: (k: number) => number]>([
  [
    "light along a millimetre",
    (x) => Math.sin((2 * Math.PI * x) / 550e-9),
    (x) => ((2 * Math.PI) / 550e-9) * Math.cos((2 * Math.PI * x) / 550e-9),
    (k) => 1e-3 * (0.5 + k / 13.7),
  ],
  ["a wave far out", (x) => Math.sin(1e5 * x), (x) => 1e5 * Math.cos(1e5 * x), (k) => 0.5 + k / 13.7],
  [
    "a clamp of timestamps",
    (t) => Math.min(1, Math.max(0, (t - 1.7e12) / 1000)),
    () => 1e-3,
    (k) => 1.7e12 + 50 + 43 * k,
  ],
])("%s", (_, of, right, point) => {
  test("the right gradient passes, and wrong ones are called wrong", () => {
    for (let k = 0; k < 20; k++) {
      const report = checkGradient(of, right, point(k));
      expect(report.ok, String(report)).toBe(true);
      for (const factor of [-1, 2, 1.01]) {
        const wrong = checkGradient(of, (x) => factor * right(x), point(k));
        expect(wrong.counts.mismatch, `${factor}: ${wrong}`).toBe(1);
      }
      expect(checkGradient(of, () => 0, point(k)).ok).toBe(false);
    }
  });
});

test("a smooth step of timestamps: the right gradient is not called wrong, and no wrong one passes", () => {
  const share = (t: number): number => Math.min(1, Math.max(0, (t - 1.7e12) / 1000));
  const step = (t: number): number => share(t) ** 2 * (3 - 2 * share(t));
  const right = (t: number): number => (6 * share(t) * (1 - share(t))) / 1000;
  for (let k = 0; k < 20; k++) {
    const t = 1.7e12 + 50 + 43 * k;
    const report = checkGradient(step, right, t);
    expect(report.counts.mismatch, String(report)).toBe(0);
    for (const factor of [-1, 2, 1.01, 0]) expect(checkGradient(step, (x) => factor * right(x), t).ok).toBe(false);
  }
});
