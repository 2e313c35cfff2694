import { refuseProxy } from "../core/arguments.ts";
import { allocate, getDefaultDtype, setDefaultDtype, type TypedArray } from "../core/dtype.ts";
import { DTypeError, ShapeError, textOf } from "../core/errors.ts";
import type { AveragingGroup } from "../core/group.ts";
import type { Op, Operand, Saved, Vjp } from "../core/op.ts";
import { isRecording, isTensor, tickWriteClock, withState } from "../core/runtime.ts";
import { describe, type Shape, sameShape } from "../core/shape.ts";
import type { Fill, Run, Tracer } from "../core/tracer.ts";
import { rehearsal } from "../core/transaction.ts";
import { reshapeOp } from "../ops/reshape.ts";
import { finiteOp } from "../optim/finite.ts";
import { defaultGenerator, Generator, type GeneratorState } from "../random/generator.ts";
import { Tensor } from "../tensor.ts";
import type { Beside } from "./beside.ts";
import { Builder, type Value } from "./builder.ts";
import { Deferred } from "./deferred.ts";
import { CompileError } from "./errors.ts";
import { Fields } from "./fields.ts";
import { Kept } from "./kept.ts";
import { lower } from "./lower.ts";
import { standIns } from "./others.ts";
import { isSame } from "./same.ts";
import type { Slot, Step } from "./tape.ts";
import { readTree, sameKey, type Tree, withTensors } from "./tree.ts";

/** What is done before each run, mostly to fill a leaf of the graph. */
export type Source =
  | { readonly kind: "argument"; readonly index: number }
  | { readonly kind: "tensor"; readonly tensor: Tensor }
  | { readonly kind: "gradient"; readonly tensor: Tensor }
  | {
      readonly kind: "random";
      readonly generator: Generator;
      readonly refill: (out: TypedArray) => void;
      readonly sample: () => readonly number[];
    }
  | {
      readonly kind: "seed";
      readonly generator: Generator;
      readonly state: GeneratorState;
      /** Whether the function has made the generator. */
      readonly isNew: boolean;
      readonly again: () => void;
    }
  | { readonly kind: "cotangent" };

/** An op as it is recorded: of `finite`, the program looks at the values in its first run, as in all others. Here, loss and gradients would have to be computed for it. */
function unchecked(op: Op): Op {
  return op === (finiteOp as unknown as Op) ? { ...op, shape: ([x]) => x!.shape } : op;
}

/** What a run does to tensors outside of the function. */
export type Effect =
  | { readonly kind: "assign"; readonly tensor: Tensor; readonly value: Value; readonly slot: Slot }
  | { readonly kind: "gradient"; readonly tensor: Tensor; readonly value: Value | null; readonly slot: Slot };

/** What the function has set outside: whether a layer is in training, or whether a tensor requires a gradient. */
export interface Setting {
  readonly kind: "mode" | "flag";
  readonly of: object;
  readonly isOn: boolean;
  set(): void;
}

/** Checks inputs by the op that refuses them, so a replay throws what an eager run would. */
export interface Refusal {
  readonly op: Op;
  readonly attrs: unknown;
  readonly inputs: readonly Value[];
}

/** A condition under which a recording is valid. */
export interface Guard {
  (): boolean;
  /** What is another now, for people; null if it has no name. */
  readonly difference?: () => string | null;
}

