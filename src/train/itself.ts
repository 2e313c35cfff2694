import { compile } from "../compile/compile.ts";
import { bce, bceWithLogits } from "../loss/bce.ts";
import { crossEntropy } from "../loss/crossEntropy.ts";
import { gaussianNll } from "../loss/gaussianNll.ts";
import { hinge, hingeEmbedding } from "../loss/hinge.ts";
import { huber, smoothL1 } from "../loss/huber.ts";
import { klDiv } from "../loss/klDiv.ts";
import { l1 } from "../loss/l1.ts";
import { mse } from "../loss/mse.ts";
import { nll } from "../loss/nll.ts";
import { poissonNll } from "../loss/poissonNll.ts";
import { ownFunctions } from "../model/own.ts";
import type { Layer } from "../nn/layer.ts";
import { isLayer, isPlain, walk } from "../nn/reflect.ts";
import { mul } from "../ops/mul.ts";
import { Tensor } from "../tensor.ts";
import type { Evaluated } from "./evaluate.ts";
import type { SteppingOptimizer, StepResult } from "./step.ts";
import { makeReplaced } from "./written.ts";

// What `fit` imports when there is something to compile that nobody has asked to compile: none of it is in the bundle that begins.

/** Why there is nothing to compile with; null if there is. */
export function obstacle(): string | null {
  try {
    compile((x: Tensor) => mul(x, 2))(new Tensor(Float32Array.of(1), [1], "float32"));
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** So many recordings for batches of new shapes in a row are one too many: as many programs are kept. */
const mostShapes = 16;

/**
 * Compiles a step, and tells when that costs more than it saves: when nearly each call needs a program of its own, since batches have ever new shapes, or a setting such as `p` of a {@link Dropout} is set again and again.
 *
 * @param tell - given the reason; called after a step.
 */
export function compileWatched<A extends readonly Tensor[], R extends Tensor | StepResult | Evaluated>(
  step: (...args: A) => R,
  tell: (reason: string) => void,
): (...args: A) => R {
  const shapes = new Set<string>();
  let [isRecorded, waste] = [false, 0];
  const compiled = compile((...args: A): R => {
    isRecorded = true;
    return step(...args);
  });
  return (...args) => {
    isRecorded = false;
    const result = compiled(...args);
    if (!isRecorded) {
      waste = Math.max(0, waste - 1 / 4);
      return result;
    }
    const key = args.map(({ sizes }) => sizes.join()).join(";");
    waste += shapes.has(key) ? 3 : 1;
    shapes.add(key);
    if (waste > mostShapes) tell("nearly each step needed a separate program, for other shapes or settings");
    return result;
  };
}

const losses = (): Set<unknown> =>
  new Set([
    ...[bce, bceWithLogits, crossEntropy, gaussianNll, hinge, hingeEmbedding, huber, klDiv, l1, mse, nll, poissonNll],
    smoothL1,
  ]);

/**
 * Finds what is not the library's own in what a step runs: it may read a number that a replay would not read again. Whatever is not sure to be the library's is named, so a mistake costs time, and
 * never a result.
 *
 * @returns what it is, or null.
 */
export function makeForeign(): (model: Layer, loss: unknown, optimizer: SteppingOptimizer) => string | null {
  const [known, functions] = [losses(), new Set<unknown>(ownFunctions().values())];
  const replacedIn = makeReplaced();
  let remembered: readonly unknown[] | undefined;
  return (model, loss, optimizer) => {
    if (!known.has(loss)) return `the loss is not one of the library's (${nameOf(loss)})`;
    if (!isPlainInstance(optimizer)) return `the optimizer is not one of the library's (${nameOf(optimizer.constructor)})`; // biome-ignore format: one line
    const prototypes = new Set<object>([Tensor.prototype, Object.getPrototypeOf(optimizer)]);
    for (const [path, member] of walk(model)) {
      const place = path === "" ? "the model" : path;
      if (!isLayer(member)) {
        if (member.hooks.length > 0) return `${place} has a hook`;
      } else {
        if (!isPlainInstance(member)) return `${place} is not one of the library's layers (${member.describe()})`;
        const fn = functionIn(Object.values(member), functions);
        if (fn !== null) return `${place} is not one of the library's functions (${nameOf(fn)})`;
        prototypes.add(Object.getPrototypeOf(member));
      }
    }
    const replaced = replacedIn(prototypes);
    if (replaced !== null) return `${replaced} was replaced`;
    // A replay writes to the tensors that there were at the recording.
    const state = [...(optimizer.state ?? [])].flatMap(([p, own]) => [p, ...Object.values(own)]);
    remembered ??= state;
    const isSame = state.length === remembered.length && state.every((x, i) => x === remembered![i]);
    return isSame ? null : "tensors in the optimizer's state were replaced";
  };
}

/** Whether an object is of one of the library's classes themselves, and none of its methods was replaced. */
function isPlainInstance(x: object): boolean {
  const prototype: object = Object.getPrototypeOf(x);
  if (!Object.hasOwn(prototype.constructor, "isOwn") || prototype.constructor.prototype !== prototype) return false;
  return Reflect.ownKeys(x).every((key) => {
    const { value, get } = Object.getOwnPropertyDescriptor(x, key)!;
    const isCode = typeof value === "function" || get !== undefined;
    return !isCode || !(key in prototype);
  });
}

/** A function in fields, or in lists and objects there, that is none of those known. */
function functionIn(values: readonly unknown[], known: ReadonlySet<unknown>, depth = 4): unknown {
  for (const value of values) {
    if (typeof value === "function" && !known.has(value)) return value;
    const isInside = depth > 0 && (Array.isArray(value) || isPlain(value));
    const found = isInside ? functionIn(Object.values(value), known, depth - 1) : null;
    if (found !== null) return found;
  }
  return null;
}

function nameOf(fn: unknown): string {
  const { name } = fn as { readonly name: string };
  return name === "" ? "an anonymous function" : name;
}
