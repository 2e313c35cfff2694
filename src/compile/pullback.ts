import type { TypedArray } from "../core/dtype.ts";
import type { Saved } from "../core/op.ts";
import { runtime } from "../core/runtime.ts";
import { type Shape, sizeOf } from "../core/shape.ts";
import { remember } from "../core/transaction.ts";
import { backTo, Tensor } from "../tensor.ts";
import type { Block, ProgramOptions, Runnable } from "./backend.ts";
import type { Run } from "./derivative.ts";
import { type GradientHome, gradientHomeOf, homeOf } from "./homes.ts";
import type { Id, Node } from "./ir.ts";
import { refuse } from "./refuse.ts";
import { backwardGraph } from "./residuals.ts";
import type { Slope } from "./slopes.ts";
import type { Recording } from "./trace.ts";

/** One call of a compiled function, as backward knows it. */
export class Call implements Run {
  readonly #program: Puller;
  /** What its run has saved, once another run needs the place. */
  values: readonly TypedArray[] | null = null;
  /** Whether backward has come. */
  isDone = false;

  constructor(program: Puller) {
    this.#program = program;
  }

  pull(result: number, saved: Saved): Tensor[] | null {
    return this.#program.pull(this, result, saved);
  }

  store(result: number, y: Tensor): boolean {
    return this.#program.store(this, result, y);
  }

  together(ys: readonly Tensor[], gs: readonly Tensor[]): (Tensor | null)[][] | null {
    return this.#program.together(this, ys, gs);
  }
}

interface Puller {
  pull(call: Call, result: number, saved: Saved): Tensor[] | null;
  store(call: Call, result: number, y: Tensor): boolean;
  together(call: Call, ys: readonly Tensor[], gs: readonly Tensor[]): (Tensor | null)[][] | null;
}

/** Where a program saves what backward needs, for one call at a time. */
export class Residuals {
  readonly #blocks: readonly Block[];
  /** Whether what is saved is kept even where it can be computed again. */
  readonly #isPrecious: boolean;
  #owner: Call | null = null;
  /** Whether what backward has not used yet is kept when the next run overwrites it. A caller that calls once before each backward is spared the copies. */
  #isKept: boolean;

  constructor(blocks: readonly Block[], isPrecious: boolean) {
    this.#blocks = blocks;
    this.#isPrecious = isPrecious;
    this.#isKept = isPrecious;
  }

