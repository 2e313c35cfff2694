import { textOf, ValueError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { runtime } from "../core/runtime.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Accelerator } from "../core/tracer.ts";
import { type MatmulAttrs, matmulOp } from "../ops/matmul.ts";
import type { Blas } from "./blas.ts";

/**
 * Has products of float32 and float64 matrices computed by a BLAS library: those of eager code, and those of compiled functions, in their own memory; and compiled convolutions, as products
 * of panels that are copied together. Small ones, and integers, stay here, and so does all of `compile(fn, { deterministic: true })`. Functions that were compiled before are recorded again at their next call.
 *
 * float32 is then added up in float32, as in other libraries, and bits differ by library and processor. 0 · ∞ is NaN, as everywhere here.
 *
 * @param library - from {@link blas}.
 * @returns a function that switches it off again. If `useBlas` is called more than once, the last library that was not switched off is in use.
 * @throws `ValueError` for anything that is not a library.
 * @example
 * import { matmul, ones, type Tensor } from "tinygrad-ts";
 * import { blas, useBlas } from "tinygrad-ts/blas";
 * import { compile } from "tinygrad-ts/compile";
 * const library = await blas().catch(() => null); // null where none is installed
 * const stop = library === null ? () => {} : useBlas(library);
 * const product = compile((x: Tensor) => matmul(x, x));
 * product(ones([64, 64])).sum().item(); // → 262144
 * stop();
 */
export function useBlas(library: Blas): () => void {
  refuseMore("useBlas", arguments, 1);
  if (typeof (library as Partial<Blas> | null | undefined)?.multiplyArrays !== "function") {
    const isPromise = typeof (library as { readonly then?: unknown } | null | undefined)?.then === "function";
    throw new ValueError(
      "useBlas",
      "needs a library that was loaded",
      isPromise ? "a promise" : textOf(library),
      "write useBlas(await blas())",
    );
  }
  const own: Accelerator = Object.assign(
    ((op, out, [a, b], attrs, shape) => {
      if (op !== (matmulOp as Op) || out.length === 0) return false;
      const { transposeA, transposeB } = attrs as MatmulAttrs;
      const { dtype } = a!;
      if (dtype !== b!.dtype) return false;
      const [m, n] = shape.slice(-2) as [number, number];
      const product = {
        dtype,
        batch: out.length / (m * n),
        m,
        k: a!.shape.at(transposeA ? -2 : -1)!,
        n,
        transposeA,
        transposeB,
      };
      return library.takes(product, true) && library.multiplyArrays(product, a!.values, b!.values, out);
    }) satisfies Accelerator,
    { products: library },
  );
  const { accelerators } = runtime;
  accelerators.push(own);
  return () => {
    const at = accelerators.indexOf(own);
    if (at >= 0) accelerators.splice(at, 1);
  };
}
