import { expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import { Dropout, Generator, Linear, mul, norm, ones, rand, sum, type Tensor, tensor, tril } from "../../src/index.ts";

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
  ["a random number", () => (x) => x.mul(Math.random()), "0."],
  ["random values", () => (x) => x.mul(tensor([Math.random(), 1, 2])), "another a constant"],
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
  expect(refusal).toMatch(/; pass what changes as an argument, or assign it to a tensor; for a condition of its own/);
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
  expect(calls).toBe(3); // twice only the first time
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
