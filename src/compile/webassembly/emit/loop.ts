import { bytesOf } from "../../ir/kind.ts";
import { type Id, isNumber, type LoopedNode, type ReduceNode } from "../../ir.ts";
import type { LoopKernel } from "../../schedule.ts";
import type { Assembler, Local } from "../binary/assembler.ts";
import { loadEach } from "./access.ts";
import { emitLarger, emitMap, emitMasked, isMasked, largerOf } from "./map.ts";
import type { MathEmitter } from "./math/kernels.ts";
import { emitNest, type Loops, loopsOf } from "./nest.ts";
import {
  depthOf,
  emitRead,
  emitReadNumber,
  emitWrite,
  type Layout,
  type Operand,
  type Operands,
  operandsIn,
  operandsOf,
  placeIn,
} from "./operands.ts";
import { fromBase } from "./place.ts";
import type { Range } from "./range.ts";
import { combineLanes, finishReduction, reduceInto, startReduction } from "./reduction.ts";
import { repeated, type Vector, type Width } from "./vector.ts";

/**
 * Emits a loop that computes the nodes of a kernel: its operands (operands.ts) are read and its results written in a nest of loops (nest.ts).
 *
 * @param range - of the outermost axis, if it is not to be gone along whole.
 */
export function emitLoop(
  c: Assembler,
  kernel: LoopKernel,
  layout: Layout,
  math: MathEmitter,
  range: Range | null,
): void {
  new LoopEmitter(c, kernel, layout, math).emit(range);
}

/** The vectors that hold a node's elements where code is being emitted. */
interface Registers {
  /** Numbers that are known, or were read outside of the innermost loop. */
  readonly outside: Map<Id, Vector>;
  /** What was read and computed for the present elements. */
  readonly present: Map<Id, Vector>;
  /** What reductions have come to, with elements taken four at a time and one by one; for each of the vectors that are taken in one round. */
  readonly gathered: Record<Width, Map<Id, Vector>[]>;
}

/** Columns that are read in one round: a line of the cache, as long as there are registers. Lines are then read once. */
const mostVectors = 4;

class LoopEmitter {
  readonly #c: Assembler;
  readonly #kernel: LoopKernel;
  readonly #layout: Layout;
  readonly #math: MathEmitter;
  readonly #loops: Loops;
  readonly #operands: Operands;
  readonly #reductions: readonly (readonly [Id, ReduceNode])[];
  readonly #registers: Registers = { outside: new Map(), present: new Map(), gathered: { 4: [], 1: [] } };

