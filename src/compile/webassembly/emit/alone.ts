import type { Id, Node, SerialNode } from "../../ir.ts";
import { windowsOf } from "../../windowOperand.ts";
import type { Assembler } from "../binary/assembler.ts";
import { type Tasks, tasksOfMatmul } from "../tasks.ts";
import { emitAssemble } from "./assemble.ts";
import { type Epilogue, type MatmulEmitter, matmulRoom, type Task } from "./matmul.ts";
import { type Layout, placeIn } from "./operands.ts";
import type { Place } from "./place.ts";
import { emitScan, emitScatter } from "./serial.ts";
import { emitSort, sortRoom } from "./sort.ts";

/** What an emitter of a kernel is given. */
export interface Setting {
  readonly layout: Layout;
  /** Where the result goes. */
  readonly y: Place;
  /** Room that the kernel has asked for. */
  readonly room: Place;
  /** The task that is to be done, if the kernel is divided into some. */
  readonly task: Task | null;
  /** What is done for rows of the result that are complete. */
  readonly epilogue: Epilogue | null;
  readonly matmuls: MatmulEmitter;
}

/** How this engine computes a kind of node by a kernel of its own. */
interface Alone<N> {
  /** How threads share it; one runs it if this is left out, or null comes. */
  tasks?(node: N, threads: number): Tasks | null;
  /** Bytes of the room that it needs for itself; none if this is left out, or null comes. */
  room?(node: N, threads: number, nodes: readonly Node[]): number | null;
  /** Elements of a row, if rows of the result are complete one after the other, so a loop over the result can follow for some at a time. Of a batch, each product is a row. */
  row?(node: N): number | null;
  emit(c: Assembler, node: N, setting: Setting): void;
}

const kernels: { readonly [K in SerialNode["kind"]]: Alone<Extract<SerialNode, { readonly kind: K }>> } = {
  matmul: {
    tasks: tasksOfMatmul,
    room: (node, threads, nodes) => matmulRoom(node, windowsOf(node, nodes), tasksOfMatmul(node, threads)),
    row({ dtype, batch, m, n }) {
      if (dtype === "int32") return null;
      // A product of a batch after the other: loops begin at whole vectors.
      return batch === 1 ? n : (m * n) % 4 === 0 ? m * n : null;
    },
    emit: (c, node, { layout, y, room, task, epilogue, matmuls }) => {
      const { nodes } = layout;
      const baseAt = (id: Id): Place => {
        const own = nodes[id]!;
        return own.kind === "view" ? baseAt(own.x) : placeIn(layout, id);
      };
      const places = { a: baseAt(node.a), b: baseAt(node.b), y, room, windows: windowsOf(node, nodes) };
      matmuls.emit(c, node, places, task, epilogue);
    },
  },
  scatter: {
    room: ({ dtype, size }) => (dtype === "float32" ? size * 8 : null),
    emit: (c, node, { layout, y, room }) => {
      const at = (id: Id): Place => placeIn(layout, id);
      const operands = { x: at(node.x), index: at(node.at), source: at(node.source), y, room };
      emitScatter(c, node, layout.nodes[node.at]!.size, operands);
    },
  },
  assemble: { emit: (c, node, { layout, y }) => emitAssemble(c, node, y, layout) },
  scan: {
    emit: (c, node, { layout, y }) => {
      const factors = node.factors === null ? null : placeIn(layout, node.factors);
      emitScan(c, node, placeIn(layout, node.x), factors, y);
    },
  },
  sort: {
    room: sortRoom,
    emit: (c, node, { layout, y, room }) => {
      emitSort(c, node, layout.nodes[node.x]!.dtype, placeIn(layout, node.x), y, room);
    },
  },
};

const aloneOf = ({ kind }: SerialNode): Alone<SerialNode> => kernels[kind] as Alone<SerialNode>;

/** How threads share a kernel; null if one runs it. */
export function tasksOf(node: SerialNode, threads: number): Tasks | null {
  return aloneOf(node).tasks?.(node, threads) ?? null;
}

/** Bytes that a kernel needs beside its operands and its result; null if it needs none. */
export function roomOf(node: SerialNode, threads: number, nodes: readonly Node[]): number | null {
  return aloneOf(node).room?.(node, threads, nodes) ?? null;
}

/** Elements of a row of a kernel's result, if a loop over the result can follow for some rows at a time; else null. */
export function rowOf(node: SerialNode): number | null {
  return aloneOf(node).row?.(node) ?? null;
}

/** Emits a kernel. */
export function emitAlone(c: Assembler, node: SerialNode, setting: Setting): void {
  aloneOf(node).emit(c, node, setting);
}