/** What was recorded of one run. */
export interface Recording<R> {
  /** The time on the write clock when it began. */
  readonly start: number;
  readonly builder: Builder;
  readonly sources: readonly { readonly leaf: Value | null; readonly source: Source }[];
  readonly effects: readonly Effect[];
  readonly refusals: readonly Refusal[];
  readonly guards: readonly Guard[];
  /** Layers of which it may have read something beside their tensors. */
  readonly beside: Beside | null;
  /** What was applied, op by op. */
  readonly steps: readonly Step[];
  /** The values in the graph of what the steps made. */
  readonly values: readonly Value[];
  /** Whether a tensor that was made inside of the function has hooks. */
  readonly hasHooks: boolean;
  /** Tensors from outside that are no stand-ins where they are arguments, too, since the two were one tensor to eager code: the function assigns to them, or differentiates with respect to one of the two. */
  readonly apart: ReadonlySet<Tensor>;
  /** Arguments that the function was given themselves, by their index. */
  readonly itself: ReadonlyMap<number, Tensor>;
  /** Sets what the function has set: modes of layers, what requires a gradient. */
  readonly settings: readonly Setting[];
  /** What the function may have kept of what it has made. */
  readonly kept: Kept;
  /** What the function returned. */
  readonly result: R;
  /** A tensor's number among the steps. */
  slotOf(x: Tensor): Slot;
  /** The tensor from outside that a source is; null for one that may be another in each run. */
  capturedBy(source: number): Tensor | null;
  /** Whether a source's tensor was overwritten by the function. */
  isOverwritten(source: number): boolean;
  /** A tensor's value in the graph. */
  valueOf(x: Tensor): Value;
  /** The tensor that the function saw for a source. */
  seenAs(source: number): Tensor;
  /** A cotangent of a result: a leaf that backward fills. */
  cotangentOf(y: Tensor): Tensor;
  /** Goes on recording: what `more` applies is added to the graph, beyond what the function does. */
  beyond<T>(more: () => T): T;
}

/**
 * Runs a function eagerly, records it, and puts every tensor and generator back to where it was: what the function does, the program does, the first time, too, and rounds as it does each time.
 *
 * @param use - what is made of the recording, while everything still is as the function has left it.
 * @param average - who averages gradients over processes.
 * @param apart - arguments that the function is to be given themselves, as tensors from outside.
 * @param first - the recording that this one is to be compared with. What is the same is taken from there: the steps themselves, and their values in that one's graph, which is not written again.
 * @throws whatever the function throws, {@link CompileError} for what cannot be replayed, and {@link Clash} for arguments that should have been in `apart`.
 */
export function record<A extends readonly unknown[], R, T>(
  fn: (...args: A) => R,
  args: A,
  tree: Tree,
  use: (recording: Recording<R>) => T,
  apart: ReadonlySet<Tensor>,
  first: Recording<unknown> | null = null,
  average?: AveragingGroup,
): T {
  defaultGenerator(); // it is made when it is first used: not inside of the function, where each run would make it again
  const trace = new Trace(tree.objects, apart, first, average);
  return rehearsal(() => {
    try {
      let index = 0;
      const own: Tensor[] = [];
      const given = withTensors(args, (x) => own[own.push(trace.argument(x, index++)) - 1]) as A;
      const before = given.map((arg) => readTree([arg]));
      const result = withState("tracer", trace, () => {
        try {
          const returned = fn(...given);
          trace.average();
          return returned;
        } catch (error) {
          trace.expectRight();
          trace.look(); // eager code would not have come so far
          throw error;
        }
      });
      const changed = before.findIndex(({ key, tensors }, i) => {
        const after = readTree([given[i]]);
        return !sameKey(key, after.key) || !sameKey(tensors, after.tensors);
      });
      if (changed >= 0) {
        const got = `a change of argument ${changed}, ${textOf(given[changed])}`;
        throw new CompileError("compile", "arguments must not be changed inside of the function", got, "return the new value instead"); // biome-ignore format: one line
      }
      return use(trace.finished(result));
    } finally {
      trace.restore();
    }
  });
}

/** Tensors that are arguments, and captured, and must not be two. */
export class Clash extends Error {
  readonly tensors: readonly Tensor[];
  constructor(tensors: readonly Tensor[]) {
    super();
    this.tensors = tensors;
  }
}

/** What is known of a tensor: its value in the graph, and its number on the tape. */
interface Known {
  readonly value: Value;
  readonly slot: Slot;
  /** Its elements, once an op has needed them: they never change, as those of a tensor may. */
  held?: Operand | undefined;
}

