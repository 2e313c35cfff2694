import { allocateLike, type TypedArray } from "../../core/dtype.ts";
import type { PartProduct, Products } from "../../core/products.ts";
import { readStrided } from "../../ops/strided.ts";
import type { CodeOptions, Holding, Place, Runnable } from "../backend.ts";
import type { Graph, Id } from "../ir.ts";
import { readsOf, withPasses } from "../passes.ts";
import { printGraph } from "../print.ts";
import { productsNow } from "../productsNow.ts";
import { type Schedule, schedule } from "../schedule.ts";
import { withSunken } from "../sinking.ts";
import { type ProgramStats, statsOf } from "../stats.ts";
import { engine, permitted } from "./engine.ts";
import { withEpilogues } from "./epilogues.ts";
import { generate } from "./generate.ts";
import { addressOf, type HeapBlock, heap } from "./heap.ts";
import { HostCalls, partCall } from "./hostCalls.ts";
import { withProducts } from "./outside.ts";
import { planMemory } from "./plan.ts";
import { supportsMadd } from "./probe.ts";
import type { DoTask } from "./threads/pool.ts";

/** A graph as machine code, with the memory that it needs between. */
export class Executable implements Runnable {
  readonly graph: Graph;
  readonly run: () => number;
  readonly #schedule: Schedule;
  readonly #addresses: Float64Array;
  readonly #isDeterministic: boolean;
  readonly #products: Products | null;
  readonly #sizes: Pick<ProgramStats, "recorded" | "arenaBytes" | "moduleBytes">;
  readonly holding: MemoryHolding;

  constructor(recorded: Graph, options: CodeOptions, place: Place) {
    this.#isDeterministic = options.deterministic;
    this.#products = options.deterministic ? null : productsNow();
    const { memory, pool } = heap();
    const threads = pool?.threads ?? 1;
    const graph = withProducts(withPasses(recorded, options.verify), this.#products, threads);
    this.graph = graph;
    this.#schedule = withSunken(graph, withEpilogues(graph, schedule(graph), threads));
    const { leaves: ids, isRead } = readsOf(graph);
    const { leaves, outputs } = place(ids, isRead, graph.outputs);

    const targets = outputs.map(({ id, block, leaf }) => ({ id, address: addressOf(block), leaf }));
    const plan = planMemory(graph, this.#schedule, targets, threads);
    const { offsets, direct } = plan;
    const arena = heap().block("bool", plan.bytes);
    const holding = new MemoryHolding(arena);
    this.holding = holding;
    this.#addresses = Float64Array.from(graph.nodes, (_, id) => {
      if (direct[id]! >= 0) return direct[id]!;
      const block = leaves.get(id);
      if (block !== undefined) return addressOf(block);
      return offsets[id]! < 0 ? -1 : arena.address + offsets[id]!;
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
    return this.holding.arena.heap === heap();
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
    if (node.kind !== "view") return this.holding.arena.heap.view(node.dtype, this.#addresses[id]!, node.size).slice();
    const base = this.elements(node.x);
    const out = filled(base.subarray(0, 1), node.size);
    readStrided(out, base, node.sizes, node.strides, node.offset);
    return out;
  }
}

/** What an executable takes: a place in memory, and a number among the programs of the workers. */
class MemoryHolding implements Holding {
  readonly arena: HeapBlock;
  shared: number | null = null;

  constructor(arena: HeapBlock) {
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
