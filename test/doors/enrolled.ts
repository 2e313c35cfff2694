import { entries } from "../docs/extract.ts";
import { coreSamples } from "./samples/core.ts";
import { fastCheckSamples } from "./samples/fastCheck.ts";
import { gradcheckSamples } from "./samples/gradcheck.ts";
import { layerSamples } from "./samples/layers.ts";
import { reporterSamples } from "./samples/reporters.ts";
import type { Samples } from "./samples/sample.ts";
import {
  blasSamples,
  compileSamples,
  debugSamples,
  modelSamples,
  mpiSamples,
  nodeSamples,
  onnxSamples,
  safetensorsSamples,
} from "./samples/tools.ts";
import { trainSamples } from "./samples/train.ts";

/** An entry point of the package whose doors are tried. */
export interface Enrolled {
  readonly entry: string;
  readonly file: string;
  /** A right call of each export. */
  readonly samples: Samples;
  /** Exports that have no door, and why. */
  readonly exempt: Readonly<Record<string, string>>;
}

const made = "made by backward passes, and read by rules";

const samples: Readonly<Record<string, Samples>> = {
  "tinygrad-ts": { ...coreSamples, ...layerSamples },
  "tinygrad-ts/blas": blasSamples,
  "tinygrad-ts/compile": compileSamples,
  "tinygrad-ts/debug": debugSamples,
  "tinygrad-ts/fast-check": fastCheckSamples,
  "tinygrad-ts/gradcheck": gradcheckSamples,
  "tinygrad-ts/model": modelSamples,
  "tinygrad-ts/mpi": mpiSamples,
  "tinygrad-ts/node": nodeSamples,
  "tinygrad-ts/onnx": onnxSamples,
  "tinygrad-ts/safetensors": safetensorsSamples,
  "tinygrad-ts/reporters": reporterSamples,
  "tinygrad-ts/train": trainSamples,
};

const exempt: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "tinygrad-ts": {
    Saved: made,
    "Saved.input": made,
    "Saved.shapeOf": made,
    "Saved.dtypeOf": made,
    "Layer.forward": "abstract: each layer's own is tried",
    "Optimizer.step": "takes nothing; what comes is refused, as refusals.test.ts says",
  },
};

/** All entry points but those that are loaded by a test framework. */
export const enrolled: readonly Enrolled[] = Object.entries(entries)
  .filter(([entry]) => !/vitest|jest/.test(entry))
  .map(([entry, file]) => ({
    entry,
    file,
    samples: samples[entry] ?? {},
    exempt: exempt[entry] ?? {},
  }));
