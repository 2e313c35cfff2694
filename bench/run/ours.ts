import { setFlagsFromString } from "node:v8";
import type { Tensor } from "tinygrad-ts";
import { blas, useBlas } from "tinygrad-ts/blas";
import { accelerate, type Compiled, compile, setThreads } from "tinygrad-ts/compile";
import manifest from "../../package.json" with { type: "json" };
import { type Spec, stepsToCompare } from "../spec.ts";
import { subjectOf } from "./oursFunctions.ts";
import { wholeTraining } from "./oursTraining.ts";
import { type CompileTimes, type Library, some, type Task, training } from "./task.ts";

/**
 * The library itself. Modes: "eager", "accelerated" (the compiler's kernels under eager code), "compiled", "threads" (compiled, with two of them), "blas" (compiled, products by
 * BLAS, whose threads may follow: "blas 2"), and "revectorized" (compiled, by an engine that packs vectors of 128 bits in pairs).
 */
export async function load(mode: string): Promise<Library> {
  if (mode === "revectorized") setFlagsFromString("--experimental-wasm-revectorize");
  if (mode.startsWith("blas")) useBlas(await blas({ threads: Number(mode.slice("blas ".length) || 1) }));
  if (mode === "accelerated") accelerate();
  if (mode === "threads") await setThreads(2);
  const isCompiled = mode !== "eager" && mode !== "accelerated";
  return { version: manifest.version, task: (spec) => taskOf(spec, isCompiled), compileTimes };
}

function taskOf(spec: Spec, isCompiled: boolean): Task {
  if (spec.kind === "training") return wholeTraining(spec);
  const { f: eager, leaf, into, filled } = subjectOf(spec);
  if (!isCompiled) return taskFor(spec, eager, leaf);
  const compiled: Compiled<[], Tensor | void> = compile(into ?? eager);
  const program = () => {
    const { flops, bytesMoved } = compiled.programs[0]!.stats;
    return { flops, bytes: bytesMoved };
  };
  if (filled !== undefined) {
    const check = () => {
      compiled();
      return some(filled.data);
    };
    return { run: compiled, check, program };
  }
  return { ...taskFor(spec, compiled, leaf), program };
}

function taskFor(spec: Spec, f: () => Tensor | void, leaf: Tensor | undefined): Task {
  const item = () => (f() as Tensor).item();
  if (spec.kind === "step" || spec.kind === "network") return training(item, stepsToCompare(spec));
  if (leaf !== undefined) return { run: item, check: () => [item(), leaf.grad!.item()] };
  return { run: f, check: () => some(f()?.data ?? []) };
}

/** To be asked in a fresh process: what the first call of a compiled function takes beyond a later one. */
function compileTimes(spec: Spec): CompileTimes {
  // A subject of its own for each: homes in WebAssembly's memory are then made, too.
  const times = Array.from({ length: 8 }, () => {
    const f = compile(subjectOf(spec).f);
    const first = timeOf(f);
    return first - Math.min(...[1, 2, 3].map(() => timeOf(f)));
  });
  const later = times.slice(1).sort((a, b) => a - b);
  return { first: times[0]!, later: later[later.length >> 1]! };
}

function timeOf(f: () => unknown): number {
  const start = performance.now();
  f();
  return performance.now() - start;
}
