import * as ort from "onnxruntime-web";
import { type DType, type Tensor, tensor } from "../../src/index.ts";

ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array } as const;
const names = { float32: "float32", float64: "float64", int32: "int32", bool: "bool" } as const;

/** Runs a file in onnxruntime as it is by default, on several inputs one after the other; without its optimizer for float64, where that makes nodes of x · sigmoid(x) that it has no kernel for. */
export async function runInOnnxruntime(
  bytes: Uint8Array,
  batches: readonly { readonly [name: string]: Tensor }[],
): Promise<{ [name: string]: Tensor }[]> {
  const isDouble = batches.some((inputs) => Object.values(inputs).some(({ dtype }) => dtype === "float64"));
  const session = await ort.InferenceSession.create(bytes, isDouble ? { graphOptimizationLevel: "disabled" } : {});
  const results: { [name: string]: Tensor }[] = [];
  for (const inputs of batches) {
    const feeds = Object.entries(inputs).map(([name, x]) => [
      name,
      new ort.Tensor(names[x.dtype], x.data as never, x.shape),
    ]);
    const outputs = await session.run(Object.fromEntries(feeds));
    results.push(
      Object.fromEntries(
        Object.entries(outputs).map(([name, { data, dims, type }]) => {
          const dtype = (type in arrays ? type : "int32") as DType;
          const values = arrays[dtype].from(Array.from(data as Iterable<number>, Number));
          return [name, tensor(values, { dtype }).reshape([...dims])];
        }),
      ),
    );
  }
  await session.release();
  return results;
}
