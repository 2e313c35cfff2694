import { describe, expect, test } from "vitest";
import { CompileError, compile, type LoweringBuilder, lowering, setThreads, type Value } from "../../src/compile/index.ts"; // biome-ignore format: one line
import { add, apply, mul, type Op, type Tensor, tensor, ValueError } from "../../src/index.ts";

// What nobody would pass on purpose. Each is refused by an error of ours that says what to write.

const x = tensor([1, 2]);

describe("compile", () => {
  test.each([
    [
      "a generator function",
      function* () {
        yield x;
      },
      "a generator function, which runs only when looped over",
    ],
    [
      "an async generator",
      async function* () {
        yield await x;
      },
      "a generator function, which runs only when looped over",
    ],
    ["an async function", async () => await undefined, "an async function"],
  ])("of %s", (_, fn, got) => {
    expect(() => compile(fn as never)).toThrow(
      new ValueError("compile", "fn must be a synchronous function", got, "return the result, and await outside"),
    );
  });

  test("of a class without a name", () => {
    expect(() => compile(class {} as never)).toThrow(
      "compile: fn must be a function, got the class; write compile((x) => …)",
    );
  });

  test("of a function with a loop over a maximum, left at the second row; taken as a pair, it is refused", () => {
    const m = tensor([[1, 2], [3, 4], [5, 6]]); // biome-ignore format: rows
    const first = compile((x: Tensor) => {
      let total: Tensor = tensor(0);
      let at = 0;
      for (const row of x.max(1)) {
        if (at++ === 1) break;
        total = total.add(row.mul(2));
      }
      return total;
    });
    expect([first(m).item(), first(m.mul(2)).item()]).toEqual([4, 8]);
    expect(() =>
      compile((x: Tensor) => {
        const [values, indices] = x.max(1);
        return [values!, indices!];
      })(m),
    ).toThrow("max: gives values only; write argmax(x, axis), or argmin");
  });

  test("of a function that returns an iterator", () => {
    for (const result of [() => [x].values(), () => new Map([["x", x]]).entries()]) {
      expect(() => compile(result as never)()).toThrow(
        "results must be tensors, in arrays or plain objects, got an iterator; return an array of what it gives: [...items]",
      );
    }
  });

  test("with an iterator as argument, whose place a program would not see", () => {
    function* numbers(): Generator<Tensor> {
      for (;;) yield x;
    }
    const f = compile((items: Iterator<Tensor>) => mul(items.next().value as Tensor, 2));
    for (const items of [numbers(), [x].values(), new Set([x]).values()]) {
      expect(() => f(items)).toThrow(/^compile: arguments must not be iterators, .*; pass an array of what it gives/);
    }
  });
});

