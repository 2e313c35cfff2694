import { expect, test } from "vitest";
import { CellNetwork } from "../../examples/support/cells/network.ts";
import { digitsNetwork } from "../../examples/support/digits.ts";
import { standardizer } from "../../examples/support/inputs.ts";
import { resnet } from "../../examples/support/resnet.ts";
import * as T from "../../src/index.ts";
import { fromOnnx, toOnnx } from "../../src/onnx/index.ts";
import { complaints, findPython } from "./checker.ts";
import { runInOnnxruntime } from "./runtime.ts";

// The networks of the examples, as the examples build them, written and run in onnxruntime as it is by default.

const generator = new T.Generator(5);
const draw = (...shape: number[]): T.Tensor => T.randn(shape, { generator });
const prepare = standardizer(draw(20, 64));

const models: [name: string, build: () => T.Layer, shape: number[]][] = [
  ["digits", () => digitsNetwork(draw(20, 64)), [64]],
  ["resnet", () => resnet({ height: 8, width: 8, channels: 4, blocks: [2, 1] }, prepare), [64]],
  ["resnet without ways around and norms", () => resnet({ height: 8, width: 8, channels: 4, blocks: [1, 1], hasSkips: false, hasNorms: false }, prepare), [64]], // biome-ignore format: one line
  ["cells", () => new CellNetwork([4, 8, 16]), [1, 16, 16]],
  ["encoder layer", () => new T.TransformerEncoderLayer(8, 2, { hidden: 16 }), [5, 8]],
  ["LSTM", () => new T.LSTM(4, 6), [5, 4]],
];

test.skipIf(findPython() === null && process.env["CI"] !== "true")("ONNX's own checker accepts each file", () => {
  const program = findPython();
  if (program === null) throw new Error("needs Python with onnx: apt-get install python3-onnx");
  const files = models.map(([name, build, shape]) => {
    const model = build();
    model.forward(draw(6, ...shape));
    return [name.replaceAll(" ", "_"), toOnnx(model, { inputs: { x: ["batch", ...shape] } })] as const;
  });
  expect(complaints(program, Object.fromEntries(files))).toBe("");
});

test.each(models)("%s is the same at two sizes of the batch", async (_, build, shape) => {
  T.manualSeed(1);
  const model = build();
  model.forward(draw(6, ...shape)); // running statistics of the network are those of some batch
  const bytes = toOnnx(model, { inputs: { x: ["batch", ...shape] } });
  const batches = [1, 4].map((n) => ({ x: draw(n, ...shape) }));
  const found = await runInOnnxruntime(bytes, batches);
  model.eval();
  const { model: back } = fromOnnx(bytes);
  batches.forEach(({ x }, i) => {
    const wanted = model.forward(x);
    const scale = T.max(T.abs(wanted)).item();
    for (const y of [found[i]!["output"]!, back.forward(x)]) {
      expect([y.shape, y.dtype]).toEqual([wanted.shape, wanted.dtype]);
      expect(T.max(T.abs(T.sub(y, wanted))).item() / scale).toBeLessThan(1e-5);
    }
  });
});
