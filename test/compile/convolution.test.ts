import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { accelerate, compile, setThreads } from "../../src/compile/index.ts";
import { conv1d, conv2d, convTranspose2d, gradients, type Tensor, tensor } from "../../src/index.ts";
import { checkConvolution, convolutions, difference, draw, expectAlike, type Shape } from "./checkConvolution.ts";

afterEach(() => setThreads(1));

describe("compiled convolutions equal eager ones, with derivatives of second order", () => {
  test("of all sizes, strides, dilations, paddings and groups", () => {
    fc.assert(fc.property(convolutions, checkConvolution), {
      numRuns: Number(process.env["CONV_RUNS"] ?? 40),
      seed: 3,
    });
  });

  test.each<[Shape, Shape, object]>([
    [[2, 16, 28, 28], [16, 16, 3, 3], { padding: 1 }],
    [[2, 40, 14, 14], [24, 40, 3, 3], { padding: 1 }],
    [[3, 30, 7, 7], [20, 30, 3, 3], { padding: 1 }],
    [[2, 30, 8, 8], [20, 30, 1, 1], {}],
    [[3, 9, 3, 3], [70, 9, 3, 3], { padding: 1 }],
    [[5, 20, 1, 1], [17, 20, 1, 1], {}],
    [[2, 33, 12, 12], [8, 33, 3, 3], { stride: 2, padding: 1 }],
    [[2, 8, 20, 20], [8, 8, 5, 5], { stride: 3, padding: 2 }],
    [[1, 3, 31, 29], [8, 3, 7, 7], { stride: 2, padding: 3 }],
    [[2, 32, 9, 9], [32, 1, 3, 3], { groups: 32, padding: 1 }],
    [[2, 32, 9, 9], [32, 8, 3, 3], { groups: 4, padding: 1 }],
  ])("of %j by %j, %j", (xs, ws, options) => {
    for (const dtype of ["float32", "float64"] as const) {
      expectAlike(
        (a, b) => conv2d(a, b, options),
        draw(xs, 1, dtype),
        draw(ws, 2, dtype),
        dtype === "float32" ? 1e-4 : 1e-12,
      );
    }
  });

  test("along one axis, and transposed", () => {
    expectAlike(
      (a, b) => conv1d(a, b, { padding: "same" }),
      draw([2, 3, 101], 1, "float64"),
      draw([5, 3, 4], 2, "float64"),
      1e-12,
    );
    const up = (a: Tensor, b: Tensor) => convTranspose2d(a, b, { stride: 2, padding: 1, outputPadding: 1 });
    expectAlike(up, draw([2, 6, 7, 7], 1, "float64"), draw([6, 4, 3, 3], 2, "float64"), 1e-12);
  });

  test("nothing of the size of all windows is laid out", () => {
    const [x, w] = [draw([8, 16, 28, 28], 1, "float32"), draw([16, 16, 5, 5], 2, "float32")];
    const step = compile(() => {
      w.grad = null;
      x.grad = null;
      conv2d(x, w, { padding: 2 }).sum().backward();
      return tensor(0);
    });
    step();
    const unfolded = 4 * 8 * 16 * 25 * 28 * 28;
    expect(step.programs[0]!.stats.arenaBytes).toBeLessThan(unfolded / 2);
  });

  test.skipIf(typeof SharedArrayBuffer === "undefined").each<[Shape, Shape, object]>([
    [[8, 16, 28, 28], [16, 16, 3, 3], { padding: 1 }],
    [[1, 24, 30, 30], [40, 24, 3, 3], { padding: 1 }],
    [[1, 64, 9, 9], [130, 64, 3, 3], { stride: 2 }],
  ])("come to the same bits with several threads: %j by %j, %j", async (xs, ws, options) => {
    const [x, w] = [draw(xs, 1, "float32"), draw(ws, 2, "float32")];
    const run = (): unknown[] => {
      const step = compile(() => {
        const y = conv2d(x, w, options);
        return [y, ...gradients(y.mul(y).sum(), [x, w])].map((t) => t.detach());
      });
      step();
      return step().map((t) => t.data);
    };
    const alone = run();
    await setThreads(3);
    expect(run()).toEqual(alone);
  });

  test("are the kernels of accelerate()", () => {
    const [x, w] = [draw([4, 8, 12, 12], 1, "float32"), draw([8, 8, 3, 3], 2, "float32")];
    const run = (): Tensor[] => {
      const y = conv2d(x, w, { padding: 1 });
      return [y, ...gradients(y.mul(y).sum(), [x, w])].map((t) => t.detach());
    };
    const plain = run();
    const stop = accelerate();
    const fast = run();
    stop();
    fast.forEach((t, i) => {
      expect(difference(t, plain[i]!)).toBeLessThan(1e-5);
      expect(t.data, "added up in float32").not.toEqual(plain[i]!.data);
    });
  });
});
