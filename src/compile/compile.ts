import { isClass, isGeneratorFunction, textOf, ValueError } from "../core/errors.ts";
import type { AveragingGroup } from "../core/group.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { isTensor, runtime } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { Tensor } from "../tensor.ts";
import type { ProgramOptions } from "./backend.ts";
import { type Beside, isSameSignature, type Signature, signatureOf } from "./beside.ts";
import type { Value } from "./builder.ts";
import { Changing } from "./changing.ts";
import { defaultBackend } from "./defaultBackend.ts";
import { type Derive, originOf } from "./derivative.ts";
import { CompileError } from "./errors.ts";
import { type Id, isCall, usesOf } from "./ir.ts";
import type { Kept } from "./kept.ts";
import { Program } from "./program.ts";
import { generatorsOf, itemsOf, type Recorded, settled } from "./repeat.ts";
import { slopesOf } from "./slopes.ts";
import { Clash, type Recording, record } from "./trace.ts";
import { isIterator, readTree, sameKey, type Tree } from "./tree.ts";

/** What a compiled function may return: a tensor, or arrays or plain objects of tensors. */
export type Returned = Tensor | void | null | readonly Returned[] | { readonly [name: string]: Returned };

/** Options of {@link compile}. */
export interface CompileOptions {
  /** The same bits on every engine: no fused multiply-add, which not all engines have; false by default. */
  readonly deterministic?: boolean;
  /** How many programs are kept, for arguments of different shapes; the one that was not used for longest goes first. 16 by default. */
  readonly cacheSize?: number;
  /** Checks the program's graph after each pass, to find faults of the compiler; false by default. */
  readonly verify?: boolean;
  /**
   * Processes that each run the function on samples of their own, as `mpi()` of `tinygrad-ts/mpi` gives them: what `backward()` leaves in `grad` is the mean over all of them, wherever the function reads it, as by clipping and the
   * optimizer's step. All must run the same program, on as many samples. A function that does not call `backward()` is refused: there is nothing to average.
   */
  readonly average?: AveragingGroup;
}

/** A function that was compiled. */
export interface Compiled<A extends readonly unknown[], R> {
  (...args: A): R;
  /** The programs, the latest used last. */
  readonly programs: readonly Program[];
}

/** So many programs of one function are kept if nothing is said. */
const mostPrograms = 16;

const compileOptions: OptionKinds<CompileOptions> = {
  deterministic: "boolean",
  cacheSize: "number",
  verify: "boolean",
  average: "any",
};

interface Entry {
  readonly key: readonly unknown[];
  readonly program: Program;
  readonly rebuild: Rebuild;
  /** Looks, before a run, whether processes that average are still alike. */
  readonly check: (() => void) | undefined;
  readonly beside: Beside | null;
  /** Null if there is nothing beside. */
  readonly signature: Signature | null;
}

