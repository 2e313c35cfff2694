import { describe, expect, test } from "vitest";
import { add, DTypeError, GradError, gradients, gt, mul, noGrad, pow, sum, tensor } from "../../src/index.ts";

const leaf = (data: number[] | number[][] | number) => tensor(data, { dtype: "float64", requiresGrad: true });

describe("backward", () => {
  test("accumulates over calls, over uses of one tensor, and over f(x, x)", () => {
    const x = leaf([1, 2]);
    const y = add(mul(x, x), x).sum();
    y.backward();
    expect(x.grad?.toArray()).toEqual([3, 5]);
    y.backward(); // nothing is freed
    expect(x.grad?.toArray()).toEqual([6, 10]);
    x.grad = null;
    y.backward();
    expect(x.grad!.toArray()).toEqual([3, 5]);
  });

  test("fills leaves only; retainGrad asks for more", () => {
    const x = leaf([1, 2]);
    const a = x.mul(3);
    const b = a.mul(2).retainGrad();
    b.sum().backward();
    expect(a.grad).toBeNull();
    expect(b.grad?.toArray()).toEqual([1, 1]);
    expect(x.grad?.toArray()).toEqual([6, 6]);
    expect(() => tensor(1).retainGrad()).toThrow("retainGrad: must require a gradient");
  });

  test("takes a cotangent for a root with several elements", () => {
    const x = leaf([1, 2]);
    x.mul(x).backward(tensor([1, 10], { dtype: "float64" }));
    expect(x.grad?.toArray()).toEqual([2, 40]);
  });

  test("a root of one element needs none, whatever its rank", () => {
    const x = leaf([[3]]);
    x.mul(x).backward();
    expect(x.grad?.toArray()).toEqual([[6]]);
  });

  test("a leaf can be its own root", () => {
    const x = leaf(3);
    x.backward();
    expect(x.grad?.item()).toBe(1);
  });

  test("refuses a root that is no scalar, has no gradient, or a cotangent that does not fit", () => {
    const x = leaf([1, 2]);
    expect(() => x.mul(2).backward()).toThrow(GradError);
    expect(() => x.mul(2).backward()).toThrow(
      "backward: must have one element, got float64[2]; reduce it, or pass a cotangent",
    );
    expect(() => tensor([1, 2]).sum().backward()).toThrow("backward: the root has no gradient, got float32[]");
    expect(() => noGrad(() => sum(x)).backward()).toThrow("look for detach() and noGrad()");
    expect(() => x.mul(2).backward(tensor([1], { dtype: "float64" }))).toThrow(
      "backward: a cotangent must fit the root, got float64[1] for float64[2]",
    );
    expect(() => x.mul(2).backward(tensor([1, 1]))).toThrow("got float32[2] for float64[2]");
  });

  test("createGraph makes gradients differentiable", () => {
    const x = leaf(3);
    pow(x, 3).backward(undefined, { createGraph: true });
    const g = x.grad!;
    x.grad = null;
    g.backward();
    expect(g.item()).toBe(27);
    expect(x.grad!.item()).toBe(18);
  });

  test("without createGraph gradients are constants", () => {
    const x = leaf(3);
    pow(x, 3).backward();
    expect(x.grad?.requiresGrad).toBe(false);
  });

  test("grad refuses what does not fit", () => {
    const x = leaf([1, 2]);
    expect(() => {
      x.grad = tensor([1], { dtype: "float64" });
    }).toThrow(GradError);
    expect(() => {
      x.grad = tensor([1, 2]);
    }).toThrow("grad: must fit its tensor, got float32[2] for float64[2]");
    x.grad = tensor([1, 2], { dtype: "float64" });
    expect(x.grad?.toArray()).toEqual([1, 2]);
  });

  test("mixed dtypes: each gradient comes in its own tensor's dtype", () => {
    const a = tensor([1, 2], { requiresGrad: true });
    const b = tensor([3, 4], { dtype: "float64", requiresGrad: true });
    const s = tensor(2, { dtype: "float64", requiresGrad: true });
    const y = a.mul(b).mul(s);
    expect(y.dtype).toBe("float64");
    expect(a.mul(s).dtype).toBe("float32"); // a scalar does not raise the dtype within floats
    y.sum().backward();
    expect([a.grad?.dtype, b.grad?.dtype, s.grad?.dtype]).toEqual(["float32", "float64", "float64"]);
    expect([a.grad?.toArray(), b.grad?.toArray(), s.grad?.item()]).toEqual([[6, 8], [2, 4], 11]);
  });
});

