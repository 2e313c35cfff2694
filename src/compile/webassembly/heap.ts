import { allocate, type DType, type TypedArray } from "../../core/dtype.ts";
import type { Block, Memory } from "../backend.ts";
import { CompileError } from "../errors.ts";
import { bytesOf } from "../ir/kind.ts";
import { engine, type LinearMemory } from "./engine.ts";
import type { Pool } from "./threads/pool.ts";

const pageSize = 65_536;
/** 4 GiB. */
const mostPages = 65_536;

/** The memory that all programs share, in blocks of a few sizes each of which is used again when it is given back. */
export class Heap implements Memory {
  readonly memory: LinearMemory;
  /** The threads that share the memory; null if there is only this one. */
  pool: Pool | null = null;
  #end = 64; // 0 is no address
  readonly #free = new Map<number, number[]>();

  constructor({ isShared = false }: { readonly isShared?: boolean } = {}) {
    const limits = { initial: 1, maximum: mostPages };
    this.memory = new (engine().Memory)(isShared ? { ...limits, shared: true } : limits);
  }

  /**
   * A block of memory, at a multiple of 64. Its contents are undefined.
   *
   * @throws {@link CompileError} that says how much there is, if the engine gives no more; nothing has changed then.
   */
  allocate(bytes: number): number {
    const size = sizeClass(bytes);
    const freed = this.#free.get(size)?.pop();
    if (freed !== undefined) return freed;
    const address = this.#end;
    const missing = Math.ceil((address + size - this.memory.buffer.byteLength) / pageSize);
    if (missing > 0) this.#grow(missing, size);
    this.#end = address + size;
    return address;
  }

  /** Asks the engine for so many pages, and a few more for what comes later. */
  #grow(pages: number, bytes: number): void {
    const { memory } = this;
    const held = memory.buffer.byteLength;
    const ample = Math.max(pages, Math.ceil(held / pageSize / 4));
    for (const wanted of new Set([ample, pages])) {
      try {
        memory.grow(wanted);
        return;
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
    }
    let free = held - this.#end;
    for (const [size, blocks] of this.#free) free += size * blocks.length;
    throw new CompileError(
      "compile",
      "WebAssembly's memory must have room for the program",
      `${bytes} bytes more`,
      `it has ${held} bytes, ${free} of them free, and cannot grow; compute in smaller batches, or keep fewer programs (cacheSize)`,
    );
  }

  block(dtype: DType, size: number): HeapBlock {
    return new HeapBlock(this, dtype, size);
  }

  /** Gives memory back. */
  release(address: number, bytes: number): void {
    const size = sizeClass(bytes);
    const list = this.#free.get(size);
    if (list === undefined) this.#free.set(size, [address]);
    else list.push(address);
  }

  /** The elements at an address, until the memory grows. */
  view(dtype: DType, address: number, size: number): TypedArray {
    const { buffer } = this.memory;
    switch (dtype) {
      case "float32":
        return new Float32Array(buffer, address, size);
      case "float64":
        return new Float64Array(buffer, address, size);
      case "int32":
        return new Int32Array(buffer, address, size);
      case "bool":
        return new Uint8Array(buffer, address, size);
    }
  }
}

/** Sizes are rounded up: to 64 bytes while small, to an eighth of a power of two when large. */
function sizeClass(bytes: number): number {
  const unit = Math.max(64, 2 ** (Math.floor(Math.log2(Math.max(bytes, 1))) - 3));
  return Math.max(64, Math.ceil(bytes / unit) * unit);
}

let present: Heap | undefined;

/** The one heap, made when it is first needed. */
export function heap(): Heap {
  present ??= new Heap();
  return present;
}

/** How many threads compiled programs use. */
export function threadsNow(): number {
  return present?.pool?.threads ?? 1;
}

/** Puts another one in its place, for what is made from here on. What lies in the old one stays readable. */
export function replaceHeap(other: Heap): void {
  present = other;
}

/** Where the elements of an array are in a heap. */
export class HeapBlock implements Block {
  readonly dtype: DType;
  readonly size: number;
  readonly address: number;
  readonly heap: Heap;
  #view: TypedArray;

  constructor(heap: Heap, dtype: DType, size: number) {
    this.heap = heap;
    this.dtype = dtype;
    this.size = size;
    this.address = this.heap.allocate(this.bytes);
    this.#view = this.heap.view(dtype, this.address, size);
  }

  get bytes(): number {
    return this.size * bytesOf[this.dtype];
  }

  get elements(): TypedArray {
    if (this.#view.buffer !== this.heap.memory.buffer) {
      this.#view = this.heap.view(this.dtype, this.address, this.size);
    }
    return this.#view;
  }

  copy(): TypedArray {
    const values = allocate(this.dtype, this.size);
    values.set(this.elements);
    return values;
  }

  release(): void {
    this.heap.release(this.address, this.bytes);
  }
}

/** The address of a block, which is of a heap. */
export function addressOf(block: Block): number {
  if (block instanceof HeapBlock) return block.address;
  throw new Error("a block of another backend's memory has no address");
}
