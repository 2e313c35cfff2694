import { vjp } from "../autograd/functional.ts";
import { GradError } from "../core/errors.ts";
import { type Op, Saved, type Vjp } from "../core/op.ts";
import { isRecording, runtime } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import { Tape } from "./tape.ts";
import type { Recording } from "./trace.ts";

/** What backward finds behind a result of a compiled function. */
export interface Origin {
  readonly op: Op;
  /** Numbers of the sources that are its inputs. */
  readonly sources: readonly number[];
  /** For each of them, whether the result has a gradient with respect to it. */
  readonly isDifferentiable: readonly boolean[];
  /** Whether it can be differentiated. */
  readonly hasRule: boolean;
}

/** A run, as backward finds it in the attributes of a result. */
export interface Run {
  /** The gradients of a result by what the run has saved; null if they have to be computed from the inputs. */
  pull(result: number, saved: Saved): Tensor[] | null;
  /** Stores the gradients of all leaves of a result that is a loss; false if they have to be found in the ordinary way. */
  store(result: number, y: Tensor): boolean;
  /** The gradients of several results at once, as `Op.together` says. */
  together(ys: readonly Tensor[], gs: readonly Tensor[]): (Tensor | null)[][] | null;
}

/** Compiles what gives the gradients with respect to all differentiable inputs. */
export type Derive = (pull: (inputs: readonly Tensor[], g: Tensor) => readonly Tensor[]) => typeof pull;

/** Gradients that were found for one cotangent, and have not been fetched yet. */
interface Found {
  readonly g: Tensor;
  readonly time: number;
  readonly tracer: unknown;
  readonly isRecording: boolean;
  readonly gradients: (Tensor | null)[];
}

/**
 * A compiled function as an op of the leaves that one of its results depends on. Backward goes on from what the run has saved, where it can. Else it runs the function and its backward pass, as
 * they were recorded, from the leaves; that is a compiled function again, so it has derivatives, too.
 *
 * @param number - which result it is.
 * @returns null for a result that depends on nothing that requires a gradient.
 */
export function originOf(
  recording: Recording<unknown>,
  result: Tensor,
  number: number,
  name: string,
  derive: Derive,
): Origin | null {
  if (!result.requiresGrad) return null;
  const tape = new Tape(recording.steps, recording.slotOf(result));
  if (!tape.isDifferentiable.includes(true)) return null;
  const { isOverwritten, hasHooks } = recording;
  // What the function itself has overwritten, backward cannot use: then nothing else is kept for it.
  if (tape.sources.some(isOverwritten)) {
    const isKept = tape.sources.map((source, i) => tape.isDifferentiable[i]! || isOverwritten(source));
    const kept = <T>(all: readonly T[]): T[] => all.filter((_, i) => isKept[i]);
    const isDifferentiable = kept(tape.isDifferentiable);
    const op = opOf(name, result, isDifferentiable, refuseOverwritten);
    return { op, sources: kept(tape.sources), isDifferentiable, hasRule: false };
  }
  const { sources, isDifferentiable } = tape;
  const rule = hasHooks ? refuseHooks : ruleOf(tape, number, sources.map(recording.capturedBy), derive);
  const op = opOf(name, result, isDifferentiable, rule);
  return {
    op: hasHooks ? op : { ...op, backward: backwardFrom(number), together },
    sources,
    isDifferentiable,
    hasRule: !hasHooks,
  };
}

function opOf(name: string, { shape, dtype }: Tensor, isDifferentiable: readonly boolean[], rule: Vjp): Op {
  const forward = (): never => {
    throw new GradError(name, "the op of a compiled function is applied by calling the function", "apply()");
  };
  return {
    name,
    shape: () => shape,
    dtype: () => dtype,
    forward,
    vjp: isDifferentiable.map((is) => (is ? rule : "nondifferentiable")),
  };
}

/** Of a function of its own, so it keeps nothing else. */
function backwardFrom(number: number): (y: Tensor) => boolean {
  return (y) => (y.attrs as Run).store(number, y);
}

function together(ys: readonly Tensor[], gs: readonly Tensor[]): (Tensor | null)[][] | null {
  return (ys[0]!.attrs as Run).together(ys, gs);
}

/** Throws if an input of a result was overwritten. */
export function expectInputs(y: Tensor): void {
  const saved = new Saved(y, y, 0);
  for (let i = 0; i < y.inputs.length; i++) saved.input(i);
}

/** Reads all inputs, which throws for one that was overwritten. */
function inputsOf(saved: Saved): readonly Tensor[] {
  return saved.result.inputs.map((_, i) => saved.input(i));
}

function refuseOverwritten({ result }: Saved): never {
  const { op, inputs, time } = result;
  const x = inputs.find((input) => input.time > time) ?? result; // a transaction that failed has put their times back
  const hint = "call backward() inside of it, or return the new value, and assign it outside after backward()";
  throw new GradError(`${op?.name} (backward)`, "a value that it needs was overwritten by the function itself", describe(x), hint); // biome-ignore format: one line
}

function refuseHooks({ result }: Saved): never {
  const hint = "register it outside: on an argument, a parameter, or the function's result";
  throw new GradError(`${result.op?.name} (backward)`, "a hook inside of the function is not called", "a hook", hint);
}

/**
 * @param captured - for each input, the tensor if it is the same at each call: the program then finds it where it lies.
 */
function ruleOf(tape: Tape, number: number, captured: readonly (Tensor | null)[], derive: Derive): Vjp {
  const { isDifferentiable } = tape;
  const pick = <T>(all: readonly T[]): T[] => all.filter((_, i) => isDifferentiable[i]);
  const places = isDifferentiable.map((_, i) => pick(isDifferentiable.slice(0, i)).length);
  const pull = derive((given, g) => {
    let next = 0;
    const inputs = captured.map((x) => x ?? given[next++]!);
    const f = (...wanted: readonly Tensor[]): Tensor =>
      tape.run(inputs.map((x, i) => (isDifferentiable[i] ? wanted[places[i]!]! : x)));
    return vjp(f, pick(inputs), { createGraph: isRecording() }).vjp(g);
  });
  const all = new WeakMap<Tensor, Found>();
  return (saved) => {
    const { g, index, result } = saved;
    const at = places[index]!;
    let found = all.get(result);
    // Each gradient is handed out once: who gets it may assign to it.
    if (
      found?.g !== g ||
      found.time !== g.time ||
      found.tracer !== runtime.tracer ||
      found.isRecording !== isRecording() ||
      found.gradients[at] === null
    ) {
      const inputs = inputsOf(saved);
      // What is recorded, here or by a tracer, is to be made of the inputs.
      const isPlain = !isRecording() && runtime.tracer === null;
      const fetched = isPlain ? (result.attrs as Run).pull(number, saved) : null;
      const gradients = fetched ?? [...pull(inputs.filter((_, i) => captured[i] === null), g)]; // biome-ignore format: one line
      found = { g, time: g.time, tracer: runtime.tracer, isRecording: isRecording(), gradients };
      all.set(result, found);
    }
    const own = found.gradients[at]!;
    found.gradients[at] = null;
    return own;
  };
}
