import { contentOf } from "../content.ts";
import { bytesOf } from "../ir/kind.ts";
import { type Graph, type Id, isNumber, type Node, usesOf, withUses } from "../ir.ts";
import type { LoopKernel, Schedule, SingleKernel } from "../schedule.ts";
import { tasksOf as tasksOfNode } from "./emit/alone.ts";
import { loopsOf } from "./emit/nest.ts";
import type { Plan } from "./plan.ts";
import { type Tasks, tasksOfLoop } from "./tasks.ts";

/**
 * A kernel without its place in the graph and in memory. Its code is made of what stands here and of nothing else, so kernels with equal routines, as
 * equal layers have them, run the same code.
 */
export interface Routine {
  readonly kernel: LoopKernel | SingleKernel;
  /** What it computes and what it reads, by numbers of their own. What other kernels compute are leaves here. */
  readonly nodes: readonly Node[];
  /** Which of its buffers a node is in; −1 if in none. */
  readonly buffers: readonly number[];
  /** The buffer that is its own, for what lies between; −1 if it needs none. */
  readonly room: number;
  /** Nodes that overwrite what others in the loop read, so they must be written after them. */
  readonly late: readonly Id[];
  /** How threads share it; null if one runs it. */
  readonly tasks: Tasks | null;
}

/** A routine, and the addresses of the buffers that a kernel runs it on. */
export interface Call {
  readonly routine: Routine;
  /** The same for equal routines only. */
  readonly key: string;
  readonly addresses: readonly number[];
}

/** Nodes of the largest kernels that share code wherever their windows begin. */
const mostMembers = 48;

/** What makes calls of a program's kernels. */
export class Calls {
  readonly #graph: Graph;
  readonly #schedule: Schedule;
  readonly #plan: Plan;
  readonly #arena: number;
  readonly #address: (id: Id) => number;
  readonly #threads: number;

  constructor(
    graph: Graph,
    schedule: Schedule,
    plan: Plan,
    arena: number,
    address: (id: Id) => number,
    threads: number,
  ) {
    this.#graph = graph;
    this.#schedule = schedule;
    this.#plan = plan;
    this.#arena = arena;
    this.#address = address;
    this.#threads = threads;
  }

  /**
   * Where a kernel begins to read in arrays of which it sees windows alone: at the first of them. Its buffer begins there. So kernels that do the same with other rows of one array, such as the
   * places of a sequence, run the same code.
   * Not large kernels: shared code has a parameter for each buffer, and engines take time for each.
   */
  #startsOf(kernel: LoopKernel | SingleKernel): ReadonlyMap<Id, number> {
    const { nodes: all } = this.#graph;
    const members = kernel.kind === "loop" ? kernel.nodes : [kernel.id, ...(kernel.epilogue?.nodes ?? [])];
    const starts = new Map<Id, number>();
    if (members.length > mostMembers) return starts;
    for (const id of members) {
      starts.set(id, 0);
      for (const use of usesOf(all[id]!)) {
        const node = all[use]!;
        if (node.kind === "view" && all[node.x]!.kind !== "view") {
          starts.set(node.x, Math.min(starts.get(node.x) ?? Number.POSITIVE_INFINITY, node.offset));
        } else starts.set(node.kind === "view" ? node.x : use, 0);
      }
    }
    return starts;
  }

  /** @param k - the kernel's number. */
  of(kernel: LoopKernel | SingleKernel, k: number): Call {
    const { nodes: all } = this.#graph;
    const starts = this.#startsOf(kernel);
    const own = new Map<Id, Id>();
    const nodes: Node[] = [];
    const buffers: number[] = [];
    const late: Id[] = [];
    const addresses: number[] = [];
    const bufferNumbers = new Map<number, number>();

    const bufferAt = (address: number): number => {
      const known = bufferNumbers.get(address);
      if (known !== undefined) return known;
      bufferNumbers.set(address, addresses.length);
      return addresses.push(address) - 1;
    };
    const add = (id: Id, node: Node, isStored: boolean): Id => {
      own.set(id, nodes.push(node) - 1);
      buffers.push(isStored ? bufferAt(this.#address(id) + (starts.get(id) ?? 0) * bytesOf[node.dtype]) : -1);
      return nodes.length - 1;
    };
    /** The number of what is read: of this kernel, or from outside. */
    const used = (id: Id): Id => {
      const known = own.get(id);
      if (known !== undefined) return known;
      const node = all[id]!;
      const { dtype, size } = node;
      if (node.kind === "view") {
        return add(id, { ...node, x: used(node.x), offset: node.offset - (starts.get(node.x) ?? 0) }, false);
      }
      if (isNumber(node)) return add(id, node, false);
      return add(id, { kind: "leaf", dtype, size }, true);
    };
    const member = (id: Id): Id => {
      const at = add(id, withUses(all[id]!, used), this.#schedule.isStored[id] === 1);
      if (this.#plan.isLate[id] === 1) late.push(at);
      return at;
    };
    const loop = (of: LoopKernel): LoopKernel => ({ ...of, nodes: of.nodes.map(member) });
    const single = ({ id, epilogue }: SingleKernel): SingleKernel => {
      const at = member(id);
      return { kind: "single", id: at, node: nodes[at] as SingleKernel["node"], epilogue: epilogue && loop(epilogue) };
    };

    const renamed = kernel.kind === "loop" ? loop(kernel) : single(kernel);
    const roomAt = this.#plan.rooms.get(k);
    const room = roomAt === undefined ? -1 : bufferAt(this.#arena + roomAt);
    const tasks = tasksOf(renamed, late, this.#threads);
    const routine = { kernel: renamed, nodes, buffers, room, late, tasks };
    return { routine, key: keyOf(routine), addresses };
  }
}

/** How a kernel is shared among threads. Not one that overwrites what it reads: a task may be done twice. */
function tasksOf(kernel: LoopKernel | SingleKernel, late: readonly Id[], threads: number): Tasks | null {
  if (kernel.kind === "single") return tasksOfNode(kernel.node, threads);
  if (threads < 2) return null;
  const { axes, vector, reduced } = loopsOf(kernel);
  if (reduced === 0 || late.length > 0) return null;
  return tasksOfLoop(axes[0]!.size, vector === 0, kernel.size * kernel.nodes.length, threads);
}

function keyOf({ nodes, kernel, ...rest }: Routine): string {
  const { id, epilogue } = kernel.kind === "single" ? kernel : { id: -1, epilogue: kernel };
  let text = JSON.stringify([id, epilogue, epilogue && [...epilogue.cuts], rest]);
  for (const node of nodes) text += `${contentOf(node)},`;
  return text;
}
