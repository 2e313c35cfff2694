import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { blas, useBlas } from "../../src/blas/index.ts";
import { accelerate, compile, lowering, setThreads } from "../../src/compile/index.ts";
import { runtime } from "../../src/core/runtime.ts";
import * as T from "../../src/index.ts";
import { checkDerivatives, checkProgram } from "../compile/checkProgram.ts";
import { checkStep } from "../compile/checkStep.ts";
import { checkTraining, trainingRecipes } from "../compile/checkTraining.ts";
import { checkWindows, windowRecipes } from "../compile/checkWindows.ts";
import { recipes } from "../compile/randomProgram.ts";
import { stepRecipes } from "../compile/randomStep.ts";
import { library, useForAll } from "./library.ts";

// Compiled functions with BLAS, composed with all else that they do.

afterEach(async () => {
  runtime.accelerators.length = 0;
  await setThreads(1);
});

const use = () => useBlas(library!);
const goesOut = (f: { readonly programs: readonly unknown[] }): boolean =>
  String(f.programs.at(-1)).includes("outside");

function expectNear(y: T.Tensor, wanted: T.Tensor, slack = 1e-5): void {
  expect([y.shape, y.dtype]).toEqual([wanted.shape, wanted.dtype]);
  const scale = Math.max(1, T.max(T.abs(wanted)).item());
  expect(T.max(T.abs(y.sub(wanted))).item()).toBeLessThanOrEqual(slack * scale);
}

