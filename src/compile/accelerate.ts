import type { DType, TypedArray } from "../core/dtype.ts";
import type { Op } from "../core/op.ts";
import { checkOptions } from "../core/options.ts";
import { runtime } from "../core/runtime.ts";
import type { Shape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Accelerator } from "../core/tracer.ts";
import { adamStepOp } from "../ops/adamStep.ts";
import { combineOp } from "../ops/combine.ts";
import { convInputOp, convOp, convWeightOp } from "../ops/conv.ts";
import { expOp } from "../ops/exp.ts";
import { logOp } from "../ops/log.ts";
import { type MatmulAttrs, matmulOp } from "../ops/matmul.ts";
import { sigmoidOp } from "../ops/sigmoid.ts";
import { logSoftmaxOp, softmaxOp } from "../ops/softmax.ts";
import { tanhOp } from "../ops/tanh.ts";
import type { Tensor } from "../tensor.ts";
import type { Block, Runnable } from "./backend.ts";
import { Builder } from "./builder.ts";
import { defaultBackend } from "./defaultBackend.ts";
import { lower } from "./lower.ts";
import { productsNow } from "./productsNow.ts";

/** Multiplications from which on a product is worth the way into WebAssembly's memory and back. */
const leastProduct = 2_000;
/** So many kernels are kept, each for operands of some shapes. */
const mostKernels = 64;

/** Other ops, and the elements from which on they are worth it: what takes a division or more for each. */
const leastElements: ReadonlyMap<Op<never>, number> = /* @__PURE__ */ new Map<Op<never>, number>([
  [expOp, 256],
  [logOp, 256],
  [tanhOp, 256],
  [sigmoidOp, 256],
  [softmaxOp, 256],
  [logSoftmaxOp, 256],
  [combineOp, 8_192],
  [adamStepOp, 8_192],
]);

/** An op for operands of some shapes, as machine code. */
class Kernel {
  readonly #inputs: Block[] = [];
  readonly #outputs: Block[] = [];
  readonly #executable: Runnable;

