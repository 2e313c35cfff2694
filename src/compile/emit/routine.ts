import type { Routine } from "../routine.ts";
import type { SingleKernel } from "../schedule.ts";
import type { Assembler, Local } from "../wasm/assembler.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { emitAssemble } from "./assemble.ts";
import { emitLoop } from "./loop.ts";
import { MathEmitter } from "./math/kernels.ts";
import { type Epilogue, MatmulEmitter } from "./matmul.ts";
import { type Layout, placeIn } from "./operands.ts";
import type { Place } from "./place.ts";
import { emitScan, emitScatter } from "./serial.ts";
import { emitSort } from "./sort.ts";

/** Emits routines into the functions of a module. */
export class RoutineEmitter {
  readonly #matmuls: MatmulEmitter;
  readonly #math: MathEmitter;

  /** @param madd - whether the engine has fused multiply-add, and it may be used. */
  constructor(module: ModuleBuilder, madd: boolean) {
    this.#matmuls = new MatmulEmitter(module, madd);
    this.#math = new MathEmitter(module, madd);
  }

  /**
   * @param places - of the routine's buffers.
   * @param task - the number of the task that is to be done, if it is divided into some.
   */
  emit(
    c: Assembler,
    { kernel, nodes, buffers, room, late, tasks }: Routine,
    places: readonly Place[],
    task: Local | null,
  ): void {
    const layout: Layout = {
      nodes,
      place: (id) => places[buffers[id]!] ?? null,
      isLate: (id) => late.includes(id),
    };
    if (kernel.kind === "loop") {
      if (tasks === null || task === null) emitLoop(c, kernel, layout, this.#math, null);
      else {
        const from = c.local("i32");
        c.get(task).i32(tasks.chunk).op("i32.mul").set(from);
        emitLoop(c, kernel, layout, this.#math, { from, size: tasks.chunk });
      }
      return;
    }
    const { id, node } = kernel;
    const at = (own: number): Place => placeIn(layout, own);
    const y = at(id);
    const aside = places[room] ?? y; // who needs no room does not use it
    switch (node.kind) {
      case "matmul": {
        const own = tasks === null || task === null ? null : { of: tasks, number: task };
        const operands = { a: at(node.a), b: at(node.b), y, room: aside };
        this.#matmuls.emit(c, node, operands, own, this.#epilogueOf(kernel, node.n, layout));
        break;
      }
      case "scan":
        emitScan(c, node, at(node.x), node.factors === null ? null : at(node.factors), y);
        break;
      case "sort":
        emitSort(c, node, nodes[node.x]!.dtype, at(node.x), y, aside);
        break;
      case "scatter": {
        const operands = { x: at(node.x), index: at(node.at), source: at(node.source), y, room: aside };
        emitScatter(c, node, nodes[node.at]!.size, operands);
        break;
      }
      case "assemble":
        emitAssemble(c, node, y, layout);
        break;
      case "host":
        throw new Error("a function of JavaScript is not emitted");
    }
  }

  /** The loop that runs for some rows of a product after the other. */
  #epilogueOf({ epilogue }: SingleKernel, columns: number, layout: Layout): Epilogue | null {
    if (epilogue === null) return null;
    const steps = epilogue.cuts.size === 0 ? columns : 1; // of the outermost axis, for a row
    return (c, rows) => {
      const from = c.local("i32");
      c.get(rows.from).i32(steps).op("i32.mul").set(from);
      emitLoop(c, epilogue, layout, this.#math, { from, size: rows.size * steps });
      c.release(from);
    };
  }
}