class Trace implements Tracer {
  readonly #first: Recording<unknown> | null;
  /** Whether this recording has done something else than the first one. */
  #isApart = false;
  readonly #builder: Builder;
  readonly #start = tickWriteClock();
  readonly #known = new Map<Tensor, Known>();
  readonly #kept = new Kept();
  /** The stand-ins, with the arguments that they stand for. */
  readonly #arguments = new Map<Tensor, Tensor>();
  readonly #standIns = new Map<Tensor, Tensor>();
  readonly #steps: Step[] = [];
  readonly #values: Value[] = [];
  readonly #sources: { leaf: Value | null; source: Source }[] = [];
  readonly #filledBy: (Tensor | null)[] = [];
  readonly #seen: (Tensor | null)[] = [];
  readonly #refusals: Refusal[] = [];
  readonly #guards: Guard[] = [];
  readonly #assigned = new Set<Tensor>();
  /** What stood in `grad` where it was read or written. */
  readonly #gradients = new Map<Tensor, Tensor["gradient"]>();
  /** The elements of constants that the function has looked at, and what they were. */
  readonly #shown = new Map<TypedArray, TypedArray>();
  /** Layers and tensors whose settings were read, or set, with what they were at first. */
  readonly #modes = new Map<{ training: boolean }, { isSet: boolean; training: boolean }>();
  readonly #flags = new Map<Tensor, { isSet: boolean; readonly tracked: boolean; readonly frozen: boolean }>();
  /** What gradients were computed for. */
  readonly #reached = new Set<Tensor>();
  /** Tensors from outside that were used, with the hooks that they had at first. */
  readonly #hooked = new Map<Tensor, Tensor["hooks"]>();
  /** Checks for NaN and ∞ that are left to the program, in their order. */
  readonly #overlooked: (() => unknown)[] = [];
  #refusal: Error | null = null;
  /** What an op has thrown for values that it does not take. */
  #failure: Error | null = null;
  /** What got another `grad`, or none. */
  readonly #set = new Set<Tensor>();
  readonly #dtype = getDefaultDtype();
  #depth = 0;
  #isUndone = false;

  readonly #fields: Fields;
  readonly #group: AveragingGroup | undefined;
  /** What backward has left a gradient of, which is still this process's own. */
  readonly #unaveraged = new Set<Tensor>();
  /** How many rules backward has run; when it last wrote gradients; and when those that were averaged were written. */
  #rules = 0;
  #written = 0;
  #averaged = 0;

  readonly #apart: ReadonlySet<Tensor>;
  readonly #itself = new Map<number, Tensor>();

  /** @param objects - arguments whose fields may hold tensors. */
  constructor(
    objects: readonly object[],
    apart: ReadonlySet<Tensor>,
    first: Recording<unknown> | null,
    group: AveragingGroup | undefined,
  ) {
    this.#apart = apart;
    this.#group = group;
    this.#first = first;
    this.#builder = first?.builder ?? new Builder();
    this.#fields = new Fields(objects);
    const [recording, dtype] = [isRecording(), getDefaultDtype()];
    this.#guards.push(() => isRecording() === recording && getDefaultDtype() === dtype);
  }

  /** Throws what was refused, also where the function has caught it, and gone on in another way than eager code would. */
  expectRight(): void {
    if (this.#refusal !== null) throw this.#refusal;
  }

  #refuse(error: Error): never {
    this.#refusal ??= error;
    throw error;
  }

