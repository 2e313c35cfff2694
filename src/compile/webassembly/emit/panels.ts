import type { DType } from "../../../core/dtype.ts";
import type { Panels, PartProduct, Products } from "../../../core/products.ts";
import { bytesOf } from "../../ir/kind.ts";
import type { MatmulNode } from "../../ir.ts";
import type { Step, WindowOperands } from "../../windowOperand.ts";
import type { Assembler, Local } from "../binary/assembler.ts";
import { heightOf, type Layout, layoutOf, otherElements, sizeOfSteps, sizesOf, stridesOfOther } from "../panels.ts";
import { type CopiedAxis, emitCopy } from "./copying.ts";
import type { Epilogue, MatmulPlaces } from "./matmul.ts";
import { addressOf, type Place } from "./place.ts";
import { forRanges, type Range, wholeRange } from "./range.ts";
import { distanceAlong } from "./windowPacking.ts";

/** A function that computes parts of products: its number, and the parts, by theirs. */
export interface Multiply {
  readonly func: number;
  readonly parts: PartProduct[];
}

/** How a product with a window is computed outside, panel by panel. */
export interface EmittedPanels extends Panels {
  emit(c: Assembler, node: MatmulNode, at: MatmulPlaces, multiply: Multiply, epilogue: Epilogue | null): void;
}

/** How others compute a product with a window; null if that is not the faster way. */
export function panelsOf(products: Products, node: MatmulNode, windows: WindowOperands): EmittedPanels | null {
  const layout = layoutOf(products, node, windows);
  if (layout === null) return null;
  const room = roomOf(node, layout);
  return {
    bytes: room.bytes,
    emit: (c, own, at, multiply, epilogue) => new PanelEmitter(c, own, layout, at, multiply).emit(epilogue),
  };
}

/** Elements before the panel: a copy of the other operand, or the sums of all taps. */
function elementsAside(node: MatmulNode, layout: Layout): number {
  return layout.isSummed ? node.m * node.n : otherElements(layout);
}

/** What lies where in the room, in bytes. */
function roomOf(node: MatmulNode, layout: Layout): { readonly panel: number; readonly bytes: number } {
  const width = bytesOf[node.dtype];
  const panel = Math.ceil((elementsAside(node, layout) * width) / 64) * 64;
  const { chunk, rest, rows, direct } = layout;
  const elements = direct === null ? heightOf(layout, chunk) * sizeOfSteps(rest) * sizeOfSteps(rows) : 0;
  return { panel, bytes: panel + elements * width };
}

/** Emits a product with a window: copies panel by panel, and calls what multiplies. */
class PanelEmitter {
  readonly #c: Assembler;
  readonly #node: MatmulNode;
  readonly #layout: Layout;
  readonly #at: MatmulPlaces;
  readonly #multiply: Multiply;
  readonly #dtype: DType;
  readonly #width: number;
  /** Pointers: to the other operand or its copy, to the window and the result of one product of the batch, to sums, and to a panel. */
  readonly #other: Local;
  readonly #window: Local;
  readonly #y: Local;
  readonly #aside: Local;
  readonly #panel: Local;

