import { describe } from "../core/shape.ts";
import type { Generator, GeneratorState } from "../random/generator.ts";
import type { Tensor } from "../tensor.ts";
import { CompileError } from "./errors.ts";
import type { Kept } from "./kept.ts";
import { isSame } from "./same.ts";
import { type Slot, type Step, Tape } from "./tape.ts";
import type { Effect, Recording, Setting, Source } from "./trace.ts";

/** A recording, and what tells it from others. */
export interface Recorded {
  readonly recording: Recording<unknown>;
  readonly items: readonly Item[];
  /** Where the function has left the generators that it has used. */
  readonly left: ReadonlyMap<Generator, GeneratorState>;
}

/** Something that was recorded: as text, for people, and what else tells it from others. */
type Line = readonly [text: string, ...what: unknown[]];

/**
 * Records a function twice, and refuses one that does something else the second time: it has a counter, a random number or a tensor in a field or variable of its own, which no replay would look at. What a
 * function makes in its first call, and keeps, is no such thing; then it is recorded a third time.
 *
 * @param again - records it again, to be compared with the first time.
 * @returns the last recording of all that the function does, and in `made` what it makes at each call, and may keep: not what it has made in the first call only. If what was made in the first call and kept was drawn, `skip` takes generators past that: no program draws it again.
 * @throws {@link CompileError} saying what was different.
 */
export function settled<R extends Recorded>(
  record: () => R,
  again: (first: R) => Recorded,
): R & { readonly made: readonly Kept[]; skip?(): void } {
  const first = record();
  // It has changed what guards look at: a mode, a hook, a field of a layer. So it is recorded again anyway.
  if (!first.recording.guards.every((holds) => holds()) || first.recording.beside?.holds() === false)
    return { ...first, made: [] };
  const second = again(first);
  let difference = differenceOf(first, second);
  // What the function only does the first time, such as setting a field that is not there, is guarded from then on.
  if (difference === null)
    return {
      ...first,
      made: madeBy(first, second),
      recording: { ...first.recording, guards: second.recording.guards, beside: second.recording.beside },
    };
  const isKeeping = keepsSome(first, second);
  if (isKeeping) {
    const last = record();
    difference = differenceOf(second, last);
    if (difference === null) {
      const other = differenceBeside(first, last);
      if (other === null) return { ...last, made: madeBy(second, last), skip: () => skip(first, last) };
      const hint = "make what it keeps before its first call, outside of it, as in const v = zeros([2])";
      throw new CompileError("compile", "the function must do the same at each call", other, hint);
    }
  }
  const hint = isKeeping
    ? "write total.assign(total.add(x)) for total = total.add(x), with total made outside: its place is what a replay knows"
    : "pass what changes as an argument, or assign it to a tensor; for a condition of its own, such as count++ % 2 === 0, leave compile out";
  throw new CompileError("compile", "the function must do the same at each call", difference, hint);
}

function madeBy(...all: readonly Recorded[]): Kept[] {
  return all.map(({ recording }) => recording.kept);
}

/** Puts generators so that they stand where the first call leaves them, once the program of the last recording has drawn. */
function skip(first: Recorded, last: Recorded): void {
  for (const [generator, left] of first.left) {
    // Where each call starts a stream, it says itself where that is.
    if (last.recording.sources.some(({ source }) => source.kind === "seed" && source.generator === generator)) continue;
    const { state } = generator;
    const own = last.left.get(generator) ?? state;
    const low = left[2] - (own[2] - state[2]);
    const high = left[3] - (own[3] - state[3]) + Math.floor(low / 2 ** 32);
    generator.state = [left[0], left[1], low >>> 0, high >>> 0];
  }
}

/** Where generators are that a recording has used. To be called while everything still is as the function has left it. */
export function generatorsOf({ sources }: Recording<unknown>): Map<Generator, GeneratorState> {
  const left = new Map<Generator, GeneratorState>();
  for (const { source } of sources) {
    if (source.kind === "random" || source.kind === "seed") left.set(source.generator, source.generator.state);
  }
  return left;
}

