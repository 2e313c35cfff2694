import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explain, toDot, toMermaid, why } from "../../src/debug/index.ts";
import * as T from "../../src/index.ts";
import { GradError, gradients, mlp, mse, noGrad, relu, sum, type Tensor, tensor, zeros } from "../../src/index.ts";

const leaf = (...values: number[]): Tensor => tensor(values, { dtype: "float64", requiresGrad: true });

/** A loss of a few leaves, drawn. */
const drawn = fc
  .array(fc.tuple(fc.constantFrom("mul", "add", "sub", "tanh", "exp", "sum", "relu"), fc.nat(20), fc.nat(20)), {
    minLength: 1,
    maxLength: 12,
  })
  .map((ops) => {
    const leaves = [leaf(0.5, -1.5), leaf(1.25, 0.75)];
    const values = [...leaves];
    for (const [name, i, j] of ops) {
      const [a, b] = [values[i % values.length]!, values[j % values.length]!];
      const fs: Record<string, () => Tensor> = {
        mul: () => T.mul(a, b),
        add: () => T.add(a, b),
        sub: () => T.sub(a, b),
        tanh: () => T.tanh(a),
        exp: () => T.exp(T.tanh(a)),
        sum: () => T.expand(sum(a), [2]),
        relu: () => relu(a),
      };
      values.push(fs[name]!());
    }
    return { leaves, loss: sum(values.at(-1)!) };
  });

describe("explain", () => {
  test("its gradients are those of gradients(), and each is the sum of what was sent", () => {
    fc.assert(
      fc.property(drawn, ({ leaves, loss }) => {
        const { steps } = explain(loss);
        const wanted = gradients(loss, leaves, { allowUnused: true });
        for (const [i, x] of leaves.entries()) {
          const step = steps.find(({ value }) => value === x);
          expect(step?.gradient.toArray() ?? null).toEqual(wanted[i]?.toArray() ?? null);
        }
        for (const { gradient, received } of steps.slice(1)) {
          const total = received.map(({ value }) => [...value.data]).reduce((a, b) => a.map((v, k) => v + b[k]!));
          total.forEach((v, k) => expect(v).toBeCloseTo([...gradient.data][k]!, 10));
        }
        const names = steps.map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        expect(leaves.map(({ grad }) => grad)).toEqual([null, null]);
      }),
    );
  });

  test("reads as a text: fan-out, a chain, a constant", () => {
    const a = tensor(3, { requiresGrad: true });
    const b = a.add(a);
    const loss = b.mul(b).sub(1);
    expect(String(explain(loss, { names: { a } }))).toBe(
      [
        "sub = sub(mul, 1) = 35",
        "  gradient 1, where the backward pass begins",
        "  → mul: ∂(a − b)/∂a = 1; sends 1",
        "mul = mul(add, add) = 36",
        "  gradient 1, from sub",
        "  → add: ∂(a · b)/∂a = b; sends 6",
        "  → add: ∂(a · b)/∂b = a; sends 6",
        "add = add(a, a) = 6",
        "  gradient 12 = 6 + 6, from mul and mul",
        "  → a: ∂(a + b)/∂a = 1; sends 12",
        "  → a: ∂(a + b)/∂b = 1; sends 12",
        "a = 3",
        "  gradient 24 = 12 + 12, from add and add",
        "  a leaf: backward() adds this gradient to its grad",
      ].join("\n"),
    );
  });

  test("names a model's parameters, and says of other ops that they have rules", () => {
    const model = mlp([2, 3, 2]);
    const text = String(explain(T.crossEntropy(model.forward(zeros([4, 2])), T.randint(0, 2, [4])), { names: model }));
    for (const name of model.namedParameters().keys()) expect(text).toContain(`${name} = `);
    const op: T.Op = {
      name: "own",
      shape: ([x]) => x!.shape,
      forward: (out, [x]) => out.set(x!.values),
      vjp: [({ g }) => g],
    };
    expect(String(explain(sum(T.apply(op, [leaf(1)], undefined))))).toContain("the gradient rule of own");
  });

  test("walks chains of any length, and graphs of gradients", () => {
    let y: Tensor = leaf(1);
    for (let i = 0; i < 20_000; i++) y = y.add(1);
    expect(explain(sum(y)).steps.length).toBe(20_002);
    const x = leaf(2);
    const [g] = gradients(sum(x.mul(x).mul(x)), [x], { createGraph: true });
    expect(
      explain(sum(g))
        .steps.find(({ value }) => value === x)!
        .gradient.toArray(),
    ).toEqual([12]);
  });

  test("refuses what is no loss", () => {
    expect(() => explain(zeros([]))).toThrow(GradError);
    expect(() => explain(zeros([]))).toThrow(
      "explain: the loss must require a gradient, got float32[]; look for detach() and noGrad()",
    );
    expect(() => explain(leaf(1, 2).mul(2))).toThrow(
      "explain: the loss must have one element, got float64[2]; reduce it with mean() or sum()",
    );
    expect(() => explain(3 as never)).toThrow("explain: the loss must be a tensor");
  });
});

