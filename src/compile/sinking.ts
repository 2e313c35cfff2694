import { isChain } from "./cuts.ts";
import { type Graph, type Id, loopedOf, usesOf } from "./ir.ts";
import { baseOf, type Kernel, type LoopKernel, membersOf, type Schedule } from "./schedule.ts";
import { mostNodes } from "./stage.ts";

/**
 * The same schedule where a loop whose results one later loop alone reads, each at its own element, is part of that one: what it computes is then never written. So is what a normalization's
 * gradient makes of its input between two sums. Not where that would keep more arrays than it spares.
 */
export function withSunken(graph: Graph, { kernels, kernelOf, isStored }: Schedule): Schedule {
  const { nodes } = graph;
  const now: (Kernel | null)[] = [...kernels];
  const places = Int32Array.from(kernelOf);
  const stored = Uint8Array.from(isStored);
  const isOutput = new Uint8Array(nodes.length);
  for (const id of [...graph.outputs, ...graph.checks.flatMap(({ bad, inputs }) => [bad, ...inputs])]) {
    isOutput[baseOf(graph, id)] = 1;
  }
  const readers = readersOf(graph, kernels, isStored);
  for (let k = kernels.length - 1; k >= 0; k--) {
    const from = now[k];
    if (from?.kind !== "loop" || from.reduction !== null) continue;
    const results = from.nodes.filter((id) => stored[id]);
    const reading = new Set(results.flatMap((id) => readers.get(id)?.map((reader) => places[reader]!) ?? []));
    reading.delete(k);
    const [to, ...others] = reading;
    const into = to === undefined ? null : now[to];
    if (into?.kind !== "loop" || others.length > 0 || results.some((id) => isOutput[id])) continue;
    if (!readsEach(graph, into, results) || arraysOf(graph, from).size > results.length) continue;
    const joined = joinedBy(from, into);
    if (joined === null) continue;
    now[to!] = joined;
    now[k] = null;
    for (const id of from.nodes) places[id] = to!;
    for (const id of results) stored[id] = 0;
  }
  const left = now.flatMap((kernel) => kernel ?? []);
  const number = new Map(left.map((kernel, k) => [kernel, k]));
  const kernelAt = places.map((k) => (k < 0 ? k : number.get(now[k]!)!));
  return { kernels: left, kernelOf: kernelAt, isStored: stored };
}

/** The nodes that read each stored node, or a window of it. Most nodes are never stored. */
function readersOf(graph: Graph, kernels: readonly Kernel[], isStored: Uint8Array): Map<Id, Id[]> {
  const readers = new Map<Id, Id[]>();
  for (const kernel of kernels) {
    if (kernel.kind === "check") continue;
    for (const id of membersOf(kernel)) {
      const uses = usesOf(graph.nodes[id]!);
      for (let i = 0; i < uses.length; i++) {
        const base = baseOf(graph, uses[i]!);
        if (!isStored[base]) continue;
        const known = readers.get(base);
        if (known === undefined) readers.set(base, [id]);
        else known.push(id);
      }
    }
  }
  return readers;
}

/** Whether a loop reads some nodes at its own element only. */
function readsEach(graph: Graph, { nodes }: LoopKernel, results: readonly Id[]): boolean {
  return nodes.every((id) => {
    const node = graph.nodes[id]!;
    const looped = loopedOf(node)!;
    const direct = looped.direct(node);
    const whole = looped.whole(node);
    return usesOf(node).every((use) => {
      const base = baseOf(graph, use);
      return !results.includes(base) || (use === base && direct.includes(use) && !whole.includes(use));
    });
  });
}

/** The arrays about as large as itself that a loop reads, and that are kept for somebody; leaves are there anyway. */
function arraysOf(graph: Graph, { nodes, size }: LoopKernel): Set<Id> {
  const bases = nodes.flatMap((id) => usesOf(graph.nodes[id]!).map((use) => baseOf(graph, use)));
  return new Set(
    bases.filter((base) => {
      const { kind, size: own } = graph.nodes[base]!;
      return !nodes.includes(base) && kind !== "leaf" && kind !== "constant" && 2 * own > size;
    }),
  );
}

/** One loop of two over as many elements; null if they are cut in ways that do not fit. */
function joinedBy(from: LoopKernel, into: LoopKernel): LoopKernel | null {
  const cuts = new Set([...from.cuts, ...into.cuts]);
  const nodes = [...from.nodes, ...into.nodes].sort((a, b) => a - b);
  if (from.size !== into.size || nodes.length > mostNodes || !isChain([...cuts], from.size)) return null;
  return { ...into, nodes, cuts };
}
