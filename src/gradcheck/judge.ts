import { averaged, Mean, mostEstimates } from "./average.ts";
import { powerOfTwo } from "./direction.ts";
import type { Estimate, Precision, Slope } from "./estimate.ts";
import type { Settings } from "./options.ts";
import { roundings } from "./rounding.ts";
import { type Found, isRounded, type Measure, type Sizes, search } from "./search.ts";
import { type Along, jumpOn, jumpsBeside, type Search } from "./stairs.ts";
import type { Task } from "./task.ts";
import { isTilted } from "./tilt.ts";

/**
 * What a check says of one entry or direction.
 *
 * - `pass`: the gradient is within tolerance of every value within the error bar.
 * - `mismatch`: the gradient is not within tolerance of any value within the error bar.
 * - `kink`: the slopes to the left and to the right differ, or the function jumps.
 * - `noisy`: the error bar is too wide to tell.
 * - `flat`: the function does not move near x, though the gradient is not 0: something inside it rounds the change away, or the
 *   gradient is wrong. It passes below what rounding can hide. Where f is so large that it shows no slope, a gradient of 0 is flat, too.
 * - `nondeterministic`: two calls of the gradient gave different values.
 * - `non-finite`: the gradient is NaN or infinite.
 * - `outside`: the domain leaves no room for a step.
 */
export type Verdict = "pass" | "mismatch" | "kink" | "noisy" | "flat" | "nondeterministic" | "non-finite" | "outside";

/** A count of 0 for each verdict. */
export function noCounts(): Record<Verdict, number> {
  return { pass: 0, mismatch: 0, kink: 0, noisy: 0, flat: 0, nondeterministic: 0, "non-finite": 0, outside: 0 };
}

/** A verdict with its numbers, in the units of the direction. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly ok: boolean;
  readonly estimate: Estimate | null;
  /** The tolerance that was applied. */
  readonly tolerance: number;
  readonly note: string;
}

/** The tolerance for a derivative of a given magnitude, where f moves by `swing` for each step. */
export type Tolerance = (magnitude: number, swing: number) => number;

/** The analytic derivative along the same line at another point of it, so many steps of the input's size from x; null where it is not known. */
export type Beside = (s: number) => Task<number | null>;

/** The function's values: along the line that is judged, and along others. */
export interface Values {
  readonly along: Along;
  /** Lines on which others of the inputs move, with the distances from and to which f may jump there. */
  readonly others: readonly {
    readonly along: Along;
    readonly from: number;
    readonly to: number;
    /** Whether it is the line that is judged, further. */
    readonly isOwn: boolean;
  }[];
  readonly center: number;
  /** Whether f may be searched for jumps once more. */
  readonly isSearched: boolean;
  /** Whether f rounds its own last digit alone, so nothing is hidden inside it. */
  isFine(): Task<boolean>;
}

/** Below this, numbers lose their digits one by one, and nothing can be told. */
const subnormal = 2 ** -960;

/** As {@link roundings}, where f does not move at all, as it should not: a wall nearby may force short steps. */
const roundingsAtRest = 2 ** 26;

/** A function that moves by no more than so many roundings does nothing but round. */
export const restlessness = 64;

/** Where f does not move, a derivative up to so many of the roundings that may be hidden inside f could not have shown. */
const hiddenRoundings = 16;

/** A difference as small as that is an error of the gradient only if it is no small share of it. */
const smallShare = 1e-4;

/** Above so many, one that does not show is wrong, also where one is content with what cannot be told. */
const mostHidden = 2 ** 26;

/** Of a stair's height, the gradient may be off by so many over a distance in which f jumps once. */
const mostStairs = 1024;

/** Higher jumps than so many times what the gradient is off over a step of x's own size are f's own, and no rounding. */
const highestStair = 2 ** 20;

/** What f could have hidden must be no larger a share of what one might expect of it, for a derivative to be taken for 0. */
const leastShown = 2 ** -6;

