import { describe, expect, test } from "vitest";
import { runtime } from "../../src/core/runtime.ts";
import {
  add,
  cat,
  type GradHook,
  gradients,
  mul,
  slice,
  split,
  stack,
  sum,
  type Tensor,
  tanh,
  tensor,
  zeros,
} from "../../src/index.ts";
import { gradOf, leaf } from "../support/expecting.ts";

/** How many elements the kernels fill in the meantime. */
function elementsIn(run: () => void): number {
  let count = 0;
  runtime.accelerators.push((_, out) => {
    count += out.length;
    return false;
  });
  try {
    run();
  } finally {
    runtime.accelerators.pop();
  }
  return count;
}

const total = (parts: readonly Tensor[]): Tensor => parts.reduce((y, part) => add(y, part));

const loops: Record<string, (x: Tensor) => Tensor> = {
  "rows by at": (x) => total(Array.from({ length: x.shape[0]! }, (_, i) => x.at(i))),
  "rows by slice": (x) => total(Array.from({ length: x.shape[0]! }, (_, i) => slice(x, i))),
  "columns by slice": (x) => stack(Array.from({ length: x.shape[0]! }, (_, i) => slice(x, i, [1, 3]))),
  "rows by for of": (x) => {
    let y = zeros([4]);
    for (const row of x) y = y.add(row);
    return y;
  },
  "rows by split, joined by cat": (x) => cat(split(x, 1)),
  "rows joined by stack": (x) => stack([...x], 1),
  "overlapping windows": (x) => total(Array.from({ length: x.shape[0]! - 1 }, (_, i) => slice(x, [i, i + 2]))),
};

describe("the work of a loop over parts grows with their number, and not with its square", () => {
  test.each(Object.keys(loops))("%s, forward and backward", (name) => {
    const work = (n: number, createGraph = false): number => {
      const x = zeros([n, 4], { requiresGrad: true });
      return elementsIn(() => {
        const loss = sum(loops[name]!(x));
        if (!createGraph) loss.backward();
        else {
          const [dx] = gradients(loss, [x], { createGraph });
          sum(mul(dx, x)).backward();
        }
      });
    };
    expect(work(400)).toBeLessThan(4.5 * work(100));
    expect(work(400, true)).toBeLessThan(4.5 * work(100, true));
  });

  test("cat looks at each input's shape a few times", () => {
    const reads = (n: number): number => {
      let count = 0;
      const parts = Array.from({ length: n }, () => {
        const part = tensor([1, 2], { requiresGrad: true });
        return Object.defineProperty(part, "shape", {
          get: () => {
            count++;
            return [2];
          },
        });
      });
      cat(parts).sum().backward();
      return count;
    };
    expect(reads(400)).toBeLessThan(4.5 * reads(100));
  });
});

describe("gradients of many slices add up", () => {
  test("where they overlap, step, go backwards or are empty", () => {
    const x = leaf([
      [1, 2, 3],
      [4, 5, 6],
    ]); // prettier-ignore
    const parts = [slice(x, 0), slice(x, 0), slice(x, 1, [null, null, -2]), slice(x, [0, 0]), slice(x, null, [1, 3])];
    const weights = [
      tensor([1, 10, 100]),
      tensor([2, 2, 2]),
      tensor([5, 7]),
      zeros([0, 3]),
      tensor([
        [1, 2],
        [3, 4],
      ]),
    ]; // prettier-ignore
    const y = total(parts.map((part, i) => sum(mul(part, weights[i]!.to("float64")))));
    expect(gradOf(x, y)).toEqual([
      [3, 13, 104],
      [7, 3, 9],
    ]);
  });

  test("with what comes by other ways, in any order", () => {
    const ways: ((x: Tensor) => Tensor)[] = [
      (x) => sum(slice(x, 0)),
      (x) => sum(mul(x, x)),
      (x) => sum(slice(x, 1).mul(slice(x, 2))),
      (x) => sum(tanh(x)),
    ];
    const one = (way: (x: Tensor) => Tensor): number[] => {
      const x = leaf([0.5, -1, 2]);
      return gradOf(x, way(x)) as number[];
    };
    const wanted = ways.map(one).reduce((a, b) => a.map((v, i) => v + b[i]!));
    for (const order of [ways, [...ways].reverse(), [ways[1]!, ways[0]!, ways[3]!, ways[2]!]]) {
      const x = leaf([0.5, -1, 2]);
      (gradOf(x, total(order.map((way) => way(x)))) as number[]).forEach((v, i) =>
        expect(v).toBeCloseTo(wanted[i]!, 12),
      );
    }
  });

  test("before hooks of the whole see the sum, and after those of the parts", () => {
    const x = leaf([1, 2, 3]);
    const seen: unknown[] = [];
    const look: GradHook = (g) => void seen.push(g.toArray());
    const y = mul(x, 1);
    y.registerHook(look);
    const parts = [0, 1, 2].map((i) => slice(y, i));
    parts[1]!.registerHook((g) => g.mul(10));
    total(parts).backward();
    expect(seen).toEqual([[1, 10, 1]]);
    expect(x.grad?.toArray()).toEqual([1, 10, 1]);
  });

  test("once more", () => {
    const x = leaf([0.5, -1, 2]);
    const y = total([0, 1, 2, 1].map((i) => mul(slice(x, i), slice(x, [0, 2]).sum())));
    const [dx] = gradients(y, [x], { createGraph: true });
    // y = (a + b)(a + 2b + c)
    expect(dx.toArray()).toEqual([-0.5 + 0.5, -2 * 0.5 + 0.5, -0.5]);
    const [ddx] = gradients(sum(mul(dx, tensor([1, 10, 100], { dtype: "float64" }))), [x]);
    expect(ddx.toArray()).toEqual([2 + 30 + 100, 3 + 40 + 100, 1 + 10]);
  });
});

test("cat keeps the list that it was given, whatever is done to it later", () => {
  const [a, b] = [leaf([1]), leaf([2])];
  const list = [a];
  const y = cat(list);
  list[0] = b;
  list.push(b);
  y.sum().backward();
  expect([a.grad?.toArray(), b.grad]).toEqual([[1], null]);
});