/**
 * Compiles a function of tensors, such as a whole training step, to a WebAssembly program. The first call with arguments of some shapes runs
 * the function to record it, and undoes its changes. Then it runs the recorded program, as do later calls, without allocating or building a graph. So all calls round in the same way.
 * Each recording is made twice, to check that the function does the same again.
 *
 * What changes from call to call must be a tensor: an argument, or one from outside (a parameter, an optimizer's state and learning rate),
 * which is read and assigned to as in eager code. Numbers and other JavaScript values are what they were at the recording. Random numbers
 * are drawn again, from the same streams as in eager code.
 *
 * Results have gradients as those of the function itself have, with respect to arguments and to tensors from outside: `grad`, `jacobian`, `hvp` and
 * `backward()` go through it, with the values that arguments and tensors had at the call; these must not have been overwritten by then. The first backward pass from a result computes the function again; from the next call on, which records
 * it again, its program saves for that result what backward needs, and backward is a second program that goes on from there. Call it inside of `noGrad` where you want no gradients.
 *
 * @param fn - a synchronous function. Its arguments are tensors; arrays, plain objects, Maps and Sets of them; and other values. There is a program for each structure, dtypes,
 * shapes, `requiresGrad` and other values, which are compared by `Object.is`. Objects of classes are one value each; what changes in their public fields, and in lists, Maps and typed arrays there, is noticed.
 * @param options - {@link CompileOptions}.
 * @returns a function of the same arguments. It does not pass `this` on.
 * @throws {@link CompileError} from the first call for what cannot be replayed: values read as numbers, ops without a lowering, a function that does something else
 * the second time, as one that counts its calls may; tensors and generators are as before then. From any call for an argument that is a Proxy around a tensor, an iterator, or contains itself. {@link ValueError} for anything that is not a synchronous function, and for an unknown option.
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
  if (typeof fn !== "function" || isClass(fn) || isLater(fn)) {
    const isLayer = typeof (fn as { readonly forward?: unknown } | null | undefined)?.forward === "function";
    const hint = isLayer
      ? "write compile((x) => model.forward(x))"
      : "write compile((x) => …): the function, and not what it returns";
    if (typeof fn === "function" && isLater(fn)) {
      const got = isGeneratorFunction(fn) ? textOf(fn) : "an async function";
      throw new ValueError("compile", "fn must be a synchronous function", got, "return the result, and await outside");
    }
    throw new ValueError("compile", "fn must be a function", textOf(fn).trimEnd(), hint);
  }
  checkOptions("compile", options, compileOptions);
  refuseMore("compile", arguments, 2);
  const { deterministic = false, cacheSize = mostPrograms, verify = false, average } = options;
  if (!Number.isInteger(cacheSize) || cacheSize < 1) {
    throw new ValueError("compile", "cacheSize must be a positive integer", textOf(cacheSize));
  }
  if (average !== undefined && typeof average?.averaged !== "function") {
    const isPromise = typeof (average as { readonly then?: unknown } | null)?.then === "function";
    throw new ValueError("compile", "average must be a group", isPromise ? "a promise" : textOf(average), "write average: await mpi()"); // biome-ignore format: one line
  }
  return compileWith(fn, { deterministic, verify, backend: defaultBackend }, cacheSize, false, average);
}

/** Whether a function is done later than when it returns: async, or a generator. */
function isLater(fn: object): boolean {
  return isGeneratorFunction(fn) || Object.prototype.toString.call(fn) === "[object AsyncFunction]";
}

/**
 * The same for any backend: what `compile` does, once its arguments are known to be right.
 *
 * @param isPure - whether the function is known to do the same at each call.
 */
export function compileWith<A extends readonly unknown[], R extends Returned>(
  fn: (...args: A) => R,
  options: ProgramOptions,
  cacheSize: number,
  isPure = false,
  average?: AveragingGroup,
): Compiled<A, R> {
  const name = fn.name === "" ? "compile" : `compile(${fn.name})`;
  const entries: Entry[] = [];
  const changing = new Changing();
  const kept: Kept[] = [];

  const call = (...args: A): R => {
    if (runtime.tracer !== null) {
      if (average !== undefined) refuseInside();
      return fn(...args); // a part of another function that is being recorded
    }
    options.backend.expectAlive();
    while (kept.length > 0) kept.pop()!.pass();
    if (entries.length > 0 && !entries.at(-1)!.program.isLatest()) {
      for (const { program } of entries.splice(0)) program.release(); // made for other threads, or other products
    }
    const tree = readTree(args);
    let field: string | null = null;
    const alike: Entry[] = [];
    for (let at = entries.length - 1; at >= 0; at--) {
      const entry = entries[at]!;
      if (!sameKey(entry.key, tree.key)) continue;
      if (!entry.program.isValid(tree.tensors)) {
        field ??= entry.program.difference();
        continue;
      }
      if (entry.beside?.holds() === false) {
        field ??= entry.beside.difference();
        alike.push(entry);
        continue;
      }
      if (at < entries.length - 1) entries.push(...entries.splice(at, 1));
      const { wanted } = entry.program;
      if (wanted !== null) {
        // Backward has come from a result: from here on, the program saves for it what it needs.
        entries[entries.length - 1] = recorded(fn, args, tree, name, options, wanted, isPure, average, [], kept);
        entry.program.release();
      }
      const { rebuild, program, check } = entries.at(-1)!;
      check?.();
      return rebuild(program.replay(tree.tensors)) as R;
    }
    const entry = recorded(fn, args, tree, name, options, new Set(), isPure, average, alike, kept);
    if (alike.includes(entry)) {
      entry.beside!.accept();
      entries.push(...entries.splice(entries.indexOf(entry), 1));
      entry.check?.();
      return entry.rebuild(entry.program.replay(tree.tensors)) as R;
    }
    entry.check?.();
    changing.note(tree.key, args, name);
    if (field !== null) changing.noteField(field, name);
    entries.push(entry);
    if (entries.length > cacheSize) entries.shift()!.program.release();
    return entry.rebuild(entry.program.replay(tree.tensors)) as R;
  };
  return Object.defineProperty(call, "programs", {
    get: () => entries.map(({ program }) => program),
  }) as unknown as Compiled<A, R>;
}

