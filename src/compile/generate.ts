import { emitLoop, emitPlacement, type Places } from "./emit/loop.ts";
import { MathEmitter } from "./emit/math/kernels.ts";
import { MatmulEmitter } from "./emit/matmul.ts";
import { emitScan, emitScatter } from "./emit/serial.ts";
import { bytesOf } from "./emit/vector.ts";
import type { Graph, Id } from "./ir.ts";
import type { Plan } from "./plan.ts";
import type { Kernel, Schedule } from "./schedule.ts";
import { Assembler } from "./wasm/assembler.ts";
import { ModuleBuilder } from "./wasm/module.ts";

/**
 * Emits a program as a WebAssembly module with one function `run`, which returns 0, or 1 plus the number of the check that ended it.
 *
 * @param address - of any node that has a place in memory.
 */
export function generate(
  graph: Graph,
  schedule: Schedule,
  plan: Plan,
  arena: number,
  address: (id: Id) => number,
  madd: boolean,
): Uint8Array<ArrayBuffer> {
  const { nodes, checks } = graph;
  const module = new ModuleBuilder();
  const places: Places = {
    graph,
    address,
    isStored: (id) => schedule.isStored[id] === 1,
    isLate: (id) => plan.isLate[id] === 1,
  };
  const matmuls = new MatmulEmitter(module, madd);
  const math = new MathEmitter(module, madd);

  const emit = (c: Assembler, kernel: Exclude<Kernel, { kind: "check" }>, k: number): void => {
    if (kernel.kind === "loop") {
      if (kernel.size > 0) emitLoop(c, kernel, places, math);
      return;
    }
    const { id, node } = kernel;
    const room = arena + plan.rooms[k]!;
    const y = address(id);
    switch (node.kind) {
      case "matmul":
        matmuls.emit(c, node, { a: address(node.a), b: address(node.b), y, room });
        break;
      case "scan":
        emitScan(c, node, address(node.x), y);
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

  const run = new Assembler();
  schedule.kernels.forEach((kernel, k) => {
    if (kernel.kind === "check") {
      const { bad } = checks[kernel.check]!;
      const node = nodes[bad]!;
      if (node.kind === "constant") run.i32(Number(node.values[0]));
      else run.i32(0).memory("i32.load8_u", address(bad));
      run.if(() => run.i32(kernel.check + 1).op("return"));
      return;
    }
    const c = new Assembler();
    emit(c, kernel, k);
    run.call(module.define(c));
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
  return module.build();
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
