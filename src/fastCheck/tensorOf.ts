import type { Arbitrary } from "fast-check";
import { allocate, type DType, isFloat } from "../core/dtype.ts";
import { DTypeError, textOf, ValueError } from "../core/errors.ts";
import { checkShape, type Shape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import { Tensor } from "../tensor.ts";
import { arbitraryOf } from "./arbitrary.ts";
import { Domain, type ValueConstraints, valueConstraintNames } from "./domain.ts";
import { type Entries, EntriesSpace } from "./entries.ts";
import { checkNames } from "./options.ts";
import { type ShapeConstraints, shapeConstraintNames } from "./shapeRange.ts";

/** Which tensors {@link tensorOf} makes. */
export interface TensorConstraints extends ValueConstraints {
  /** One shape, or constraints of shapes; by default those of `shape`. */
  readonly shape?: Shape | ShapeConstraints;
  /** Element type; float64 by default. Entries are numbers that it holds, within the constraints. */
  readonly dtype?: DType;
  /** Whether backward fills the tensor's `grad`; false by default. */
  readonly requiresGrad?: boolean;
}

const names = ["shape", "dtype", "requiresGrad", ...valueConstraintNames];
const dtypes: readonly DType[] = ["float32", "float64", "int32", "bool"];

/**
 * Tensors: leaves with entries as `float64Array` makes them, in any dtype. Bools are 0 and 1.
 *
 * Shrinks to fewer axes, then to shorter ones, in both cases by leaving entries out, which keeps what made the test fail; then the
 * entries as `float64Array` does. For tensors whose shapes go together, take the shapes first: `broadcastableShapes().chain(…)`.
 *
 * @param constraints - {@link TensorConstraints}.
 * @throws {@link ValueError} for constraints that no tensor meets; {@link ShapeError} for a `shape` that is none; {@link DTypeError} for a
 * `dtype` that is none, or a gradient on integers.
 * @example
 * import * as fc from "fast-check";
 * import { assertGradcheck } from "tinygrad-ts/gradcheck";
 * import { abs, relu, sum } from "tinygrad-ts";
 * import { tensorOf } from "tinygrad-ts/fast-check";
 * // relu has a kink at 0, where differences tell no gradient.
 * fc.assert(fc.property(tensorOf({ avoid: [0], requiresGrad: true }), (x) => assertGradcheck(relu, [x])));
 * const isSmall = fc.property(tensorOf(), (x) => sum(abs(x)).item() < 3.3);
 * const { counterexample } = fc.check(isSmall, { seed: 1 });
 * counterexample?.[0].toArray(); // → 4
 */
export function tensorOf(constraints: TensorConstraints = {}): Arbitrary<Tensor> {
  refuseMore("tensorOf", arguments, 1);
  const op = "tensorOf";
  checkNames(op, constraints, names);
  const { shape = {}, dtype = "float64", requiresGrad = false } = constraints;
  if (!dtypes.includes(dtype)) throw new DTypeError(op, `dtype must be ${dtypes.join(", ")}`, textOf(dtype));
  if (typeof requiresGrad !== "boolean") {
    throw new ValueError(op, "requiresGrad must be true or false", textOf(requiresGrad));
  }
  if (requiresGrad && !isFloat(dtype)) throw new DTypeError(op, "requiresGrad needs a floating dtype", dtype);
  const isFixed = Array.isArray(shape);
  if (!isFixed) checkNames(op, shape, shapeConstraintNames);
  const space = new EntriesSpace(op, isFixed ? checkShape(op, shape) : shape, new Domain(op, constraints, dtype));
  return arbitraryOf<Entries, Tensor>({
    draw: (random, isBiased) => space.draw(random, isBiased),
    moves: (state) => space.moves(state),
    build: (state) => {
      const values = allocate(dtype, state.values.length);
      values.set(state.values);
      const x = new Tensor(values, [...state.shape], dtype);
      if (requiresGrad) x.requiresGrad = true;
      return x;
    },
    read: (value) => {
      if (!(value instanceof Tensor) || value.dtype !== dtype || value.requiresGrad !== requiresGrad) return null;
      const state = { shape: value.shape, values: Float64Array.from(value.values) };
      return value.op === null && space.contains(state) ? state : null;
    },
  });
}
