import { tickWriteClock } from "../core/apply.ts";
import type { DType, TypedArray } from "../core/dtype.ts";
import { sizeOf } from "../core/shape.ts";
import { readStrided } from "../ops/strided.ts";
import { Tensor } from "../tensor.ts";
import type { Value } from "./builder.ts";
import { hostFunctions } from "./emit/map.ts";
import { CompileError } from "./errors.ts";
import { generate } from "./generate.ts";
import { Block, heap } from "./heap.ts";
import { gradientHomeOf, homeOf } from "./homes.ts";
import { type Graph, type Id, usesOf } from "./ir.ts";
import { planMemory, type Target } from "./plan.ts";
import { printGraph } from "./print.ts";
import { supportsMadd } from "./probe.ts";
import { type Schedule, schedule } from "./schedule.ts";
import { withCopies, withoutDeadCode } from "./simplify.ts";
import { type ProgramStats, statsOf } from "./stats.ts";
import type { Guard, Recording, Refusal } from "./trace.ts";
import { verify as verifyGraph } from "./verify.ts";
import { engine, permitted } from "./wasm/engine.ts";

/** @internal */
export interface ProgramOptions {
  readonly deterministic: boolean;
  readonly verify: boolean;
}

const passes = [withoutDeadCode, withCopies];

/**
 * A recorded function as WebAssembly, which runs again what was recorded on what its tensors hold by then. `String(program)` shows its loops.
 *
 * @example
 * import { compile } from "tinygrad-ts/compile";
 * import { add, mul, type Tensor, tensor } from "tinygrad-ts";
 * const f = compile((x: Tensor) => add(mul(x, 2), 1));
 * f(tensor([1, 2, 3]));
 * f.programs[0]!.stats.kernels; // → 1
 */
export class Program {
  /** What it consists of, and what a run costs. */
  readonly stats: ProgramStats;
  readonly #graph: Graph;
  readonly #schedule: Schedule;
  readonly #guards: readonly Guard[];
  readonly #refusals: readonly Refusal[];
  readonly #addresses: Float64Array;
  readonly #arena: Block;
  readonly #results: readonly { readonly block: Block; readonly value: Value }[];
  readonly #inputs: Block[] = [];
  readonly #before: ((args: readonly unknown[]) => void)[] = [];
  readonly #after: ((time: number) => void)[] = [];
  readonly #run: () => number;