describe("why", () => {
  const w = (): Tensor => leaf(0.5, -2);

  test.each<[string, () => [Tensor, Tensor], string]>([
    [
      "fine",
      () => {
        const p = w();
        return [p, sum(p.mul(2))];
      },
      "fine: norm 2.828 over 2 elements, 0 % of them 0",
    ],
    [
      "frozen",
      () => [zeros([2]), sum(w())],
      "frozen: float32[2] does not require a gradient; set requiresGrad to true",
    ],
    [
      "detached",
      () => {
        const p = w();
        return [p, sum(p.detach().add(w()))];
      },
      "detached: the loss was computed from a copy that does not track gradients; look for detach()",
    ],
    [
      "not used",
      () => {
        const p = w();
        return [p, sum(noGrad(() => p.mul(2)).add(w()))];
      },
      "not used: the loss does not depend on this tensor; the graph of the loss ends at the constants float64[2], one of which may have been computed in noGrad()",
    ],
    ["not used", () => [w(), sum(w())], "not used: the loss does not depend on this tensor"],
    [
      "not a leaf",
      () => {
        const p = w().mul(3);
        return [p, sum(p)];
      },
      "not a leaf: norm 1.414 over 2 elements, 0 % of them 0; it is not a leaf: call retainGrad() to keep it in grad",
    ],
    [
      "dead units",
      () => {
        const p = w();
        return [p, sum(relu(p.sub(5)).mul(2))];
      },
      "dead units: relu passes nothing back, since 100 % of its inputs are 0 or below",
    ],
    [
      "saturated",
      () => {
        const p = w();
        return [p, sum(T.tanh(p.mul(1000)))];
      },
      "saturated: tanh is flat where its inputs are, from -2000 to 500",
    ],
    [
      "saturated",
      () => {
        const p = w();
        return [p, sum(T.sigmoid(p.mul(2000)))];
      },
      "saturated: sigmoid is flat where its inputs are, from -4000 to 1000",
    ],
    [
      "times zero",
      () => {
        const p = w();
        return [p, sum(p.add(1).mul(tensor([0, 0], { dtype: "float64" })))];
      },
      "times zero: in mul, the other factor is 0 (100 % of float64[2])",
    ],
    [
      "zero",
      () => {
        const p = w();
        return [p, sum(T.where(tensor([false, false]), p, 0).add(w()))];
      },
      "zero: the gradient rule of where gives 0 here",
    ],
    [
      "not finite",
      () => {
        const p = leaf(0, 1);
        return [p, sum(T.sqrt(p).mul(3))];
      },
      "not finite: the gradient rule of sqrt turned a finite gradient into ∞; detectAnomaly finds the line",
    ],
  ])("%s: %#", (reason, make, text) => {
    const [p, loss] = make();
    const report = why(p, loss);
    expect(report.reason).toBe(reason);
    expect(String(report)).toContain(text);
    const [gradient] = p.requiresGrad ? gradients(loss, [p], { allowUnused: true }) : [null];
    expect(report.gradient?.toArray() ?? null).toEqual(gradient?.toArray() ?? null);
    expect(p.grad).toBeNull();
  });

  test("finds dead channels of a convolution, whose other channels learn", () => {
    T.manualSeed(1);
    const conv = new T.Conv2d(1, 7, 3);
    conv.bias!.assign([0, -100, 0, 0, 0, -100, 0]);
    const model = new T.Sequential(conv, relu, new T.MaxPool2d(2), new T.Flatten(), new T.Linear(63, 1));
    const loss = sum(model.forward(T.randn([2, 1, 8, 8])));
    const report = why(conv.weight, loss);
    expect(report.reason).toBe("fine");
    expect(String(report)).toMatch(/over 63 elements, 28\.57 % of them 0 \(all of rows 1, 5, of 7\)$/);
    conv.bias!.assign(T.full([7], -100));
    expect(why(conv.weight, sum(model.forward(T.randn([2, 1, 8, 8]))))).toMatchObject({
      reason: "dead units",
      op: "relu",
    });
    expect(String(why(conv.weight, loss))).toContain("(all of rows 1, 5, of 7)");
  });

  test("names at most five of the rows that nothing comes to", () => {
    const weight = T.ones([9, 2]);
    weight.requiresGrad = true;
    const factors = zeros([9, 1]);
    factors.assign([[0], [0], [0], [0], [0], [0], [0], [1], [0]]);
    expect(String(why(weight, sum(weight.mul(factors))))).toContain("(all of rows 0, 1, 2, 3, 4 and 3 more, of 9)");
  });

  test("says that NaN was there in the forward pass, and which result had it first", () => {
    const model = new T.Sequential(
      new T.Conv2d(1, 2, 3),
      relu,
      new T.Conv2d(2, 2, 3),
      new T.Flatten(),
      new T.Linear(32, 1),
    );
    const loss = () => sum(model.forward(T.randn([1, 1, 8, 8])));
    const [first, , second] = model.parameters();
    second!.assign(T.full(second!.shape, Number.NaN));
    const ofWeight = why(first!, loss());
    expect(ofWeight).toMatchObject({ reason: "not finite", op: null });
    expect(String(ofWeight)).toBe(
      "not finite: float32[2, 2, 3, 3], which the loss depends on, has NaN in the forward pass already; detectAnomaly finds the line",
    );
    second!.assign(T.ones(second!.shape));
    const w = leaf(1);
    const ofResult = why(w, sum(T.log(w.sub(2)).mul(w)));
    expect(ofResult).toMatchObject({ reason: "not finite", op: "log" });
    expect(String(ofResult)).toContain("the result of log has NaN in the forward pass already");
  });

  test("finds a dead layer deep in a model", () => {
    const model = mlp([2, 4, 4, 1]);
    model.parameters()[1]!.assign(T.full([4], -100));
    const loss = mse(model.forward(T.randn([8, 2])), zeros([8, 1]));
    expect(why(model.parameters()[0]!, loss)).toMatchObject({ reason: "dead units", op: "relu" });
    expect(why(model.parameters().at(-1)!, loss).reason).toBe("fine");
  });
});

