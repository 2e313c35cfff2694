import { afterEach, describe, expect, test } from "vitest";
import { useBlas } from "../../src/blas/index.ts";
import { compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";
import { library } from "./library.ts";

// What BLAS computes is what is computed here.

const stops: (() => void)[] = [];
const use = (): void => void stops.push(useBlas(library!));
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const layouts = [0, 1, 2, 3].map((i) => ({ transposeA: i % 2 > 0, transposeB: i > 1 }));

/** The product by the definition, in float64. */
function defined(a: T.Tensor, b: T.Tensor, { transposeA, transposeB }: T.MatmulAttrs): number[] {
  const turned = (x: T.Tensor, isTurned: boolean) => T.cast(isTurned ? T.transpose(x) : x, "float64");
  return [...T.sum(T.unsqueeze(turned(a, transposeA), -1).mul(T.unsqueeze(turned(b, transposeB), -3)), -2).data];
}

function expectNear(y: T.Tensor, wanted: readonly number[], slack: number): void {
  expect(y.size).toBe(wanted.length);
  const scale = Math.max(1, ...wanted.map(Math.abs));
  const worst = Math.max(0, ...[...y.data].map((value, i) => Math.abs(value - wanted[i]!)));
  expect(worst).toBeLessThanOrEqual(slack * scale);
}

describe.skipIf(library === null)("products by BLAS", () => {
  describe.each([
    ["float32", 1e-5],
    ["float64", 1e-13],
  ] as const)("of %s", (dtype, slack) => {
    test.each([
      ["square", [], [40, 40, 40]],
      ["one row", [], [1, 300, 200]],
      ["one column", [], [300, 200, 1]],
      ["one term", [], [200, 1, 300]],
      ["odd sizes", [], [33, 71, 19]],
      ["a batch", [3], [31, 37, 41]],
      ["two axes of batches", [2, 2], [40, 30, 20]],
    ] as const)("%s: eager and compiled, in each layout", (_, batch, [m, k, n]) => {
      for (const layout of layouts) {
        const a = T.randn([...batch, ...(layout.transposeA ? [k, m] : [m, k])], { dtype });
        const b = T.randn([...batch, ...(layout.transposeB ? [n, k] : [k, n])], { dtype });
        const wanted = defined(a, b, layout);
        const plain = T.matmul(a, b, layout);
        use();
        const f = compile((x: T.Tensor, y: T.Tensor) => T.matmul(x, y, layout));
        const [eager, compiled] = [T.matmul(a, b, layout), f(a, b)];
        stops.pop()!();
        expectNear(eager, wanted, slack);
        expectNear(compiled, wanted, slack);
        expect(String(f.programs[0])).toContain("outside");
        expect([eager.shape, eager.dtype, compiled.shape, compiled.dtype]).toEqual([plain.shape, dtype, plain.shape, dtype]); // biome-ignore format: one line
        // Added up another way: it was the other library.
        if (dtype === "float32" && k > 1) expect(eager.data).not.toEqual(plain.data);
      }
    });

    test("0 · ∞, NaN and infinities come out as they do here, wherever they stand", () => {
      for (const special of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        for (const layout of layouts) {
          const make = (seed: number) =>
            T.tensor(
              Float64Array.from({ length: 1600 }, (_, i) =>
                (i * 7 + seed) % 11 === 0 ? 0 : ((i * 13 + seed) % 17) - 8,
              ),
              { dtype },
            ).reshape([40, 40]);
          const [a, b] = [make(1), make(2)];
          const mark = (x: T.Tensor, at: number) => {
            const values = x.data;
            values[at] = special;
            return T.tensor(values).reshape([40, 40]);
          };
          for (const [x, y] of [
            [mark(a, 83), b],
            [a, mark(b, 1207)],
            [mark(a, 1599), mark(b, 0)],
            [T.zeros([40, 40], { dtype }), mark(b, 5)],
          ] as const) {
            const plain = T.matmul(x, y, layout).toArray();
            const f = compile((p: T.Tensor, q: T.Tensor) => T.matmul(p, q, layout));
            use();
            expect(T.matmul(x, y, layout).toArray()).toEqual(plain); // small integers: exact in any order
            expect(f(x, y).toArray()).toEqual(plain);
            stops.pop()!();
          }
        }
      }
    });

    test("what was in the result's place before does not matter", () => {
      const Class = dtype === "float32" ? Float32Array : Float64Array;
      for (const old of [Number.NaN, Number.POSITIVE_INFINITY]) {
        for (const size of [2, 9, 40]) {
          for (const layout of layouts) {
            const product = { dtype, batch: 1, m: size, k: size, n: size, ...layout };
            const y = new Class(size * size).fill(old);
            library!.multiplyArrays(product, new Class(size * size).fill(1), new Class(size * size).fill(2), y);
            expect(new Set(y)).toEqual(new Set([2 * size]));
          }
        }
      }
      // In a program, the place is used again and again.
      use();
      const f = compile((x: T.Tensor, y: T.Tensor) => T.matmul(T.matmul(x, y), y));
      const ones = T.ones([40, 40], { dtype });
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(f(ones.mul(value), ones).toArray()).toEqual(T.full([40, 40], value).toArray());
        expect(f(ones, ones).toArray()).toEqual(T.full([40, 40], 1600).toArray());
      }
    });

    test("nothing times nothing stays here: results without elements, and sums without terms", () => {
      use();
      for (const [m, k, n] of [
        [0, 50, 50],
        [50, 50, 0],
        [50, 0, 50],
        [0, 0, 0],
      ] as const) {
        for (const batch of [[], [0], [2]]) {
          const [a, b] = [T.ones([...batch, m, k], { dtype }), T.ones([...batch, k, n], { dtype })];
          const wanted = T.zeros([...batch, m, n], { dtype });
          for (const y of [T.matmul(a, b), compile(() => T.matmul(a, b))()]) {
            expect([y.shape, y.dtype, y.toArray()]).toEqual([wanted.shape, dtype, wanted.toArray()]);
          }
        }
      }
    });
  });

  test("integers, bools and mixed dtypes are computed here, exactly", () => {
    use();
    const large = T.full([40, 40], 7001, { dtype: "int32" });
    const bools = T.ones([40, 40], { dtype: "bool" });
    for (const [a, b] of [
      [large, T.eye(40, 40, { dtype: "int32" })],
      [bools, bools],
      [large, T.eye(40)],
      [T.eye(40), T.eye(40, 40, { dtype: "float64" })],
    ] as const) {
      const f = compile((x: T.Tensor, y: T.Tensor) => T.matmul(x, y));
      const [eager, compiled] = [T.matmul(a, b), f(a, b)];
      stops.pop()!();
      const plain = T.matmul(a, b);
      use();
      for (const y of [eager, compiled]) expect([y.dtype, y.toArray()]).toEqual([plain.dtype, plain.toArray()]);
    }
    expect(() => T.matmul(large.mul(large), large)).toThrow(/int32/);
  });

  test("small products stay in programs, and large ones go out", () => {
    use();
    const f = compile((x: T.Tensor) => T.matmul(x, x));
    for (const n of [8, 64]) f(T.ones([n, n]));
    expect(f.programs.map((program) => String(program).includes("outside"))).toEqual([false, true]);
  });

  test("arrays that are not what the product says are left alone", () => {
    const product = { dtype: "float32", batch: 1, m: 8, k: 8, n: 8, transposeA: false, transposeB: false } as const;
    const [right, y] = [new Float32Array(64).fill(1), new Float32Array(64)];
    for (const wrong of [new Float32Array(63), new Float64Array(64), new Int32Array(64), new Float32Array(65)]) {
      expect(library!.multiplyArrays(product, wrong, right, y)).toBe(false);
      expect(library!.multiplyArrays(product, right, wrong, y)).toBe(false);
      expect(library!.multiplyArrays(product, right, right, wrong)).toBe(false);
    }
    expect(new Set(y)).toEqual(new Set([0]));
    expect(library!.multiplyArrays(product, right, right, y)).toBe(true);
    expect(new Set(y)).toEqual(new Set([8]));
  });
});