  /**
   * @internal
   * @param results - the tensors that the function returned.
   */
  constructor(recording: Recording<unknown>, results: readonly Tensor[], { deterministic, verify }: ProgramOptions) {
    const { builder, sources, effects } = recording;
    this.#guards = recording.guards;
    this.#refusals = recording.refusals;
    const returned = results.map((x) => recording.valueOf(x));
    const written = effects.flatMap((effect) => (effect.value === null ? [] : [{ ...effect, value: effect.value }]));
    const outputs = [...written.map(({ value }) => value.id), ...returned.map(({ id }) => id)];
    // Leaves are kept by all passes, in their order.
    this.#graph = passes.reduce((graph, pass) => (verify ? verifyGraph(pass(graph), pass.name) : pass(graph)), {
      nodes: builder.nodes,
      checks: builder.checks,
      outputs,
    } as Graph);
    this.#schedule = schedule(this.#graph);
    const leaves = this.#graph.nodes.flatMap((node, id) => (node.kind === "leaf" ? [id] : []));
    const leafAddress = new Map<Id, number>();
    const leafOf = new Map<Tensor, Id>();
    const isRead = new Set([
      ...this.#graph.nodes.flatMap(usesOf),
      ...this.#graph.checks.flatMap(({ inputs }) => inputs),
    ]);

    let count = 0;
    for (const { leaf, source } of sources) {
      if (source.kind === "seed") this.#before.push(source.again);
      if (source.kind === "seed" || leaf === null) continue;
      const id = leaves[count++]!;
      // Random numbers are drawn even where nothing is made of them: the next ones depend on it.
      if (!isRead.has(id) && source.kind !== "random") continue;
      const size = sizeOf(leaf.shape);
      switch (source.kind) {
        case "argument": {
          const block = this.#input(leaf.dtype, size);
          leafAddress.set(id, block.address);
          this.#before.push((args) => block.elements.set((args[source.index] as Tensor).values));
          break;
        }
        case "tensor": {
          const home = homeOf(source.tensor);
          leafAddress.set(id, home.block.address);
          leafOf.set(source.tensor, id);
          this.#before.push(() => home.load(source.tensor));
          break;
        }
        case "gradient": {
          const home = gradientHomeOf(source.tensor);
          leafAddress.set(id, home.block.address);
          this.#before.push(() => home.load(source.tensor));
          break;
        }
        case "random": {
          const block = this.#input(leaf.dtype, size);
          leafAddress.set(id, block.address);
          this.#before.push(() => source.refill(block.elements));
        }
      }
    }

    const targets: Target[] = written.map(({ kind, tensor }, i) => {
      const id = this.#graph.outputs[i]!;
      if (kind === "assign") return { id, address: homeOf(tensor).block.address, leaf: leafOf.get(tensor) ?? -1 };
      const address = gradientHomeOf(tensor).block.address;
      return { id, address, leaf: [...leafAddress].find(([, own]) => own === address)?.[0] ?? -1 };
    });
    this.#results = returned.map((value, i) => {
      const block = new Block(value.dtype, sizeOf(value.shape));
      targets.push({ id: this.#graph.outputs[written.length + i]!, address: block.address, leaf: -1 });
      return { block, value };
    });
    for (const { kind, tensor, value } of effects) {
      if (kind === "assign") {
        this.#after.push((time) => {
          homeOf(tensor).store(tensor);
          tensor.time = time;
        });
      } else if (value === null) {
        this.#after.push(() => {
          tensor.gradient = null;
        });
      } else this.#after.push(() => gradientHomeOf(tensor).store(tensor));
    }

    const plan = planMemory(this.#graph, this.#schedule, targets);
    this.#arena = new Block("bool", plan.bytes);
    const { offsets, direct } = plan;
    this.#addresses = Float64Array.from(this.#graph.nodes, (_, id) => {
      if (direct[id]! >= 0) return direct[id]!;
      return leafAddress.get(id) ?? (offsets[id]! < 0 ? -1 : this.#arena.address + offsets[id]!);
    });
    this.#graph.nodes.forEach((node, id) => {
      if (node.kind !== "constant" || node.values.length < 2) return;
      heap().view(node.dtype, this.#addresses[id]!, node.size).set(node.values);
    });
    const address = (id: Id): number => {
      const found = this.#addresses[id]!;
      if (found < 0) throw new Error(`node ${id} has no place in memory`);
      return found;
    };
    const madd = !deterministic && supportsMadd();
    const { bytes, imports } = generate(this.#graph, this.#schedule, plan, this.#arena.address, address, madd);
    this.stats = statsOf(this.#graph, this.#schedule, plan, builder.nodes.length, bytes.length);
    const env: Record<string, unknown> = { memory: heap().memory };
    for (const name of imports) env[name] = hostFunctions[name];
    this.#run = permitted(() => {
      const { Module, Instance } = engine();
      return new Instance(new Module(bytes), { env }).exports["run"] as () => number;
    });
  }

  /** Its loops and what they compute, a node a line. */
  toString(): string {
    return printGraph(this.#graph, this.#schedule);
  }

  /** @internal Whether what the recording took for granted still holds. */
  isValid(): boolean {
    return this.#guards.every((holds) => holds());
  }

  /** @internal Runs, and returns the results as fresh tensors. */
  replay(args: readonly unknown[]): Tensor[] {
    for (const load of this.#before) load(args);
    const stopped = this.#run();
    if (stopped > 0) this.#refuse(stopped - 1);
    const time = tickWriteClock();
    for (const store of this.#after) store(time);
    return this.#results.map(({ block, value }) => new Tensor(block.copy(), value.shape, value.dtype));
  }

  #input(dtype: DType, size: number): Block {
    const block = new Block(dtype, size);
    this.#inputs.push(block);
    return block;
  }

  /** @internal Gives its memory back. */
  release(): void {
    this.#arena.release();
    for (const { block } of this.#results) block.release();
    for (const block of this.#inputs) block.release();
  }

  /** Throws what the op throws that refuses its inputs. */
  #refuse(check: number): never {
    const { op, attrs, inputs } = this.#refusals[check]!;
    const { inputs: ids } = this.#graph.checks[check]!;
    op.shape(
      inputs.map(({ shape, dtype }, i) => new Tensor(this.#elements(ids[i]!), shape, dtype)),
      attrs,
    );
    throw new CompileError(op.name, "the compiled program refused inputs that the op accepts", `check ${check}`);
  }

  /** A copy of a node's elements. */
  #elements(id: Id): TypedArray {
    const node = this.#graph.nodes[id]!;
    if (node.kind === "constant") {
      return node.values.length === node.size ? node.values : filled(node.values, node.size);
    }
    if (node.kind !== "view") return heap().view(node.dtype, this.#addresses[id]!, node.size).slice();
    const base = this.#elements(node.x);
    const out = filled(base.subarray(0, 1), node.size);
    readStrided(out, base, node.sizes, node.strides, node.offset);
    return out;
  }
}

/** An array of the same type filled with the first element. */
function filled(one: TypedArray, size: number): TypedArray {
  const out = new (one.constructor as new (size: number) => TypedArray)(size);
  if (one.length > 0) out.fill(one[0]!);
  return out;
}
