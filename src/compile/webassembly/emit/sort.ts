import type { DType } from "../../../core/dtype.ts";
import { bytesOf } from "../../ir/kind.ts";
import type { SortNode } from "../../ir.ts";
import type { Assembler, Local } from "../binary/assembler.ts";
import { addressOf, fromBase, type Place } from "./place.ts";

/** Bytes that sorting needs beside what it sorts: two orders of a lane. */
export const sortRoom = ({ count }: SortNode): number => 8 * count;

/**
 * The places of the middle axis's elements in sorted order: a merge sort, stable, smallest first, or largest first if `descending`. NaN is larger than all.
 */
export function emitSort(c: Assembler, node: SortNode, dtype: DType, x: Place, y: Place, room: Place): void {
  const { outer, count, inner, descending } = node;
  const width = bytesOf[dtype];
  const isFloat = dtype === "float32" || dtype === "float64";
  const load = { float32: "f32.load", float64: "f64.load", int32: "i32.load", bool: "i32.load8_u" }[
    dtype
  ] as "f64.load";
  const [base, from, to, run] = [c.local("i32"), c.local("i32"), c.local("i32"), c.local("i32")];
  const [k, i, j, middle, end] = [c.local("i32"), c.local("i32"), c.local("i32"), c.local("i32"), c.local("i32")];
  const [isLeft, left, right] = [c.local("i32"), c.local(isFloat ? "f64" : "i32"), c.local(isFloat ? "f64" : "i32")];

  /** Leaves the address of an order's entry on the stack. */
  const entry = (order: Local, at: Local): Assembler => c.get(at).i32(4).op("i32.mul").get(order).op("i32.add");
  /** Reads the key that an order's entry is the place of. */
  const key = (at: Local, into: Local): void => {
    entry(from, at)
      .memory("i32.load")
      .i32(inner * width)
      .op("i32.mul")
      .get(base)
      .op("i32.add");
    fromBase(c, x).memory(load, x.offset);
    if (dtype === "float32") c.op("f64.promote_f32");
    c.set(into);
  };
  /** Sets a variable to the smaller of what is on the stack and `count`. */
  const atMost = (into: Local): void => {
    c.tee(into).i32(count).get(into).i32(count).op("i32.lt_s", "select").set(into);
  };
  const counted = (n: number, body: (counter: Local) => void): void => {
    const counter = c.local("i32");
    c.i32(0).set(counter);
    c.loop(counter, n, 1, () => body(counter));
    c.release(counter);
  };

  const isRightFirst = (): void => {
    key(i, left);
    key(j, right);
    const [a, b] = descending ? [left, right] : [right, left]; // whether a < b
    if (!isFloat) {
      c.get(a).get(b).op("i32.lt_s");
      return;
    }
    c.get(a).get(b).op("f64.lt");
    c.get(b).get(b).op("f64.ne").get(a).get(a).op("f64.ne").op("i32.eqz", "i32.and", "i32.or");
  };

  counted(outer, (o) =>
    counted(inner, (lane) => {
      c.get(o)
        .i32(count * inner)
        .op("i32.mul")
        .get(lane)
        .op("i32.add")
        .i32(width)
        .op("i32.mul")
        .set(base);
      addressOf(c, room).set(from);
      addressOf(c, { ...room, offset: room.offset + 4 * count }).set(to);
      counted(count, (at) => {
        entry(from, at).get(at).memory("i32.store");
      });
      c.i32(1).set(run);
      for (let sorted = 1; sorted < count; sorted *= 2) {
        // Runs are merged two by two: when one pair is done, the next begins.
        c.i32(0).set(end).i32(0).set(k);
        c.loop(k, count, 1, () => {
          c.get(k)
            .get(end)
            .op("i32.eq")
            .if(() => {
              c.get(end).set(i);
              c.get(i).get(run).op("i32.add");
              atMost(middle);
              c.get(middle).set(j).get(middle).get(run).op("i32.add");
              atMost(end);
            });
          c.get(i).get(middle).op("i32.lt_s").set(isLeft);
          c.get(isLeft).get(j).get(end).op("i32.lt_s", "i32.and");
          c.if(() => {
            isRightFirst();
            c.op("i32.eqz").set(isLeft);
          });
          entry(to, k).get(from);
          c.get(i)
            .get(j)
            .get(isLeft)
            .op("select")
            .i32(4)
            .op("i32.mul", "i32.add")
            .memory("i32.load")
            .memory("i32.store");
          c.get(i).get(isLeft).op("i32.add").set(i);
          c.get(j).get(isLeft).op("i32.eqz", "i32.add").set(j);
        });
        c.get(from).get(to).set(from).set(to);
        c.get(run).get(run).op("i32.add").set(run);
      }
      counted(count, (at) => {
        c.get(at)
          .i32(4 * inner)
          .op("i32.mul")
          .get(base)
          .i32(width)
          .op("i32.div_u")
          .i32(4)
          .op("i32.mul", "i32.add");
        fromBase(c, y);
        entry(from, at).memory("i32.load").memory("i32.store", y.offset);
      });
    }),
  );
  for (const local of [base, from, to, run, k, i, j, middle, end, isLeft, left, right]) c.release(local);
}