  /** Is called before the places are overwritten. */
  leave(): void {
    const owner = this.#owner;
    this.#owner = null;
    if (owner === null || !this.#isKept) return;
    if (!owner.isDone || this.#isPrecious) owner.values ??= this.#blocks.map((block) => block.copy());
  }

  /** Says whose they are. */
  enter(call: Call): void {
    this.#owner = call;
  }

  /** Brings back what a call has saved; false if it is gone. */
  find(call: Call): boolean {
    if (this.#owner === call) return true;
    this.#isKept = true; // from now on
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
  readonly sources: Recording<unknown>["sources"];
  readonly isSaved: (id: Id) => boolean;
  readonly nodes: readonly Node[];
}

/** Where a gradient comes out. That of a captured leaf comes to where the leaf's gradient has its home. */
interface Gradient {
  readonly source: number;
  readonly block: Block;
  readonly shape: Shape;
  readonly captured: { readonly tensor: Tensor; readonly home: GradientHome } | null;
}

/** The program that makes gradients of a result's cotangent and of what the function's own program has saved. */
export class Pullback {
  readonly blocks: Block[] = [];
  readonly executable: Runnable;
  readonly #slope: Slope;
  readonly #cotangents: readonly Block[];
  readonly #gradients: readonly Gradient[];
  /** Fill leaves from the inputs of the result, which are found by their sources. */
  readonly #before: ((inputOf: InputOf, isBack: boolean) => void)[] = [];

  constructor(slope: Slope, sources: Sources, options: ProgramOptions) {
    const { nodes, isSaved, blockOf } = sources;
    const memory = options.backend.memory();
    const numbers = new Map(sources.sources.map(({ leaf }, number) => [leaf?.id, number]));
    this.#slope = slope;
    const make = (dtype: Block["dtype"], size: number): Block => {
      const block = memory.block(dtype, size);
      this.blocks.push(block);
      return block;
    };
    try {
      const { graph, from } = backwardGraph(nodes, isSaved, slope);
      this.#cotangents = slope.cotangents.map((id) => make(nodes[id]!.dtype, nodes[id]!.size));
      this.#gradients = slope.sources.map((number): Gradient => {
        const { leaf, source } = sources.sources[number]!;
        const { shape, dtype } = leaf!;
        const captured = source.kind === "tensor" ? { tensor: source.tensor, home: gradientHomeOf(memory, source.tensor) } : null; // biome-ignore format: one line
        return { source: number, shape, captured, block: captured?.home.block ?? make(dtype, sizeOf(shape)) };
      });
      const placeOf = (id: Id): Block => {
        if (isSaved(id)) return blockOf(id)!;
        const number = numbers.get(id)!;
        const { source } = sources.sources[number]!;
        if (source.kind === "cotangent") return this.#cotangents[slope.cotangents.indexOf(id)]!;
        if (source.kind === "tensor") {
          const home = homeOf(memory, source.tensor);
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
      this.executable = options.backend.make(graph, options, (ids, isRead, outputs) => ({
        leaves: new Map(ids.flatMap((id, i) => (isRead(id) ? [[id, placeOf(from[i]!)]] : []))),
        outputs: outputs.map((id, i) => ({ id, block: this.#gradients[i]!.block, leaf: -1 })),
      }));
    } catch (error) {
      for (const block of this.blocks) block.release();
      throw error;
    }
  }

  /**
   * Computes the gradients with respect to all differentiable inputs.
   *
   * @param gs - the cotangents; null for one that is 1.
   * @param inputOf - the result's input that a source is.
   * @param isBack - whether what is saved was away in the meantime, and arguments are not where they were.
   */
  run(gs: readonly (Tensor | null)[], inputOf: InputOf, isBack: boolean): void {
    for (const load of this.#before) load(inputOf, isBack);
    for (const { captured } of this.#gradients) captured?.home.clear(captured.tensor);
    for (let i = 0; i < gs.length; i++) {
      const { elements } = this.#cotangents[i]!;
      if (gs[i] === null) elements[0] = 1;
      else elements.set(gs[i]!.values);
    }
    const stopped = this.executable.run();
    if (stopped > 0) refuse(this.executable, stopped - 1, this.#slope.refusals[stopped - 1]!);
  }

  /** The gradients that the run has computed. */
  found(): Tensor[] {
    return this.#gradients.map(({ block, shape }) => new Tensor(block.copy(), shape, block.dtype));
  }

  /** The same, by their sources. */
  bySource(): Map<number, Tensor> {
    return new Map(this.found().map((g, i) => [this.#gradients[i]!.source, g]));
  }

  /** Whether all that have gradients are leaves without any yet, so they can be stored. */
  canStore(inputOf: InputOf): boolean {
    return this.#gradients.every(({ source, captured }, i) => {
      const x = captured?.tensor ?? inputOf(source);
      if (x.op !== null || x.gradient !== null || x.hooks.length > 0) return false;
      return captured !== null || this.#gradients.every((other, k) => k === i || other.captured?.tensor !== x);
    });
  }

  /** Stores the gradients that the run has computed. */
  store(inputOf: InputOf): void {
    for (const { source, captured, block, shape } of this.#gradients) {
      const x = captured?.tensor ?? inputOf(source);
      if (runtime.undo !== null) remember(x, backTo);
      if (captured !== null) captured.home.store(x);
      else x.gradient = new Tensor(block.copy(), shape, block.dtype);
    }
  }
}

type InputOf = (source: number) => Tensor;
