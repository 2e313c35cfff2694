import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import { residuals } from "../../src/debug/index.ts";
import * as T from "../../src/index.ts";
import {
  Generator,
  Layer,
  Linear,
  linear,
  manualSeed,
  matmul,
  mse,
  relu,
  Sequential,
  SGD,
  sum,
  type Tensor,
  tanh,
  tensor,
  ValueError,
  zeros,
} from "../../src/index.ts";
import { fit, TensorDataset } from "../../src/train/index.ts";

const dtype = "float64";
const draw = (shape: readonly number[], seed = 1): Tensor => T.randn(shape, { dtype, generator: new Generator(seed) });
const parameter = (shape: readonly number[], seed: number): Tensor => {
  const x = draw(shape, seed);
  x.requiresGrad = true;
  return x;
};

/** A layer that applies its activation itself; how it computes its weighted sum is the case's matter. */
class Dense extends Layer {
  weight: Tensor;
  bias = parameter([2], 8);
  readonly #sum: (layer: Dense, x: Tensor) => Tensor;
  readonly #activation: (z: Tensor) => Tensor;

  constructor(shape: readonly number[], sumOf: (layer: Dense, x: Tensor) => Tensor, activation = tanh) {
    super();
    this.weight = parameter(shape, 7);
    this.#sum = sumOf;
    this.#activation = activation;
  }
  z(x: Tensor): Tensor {
    return this.#sum(this, x);
  }
  head(z: Tensor): Tensor {
    return this.#activation(z);
  }
  override forward(x: Tensor): Tensor {
    return this.head(this.z(x));
  }
}