/**
 * Records a function, and makes a program of it.
 *
 * @param wanted - what backward is to find prepared.
 * @param isPure - whether it is known that the function does the same again; else it is looked at, at each recording: what the function makes and keeps it may make for any shape or value.
 * @param alike - what is returned instead, if it turns out to be the same: nothing else has changed than fields of layers that may be of other models.
 * @param kept - gets what the function may have kept of what it makes at each call.
 */
function recorded<A extends readonly unknown[]>(
  fn: (...args: A) => unknown,
  args: A,
  tree: Tree,
  name: string,
  options: ProgramOptions,
  wanted: ReadonlySet<string>,
  isPure: boolean,
  average: AveragingGroup | undefined,
  alike: readonly Entry[],
  kept: Kept[],
): Entry {
  const derive: Derive = (pull) =>
    compileWith(pull as (inputs: readonly Tensor[], g: Tensor) => Tensor[], options, mostPrograms, true);
  const look = (recording: Recording<unknown>) => {
    const found: Tensor[] = [];
    const rebuild = collect(recording.result, found);
    const isMade = (x: Tensor): boolean => x.time >= recording.start && recording.effects.every(({ tensor }) => tensor !== x); // biome-ignore format: one line
    const retained = found.find((x) => x.gradient !== null && isMade(x));
    const places = rebuild([...found.keys()]);
    return {
      recording,
      found,
      rebuild,
      retained,
      items: itemsOf(recording, { found, places }),
      left: generatorsOf(recording),
    };
  };
  const finish = (recording: Recording<unknown>) => {
    const looked = look(recording);
    const { found } = looked;
    const signature = recording.beside === null ? null : signatureOf(looked);
    const origins = found.map((x, i) => originOf(recording, x, i, name, derive));
    for (const x of found) recording.valueOf(x); // all that the function's own program computes is there now
    // What calls out of the program is not to be called again by backward.
    const hasCalls = leadsToCall(
      recording,
      found.map((x) => recording.valueOf(x).id),
    );
    const slopes = slopesOf(
      recording,
      found,
      origins,
      hasCalls ? new Set([...wanted, ...found.map((_, i) => String(i))]) : wanted,
    );
    return { ...looked, signature, origins, slopes };
  };
  const apart = new Set<Tensor>();
  const recordFor = <T>(use: (recording: Recording<unknown>) => T, first?: Recording<unknown>): T => {
    try {
      return record(fn, args, tree, use, apart, first, average);
    } catch (error) {
      if (!(error instanceof Clash)) throw explained(error, fn, args);
      for (const x of error.tensors) apart.add(x);
      return recordFor(use, first);
    }
  };
  const once = () => recordFor(finish);
  const again = (first: Recorded) => recordFor(look, first.recording);
  const { recording, found, rebuild, retained, signature, origins, slopes, skip, made } = isPure
    ? { ...once(), skip: undefined, made: [] }
    : settled(once, again);
  if (retained !== undefined) {
    const hint = "return its grad as a result of its own, beside y.detach(): [y.detach(), y.grad]";
    throw new CompileError("compile", "the grad of a result does not come out of the function", describe(retained), hint); // biome-ignore format: one line
  }
  kept.push(...made);
  const same = alike.find((own) => signature !== null && isSameSignature(signature, own.signature!));
  if (same !== undefined) {
    same.program.adopt(recording.guards);
    skip?.();
    return same;
  }
  const program = new Program(recording, found, origins, slopes, options);
  skip?.();
  const isAveraged = ({ id }: Value): boolean => leadsToCall(recording, [id]);
  const what = `${name} of ${tree.tensors.map(describe).join(", ")}`;
  return {
    key: tree.key,
    program,
    rebuild,
    check: average?.join(what, program, recording, isAveraged),
    beside: recording.beside,
    signature,
  };
}

