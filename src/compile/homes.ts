import { make } from "../core/apply.ts";
import type { TypedArray } from "../core/dtype.ts";
import type { Tensor } from "../tensor.ts";
import { Block, heap } from "./webassembly/heap.ts";

/** The place in memory where a tensor's values live as long as compiled programs use it. */
export class Home {
  readonly block: Block;
  /** The array whose copy the memory holds. */
  #synced: TypedArray | null = null;
  /** Reads the values back: what stands in the tensor for them until somebody looks. */
  readonly read = (): TypedArray => {
    this.#synced = this.block.copy();
    return this.#synced;
  };

  constructor({ dtype, size }: Tensor) {
    this.block = new Block(dtype, size);
  }

  /** Brings the tensor's values into memory if they are not there. */
  load(x: Tensor): void {
    const { stored } = x;
    if (stored === this.read || stored === this.#synced) return;
    const values = typeof stored === "function" ? stored() : stored;
    x.stored = values;
    this.block.elements.set(values);
    this.#synced = values;
  }

  /** Says that a program has put the tensor's new values into memory. */
  store(x: Tensor): void {
    this.#synced = null;
    x.stored = this.read;
  }
}

/** The same for a tensor's gradient. */
export class GradientHome {
  readonly block: Block;
  #synced: Tensor | null = null;
  readonly #read: () => Tensor;

  constructor(x: Tensor) {
    const { dtype, size, shape } = x;
    this.block = new Block(dtype, size);
    const owner = new WeakRef(x);
    this.#read = () => {
      this.#synced = make(owner.deref()!, this.block.copy(), shape, dtype);
      return this.#synced;
    };
  }

  load(x: Tensor): void {
    const { gradient } = x;
    if (gradient === this.#read || gradient === this.#synced || gradient === null) return;
    const own = typeof gradient === "function" ? gradient() : gradient;
    x.gradient = own;
    this.block.elements.set(own.values);
    this.#synced = own;
  }

  store(x: Tensor): void {
    this.#synced = null;
    x.gradient = this.#read;
  }

  /** Takes out of memory what is about to be overwritten there. */
  clear(x: Tensor): void {
    if (x.gradient === this.#read) x.gradient = this.#read();
    this.#synced = null;
  }
}

const homes = new WeakMap<Tensor, Home>();
const gradientHomes = new WeakMap<Tensor, GradientHome>();
let registry: FinalizationRegistry<Block> | undefined;

/** A tensor's home, made when first asked for; given back when the tensor is collected. */
export function homeOf(x: Tensor): Home {
  return found(homes, x, () => new Home(x));
}

export function gradientHomeOf(x: Tensor): GradientHome {
  return found(gradientHomes, x, () => new GradientHome(x));
}

function found<H extends { readonly block: Block }>(known: WeakMap<Tensor, H>, x: Tensor, create: () => H): H {
  const before = known.get(x);
  if (before?.block.heap === heap()) return before;
  const home = create();
  known.set(x, home);
  registry ??= new FinalizationRegistry((block) => block.release());
  if (before !== undefined) registry.unregister(before.block); // its memory is gone with its heap
  registry.register(x, home.block, home.block);
  return home;
}