  constructor(c: Assembler, kernel: LoopKernel, layout: Layout, math: MathEmitter) {
    this.#c = c;
    this.#kernel = kernel;
    this.#layout = layout;
    this.#math = math;
    this.#loops = loopsOf(kernel);
    this.#operands = operandsIn(kernel, this.#loops, layout);
    this.#reductions = kernel.nodes.flatMap((id) => {
      const node = layout.nodes[id]!;
      return node.kind === "reduce" ? [[id, node] as const] : [];
    });
  }

  emit(range: Range | null): void {
    const { axes, vector, reduced, isColumn } = this.#loops;
    const { size } = axes[vector]!;
    const outermost: (readonly Local[])[] = []; // the pointers at each depth
    this.#setNumbers();
    emitNest(this.#c, this.#loops, this.#operands.pointers, range, {
      enter: (depth, pointers) => {
        outermost[depth] = pointers;
        this.#readNumbers(depth, pointers);
        if (isColumn || depth !== reduced) return;
        if (size >= 4) this.#start(4, 1);
        if (size % 4 > 0) this.#start(1, 1);
      },
      open: (width, vectors) => {
        if (isColumn) this.#start(width, vectors);
      },
      body: (width, pointers, vectors) => {
        for (let k = 0; k < vectors; k++) this.#body(width, pointers, k);
      },
      close: (width, pointers, vectors) => {
        if (!isColumn) return;
        for (let k = 0; k < vectors; k++) this.#finishColumns(width, pointers, k);
      },
      leave: (depth) => {
        if (!isColumn && depth === reduced) this.#finishRows(outermost[depth]!);
      },
    }, isColumn ? Math.max(1, Math.floor(mostVectors / this.#reductions.length)) : 1); // biome-ignore format: the number at the end
  }

  /** Puts numbers that are known into registers. */
  #setNumbers(): void {
    const { outside } = this.#registers;
    for (const id of this.#kernel.nodes) {
      for (const use of operandsOf(this.#layout.nodes[id]!)) {
        const node = this.#layout.nodes[use]!;
        if (!isNumber(node) || outside.has(use)) continue;
        const register = this.#c.constant(repeated(node.values[0]!, node.dtype));
        outside.set(use, { dtype: node.dtype, parts: [register, register] });
      }
    }
  }

  /** Reads what stays the same in all loops inside of this depth, and does not outside of it. */
  #readNumbers(depth: number, pointers: readonly Local[]): void {
    for (const [id, operand] of this.#operands.reads) {
      if (depthOf(operand, this.#loops) !== depth) continue;
      this.#registers.outside.set(id, emitReadNumber(this.#c, operand, pointers[operand.pointer]!));
    }
  }

  /** Computes the nodes for four elements, or one: those of the `k`th vector from where the pointers are. */
  #body(width: Width, pointers: readonly Local[], k: number): void {
    const { outside, present, gathered } = this.#registers;
    present.clear();
    const vectorAt = (id: Id): Vector => {
      const known = present.get(id) ?? outside.get(id);
      if (known !== undefined) return known;
      const operand = this.#moved(this.#operands.reads.get(id)!, k);
      const vector = emitRead(this.#c, operand, this.#loops, width, pointers[operand.pointer]!);
      present.set(id, vector);
      return vector;
    };
    const late: [Id, Vector][] = [];
    for (const id of this.#kernel.nodes) {
      const node = this.#layout.nodes[id] as LoopedNode;
      if (node.kind === "reduce") {
        reduceInto(this.#c, node, gathered[width][k]!.get(id)!, vectorAt(node.x), width);
        continue;
      }
      const vector = this.#compute(node, vectorAt, width);
      present.set(id, vector);
      if (this.#layout.isLate(id)) late.push([id, vector]);
      else this.#write(id, vector, width, pointers, k);
    }
    for (const [id, vector] of late) this.#write(id, vector, width, pointers, k);
  }

  /** An operand `k` vectors further on. */
  #moved(operand: Operand, k: number): Operand {
    return k === 0 ? operand : { ...operand, offset: operand.offset + 4 * k * operand.strides[this.#loops.vector]! };
  }

  #compute(node: Exclude<LoopedNode, ReduceNode>, vectorAt: (id: Id) => Vector, width: Width): Vector {
    switch (node.kind) {
      case "map": {
        const larger = largerOf(node, this.#layout.nodes);
        if (isMasked(node, this.#layout.nodes))
          return emitMasked(this.#c, vectorAt(node.args[0]!), vectorAt(node.args[1]!), width);
        if (larger !== null) return emitLarger(this.#c, vectorAt(larger[0]), vectorAt(larger[1]), width);
        return emitMap(this.#c, node, node.args.map(vectorAt), width, this.#math);
      }
      case "take":
        return this.#take(node.x, vectorAt(node.at), width);
    }
  }

  /** Reads elements of a node by their places in it. */
  #take(x: Id, at: Vector, width: Width): Vector {
    const c = this.#c;
    const { dtype } = this.#layout.nodes[x]!;
    const place = placeIn(this.#layout, x);
    const address = (lane: number): void => {
      c.get(at.parts[0]!).lane("i32x4.extract_lane", lane).i32(bytesOf[dtype]).op("i32.mul");
      fromBase(c, place);
    };
    return loadEach(c, dtype, width, address, place.offset);
  }

  #start(width: Width, vectors: number): void {
    this.#registers.gathered[width] = Array.from({ length: vectors }, () => {
      return new Map(this.#reductions.map(([id, node]) => [id, startReduction(this.#c, node, width)]));
    });
  }

  /** Each lane has a result of its own. */
  #finishColumns(width: Width, pointers: readonly Local[], k: number): void {
    for (const [id, node] of this.#reductions) {
      const result = finishReduction(this.#c, node, this.#registers.gathered[width][k]!.get(id)!, width);
      this.#write(id, result, width, pointers, k);
    }
  }

  /** All lanes, and what was taken one by one, make one result. */
  #finishRows(pointers: readonly Local[]): void {
    const { gathered } = this.#registers;
    for (const [id, node] of this.#reductions) {
      const result = combineLanes(this.#c, node, gathered[4][0]?.get(id) ?? null, gathered[1][0]?.get(id) ?? null);
      this.#write(id, result, 1, pointers);
    }
  }

  /** Writes a node's elements, if they are kept. */
  #write(id: Id, vector: Vector, width: Width, pointers: readonly Local[], k = 0): void {
    const operand = this.#operands.writes.get(id);
    if (operand !== undefined) emitWrite(this.#c, this.#moved(operand, k), vector, width, pointers[operand.pointer]!);
  }
}