  constructor(op: Op, inputs: readonly Tensor[], attrs: unknown, shape: Shape, dtype: DType, deterministic: boolean) {
    const b = new Builder();
    const leaves = inputs.map((x) => b.leaf(x.shape, x.dtype));
    const y = lower(op, { b, inputs: leaves, x: leaves[0]!, y: leaves[1]!, attrs, shape, dtype });
    const recorded = { nodes: b.nodes, checks: b.checks, outputs: [y.id] };
    try {
      const memory = defaultBackend.memory();
      for (const x of inputs) this.#inputs.push(memory.block(x.dtype, x.size));
      const output = memory.block(dtype, b.nodes[y.id]!.size);
      this.#outputs.push(output);
      this.#executable = defaultBackend.make(recorded, { deterministic, verify: false }, (ids, _, [id]) => ({
        leaves: new Map(ids.map((leaf, i) => [leaf, this.#inputs[i]!])),
        outputs: [{ id: id!, block: output, leaf: -1 }],
      }));
    } catch (error) {
      for (const block of [...this.#inputs, ...this.#outputs]) block.release();
      throw error;
    }
  }

  run(out: TypedArray, inputs: readonly Tensor[]): void {
    inputs.forEach((x, i) => this.#inputs[i]!.elements.set(x.values));
    this.#executable.run();
    out.set(this.#outputs[0]!.elements);
  }

  isLatest(): boolean {
    return this.#executable.isLatest();
  }

  release(): void {
    for (const block of [...this.#inputs, ...this.#outputs]) block.release();
    this.#executable.holding.release();
  }
}

/**
 * Makes eager code use the compiler's kernels where copying to WebAssembly's memory and back is worth it: for products of float32 matrices and
 * convolutions, and for `exp`, `log`, `tanh`, `sigmoid`, `softmax` and `logSoftmax` of thousands of float32 elements. Everything else is unchanged.
 *
 * Products are then added up in float32, as in other libraries, and not in float64. That is why nothing calls this automatically: results are to be the same from run to run, whenever code arrives.
 *
 * @param options - `deterministic`: the same bits on every engine, as for {@link compile}; false by default.
 * @returns a function that switches it off again. If it is called more than once, the last that was not switched off is in use.
 * @throws {@link CompileError} where there is no WebAssembly; `ValueError` for an unknown option.
 * @example
 * import { matmul, ones } from "tinygrad-ts";
 * import { accelerate } from "tinygrad-ts/compile";
 * const stop = accelerate();
 * matmul(ones([100, 100]), ones([100, 100])).sum().item(); // → 1000000
 * stop();
 */
export function accelerate(options: { readonly deterministic?: boolean } = {}): () => void {
  const { deterministic = false } = checkOptions("accelerate", options, { deterministic: "boolean" });
  refuseMore("accelerate", arguments, 1);
  defaultBackend.memory(); // throws where there is none
  const kernels = new Map<string, Kernel>();
  const own: Accelerator = (op, out, inputs, attrs, shape) => {
    if (!isWorthIt(op, out, inputs, attrs)) return false;
    if (op === (matmulOp as Op) && !deterministic && productsNow() !== null) return false; // what stands behind is faster
    const key = keyOf(op, inputs, attrs);
    let kernel = kernels.get(key);
    if (kernel === undefined || !kernel.isLatest()) {
      kernel?.release();
      kernels.delete(key);
      kernel = new Kernel(op, inputs, attrs, shape, "float32", deterministic);
      const [oldest] = kernels.keys();
      if (kernels.size === mostKernels) {
        kernels.get(oldest!)!.release();
        kernels.delete(oldest!);
      }
    } else kernels.delete(key); // and in again, as the latest used
    kernels.set(key, kernel);
    kernel.run(out, inputs);
    return true;
  };
  const { accelerators } = runtime;
  accelerators.push(own);
  return () => {
    const at = accelerators.indexOf(own);
    if (at < 0) return;
    accelerators.splice(at, 1);
    for (const kernel of kernels.values()) kernel.release();
    kernels.clear();
  };
}

function isWorthIt(op: Op, out: TypedArray, inputs: readonly Tensor[], attrs: unknown): boolean {
  if (!(out instanceof Float32Array)) return false;
  const terms = termsOf(op, out, inputs, attrs);
  if (terms !== null) {
    if (terms < leastProduct) return false;
  } else if (out.length < (leastElements.get(op as Op<never>) ?? Number.POSITIVE_INFINITY)) return false;
  return inputs.every((x) => x.dtype === "float32" || x.shape.length === 0);
}

/** The multiplications of a product, or of a convolution; null for other ops. */
function termsOf(op: Op, out: TypedArray, [a, b]: readonly Tensor[], attrs: unknown): number | null {
  /** Of a convolution: each element of its result, times a window. */
  const ofWindows = (results: number, weights: number, channels: number): number =>
    channels && (results * weights) / channels;
  if (op === (matmulOp as Op)) return out.length * a!.shape.at((attrs as MatmulAttrs).transposeA ? -2 : -1)!;
  if (op === (convOp as Op)) return ofWindows(out.length, b!.size, b!.shape[0]!);
  if (op === (convInputOp as Op)) return ofWindows(a!.size, b!.size, b!.shape[0]!);
  return op === (convWeightOp as Op) ? ofWindows(b!.size, out.length, b!.shape[1]!) : null;
}

/** A text that tells kernels apart: op, shapes, dtypes and attributes. */
function keyOf(op: Op, inputs: readonly Tensor[], attrs: unknown): string {
  let key = op.name;
  for (const { shape, dtype } of inputs) {
    key += dtype === "float32" ? ";" : dtype;
    for (const size of shape) key += `${size},`;
  }
  if (typeof attrs !== "object" || attrs === null) return key + String(attrs);
  for (const value of Object.values(attrs)) key += `;${String(value)}`;
  return key;
}
