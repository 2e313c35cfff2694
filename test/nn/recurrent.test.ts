import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import { assertGradcheck, assertGradgradcheck } from "../../src/gradcheck/index.ts";
import * as T from "../../src/index.ts";
import { messageOf } from "../support/refusals.ts";

const dtype = "float64" as const;
const drawn = (shape: number[], seed: number): T.Tensor =>
  T.randn(shape, { dtype, generator: new T.Generator(seed), requiresGrad: true });
const bools = (values: T.NestedArray): T.Tensor => T.tensor(values, { dtype: "bool" });
const kinds = { RNN: T.RNN, LSTM: T.LSTM, GRU: T.GRU };

describe.each(Object.entries(kinds))("%s", (_, Kind) => {
  const make = (options: object = {}, hidden = 4) =>
    new Kind(3, hidden, { layers: 2, bidirectional: true, dtype, generator: new T.Generator(1), ...options });
  const x = drawn([2, 5, 3], 1);

  test("a part after the other is the whole", () => {
    const layer = make({ bidirectional: false });
    const whole = layer.run(x);
    const first = layer.run(x.slice(null, [0, 2]));
    const second = layer.run(x.slice(null, [2, 5]), first.state);
    expect(T.cat([first.output, second.output], 1).toArray()).toEqual(whole.output.toArray());
    expect(second.state.hidden.toArray()).toEqual(whole.state.hidden.toArray());
    expect(second.state.cell?.toArray()).toEqual(whole.state.cell?.toArray());
  });

  test("what is masked is as if it were not there, from both ends", () => {
    const layer = make();
    const mask = bools([
      [1, 1, 1, 0, 0],
      [1, 1, 1, 1, 1],
    ]);
    const { output, state } = layer.run(x, undefined, { mask });
    const alone = layer.run(x.slice([0, 1], [0, 3]));
    const near = (a: T.Tensor, b: T.Tensor) => T.sub(a, b).data.forEach((d) => expect(Math.abs(d)).toBeLessThan(1e-14));
    near(output.slice([0, 1], [0, 3]), alone.output);
    expect(output.slice(0, [3, 5]).toArray()).toEqual(T.zeros([2, 8]).toArray());
    near(state.hidden.slice(null, [0, 1]), alone.state.hidden);
    near(output.at(1), layer.forward(x).at(1));
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])(
    "what is masked may be %s: gradients are as if it were 0",
    (junk) => {
      const mask = bools([
        [1, 0, 1, 0, 0],
        [1, 1, 1, 1, 0],
      ]);
      const layer = make({}, 2);
      const [clean, dirty] = [0, junk].map((fill) => T.where(mask.unsqueeze(-1), x.detach(), fill));
      const slopes = (z: T.Tensor) => {
        const { output, state } = layer.run(z, undefined, { mask });
        const parts = [output, state.hidden, ...(state.cell ? [state.cell] : [])];
        const loss = parts.map((part) => part.tanh().sum()).reduce((a, b) => a.add(b));
        return T.gradients(loss, layer.parameters());
      };
      const numbersOf = (all: readonly T.Tensor[]) => all.flatMap(({ data }) => [...data]);
      const wanted = numbersOf(slopes(clean!));
      expect(wanted.every((n) => Number.isFinite(n))).toBe(true);
      expect(numbersOf(slopes(dirty!))).toEqual(wanted);
      const compiled = numbersOf(compile(slopes)(dirty!));
      expect(compiled.every((n, i) => Math.abs(n - wanted[i]!) < 1e-12)).toBe(true);
      const leaf = dirty!.detach();
      leaf.requiresGrad = true;
      layer.forward(leaf, { mask }).sum().backward();
      expect(numbersOf([leaf.grad!]).every((n) => Number.isFinite(n))).toBe(true);
    },
  );

  test("a mask broadcasts", () => {
    const layer = make();
    const same = (mask: T.Tensor, as: number[][]) => {
      expect(layer.forward(x, { mask }).toArray()).toEqual(layer.forward(x, { mask: bools(as) }).toArray());
    };
    const row = [1, 1, 1, 0, 0];
    same(bools(row), [row, row]);
    same(bools([row]), [row, row]);
    same(bools([[1], [0]]), [new Array<number>(5).fill(1), new Array<number>(5).fill(0)]);
    const one = x.at(0);
    expect(layer.forward(one, { mask: bools([1]) }).toArray()).toEqual(layer.forward(one).toArray());
  });

  test("one sequence is a batch of one", () => {
    const layer = make();
    const [one, mask] = [x.detach().at(0), bools([1, 1, 1, 1, 0])];
    const wide = layer.run(one.unsqueeze(0), undefined, { mask: mask.unsqueeze(0) });
    const { output, state } = layer.run(one, undefined, { mask });
    expect([output.toArray(), state.hidden.shape]).toEqual([wide.output.at(0).toArray(), [4, 4]]);
    expect(layer.run(one, state).output.toArray()).toEqual(
      layer.run(one.unsqueeze(0), wide.state).output.at(0).toArray(),
    );
  });

  test("has right gradients, to second order, eager and compiled alike", () => {
    const layer = make({}, 2); // a third of the parameters: each entry of each is checked
    const mask = bools([
      [1, 1, 0],
      [1, 1, 1],
    ]);
    const short = drawn([2, 3, 3], 2);
    const f = (v: T.Tensor) => layer.forward(v, { mask });
    assertGradcheck(f, [short]);
    assertGradgradcheck(f, [short]);
    assertGradcheck(() => f(short.detach()), layer.parameters());
    const g = compile(f);
    const [a, b] = [f, g].map((fn) => {
      short.grad = null;
      T.sum(T.mul(fn(short), fn(short))).backward();
      return [...short.grad!.data];
    });
    a!.forEach((v, i) => expect(v).toBeCloseTo(b![i]!, 12));
  });

  test("its cells are the steps", () => {
    const layer = make({ layers: 1, bidirectional: false });
    let state: T.RecurrentState | undefined;
    for (let i = 0; i < 5; i++) state = layer.cells[0]!.run(x.slice(null, i), state);
    const near = layer.run(x).state.hidden.at(0);
    T.sub(state!.hidden, near).data.forEach((d) => expect(Math.abs(d)).toBeLessThan(1e-14));
  });

  test("drops between layers, in training only", () => {
    const layer = make({ dropout: 0.5 });
    const [a, b] = [layer.forward(x).toArray(), layer.eval().forward(x).toArray()];
    expect(a).not.toEqual(b);
    expect(layer.forward(x).toArray()).toEqual(b);
  });

  test("empty sequences and batches are none", () => {
    const layer = make();
    expect(layer.forward(T.zeros([2, 0, 3], { dtype })).shape).toEqual([2, 0, 8]);
    expect(layer.forward(T.zeros([0, 5, 3], { dtype })).shape).toEqual([0, 5, 8]);
    expect(layer.run(T.zeros([2, 0, 3], { dtype })).state.hidden.toArray()).toEqual(T.zeros([4, 2, 4]).toArray());
  });

  test.each<[() => unknown, string]>([
    [() => make().forward(T.zeros([3])), "x must be [batch, length, 3], got float32[3]; a single step is for a cell"],
    [() => make().forward(x, { mask: T.ones([2, 5]) }), "the mask must be bool, got float32[2, 5]"],
    [() => make().forward(x, { mask: bools([1, 0]) }), "the mask must broadcast to [2, 5], got bool[2]"],
    [() => make().run(x, T.zeros([4, 2, 4]) as never), "a state must be { hidden"],
    [() => make().run(x, { hidden: T.zeros([4, 2, 4]), memory: x } as never), "a state must be { hidden"],
    [() => make().run(x, { state: make().run(x).state } as never), "pass its state alone: run(x, before.state)"],
    [() => make().forward(x, drawn([4, 2, 4], 1) as never), "with a state, write run(x, { hidden"],
    [() => make().forward(x, [drawn([4, 2, 4], 1)] as never), "options come after x, got an array; with a state"],
    [() => make().forward(x, bools([1]) as never), "write { mask: … }"],
    [() => make({ layers: 0 }), "layers must be a whole number, 1 or more, got 0"],
    [() => make({ numLayers: 2 }), "there is no such option, got numLayers; did you mean layers?"],
    [() => make({ batchFirst: true }), "the batch is always the first axis"],
    [() => make({ dropout: -1 }), "dropout must be a probability from 0 to 1, got -1"],
  ])("refuses what does not fit %#", (call, message) => {
    expect(messageOf(call)).toContain(message);
  });
});

