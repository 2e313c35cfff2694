import type { MatmulNode } from "../compile/ir/matmul.ts";
import { panelsOf } from "../compile/webassembly/emit/panels.ts";
import { threadsNow } from "../compile/webassembly/heap.ts";
import type { WindowOperands } from "../compile/windowOperand.ts";
import type { TypedArray } from "../core/dtype.ts";
import { textOf, ValueError } from "../core/errors.ts";
import { checkOptions } from "../core/options.ts";
import type { Panels, PartProduct, Product } from "../core/products.ts";
import { refuseMore } from "../core/surplus.ts";
import { inspectable } from "../format.ts";
import { BlasError } from "./errors.ts";
import { type Library, loadLibrary } from "./library.ts";

/** Options of {@link blas}. */
export interface BlasOptions {
  /** The library's name, as the system's loader finds it, or its path; by default OpenBLAS, BLIS or Accelerate, whichever is there. */
  readonly library?: string;
  /** How many threads of its own the library uses, in the whole process; by default as many as it wants, which is often one for each core. */
  readonly threads?: number;
}

// CBLAS's numbers.
const rowMajor = 101;
const plain = 111;
const transposed = 112;

/** Floating-point operations of a product from which on it goes out of a program: from 28³ on. `bench/blasSizes.ts` measures what it gains. */
const leastInPrograms = 40_000;
/** The same for eager code: from 8³ on. */
const leastInEager = 1_000;
/** Floating-point operations for each element that is copied before, from which on that gains. */
const leastPerCopied = 25;
/** Rows, columns and terms that such a product must have at least. */
const leastWide = 8;

/**
 * A BLAS library that was loaded: what {@link useBlas} takes.
 *
 * @example
 * import { BlasError, blas } from "tinygrad-ts/blas";
 * const library = await blas().catch((error: BlasError) => error);
 * library instanceof BlasError || library.threads >= 1; // → true
 */
export class Blas extends /* @__PURE__ */ inspectable() {
  readonly #library: Library;
  /** The threads that it uses where the program has none, and those that it uses now. */
  #own: number;
  #now: number;

  /** @internal */
  constructor(library: Library) {
    super();
    this.#library = library;
    this.#now = library.threads?.get() ?? 1;
    this.#own = this.#now;
  }

  /** The name or path by which it was found. */
  get library(): string {
    return this.#library.name;
  }

  /** What it says of itself: its name, version and more; the name by which it was found, if it says nothing. */
  get version(): string {
    return this.#library.version;
  }

  /** How many threads of its own it uses; 1 while `setThreads` has compiled functions use several. */
  get threads(): number {
    return threadsNow() > 1 ? 1 : this.#own;
  }

  /** `Blas(OpenBLAS 0.3.21 …, 2 threads)`. */
  override toString(): string {
    return `Blas(${this.version}, ${this.threads} thread${this.threads === 1 ? "" : "s"})`;
  }

  /** @internal */
  withThreads(n: number): this {
    const got = this.#library.threads?.set(n) ?? 1;
    this.#now = got;
    if (got === n) {
      this.#own = n;
      return this;
    }
    this.#settle();
    const hint = "leave threads out, or take a library that has them, as Debian's libopenblas0-pthread is";
    throw new BlasError(
      "blas",
      `the library must be able to use ${n} threads`,
      `${this.version}, which uses ${got}`,
      hint,
    );
  }

  /** @internal */
  takes({ dtype, batch, m, k, n, copied = 0 }: Product, isEager = false): boolean {
    const least = isEager ? leastInEager : leastInPrograms;
    const each = 2 * m * k * n;
    const isNumeric = dtype === "float32" || dtype === "float64";
    const isWide = copied === 0 || Math.min(m, k, n) >= leastWide;
    return isNumeric && isWide && batch > 0 && each >= least && each * batch >= leastPerCopied * copied;
  }

  /** @internal */
  addressOf(buffer: ArrayBufferLike): number {
    return this.#library.addressOf(buffer);
  }

  /** @internal */
  multiply(product: Product, a: number, b: number, y: number): void {
    const { dtype, batch, m, k, n, transposeA, transposeB } = product;
    const { at } = dtype === "float32" ? this.#library.float32 : this.#library.float64;
    const width = dtype === "float32" ? 4 : 8;
    const [left, right] = [transposeA ? transposed : plain, transposeB ? transposed : plain];
    const [strideA, strideB] = [transposeA ? m : k, transposeB ? k : n];
    this.#settle();
    for (let i = 0; i < batch; i++) {
      const [p, q, r] = [a + i * width * m * k, b + i * width * k * n, y + i * width * m * n];
      at(rowMajor, left, right, m, n, k, 1, p, strideA, q, strideB, 0, r, n);
    }
  }

  /** @internal */
  multiplyPart(part: PartProduct, a: number, b: number, y: number): void {
    const { dtype, m, k, n, transposeA, transposeB, strideA, strideB, strideY, isAdded } = part;
    const { at } = dtype === "float32" ? this.#library.float32 : this.#library.float64;
    const [left, right] = [transposeA ? transposed : plain, transposeB ? transposed : plain];
    this.#settle();
    at(rowMajor, left, right, m, n, k, 1, a, strideA, b, strideB, isAdded ? 1 : 0, y, strideY);
  }

