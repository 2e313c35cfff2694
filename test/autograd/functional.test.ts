import { describe, expect, test } from "vitest";
import {
  abs,
  exp,
  GradError,
  grad,
  gradients,
  hessian,
  hvp,
  jacobian,
  jvp,
  matmul,
  mul,
  noGrad,
  pow,
  sign,
  sin,
  slice,
  type Tensor,
  tanh,
  tensor,
  valueAndGrad,
  vjp,
} from "../../src/index.ts";

const f64 = (data: number | number[] | number[][]) => tensor(data, { dtype: "float64" });
const cube = (x: Tensor) => pow(x, 3).sum();

describe("grad", () => {
  test("of one input is a tensor, of several a list; nothing outside is touched", () => {
    const x = tensor(2, { dtype: "float64", requiresGrad: true });
    expect(grad(cube)(f64([1, 2])).toArray()).toEqual([3, 12]);
    const [ga, gb] = grad((a: Tensor, b: Tensor) => a.mul(b))(x, f64(5));
    expect([ga.item(), gb.item(), x.grad]).toEqual([5, 2, null]);
  });

  test("nests to any order", () => {
    let f: (x: Tensor) => Tensor = (x) => sin(x);
    for (let i = 0; i < 4; i++) f = grad(f);
    expect(f(f64(0.7)).item()).toBeCloseTo(Math.sin(0.7), 14);
  });

  test("is a constant unless an input is tracked or createGraph says so", () => {
    const tracked = tensor(2, { dtype: "float64", requiresGrad: true });
    expect(grad(cube)(f64(2)).requiresGrad).toBe(false);
    expect(grad(cube)(tracked).requiresGrad).toBe(true);
    expect(grad(cube, { createGraph: false })(tracked).requiresGrad).toBe(false);
    grad(cube)(tracked).backward();
    expect(tracked.grad?.item()).toBe(12);
  });

  test("works inside noGrad, and gives zeros for a constant or an unused input", () => {
    expect(noGrad(() => grad(cube)(f64(2))).item()).toBe(12);
    expect(grad((_: Tensor) => f64(1))(f64([1, 2])).toArray()).toEqual([0, 0]);
    const [, unused] = grad((a: Tensor, _: Tensor) => a.sum())(f64(1), f64([1, 2]));
    expect(unused.toArray()).toEqual([0, 0]);
  });

  test("refuses functions without a scalar tensor as result", () => {
    expect(() => grad((x) => x)(f64([1, 2]))).toThrow(GradError);
    expect(() => grad((x) => x)(f64([1, 2]))).toThrow(
      "grad: the function's result must have one element, got shape [2]; reduce it (sum, mean), or use jacobian",
    );
    expect(() => grad((_: Tensor) => 3 as unknown as Tensor)(f64(1))).toThrow(
      "grad: the function must return a tensor, got 3",
    );
    expect(() => grad((_: Tensor) => undefined as unknown as Tensor)(f64(1))).toThrow(
      "must return a tensor, got undefined",
    );
  });

  test("valueAndGrad gives both", () => {
    const { value, grad: g } = valueAndGrad(cube)(f64([1, 2]));
    expect([value.item(), g.toArray(), value.requiresGrad]).toEqual([9, [3, 12], false]);
  });
});

describe("products with the Jacobian", () => {
  const w = f64([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const f = (x: Tensor) => tanh(matmul(w, x));
  const x = f64([0.1, -0.2, 0.3]);

  test("vjp and jvp agree with the Jacobian, and with each other", () => {
    const j = jacobian(f, x);
    expect(j.shape).toEqual([2, 3]);
    const u = f64([0.5, -1]);
    const v = f64([1, 2, -1]);
    const back = vjp(f, [x]).vjp(u)[0];
    const forth = jvp(f, [x], [v]).tangent;
    const close = (a: Tensor, b: Tensor) =>
      a.toArray<number[]>().map((e, i) => expect(e).toBeCloseTo(b.toArray<number[]>()[i]!, 14));
    close(back, matmul(u, j));
    close(forth, matmul(j, v));
    expect(back.mul(v).sum().item()).toBeCloseTo(forth.mul(u).sum().item(), 14);
  });

  test("the Jacobian is right by finite differences", () => {
    const j = jacobian(f, x).toArray<number[][]>();
    const h = 1e-6;
    for (let k = 0; k < 3; k++) {
      const e = f64([0, 1, 2].map((i) => (i === k ? h : 0)));
      const d = f(x.add(e))
        .sub(f(x.sub(e)))
        .div(2 * h)
        .toArray<number[]>();
      d.forEach((value, i) => expect(j[i]![k]).toBeCloseTo(value, 8));
    }
  });

  test("jvp of something linear in no input, or of a constant, is zero", () => {
    expect(abs(jvp((a) => a.mul(0).add(1), [x], [x]).tangent).toArray()).toEqual([0, 0, 0]);
    expect(jvp((_: Tensor) => f64([1, 2]), [x], [x]).tangent.toArray()).toEqual([0, 0]);
    expect(jvp((a) => sign(a), [x], [x]).tangent.toArray()).toEqual([0, 0, 0]);
  });

  test("a vjp may be pulled often, and differentiated", () => {
    const at = tensor([1, 2], { dtype: "float64", requiresGrad: true });
    const { value, vjp: pull } = vjp((a) => pow(a, 3), [at]);
    const one = f64([1, 1]);
    expect(pull(one)[0].toArray()).toEqual(pull(one)[0].toArray());
    expect(value.requiresGrad).toBe(true);
    expect(gradients(pull(one)[0].sum(), [at])[0].toArray()).toEqual([6, 12]);
  });

  test("what does not fit is refused", () => {
    expect(() => vjp(f, [x]).vjp(f64([1, 2, 3]))).toThrow(
      "vjp: cotangent must fit what it belongs to, got float64[3] for float64[2]",
    );
    expect(() => jvp(f, [x], [] as unknown as [Tensor])).toThrow("jvp: one tangent per input, got 0 for 1");
    expect(() => jvp(f, [x], [tensor([1, 2, 3])])).toThrow("jvp: tangent 0 must fit");
    expect(() => hvp(cube, x, f64([1]))).toThrow("hvp: the vector must fit");
  });
});

describe("second derivatives", () => {
  test("the Hessian of a quadratic form is its matrix", () => {
    const a = f64([
      [2, 1],
      [1, 6],
    ]);
    const q = (x: Tensor) => mul(x, matmul(a, x)).sum().mul(0.5);
    expect(hessian(q, f64([3, -1])).toArray()).toEqual([
      [2, 1],
      [1, 6],
    ]);
    expect(hvp(q, f64([3, -1]), f64([1, 2])).toArray()).toEqual([4, 13]);
  });

  test("shapes: [...y, ...x], also for matrices, scalars and nothing", () => {
    const x = f64([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(jacobian((m) => m.sum(0), x).shape).toEqual([3, 2, 3]);
    expect(hessian((m) => exp(m).sum(), x).shape).toEqual([2, 3, 2, 3]);
    expect(jacobian((m) => m.mul(2), f64(1)).shape).toEqual([]);
    expect(jacobian((m) => m.mul(2), f64([])).shape).toEqual([0, 0]);
    expect(jacobian((m) => slice(m, [0, 0]), x).shape).toEqual([0, 3, 2, 3]);
  });
});