/** ∂f/∂z by central differences. */
function differences(f: (z: Tensor) => Tensor, z: Tensor): number[] {
  const h = 1e-5;
  return Array.from(z.data, (_, i) => {
    const moved = (by: number): number => {
      const values = z.data;
      values[i]! += by;
      return f(tensor(values, { dtype }).reshape(z.shape)).item();
    };
    return (moved(h) - moved(-h)) / (2 * h);
  });
}

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe("residuals", () => {
  const sums: [string, readonly number[], (layer: Dense, x: Tensor) => Tensor][] = [
    ["linear", [2, 3], ({ weight, bias }, x) => linear(x, weight, bias)],
    ["linear without a bias", [2, 3], ({ weight }, x) => linear(x, weight)],
    ["matmul and add", [3, 2], ({ weight, bias }, x) => x.matmul(weight).add(bias)],
    ["the bias first", [3, 2], ({ weight, bias }, x) => T.add(bias, matmul(x, weight))],
    ["a bias that is subtracted", [3, 2], ({ weight, bias }, x) => x.matmul(weight).sub(bias)],
    ["a transposed weight", [2, 3], ({ weight, bias }, x) => matmul(x, T.transpose(weight)).add(bias)],
    ["columns of samples", [2, 3], ({ weight, bias }, x) => weight.matmul(T.transpose(x)).add(bias.reshape([2, 1]))],
    ["einsum", [2, 3], ({ weight, bias }, x) => T.einsum("ni,oi->no", x, weight).add(bias)],
    ["products, summed", [2, 3], ({ weight, bias }, x) => x.reshape([4, 1, 3]).mul(weight).sum(2).add(bias)],
    ["a scaled weight", [2, 3], ({ weight, bias }, x) => linear(x, weight.mul(0.5), bias)],
    ["a normalized weight", [2, 3], ({ weight, bias }, x) => linear(x, weight.div(T.norm(weight)), bias)],
    [
      "a masked weight",
      [2, 3],
      ({ weight, bias }, x) =>
        linear(
          x,
          weight.mul(
            tensor(
              [
                [1, 0, 1],
                [0, 1, 1],
              ],
              { dtype },
            ),
          ),
          bias,
        ),
    ],
    [
      "a factored weight",
      [3, 2],
      ({ weight, bias }, x) =>
        x
          .matmul(weight)
          .matmul(T.stack([bias, bias]))
          .add(bias),
    ],
    ["two inputs, added", [3, 2], ({ weight, bias }, x) => x.matmul(weight).add(x.mul(x).matmul(weight)).add(bias)],
    ["two inputs, subtracted", [2, 3], ({ weight }, x) => linear(x, weight).sub(linear(x.mul(x), weight))],
    [
      "two inputs, one transposed",
      [2, 3],
      ({ weight }, x) => T.transpose(weight.matmul(T.transpose(x))).add(linear(x.mul(x), weight)),
    ],
    [
      "two inputs, one in another dtype",
      [2, 3],
      ({ weight }, x) =>
        linear(x.to("float32"), weight.to("float32"))
          .to(dtype)
          .add(linear(x.mul(x), weight)),
    ],
    ["another shape", [3, 2], ({ weight, bias }, x) => x.reshape([2, 2, 3]).matmul(weight).add(bias).reshape([4, 2])],
    ["a scalar weight", [], ({ weight, bias }, x) => weight.mul(x).add(bias.sum())],
  ];
  test.each(sums)(
    "of a layer with an activation inside are ∂loss/∂z, as finite differences say: %s",
    (_, shape, sumOf) => {
      for (const activation of [tanh, T.silu, T.gelu, relu, (z: Tensor) => T.prelu(z, tensor([0.1], { dtype }))]) {
        const layer = new Dense(shape, sumOf, activation);
        const x = draw([4, 3], 2);
        const lossOf = (a: Tensor): Tensor => T.mean(T.exp(a.mul(0.3)));
        const [row] = residuals(layer, () => lossOf(layer.forward(x))).rows;
        const wanted = differences((z) => lossOf(layer.head(z)), layer.z(x).detach());
        expect(row!.of).toBe("z");
        expect(row!.residual!.norm).toBeCloseTo(Math.hypot(...wanted), 8);
        expect(row!.residual!.mean).toBeCloseTo(meanOf(wanted), 8);
        expect(row!.residual!.least).toBeCloseTo(Math.min(...wanted), 8);
        expect(row!.residual!.most).toBeCloseTo(Math.max(...wanted), 8);
      }
    },
  );

  /** Layers, what they are given, and what their residual is the derivative with respect to. */
  const layers: [string, Layer, Tensor[], "z" | "output"][] = [
    ["Linear", new Linear(3, 2, { dtype }), [draw([4, 3])], "z"],
    ["Bilinear", new T.Bilinear(3, 2, 5, { dtype }), [draw([4, 3]), draw([4, 2])], "z"],
    ["Embedding", new T.Embedding(5, 3, { dtype }), [tensor([1, 4], { dtype: "int32" })], "output"],
    ["LayerNorm", new T.LayerNorm(3, { dtype }), [draw([4, 3])], "output"],
    ["RMSNorm", new T.RMSNorm(3, { dtype }), [draw([4, 3])], "output"],
    ["GroupNorm", new T.GroupNorm(1, 3, { dtype }), [draw([4, 3])], "output"],
    ["BatchNorm1d", new T.BatchNorm1d(3, { dtype }), [draw([4, 3])], "output"],
    ["BatchNorm2d", new T.BatchNorm2d(3, { dtype }), [draw([2, 3, 2, 2])], "output"],
    ["BatchNorm1d of one feature", new T.BatchNorm1d(1, { dtype }), [draw([4, 1])], "output"],
    ["PReLU", new T.PReLU(1, { dtype }), [draw([4, 3])], "output"],
    ["a skip connection", new T.Residual(new Linear(3, 3, { dtype })), [parameter([4, 3], 1)], "output"],
    ["Sequential", new Sequential(new Linear(3, 2, { dtype }), tanh), [draw([4, 3])], "output"],
    ["Parallel", new T.Parallel([new Linear(3, 2, { dtype }), tanh]), [draw([4, 3])], "output"],
    ["Identity", new T.Identity(), [parameter([4, 3], 1)], "output"],
    ["Flatten", new T.Flatten(), [parameter([4, 3], 1)], "output"],
    ["an activation", new T.Lambda(tanh), [parameter([4, 3], 1)], "output"],
    [
      "two products in a row",
      new Dense([3, 3], ({ weight }, x) => linear(tanh(linear(x, weight)), weight)),
      [draw([4, 3])],
      "output",
    ],
    [
      "attention",
      new Dense([3, 3], ({ weight }, x) =>
        T.softmax(linear(x, weight).matmul(T.transpose(x)), 1).matmul(linear(x, weight)),
      ),
      [draw([4, 3])],
      "output",
    ],
    [
      "a learned scale",
      new Dense(
        [3],
        ({ weight }, x) => tanh(x).mul(weight),
        (a) => a,
      ),
      [draw([4, 3])],
      "output",
    ],
    [
      "a learned share of a skip",
      new Dense([], ({ weight }, x) => x.add(tanh(x).mul(weight))),
      [draw([4, 3])],
      "output",
    ],
  ];
  test.each(layers)("say what they are the derivative with respect to: %s", (_, layer, inputs, of) => {
    let output: Tensor | undefined;
    const table = residuals(layer, () => {
      output = (layer.forward as (...xs: Tensor[]) => Tensor)(...inputs);
      return T.mean(T.exp(output));
    });
    const row = table.rows.at(-1)!;
    expect(row.of).toBe(of);
    expect(String(table).split("\n").at(-1)).toMatch(new RegExp(` ${of} `));
    // None of these has an activation after its weighted sum, so that both are ∂loss/∂(its output): e^y / n for the mean of e^y.
    const wanted = Array.from(output!.data, (v) => Math.exp(v) / output!.size);
    expect(row.residual!.norm).toBeCloseTo(Math.hypot(...wanted), 10);
    expect(row.residual!.mean).toBeCloseTo(meanOf(wanted), 10);
  });

  test("find one weighted sum beside a skip, a learned scale and a learned slope", () => {
    class Block extends Layer {
      weight = parameter([3, 3], 1);
      bias = parameter([3], 2);
      scale = parameter([3], 3);
      slope = parameter([1], 4);
      override forward(x: Tensor): Tensor {
        return x.add(T.prelu(linear(x, this.weight, this.bias), this.slope).mul(this.scale));
      }
    }
    const block = new Block();
    const x = parameter([4, 3], 5);
    const [row] = residuals(block, () => T.mean(T.exp(block.forward(x)))).rows;
    const head = (z: Tensor): Tensor => T.mean(T.exp(x.add(T.prelu(z, block.slope).mul(block.scale))));
    const wanted = differences(head, linear(x, block.weight, block.bias).detach());
    expect(row!.of).toBe("z");
    expect(row!.residual!.norm).toBeCloseTo(Math.hypot(...wanted), 8);
  });

  test.each<[string, (x: Tensor, h: Tensor, cell: Layer) => Tensor]>([
    ["a tensor", (x, h, cell) => (cell.forward as (x: Tensor, h: Tensor) => Tensor)(x, h)],
    ["an object", (x, h, cell) => (cell.forward as (x: Tensor, h: { h: Tensor }) => Tensor)(x, { h })],
    ["an array", (x, h, cell) => (cell.forward as (x: Tensor, h: Tensor[]) => Tensor)(x, [h])],
  ])("of a cell that is called again with its own state, given as %s, are those of each call", (_, call) => {
    class Cell extends Layer {
      weight = parameter([2, 3], 1);
      recurrent = parameter([2, 2], 2);
      bias = parameter([2], 3);
      sums: Tensor[] = [];
      override forward(x: Tensor, state: never = zeros([1, 2], { dtype }) as never): Tensor {
        const given = state as Tensor | { h: Tensor } | Tensor[];
        const h = Array.isArray(given) ? given[0]! : "h" in given ? given.h : given;
        const z = linear(x, this.weight).add(linear(h, this.recurrent)).add(this.bias);
        this.sums.push(z.retainGrad());
        return tanh(z);
      }
    }
    const cell = new Cell();
    const lossOf = (): Tensor => {
      cell.sums.length = 0;
      let h = cell.forward(draw([1, 3], 1));
      for (let i = 2; i < 5; i++) h = call(draw([1, 3], i), h, cell);
      return sum(h.mul(h));
    };
    const { rows } = residuals(cell, lossOf);
    lossOf().backward();
    expect(rows.map(({ of }) => of)).toEqual(["z", "z", "z", "z"]);
    cell.sums.forEach((z, i) => expect(rows[i]!.residual!.norm).toBeCloseTo(Math.hypot(...z.grad!.data), 12));
  });

  test("are what backpropagation by hand gives, and what fit records, eager and compiled", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 5 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(1000),
        fc.boolean(),
        async (sizes, count, seed, isCompiled) => {
          // Layers with their activation inside, and the same network of layers without one.
          class Tanh extends Linear {
            override forward(x: Tensor): Tensor {
              return tanh(super.forward(x));
            }
          }
          manualSeed(seed);
          const dense = sizes.slice(1).map((size, i) => new Tanh(sizes[i]!, size, { dtype }));
          const model = new Sequential(...dense);
          const apart = new Sequential(
            ...dense.flatMap((layer) => {
              const plain = new Linear(1, 1, { dtype });
              [plain.weight, plain.bias] = [layer.weight, layer.bias];
              return [plain, tanh];
            }),
          );
          const [x, y] = [draw([count, sizes[0]!], seed), draw([count, sizes.at(-1)!], seed + 1)];

          // δ of the last layer: (2 / n) (a − y) ⊙ (1 − a²); of the others: δ W ⊙ (1 − a²), with a sample in each row.
          const activations: Tensor[] = [];
          for (const layer of dense) activations.push(layer.forward(activations.at(-1) ?? x));
          const slopes = activations.map((a) => T.sub(1, a.mul(a)));
          let delta = activations
            .at(-1)!
            .sub(y)
            .mul(2 / y.size)
            .mul(slopes.at(-1)!);
          const deltas = [delta];
          for (let l = dense.length - 2; l >= 0; l--) {
            delta = matmul(delta, dense[l + 1]!.weight).mul(slopes[l]!);
            deltas.unshift(delta);
          }
          const wanted = deltas.map((d) => Math.hypot(...d.data));

          const measured = residuals(model, () => mse(model.forward(x), y)).rows.slice(0, -1);
          expect(measured.map(({ of }) => of)).toEqual(dense.map(() => "z"));
          measured.forEach(({ residual }, l) => expect(residual!.norm).toBeCloseTo(wanted[l]!, 10));
          const outside = residuals(apart, () => mse(apart.forward(x), y)).rows.filter(({ of }) => of === "z");
          outside.forEach(({ residual }, l) => expect(residual!.norm).toBeCloseTo(wanted[l]!, 10));

          const history = await fit(model, new TensorDataset(x, y), {
            loss: mse,
            optimizer: new SGD(model.parameters(), { lr: 0 }),
            batchSize: count,
            shuffle: false,
            ...(isCompiled && { compile }),
          });
          const names = dense.map((layer, l) => `layers.${l}: ${layer.describe()}`);
          expect([...history.residuals.keys()].sort()).toEqual(names);
          names.forEach((name, l) => expect(history.residuals.get(name)![0]).toBeCloseTo(wanted[l]!, 10));
        },
      ),
      { numRuns: 40 },
    );
  });

  test("are recorded by fit for a layer that keeps its tensors in an array, and named where they are of the output", async () => {
    class Listed extends Layer {
      tensors = [parameter([2, 3], 1), parameter([2], 2)];
      override forward(x: Tensor): Tensor {
        return tanh(linear(x, this.tensors[0]!, this.tensors[1]!));
      }
    }
    const model = new Sequential(new T.LayerNorm(3, { dtype }), new Listed());
    const [x, y] = [draw([4, 3], 1), draw([4, 2], 2)];
    const { rows } = residuals(model, () => mse(model.forward(x), y));
    const optimizer = new SGD(model.parameters(), { lr: 0 });
    const history = await fit(model, new TensorDataset(x, y), { loss: mse, optimizer, shuffle: false });
    const norms = Object.entries(history.epochs[0]!.residuals).sort();
    expect(norms.map(([name]) => name)).toEqual(["layers.0: LayerNorm(3), output", "layers.1: Listed"]);
    norms.forEach(([, size], l) => expect(size).toBeCloseTo(rows[l]!.residual!.norm, 12));
    expect(rows.map(({ of }) => of)).toEqual(["output", "z", "output"]);
  });

  test("have one row for each call, at any depth", () => {
    const model = new Sequential(new Linear(3, 4), relu, new T.Residual(new Linear(4, 4)), new Linear(4, 1));
    const x = T.randn([5, 3]);
    const table = residuals(model, () => sum(model.forward(x)));
    expect(table.rows.map(({ path, of }) => [path, of])).toEqual([
      ["layers.0", "z"],
      ["layers.1", "output"],
      ["layers.2.inner", "z"],
      ["layers.2", "output"],
      ["layers.3", "z"],
      ["", "output"],
    ]);
    // By hand, layer by layer.
    let y: Tensor = x;
    const kept = model.layers.map((layer) => {
      y = layer.forward(y).retainGrad();
      return y;
    });
    sum(y).backward();
    const rows = ["layers.0", "layers.1", "layers.2", "layers.3"].map(
      (path) => table.rows.find((row) => row.path === path)!,
    );
    rows.forEach(({ activation, residual, shape }, i) => {
      expect(shape).toEqual(kept[i]!.shape);
      expect(activation.norm).toBeCloseTo(T.norm(kept[i]!).item(), 5);
      expect(residual!.norm).toBeCloseTo(T.norm(kept[i]!.grad!).item(), 5);
      expect(residual!.mean).toBeCloseTo(T.mean(kept[i]!.grad!).item(), 5);
      expect(residual!.deviation).toBeCloseTo(T.std(kept[i]!.grad!, undefined, { correction: 0 }).item(), 5);
      expect(activation.zeros).toBeCloseTo([...kept[i]!.data].filter((v) => v === 0).length / kept[i]!.size, 10);
    });
    const lines = String(table).split("\n");
    expect(lines.length).toBe(7);
    expect(lines[0]).toMatch(/^layer +kind +output +activation mean .* residual of +residual mean .* residual zeros$/);
    expect(lines[1]).toMatch(/^layers\.0 +Linear\(3, 4\) +\[5, 4\] .* z /);
    expect(lines.at(-1)).toMatch(/^\(all\) +Sequential +\[5, 1\] .* output /);
  });

  test("change no gradient", () => {
    const model = new Linear(2, 2);
    residuals(model, () => sum(model.forward(zeros([1, 2]))));
    expect(model.parameters().map(({ grad }) => grad)).toEqual([null, null]);
  });

  test("of a layer that the loss does not depend on are none, and of empty batches too", () => {
    const model = new Sequential(new Linear(2, 2), (x: Tensor) => x.detach().add(tensor(1, { requiresGrad: true })));
    expect(residuals(model, () => sum(model.forward(zeros([1, 2])))).rows[0]!.residual).toBeNull();
    const empty = new Linear(2, 2);
    expect(residuals(empty, () => sum(empty.forward(zeros([0, 2])))).rows[0]!.activation.size).toBe(0);
    expect(() => residuals(relu as never, () => zeros([]))).toThrow(ValueError);
  });
});
