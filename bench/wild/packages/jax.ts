import type { Array as JaxArray } from "@jax-js/jax";
import { checkGradient } from "tinygrad-ts/gradcheck";
import { type Case, inputs, numbers, type Suite, type Values } from "../case.ts";

type Jax = typeof import("@jax-js/jax");
type Row = readonly [name: string, shape: readonly number[], f: (jax: Jax, x: JaxArray) => JaxArray, values?: Values];

const unary: readonly (readonly [name: string, values?: Values])[] = [
  ["abs"],
  ["acos", "unit"],
  ["acosh", "above 1"],
  ["asin", "unit"],
  ["asinh"],
  ["atan"],
  ["atanh", "unit"],
  ["cbrt", "positive"],
  ["ceil"],
  ["cos"],
  ["cosh"],
  ["deg2rad"],
  ["exp"],
  ["exp2"],
  ["expm1"],
  ["log", "positive"],
  ["log10", "positive"],
  ["log1p", "positive"],
  ["log2", "positive"],
  ["negative"],
  ["reciprocal"],
  ["sin"],
  ["sinc"],
  ["sinh"],
  ["sqrt", "positive"],
  ["square"],
  ["tan"],
  ["tanh"],
  ["trunc"],
];
const activations = [
  "celu",
  "elu",
  "gelu",
  "hardSigmoid",
  "hardSilu",
  "hardTanh",
  "leakyRelu",
  "logSigmoid",
  "mish",
  "relu",
  "relu6",
  "selu",
  "sigmoid",
  "silu",
  "softSign",
  "softplus",
  "sparsePlus",
  "sparseSigmoid",
  "squareplus",
] as const;
const binary = [
  "add",
  "subtract",
  "multiply",
  "divide",
  "maximum",
  "minimum",
  "power",
  "atan2",
  "hypot",
  "logaddexp",
  "logaddexp2",
  "copysign",
] as const;
const reductions = ["sum", "mean", "max", "min", "prod", "var_", "std"] as const;

type Unary = (x: JaxArray) => JaxArray;
type Binary = (a: JaxArray, b: JaxArray) => JaxArray;

function fixed({ numpy: np }: Jax, shape: readonly number[], positive = false): JaxArray {
  return np
    .array(
      numbers(
        shape.reduce((a, b) => a * b, 1),
        positive,
        3,
      ),
    )
    .reshape([...shape]);
}

