import { absOp } from "../../ops/abs.ts";
import { adamStepOp } from "../../ops/adamStep.ts";
import { addOp } from "../../ops/add.ts";
import { allOp, anyOp } from "../../ops/anyAll.ts";
import { acosOp, asinOp, atan2Op, atanOp } from "../../ops/arc.ts";
import { argmaxOp, argminOp } from "../../ops/argmax.ts";
import { bceOp } from "../../ops/bce.ts";
import { castOp, toOp } from "../../ops/cast.ts";
import { catOp } from "../../ops/cat.ts";
import { ceilOp } from "../../ops/ceil.ts";
import { centreOp } from "../../ops/centre.ts";
import { clampOp } from "../../ops/clamp.ts";
import { combineOp } from "../../ops/combine.ts";
import { eqOp, leOp, ltOp, neOp } from "../../ops/compare.ts";
import { convInputOp, convOp, convWeightOp } from "../../ops/conv.ts";
import { cosOp } from "../../ops/cos.ts";
import { cummaxOp, cumminOp } from "../../ops/cummax.ts";
import { cumsumOp } from "../../ops/cumsum.ts";
import { divOp } from "../../ops/div.ts";
import { erfcOp, erfOp } from "../../ops/erf.ts";
import { erfinvOp } from "../../ops/erfinv.ts";
import { expOp } from "../../ops/exp.ts";
import { exp2Op } from "../../ops/exp2.ts";
import { expandOp } from "../../ops/expand.ts";
import { expm1Op } from "../../ops/expm1.ts";
import { fitOp } from "../../ops/fit.ts";
import { flipOp } from "../../ops/flip.ts";
import { floorOp } from "../../ops/floor.ts";
import { foldOp, unfoldOp } from "../../ops/fold.ts";
import { lgammaOp, polygammaOp } from "../../ops/gamma.ts";
import { gatherOp, scatterAddOp } from "../../ops/gather.ts";
import { acoshOp, asinhOp, atanhOp, coshOp, sinhOp } from "../../ops/hyperbolic.ts";
import { hypotOp } from "../../ops/hypot.ts";
import { indexWithinOp, nonzeroOp } from "../../ops/index.ts";
import { embeddingOp, indexAddOp, indexSelectOp } from "../../ops/indexSelect.ts";
import { linearScanOp } from "../../ops/linearScan.ts";
import { logOp } from "../../ops/log.ts";
import { log1pOp } from "../../ops/log1p.ts";
import { log2Op, log10Op } from "../../ops/log2.ts";
import { logaddexpOp } from "../../ops/logaddexp.ts";
import { logicalAndOp, logicalNotOp, logicalOrOp, logicalXorOp } from "../../ops/logical.ts";
import { matmulOp } from "../../ops/matmul.ts";
import { maxOp, minOp } from "../../ops/max.ts";
import { maximumOp, minimumOp } from "../../ops/maximum.ts";
import { meanOp } from "../../ops/mean.ts";
import { mulOp } from "../../ops/mul.ts";
import { negOp } from "../../ops/neg.ts";
import { normOp } from "../../ops/norm.ts";
import { oneHotOp } from "../../ops/oneHot.ts";
import { overOp } from "../../ops/over.ts";
import { permuteOp } from "../../ops/permute.ts";
import { maxPoolOp, maxTapOp, pickTapOp, placeTapOp } from "../../ops/pool.ts";
import { exponentOp, powNumberOp, powOp } from "../../ops/pow.ts";
import { reluGradOp, reluOp } from "../../ops/relu.ts";
import { divisorOp, floorDivideOp, remainderOp } from "../../ops/remainder.ts";
import { reshapeOp } from "../../ops/reshape.ts";
import { roundOp } from "../../ops/round.ts";
import { rsqrtOp } from "../../ops/rsqrt.ts";
import { sigmoidGradOp, sigmoidOp } from "../../ops/sigmoid.ts";
import { signOp } from "../../ops/sign.ts";
import { sinOp } from "../../ops/sin.ts";
import { sincOp } from "../../ops/sinc.ts";
import { placeOp, placeSumOp, sliceOp } from "../../ops/slice.ts";
import { logSoftmaxOp, softmaxOp } from "../../ops/softmax.ts";
import { softplusOp } from "../../ops/softplus.ts";
import { argsortOp, reorderOp } from "../../ops/sort.ts";
import { spreadOp } from "../../ops/spread.ts";
import { sqrtOp } from "../../ops/sqrt.ts";
import { subOp } from "../../ops/sub.ts";
import { sumOp } from "../../ops/sum.ts";
import { tanOp } from "../../ops/tan.ts";
import { tanhGradOp, tanhOp } from "../../ops/tanh.ts";
import { trilOp, triuOp } from "../../ops/triangle.ts";
import { weightedOp } from "../../ops/weighted.ts";
import { whereOp } from "../../ops/where.ts";
import { xlogyOp } from "../../ops/xlogy.ts";

/** All op records of the library. The table of rows has an entry for each, or it does not compile; a test holds this list against what there is. */
export const records = {
  absOp,
  adamStepOp,
  addOp,
  allOp,
  anyOp,
  acosOp,
  asinOp,
  atan2Op,
  atanOp,
  argmaxOp,
  argminOp,
  bceOp,
  castOp,
  toOp,
  catOp,
  ceilOp,
  centreOp,
  clampOp,
  combineOp,
  eqOp,
  leOp,
  ltOp,
  neOp,
  convInputOp,
  convOp,
  convWeightOp,
  cosOp,
  cummaxOp,
  cumminOp,
  cumsumOp,
  divOp,
  erfOp,
  erfcOp,
  erfinvOp,
  expOp,
  exp2Op,
  expandOp,
  expm1Op,
  fitOp,
  flipOp,
  floorOp,
  lgammaOp,
  polygammaOp,
  gatherOp,
  scatterAddOp,
  acoshOp,
  asinhOp,
  atanhOp,
  coshOp,
  sinhOp,
  hypotOp,
  indexWithinOp,
  nonzeroOp,
  embeddingOp,
  indexAddOp,
  indexSelectOp,
  linearScanOp,
  logOp,
  log1pOp,
  log10Op,
  log2Op,
  logaddexpOp,
  logicalAndOp,
  logicalNotOp,
  logicalOrOp,
  logicalXorOp,
  matmulOp,
  maxOp,
  minOp,
  maximumOp,
  minimumOp,
  meanOp,
  mulOp,
  negOp,
  normOp,
  oneHotOp,
  overOp,
  permuteOp,
  exponentOp,
  powNumberOp,
  powOp,
  reluGradOp,
  reluOp,
  divisorOp,
  floorDivideOp,
  remainderOp,
  reshapeOp,
  roundOp,
  rsqrtOp,
  sigmoidGradOp,
  sigmoidOp,
  signOp,
  sinOp,
  sincOp,
  placeOp,
  placeSumOp,
  sliceOp,
  logSoftmaxOp,
  softmaxOp,
  softplusOp,
  argsortOp,
  reorderOp,
  spreadOp,
  sqrtOp,
  subOp,
  sumOp,
  tanOp,
  tanhGradOp,
  tanhOp,
  trilOp,
  triuOp,
  weightedOp,
  whereOp,
  xlogyOp,
  foldOp,
  unfoldOp,
  maxPoolOp,
  maxTapOp,
  pickTapOp,
  placeTapOp,
};
