import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import { assertGradcheck, assertGradgradcheck } from "../../src/gradcheck/index.ts";
import * as T from "../../src/index.ts";
import { messageOf } from "../support/refusals.ts";

const dtype = "float64" as const;
const drawn = (shape: number[], seed: number): T.Tensor =>
  T.randn(shape, { dtype, generator: new T.Generator(seed), requiresGrad: true });
const bools = (values: T.NestedArray): T.Tensor => T.tensor(values, { dtype: "bool" });

/** Attention by its definition, entry by entry. */
function plainly(q: number[][], k: number[][], v: number[][], allowed: (i: number, j: number) => boolean): number[][] {
  return q.map((query, i) => {
    const weights = k.map((key, j) => {
      const score = query.reduce((total, x, c) => total + x * key[c]!, 0) / Math.sqrt(query.length);
      return allowed(i, j) ? Math.exp(score) : 0;
    });
    const total = weights.reduce((a, b) => a + b, 0);
    return v[0]!.map((_, c) => weights.reduce((sum, w, j) => sum + w * v[j]![c]!, 0) / (total || 1));
  });
}

describe("scaledDotProductAttention", () => {
  const [q, k, v] = [drawn([3, 4], 1), drawn([5, 4], 2), drawn([5, 2], 3)];
  const rows = (x: T.Tensor) => x.toArray() as number[][];
  const mask = bools([
    [1, 0, 1, 0, 1],
    [0, 0, 0, 0, 0],
    [1, 1, 1, 1, 0],
  ]);
  const isIn = (i: number, j: number) => mask.at(i).at(j).item() === 1;
  const cases: [string, T.AttentionOptions, (i: number, j: number) => boolean][] = [
    ["all", {}, () => true],
    ["a mask, with a query that may look at nothing", { mask }, isIn],
    ["causal", { causal: true }, (i, j) => j <= i],
    ["both", { causal: true, mask }, (i, j) => j <= i && isIn(i, j)],
    ["a mask for all queries", { mask: bools([1, 0, 0, 1, 1]) }, (_, j) => j !== 1 && j !== 2],
  ];

  test.each(cases)("is the weighted mean of values: %s", (_, options, allowed) => {
    const wanted = plainly(rows(q), rows(k), rows(v), allowed);
    for (const y of [
      T.scaledDotProductAttention(q, k, v, options),
      compile(() => T.scaledDotProductAttention(q, k, v, options))(),
    ]) {
      rows(y).forEach((row, i) => row.forEach((x, j) => expect(x).toBeCloseTo(wanted[i]![j]!, 12)));
    }
  });

  test.each(cases)("has right gradients, to second order: %s", (_, options) => {
    const f = (...x: readonly T.Tensor[]) => T.scaledDotProductAttention(x[0]!, x[1]!, x[2]!, options);
    assertGradcheck(f, [q, k, v]);
    assertGradgradcheck(f, [q, k, v]);
  });

  test("a query that may look at nothing gets 0, and 0 as gradient", () => {
    const x = drawn([1, 2], 4);
    const y = T.scaledDotProductAttention(x, k.detach().slice(null, [0, 2]), v.detach(), {
      mask: bools([0, 0, 0, 0, 0]),
    });
    expect(y.toArray()).toEqual([[0, 0]]);
    y.sum().backward();
    expect(x.grad!.toArray()).toEqual([[0, 0]]);
  });

  test("masked scores may be anything", () => {
    const bias = T.tensor([Number.NaN, 0, Number.POSITIVE_INFINITY, 0, Number.NEGATIVE_INFINITY], { dtype });
    const given = { bias, mask: bools([0, 1, 0, 1, 1]) };
    const two = T.scaledDotProductAttention(q, k, v, { mask: bools([0, 1, 0, 1, 0]) });
    expect(T.scaledDotProductAttention(q, k, v, given).toArray()).toEqual(two.toArray());
  });

  test("the bias is added, the scale multiplied", () => {
    const y = T.scaledDotProductAttention(q, k, v, { scale: 2, bias: drawn([3, 5], 7) });
    const wanted = T.matmul(T.softmax(T.add(T.mul(T.matmul(q, k.T), 2), drawn([3, 5], 7))), v);
    T.sub(y, wanted).data.forEach((d) => expect(Math.abs(d)).toBeLessThan(1e-14));
  });

  test("leading axes broadcast; empty ones are none", () => {
    expect(T.scaledDotProductAttention(drawn([2, 1, 3, 4], 1), drawn([6, 5, 4], 2), v).shape).toEqual([2, 6, 3, 2]);
    expect(T.scaledDotProductAttention(T.zeros([0, 4]), T.zeros([5, 4]), T.zeros([5, 2])).shape).toEqual([0, 2]);
    expect(T.scaledDotProductAttention(T.zeros([3, 4]), T.zeros([0, 4]), T.zeros([0, 2])).toArray()).toEqual(
      T.zeros([3, 2]).toArray(),
    );
  });

  test("dropout draws for the weights", () => {
    const options = { dropout: 0.5, generator: new T.Generator(3) };
    const y = T.scaledDotProductAttention(T.zeros([1, 4]), T.zeros([1000, 4]), T.ones([1000, 1]), options);
    expect(y.item()).toBeGreaterThan(0.8);
    expect(y.item()).toBeLessThan(1.2);
    expect(y.item()).not.toBe(1);
  });

  test.each<[() => unknown, string]>([
    [
      () => T.scaledDotProductAttention(q, k, v, { mask: T.ones([3, 5]) }),
      "scaledDotProductAttention: the mask must be bool, got float32[3, 5]; where 1 means that it may be looked at, write mask: gt(mask, 0); what is to be added to the scores is the bias",
    ],
    [
      () => T.scaledDotProductAttention(q, k, v, { mask: bools([[1], [0]]) }),
      "scaledDotProductAttention: the mask must broadcast to [3, 5], got bool[2, 1]",
    ],
    [
      () => T.scaledDotProductAttention(q, k, v, { bias: mask }),
      "scaledDotProductAttention: the bias must be floating, got bool[3, 5]; write mask: …",
    ],
    [
      () => T.scaledDotProductAttention(q, v, v),
      "scaledDotProductAttention: needs a query […, queries, size], a key […, keys, size] and a value […, keys, width], got float64[3, 4], float64[5, 2], float64[5, 2]",
    ],
    [
      () => T.scaledDotProductAttention(q, k, v, { isCausal: true } as object),
      "scaledDotProductAttention: there is no such option, got isCausal; did you mean causal?",
    ],
    [
      () => T.scaledDotProductAttention(q, k, v, { dropout: 2 }),
      "scaledDotProductAttention: dropout must be a probability from 0 to 1, got 2",
    ],
    [
      () => T.scaledDotProductAttention(T.zeros([2, 2], { dtype: "int32" }), k, v),
      'scaledDotProductAttention: the query must be floating, got int32; use to("float32")',
    ],
  ])("refuses what does not fit %#", (call, message) => {
    expect(messageOf(call)).toContain(message);
  });
});

