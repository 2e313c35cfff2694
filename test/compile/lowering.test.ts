import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CompileError, compile, type Lowering, lowering } from "../../src/compile/index.ts";
import {
  Adam,
  add,
  apply,
  div,
  gradients,
  indexSelect,
  mean,
  mul,
  type Op,
  sqrt,
  sub,
  sum,
  Tensor,
  tanh,
  tensor,
  unsqueeze,
  ValueError,
} from "../../src/index.ts";

/** An op like asinh, made anew, so that each test says how its own is compiled. */
const newOp = (name = "smooth"): Op => ({
  name,
  shape: ([x]) => x!.shape,
  forward: (out, [x]) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.sqrt(x!.values[i]! ** 2 + 1);
  },
  vjp: [({ g, x, y }) => mul(g, div(x, y))],
});

const rule: Lowering = ({ b, x, dtype }) =>
  b.unary("sqrt", b.binary("add", b.binary("mul", x, x), b.fill(1, [], dtype)));

const messageOf = (fn: () => unknown): string => {
  try {
    fn();
  } catch (error) {
    return String(error);
  }
  return "nothing was thrown";
};

test("an op with a lowering compiles, alone and in a training step", () => {
  const op = lowering(newOp(), rule);
  const f = compile((x: Tensor) => apply(op, [x], undefined), { verify: true });
  for (const x of [tensor([0, 0.75]), tensor([-0.75, 0])])
    expect(f(x).toArray()).toEqual(apply(op, [x], undefined).toArray());
  expect(f.programs.length).toBe(1);

  const train = (isCompiled: boolean): number[] => {
    const w = tensor([0.5, -1, 2], { dtype: "float64", requiresGrad: true });
    const optimizer = new Adam([w], { lr: 0.05 });
    const step = (x: Tensor): Tensor => {
      const loss = mean(apply(op, [mul(w, x)], undefined));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    };
    const run = isCompiled ? compile(step, { verify: true }) : step;
    const x = tensor([1, 2, 3], { dtype: "float64" });
    return [...Array.from({ length: 20 }, () => run(x).item()), ...w.data];
  };
  train(true).forEach((v, i) => expect(v).toBeCloseTo(train(false)[i]!, 12));
});

test("an op that is made of other ops needs no lowering: it is a function", () => {
  const swish = (x: Tensor): Tensor => mul(x, tanh(x));
  const f = compile((x: Tensor) => gradients(sum(swish(x)), [x])[0], { verify: true });
  const x = tensor([0.5, -1.5], { dtype: "float64", requiresGrad: true });
  for (let i = 0; i < 2; i++) {
    const wanted = gradients(sum(swish(x)), [x])[0]!;
    f(x)!.data.forEach((v, k) => expect(v).toBeCloseTo(wanted.data[k]!, 12));
  }
});

test("attributes, several inputs of several shapes, and a reduction", () => {
  // s Σⱼ wⱼ xⱼ²
  const op = lowering<{ scale: number }>(
    {
      name: "weightedSquares",
      shape: ([x]) => x!.shape.slice(0, -1),
      forward: (out, [x, w], { scale }) => {
        const n = w!.values.length;
        for (let row = 0; row < out.length; row++) {
          for (let j = 0; j < n; j++) out[row]! += scale * w!.values[j]! * x!.values[row * n + j]! ** 2;
        }
      },
      vjp: [
        ({ g, a: x, b: w, attrs }) => mul(unsqueeze(g, -1), mul(x, w).mul(2 * attrs.scale)),
        ({ g, a: x, attrs }) => sum(mul(unsqueeze(g, -1), mul(x, x).mul(attrs.scale)), 0),
      ],
    },
    ({ b, x, y: w, attrs, shape, dtype }) => {
      const terms = b.binary("mul", b.binary("mul", x, x), w);
      const sums = b.reduce("sum", terms, [shape[0]!, w.shape[0]!, 1], shape);
      return b.binary("mul", sums, b.fill(attrs.scale, [], dtype));
    },
  );
  const f = (x: Tensor, w: Tensor): (Tensor | null)[] => {
    const y = apply(op, [x, w], { scale: 0.5 });
    return [y.detach(), ...gradients(sum(mul(y, y)), [x, w])];
  };
  const compiled = compile(f, { verify: true });
  for (const seed of [1, 2]) {
    const options = { dtype: "float64", requiresGrad: true } as const;
    const x = tensor(
      [
        [0.3 * seed, -0.7, 1],
        [1.2, 0.4, seed],
      ],
      options,
    );
    const w = tensor([0.6, 1.7, -seed], options);
    const wanted = f(x, w);
    compiled(x, w).forEach((got, i) => got!.data.forEach((v, k) => expect(v).toBeCloseTo(wanted[i]!.data[k]!, 12)));
  }
});

