import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import {
  Adam,
  checkFiniteGrads,
  clipGradNorm,
  clipGradValue,
  GradError,
  ones,
  sqrt,
  sum,
  type Tensor,
  tensor,
  ValueError,
  zeros,
} from "../../src/index.ts";

/** A leaf with this gradient. */
function graded(gradient: readonly number[], dtype: "float32" | "float64" = "float64"): Tensor {
  const x = zeros([gradient.length], { dtype, requiresGrad: true });
  x.grad = tensor([...gradient], { dtype });
  return x;
}

const gradientsOf = (parameters: readonly Tensor[]): number[] => parameters.flatMap(({ grad }) => [...grad!.data]);

describe("clipGradNorm", () => {
  const numbers = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { maxLength: 4 });
  const powers: [number, (values: readonly number[]) => number][] = [
    [0, (values) => values.filter((v) => v !== 0).length],
    [2, (values) => Math.hypot(...values)],
    [1, (values) => values.reduce((total, v) => total + Math.abs(v), 0)],
    [3, (values) => Math.cbrt(values.reduce((total, v) => total + Math.abs(v) ** 3, 0))],
    [Number.POSITIVE_INFINITY, (values) => Math.max(0, ...values.map(Math.abs))],
  ];

  test.each(powers)("scales all gradients by one factor, in the %d-norm", (p, normOf) => {
    fc.assert(
      fc.property(
        fc.array(numbers, { minLength: 1, maxLength: 3 }),
        fc.double({ min: 0, max: 20, noNaN: true }),
        (rows, maxNorm) => {
          const parameters = rows.map((row) => graded(row));
          const before = gradientsOf(parameters);
          const total = normOf(before);
          expect(clipGradNorm(parameters, maxNorm, { p }).item()).toBeCloseTo(total, 9);
          const factor = total === 0 ? 1 : Math.min(1, maxNorm / total);
          gradientsOf(parameters).forEach((g, i) => expect(g).toBeCloseTo(before[i]! * factor, 9));
        },
      ),
    );
  });

  test("leaves small gradients as they are, to the bit, and passes over parameters without one", () => {
    const [a, b] = [graded([0.1, -0.3], "float32"), ones([2], { requiresGrad: true })];
    const before = gradientsOf([a]);
    expect(clipGradNorm([a, b], 1).dtype).toBe("float64");
    expect([gradientsOf([a]), b.grad]).toEqual([before, null]);
    expect(clipGradNorm([b], 1).item()).toBe(0);
  });

  test("takes float32 gradients whose squares overflow float32, and dtypes together", () => {
    const parameters = [graded([3e30], "float32"), graded([4e30], "float64")];
    expect(clipGradNorm(parameters, 5).item()).toBeCloseTo(5e30, -24);
    expect(parameters.map(({ grad }) => grad!.dtype)).toEqual(["float32", "float64"]);
    expect(gradientsOf(parameters).map((g) => g.toFixed(5))).toEqual(["3.00000", "4.00000"]);
  });

  test("passes a norm that is not finite on, or refuses it and changes nothing", () => {
    const make = (): Tensor[] => [graded([1, Number.NaN]), graded([2])];
    const [lenient, strict] = [make(), make()];
    expect(clipGradNorm(lenient, 1).item()).toBeNaN();
    expect(gradientsOf(lenient)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(() => clipGradNorm(strict, 1, { errorIfNonFinite: true })).toThrow(GradError);
    expect(gradientsOf(strict)).toEqual([1, Number.NaN, 2]);
    expect(() => clipGradNorm([graded([Number.POSITIVE_INFINITY])], 1, { errorIfNonFinite: true })).toThrow(
      "clipGradNorm: loss and gradients must be finite, got Infinity in the norm; the gradients are as they were",
    );
  });
});

