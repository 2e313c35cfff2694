import { describe, expect, test } from "vitest";
import * as tg from "../../src/index.ts";
import { type Tensor, tensor } from "../../src/index.ts";
import { TensorMethods } from "../../src/methods.ts";

const x = tensor([
  [1, -2, 3],
  [4, 5, -6],
]);
const y = tensor([
  [1, 2, 2],
  [0.5, 5, -1],
]);
const mask = tg.gt(x, 0);

/** A call of each method, and what it is to equal. */
const calls: { readonly [name: string]: readonly [method: () => unknown, fn: () => unknown] } = {
  ...Object.fromEntries(
    (
      [
        "neg",
        "abs",
        "sign",
        "sqrt",
        "exp",
        "log",
        "sin",
        "cos",
        "floor",
        "ceil",
        "round",
        "relu",
        "sigmoid",
        "tanh",
      ] as const
    ).map((name) => [name, [() => x[name](), () => tg[name](x)] as const]),
  ),
  ...Object.fromEntries(
    (["add", "sub", "mul", "div", "pow", "maximum", "minimum", "eq", "ne", "lt", "le", "gt", "ge"] as const).map(
      (name) => [name, [() => [x[name](y), x[name](2)], () => [tg[name](x, y), tg[name](x, 2)]] as const],
    ),
  ),
  ...Object.fromEntries(
    (["sum", "mean", "max", "min", "prod", "any", "all"] as const).map((name) => [
      name,
      [
        () => [x[name](), x[name]([0, 1]), x[name](-1, { keepDims: true })],
        () => [tg[name](x), tg[name](x, [0, 1]), tg[name](x, -1, { keepDims: true })],
      ] as const,
    ]),
  ),
  ...Object.fromEntries(
    (["variance", "std"] as const).map((name) => [
      name,
      [
        () => [x[name](), x[name]([0, 1]), x[name](-1, { keepDims: true })],
        () => [tg[name](x), tg[name](x, [0, 1]), tg[name](x, -1, { keepDims: true })],
      ] as const,
    ]),
  ),
  clamp: [() => x.clamp(-1, 2), () => tg.clamp(x, -1, 2)],
  softmax: [() => [x.softmax(), x.softmax(0)], () => [tg.softmax(x), tg.softmax(x, 0)]],
  logSoftmax: [() => [x.logSoftmax(), x.logSoftmax(0)], () => [tg.logSoftmax(x), tg.logSoftmax(x, 0)]],
  where: [() => x.where(mask, 7), () => tg.where(mask, x, 7)],
  norm: [() => x.norm(1, 0, { keepDims: true }), () => tg.norm(x, 1, 0, { keepDims: true })],
  argmax: [
    () => [x.argmax(), x.argmax(1, { keepDims: true })],
    () => [tg.argmax(x), tg.argmax(x, 1, { keepDims: true })],
  ],
  argmin: [() => [x.argmin(), x.argmin(0)], () => [tg.argmin(x), tg.argmin(x, 0)]],
  cumsum: [() => x.cumsum(1), () => tg.cumsum(x, 1)],
  sort: [() => x.sort(0, { descending: true }).values, () => tg.sort(x, 0, { descending: true }).values],
  matmul: [
    () => [x.matmul(y.T), x.matmul(y, { transposeB: true })],
    () => [tg.matmul(x, tg.transpose(y)), tg.matmul(x, tg.transpose(y))],
  ],
  reshape: [
    () => [x.reshape(3, 2), x.reshape(-1), x.reshape([1, -1])],
    () => [[3, 2], [6], [1, 6]].map((s) => tg.reshape(x, s)),
  ],
  expand: [() => [x.expand(2, 2, 3), x.expand([1, 2, 3])], () => [tg.expand(x, [2, 2, 3]), tg.expand(x, [1, 2, 3])]],
  permute: [() => [x.permute(1, 0), x.permute([1, 0])], () => [tg.transpose(x), tg.transpose(x)]],
  transpose: [() => [x.transpose(), x.transpose(0, 1)], () => [tg.transpose(x), tg.transpose(x)]],
  flip: [() => [x.flip(), x.flip(1), x.flip([0, 1])], () => [tg.flip(x), tg.flip(x, 1), tg.flip(x)]],
  flatten: [() => x.flatten(), () => tg.reshape(x, [6])],
  squeeze: [() => x.reshape(1, 6, 1).squeeze(0), () => tg.reshape(x, [6, 1])],
  unsqueeze: [() => x.unsqueeze(1), () => tg.reshape(x, [2, 1, 3])],
  slice: [() => x.slice(0, [1, 3]), () => tg.slice(x, 0, [1, 3])],
  at: [() => [x.at(0), x.at(-1), x.at(1).at(2)], () => [tg.slice(x, 0), tg.slice(x, 1), tg.slice(x, 1, 2)]],
  to: [() => x.to("int32"), () => tg.cast(x, "int32")],
  T: [() => [x.T, x.at(0).T, tensor(3).T], () => [tg.transpose(x), tg.slice(x, 0), tensor(3)]],
  pipe: [() => x.pipe(tg.leakyRelu, 0.5), () => tg.leakyRelu(x, 0.5)],
};

/** Tensors as what can be compared. */
function plain(value: unknown): unknown {
  return Array.isArray(value) ? value.map(plain) : [(value as Tensor).dtype, (value as Tensor).toArray()];
}

