import type { Arbitrary } from "fast-check";
import { refuseMore } from "../core/surplus.ts";
import { arbitraryOf } from "./arbitrary.ts";
import { Domain, type ValueConstraints, valueConstraintNames } from "./domain.ts";
import { type Entries, EntriesSpace } from "./entries.ts";
import { checkNames, countRange } from "./options.ts";

/** Which arrays {@link float64Array} makes. */
export interface Float64ArrayConstraints extends ValueConstraints {
  /** The exact number of entries, instead of the two that follow. */
  readonly length?: number;
  /** Least number of entries; 0 by default. */
  readonly minLength?: number;
  /** Greatest number of entries; 10 by default, or `minLength` if that is more, or as many distinct ones as there is room for. */
  readonly maxLength?: number;
}

const names = ["length", "minLength", "maxLength", ...valueConstraintNames];

/**
 * Arrays of finite numbers of moderate size: integers, numbers with a digit after the point, and numbers with all digits. Unlike
 * fast-check's own `float64Array`, which looks for NaN, ±∞, −0 and the far ends, these are points where a function and its gradient can
 * be computed; say `avoid` for its kinks and `distinct` for order statistics.
 *
 * Shrinks to fewer entries, then to zeros, then each entry to 0, ±1, ±½, the integers next to 0, few digits; always within the
 * constraints.
 *
 * @param constraints - {@link Float64ArrayConstraints}.
 * @throws {@link ValueError} for constraints that no array meets, such as an `avoid` that leaves no number.
 * @example
 * import * as fc from "fast-check";
 * import { float64Array } from "tinygrad-ts/fast-check";
 * const sum = (x: Float64Array) => x.reduce((total, v) => total + v, 0);
 * const { counterexample } = fc.check(fc.property(float64Array(), (x) => sum(x) < 3.3), { seed: 1 });
 * counterexample; // → [Float64Array(1) [4]]
 */
export function float64Array(constraints: Float64ArrayConstraints = {}): Arbitrary<Float64Array> {
  refuseMore("float64Array", arguments, 1);
  const op = "float64Array";
  checkNames(op, constraints, names);
  const domain = new Domain(op, constraints, "float64");
  const { length, maxLength } = constraints;
  const [minSize, maxSize] = countRange(op, constraints, ["length", "minLength", "maxLength"], [0, 10], 0);
  const most = length ?? maxLength ?? (maxSize > 10 ? maxSize : null);
  // Without a most of its own, an array has as many distinct entries as there is room for.
  const limit = most === null ? {} : { maxEntries: Math.max(1, most) };
  const space = new EntriesSpace(op, { minRank: 1, maxRank: 1, minSize, maxSize, ...limit }, domain);
  return arbitraryOf<Entries, Float64Array>({
    draw: (random, isBiased) => space.draw(random, isBiased),
    moves: (state) => space.moves(state),
    build: ({ values }) => values.slice(),
    read: (value) => {
      if (!(value instanceof Float64Array)) return null;
      const state = { shape: [value.length], values: value.slice() };
      return space.contains(state) ? state : null;
    },
  });
}
