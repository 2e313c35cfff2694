import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import {
  arange,
  Dropout,
  dropout,
  Generator,
  gradients,
  Linear,
  MultiheadAttention,
  manualSeed,
  mul,
  noGrad,
  norm,
  ones,
  orthogonal,
  rand,
  randint,
  randn,
  sum,
  type Tensor,
  tensor,
  tril,
  uniform,
  xavierUniform,
} from "../../src/index.ts";

const rule = "compile: the function must do the same at each call, got ";
const x = tensor([1, 2, 3]);

test.each<[string, () => (x: Tensor) => Tensor, string]>([
  [
    "a number that counts",
    () => {
      let count = 0;
      return (x) => x.mul(1 - 0.5 ** ++count);
    },
    "0.75 in the second, where the first had 0.5",
  ],
  [
    "a condition that counts",
    () => {
      let count = 0;
      return (x) => (count++ % 2 === 0 ? x.mul(2) : x.add(2));
    },
    "add in the second, where the first had mul",
  ],
  [
    "a first time that is not as the others",
    () => {
      let count = 0;
      return (x) => (count++ === 0 ? x : x.add(2));
    },
    "2 in the second, where the first had argument 0",
  ],
  [
    "a seed that counts",
    () => {
      let count = 0;
      return (x) => {
        manualSeed(count++);
        return dropout(x, 0.5);
      };
    },
    "a generator's state 1,0,0,0 in the second, where the first had a generator's state 0,0,0,0",
  ],
  [
    "a generator that is made of another seed",
    () => {
      let count = 0;
      return () => rand([3], { generator: new Generator(count++) });
    },
    "a generator's state 1,0,0,0 in the second",
  ],
  [
    "another generator from outside",
    () => {
      const generators = [new Generator(1), new Generator(2)];
      let count = 0;
      return () => rand([3], { generator: generators[count++ % 2]! });
    },
    "another draw of random numbers",
  ],
  [
    "other bounds of a draw",
    () => {
      let count = 0;
      return () => randint(0, 10 + count++, [3], { dtype: "float32" });
    },
    "another draw of random numbers",
  ],
  [
    "other bounds of an initializer",
    () => {
      let count = 0;
      return () => uniform([20, 30], { low: 0, high: 1 + count++ });
    },
    "another draw of random numbers",
  ],
  ["a random number", () => (x) => x.mul(Math.random()), "0."],
  ["random values", () => (x) => x.mul(tensor([Math.random(), 1, 2])), "another constant"],
  [
    "another axis",
    () => {
      let count = 0;
      return (x) => x.reshape([1, 3, 1]).squeeze(count++ % 2 === 0 ? 0 : 2);
    },
    "another reshape",
  ],
  [
    "a tensor that is replaced",
    () => {
      let velocity = ones([3]);
      return (x) => {
        velocity = velocity.mul(0.9).add(x);
        return velocity;
      };
    },
    "another tensor float32[3] from outside in the second",
  ],
  [
    "generators from outside, which it seeds in turns,",
    () => {
      const generators = [new Generator(1), new Generator(2)];
      let count = 0;
      return (x) => {
        const generator = generators[count++ % 2]!;
        generator.state = [3, 0, 0, 0];
        return x.add(rand([3], { generator }));
      };
    },
    "another generator's state 3,0,0,0 in the second",
  ],
  [
    "a result of another structure",
    () => {
      let count = 0;
      return ((x: Tensor) => (count++ % 2 === 0 ? [x.mul(2)] : [x, x.mul(2)])) as never;
    },
    "another result",
  ],
])("a function is refused that has %s of its own", (_, make, got) => {
  const refusal = messageOf(() => compile(make())(x));
  expect(refusal).toContain(rule + got);
  const isReplaced = got.startsWith("another tensor");
  expect(refusal).toContain(isReplaced ? "; write total.assign(total.add(x)) for total = total.add(x), with total made outside" : "; pass what changes as an argument, or assign it to a tensor; for a condition of its own"); // biome-ignore format: one line
});