describe("clipGradNorm at the edges", () => {
  const inf = Number.POSITIVE_INFINITY;

  test.each([0, 1, 2, inf])("empty gradients add nothing, alone or among others, in the %d-norm", (p) => {
    const [empty, more] = [graded([]), graded([], "float32")];
    expect(clipGradNorm([empty, more], 1, { p }).item()).toBe(0);
    expect([empty.grad?.shape, more.grad?.dtype]).toEqual([[0], "float32"]);
    const x = graded([0, -3]);
    expect(clipGradNorm([empty, x], 1.5, { p }).item()).toBe(p === 0 ? 1 : 3);
    expect(gradientsOf([x])[1]).toBeCloseTo(p === 0 ? -3 : -1.5, 5);
  });

  test.each([1e-300, 1e-30, 1e-7, 1, 1e30, 1e300])("gradients of %s are as long afterwards as is asked for", (c) => {
    for (const isCompiled of [false, true]) {
      const x = graded([3 * c, -4 * c]);
      const clip = (): Tensor => clipGradNorm([x], c);
      expect((isCompiled ? compile(clip) : clip)().item() / c).toBeCloseTo(5, 12);
      const [a, b] = gradientsOf([x]);
      expect([a! / c, b! / c].map((v) => Number(v.toFixed(12)))).toEqual([0.6, -0.8]);
    }
    const small = graded([c]);
    clipGradNorm([small], c * (1 + 1e-9));
    expect(gradientsOf([small])).toEqual([c]);
  });

  test("a norm of 0 leaves all at 0", () => {
    const x = graded([0, 0], "float32");
    expect(clipGradNorm([x], 0).item()).toBe(0);
    expect(gradientsOf([x])).toEqual([0, 0]);
  });

  test("a factor that float32 cannot hold is no less exact", () => {
    const x = graded([3e35, 4e35], "float32");
    clipGradNorm([x], 5e-5);
    gradientsOf([x]).forEach((g, i) => expect(Math.abs(g / [3e-5, 4e-5][i]! - 1)).toBeLessThan(1e-6));
  });

  test("frozen parameters neither count nor change, whatever gradient was left there, and one twice counts once", () => {
    const [x, frozen, broken] = [graded([3, 4]), graded([1000]), graded([Number.NaN])];
    for (const p of [frozen, broken]) p.requiresGrad = false;
    const all = [x, frozen, broken, x];
    expect(clipGradNorm(all, 2.5, { errorIfNonFinite: true }).item()).toBe(5);
    gradientsOf([x]).forEach((g, i) => expect(g).toBeCloseTo([1.5, 2][i]!, 5));
    clipGradValue(all, 1);
    checkFiniteGrads(all);
    expect(gradientsOf([x, frozen, broken])).toEqual([1, 1, 1000, Number.NaN]);
    frozen.requiresGrad = true;
    expect(clipGradNorm([frozen], 1).item()).toBe(1000);
    expect(gradientsOf([frozen])[0]).toBeCloseTo(1, 5);
  });

  test("a limit of Infinity lets all through, infinities too", () => {
    const x = graded([1, -inf, 2]);
    expect(clipGradNorm([x], inf).item()).toBe(inf);
    clipGradValue([x], inf);
    expect(gradientsOf([x])).toEqual([1, -inf, 2]);
  });

  test("an infinite gradient makes NaN of itself and 0 of the others, as in PyTorch", () => {
    const x = graded([1, -inf, 2]);
    expect(clipGradNorm([x], 1).item()).toBe(inf);
    expect(gradientsOf([x])).toEqual([0, Number.NaN, 0]);
  });

  test("the same is so in a compiled step, with an empty parameter and the largest element's norm", () => {
    for (const isCompiled of [false, true]) {
      const [w, empty] = [tensor([1, 2], { requiresGrad: true }), zeros([0, 3], { requiresGrad: true })];
      const step = (x: Tensor): Tensor => {
        w.grad = null;
        empty.grad = null;
        sum(w.mul(x)).add(sum(empty)).backward();
        return clipGradNorm([w, empty], 2, { p: inf });
      };
      const run = isCompiled ? compile(step) : step;
      for (const k of [1, 3]) expect(run(tensor([k, -2 * k])).item()).toBe(2 * k);
      gradientsOf([w]).forEach((g, i) => expect(g).toBeCloseTo([1, -2][i]!, 5));
      expect(empty.grad?.shape).toEqual([0, 3]);
    }
  });
});

test("clipGradValue clamps each element", () => {
  const parameters = [graded([-3, 0.5, Number.NaN, Number.POSITIVE_INFINITY]), graded([2], "float32")];
  clipGradValue([...parameters, ones([1], { requiresGrad: true })], 1);
  expect(gradientsOf(parameters)).toEqual([-1, 0.5, Number.NaN, 1, 1]);
});

