import { describe, expect, test, vi } from "vitest";
import { compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";
import { Layer, type Tensor } from "../../src/index.ts";

// Values of every kind that JavaScript has, as arguments and in fields. Eager code is right by definition.

const t = (...values: number[]): Tensor => T.tensor(values);

/** Calls a function compiled and eagerly on the same arguments, one after the other. */
function expectAlike<A extends readonly unknown[]>(
  fn: (...args: A) => Tensor,
  calls: readonly (() => Readonly<NoInfer<A>>)[],
): void {
  const f = compile(fn);
  for (const [i, call] of calls.entries()) {
    expect(f(...(call() as A)).toArray(), `call ${i}`).toEqual(fn(...(call() as A)).toArray());
  }
}

class Scaled extends Map<string, Tensor> {
  scale = 1;
}
class List extends Array<Tensor> {
  twice(): Tensor {
    return T.mul(this[0]!, 2);
  }
}
class Inner {
  k: number;
  w: Tensor;
  constructor(k: number, w: Tensor) {
    this.k = k;
    this.w = w;
  }
}

describe("an argument is what it is to eager code", () => {
  test("an array with holes", () => {
    const holed = (x: Tensor): Tensor[] => {
      const list = new Array<Tensor>(2);
      list[1] = x;
      return list;
    };
    expectAlike(
      (a: (Tensor | undefined)[]) => T.mul(a[1]!, 0 in a ? 2 : 3),
      [holed(t(1)), [undefined, t(1)], holed(t(5))].map((list) => () => [list] as const),
    );
  });

  test("an array, a Map and a Set with fields", () => {
    type Marked = { readonly k?: number } & object;
    for (const make of [() => [t(1)], () => new Map([["a", t(1)]]), () => new Set([t(1)])]) {
      const list = [3, 4].map((k) => Object.assign(make(), { k }));
      const all: Marked[] = [...list, make(), list[0]!];
      expectAlike(
        (a: Marked) => T.mul([...(a as Iterable<unknown>)].flat().find((v): v is Tensor => v instanceof T.Tensor)!, a.k ?? 1),
        all.map((a) => () => [a] as const),
      ); // biome-ignore format: one line
    }
  });

  test("an array and a Map of a class of their own", () => {
    expectAlike((a: List) => a.twice(), [() => [List.of(t(1)) as List], () => [List.of(t(5)) as List]]);
    const own = new Scaled([["a", t(1)]]);
    const other = new Scaled([["a", t(7)]]);
    const changes = [
      () => undefined,
      () => (own.scale = 3),
      () => own.set("a", t(9)),
      () => own.get("a")!.assign(t(2)),
    ];
    const f = compile((m: Scaled) => T.mul(m.get("a")!, m.scale));
    for (const change of changes) {
      change();
      for (const m of [own, other]) expect(f(m).toArray()).toEqual(T.mul(m.get("a")!, m.scale).toArray());
    }
  });

  test("an object without a prototype", () => {
    const bare = (): object => Object.assign(Object.create(null), { x: t(1) });
    expectAlike((o: object) => T.mul((o as { x: Tensor }).x, "toString" in o ? 2 : 3), [() => [{ x: t(1) }], () => [bare()], () => [{ x: t(2) }]]); // biome-ignore format: one line
  });

  test("what changes in itself: dates, buffers, functions with fields", () => {
    const date = new Date(1);
    const at = (own: Date, k: number): Date => {
      own.setTime(k);
      return own;
    };
    expectAlike((x: Tensor, d: Date) => T.mul(x, d.getTime()), [1, 2, 1].map((k) => () => [t(1), at(date, k)] as const)); // biome-ignore format: one line
    const bytes = Uint8Array.of(1);
    for (const view of [bytes.buffer, new DataView(bytes.buffer)])
      expectAlike((x: Tensor, b: typeof view) => T.mul(x, new Uint8Array("buffer" in b ? b.buffer : b)[0]!), [1, 2, 1].map((k) => () => [t(bytes.fill(k).length), view] as const)); // biome-ignore format: one line
    const rule = Object.assign((x: Tensor) => T.mul(x, rule.k), { k: 1 });
    expectAlike((x: Tensor, own: typeof rule) => own(x), [1, 2, 1].map((k) => () => [t(1), Object.assign(rule, { k })] as const)); // biome-ignore format: one line
  });

  test("a date that is made for each call has one program", () => {
    const f = compile((x: Tensor, d: Date) => T.mul(x, d.getTime()));
    for (let i = 0; i < 4; i++) f(t(1), new Date(5));
    expect(f.programs.length).toBe(1);
  });

  test("an object in an object, of classes", () => {
    const own = { inner: new Inner(1, t(2)), list: [new Inner(1, t(3))] };
    class Outer {
      inner = own.inner;
      list = own.list;
    }
    const outer = new Outer();
    const fn = (o: Outer): Tensor => T.add(T.mul(o.inner.w, o.inner.k), T.mul(o.list[0]!.w, o.list[0]!.k));
    const f = compile(fn);
    const changes = [
      () => undefined,
      () => (outer.inner.k = 4),
      () => (outer.inner.w = t(5)),
      () => (outer.inner = new Inner(7, t(1))),
      () => (outer.list[0]!.k = 9),
      () => (outer.list[0] = new Inner(3, t(8))),
      () => outer.inner.w.assign(t(11)),
    ];
    for (const change of changes) {
      change();
      for (let i = 0; i < 2; i++) expect(f(outer).toArray()).toEqual(fn(outer).toArray());
    }
    expect(f.programs.length).toBe(6);
  });
});

describe("all that is in an object that is an argument is noticed", () => {
  const hidden = Symbol("hidden");
  class Config {
    unused = t(1);
    rate = 2;
    rates = [2, 3];
    names = new Map<string, number | number[]>([["rate", 2]]);
    keys = new Map<object, number>([[{ rate: 2 }, 0]]);
    chosen = new Set([2]);
    table = Float32Array.of(2, 3);
    bytes = new Uint8Array([2]).buffer;
    since = new Date(2);
    inner = new Inner(2, t(1));
    kept: Tensor = t(2);
    [hidden] = 2;
    declare unlisted: number;
    constructor() {
      Object.defineProperty(this, "unlisted", { value: 2, writable: true, enumerable: false });
    }
  }
  const readers: Record<string, [read: (c: Config) => number | Tensor, change: (c: Config, k: number) => void]> = {
    "a number, where no tensor beside it is read": [(c) => c.rate, (c, k) => (c.rate = k)],
    "a number in a list": [(c) => c.rates[0]!, (c, k) => (c.rates[0] = k)],
    "the length of a list": [(c) => c.rates.length, (c, k) => (c.rates.length = k)],
    "a number in a Map": [(c) => c.names.get("rate") as number, (c, k) => c.names.set("rate", k)],
    "a list in a Map": [
      (c) => (c.names.get("all") as number[] | undefined)?.[0] ?? 0,
      (c, k) => c.names.set("all", [k]),
    ],
    "a key of a Map": [
      (c) => ([...c.keys.keys()][0] as { rate: number }).rate,
      (c, k) => (([...c.keys.keys()][0] as { rate: number }).rate = k),
    ],
    "a number in a Set": [
      (c) => [...c.chosen][0]!,
      (c, k) => {
        c.chosen.clear();
        c.chosen.add(k);
      },
    ],
    "an element of a typed array": [(c) => c.table[0]!, (c, k) => (c.table[0] = k)],
    "a byte of a buffer": [(c) => new Uint8Array(c.bytes)[0]!, (c, k) => (new Uint8Array(c.bytes)[0] = k)],
    "a date": [(c) => c.since.getTime(), (c, k) => c.since.setTime(k)],
    "a field of an object in it": [(c) => c.inner.k, (c, k) => (c.inner.k = k)],
    "a field with a symbol": [(c) => c[hidden], (c, k) => (c[hidden] = k)],
    "a field that is not enumerable": [(c) => c.unlisted, (c, k) => (c.unlisted = k)],
    "a result that is kept": [
      (c) => c.kept,
      (c, k) => (c.kept = T.mul(T.tensor([1], { requiresGrad: true }), k)), // which has an op
    ],
  };
  test.each(Object.entries(readers))("%s", (_, [read, change]) => {
    const config = new Config();
    const fn = (x: Tensor, c: Config): Tensor => T.mul(x, read(c));
    const f = compile(fn);
    for (const k of [2, 5, 7, 5]) {
      change(config, k);
      for (let i = 0; i < 2; i++) expect(f(t(3), config).toArray()).toEqual(fn(t(3), config).toArray());
    }
    expect(f.programs.length).toBeLessThan(5); // one for each value
  });

  test("a number that the function changes is refused, and put back", () => {
    const config = new Config();
    const changes: ((c: Config) => unknown)[] = [
      (c) => c.rate++,
      (c) => c.rates.reverse(),
      (c) => c.table.fill(9),
      (c) => c.since.setTime(9),
      (c) => c.names.set("rate", 9),
    ];
    for (const change of changes) {
      const f = compile((x: Tensor, c: Config) => {
        change(c);
        return T.mul(x, 2);
      });
      expect(() => f(t(1), config)).toThrow(
        /^compile: arguments must not be changed inside of the function, got (rate of a Config|0 of an array|0 of a Float32Array|time of a Date|rate of a Map); return the new value instead, or keep it in a tensor/,
      );
    }
    const { rate, rates, table, since, names } = config;
    expect([rate, rates, [...table], since.getTime(), names.get("rate")]).toEqual([2, [2, 3], [2, 3], 2, 2]);
  });

  test("a list that grows with each call leads to a warning", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const config = new Config();
    const f = compile((x: Tensor, c: Config) => T.mul(x, c.rate));
    for (let i = 0; i < 12; i++) {
      f(t(1), config);
      config.rates.push(i);
    }
    expect(warn.mock.calls).toEqual([
      ["compile: what is in an array has had 8 values, and a program is recorded for each; make it a tensor, and assign to it"], // biome-ignore format: one line
    ]);
    warn.mockRestore();
  });
});