test("nothing has changed then", () => {
  const [w, generator] = [tensor([1, 2, 3], { requiresGrad: true }), new Generator(1)];
  const state = generator.state;
  let count = 0;
  const f = compile((x: Tensor) => {
    w.assign(w.detach().mul(2));
    w.mul(x).sum().backward();
    return rand([++count], { generator });
  });
  expect(() => f(x)).toThrow(rule);
  expect([w.toArray(), w.grad, generator.state]).toEqual([[1, 2, 3], null, state]);
});

test("what is made in the first call and kept is no such thing", () => {
  let mask: Tensor | undefined;
  let layer: Linear | undefined;
  let calls = 0;
  const f = (x: Tensor): Tensor => {
    calls++;
    mask ??= tril(ones([3, 3]));
    layer ??= new Linear(3, 3);
    return layer.forward(x.mul(mask.neg()));
  };
  const compiled = compile(f);
  for (let i = 0; i < 2; i++) expect(norm(compiled(x).sub(f(x))).item()).toBeLessThan(1e-5);
  expect(calls).toBe(5); // three recordings
});

describe("what is kept of the first call must be all that later calls do otherwise", () => {
  const hint = "make what it keeps before its first call, outside of it, as in const v = zeros([2])";
  const refused = (f: (x: Tensor) => Tensor, got: string): void => {
    const call = compile(f);
    expect(() => call(x)).toThrow(`must do the same at each call, got ${got}; ${hint}`);
  };

  test("velocities, means and counts that begin with the first call", () => {
    const w = tensor([1, 1, 1], { requiresGrad: true });
    let v: Tensor | undefined;
    const momentum = (x: Tensor): Tensor => {
      w.grad = null;
      const loss = w.mul(x).sum();
      loss.backward();
      noGrad(() => {
        if (v === undefined) v = w.grad!.mul(1);
        else v.assign(v.mul(0.9).add(w.grad!));
        w.assign(w.sub(v.mul(0.1)));
      });
      return loss;
    };
    refused(momentum, "assigning to float32[3] in later calls, where the first had another value");
    expect(w.toArray()).toEqual([1, 1, 1]);
    let mean: Tensor | undefined;
    const running = (x: Tensor): Tensor => {
      if (mean === undefined) mean = x.mul(0.1);
      else mean.assign(mean.mul(0.9).add(x.mul(0.1)));
      return x.mul(2);
    };
    refused(running, "assigning to float32[3] in later calls, where the first had nothing");
    let count: Tensor | undefined;
    const counting = (x: Tensor): Tensor => {
      if (count === undefined) count = ones([1]);
      else count.assign(count.add(1));
      return x.mul(2);
    };
    refused(counting, "assigning to float32[1] in later calls, where the first had nothing");
  });

  test("another result, and what only the first call assigns", () => {
    let r: Tensor | undefined;
    const reference = (x: Tensor): Tensor => {
      if (r !== undefined) return x.sub(r);
      r = x.mul(1);
      return x;
    };
    refused(reference, "another result in later calls than in the first");
    const scale = tensor([1, 1, 1]);
    let own: Tensor | undefined;
    const normed = (x: Tensor): Tensor => {
      if (own === undefined) {
        own = x.mul(2);
        scale.assign(x);
      }
      return x.mul(scale).add(own);
    };
    refused(normed, "nothing in later calls, where the first had assigning to float32[3]");
    expect(scale.toArray()).toEqual([1, 1, 1]);
  });

  test("gradients of a layer that is made in the first call, and what is computed of what was kept, are the same", () => {
    let layer: Linear | undefined;
    let table: Tensor | undefined;
    const f = (x: Tensor): Tensor => {
      layer ??= new Linear(3, 2, { generator: new Generator(1) });
      table ??= arange(3).mul(2);
      for (const p of layer.parameters()) p.grad = null;
      const loss = layer.forward(x.mul(table.add(1).neg())).sum();
      loss.backward();
      return loss;
    };
    const step = compile(f);
    for (let i = 0; i < 3; i++) {
      const loss = step(x).item();
      const got = layer!.weight.grad!.toArray();
      expect(loss).toBeCloseTo(f(x).item(), 5);
      expect(got).toEqual(layer!.weight.grad!.toArray());
    }
  });
});

