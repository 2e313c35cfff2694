import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CellNetwork } from "../../examples/support/cells/network.ts";
import { compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";
import { loadPytorchStateDict, pytorchStateDict } from "../../src/model/index.ts";

// Layers that were trained for 20 steps in PyTorch: see test/fixtures/pytorch/generate.py.

interface Values {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
interface Fixture {
  readonly inputs: Readonly<Record<string, Values>>;
  readonly output: Values;
  readonly losses: readonly number[];
  readonly norms: readonly number[];
  readonly state: Readonly<Record<string, Values>>;
  readonly after: Readonly<Record<string, number>>;
}

const dtype = "float64" as const;
const of = ({ shape, data }: Values): T.Tensor => T.tensor(data, { dtype }).reshape([...shape]);
const read = (name: string): Fixture =>
  JSON.parse(readFileSync(new URL(`../fixtures/pytorch/${name}.json`, import.meta.url), "utf8")) as Fixture;

type Forward = (...inputs: readonly T.Tensor[]) => T.Tensor;

const layer = (options: object) => new T.TransformerEncoderLayer(8, 2, { hidden: 12, dropout: 0, dtype, ...options });
const ways = { layers: 2, bidirectional: true, dtype } as const;
const present = T.tensor([
  [true, true, true, false],
  [true, false, true, true],
]);

const models: Readonly<Record<string, () => [T.Layer, Forward]>> = {
  attention: () => {
    const model = new T.MultiheadAttention(8, 2, { keySize: 6, valueSize: 5, dtype });
    return [model, (q, k, v) => model.forward(q!, k, v, { keyMask: present })];
  },
  encoder: () => {
    const model = new T.Sequential(layer({}), layer({ normFirst: true }), new T.Linear(8, 3, { dtype }));
    return [model, (x) => model.forward(x!)];
  },
  decoder: () => {
    const model = new T.TransformerDecoderLayer(8, 4, { hidden: 12, dropout: 0, activation: "gelu", dtype });
    return [model, (x, memory) => model.forward(x!, memory!, { causal: true })];
  },
  rnn: () => {
    const model = new T.RNN(3, 4, ways);
    return [model, (x) => model.forward(x!)];
  },
  lstm: () => {
    const model = new T.LSTM(3, 4, ways);
    return [model, (x) => model.forward(x!)];
  },
  gru: () => {
    const model = new T.GRU(3, 4, ways);
    return [model, (x) => model.forward(x!)];
  },
  cells: () => {
    T.setDefaultDtype(dtype);
    const model = new CellNetwork([4, 8]);
    T.setDefaultDtype("float32");
    return [model, (x) => model.forward(x!)];
  },
};

const near = (a: readonly number[], b: readonly number[]): void => {
  expect(a.length).toBe(b.length);
  a.forEach((v, i) => expect(Math.abs(v - b[i]!)).toBeLessThan(1e-9 * Math.max(1, Math.abs(b[i]!))));
};

describe.each(Object.keys(models))("%s", (name) => {
  const fixture = read(name);

  test("takes PyTorch's weights by their names, and gives them back", () => {
    const [model, forward] = models[name]!();
    const state = new Map(Object.entries(fixture.state).map(([key, values]) => [key, of(values)]));
    loadPytorchStateDict(model, state);
    expect([...pytorchStateDict(model)].map(([key, x]) => [key, x.shape]).sort()).toEqual(
      [...state].map(([key, x]) => [key, x.shape]).sort(),
    );
    for (const [key, x] of pytorchStateDict(model)) expect(x.toArray()).toEqual(state.get(key)!.toArray());
    const output = forward(...Object.values(fixture.inputs).map(of));
    expect(output.shape).toEqual(fixture.output.shape);
    near([...output.data], fixture.output.data);
  });

  test.each(["eager", "compiled"])("goes with PyTorch for 20 steps, %s", (way) => {
    const [model, forward] = models[name]!();
    loadPytorchStateDict(model, Object.fromEntries(Object.entries(fixture.state).map(([key, v]) => [key, of(v)])));
    const optimizer = new T.Adam(model.parameters(), { lr: 0.01 });
    const step = (...inputs: readonly T.Tensor[]): [T.Tensor, T.Tensor] => {
      optimizer.zeroGrad();
      const output = forward(...inputs);
      const loss = T.mean(T.mul(output, output)).add(T.mean(T.sin(output)));
      loss.backward();
      const norm = T.sqrt(T.sum(T.stack(model.parameters().map(({ grad }) => T.sum(T.mul(grad!, grad!))))));
      optimizer.step();
      return [loss.detach(), norm.detach()];
    };
    const run = way === "eager" ? step : compile(step);
    const inputs = Object.values(fixture.inputs).map(of);
    const rows = fixture.losses.map(() => run(...inputs).map((x) => x.item()));
    near(
      rows.map(([loss]) => loss!),
      fixture.losses,
    );
    near(
      rows.map(([, norm]) => norm!),
      fixture.norms,
    );
    for (const [key, x] of pytorchStateDict(model)) near([T.sum(x).item()], [fixture.after[key]!]);
  });
});
