import type { DType } from "../core/dtype.ts";
import type { Saved } from "../core/op.ts";
import { runtime, tickWriteClock, writeClock } from "../core/runtime.ts";
import { sizeOf } from "../core/shape.ts";
import { remember, transaction } from "../core/transaction.ts";
import { backTo, Tensor } from "../tensor.ts";
import type { Block, Holding, Memory, Output, ProgramOptions, Runnable } from "./backend.ts";
import type { Value } from "./builder.ts";
import { expectInputs, type Origin } from "./derivative.ts";
import { type GradientHome, gradientHomeOf, type Home, homeOf } from "./homes.ts";
import { type Id, isCall } from "./ir.ts";
import { Call, Pullback, Residuals } from "./pullback.ts";
import { refuse } from "./refuse.ts";
import { releasing } from "./releasing.ts";
import type { Slopes } from "./slopes.ts";
import type { ProgramStats } from "./stats.ts";
import type { Effect, Guard, Recording, Refusal } from "./trace.ts";

/** So many ways in which backward comes from results are prepared. */
const mostKeys = 12;

/**
 * A recorded function as WebAssembly. A run repeats the recorded ops on the current values of its tensors. `String(program)` shows its loops.
 *
 * @example
 * import { compile } from "tinygrad-ts/compile";
 * import { add, mul, type Tensor, tensor } from "tinygrad-ts";
 * const f = compile((x: Tensor) => add(mul(x, 2), 1));
 * f(tensor([1, 2, 3]));
 * f.programs[0]!.stats.kernels; // → 1
 */
export class Program {
  readonly #memory: Memory;
  readonly #executable: Runnable;
  #guards: readonly Guard[];
  readonly #refusals: readonly Refusal[];
  readonly #apart: ReadonlySet<Tensor>;
  readonly #itself: ReadonlyMap<number, Tensor>;
  readonly #results: readonly Result[];
  /** Gives the tensor that fills a source's leaf, for those that backward needs. */
  readonly #needed = new Map<number, (args: readonly Tensor[]) => Tensor>();
  readonly #blocks: Block[] = [];
  readonly #holdings: Holding[] = [];
  /** Where arguments are, by their leaves in the recorded graph. */
  readonly #arguments = new Map<Id, Block>();
  readonly #pullbacks = new Map<string, Pullback>();
  /** What it saves for them; null if there are none. */
  readonly #residuals: Residuals | null = null;
  /** The call that all calls are that save nothing. */
  readonly #anyCall = new Call(this);
  readonly #tried: ReadonlySet<string>;
  readonly #lacking = new Set<string>();
  readonly #release: () => void;
  #isReleased = false;
  readonly #before: ((args: readonly Tensor[]) => void)[] = [];
  readonly #written: readonly Tensor[];
  /** Whether a run changes something before it is sure to succeed: it draws from generators, or calls the host. */
  readonly #isWriting: boolean;
  readonly #after: readonly ((time: number) => void)[];
  readonly #settings: readonly (() => void)[];

