import { type Blas, blas } from "../../src/blas/index.ts";
import { panelsOf } from "../../src/compile/webassembly/emit/panels.ts";
import type { Product, Products } from "../../src/core/products.ts";
import { runtime } from "../../src/core/runtime.ts";

/** The BLAS of this machine. In CI there must be one; elsewhere tests are skipped without. */
export const library: Blas | null = await blas().catch((error: unknown) => {
  if (process.env["CI"] === "true") throw error;
  return null;
});

/**
 * Has all products of programs go out, also those that are too small to gain. Returns what ends it.
 *
 * @param isTaken - leaves some out, or some of the ways in which they could go; always the same ones.
 */
export function useForAll(own: Blas, isTaken: (product: Product) => boolean = () => true): () => void {
  const products: Products = {
    takes(product) {
      const { dtype, batch, m, k, n } = product;
      return dtype.startsWith("float") && batch * m * k * n > 0 && isTaken(product);
    },
    addressOf: (buffer) => own.addressOf(buffer),
    multiply: (...args) => own.multiply(...args),
    multiplyPart: (...args) => own.multiplyPart(...args),
    panels: (...args) => panelsOf(products, ...args),
  };
  const accelerator = Object.assign(() => false, { products });
  runtime.accelerators.push(accelerator);
  return () => void runtime.accelerators.splice(runtime.accelerators.indexOf(accelerator), 1);
}
