import * as ort from "onnxruntime-web";
import { Adam, crossEntropy, manualSeed, mlp, noGrad, randn, type Tensor, tensor } from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { fromOnnx, toOnnx } from "tinygrad-ts/onnx";
import { show } from "./show.ts";

/** What the page shows. */
export interface Predictions {
  readonly bytes: number;
  readonly losses: readonly number[];
  /** For each batch, how often onnxruntime, the model and the model that was read back put a point into the same class, and the largest difference between their outputs. */
  readonly batches: readonly { readonly size: number; readonly same: number; readonly difference: number }[];
}

/** Which of four quarters of the plane points are in. */
const quarters = (x: Tensor): Tensor =>
  x
    .gt(0)
    .to("int32")
    .mul(tensor([1, 2], { dtype: "int32" }))
    .sum(1);

/** Learns to tell the quarters of a plane apart, writes the model as ONNX, and has onnxruntime predict from the bytes. */
async function predictions(): Promise<Predictions> {
  manualSeed(1);
  const model = mlp([2, 16, 4]);
  const optimizer = new Adam(model.parameters(), { lr: 0.02 });
  const step = compile((x: Tensor) => {
    const loss = crossEntropy(model.forward(x), quarters(x));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  const losses = Array.from({ length: 200 }, () => step(randn([64, 2])).item());
  const bytes = toOnnx(model, { inputs: { points: ["batch", 2] } });
  const back = fromOnnx(bytes).model;

  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = new URL("/onnxruntime/", location.href).href;
  const session = await ort.InferenceSession.create(bytes);
  const batches: Predictions["batches"][number][] = [];
  for (const size of [1, 100]) {
    const x = randn([size, 2]);
    const { output } = await session.run({ points: new ort.Tensor("float32", x.data as Float32Array, [size, 2]) });
    const found = [...(output!.data as Float32Array)];
    const own = noGrad(() => [model.forward(x), back.forward(x)].map((y) => [...y.data]));
    const best = (all: readonly number[], i: number): number => {
      const scores = all.slice(4 * i, 4 * i + 4);
      return scores.indexOf(Math.max(...scores));
    };
    const rows = Array.from({ length: size }, (_, i) => own.every((y) => best(y, i) === best(found, i)));
    batches.push({
      size,
      same: rows.filter((is) => is).length,
      difference: Math.max(...own.flatMap((y) => y.map((v, i) => Math.abs(v - found[i]!)))),
    });
  }
  return { bytes: bytes.length, losses, batches };
}

void show(predictions);
