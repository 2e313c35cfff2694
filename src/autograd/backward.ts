import { apply, checkTensor } from "../core/apply.ts";
import { GradError, textOf, ValueError } from "../core/errors.ts";
import { refuseFrozen } from "../core/foreign.ts";
import { Saved, type Vjp } from "../core/op.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { isTensor, runtime, withRecording } from "../core/runtime.ts";
import { describe, formatShape, sameShape } from "../core/shape.ts";
import { add } from "../ops/add.ts";
import { alias } from "../ops/reshape.ts";
import { placeSumOp, sliceOp, type Window } from "../ops/slice.ts";
import { onesLike } from "../ops/zerosLike.ts";
import type { GradHook, Tensor } from "../tensor.ts";

/** The graph behind some roots, flattened: inputs stand before what is computed from them. */
interface Plan {
  readonly order: readonly Tensor[];
  /** For each tensor in order, and each of its inputs, the input's place in `order`, or −1 where no gradient goes. */
  readonly edges: readonly number[];
}

/**
 * Lists the graph in topological order by a depth-first walk with a stack of its own, so that a chain of a million ops does not
 * overflow the engine's. Marks tensors instead of hashing them; no user code runs while the marks are in use, so that a backward
 * inside a hook cannot disturb them.
 */
function plan(roots: readonly Tensor[]): Plan {
  const run = ++runtime.runs;
  const order: Tensor[] = [];
  const edges: number[] = [];
  const stack: Tensor[] = [];
  const cursor: number[] = []; // next input to visit, per stacked tensor
  for (const root of roots) {
    if (root.mark === run) continue;
    refuseFrozen("backward", root);
    root.mark = run;
    stack.push(root);
    cursor.push(0);
    while (stack.length > 0) {
      const top = stack.length - 1;
      const y = stack[top]!;
      const next = cursor[top]!;
      if (next < y.inputs.length) {
        cursor[top] = next + 1;
        const x = y.inputs[next]!;
        if (x.requiresGrad && x.mark !== run) {
          refuseFrozen("backward", x);
          x.mark = run;
          stack.push(x);
          cursor.push(0);
        }
      } else {
        stack.pop();
        cursor.pop();
        for (let i = 0; i < y.inputs.length; i++) {
          const x = y.inputs[i]!;
          edges.push(x.requiresGrad ? x.slot : -1);
        }
        y.slot = order.length;
        order.push(y);
      }
    }
  }
  return { order, edges };
}

function ruleOf(y: Tensor, i: number): Vjp | null {
  const vjp = y.op?.vjp;
  const rule = typeof vjp === "object" ? vjp[i] : vjp;
  return typeof rule === "function" ? rule : null;
}

/** Drops the edges that lead to none of the `wanted` tensors, so that no cotangent is computed in vain. */
function prune({ order, edges }: Plan, wanted: ReadonlySet<Tensor>): number[] {
  const reaches: boolean[] = [];
  let e = 0;
  return order.flatMap((y) => {
    const kept = y.inputs.map((_, i) => {
      const slot = edges[e + i]!;
      return slot >= 0 && reaches[slot]! ? slot : -1;
    });
    e += y.inputs.length;
    reaches.push(wanted.has(y) || kept.some((slot) => slot >= 0));
    return kept;
  });
}

/**
 * Carries cotangents from the roots to the leaves, each tensor being visited once, when its cotangent is complete.
 *
 * @param visit - called with each tensor and its complete cotangent, results before their inputs.
 */
