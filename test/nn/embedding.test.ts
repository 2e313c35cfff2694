import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import {
  Embedding,
  type EmbeddingOptions,
  embedding,
  GradError,
  IndexError,
  mul,
  type NestedArray,
  noGrad,
  SGD,
  sum,
  type Tensor,
  tensor,
  ValueError,
} from "../../src/index.ts";
import { decodeModel, encodeModel } from "../../src/model/index.ts";

const int = (values: NestedArray): Tensor => tensor(values, { dtype: "int32" });
const inf = Number.POSITIVE_INFINITY;

const rows = [
  [3, 4],
  [0.3, 0.4],
  [-6, 8],
  [0, 0],
  [30, 40],
];

function layerOf(options: EmbeddingOptions): Embedding {
  const layer = new Embedding(rows.length, 2, { dtype: "float64", ...options });
  layer.weight.assign(rows);
  return layer;
}

/** What PyTorch documents: each row that is looked up, once, is multiplied by max / (norm + 1e-7) if its norm is larger. */
function renormed(index: readonly number[], maxNorm: number, normOf: (row: readonly number[]) => number): number[][] {
  return rows.map((row, i) => {
    const norm = normOf(row);
    return index.includes(i) && norm > maxNorm ? row.map((v) => v * (maxNorm / (norm + 1e-7))) : [...row];
  });
}

const norms: Record<string, (row: readonly number[]) => number> = {
  2: (row) => Math.hypot(...row),
  1: (row) => row.reduce((total, v) => total + Math.abs(v), 0),
  3: (row) => Math.cbrt(row.reduce((total, v) => total + Math.abs(v) ** 3, 0)),
  Infinity: (row) => Math.max(...row.map(Math.abs)),
};

function expectClose(got: Tensor, wanted: readonly (readonly number[])[]): void {
  const flat = wanted.flat();
  got.data.forEach((v, i) => expect(Math.abs(v - flat[i]!)).toBeLessThanOrEqual(1e-14 * Math.abs(flat[i]!)));
}