describe("hooks", () => {
  test("see the complete cotangent once, in order, may replace it, and can be removed", () => {
    const x = leaf([1, 2]);
    const seen: unknown[] = [];
    const y = x.mul(2);
    const remove = y.registerHook((g) => {
      seen.push(g.toArray());
      return g.mul(10);
    });
    const second = y.registerHook((g) => void seen.push(g.toArray()));
    add(y, y.mul(2)).sum().backward();
    expect(seen).toEqual([
      [3, 3],
      [30, 30],
    ]);
    expect(x.grad?.toArray()).toEqual([60, 60]);
    remove();
    second();
    x.grad = null;
    y.sum().backward();
    expect(seen.length).toBe(2);
    expect(x.grad!.toArray()).toEqual([2, 2]);
  });

  test("the same hook registered twice runs twice, and each registration is removed by itself", () => {
    const x = leaf(1);
    let runs = 0;
    const hook = () => {
      runs++;
    };
    const remove = x.registerHook(hook);
    x.registerHook(hook);
    x.mul(1).backward();
    remove();
    x.mul(1).backward();
    expect(runs).toBe(3);
  });

  test("run on leaves before their grad is stored", () => {
    const x = leaf(1);
    x.registerHook((g) => g.mul(5));
    x.mul(2).backward();
    expect(x.grad?.item()).toBe(10);
  });

  test("a backward inside a hook through other roots disturbs no gradients of chosen inputs", () => {
    const [x, w, other] = [leaf(3), leaf(2), leaf(5)];
    const y = x.mul(w);
    const z = y.mul(y).add(w.mul(other));
    const second = other.mul(x).add(w);
    y.registerHook(() => second.backward()); // marks x, w and other anew, at other places
    const [gx, gw] = gradients(z, [x, w]);
    expect([gx.item(), gw.item()]).toEqual([24, 41]);
    expect([x.grad?.item(), w.grad?.item(), other.grad?.item()]).toEqual([5, 1, 3]);
  });

  test("a backward inside a hook through the same graph disturbs nothing", () => {
    const x = leaf(3);
    const y = x.mul(x);
    const z = y.mul(2);
    let nested = 0;
    y.registerHook(() => {
      if (nested++ === 0) {
        const [g] = gradients(z, [x]);
        expect(g.item()).toBe(12);
      }
    });
    z.backward();
    expect(x.grad?.item()).toBe(12);
  });

  test("a replacement of another shape, and a tensor without a gradient, are refused", () => {
    const x = leaf([1, 2]);
    x.registerHook(() => tensor(1, { dtype: "float64" }));
    expect(() => x.sum().backward()).toThrow("hook: must keep shape and dtype, got float64[] for float64[2]");
    expect(x.grad).toBeNull();
    expect(() => tensor(1).registerHook(() => undefined)).toThrow(GradError);
  });
});

describe("gradients", () => {
  test("gives gradients of results and leaves alike, and touches no grad", () => {
    const x = leaf(2);
    const a = x.mul(x);
    const b = a.mul(3);
    const [ga, gx] = gradients(b, [a, x]);
    expect([ga.item(), gx.item(), x.grad]).toEqual([3, 12, null]);
  });

  test("computes nothing for inputs that were not asked for", () => {
    const x = leaf(2);
    const other = leaf(5);
    let touched = false;
    const branch = other.mul(2);
    branch.registerHook(() => {
      touched = true;
    });
    gradients(x.mul(branch), [x]);
    expect(touched).toBe(false);
  });

  test("adds over several outputs, with cotangents", () => {
    const x = leaf([1, 2]);
    const [g] = gradients([x.mul(2), x.mul(x)], [x], {
      cotangents: [tensor([1, 1], { dtype: "float64" }), tensor([1, 10], { dtype: "float64" })],
    });
    expect(g.toArray()).toEqual([4, 42]);
    const [twice] = gradients([x.sum(), x.sum()], [x]);
    expect(twice.toArray()).toEqual([2, 2]);
    const root = x.sum();
    expect(gradients([root, root], [x])[0].toArray()).toEqual([2, 2]);
    expect(() => gradients([root], [x], { cotangents: [] })).toThrow(
      "gradients: one cotangent per output, got 0 for 1",
    );
  });

  test("an unused input is an error, or null if allowed", () => {
    const a = leaf([1]);
    const b = leaf([1]);
    expect(() => gradients(a.mul(2).sum(), [b])).toThrow(
      "gradients: the outputs do not depend on an input, got input 0 of shape [1]; pass allowUnused: true to get null for it",
    );
    expect(gradients(a.sum(), [b, a], { allowUnused: true })[0]).toBeNull();
  });
});

describe("recording", () => {
  test("noGrad stops it, nests, and is undone by a throw", () => {
    const x = leaf(1);
    expect(noGrad(() => noGrad(() => x.mul(2)) && x.mul(2).requiresGrad)).toBe(false);
    expect(() =>
      noGrad(() => {
        throw new RangeError("out");
      }),
    ).toThrow(RangeError);
    expect(x.mul(2).requiresGrad).toBe(true);
    expect(() => noGrad(async () => x)).toThrow("noGrad: must be synchronous, got a promise");
  });

  test("requiresGrad: on floats only, and not switched off on results", () => {
    expect(() => tensor([1], { dtype: "int32", requiresGrad: true })).toThrow(DTypeError);
    const y = leaf(1).mul(2);
    expect(() => {
      y.requiresGrad = false;
    }).toThrow("requiresGrad: cannot be unset on a recorded result, got mul; use detach()");
    expect(gt(leaf(1), 0).requiresGrad).toBe(false);
    expect(leaf(1).to("int32").requiresGrad).toBe(false);
  });

  test("a constant stays constant, and each result names its op", () => {
    const x = leaf(1);
    const y = x.mul(2);
    expect([y.op?.name, y.inputs[0] === x, x.op]).toEqual(["mul", true, null]);
    expect(tensor(1).mul(2).op).toBeNull();
  });
});
