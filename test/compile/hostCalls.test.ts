import { afterEach, describe, expect, test } from "vitest";
import { Builder } from "../../src/compile/builder.ts";
import { CompileError, compile, lowering, setThreads } from "../../src/compile/index.ts";
import type { HostFn } from "../../src/compile/ir.ts";
import { printGraph } from "../../src/compile/print.ts";
import { verify } from "../../src/compile/verify.ts";
import {
  apply,
  Generator,
  matmul,
  mean,
  mul,
  type Op,
  ones,
  rand,
  SGD,
  sum,
  type Tensor,
  tensor,
} from "../../src/index.ts";
import { interpret } from "./interpreter.ts";

/** Twice x, by a function of JavaScript. Its gradient is a host call, too. */
function hostOp(fn: HostFn = twice): Op {
  const op: Op = {
    name: "hosted",
    shape: ([x]) => x!.shape,
    forward: (out, [x]) => out.set(x!.values.map((v) => 2 * v)),
    vjp: [({ g }) => apply(op, [g], undefined)],
  };
  return lowering(op, ({ b, x, shape, dtype }) => b.host(fn, [x], [shape], dtype)[0]!);
}

function twice([x]: Parameters<HostFn>[0], [y]: Parameters<HostFn>[1]): void {
  for (let i = 0; i < y!.length; i++) y![i] = 2 * x![i]!;
}

const same = (op: Op) => (x: Tensor) => apply(op, [x], undefined);

describe.each(["float32", "float64", "int32"] as const)("%s", (dtype) => {
  test("a program calls a function between its loops, once in each run", () => {
    let calls = 0;
    const op = hostOp((inputs, outputs) => {
      calls++;
      expect(inputs[0]!.length).toBe(5);
      expect(inputs[0]).toBeInstanceOf({ float32: Float32Array, float64: Float64Array, int32: Int32Array }[dtype]);
      twice(inputs, outputs);
    });
    const f = compile((x: Tensor) => mul(same(op)(mul(x, 3)), 5), { verify: true });
    f(tensor([1, 2, 3, 4, 5], { dtype }));
    for (const sign of [1, -1]) {
      calls = 0;
      expect(f(tensor([1, 2, 3, 4, 5].map((v) => v * sign), { dtype })).toArray()).toEqual([30, 60, 90, 120, 150].map((v) => v * sign)); // biome-ignore format: one line
      expect(calls).toBe(1);
    }
    expect(f.programs.length).toBe(1);
  });
});

test("backward does not make the calls of the function again, however often it comes", () => {
  let calls = 0;
  const op: Op = {
    name: "counted",
    shape: ([x]) => x!.shape,
    forward: (out, [x]) => out.set(x!.values.map((v) => 2 * v)),
    vjp: [({ g, y }) => mul(g, y)],
  };
  lowering(op, ({ b, x, shape, dtype }) => b.host((from, to) => {
    calls++;
    twice(from, to);
  }, [x], [shape], dtype)[0]!); // biome-ignore format: one call
  const f = compile((x: Tensor) => sum(apply(op, [mul(x, 3)], undefined)));
  const x = tensor([1, 2], { requiresGrad: true });
  for (let k = 0; k < 3; k++) {
    calls = 0;
    x.grad = null;
    const y = f(x);
    y.backward();
    f(tensor([5, 5], { requiresGrad: true }));
    y.backward();
    expect(x.grad!.toArray()).toEqual([36, 72]);
    expect(calls).toBe(2);
  }
});

test("windows, constants and arguments are laid out for it, and several outputs are apart", () => {
  const op: Op = {
    name: "sumAndDifference",
    shape: ([x]) => [2, ...x!.shape],
    forward: (out, [x, y]) => {
      const n = x!.values.length;
      for (let i = 0; i < n; i++) {
        out[i] = x!.values[i]! + y!.values[i]!;
        out[n + i] = x!.values[i]! - y!.values[i]!;
      }
    },
    vjp: "nondifferentiable",
  };
  const seen: number[][] = [];
  lowering(op, ({ b, x, y, shape, dtype }) => {
    const [sums, differences, none] = b.host(
      ([p, q], [s, d, n]) => {
        seen.push([p!.length, q!.length, s!.length, d!.length, n!.length]);
        for (let i = 0; i < p!.length; i++) {
          s![i] = p![i]! + q![i]!;
          d![i] = p![i]! - q![i]!;
        }
      },
      [x, y],
      [x.shape, x.shape, [0]],
      dtype,
    );
    expect(none!.shape).toEqual([0]);
    const half = { sizes: [6], strides: [1] };
    return b.assemble([{ x: sums!, ...half, offset: 0 }, { x: differences!, ...half, offset: 6 }], 0, shape, dtype); // biome-ignore format: one line
  });
  const f = compile((x: Tensor) => mul(apply(op, [x.transpose(), tensor([[1, 1], [1, 1], [1, 3]])], undefined), 1)); // biome-ignore format: one line
  for (let i = 0; i < 2; i++) {
    expect(f(tensor([[1, 2, 3], [4, 5, 6]])).toArray()).toEqual([[[2, 5], [3, 6], [4, 9]], [[0, 3], [1, 4], [2, 3]]]); // biome-ignore format: one line
  }
  expect(seen.at(-1)).toEqual([6, 6, 6, 6, 0]);
});