describe("a field of a layer", () => {
  class Helped extends Layer {
    helper = new Inner(2, t(3));
    table = Float32Array.of(1, 2);
    override forward(x: Tensor): Tensor {
      return T.mul(T.mul(x, this.helper.w), this.helper.k * this.table[0]!);
    }
  }
  const changes: Record<string, (m: Helped) => void> = {
    "an object of a class": (m) => (m.helper = new Inner(5, t(7))),
    "a number in one": (m) => (m.helper.k = 5),
    "a tensor in one": (m) => (m.helper.w = t(7)),
    "a typed array": (m) => (m.table = Float32Array.of(9, 2)),
  };
  test.each(Object.entries(changes))("%s that is replaced is noticed", (_, change) => {
    const model = new Helped();
    const f = compile((x: Tensor) => model.forward(x));
    for (let i = 0; i < 2; i++) expect(f(t(1)).item()).toBe(6);
    change(model);
    for (let i = 0; i < 2; i++) expect(f(t(1)).item()).toBe(model.forward(t(1)).item());
    expect(f.programs.length).toBe(2);
  });
});

describe("a result", () => {
  test("with symbols as names", () => {
    const name = Symbol("y");
    const f = compile((x: Tensor) => ({ [name]: T.mul(x, 2) }) as Record<symbol, Tensor>);
    for (let i = 0; i < 2; i++) expect(f(t(i))[name]!.item()).toBe(2 * i);
  });

  test("that contains itself, or has fields beside its elements, is refused", () => {
    const cyclic = compile((x: Tensor) => {
      const result: Record<string, unknown> = { x };
      result["self"] = [result];
      return result as Record<string, Tensor>;
    });
    expect(() => cyclic(t(1))).toThrow(
      "results must be tensors, in arrays or plain objects, got one that contains itself",
    );
    const marked = compile((x: Tensor) => Object.assign([x], { more: T.mul(x, 2) }));
    expect(() => marked(t(1))).toThrow("got an array with other fields; return the tensor");
  });
});

