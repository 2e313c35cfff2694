import { powerOfTwo } from "./direction.ts";
import type { Estimate, Precision, Slope } from "./estimate.ts";
import type { Task } from "./task.ts";

/** Estimates a derivative with steps of about a size; null where the domain leaves no room. */
export type Measure = (size: number, variant?: number) => Task<Estimate | null>;

/** Sizes of steps, relative to the input: where to start, and how far to go. Powers of two. */
export interface Sizes {
  readonly start: number;
  readonly least: number;
  readonly most: number;
}

/**
 * Steps that suit a precision: rounding falls with the step, the sixth-order error grows; narrower ones get past kinks.
 *
 * @param ratio - how much smaller the entry is than it might be: it may be moved that much further.
 */
export function sizesOf(isFloat32: boolean, ratio = 1): Sizes {
  const [start, least, most] = isFloat32 ? [2 ** -3, 2 ** -11, 2 ** -1] : [2 ** -7, 2 ** -40, 2 ** -3];
  return { start, least, most: most * (ratio > 1 ? 2 * powerOfTwo(ratio) : 1) };
}

/**
 * The same, to start with steps so wide that rounding stays within a tolerance: each further step is six calls.
 *
 * @param count - of inputs that move; sums of so many terms round by about √n of their unit in float64, and less in float32, where they are
 * mostly added up in float64.
 */
export function wideEnough(sizes: Sizes, { eps, scale, noise }: Precision, count: number, tolerance: number): Sizes {
  const unit = Math.max(eps * scale * (eps > 2 ** -40 ? 1 : Math.sqrt(count)), 3 * noise);
  const least = unit === 0 ? 0 : Math.min(powerOfTwo(Math.min((8 * unit) / tolerance, farthest)) * 2, sizes.most);
  return { ...sizes, start: Math.min(Math.max(sizes.start, least), sizes.most) };
}

/** How many times the widest step a function may be followed that shows nothing but rounding. */
const farthest = 2 ** 20;

/** What a search ended with. */
export interface Found {
  /** `"decided"`: the caller was content; else what the function is like where it could not be. */
  readonly outcome: "decided" | "kink" | "jump" | "undecided" | "outside";
  /** The deciding estimate, else the one with the smallest error bar; null if there is none. */
  readonly estimate: Estimate | null;
}

/**
 * Looks for a step at which a derivative can be decided. Where rounding limits the error bar, wider steps are tried first, then
 * narrower ones; else the other way round: oscillations, edges and kinks nearby all ask for narrower steps. On the way, a kink at x is
 * recognised by two slopes that differ and stay; a kink beside x is stepped in front of.
 *
 * @param decide - whether an estimate is good enough; may measure again.
 * @param wanted - an error bar that would be small enough, to choose the next width by.
 */
export function* search(
  measure: Measure,
  sizes: Sizes,
  decide: (estimate: Estimate) => Task<boolean>,
  wanted: (estimate: Estimate) => number,
): Task<Found> {
  const first = yield* measure(sizes.start);
  if (first === null) return { outcome: "outside", estimate: null };
  if (yield* decide(first)) return { outcome: "decided", estimate: first };
  let best = first;
  let narrowest: Estimate = first;

  const ways = isRounded(first) ? (["wider", "narrower"] as const) : (["narrower", "wider"] as const);
  for (const way of ways) {
    let last = first;
    let size = sizes.start;
    for (;;) {
      if (way === "narrower" || !isRounded(last)) {
        const kink: Found | null = yield* kinkAt(measure, last, sizes, decide);
        if (kink !== null) return kink;
      }
      const before = size;
      if (way === "narrower") size /= 16;
      // Past the widest step, one at a time, as long as f moves, and is smooth but for rounding.
      else if (size >= sizes.most && isRounded(last) && last.swing > 16 * last.floor && size < farthest * sizes.most)
        size *= 16;
      else size = Math.min(size * widening(last, wanted(last)), sizes.most);
      if (size < sizes.least || (way === "wider" && size <= before)) break;
      const next = yield* measure(size);
      if (next === null || (size > sizes.most && next.error >= last.error)) break;
      if (yield* decide(next)) return { outcome: "decided", estimate: next };
      if (next.error < best.error) best = next;
      if (next.asked < narrowest.asked) narrowest = next;
      // Rounding grows as steps shrink, and truncation as they grow: then there is nothing to be found further on.
      if (way === "narrower" ? isRounded(next) : next.error > 4 * last.error && next.error > 4 * best.error) break;
      last = next;
    }
  }
  if (bendOf(narrowest)?.isJump) return { outcome: "jump", estimate: narrowest };
  // The best step may lie between those that were tried.
  for (const size of [best.asked * 4, best.asked / 4]) {
    if (size < sizes.least || size > sizes.most) continue;
    const between = yield* measure(size);
    if (between === null) continue;
    if (yield* decide(between)) return { outcome: "decided", estimate: between };
    if (between.error < best.error) best = between;
  }
  return { outcome: "undecided", estimate: best };
}