describe("graphs", () => {
  const loss = (): [Tensor, Tensor] => {
    const p = tensor(3, { requiresGrad: true });
    return [p, p.mul(p).add(1)];
  };

  test("in the language of Graphviz", () => {
    const [p, y] = loss();
    expect(toDot(y, { names: { 'a "w"': p } })).toBe(
      [
        "digraph {",
        "  rankdir=BT",
        '  n0 [label="a \\"w\\"\\nfloat32[]", shape=box, style=bold]',
        '  n1 [label="constant\\nfloat32[]", shape=box, style=dashed]',
        '  n2 [label="mul\\nfloat32[]", shape=ellipse]',
        '  n3 [label="add\\nfloat32[]", shape=ellipse]',
        "  n0 -> n2",
        "  n0 -> n2",
        "  n2 -> n3",
        "  n1 -> n3",
        "}",
      ].join("\n"),
    );
  });

  test("in the language of Mermaid, with values and gradients", () => {
    const [p, y] = loss();
    y.backward();
    expect(toMermaid(y, { names: { "<w>": p }, values: true })).toBe(
      [
        "flowchart BT",
        '  n0["&lt;w><br>float32[]<br>3<br>grad 6"]',
        '  n1[/"constant<br>float32[]<br>1"/]',
        '  n2(["mul<br>float32[]<br>9"])',
        '  n3(["add<br>float32[]<br>10"])',
        "  n0 --> n2",
        "  n0 --> n2",
        "  n2 --> n3",
        "  n1 --> n3",
      ].join("\n"),
    );
  });

  test("leave out what is beyond the limit, and say so", () => {
    let y: Tensor = leaf(1);
    for (let i = 0; i < 1000; i++) y = y.mul(2);
    const text = toDot(y, { limit: 10 });
    expect(text.match(/label=/g)!.length).toBe(11);
    expect(text).toMatch(/\d+ more edges lead to nodes that were left out/);
    expect(() => toDot(y, { limit: 0 })).toThrow("toDot: limit must be a whole number, 1 or more, got 0");
    expect(() => toMermaid(3 as never)).toThrow("toMermaid: the root must be a tensor");
  });
});