function propagate(
  { order, edges }: Plan,
  roots: readonly Tensor[],
  cotangents: readonly Tensor[],
  createGraph: boolean,
  visit: (x: Tensor, g: Tensor) => void,
): void {
  const pending = new Array<Tensor | null>(order.length).fill(null);
  // Cotangents of slices, to be added at once: for each slice a tensor as large as what it was cut from would make loops over rows quadratic.
  const parts = new Array<{ readonly cotangents: Tensor[]; readonly windows: Window[] } | undefined>(order.length);
  const take = (slot: number): Tensor | null => {
    const [g, added] = [pending[slot]!, parts[slot]];
    pending[slot] = null;
    parts[slot] = undefined;
    return added === undefined ? g : apply(placeSumOp, [g, ...added.cotangents], added.windows);
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
  const pull = (y: Tensor, g: Tensor, e: number): void => {
    for (let i = 0; i < y.inputs.length; i++) {
      const slot = edges[e + i]!;
      const rule = slot < 0 ? null : ruleOf(y, i);
      if (rule === null) continue;
      if (y.op === (sliceOp as unknown) && pending[slot] && runtime.tracer === null) {
        parts[slot] ??= { cotangents: [], windows: [] };
        parts[slot].cotangents.push(g);
        parts[slot].windows.push(y.attrs as Window);
        continue;
      }
      const saved = new Saved(y, g, i);
      send(y, i, slot, runtime.tracer?.rule === undefined ? rule(saved) : runtime.tracer.rule(rule, saved));
    }
  };
  // Results of one call of a compiled function wait for each other, until something that they were computed from is due; leaves are due last.
  const waiting: Family[] = [];
  const goOn = ({ ys, gs, starts }: Family): void => {
    const found = ys[0]!.op!.together!(ys, gs);
    ys.forEach((y, m) => {
      if (found === null) pull(y, gs[m]!, starts[m]!);
      else found[m]!.forEach((gx, i) => gx && edges[starts[m]! + i]! >= 0 && send(y, i, edges[starts[m]! + i]!, gx));
    });
  };
  const leaves: number[] = [];
  withRecording(createGraph, () => {
    const come = (k: number): Tensor | null => {
      let g = take(k);
      if (!g) return null;
      for (const hook of order[k]!.hooks) g = runHook(hook, order[k]!, g);
      visit(order[k]!, g);
      return g;
    };
    let e = edges.length;
    for (let k = order.length - 1; k >= 0; k--) {
      const y = order[k]!;
      e -= y.inputs.length;
      for (let i = waiting.length - 1; i >= 0; i--) if (waiting[i]!.until === k) goOn(waiting.splice(i, 1)[0]!);
      if (y.op === null) leaves.push(k);
      else {
        const g = come(k);
        if (!g) continue;
        if (y.op.together === undefined || createGraph || runtime.tracer !== null) {
          pull(y, g, e);
          continue;
        }
        let family = waiting.find(({ call }) => call === y.attrs);
        if (family === undefined) {
          family = { call: y.attrs, ys: [], gs: [], starts: [], until: -1 };
          waiting.push(family);
        }
        family.ys.push(y);
        family.gs.push(g);
        family.starts.push(e);
        for (const slot of edges.slice(e, e + y.inputs.length)) {
          if (slot > family.until && order[slot]!.op !== null) family.until = slot;
        }
      }
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
  /** Where their edges begin. */
  readonly starts: number[];
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
  checkTensor(op, g, which);
  if (!sameShape(g.sizes, x.sizes) || g.dtype !== x.dtype) {
    throw new GradError(op, rule, `${describe(g)} for ${describe(x)}`);
  }
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
  /** Record the backward pass itself, so that gradients can be differentiated again; false by default. */
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
    const kept = "leave it out: nothing is freed, so that backward may run again";
    const hint = /retain/i.test(Object.keys(cotangent as unknown as object).join())
      ? kept
      : "options come second: backward(undefined, { createGraph: true })";
    throw new GradError("backward", "the cotangent must be a tensor", textOf(cotangent), hint);
  }
  if (cotangent === undefined && !createGraph && runtime.tracer === null && root.op?.backward?.(root)) return;
  const g = seed("backward", root, cotangent);
  const found: [Tensor, Tensor][] = [];
  propagate(plan([root]), [root], [g], createGraph, (x, gx) => {
    if (x.op === null || x.retainsGrad) found.push([x, gx]);
  });
  const sums = withRecording(createGraph, () =>
    found.map(([x, gx]) => (x.grad === null ? alias(gx) : add(x.grad, gx))),
  );
  found.forEach(([x], i) => {
    x.grad = sums[i]!;
  });
}

/** Refuses what is no array, where tensors are taken in one. */
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
  inputs: T,
  options: GradientsOptions & { readonly allowUnused: true },
): { [K in keyof T]: Tensor | null };
export function gradients<const T extends readonly Tensor[]>(
  outputs: Tensor | readonly Tensor[],
  inputs: T,
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
  const roots = Array.isArray(outputs) ? (outputs as readonly Tensor[]) : [outputs as Tensor];
  roots.forEach((root, i) => checkTensor("gradients", root, `output ${i}`));
  checkList("gradients", "inputs", inputs, "gradients(y, [x])");
  inputs.forEach((x, i) => checkTensor("gradients", x, `input ${i}`));
  if (cotangents !== undefined) checkList("gradients", "cotangents", cotangents, "{ cotangents: [g] }");
  if (cotangents !== undefined && cotangents.length !== roots.length) {
    throw new GradError("gradients", "one cotangent per output", `${cotangents.length} for ${roots.length}`);
  }
  const seeds = roots.map((root, i) => seed("gradients", root, cotangents?.[i]));
  const whole = plan(roots);
  const wanted = new Map<Tensor, Tensor | null>(inputs.map((x) => [x, null]));
  const edges = prune(whole, new Set(wanted.keys()));
  propagate({ order: whole.order, edges }, roots, seeds, createGraph, (x, g) => {
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
