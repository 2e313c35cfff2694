import type { DType } from "../../../core/dtype.ts";
import type { ReduceFn, ReduceNode } from "../../ir.ts";
import type { Assembler } from "../binary/assembler.ts";
import type { Plain } from "../binary/opcodes.ts";
import { emitCast } from "./cast.ts";
import { lanesOf, newVector, repeated, type Vector, vectorOf, type Width } from "./vector.ts";

/** The dtype in which a reduction is carried: sums of float32 are added up in float64, and rounded once. */
const carried = ({ fn, dtype }: ReduceNode): DType => (fn === "sum" && dtype === "float32" ? "float64" : dtype);

const neutral = (fn: ReduceFn, dtype: DType): number => {
  if (fn === "sum" || fn === "or") return 0;
  if (fn === "and") return 1;
  if (dtype === "int32") return fn === "min" ? 0x7fffffff : -0x80000000;
  return fn === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
};

const instruction = (fn: ReduceFn, dtype: DType): Plain => {
  if (fn === "and" || fn === "or") return `v128.${fn}`;
  const lanes = lanesOf[dtype];
  if (fn === "sum") return `${lanes}.add`;
  return lanes === "i32x4" ? `i32x4.${fn}_s` : `${lanes}.${fn}`;
};

/** What elements are gathered in; set to what changes nothing. */
export function startReduction(c: Assembler, node: ReduceNode, width: Width): Vector {
  const dtype = carried(node);
  return vectorOf(c, dtype, width, () => c.v128(repeated(neutral(node.fn, dtype), dtype)));
}

/** Takes more elements in. */
export function reduceInto(c: Assembler, node: ReduceNode, into: Vector, x: Vector, width: Width): void {
  const wide = emitCast(c, x, into.dtype, width);
  into.parts.forEach((part, k) => c.get(part).get(wide.parts[k]!).op(instruction(node.fn, into.dtype)).set(part));
}

/** The result of a vector of results, each of its own elements. */
export function finishReduction(c: Assembler, node: ReduceNode, into: Vector, width: Width): Vector {
  return emitCast(c, into, node.dtype, width);
}

/** One result of the four lanes of a vector, and of the first lane of another. */
export function combineLanes(c: Assembler, node: ReduceNode, four: Vector | null, one: Vector | null): Vector {
  const dtype = (four ?? one)!.dtype;
  const op = instruction(node.fn, dtype);
  const total = newVector(c, dtype, 1);
  const [sum] = total.parts as [Vector["parts"][0]];
  if (four === null) c.get(one!.parts[0]!).set(sum);
  else {
    c.get(four.parts[0]!);
    if (four.parts.length > 1) c.get(four.parts[1]!).op(op);
    c.set(sum);
    c.get(sum).get(sum).get(sum).shuffle(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7).op(op).set(sum);
    if (dtype !== "float64")
      c.get(sum).get(sum).get(sum).shuffle(4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3).op(op).set(sum);
    if (one !== null) c.get(sum).get(one.parts[0]!).op(op).set(sum);
  }
  return emitCast(c, total, node.dtype, 1);
}
