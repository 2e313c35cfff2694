import { cutLoop, emitLoop, emitPlacement, type Places } from "./emit/loop.ts";
import { MathEmitter } from "./emit/math/kernels.ts";
import { type Epilogue, MatmulEmitter } from "./emit/matmul.ts";
import { emitScan, emitScatter } from "./emit/serial.ts";
import { emitSort } from "./emit/sort.ts";
import { bytesOf } from "./emit/vector.ts";
import type { Graph, Id } from "./ir.ts";
import type { Plan } from "./plan.ts";
import type { Kernel, Schedule, SingleKernel } from "./schedule.ts";
import { type Cut, type Split, splitMatmul } from "./split.ts";
import { Assembler, type Local } from "./wasm/assembler.ts";
import { ModuleBuilder } from "./wasm/module.ts";

/** What a module is made for. */
export interface Machine {
  /** Whether the engine has fused multiply-add, and it may be used. */
  readonly madd: boolean;
  /** How many threads share the work. With more than one, memory is shared. */
  readonly threads: number;
}

/**
 * Emits a program as a WebAssembly module with a function `run`, which returns 0, or 1 plus the number of the check that ended it. For several
 * threads, `run` calls the import `fork` with a kernel and the number of its tasks, and each thread calls `part` with a kernel and a task. A kernel that is a
 * function of JavaScript calls the import `host` with its number; `run` alone does, and so the main thread.
 *
 * @param address - of any node that has a place in memory.
 */
export function generate(
  graph: Graph,
  schedule: Schedule,
  plan: Plan,
  arena: number,
  address: (id: Id) => number,
  { madd, threads }: Machine,
): Uint8Array<ArrayBuffer> {
  const { nodes, checks } = graph;
  const module = new ModuleBuilder();
  const fork = threads > 1 ? module.import("fork", ["i32", "i32"], null) : -1;
  const isHost = (kernel: Kernel): boolean => kernel.kind === "single" && kernel.node.kind === "host";
  const host = schedule.kernels.some(isHost) ? module.import("host", ["i32"], null) : -1;
  const places: Places = {
    graph,
    address,
    isStored: (id) => schedule.isStored[id] === 1,
    isLate: (id) => plan.isLate[id] === 1,
  };
  const matmuls = new MatmulEmitter(module, madd);
  const math = new MathEmitter(module, madd);

  const epilogueOf = ({ epilogue }: SingleKernel, n: number): Epilogue | null =>
    epilogue === null
      ? null
      : (c, rows) => {
          const steps = epilogue.cuts.size === 0 ? n : 1; // of the outermost axis, for a row
          const from = c.local("i32");
          c.get(rows.from).i32(steps).op("i32.mul").set(from);
          emitLoop(c, epilogue, places, math, { from, size: rows.size * steps });
          c.release(from);
        };

  const emit = (c: Assembler, kernel: Exclude<Kernel, { kind: "check" }>, k: number, cut: Cut | null): void => {
    const task = c.params[0]!;
    if (kernel.kind === "loop") {
      if (kernel.size > 0) {
        if (cut === null) emitLoop(c, kernel, places, math, null);
        else {
          const from = c.local("i32");
          c.get(task).i32(cut.chunk).op("i32.mul").set(from);
          emitLoop(c, kernel, places, math, { from, size: cut.chunk });
        }
      }
      return;
    }
    const { id, node } = kernel;
    const room = arena + plan.rooms[k]!;
    const y = address(id);
    switch (node.kind) {
      case "matmul":
        matmuls.emit(
          c,
          node,
          { a: address(node.a), b: address(node.b), y, room },
          cut && { split: cut as Split, task },
          epilogueOf(kernel, node.n),
        );
        break;
      case "host":
        c.i32(k).call(host);
        break;
      case "scan":
        emitScan(c, node, address(node.x), y);
        break;
      case "sort":
        emitSort(c, node, nodes[node.x]!.dtype, address(node.x), y, room);
        break;
      case "scatter": {
        const at = { x: address(node.x), index: address(node.at), source: address(node.source), y, room };
        emitScatter(c, node, nodes[node.at]!.size, at);
        break;
      }
      case "assemble": {
        const covered = node.parts.reduce((sum, { x }) => sum + nodes[x]!.size, 0);
        if (covered < node.size) emitFill(c, node.dtype, node.fill, y, node.size);
        for (const { x, ...view } of node.parts) emitPlacement(c, x, view, y, places);
      }
    }
  };

  const cutOf = (kernel: Kernel): Cut | null => {
    if (kernel.kind === "loop") return cutLoop(kernel, places, threads);
    return kernel.kind === "single" && kernel.node.kind === "matmul" ? splitMatmul(kernel.node, threads) : null;
  };

  const run = new Assembler();
  const part = new Assembler(["i32", "i32"]);
  const [chosen, task] = part.params as [Local, Local];
  schedule.kernels.forEach((kernel, k) => {
    if (kernel.kind === "check") {
      const { bad } = checks[kernel.check]!;
      const node = nodes[bad]!;
      if (node.kind === "constant") run.i32(Number(node.values[0]));
      else run.i32(0).memory("i32.load8_u", address(bad));
      run.if(() => run.i32(kernel.check + 1).op("return"));
      return;
    }
    const cut = cutOf(kernel);
    const c = new Assembler(cut === null ? [] : ["i32"]);
    emit(c, kernel, k, cut);
    const func = module.define(c);
    if (cut === null) {
      run.call(func);
      return;
    }
    run.i32(k).i32(cut.tasks).call(fork);
    part
      .get(chosen)
      .i32(k)
      .op("i32.eq")
      .if(() => part.get(task).call(func));
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
  if (threads > 1) module.export("part", module.define(part));
  return module.build(threads > 1);
}

/** Fills an array with one number. */
function emitFill(c: Assembler, dtype: keyof typeof bytesOf, value: number, address: number, size: number): void {
  const width = bytesOf[dtype];
  if (value === 0 || dtype === "bool") {
    c.i32(address)
      .i32(value)
      .i32(size * width)
      .fill();
    return;
  }
  const counter = c.local("i32");
  c.i32(0)
    .set(counter)
    .loop(counter, size * width, width, () => {
      c.get(counter);
      if (dtype === "int32") c.i32(value).memory("i32.store", address);
      else {
        c.f64(value);
        if (dtype === "float32") c.op("f32.demote_f64").memory("f32.store", address);
        else c.memory("f64.store", address);
      }
    });
}
