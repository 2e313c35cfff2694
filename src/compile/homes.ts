import { make } from "../core/apply.ts";
import type { TypedArray } from "../core/dtype.ts";
import type { Tensor } from "../tensor.ts";
import type { Block, Memory } from "./backend.ts";

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

  constructor(memory: Memory, { dtype, size }: Tensor) {
    this.block = memory.block(dtype, size);
  }

  /** Brings the tensor's values into memory if they are not there. */
  load(x: Tensor): void {
    const { stored } = x;
    if (stored === this.read || stored === this.#synced) return;
    const values = typeof stored === "function" ? stored() : stored;
    if (values !== stored) x.stored = values;
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
  /** The array of that tensor whose copy the memory holds: it may be assigned to. */
  #array: Tensor["stored"] | null = null;
  readonly #read: () => Tensor;

  constructor(memory: Memory, x: Tensor) {
    const { dtype, size, shape } = x;
    this.block = memory.block(dtype, size);
    const owner = new WeakRef(x);
    this.#read = () => {
      return this.#sync(make(owner.deref()!, this.block.copy(), shape, dtype));
    };
  }

  load(x: Tensor): void {
    const { gradient } = x;
    if (gradient === this.#read || gradient === null) return;
    const own = typeof gradient === "function" ? gradient() : gradient;
    if (own === this.#synced && own.stored === this.#array) return;
    x.gradient = own;
    this.block.elements.set(own.values);
    this.#sync(own);
  }

  #sync(own: Tensor): Tensor {
    this.#synced = own;
    this.#array = own.stored;
    return own;
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

/** The homes of tensors and of their gradients in a memory. They go with it. */
class Homes {
  readonly #memory: Memory;
  readonly #values = new WeakMap<Tensor, Home>();
  readonly #gradients = new WeakMap<Tensor, GradientHome>();
  readonly #collected = new FinalizationRegistry<Block>((block) => block.release());

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  of(x: Tensor): Home {
    return this.#found(this.#values, x, () => new Home(this.#memory, x));
  }

  ofGradient(x: Tensor): GradientHome {
    return this.#found(this.#gradients, x, () => new GradientHome(this.#memory, x));
  }

  #found<H extends { readonly block: Block }>(known: WeakMap<Tensor, H>, x: Tensor, create: () => H): H {
    const before = known.get(x);
    if (before !== undefined) return before;
    const home = create();
    known.set(x, home);
    this.#collected.register(x, home.block);
    return home;
  }
}

const all = new WeakMap<Memory, Homes>();

function homesIn(memory: Memory): Homes {
  let homes = all.get(memory);
  if (homes === undefined) {
    homes = new Homes(memory);
    all.set(memory, homes);
  }
  return homes;
}

/** A tensor's home in a memory, made when first asked for; given back when the tensor is collected. */
export function homeOf(memory: Memory, x: Tensor): Home {
  return homesIn(memory).of(x);
}

export function gradientHomeOf(memory: Memory, x: Tensor): GradientHome {
  return homesIn(memory).ofGradient(x);
}
