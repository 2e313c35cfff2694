import { describe, expect, test } from "vitest";
import { add, apply, type Op, type Tensor, tensor, zeros } from "../../src/index.ts";

// Small results are windows of buffers that they share: nobody is to see anything of it.

const sizes = [0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1000];
const dtypes = ["float32", "float64"] as const;

describe("results of ops", () => {
  test("do not overlap, whatever their sizes", () => {
    const made: [Tensor, number, number][] = [];
    for (let round = 0; round < 20; round++) {
      for (const size of sizes) {
        for (const dtype of dtypes) {
          const value = made.length;
          made.push([add(zeros([size], { dtype }), value), size, value]);
        }
      }
    }
    for (const [x, size, value] of made) expect(x.toArray()).toEqual(Array.from({ length: size }, () => value));
  });

  test("are zeroed for their kernels", () => {
    const seen: number[] = [];
    const look: Op<undefined> = {
      name: "look",
      shape: ([x]) => x!.shape,
      forward: (out) => {
        seen.push(...out);
        out.fill(7);
      },
      vjp: "nondifferentiable",
    };
    for (let i = 0; i < 100; i++) apply(look, [zeros([33])], undefined);
    expect(new Set(seen)).toEqual(new Set([0]));
  });

  test("keep at most sixteen times their bytes alive", () => {
    for (const size of [17, 33, 65, 128, 129, 257, 512]) {
      const kept = Array.from({ length: 300 }, () => {
        for (let i = 0; i < 10; i++) add(zeros([size]), 1);
        return add(zeros([size]), 1).values;
      });
      for (const { buffer, byteLength } of kept) expect(buffer.byteLength).toBeLessThanOrEqual(16 * byteLength);
    }
  });

  test("are given out in arrays of their own", () => {
    const x = add(tensor(new Float32Array(40)), 1);
    expect(x.data.buffer.byteLength).toBe(160);
    x.data.fill(9);
    expect(x.sum().item()).toBe(40);
  });
});