/** Over steps so much wider than those that would drown in f's rounding, a gradient that is off shows in f. */
const showing = 1024;

/** A jump is looked for in a quarter of a quarter, and so on: along the line that is judged, except in float32, so closely that a wave shows that it is none. */
const divisions = { own: 20, other: 12 };

/** Why a difference is not called wrong that is no larger than what a number inside f may round away. */
const insideF = "rounding inside f can hide such a difference";

/** Why a gradient that is the same beside x is not called wrong where f is next to constant. */
const knownAtXAlone =
  "f is next to constant, and may round a wave away that this gradient belongs to: give the gradient as a function of x, not its value at x alone";

/** The same where f has its slope at x, and not over wider steps. */
const ofRoundings =
  "f has this slope at x for no more than some of its roundings, and then another one: give the gradient as a function of x, not its value at x alone";

/** Up to so many roundings, the noise of f is that of rounding, and as good as random. */
const mostNoise = 16;

/** Roundings and noise of more than this share of f are those of float32. */
const leastOfCoarse = 2 ** -31;

/** Over wide steps, the noise of float32 may be some times what it is over the short ones by which it is measured, and now and then more. */
const limitsOfCoarse = { most: 16, outliers: 1 / 8 };
const limitsOfFine = { most: 4, outliers: 0 };

/** Jumps that are not higher than so many times the noise belong to it. */
const leastOfStairs = 8;

/** So many widths are tried with many estimates each. */
const mostAveraged = 4;

/** The narrowest steps of float32 that are exact. */
const leastOfFloat32 = 2 ** -14;

/** The narrowest steps that move the input by more than a few of its own roundings. */
const narrowest = 2 ** -44;

/**
 * Compares one analytic derivative with what the function shows.
 *
 * @param beside - null if it is known at x alone.
 * @param values - null where an estimate is not of a slope.
 * @param isPatient - whether more than a few estimates of about one width are worth it.
 */
