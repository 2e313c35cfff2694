import { isFloat } from "../../core/dtype.ts";
import { castOp, toOp } from "../../ops/cast.ts";
import { fitOp } from "../../ops/fit.ts";
import { exponentOp } from "../../ops/pow.ts";
import { divisorOp } from "../../ops/remainder.ts";
import { whereOp } from "../../ops/where.ts";
import { type Row, row } from "../lowering.ts";
import { toInt32 } from "./integers.ts";

/** Elementwise ops that compute nothing. */
export const conversions: readonly Row[] = [
  ...[castOp, toOp].map((op) =>
    row(op, ({ b, x, dtype, inputs }) =>
      dtype === "int32" && isFloat(x.dtype) ? toInt32(b, b.cast(x, "float64"), inputs) : b.cast(x, dtype),
    ),
  ),
  row(fitOp, ({ b, x, inputs }) => toInt32(b, b.unary("round", b.cast(x, "float64")), inputs)),
  row(exponentOp, ({ b, x, inputs }) => {
    b.check(b.binary("lt", b.cast(x, "int32"), b.fill(0, [], "int32")), inputs);
    return x;
  }),
  row(divisorOp, ({ b, x, inputs }) => {
    b.check(b.binary("eq", b.cast(x, "int32"), b.fill(0, [], "int32")), inputs);
    return x;
  }),
  row(whereOp, ({ b, inputs, dtype }) => b.select(inputs[0]!, b.cast(inputs[1]!, dtype), b.cast(inputs[2]!, dtype))),
];