/** Whether a result was computed by a call out of the program, as the mean of gradients over processes is not. */
function leadsToCall(recording: Recording<unknown>, ids: readonly Id[]): boolean {
  const { nodes } = recording.builder;
  const seen = new Set(ids);
  for (const id of seen) {
    if (isCall(nodes[id]!)) return true;
    for (const use of usesOf(nodes[id]!)) seen.add(use);
  }
  return false;
}

/** Inside of another function, each process would go on with gradients of its own. */
function refuseInside(): never {
  const hint = "compile the outer one with average";
  throw new CompileError("compile", "a step that averages gradients must not be called inside of another function", "one that is compiled, or watched", hint); // biome-ignore format: one line
}

/** What to throw for what the function has thrown. Where it has failed for anything that is not a tensor, as `x.mul` does for an array, the error says so. */
function explained(error: unknown, fn: (...args: never[]) => unknown, args: readonly unknown[]): unknown {
  const other = args.findIndex((arg) => !isTensor(arg));
  if (!(error instanceof TypeError) || (other < 0 && args.length >= fn.length)) return error;
  // As engines say it: "x.mul is not a function", "Cannot read properties of undefined (reading 'mul')". Any other is the function's own.
  const [, called, read] = /\.(\w+) is not a function|reading '(\w+)'/.exec(error.message) ?? [];
  if (!((called ?? read ?? "") in Tensor.prototype)) return error;
  const [got, hint] =
    other < 0
      ? [`${args.length} of ${fn.length}`, "pass what the function takes: f(tensor([1, 2]))"]
      : [`${textOf(args[other])} as argument ${other}`, "wrap values in tensor(…)"];
  const refusal = new ValueError("compile", `the function fails on these arguments (${error.message})`, got, hint);
  refusal.cause = error;
  return refusal;
}

/** Puts tensors, or what else stands for them, into the places of a result. */
type Rebuild = (tensors: readonly unknown[]) => unknown;

/** Takes the tensors out of a result; the function returned puts others in their places, and holds on to none. */
function collect(result: unknown, into: Tensor[], above: readonly unknown[] = []): Rebuild {
  if (isTensor(result)) {
    const before = into.indexOf(result); // one that stands in two places is one outside, too
    return tensorAt(before < 0 ? into.push(result) - 1 : before);
  }
  if (result === undefined || result === null) return always(result);
  const isRecord = typeof result === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(result) as object | null); // biome-ignore format: one line
  const inside = [...above, result];
  const isList = Array.isArray(result) && Reflect.ownKeys(result).at(-1) === "length"; // which a field would come after
  if (above.includes(result)) refuseResult("one that contains itself");
  if (isList) return arrayOf(result.map((part: unknown) => collect(part, into, inside)));
  if (!isRecord) {
    const got = isIterator(result)
      ? "an iterator"
      : Array.isArray(result)
        ? "an array with other fields"
        : textOf(result);
    refuseResult(got);
  }
  return recordOf(Reflect.ownKeys(result).map((name) => [name, collect((result as Readonly<Record<PropertyKey, unknown>>)[name], into, inside)] as const)); // biome-ignore format: one line
}

function refuseResult(got: string): never {
  const hint = got === "an iterator" ? "return an array of what it gives: [...items]" : "return the tensor, and read it outside"; // biome-ignore format: one line
  throw new CompileError("compile", "results must be tensors, in arrays or plain objects", got, hint);
}

// Functions of their own, since all closures of one function share what each of them holds.
function tensorAt(at: number): Rebuild {
  return (tensors) => tensors[at];
}
function always(value: undefined | null): Rebuild {
  return () => value;
}
function arrayOf(parts: readonly Rebuild[]): Rebuild {
  return (tensors) => parts.map((part) => part(tensors));
}
function recordOf(parts: readonly (readonly [PropertyKey, Rebuild])[]): Rebuild {
  return (tensors) => Object.fromEntries(parts.map(([name, part]) => [name, part(tensors)]));
}