describe("MultiheadAttention", () => {
  const layer = new T.MultiheadAttention(6, 2, { dtype, generator: new T.Generator(1) });
  const x = drawn([2, 3, 6], 1);

  test("weights add up to 1, and of masked keys are 0", () => {
    const keyMask = bools([
      [1, 1, 0],
      [1, 1, 1],
    ]);
    const { output, weights } = layer.run(x, x, x, { keyMask, causal: true });
    expect([output.shape, weights.shape]).toEqual([
      [2, 3, 6],
      [2, 2, 3, 3],
    ]);
    T.sum(weights, -1).data.forEach((w) => expect(w).toBeCloseTo(1, 14));
    expect(weights.at(0).at(1).at(2).at(2).item()).toBe(0);
    expect(weights.at(1).at(1).at(1).at(2).item()).toBe(0);
  });

  test("its result is no tuple, as PyTorch's is", () => {
    expect(messageOf(() => [...layer.forward(x)])).toBe(
      "ValueError: MultiheadAttention(6, 2): forward returns one tensor, and no list to take apart, got float64[2, 3, 6]; write const { output, weights } = layer.run(x, x, x); samples are output.at(0) and so on",
    );
    expect([...layer.run(x).output].length).toBe(2);
  });

  test.each([
    [0, 1],
    [4, 0],
  ])("sizes of 0 are refused: %i, %i", (size, heads) => {
    // biome-ignore format: one line
    expect(() => new T.MultiheadAttention(size, heads)).toThrow(/must be a whole number, 1 or more, got 0/);
    expect(() => new T.TransformerEncoderLayer(size, heads)).toThrow(/must be a whole number, 1 or more, got 0/);
  });

  test.each([T.TransformerEncoderLayer, T.TransformerDecoderLayer])(
    "without biases, norms have none either",
    (Kind) => {
      const bare = new Kind(4, 2, { bias: false, hidden: 3 });
      expect([...bare.stateDict().keys()].filter((name) => /bias/i.test(name))).toEqual([]);
      expect(bare.toJSON()).toMatchObject({ arguments: [4, 2, { bias: false }] });
      expect([...new Kind(4, 2).stateDict().keys()].filter((name) => /norm\d\.bias/.test(name)).length).toBeGreaterThan(
        1,
      );
    },
  );

  test("one sequence is a batch of one, with any mask", () => {
    const one = x.detach().at(1);
    const mask = bools([
      [1, 0, 1],
      [1, 1, 1],
      [0, 0, 1],
    ]);
    const byHead = T.stack([mask, T.triu(mask)]);
    for (const [masks, wide] of [
      [{ mask }, { mask }],
      [{ mask: byHead }, { mask: byHead.unsqueeze(0) }],
      [{ keyMask: bools([1, 1, 0]) }, { keyMask: bools([[1, 1, 0]]) }],
      [
        { mask, keyMask: bools([1, 1, 0]) },
        { mask: mask.unsqueeze(0), keyMask: bools([[1, 1, 0]]) },
      ],
    ] as [T.AttentionMasks, T.AttentionMasks][]) {
      const y = layer.forward(one.unsqueeze(0), undefined, undefined, wide);
      expect(layer.forward(one, one, one, masks).toArray()).toEqual(y.at(0).toArray());
    }
  });

  test("three tensors that are equal give the same as one", () => {
    const copy = () => x.detach().mul(1);
    const [a, b] = [layer.forward(copy(), copy(), copy()), layer.forward(x.detach())];
    T.sub(a, b).data.forEach((d) => expect(Math.abs(d)).toBeLessThan(1e-14));
  });

  test("has right gradients to all parameters, to second order", () => {
    const small = new T.MultiheadAttention(4, 2, { dtype, generator: new T.Generator(2) });
    const f = (v: T.Tensor) => small.forward(v, v, v, { causal: true });
    const input = drawn([2, 3, 4], 5);
    assertGradcheck(f, [input]);
    assertGradgradcheck(f, [input]);
    assertGradcheck(() => f(input.detach()), small.parameters());
  });

  test("drops in training only", () => {
    const dropping = new T.MultiheadAttention(6, 2, { dropout: 0.5, dtype, generator: new T.Generator(1) });
    dropping.loadStateDict(layer.stateDict());
    expect(dropping.eval().forward(x).toArray()).toEqual(layer.forward(x).toArray());
    expect(dropping.train().forward(x).toArray()).not.toEqual(layer.forward(x).toArray());
  });

  test.each<[() => unknown, string]>([
    [() => new T.MultiheadAttention(6, 4), "MultiheadAttention: heads must divide the size, got 4 heads, size 6"],
    [
      () => new T.MultiheadAttention(6, 2, { kdim: 3 } as object),
      "there is no such option, got kdim; did you mean keySize?",
    ],
    [() => layer.forward(x.at(0), x, x), "needs a query [batch, queries, 6]"],
    [() => layer.forward(x, x, x, { keyMask: bools([1, 1]) }), "the keyMask must broadcast to [2, 3], got bool[2]"],
    [() => layer.forward(x, x, x, { mask: T.ones([3, 3]) }), "the mask must be bool, got float32[3, 3]"],
  ])("refuses what does not fit %#", (call, message) => {
    expect(messageOf(call)).toContain(message);
  });
});

