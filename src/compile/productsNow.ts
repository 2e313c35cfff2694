import type { Products } from "../core/products.ts";
import { runtime } from "../core/runtime.ts";

/** What multiplies matrices for programs that are made now: the last that was switched on and not off; null if nothing does. */
export function productsNow(): Products | null {
  const { accelerators } = runtime;
  for (let at = accelerators.length - 1; at >= 0; at--) {
    const { products } = accelerators[at]!;
    if (products !== undefined) return products;
  }
  return null;
}
