import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { samples } from "../../docs/typedoc/ops/samples.ts";
import * as T from "../../src/index.ts";
import { fromOnnx, OnnxError, toOnnx } from "../../src/onnx/index.ts";
import { runInOnnxruntime } from "./runtime.ts";

// Each op of the library, written and run in onnxruntime: what the reference shows of it, and that for each sample of a batch.

const guide = readFileSync(new URL("../../docs/guide/onnx.md", import.meta.url), "utf8");

/** The names in the guide's paragraph that begins so. */
function listed(start: string): string[] {
  const at = guide.indexOf(start);
  expect(at, start).toBeGreaterThan(0);
  const paragraph = guide.slice(at, guide.indexOf("\n\n", at)).slice(start.length);
  return Array.from(paragraph.matchAll(/`([A-Za-z0-9]+)`/g), ([, name]) => name!);
}

const notWritten = listed("ONNX has no operators for these ops:");
const singleOnly = listed("onnxruntime implements these in float32 only:");

const all = Object.entries(samples).filter(([, { shapes }]) => shapes.length > 0);

/** Functions whose sample makes its result of no tensor that it is given. */
const withoutInput = ["oneHot", "bincount"];

type Inputs = { readonly [name: string]: T.Tensor };

function drawn(shapes: readonly T.Shape[], dtype: T.FloatDType): Inputs {
  return Object.fromEntries(
    shapes.map((shape, i) => [
      `x${i}`,
      T.randn(shape, { dtype: "float64", generator: new T.Generator(i + 1) }).to(dtype),
    ]),
  );
}

/** The largest difference, by the size of the numbers. Where one is NaN or infinite, so must the other be. */
function distance(a: T.Tensor, b: T.Tensor): number {
  expect([a.dtype, a.shape]).toEqual([b.dtype, b.shape]);
  const [u, v] = [Array.from(a.data), Array.from(b.data)];
  const scale = v.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 1e-30);
  return u.reduce((most, x, i) => {
    if (x === v[i] || (Number.isNaN(x) && Number.isNaN(v[i]!))) return most;
    const own = Math.abs(x - v[i]!) / scale;
    return Number.isNaN(own) ? Number.POSITIVE_INFINITY : Math.max(most, own);
  }, 0);
}

/** Ops that are no more than their sample at another number of samples, or depend on how many there are. */
const withoutBatch =
  "prod variance std median quantile split diag einsum matmul conv1d convTranspose2d convTranspose3d convInput pixelShuffle expand gather scatterAdd glu index indexSelect indexAdd maskedFill reshape squeeze slice where".split(
    " ",
  );

function write(name: string, dtype: T.FloatDType, hasBatch = false): Uint8Array {
  const { call, shapes } = samples[name]!;
  const sizes = (shape: T.Shape) => (hasBatch ? [`batch_${shape[0]}`, ...shape.slice(1)] : shape);
  const inputs = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, { shape: sizes(shape), dtype }]));
  return toOnnx(new T.Sequential(), { inputs, forward: (xs) => ({ output: call(...Object.values(xs)) }) });
}

/** How far onnxruntime is from the op, for the sample and, if it has a batch, for one of another size; null where it has no kernel for the dtype. */
async function distanceOf(name: string, dtype: T.FloatDType): Promise<number | null> {
  const { call, shapes } = samples[name]!;
  const hasBatch = !withoutBatch.includes(name);
  const bytes = write(name, dtype, hasBatch);
  const batches = [drawn(shapes, dtype)];
  if (hasBatch) batches.push(drawn(shapes.map(([n, ...rest]) => [n! + 3, ...rest]), dtype)); // biome-ignore format: one line
  const wanted = batches.map((given) => call(...Object.values(given)));
  const { model } = fromOnnx(bytes);
  batches.forEach((given, i) => expect(distance(model.run(given)["output"]!, wanted[i]!)).toBeLessThan(1e-6));
  try {
    const found = await runInOnnxruntime(bytes, batches);
    return Math.max(...wanted.map((y, i) => distance(found[i]!["output"]!, y)));
  } catch (error) {
    if (String(error).includes("Could not find an implementation")) return null;
    throw error;
  }
}

