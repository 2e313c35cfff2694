import { describe, expect, test } from "vitest";
import * as T from "../../src/index.ts";
import { fromOnnx, OnnxError, toOnnx } from "../../src/onnx/index.ts";
import { kinds } from "../model/kinds.ts";
import { runInOnnxruntime } from "./runtime.ts";

/** Whether a model takes an input of a shape. */
function takes(model: T.Layer, shape: readonly number[], dtype: T.DType): boolean {
  try {
    model.forward(T.full(shape, 0, { dtype }));
    return true;
  } catch (error) {
    if (error instanceof T.TinygradError) return false;
    throw error;
  }
}

/** The axes that may have other sizes, each by itself. */
function freeAxes(model: T.Layer, { shape, dtype }: T.Tensor): number[] {
  return shape.flatMap((_, axis) => {
    const others = [1, 2, 3].map((by) => shape.map((n, i) => (i === axis ? n + by : n)));
    return others.every((other) => takes(model, other, dtype)) ? [axis] : [];
  });
}

const names = ["a", "b", "c", "d", "e"];

/** Sizes that no trial has, of each parity. */
const runs = [
  [7, 11, 13, 9, 17],
  [5, 14, 9, 16, 11],
];

function compare(model: T.Layer, bytes: Uint8Array, shapes: readonly (readonly number[])[], dtype: T.DType): void {
  const { model: back } = fromOnnx(bytes);
  for (const shape of shapes) {
    const isWhole = dtype === "int32";
    const draw = T.randn(shape, { dtype: "float64", generator: new T.Generator(6) });
    const x = isWhole ? T.zeros(shape, { dtype }) : draw.to(dtype);
    const wanted = model.forward(x);
    const y = back.forward(x);
    expect(y.shape).toEqual(wanted.shape);
    const [u, v] = [Array.from(y.data), Array.from(wanted.data)];
    expect(u.every((n, i) => Math.abs(n - v[i]!) <= 1e-5 * (1 + Math.abs(v[i]!)))).toBe(true);
  }
}

describe("all axes named: refused, or the model at sizes that were not tried", () => {
  /** Kinds that a file cannot say for all sizes. */
  const refused = [
    ...["AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d"],
    ...["AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d"],
    ...["AvgPool1d", "AvgPool3d", "MaxPool1d", "Upsample"],
    ...["GRU", "LSTM", "RNN", "SinusoidalPositions"],
  ];

  test.each(Object.entries(kinds))("%s", (name, [model, x]) => {
    model.eval();
    const free = freeAxes(model, x);
    const shape = x.shape.map((n, axis) => (free.includes(axis) ? names[axis]! : n));
    const shapes = runs
      .map((run) => x.shape.map((n, axis) => (free.includes(axis) ? run[axis]! : n)))
      .filter((shape) => takes(model, shape, x.dtype));
    const write = () => toOnnx(model, { inputs: { x: { shape, dtype: x.dtype } } });
    if (refused.includes(name)) {
      expect(write).toThrow(OnnxError);
      return;
    }
    compare(model, write(), shapes, x.dtype);
  });
});

describe("sizes of trials do not stay in the file", () => {
  const image = (n: number, c: number, h: number, w: number): number[] => [n, c, h, w];
  test.each<[what: string, model: T.Layer, shape: (number | string)[], shapes: number[][]]>([
    ["AvgPool2d", new T.Sequential(new T.AvgPool2d(2)), ["n", 1, "h", "w"], [image(1, 1, 4, 3), image(3, 1, 8, 8)]],
    ["AvgPool2d of a width", new T.AvgPool2d(2), ["n", 3, 16, "w"], [image(1, 3, 16, 5), image(4, 3, 16, 20)]],
    ["InstanceNorm2d", new T.InstanceNorm2d(1), ["n", 1, "h", 8], [image(1, 1, 1, 8), image(2, 1, 9, 8)]],
    [
      "InstanceNorm1d",
      new T.InstanceNorm1d(2),
      ["n", 2, "l"],
      [
        [1, 2, 3],
        [4, 2, 17],
      ],
    ],
    ["GroupNorm", new T.GroupNorm(2, 4), ["n", 4, "h", "w"], [image(1, 4, 3, 4), image(2, 4, 9, 7)]],
    [
      "layerNorm",
      new T.Lambda((x) => T.layerNorm(x, [x.shape[3]!])),
      ["n", 2, "h", "w"],
      [image(1, 2, 3, 9), image(2, 2, 5, 1)],
    ],
  ])("%s", async (_, model, shape, shapes) => {
    model.eval();
    const bytes = toOnnx(model, { inputs: { x: shape } });
    compare(model, bytes, shapes, "float32");
    const batches = shapes.map((shape) => ({ x: T.randn(shape, { generator: new T.Generator(7) }) }));
    const outputs = await runInOnnxruntime(bytes, batches);
    outputs.forEach(({ output }, i) => {
      const wanted = model.forward(batches[i]!.x);
      expect(output!.shape).toEqual(wanted.shape);
      expect(T.max(T.abs(T.sub(output!, wanted))).item()).toBeLessThan(1e-4);
    });
  });

  const even = (x: T.Tensor): T.Tensor => T.slice(x, [0, 2 * Math.floor(x.shape[0]! / 2)]);
  test.each<[what: string, model: T.Layer, shape: (number | string)[]]>([
    ["half of a size, rounded, and twice that", new T.Lambda(even), ["h", "w"]],
    [
      "the same of a pooled image",
      new T.Sequential(new T.AvgPool2d(2), new T.Upsample({ scaleFactor: 2 })),
      ["n", 1, 4, "w"],
    ],
  ])("%s is refused", (_, model, shape) => {
    expect(() => toOnnx(model, { inputs: { x: shape } })).toThrow(OnnxError);
  });
});
