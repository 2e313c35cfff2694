// The public names, and nothing else.
export {
  type BackwardOptions,
  type GradientsOptions,
  gradients,
} from "./autograd/backward.ts";
export {
  type GradientsOf,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  type TensorFunction,
  valueAndGrad,
  vjp,
} from "./autograd/functional.ts";
export { apply, noGrad } from "./core/apply.ts";
export {
  type DType,
  type FloatDType,
  getDefaultDtype,
  setDefaultDtype,
  type TypedArray,
} from "./core/dtype.ts";
export {
  DTypeError,
  GradError,
  IndexError,
  InternalError,
  ShapeError,
  StateError,
  TinygradError,
  ValueError,
} from "./core/errors.ts";
export type { NestedArray } from "./core/nested.ts";
export type { Op, Operand, Saved, Vjp } from "./core/op.ts";
export type { Shape } from "./core/shape.ts";
export { arange, eye, full, linspace, ones, type TensorOptions, tensor, zeros } from "./create.ts";
export { abs } from "./ops/abs.ts";
export { add } from "./ops/add.ts";
export { cast } from "./ops/cast.ts";
export { ceil } from "./ops/ceil.ts";
export { eq, ge, gt, le, lt, ne } from "./ops/compare.ts";
export { cos } from "./ops/cos.ts";
export { div } from "./ops/div.ts";
export { exp } from "./ops/exp.ts";
export { expand } from "./ops/expand.ts";
export { expm1 } from "./ops/expm1.ts";
export { floor } from "./ops/floor.ts";
export { log } from "./ops/log.ts";
export { log1p } from "./ops/log1p.ts";
export { type MatmulAttrs, matmul } from "./ops/matmul.ts";
export { max, min } from "./ops/max.ts";
export { mean } from "./ops/mean.ts";
export { mul } from "./ops/mul.ts";
export { neg } from "./ops/neg.ts";
export { permute, transpose } from "./ops/permute.ts";
export { pow } from "./ops/pow.ts";
export type { ReduceOptions } from "./ops/reduce.ts";
export { relu } from "./ops/relu.ts";
export { flatten, reshape, squeeze, unsqueeze } from "./ops/reshape.ts";
export { round } from "./ops/round.ts";
export { rsqrt } from "./ops/rsqrt.ts";
export { sigmoid } from "./ops/sigmoid.ts";
export { sign } from "./ops/sign.ts";
export { sin } from "./ops/sin.ts";
export { type SliceSpec, slice } from "./ops/slice.ts";
export { softplus } from "./ops/softplus.ts";
export { sqrt } from "./ops/sqrt.ts";
export { sub } from "./ops/sub.ts";
export { sum } from "./ops/sum.ts";
export { tanh } from "./ops/tanh.ts";
export { where } from "./ops/where.ts";
export { fullLike, onesLike, zerosLike } from "./ops/zerosLike.ts";
export { type GradHook, Tensor } from "./tensor.ts";