export function* judge(
  measure: Measure,
  analytic: number,
  tolerance: Tolerance,
  sizes: Sizes,
  settings: Settings,
  { eps, isRounded: rounds, noise, statedNoise, hidden, scale, usual }: Precision,
  beside: Beside | null = null,
  values: (() => Values) | null = null,
  isPatient = true,
): Task<Judgement> {
  const magnitudeOf = ({ value }: Estimate): number => Math.max(Math.abs(analytic), Math.abs(value));
  /** Whether f rounds as float32 does: then its stairs are mostly noise, which is measured. */
  const isCoarse = eps > leastOfCoarse || noise > leastOfCoarse * scale;
  const seen: Estimate[] = [];
  // A derivative that is not 0 for sure must be small beside the slopes where it was seen, not beside a wall further on.
  const toleranceAt = (e: Estimate): number => {
    const isNotZero = Math.abs(e.value) > 4 * e.error;
    return tolerance(magnitudeOf(e), isNotZero ? e.swing : Number.POSITIVE_INFINITY);
  };
  const off = ({ value }: Estimate): number => Math.abs(value - analytic);
  const passes = (e: Estimate): boolean => {
    const isStill = e.swing === 0 && e.asked >= sizes.most; // f does not move, however far x does
    return off(e) + e.error <= toleranceAt(e) || (analytic === 0 && isStill && isShown(e));
  };
  /** Whether f shows of a derivative that it is next to nothing, beside what is expected of it and the other entries; not where it is as large as 10¹⁵. */
  const isShown = (e: Estimate): boolean => {
    const others = settings.atol === undefined ? tolerance(0, Number.POSITIVE_INFINITY) / settings.relativeAtol : 0;
    return Math.abs(e.value) + e.error <= leastShown * Math.max(usual, others);
  };
  /** Where no step could tell, derivatives up to this are as good as 0, beside f or what may round inside it. */
  const leastAt = (e: Estimate): number =>
    Math.max((analytic === 0 && e.swing === 0 ? roundingsAtRest : roundings) * eps * e.magnitude, floorOfHidden());
  /** The part of it for roundings inside f; a function that is far smaller than those cannot come from them. */
  const floorOfHidden = (): number => {
    const largest = seen.reduce((most, { magnitude }) => Math.max(most, magnitude), 0);
    return largest > 0 && largest < 2 ** -12 * hidden ? 0 : roundings * hidden;
  };
  const isRounding = (e: Estimate): boolean =>
    off(e) <= 3 * e.error && Math.max(Math.abs(analytic), Math.abs(e.value), e.error) <= leastAt(e);
  // What noise makes of an error bar now and then must not count as an error of the gradient; and where noise leaves f hardly a digit, it
  // may be something else: a slope so steep that the shortest steps do not resolve it.
  const differs = (e: Estimate): boolean =>
    off(e) - 3 * e.error > toleranceAt(e) &&
    noise <= 1e-2 * e.magnitude &&
    magnitudeOf(e) > subnormal &&
    !isTooSteep(e);
  /** Whether a rough f, with this gradient, would move by more over the narrowest steps than it is seen to move at all. */
  const isTooSteep = (e: Estimate): boolean =>
    noise > roundings * eps * e.magnitude && Math.abs(analytic) * sizes.least > e.swing * e.size;
  const judgement = (verdict: Verdict, ok: boolean, estimate: Estimate | null, note = ""): Judgement => ({
    verdict,
    ok,
    estimate,
    tolerance: estimate === null ? tolerance(Math.abs(analytic), 0) : toleranceAt(estimate),
    note,
  });

  /** The tolerance is what the mean had to stay within. */
  const averagedPass = (mean: Estimate): Judgement => {
    const own = judgement("pass", true, mean);
    return passes(mean) ? own : { ...own, tolerance: settings.relativeFloor * magnitudeOf(mean) };
  };

  const undecided = (e: Estimate, note = ""): Judgement =>
    judgement("noisy", settings.inconclusive === "allow", e, note);

  /** A gradient that is next to nothing beside the slopes nearby has the tolerance that 0 has. */
  const nearZero = (): Judgement | null => {
    const slack = (e: Estimate): number => settings.relativeAtol * Math.min(seen[0]!.swing, e.swing);
    const found = seen.find((e) => Math.max(Math.abs(analytic), off(e) + e.error) <= slack(e));
    return settings.atol !== undefined || !found
      ? null
      : { ...judgement("pass", true, found), tolerance: slack(found) };
  };

  /** Whether f moves by no more than rounding over all steps, and the gradient is as small. */
  const isAtRest = (): boolean => {
    const moves = ({ swing, size }: Estimate): number => swing * size;
    // Where terms that are gone were larger, as in 1/x − x/x², so are their roundings: f's noise tells, or that it moves as far over narrow steps.
    const widest = Math.max(...seen.map(({ asked }) => asked));
    const narrow = seen.filter((e) => e.swing > 0 && showing * e.asked <= widest).map(moves);
    const rounding = Math.max(noise, narrow.length > 0 ? Math.min(...narrow) : 0);
    const most = restlessness * Math.max(hidden, Math.min(rounding, (roundings * hidden) / restlessness));
    return Math.abs(analytic) <= floorOfHidden() && seen.every((e) => moves(e) <= most);
  };
  const asSmall = (e: Estimate): Judgement =>
    isShown(e)
      ? { ...judgement("pass", true, e), tolerance: leastAt(e) }
      : undecided(e, "f is so large that it rounds away what the gradient might be");

  /** Whether f shows all of its derivative, since nothing that is larger than f is rounded inside it. */
  const shows = function* (): Task<boolean> {
    return values !== null && (yield* values().isFine());
  };

  /** Where f does not move at all, it can refute nothing: something inside it may have rounded the change away, unless it is seen to round nothing. */
  const still = function* (e: Estimate): Task<Judgement> {
    const effect = Math.abs(analytic);
    const least = Math.max(e.error, toleranceAt(e), subnormal);
    const isHidden = effect <= least || (effect <= hiddenRoundings * hidden && !(yield* shows()));
    const isAllowed = settings.inconclusive === "allow" && effect <= mostHidden * hidden;
    return judgement(
      "flat",
      isHidden || isAllowed,
      e,
      `f does not move near x${isHidden ? ", nor would it show so small a gradient" : ""}`,
    );
  };

  /**
   * The mean of many estimates where rounding limits each, and what it says, if anything: with the widest such steps, or with narrower ones.
   * That a gradient is wrong, the steps of two widths must say, and none that contradicts them; also that it is right, where the noise is more than that of rounding.
   */
  const meanOf = function* (best: Estimate): Task<{ verdict: "pass" | "mismatch"; mean: Estimate } | null> {
    const isRandom = noise <= mostNoise * Math.max(eps * seen[0]!.magnitude, hidden);
    if (statedNoise > 0 || !(isRandom || isCoarse)) return null;
    const mayRefute = isCoarse && (isRandom || off(best) > best.error);
    const limits = isCoarse ? limitsOfCoarse : limitsOfFine;
    const limited = seen
      .filter((e) => e.error <= limits.most * e.floor && e.swing > 0)
      .sort((a, b) => b.asked - a.asked);
    const means = limited
      .slice(0, mostAveraged)
      .map((e) => new Mean(measure, e.asked, Math.max(eps * e.magnitude, noise), limits));
    const closeTo = (e: Estimate): number => settings.relativeFloor * magnitudeOf(e);
    const isFar = (e: Estimate, errors: number): boolean => off(e) - errors * e.error > toleranceAt(e);
    const fits = (a: Estimate, b: Estimate): boolean => Math.abs(a.value - b.value) <= a.error + b.error;
    const suffices = function* (mean: Estimate, count: number) {
      const isClose = (e: Estimate): boolean =>
        passes(e) || (count === mostEstimates && !isFar(e, 1) && off(e) + e.error <= closeTo(e));
      const mayPass = isClose(mean);
      if (mayPass && isRandom) return { verdict: "pass", mean } as const;
      const isWrong =
        mayRefute &&
        isFar(mean, 3) &&
        mean.asked <= sizes.most &&
        !seen.some((e) => e.asked < mean.asked && Math.abs(e.value - mean.value) > 4 * e.error + mean.error);
      if (!mayPass && !isWrong) return null;
      for (const other of means) {
        if (other.asked === mean.asked) continue;
        const second = yield* other.of(count);
        if (second === null) continue;
        if (mayPass && isClose(second)) return { verdict: "pass", mean } as const;
        if (isWrong && fits(second, mean) && isFar(second, 1)) return { verdict: "mismatch", mean } as const;
      }
      return null;
    };
    const wanted = (e: Estimate): number => Math.max(toleranceAt(e), closeTo(e) / 2, mayRefute ? off(e) / 4 : 0);
    return yield* averaged(means, suffices, wanted, isPatient);
  };

  if (!Number.isFinite(analytic)) return judgement("non-finite", false, null);

  /** Whether f has moved by at most so many of its roundings, over all steps. (In float32, it may be the input alone that is rounded, and f exact.) */
  const movesBy = (count: number): boolean =>
    rounds && seen.every(({ swing, size, magnitude }) => swing * size <= count * eps * magnitude);

  /** Steps with another jitter, and narrower ones, must have converged to the same, and to something else than the gradient. */
  const isConfirmed = function* (e: Estimate, share: number): Task<boolean> {
    const agrees = (other: Estimate | null): boolean =>
      other !== null &&
      differs(other) &&
      hasConverged(other, share) &&
      Math.abs(other.value - e.value) <= 2 * (other.error + e.error);
    if (!agrees(yield* measure(e.asked, 1))) return false;
    const closer = yield* measure(e.asked / 16, 2);
    // Where narrower steps make the error grow, though not by rounding, f has structure that wider ones do not see.
    const isRough = closer !== null && closer.error > 2 * e.error && !isRounded(closer);
    if (isRough && off(closer) <= 16 * closer.error) return false;
    // A narrower step that could tell the two apart, and does not: the wide one has skipped an oscillation.
    if (closer !== null && closer.error < off(e) / 2 && off(closer) <= closer.error) return false;
    if (!agrees(closer !== null && closer.error < off(closer) / 2 ? closer : yield* measure(e.asked, 3))) return false;
    // The narrowest steps that rounding lets tell: a ripple may be too fine for all others.
    const finest = Math.max(powerOfTwo((32 * e.floor * e.asked) / off(e)), sizes.least);
    const narrow = finest < e.asked / 16 ? yield* measure(finest, 4) : null;
    const isFollowed = narrow !== null && narrow.swing > 0 && narrow.error <= off(e) / 2;
    if (isFollowed && off(narrow) <= 2 * narrow.error) return false;
    if (noise <= 64 * eps * e.magnitude) return true;
    // A fine ripple passes for noise. Over the narrowest steps of all, it would show the slope that is claimed time and again.
    for (const size of [sizes.least, sizes.least / 16, sizes.least / 256]) {
      let isThere = true;
      for (let variant = 5; variant < 8 && isThere; variant++) {
        const closest = yield* measure(size, variant);
        isThere = closest !== null && off(closest) <= off(e) / 10;
      }
      if (isThere) return false;
    }
    return true;
  };

  /** What becomes of a mismatch if, over wider steps, the slope is the gradient's after all: then f is rough, and cannot be told. */
  const contradicted = function* (e: Estimate): Task<Judgement | null> {
    const agrees = (o: Estimate): boolean =>
      o.asked > e.asked &&
      o.swing > 0 &&
      ((o.error <= off(e) / 8 && off(o) <= 2 * o.error + toleranceAt(o)) ||
        (o.error <= off(e) / 2 && off(o) <= o.error + toleranceAt(o)));
    let wide = seen.find(agrees) ?? null;
    // A function that is rounded to some place, or has something inside that is, is flat near x, or next to it.
    const isFlat = e.swing * e.size <= restlessness * eps * e.magnitude;
    const maySkip = isFlat || off(e) <= smallShare * Math.abs(analytic);
    const shows = (o: Estimate): boolean =>
      (isFlat && off(o) + o.error <= 0.2 * Math.abs(analytic)) ||
      (e.swing > 0 && off(o) <= o.error && Math.abs(o.value - e.value) >= 1.5 * o.error);
    for (let size = e.asked * 4; maySkip && wide === null && size <= 8 * sizes.most; size *= 4) {
      for (let variant = 0; variant < 3 && wide === null; variant++) {
        const o = yield* measure(size, variant);
        if (o !== null && o.swing > 0 && shows(o)) wide = o;
      }
    }
    if (wide === null) return null;
    const [near, far] = [e.size, wide.size].map((size) => size.toPrecision(2));
    const note = `over steps of ${far} of the input f has this gradient, over steps of ${near} it has not: does f round?`;
    return undecided(wide, note);
  };

  /**
   * Whether f has another slope than the gradient (or, at a kink, two others) over steps with other jitters, and over narrower ones as far as
   * its rounding lets them tell. Steps that are a multiple of a wave's period take it for a line, or for a kink.
   */
  const isSeenCloser = function* (e: Estimate, away: number, isKink: boolean): Task<boolean> {
    const floor = (isKink ? 6 : 1) * e.floor * e.asked;
    const finest = Math.max((32 * floor) / away, eps > 2 ** -40 ? leastOfFloat32 : sizes.least);
    const steps: [size: number, variant: number][] = isKink ? [1, 2, 3].map((variant) => [e.asked, variant]) : [];
    for (let size = e.asked / 16; size >= finest; size /= 16) steps.push([size, 2]);
    for (const [size, variant] of steps) {
      const o = yield* measure(size, variant);
      if (o === null) continue;
      if (!isKink || o.sides === null) {
        if (o.swing > 0 && off(o) <= 3 * o.error) return false;
        continue;
      }
      const [low, high] = inOrder(o.sides);
      if (analytic >= low.value - 2 * low.error && analytic <= high.value + 2 * high.error) return false;
    }
    return true;
  };

  /** Whether f is next to constant, also far from x: then it may be a wave that it rounds away. */
  const mayHideWave = function* (): Task<boolean> {
    for (const size of [sizes.most, 256 * sizes.most]) {
      let o: Estimate | null;
      try {
        o = yield* measure(size);
      } catch {
        break; // so far from x, where nothing is checked, f may refuse its input
      }
      if (o !== null) seen.push(o);
    }
    return movesBy(showing);
  };

  /**
   * Whether f jumps by what the gradient is off: it may be the small difference of large numbers, which are rounded. Then narrow steps see the
   * slope of one stair. And where f itself is only some stairs high, so is its slope along lines on which it does not jump.
   */
  const isOnStair = function* (e: Estimate, away: number): Task<boolean> {
    if (values === null) return false;
    const { along, others, center, isSearched } = values();
    if (!isSearched) return false;
    // What is measured as noise is in the error bar.
    const own = Math.max(4 * eps * e.magnitude, isCoarse ? leastOfStairs * noise : 0);
    // Far from x, f may be larger, and its roundings with it.
    const share = isCoarse ? leastOfStairs * Math.max(eps, noise / scale) : 4 * eps;
    const highest = highestStair * away;
    const finest = eps > 2 ** -40 ? 2 ** -16 : 2 ** -46;
    const range: Search = {
      from: e.size,
      to: sizes.most,
      heights: (s, moved) => {
        return [Math.max(own, share * moved, (away * (isCoarse ? 16 * e.size : s)) / mostStairs), highest];
      },
      slope: e.value,
      narrowest: finest,
      divisions: isCoarse ? divisions.other : divisions.own,
    };
    const [below, above] = yield* jumpsBeside(along, center, range);
    for (const [jump, beyond, side] of [[below, above, 1] as const, [above, below, -1] as const]) {
      if (jump === null || jump.height === 0) continue;
      // A stair that makes up for what the gradient is off is so wide, and ends on the other side, too; else f jumps there for another reason.
      const width = jump.height / away;
      let other = beyond;
      const isNear = jump.at < 1; // in front of 0, where what jumps for another reason mostly does
      if (isNear || other === null || other.height > 0 || jump.at > 4 * width) return true;
      if (4 * width > sizes.most) other = yield* jumpOn(side, along, center, { ...range, to: 4 * width });
      if (other === null || other.height > 0) return true;
    }
    for (const { along: other, from, to, isOwn } of others) {
      const heights = (_: number, moved: number): [number, number] => [
        Math.max(own, share * moved, Math.min(away, moved) / 16),
        highest,
      ];
      const found = yield* jumpsBeside(other, center, {
        from,
        to,
        heights,
        slope: 0,
        narrowest: finest,
        divisions: isOwn && !isCoarse ? divisions.own : divisions.other,
      });
      if (found.some((jump) => jump !== null) && found.every((jump) => jump?.height !== 0)) return true;
    }
    return false;
  };

  /** Whether f has the gradient's slope after all, for as long as it takes to move by some of its roundings. */
  const isWave = function* (e: Estimate): Task<boolean> {
    if (values === null || !rounds) return false;
    const { along, center, isSearched } = values();
    if (!isSearched) return false;
    const more = analytic - e.value;
    return yield* isTilted(along, center, { slope: e.value, more, unit: eps * e.magnitude, narrowest });
  };

  /**
   * A mismatch, unless the gradient belongs to a wave that f rounds away, as 10¹⁵ + sin x does: it may have any slope, and none shows in f. Then
   * the gradient is another one before it has moved f by more than f rounds. A smooth one would have, and is refuted.
   */
  const refuted = function* (e: Estimate, note = "", sides: readonly [Slope, Slope] | null = null): Task<Judgement> {
    if (movesBy(restlessness)) {
      return undecided(e, "f moves by little more than it rounds, over steps of any size");
    }
    const away = sides === null ? off(e) : Math.max(sides[0].value - analytic, analytic - sides[1].value);
    // A term of the size of f may be missing: log(1 + e^−60x) + e^−60x.
    const isTiny = Math.max(away, e.magnitude) <= hiddenRoundings * hidden;
    if (isTiny && values !== null && !(yield* shows())) return undecided(e, insideF);
    if (yield* isOnStair(e, away))
      return undecided(e, "f jumps by as much as the gradient is off: does something inside it round?");
    if (!(yield* isSeenCloser(e, away, sides !== null))) {
      return undecided(e, "over narrower steps f has other slopes: it may turn to and fro between wider ones");
    }
    const wanted = powerOfTwo((showing * e.floor * e.size) / away);
    // Not with e's own steps: over those, the wave may seem to stand still.
    const size = 0.7549 * Math.max(Math.min(wanted, e.size), narrowest);
    if (beside === null) return judgement("mismatch", false, e, note);
    // Of a gradient that is known at x alone, nobody knows whether it belongs to a wave.
    const isAlone = (yield* beside(size)) === analytic && (yield* beside(-size)) === analytic;
    if (isAlone && sides === null && eps < leastOfCoarse && (yield* isWave(e))) return undecided(e, ofRoundings);
    if (isAlone && (yield* mayHideWave())) return undecided(e, knownAtXAlone);
    let isSteady = true;
    // At a kink, where a gradient may jump, on each side by itself.
    for (const side of sides === null ? ([0] as const) : ([-1, 1] as const)) {
      isSteady &&= yield* isSmooth(beside, analytic, size, away / 64, side);
    }
    if (isSteady) return judgement("mismatch", false, e, note);
    const why = `over steps of ${size.toPrecision(2)} of the input the gradient changes by as much as it is off: f may round such a wave away`;
    return undecided(e, why);
  };

  let verdict: "pass" | "mismatch" | null = null;
  const decide = function* (e: Estimate): Task<boolean> {
    seen.push(e);
    if (passes(e)) verdict = "pass";
    else if (differs(e) && hasConverged(e, 1e-3) && (yield* isConfirmed(e, 1e-2))) verdict = "mismatch";
    return verdict !== null;
  };
  const wanted = (e: Estimate): number => toleranceAt(e) / 2;
  const { outcome, estimate }: Found = yield* search(measure, sizes, decide, wanted);
  if (estimate === null) return judgement("outside", settings.inconclusive === "allow", null);

  if (outcome === "decided") {
    if (verdict === "pass") return judgement("pass", true, estimate);
    // Steps far wider than x may tell less than what rounding leaves of terms that cancel: (x + x) / x.
    if (Math.max(Math.abs(analytic), Math.abs(estimate.value)) <= hiddenRoundings * eps * scale)
      return asSmall(estimate);
    const rough = yield* contradicted(estimate);
    if (rough !== null) return rough;
    if (estimate.swing === 0) return yield* still(estimate);
    // Where f is as large as anything inside it, its error bar knows that rounding.
    const inside = eps * estimate.magnitude < hidden ? hiddenRoundings * hidden : 0;
    // As large as a few of those roundings, f is made of them, it may be times something.
    const { magnitude } = estimate;
    // Where the input is 2 or more and f is still smaller, f is what exponentials leave of it, and may have been beside a 1: log(1 + e^x) + e^2x.
    const isMadeOfThem =
      magnitude <= hiddenRoundings * hidden &&
      (magnitude > 2 ** -8 * hidden || (hidden > eps && Math.abs(analytic) <= hiddenRoundings * hidden));
    const isWithinOne = magnitude > 2 ** -8 * hidden && magnitude < 2 ** 10 * hidden && off(estimate) <= hidden;
    const isSmall = off(estimate) <= Math.min(inside, smallShare * Math.abs(analytic));
    const isSmallest = isSmall && off(estimate) <= (smallShare / 10) * Math.abs(analytic);
    if (isSmallest || ((isSmall || isMadeOfThem || isWithinOne) && !(yield* shows())))
      return undecided(estimate, insideF);
    return yield* refuted(estimate);
  }
  // What jumps by a few roundings, or bends where f is mostly noise, does nothing but round.
  if ((outcome === "jump" || (outcome === "kink" && noise > 1e-3 * estimate.magnitude)) && isAtRest())
    return asSmall(estimate);
  if (outcome === "jump") {
    return judgement("kink", settings.kinks === "skip", estimate, "f jumps at x");
  }
  if (outcome === "kink") {
    const [left, right] = estimate.sides!;
    const slack = (side: { value: number; error: number }): number =>
      side.error + tolerance(Math.abs(side.value), estimate.swing);
    const [low, high] = inOrder([left, right]);
    const lies = analytic >= low.value - slack(low) && analytic <= high.value + slack(high);
    if (settings.kinks === "accept-subgradient" && !lies) {
      return yield* refuted(estimate, "not between the slopes on the two sides of the kink", [low, high]);
    }
    return judgement("kink", settings.kinks !== "fail", estimate);
  }
  if ((analytic !== 0 || !isShown(estimate)) && seen.every(({ swing }) => swing === 0)) return yield* still(estimate);
  if (isAtRest() || (isRounding(estimate) && !isCoarse)) return asSmall(estimate);
  const small = nearZero();
  if (small !== null) return small;
  // Nothing converged as well as one would like; but what is far off by any measure is wrong.
  if (differs(estimate) && estimate.error <= 0.1 * Math.abs(estimate.value) && (yield* isConfirmed(estimate, 0.1)))
    return yield* refuted(estimate);
  const found = yield* meanOf(estimate);
  if (found !== null) return found.verdict === "pass" ? averagedPass(found.mean) : yield* refuted(found.mean);
  return isRounding(estimate) ? asSmall(estimate) : undecided(estimate);
}