/** Whether the second recording uses a tensor that was made in the first. */
function keepsSome(first: Recorded, { recording }: Recorded): boolean {
  return recording.sources.some(
    ({ source }) => source.kind === "tensor" && source.tensor.time >= first.recording.start,
  );
}

/** What the second recording has that the first has not, if they are not the same. */
function differenceOf(first: Recorded, second: Recorded): string | null {
  const [before, now] = [first.items, second.items];
  const outside: Generator[] = [];
  const [lineBefore, lineNow] = [linesOf(first, outside), linesOf(second, outside)];
  for (let i = 0; i < Math.max(before.length, now.length); i++) {
    if (before[i] === now[i] || isSameEffect(before[i], now[i])) continue;
    const [a, b] = [lineBefore(before[i]), lineNow(now[i])];
    if (isSame(a, b)) continue;
    const [was, is] = [a[0], b[0]];
    return `${is === was ? `another ${is.replace(/^an? /, "")}` : is} in the second, where the first had ${was}`;
  }
  return null;
}

/**
 * What the last recording does that the first has not, if they are not the same but for tensors that were made in the first and kept: the first call is to do what the last recording does. Where the function
 * makes a velocity and, from the second call on, assigns to it, the first call would already do that, too.
 */
function differenceBeside(first: Recorded, last: Recorded): string | null {
  const [before, now] = [first.recording, last.recording];
  const kept = new Map<Tensor, Slot>();
  for (const { source } of now.sources) {
    if (source.kind === "tensor" && source.tensor.time >= before.start) kept.set(source.tensor, before.slotOf(source.tensor)); // biome-ignore format: one line
  }
  const keptAt = (slot: Slot): Tensor | null => {
    const step = now.steps[slot]!;
    const source = step.kind === "leaf" ? now.sources[step.source]!.source : null;
    return source?.kind === "tensor" && kept.has(source.tensor) ? source.tensor : null;
  };
  const outside: Generator[] = [];
  const [lineBefore, lineNow] = [linesOf(first, outside), linesOf(last, outside)];
  const known = new Map<Slot, Slot>();
  const isSameValue = (a: Slot, b: Slot): boolean => {
    const open: [Slot, Slot][] = [[a, b]];
    for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
      const [x, y] = pair;
      if (x < 0 || y < 0 ? x === y : known.get(x) === y) continue;
      known.set(x, y);
      const tensor = keptAt(y);
      if (tensor !== null && kept.get(tensor) === x) continue;
      const [was, is] = [before.steps[x]!, now.steps[y]!];
      if (was.kind === "constant" && is.kind === "op") {
        // What was computed of constants alone is one: now it is computed of what was kept.
        if (!isSame(was, constantAt(y))) return false;
      } else if (was.kind === "op" && is.kind === "op") {
        if (was.op !== is.op || was.inputs.length !== is.inputs.length || !isSame(was.attrs, is.attrs)) return false;
        was.inputs.forEach((input, i) => open.push([input, is.inputs[i]!]));
      } else if (!isSame(lineBefore(was), lineNow(is))) return false;
    }
    return true;
  };
  const constantAt = (slot: Slot): Step | null => {
    const tape = new Tape(now.steps, slot);
    const leaves = tape.sources.map((at) => now.capturedBy(at));
    if (!leaves.every((x): x is Tensor => x !== null && kept.has(x))) return null;
    const { values, shape, dtype } = tape.run(leaves);
    return { kind: "constant", values, shape, dtype };
  };
  const [was, is] = [before, now].map(({ effects }) => effects.filter(({ kind, tensor }) => kind === "assign" || !kept.has(tensor))); // biome-ignore format: one line
  for (let i = 0; i < Math.max(was!.length, is!.length); i++) {
    const [a, b] = [was![i], is![i]];
    if (a?.kind === b?.kind && a?.tensor === b?.tensor && isSameValue(a!.slot, b!.slot)) continue;
    const [earlier, later] = [lineBefore(a)[0], lineNow(b)[0]];
    return `${later} in later calls, where the first had ${later === earlier ? "another value" : earlier}`;
  }
  const [a, b] = [first.items.at(-1) as Result, last.items.at(-1) as Result];
  const isOne =
    isSame(a.places, b.places) &&
    a.found.length === b.found.length &&
    a.found.every((x, i) => isSameValue(before.slotOf(x), now.slotOf(b.found[i]!)));
  return isOne ? null : "another result in later calls than in the first";
}

