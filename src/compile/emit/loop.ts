import { axesOf, cutsOf, strideAlong } from "../cuts.ts";
import type { Graph, Id, Node, ReduceNode, View } from "../ir.ts";
import type { LoopKernel } from "../schedule.ts";
import { type Cut, splitLoop } from "../split.ts";
import type { Assembler, Local } from "../wasm/assembler.ts";
import { loadEach, loadRow, loadSplat, storeEach, storeRow } from "./access.ts";
import { emitMap } from "./map.ts";
import type { MathEmitter } from "./math/kernels.ts";
import { combineLanes, finishReduction, reduceInto, startReduction } from "./reduction.ts";
import type { Stretch } from "./stretches.ts";
import { bytesOf, repeated, type Vector, type Width } from "./vector.ts";

/** Where nodes lie in memory. */
export interface Places {
  readonly graph: Graph;
  /** The address of a node's elements. */
  address(id: Id): number;
  /** Whether a node's elements are kept in memory. */
  isStored(id: Id): boolean;
  /** Whether a node overwrites what others in its loop read, so that it must be written after them. */
  isLate(id: Id): boolean;
}

interface Axis {
  readonly size: number;
  readonly place: number;
}

/** What is read from memory or written to it, element by element of the loop. */
interface Access {
  readonly node: Node;
  readonly base: number;
  /** In bytes, along each axis of the loop, in the order of the loops. */
  readonly strides: readonly number[];
}

/** Whether a pointer may be below 0: then the base is added to it, since an offset is added to it as an unsigned number. */
const isBackwards = (strides: readonly number[]): boolean => strides.some((stride) => stride < 0);

/** Emits a loop that computes the nodes of a kernel, or only a part of the outermost axis. */
export function emitLoop(
  c: Assembler,
  kernel: LoopKernel,
  places: Places,
  math: MathEmitter,
  part: Stretch | null,
): void {
  new LoopEmitter(c, kernel, places, math).emit(part);
}

/** How a loop is shared among threads. Not one that overwrites what it reads: a task may be done twice. */
export function cutLoop(kernel: LoopKernel, places: Places, threads: number): Cut | null {
  const { axes, vector, reduced } = nestOf(kernel);
  if (reduced === 0 || kernel.nodes.some((id) => places.isLate(id))) return null;
  return splitLoop(axes[0]!.size, vector === 0, kernel.size * kernel.nodes.length, threads);
}

/** The axes of a kernel's loops, outermost first; which of them is taken four at a time, and the first that reductions go along. */
function nestOf({ cuts, size, reduction }: LoopKernel): { axes: Axis[]; vector: number; reduced: number } {
  const all = axesOf(cuts, size);
  const isColumn = reduction !== null && reduction.inner > 1;
  const end = reduction === null ? 0 : reduction.count * reduction.inner;
  const isReduced = ({ place }: Axis): boolean => isColumn && place >= reduction.inner && place < end;
  const axes = [...all.filter((axis) => !isReduced(axis)), ...all.filter(isReduced)];
  const vector = axes.findIndex(({ place }) => place === 1);
  const reduced = reduction === null ? -1 : isColumn ? vector + 1 : axes.findIndex(({ place }) => place < end);
  return { axes, vector, reduced };
}

/** Emits a loop that copies a node into a window. */
export function emitPlacement(c: Assembler, source: Id, view: View, target: number, places: Places): void {
  const { dtype, size } = places.graph.nodes[source]!;
  const axes = axesOf(cutsOf(view), size);
  const from = axes.map(({ place }) => place * bytesOf[dtype]);
  const to = axes.map(({ place }) => strideAlong(view, place) * bytesOf[dtype]);
  const nest = new Nest(c, axes, axes.length - 1, [from, to], null);
  nest.emit({
    body: (width, [read, write]) => {
      const vector = loadRow(c, dtype, width, read!, places.address(source));
      const step = to.at(-1)!;
      const at = target + view.offset * bytesOf[dtype];
      c.get(write!).i32(at).op("i32.add").set(write!);
      if (step === bytesOf[dtype]) storeRow(c, vector, width, write!, 0);
      else storeEach(c, vector, width, write!, 0, step);
    },
  });
}

