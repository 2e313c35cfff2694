import { expect, test } from "vitest";
import { compile, lowering } from "../../src/compile/index.ts";
import {
  add,
  apply,
  checkFiniteGrads,
  Generator,
  kaimingNormal,
  kaimingUniform,
  mul,
  normal,
  type Op,
  orthogonal,
  type RandomOptions,
  SGD,
  sub,
  sum,
  type Tensor,
  tensor,
  uniform,
  xavierNormal,
  xavierUniform,
} from "../../src/index.ts";

test("a recording computes nothing that nobody looks at", () => {
  let runs = 0;
  const doubleOp: Op = {
    name: "double",
    shape: ([x]) => x!.shape,
    forward: (out, [x]) => {
      runs++;
      for (let i = 0; i < out.length; i++) out[i] = 2 * x!.values[i]!;
    },
    vjp: [({ g }) => apply(doubleOp, [g], undefined)],
  };
  lowering(doubleOp, ({ b, x, dtype }) => b.binary("mul", x!, b.fill(2, [], dtype)));
  const w = tensor([1, 2], { requiresGrad: true });
  const f = compile(() => {
    const y = apply(doubleOp, [w], undefined);
    const loss = sum(mul(y, y));
    loss.backward();
    checkFiniteGrads([w]); // the program looks, in its first run, too
    return loss;
  });
  expect([f().item(), w.grad!.toArray(), runs]).toEqual([20, [8, 16], 0]);
});

test("what the function keeps of a recording has the values of then, though others were assigned since", () => {
  const kept: Tensor[] = [];
  const w = tensor([1, 2]);
  const f = compile((x: Tensor) => {
    const y = mul(add(w, x), x);
    kept.push(w.reshape([2, 1]), y);
    w.assign(y);
    kept.push(w.mul(10), y.reshape([1, 2]));
    return w.mul(3);
  });
  expect(f(tensor([3, 4])).toArray()).toEqual([36, 72]);
  w.assign([0, 0]);
  expect(kept).toHaveLength(8); // two recordings
  for (const own of [kept.slice(0, 4), kept.slice(4)]) {
    expect(own.map((x) => x.toArray())).toEqual([[[1], [2]], [12, 24], [120, 240], [[12, 24]]]);
  }
});

test("an op that looks at values in the midst of a function finds them, at the end of however long a chain", () => {
  const seen: number[][] = [];
  const lookOp: Op = {
    name: "look",
    shape: ([x]) => {
      seen.push([...x!.values]);
      return x!.shape;
    },
    forward: "view",
    vjp: [({ g }) => g],
  };
  lowering(lookOp, ({ x }) => x!);
  const w = tensor([1, 2]);
  const f = compile((x: Tensor) => {
    let y: Tensor = w;
    for (let i = 0; i < 20_000; i++) y = i % 2 === 0 ? add(y, x) : sub(y, x);
    return apply(lookOp, [y], undefined);
  });
  expect(f(tensor([1, 4])).toArray()).toEqual([1, 2]);
  expect(seen[0]).toEqual([1, 2]);
});

test("what is not finite is refused in the first run as in later ones, with nothing changed", () => {
  const w = tensor([1, 2], { requiresGrad: true });
  const f = compile((x: Tensor) => {
    w.grad = null;
    sum(mul(w, x)).backward();
    checkFiniteGrads([w]);
    w.assign(sub(w, w.grad!).detach());
    return sum(w.detach());
  });
  const text = /^checkFiniteGrads: loss and gradients must be finite, got NaN in the gradient of parameter 0/;
  for (const good of [0, 1]) {
    const before = w.toArray();
    expect(() => f(tensor([1, Number.NaN]))).toThrow(text);
    expect([w.toArray(), w.grad === null]).toEqual([before, good === 0]);
    expect(f(tensor([1, 1])).item()).toBe(1 - 2 * good);
  }
});

test("what is not finite is refused before what comes after it", () => {
  const w = tensor([1, 2], { requiresGrad: true });
  const f = compile((x: Tensor) => {
    w.grad = null;
    sum(mul(w, x)).backward();
    checkFiniteGrads([w]);
    return w.grad!.to("int32"); // refuses NaN, too
  });
  expect(() => f(tensor([1, Number.NaN]))).toThrow(/^checkFiniteGrads: loss and gradients must be finite, got NaN/);
  expect(() => f(tensor([1, 1e20]))).toThrow(/^to: int32 cannot hold it/);
  expect(f(tensor([1, 3])).toArray()).toEqual([1, 3]);
});

