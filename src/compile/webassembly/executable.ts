import { allocateLike, type TypedArray } from "../../core/dtype.ts";
import type { PartProduct, Products } from "../../core/products.ts";
import { readStrided } from "../../ops/strided.ts";
import type { CodeOptions, Place, Runnable } from "../backend.ts";
import { type Graph, type Id, usesOf } from "../ir.ts";
import { printGraph } from "../print.ts";
import { type Schedule, schedule } from "../schedule.ts";
import { withCopies, withoutDeadCode } from "../simplify.ts";
import { withSunken } from "../sinking.ts";
import { type ProgramStats, statsOf } from "../stats.ts";
import { verify } from "../verify.ts";
import { engine, permitted } from "./engine.ts";
import { withEpilogues } from "./epilogues.ts";
import { generate } from "./generate.ts";
import { Block, heap } from "./heap.ts";
import { HostCalls, partCall } from "./hostCalls.ts";
import { productsNow, withProducts } from "./outside.ts";
import { planMemory } from "./plan.ts";
import { supportsMadd } from "./probe.ts";
import type { DoTask } from "./threads/pool.ts";

const passes = [withoutDeadCode, withCopies];

/** The graph after all passes. They keep the leaves, in their order. */
export function withPasses(recorded: Graph, isVerified: boolean): Graph {
  return passes.reduce((before, pass) => (isVerified ? verify(pass(before), pass.name) : pass(before)), recorded);
}

/** Which nodes of a graph are read, and its leaves. */
export function readsOf({ nodes, checks }: Graph): { readonly leaves: Id[]; readonly isRead: (id: Id) => boolean } {
  const read = new Uint8Array(nodes.length);
  for (const node of nodes) for (const use of usesOf(node)) read[use] = 1;
  for (const { bad, inputs } of checks) for (const id of [bad, ...inputs]) read[id] = 1;
  const leaves = nodes.flatMap((node, id) => (node.kind === "leaf" ? [id] : []));
  return { leaves, isRead: (id) => read[id] === 1 };
}

/** A graph as machine code, with the memory that it needs between. */
export class Executable implements Runnable {
  readonly graph: Graph;
  readonly run: () => number;
  readonly #schedule: Schedule;
  readonly #addresses: Float64Array;
  readonly #isDeterministic: boolean;
  readonly #products: Products | null;
  readonly #sizes: Pick<ProgramStats, "recorded" | "arenaBytes" | "moduleBytes">;
  /** What it gives back. */
  readonly memory: Holding;

  constructor(recorded: Graph, options: CodeOptions, place: Place) {
    this.#isDeterministic = options.deterministic;
    this.#products = options.deterministic ? null : productsNow();
    const { memory, pool } = heap();
    const threads = pool?.threads ?? 1;
    const graph = withProducts(withPasses(recorded, options.verify), this.#products, threads);
    this.graph = graph;
    this.#schedule = withSunken(graph, withEpilogues(graph, schedule(graph), threads));
    const { leaves: ids, isRead } = readsOf(graph);
    const { leaves, targets } = place(ids, isRead, graph.outputs);

    const plan = planMemory(graph, this.#schedule, targets, threads);
    const { offsets, direct } = plan;
    const arena = new Block("bool", plan.bytes);
    const holding = new Holding(arena);
    this.memory = holding;
    this.#addresses = Float64Array.from(graph.nodes, (_, id) => {
      if (direct[id]! >= 0) return direct[id]!;
      return leaves.get(id) ?? (offsets[id]! < 0 ? -1 : arena.address + offsets[id]!);
    });
    graph.nodes.forEach((node, id) => {
      if (node.kind !== "constant" || node.values.length < 2) return;
      heap().view(node.dtype, this.#addresses[id]!, node.size).set(node.values);
    });
    try {
      const address = (id: Id): number => {
        const found = this.#addresses[id]!;
        if (found < 0) throw new Error(`node ${id} has no place in memory`);
        return found;
      };
      const madd = !options.deterministic && supportsMadd();
      const parts: PartProduct[] = [];
      const bytes = generate(graph, this.#schedule, plan, arena.address, address, { madd, threads, parts });
      this.#sizes = { recorded: recorded.nodes.length, arenaBytes: plan.bytes, moduleBytes: bytes.length };
      const fork = (kernel: number, tasks: number): void => pool!.run(holding.shared!, doTask, kernel, tasks);
      const host = new HostCalls(graph, this.#schedule, arena.heap, address);
      const { Module, Instance } = engine();
      const module = permitted(() => new Module(bytes));
      const multiply = this.#products && partCall(this.#products, parts, arena.heap);
      const env = { memory, fork, host: host.call, ...(multiply && { multiply }) };
      const exported = permitted(() => new Instance(module, { env })).exports;
      this.run = host.guarded(exported["run"] as () => number);
      const doTask = exported["task"] as DoTask;
      if (pool !== null) holding.shared = pool.add(module);
    } catch (error) {
      holding.release();
      throw error;
    }
  }

  /** Counted when somebody asks, since a first call takes long enough. */
  get stats(): ProgramStats {
    return statsOf(this.graph, this.#schedule, this.#sizes);
  }

  isPresent(): boolean {
    return this.memory.arena.heap === heap();
  }

  isLatest(): boolean {
    return this.isPresent() && (this.#isDeterministic || this.#products === productsNow());
  }

  toString(): string {
    return printGraph(this.graph, this.#schedule);
  }

  elements(id: Id): TypedArray {
    const node = this.graph.nodes[id]!;
    if (node.kind === "constant") {
      return node.values.length === node.size ? node.values : filled(node.values, node.size);
    }
    if (node.kind !== "view") return this.memory.arena.heap.view(node.dtype, this.#addresses[id]!, node.size).slice();
    const base = this.elements(node.x);
    const out = filled(base.subarray(0, 1), node.size);
    readStrided(out, base, node.sizes, node.strides, node.offset);
    return out;
  }

  release(): void {
    this.memory.release();
  }
}

/** What an executable takes: a place in memory, and a number among the programs of the workers. */
export class Holding {
  readonly arena: Block;
  shared: number | null = null;

  constructor(arena: Block) {
    this.arena = arena;
  }

  release(): void {
    this.arena.release();
    if (this.shared !== null) this.arena.heap.pool?.remove(this.shared);
  }
}

/** An array of the same type filled with the first element. */
function filled(one: TypedArray, size: number): TypedArray {
  const out = allocateLike(one, size, "compile");
  if (one.length > 0) out.fill(one[0]!);
  return out;
}