test("random programs of an op with a lowering equal eager ones, first and second gradients included", () => {
  const op = lowering(newOp(), rule);
  const kinds = {
    own: (x: Tensor) => apply(op, [x], undefined),
    tanh: (x: Tensor) => tanh(x),
    twice: (x: Tensor) => add(x, apply(op, [mul(x, x)], undefined)),
    root: (x: Tensor) => sqrt(apply(op, [x], undefined)),
    less: (x: Tensor) => sub(x, mean(x)),
  };
  const names = fc.array(fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])), {
    minLength: 1,
    maxLength: 6,
  });
  const values = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(names, values, (steps, given) => {
      const f = (x: Tensor): Tensor[] => {
        const y = steps.reduce((v, name) => kinds[name](v), apply(op, [x], undefined));
        const [first] = gradients(sum(mul(y, y)), [x], { createGraph: true });
        const [second] = gradients(sum(mul(first!, first!)), [x]);
        return [y.detach(), first!.detach(), second!];
      };
      const compiled = compile(f, { verify: true });
      const through = compile((x: Tensor) => sum(steps.reduce((v, name) => kinds[name](v), apply(op, [x], undefined))));
      for (const sign of [1, -1]) {
        const x = tensor(
          given.map((v) => sign * v),
          { dtype: "float64", requiresGrad: true },
        );
        const wanted = f(x);
        compiled(x).forEach((got, i) => {
          const most = Math.max(1, ...wanted[i]!.data.map(Math.abs));
          got.data.forEach((v, k) => expect(Math.abs(v - wanted[i]!.data[k]!)).toBeLessThan(1e-11 * most));
        });
        const [whole] = gradients(through(x), [x]);
        const eager = steps.reduce((v, name) => kinds[name](v), apply(op, [x], undefined));
        const [alone] = gradients(sum(eager), [x]);
        whole!.data.forEach((v, k) => expect(v).toBeCloseTo(alone!.data[k]!, 9));
      }
    }),
    { numRuns: 60, seed: 5 },
  );
});

describe("without a lowering", () => {
  test("the error says how to write one, and the next call finds it", () => {
    const op = newOp();
    const f = compile((x: Tensor) => apply(op, [x], undefined));
    expect(messageOf(() => f(tensor([0.75])))).toBe(
      'CompileError: compile: every op must have a lowering, got smooth; say how it is compiled, lowering(op, ({ b, x }) => …) of "tinygrad-ts/compile", or call the op outside of the function',
    );
    lowering(op, rule);
    expect(f(tensor([0.75])).toArray()).toEqual([1.25]);
  });

  test("an op that is named as one of the library's is not taken for it", () => {
    const op = newOp("tanh");
    const f = compile((x: Tensor) => apply(op, [x], undefined));
    expect(messageOf(() => f(tensor([1])))).toContain("else say how it is compiled, lowering(op");
    lowering(op, rule);
    expect(f(tensor([0.75])).toArray()).toEqual([1.25]);
  });
});

