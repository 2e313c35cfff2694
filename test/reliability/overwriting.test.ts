import { describe, expect, test } from "vitest";
import { Adam, exp, GradError, mul, noGrad, SGD, tensor } from "../../src/index.ts";

// What a write between forward and backward does, for every way to write. The generic op suite asks the same of every op.
const f64 = { dtype: "float64" } as const;

describe("a value overwritten before backward needs it", () => {
  test("assign to a parameter, then backward: an error that names op, input and remedy", () => {
    const w = tensor([2], { ...f64, requiresGrad: true });
    const loss = mul(w, w).sum();
    w.assign([1]);
    expect(() => loss.backward()).toThrow(GradError);
    expect(() => loss.backward()).toThrow(
      "mul (backward): a value that it needs was overwritten, got input 1, float64[1]; " +
        "call backward() before assign() or step()",
    );
    expect(w.grad).toBeNull();
  });

  test.each([
    ["SGD", (w: ReturnType<typeof tensor>) => new SGD([w], { lr: 0.1 })],
    ["Adam", (w: ReturnType<typeof tensor>) => new Adam([w])],
  ])("an optimizer step (%s) between forward and backward: an error", (_, make) => {
    const w = tensor([2], { ...f64, requiresGrad: true });
    const optimizer = make(w);
    const loss = mul(w, w).sum();
    loss.backward();
    optimizer.step();
    expect(() => loss.backward()).toThrow("a value that it needs was overwritten");
    expect(w.grad?.item()).toBe(4);
  });

  test("an op that needs no values is not disturbed: the gradient is exact", () => {
    const w = tensor([2], { ...f64, requiresGrad: true });
    const loss = w.add(1).sum();
    w.assign([100]);
    loss.backward();
    expect(w.grad?.item()).toBe(1);
  });

  test("a constant that was overwritten counts too", () => {
    const w = tensor([2], { ...f64, requiresGrad: true });
    const a = tensor([3], f64);
    const loss = w.mul(a).sum();
    a.assign([1000]);
    expect(() => loss.backward()).toThrow("input 1, float64[1]");
  });

  test("a failed backward leaves every grad as it was", () => {
    const u = tensor([1], { ...f64, requiresGrad: true });
    const w = tensor([2], { ...f64, requiresGrad: true });
    u.sum().backward();
    const loss = w.mul(w).add(u).sum(); // u's gradient is ready before w's fails
    w.assign([5]);
    expect(() => loss.backward()).toThrow(GradError);
    expect([u.grad?.item(), w.grad]).toEqual([1, null]);
  });
});

describe("what cannot be overwritten", () => {
  test("a recorded result", () => {
    const y = exp(tensor([2], { ...f64, requiresGrad: true }));
    expect(() => y.assign([0])).toThrow("assign: cannot overwrite a recorded result, got exp; use detach()");
  });

  test("a view: reshape and detach are values of their own, so writing to them reaches nothing else", () => {
    const w = tensor([1, 2], { ...f64, requiresGrad: true });
    const y = mul(w, w);
    w.detach().assign([7, 8]);
    noGrad(() => w.reshape([2, 1])).assign([[7], [8]]);
    y.detach().assign([0, 0]);
    y.sum().backward();
    expect(w.toArray()).toEqual([1, 2]);
    expect(w.grad?.toArray()).toEqual([2, 4]);
  });

  test("the raw typed array: data is a copy, and so is what tensor() and assign() read", () => {
    const source = Float64Array.of(1, 2);
    const w = tensor(source, { requiresGrad: true });
    const loss = mul(w, w).sum();
    source[0] = 100;
    w.data[0] = 100;
    loss.data[0] = 100;
    expect(w.toArray()).toEqual([1, 2]);
    loss.backward();
    expect(w.grad?.toArray()).toEqual([2, 4]);
    w.grad!.data[0] = 100;
    expect(w.grad?.toArray()).toEqual([2, 4]);
    const next = Float64Array.of(3, 4);
    w.assign(next);
    next[0] = 100;
    expect(w.toArray()).toEqual([3, 4]);
  });

  test("two grads that were one cotangent: writing to one leaves the other", () => {
    const a = tensor([1], { ...f64, requiresGrad: true });
    const b = tensor([1], { ...f64, requiresGrad: true });
    a.add(b).sum().backward();
    a.grad!.assign([50]);
    expect(b.grad?.item()).toBe(1);
  });

  test("a gradient through assign: only values are assigned", () => {
    const w = tensor([1], { ...f64, requiresGrad: true });
    const h = tensor([0], f64);
    expect(() => h.assign(w.mul(2))).toThrow(
      "assign: only values are assigned, got a tensor with a gradient; use detach()",
    );
    expect(h.item()).toBe(0);
    noGrad(() => h.assign(w.mul(2)));
    expect(h.item()).toBe(2);
  });
});