/** What is emitted at the places of a nest of loops. */
interface Hooks {
  /** After a loop's counters are set: the pointers at that depth; 0 is before all loops. */
  enter?(depth: number, pointers: readonly Local[]): void;
  /** After a loop has ended that was at this depth. */
  leave?(depth: number): void;
  /** At the vector axis, before the loops inside of it, and after them. */
  open?(width: Width): void;
  close?(width: Width, pointers: readonly Local[]): void;
  /** Innermost. */
  body(width: Width, pointers: readonly Local[]): void;
}

/** Nested loops over axes, one of which is taken four elements at a time, with pointers that follow. */
class Nest {
  readonly #c: Assembler;
  readonly #axes: readonly Axis[];
  readonly #vector: number;
  readonly #strides: readonly (readonly number[])[];
  readonly #part: Stretch | null;

  /** @param part - the part of the outermost axis that is gone along, if not all of it. */
  constructor(
    c: Assembler,
    axes: readonly Axis[],
    vector: number,
    strides: readonly (readonly number[])[],
    part: Stretch | null,
  ) {
    this.#c = c;
    this.#part = part;
    this.#axes = axes;
    this.#vector = vector;
    this.#strides = strides;
  }

  emit(hooks: Hooks): void {
    const c = this.#c;
    const start = this.#strides.map(() => c.local("i32"));
    for (const pointer of start) c.i32(0).set(pointer);
    hooks.enter?.(0, start);
    this.#level(0, 4, start, start, hooks);
  }

  #level(depth: number, width: Width, pointers: readonly Local[], atVector: readonly Local[], hooks: Hooks): void {
    const c = this.#c;
    if (depth === this.#axes.length) {
      hooks.body(width, pointers);
      return;
    }
    const { size } = this.#axes[depth]!;
    const isVector = depth === this.#vector;
    const counter = c.local("i32");
    const inside = (own: Width): void => {
      const moved = pointers.map((pointer, k) => {
        const stride = this.#strides[k]![depth]!;
        if (stride === 0) return pointer;
        const next = c.local("i32");
        c.get(pointer).get(counter).i32(stride).op("i32.mul", "i32.add").set(next);
        return next;
      });
      if (isVector) hooks.open?.(own);
      hooks.enter?.(depth + 1, moved);
      this.#level(depth + 1, own, moved, isVector ? moved : atVector, hooks);
      if (isVector) hooks.close?.(own, moved);
      moved.forEach((pointer, k) => {
        if (pointer !== pointers[k]) c.release(pointer);
      });
    };
    if (depth === 0 && this.#part !== null) this.#goAlong(this.#part, counter, size, isVector, inside);
    else {
      c.i32(0).set(counter);
      if (!isVector) c.loop(counter, size, 1, () => inside(width));
      else {
        const whole = size - (size % 4);
        if (whole > 0) c.loop(counter, whole, 4, () => inside(4));
        if (whole < size) c.loop(counter, size, 1, () => inside(1));
      }
    }
    c.release(counter);
    hooks.leave?.(depth);
  }

  /** A part of the outermost loop; it begins at a multiple of four where that counts, and may reach beyond the end. */
  #goAlong(part: Stretch, counter: Local, size: number, isVector: boolean, inside: (width: Width) => void): void {
    const c = this.#c;
    const [end, last] = [c.local("i32"), c.local("i32")];
    c.get(part.from).tee(counter).i32(part.size).op("i32.add").set(end);
    /** Goes on to where the part ends, or to `limit`. */
    const goOn = (limit: number, step: number, width: Width): void => {
      c.get(end).i32(limit).get(end).i32(limit).op("i32.lt_s", "select").set(last);
      c.get(counter).get(last).op("i32.lt_s");
      c.if(() => c.loop(counter, last, step, () => inside(width)));
    };
    const whole = isVector ? size - (size % 4) : size;
    if (whole > 0) goOn(whole, isVector ? 4 : 1, 4);
    if (whole < size) goOn(size, 1, 1);
    for (const local of [end, last]) c.release(local);
  }
}

class LoopEmitter {
  readonly #c: Assembler;
  readonly #kernel: LoopKernel;
  readonly #places: Places;
  readonly #math: MathEmitter;
  readonly #members: ReadonlySet<Id>;
  readonly #axes: readonly Axis[];
  /** The axis that is taken four at a time, and the first that reductions go along; in the order of the loops. */
  readonly #vector: number;
  readonly #reduced: number;
  readonly #accesses: Access[] = [];
  readonly #reads = new Map<Id, number>();
  readonly #writes = new Map<Id, number>();
  /** Distinct strides, and which of them an access has. */
  readonly #strides: (readonly number[])[] = [];
  readonly #pointerOf: number[] = [];