describe("methods", () => {
  const names = Object.getOwnPropertyNames(TensorMethods.prototype).filter((name) => name !== "constructor");

  test("each has a call here", () => {
    expect(names.sort()).toEqual(Object.keys(calls).sort());
    expect(names.length).toBeGreaterThan(50);
  });

  test.each(Object.entries(calls))("%s is the function", (_, [method, fn]) => {
    expect(plain(method())).toEqual(plain(fn()));
  });

  test("the chain of the readme", () => {
    const chained = x.pow(2).sigmoid().sum(1, { keepDims: true });
    expect(chained.toArray()).toEqual(tg.sum(tg.sigmoid(tg.pow(x, 2)), 1, { keepDims: true }).toArray());
  });

  test("bad calls lead on", () => {
    expect(() => x.at([0] as never)).toThrow("at: takes one index, got an array; slice(…) takes ranges");
    expect(() => x.at(2)).toThrow(tg.IndexError);
    expect(() => tg.ones([1, 1, 1]).T).toThrow("T: must have at most two axes, got float32[1, 1, 1]; use transpose()");
    expect(() => x.pipe(3 as never)).toThrow("pipe: needs a function, got 3");
    expect(() => x.reshape(4, 4)).toThrow("reshape: the number of elements must stay the same, got [2, 3] to [4, 4]");
    expect(() => x.reshape()).toThrow("got [2, 3] to []");
  });
});

describe("operators", () => {
  const s = tensor(2) as unknown as number;

  test.each<[string, () => unknown]>([
    ["+", () => s + 1],
    ["+ of text", () => ["loss "].reduce((text, part) => part + s + text, "")],
    ["-", () => -s],
    ["*", () => s * 2],
    ["<", () => s < 3],
    ["Number", () => Number(s)],
    ["Math", () => Math.max(s, 1)],
  ])("%s is refused", (_, compute) => {
    expect(compute).toThrow(tg.ValueError);
    expect(compute).toThrow("Tensor: operators do not work on tensors, got float32[]; write x.add(y)");
  });

  test("text is made of a tensor on demand", () => {
    expect(`${tensor([1, 2])}`).toBe("float32[2] [1, 2]");
    expect([tensor(1), tensor(2)].join()).toBe("float32[] 1,float32[] 2");
  });
});

describe("for … of", () => {
  test("goes along axis 0", () => {
    expect([...x].map((r) => r.toArray())).toEqual(x.toArray());
    expect([...tensor([5, 6])].map((v) => v.item())).toEqual([5, 6]);
    expect([...tg.zeros([0, 3])]).toEqual([]);
  });

  test("is differentiable, to second order", () => {
    const w = tensor([1, 2, 3], { dtype: "float64", requiresGrad: true });
    let total: Tensor = tensor(0, { dtype: "float64" });
    let power = 1;
    for (const v of w) total = total.add(v.pow(++power));
    const [g] = tg.gradients(total, [w], { createGraph: true });
    expect(g!.toArray()).toEqual([2, 12, 108]);
    expect(tg.gradients(g!.sum(), [w])[0]!.toArray()).toEqual([2, 12, 108]);
  });

  test("but what PyTorch returns in a pair with indices is not taken apart", () => {
    const rule = "gives values only";
    const hint = "write argmax(x, axis), or argmin";
    const text = `max: ${rule}; ${hint}`;
    const m = tensor([[1, 5, 2], [7, 3, 4]]); // biome-ignore format: rows
    for (const y of [m.max(1), m.min(0), m.max(1, { keepDims: true }), tg.median(m, 1)]) {
      expect(() => {
        const [values, indices] = y;
        return [values, indices];
      }).toThrow(new tg.ValueError("max", rule, "", hint));
      expect(() => {
        const [, indices] = y;
        return indices;
      }).toThrow(text);
      const [values] = y;
      expect(values!.shape).toEqual(y.shape.slice(1));
      for (const found of [0, 1]) {
        let at = 0;
        for (const row of y) {
          row.toArray(); // to look for one
          if (at++ === found) break;
        }
        expect(at).toBe(found + 1);
      }
      expect([...y].length).toBe(y.shape[0]);
      for (const _ of y);
      const firstTwice = (of: Tensor): Tensor => {
        let total: Tensor = tensor(0);
        for (const row of of) {
          if (total.item() > 0) break;
          total = total.add(row.sum().mul(2));
        }
        return total;
      };
      expect(firstTwice(y).item()).toBe(y.at(0).sum().item() * 2);
    }
    const [a, b, c] = m.max(0);
    expect([a, b, c].map((v) => v!.item())).toEqual([7, 5, 4]);
    const [first] = m.max(1).mul(2);
    expect(first!.item()).toBe(10);
    expect([...tensor([[1, 2]]).max(1)].map((v) => v.item())).toEqual([2]);
    expect(() => {
      for (const _ of m.max(1)) throw new Error("own");
    }).toThrow("own");
  });

  test("a scalar has nothing to go along", () => {
    expect(() => [...tensor(1)]).toThrow(TypeError);
    expect(() => [...tensor(1)]).toThrow("is not iterable");
  });

  test("leaves comparisons of test frameworks as they are", () => {
    expect(tensor(1)).not.toBe(tensor(1));
    expect(tensor([1, 2])).not.toBe(tensor([1, 2]));
    expect(tensor([1, 2])).not.toEqual(tensor([1, 3]));
  });
});
