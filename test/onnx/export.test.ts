import { describe, expect, test } from "vitest";
import * as T from "../../src/index.ts";
import { rowOf } from "../../src/onnx/export/rows/index.ts";
import { fromOnnx, toOnnx } from "../../src/onnx/index.ts";
import { modelProto } from "../../src/onnx/schema.ts";
import { readMessage } from "../../src/onnx/wire.ts";
import { allOps } from "../support/ops.ts";
import { complaints, findPython } from "./checker.ts";
import { expected, inFloat32, type Subject, subjects } from "./models.ts";
import { runInOnnxruntime } from "./runtime.ts";

const all = subjects();

/** The largest difference, by the size of the numbers. */
function distance(a: T.Tensor, b: T.Tensor): number {
  expect([a.dtype, a.shape]).toEqual([b.dtype, b.shape]);
  const [u, v] = [Array.from(a.data), Array.from(b.data)];
  const scale = v.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-30);
  return u.reduce((most, x, i) => Math.max(most, Math.abs(x - v[i]!) / scale), 0);
}

async function compareInOnnxruntime(subject: Subject, opset: number, bound: number): Promise<void> {
  const bytes = toOnnx(subject.model, { ...subject.options, opset });
  const outputs = await runInOnnxruntime(bytes, subject.batches);
  subject.batches.forEach((batch, i) => {
    expect(distance(outputs[i]!["output"]!, expected(subject, batch))).toBeLessThan(bound);
  });
}

describe("in onnxruntime", () => {
  test.each(all.filter(({ isSingle }) => !isSingle))("$name gives the same in float64", async (subject) => {
    // An attribute is a float32 in ONNX: 1e-5, which is added to a variance, is that to 8 digits.
    const isNormalized = /Norm|normed/.test(subject.name);
    await compareInOnnxruntime(subject, 17, isNormalized ? 3e-8 : 1e-12);
  });

  const singles = all.flatMap((subject) => inFloat32(subject) ?? []);
  test.each(singles)("$name gives the same in float32", async (subject) => {
    await compareInOnnxruntime(subject, 17, 1e-5);
  });

  // Of some, operators are others in newer versions.
  test.each(singles)("$name gives the same with opset 21", async (subject) => {
    await compareInOnnxruntime(subject, 21, 1e-5);
  });
});

test.each(all)("$name comes back the same to the bit in float64", (subject) => {
  const { model } = fromOnnx(toOnnx(subject.model, subject.options));
  for (const batch of subject.batches) {
    const y = model.run(batch)["output"]!;
    const wanted = expected(subject, batch);
    expect(y.shape).toEqual(wanted.shape);
    expect([...y.data]).toEqual([...wanted.data]);
  }
});

test.skipIf(findPython() === null && process.env["CI"] !== "true")("ONNX's own checker accepts each file", () => {
  const program = findPython();
  if (program === null) throw new Error("needs Python with onnx: apt-get install python3-onnx");
  const files = all.map(
    (subject) => [subject.name.replaceAll(" ", "_"), toOnnx(subject.model, subject.options)] as const,
  );
  expect(complaints(program, Object.fromEntries(files))).toBe("");
});

test("every op of the library has a row", () => {
  expect(allOps.filter(({ op }) => rowOf(op) === undefined).map(({ exported }) => exported)).toEqual([]);
});

describe("the graph", () => {
  const nodesOf = (model: T.Layer, options: Parameters<typeof toOnnx>[1]) =>
    readMessage("test", toOnnx(model, options), modelProto).graph!.nodes.map(({ name, type }) => `${name}: ${type}`);

  test("has the names of layers, and the operators that people expect", () => {
    const model = new T.Sequential(
      new T.Linear(3, 4),
      T.relu,
      new T.BatchNorm1d(4),
      new T.LayerNorm(4),
      T.gelu,
      T.softmax,
    );
    const inputs = { x: ["batch", 3] };
    expect(nodesOf(model, { inputs, opset: 21 })).toEqual([
      "layers.0/Gemm: Gemm",
      "layers.1/Relu: Relu",
      "layers.2/BatchNormalization: BatchNormalization",
      "layers.3/LayerNormalization: LayerNormalization",
      "layers.4/Gelu: Gelu",
      "layers.5/Softmax: Softmax",
    ]);
    const { model: back } = fromOnnx(toOnnx(model, { inputs }));
    expect([...back.namedParameters().keys()]).toEqual([...model.namedParameters().keys()]);
  });

  test("takes functions for what they are, too", () => {
    class Own extends T.Layer {
      weight = T.ones([4], { requiresGrad: true });
      override forward(x: T.Tensor): T.Tensor {
        return T.gelu(T.layerNorm(x, 4, { weight: this.weight, eps: 1e-3 }));
      }
    }
    const nodes = nodesOf(new Own(), { inputs: { x: [2, 4] }, opset: 20 });
    expect(nodes).toEqual(["LayerNormalization: LayerNormalization", "Gelu: Gelu"]);
  });

  test("is the same each time, and the model as it was", () => {
    const model = new T.Sequential(new T.Linear(3, 4), new T.Dropout(0.5));
    const options = { inputs: { x: ["batch", 3] } };
    expect(toOnnx(model, options)).toEqual(toOnnx(model, options));
    expect(model.training).toBe(true);
    expect(Object.hasOwn(model, "forward")).toBe(false);
  });
});

