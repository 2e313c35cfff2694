import { isTensor } from "../core/runtime.ts";
import { describe } from "../core/shape.ts";
import type { Generator } from "../random/generator.ts";
import type { Tensor } from "../tensor.ts";
import { CompileError } from "./errors.ts";
import type { Recording, Source } from "./trace.ts";

/** A recording, and the tensors in what the function returned. */
interface Recorded {
  readonly recording: Recording<unknown>;
  readonly found: readonly Tensor[];
}

/** Something that was recorded: as text, for people, and what else tells it from others. */
type Line = readonly [text: string, ...what: unknown[]];

type Named = Readonly<Record<string, unknown>>;

/**
 * Records a function twice, and refuses one that does something else the second time: it has a counter, a random number or a tensor in a field or variable of its own, which no replay would look at. What a
 * function makes in its first call, and keeps, is no such thing; then it is recorded a third time.
 *
 * @returns the last recording.
 * @throws {@link CompileError} saying what was different.
 */
export function settled<R extends Recorded>(record: () => R): R {
  const first = record();
  // It has changed what guards look at: a mode, a hook, a field of a layer. So it is recorded again anyway.
  if (!first.recording.guards.every((holds) => holds())) return first;
  let last = record();
  let difference = differenceOf(first, last);
  if (difference !== null && keepsSome(first, last)) {
    const second = last;
    last = record();
    difference = differenceOf(second, last);
  }
  if (difference === null) return last;
  const hint =
    "pass what changes as an argument, or assign it to a tensor; for a condition of its own, such as count++ % 2 === 0, leave compile out";
  throw new CompileError("compile", "the function must do the same at each call", difference, hint);
}

/** Whether the second recording uses a tensor that was made in the first. */
function keepsSome(first: Recorded, { recording }: Recorded): boolean {
  return recording.sources.some(
    ({ source }) => source.kind === "tensor" && source.tensor.time >= first.recording.start,
  );
}

/** What the second recording has that the first has not, if they are not the same. */
function differenceOf(first: Recorded, second: Recorded): string | null {
  const [before, now] = [linesOf(first), linesOf(second)];
  for (let i = 0; i < Math.max(before.length, now.length); i++) {
    const [a, b] = [before[i], now[i]];
    if (a !== undefined && b !== undefined && isSame(a, b)) continue;
    const [was, is] = [a?.[0] ?? "nothing", b?.[0] ?? "nothing"];
    return `${is === was ? `another ${is}` : is} in the second, where the first had ${was}`;
  }
  return null;
}

function linesOf({ recording, found }: Recorded): Line[] {
  const generators: Generator[] = [];
  const lineOfSource = (source: Source): Line => {
    if (source.kind === "argument") return [`argument ${source.index}`];
    if (source.kind === "cotangent") return ["a cotangent"];
    if (source.kind === "tensor" || source.kind === "gradient") {
      const { tensor, kind } = source;
      return [`${kind === "tensor" ? "tensor" : "gradient"} ${describe(tensor)} from outside`, tensor];
    }
    if (!generators.includes(source.generator)) generators.push(source.generator);
    return ["random numbers", generators.indexOf(source.generator)]; // which may be made in the function
  };
  const slots = found.map((x) => recording.slotOf(x)); // which notes constants
  const sources = recording.sources.map(
    ({ leaf, source }): Line => [...lineOfSource(source), leaf?.shape, leaf?.dtype],
  );
  const steps = recording.steps.map((step): Line => {
    if (step.kind === "leaf") return [...sources[step.source]!, step.requiresGrad];
    if (step.kind === "op") return [step.op.name, step.inputs, step.attrs, step.requiresGrad];
    const { values, shape, dtype } = step;
    return [values.length === 1 ? String(values[0]) : `a constant ${dtype}[${shape.join(", ")}]`, values, shape, dtype];
  });
  const effects = recording.effects.map(({ kind, tensor, value }): Line => {
    const what = kind === "assign" ? "assigning to" : "a gradient of";
    return [`${what} ${describe(tensor)}`, tensor, value?.id];
  });
  return [...steps, ...effects, ...sources, ["result", slots, ...found.map(describe)]];
}

/** Whether values are the same, and what is in lists and plain objects. Of functions and other objects, nobody can tell. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== typeof b || typeof a !== "object" || a === null || b === null) return typeof a === "function";
  if (isTensor(a) || isTensor(b)) return false;
  if (ArrayBuffer.isView(a) || Array.isArray(a)) {
    const [x, y] = [a, b] as unknown as [ArrayLike<unknown>, ArrayLike<unknown>];
    if (x.length !== y.length) return false;
    for (let i = 0; i < x.length; i++) if (!isSame(x[i], y[i])) return false;
    return true;
  }
  const [x, y] = [a, b] as unknown as [Named, Named];
  const names = Object.keys(x);
  return names.length === Object.keys(y).length && names.every((name) => isSame(x[name], y[name]));
}