test("a function that only counts or draws is as it was", () => {
  let calls = 0;
  const f = compile((x: Tensor) => {
    calls++;
    return new Dropout(0.5).forward(x).add(rand([3], { generator: new Generator(1) }));
  });
  f(x);
  expect(calls).toBe(2);
  f(x);
  expect(calls).toBe(2);
  f(tensor([1, 2, 3], { dtype: "float64" }));
  expect(calls).toBe(4); // twice for each shape
});

test("a generator that is made inside starts again at each call, and may be put back to where it was", () => {
  const draw = (state: number[]) => () => {
    const generator = new Generator(1);
    const before = generator.state;
    const first = rand([2], { generator });
    generator.state = before;
    const second = rand([2], { generator });
    generator.state = state as unknown as typeof before;
    return [first, second, rand([2], { generator })] as const;
  };
  const state = [1, 2, 3, 4];
  const f = compile(draw(state));
  const wanted = draw(state)().map((y) => y.toArray());
  for (let i = 0; i < 3; i++) {
    expect(f().map((y) => y.toArray())).toEqual(wanted);
    state[0] = 9; // which is copied when it is set
  }
});

test("generators from outside that it seeds are seeded again in each run", () => {
  const draw = (a: Generator, b: Generator) => () => {
    a.state = [1, 0, 0, 0];
    b.state = [2, 0, 0, 0];
    return [rand([2], { generator: b }), rand([3], { generator: a })] as const;
  };
  const two = () => [new Generator(8), new Generator(9)] as const;
  const [mine, others] = [two(), two()];
  const [f, wanted] = [compile(draw(...mine)), draw(...others)];
  for (let i = 0; i < 3; i++) {
    expect(f().map((y) => y.toArray())).toEqual(wanted().map((y) => y.toArray()));
    expect(mine.map(({ state }) => state)).toEqual(others.map(({ state }) => state));
  }
});

test("initializers draw the numbers that they draw in eager code", () => {
  const draw = (generator: Generator) => () =>
    [xavierUniform([20, 30], { generator }), orthogonal([5, 20], { generator }), rand([2], { generator })] as const;
  const [f, wanted] = [compile(draw(new Generator(3))), draw(new Generator(3))];
  for (let i = 0; i < 3; i++) expect(f().map((y) => y.toArray())).toEqual(wanted().map((y) => y.toArray()));
});

test("what is made at a later recording and kept is used from then on, too", () => {
  const heads = new Map<string, Linear>();
  const masks = new Map<number, Tensor>();
  const firsts = new Map<string, Tensor>();
  const headOf = (x: Tensor, key: string): Tensor => {
    if (!heads.has(key)) heads.set(key, new Linear(1, 1));
    return heads.get(key)!.forward(x);
  };
  const maskOf = (x: Tensor): Tensor => {
    const n = x.shape[0]!;
    if (!masks.has(n)) masks.set(n, randn([n, 1]));
    return mul(x, masks.get(n)!);
  };
  const firstOf = (x: Tensor, key: string): Tensor => {
    if (!firsts.has(key)) firsts.set(key, mul(x, 1).detach());
    return x.sub(firsts.get(key)!);
  };
  const [head, mask, first] = [compile(headOf), compile(maskOf), compile(firstOf)];
  for (const key of ["a", "b", "c"]) {
    for (let i = 0; i < 3; i++) {
      const x = tensor([[i], [1]]);
      expect(norm(head(x, key).sub(headOf(x, key))).item()).toBeLessThan(1e-5);
      expect(first(x, key).toArray()).toEqual([[i], [0]]);
    }
  }
  for (const n of [1, 2, 3]) {
    for (let i = 0; i < 3; i++) expect(mask(ones([n, 1])).toArray()).toEqual(masks.get(n)!.toArray());
  }
});

