import { apply, checkTensor } from "../core/apply.ts";
import { GradError, textOf, ValueError } from "../core/errors.ts";
import { refuseFrozen } from "../core/foreign.ts";
import { Saved, type Vjp } from "../core/op.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { isTensor, runtime, withRecording } from "../core/runtime.ts";
import { describe, formatShape, sameShape } from "../core/shape.ts";
import type { Spread } from "../core/shapeTypes.ts";
import { refuseMore } from "../core/surplus.ts";
import { add } from "../ops/add.ts";
import { alias } from "../ops/reshape.ts";
import { placeSumOp, sliceOp, type Window } from "../ops/slice.ts";
import { onesLike } from "../ops/zerosLike.ts";
import type { GradHook, Tensor } from "../tensor.ts";

/**
 * Lists the graph behind some roots in topological order, inputs before what is computed from them, by a depth-first walk with a stack of its own, so a chain of a million
 * ops does not overflow the engine's. Marks tensors with the run and their place instead of hashing them.
 */
function plan(roots: readonly Tensor[]): Tensor[] {
  const run = ++runtime.runs;
  const order: Tensor[] = [];
  const stack: Tensor[] = [];
  const enter = (x: Tensor): void => {
    try {
      x.mark = run;
      x.slot = 0; // on the stack, the next input to visit
    } catch (error) {
      refuseFrozen("backward", x);
      throw error;
    }
    if (x.mark !== run) refuseFrozen("backward", x); // outside of strict mode, nothing is thrown
    stack.push(x);
  };
  for (const root of roots) {
    if (root.mark === run) continue;
    enter(root);
    while (stack.length > 0) {
      const y = stack[stack.length - 1]!;
      if (y.slot < y.inputs.length) {
        const x = y.inputs[y.slot++]!;
        if (x.mark !== run && x.requiresGrad) enter(x);
      } else {
        stack.pop();
        y.slot = order.length;
        order.push(y);
      }
    }
  }
  return order;
}

function ruleOf(y: Tensor, i: number): Vjp | null {
  const vjp = y.op?.vjp;
  const rule = typeof vjp === "object" ? vjp[i] : vjp;
  return typeof rule === "function" ? rule : null;
}

/** Which tensors of a plan that was just made lead to one that is `wanted`: a cotangent of any other would be computed in vain. */
function reaching(order: readonly Tensor[], wanted: ReadonlySet<Tensor>): boolean[] {
  const { runs } = runtime;
  const reaches: boolean[] = [];
  for (const y of order) reaches.push(wanted.has(y) || y.inputs.some((x) => x.mark === runs && reaches[x.slot]));
  return reaches;
}

/**
 * Carries cotangents from the roots to the leaves, each tensor being visited once, when its cotangent is complete.
 *
 * @param order - the plan.
 * @param reaches - which tensors of it cotangents go to; null for all.
 * @param visit - called with each tensor and its complete cotangent, results before their inputs.
 */
