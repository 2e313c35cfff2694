import { isClass, textOf, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { isTensor, runtime } from "../core/runtime.ts";
import { describe, formatShape } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import { CompileError } from "./errors.ts";
import { Heap, heap, replaceHeap } from "./heap.ts";
import { Program } from "./program.ts";
import { record } from "./trace.ts";

/** What a compiled function may return: tensors, alone, in arrays or in plain objects. */
export type Returned = Tensor | void | null | readonly Returned[] | { readonly [name: string]: Returned };

/** Options of {@link compile}. */
export interface CompileOptions {
  /** The same bits on every engine: no fused multiply-add, which not all engines have; false by default. */
  readonly deterministic?: boolean;
  /** How many programs are kept, for arguments of different shapes; the one that was not used for longest goes first. 16 by default. */
  readonly cacheSize?: number;
  /** Checks the program's graph after each pass, to find faults of the compiler; false by default. */
  readonly verify?: boolean;
}

/** A function that was compiled. */
export interface Compiled<A extends readonly unknown[], R> {
  (...args: A): R;
  /** The programs that there are, the latest used last. */
  readonly programs: readonly Program[];
}

const compileOptions: OptionKinds<CompileOptions> = {
  deterministic: "boolean",
  cacheSize: "number",
  verify: "boolean",
};

interface Entry {
  readonly key: string;
  readonly program: Program;
  readonly rebuild: (tensors: readonly Tensor[]) => unknown;
}

/**
 * Makes a function of tensors, a whole training step included, into a WebAssembly program. The first call for arguments of some shapes runs
 * the function and records it; later ones run the recording, without allocating or building a graph.
 *
 * What changes from call to call must be a tensor: an argument, or one from outside (a parameter, an optimizer's state and learning rate),
 * which is read and assigned to as in eager code. Numbers and other JavaScript values are what they were at the recording. Random numbers
 * are drawn anew, from the same streams as in eager code. Results do not require gradients.
 *
 * @param fn - a synchronous function; its arguments are tensors, or values that are compared by identity.
 * @param options - {@link CompileOptions}.
 * @returns a function of the same arguments.
 * @throws {@link CompileError} from the first call for what cannot be replayed: values read as numbers, ops without a lowering; nothing
 * has changed then. {@link ValueError} for what is no function, and for an option that there is not.
 * @example
 * import { Linear, mse, SGD, tensor, type Tensor } from "tinygrad-ts";
 * import { compile } from "tinygrad-ts/compile";
 *
 * const model = new Linear(1, 1);
 * const optimizer = new SGD(model.parameters(), { lr: 0.1 });
 * const step = compile((x: Tensor, y: Tensor) => {
 *   const loss = mse(model.forward(x), y);
 *   optimizer.zeroGrad();
 *   loss.backward();
 *   optimizer.step();
 *   return loss;
 * });
 * const x = tensor([[-1], [0], [1], [2]]);
 * const y = tensor([[-3], [-1], [1], [3]]); // 2x − 1
 * for (let i = 0; i < 200; i++) step(x, y);
 * step(x, y).item() < 1e-6; // → true
 */
export function compile<A extends readonly unknown[], R extends Returned>(
  fn: (...args: A) => R,
  options: CompileOptions = {},
): Compiled<A, R> {
  if (typeof fn !== "function" || isClass(fn)) {
    const isLayer = typeof (fn as { readonly forward?: unknown } | null | undefined)?.forward === "function";
    const hint = isLayer
      ? "write compile((x) => model.forward(x))"
      : "write compile((x) => …): the function, and not what it returns";
    throw new ValueError("compile", "fn must be a function", textOf(fn), hint);
  }
  checkOptions("compile", options, compileOptions);
  const { deterministic = false, cacheSize = 16, verify = false } = options;
  if (!Number.isInteger(cacheSize) || cacheSize < 1) {
    throw new ValueError("compile", "cacheSize must be a positive integer", textOf(cacheSize));
  }
  const identities = new Identities();
  const entries: Entry[] = [];

  const call = (...args: A): R => {
    if (runtime.tracer !== null) return fn(...args); // a part of another function that is being recorded
    args.forEach(expectNoGradient);
    if (heap().pool !== null) expectThreads();
    if (entries.length > 0 && !entries.at(-1)!.program.isPresent()) {
      for (const { program } of entries.splice(0)) program.release(); // made for other threads
    }
    const key = args.map((arg) => identities.key(arg)).join(" ");
    for (let at = entries.length - 1; at >= 0; at--) {
      const entry = entries[at]!;
      if (entry.key !== key || !entry.program.isValid()) continue;
      if (at < entries.length - 1) entries.push(...entries.splice(at, 1));
      return entry.rebuild(entry.program.replay(args)) as R;
    }
    const recording = record(fn, args);
    try {
      const results: Tensor[] = [];
      const rebuild = collect(recording.result, results);
      const program = new Program(recording, results, { deterministic, verify });
      entries.push({ key, program, rebuild });
      if (entries.length > cacheSize) entries.shift()!.program.release();
      return rebuild(results.map((x) => x.detach())) as R;
    } catch (error) {
      recording.undo();
      throw error;
    }
  };
  return Object.defineProperty(call, "programs", {
    get: () => entries.map(({ program }) => program),
  }) as unknown as Compiled<A, R>;
}

/** Refuses an argument that requires a gradient: none would flow to it. */
function expectNoGradient(arg: unknown): void {
  if (!isTensor(arg) || !arg.requiresGrad) return;
  const hint = "capture it, as a parameter of a model is, or make it inside of the function";
  throw new CompileError("compile", "an argument must not require a gradient", describe(arg), hint);
}

/** Throws if a worker has died, and goes on with one thread. */
function expectThreads(): void {
  const { failure } = heap().pool!;
  if (failure === null) return;
  heap().pool!.stop();
  replaceHeap(new Heap());
  const hint = "nothing is lost, and there is one thread now: call setThreads for more";
  throw new CompileError("compile", "a worker has ended", failure, hint);
}

/** Takes the tensors out of a result; the function returned puts others in their places. */
function collect(result: unknown, into: Tensor[]): (tensors: readonly Tensor[]) => unknown {
  if (isTensor(result)) {
    const at = into.push(result) - 1;
    return (tensors) => tensors[at];
  }
  if (result === undefined || result === null) return () => result;
  if (Array.isArray(result)) {
    const parts = result.map((part: unknown) => collect(part, into));
    return (tensors) => parts.map((part) => part(tensors));
  }
  if (typeof result === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(result) as object | null)) {
    const parts = Object.entries(result).map(([name, part]) => [name, collect(part, into)] as const);
    return (tensors) => Object.fromEntries(parts.map(([name, part]) => [name, part(tensors)]));
  }
  const hint = "return the tensor, and read it outside";
  throw new CompileError("compile", "results must be tensors, in arrays or plain objects", textOf(result), hint);
}

/** Texts that tell arguments apart: tensors by dtype and shape, other values by what they are. */
class Identities {
  readonly #objects = new WeakMap<object, number>();
  #count = 0;

  key(value: unknown): string {
    if (isTensor(value)) return `${value.dtype}${formatShape(value.shape)}`;
    if ((typeof value !== "object" && typeof value !== "function") || value === null)
      return `${typeof value}:${String(value)}`;
    let id = this.#objects.get(value);
    if (id === undefined) {
      id = this.#count++;
      this.#objects.set(value, id);
    }
    return `#${id}`;
  }
}