describe("registration", () => {
  test("the same lowering twice is one; another is refused, and a record of its own may have it", () => {
    const op = newOp();
    expect(lowering(op, rule)).toBe(op);
    expect(lowering(op, rule)).toBe(op);
    const other: Lowering = ({ b, x }) => b.unary("abs", x);
    expect(() => lowering(op, other)).toThrow(ValueError);
    expect(messageOf(() => lowering(op, other))).toBe(
      "ValueError: lowering: an op has one lowering, got another for smooth; a separate record can have another: { ...op }",
    );
    const own = lowering({ ...op }, other);
    const f = compile((x: Tensor) => apply(own, [x], undefined));
    f(tensor([-2]));
    expect(f(tensor([-2])).toArray()).toEqual([2]);
  });

  test("records may be frozen, and stay as they are", () => {
    const op = Object.freeze(newOp());
    const keys = Reflect.ownKeys(op);
    lowering(op, rule);
    expect(Reflect.ownKeys(op)).toEqual(keys);
    expect(compile((x: Tensor) => apply(op, [x], undefined))(tensor([0.75])).item()).toBe(1.25);
  });

  test("the library's own ops keep theirs", () => {
    const { op } = tanh(tensor([1], { requiresGrad: true }));
    expect(() => lowering(op!, rule)).toThrow("an op has one lowering, got another for tanh");
  });

  test("what is no record, or no function, is refused", () => {
    expect(() => lowering(null as never, rule)).toThrow(ValueError);
    expect(() => lowering(newOp(), "x" as never)).toThrow("lowering: the rule must be a function");
    expect(() => lowering(newOp(), Tensor as never)).toThrow("lowering: the rule must be a function");
  });
});

describe("a lowering that is wrong is refused by name, and leaves everything as it was", () => {
  let kept: unknown;
  const cases: readonly (readonly [what: string, rule: Lowering, message: string])[] = [
    ["another shape", ({ b, x }) => b.reduce("sum", x, [1, 3, 1], []), "its lowering must return what the op does, float32[3], got float32[]; use b.cast"],
    ["another dtype", ({ b, x }) => b.cast(x, "float64"), "its lowering must return what the op does, float32[3], got float64[3]"],
    ["nothing", (() => undefined) as never, "its lowering must return a value that this builder has made, got undefined"],
    ["a promise", (async ({ x }: { x: unknown }) => x) as never, "its lowering must return a value that this builder has made"],
    ["a value that is made up", ({ x }) => ({ ...x }), "its lowering must return a value that this builder has made"],
    ["a number for a value", (({ b, x }) => b.binary("add", x, 1 as never)) as Lowering, "its lowering is wrong: b must be a value that this builder has made in b.binary(fn, a, b, to), got 1; write numbers as b.fill(2, [], dtype)"],
    ["an input that there is not", ({ b, x, y }) => b.binary("add", x, y), "its lowering is wrong: b must be a value that this builder has made in b.binary(fn, a, b, to), got undefined"],
    ["a function that there is not", ({ b, x }) => b.unary("sinh" as never, x), "its lowering is wrong: fn must be one of neg, abs"],
    ["a function with too few arguments", ({ b, x }) => b.unary("add" as never, x), 'in b.unary(fn, x), got "add", a string'],
    ["a dtype that there is not", ({ b, x }) => b.cast(b.cast(x, "float16" as never), "float32"), "its lowering is wrong: dtype must be a dtype: float32, float64, int32, bool in b.cast(x, dtype), got \"float16\""],
    ["an elementary function of integers", ({ b, x }) => b.cast(b.unary("exp", b.cast(x, "int32")), "float32"), "its lowering is wrong: exp is of floats"],
    ["a reshape to another size", ({ b, x }) => b.reshape(x, [4]), "sizes must multiply to the number of elements, got [4] for 3"],
    ["a broadcast to fewer", ({ b, x }) => b.expand(x, [2]), "must"],
    ["axes that do not fit", ({ b, x, shape }) => b.reduce("sum", x, [1, 2, 3], shape), "its lowering is wrong: what is reduced must have all elements"],
    ["a shape that does not fit", ({ b, x }) => b.reduce("sum", x, [1, 3, 1], [3]), "the shape must have as many elements as are computed, got [3] for a reduce of 1"],
    ["a window beyond the end", ({ b, x, shape }) => b.view(x, { sizes: [3], strides: [1], offset: 1 }, shape), "its lowering is wrong: the window must be within what it shows"],
    ["an input of its own", ({ b, x, shape, dtype }) => b.binary("add", x, (b as unknown as { leaf: (...args: unknown[]) => typeof x }).leaf(shape, dtype)), "its lowering is wrong: a builder has no such method, got b.leaf"],
    ["too few numbers", ({ b, x }) => b.binary("add", x, b.constant(Float32Array.of(1, 2), [3], "float32")), "a constant must fill its shape, got 2 numbers for [3]"],
    ["a maximum of bools", ({ b, x, shape }) => b.expand(b.cast(b.reduce("max", b.cast(x, "bool"), [1, 3, 1], []), "float32"), shape), "its lowering is wrong: and, or combine bools, and the others numbers"],
    ["an eager op", (({ x }: { x: Tensor }) => add(x, 1)) as never, 'its lowering must not call eager ops, whose inputs are tensors, got add; use b, as in b.binary("add", x, b.fill(1, [], dtype))'],
    ["an eager op's second input", (({ x }: { x: Tensor }) => mul(tensor([1, 2, 3]), x)) as never, "its lowering must not call eager ops, whose inputs are tensors, got mul"],
    ["another's error", () => { throw new RangeError("mine"); }, "RangeError: mine"], // biome-ignore format: one line
  ]; // biome-ignore format: a table
  test.each(cases)("%s", (_, wrong, message) => {
    const op = lowering(newOp(), wrong);
    const w = tensor([1, 2, 3]);
    const f = compile((x: Tensor) => {
      w.assign(add(w, 1));
      return apply(op, [mul(x, w)], undefined);
    });
    const got = messageOf(() => f(tensor([1, 2, 3])));
    expect(got).toContain(message);
    if (!message.startsWith("RangeError")) expect(got).toMatch(/^(CompileError|ShapeError): (smooth|reshape)/);
    expect(w.toArray()).toEqual([1, 2, 3]);
    expect(f.programs.length).toBe(0);
  });

  test("a value that was kept from another call", () => {
    const op = lowering(newOp(), ({ b, x }) => {
      kept ??= b.binary("mul", x, x);
      return b.binary("add", x, kept as typeof x);
    });
    const f = compile((x: Tensor) => apply(op, [x], undefined));
    f(tensor([1, 2]));
    expect(() => f(tensor([1, 2, 3]))).toThrow(
      "must be a value that this builder has made in b.binary(fn, a, b, to), got one that was kept, or is a copy",
    );
  });
});