describe("maxNorm", () => {
  test.each([2, 1, 3, inf])("shortens, for good, what is looked up and is longer, in the %d-norm", (normType) => {
    const layer = layerOf({ maxNorm: 1, normType });
    const index = [2, 0, 1, 2, 2, 3];
    const wanted = renormed(index, 1, norms[normType]!);
    const y = layer.forward(int([index.slice(0, 3), index.slice(3)]));
    expect(y.shape).toEqual([2, 3, 2]);
    expectClose(layer.weight, wanted);
    expectClose(
      y,
      index.map((i) => wanted[i]!),
    );
    expect(layer.weight.at(4).toArray()).toEqual([30, 40]);
    expect(layer.weight.at(1).toArray()).toEqual([0.3, 0.4]);
  });

  test("goes for float32, for the padding, without recording, and in evaluation, too", () => {
    const layer = layerOf({ maxNorm: 2, paddingIndex: 0, dtype: "float32" });
    layer.eval();
    noGrad(() => layer.forward(int(0)));
    layer.weight
      .at(0)
      .toArray<number[]>()
      .forEach((v, i) => expect(v).toBeCloseTo([1.2, 1.6][i]!, 6));
    expect(layer.weight.requiresGrad).toBe(true);
  });

  test("leaves the table as it is where nothing is too long", () => {
    const layer = layerOf({ maxNorm: 6 });
    const { stored } = layer.weight;
    const y = mul(layer.weight, layer.weight);
    layer.forward(int([0, 1, 3]));
    expect(layer.weight.stored).toBe(stored);
    y.sum().backward();
    expect(layer.weight.grad!.at(0).toArray()).toEqual([6, 8]);
  });

  test("has the gradient of a look-up, added up where an index is there twice", () => {
    const layer = layerOf({ maxNorm: 1, paddingIndex: 0 });
    const first = layer.forward(int([2, 0, 2]));
    const second = layer.forward(int([2, 4])); // assigns again, which the first does not mind
    sum(first)
      .add(sum(mul(second, second)))
      .backward();
    const { weight } = layer;
    expectClose(weight.grad!, [
      [0, 0],
      [0, 0],
      [2 + 2 * weight.at(2).at(0).item(), 2 + 2 * weight.at(2).at(1).item()],
      [0, 0],
      [2 * weight.at(4).at(0).item(), 2 * weight.at(4).at(1).item()],
    ]);
  });

  test("refuses to ruin a gradient that needs the table from before", () => {
    const layer = layerOf({ maxNorm: 1 });
    const before = sum(mul(layer.weight, layer.weight));
    const y = before.add(sum(layer.forward(int([0]))));
    expect(() => y.backward()).toThrow(GradError);
    expect(() => y.backward()).toThrow("a value that it needs was overwritten");
    expect(layer.weight.grad).toBe(null);
  });

  test("is the same in a compiled step, replays included", () => {
    const [eager, compiled] = [false, true].map((isCompiled) => {
      const layer = layerOf({ maxNorm: 1, paddingIndex: 3 });
      const optimizer = new SGD(layer.parameters(), { lr: 0.5 });
      const step = (index: Tensor): Tensor => {
        optimizer.zeroGrad();
        const y = layer.forward(index);
        const loss = sum(mul(y, y).sub(y.mul(9)));
        loss.backward();
        optimizer.step();
        return loss;
      };
      return { layer, run: isCompiled ? compile(step) : step };
    }) as [{ layer: Embedding; run: (index: Tensor) => Tensor }, { layer: Embedding; run: (index: Tensor) => Tensor }];
    for (const index of [
      [1, 1, 3],
      [0, 2, 2],
      [0, 0, 1],
      [4, 3, 0],
    ]) {
      expect(compiled.run(int(index)).item()).toBeCloseTo(eager.run(int(index)).item(), 12);
      expectClose(compiled.layer.weight, eager.layer.weight.toArray<number[][]>());
    }
  });

  test("changes nothing where an index is refused", () => {
    const layer = layerOf({ maxNorm: 1 });
    expect(() => layer.forward(int([0, 5]))).toThrow(IndexError);
    expect(layer.weight.toArray()).toEqual(rows);
  });

  test.each([false, true])("refuses vectors that are not finite, and changes nothing; compiled %s", (isCompiled) => {
    for (const bad of [Number.NaN, inf, -inf]) {
      for (const dtype of ["float32", "float64"] as const) {
        const layer = layerOf({ maxNorm: 1, dtype });
        const forward = (index: Tensor): Tensor => layer.forward(index);
        const run = isCompiled ? compile(forward) : forward;
        run(int([1, 0]));
        layer.weight.assign([[3, 4], [bad, 1], [-6, 8], [0, 0], [30, 40]]); // biome-ignore format: one line
        const before = layer.weight.toArray();
        expect(() => run(int([0, 1]))).toThrow(
          `embedding: with maxNorm, the vectors that are looked up must be finite, got ${Number.isNaN(bad) ? "NaN" : "Infinity"} in a vector's norm; the vectors are as they were`,
        );
        expect(layer.weight.toArray()).toEqual(before);
        run(int([0, 2])); // which are
        expectClose(run(int([3])), [[0, 0]]);
      }
    }
  });

  test("goes with the function, for leaves", () => {
    const table = tensor(rows);
    embedding(int([0]), table, { maxNorm: 2.5 })
      .toArray<number[][]>()
      .flat()
      .forEach((v, i) => expect(v).toBeCloseTo([1.5, 2][i]!, 6));
    const computed = tensor(rows, { requiresGrad: true }).mul(2);
    expect(() => embedding(int([0]), computed, { maxNorm: 1 })).toThrow(
      "embedding: maxNorm assigns to the weight, which must be a leaf, got float32[5, 2]; pass a parameter, or weight.detach()",
    );
  });

  test("is kept in files", () => {
    for (const normType of [1, 3]) {
      const loaded = decodeModel(encodeModel(layerOf({ maxNorm: 0.5, normType, paddingIndex: 3 }))) as Embedding;
      expect([loaded.maxNorm, loaded.normType, loaded.paddingIndex]).toEqual([0.5, normType, 3]);
    }
    expect(new Embedding(2, 2).arguments()).toEqual([2, 2, { dtype: "float32" }]);
  });

  test.each<[EmbeddingOptions, string]>([
    [{ maxNorm: 0 }, "maxNorm must be above 0, got 0"],
    [{ maxNorm: -1 }, "maxNorm must be above 0, got -1"],
    [{ maxNorm: Number.NaN }, "maxNorm must be above 0, got NaN"],
    [{ maxNorm: 1, normType: 0 }, "normType must be above 0, got 0"],
  ])("refuses %o", (options, message) => {
    expect(() => new Embedding(2, 2, options)).toThrow(ValueError);
    expect(() => new Embedding(2, 2, options)).toThrow(`Embedding: ${message}`);
    expect(() => embedding(int([0]), tensor(rows), options)).toThrow(`embedding: ${message}`);
  });
});
