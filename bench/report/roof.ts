import { type Measured, type Results, timeOf } from "../results.ts";

/** What the machine can do, as measured: the best product of matrices, and a sum of arrays that do not fit into caches. */
export interface Roof {
  readonly gflops: number;
  /** Per second. */
  readonly gigabytes: number;
}

export interface Achieved {
  readonly label: string;
  /** Floating-point operations per byte. */
  readonly intensity: number;
  readonly gflops: number;
}

/** What a compiled program achieved. */
export function achieved(label: string, { program, outcomes }: Measured): Achieved | undefined {
  const us = timeOf(outcomes["compiled"]);
  if (program === undefined || us === undefined) return undefined;
  return { label, intensity: program.flops / program.bytes, gflops: program.flops / us / 1000 };
}

export function roofOf({ workloads, stream }: Results): Roof | undefined {
  const products = workloads.filter(({ id }) => id.startsWith("matmul ")).flatMap((w) => achieved(w.id, w) ?? []);
  const us = timeOf(stream?.outcomes["compiled"]);
  if (products.length === 0 || us === undefined || stream?.program === undefined) return undefined;
  return { gflops: Math.max(...products.map(({ gflops }) => gflops)), gigabytes: stream.program.bytes / us / 1000 };
}