/** Some steps of training; the parameters afterwards. */
function trained(steps: number, isCompiled = true): T.Tensor[] {
  T.manualSeed(7);
  const model = new T.Sequential(new T.Linear(90, 70), T.tanh, new T.Dropout(0.2), new T.Linear(70, 40));
  const optimizer = new T.Adam(model.parameters(), { lr: 0.003 });
  const eager = (x: T.Tensor, y: T.Tensor) => {
    const loss = T.crossEntropy(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  };
  const step = isCompiled ? compile(eager, { verify: true }) : eager;
  const [x, y] = [T.randn([64, 90]), T.randint(0, 40, [64])];
  for (let i = 0; i < steps; i++) step(x, y);
  return [...model.parameters()].map((p) => p.detach());
}

describe.skipIf(library === null)("programs with BLAS", () => {
  test("that were compiled before take it at their next call, and leave it after stop()", () => {
    const x = T.randn([50, 50]);
    const f = compile((y: T.Tensor) => T.matmul(y, y).add(1).relu());
    const plain = f(x);
    for (let i = 0; i < 2; i++) {
      const stop = use();
      expectNear(f(x), plain);
      expect(goesOut(f)).toBe(true);
      expect(f.programs.length).toBe(1);
      stop();
      expect(f(x).data).toEqual(plain.data);
      expect(goesOut(f)).toBe(false);
    }
  });

  test("used twice and stopped once, it is still in use; stopping twice is stopping once", () => {
    const f = compile((y: T.Tensor) => T.matmul(y, y));
    const x = T.randn([50, 50]);
    for (const first of [0, 1]) {
      const stops = [use(), use()];
      f(x);
      const [program] = f.programs;
      stops[first]!();
      stops[first]!();
      f(x);
      expect(f.programs[0]).toBe(program); // nothing has changed for it
      expect(goesOut(f)).toBe(true);
      stops[1 - first]!();
      f(x);
      expect(goesOut(f)).toBe(false);
    }
  });

  test("beside accelerate(), in any order, products go out and the rest does not", () => {
    const x = T.randn([50, 50]);
    const plain = T.matmul(x, x);
    const only = (start: () => () => void) => {
      const stop = start();
      const y = T.matmul(x, x).data;
      stop();
      return y;
    };
    const [theirs, ours] = [only(use), only(accelerate)];
    for (const order of [
      [use, accelerate],
      [accelerate, use],
    ] as const) {
      const stops = order.map((start) => start());
      expect(T.matmul(x, x).data).toEqual(theirs);
      stops[0]!();
      expect(T.matmul(x, x).data).toEqual(order[0] === use ? ours : theirs);
      stops[1]!();
      expect(T.matmul(x, x).data).toEqual(plain.data);
    }
  });

  test("deterministic ones do not use it: the same bits, and the same program", () => {
    const x = T.randn([70, 70]);
    const f = compile((y: T.Tensor) => T.matmul(y, y), { deterministic: true });
    const before = f(x).data;
    const [program] = f.programs;
    const stop = use();
    expect(f(x).data).toEqual(before);
    expect(f.programs[0]).toBe(program);
    stop();
    accelerate({ deterministic: true });
    const own = T.matmul(x, x).data;
    runtime.accelerators.length = 0;
    use();
    accelerate({ deterministic: true });
    expect(T.matmul(x, x).data).toEqual(own);
  });

  test("memory that grows between runs is found again", () => {
    use();
    const f = compile((x: T.Tensor) => T.matmul(x, x).sum());
    const run = () => f(T.ones([64, 64])).item();
    expect(run()).toBe(64 ** 3);
    const others: unknown[] = [];
    for (let i = 1; i < 5; i++) {
      const g = compile((x: T.Tensor) => T.matmul(x, x).add(x));
      others.push(g, g(T.ones([300 * i, 300 * i])));
      expect(run()).toBe(64 ** 3);
    }
  });

  test("a training comes to what it comes to without", () => {
    const plain = trained(12, false);
    const own = trained(12);
    use();
    trained(12).forEach((p, i) => {
      expectNear(p, plain[i]!, 2e-3);
      expectNear(p, own[i]!, 2e-3);
    });
    trained(12, false).forEach((p, i) => expectNear(p, plain[i]!, 2e-3)); // eager
  });

  test("with threads: loops are shared, products go out", async () => {
    useBlas(await blas({ threads: 1 })); // with more of its own, it adds in another order
    const alone = trained(8).map((p) => p.data);
    await setThreads(2);
    expect(library!.threads).toBe(1);
    expect(trained(8).map((p) => p.data)).toEqual(alone);
    const f = compile((x: T.Tensor) =>
      T.matmul(x, x)
        .tanh()
        .add(T.matmul(x, x, { transposeA: true })),
    );
    const x = T.randn([300, 300]);
    expectNear(
      f(x),
      T.matmul(x, x)
        .tanh()
        .add(T.matmul(x, x, { transposeA: true })),
    );
    expect(goesOut(f)).toBe(true);
    await setThreads(1);
    expectNear(
      f(x),
      T.matmul(x, x)
        .tanh()
        .add(T.matmul(x, x, { transposeA: true })),
    );
  });

  test("in a second compile, and in functions that are compiled apart", () => {
    const x = T.randn([40, 40]);
    const inner = compile((y: T.Tensor) => T.matmul(y, y));
    const outer = compile((y: T.Tensor) => T.matmul(inner(y), inner(y)).mul(0.1));
    const square = T.matmul(x, x);
    const wanted = T.matmul(square, square).mul(0.1);
    inner(x);
    const stop = use();
    expectNear(outer(x), wanted);
    expectNear(inner(x), square);
    expect([goesOut(inner), goesOut(outer)]).toEqual([true, true]);
    stop();
    expectNear(outer(x), wanted);
    expect(goesOut(outer)).toBe(false);
  });

  test("windows and transposed operands, bias and activation", () => {
    use();
    const x = T.randn([90, 80]);
    const bias = T.randn([50]);
    const compute = (y: T.Tensor) => {
      const part = T.slice(y, [10, 60], [5, 55]); // 50 × 50
      const product = T.matmul(T.transpose(part), part).add(bias).relu();
      return [
        product,
        T.matmul(part, T.transpose(product)),
        T.matmul(T.slice(y, [0, 80]), T.transpose(T.slice(y, [10, 90]))),
      ];
    };
    const f = compile(compute);
    const got = f(x);
    runtime.accelerators.length = 0;
    compute(x).forEach((wanted, i) => expectNear(got[i]!, wanted));
  });

  test("gradients to second order are those of eager code without", () => {
    const [a, b] = [T.randn([40, 36], { dtype: "float64" }), T.randn([36, 40], { dtype: "float64" })];
    for (const x of [a, b]) x.requiresGrad = true;
    const f = (x: T.Tensor, y: T.Tensor) => T.sum(T.tanh(T.matmul(x, y).mul(0.2)));
    const slopes = (g: typeof f) => {
      const first = T.gradients(g(a, b), [a, b], { createGraph: true });
      const second = T.gradients(T.sum(first[0]!.mul(first[0]!)).add(T.sum(T.sin(first[1]!))), [a, b]);
      return [...first, ...second].map((y) => y.detach());
    };
    const wanted = slopes(f);
    const before = compile(f);
    for (let i = 0; i < 3; i++) slopes(before);
    use();
    const after = compile(f);
    for (const g of [f, before, after]) {
      for (let i = 0; i < 3; i++) slopes(g).forEach((y, at) => expectNear(y, wanted[at]!, 1e-12));
    }
  });

  test("switched between a call and its backward pass, nothing is computed wrong, and no host is called twice", () => {
    let calls = 0;
    const op: T.Op = {
      name: "hosted",
      shape: ([x]) => x!.shape,
      forward: (out, [x]) => out.set(x!.values),
      vjp: [({ g }) => g],
    };
    lowering(
      op,
      ({ b, x, shape, dtype }) =>
        b.host(
          ([from], [to]) => {
            calls++;
            to!.set(from!);
          },
          [x],
          [shape],
          dtype,
        )[0]!,
    );
    const w = T.randn([40, 40], { requiresGrad: true });
    const wanted = (x: T.Tensor) => T.gradients(T.sum(T.matmul(x, w).tanh()), [w])[0]!;
    const f = compile((x: T.Tensor) => T.sum(T.apply(op, [T.matmul(x, w)], undefined).tanh()));
    const x = T.randn([40, 40]);
    for (let i = 0; i < 3; i++) T.gradients(f(x), [w]);
    const slope = wanted(x);
    for (let i = 0; i < 2; i++) {
      const before = f(x);
      const stop = use();
      calls = 0;
      expectNear(T.gradients(before, [w])[0]!, slope);
      expect(calls).toBe(0);
      const during = f(x);
      stop();
      calls = 0;
      expectNear(T.gradients(during, [w])[0]!, slope);
      expect(calls).toBe(0);
    }
  });

  test("random programs, steps and trainings whose every product goes out agree with eager code", () => {
    useForAll(library!);
    const options = { numRuns: 40, seed: 11 };
    fc.assert(fc.property(recipes, checkProgram), options);
    fc.assert(fc.property(recipes, checkDerivatives), options);
    fc.assert(fc.property(stepRecipes, checkStep), options);
    fc.assert(fc.property(windowRecipes, checkWindows), options);
    fc.assert(fc.property(trainingRecipes, checkTraining), { ...options, numRuns: 10 });
  });

  test("useBlas refuses what is no library", () => {
    for (const [wrong, text] of [
      [
        Promise.resolve(library),
        "useBlas: needs a library that was loaded, got a promise; write useBlas(await blas())",
      ],
      [undefined, "useBlas: needs a library that was loaded, got undefined; write useBlas(await blas())"],
      ["libopenblas.so", 'useBlas: needs a library that was loaded, got "libopenblas.so"'],
    ] as const) {
      expect(() => useBlas(wrong as never)).toThrow(T.ValueError);
      expect(() => useBlas(wrong as never)).toThrow(text);
    }
    expect(runtime.accelerators.length).toBe(0);
  });
});