describe("layers of transformers", () => {
  const options = { hidden: 5, dropout: 0, dtype, generator: new T.Generator(1) };

  test("have right gradients, to second order", () => {
    const encoder = new T.TransformerEncoderLayer(4, 2, { ...options, activation: "gelu" });
    const decoder = new T.TransformerDecoderLayer(4, 2, { ...options, normFirst: true, activation: "gelu" });
    const [x, memory] = [drawn([2, 3, 4], 1), drawn([2, 2, 4], 2)];
    const f = (...v: readonly T.Tensor[]) => decoder.forward(v[0]!, encoder.forward(v[1]!), { causal: true });
    assertGradcheck(f, [x, memory]);
    assertGradgradcheck(f, [x, memory]);
    assertGradcheck(() => f(x.detach(), memory.detach()), [...encoder.parameters(), ...decoder.parameters()]);
  });

  test("masked vectors change nothing", () => {
    const encoder = new T.TransformerEncoderLayer(4, 2, options);
    const [x, y] = [drawn([1, 3, 4], 1).detach(), drawn([1, 3, 4], 2).detach()];
    const mixed = T.cat([x.slice(null, [0, 2]), y.slice(null, [2, 3])], 1);
    const keyMask = bools([[1, 1, 0]]);
    const [a, b] = [encoder.forward(x, { keyMask }), encoder.forward(mixed, { keyMask })];
    expect(a.slice(0, [0, 2]).toArray()).toEqual(b.slice(0, [0, 2]).toArray());
    expect(a.toArray()).not.toEqual(b.toArray());
  });
});