describe("what a file cannot say is refused, with the line", () => {
  const own = (forward: (x: T.Tensor) => T.Tensor): T.Layer => {
    return new (class Own extends T.Layer {
      override forward(x: T.Tensor): T.Tensor {
        return forward(x);
      }
    })();
  };
  const counter = T.zeros([]);
  const assigning = (x: T.Tensor): T.Tensor => {
    counter.assign(T.ones([]));
    return x;
  };
  test.each<[what: string, forward: (x: T.Tensor) => T.Tensor, message: RegExp]>([
    [
      "a decision by a value",
      (x) => (x.sum().item() > 0 ? x : T.neg(x)),
      /must not look at values.*export\.test\.ts:\d+/,
    ],
    [
      "a decision by a value, that is caught",
      (x) => {
        try {
          return x.mul(x.data[0]!);
        } catch {
          return x;
        }
      },
      /must not look at values/,
    ],
    ["what changes with each call", (x) => x.mul(Math.random()), /must do the same at each call, got another mul/],
    ["a random number", (x) => x.add(T.randn(x.shape)), /must not draw random numbers/],
    ["an assignment", assigning, /must not assign/],
    ["an op without an operator", (x) => T.erfinv(x), /every op must have an operator.*erfinv/],
    [
      "a size in a number",
      (x) => x.mul(1 / x.shape[0]!),
      /a tensor that forward makes may depend on an input's size only if/,
    ],
    [
      "a loop as long as the input",
      (x) => T.stack(Array.from({ length: x.shape[0]! }, (_, i) => T.slice(x, i).mul(2))),
      /must do the same for all sizes/,
    ],
    [
      "a square of the size",
      (x) =>
        x
          .reshape([-1])
          .add(T.zeros([x.size ** 2, 1]))
          .sum(),
      /must follow from the sizes|symbol/,
    ],
    [
      "an own op",
      (x) =>
        T.apply({ name: "own", shape: ([y]) => y!.shape, forward: "view", vjp: "nondifferentiable" }, [x], undefined),
      /one of the library's, got own/,
    ],
  ])("%s", (what, forward, message) => {
    const run = () => toOnnx(own(forward), { inputs: { x: ["batch", 3] } });
    if (what === "a square of the size")
      expect(run).not.toThrow(); // of factors there is one
    else expect(run).toThrow(message);
  });

  test("what changes with each call, also where all sizes are numbers", () => {
    let calls = 0;
    for (const forward of [(x: T.Tensor) => x.mul(Math.random()), (x: T.Tensor) => x.slice([0, 1 + (calls++ % 2)])]) {
      expect(() => toOnnx(own(forward), { inputs: { x: [4, 3] } })).toThrow(
        /^toOnnx: forward must do the same at each call/,
      );
    }
  });

  test("options that are none", () => {
    const model = new T.Linear(3, 2);
    expect(() => toOnnx(model, { inputs: { x: ["batch", 3] }, opset: 9 })).toThrow(
      "toOnnx: opset must be from 17 to 21, got 9",
    );
    expect(() => toOnnx(model, { inputs: { x: [-1, 3] } })).toThrow(
      "toOnnx: a shape must be of whole numbers and names, got [-1, 3] for x",
    );
    expect(() => toOnnx(model, { inputs: { x: ["batch", 4] } })).toThrow("Linear(3, 2)");
  });
});
