import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";

const { cummax, cummin, cumprod, gradients, logcumsumexp, tensor } = T;
type Tensor = T.Tensor;
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

const leaf = (data: Parameters<typeof tensor>[0]): Tensor => tensor(data, { dtype: "float64", requiresGrad: true });
const near = (got: Tensor, wanted: readonly number[], digits = 12): void => {
  expect(got.size).toBe(wanted.length);
  got.data.forEach((v: number, i: number) => {
    if (Number.isFinite(wanted[i]!)) expect(v, `${got.data}`).toBeCloseTo(wanted[i]!, digits);
    else expect(v, `${got.data}`).toBe(wanted[i]);
  });
};

/** Values and gradients, eager and compiled, which must agree. */
function derivatives(f: (x: Tensor) => Tensor, data: number[]): { y: Tensor; first: Tensor; second: Tensor } {
  const x = leaf(data);
  const run = (): [Tensor, Tensor, Tensor] => {
    const y = f(x);
    const [first] = gradients(y.sum(), [x], { createGraph: true });
    const second = first!.requiresGrad ? gradients(first!.mul(first!).sum(), [x])[0]! : T.zerosLike(x);
    return [y, first!, second];
  };
  const [y, first, second] = run();
  const compiled = compile(run, { verify: true });
  compiled();
  for (const [i, got] of compiled().entries()) near(got, [...[y, first, second][i]!.data], 9);
  return { y, first, second };
}

describe("cumprod", () => {
  test("and its gradient are exact with zeros", () => {
    const { y, first } = derivatives((x) => cumprod(x, 0), [2, 0, 3, 0]);
    near(y, [2, 0, 0, 0]);
    near(first, [1, 2 + 2 * 3, 0, 0]);
    near(derivatives((x) => cumprod(x, 0), [2, 3, 4]).first, [1 + 3 + 12, 2 + 8, 6]);
  });

  test("along either axis, of integers and scalars", () => {
    const x = tensor([[1, 2], [3, 4]], { dtype: "int32" }); // biome-ignore format: a matrix
    expect(cumprod(x, 0).toArray()).toEqual([[1, 2], [3, 8]]); // biome-ignore format: a matrix
    expect(cumprod(x, -1).toArray()).toEqual([[1, 2], [3, 12]]); // biome-ignore format: a matrix
    expect(cumprod(x, 0).dtype).toBe("int32");
    expect(() => cumprod(tensor([65536, 65536], { dtype: "int32" }), 0)).toThrow(
      "cumprod: int32 overflows, got 4294967296 at index 1",
    );
    expect(cumprod(tensor([true, false, true]), 0).toArray()).toEqual([1, 0, 0]);
    expect(derivatives((v) => cumprod(v.sum(), 0).reshape([1]), [5]).first.toArray()).toEqual([1]);
    expect([...cumprod(tensor([-0, 3]), 0).data]).toEqual([-0, -0]);
    expect(cumprod(T.zeros([2, 0]), 1).shape).toEqual([2, 0]);
    // @ts-expect-error: an axis that there is not
    expect(() => cumprod(x, 2)).toThrow("cumprod: axis must be an integer from -2 to 1, got 2");
  });
});

describe("cummax and cummin", () => {
  test("take the last of equals, with all of the gradient, and keep NaN", () => {
    const { values, indices } = cummax(tensor([1, 3, 2, 3, 0]), 0);
    expect(values.toArray()).toEqual([1, 3, 3, 3, 3]);
    expect(indices.toArray()).toEqual([0, 1, 1, 3, 3]);
    near(derivatives((x) => cummax(x, 0).values, [1, 3, 2, 3, 0]).first, [1, 2, 0, 2, 0]);
    expect(cummin(tensor([2, 3, 1, 1]), 0).indices.toArray()).toEqual([0, 0, 2, 3]);
    const withNaN = cummax(tensor([1, nan, 5, nan, 2]), 0);
    expect(withNaN.values.toArray()).toEqual([1, nan, nan, nan, nan]);
    expect(withNaN.indices.toArray()).toEqual([0, 1, 1, 3, 3]);
    const run = compile((x: Tensor) => cummin(x, 0).indices, { verify: true });
    const x = tensor([3, nan, 1, nan, nan, 0, -inf]);
    run(x);
    expect(run(x).toArray()).toEqual(cummin(x, 0).indices.toArray());
  });

  test("of scalars, empty tensors, integers and bools", () => {
    expect(cummax(tensor(4), 0).indices.item()).toBe(0);
    expect(cummax(T.zeros([0, 2]), 0).values.shape).toEqual([0, 2]);
    expect(cummin(tensor([2, 1], { dtype: "int32" }), 0).values.dtype).toBe("int32");
    expect(cummax(tensor([false, true]), 0).values.toArray()).toEqual([false, true]);
  });
});

describe("logcumsumexp", () => {
  test("neither overflows nor loses small terms that come first", () => {
    const data = [-1000, -1000, 0, 1000, 999, 1000];
    const wanted = data.map((_, i) => {
      const most = Math.max(...data.slice(0, i + 1));
      return most + Math.log(data.slice(0, i + 1).reduce((sum, v) => sum + Math.exp(v - most), 0));
    });
    near(derivatives((x) => logcumsumexp(x, 0), data).y, wanted, 10);
  });

  test("gradients are sums of softmaxes", () => {
    const { first, second } = derivatives((x) => logcumsumexp(x, 0), [0.3, -1, 2]);
    const x = leaf([0.3, -1, 2]);
    const whole = T.add(T.add(x.slice([0, 1]).sum(), T.logSumExp(x.slice([0, 2]))), T.logSumExp(x));
    const [g] = gradients(whole, [x], { createGraph: true });
    near(first, [...g!.data]);
    near(second, [...gradients(g!.mul(g!).sum(), [x])[0]!.data]);
  });

  test("at infinities and NaN", () => {
    const of = (...data: number[]): unknown => logcumsumexp(tensor(data), 0).toArray();
    expect(of(-inf, -inf, -5)).toEqual([-inf, -inf, -5]);
    expect(of(1, inf, 2)).toEqual([1, inf, inf]);
    expect(of(1, nan, 2)).toEqual([1, nan, nan]);
    expect(logcumsumexp(tensor(3), 0).item()).toBe(3);
    expect(logcumsumexp(T.zeros([0]), 0).shape).toEqual([0]);
  });
});
