import { afterEach, describe, expect, test, vi } from "vitest";
import { compile } from "../../src/compile/index.ts";
import type { Tensor } from "../../src/index.ts";
import * as T from "../../src/index.ts";

const x = T.tensor([1, 2]);

describe("arguments are trees", () => {
  test("of arrays, plain objects and Maps, with tensors in them", () => {
    interface Batch {
      readonly pair: readonly [Tensor, Tensor];
      readonly by: ReadonlyMap<string, Tensor>;
      readonly scale: number;
    }
    const f = compile(({ pair: [a, b], by, scale }: Batch) => T.mul(T.add(T.mul(a, b), by.get("c")!), scale));
    const batch = (k: number, scale = 2): Batch => ({
      pair: [T.tensor([k]), T.tensor([k + 1])],
      by: new Map([["c", T.tensor([10])]]),
      scale,
    });
    for (let k = 0; k < 20; k++) expect(f(batch(k)).item()).toBe((k * (k + 1) + 10) * 2);
    expect(f.programs.length).toBe(1);
    expect(f(batch(1, 3)).item()).toBe(36);
    expect(f.programs.length).toBe(2);
  });

  test("gradients go to the tensors in them", () => {
    const f = compile(({ a, list }: { a: Tensor; list: Tensor[] }) => T.sum(T.mul(a, T.mul(list[0]!, list[1]!))));
    const leaf = (v: number): Tensor => T.tensor([v], { requiresGrad: true });
    for (let k = 1; k < 4; k++) {
      const [a, b, c] = [leaf(k), leaf(3), leaf(5)];
      f({ a, list: [b, c] }).backward();
      expect([a, b, c].map((v) => v.grad!.item())).toEqual([15, 5 * k, 3 * k]);
    }
    expect(f.programs.length).toBe(1);
  });

  test("what is passed through is the caller's, and is not copied where it holds no tensor", () => {
    const config = { rate: 3 };
    const f = compile((v: Tensor, own: typeof config) => T.mul(v, own === config ? own.rate : 0));
    for (let k = 0; k < 2; k++) expect(f(x, config).toArray()).toEqual([3, 6]);
    config.rate = 4;
    for (let k = 0; k < 2; k++) expect(f(x, config).toArray()).toEqual([4, 8]);
  });

  test("two that are one are one inside, too, and others than two that are alike", () => {
    const factor = (a: unknown, b: unknown): number => (a === b ? 2 : 3);
    const record = { v: x };
    const list = [x];
    const map = new Map([["v", x]]);
    const set = new Set([x]);
    const bytes = new Uint8Array(2);
    const pairs: readonly (readonly [unknown, unknown])[] = [
      [record, { v: x }],
      [list, [x]],
      [map, new Map([["v", x]])],
      [set, new Set([x])],
      [bytes, new Uint8Array(2)],
      [
        { deep: [list], list },
        { deep: [list], list },
      ],
    ];
    for (const [own, other] of pairs) {
      const f = compile((v: Tensor, a: unknown, b: unknown) => T.mul(v, factor(a, b)));
      const g = compile((v: Tensor, both: readonly unknown[]) => T.mul(v, factor(both[0], both[1])));
      for (let k = 0; k < 2; k++) {
        expect(f(x, own, own).toArray()).toEqual([2, 4]);
        expect(f(x, own, other).toArray()).toEqual([3, 6]);
        expect(g(x, [own, own]).toArray()).toEqual([2, 4]);
        expect(g(x, [own, other]).toArray()).toEqual([3, 6]);
      }
      expect([f.programs.length, g.programs.length]).toEqual([2, 2]);
    }
    const inner = compile((tree: { deep: (readonly Tensor[])[]; list: readonly Tensor[] }) =>
      T.mul(tree.list[0]!, factor(tree.deep[0], tree.list)),
    );
    expect(inner({ deep: [list], list }).toArray()).toEqual([2, 4]);
    expect(inner({ deep: [[x]], list }).toArray()).toEqual([3, 6]);
  });
});

