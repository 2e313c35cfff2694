import { type Blas, blas } from "../../src/blas/index.ts";
import { runtime } from "../../src/core/runtime.ts";

/** The BLAS of this machine. In CI there must be one; elsewhere tests are skipped without. */
export const library: Blas | null = await blas().catch((error: unknown) => {
  if (process.env["CI"] === "true") throw error;
  return null;
});

/** Has all products of programs go out, also those that are too small to gain. Returns what ends it. */
export function useForAll(own: Blas): () => void {
  const accelerator = Object.assign(() => false, {
    products: {
      takes: ({ dtype, batch, m, k, n }: Parameters<Blas["takes"]>[0]) =>
        dtype.startsWith("float") && batch * m * k * n > 0,
      addressOf: (buffer: ArrayBuffer) => own.addressOf(buffer),
      multiply: (...args: Parameters<Blas["multiply"]>) => own.multiply(...args),
    },
  });
  runtime.accelerators.push(accelerator);
  return () => void runtime.accelerators.splice(runtime.accelerators.indexOf(accelerator), 1);
}
