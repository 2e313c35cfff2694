import { type Koffi, type Loaded, loadFirst, loadKoffi } from "../koffi.ts";
import { BlasError } from "./errors.ts";
import { platformOf } from "./platforms.ts";

/** `cblas_sgemm` and `cblas_dgemm`: operands are addresses, or typed arrays. */
export type Gemm<Place> = (
  order: number,
  transposeA: number,
  transposeB: number,
  m: number,
  n: number,
  k: number,
  alpha: number,
  a: Place,
  strideA: number,
  b: Place,
  strideB: number,
  beta: number,
  y: Place,
  strideY: number,
) => void;

/** What a library exports, as functions. */
export interface Library {
  readonly name: string;
  /** What it says of itself; its name, if it says nothing. */
  readonly version: string;
  readonly float32: { readonly at: Gemm<number>; readonly of: Gemm<object> };
  readonly float64: { readonly at: Gemm<number>; readonly of: Gemm<object> };
  /** How many threads of its own it uses, and how to change that, which says how many they are then; null if it has no such functions. */
  readonly threads: { get(): number; set(n: number): number } | null;
  addressOf(buffer: ArrayBufferLike): number;
}

/**
 * Loads a library, by name or path; the first one found, if none is named.
 *
 * @throws {@link BlasError}
 */
export async function loadLibrary(name: string | undefined): Promise<Library> {
  const host = globalThis as { readonly process?: { readonly platform: string } };
  const koffi = await loadKoffi("blas", BlasError, "BLAS");
  const { libraries, install } = platformOf(host.process?.platform ?? "");
  const found = loadFirst(koffi, name === undefined ? libraries : [name]);
  if ("loaded" in found) {
    const library = bind(koffi, found.loaded, found.name);
    await expectAlone(library);
    return library;
  }
  const hint = name === undefined ? install : `check the path; without a name, ${libraries.join(", ")} are looked for`;
  throw new BlasError("blas", "needs a BLAS library", `none: ${found.reasons.join("; ")}`, hint);
}

/** OpenBLAS that was built for programs of one thread computes wrong numbers, now and then, where two call it at once. */
async function expectAlone({ version }: Library): Promise<void> {
  if (!/SINGLE_THREADED/.test(version)) return;
  const name: string = "node:worker_threads"; // named so that nothing looks for its types, or bundles it
  const { isMainThread } = (await import(name)) as { readonly isMainThread: boolean };
  if (isMainThread && !("WorkerGlobalScope" in globalThis)) return; // Deno calls the web's workers main threads, too
  const hint =
    "install one that is built with threads, as Debian's libopenblas0-pthread is, and write blas({ threads: 1 })";
  throw new BlasError("blas", "in a worker, the library must be one that several threads may call", version, hint);
}

function bind(koffi: Koffi, loaded: Loaded, name: string): Library {
  const found = (prototype: string) => {
    try {
      return loaded.func(prototype);
    } catch {
      return null; // the library has no such function
    }
  };
  const gemm = (symbol: string, real: string, place: string): unknown => {
    const matrix = (it: string): string => `${place} ${it}, int ld${it}`;
    const sizes = "int order, int transA, int transB, int m, int n, int k";
    const prototype = `void ${symbol}(${sizes}, ${real} alpha, ${matrix("a")}, ${matrix("b")}, ${real} beta, ${matrix("c")})`;
    const own = found(prototype);
    if (own !== null) return own;
    throw new BlasError("blas", `the library must have ${symbol}`, name, "pass an OpenBLAS, a BLIS or Accelerate");
  };
  const version = (found("const char *openblas_get_config()") ?? found("const char *bli_info_get_version_str()"))?.();
  if (typeof version === "string" && /USE64BITINT/.test(version)) {
    const hint = "pass the library without 64 in its name";
    throw new BlasError("blas", "the library must take sizes of 32 bits", version, hint);
  }
  const get = found("int openblas_get_num_threads()") ?? found("int64_t bli_thread_get_num_threads()");
  const set = found("void openblas_set_num_threads(int n)") ?? found("void bli_thread_set_num_threads(int64_t n)");
  return {
    name,
    version: typeof version === "string" ? version : name,
    float32: {
      at: gemm("cblas_sgemm", "float", "size_t") as Gemm<number>,
      of: gemm("cblas_sgemm", "float", "float *") as Gemm<object>,
    },
    float64: {
      at: gemm("cblas_dgemm", "double", "size_t") as Gemm<number>,
      of: gemm("cblas_dgemm", "double", "double *") as Gemm<object>,
    },
    threads: get === null || set === null ? null : threadsOf(get, set),
    addressOf: (buffer) => Number(koffi.address(new Uint8Array(buffer))), // of shared memory, koffi takes views only
  };
}

function threadsOf(get: () => unknown, set: (n: number) => unknown): NonNullable<Library["threads"]> {
  return {
    get: () => Number(get()),
    set(n) {
      set(n);
      return Number(get());
    },
  };
}
