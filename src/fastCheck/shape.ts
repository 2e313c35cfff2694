import type { Arbitrary } from "fast-check";
import type { Shape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { arbitraryOf } from "./arbitrary.ts";
import { checkNames } from "./options.ts";
import { type ShapeConstraints, ShapeRange, shapeConstraintNames } from "./shapeRange.ts";

/**
 * Shapes: arrays of sizes, one per axis. Scalars (`[]`) and empty axes (size 0) are among them unless `minRank` and `minSize` say
 * otherwise. Shrinks to fewer axes, then to shorter ones.
 *
 * @param constraints - {@link ShapeConstraints}.
 * @throws {@link ValueError} for constraints that no shape meets.
 * @example
 * import * as fc from "fast-check";
 * import { shape } from "tinygrad-ts/fast-check";
 * const { counterexample } = fc.check(fc.property(shape({ minSize: 1 }), (sizes) => sizes.length < 2), { seed: 1 });
 * counterexample; // → [[1, 1]]
 */
export function shape(constraints: ShapeConstraints = {}): Arbitrary<number[]> {
  refuseMore("shape", arguments, 1);
  checkNames("shape", constraints, shapeConstraintNames);
  const range = new ShapeRange("shape", constraints);
  return arbitraryOf<Shape, number[]>({
    draw: (random, isBiased) => range.draw(random, isBiased),
    moves: (sizes) => range.moves(sizes),
    build: (sizes) => [...sizes],
    read: (value) => (Array.isArray(value) && range.contains(value) ? [...value] : null),
  });
}
