import type { DType } from "../../../core/dtype.ts";
import { bytesOf } from "../../ir/kind.ts";
import type { ScanNode, ScatterNode } from "../../ir.ts";
import type { Assembler, Local } from "../binary/assembler.ts";
import { addressOf, fromBase, type Place } from "./place.ts";

// Loops whose steps depend on each other: one number at a time.

const loads = { float32: "f32.load", float64: "f64.load", int32: "i32.load", bool: "i32.load8_u" } as const;
const stores = { float32: "f32.store", float64: "f64.store", int32: "i32.store", bool: "i32.store8" } as const;

/** The type in which numbers are added up: float32 in float64, and rounded once. */
const carried = (dtype: DType): "f64" | "i32" => (dtype === "int32" || dtype === "bool" ? "i32" : "f64");

function load(c: Assembler, dtype: DType, offset: number): void {
  c.memory(loads[dtype], offset);
  if (dtype === "float32") c.op("f64.promote_f32");
}

function store(c: Assembler, dtype: DType, offset: number): void {
  if (dtype === "float32") c.op("f32.demote_f64");
  c.memory(stores[dtype], offset);
}

/** A loop of `n` rounds, with its counter. */
function repeat(c: Assembler, n: number, body: (counter: Local) => void): void {
  const counter = c.local("i32");
  c.i32(0)
    .set(counter)
    .loop(counter, n, 1, () => body(counter));
  c.release(counter);
}

/** Leaves `counter · factor` on the stack. */
const scaled = (c: Assembler, counter: Local, factor: number): Assembler => c.get(counter).i32(factor).op("i32.mul");

/** Leaves the address of an element on the stack, but for the place's offset. */
const elementOf = (c: Assembler, place: Place, counter: Local, width: number): Assembler =>
  fromBase(scaled(c, counter, width), place);

/** Running sums along the middle axis. */
export function emitScan(c: Assembler, node: ScanNode, x: Place, factors: Place | null, y: Place): void {
  const { dtype, outer, count, inner, reverse } = node;
  const width = bytesOf[dtype];
  const type = carried(dtype);
  const [sum, at] = [c.local(type), c.local("i32")];
  const step = (reverse ? -inner : inner) * width;
  repeat(c, outer, (o) =>
    repeat(c, inner, (i) => {
      scaled(c, o, count * inner * width);
      scaled(c, i, width)
        .op("i32.add")
        .i32(reverse ? (count - 1) * inner * width : 0)
        .op("i32.add")
        .set(at);
      if (type === "f64") c.f64(factors === null ? 0 : -0).set(sum);
      else c.i32(0).set(sum);
      repeat(c, count, () => {
        c.get(sum);
        if (factors !== null) {
          fromBase(c.get(at), factors);
          load(c, dtype, factors.offset);
          c.op("f64.mul");
        }
        fromBase(c.get(at), x);
        load(c, dtype, x.offset);
        c.op(`${type}.add`).set(sum);
        fromBase(c.get(at), y).get(sum);
        store(c, dtype, y.offset);
        c.get(at).i32(step).op("i32.add").set(at);
      });
    }),
  );
}

/** A copy of x, to which elements of a source are added where an index says. */
export function emitScatter(
  c: Assembler,
  { dtype, size }: ScatterNode,
  count: number,
  at: {
    readonly x: Place;
    readonly index: Place;
    readonly source: Place;
    readonly y: Place;
    readonly room: Place;
  },
): void {
  const width = bytesOf[dtype];
  const type = carried(dtype);
  // float32 is added up in a room of float64 beside the result.
  const isWide = dtype === "float32";
  const [sums, sumType] = isWide ? [at.room, "float64" as const] : [at.y, dtype];
  const sumWidth = bytesOf[sumType];
  if (isWide) {
    repeat(c, size, (k) => {
      elementOf(c, sums, k, 8);
      elementOf(c, at.x, k, width);
      load(c, dtype, at.x.offset);
      store(c, sumType, sums.offset);
    });
  } else {
    addressOf(c, sums);
    addressOf(c, at.x)
      .i32(size * width)
      .copy();
  }
  const place = c.local("i32");
  repeat(c, count, (k) => {
    elementOf(c, at.index, k, 4).memory("i32.load", at.index.offset);
    fromBase(c.i32(sumWidth).op("i32.mul"), sums).tee(place).get(place);
    load(c, sumType, sums.offset);
    elementOf(c, at.source, k, width);
    load(c, dtype, at.source.offset);
    c.op(`${type}.add`);
    store(c, sumType, sums.offset);
  });
  if (isWide) {
    repeat(c, size, (k) => {
      elementOf(c, at.y, k, width);
      elementOf(c, sums, k, 8);
      load(c, sumType, sums.offset);
      store(c, dtype, at.y.offset);
    });
  }
}