describe("what depends on values", () => {
  /** x[at], for a vector. */
  const pickOp: Op = {
    name: "pick",
    shape: ([x, at]) => {
      const bad = at!.values.findIndex((i) => i < 0 || i >= x!.shape[0]!);
      if (bad >= 0) throw new ValueError("pick", "places must be there", String(at!.values[bad]));
      return at!.shape;
    },
    forward: (out, [x, at]) => {
      for (let i = 0; i < out.length; i++) out[i] = x!.values[at!.values[i]!]!;
    },
    vjp: "nondifferentiable",
  };

  test("a check throws what the op's shape rule throws, also where the lowering makes none", () => {
    const op = lowering({ ...pickOp }, ({ b, x, y }) => b.take(x, y));
    const w = tensor([0]);
    const f = compile((x: Tensor, at: Tensor) => {
      w.assign(add(w, 1));
      return apply(op, [x, at], undefined);
    });
    const x = tensor([10, 20, 30]);
    const at = (...places: number[]): Tensor => tensor(places, { dtype: "int32" });
    expect(f(x, at(2, 0)).toArray()).toEqual(indexSelect(x, 0, at(2, 0)).toArray());
    expect(f(x, at(1, 1)).toArray()).toEqual([20, 20]);
    expect(messageOf(() => f(x, at(1, 3)))).toBe("ValueError: pick: places must be there, got 3");
    expect(messageOf(() => f(x, at(-1, 0)))).toBe("ValueError: pick: places must be there, got -1");
    expect(w.toArray()).toEqual([2]);
  });

  test("a lowering that computes a place outside is stopped, and never reads there", () => {
    const one = lowering<number>(
      { ...(newOp() as Op<number>) },
      ({ b, x, attrs, shape }) =>
        b.take(x, b.expand(b.binary("add", b.cast(b.reduce("max", x, [1, 2, 1], []), "int32"), b.fill(attrs, [], "int32")), shape)),
    ); // biome-ignore format: one chain
    const f = compile((x: Tensor) => apply(one, [x], 0));
    f(tensor([0, 1]));
    expect(f(tensor([0, 1])).toArray()).toEqual([1, 1]);
    expect(() => f(tensor([0, 2]))).toThrow(CompileError);
    expect(() => f(tensor([0, 2]))).toThrow("smooth: the compiled program refused inputs that the op accepts");
  });
});