const rows: readonly Row[] = [
  ...unary.map(([name, values]): Row => {
    const f: Row[2] = (jax, x) => (jax.numpy as unknown as Record<string, Unary>)[name]!(x);
    return values === undefined ? [`numpy.${name}`, [5], f] : [`numpy.${name}`, [5], f, values];
  }),
  ...activations.map(
    (name): Row => [`nn.${name}`, [5], (jax, x) => (jax.nn as unknown as Record<string, Unary>)[name]!(x)],
  ),
  ...binary.flatMap((name): Row[] => {
    const op = (jax: Jax): Binary => (jax.numpy as unknown as Record<string, Binary>)[name]!;
    return [
      [`numpy.${name}, by a`, [3, 4], (jax, x) => op(jax)(x, fixed(jax, [3, 4], true)), "positive"],
      [`numpy.${name}, by b that is broadcast`, [4], (jax, x) => op(jax)(fixed(jax, [3, 4], true), x), "positive"],
    ];
  }),
  ...reductions.map(
    (name): Row => [
      `numpy.${name} along axis 0`,
      [3, 4],
      (jax, x) => (jax.numpy as unknown as Record<string, (x: JaxArray, axis: number) => JaxArray>)[name]!(x, 0),
    ],
  ),
  ["nn.softmax", [3, 4], ({ nn }, x) => nn.softmax(x)],
  ["nn.logSoftmax", [3, 4], ({ nn }, x) => nn.logSoftmax(x)],
  ["nn.logsumexp", [3, 4], ({ nn }, x) => nn.logsumexp(x)],
  ["nn.logmeanexp", [3, 4], ({ nn }, x) => nn.logmeanexp(x)],
  ["nn.standardize", [3, 4], ({ nn }, x) => nn.standardize(x)],
  ["nn.glu", [3, 4], ({ nn }, x) => nn.glu(x, 1)],
  ["lax.erf", [5], ({ lax }, x) => lax.erf(x)],
  ["lax.erfc", [5], ({ lax }, x) => lax.erfc(x)],
  ["scipySpecial.logit", [5], ({ scipySpecial }, x) => scipySpecial.logit(x), "unit"],
  ["numpy.cumsum", [3, 4], ({ numpy: np }, x) => np.cumsum(x, 1)],
  ["numpy.cumprod", [3, 4], ({ numpy: np }, x) => np.cumprod(x, 1)],
  ["numpy.matmul, by a", [3, 4], (jax, x) => jax.numpy.matmul(x, fixed(jax, [4, 2]))],
  ["numpy.matmul, by b", [4, 2], (jax, x) => jax.numpy.matmul(fixed(jax, [3, 4]), x)],
  ["numpy.dot, by a", [5], (jax, x) => jax.numpy.dot(x, fixed(jax, [5]))],
  ["numpy.outer, by a", [3], (jax, x) => jax.numpy.outer(x, fixed(jax, [4]))],
  ["numpy.einsum ij,jk->ki", [3, 4], (jax, x) => jax.numpy.einsum("ij,jk->ki", x, fixed(jax, [4, 2]))],
  ["numpy.trace", [3, 3], ({ numpy: np }, x) => np.trace(x)],
  ["numpy.diagonal", [3, 3], ({ numpy: np }, x) => np.diagonal(x)],
  ["numpy.tril", [3, 3], ({ numpy: np }, x) => np.tril(x)],
  ["numpy.flip", [3, 4], ({ numpy: np }, x) => np.flip(x, 0)],
  ["numpy.roll", [5], ({ numpy: np }, x) => np.roll(x, 2)],
  ["numpy.tile", [2, 3], ({ numpy: np }, x) => np.tile(x, [2, 2])],
  ["numpy.repeat", [5], ({ numpy: np }, x) => np.repeat(x, 3)],
  [
    "numpy.pad",
    [3, 4],
    ({ numpy: np }, x) =>
      np.pad(x, [
        [1, 1],
        [0, 2],
      ]),
  ],
  ["numpy.transpose", [3, 4], ({ numpy: np }, x) => np.transpose(x)],
  ["numpy.clip", [5], ({ numpy: np }, x) => np.clip(x, -0.9, 0.9)],
  ["numpy.sort", [5], ({ numpy: np }, x) => np.sort(x)],
  ["numpy.diff", [5], ({ numpy: np }, x) => np.diff(x)],
  ["numpy.ediff1d", [5], ({ numpy: np }, x) => np.ediff1d(x)],
  ["numpy.trapezoid", [5], ({ numpy: np }, x) => np.trapezoid(x)],
  ["numpy.linalg.norm", [5], ({ numpy: np }, x) => np.linalg.vectorNorm(x)],
  ["numpy.linalg.det", [3, 3], ({ numpy: np }, x) => np.linalg.det(x)],
  ["numpy.linalg.inv", [3, 3], ({ numpy: np }, x) => np.linalg.inv(x)],
  ["numpy.linalg.solve, by b", [3], (jax, x) => jax.numpy.linalg.solve(fixed(jax, [3, 3]), x)],
  ["numpy.convolve", [6], (jax, x) => jax.numpy.convolve(x, fixed(jax, [3]))],
];

/** jax-js on its device "cpu", in float32. Whoever is given an array owns it: what is used again is passed as `x.ref`. */
export const jax: Suite = {
  name: "@jax-js/jax",
  async cases() {
    const library = await import("@jax-js/jax");
    const { numpy: np, grad, init, defaultDevice } = library;
    await init("cpu");
    defaultDevice("cpu");
    return rows.map(([name, shape, f, values]): Case => {
      const at = inputs(shape, values);
      const total = (x: JaxArray): JaxArray => {
        const y = f(library, x);
        const weights = np.array(numbers(y.size, true, 9)).reshape(y.shape);
        return np.sum(y.mul(weights));
      };
      const slope = grad(total);
      const read = (values: ArrayLike<number>): JaxArray => np.array(Array.from(values)).reshape([...shape]);
      const check = (): unknown =>
        checkGradient(
          async (x: Float32Array) => Number((await total(read(x)).data())[0]),
          async (x: Float32Array) => Float32Array.from((await slope(read(x)).data()) as Float32Array),
          Float32Array.from(at),
        );
      return { name, check: check as Case["check"] };
    });
  },
};
