import { add } from "../../ops/add.ts";
import { einsum } from "../../ops/einsum.ts";
import { matmul } from "../../ops/matmul.ts";
import { mul } from "../../ops/mul.ts";
import type { Tensor } from "../../tensor.ts";
import type { Call, Rules } from "./node.ts";

function gemm(call: Call): Tensor {
  const transposes = { transposeA: call.int("transA", 0) !== 0, transposeB: call.int("transB", 0) !== 0 };
  const product = matmul(call.x, call.y, transposes);
  const [alpha, beta] = [call.float("alpha", 1), call.float("beta", 1)];
  const scaled = alpha === 1 ? product : mul(product, alpha);
  const c = call.optional(2);
  if (c === null) return scaled;
  return add(scaled, beta === 1 ? c : mul(c, beta));
}

/** Operators that multiply matrices. */
export const matrices: Rules = {
  Einsum: (call) => einsum(call.text("equation", "").replaceAll(" ", ""), ...call.tensors),
  Gemm: gemm,
  MatMul: ({ x, y }) => matmul(x, y),
};