  /** @internal */
  panels(node: MatmulNode, windows: WindowOperands): Panels | null {
    return panelsOf(this, node, windows);
  }

  /** @internal The same for arrays; false, with nothing done, if they are not what the product says: the library would not notice. */
  multiplyArrays(product: Product, a: TypedArray, b: TypedArray, y: TypedArray): boolean {
    const { dtype, batch, m, k, n, transposeA, transposeB } = product;
    const Class = dtype === "float32" ? Float32Array : Float64Array;
    if (!(a instanceof Class && b instanceof Class && y instanceof Class)) return false;
    if (a.length !== batch * m * k || b.length !== batch * k * n || y.length !== batch * m * n) return false;
    if (batch === 1) {
      const { of } = dtype === "float32" ? this.#library.float32 : this.#library.float64;
      const [left, right] = [transposeA ? transposed : plain, transposeB ? transposed : plain];
      this.#settle();
      of(rowMajor, left, right, m, n, k, 1, a, transposeA ? m : k, b, transposeB ? k : n, 0, y, n);
    } else {
      const [p, q, r] = [a, b, y].map((own) => this.addressOf(own.buffer) + own.byteOffset) as [number, number, number];
      this.multiply(product, p, q, r);
    }
    return true;
  }

  /** Has it use the threads that it is to use by now. */
  #settle(): void {
    const { threads } = this;
    if (threads === this.#now) return;
    this.#library.threads?.set(threads);
    this.#now = threads;
  }
}

const known = /* @__PURE__ */ new Map<string | undefined, Blas>();

/**
 * Loads a BLAS library: OpenBLAS, BLIS, Accelerate (which macOS has), or whichever has `cblas_sgemm` and `cblas_dgemm` and is named. For Node, Deno and Bun, with the package
 * [koffi](https://koffi.dev), which you install beside this one. {@link useBlas} then uses it.
 *
 * Before it is used, it has to multiply two small matrices of each dtype right.
 *
 * @param options - {@link BlasOptions}.
 * @returns the library; the same object each time for the same name.
 * @throws {@link BlasError} if there is no koffi, no library, or one that cannot be used; it says what to install. `ValueError` for an unknown option, and for a number of threads that is none.
 * @example
 * import { blas, useBlas } from "tinygrad-ts/blas";
 * import { matmul, ones } from "tinygrad-ts";
 * const library = await blas().catch(() => null); // null where none is installed
 * const stop = library === null ? () => {} : useBlas(library);
 * matmul(ones([100, 100]), ones([100, 100])).sum().item(); // → 1000000
 * stop();
 */
export async function blas(options: BlasOptions = {}): Promise<Blas> {
  refuseMore("blas", arguments, 1);
  const { library, threads } = checkOptions(
    "blas",
    options,
    { library: "any", threads: "number" },
    { names: { path: "library", name: "library", lib: "library", numThreads: "threads" }, instead: insteadOf },
  );
  if (library !== undefined && (typeof library !== "string" || library === "" || library.startsWith("file:"))) {
    const isUrl = /^file:/.test(String(library));
    const hint = isUrl
      ? "write fileURLToPath(url), of node:url"
      : 'write { library: "/…/libopenblas.so" }, or leave it out';
    throw new ValueError("blas", "library must be a name or a path", textOf(library), hint);
  }
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1)) {
    throw new ValueError("blas", "threads must be a positive integer", textOf(threads));
  }
  let found = known.get(library);
  if (found === undefined) {
    found = new Blas(await loadLibrary(library));
    expectRight(found);
    known.set(library, found);
  }
  return threads === undefined ? found : found.withThreads(threads);
}

const insteadOf = (given: unknown): string | undefined =>
  typeof given === "string" ? `write blas({ library: ${JSON.stringify(given)} })` : undefined;

/** Multiplies small matrices, each as often as there are layouts: a library whose integers are of another size would compute something else. */
function expectRight(library: Blas): void {
  for (const Class of [Float32Array, Float64Array]) {
    const dtype = Class === Float32Array ? "float32" : "float64";
    for (const layout of [0, 1, 2, 3]) {
      const [transposeA, transposeB] = [layout % 2 > 0, layout > 1];
      const a = Class.of(1, 2, 3, 4, 5, 6);
      const b = Class.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
      const y = new Class(8).fill(Number.NaN);
      library.multiplyArrays({ dtype, batch: 1, m: 2, k: 3, n: 4, transposeA, transposeB }, a, b, y);
      const right = Array.from({ length: 8 }, (_, at) => {
        const [i, j] = [at >> 2, at % 4];
        const term = (p: number): number =>
          a[transposeA ? 2 * p + i : 3 * i + p]! * b[transposeB ? 3 * j + p : 4 * p + j]!;
        return term(0) + term(1) + term(2);
      });
      if (right.every((value, at) => value === y[at])) continue;
      throw new BlasError(
        "blas",
        "the library must multiply matrices right",
        `${library.library}: ${[...y].join(", ")} for ${right.join(", ")}`,
      );
    }
  }
}
