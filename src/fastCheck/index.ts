/**
 * Arbitraries for fast-check: shapes, and values at which functions and their gradients can be computed.
 *
 * @module tinygrad-ts/fast-check
 */

export { ShapeError, ValueError } from "../core/errors.ts";
export { broadcastableShapes, type OperandShapes } from "./broadcastableShapes.ts";
export type { ValueConstraints } from "./domain.ts";
export { type Float64ArrayConstraints, float64Array } from "./float64Array.ts";
export { matmulShapes } from "./matmulShapes.ts";
export type { MatrixConstraints } from "./matrixSpace.ts";
export { shape } from "./shape.ts";
export type { ShapeConstraints } from "./shapeRange.ts";
export { spd } from "./spd.ts";
export { type TensorConstraints, tensorOf } from "./tensorOf.ts";
export { wellConditioned } from "./wellConditioned.ts";
