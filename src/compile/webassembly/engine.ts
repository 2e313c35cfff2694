import { CompileError } from "../errors.ts";

/** What is used of WebAssembly's interface to JavaScript: the library is compiled without the types of any one platform. */
interface Engine {
  readonly Memory: new (limits: { initial: number; maximum: number; shared?: boolean }) => LinearMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly env: Readonly<Record<string, unknown>> },
  ) => { readonly exports: Readonly<Record<string, unknown>> };
  validate(bytes: Uint8Array<ArrayBuffer>): boolean;
}

/** Linear memory. Its buffer is replaced when it grows. */
export interface LinearMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** @throws {@link CompileError} where there is no WebAssembly with vectors. */
export function engine(): Engine {
  const found = (globalThis as { readonly WebAssembly?: Engine }).WebAssembly;
  if (found === undefined) {
    throw new CompileError("compile", "needs WebAssembly", "an engine without it", "eager code works everywhere");
  }
  return found;
}

/**
 * Runs what makes modules and instances.
 *
 * @throws {@link CompileError} where a page's policy forbids it.
 */
export function permitted<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    const text = String(error);
    if (!/unsafe-eval|Content.Security.Policy|disallowed/i.test(text)) throw error;
    const hint = "allow 'wasm-unsafe-eval' in script-src; eager code works without";
    throw new CompileError("compile", "WebAssembly must be allowed", text, hint);
  }
}
