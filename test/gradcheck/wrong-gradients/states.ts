import {
  checkGradient,
  checkHessian,
  checkHvp,
  checkJacobian,
  checkJvp,
  checkVjp,
} from "../../../src/gradcheck/index.ts";
import { type Case, gradientTrial, trial, vector } from "../catalogue.ts";

type Vector = Float64Array;

const squares = (x: Vector): number => x.reduce((sum, v) => sum + v * v, 0);
const exp = (x: Vector): Vector => x.map(Math.exp);
const relu = (x: number): number => Math.max(0, x);

/** Gradients with a memory, and gradients that are no pure functions. */
export const states: readonly Case[] = [
  {
    name: "adds to its argument without zeroing it",
    draw: (r) =>
      gradientTrial(
        squares,
        (x, out) => {
          for (let i = 0; i < x.length; i++) out[i]! += 2 * x[i]!;
        },
        r.vector(3),
      ),
    hint: "accumulates into an array that is not zeroed",
  },
  {
    name: "adds to an array of its own without zeroing it",
    draw: (r) => {
      const total = new Float64Array(3);
      return gradientTrial(squares, (x) => total.map((_, i) => (total[i]! += 2 * x[i]!)), r.vector(3));
    },
    hint: "accumulates into an array that is not zeroed",
  },
  {
    name: "uses what the last forward pass left behind",
    draw: (r) => {
      let saved: Vector = vector();
      const f = (x: Vector): number => {
        saved = exp(x);
        return saved.reduce((sum, v) => sum + v, 0);
      };
      return gradientTrial(f, () => saved, r.vector(3));
    },
    hint: "use what the last call of f left behind",
  },
  {
    name: "draws a new dropout mask",
    draw: (r) => gradientTrial(squares, (x) => x.map((v) => (r.uniform(0, 1) < 0.5 ? 0 : 4 * v)), r.vector(40)),
    hint: "nondeterministic",
  },
  {
    name: "a function that is random itself",
    draw: (r) =>
      gradientTrial(
        (x) => squares(x) + r.uniform(0, 1),
        (x) => x.map((v) => 2 * v),
        r.vector(3),
      ),
    hint: "f is nondeterministic",
  },
  {
    name: "changes its input",
    draw: (r) => gradientTrial(squares, (x) => x.map((v, i) => (x[i] = 2 * v)), r.vector(3)),
    hint: "the gradient function changed its input",
  },
  {
    name: "NaN in one entry",
    draw: (r) => gradientTrial(squares, (x) => x.map((v, i) => (i === 1 ? Math.sqrt(-1) : 2 * v)), r.vector(3)),
  },
  {
    name: "∞ where a logarithm should be",
    draw: (r) => gradientTrial(squares, (x) => x.map((v, i) => (i === 1 ? -Math.log(0) : 2 * v)), r.vector(3)),
  },
  {
    name: "a value beside the gradient that is another's",
    draw: (r) => gradientTrial(squares, (x) => ({ value: squares(x) / 2, gradient: x.map((v) => 2 * v) }), r.vector(3)),
    hint: "the value that comes with the gradient",
  },
  {
    name: "no gradient at all",
    draw: (r) => gradientTrial(squares, () => undefined, r.vector(3)),
    hint: "every entry is zero",
  },
];

/** Right in places. */
export const regions: readonly Case[] = [
  {
    name: "relu that lets everything through",
    draw: (r) =>
      gradientTrial(
        (x) => x.reduce((s, v) => s + relu(v), 0),
        (x) => x.map(() => 1),
        vector(1, -1, r.uniform(0.1, 2), r.uniform(-2, -0.1)),
      ),
    hint: "wrong where the input is negative, and only there",
  },
  {
    name: "leaky relu with another slope on its narrow side",
    draw: (r) =>
      gradientTrial(
        ([x]) => (x! > 0 ? x! : 0.01 * x!),
        ([x]) => [x! > 0 ? 1 : 0.1],
        vector(-r.power(-6, -1)),
      ),
  },
  {
    name: "wrong only near a kink: |x| smoothed within 1e-3",
    draw: (r) =>
      gradientTrial(
        ([x]) => Math.abs(x!),
        ([x]) => [x! / Math.hypot(x!, 1e-3)],
        vector(r.sign() * r.power(-6, -3)),
      ),
  },
  {
    name: "clip that passes the gradient outside",
    draw: (r) =>
      gradientTrial(
        ([x]) => Math.min(1, Math.max(-1, x!)),
        () => [1],
        vector(r.sign() * r.uniform(1.01, 3)),
      ),
  },
  {
    name: "the maximum's gradient sent to all entries",
    draw: (r) =>
      gradientTrial(
        (x) => Math.max(...x),
        (x) => x.map(() => 1),
        r.vector(4),
      ),
  },
  {
    name: "at a kink, above both slopes",
    draw: (r) =>
      gradientTrial(
        ([x]) => Math.abs(x!),
        () => [r.uniform(1.01, 2)],
        vector(0),
      ),
  },
  {
    name: "Huber's loss that never turns linear",
    draw: (r) =>
      gradientTrial(
        ([x]) => (Math.abs(x!) < 1 ? x! ** 2 / 2 : Math.abs(x!) - 0.5),
        ([x]) => [x!],
        vector(r.sign() * r.uniform(1.1, 3)),
      ),
  },
  {
    name: "softplus by its straight part, from 1 to 8",
    draw: (r) =>
      gradientTrial(
        ([x]) => Math.log1p(Math.exp(x!)),
        () => [1],
        vector(r.uniform(1, 8)),
      ),
  },
  {
    name: "wrong by 1e-4 of an input of 1e-9",
    draw: (r) =>
      gradientTrial(
        (x) => squares(x.map((v) => v * 1e9)),
        (x) => x.map((v) => 2.0002e18 * v),
        r.vector(2).map((v) => v * 1e-9),
      ),
  },
  {
    name: "a small entry beside large ones, off by a half",
    draw: (r) =>
      gradientTrial(
        ([a, b]) => 1e4 * a! ** 2 + b! ** 2 / 100,
        ([a, b]) => [2e4 * a!, b! / 100],
        r.vector(2, 0.5, 2),
      ),
    hint: "half as large",
  },
];

