import type { Sample, Samples } from "./sample.ts";

const plain: Sample = { args: () => [] };
const names = ["broadcastableShapes", "float64Array", "matmulShapes", "shape", "spd", "tensorOf", "wellConditioned"];

/** What `tinygrad-ts/fast-check` exports. */
export const fastCheckSamples: Samples = Object.fromEntries(names.map((name) => [name, plain]));
