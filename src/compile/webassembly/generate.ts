import type { PartProduct } from "../../core/products.ts";
import { bytesOf } from "../ir/kind.ts";
import { type Graph, type Id, isNumber } from "../ir.ts";
import type { Kernel, Schedule } from "../schedule.ts";
import { Assembler, type Local } from "./binary/assembler.ts";
import { ModuleBuilder } from "./binary/module.ts";
import { RoutineEmitter } from "./emit/routine.ts";
import { hasPanels } from "./outside.ts";
import type { Plan } from "./plan.ts";
import { type Call, Calls } from "./routine.ts";

/** What a module is made for. */
export interface Machine {
  /** Whether the engine has fused multiply-add, and it may be used. */
  readonly madd: boolean;
  /** How many threads share the work. With more than one, memory is shared. */
  readonly threads: number;
  /** Takes the parts of products that the module has computed outside: it calls the import `multiply` with the number of one, and the addresses of its operands and its result. */
  readonly parts: PartProduct[];
}

/**
 * Emits a program as a WebAssembly module with a function `run`, which returns 0, or 1 plus the number of the check that ended it. For several
 * threads, `run` calls the import `fork` with a kernel and the number of its tasks, and each thread calls `task` with a kernel and a task. A kernel that is a
 * function of JavaScript, or a product outside, calls the import `host` with its number; `run` alone does, and so the main thread.
 *
 * @param address - of any node that has a place in memory.
 */
export function generate(
  graph: Graph,
  schedule: Schedule,
  plan: Plan,
  arena: number,
  address: (id: Id) => number,
  { madd, threads, parts }: Machine,
): Uint8Array<ArrayBuffer> {
  const { nodes, checks } = graph;
  const module = new ModuleBuilder();
  const fork = threads > 1 ? module.import("fork", ["i32", "i32"], null) : -1;
  const host = schedule.kernels.some(({ kind }) => kind === "call") ? module.import("host", ["i32"], null) : -1;
  const multiply = hasPanels(graph) ? module.import("multiply", ["i32", "i32", "i32", "i32"], null) : -1;

  const calls = new Calls(graph, schedule, plan, arena, address, threads);
  const callOf = (kernel: Kernel, k: number): Call | null => {
    if (kernel.kind === "check" || kernel.kind === "call") return null;
    return kernel.kind === "loop" && kernel.size === 0 ? null : calls.of(kernel, k);
  };
  const own = schedule.kernels.map(callOf);
  const functions = new Functions(module, new RoutineEmitter(module, madd, { func: multiply, parts }), own);

  const run = new Assembler();
  const doTask = new Assembler(["i32", "i32"]);
  const [chosen, task] = doTask.params as [Local, Local];
  schedule.kernels.forEach((kernel, k) => {
    const call = own[k]!;
    if (kernel.kind === "check") {
      const { bad } = checks[kernel.check]!;
      const node = nodes[bad]!;
      if (isNumber(node)) run.i32(Number(node.values[0]));
      else run.i32(0).memory("i32.load8_u", address(bad));
      run.if(() => run.i32(kernel.check + 1).op("return"));
    } else if (kernel.kind === "call") run.i32(k).call(host);
    else if (call === null)
      return; // there is nothing to compute
    else if (call.routine.tasks === null) functions.call(run, call, null);
    else {
      run.i32(k).i32(call.routine.tasks.count).call(fork);
      doTask
        .get(chosen)
        .i32(k)
        .op("i32.eq")
        .if(() => functions.call(doTask, call, task));
    }
  });
  for (const { id, address: to } of plan.copies) {
    run
      .i32(to)
      .i32(address(id))
      .i32(nodes[id]!.size * bytesOf[nodes[id]!.dtype])
      .copy();
  }
  run.i32(0);
  module.export("run", module.define(run, "i32"));
  if (threads > 1) module.export("task", module.define(doTask));
  return module.build(threads > 1);
}

/** The functions of a module that kernels call, one for each routine. */
class Functions {
  readonly #module: ModuleBuilder;
  readonly #emitter: RoutineEmitter;
  readonly #known = new Map<string, number>();
  /** How many kernels have a routine. */
  readonly #uses = new Map<string, number>();

  constructor(module: ModuleBuilder, emitter: RoutineEmitter, calls: readonly (Call | null)[]) {
    this.#module = module;
    this.#emitter = emitter;
    for (const call of calls) if (call !== null) this.#uses.set(call.key, (this.#uses.get(call.key) ?? 0) + 1);
  }

  /** Calls the function of a routine: with the addresses, if other kernels use it, too; else they are in its code. */
  call(c: Assembler, call: Call, task: Local | null): void {
    const isShared = this.#uses.get(call.key)! > 1;
    let known = this.#known.get(call.key);
    if (known === undefined) {
      known = this.#define(call, isShared);
      this.#known.set(call.key, known);
    }
    if (isShared) for (const address of call.addresses) c.i32(address);
    if (task !== null) c.get(task);
    c.call(known);
  }

  #define({ routine, addresses }: Call, isShared: boolean): number {
    const bases = isShared ? addresses.length : 0;
    const c = new Assembler(Array.from({ length: bases + (routine.tasks === null ? 0 : 1) }, () => "i32"));
    const places = addresses.map((offset, k) =>
      isShared ? { base: c.params[k]!, offset: 0 } : { base: null, offset },
    );
    this.#emitter.emit(c, routine, places, routine.tasks === null ? null : c.params[bases]!);
    return this.#module.define(c);
  }
}