test("a state of another shape is refused before anything is computed", () => {
  const cell = new T.LSTMCell(3, 4);
  const state = { hidden: T.zeros([2, 4]), cell: T.zeros([1, 4]) };
  expect(messageOf(() => cell.run(T.zeros([2, 3]), state))).toBe(
    "ShapeError: LSTMCell(3, 4): the state's cell must be [2, 4], got float32[1, 4]",
  );
  expect(messageOf(() => cell.run(T.zeros([2, 5, 3])))).toContain("a whole sequence is for the layer");
  expect(messageOf(() => cell.run(T.zeros([2, 3]), { hidden: T.zeros([2, 4]) }))).toContain(
    "a state must be { hidden, cell }, got cell: undefined",
  );
});

describe("forward's result is no tuple, as PyTorch's is", () => {
  const [batch, row] = [T.zeros([2, 5, 3]), T.zeros([2, 3])];
  const refusalOf = (x: T.Tensor) => messageOf(() => [...x]);

  test.each(Object.entries(kinds))("of %s", (_, Kind) => {
    const layer = new Kind(3, 4);
    expect(refusalOf(layer.forward(batch))).toBe(
      `ValueError: ${layer.describe()}: forward returns one tensor, and no list to take apart, got float32[2, 5, 4]; write const { output, state } = layer.run(x); samples are output.at(0) and so on`,
    );
    expect(refusalOf(layer.forward(batch.at(0)))).toContain("got float32[5, 4]; write const { output, state }");
    expect([...layer.run(batch).output].length).toBe(2);
    expect(() => new Kind(3, 0)).toThrow("hiddenSize must be a whole number, 1 or more, got 0");
    expect([...layer.forward(batch).mul(2)].length).toBe(2);
  });

  test("nor a record", () => {
    const outputs: [T.Tensor, (string | number)[]][] = [
      [new T.LSTM(3, 4).forward(batch), ["output", "state", 0, 1]],
      [new T.LSTMCell(3, 4).forward(row), ["hidden", "cell", "state", 0, 1]],
      [new T.MultiheadAttention(4, 2).forward(T.zeros([2, 5, 4])), ["output", "weights", 0, 1]],
    ];
    for (const [output, names] of outputs) {
      for (const name of names) {
        const read = () => output[name as keyof T.Tensor];
        expect(messageOf(read)).toBe(
          `ValueError: ${name}: there is no such property; write layer.run(x), since forward returns one tensor`,
        );
      }
    }
  });

  test("of cells: of an LSTM's alone, since the others give one tensor in PyTorch, too", () => {
    expect(refusalOf(new T.LSTMCell(3, 4).forward(row))).toContain(
      "write const { hidden, cell } = layer.run(x, state)",
    );
    expect([...new T.GRUCell(3, 4).forward(row)].length).toBe(2);
  });

  test("but else a tensor as any other", () => {
    const layer = new T.LSTM(3, 4);
    const output = layer.forward(batch);
    expect(Object.keys(output)).toEqual(Object.keys(layer.run(batch).output));
    expect(compile((x: T.Tensor) => layer.forward(x))(batch).shape).toEqual([2, 5, 4]);
  });
});