test("checkFiniteGrads names the parameter, and passes finite gradients and none", () => {
  checkFiniteGrads([graded([1, -2]), ones([1], { requiresGrad: true })]);
  expect(() => checkFiniteGrads([graded([1]), graded([1, Number.NEGATIVE_INFINITY, 3], "float32")])).toThrow(
    "checkFiniteGrads: loss and gradients must be finite, got -Infinity in the gradient of parameter 1 (float32[3]); leave the step out, and call zeroGrad()",
  );
});

describe("bad arguments", () => {
  const p = [graded([1])];
  test.each<[() => void, string]>([
    [() => clipGradNorm(p, -1), "clipGradNorm: maxNorm must be a number, 0 or more, got -1"],
    [() => clipGradNorm(p, Number.NaN), "clipGradNorm: maxNorm must be a number, 0 or more, got NaN"],
    [() => clipGradNorm(p, "1" as never), 'clipGradNorm: maxNorm must be a number, 0 or more, got "1", a string'],
    [() => clipGradNorm(p, 1, { p: Number.NaN }), "clipGradNorm: p must be a number or ±Infinity, got NaN"],
    [() => clipGradValue(p, -0.5), "clipGradValue: limit must be a number, 0 or more, got -0.5"],
    [
      () => clipGradNorm([], 1),
      "clipGradNorm: needs a list of parameters, got an empty array; pass model.parameters()",
    ],
    [() => clipGradValue(p[0] as never, 1), "clipGradValue: needs a list of parameters, got a tensor float64[1]"],
    [() => checkFiniteGrads([1 as never]), "checkFiniteGrads: needs a list of parameters, got 1"],
    [() => checkFiniteGrads(undefined as never), "checkFiniteGrads: needs a list of parameters, got undefined"],
  ])("are refused: %#", (call, message) => {
    expect(call).toThrow(ValueError);
    expect(call).toThrow(message);
    expect(gradientsOf(p)).toEqual([1]);
  });
});

describe("in a compiled step", () => {
  /** Descends √x summed, whose gradient is infinite at 0, from there on that the argument says. */
  function training(isCompiled: boolean, guard: (parameters: Tensor[]) => unknown) {
    const w = tensor([4, 9], { dtype: "float64", requiresGrad: true });
    const optimizer = new Adam([w], { lr: 0.5 });
    const step = (x: Tensor): Tensor => {
      const loss = sum(sqrt(w.mul(x)));
      optimizer.zeroGrad();
      loss.backward();
      const result = guard([w]);
      optimizer.step();
      return (result as Tensor | undefined) ?? loss;
    };
    return { w, optimizer, run: isCompiled ? compile(step) : step };
  }

  test("gradients are clipped as in eager code", () => {
    const guard = (parameters: Tensor[]): Tensor => {
      const total = clipGradNorm(parameters, 0.1);
      clipGradValue(parameters, 0.05);
      return total;
    };
    const [eager, compiled] = [training(false, guard), training(true, guard)];
    for (let k = 1; k <= 5; k++) {
      const x = tensor([k, 2], { dtype: "float64" });
      expect(compiled.run(x).item()).toBeCloseTo(eager.run(x).item(), 12);
    }
    compiled.w.toArray<number[]>().forEach((v, i) => expect(v).toBeCloseTo(eager.w.toArray<number[]>()[i]!, 12));
  });

  test.each([
    ["checkFiniteGrads", checkFiniteGrads, "NaN in the gradient of parameter 0 (float64[2])"],
    ["clipGradNorm", (p: Tensor[]) => clipGradNorm(p, 1, { errorIfNonFinite: true }), "NaN in the norm"],
  ])("%s refuses a replay that would ruin the parameters, and every bit stays", (_, guard, got) => {
    for (const isCompiled of [false, true]) {
      const { w, optimizer, run } = training(isCompiled, guard);
      for (let k = 1; k <= 3; k++) run(tensor([k, 2], { dtype: "float64" }));
      const before = [[...w.data], [...optimizer.stateDict()].map(([, x]) => [...x.data])];
      const bad = (): unknown => run(tensor([0, 1], { dtype: "float64" }));
      expect(bad).toThrow(GradError);
      expect(bad).toThrow(`loss and gradients must be finite, got ${got}`);
      expect([[...w.data], [...optimizer.stateDict()].map(([, x]) => [...x.data])]).toEqual(before);
      run(tensor([1, 2], { dtype: "float64" }));
      expect(w.toArray()).not.toEqual(before[0]);
    }
  });
});