test("inside of a training step, gradients included", () => {
  const op = hostOp();
  const train = (f: (x: Tensor) => Tensor, isCompiled: boolean): number[] => {
    const w = tensor([[0.5, -1], [2, 0.25]], { dtype: "float64", requiresGrad: true }); // biome-ignore format: a matrix
    const optimizer = new SGD([w], { lr: 0.02, momentum: 0.9 });
    const step = (x: Tensor): Tensor => {
      const y = f(matmul(x, w));
      const loss = mean(mul(y, y));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    };
    const run = isCompiled ? compile(step, { verify: true }) : step;
    const x = tensor([[1, 2], [3, -1]], { dtype: "float64" }); // biome-ignore format: a matrix
    return [...Array.from({ length: 10 }, () => run(x).item()), ...w.data, ...w.grad!.data];
  };
  const wanted = train((x) => mul(x, 2), false);
  train(same(op), true).forEach((v, i) => expect(v).toBeCloseTo(wanted[i]!, 11));
});

test("the interpreter of graphs calls it, too", () => {
  const f = interpret((x: Tensor) => mul(same(hostOp())(mul(x, 3)), 5));
  f(tensor([1, 2]));
  expect(f(tensor([2, -1])).toArray()).toEqual([60, -30]);
});

test("equal calls are two calls, and one whose result nobody uses is none", () => {
  let calls = 0;
  const op = hostOp(([x], [y]) => {
    calls++;
    twice([x!], [y!]);
  });
  const f = compile((x: Tensor) => {
    same(op)(mul(x, 7));
    return same(op)(x).add(same(op)(x));
  });
  f(tensor([1]));
  calls = 0;
  expect(f(tensor([1])).item()).toBe(4);
  expect(calls).toBe(2);
});

test("memory that has grown between calls is looked at anew", () => {
  const op = hostOp();
  const f = compile((x: Tensor) => same(op)(mul(x, 1)));
  f(tensor([1, 2]));
  for (let i = 1; i < 5; i++) {
    expect(f(tensor([i, -i])).toArray()).toEqual([2 * i, -2 * i]);
    const large = compile((x: Tensor) => mul(x, 2));
    large(ones([1_000_000 * i]));
    large(ones([1_000_000 * i]));
    expect(f(tensor([i, 5])).toArray()).toEqual([2 * i, 10]);
  }
});

