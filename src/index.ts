/**
 * Tensors, automatic differentiation, layers, losses and optimizers.
 *
 * @module tinygrad-ts
 */

// The public names, and nothing else.
export { type BackwardOptions, type GradientsOptions, gradients } from "./autograd/backward.ts";
export {
  type FunctionOfTensors,
  type GradientsOf,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  type Pullback,
  type Pushforward,
  type ValueAndGrad,
  valueAndGrad,
  vjp,
} from "./autograd/functional.ts";
export { apply, noGrad } from "./core/apply.ts";
export {
  type DType,
  type FloatDType,
  getDefaultDtype,
  type NumericArray,
  setDefaultDtype,
  type TypedArray,
} from "./core/dtype.ts";
export {
  DTypeError,
  GradError,
  IndexError,
  ShapeError,
  StateError,
  TinygradError,
  ValueError,
} from "./core/errors.ts";
export type { NestedArray, TensorData } from "./core/nested.ts";
export type { Op, Operand, Saved, Vjp } from "./core/op.ts";
export type { Shape } from "./core/shape.ts";
export type {
  Adds,
  AnyChange,
  AnyShape,
  Asked,
  AttendedTo,
  AxesOf,
  Beside,
  Broadcast,
  Chain,
  Classes,
  ClassesOrShares,
  DataShape,
  Expands,
  Fitting,
  Flattened,
  Flattens,
  Input,
  Joined,
  Joins,
  JoinsAt,
  Keeps,
  KeyOf,
  Listed,
  LookedUp,
  LookedUpIn,
  Lost,
  MapOf,
  Mapped,
  MappedBy,
  Maps,
  Mismatch,
  OrderOf,
  Outer,
  Output,
  Permuted,
  PlaceOf,
  Plain,
  Product,
  Reduced,
  Reshaped,
  Right,
  ShapeOf,
  Sliced,
  Sound,
  Squeezed,
  Stacked,
  Stacks,
  StacksAt,
  Target,
  Transposed,
  Unsqueezed,
  ValueOf,
} from "./core/shapeTypes.ts";
export { arange, eye, full, linspace, ones, type TensorLike, type TensorOptions, tensor, zeros } from "./create.ts";
export { type BceWithLogitsOptions, bce, bceWithLogits } from "./loss/bce.ts";
export type { ClassOptions } from "./loss/classes.ts";
export { cosineEmbedding } from "./loss/cosineEmbedding.ts";
export { type CrossEntropyOptions, crossEntropy } from "./loss/crossEntropy.ts";
export { type FocalOptions, focal } from "./loss/focal.ts";
export { type GaussianNllOptions, gaussianNll } from "./loss/gaussianNll.ts";
export { hinge, hingeEmbedding, type MarginOptions } from "./loss/hinge.ts";
export { type HuberOptions, huber, type SmoothL1Options, smoothL1 } from "./loss/huber.ts";
export { type KlDivOptions, klDiv } from "./loss/klDiv.ts";
export { l1 } from "./loss/l1.ts";
export { mse } from "./loss/mse.ts";
export { nll } from "./loss/nll.ts";
export { dice, iou, type OverlapOptions } from "./loss/overlap.ts";
export { type PoissonNllOptions, poissonNll } from "./loss/poissonNll.ts";
export type { LossOptions, Reduction } from "./loss/reduction.ts";
export { type TripletMarginOptions, tripletMargin } from "./loss/tripletMargin.ts";
export type { Axes } from "./methods.ts";
export type { Activation } from "./nn/activation.ts";
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
} from "./nn/adaptivePooling.ts";
export { AlphaDropout, alphaDropout } from "./nn/alphaDropout.ts";
export type { Json, LayerJson } from "./nn/architecture.ts";
export { type Attended, type AttentionOptions, scaledDotProductAttention } from "./nn/attention.ts";
export { AttentionGate, type AttentionGateOptions } from "./nn/attentionGate.ts";
export { BatchNorm1d, BatchNorm2d, BatchNorm3d } from "./nn/batchNorm.ts";
export { Bilinear } from "./nn/bilinear.ts";
export { Dropout1d, Dropout2d, Dropout3d } from "./nn/channelDropout.ts";
export type { BatchNormOptions } from "./nn/channelNorm.ts";
export { Conv1d, Conv2d, Conv3d, type ConvLayerOptions } from "./nn/conv.ts";
export {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeLayerOptions,
} from "./nn/convTranspose.ts";
export { Dropout, type DropoutOptions, dropout } from "./nn/dropout.ts";
export { Embedding, type EmbeddingOptions, embedding, type LookupOptions } from "./nn/embedding.ts";
export { Flatten, Unflatten } from "./nn/flatten.ts";
export { freeze, unfreeze } from "./nn/freeze.ts";
export { GroupNorm, groupNorm } from "./nn/groupNorm.ts";
export {
  calculateGain,
  type GainOptions,
  type Initializer,
  type KaimingOptions,
  kaimingNormal,
  kaimingUniform,
  type Nonlinearity,
  type NormalOptions,
  normal,
  orthogonal,
  type UniformOptions,
  uniform,
  xavierNormal,
  xavierUniform,
} from "./nn/init.ts";
export { InstanceNorm1d, InstanceNorm2d, InstanceNorm3d } from "./nn/instanceNorm.ts";
export { Layer } from "./nn/layer.ts";
export {
  LayerNorm,
  type LayerNormArguments,
  type LayerNormOptions,
  layerNorm,
  type NormOptions,
} from "./nn/layerNorm.ts";
export { Linear, type LinearOptions, linear } from "./nn/linear.ts";
export { type MlpOptions, mlp } from "./nn/mlp.ts";
export { type AttentionMasks, MultiheadAttention, type MultiheadAttentionOptions } from "./nn/multiheadAttention.ts";
export {
  CircularPad2d,
  ConstantPad2d,
  type PadWidths,
  ReflectionPad2d,
  ReplicationPad2d,
  ZeroPad2d,
} from "./nn/padding.ts";
export { AvgPool1d, AvgPool2d, AvgPool3d, MaxPool1d, MaxPool2d, MaxPool3d } from "./nn/pooling.ts";
export {
  LearnedPositions,
  type LearnedPositionsOptions,
  type SinusoidalOptions,
  SinusoidalPositions,
  sinusoidalPositions,
} from "./nn/positions.ts";
export { PReLU, type PreluOptions } from "./nn/prelu.ts";
export { CELU, ELU, GELU, Hardswish, LeakyReLU, Mish, ReLU, SELU, SiLU } from "./nn/rectifiers.ts";
export {
  GRU,
  LSTM,
  type Recurrent,
  type RecurrentOptions,
  RNN,
  type RnnOptions,
  type SequenceOptions,
} from "./nn/recurrent.ts";
export {
  type CellOptions,
  GRUCell,
  LSTMCell,
  type RecurrentState,
  RNNCell,
  type RnnCellOptions,
} from "./nn/recurrentCells.ts";
export { Identity, Parallel, type ParallelOptions, Residual, type ResidualOptions } from "./nn/residual.ts";
export {
  type IdentityBlockOptions,
  identityBlock,
  type ProjectionBlockOptions,
  projectionBlock,
} from "./nn/residualBlocks.ts";
export { PixelShuffle, PixelUnshuffle, Upsample } from "./nn/resizing.ts";
export { RMSNorm, type RmsNormArguments, rmsNorm } from "./nn/rmsNorm.ts";
export { MinMaxScaler, type MinMaxScalerOptions, type ScalerOptions, StandardScaler } from "./nn/scalers.ts";
export { Lambda, type LayerFunction, Sequential } from "./nn/sequential.ts";
export { GLU, Hardtanh, LogSoftmax, Sigmoid, Softmax, Softplus, Softsign, Tanh } from "./nn/squashing.ts";
export { SqueezeExcite, type SqueezeExciteOptions } from "./nn/squeezeExcite.ts";
export { summary } from "./nn/summary.ts";
export {
  type DecoderMasks,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from "./nn/transformer.ts";
export { abs } from "./ops/abs.ts";
export { elu, type GeluOptions, gelu, leakyRelu, silu } from "./ops/activations.ts";
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  adaptiveMaxPoolIndices,
  type PooledSize,
} from "./ops/adaptivePool.ts";
export { add } from "./ops/add.ts";
export { all, any } from "./ops/anyAll.ts";
export { acos, asin, atan, atan2 } from "./ops/arc.ts";
export { argmax, argmin } from "./ops/argmax.ts";
export { type BincountOptions, bincount } from "./ops/bincount.ts";
export { cast } from "./ops/cast.ts";
export { cat, stack } from "./ops/cat.ts";
export { ceil } from "./ops/ceil.ts";
export { clamp } from "./ops/clamp.ts";
export { eq, ge, gt, le, lt, ne } from "./ops/compare.ts";
export { convInput, convWeight } from "./ops/convAdjoints.ts";
export { conv1d, conv2d, conv3d } from "./ops/convNd.ts";
export type { ConvOptions, ConvTransposeOptions, ConvWindowOptions } from "./ops/convOptions.ts";
export { convTranspose1d, convTranspose2d, convTranspose3d } from "./ops/convTranspose.ts";
export { cos } from "./ops/cos.ts";
export { cummax, cummin } from "./ops/cummax.ts";
export { cumprod } from "./ops/cumprod.ts";
export { cumsum } from "./ops/cumsum.ts";
export { diag, diagonal, trace } from "./ops/diagonal.ts";
export { div } from "./ops/div.ts";
export { einsum } from "./ops/einsum.ts";
export { erf, erfc } from "./ops/erf.ts";
export { erfinv } from "./ops/erfinv.ts";
export { exp } from "./ops/exp.ts";
export { exp2 } from "./ops/exp2.ts";
export { expand } from "./ops/expand.ts";
export { expm1 } from "./ops/expm1.ts";
export { flip } from "./ops/flip.ts";
export { floor } from "./ops/floor.ts";
export { type FoldOptions, fold, unfold } from "./ops/fold.ts";
export { digamma, lgamma, polygamma } from "./ops/gamma.ts";
export { gather, scatterAdd } from "./ops/gather.ts";
export { glu } from "./ops/glu.ts";
export { hardswish } from "./ops/hardswish.ts";
export { hardtanh } from "./ops/hardtanh.ts";
export { acosh, asinh, atanh, cosh, sinh } from "./ops/hyperbolic.ts";
export { hypot } from "./ops/hypot.ts";
export { index } from "./ops/index.ts";
export { indexAdd, indexSelect } from "./ops/indexSelect.ts";
export { type InterpolateOptions, interpolate } from "./ops/interpolate.ts";
export { log } from "./ops/log.ts";
export { log1p } from "./ops/log1p.ts";
export { log2, log10 } from "./ops/log2.ts";
export { logaddexp } from "./ops/logaddexp.ts";
export { logcumsumexp } from "./ops/logcumsumexp.ts";
export { logicalAnd, logicalNot, logicalOr, logicalXor } from "./ops/logical.ts";
export { logSumExp } from "./ops/logSumExp.ts";
export { maskedFill } from "./ops/maskedFill.ts";
export { type MatmulAttrs, matmul } from "./ops/matmul.ts";
export { max, min } from "./ops/max.ts";
export { maximum, minimum } from "./ops/maximum.ts";
export { mean } from "./ops/mean.ts";
export { median } from "./ops/median.ts";
export { type MeshgridOptions, meshgrid } from "./ops/meshgrid.ts";
export { mish } from "./ops/mish.ts";
export { mul } from "./ops/mul.ts";
export { neg } from "./ops/neg.ts";
export { norm } from "./ops/norm.ts";
export { oneHot } from "./ops/oneHot.ts";
export { outer } from "./ops/outer.ts";
export { type PadMode, pad } from "./ops/pad.ts";
export { permute, transpose } from "./ops/permute.ts";
export { pixelShuffle, pixelUnshuffle } from "./ops/pixelShuffle.ts";
export { maxPoolIndices } from "./ops/pooled.ts";
export { avgPool1d, avgPool2d, avgPool3d, maxPool1d, maxPool2d, maxPool3d } from "./ops/poolNd.ts";
export type { AvgPoolOptions, MaxPoolOptions } from "./ops/poolOptions.ts";
export { pow } from "./ops/pow.ts";
export { prelu } from "./ops/prelu.ts";
export { prod } from "./ops/prod.ts";
export { type QuantileOptions, quantile } from "./ops/quantile.ts";
export type { ReduceOptions } from "./ops/reduce.ts";
export { relu } from "./ops/relu.ts";
export { floorDivide, remainder } from "./ops/remainder.ts";
export { repeat, tile } from "./ops/repeat.ts";
export { flatten, reshape, squeeze, unsqueeze } from "./ops/reshape.ts";
export { roll } from "./ops/roll.ts";
export { round } from "./ops/round.ts";
export { rsqrt } from "./ops/rsqrt.ts";
export { celu, selu } from "./ops/selu.ts";
export { sigmoid } from "./ops/sigmoid.ts";
export { sign } from "./ops/sign.ts";
export { sin } from "./ops/sin.ts";
export { sinc } from "./ops/sinc.ts";
export { type SliceSpec, slice } from "./ops/slice.ts";
export { logSoftmax, softmax } from "./ops/softmax.ts";
export { softplus } from "./ops/softplus.ts";
export { softsign } from "./ops/softsign.ts";
export { argsort, type Sorted, type SortOptions, sort, type TopkOptions, topk } from "./ops/sort.ts";
export { split } from "./ops/split.ts";
export { sqrt } from "./ops/sqrt.ts";
export { sub } from "./ops/sub.ts";
export { sum } from "./ops/sum.ts";
export { tan } from "./ops/tan.ts";
export { tanh } from "./ops/tanh.ts";
export { tril, triu } from "./ops/triangle.ts";
export { type Unique, unique } from "./ops/unique.ts";
export { std, type VarianceOptions, variance } from "./ops/variance.ts";
export { where } from "./ops/where.ts";
export { xlogy } from "./ops/xlogy.ts";
export { fullLike, onesLike, zerosLike } from "./ops/zerosLike.ts";
export {
  Adadelta,
  type AdadeltaHyper,
  type AdadeltaOptions,
  type AdadeltaState,
  adadeltaRule,
} from "./optim/adadelta.ts";
export { Adagrad, type AdagradHyper, type AdagradOptions, type AdagradState, adagradRule } from "./optim/adagrad.ts";
export { Adam, type AdamHyper, type AdamOptions, type AdamState, AdamW, adamRule } from "./optim/adam.ts";
export { Adamax, type AdamaxOptions, type AdamaxState, adamaxRule } from "./optim/adamax.ts";
export type { BetasHyper } from "./optim/betas.ts";
export { type ClipGradNormOptions, clipGradNorm, clipGradValue } from "./optim/clip.ts";
export { EMA, type EmaOptions } from "./optim/ema.ts";
export { checkFiniteGrads } from "./optim/finite.ts";
export { LBFGS, type LbfgsOptions } from "./optim/lbfgs.ts";
export { Lion, type LionHyper, type LionOptions, type LionState, lionRule } from "./optim/lion.ts";
export { NAdam, type NAdamHyper, type NAdamOptions, type NAdamState, nadamRule } from "./optim/nadam.ts";
export {
  type GroupOptions,
  type Hyper,
  Optimizer,
  type OptimizerParameters,
  type OptimizerState,
  type ParameterGroup,
  type RuleSettings,
  type Update,
} from "./optim/optimizer.ts";
export { RAdam, type RAdamOptions, type RAdamState, radamRule } from "./optim/radam.ts";
export { RMSprop, type RmspropHyper, type RmspropOptions, type RmspropState, rmspropRule } from "./optim/rmsprop.ts";
export { SGD, type SgdHyper, type SgdOptions, type SgdState, sgdRule } from "./optim/sgd.ts";
export {
  type FromPixelsOptions,
  fromPixels,
  type PixelBytes,
  type PixelSource,
  type Pixels,
  type ToPixelsOptions,
  toPixels,
} from "./pixels.ts";
export { defaultGenerator, Generator, type GeneratorState, manualSeed } from "./random/generator.ts";
export { permutation, type RandomOptions, rand, randint, randLike, randn, randnLike } from "./random.ts";
export {
  type Curve,
  chained,
  cosine,
  cosineWarmRestarts,
  exponential,
  linearWarmup,
  multiStep,
  type OneCycleOptions,
  oneCycle,
  polynomial,
  sequential,
  stepDecay,
} from "./schedule/curves.ts";
export { ReduceOnPlateau, type ReduceOnPlateauOptions } from "./schedule/plateau.ts";
export { Schedule, type Scheduled, type ScheduledGroup } from "./schedule/schedule.ts";
export type { StateDict } from "./state.ts";
export { type GradHook, type NestedJson, Tensor, type TensorJson } from "./tensor.ts";