  /** Makes the checks that are left to the program. */
  look(): void {
    this.#depth++; // they may look at values
    try {
      for (const check of this.#overlooked.splice(0)) check();
    } finally {
      this.#depth--;
    }
  }

  /** A stand-in for an argument, which no tensor outside shares its identity with; one for each tensor. */
  argument(x: Tensor, index: number): Tensor {
    if (this.#apart.has(x)) {
      this.#itself.set(index, x);
      return x;
    }
    const known = this.#standIns.get(x);
    if (known !== undefined) return known;
    const own = new Tensor(x.values, x.shape, x.dtype);
    own.requiresGrad = x.requiresGrad;
    own.hooks = x.hooks;
    this.#kept.note(own);
    this.#standIns.set(x, own);
    this.#arguments.set(own, x);
    this.#leaf(own, { kind: "argument", index }, x);
    return own;
  }

  apply(run: Run, op: Op, inputs: readonly Tensor[], attrs: unknown): Tensor {
    const known = inputs.map((x) => this.#knownOf(x));
    const standIn = standIns().get(op);
    if (standIn === undefined && this.#areFixed(inputs, known))
      return this.#run(run, op, inputs, attrs, undefined, true);
    const x = inputs[0]!;
    // Another tensor of the same value, as assigning makes them, is no step.
    const isAlias = op === (reshapeOp as Op) && !x.requiresGrad && sameShape(attrs as Shape, x.sizes);
    const filled: Filled = { kept: this.#kept };
    if (op === (finiteOp as unknown as Op)) this.#overlook(op, inputs, attrs);
    const y = this.#run(run, unchecked(op), inputs, attrs, filling(filled, standIn ?? op, known, isAlias));
    filled.result = y;
    if (isAlias) {
      this.#known.set(y, known[0]!);
      return y;
    }
    const { requiresGrad } = y;
    const step: Step = { kind: "op", op, inputs: known.map(slotIn), attrs, isRecording: isRecording(), requiresGrad };
    const made = this.#again(step) ?? this.#add(step, this.#lowered(op, inputs, known, attrs, y));
    made.held = filled.held;
    this.#known.set(y, made);
    return y;
  }

  /** Whether inputs are constants. Where they were computed from what is differentiated for, as the sum of no elements is, backward has to pass. */
  #areFixed(inputs: readonly Tensor[], known: readonly Known[]): boolean {
    // Loops that count: this is cold code, where an iterator for each op costs more than the work (bench/codeSize.ts).
    for (let i = 0; i < known.length; i++) {
      const { value, slot } = known[i]!;
      if (!this.#isConstant(value) || (inputs[i]!.requiresGrad && this.#steps[slot]!.kind === "op")) return false;
    }
    return true;
  }

  #lowered(op: Op, tensors: readonly Tensor[], known: readonly Known[], attrs: unknown, y: Tensor): Value {
    const { builder } = this;
    const inputs = known.map(({ value }, i) => this.#shaped(value, tensors[i]!));
    const before = builder.checks.length;
    const value = this.#refusing(() =>
      lower(op, {
        b: builder,
        inputs,
        x: inputs[0]!,
        y: inputs[1]!,
        attrs,
        shape: y.sizes,
        dtype: y.dtype,
      }),
    );
    for (let i = before; i < builder.checks.length; i++) this.#refusals.push({ op, attrs, inputs });
    return value;
  }

  /** Runs `fn`, and notes what it throws: the function must not catch it, and go on. */
  #refusing<T>(fn: () => T): T {
    try {
      return fn();
    } catch (error) {
      this.#refusal ??= error as Error;
      throw error;
    }
  }

  #overlook(op: Op, inputs: readonly Tensor[], attrs: unknown): void {
    this.#overlooked.push(() => op.shape(inputs, attrs));
  }

  /** Notes a step. */
  #add(step: Step, value: Value): Known {
    this.#values.push(value);
    return { value, slot: this.#steps.push(step) - 1, held: undefined };
  }

  /** Notes a step that the first recording has at this place, too, as that has it; null if it has another there. */
  #again(step: Step): Known | null {
    const at = this.#steps.length;
    const before = this.#isApart ? undefined : this.#first?.steps[at];
    if (before !== undefined && isSameStep(before, step)) return this.#add(before, this.#first!.values[at]!);
    this.#isApart = true; // from here on, the same slots need not have the same shapes
    return null;
  }