  constructor(c: Assembler, kernel: LoopKernel, places: Places, math: MathEmitter) {
    this.#c = c;
    this.#kernel = kernel;
    this.#places = places;
    this.#math = math;
    this.#members = new Set(kernel.nodes);
    const { axes, vector, reduced } = nestOf(kernel);
    this.#axes = axes;
    this.#vector = vector;
    this.#reduced = reduced;
    for (const id of kernel.nodes) this.#collect(id);
  }

  emit(part: Stretch | null): void {
    const c = this.#c;
    const { nodes, reduction } = this.#kernel;
    const graph = this.#places.graph;
    const reductions = nodes.filter((id) => graph.nodes[id]!.kind === "reduce");
    const isColumn = reduction !== null && reduction.inner > 1;
    const values = new Map<Id, Vector>(); // what holds at the present place in the loops
    const fixed = new Map<Id, Vector>(); // constants, and what was read further out
    const gathered = { 4: new Map<Id, Vector>(), 1: new Map<Id, Vector>() };
    const nodeOf = (id: Id): ReduceNode => graph.nodes[id] as ReduceNode;
    const { size } = this.#axes[this.#vector]!;

    for (const id of nodes) {
      for (const use of this.#operands(id)) {
        const node = graph.nodes[use]!;
        if (node.kind !== "constant" || node.values.length > 1 || fixed.has(use)) continue;
        const register = c.constant(repeated(node.values[0]!, node.dtype));
        fixed.set(use, { dtype: node.dtype, parts: [register, register] });
      }
    }

    const start = (width: Width): void => {
      for (const id of reductions) gathered[width].set(id, startReduction(c, nodeOf(id), width));
    };
    const strides = this.#strides;
    const pointers: (readonly Local[])[] = [];
    new Nest(c, this.#axes, this.#vector, strides, part).emit({
      enter: (depth, at) => {
        pointers[depth] = at;
        for (const [id, k] of this.#reads) {
          const own = this.#accesses[k]!.strides;
          const outermost = own.reduce((last, stride, d) => (stride === 0 ? last : d + 1), 0);
          if (outermost !== depth || !this.#isConstantInside(own)) continue;
          const { node, base } = this.#accesses[k]!;
          const pointer = at[this.#pointerOf[k]!]!;
          if (isBackwards(own)) {
            const moved = c.local("i32");
            c.get(pointer).i32(base).op("i32.add").set(moved);
            fixed.set(id, loadSplat(c, node.dtype, moved, 0));
            c.release(moved);
          } else fixed.set(id, loadSplat(c, node.dtype, pointer, base));
        }
        if (!isColumn && depth === this.#reduced) {
          if (size >= 4) start(4);
          if (size % 4 > 0) start(1);
        }
      },
      open: (width) => {
        if (isColumn) start(width);
      },
      body: (width, at) => this.#body(width, at, values, fixed, gathered[width]),
      close: (width, at) => {
        if (!isColumn) return;
        for (const id of reductions) {
          const result = finishReduction(c, nodeOf(id), gathered[width].get(id)!, width);
          this.#write(id, result, width, at);
        }
      },
      leave: (depth) => {
        if (isColumn || depth !== this.#reduced) return;
        for (const id of reductions) {
          const result = combineLanes(c, nodeOf(id), gathered[4].get(id) ?? null, gathered[1].get(id) ?? null);
          this.#write(id, result, 1, pointers[depth]!);
        }
      },
    });
  }

  #body(
    width: Width,
    at: readonly Local[],
    values: Map<Id, Vector>,
    fixed: ReadonlyMap<Id, Vector>,
    gathered: ReadonlyMap<Id, Vector>,
  ): void {
    const c = this.#c;
    const { graph } = this.#places;
    values.clear();
    const vectorAt = (id: Id): Vector => {
      const known = values.get(id) ?? fixed.get(id);
      if (known !== undefined) return known;
      const vector = this.#read(this.#reads.get(id)!, width, at);
      values.set(id, vector);
      return vector;
    };
    const late: [Id, Vector][] = [];
    for (const id of this.#kernel.nodes) {
      const node = graph.nodes[id]!;
      if (node.kind === "reduce") {
        reduceInto(c, node, gathered.get(id)!, vectorAt(node.x), width);
        continue;
      }
      let vector: Vector;
      if (node.kind === "map") vector = emitMap(c, node, node.args.map(vectorAt), width, this.#math);
      else if (node.kind === "take") vector = this.#take(node.x, vectorAt(node.at), width);
      else throw new Error(`a loop cannot compute a ${node.kind}`);
      values.set(id, vector);
      if (!this.#places.isStored(id)) continue;
      if (this.#places.isLate(id)) late.push([id, vector]);
      else this.#write(id, vector, width, at);
    }
    for (const [id, vector] of late) this.#write(id, vector, width, at);
  }

  /** What a node of this loop reads element by element. */
  #operands(id: Id): readonly Id[] {
    const node = this.#places.graph.nodes[id]!;
    if (node.kind === "map") return node.args;
    if (node.kind === "take") return [node.at];
    return node.kind === "reduce" ? [node.x] : [];
  }

  #collect(id: Id): void {
    const { graph } = this.#places;
    for (const use of this.#operands(id)) {
      const node = graph.nodes[use]!;
      if (this.#members.has(use) && node.kind !== "reduce") continue;
      if (this.#reads.has(use) || (node.kind === "constant" && node.values.length === 1)) continue;
      const view: View = node.kind === "view" ? node : { sizes: [node.size], strides: [1], offset: 0 };
      this.#reads.set(use, this.#access(node, node.kind === "view" ? node.x : use, view));
    }
    if (!this.#places.isStored(id)) return;
    const node = graph.nodes[id]!;
    if (node.kind !== "reduce") {
      this.#writes.set(id, this.#access(node, id, { sizes: [node.size], strides: [1], offset: 0 }));
      return;
    }
    const { outer, count, inner } = node;
    const view = { sizes: [outer, count, inner], strides: [inner, 0, 1], offset: 0 };
    this.#writes.set(id, this.#access(node, id, view));
  }

  #access(node: Node, base: Id, view: View): number {
    const width = bytesOf[node.dtype];
    const strides = this.#axes.map(({ size, place }) => (size === 1 ? 0 : strideAlong(view, place) * width));
    const address = this.#places.address(base) + view.offset * width;
    const key = `${strides}`;
    const known = this.#strides.findIndex((own) => `${own}` === key);
    this.#pointerOf.push(known >= 0 ? known : this.#strides.push(strides) - 1);
    return this.#accesses.push({ node, base: address, strides }) - 1;
  }

  /** Whether an access reads one element for all lanes, everywhere inside of where it was last moved. */
  #isConstantInside(strides: readonly number[]): boolean {
    return strides[this.#vector] === 0 && strides.slice(this.#vector).every((stride) => stride === 0);
  }

  #read(k: number, width: Width, at: readonly Local[]): Vector {
    const c = this.#c;
    const { node, base, strides } = this.#accesses[k]!;
    const pointer = at[this.#pointerOf[k]!]!;
    const step = strides[this.#vector]!;
    if (isBackwards(strides)) {
      return loadEach(
        c,
        node.dtype,
        width,
        (lane) =>
          c
            .get(pointer)
            .i32(base + lane * step)
            .op("i32.add"),
        0,
      );
    }
    if (step === 0) return loadSplat(c, node.dtype, pointer, base);
    if (step === bytesOf[node.dtype]) return loadRow(c, node.dtype, width, pointer, base);
    return loadEach(
      c,
      node.dtype,
      width,
      (lane) =>
        c
          .get(pointer)
          .i32(lane * step)
          .op("i32.add"),
      base,
    );
  }

  #take(x: Id, at: Vector, width: Width): Vector {
    const c = this.#c;
    const { dtype } = this.#places.graph.nodes[x]!;
    const address = (lane: number): void => {
      c.get(at.parts[0]!).lane("i32x4.extract_lane", lane).i32(bytesOf[dtype]).op("i32.mul");
    };
    return loadEach(c, dtype, width, address, this.#places.address(x));
  }

  #write(id: Id, vector: Vector, width: Width, at: readonly Local[]): void {
    const k = this.#writes.get(id)!;
    storeRow(this.#c, vector, width, at[this.#pointerOf[k]!]!, this.#accesses[k]!.base);
  }
}
