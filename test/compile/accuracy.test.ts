import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import type { TypedArray } from "../../src/core/dtype.ts";
import { Generator, pow, type Tensor, tensor, uniform } from "../../src/index.ts";
import { exponents, rowsOf, worstDouble, worstSingle } from "./accuracy.ts";
import { elementary, special, ulpAt } from "./elementary.ts";

const dtypes = ["float32", "float64"] as const;

/** The same function twice: with multiply-add if the engine has it, and without. */
const modes = [false, true] as const;

/** What a compiled function returns at its second call: the first is eager. */
function compiled(fn: (x: Tensor, y: Tensor) => Tensor, x: Tensor, y: Tensor, deterministic = false): TypedArray {
  const run = compile(fn, { deterministic });
  run(x, y);
  return run(x, y).data;
}

describe.each(modes)("deterministic: %s", (deterministic) => {
  // All of float32, including subnormal numbers, NaN and infinities, in steps: accuracy.ts takes smaller ones.
  test.each(elementary.filter(({ name }) => name !== "pow"))("$name is within its bounds", (own) => {
    expect(worstSingle((x) => own.fn(x, x), own.exact, 1021, deterministic)[0]).toBeLessThan(own.single);
    expect(worstDouble(own, deterministic)[0]).toBeLessThan(own.double);
  });

  test.each(special)("$name is within its bounds", (own) => {
    expect(worstDouble(own, deterministic)[0]).toBeLessThan(own.double);
    const x = tensor(Float32Array.from(rowsOf(own.name), (row) => row[0]!));
    const wanted = own.fn(x.to("float64"), x).data;
    compiled(own.fn, x, x, deterministic).forEach((v, i) => {
      if (Object.is(v, Math.fround(wanted[i]!))) return;
      expect(Math.abs(v - wanted[i]!) / ulpAt(wanted[i]!, "float32"), `at ${x.data[i]}`).toBeLessThan(own.single);
    });
  });

  test("pow is within its bounds", () => {
    const own = elementary.at(-1)!;
    for (const y of exponents) {
      const worst = worstSingle(
        (x) => pow(x, y),
        (x) => x ** Math.fround(y),
        8191,
        deterministic,
      );
      expect(worst[0], `to the power ${y}`).toBeLessThan(own.single);
    }
    expect(worstDouble(own, deterministic)[0]).toBeLessThan(own.double);
  });
});

test.each(elementary.filter(({ name }) => name !== "pow" && name !== "sigmoid"))(
  "$name in float64 is near JavaScript's",
  ({ fn, exact }) => {
    const generator = new Generator(3);
    for (const range of [1, 30]) {
      const x = uniform([20_000], { low: -range, high: range, dtype: "float64", generator });
      const [got, xs] = [compiled(fn, x, x), x.data];
      xs.forEach((v: number, i: number) => {
        const wanted = exact(v);
        // 4 · 2⁻⁵³ is 2 to 4 units in the last place; JavaScript's own tanh and erf are 1.8 and 2.3 off at times.
        if (Math.abs(got[i]! - wanted) > 6 * 2 ** -53 * Math.abs(wanted)) expect(got[i], `at ${v}`).toBe(wanted);
      });
    }
  },
);

const specials = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  -2,
  3,
  -3,
  2.5,
  -2.5,
  1e-310,
  -1e-310,
  1e-40,
  -1e-40,
  1e300,
  -1e300,
  3e38,
  -3e38,
  1e17,
  2 ** 53 - 1,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
];

/** Fails unless numbers are the same, or regular and near each other. */
function expectAlike(
  got: ArrayLike<number>,
  wanted: ArrayLike<number>,
  dtype: string,
  where: (i: number) => string,
): void {
  for (let i = 0; i < wanted.length; i++) {
    const [a, b] = [got[i]!, wanted[i]!];
    const isRegular = Number.isFinite(b) && b !== 0 && Number.isFinite(a) && Math.sign(a) === Math.sign(b);
    const slack =
      dtype === "float32" ? Math.max(2e-7 * Math.abs(b), 2 ** -149) : Math.max(4e-16 * Math.abs(b), 2 ** -1074);
    if (Object.is(a, b) || (isRegular && Math.abs(a - b) <= slack)) continue;
    expect(a, where(i)).toBe(b);
  }
}

describe.each(dtypes)("special values in %s are eager code's:", (dtype) => {
  test.each(elementary.filter(({ name }) => name !== "pow"))("$name", ({ fn }) => {
    const x = tensor(specials, { dtype });
    expectAlike(compiled(fn, x, x), fn(x, x).data, dtype, (i) => `at ${x.data[i]}`);
  });

  test("pow", () => {
    const x = tensor(
      specials.flatMap((v) => specials.map(() => v)),
      { dtype },
    );
    const y = tensor(
      specials.flatMap(() => specials),
      { dtype },
    );
    expectAlike(compiled(pow, x, y), pow(x, y).data, dtype, (i) => `${x.data[i]} to the power ${y.data[i]}`);
  });
});

test("powers of integers are exact", () => {
  const pairs = Array.from({ length: 40 }, (_, b) => b - 20).flatMap((b) =>
    [0, 1, 2, 3, 4, 5, 6, 7].map((n) => [b, n] as const),
  );
  const [bases, powers] = [pairs.map(([b]) => b), pairs.map(([, n]) => n)];
  for (const dtype of ["int32", "float64"] as const) {
    const got = compiled(pow, tensor(bases, { dtype }), tensor(powers, { dtype }));
    expect([...got]).toEqual(pairs.map(([b, n]) => b ** n + 0));
  }
});

/** What is used here of WebAssembly, whose types belong to no platform of this project's. */
interface Engine {
  Module: (new (bytes: Uint8Array) => object) & { imports(module: object): unknown[] };
}

test("programs import nothing but memory", () => {
  const engine = (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly;
  const { Module } = engine;
  const made: object[] = [];
  engine.Module = class extends Module {
    constructor(bytes: Uint8Array) {
      super(bytes);
      made.push(this);
    }
  };
  try {
    for (const dtype of dtypes) {
      const x = tensor([0.5, 1e10], { dtype });
      for (const { fn } of elementary) compiled(fn, x, x);
    }
  } finally {
    engine.Module = Module;
  }
  expect(made.length).toBe(2 * elementary.length);
  for (const module of made) {
    expect(Module.imports(module)).toEqual([{ module: "env", name: "memory", kind: "memory" }]);
  }
});

test("deterministic results are the same bits on every engine", () => {
  const hash = createHash("sha256");
  for (const dtype of dtypes) {
    const generator = new Generator(5);
    for (const range of [1, 20, 1e6]) {
      const x = uniform([2_000], { low: -range, high: range, dtype, generator });
      for (const { name, fn } of elementary) {
        const base = name === "log" || name === "pow" ? x.mul(x) : x; // NaN may have other bits
        const arg = name === "log1p" ? x.mul(x) : base;
        const y = tensor(
          Array.from(x.data, (v: number) => v / range),
          { dtype },
        );
        hash.update(new Uint8Array(compiled(fn, arg, y, true).buffer));
      }
    }
  }
  // Changes with the kernels, and with nothing else.
  expect(hash.digest("hex").slice(0, 16)).toBe("5e0e967b79660144");
});