/** Whether no narrower step can help. */
export function isRounded({ error, floor }: Estimate): boolean {
  return error <= 4 * floor;
}

/** The factor, a power of 16, that brings an error which falls with the step down to `wanted`. */
function widening({ error }: Estimate, wanted: number): number {
  const ratio = error / wanted;
  return 16 ** (ratio > 16 && ratio < 2 ** 200 ? Math.ceil(Math.log2(ratio) / 4) : 1);
}

/**
 * What two smooth sides with differing slopes or limits mean. Where their lines meet beside x, x is on one side of a kink, which a
 * step of half that distance does not reach. Where they meet at x, as far as rounding lets one tell, x is at a kink.
 */
function* kinkAt(
  measure: Measure,
  estimate: Estimate,
  sizes: Sizes,
  decide: (estimate: Estimate) => Task<boolean>,
): Task<Found | null> {
  const bend = bendOf(estimate);
  if (bend === null) return null;
  if (bend.distance > 4 * bend.resolution && bend.distance < estimate.size) {
    const near = powerOfTwo(bend.distance / 2);
    if (near < sizes.least) return { outcome: "kink", estimate };
    const beside = yield* measure(near);
    if (beside === null) return null;
    if (yield* decide(beside)) return { outcome: "decided", estimate: beside };
    if (!isRounded(beside)) return null;
    // Where the slope in front of it is told apart from those on both sides, or is known far better than they, x is not at the kink, if there is any.
    const [left, right] = estimate.sides!;
    const isApart = [left, right].every(
      ({ value, error }) => Math.abs(value - beside.value) > 4 * (error + beside.error),
    );
    const isKnown = 16 * beside.error <= Math.max(left.error, right.error);
    if (isApart || isKnown) return null;
  }
  const closer = yield* measure(estimate.asked / 16);
  if (closer === null) return null;
  const again = bendOf(closer);
  if (again === null) return null;
  if (bend.isJump || again.isJump) return null; // at x or beside it: the narrowest steps tell
  if (!closer.sides!.every((side, k) => agree(side, estimate.sides![k]!))) return null;
  // To steps that are a multiple of its period, a wave may look like two lines.
  for (const variant of [1, 2]) {
    const other = yield* measure(estimate.asked, variant);
    if (other === null || bendOf(other) === null) return null;
    if (!other.sides!.every((side, k) => agree(side, estimate.sides![k]!))) return null;
  }
  // A corner that is rounded off shows as one in the shortest steps that can show it.
  const shortest = powerOfTwo(Math.max(256 * bend.resolution, 16 * bend.distance) * (closer.asked / closer.size));
  const nearest = shortest < closer.asked / 16 ? yield* measure(Math.max(shortest, sizes.least)) : closer;
  if (nearest !== null && bendOf(nearest) === null) return null;
  return { outcome: "kink", estimate: closer.error < estimate.error ? closer : estimate };
}

interface Bend {
  /** How far from x the lines of the two sides meet, relative to the input. */
  readonly distance: number;
  /** The least distance that rounding lets one see. */
  readonly resolution: number;
  /** The difference of the limits. */
  readonly gap: number;
  readonly isJump: boolean;
}

function bendOf({ sides, size, floor }: Estimate): Bend | null {
  if (sides === null) return null;
  const [left, right] = sides;
  const turn = right.value - left.value;
  const turns = Math.abs(turn) > 4 * (left.error + right.error);
  const gap = right.limit - left.limit;
  const least = 4 * floor * size;
  const isSmooth = left.error + right.error < Math.abs(gap) / size;
  if (Math.abs(gap) > 8 * least && isSmooth && Math.abs(gap) > Math.abs(turn) * size) {
    return { distance: 0, resolution: 0, gap, isJump: true };
  }
  if (!turns) return null;
  return { distance: Math.abs(gap / turn), resolution: least / Math.abs(turn), gap, isJump: false };
}

function agree(a: Slope, b: Slope): boolean {
  return Math.abs(a.value - b.value) <= 2 * (a.error + b.error);
}
