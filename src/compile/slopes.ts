import { gradients } from "../autograd/backward.ts";
import { zerosLike } from "../ops/zerosLike.ts";
import type { Tensor } from "../tensor.ts";
import type { Origin } from "./derivative.ts";
import type { Id } from "./ir/kind.ts";
import { residualsOf, type Wanted } from "./residuals.ts";
import type { Recording, Refusal } from "./trace.ts";

/** The gradients of some results, in the graph beyond the function. */
export interface Slope extends Wanted {
  readonly cotangents: readonly Id[];
  /** Whose gradients they are. */
  readonly sources: readonly number[];
  readonly refusals: readonly Refusal[];
}

/** What a program must know of backward. */
export interface Slopes {
  /** By the numbers of the results. */
  readonly of: ReadonlyMap<string, Slope>;
  /** What was asked for: the numbers of a result, or of several whose gradients are added, as `"0,2"`. */
  readonly tried: ReadonlySet<string>;
  /** Nodes that the function's program saves for them. */
  readonly saved: readonly Id[];
  /** How many checks are the function's own. */
  readonly checks: number;
}

/**
 * Adds the gradients of some results to the graph of a function, as if it had computed them at its end, and chooses what its program is to save for them. Results whose gradients
 * cannot be had in this way have none here: backward then computes all from the leaves, or throws what is to be thrown.
 */
export function slopesOf(
  recording: Recording<unknown>,
  results: readonly Tensor[],
  origins: readonly (Origin | null)[],
  tried: ReadonlySet<string>,
): Slopes {
  const { builder, sources } = recording;
  const [mark, first, checks] = [builder.nodes.length, sources.length, builder.checks.length];
  const all = [...tried].flatMap((key) => {
    const numbers = key.split(",").map(Number);
    const own = numbers.flatMap((i) => (origins[i]?.hasRule ? [origins[i]] : []));
    const slope = own.length < numbers.length ? null : slopeOf(recording, numbers.map((i) => results[i]!), own); // biome-ignore format: one line
    return slope === null ? [] : [[key, slope] as const];
  });
  // What a rule draws, it draws when it runs.
  const isSound = sources.slice(first).every(({ source: { kind } }) => kind === "tensor" || kind === "cotangent");
  const of = new Map(isSound ? all : []);
  const sourceAt = new Map(sources.map(({ leaf }, number) => [leaf?.id, number]));
  const kindOf = (leaf: Id): string => sources[sourceAt.get(leaf)!]!.source.kind;
  const isHeld = (leaf: Id): boolean =>
    (kindOf(leaf) === "argument" || kindOf(leaf) === "tensor") && !recording.isOverwritten(sourceAt.get(leaf)!);
  const isCotangent = (leaf: Id): boolean => kindOf(leaf) === "cotangent";
  const saved = residualsOf({ nodes: builder.nodes, mark, isHeld, isCotangent }, [...of.values()]);
  return { of, tried, saved, checks };
}

function slopeOf(recording: Recording<unknown>, ys: readonly Tensor[], origins: readonly Origin[]): Slope | null {
  const { builder, refusals } = recording;
  const checks = builder.checks.length;
  const cotangents = ys.map(recording.cotangentOf);
  const sources = [
    ...new Set(origins.flatMap((origin) => origin.sources.filter((_, i) => origin.isDifferentiable[i]))),
  ];
  const leaves = sources.map(recording.seenAs);
  try {
    return recording.beyond(() => {
      const found = withoutPast(leaves, () => gradients(ys, leaves, { cotangents, allowUnused: true }));
      // What the function has checked already, need not be checked again.
      const before = new Set(builder.checks.slice(0, checks).map(({ bad }) => bad));
      const added = builder.checks.flatMap(({ bad }, i) => (i < checks || before.has(bad) ? [] : [i]));
      return {
        outputs: found.map((gx, i) => recording.valueOf(gx ?? zerosLike(leaves[i]!)).id),
        sources,
        cotangents: cotangents.map((g) => recording.valueOf(g).id),
        checks: added.map((i) => builder.checks[i]!),
        refusals: added.map((i) => refusals[i]!),
      };
    });
  } catch {
    return null; // a rule throws, or cannot be compiled: backward runs into it, too, if it is asked for
  }
}

/** Runs `fn` while tensors have no hooks, which are called outside, and are results of nothing. */
function withoutPast<T>(tensors: readonly Tensor[], fn: () => T): T {
  const before = tensors.map(({ hooks, inputs, tracked }) => ({ hooks, inputs, tracked }));
  for (const x of tensors) Object.assign(x, { hooks: [], inputs: [], tracked: true });
  try {
    return fn();
  } finally {
    for (const [i, x] of tensors.entries()) Object.assign(x, before[i]);
  }
}
