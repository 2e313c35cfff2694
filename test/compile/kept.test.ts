import { describe, expect, test } from "vitest";
import { CompileError, compile } from "../../src/compile/index.ts";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";

// What a function makes and keeps, later calls do not make again: it is what it was, or must not be read.

const x = (k: number): Tensor => T.tensor([k, 2 * k]);
const refusal = new CompileError(
  "compile",
  "a tensor that the function made and kept must not be read after a later call, which makes no new one",
  "float32[2]",
  "return it from the function, or keep it in a tensor that was made outside: last.assign(y)",
);

class Keeping extends T.Layer {
  weight = T.tensor([3, 4], { requiresGrad: true });
  last: Tensor | null = null;
  running = T.tensor([0, 0]);
  override forward(v: Tensor): Tensor {
    const y = T.mul(v, this.weight);
    this.last = y;
    this.running = T.add(y, 1).detach();
    return y;
  }
}

/** A function that keeps something, and what it has kept. */
type Keeper = () => readonly [fn: (v: Tensor) => Tensor, kept: () => Tensor];

/** Keeps what `make` makes in a variable. */
const inVariable =
  (make: (v: Tensor) => Tensor): Keeper =>
  () => {
    let last: Tensor;
    return [
      (v) => {
        last = make(v);
        return T.add(v, 1);
      },
      () => last,
    ];
  };

const w = T.tensor([1, 2], { requiresGrad: true });
const keepers: Record<string, Keeper> = {
  "in a variable": inVariable((v) => T.mul(v, 2)),
  "in a list": () => {
    const all: Tensor[] = [];
    return [(v) => all[all.push(T.mul(v, 2)) - 1]!, () => all.at(-1)!];
  },
  "in a Map": () => {
    const all = new Map<string, Tensor>();
    return [
      (v) => {
        all.set("h", T.mul(v, 2));
        return all.get("h")!;
      },
      () => all.get("h")!,
    ];
  },
  "in a layer's field": () => {
    const layer = new Keeping();
    return [(v) => layer.forward(v), () => layer.last!];
  },
  "in the place of a layer's buffer": () => {
    const layer = new Keeping();
    return [(v) => layer.forward(v), () => layer.running];
  },
  "in a field of an object": () => {
    const notes: { last?: Tensor } = {};
    return [
      (v) => {
        notes.last = T.mul(v, 2);
        return v;
      },
      () => notes.last!,
    ];
  },
  "that is an argument": inVariable((v) => v),
  "that is another shape of an argument": inVariable((v) => T.reshape(v, [2])),
  "that was drawn": inVariable(() => T.rand([2])),
  "that an initializer has made": inVariable(() => T.normal([2])),
  "that is a gradient": inVariable((v) => {
    w.grad = null;
    T.sum(T.mul(w, v)).backward();
    return w.grad!;
  }),
  "that is a copy of a tensor from outside": inVariable((v) => {
    const before = w.detach();
    T.noGrad(() => w.assign(T.mul(v, 2)));
    return before;
  }),
};

const reads: Record<string, (y: Tensor) => unknown> = {
  data: (y) => y.data,
  toArray: (y) => y.toArray(),
  item: (y) => y.at(0).item(),
  text: (y) => String(y),
  JSON: (y) => JSON.stringify({ y }),
  "an op": (y) => T.add(y, 1),
  "a copy": (y) => y.detach(),
  assigning: (y) => T.tensor([0, 0]).assign(y.detach()),
  "another compiled function": (y) => compile((v: Tensor) => T.add(v, y.detach()))(x(1)),
};

describe.each(Object.entries(keepers))("a tensor %s", (_, make) => {
  test("has the values of the first call until there is another", () => {
    const [fn, kept] = make();
    const [eager, wanted] = make();
    const f = compile(fn);
    const seeded = (own: (v: Tensor) => Tensor): Tensor => {
      T.manualSeed(1);
      T.noGrad(() => w.assign([1, 2]));
      return own(x(1));
    };
    seeded(eager);
    seeded(f);
    expect(kept().toArray()).toEqual(wanted().toArray());
    const copy = kept().detach();
    f(x(2));
    expect(() => kept().toArray()).toThrow(refusal);
    expect(copy.toArray()).toEqual(wanted().toArray());
  });

  test.each(Object.entries(reads))("is refused after it, to %s, looked at before or not", (_, read) => {
    for (const isLookedAt of [false, true]) {
      const [fn, kept] = make();
      const f = compile(fn);
      f(x(1));
      if (isLookedAt) kept().toArray();
      f(x(2));
      f(x(2));
      expect(() => read(kept())).toThrow(refusal);
    }
  });
});

