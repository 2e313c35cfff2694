import type { SingleKernel } from "../../schedule.ts";
import type { Assembler, Local } from "../binary/assembler.ts";
import type { ModuleBuilder } from "../binary/module.ts";
import type { Routine } from "../routine.ts";
import { emitAlone, rowOf } from "./alone.ts";
import { emitLoop } from "./loop.ts";
import { MathEmitter } from "./math/kernels.ts";
import { type Epilogue, MatmulEmitter } from "./matmul.ts";
import { loopsOf } from "./nest.ts";
import { type Layout, placeIn } from "./operands.ts";
import type { Multiply } from "./panels.ts";
import type { Place } from "./place.ts";

/** Emits routines into the functions of a module. */
export class RoutineEmitter {
  readonly #matmuls: MatmulEmitter;
  readonly #math: MathEmitter;

  /**
   * @param madd - whether the engine has fused multiply-add, and it may be used.
   * @param multiply - what is called for parts of products.
   */
  constructor(module: ModuleBuilder, madd: boolean, multiply: Multiply) {
    this.#matmuls = new MatmulEmitter(module, madd, multiply);
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
    const y = placeIn(layout, id);
    emitAlone(c, node, {
      layout,
      y,
      room: places[room] ?? y, // who needs no room does not use it
      task: tasks === null || task === null ? null : { of: tasks, number: task },
      epilogue: this.#epilogueOf(kernel, layout),
      matmuls: this.#matmuls,
    });
  }

  /** The loop that runs for some rows of a result after the other. */
  #epilogueOf({ node, epilogue }: SingleKernel, layout: Layout): Epilogue | null {
    if (epilogue === null) return null;
    const steps = rowOf(node)! / loopsOf(epilogue).axes[0]!.place; // of the outermost axis, for a row
    return (c, rows) => {
      const from = c.local("i32");
      c.get(rows.from).i32(steps).op("i32.mul").set(from);
      emitLoop(c, epilogue, layout, this.#math, { from, size: rows.size * steps });
      c.release(from);
    };
  }
}
