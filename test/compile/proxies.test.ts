import { expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";
import { type Tensor, TinygradError } from "../../src/index.ts";

// A Proxy around a tensor that a compiled function has captured: it comes to what it comes to in eager code, or is refused.

type Wrap = <V extends object>(value: V) => V;

const wraps: Record<string, Wrap> = {
  "without traps": (value) => new Proxy(value, {}),
  // as Vue's and Svelte's do, where they wrap a value: getters and setters see the Proxy
  "with the Proxy as receiver": (value) =>
    new Proxy(value, {
      get: (target, key, receiver) => Reflect.get(target, key, receiver) as unknown,
      set: (target, key, own, receiver) => Reflect.set(target, key, own, receiver),
    }),
  "with the tensor as receiver": (value) =>
    new Proxy(value, {
      get: (target, key) => {
        const own: unknown = Reflect.get(target, key, target);
        return typeof own === "function" ? (own.bind(target) as unknown) : own;
      },
      set: (target, key, own) => Reflect.set(target, key, own, target),
    }),
};

/** What may be done with a tensor p, where x is the tensor behind it. */
const uses: Record<string, (p: Tensor, x: Tensor) => Tensor> = {
  "an op": (p) => T.mul(p, 2),
  "a method": (p) => p.mul(2),
  detach: (p) => p.detach().mul(3),
  "assign to it": (p, x) => {
    p.assign(T.add(x.detach(), 1));
    return T.mul(x, 2);
  },
  "assign from it": (p, x) => T.mul(x.assign(p), 2),
  "its grad is set": (p, x) => {
    p.grad = null;
    T.sum(T.mul(x, x)).backward();
    return x.grad!;
  },
  "its grad is read": (p, x) => {
    T.sum(T.mul(x, x)).backward();
    return T.mul(p.grad!, 1);
  },
  "backward to it": (p, x) => {
    T.sum(T.mul(p, x)).backward();
    return x.grad!;
  },
  "gradients with respect to it": (p, x) => T.gradients(T.sum(T.mul(x, x)), [p])[0]!,
  "a hook": (p, x) => {
    const remove = p.registerHook((g) => T.mul(g, 10));
    x.grad = null;
    T.sum(T.mul(x, x)).backward();
    remove();
    return x.grad!;
  },
  "its value": (p, x) => T.mul(x, p.item()),
  "its shape": (p, x) => T.reshape(x, [...p.shape, 1]),
  "in a list": (p, x) => T.stack([x, p]),
  "an optimizer": (p, x) => {
    new T.SGD([p], { lr: 1 }).step();
    return T.mul(x, 2);
  },
};

function outcomeOf(use: (p: Tensor, x: Tensor) => Tensor, wrap: Wrap, isCompiled: boolean): unknown[] {
  const x = T.tensor([3], { requiresGrad: true });
  const p = wrap(x);
  const fn = (): Tensor => use(p, x);
  const f = isCompiled ? compile(fn) : fn;
  return [0, 1, 2].flatMap(() => {
    let y: unknown;
    try {
      y = f().toArray();
    } catch (error) {
      if (!(error instanceof TinygradError)) throw error;
      y = "refused";
    }
    return [y, x.toArray(), x.grad?.toArray()];
  });
}

test.each(Object.keys(wraps).flatMap((wrap) => Object.keys(uses).map((use) => [wrap, use] as const)))(
  "a Proxy %s: %s",
  (wrap, use) => {
    const compiled = outcomeOf(uses[use]!, wraps[wrap]!, true);
    const untouched = [0, 1, 2].flatMap(() => ["refused", [3], undefined]);
    if (compiled[0] === "refused") expect(compiled).toEqual(untouched);
    else expect(compiled).toEqual(outcomeOf(uses[use]!, wraps[wrap]!, false));
  },
);

test("a transaction puts a tensor back that a Proxy was asked to overwrite: it is refused", () => {
  const x = T.tensor([1]);
  const p = new Proxy(x, {});
  expect(() => p.assign([2])).toThrow("assign: must be called on the object itself, got a Proxy around it");
  expect(() => {
    p.grad = T.tensor([2]);
  }).toThrow("grad: must be called on the object itself");
  expect([x.item(), x.grad]).toEqual([1, null]);
});

test("a model behind a Proxy is refused in a compiled function as in eager code", () => {
  const model = new T.Sequential(new T.Linear(2, 3), new T.Dropout(0.5));
  const deep: Wrap = (value) =>
    new Proxy(value, {
      get: (target, key, receiver) => {
        const own: unknown = Reflect.get(target, key, receiver);
        return typeof own === "object" && own !== null ? deep(own) : own;
      },
    });
  const hidden = deep(model);
  for (let i = 0; i < 2; i++) {
    expect(() => compile((v: Tensor) => hidden.forward(v))(T.ones([1, 2]))).toThrow(TinygradError);
  }
});
