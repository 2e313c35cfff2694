import type { MatmulNode } from "../../ir.ts";
import type { Assembler, Local } from "../binary/assembler.ts";

/** Products of int32, one element after the other. */
export function emitPlainMatmul(c: Assembler, node: MatmulNode, a: Local, b: Local, y: Local): void {
  const { m, k, n, transposeA, transposeB } = node;
  const [rowStep, leftStep] = transposeA ? [4, 4 * m] : [4 * k, 4];
  const [rightStep, columnStep] = transposeB ? [4, 4 * k] : [4 * n, 4];
  const [i, j, p] = [c.local("i32"), c.local("i32"), c.local("i32")];
  const [left, right, target, sum] = [c.local("i32"), c.local("i32"), c.local("i32"), c.local("i32")];
  const move = (pointer: Local, step: number): void => {
    c.get(pointer).i32(step).op("i32.add").set(pointer);
  };
  c.get(y).set(target);
  c.i32(0).set(i);
  c.loop(i, m, 1, () => {
    c.i32(0).set(j);
    c.loop(j, n, 1, () => {
      c.get(i).i32(rowStep).op("i32.mul").get(a).op("i32.add").set(left);
      c.get(j).i32(columnStep).op("i32.mul").get(b).op("i32.add").set(right);
      c.i32(0).set(sum).i32(0).set(p);
      c.loop(p, k, 1, () => {
        c.get(left).memory("i32.load").get(right).memory("i32.load").op("i32.mul").get(sum).op("i32.add").set(sum);
        move(left, leftStep);
        move(right, rightStep);
      });
      c.get(target).get(sum).memory("i32.store");
      move(target, 4);
    });
  });
  for (const local of [i, j, p, left, right, target, sum]) c.release(local);
}
