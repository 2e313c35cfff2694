import { vjp } from "../autograd/functional.ts";
import { isRecording } from "../core/apply.ts";
import { GradError } from "../core/errors.ts";
import type { Op, Saved, Vjp } from "../core/op.ts";
import { runtime } from "../core/runtime.ts";
import type { Tensor } from "../tensor.ts";
import { Tape } from "./tape.ts";
import type { Recording } from "./trace.ts";

/** What backward finds behind a result of a compiled function. */
export interface Origin {
  readonly op: Op;
  /** Numbers of the sources that are its inputs. */
  readonly sources: readonly number[];
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
 * A compiled function as an op of the leaves that one of its results depends on. Backward runs a second program, made of what was recorded
 * when it is first needed; that is a compiled function again, so that it has derivatives, too.
 *
 * @returns null for a result that depends on nothing that requires a gradient.
 */
export function originOf(recording: Recording<unknown>, result: Tensor, name: string, derive: Derive): Origin | null {
  if (!result.requiresGrad) return null;
  const tape = new Tape(recording.steps, recording.slotOf(result));
  if (!tape.isDifferentiable.includes(true)) return null;
  const { isOverwritten, hasHooks } = recording;
  // What the function itself has overwritten, backward cannot use: then nothing else is kept for it.
  if (tape.sources.some(isOverwritten)) {
    const isKept = tape.sources.map((source, i) => tape.isDifferentiable[i]! || isOverwritten(source));
    const kept = <T>(all: readonly T[]): T[] => all.filter((_, i) => isKept[i]);
    return { op: opOf(name, result, kept(tape.isDifferentiable), expectInputs), sources: kept(tape.sources) };
  }
  const rule = hasHooks ? refuseHooks : ruleOf(tape, derive);
  return { op: opOf(name, result, tape.isDifferentiable, rule), sources: tape.sources };
}

/** Makes a fresh result one that backward can go on from. */
export function recordOrigin(y: Tensor, origin: Origin, time: number, tensorOf: (source: number) => Tensor): void {
  y.record(origin.op, origin.sources.map(tensorOf), undefined, time);
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

/** Reads all inputs, which throws for one that was overwritten. */
function inputsOf(saved: Saved): readonly Tensor[] {
  return saved.result.inputs.map((_, i) => saved.input(i));
}

function expectInputs(saved: Saved): never {
  inputsOf(saved);
  throw new Error("an input was overwritten by the function, and its time does not tell");
}

function refuseHooks({ result }: Saved): never {
  const hint = "register it outside: on an argument, a parameter, or the function's result";
  throw new GradError(`${result.op?.name} (backward)`, "a hook inside of the function is not called", "a hook", hint);
}

function ruleOf(tape: Tape, derive: Derive): Vjp {
  const { isDifferentiable } = tape;
  const pick = <T>(all: readonly T[]): T[] => all.filter((_, i) => isDifferentiable[i]);
  const places = isDifferentiable.map((_, i) => pick(isDifferentiable.slice(0, i)).length);
  const pull = derive((inputs, g) => {
    const f = (...wanted: readonly Tensor[]): Tensor =>
      tape.run(inputs.map((x, i) => (isDifferentiable[i] ? wanted[places[i]!]! : x)));
    return vjp(f, pick(inputs), { createGraph: isRecording() }).vjp(g);
  });
  const all = new WeakMap<Tensor, Found>();
  return (saved) => {
    const inputs = inputsOf(saved);
    const { g, index, result } = saved;
    const at = places[index]!;
    const before = all.get(result);
    const isFresh =
      before?.g === g &&
      before.time === g.time &&
      before.tracer === runtime.tracer &&
      before.isRecording === isRecording();
    // Each is handed out once: who gets it may assign to it.
    const gradients = isFresh && before.gradients[at] !== null ? before.gradients : [...pull(inputs, g)];
    const found = gradients[at]!;
    const left = gradients.map((own, i) => (i === at ? null : own));
    all.set(result, { g, time: g.time, tracer: runtime.tracer, isRecording: isRecording(), gradients: left });
    return found;
  };
}