test("a call for other shapes, or one that records again, is a later call, too", () => {
  const all: Tensor[] = [];
  const f = compile((v: Tensor) => all[all.push(T.mul(v, 2)) - 1]!);
  f(x(1));
  f(T.tensor([1, 2, 3]));
  expect(() => all[0]!.data).toThrow(CompileError);
  expect(all.at(-1)!.toArray()).toEqual([2, 4, 6]);
  f(x(1)); // the first program
  expect(() => all.at(-1)!.data).toThrow(CompileError);

  const g = compile((v: Tensor) => all[all.push(T.mul(v, w)) - 1]!);
  T.sum(g(x(1))).backward();
  const before = all.at(-1)!;
  g(x(2)); // for whose gradient it is recorded again
  expect(() => before.data).toThrow(CompileError);
  expect(all.at(-1)!.toArray()).toEqual([2 * w.toArray<number[]>()[0]!, 4 * w.toArray<number[]>()[1]!]);
  g(x(3));
  expect(() => all.at(-1)!.data).toThrow(CompileError);
});

test("shapes and dtypes can be read, and what is returned is right", () => {
  const layer = new Keeping();
  const f = compile((v: Tensor) => layer.forward(v));
  for (const k of [1, 2, 3]) {
    expect(f(x(k)).toArray()).toEqual([3 * k, 8 * k]);
    expect([layer.last!.shape, layer.last!.dtype]).toEqual([[2], "float32"]);
  }
  expect(() => layer.stateDict()).toThrow(refusal); // which would save it
  layer.forward(x(5)); // eagerly
  expect([layer.last!.toArray(), layer.running.toArray()]).toEqual([
    [15, 40],
    [16, 41],
  ]);
});

test("backward does not go through it with old values", () => {
  const a = T.tensor([1, 2], { requiresGrad: true });
  let loss: Tensor | undefined;
  const f = compile((v: Tensor) => {
    loss = T.sum(T.mul(a, v));
    return loss;
  });
  f(x(1));
  f(x(2));
  expect(() => loss!.backward()).toThrow(CompileError);
  expect(a.grad).toBeNull();
});

test("a buffer that is replaced in forward is recorded by name, where it is read", () => {
  class Running extends T.Layer {
    running = T.tensor([0, 0]);
    override forward(v: Tensor): Tensor {
      this.running = T.add(this.running, v);
      return v;
    }
  }
  const layer = new Running();
  expect(() => compile((v: Tensor) => layer.forward(v))(x(1))).toThrow(
    "a layer's running must not be replaced inside of the function, got float32[2]; assign to it: this.running.assign(…)",
  );
  expect(layer.running.toArray()).toEqual([0, 0]);
});

test("what is made in the first call, and used from then on, stays", () => {
  let cache: Tensor | undefined;
  const masks = new Map<number, Tensor>();
  const f = compile((v: Tensor) => {
    cache ??= T.mul(w, 2).detach();
    const n = v.size;
    if (!masks.has(n)) masks.set(n, T.mul(v, 0).detach());
    return T.add(T.add(v, masks.get(n)!), T.sum(cache));
  });
  T.noGrad(() => w.assign([1, 2]));
  for (const n of [2, 3, 2, 3, 4, 2]) {
    const v = T.ones([n]);
    expect(f(v).toArray()).toEqual(T.mul(v, 7).toArray());
  }
  expect([cache!.toArray(), masks.get(3)!.toArray()]).toEqual([
    [2, 4],
    [0, 0, 0],
  ]);
});

test("what is the same in each call may be kept", () => {
  let mask: Tensor | undefined;
  const f = compile((v: Tensor) => {
    mask = T.tril(T.ones([2, 2]));
    return T.mul(v, mask);
  });
  for (let i = 0; i < 3; i++) f(x(1));
  expect(mask!.toArray()).toEqual([
    [1, 0],
    [1, 1],
  ]);
});
