import type { DType } from "../../core/dtype.ts";
import { DTypeError, isTinygradError, ValueError } from "../../core/errors.ts";
import { sameShape } from "../../core/shape.ts";
import { full } from "../../create.ts";
import type { Layer } from "../../nn/layer.ts";
import { Generator } from "../../random/generator.ts";
import { randn } from "../../random.ts";
import { Tensor } from "../../tensor.ts";
import { OnnxError } from "../error.ts";
import { fromOnnx } from "../fromOnnx.ts";
import type { GraphProto } from "../schema.ts";
import { align } from "./align.ts";
import { graphOf, knownRow, stateOf } from "./graph.ts";
import { Sizes } from "./sizes.ts";
import { nowhere, refuse, TooLarge, type Trace, trace } from "./trace.ts";
import { inLine, type Odd, oddAt, type Range, type Sizing, type Trial, type Trials, trialsOf } from "./trials.ts";
import { Writer } from "./writer.ts";

/** An input as it is to stand in the file. */
export interface InputSpec {
  readonly shape: readonly (number | string)[];
  readonly dtype: DType;
}

/** Runs a model on inputs, by name. */
export type Forward = (inputs: ReadonlyMap<string, Tensor>) => Tensor | { readonly [name: string]: Tensor };

/** Most times that a graph is made again since it has shown sizes that are worth a look. */
const rounds = 4;

/** Where a model does something else at sizes up to this one, its values are compared with the file's: the library itself has other ways for windows as large as an image, or for one sample. */
const mostCompared = 16;

/**
 * Writes a model as a file that is right at all sizes of the axes with names, or refuses it.
 *
 * @param names - those of the axes.
 * @param given - sizes that they may have, where not all from 1 on.
 * @param fileOf - makes the file of a graph, and of the sizes that the model takes.
 */
export function written(
  model: Layer,
  forward: Forward,
  specs: readonly (readonly [string, InputSpec])[],
  names: readonly string[],
  given: ReadonlyMap<string, Range>,
  fileOf: (graph: GraphProto, ranges: ReadonlyMap<string, Range>) => Uint8Array,
  opset: number,
): Uint8Array {
  const whole = wholeFor(model, forward, specs, names);
  const shapes = new Map(specs.map(([name, { shape }]) => [name, shape]));
  const state = stateOf(model);
  const site = nowhere();
  const probes = new Map(names.map((name) => [name, new Set<number>()]));
  for (let round = 1; ; round++) {
    const run = (sizes: Sizing, isFirst: boolean): Trace => {
      const inputs = inputsAt(specs, sizes, whole);
      const found = trace(model, inputs, () => inDType(specs, () => forward(inputs)), isFirst ? null : site);
      for (const step of found.steps) knownRow(step);
      return found;
    };
    const trials = trialsOf(names, given, probes, run, state);
    const { main, ranges } = trials;
    if (round === 1) expectRepeated(main[0]!.trace, run(trials.base, true), state);
    let sizes = new Sizes(new Writer());
    const graphWith = (others: readonly Trial[], isWhole: boolean): GraphProto => {
      sizes = new Sizes(new Writer());
      const traces = [...main, ...others].map(({ trace }) => trace);
      return graphOf(traces, ranges, shapes, state, opset, sizes, isWhole);
    };
    const tryWith = (others: readonly Trial[]): unknown => graphWith(others, false);
    const { agreeing, odd } = sorted(trials, tryWith);
    const graph = graphWith(agreeing, true);
    const isNew = sizes.probes.filter(([name, n]) => n >= 1 && !probes.get(name)!.has(n));
    if (isNew.length > 0 && round < rounds) {
      for (const [name, n] of isNew) probes.get(name)!.add(n);
      continue;
    }
    const bytes = fileOf(graph, ranges);
    const isOdd = ({ sizes }: Odd): boolean => {
      if ([...sizes.values()].some((n) => n > mostCompared)) return true;
      const inputs = inputsAt(specs, sizes, whole, new Generator(1));
      return !isAlike(
        bytes,
        inputs,
        trace(model, inputs, () => forward(inputs), site),
      );
    };
    const found = odd.filter(isOdd);
    if (found.length === 0) return bytes;
    throw nearest(found, trials, (sizes) => {
      const [own] = sorted(
        { ...trials, ...inLine(main, [{ sizes, trace: run(sizes, false) }], (own) => run(own, true), state) },
        tryWith,
      ).odd;
      return own !== undefined && isOdd(own) ? own : null;
    });
  }
}

/** What whole numbers of the inputs are while a model is tried: 0, which is an index of any axis; or 1, where one is divided by. */
function wholeFor(
  model: Layer,
  forward: Forward,
  specs: readonly (readonly [string, InputSpec])[],
  names: readonly string[],
): 0 | 1 {
  if (!specs.some(([, { dtype }]) => dtype === "int32")) return 0;
  try {
    const inputs = inputsAt(specs, new Map(names.map((name) => [name, 2])), 0);
    trace(model, inputs, () => forward(inputs), nowhere());
  } catch (error) {
    if (error instanceof ValueError && error.rule === "integers must not be divided by 0") return 1;
    if (!isTinygradError(error) && !(error instanceof TooLarge)) throw error; // others are thrown again where it is tried
  }
  return 0;
}