function propagate(
  order: readonly Tensor[],
  reaches: readonly boolean[] | null,
  roots: readonly Tensor[],
  cotangents: readonly Tensor[],
  createGraph: boolean,
  visit: (x: Tensor, g: Tensor) => void,
): void {
  let run = runtime.runs;
  /** A tensor's place in the order, or −1 where no gradient goes. */
  const placeOf = (x: Tensor): number => {
    if (run !== runtime.runs) {
      // A hook or a rule has run another backward pass, which has set marks of its own.
      run = ++runtime.runs;
      order.forEach((y, k) => {
        y.mark = run;
        y.slot = k;
      });
    }
    return x.mark === run && (reaches === null || reaches[x.slot]!) ? x.slot : -1;
  };
  const pending = new Array<Tensor | null | undefined>(order.length);
  // Cotangents of slices, to be added at once: for each slice a tensor as large as what it was cut from would make loops over rows quadratic.
  const parts = new Map<number, { readonly cotangents: Tensor[]; readonly windows: Window[] }>();
  const take = (slot: number): Tensor | null | undefined => {
    const g = pending[slot];
    pending[slot] = null;
    const added = parts.size === 0 ? undefined : parts.get(slot);
    if (added === undefined) return g;
    parts.delete(slot);
    return apply(placeSumOp, [g!, ...added.cotangents], added.windows);
  };
  roots.forEach((root, i) => {
    const before = pending[root.slot];
    pending[root.slot] = before ? add(before, cotangents[i]!) : cotangents[i]!;
  });
  const send = (y: Tensor, i: number, slot: number, gx: Tensor): void => {
    checkFits(y.op!.name, "a vjp must fit its input", gx, y.inputs[i]!);
    const before = take(slot);
    pending[slot] = before ? add(before, gx) : gx;
  };
  const pull = (y: Tensor, g: Tensor): void => {
    for (let i = 0; i < y.inputs.length; i++) {
      const slot = placeOf(y.inputs[i]!);
      const rule = slot < 0 ? null : ruleOf(y, i);
      if (rule === null) continue;
      const saved = new Saved(y, g, i);
      if (y.op === (sliceOp as unknown) && pending[slot]) {
        runtime.tracer?.rule?.(() => g, saved);
        const added = parts.get(slot) ?? { cotangents: [], windows: [] };
        parts.set(slot, added);
        added.cotangents.push(g);
        added.windows.push(y.attrs as Window);
        continue;
      }
      send(y, i, slot, runtime.tracer?.rule === undefined ? rule(saved) : runtime.tracer.rule(rule, saved));
    }
  };
  // Results of one call of a compiled function wait for each other, until something that they were computed from is due; leaves are due last.
  const waiting: Family[] = [];
  const goOn = ({ ys, gs }: Family): void => {
    const found = ys[0]!.op!.together!(ys, gs);
    ys.forEach((y, m) => {
      if (found === null) pull(y, gs[m]!);
      else {
        found[m]!.forEach((gx, i) => {
          const slot = gx === null ? -1 : placeOf(y.inputs[i]!);
          if (slot >= 0) send(y, i, slot, gx!);
        });
      }
    });
  };
  const leaves: number[] = [];
  const come = (k: number): Tensor | null | undefined => {
    let g = take(k);
    if (!g) return g;
    const x = order[k]!;
    if (x.hooks.length > 0) for (const hook of x.hooks) g = runHook(hook, x, g);
    visit(x, g);
    return g;
  };
  withRecording(createGraph, () => {
    for (let k = order.length - 1; k >= 0; k--) {
      const y = order[k]!;
      for (let i = waiting.length - 1; i >= 0; i--) if (waiting[i]!.until === k) goOn(waiting.splice(i, 1)[0]!);
      if (y.op === null) {
        leaves.push(k);
        continue;
      }
      const g = come(k);
      if (!g) continue;
      if (y.op.together === undefined || createGraph || runtime.tracer !== null) {
        pull(y, g);
        continue;
      }
      let family = waiting.find(({ call }) => call === y.attrs);
      if (family === undefined) {
        family = { call: y.attrs, ys: [], gs: [], until: -1 };
        waiting.push(family);
      }
      family.ys.push(y);
      family.gs.push(g);
      for (const x of y.inputs) if (x.op !== null) family.until = Math.max(family.until, placeOf(x));
    }
    waiting.forEach(goOn);
    leaves.forEach(come);
  });
}

/** Results of one call of a compiled function. */
interface Family {
  readonly call: unknown;
  readonly ys: Tensor[];
  readonly gs: Tensor[];
  /** The place of the first of their inputs that is due. */
  until: number;
}

function runHook(hook: GradHook, y: Tensor, g: Tensor): Tensor {
  const replaced = hook(g);
  if (replaced === undefined) return g;
  checkFits("hook", "must keep shape and dtype", replaced, y);
  return replaced;
}

/** Refuses a gradient without its tensor's shape and dtype: it would broadcast into a wrong one. */
export function checkFits(op: string, rule: string, g: Tensor, x: Tensor, which?: string): void {
  if (isTensor(g) && g.dtype === x.dtype && sameShape(g.sizes, x.sizes)) return;
  checkTensor(op, g, which);
  throw new GradError(op, rule, `${describe(g)} for ${describe(x)}`);
}

/** The cotangent of a root: the one given, checked, or 1 for a root with one element. */
function seed(name: string, root: Tensor, cotangent: Tensor | undefined): Tensor {
  if (!root.requiresGrad) {
    throw new GradError(
      name,
      "the root has no gradient",
      describe(root),
      "set requiresGrad, or look for detach() and noGrad()",
    );
  }
  if (cotangent === undefined) {
    if (root.size !== 1) {
      throw new GradError(name, "must have one element", describe(root), "reduce it, or pass a cotangent");
    }
    return onesLike(root);
  }
  checkFits(name, "a cotangent must fit the root", cotangent, root, "the cotangent");
  return cotangent;
}

/** Options of a backward pass. */
export interface BackwardOptions {
  /** Record the backward pass itself, so gradients can be differentiated again; false by default. */
  readonly createGraph?: boolean;
}

/** @internal */
export const backwardOptions: OptionKinds<BackwardOptions> = { createGraph: "boolean" };

/** What PyTorch calls options of derivatives. */
const names = { retainGraph: "nothing is freed: backward may run again", gradOutputs: "cotangents" };