describe("each op is the same in onnxruntime", () => {
  const written = all.map(([name]) => name).filter((name) => !notWritten.includes(name));

  test.each(written)("%s in float32", async (name) => {
    expect(await distanceOf(name, "float32")).toBeLessThan(1e-5);
  });

  test("in float64, but for those of the guide's list", async () => {
    const missing: string[] = [];
    for (const name of written) {
      const found = await distanceOf(name, "float64");
      if (found === null) missing.push(name);
      else expect(found, name).toBeLessThan(1e-12);
    }
    expect(missing.sort()).toEqual([...singleOnly].sort());
  });
});

test.each(["hypot", "remainder", "floorDivide", "atan2", "sinc", "xlogy", "logaddexp"])(
  "%s of numbers at the edge",
  async (name) => {
    const { call, kind } = samples[name]!;
    const points = [
      0,
      -0,
      1,
      -1,
      2.5,
      -0.1,
      1e-30,
      1e30,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ];
    const pairs = kind === "unary" ? points.map((x) => [x]) : points.flatMap((x) => points.map((y) => [x, y]));
    const given = Object.fromEntries(
      [0, 1].slice(0, pairs[0]!.length).map((i) => [`x${i}`, T.tensor(pairs.map((pair) => pair[i]!))]),
    );
    const inputs = Object.fromEntries(
      Object.entries(given).map(([own, { shape }]) => [own, { shape, dtype: "float32" as const }]),
    );
    const bytes = toOnnx(new T.Sequential(), { inputs, forward: (xs) => ({ output: call(...Object.values(xs)) }) });
    const wanted = Array.from(call(...Object.values(given)).data);
    const [inRuntime] = await runInOnnxruntime(bytes, [given]);
    const isNear = (a: number, b: number) =>
      a === b || Math.abs(a - b) <= 1e-6 + 1e-5 * Math.abs(b) || (Number.isNaN(a) && Number.isNaN(b));
    for (const found of [inRuntime!["output"]!, fromOnnx(bytes).model.run(given)["output"]!]) {
      const off = Array.from(found.data).flatMap((y, i) =>
        isNear(y, wanted[i]!) ? [] : [`${name}(${pairs[i]}) = ${y}, not ${wanted[i]}`],
      );
      expect(off).toEqual([]);
    }
  },
);

/** Writes a function of one tensor, and expects the same of it in onnxruntime and here. */
async function expectWritten(x: T.Tensor, call: (x: T.Tensor) => T.Tensor): Promise<void> {
  const inputs = { x: { shape: x.shape, dtype: x.dtype } };
  const bytes = toOnnx(new T.Sequential(), { inputs, forward: ({ x }) => ({ output: call(x!) }) });
  const wanted = call(x);
  const [found] = await runInOnnxruntime(bytes, [{ x }]);
  for (const y of [found!["output"]!, fromOnnx(bytes).model.run({ x })["output"]!]) {
    expect([y.dtype, y.shape, Array.from(y.data)]).toEqual([wanted.dtype, wanted.shape, Array.from(wanted.data)]);
  }
}

test.each<[what: string, dtype: T.DType, bounds: [number | null, number | null]]>([
  ["from below", "float32", [0, null]],
  ["from above", "float32", [null, 2]],
  ["from below", "float64", [-1, null]],
  ["from above", "float64", [null, 2]],
  ["from both sides", "float32", [-1, 2]],
  ["from below", "int32", [0, null]],
  ["from above", "int32", [null, 2]],
])("clamp %s of %s leaves infinities on the other side", async (_, dtype, [min, max]) => {
  const { POSITIVE_INFINITY: most, NEGATIVE_INFINITY: least, NaN: none } = Number;
  const values = dtype === "int32" ? [-5, 0, 1, 7] : [most, least, none, 1e30, -3, 1.5];
  await expectWritten(T.tensor(values, { dtype }), (x) => x.clamp(min, max));
});

test.each(["float32", "float64", "int32", "bool"] as const)("oneHot of %s runs in onnxruntime", async (dtype) => {
  await expectWritten(T.tensor([[2, 0, 3]], { dtype: "int32" }), (x) => T.oneHot(x, 4, { dtype }));
});