test("generators stand where they would in eager code after what was drawn is kept", () => {
  const drawn = (isCompiled: boolean): unknown[] => {
    manualSeed(4);
    const layerOf = (): ((x: Tensor) => Tensor) => {
      let layer: Linear | undefined;
      const own = (x: Tensor): Tensor => {
        layer ??= new Linear(2, 2);
        return dropout(layer.forward(x), 0.5);
      };
      return isCompiled ? compile(own) : own;
    };
    const [f, g] = [layerOf(), layerOf()];
    return [f, g, f].map((own) => own(ones([1, 2])).toArray<number[][]>()[0]!.map((v) => v.toFixed(4))).concat(rand([2]).toArray()); // biome-ignore format: one line
  };
  expect(drawn(true)).toEqual(drawn(false));
});

test("a stream that is started where something is made stands where eager code leaves it", () => {
  const drawn = (isCompiled: boolean): unknown[] => {
    manualSeed(4);
    let noise: Tensor | undefined;
    const own = (x: Tensor): Tensor => {
      if (noise === undefined) {
        manualSeed(5);
        noise = randn([2]);
      }
      return mul(x, noise).add(rand([2]));
    };
    const f = isCompiled ? compile(own) : own;
    return [f(ones([2])).toArray(), f(ones([2])).toArray(), rand([2]).toArray()];
  };
  expect(drawn(true)).toEqual(drawn(false));
});

test.each<[string, (x: Tensor) => unknown, (x: Tensor) => unknown]>([
  ["a tensor, then an array", (x) => x, (x) => [x]],
  ["an array, then an object", (x) => [x], (x) => ({ x })],
  ["other names", (x) => ({ x }), (x) => ({ y: x })],
  ["a deeper array", (x) => [x, [x]], (x) => [[x], x]],
  ["null, then undefined", (x) => [x, null], (x) => [x, undefined]],
  ["an empty array, then an empty object", () => [], () => ({})],
])("a function is refused that returns %s", (_, first, second) => {
  let count = 0;
  const f = compile(((x: Tensor) => (count++ % 2 === 0 ? first : second)(mul(x, 2))) as (x: Tensor) => Tensor);
  expect(messageOf(() => f(x))).toContain(`${rule}another result`);
});

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

test("a function that reads a gradient which another program has computed does the same each time", () => {
  const w = tensor([1, 2], { requiresGrad: true });
  w.grad = tensor([0, 0]);
  const add = compile(() => sum(mul(w, w)).backward());
  add();
  expect(typeof w.gradient).toBe("function"); // nobody has looked
  const read = compile((x: Tensor) => mul(w.grad!, x));
  for (let i = 1; i < 4; i++) {
    expect(read(tensor([1, 10])).toArray()).toEqual([2 * i, 40 * i]);
    add();
  }
  expect([add.programs.length, read.programs.length]).toEqual([1, 1]);
});

test("what differs in shapes behind the first difference is said by that", () => {
  let calls = 0;
  const layer = new MultiheadAttention(4, 1);
  const y = randn([3, 2, 4], { requiresGrad: true });
  const call = compile((x: Tensor) => {
    const out = layer.forward(x, x.slice(null, [0, 1]), undefined, { causal: calls++ % 2 === 0 });
    return gradients(out.mul(out).sum(), [x, ...layer.parameters()]);
  });
  expect(() => call(y)).toThrow(
    `${rule}softmax in the second, where the first had a constant bool[2, 1]; pass what changes`,
  );
});

test("so is what differs in a leaf's shape", () => {
  let calls = 0;
  const leaves = [rand([2]), rand([3])];
  const call = compile((y: Tensor) => {
    const k = Math.min(calls++, 1);
    const w = leaves[k]!.mul(y).relu().exp();
    return k === 1 ? w.softmax(0) : w.mul(3);
  });
  expect(() => call(tensor(2))).toThrow(rule);
});