/** Whether two items are known to be effects, and to do the same: most are, and writing them as lines takes longer. */
function isSameEffect(a: Item, b: Item): boolean {
  if (a === undefined || b === undefined || !("slot" in a && "slot" in b)) return false;
  return a.kind === b.kind && a.tensor === b.tensor && a.slot === b.slot;
}

/** What was recorded: steps, effects, sources and, in the end, the result. */
type Item = Step | Effect | Setting | Recording<unknown>["sources"][number] | Result | undefined;

/** What the function returned: the tensors, and their numbers in their places. */
interface Result {
  readonly found: readonly Tensor[];
  readonly places: unknown;
}

/**
 * All that was recorded so far.
 *
 * @param result - what the function returned.
 */
export function itemsOf(recording: Recording<unknown>, result: Result): readonly Item[] {
  for (const x of result.found) recording.slotOf(x); // which notes constants
  return [...recording.steps, ...recording.effects, ...recording.sources, ...recording.settings, result];
}

/**
 * Writes what was recorded as lines.
 *
 * @param outside - the generators from outside that are known by their numbers in this list, which gets those that are not there yet. Others are made by the function: they are known by their order.
 */
export function linesOf({ recording }: Recorded, outside: Generator[] = []): (item: Item) => Line {
  const started: Generator[] = [];
  for (const { source } of recording.sources) {
    if (source.kind !== "random" && source.kind !== "seed") continue;
    const { kind, generator } = source;
    if (started.includes(generator) || outside.includes(generator)) continue;
    (kind === "seed" && source.isNew ? started : outside).push(generator);
  }
  const whose = (generator: Generator): Line => {
    const own = started.indexOf(generator);
    return own < 0 ? ["from outside", outside.indexOf(generator)] : ["of its own", own];
  };
  const what = (source: Source): Line => {
    if (source.kind === "argument") return [`argument ${source.index}`];
    if (source.kind === "cotangent") return ["a cotangent"];
    if (source.kind === "tensor" || source.kind === "gradient") {
      const { tensor, kind } = source;
      return [`${kind === "tensor" ? "tensor" : "gradient"} ${describe(tensor)} from outside`, tensor];
    }
    if (source.kind === "seed") return [`a generator's state ${source.state}`, ...whose(source.generator)];
    return ["draw of random numbers", ...whose(source.generator), source.sample()];
  };
  const line = (item: Item): Line => {
    if (item === undefined) return ["nothing"];
    if (!("kind" in item)) {
      if ("source" in item) return [...what(item.source), item.leaf?.shape, item.leaf?.dtype];
      const { found, places } = item;
      return ["result", places, found.map(recording.slotOf), ...found.map(describe)];
    }
    switch (item.kind) {
      case "mode":
      case "flag":
        return [`${item.kind === "mode" ? "training" : "requiresGrad"} set to ${item.isOn}`, item.of, item.isOn];
      case "leaf":
        return [...line(recording.sources[item.source]), item.requiresGrad];
      case "op":
        return [item.op.name, item.inputs, item.attrs, item.requiresGrad];
      case "constant": {
        const { values, shape, dtype } = item;
        const name = values.length === 1 ? String(values[0]) : `a constant ${dtype}[${shape.join(", ")}]`;
        return [name, values, shape, dtype];
      }
      default:
        return [`${item.kind === "assign" ? "assigning to" : "a gradient of"} ${describe(item.tensor)}`, item.tensor, item.slot]; // biome-ignore format: one line
    }
  };
  return line;
}