const square = (x: Vector): Vector => x.map((v) => v * v);
const map = (m: number[][], v: Vector): Vector =>
  Float64Array.from(m, (row) => row.reduce((sum, a, i) => sum + a * v[i]!, 0));

/** Jacobians, products and Hessians. */
export const products: readonly Case[] = [
  {
    name: "a Jacobian, transposed",
    draw: (r) => {
      const m = [0, 1, 2].map(() => Array.from(r.vector(3)));
      const transpose = m.map((_, i) => m.map((row) => row[i]!));
      const x = r.vector(3);
      return trial(() =>
        checkJacobian(
          (v) => map(m, v),
          () => transpose,
          x,
        ),
      );
    },
  },
  {
    name: "a Jacobian with one column missing its factor",
    draw: (r) => {
      const x = r.vector(2, 0.5, 2);
      return trial(() =>
        checkJacobian(
          ([a, b]) => [a! * b!, a! + b! ** 3],
          ([a, b]) => [
            [b!, a!],
            [1, b! ** 2],
          ],
          x,
        ),
      );
    },
    hint: "one of 3 uses",
  },
  {
    name: "a vjp without its cotangent",
    draw: (r) => {
      const x = r.vector(3);
      return trial(() => checkVjp(square, (v) => v.map((w) => 2 * w), x));
    },
    hint: "vjp of a zero is not 0",
  },
  {
    name: "a vjp that squares its cotangent",
    draw: (r) => {
      const x = r.vector(3);
      return trial(() => checkVjp(square, (v, u) => v.map((w, i) => 2 * w * u[i]! * Math.abs(u[i]!)), x));
    },
    hint: "the vjp is not linear",
  },
  {
    name: "a jvp that is a vjp",
    draw: (r) => {
      const m = [0, 1, 2].map(() => Array.from(r.vector(3)));
      const x = r.vector(3);
      return trial(() =>
        checkJvp(
          (v) => map(m, v),
          (_, u) =>
            map(
              m.map((_row, i) => m.map((row) => row[i]!)),
              u,
            ),
          x,
        ),
      );
    },
  },
  {
    name: "a vjp beside a jvp that does not belong to it",
    draw: (r) => {
      const x = r.vector(3);
      const twice = (v: Vector, u: Vector): Vector => v.map((w, i) => 2 * w * u[i]!);
      return trial(() => checkVjp(square, twice, x, { jvp: (v, u) => twice(v, u).map((w) => 1.001 * w) }));
    },
    hint: "jvp and vjp disagree",
  },
  {
    name: "half a Hessian",
    draw: (r) => {
      const x = r.vector(2, 0.5, 2);
      return trial(() =>
        checkHessian(
          ([a, b]) => a! ** 2 * b! ** 2,
          ([a, b]) => [
            [b! ** 2, 2 * a! * b!],
            [2 * a! * b!, a! ** 2],
          ],
          x,
        ),
      );
    },
    hint: "half as large",
  },
  {
    name: "a Hessian that is not symmetric",
    draw: (r) => {
      const x = r.vector(2, 0.5, 2);
      return trial(() =>
        checkHessian(
          ([a, b]) => a! * b! ** 2,
          ([, b]) => [
            [0, 2 * b!],
            [b!, 2 * x[0]!],
          ],
          x,
        ),
      );
    },
    hint: "the Hessian is not symmetric",
  },
  {
    name: "Gauss and Newton's matrix for a Hessian",
    draw: (r) => {
      const x = r.vector(1, 0.5, 2);
      return trial(() =>
        checkHessian(
          ([a]) => (a! ** 2 - 3) ** 2,
          ([a]) => [8 * a! ** 2],
          x,
        ),
      );
    },
  },
  {
    name: "a Hessian-vector product without its off-diagonal",
    draw: (r) => {
      const x = r.vector(2, 0.5, 2);
      return trial(() =>
        checkHvp(
          ([a, b]) => a! ** 2 * b!,
          ([, b], [u]) => [2 * b! * u!, 0],
          x,
        ),
      );
    },
  },
  {
    name: "an async gradient, off by a sign",
    draw: (r) => {
      const x = r.vector(3);
      return trial(() =>
        checkGradient(
          async (v: Vector) => squares(v),
          async (v) => v.map((w) => -2 * w),
          x,
        ),
      );
    },
    hint: "the sign is wrong",
  },
];
