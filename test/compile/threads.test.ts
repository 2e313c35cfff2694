import { afterEach, describe, expect, test } from "vitest";
import { CompileError, compile, setThreads } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";

afterEach(() => setThreads(1));

/** Some steps of training, large enough that work is shared; the parameters afterwards. */
function trained(steps: number): T.Tensor[] {
  T.manualSeed(7);
  const model = new T.Sequential(new T.Linear(300, 260), T.relu, new T.Dropout(0.2), new T.Linear(260, 30));
  const optimizer = new T.Adam(model.parameters(), { lr: 0.01 });
  const step = compile((x: T.Tensor, y: T.Tensor) => {
    const loss = T.crossEntropy(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  const [x, y] = [T.randn([70, 300]), T.randint(0, 30, [70])];
  for (let i = 0; i < steps; i++) step(x, y);
  return [...model.parameters()].map((p) => p.detach());
}

describe("several threads", () => {
  test("come to the same bits as one", async () => {
    const alone = trained(20).map((p) => p.data);
    for (const n of [2, 3]) {
      await setThreads(n);
      const together = trained(20).map((p) => p.data);
      expect(together).toEqual(alone);
    }
  });

  test.each([
    ["many columns", [40, 300], [300, 700], {}],
    ["many rows", [900, 260], [260, 17], {}],
    ["transposed", [300, 130], [259, 300], { transposeA: true, transposeB: true }],
    ["a batch", [5, 120, 100], [5, 100, 90], {}],
    ["few columns, many of the inner axis", [64, 2000], [2000, 9], {}],
  ] as const)("share products: %s", async (_, a, b, options) => {
    for (const dtype of ["float32", "float64"] as const) {
      const [x, y] = [T.randn(a, { dtype }), T.randn(b, { dtype })];
      const run = (): T.Tensor => {
        const product = compile((v: T.Tensor, w: T.Tensor) => T.matmul(v, w, options));
        product(x, y);
        product(x, y);
        return product(x, y);
      };
      const alone = run();
      await setThreads(3);
      const together = run();
      await setThreads(1);
      expect(together.data).toEqual(alone.data);
    }
  });

  test.each([
    ["one axis", [100_003], (x: T.Tensor) => T.tanh(x)],
    ["broadcast axes", [301, 333], (x: T.Tensor) => T.mul(T.exp(x), T.sum(x, 1, { keepDims: true }))],
    ["sums of rows", [500, 401], (x: T.Tensor) => T.sum(T.exp(x), 1)],
    ["sums of columns", [500, 401], (x: T.Tensor) => T.sum(T.exp(x), 0)],
    ["a sum of all", [300_000], (x: T.Tensor) => T.sum(T.exp(x))],
    ["windows", [400, 501], (x: T.Tensor) => T.add(T.transpose(x), 1)],
  ] as const)("share loops over %s", async (_, shape, fn) => {
    const x = T.randn(shape);
    const run = (): T.Tensor => {
      const f = compile(fn);
      f(x);
      return f(x);
    };
    const alone = run();
    await setThreads(3);
    expect(run().data).toEqual(alone.data);
  });

  test("see what was trained with others, and eager code sees it, too", async () => {
    const p = T.zeros([300, 300]);
    const grow = compile(() => {
      p.assign(T.add(p, 1));
    });
    grow();
    grow();
    await setThreads(2);
    grow();
    grow();
    expect(p.data.every((v) => v === 4)).toBe(true);
    p.assign(T.ones([300, 300]));
    await setThreads(1);
    grow();
    grow();
    expect(p.data.every((v) => v === 3)).toBe(true);
  });

  test("are a whole number from 1 to 64", async () => {
    for (const n of [0, -1, 1.5, Number.NaN, 65, "2" as unknown as number]) {
      await expect(setThreads(n)).rejects.toThrow(
        `setThreads: the number of threads must be an integer from 1 to 64, got ${typeof n === "string" ? `"${n}", a string` : n}`,
      );
    }
  });

  test("that cannot be started are an error, and the one thread stays", async () => {
    const listeners: Record<string, (event: { message?: string }) => void> = {};
    const worker = {
      postMessage: () => listeners["error"]?.({ message: "blocked by the page's policy" }),
      addEventListener: (type: string, listener: (event: { message?: string }) => void) => {
        listeners[type] = listener;
      },
      terminate: () => undefined,
    };
    const failed = setThreads(2, { worker: () => worker });
    await expect(failed).rejects.toThrow(CompileError);
    await expect(failed).rejects.toThrow("workers must start, got blocked by the page's policy");
    const f = compile((x: T.Tensor) => T.add(x, 1));
    f(T.tensor(1));
    expect(f(T.tensor(2)).item()).toBe(3);
  });
});

test("the option worker must return a worker", async () => {
  for (const made of [undefined, 3, {}]) {
    await expect(setThreads(2, { worker: () => made as never })).rejects.toThrow(
      /^setThreads: worker must return a Worker, got .*; write worker: \(\) => new Worker\(url\)$/,
    );
  }
});
