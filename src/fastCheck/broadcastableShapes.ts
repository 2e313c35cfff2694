import type { Arbitrary } from "fast-check";
import { sameShape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { arbitraryOf } from "./arbitrary.ts";
import { checkNames } from "./options.ts";
import { broadcast, containsPair, drawPair, pairMoves, type ShapePair } from "./shapePair.ts";
import { type ShapeConstraints, ShapeRange, shapeConstraintNames } from "./shapeRange.ts";

/** Shapes of two operands, and of what an op makes of them. */
export interface OperandShapes {
  /** Shape of the left operand. */
  a: number[];
  /** Shape of the right operand. */
  b: number[];
  /** Shape of the result. */
  result: number[];
}

/**
 * Pairs of shapes that broadcast together by NumPy's rule, with the shape that they broadcast to: equal shapes, different ranks, axes of
 * size 1 in either, empty axes. Shrinks to fewer axes, then to smaller sizes.
 *
 * @param constraints - {@link ShapeConstraints}, which hold for both shapes and the result; but a size of 1 may stand anywhere.
 * @throws {@link ValueError} for constraints that no shape meets.
 * @example
 * import * as fc from "fast-check";
 * import { add } from "tinygrad-ts";
 * import { broadcastableShapes, tensorOf } from "tinygrad-ts/fast-check";
 * const operands = broadcastableShapes().chain(({ a, b, result }) =>
 *   fc.record({ x: tensorOf({ shape: a }), y: tensorOf({ shape: b }), shape: fc.constant(result) }),
 * );
 * fc.assert(fc.property(operands, ({ x, y, shape }) => String(add(x, y).shape) === String(shape)));
 */
export function broadcastableShapes(constraints: ShapeConstraints = {}): Arbitrary<OperandShapes> {
  refuseMore("broadcastableShapes", arguments, 1);
  checkNames("broadcastableShapes", constraints, shapeConstraintNames);
  const range = new ShapeRange("broadcastableShapes", constraints);
  return arbitraryOf<ShapePair, OperandShapes>({
    draw: (random, isBiased) => drawPair(random, range, isBiased),
    moves: (pair) => pairMoves(range, pair),
    build: (pair) => ({ a: [...pair.a], b: [...pair.b], result: broadcast(pair)! }),
    read: (value) => {
      if (!isOperandShapes(value)) return null;
      const { a, b, result } = value;
      return containsPair(range, { a, b }) && sameShape(broadcast({ a, b })!, result) ? { a: [...a], b: [...b] } : null;
    },
  });
}

/** Whether something has the form of {@link OperandShapes}. */
export function isOperandShapes(value: unknown): value is OperandShapes {
  if (typeof value !== "object" || value === null) return false;
  const { a, b, result } = value as Partial<OperandShapes>;
  return [a, b, result].every((shape) => Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0));
}