test.each<[name: string, call: (x: T.Tensor, t: T.Tensor) => T.Tensor, target: number[], dtype?: T.DType]>([
  ["bceWithLogits", (x, t) => T.bceWithLogits(x, t), [0, 1, 1, 0, 1, 0]],
  ["crossEntropy", (x, t) => T.crossEntropy(x, t.max(1)), [2, 1, 0, 0, 1, 0], "int32"],
  ["crossEntropy of probabilities", (x, t) => T.crossEntropy(x, t), [0, 0.5, 0.5, 0, 1, 0]],
  ["hinge", (x, t) => T.hinge(x, t), [1, -1, 1, 1, -1, -1]],
  ["dice", (x, t) => T.dice(x, t), [0, 1, 1, 0, 1, 0]],
  ["focal", (x, t) => T.focal(x, t), [0, 1, 1, 0, 1, 0]],
  ["gaussianNll", (x, t) => T.gaussianNll(x, t, T.exp(x)), [0, 1, 1, 0, 1, 0]],
  ["mse", (x, t) => T.mse(x, t), [0, 1, 1, 0, 1, 0]],
])("%s is written, without looking at targets", async (_, call, target, dtype = "float32") => {
  const inputs = { x: ["n", 3], t: { shape: ["n", 3], dtype } };
  const bytes = toOnnx(new T.Sequential(), { inputs, forward: ({ x, t }) => ({ output: call(x!, t!) }) });
  const given = {
    x: T.randn([2, 3], { generator: new T.Generator(2) }),
    t: T.tensor(target, { dtype }).reshape([2, 3]),
  };
  const wanted = call(given.x, given.t);
  const [found] = await runInOnnxruntime(bytes, [given]);
  expect(distance(found!["output"]!, wanted)).toBeLessThan(1e-5);
  expect(distance(fromOnnx(bytes).model.run(given)["output"]!, wanted)).toBeLessThan(1e-6);
});

test("the loss of probabilities is refused by its name", () => {
  const forward = ({ x }: Inputs) => T.bce(T.sigmoid(x!), T.zeros(x!.shape));
  const write = () => toOnnx(new T.Sequential(), { inputs: { x: ["n", 3] }, forward });
  expect(write).toThrow("it is a loss, got bce");
});

test.each(["floor", "ceil", "round"] as const)("%s of what is whole is the same", async (name) => {
  await expectWritten(T.tensor([3, -2], { dtype: "int32" }), (x) => T[name](x));
  await expectWritten(T.tensor([true, false], { dtype: "bool" }), (x) => T[name](x));
});

test("remainders of many multiples keep their digits", async () => {
  const x = T.randn([500], { dtype: "float64", generator: new T.Generator(1) }).mul(1000);
  const y = T.tensor(
    Array.from({ length: 500 }, (_, i) => [0.1, -0.1, 0.7, 3, -7][i % 5]!),
    { dtype: "float64" },
  );
  for (const call of [T.remainder, T.floorDivide]) {
    const spec = { shape: ["n"], dtype: "float64" as const };
    const bytes = toOnnx(new T.Sequential(), { inputs: { x: spec, y: spec }, forward: ({ x, y }) => call(x!, y!) });
    const [found] = await runInOnnxruntime(bytes, [{ x, y }]);
    expect(found!["output"]!.toArray()).toEqual(call(x, y).toArray());
  }
});

test.each([T.remainder, T.floorDivide])("whole numbers that are inputs can be divided by", async (call) => {
  const spec = { shape: ["n"], dtype: "int32" as const };
  const bytes = toOnnx(new T.Sequential(), { inputs: { x: spec, y: spec }, forward: ({ x, y }) => call(x!, y!) });
  const given = { x: T.tensor([-7, 7, 7, 0], { dtype: "int32" }), y: T.tensor([3, -3, 2, 5], { dtype: "int32" }) };
  const [found] = await runInOnnxruntime(bytes, [given]);
  expect(found!["output"]!.toArray()).toEqual(call(given.x, given.y).toArray());
});

test("those of the guide's list are refused by name, and no others", () => {
  const refused = all.flatMap(([name]) => {
    try {
      write(name, "float32");
      return [];
    } catch (error) {
      expect(error).toBeInstanceOf(OnnxError);
      expect((error as OnnxError).code).toBe("NOT_EXPORTABLE");
      return [name];
    }
  });
  expect(refused.sort()).toEqual([...notWritten].sort());
  expect(Object.keys(samples).filter((name) => samples[name]!.shapes.length === 0)).toEqual(withoutInput);
});
