import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as t from "../../../src/index.ts";
import { encodeModel, pytorchStateDict } from "../../../src/model/index.ts";
import { threadGroup, threadSeats } from "../../../src/mpi/index.ts";
import { toOnnx } from "../../../src/onnx/index.ts";
import { encode, encodeCheckpoint } from "../../../src/safetensors/index.ts";
import { library } from "../../blas/library.ts";
import type { Sample, Samples } from "./sample.ts";

const leaf = (): t.Tensor => t.tensor([1, 2], { requiresGrad: true });
const layer = (): t.Linear => new t.Linear(2, 3);
const lossOf = (): t.Tensor => leaf().sum();

const of = (...args: (() => unknown)[]): Sample => ({ args: () => args.map((make) => make()) });

/** Samples of `tinygrad-ts/compile`. */
export const compileSamples: Samples = {
  accelerate: of(),
  compile: of(() => () => leaf()),
  lowering: of(
    (): t.Op => ({ name: "same", shape: ([x]) => x!.shape, forward: "view", vjp: [({ g }) => g] }),
    () => () => undefined,
  ),
  setThreads: of(() => 1),
};

/** Samples of `tinygrad-ts/blas`. */
export const blasSamples: Samples = {
  blas: of(),
  useBlas: of(() => library ?? { takes: () => false, multiplyArrays: () => false }), // where there is none, one that takes nothing
};

const silent = (): object => ({
  rank: 0,
  size: 1,
  allReduce: () => undefined,
  broadcast: () => undefined,
  gather: (from: Uint8Array, into: Uint8Array) => into.set(from),
  barrier: () => undefined,
});

const alone = (): object => threadGroup(threadSeats(1)[0]!);

/** Samples of `tinygrad-ts/mpi`. */
export const mpiSamples: Samples = {
  mpi: of(),
  groupOf: of(silent),
  threadSeats: of(() => 2),
  threadGroup: of(() => threadSeats(1)[0]),
  "Group.allReduce": { ...of(alone, () => new Float32Array(1)), as: "allReduce" },
  "Group.broadcast": { ...of(alone, () => new Float32Array(1)), as: "broadcast" },
  "Group.gather": { ...of(alone, () => new Float32Array(1)), as: "gather" },
  "Group.averageGradients": { ...of(alone, () => [leaf()]), as: "averageGradients" },
};

/** Samples of `tinygrad-ts/debug`. */
export const debugSamples: Samples = {
  detectAnomaly: of(() => () => 1),
  explain: of(lossOf),
  toDot: of(leaf),
  toMermaid: of(leaf),
  residuals: of(layer, () => lossOf),
  why: of(leaf, lossOf),
};

/** Samples of `tinygrad-ts/safetensors`. */
export const safetensorsSamples: Samples = {
  decode: of(() => encode({ weight: leaf() })),
  decodeMetadata: of(() => encode({ weight: leaf() })),
  encode: of(() => ({ weight: leaf() })),
  encodeCheckpoint: { ...of(() => ({ model: layer() })), as: "encodeCheckpoint|encode" },
  loadCheckpoint: {
    ...of(
      () => encodeCheckpoint({ model: layer() }),
      () => ({ model: layer() }),
    ),
    as: "loadCheckpoint|decode",
  },
};

/** Samples of `tinygrad-ts/model`. */
export const modelSamples: Samples = {
  encodeModel: of(layer),
  decodeModel: of(() => encodeModel(layer())),
  pytorchStateDict: of(layer),
  loadPytorchStateDict: { ...of(layer, () => pytorchStateDict(layer())), as: "loadPytorchStateDict" },
  fromJSON: of(() => layer().toJSON()),
};

const onnxFile = (): Uint8Array => toOnnx(layer(), { inputs: { x: ["batch", 2] } });

/** Samples of `tinygrad-ts/onnx`. */
export const onnxSamples: Samples = {
  fromOnnx: of(onnxFile),
  toOnnx: of(layer, () => ({ inputs: { x: ["batch", 2] } })),
};

/** Samples of `tinygrad-ts/node`. */
export const nodeSamples: Samples = {
  loadModel: of(() => {
    const path = join(mkdtempSync(join(tmpdir(), "doors-")), "model.safetensors");
    writeFileSync(path, encodeModel(layer()));
    return path;
  }),
  saveModel: { ...of(() => join(mkdtempSync(join(tmpdir(), "doors-")), "file"), layer), as: "saveModel|encodeModel" },
  writeFileAtomic: of(
    () => join(mkdtempSync(join(tmpdir(), "doors-")), "file"),
    () => new Uint8Array(1),
  ),
};