describe("what is refused", () => {
  test("names the argument, and where in the layer it went", () => {
    const [x, narrow] = [T.zeros([2, 5, 8]), T.zeros([2, 5, 4])];
    const layer = new T.TransformerDecoderLayer(8, 2, { hidden: 4 });
    expect(messageOf(() => layer.forward(x, narrow))).toBe(
      "ShapeError: TransformerDecoderLayer(8, 2, 4): memory must be […, 8], got float32[2, 5, 4]",
    );
    expect(messageOf(() => (layer.forward as (x: T.Tensor) => T.Tensor).call(layer, x))).toMatch(
      "memory must be a tensor, got undefined",
    );
    const memoryMask = bools([[1]]).expand([4, 5]);
    const place = "crossAttention MultiheadAttention(8, 2): the mask";
    expect(messageOf(() => layer.forward(x, x, { memoryMask }))).toBe(
      `ShapeError: ${place} must broadcast to [2, 5, 5], got bool[4, 5]`,
    );
    const encoder = new T.Sequential(new T.TransformerEncoderLayer(8, 2, { hidden: 4 }));
    expect(messageOf(() => encoder.forward(T.zeros([8])))).toMatch(
      "Sequential[0] TransformerEncoderLayer(8, 2, 4) selfAttention MultiheadAttention(8, 2): needs a query",
    );
  });

  test("what stands in another's place", () => {
    const x = T.zeros([2, 5, 8]);
    const layer = new T.MultiheadAttention(8, 2);
    expect(messageOf(() => layer.forward(x, { causal: true } as never))).toBe(
      "DTypeError: MultiheadAttention(8, 2): key must be a tensor, got an object; masks come after the value: (x, x, x, masks)",
    );
    expect(messageOf(() => new T.MultiheadAttention(8, 2, { numHeads: 2 } as never))).toMatch(
      "got numHeads; size and heads are arguments of their own: (size, heads, options)",
    );
    const lstm = new T.LSTM(8, 2);
    const mask = T.ones([2, 5], { dtype: "bool" });
    expect(messageOf(() => lstm.run(x, { mask } as never))).toMatch(
      "got hidden: undefined; options come after the state: run(x, undefined, { mask })",
    );
    expect(messageOf(() => lstm.forward(x, { hidden: x } as never))).toMatch(
      "no such option, got hidden; a state is for run: run(x, { hidden })",
    );
  });

  test("does not speak of a bias where there is none", () => {
    const x = T.zeros([2, 5, 8]);
    const mask = T.ones([5, 5]);
    expect(messageOf(() => new T.MultiheadAttention(8, 2).forward(x, x, x, { mask }))).toMatch(
      /write mask: gt\(mask, 0\)$/,
    );
    expect(messageOf(() => new T.LSTM(8, 2).forward(x, { mask: T.ones([2, 5]) }))).toMatch(
      /where 1 means that there is a step, write mask: gt\(mask, 0\)$/,
    );
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("a scale of %s", (scale) => {
    const x = T.zeros([2, 3]);
    expect(messageOf(() => T.scaledDotProductAttention(x, x, x, { scale }))).toBe(
      `ValueError: scaledDotProductAttention: scale must be finite, got ${scale}; leave it out for 1/√size`,
    );
  });
});

describe("positions", () => {
  test("are sines and cosines of ever longer waves", () => {
    const table = T.sinusoidalPositions(5, 6, { dtype });
    for (let at = 0; at < 5; at++) {
      for (let i = 0; i < 6; i++) {
        const angle = at / 10000 ** ((2 * Math.floor(i / 2)) / 6);
        expect(table.at(at).at(i).item()).toBeCloseTo(i % 2 === 0 ? Math.sin(angle) : Math.cos(angle), 14);
      }
    }
    expect(T.sinusoidalPositions(2, 3).shape).toEqual([2, 3]);
    expect(T.sinusoidalPositions(0, 3).shape).toEqual([0, 3]);
  });

  test("come in the default dtype, and in one of fractions for integers", () => {
    expect(T.sinusoidalPositions(2, 4).dtype).toBe("float32");
    const whole = T.zeros([2, 4], { dtype: "int32" });
    expect(new T.SinusoidalPositions(4).forward(whole).toArray()).toEqual(T.sinusoidalPositions(2, 4).toArray());
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuse a base of %s", (base) => {
    const rest = `base must be positive and finite, got ${base}; leave it out for 10000`;
    expect(messageOf(() => T.sinusoidalPositions(2, 4, { base }))).toBe(`ValueError: sinusoidalPositions: ${rest}`);
    expect(messageOf(() => new T.SinusoidalPositions(4, { base }))).toBe(`ValueError: SinusoidalPositions: ${rest}`);
  });

  test("say how they are made", () => {
    expect(messageOf(() => (T.sinusoidalPositions as (n: number) => T.Tensor)(4))).toMatch(
      "got undefined; write sinusoidalPositions(4, size)",
    );
    expect(messageOf(() => new T.LearnedPositions(4, 2, { std: -1 }))).toBe(
      "ValueError: LearnedPositions: std must be finite and not negative, got -1",
    );
  });

  test("are added, and learned ones get gradients where they were used", () => {
    const layer = new T.LearnedPositions(4, 2, { dtype });
    T.sum(layer.forward(T.zeros([3, 2, 2], { dtype }))).backward();
    expect(layer.weight.grad!.toArray()).toEqual([
      [3, 3],
      [3, 3],
      [0, 0],
      [0, 0],
    ]);
    expect(messageOf(() => layer.forward(T.zeros([5, 2])))).toBe(
      "ShapeError: LearnedPositions(4, 2): a sequence must be of at most 4, got float32[5, 2]",
    );
    expect(new T.SinusoidalPositions(2).forward(T.zeros([1, 2], { dtype })).dtype).toBe(dtype);
  });
});