describe("an optimizer as an argument", () => {
  class Trainer {
    optimizer: T.Optimizer;
    constructor(optimizer: T.Optimizer) {
      this.optimizer = optimizer;
    }
  }

  test.each([
    ["itself", (optimizer: T.Optimizer): unknown => optimizer],
    ["in a plain object", (optimizer) => ({ optimizer })],
    ["in an object of a class", (optimizer) => new Trainer(optimizer)],
  ] as [string, (optimizer: T.Optimizer) => unknown][])("%s", (_, wrap) => {
    const optimizerOf = (given: unknown): T.Optimizer =>
      given instanceof T.Optimizer ? given : (given as { readonly optimizer: T.Optimizer }).optimizer;
    for (const Kind of [T.SGD, T.Adam]) {
      const train = (isCompiled: boolean): unknown => {
        const w = T.tensor([1, 2], { dtype: "float64", requiresGrad: true });
        const optimizer: T.Optimizer = new Kind([w], { lr: 0.125 });
        const step = (given: unknown): Tensor => {
          const own = optimizerOf(given);
          own.zeroGrad();
          const loss = T.sum(T.mul(w, w));
          loss.backward();
          own.step();
          return loss;
        };
        const run = isCompiled ? compile(step) : step;
        const given = wrap(optimizer);
        for (let i = 0; i < 3; i++) run(given);
        optimizer.groups[0]!.lr = 0.25;
        run(given);
        if (isCompiled) expect((run as unknown as { readonly programs: readonly unknown[] }).programs.length).toBe(1);
        return w.toArray();
      };
      const [compiled, eager] = [train(true), train(false)] as [number[], number[]];
      compiled.forEach((value, i) => {
        expect(value).toBeCloseTo(eager[i]!, 9);
      });
    }
  });
});

describe("what is changed in place in an argument", () => {
  test.skipIf(typeof SharedArrayBuffer === "undefined")("a SharedArrayBuffer", () => {
    const buffer = new SharedArrayBuffer(2);
    const bytes = new Uint8Array(buffer);
    const f = compile((x: Tensor, b: SharedArrayBuffer) => T.mul(x, new Uint8Array(b)[0]!));
    for (const k of [1, 2, 1]) {
      bytes[0] = k;
      expect(f(t(1), buffer).item()).toBe(k);
      expect(compile((x: Tensor, { b }: { b: SharedArrayBuffer }) => T.mul(x, new Uint8Array(b)[0]!))(t(1), { b: buffer }).item()).toBe(k); // biome-ignore format: one line
    }
  });

  test("a field of an object that is a Map's key", () => {
    const key = new Inner(1, t(1));
    const map = new Map([[key, 5]]);
    const f = compile((x: Tensor, m: ReadonlyMap<Inner, number>) => T.mul(x, [...m.keys()][0]!.k));
    for (const k of [1, 2, 3]) {
      key.k = k;
      expect(f(t(1), map).item()).toBe(k);
    }
  });
});