  /**
   * Runs an op, which may look at values.
   *
   * @param isFixed - whether these are constants: then the op fails at each call, or never.
   */
  #run(run: Run, op: Op, inputs: readonly Tensor[], attrs: unknown, fill?: Fill, isFixed = false): Tensor {
    this.#depth++;
    try {
      return run(op, inputs, attrs, fill);
    } catch (error) {
      // What shapes and dtypes decide is the same at each call.
      if (!(isFixed || error instanceof ShapeError || error instanceof DTypeError)) this.#failure ??= error as Error;
      throw error;
    } finally {
      this.#depth--;
    }
  }

  read(x: Tensor): void {
    if (this.#depth > 0) return;
    const isOuter = this.#isOuter(x);
    if (!isOuter && this.#isConstant(this.valueOf(x))) {
      const values = arrayOf(x);
      if (!this.#shown.has(values)) this.#shown.set(values, values.slice());
      return;
    }
    const rule = "values must not be read inside of the function: a replay would not read them again";
    // Hardly anything else is a float64 scalar from outside.
    const isRate = isOuter && x.size === 1 && x.dtype === "float64";
    const hint = isRate
      ? "compute with the tensor; that of optimizer.lr is optimizer.groups[0].lr, and a schedule's step() is called after the function"
      : "return the tensor and read it outside, or use ops such as where";
    this.#refuse(new CompileError("compile", rule, describe(x), hint));
  }

  assign(x: Tensor, from: Tensor): void {
    if (this.#arguments.has(x)) {
      const hint = "return the new values, or assign to a tensor that is from outside and no argument";
      this.#refuse(new CompileError("compile", "an argument must not be assigned to inside of the function", describe(x), hint)); // biome-ignore format: one line
    }
    if (this.#isGradient(x)) {
      const hint = "put another in its place: w.grad = w.grad.mul(0.1)";
      this.#refuse(
        new CompileError("compile", "a gradient must not be assigned to inside of the function", describe(x), hint),
      );
    }
    if (!this.#isOuter(x)) {
      const hint =
        "make the tensor, or the layer or optimizer that holds it, outside of the function, so each run finds what the last one left";
      this.#refuse(
        new CompileError("compile", "a tensor made inside of the function must not be assigned to", describe(x), hint),
      );
    }
    this.valueOf(x);
    this.#assigned.add(x);
    this.#known.set(x, this.#knownOf(from));
  }

  #isGradient(x: Tensor): boolean {
    for (const { gradient } of this.#gradients.keys()) if (gradient === x) return true;
    return false;
  }

  grad(x: Tensor, isWrite: boolean): void {
    refuseProxy("grad", isTensor(x));
    const given = this.#arguments.get(x);
    if (given !== undefined) {
      if (this.#known.has(given)) this.#refuse(new Clash([given])); // it is captured, too
      const hint = "use grad() or gradients(), or capture the tensor, as a parameter of a model is";
      this.#refuse(new CompileError("compile", "an argument has no grad inside of the function", describe(x), hint));
    }
    if (this.#group !== undefined && this.#isOuter(x)) {
      if (!isWrite) this.average();
      else if (this.#rules > this.#averaged) {
        this.#written = this.#rules;
        this.#unaveraged.add(x);
      }
    }
    if (!this.#isOuter(x)) return;
    if (isWrite) this.#set.add(x);
    if (this.#gradients.has(x)) return;
    if (isWrite) {
      this.#gradients.set(x, x.gradient);
      return;
    }
    const isNull = x.gradient === null;
    this.#guards.push(() => (x.gradient === null) === isNull);
    if (typeof x.gradient === "function") x.gradient = x.gradient();
    this.#gradients.set(x, x.gradient);
    if (x.gradient !== null && !this.#assigned.has(x.gradient)) this.#leaf(x.gradient, { kind: "gradient", tensor: x });
  }

  /** Averages, at once, what backward has written. What the function makes of it, as clipping does, stays as it is. */
  average(): void {
    const own = [...this.#unaveraged].filter(({ gradient }) => typeof gradient === "object" && gradient !== null);
    this.#unaveraged.clear();
    this.#averaged = this.#written;
    if (own.length === 0) return;
    const means = this.#group!.averaged(own.map(({ gradient }) => gradient as Tensor));
    for (const [i, x] of own.entries()) x.gradient = means[i]!;
  }

  rule(rule: Vjp, saved: Saved): Tensor {
    this.#rules++;
    const x = saved.result.inputs[saved.index]!;
    this.#reached.add(x);
    if (this.#isOuter(saved.result)) {
      const { retainsGrad } = x;
      this.hook(x);
      this.#guards.push(() => x.retainsGrad === retainsGrad);
    }
    return rule(saved);
  }

  draw(x: Tensor, generator: Generator, fill: (values: TypedArray, generator: Generator) => void): void {
    const sample = (): readonly number[] => {
      const own = new Float64Array(64); // enough to tell apart what is drawn
      withState("drawing", null, () => fill(own, new Generator(0)));
      return [...own];
    };
    this.#kept.note(x);
    this.#leaf(x, { kind: "random", generator, refill: (out) => fill(out, generator), sample });
  }

  state(generator: Generator): void {
    // Where the function itself has put it is the same at each call.
    if (this.#sources.some(({ source }) => source.kind === "seed" && source.generator === generator)) return;
    const rule = "a generator's state must not be read inside of the function: a replay would not read it again";
    const hint = "draw once and use the tensor twice, or create the generator inside, from a seed";
    this.#refuse(new CompileError("compile", rule, "state", hint));
  }

  seed(generator: Generator, state: GeneratorState, isNew: boolean): void {
    const own: GeneratorState = [...state];
    const again = (): void => {
      generator.state = own;
    };
    this.#sources.push({ leaf: null, source: { kind: "seed", generator, state: own, isNew, again } });
    this.#filledBy.push(null);
    this.#seen.push(null);
  }

  split(): void {
    const hint = "split it outside, and draw from the part inside";
    this.#refuse(new CompileError("compile", "a generator must not be split inside of the function", "split()", hint));
  }

  flag(x: Tensor, isWrite: boolean): void {
    if (!this.#isOuter(x)) return;
    const own = this.#flags.get(x);
    if (own !== undefined) own.isSet ||= isWrite;
    else {
      const { tracked, frozen } = x;
      this.#flags.set(x, { isSet: isWrite, tracked, frozen });
      if (!isWrite) this.#guards.push(() => x.tracked === tracked && x.frozen === frozen);
    }
  }

  saved(x: Tensor, result: Tensor): void {
    // What the function has not computed itself, it goes back through at each call: until somebody overwrites what that needs.
    if (!this.#isOuter(result)) return;
    const { time } = result;
    this.#guards.push(() => x.time <= time);
  }

  hook(x: Tensor): void {
    if (this.#isOuter(x) && !this.#hooked.has(x)) this.#hooked.set(x, x.hooks);
  }

  undone(): void {
    this.#isUndone = true;
  }

  mode(layer: { training: boolean }, isWrite: boolean): void {
    if (!this.#fields.knows(layer)) return; // it was made inside
    const own = this.#modes.get(layer);
    if (own !== undefined) own.isSet ||= isWrite;
    else {
      const known = { isSet: isWrite, training: true };
      this.#modes.set(layer, known);
      const { training } = layer; // which asks this tracer again, who by now knows the layer
      known.training = training;
      if (!isWrite) this.#guards.push(() => layer.training === training);
    }
  }

  /** Puts settings back to what they were: each run of the program sets them again. */
  restore(): void {
    for (const [layer, { isSet, training }] of this.#modes) if (isSet) layer.training = training;
    for (const [x, { isSet, ...flags }] of this.#flags) if (isSet) Object.assign(x, flags);
    setDefaultDtype(this.#dtype);
  }

  /** What the function has set, as it has left it. */
  #settings(): Setting[] {
    const modes = [...this.#modes].filter(([, { isSet }]) => isSet);
    const flags = [...this.#flags].filter(([, { isSet }]) => isSet);
    return [
      ...modes.map(([layer]) => settingOf("mode", layer, layer.training, settingMode(layer, layer.training))),
      ...flags.map(([x]) => settingOf("flag", x, x.tracked, settingFlag(x, x))),
    ];
  }

  get builder(): Builder {
    return this.#builder;
  }

  /** A tensor's value in the graph: what an op made of it, a leaf for a tensor from outside, or a constant. */
  valueOf(x: Tensor): Value {
    return this.#shaped(this.#knownOf(x).value, x);
  }

  /** A value in a tensor's shape. */
  #shaped(value: Value, { sizes }: Tensor): Value {
    return sameShape(value.shape, sizes) ? value : this.#builder.reshape(value, sizes);
  }

  #knownOf(x: Tensor): Known {
    return this.#known.get(x) ?? this.#met(x);
  }

  /** What is known of a tensor that was not met before. */
  #met(x: Tensor): Known {
    if (x.time < this.#start) {
      this.hook(x);
      this.flag(x, false);
      return this.#leaf(x, { kind: "tensor", tensor: x });
    }
    const { shape, dtype } = x;
    const step: Step = { kind: "constant", values: arrayOf(x), shape, dtype };
    const made = this.#again(step) ?? this.#add(step, this.#builder.constant(step.values, shape, dtype));
    this.#known.set(x, made);
    return made;
  }

  finished<R>(result: R): Recording<R> {
    this.expectRight();
    if (typeof (result as { then?: unknown } | null | undefined)?.then === "function") {
      throw new CompileError("compile", "the function must be synchronous", "a promise", "await outside of it");
    }
    if (this.#group !== undefined && this.#written === 0) {
      const hint = "call loss.backward() inside of the function, before the optimizer's step, or leave average out";
      throw new CompileError("compile", "average needs a step whose backward() leaves gradients in grad", "a function in which none does", hint); // biome-ignore format: one line
    }
    for (const [values, before] of this.#shown) {
      if (isSame(values, before)) continue;
      const hint = "make the tensor with the values that it is to have, or choose them by where(…)";
      throw new CompileError("compile", "a tensor's values must not be written into", String(values.slice(0, 8)), hint);
    }
    const isRead = (x: Tensor): boolean => this.#isOuter(x) && this.#known.has(x);
    this.#fields.expectKept(isRead);
    const { guard, beside } = this.#fields.guard(isRead);
    this.#guards.push(guard);
    for (const [x, before] of this.#hooked) this.#guards.push(hooksGuard(x, before));
    if (this.#failure !== null) {
      const hint = "let the error out of the function and catch it outside, or choose by where(…)";
      throw new CompileError("compile", "an op's error about values must not be caught inside of the function: other values would fail, or not", this.#failure.message, hint); // biome-ignore format: one line
    }
    if (getDefaultDtype() !== this.#dtype) {
      throw new CompileError("compile", "the default dtype must not be changed inside of the function", getDefaultDtype(), "set it outside"); // biome-ignore format: one line
    }
    if (this.#isUndone) {
      const hint = "let the error out of the function, and catch it outside";
      throw new CompileError("compile", "a step that failed must not be caught inside of the function", "one", hint);
    }
    const isReached = [...this.#reached].some((x) => this.#arguments.has(x) || isRead(x));
    const apart = new Set([...this.#apart, ...this.#assigned]);
    let hasHooks = false;
    this.#known.forEach((_, x) => {
      if (isReached && x.requiresGrad && isRead(x)) apart.add(x);
      if (x.hooks.length > 0 && !this.#isOuter(x) && !this.#arguments.has(x)) hasHooks = true;
    });
    const clashes = [...this.#standIns.keys()].filter((x) => apart.has(x));
    if (clashes.length > 0) throw new Clash(clashes);
    const effects: Effect[] = [];
    for (const tensor of this.#assigned)
      effects.push({ kind: "assign", tensor, value: this.valueOf(tensor), slot: this.#knownOf(tensor).slot });
    for (const [tensor, before] of this.#gradients) {
      const { gradient } = tensor;
      // As it was; but where the function clears what was clear, it does so at each call.
      if ((gradient === before && !this.#set.has(tensor)) || typeof gradient === "function") continue; // biome-ignore format: one line
      if (gradient?.requiresGrad) {
        const hint = "return gradients() instead, or leave createGraph out";
        throw new CompileError("compile", "a grad that is left outside must not be recorded", describe(gradient), hint);
      }
      effects.push(
        gradient === null
          ? { kind: "gradient", tensor, value: null, slot: -1 }
          : { kind: "gradient", tensor, value: this.valueOf(gradient), slot: this.#knownOf(gradient).slot },
      );
    }
    return {
      start: this.#start,
      builder: this.#builder,
      sources: this.#sources,
      effects,
      refusals: this.#refusals,
      guards: this.#guards,
      beside,
      steps: this.#steps,
      values: this.#values,
      hasHooks,
      apart,
      itself: this.#itself,
      settings: this.#settings(),
      kept: this.#kept,
      result,
      valueOf: (x) => this.valueOf(x),
      slotOf: (x) => this.#knownOf(x).slot,
      capturedBy: (source) => capturedBy(this.#sources[source]!.source),
      isOverwritten: (source) => this.#assigned.has(this.#filledBy[source]!),
      seenAs: (source) => this.#seen[source]!,
      cotangentOf: ({ size, shape, dtype }) => {
        const g = new Tensor(allocate(dtype, size).fill(1), shape, dtype);
        this.#leaf(g, { kind: "cotangent" });
        return g;
      },
      beyond: (more) => withState("tracer", this, more),
    };
  }

  /** Makes a leaf of a tensor. `filledBy` is who it stands for. */
  #leaf(x: Tensor, source: Source, filledBy = x): Known {
    const number = this.#sources.length;
    const { requiresGrad, shape, dtype } = x;
    const before = this.#first?.sources[number];
    const isAlike = before?.leaf?.dtype === dtype && sameShape(before.leaf.shape, shape);
    const step: Step = { kind: "leaf", source: number, requiresGrad };
    if (!isAlike) this.#isApart = true;
    const made = this.#again(step) ?? this.#add(step, this.#builder.leaf(shape, dtype));
    this.#sources.push(isAlike && isSameSource(before.source, source) ? before : { leaf: made.value, source });
    this.#filledBy.push(filledBy);
    this.#seen.push(x);
    this.#known.set(x, made);
    return made;
  }

  #isOuter(x: Tensor): boolean {
    return x.time < this.#start || this.#assigned.has(x);
  }

  #isConstant({ id }: Value): boolean {
    return this.#builder.nodes[id]!.kind === "constant";
  }
}

/** That a tensor has the hooks that the function began with. What the function adds, it has to take away. */
function hooksGuard(x: Tensor, before: Tensor["hooks"]): Guard {
  if (x.hooks.some((hook) => !before.includes(hook))) {
    const hint = "register it outside, or remove it inside, too";
    throw new CompileError("compile", "a hook must not be left on a tensor from outside", describe(x), hint);
  }
  return () => sameKey(x.hooks, before);
}

// Functions of their own, so they keep nothing else.
function settingOf(kind: Setting["kind"], of: object, isOn: boolean, set: () => void): Setting {
  return { kind, of, isOn, set };
}
function settingMode(layer: { training: boolean }, training: boolean): () => void {
  return () => {
    layer.training = training;
  };
}
function settingFlag(x: Tensor, { tracked, frozen }: Pick<Tensor, "tracked" | "frozen">): () => void {
  return () => void Object.assign(x, { tracked, frozen: frozen || (!tracked && (x.frozen || x.tracked)) });
}

/** Whether a step is known to make the same as another. */
function isSameStep(a: Step, b: Step): boolean {
  if (a.kind === "leaf") return b.kind === "leaf" && a.source === b.source && a.requiresGrad === b.requiresGrad;
  if (a.kind === "constant") return b.kind === "constant" && isSame(a, b);
  if (b.kind !== "op" || a.op !== b.op || a.isRecording !== b.isRecording) return false;
  return a.requiresGrad === b.requiresGrad && sameKey(a.inputs, b.inputs) && isSame(a.attrs, b.attrs);
}

/** Whether two sources are known to be filled with the same. */
function isSameSource(a: Source, b: Source): boolean {
  if (a.kind === "argument") return b.kind === "argument" && a.index === b.index;
  return (a.kind === "tensor" || a.kind === "gradient") && b.kind === a.kind && a.tensor === b.tensor;
}

function slotIn({ slot }: Known): Slot {
  return slot;
}

function capturedBy(source: Source): Tensor | null {
  return source.kind === "tensor" ? source.tensor : null;
}

/** A result that holds what would compute it. */
interface Filled {
  readonly kept: Kept;
  result?: Tensor;
  held?: Operand;
}

/**
 * Has the program compute a result, and round as it does. Here, only who looks has need of it.
 *
 * @param into - gets what the result holds.
 * @param known - of the op's inputs.
 */
function filling(into: Filled, op: Op, known: readonly Known[], isAlias: boolean): Fill {
  return (_op, inputs, attrs, shape, dtype) => {
    const held = inputs.map(heldOf, known);
    const own = isAlias ? held[0]! : new Deferred(op, held, attrs, shape, dtype);
    into.held = own;
    return () => into.kept.read(into.result!, own);
  };
}

/** What a tensor holds at present, of which something is known. */
function heldOf(this: readonly Known[], x: Tensor, i: number): Operand {
  const known = this[i]!;
  known.held ??= { shape: x.sizes, dtype: x.dtype, values: arrayOf(x) };
  return known.held;
}

function arrayOf(x: Tensor): TypedArray {
  if (typeof x.stored === "function") x.stored = x.stored();
  return x.stored;
}
