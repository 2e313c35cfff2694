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

/** PyTorch's state, in which counts of batches are integers. */
const stateOf = ({ state }: Fixture): Map<string, T.Tensor> =>
  new Map(
    Object.entries(state).map(([key, values]) => {
      return [key, key.endsWith("num_batches_tracked") ? of(values).to("int32") : of(values)];
    }),
  );

type Forward = (...inputs: readonly T.Tensor[]) => T.Tensor;

const layer = (options: object) => new T.TransformerEncoderLayer(8, 2, { hidden: 12, dropout: 0, dtype, ...options });
const ways = { layers: 2, bidirectional: true, dtype } as const;
const present = T.tensor([
  [true, true, true, false],
  [true, false, true, true],
]);

/** Convolutions down and up again, beside which the image's own go around. */
class UNet extends T.Layer {
  readonly encoder = new T.Sequential(
    new T.Conv2d(2, 3, 3, { padding: 1, bias: false, dtype }),
    new T.BatchNorm2d(3, { dtype }),
    T.relu,
  );
  readonly down = new T.Conv2d(3, 4, 2, { stride: 2, dtype });
  readonly bottom = new T.Sequential(
    new T.Conv2d(4, 4, 3, { padding: 2, dilation: 2, groups: 2, paddingMode: "reflect", dtype }),
    new T.InstanceNorm2d(4, { affine: true, tracksStatistics: true, dtype }),
    T.relu,
  );
  readonly up = new T.ConvTranspose2d(4, 3, 2, { stride: 2, dtype });
  readonly decoder = new T.Sequential(
    new T.Conv2d(6, 4, 3, { padding: 1, dtype }),
    new T.GroupNorm(2, 4, { dtype }),
    T.relu,
  );
  readonly head = new T.Conv2d(4, 2, 1, { dtype });

  override forward(x: T.Tensor): T.Tensor {
    const beside = this.encoder.forward(x);
    const up = this.up.forward(this.bottom.forward(this.down.forward(beside)));
    return this.head.forward(this.decoder.forward(T.cat([beside, up], 1)));
  }
}

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
  resnet: () => {
    const model = new T.Sequential(
      new T.Conv2d(1, 4, 3, { padding: 1, bias: false, dtype }),
      new T.BatchNorm2d(4, { momentum: 0.3, dtype }),
      T.relu,
      T.identityBlock(4, { width: 2, dtype }),
      T.projectionBlock(4, 6, { width: 3, dtype }),
      (x) => T.mean(x, [2, 3]),
      new T.Flatten(),
      new T.Linear(6, 3, { dtype }),
    );
    return [model, (x) => model.forward(x!)];
  },
  unet: () => {
    const model = new UNet();
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
    const state = stateOf(fixture);
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
    loadPytorchStateDict(model, stateOf(fixture));
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
    for (const [key, x] of pytorchStateDict(model)) {
      if (key === "bottom.1.num_batches_tracked") continue; // instance normalization does not count over there
      near([T.sum(x).item()], [fixture.after[key]!]);
    }
  });
});