/** Refuses a model that does something else each time, as one that counts its calls: a file cannot. */
function expectRepeated(first: Trace, again: Trace, state: ReadonlyMap<Tensor, string>): void {
  const found = align(first, again, state, true);
  if (!("first" in found)) return;
  const step = found.first ?? found.other;
  const hint = "what changes must be an input: Math.random(), a counter or the time is frozen in a file";
  refuse(step?.site ?? nowhere(), "forward must do the same at each call", step === undefined ? "other outputs" : `another ${step.op.name}`, hint); // biome-ignore format: one line
}

/** Says how to state a dtype where an op wants indices. */
function inDType<T>(specs: readonly (readonly [string, InputSpec])[], run: () => T): T {
  try {
    return run();
  } catch (error) {
    const isIndex = error instanceof DTypeError && error.rule.includes("int32");
    const given = specs.find(([, { dtype }]) => dtype.startsWith("float"));
    if (!isIndex || given === undefined) throw error;
    const [name, { shape }] = given;
    const hint = `if it is an input, write inputs: { ${name}: { shape: ${JSON.stringify(shape)}, dtype: "int32" } }`;
    throw new DTypeError("toOnnx", error.rule, `${error.got} for ${error.op}`, hint);
  }
}

/** The error for the odd sizes that are nearest to those that are not, so it says up to where the model does the same. */
function nearest(found: readonly Odd[], { base }: Trials, oddAt: (sizes: Sizing) => Odd | null): OnnxError {
  const differing = ({ sizes }: Odd): string[] =>
    [...sizes.keys()].filter((name) => sizes.get(name) !== base.get(name));
  const [first] = found as [Odd];
  const one = found.find((own) => differing(own).length === 1);
  if (one === undefined) return first.error;
  const [name] = differing(one) as [string];
  let [known, own] = [base.get(name)!, one];
  while (Math.abs(own.sizes.get(name)! - known) > 1) {
    const middle = Math.trunc((own.sizes.get(name)! + known) / 2);
    const other = oddAt(new Map(base).set(name, middle));
    if (other === null) known = middle;
    else own = other;
  }
  return own.error;
}

/** Sorts out the sizes at which numbers do not follow from sizes as they do elsewhere. */
function sorted(
  { base, others, odd }: Trials,
  tryWith: (others: readonly Trial[]) => unknown,
): { agreeing: readonly Trial[]; odd: readonly Odd[] } {
  const attempt = (some: readonly Trial[]): OnnxError | TooLarge | null => {
    try {
      tryWith(some);
      return null;
    } catch (error) {
      if (error instanceof OnnxError || error instanceof TooLarge) return error;
      throw error;
    }
  };
  if (attempt(others) === null) return { agreeing: others, odd };
  const refusal = attempt([]);
  if (refusal !== null) throw refusal;
  const agreeing: Trial[] = [];
  const more: Odd[] = [];
  for (const trial of others) {
    const error = attempt([trial]);
    if (error === null) agreeing.push(trial);
    else if (error instanceof OnnxError)
      more.push({ sizes: trial.sizes, error: oddAt(error.rule, error.got, undefined, base, trial.sizes) });
  }
  return { agreeing, odd: [...odd, ...more] };
}

/** Whether a file gives what a model does. */
function isAlike(bytes: Uint8Array, inputs: ReadonlyMap<string, Tensor>, { outputs }: Trace): boolean {
  const found = fromOnnx(bytes).model.run(Object.fromEntries(inputs));
  return outputs.every(([name, x]) => {
    const y = found[name]!;
    const [u, v] = [x.values, y.values];
    const isNear = (a: number, b: number): boolean => Object.is(a, b) || Math.abs(a - b) <= 1e-4 * (1 + Math.abs(a));
    return sameShape(x.shape, y.shape) && u.every((a, i) => isNear(a, v[i]!));
  });
}

/** Inputs of some sizes: constant ones, whose elements hardly anybody looks at; or, with a generator, such as tell functions apart. */
function inputsAt(
  specs: readonly (readonly [string, InputSpec])[],
  given: Sizing,
  whole: 0 | 1,
  generator?: Generator,
): Map<string, Tensor> {
  return new Map(
    specs.map(([name, { shape, dtype }]) => {
      const sizes = shape.map((size) => (typeof size === "string" ? given.get(size)! : size));
      const isFloating = dtype === "float32" || dtype === "float64";
      if (generator !== undefined && isFloating) return [name, randn(sizes, { dtype, generator }).mul(4)];
      const values = () => full(sizes, isFloating ? 0.5 : whole, { dtype }).values;
      return [name, new Tensor(values, sizes, dtype)];
    }),
  );
}