  constructor(c: Assembler, node: MatmulNode, layout: Layout, at: MatmulPlaces, multiply: Multiply) {
    this.#c = c;
    this.#node = node;
    this.#layout = layout;
    this.#at = at;
    this.#multiply = multiply;
    this.#dtype = node.dtype;
    this.#width = bytesOf[node.dtype];
    [this.#other, this.#window, this.#y] = [c.local("i32"), c.local("i32"), c.local("i32")];
    [this.#aside, this.#panel] = [c.local("i32"), c.local("i32")];
  }

  emit(epilogue: Epilogue | null): void {
    const c = this.#c;
    const { batch, m, n } = this.#node;
    const { side, window, other, isSummed, outer, axis, chunk } = this.#layout;
    const [own, others] = side === "a" ? [this.#at.a, this.#at.b] : [this.#at.b, this.#at.a];
    addressOf(c, this.#at.room).set(this.#aside);
    addressOf(c, this.#at.room).i32(roomOf(this.#node, this.#layout).panel).op("i32.add").set(this.#panel);
    // Where windows begin, as this kernel has them: its buffers need not begin where the arrays do.
    const { windows } = this.#at;
    const [first, otherFirst] = [windows[side]?.offset ?? 0, windows[side === "a" ? "b" : "a"]?.offset ?? 0];
    if (!isSummed) this.#copyOther(others, otherFirst);
    const batches = wholeRange(c, batch);
    forRanges(c, batches, 1, ({ from }) => {
      this.#point(this.#window, own, first, window.batch, from);
      if (isSummed) this.#point(this.#other, others, otherFirst, other.batch, from);
      else {
        distanceAlong(c, this.#copiedBatch(), from, this.#width);
        c.get(this.#aside).op("i32.add").set(this.#other);
      }
      addressOf(c, this.#at.y).get(from).i32(m * n * this.#width).op("i32.mul", "i32.add").set(this.#y); // biome-ignore format: one line
      if (isSummed) c.get(this.#aside).i32(0).i32(m * n * this.#width).fill(); // biome-ignore format: one line
      const images = wholeRange(c, sizeOfSteps(outer));
      forRanges(c, images, 1, ({ from: image }) => {
        const places = wholeRange(c, axis.size);
        forRanges(c, places, chunk, (range) => this.#panelAt(image, range));
        c.release(places.from);
      });
      c.release(images.from);
      if (isSummed) this.#copySums();
      if (batch > 1) epilogue?.(c, { from, size: 1 });
    });
    c.release(batches.from);
    if (batch === 1 && epilogue !== null) {
      const all = wholeRange(c, m);
      epilogue(c, all);
      c.release(all.from);
    }
    for (const local of [this.#other, this.#window, this.#y, this.#aside, this.#panel]) c.release(local);
  }

  /** Points to an operand of one product of the batch. */
  #point(pointer: Local, { base, offset }: Place, first: number, batch: readonly Step[], from: Local): void {
    distanceAlong(this.#c, batch, from, this.#width);
    addressOf(this.#c, { base, offset: offset + first * this.#width })
      .op("i32.add")
      .set(pointer);
  }

  /** Copies the weight, tap by tap, so each tap's part is a matrix; once for all products of the batch. */
  #copyOther(from: Place, first: number): void {
    const c = this.#c;
    const { other, otherParts, tapsAt, taps } = this.#layout;
    const lanes = sizeOfSteps(other.lanes);
    const perTap = sizeOfSteps(other.inner) / taps.length;
    const rows = otherParts.filter((_, d) => d !== tapsAt).flat();
    const batch = other.batch.map(({ size, stride }, d) => ({
      size,
      from: stride,
      to: this.#copiedBatch()[d]!.stride,
    }));
    const axes = [
      ...batch.filter((step) => step.to > 0),
      ...dense(otherParts[tapsAt] ?? [], lanes * perTap),
      ...dense(other.lanes, perTap),
      ...dense(rows, 1),
    ];
    const source = c.local("i32");
    addressOf(c, { base: from.base, offset: from.offset + first * this.#width }).set(source);
    emitCopy(c, this.#dtype, axes, source, this.#aside);
    c.release(source);
  }

  /** How far apart copies of the other operand are. */
  #copiedBatch(): Step[] {
    const { other } = this.#layout;
    let stride = sizeOfSteps(other.lanes) * sizeOfSteps(other.inner);
    const steps = [...other.batch].reverse().map(({ size, stride: own }): Step => {
      if (own === 0) return { size, stride: 0 };
      stride *= size;
      return { size, stride: stride / size };
    });
    return steps.reverse();
  }

  /** Multiplies some rows of an image. */
  #panelAt(image: Local, range: Range): void {
    const c = this.#c;
    const width = this.#width;
    const { outer, axis, rest, rows, phases, taps, direct, side, isSummed, otherParts } = this.#layout;
    const [source, other, y] = [c.local("i32"), c.local("i32"), c.local("i32")];
    distanceAlong(c, outer, image, width);
    c.get(range.from).i32(axis.stride * width).op("i32.mul", "i32.add").get(this.#window).op("i32.add").set(source); // biome-ignore format: one line
    const across = sizeOfSteps(rest);
    const stride = direct ?? heightOf(this.#layout, range.size) * across;
    const starts = phases.map((_, k) => heightOf({ phases: phases.slice(0, k) }, range.size) * across);
    const panel = direct === null ? this.#panel : source;
    if (direct === null) this.#copyPanel(range, stride, starts, source);

    // Where the panel is among all that it is one of.
    const { m, k, n } = sizesOf(this.#node, this.#layout, range.size);
    const along = (perElement: number): void => {
      c.get(image).i32(axis.size).op("i32.mul").get(range.from).op("i32.add");
      c.i32(across * perElement * width).op("i32.mul");
    };
    const { dtype } = this.#node;
    if (isSummed) {
      const { isTransposed, stride: otherStride } = stridesOfOther(this.#layout)!;
      distanceAlong(c, otherParts.slice(0, outer.length).flat(), image, width);
      c.get(range.from).i32(across * (isTransposed ? otherStride : 1) * width).op("i32.mul", "i32.add").get(this.#other).op("i32.add").set(other); // biome-ignore format: one line
      const part = { dtype, m, k, n, transposeA: false, transposeB: !isTransposed, isAdded: true };
      const strides = { strideA: stride, strideB: otherStride, strideY: n };
      taps.forEach(({ phase, shift }, tap) => {
        const offset = direct === null ? starts[phase]! + shift * across : shift * axis.stride;
        this.#call({ ...part, ...strides }, [panel, offset], [other, 0], [this.#aside, tap * m * n]);
      });
    } else {
      if (side === "a") along(this.#node.n);
      else along(1);
      c.get(this.#y).op("i32.add").set(y);
      const perTap = sizeOfSteps(rows);
      const lanes = side === "a" ? n : m;
      const part = { dtype, m, k, n, strideY: this.#node.n };
      taps.forEach(({ phase, shift }, tap) => {
        const offset = direct === null ? starts[phase]! + shift * across : shift * axis.stride;
        const isAdded = tap > 0;
        const own = [this.#other, tap * lanes * perTap] as const;
        if (side === "a") {
          const strides = { transposeA: true, transposeB: true, strideA: stride, strideB: perTap };
          this.#call({ ...part, ...strides, isAdded }, [panel, offset], own, [y, 0]);
        } else {
          const strides = { transposeA: false, transposeB: false, strideA: perTap, strideB: stride };
          this.#call({ ...part, ...strides, isAdded }, own, [panel, offset], [y, 0]);
        }
      });
    }
    for (const local of [source, other, y]) c.release(local);
  }

  #copyPanel(range: Range, stride: number, starts: readonly number[], source: Local): void {
    const c = this.#c;
    const { axis, rest, rows, phases } = this.#layout;
    const across = sizeOfSteps(rest);
    phases.forEach(({ offset, more }, k) => {
      const [from, to] = [c.local("i32"), c.local("i32")];
      c.get(source).i32(offset * this.#width).op("i32.add").set(from); // biome-ignore format: one line
      c.get(this.#panel).i32(starts[k]! * this.#width).op("i32.add").set(to); // biome-ignore format: one line
      const axes = [
        ...dense(rows, stride),
        { size: range.size + more, from: axis.stride, to: across },
        ...dense(rest, 1),
      ];
      emitCopy(c, this.#dtype, axes, from, to);
      for (const local of [from, to]) c.release(local);
    });
  }

  /** Puts the sums of all taps where they belong. */
  #copySums(): void {
    const { m, n } = this.#node;
    const { window, tapsAt, taps } = this.#layout;
    let to = n;
    let from = m * (n / taps.length);
    const columns = window.lanes.map(({ size }, d): CopiedAxis => {
      to /= size;
      if (d === tapsAt) return { size, from: m * (n / taps.length), to };
      from /= size;
      return { size, from, to };
    });
    emitCopy(this.#c, this.#dtype, [{ size: m, from: 1, to: n }, ...columns], this.#aside, this.#y);
  }

  #call(part: PartProduct, ...operands: readonly (readonly [Local, number])[]): void {
    const c = this.#c;
    const { parts, func } = this.#multiply;
    c.i32(parts.push(part) - 1);
    for (const [pointer, offset] of operands) {
      c.get(pointer)
        .i32(offset * this.#width)
        .op("i32.add");
    }
    c.call(func);
  }
}

/** The same axes, one after the other where they go. */
function dense(steps: readonly Step[], unit: number): CopiedAxis[] {
  let to = unit * sizeOfSteps(steps);
  return steps.map(({ size, stride }) => {
    to /= size;
    return { size, from: stride, to };
  });
}
