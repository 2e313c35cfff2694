import { type Tensor, tensor } from "../../../src/index.ts";
import type { Sample, Samples } from "./sample.ts";

const square = (x: number[]): number[] => x.map((v) => v * v);
const total = (x: number[]): number => x.reduce((sum, v) => sum + v * v, 0);
const doubled = (x: number[]): number[] => x.map((v) => 2 * v);
const product = (x: number[], v: number[]): number[] => x.map((value, i) => 2 * value * v[i]!);
const diagonal = (x: number[]): number[][] => x.map((value, i) => x.map((_, j) => (i === j ? 2 * value : 0)));
const curvature = (x: number[]): number[][] => x.map((_, i) => x.map((_, j) => (i === j ? 2 : 0)));
const point = (): number[] => [1, 2];
const leaf = (): Tensor => tensor([1, 2], { dtype: "float64", requiresGrad: true });
const rows = (): unknown[] => [{ name: "square", f: total, gradient: doubled, x: point() }];

const is =
  <T>(value: T) =>
  (): T =>
    value;
const of = (...args: (() => unknown)[]): Sample => ({ args: () => args.map((make) => make()), takes: bounds });

/** `[1, 2]` has the form of the points here, and of the results. */
const bounds = { "options.lower": ["array"], "options.upper": ["array"], "options.out": ["array"] } as const;

/** A check, and the assertion of the same. */
function both(name: string, ...args: (() => unknown)[]): Samples {
  return { [`check${name}`]: of(...args), [`assert${name}`]: of(...args) };
}

/** A check of a table, whose errors say which row. */
function suite(name: string): Samples {
  return { [name]: { ...of(rows), as: `${name}(, row square: checkGradient)?` } };
}

/** What `tinygrad-ts/gradcheck` exports. */
export const gradcheckSamples: Samples = {
  ...both("Gradient", is(total), is(doubled), point),
  ...both("Jacobian", is(square), is(diagonal), point),
  ...both("Vjp", is(square), is(product), point),
  ...both("Jvp", is(square), is(product), point),
  ...both("Hessian", is(total), is(curvature), point),
  ...both(
    "Hvp",
    is(total),
    is((_: number[], v: number[]) => doubled(v)),
    point,
  ),
  ...suite("checkSuite"),
  ...suite("checkSuiteAsync"),
  ...suite("assertSuite"),
  detectionPower: of(is(total), is(doubled), point),
  spread: of(is((a: number, b: number) => a * b)),
  numericalDirectional: { ...of(is(total), point, point), takes: { ...bounds, v: ["array"] } },
  numericalHessian: of(is(total), point),
  numericalJacobian: of(is(square), point),
  numericalGradient: of(is(total), point),
  ...Object.fromEntries(
    ["gradcheck", "assertGradcheck", "gradgradcheck", "assertGradgradcheck"].map((name) => [
      name,
      of(
        is((x: Tensor) => x.mul(x).mul(x)),
        () => [leaf()],
      ),
    ]),
  ),
};
