import { expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";

const near = (actual: readonly T.Tensor[], wanted: readonly T.Tensor[]): void => {
  actual.forEach((y, i) => {
    const largest = T.max(T.abs(wanted[i]!)).item();
    expect(T.max(T.abs(T.sub(y, wanted[i]!))).item()).toBeLessThan(1e-4 * largest);
  });
};

/** Kernels of a function, whose results are those of eager code. */
function kernelsOf(f: (x: T.Tensor) => T.Tensor[], shape: readonly number[]): number {
  T.manualSeed(1);
  const compiled = compile(f, { verify: true });
  for (let i = 0; i < 2; i++) {
    const x = T.randn(shape);
    near(compiled(x), f(x));
  }
  return compiled.programs[0]!.stats.kernels;
}

test("a loop whose result one later loop reads is part of that one", () => {
  // The squares could be computed at once, and what is made of them only after the sum of the sums.
  const f = (x: T.Tensor): T.Tensor[] => {
    const squares = T.mul(T.transpose(x), T.transpose(x));
    const total = T.sum(T.exp(T.sum(x, 1)));
    return [T.add(squares, total)];
  };
  expect(kernelsOf(f, [40, 40])).toBe(3);
});

test("but not where somebody else reads it, or reads it in another order", () => {
  const late = (x: T.Tensor): T.Tensor => T.sum(T.exp(T.sum(x, 1)));
  const twice = (x: T.Tensor): T.Tensor[] => {
    const y = T.exp(T.transpose(x));
    return [T.add(y, late(x)), T.add(T.transpose(y), late(x))];
  };
  kernelsOf(twice, [30, 30]);
  const output = (x: T.Tensor): T.Tensor[] => {
    const y = T.exp(T.transpose(x));
    return [y, T.add(y, late(x))];
  };
  kernelsOf(output, [30, 30]);
  const turned = (x: T.Tensor): T.Tensor[] => [T.add(T.transpose(T.exp(T.transpose(x))), late(x))];
  kernelsOf(turned, [30, 30]);
});

test("axes that are exchanged for a sum, and back, are not laid out", () => {
  // As in the gradient of a variance over two axes that are not side by side.
  const f = (x: T.Tensor): T.Tensor[] => {
    const turned = T.permute(x, [1, 0, 2]);
    const scale = T.sum(T.mul(turned, turned), [1, 2], { keepDims: true });
    return [T.permute(T.mul(T.mul(turned, 2), scale), [1, 0, 2])];
  };
  expect(kernelsOf(f, [6, 5, 8])).toBe(2);
});