test("what is refused stays refused where the function catches it", () => {
  const read = compile((x: Tensor) => {
    try {
      return x.item() > 0 ? x : x.mul(2);
    } catch {
      return x.mul(3);
    }
  });
  expect(() => read(tensor(1))).toThrow(/^compile: values must not be read inside of the function/);
  const wrapped = compile((x: Tensor) => {
    try {
      return x.mul(x.data[0]!);
    } catch (error) {
      throw new Error("mine", { cause: error });
    }
  });
  expect(() => wrapped(tensor([1]))).toThrow(/^compile: values must not be read inside of the function/);
  const w = tensor([1]);
  const assigned = compile((x: Tensor) => {
    const made = x.mul(2);
    try {
      made.assign(w);
    } catch {
      return made;
    }
    return x;
  });
  expect(() => assigned(tensor([1]))).toThrow(/^compile: a tensor made inside of the function must not be assigned to/);
});

test.each<[string, (options: RandomOptions) => Tensor]>([
  ["uniform", (options) => uniform([2, 3], { low: -2, high: 5, ...options })],
  ["normal", (options) => normal([2, 3], { mean: 3, std: 2, ...options })],
  ["kaimingUniform", (options) => kaimingUniform([2, 3], options)],
  ["kaimingNormal", (options) => kaimingNormal([2, 3], options)],
  ["xavierUniform", (options) => xavierUniform([2, 3], options)],
  ["xavierNormal", (options) => xavierNormal([2, 3], options)],
  ["orthogonal", (options) => orthogonal([2, 3], { gain: 2, ...options })],
])("%s is drawn again in each run, as in eager code", (_, draw) => {
  const [own, other] = [new Generator(3), new Generator(3)];
  const f = compile((x: Tensor) => mul(x, draw({ dtype: "float64", generator: own })));
  for (let i = 0; i < 3; i++) {
    const wanted = draw({ dtype: "float64", generator: other });
    expect(f(tensor(1, { dtype: "float64" })).toArray()).toEqual(wanted.toArray());
  }
  expect(own.state).toEqual(other.state);
});

test("what the function writes into the elements of a constant is refused", () => {
  const write = (when: "before" | "after") =>
    compile((x: Tensor) => {
      const k = tensor([1, 2]);
      if (when === "before") k.values[0] = 5;
      const y = mul(k, x);
      if (when === "after") k.values[0] = 5;
      return add(y, k);
    });
  for (const when of ["before", "after"] as const) {
    expect(() => write(when)(tensor([1, 1]))).toThrow(
      "compile: a tensor's values must not be written into, got 5,2; make the tensor with the values that it is to have",
    );
  }
  const w = tensor([1, 2]);
  for (const own of [() => w, (x: Tensor) => x, (x: Tensor) => mul(x, 2)]) {
    const f = compile((x: Tensor) => {
      own(x).values[0] = 5;
      return x;
    });
    expect(() => f(tensor([1, 1]))).toThrow("values must not be read inside of the function");
  }
  const copied = compile((x: Tensor) => {
    const { data } = tensor([1, 2]);
    data[0] = 5;
    return mul(x, tensor(data));
  });
  expect(copied(tensor([1, 1])).toArray()).toEqual([5, 2]);
});

test("what reads a learning rate says how to compute with it", () => {
  const optimizer = new SGD([tensor([1], { requiresGrad: true })], { lr: 0.5 });
  const [group] = optimizer.groups;
  const text = "got float64[]; compute with the tensor; that of optimizer.lr is optimizer.groups[0].lr";
  for (const read of [() => optimizer.lr, () => group!.lr.item(), () => String(optimizer)]) {
    const f = compile((x: Tensor) => {
      read();
      return x;
    });
    expect(() => f(tensor([1]))).toThrow(text);
  }
  const halve = compile(() => {
    group!.lr.assign(mul(group!.lr, 0.5));
    return mul(group!.lr, 8);
  });
  expect([halve().item(), halve().item(), optimizer.lr]).toEqual([2, 1, 0.125]);
});