describe("values are told apart by Object.is", () => {
  test("0 and -0, and NaN, beside a tensor, are inside what they are outside", () => {
    const f = compile((own: { v: Tensor; high: number; low: number; none: number }) =>
      T.stack([T.div(own.v, own.high), T.div(own.v, own.low), T.add(own.v, own.none)]),
    );
    const [up, down] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < 2; i++) {
      const rows = f({ v: x, high: 0, low: -0, none: Number.NaN }).toArray();
      expect(rows).toEqual([[up, up], [down, down], [Number.NaN, Number.NaN]]); // biome-ignore format: rows
    }
  });

  const text = (v: unknown): Tensor => T.tensor([...`${JSON.stringify(v)}`].map((c) => c.charCodeAt(0)));

  test("0 and -0, NaN, and texts that look like others", () => {
    const f = compile((v: Tensor, k: number) => T.div(v, k));
    for (let i = 0; i < 2; i++) {
      expect(f(x, 0).toArray()).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
      expect(f(x, -0).toArray()).toEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
      f(x, Number.NaN);
    }
    expect(f.programs.length).toBe(3);
    const lists: readonly (readonly unknown[])[] = [
      ["a", "b string:c"],
      ["a string:b", "c"],
      ["a", "b", "string:c"],
      [["a"], "b"],
      [["a", "b"]],
      [[], "a"],
      [[["a"]]],
      ["1", 1],
      [1, "1"],
      [{ a: 1 }],
      [{ a: "1" }],
      [{ a: undefined }],
      [{}],
      [{ a: { b: 1 } }],
      [{ a: {}, b: 1 }],
      [[["a", 1]]],
      [null],
      [undefined],
      [true],
      ["true"],
      [["float32", 1, 2, false]],
    ];
    const g = compile((...given: readonly unknown[]) => text(given), { cacheSize: 100 });
    for (let i = 0; i < 2; i++) for (const list of lists) expect(g(...list).toArray()).toEqual(text(list).toArray());
    expect(g.programs.length).toBe(lists.length);
    const map = compile((given: unknown) => T.tensor(given instanceof Map ? 1 : 0));
    for (let i = 0; i < 2; i++) {
      expect(map(new Map([["a", 1]])).item()).toBe(1);
      expect(map({ a: 1 }).item()).toBe(0);
    }
  });

  test("dtype, shape and what requires a gradient", () => {
    const f = compile((v: Tensor) => T.mul(v, v));
    const leaf = T.tensor([1, 2], { requiresGrad: true });
    const given = [x, leaf, T.tensor([1, 2], { dtype: "float64" }), T.tensor([[1, 2]]), x, leaf];
    const results = given.map((v) => f(v));
    expect(f.programs.length).toBe(4);
    expect(results.map((y) => y.requiresGrad)).toEqual([false, true, false, false, false, true]);
    T.sum(results[5]!).backward();
    expect(leaf.grad!.toArray()).toEqual([2, 4]);
  });

  test("a record of tensors is recorded once, however often it is made", () => {
    const f = compile(({ a, b }: { readonly a: Tensor; readonly b: Tensor }) => T.mul(a, b));
    for (let k = 0; k < 20; k++) expect(f({ a: T.tensor([k]), b: T.tensor([2]) }).item()).toBe(2 * k);
    expect(f.programs.length).toBe(1);
  });

  test("what is in a Set is seen", () => {
    const f = compile((all: ReadonlySet<Tensor>) => [...all].reduce((y, z) => T.sub(T.mul(y, 2), z)));
    const [a, b] = [T.tensor([3]), T.tensor([1])];
    const set = new Set([a, b]);
    for (let i = 0; i < 2; i++) expect(f(set).item()).toBe(5);
    expect(f(new Set([b, a])).item()).toBe(-1);
    expect(f.programs.length).toBe(1);
    set.add(T.tensor([10]));
    for (let i = 0; i < 2; i++) expect(f(set).item()).toBe(0);
  });

  test("an element that is replaced is seen", () => {
    const f = compile((v: Tensor, list: number[] | Float32Array) => T.mul(v, list[0]!));
    for (const list of [[3, 4], Float32Array.of(3, 4)]) {
      for (let i = 0; i < 2; i++) expect(f(x, list).toArray()).toEqual([3, 6]);
      list[0] = 11;
      for (let i = 0; i < 2; i++) expect(f(x, list).toArray()).toEqual([11, 22]);
    }
    const g = compile((pair: Tensor[]) => T.mul(pair[0]!, pair[1]!));
    const pair: Tensor[] = [T.tensor([1]), T.tensor([3])];
    for (let i = 0; i < 2; i++) expect(g(pair).item()).toBe(3);
    pair[1] = T.tensor([11]);
    expect(g(pair).item()).toBe(11);
    pair[1] = T.tensor([11, 12]);
    expect(g(pair).toArray()).toEqual([11, 12]);
  });
});