describe("a builder", () => {
  const wrong: Record<string, (b: LoweringBuilder, x: Value) => unknown> = {
    "fill(value": (b) => b.fill("2" as never, [], "float32"),
    "fill(value, shape": (b) => b.fill(2, 3 as never, "float32"),
    "fill(value, shape, dtype": (b) => b.fill(2, [], "float16" as never),
    "constant(values": (b) => b.constant([1, 2] as never, [2], "float32"),
    "constant(values, shape": (b) => b.constant(Float32Array.of(1), undefined as never, "float32"),
    "range(n": (b) => b.range(-1),
    "uniform(x": (b) => b.uniform(2 as never),
    "reshape(x, shape": (b, own) => b.reshape(own, "2" as never),
    "cast(x, dtype": (b, own) => b.cast(own, "int" as never),
    "map(fn": (b, own) => b.map("twice" as never, [own], "float32"),
    "map(fn, args": (b, own) => b.map("add", own as never, "float32"),
    "unary(fn": (b, own) => b.unary("add" as never, own),
    "unary(fn, x": (b) => b.unary("sqrt", 2 as never),
    "binary(fn, a, b": (b, own) => b.binary("add", own, 2 as never),
    "binary(fn, a, b, to": (b, own) => b.binary("add", own, own, 4 as never),
    "select(mask": (b, own) => b.select(true as never, own, own),
    "view(x, view": (b, own) => b.view(own, { sizes: [2] } as never, [2]),
    "expand(x, shape": (b, own) => b.expand(own, [2.5]),
    "take(x, at": (b, own) => b.take(own, [0] as never),
    "reduce(fn": (b, own) => b.reduce("mean" as never, own, [1, 2, 1], [1]),
    "reduce(fn, x, axes": (b, own) => b.reduce("sum", own, 2 as never, [1]),
    "matmul(a, b, sizes": (b, own) => b.matmul(own, own, 2 as never, { transposeA: false, transposeB: false }, [1]),
    "matmul(a, b, sizes, attrs": (b, own) => b.matmul(own, own, { batch: 1, m: 1, k: 2, n: 1 }, null as never, [1]),
    "scatter(x, at, source": (b, own) => b.scatter(own, own, undefined as never),
    "assemble(parts": (b, own) => b.assemble(own as never, 0, [2], "float32"),
    "assemble(parts, fill": (b) => b.assemble([], null as never, [2], "float32"),
    "scan(x, axes": (b, own) => b.scan(own, [1, 2] as never, false),
    "scan(x, axes, reverse": (b, own) => b.scan(own, [1, 2, 1], 0 as never),
    "scan(x, axes, reverse, factors": (b, own) => b.scan(own, [1, 2, 1], false, 2 as never),
    "sort(x, axes, descending": (b, own) => b.sort(own, [1, 2, 1], "yes" as never),
    "check(bad, inputs": (b, own) => b.check(own, own as never),
    "host(fn": (b, own) => b.host(3 as never, [own], [[2]], "float32"),
    "host(fn, inputs, shapes": (b, own) => b.host(() => undefined, [own], [2] as never, "float32"),
  };
  test.each(Object.entries(wrong))("b.%s) is not what it must be", (call, write) => {
    const op: Op = { name: "odd", shape: ([own]) => own!.shape, forward: () => undefined, vjp: ["nondifferentiable"] };
    lowering(op, ({ b, x: own }) => write(b, own) as Value);
    const f = compile((own: Tensor) => apply(op, [own], undefined));
    const [method, names = ""] = call.split("(") as [string, string?];
    const argument = names.split(", ").at(-1)!;
    const error = (() => {
      try {
        return f(x);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(CompileError);
    expect((error as CompileError).message).toMatch(new RegExp(`^odd: its lowering is wrong: ${argument} .* in b\\.${method}\\(`)); // biome-ignore format: one line
  });

  test("has no other methods", () => {
    const op: Op = { name: "odd", shape: ([own]) => own!.shape, forward: () => undefined, vjp: ["nondifferentiable"] };
    lowering(op, ({ b, x: own }) => (b as unknown as { add(...all: Value[]): Value }).add(own, own));
    expect(() => compile((own: Tensor) => apply(op, [own], undefined))(x)).toThrow(
      /^odd: its lowering is wrong: a builder has no such method, got b\.add; it has fill, constant, .*: b\.binary\("add", x, y\)$/,
    );
  });

  test("takes no more arguments than it has", () => {
    const op: Op = { name: "odd", shape: ([own]) => own!.shape, forward: () => undefined, vjp: ["nondifferentiable"] };
    lowering(op, ({ b, x: own }) => (b.unary as (...all: unknown[]) => Value)("sqrt", own, "float64"));
    expect(() => compile((own: Tensor) => apply(op, [own], undefined))(x)).toThrow(
      "odd: its lowering is wrong: b.unary(fn, x) takes no more, got 3 arguments",
    );
  });
});

test("setThreads says what is missing where memory cannot be shared, and what a worker must be", async () => {
  const platform = globalThis as { SharedArrayBuffer?: unknown };
  const own = platform.SharedArrayBuffer;
  try {
    platform.SharedArrayBuffer = undefined;
    await expect(setThreads(2)).rejects.toThrow(
      /^setThreads: needs memory that can be shared, got (an engine without SharedArrayBuffer; leave setThreads out|a page, or a worker of one, that is not cross-origin isolated; serve the page)/,
    );
  } finally {
    platform.SharedArrayBuffer = own;
  }
  expect(compile((y: Tensor) => add(y, 1))(x).toArray()).toEqual([2, 3]);
});