describe("a function that fails leaves everything as it was", () => {
  /** A step that has assigned, drawn and stored gradients before, and does after. */
  function stepWith(fn: HostFn) {
    const op = hostOp(fn);
    const generator = new Generator(3);
    const w = tensor([1, 2], { requiresGrad: true });
    const count = tensor([0]);
    const optimizer = new SGD([w], { lr: 0.1, momentum: 0.5 });
    const step = compile((x: Tensor) => {
      count.assign(count.add(1));
      const noise = rand([2], { generator });
      const loss = sum(mul(w, x.add(noise)));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      count.assign(count.add(10));
      return sum(same(op)(w)).add(loss);
    });
    const state = (): unknown => [
      w.toArray(),
      w.grad?.toArray(),
      count.toArray(),
      generator.state,
      [...optimizer.stateDict().values()].map((v) => (v as Tensor).toArray()),
    ];
    return { step, state };
  }

  test("by an error, which comes through as it is", () => {
    let isFailing = false;
    const { step, state } = stepWith((inputs, outputs) => {
      outputs[0]!.fill(99);
      if (isFailing) throw new RangeError("the network is gone");
      twice(inputs, outputs);
    });
    const { step: twin, state: twinState } = stepWith(twice);
    const x = tensor([3, 4]);
    for (const run of [step, twin, step, twin]) run(x);
    const before = state();
    expect(before).toEqual(twinState());
    isFailing = true;
    for (let i = 0; i < 2; i++) {
      expect(() => step(x)).toThrow(new RangeError("the network is gone"));
      expect(state()).toEqual(before);
    }
    isFailing = false;
    expect(step(x).item()).toBe(twin(x).item());
    expect(state()).toEqual(twinState());
    expect(step.programs.length).toBe(1);
  });

  test("by a promise", () => {
    let isLate = false;
    const { step, state } = stepWith(((inputs, outputs) => {
      twice(inputs, outputs);
      return isLate ? Promise.reject(new Error("late")) : undefined;
    }) as HostFn);
    const x = tensor([3, 4]);
    for (let i = 0; i < 2; i++) step(x);
    const before = state();
    isLate = true;
    expect(() => step(x)).toThrow(/^host call: the function must be synchronous/);
    expect(state()).toEqual(before);
  });

  test("by memory that grows during the call", () => {
    let bytes = 0;
    const { step, state } = stepWith((inputs, outputs) => {
      if (bytes > 0) {
        const f = compile((x: Tensor) => mul(x, 2));
        for (let i = 0; i < 2; i++) f(ones([bytes]));
      }
      twice(inputs, outputs);
    });
    const x = tensor([3, 4]);
    for (let i = 0; i < 2; i++) step(x);
    const before = state();
    bytes = 30_000_000;
    expect(() => step(x)).toThrow(CompileError);
    expect(state()).toEqual(before);
    bytes = 0;
    step(x);
  });

  test("by running the same program, also if it hides that", () => {
    let isNested = false;
    const { step, state } = stepWith((inputs, outputs) => {
      if (isNested) {
        try {
          step(tensor([0, 0]));
        } catch {
          // goes on
        }
      }
      twice(inputs, outputs);
    });
    const x = tensor([3, 4]);
    for (let i = 0; i < 2; i++) step(x);
    const before = state();
    isNested = true;
    expect(() => step(x)).toThrow("host call: the program must not be run by a function that it calls");
    expect(state()).toEqual(before);
  });
});

// A page has memory that can be shared if it is isolated, which the one of these tests is not.
describe.skipIf(typeof SharedArrayBuffer === "undefined")("threads", () => {
  afterEach(() => setThreads(1));

  test("only the main thread calls, once, and products before and after are shared", async () => {
    await setThreads(2);
    let calls = 0;
    const op = hostOp((inputs, outputs) => {
      calls++; // a worker has no such variable
      twice(inputs, outputs);
    });
    const f = compile((x: Tensor) => sum(matmul(same(op)(matmul(x, x)), x)));
    const x = ones([200, 200]);
    const wanted = 2 * 200 ** 4;
    f(x);
    for (let i = 0; i < 5; i++) {
      calls = 0;
      expect(f(x).item()).toBe(wanted);
      expect(calls).toBe(1);
    }
    compile((v: Tensor) => mul(v, 2))(ones([10_000_000])); // memory that grows
    expect(f(x).item()).toBe(wanted);
  });
});

describe("the graph", () => {
  const graphOf = (): Builder => {
    const b = new Builder();
    b.host(twice, [b.leaf([3], "float32")], [[3], [2]], "float32");
    return b;
  };

  test("is printed with the function's name, and verified", () => {
    const { nodes, checks } = graphOf();
    expect(printGraph({ nodes, checks, outputs: [1] })).toBe("%0 = leaf float32[3]\n%1 = call of twice float32[5] %0\n%2 = view float32[3] %1 [3] by [1] from 0\n%3 = view float32[2] %1 [2] by [1] from 3\noutputs %1"); // biome-ignore format: one text
    verify({ nodes, checks, outputs: [1] }, "test");
    const wrong = nodes.map((node) => (node.kind === "host" ? { ...node, outputs: [3, 3] } : node));
    expect(() => verify({ nodes: wrong, checks, outputs: [1] }, "test")).toThrow("outputs must add up to the size");
  });

  test("is shown by a program", () => {
    const f = compile((x: Tensor) => same(hostOp())(mul(x, 2)));
    f(tensor([1]));
    expect(String(f.programs[0])).toContain("call of twice float32[1]");
  });
});