/** What `Tensor.backward` does: adds ∂root/∂leaf to `grad` of every leaf, all of them or, if anything fails, none. */
export function backward(root: Tensor, cotangent: Tensor | undefined, options: BackwardOptions | undefined): void {
  const { createGraph = false } = checkOptions("backward", options, backwardOptions, { names });
  if (Object.prototype.toString.call(cotangent) === "[object Object]" && !isTensor(cotangent)) {
    const kept = "leave it out: nothing is freed, so backward may run again";
    const hint = /retain/i.test(Object.keys(cotangent as unknown as object).join())
      ? kept
      : "options come second: backward(undefined, { createGraph: true })";
    throw new GradError("backward", "the cotangent must be a tensor", textOf(cotangent), hint);
  }
  if (cotangent === undefined && !createGraph && runtime.tracer === null && root.op?.backward?.(root)) return;
  const g = seed("backward", root, cotangent);
  const found: [Tensor, Tensor][] = [];
  propagate(plan([root]), null, [root], [g], createGraph, (x, gx) => {
    if (x.op === null || x.retainsGrad) found.push([x, gx]);
  });
  const sums = withRecording(createGraph, () =>
    found.map(([x, gx]) => (x.grad === null ? alias(gx) : add(x.grad, gx))),
  );
  found.forEach(([x], i) => {
    x.grad = sums[i]!;
  });
}

/** Refuses what is not an array, where tensors are taken in one. */
export function checkList(op: string, name: string, list: readonly Tensor[], call: string): void {
  if (!Array.isArray(list))
    throw new ValueError(op, `${name} must be an array of tensors`, textOf(list), `write ${call}`);
}

/** Options of {@link gradients}. */
export interface GradientsOptions extends BackwardOptions {
  /** Cotangents of the outputs, of their shapes; may be left out for outputs with one element. */
  readonly cotangents?: readonly Tensor[];
  /** Give null for an input that the outputs do not depend on, instead of an error; false by default. */
  readonly allowUnused?: boolean;
}

const gradientsOptions: OptionKinds<GradientsOptions> = {
  createGraph: "boolean",
  cotangents: "any",
  allowUnused: "boolean",
};

/**
 * Gradients of outputs with respect to chosen inputs (leaves or results), as values: no `.grad` is touched. With
 * several outputs, their contributions are added.
 *
 * @param outputs - a tensor or several; each needs one element unless `cotangents` are given.
 * @param inputs - the tensors to differentiate with respect to.
 * @param options - `cotangents`, `createGraph`, `allowUnused`.
 * @returns one gradient per input, of its shape and dtype.
 * @throws {@link GradError} if an output has no gradient, is not a scalar and has no cotangent, or does not depend on an input.
 * @example
 * const x = tensor(3, { requiresGrad: true });
 * const [dx] = gradients(x.mul(x), [x], { createGraph: true });
 * const [ddx] = gradients(dx, [x]);
 * [dx.item(), ddx.item()]; // → [6, 2]
 */
export function gradients<const T extends readonly Tensor[]>(
  outputs: Tensor | readonly Tensor[],
  inputs: Spread<T, Tensor>,
  options: GradientsOptions & { readonly allowUnused: true },
): { [K in keyof T]: Tensor | null };
export function gradients<const T extends readonly Tensor[]>(
  outputs: Tensor | readonly Tensor[],
  inputs: Spread<T, Tensor>,
  options?: GradientsOptions,
): { [K in keyof T]: Tensor };
export function gradients(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options?: GradientsOptions,
): (Tensor | null)[] {
  const {
    cotangents,
    createGraph = false,
    allowUnused = false,
  } = checkOptions("gradients", options, gradientsOptions, {
    names,
  });
  refuseMore("gradients", arguments, 3);
  const roots = Array.isArray(outputs) ? (outputs as readonly Tensor[]) : [outputs as Tensor];
  roots.forEach((root, i) => checkTensor("gradients", root, `output ${i}`));
  checkList("gradients", "inputs", inputs, "gradients(y, [x])");
  inputs.forEach((x, i) => checkTensor("gradients", x, `input ${i}`));
  if (cotangents !== undefined) checkList("gradients", "cotangents", cotangents, "{ cotangents: [g] }");
  if (cotangents !== undefined && cotangents.length !== roots.length) {
    throw new GradError("gradients", "one cotangent per output", `${cotangents.length} for ${roots.length}`);
  }
  const seeds = roots.map((root, i) => seed("gradients", root, cotangents?.[i]));
  const order = plan(roots);
  const wanted = new Map<Tensor, Tensor | null>(inputs.map((x) => [x, null]));
  propagate(order, reaching(order, new Set(inputs)), roots, seeds, createGraph, (x, g) => {
    if (wanted.has(x)) wanted.set(x, g);
  });
  return inputs.map((x, i) => {
    const g = wanted.get(x) ?? null;
    if (g === null && !allowUnused) {
      throw new GradError(
        "gradients",
        "the outputs do not depend on an input",
        `input ${i} of shape ${formatShape(x.shape)}`,
        "pass allowUnused: true to get null for it",
      );
    }
    return g;
  });
}