  /**
   * @internal
   * @param results - the tensors that the function returned.
   * @param origins - what they are made of, for backward.
   * @param slopes - the gradients of those that backward is to find prepared.
   */
  constructor(
    recording: Recording<unknown>,
    results: readonly Tensor[],
    origins: readonly (Origin | null)[],
    slopes: Slopes,
    options: ProgramOptions,
  ) {
    const { builder, effects } = recording;
    this.#memory = options.backend.memory();
    this.#tried = slopes.tried;
    this.#guards = recording.guards;
    this.#refusals = recording.refusals;
    this.#apart = recording.apart;
    this.#itself = recording.itself;
    this.#settings = recording.settings.map(({ set }) => set);
    const returned = results.map((x) => recording.valueOf(x));
    const written = effects.filter(isWrite);
    const outputs = [...written.map(({ value }) => value.id), ...returned.map(({ id }) => id), ...slopes.saved];
    try {
      this.#results = returned.map((value, i) => {
        const origin = origins[i]!;
        const captured = origin?.sources.map(recording.capturedBy) ?? [];
        const inputs = captured.every((x) => x !== null) ? captured : null;
        return { key: String(i), block: this.#block(value.dtype, sizeOf(value.shape)), value, origin, inputs };
      });
      const saved = new Map(slopes.saved.map((id) => [id, this.#block(builder.nodes[id]!.dtype, builder.nodes[id]!.size)])); // biome-ignore format: one line
      const recorded = { nodes: builder.nodes, checks: builder.checks.slice(0, slopes.checks), outputs };
      this.#executable = options.backend.make(recorded, options, (ids, isRead, computed) => {
        const needed = new Set(this.#results.flatMap(({ origin, inputs }) => (inputs === null ? origin!.sources : [])));
        const leaves = this.#bind(recording.sources, ids, isRead, needed);
        const leafIn = new Map([...leaves].map(([id, block]) => [block, id]));
        const outputs = written.map((effect, i): Output => {
          const { block } = this.#homeOf(effect);
          return { id: computed[i]!, block, leaf: leafIn.get(block) ?? -1 };
        });
        for (const block of [...this.#results.map(({ block }) => block), ...saved.values()]) {
          outputs.push({ id: computed[outputs.length]!, block, leaf: -1 });
        }
        return { leaves, outputs };
      });
      this.#holdings.push(this.#executable.holding);
      const hasCalls = builder.nodes.some(isCall); // which are not to be made again
      this.#isWriting = hasCalls || recording.sources.some(({ source: { kind } }) => kind === "random" || kind === "seed"); // biome-ignore format: one line
      if (slopes.of.size > 0) {
        this.#derive(recording, slopes, saved, options);
        this.#residuals = new Residuals([...saved.values()], hasCalls);
      }
      this.#written = effects.map(({ tensor }) => tensor);
      this.#after = effects.map((effect) => this.#settling(effect));
      this.#release = releasing(this, releaseOf(this.#holdings, this.#blocks));
    } catch (error) {
      releaseOf(this.#holdings, this.#blocks)();
      throw error;
    }
  }

  /** What it consists of, and what a run costs. */
  get stats(): ProgramStats {
    return this.#executable.stats;
  }

  /** Its loops and what they compute, a node a line. */
  toString(): string {
    return this.#executable.toString();
  }

  /** @internal Whether what the recording took for granted still holds, and does for these arguments. */
  isValid(args: readonly Tensor[]): boolean {
    if (this.#apart.size > 0) {
      for (let i = 0; i < args.length; i++) {
        const x = args[i]!;
        if (this.#itself.get(i) !== (this.#apart.has(x) ? x : undefined)) return false;
      }
    }
    for (const holds of this.#guards) if (!holds()) return false;
    return true;
  }

  /** @internal Which of what the recording took for granted is another now; null if that has no name. */
  difference(): string | null {
    return this.#guards.find((holds) => !holds())?.difference?.() ?? null;
  }

  /** @internal Takes the guards of a later recording that came to this same program: they know what it has looked at. */
  adopt(guards: readonly Guard[]): void {
    this.#guards = guards;
  }

  /** @internal Whether it works on the memory, and with the threads, in use now. */
  isPresent(): boolean {
    return this.#executable.isPresent();
  }

  /** @internal Whether it would also be made as it is now. */
  isLatest(): boolean {
    return this.#executable.isLatest();
  }

  /** @internal Runs, and returns the results as fresh tensors. */
  replay(args: readonly Tensor[]): Tensor[] {
    const before = writeClock();
    this.#residuals?.leave();
    // In a transaction, a run that succeeds may be undone, too: what it is to overwrite is kept.
    if (runtime.undo !== null) for (const x of this.#written) remember(x, backTo);
    const inputs = this.#isWriting ? transaction(() => this.#execute(args)) : this.#execute(args);
    const time = tickWriteClock();
    for (const settle of this.#after) settle(time);
    for (const set of this.#settings) set();
    const call = this.#residuals === null ? this.#anyCall : new Call(this);
    this.#residuals?.enter(call);
    return this.#results.map(({ block, value, origin, inputs: own }) => {
      const y = new Tensor(block.copy(), value.shape, value.dtype);
      if (origin !== null) {
        y.record(origin.op, own ?? origin.sources.map((source) => inputs!.get(source)!), call, before);
      }
      return y;
    });
  }

  /** Fills the memory, and runs. Returns what backward needs by source: gradients, as they were before the run replaced them. */
  #execute(args: readonly Tensor[]): Map<number, Tensor> | null {
    for (const load of this.#before) load(args);
    let inputs: Map<number, Tensor> | null = null;
    if (this.#needed.size > 0)
      inputs = new Map([...this.#needed].map(([source, tensorOf]) => [source, tensorOf(args)]));
    const stopped = this.#executable.run();
    if (stopped > 0) refuse(this.#executable, stopped - 1, this.#refusals[stopped - 1]!);
    return inputs;
  }

  /** @internal What the program saves nothing for, and backward has come from, beside what it saves for already; null if there is nothing. */
  get wanted(): ReadonlySet<string> | null {
    return this.#lacking.size === 0 ? null : new Set([...this.#tried, ...this.#lacking]);
  }

  /** @internal What {@link Call.pull} does. */
  pull(call: Call, result: number, { g, result: y }: Saved): Tensor[] | null {
    const pullback = this.#pullbackOf(this.#results[result]!.key, false);
    return pullback !== null && this.#run(pullback, call, [y], [g], this.#inputOf([y])) ? pullback.found() : null;
  }

  /** @internal What {@link Call.store} does. */
  store(call: Call, result: number, y: Tensor): boolean {
    const pullback = this.#pullbackOf(this.#results[result]!.key);
    if (pullback === null || y.size !== 1 || y.hooks.length > 0 || y.retainsGrad) return false;
    const inputOf = this.#inputOf([y]);
    if (!pullback.canStore(inputOf) || !this.#run(pullback, call, [y], [null], inputOf)) return false;
    pullback.store(inputOf);
    return true;
  }

  /** @internal What {@link Call.together} does. */
  together(call: Call, ys: readonly Tensor[], gs: readonly Tensor[]): (Tensor | null)[][] | null {
    const numbers = ys.map((y) => this.#numberOf(y));
    const order = [...numbers.keys()].sort((a, b) => numbers[a]! - numbers[b]!);
    const key = order.map((m) => numbers[m]!).join();
    const pullback = this.#pullbackOf(key);
    if (pullback === null) return null;
    const inputOf = this.#inputOf(ys);
    if (!this.#run(pullback, call, ys, order.map((m) => gs[m]!), inputOf)) return null; // biome-ignore format: one line
    const found = pullback.bySource();
    return numbers.map((result) =>
      this.#results[result]!.origin!.sources.map((source) => {
        const g = found.get(source) ?? null;
        found.delete(source);
        return g;
      }),
    );
  }

  #numberOf({ op }: Tensor): number {
    return this.#results.findIndex(({ origin }) => origin?.op === op);
  }

  /** @param isNoted - whether one that is not there is made when the function is called again. */
  #pullbackOf(key: string, isNoted = true): Pullback | null {
    if (this.#isReleased || !this.isPresent()) return null;
    const pullback = this.#pullbacks.get(key);
    const isNew = pullback === undefined && !this.#tried.has(key);
    if (isNew && isNoted && this.#tried.size < mostKeys) this.#lacking.add(key);
    return pullback ?? null;
  }

  #inputOf(ys: readonly Tensor[]): (source: number) => Tensor {
    const [y, ...others] = ys as [Tensor, ...Tensor[]];
    const { sources } = this.#results[this.#numberOf(y)]!.origin!;
    return (source) => {
      const at = sources.indexOf(source);
      return at < 0 ? this.#inputOf(others)(source) : y.inputs[at]!;
    };
  }

  /** Computes gradients from what a call has saved; false if that is gone. */
  #run(
    pullback: Pullback,
    call: Call,
    ys: readonly Tensor[],
    gs: readonly (Tensor | null)[],
    inputOf: (source: number) => Tensor,
  ): boolean {
    for (const y of ys) expectInputs(y);
    if (!this.#residuals!.find(call)) return false;
    pullback.run(gs, inputOf, call.values !== null);
    call.isDone = true;
    return true;
  }

  /** Makes the programs that go on from what this one saves. */
  #derive(
    { builder: { nodes }, sources }: Recording<unknown>,
    { of }: Slopes,
    saved: ReadonlyMap<Id, Block>,
    options: ProgramOptions,
  ): void {
    for (const [key, slope] of of) {
      const pullback = new Pullback(
        slope,
        {
          nodes,
          isSaved: (id) => saved.has(id),
          blockOf: (id) => saved.get(id) ?? this.#arguments.get(id),
          sources,
        },
        options,
      );
      this.#holdings.push(pullback.executable.holding);
      this.#blocks.push(...pullback.blocks);
      this.#pullbacks.set(key, pullback);
    }
  }

  /** @internal Gives its memory back. */
  release(): void {
    this.#isReleased = true;
    this.#release();
  }

  /** Finds a place for each leaf that is read, and notes what has to be done to fill it. Returns the places. */
  #bind(
    sources: Recording<unknown>["sources"],
    ids: readonly Id[],
    isRead: (id: Id) => boolean,
    needed: ReadonlySet<number>,
  ): Map<Id, Block> {
    const leaves = new Map<Id, Block>();
    let count = 0;
    for (const [number, { leaf, source }] of sources.entries()) {
      if (source.kind === "seed") this.#before.push(source.again);
      if (source.kind === "seed" || leaf === null) continue;
      const id = ids[count++]!;
      if (source.kind === "cotangent") continue;
      const need = (tensorOf: (args: readonly Tensor[]) => Tensor): void => {
        if (needed.has(number)) this.#needed.set(number, tensorOf);
      };
      switch (source.kind) {
        case "argument": {
          const { index } = source;
          need((args) => args[index]!);
          if (!isRead(id)) break;
          const block = this.#block(leaf.dtype, sizeOf(leaf.shape));
          leaves.set(id, block);
          this.#arguments.set(leaf.id, block);
          this.#before.push((args) => block.elements.set(args[index]!.values));
          break;
        }
        case "random": {
          // They are drawn even where nothing is made of them: the next ones depend on it.
          const block = this.#block(leaf.dtype, sizeOf(leaf.shape));
          leaves.set(id, block);
          this.#before.push(() => source.refill(block.elements));
          need(() => new Tensor(block.copy(), leaf.shape, leaf.dtype));
          break;
        }
        default: {
          const { kind, tensor } = source;
          need(() => (kind === "tensor" ? tensor : tensor.grad!));
          if (!isRead(id)) break;
          const home = kind === "tensor" ? homeOf(this.#memory, tensor) : gradientHomeOf(this.#memory, tensor);
          leaves.set(id, home.block);
          this.#before.push(() => home.load(tensor));
        }
      }
    }
    return leaves;
  }

  #homeOf({ kind, tensor }: Effect): Home | GradientHome {
    return (kind === "assign" ? homeOf : gradientHomeOf)(this.#memory, tensor);
  }

  /** What is done to a tensor after a run. */
  #settling(effect: Effect): (time: number) => void {
    const { kind, tensor, value } = effect;
    if (value === null) {
      return () => {
        tensor.gradient = null;
      };
    }
    const home = this.#homeOf(effect);
    if (kind !== "assign") return () => home.store(tensor);
    return (time) => {
      home.store(tensor);
      tensor.time = time;
    };
  }

  #block(dtype: DType, size: number): Block {
    const block = this.#memory.block(dtype, size);
    this.#blocks.push(block);
    return block;
  }
}

/** Of a function of its own, so it keeps nothing else. */
function releaseOf(holdings: readonly Holding[], blocks: readonly Block[]): () => void {
  return () => {
    for (const holding of holdings) holding.release();
    for (const block of blocks) block.release();
  };
}

interface Result {
  /** Its number, as backward asks for it. */
  readonly key: string;
  readonly block: Block;
  readonly value: Value;
  readonly origin: Origin | null;
  /** The origin's inputs, if they are the same in each run. */
  readonly inputs: readonly Tensor[] | null;
}

const isWrite = (effect: Effect): effect is Effect & { readonly value: Value } => effect.value !== null;
