import type { TypedArray } from "../../core/dtype.ts";
import { textOf } from "../../core/errors.ts";
import type { PartProduct, Products } from "../../core/products.ts";
import { CompileError } from "../errors.ts";
import { bytesOf } from "../ir/kind.ts";
import { type Graph, type HostNode, type Id, isHost, type MatmulNode } from "../ir.ts";
import type { Schedule } from "../schedule.ts";
import type { Heap } from "./heap.ts";

/** The functions that a program calls, with what lies in its memory. */
export class HostCalls {
  readonly #calls = new Map<number, () => void>();
  #hasFunctions = false;
  #isRunning = false;
  #isOverwritten = false;

  constructor(graph: Graph, { kernels }: Schedule, heap: Heap, address: (id: Id) => number) {
    kernels.forEach((kernel, k) => {
      if (kernel.kind !== "call") return;
      const { id, node } = kernel;
      if (isHost(node)) {
        this.#calls.set(k, hostCall(graph, id, node, heap, address));
        this.#hasFunctions = true;
      } else this.#calls.set(k, productCall(node.outside, node, id, heap, address));
    });
  }

  /** Calls the function of a kernel. */
  readonly call = (kernel: number): void => {
    this.#calls.get(kernel)!();
    if (this.#isOverwritten) this.#refuse();
  };

  /** The same program, which does not run while one of its functions does: they are one memory. */
  guarded(run: () => number): () => number {
    if (!this.#hasFunctions) return run;
    return () => {
      if (this.#isRunning) {
        this.#isOverwritten = true; // by the arguments, so the run under way cannot go on, either
        this.#refuse();
      }
      this.#isRunning = true;
      this.#isOverwritten = false;
      try {
        return run();
      } finally {
        this.#isRunning = false;
      }
    };
  }

  #refuse(): never {
    const hint = "call compiled functions outside of it";
    throw new CompileError("host call", "the program must not be run by a function that it calls", "", hint);
  }
}

function hostCall(
  { nodes }: Graph,
  id: Id,
  { fn, dtype, inputs, outputs }: HostNode,
  heap: Heap,
  address: (id: Id) => number,
): () => void {
  const { memory } = heap;
  const from = inputs.map((input) => ({ dtype: nodes[input]!.dtype, size: nodes[input]!.size, at: address(input) }));
  let end = address(id);
  const to = outputs.map((size) => {
    const at = end;
    end += size * bytesOf[dtype];
    return { dtype, size, at };
  });
  let buffer: ArrayBuffer | null = null;
  let given: readonly TypedArray[] = [];
  let filled: readonly TypedArray[] = [];
  return () => {
    if (memory.buffer !== buffer) {
      // Memory that has grown is another buffer, and views of the old one are empty.
      buffer = memory.buffer;
      given = from.map((own) => heap.view(own.dtype, own.at, own.size));
      filled = to.map((own) => heap.view(own.dtype, own.at, own.size));
    }
    const result = fn(given, filled) as unknown;
    if (result !== undefined) expectNoPromise(fn, result);
    if (buffer.byteLength === 0) {
      const hint = "make tensors and call compiled functions outside of it";
      throw new CompileError("host call", "memory must not grow during the call", nameOf(fn), hint);
    }
  };
}

function productCall(outside: Products, node: MatmulNode, id: Id, heap: Heap, address: (id: Id) => number): () => void {
  const [a, b, y] = [address(node.a), address(node.b), address(id)];
  const baseNow = baseOf(outside, heap);
  return () => {
    const base = baseNow();
    outside.multiply(node, base + a, base + b, base + y);
  };
}

/** What a program calls for parts of products: with the number of one of the parts, and the addresses of its operands. */
export function partCall(
  outside: Products,
  parts: readonly PartProduct[],
  heap: Heap,
): (part: number, a: number, b: number, y: number) => void {
  const baseNow = baseOf(outside, heap);
  return (part, a, b, y) => {
    const base = baseNow();
    outside.multiplyPart(parts[part]!, base + a, base + b, base + y);
  };
}

/** Says where memory begins in the process. */
function baseOf(outside: Products, { memory }: Heap): () => number {
  let buffer: ArrayBuffer | null = null;
  let base = 0;
  return () => {
    const now = memory.buffer;
    if (now !== buffer) {
      // Memory that has grown may be somewhere else.
      buffer = now;
      base = outside.addressOf(now);
    }
    return base;
  };
}

function expectNoPromise(fn: HostNode["fn"], result: unknown): void {
  if (typeof (result as { then?: unknown } | null)?.then !== "function") return;
  (result as Promise<unknown>).then(undefined, () => undefined); // it is refused here, whatever becomes of it
  const hint = "what it writes later, nobody would read";
  throw new CompileError("host call", "the function must be synchronous", `${textOf(result)} of ${nameOf(fn)}`, hint);
}

const nameOf = ({ name }: HostNode["fn"]): string => name || "a function";
