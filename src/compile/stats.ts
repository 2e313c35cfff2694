import { bytesOf } from "./ir/kind.ts";
import { flopsOf, type Graph, type Id, usesOf } from "./ir.ts";
import { baseOf, membersOf, type Schedule } from "./schedule.ts";

/** The parts of a program, and the cost of a run. */
export interface ProgramStats {
  /** Operations as they were recorded: nodes of the graph before any pass. */
  readonly recorded: number;
  /** Operations that are computed: windows and constants cost none. */
  readonly operations: number;
  /** Loops and products that they became. */
  readonly kernels: number;
  /** Bytes of memory for what lies between, and for constants. */
  readonly arenaBytes: number;
  /** Bytes of the WebAssembly module. */
  readonly moduleBytes: number;
  /** Floating-point operations of a run: two for each term of a product, one for each other element. */
  readonly flops: number;
  /** Bytes that a run reads from memory and writes to it, if each array is read once by each kernel that uses it. */
  readonly bytesMoved: number;
}

/** Counts what a program does. */
export function statsOf(
  graph: Graph,
  schedule: Schedule,
  sizes: Pick<ProgramStats, "recorded" | "arenaBytes" | "moduleBytes">,
): ProgramStats {
  const { nodes } = graph;
  let [operations, flops, bytesMoved, kernels] = [0, 0, 0, 0];
  const bytes = (id: Id): number => nodes[id]!.size * bytesOf[nodes[id]!.dtype];
  for (const kernel of schedule.kernels) {
    if (kernel.kind === "check") continue;
    kernels++;
    const members = membersOf(kernel);
    const read = new Set<Id>();
    for (const id of members) {
      const node = nodes[id]!;
      operations++;
      flops += flopsOf(node, nodes);
      if (schedule.isStored[id]) bytesMoved += bytes(id);
      for (const use of usesOf(node)) {
        const base = baseOf(graph, use);
        if (!members.includes(base) && nodes[base]!.kind !== "constant") read.add(base);
      }
    }
    for (const id of read) bytesMoved += bytes(id);
  }
  return { ...sizes, operations, kernels, flops, bytesMoved };
}