describe("what is refused", () => {
  test("a Proxy around a tensor, wherever it stands", () => {
    const f = compile((v: unknown) => ((v as Tensor[])[0] === undefined ? x : x));
    const proxy = new Proxy(x, {});
    for (const given of [proxy, [proxy], { a: proxy }, new Map([["a", [proxy]]]), new Proxy({ a: proxy }, {})]) {
      for (let i = 0; i < 2; i++) {
        expect(() => f(given)).toThrow(
          "compile: arguments must be tensors themselves, got a Proxy around a tensor; keep it",
        );
      }
    }
  });

  test("a Proxy around a Map or a Set with a tensor", () => {
    const f = compile((v: Iterable<unknown>) => (v === null ? x : T.add(x, [...v].length)));
    for (const given of [new Map([["a", x]]), new Set([x])]) {
      expect(() => f(new Proxy(given, {}))).toThrow(
        "Maps and Sets must be arguments themselves, got a Proxy around one",
      );
    }
  });

  test("what contains itself", () => {
    const own: unknown[] = [x];
    own.push({ own });
    expect(() => compile((v: unknown) => (v === own ? x : x))(own)).toThrow("an argument must not contain itself");
  });

  test("arguments that are changed inside", () => {
    const f = compile((state: { h: Tensor }) => {
      state.h = T.add(state.h, T.ones([3]));
      return state.h;
    });
    expect(() => f({ h: T.zeros([]) })).toThrow("arguments must not be changed inside of the function");
    const g = compile((list: number[]) => {
      list.push(1);
      return x;
    });
    expect(() => g([])).toThrow("arguments must not be changed inside of the function");
  });

  test.each<[string, () => unknown, (state: never) => void]>([
    ["a plain object", () => ({ h: x }), (state: { h: Tensor }) => (state.h = T.mul(state.h, 2))],
    ["an array", () => [x], (state: Tensor[]) => (state[0] = T.mul(state[0]!, 2))],
    ["a Map", () => new Map([["h", x]]), (state: Map<string, Tensor>) => state.set("h", T.mul(state.get("h")!, 2))],
    ["what is inside of another", () => [{ h: x }], ([state]: { h: Tensor }[]) => (state!.h = T.mul(state!.h, 2))],
    ["another argument", () => [x, T.mul(x, 3)], (state: Tensor[]) => state.reverse()],
  ])("a tensor that is replaced by one that looks the same, in %s", (_, make, change) => {
    const f = compile((state: unknown) => {
      change(state as never);
      return x;
    });
    expect(() => f(make())).toThrow(
      /arguments must not be changed inside of the function, got a change of argument 0, (an object|an array|a Map); return the new value instead/,
    );
  });
});

describe("a value that changes with each call", () => {
  afterEach(() => vi.restoreAllMocks());

  test("is named once, after the eighth recording", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const scale = compile((v: Tensor, options: { readonly rate: number }) => T.mul(v, options.rate));
    for (let k = 1; k < 8; k++) scale(x, { rate: k });
    expect(warn).not.toHaveBeenCalled();
    for (let k = 8; k < 30; k++) expect(scale(x, { rate: k + 0.5 }).toArray()).toEqual([k + 0.5, 2 * k + 1]);
    expect(warn.mock.calls).toEqual([
      [
        'compile: argument 1, "rate" has had 8 values, now 8.5, and a program is recorded for each; pass it as a tensor: tensor(8.5)',
      ],
    ]);
  });

  test("is not what shapes are, nor a few values in turn", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const f = compile((v: Tensor, k: number, isOn: boolean) => T.mul(v, isOn ? k : 1));
    for (let n = 1; n < 20; n++) f(T.ones([n]), 1, true);
    for (let n = 1; n < 20; n++) f(x, n % 4, n % 3 === 0);
    expect(warn).not.toHaveBeenCalled();
  });
});
