import type { TypedArray } from "../core/dtype.ts";
import type { Saved } from "../core/op.ts";
import { sizeOf } from "../core/shape.ts";
import { Tensor } from "../tensor.ts";
import type { ProgramOptions, Runnable } from "./backend.ts";
import type { Run } from "./derivative.ts";
import { Block } from "./heap.ts";
import { homeOf } from "./homes.ts";
import type { Id, Node } from "./ir.ts";
import { refuse } from "./refuse.ts";
import { backwardGraph } from "./residuals.ts";
import type { Slope } from "./slopes.ts";
import type { Source } from "./trace.ts";

/** One call of a compiled function, as backward knows it. */
export class Call implements Run {
  readonly #program: { pull(call: Call, result: number, saved: Saved): Tensor[] | null };
  /** What its run has saved, once another run needs the place. */
  values: readonly TypedArray[] | null = null;
  /** Results from which backward has come. */
  readonly pulled = new Set<number>();

  constructor(program: { pull(call: Call, result: number, saved: Saved): Tensor[] | null }) {
    this.#program = program;
  }

  pull(result: number, saved: Saved): Tensor[] | null {
    return this.#program.pull(this, result, saved);
  }
}

/** Where a program saves what backward needs, for one call at a time. */
export class Residuals {
  readonly #blocks: readonly Block[];
  /** How many results backward may come from. */
  readonly #results: number;
  #owner: Call | null = null;
  /** Whether what backward has not used yet is kept when the next run overwrites it. Who calls once before each backward is spared the copies. */
  isKept: boolean;

  constructor(blocks: readonly Block[], results: number, isKept: boolean) {
    this.#blocks = blocks;
    this.#results = results;
    this.isKept = isKept;
  }

  /** Is called before the places are overwritten. */
  leave(): void {
    const owner = this.#owner;
    this.#owner = null;
    if (owner === null || !this.isKept) return;
    if (owner.pulled.size < this.#results) owner.values ??= this.#blocks.map((block) => block.copy());
  }

  /** Says whose they are. */
  enter(call: Call): void {
    this.#owner = call;
  }

  /** Brings back what a call has saved; false if it is gone. */
  find(call: Call): boolean {
    if (this.#owner === call) return true;
    this.isKept = true; // from now on
    if (call.values === null) return false;
    this.leave();
    for (const [i, block] of this.#blocks.entries()) block.elements.set(call.values[i]!);
    this.enter(call);
    return true;
  }
}

/** Where a pullback finds what it reads. */
export interface Sources {
  /** Where nodes of the function's program are that are there after its run: what is saved, and arguments. */
  readonly blockOf: (id: Id) => Block | undefined;
  /** What fills a leaf of the function's graph. */
  readonly sourceOf: (leaf: Id) => { readonly number: number; readonly source: Source };
  readonly isSaved: (id: Id) => boolean;
  readonly nodes: readonly Node[];
}

/** The program that makes gradients of a result's cotangent and of what the function's own program has saved. */
export class Pullback {
  readonly blocks: Block[] = [];
  readonly executable: Runnable;
  readonly #slope: Slope;
  readonly #cotangent: Block;
  readonly #gradients: readonly Block[];
  /** Fill leaves from the inputs of the result, which are found by their sources. */
  readonly #before: ((inputOf: (source: number) => Tensor, isBack: boolean) => void)[] = [];

  constructor(slope: Slope, sources: Sources, options: ProgramOptions) {
    const { nodes, isSaved, blockOf, sourceOf } = sources;
    this.#slope = slope;
    const make = (dtype: Block["dtype"], size: number): Block => {
      const block = new Block(dtype, size);
      this.blocks.push(block);
      return block;
    };
    try {
      const { graph, from } = backwardGraph(nodes, isSaved, slope);
      this.#cotangent = make(nodes[slope.cotangent]!.dtype, nodes[slope.cotangent]!.size);
      this.#gradients = slope.shapes.map(({ dtype, shape }) => make(dtype, sizeOf(shape)));
      const placeOf = (id: Id): Block => {
        if (isSaved(id)) return blockOf(id)!;
        const { number, source } = sourceOf(id);
        if (source.kind === "cotangent") return this.#cotangent;
        if (source.kind === "tensor") {
          const home = homeOf(source.tensor);
          this.#before.push(() => home.load(source.tensor));
          return home.block;
        }
        const held = blockOf(id);
        const block = held ?? make(nodes[id]!.dtype, nodes[id]!.size);
        this.#before.push((inputOf, isBack) => {
          if (isBack || held === undefined) block.elements.set(inputOf(number).values);
        });
        return block;
      };
      this.executable = options.backend(graph, options, (ids, isRead, outputs) => ({
        leaves: new Map(ids.flatMap((id, i) => (isRead(id) ? [[id, placeOf(from[i]!).address]] : []))),
        targets: outputs.map((id, i) => ({ id, address: this.#gradients[i]!.address, leaf: -1 })),
      }));
    } catch (error) {
      for (const block of this.blocks) block.release();
      throw error;
    }
  }

  /**
   * The gradients with respect to all differentiable inputs.
   *
   * @param isBack - whether what is saved was away in the meantime, and arguments are not where they were.
   */
  run(g: Tensor, inputOf: (source: number) => Tensor, isBack: boolean): Tensor[] {
    for (const load of this.#before) load(inputOf, isBack);
    this.#cotangent.elements.set(g.values);
    const stopped = this.executable.run();
    if (stopped > 0) refuse(this.executable, stopped - 1, this.#slope.refusals[stopped - 1]!);
    return this.#slope.shapes.map(({ shape, dtype }, i) => new Tensor(this.#gradients[i]!.copy(), shape, dtype));
  }
}