/** Slopes on two sides, the lesser one first. */
function inOrder([left, right]: readonly [Slope, Slope]): readonly [Slope, Slope] {
  return left.value < right.value ? [left, right] : [right, left];
}

/** Whether an estimate stands still: its error bar is a small share of it, or all rounding. */
function hasConverged({ value, error, floor }: Estimate, share: number): boolean {
  return error <= share * Math.abs(value) || error <= 4 * floor;
}

/** Where a derivative is asked for beside x: so irregularly that no wave is the same at all of them, and denser to the ends, as suits polynomials. */
const nodes = [-1, -0.8913, -0.6331, -0.2097, 0.2411, 0.6129, 0.9107, 0.9973] as const;

/**
 * Whether a derivative is smooth around x, or on one side of it, but for `slack`; also where it is not known. Then there is next to nothing left of a difference
 * of seventh order.
 */
function* isSmooth(beside: Beside, center: number, size: number, slack: number, side: -1 | 0 | 1): Task<boolean> {
  const weights = nodes.map((own) => 1 / nodes.reduce((product, t) => (t === own ? product : product * (own - t)), 1));
  const sum = weights.reduce((total, weight) => total + Math.abs(weight), 0);
  // At several widths, since a wave may happen to look smooth at the nodes of one.
  for (const share of [1, 0.8319, 0.6481]) {
    let rest = 0;
    for (const [k, weight] of weights.entries()) {
      const node = side === 0 ? nodes[k]! : (side * (nodes[k]! + 1.01)) / 2;
      const value = yield* beside(share * node * size);
      rest += weight * (value === null ? 0 : value - center);
    }
    if (Math.abs(rest / sum) > slack) return false;
  }
  return true;
}
