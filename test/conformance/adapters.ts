import * as tg from "../../src/index.ts";
import type { Adapter, Params } from "./binding.ts";
import {
  alongAxis,
  asDtype,
  atLeast,
  binary,
  classOptions,
  creation,
  creationLike,
  diagonalOf,
  extreme,
  ignorePlacement,
  keep,
  lossOf,
  op,
  type Pending,
  pending,
  placement,
  plainReduction,
  reduction,
  sections,
  sizes,
  softAlong,
  splitAlong,
  spread,
  stacked,
  swapped,
  unary,
  view,
  weighted,
} from "./patterns.ts";
import * as at from "./torchIndex.ts";
import * as loss from "./torchLoss.ts";
import * as math from "./torchMath.ts";
import * as move from "./torchShape.ts";

type Tensor = tg.Tensor;

/** Terms are reduced, and weighted before that, by the adapter. */
const each = { reduction: "none" } as const;
const convSignature = "input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1";
const maxPoolSignature =
  "input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False";
const avgPool1dSignature = "input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True";
const avgPoolSignature = `${avgPool1dSignature}, divisor_override=None`;
const adaptiveSignature = "input, output_size, return_indices=False";
const transposeSignature = "input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1";
const interpolateSignature =
  "input, size=None, scale_factor=None, mode=nearest, align_corners=None, recompute_scale_factor=None, antialias=False";
const noLinalg = pending("linear algebra beyond products and norms is out of scope");

/**
 * From each PyTorch op, `op.variant` or `op`, to a call of this library: the op itself where it exists, else a composition of its ops.
 * What is not listed is pending too.
 */
export const adapters: Readonly<Record<string, Adapter | Pending>> = {
  // Elementwise, one input.
  abs: unary(tg.abs),
  ceil: unary(tg.ceil),
  clone: view,
  contiguous: view,
  cos: unary(tg.cos),
  cosh: unary(tg.cosh),
  deg2rad: unary((x) => tg.mul(x, Math.PI / 180)),
  detach: unary((x) => x.detach()),
  erf: unary(tg.erf),
  exp: unary(tg.exp),
  exp2: unary(tg.exp2),
  expm1: unary(tg.expm1),
  floor: unary(tg.floor),
  frac: unary((x) => tg.sub(x, math.trunc(x))),
  isfinite: unary(math.finite),
  isinf: unary((x) => tg.eq(tg.abs(x), Number.POSITIVE_INFINITY)),
  isnan: unary(math.isnan),
  isneginf: unary((x) => tg.eq(x, Number.NEGATIVE_INFINITY)),
  isposinf: unary((x) => tg.eq(x, Number.POSITIVE_INFINITY)),
  log: unary(tg.log),
  log10: unary(tg.log10),
  log1p: unary(tg.log1p),
  log2: unary(tg.log2),
  logical_not: unary(tg.logicalNot),
  logit: op("input, eps=None", (p) => {
    const eps = p.optionalNumber("eps");
    const x = eps === null ? p.tensor("input") : tg.clamp(p.tensor("input"), eps, 1 - eps);
    return tg.log(tg.div(x, tg.sub(1, x)));
  }),
  nan_to_num: op("input, nan=0, posinf=None, neginf=None", (p) =>
    math.nanToNum(
      p.tensor("input"),
      p.optionalNumber("nan") ?? 0,
      p.optionalNumber("posinf"),
      p.optionalNumber("neginf"),
    ),
  ),
  neg: unary(tg.neg),
  ones_like: op(`input, *, dtype=None, ${placement}`, (p) => like(p, 1)),
  positive: view,
  rad2deg: unary((x) => tg.mul(x, 180 / Math.PI)),
  reciprocal: unary((x) => tg.div(1, x)),
  relu: unary(tg.relu),
  round: op("input, *, decimals=0", (p) => {
    const scale = 10 ** Math.abs(p.number("decimals"));
    const x = p.tensor("input");
    if (scale === 1) return tg.round(x);
    return p.number("decimals") > 0
      ? tg.div(tg.round(tg.mul(x, scale)), scale)
      : tg.mul(tg.round(tg.div(x, scale)), scale);
  }),
  rsqrt: unary(tg.rsqrt),
  sgn: unary(tg.sign),
  sigmoid: unary(tg.sigmoid),
  sign: unary(tg.sign),
  sin: unary(tg.sin),
  sinh: unary(tg.sinh),
  "special.entr": unary(math.entr),
  sqrt: unary(tg.sqrt),
  square: unary((x) => tg.mul(x, x)),
  tan: unary(tg.tan),
  tanh: unary(tg.tanh),
  to: op("input, dtype", (p) => asDtype(p.tensor("input"), p.dtype("dtype"))),
  double: unary((x) => x.to("float64")),
  float: unary((x) => x.to("float32")),
  int: unary((x) => x.to("int32")),
  long: unary((x) => x.to("int32")),
  bool: unary((x) => x.to("bool")),
  trunc: unary(math.trunc),
  zeros_like: op(`input, *, dtype=None, ${placement}`, (p) => like(p, 0)),
  conj: view,
  conj_physical: view,
  fill: op("input, value", (p) => math.scaledOrNothing(p.tensor("input"), 0).add(p.operand("value"))),
  full_like: op(`input, fill_value, *, dtype=None, ${placement}`, (p) => like(p, p.number("fill_value"))),
  real: view,
  resolve_conj: view,
  resolve_neg: view,
  acos: unary(tg.acos),
  acosh: unary(tg.acosh),
  asin: unary(tg.asin),
  asinh: unary(tg.asinh),
  atan: unary(tg.atan),
  atan2: binary(tg.atan2),
  atanh: unary(tg.atanh),
  digamma: unary(tg.digamma),
  erfc: unary(tg.erfc),
  erfinv: unary(tg.erfinv),
  lgamma: unary(tg.lgamma),
  polygamma: op("n, input", (p) => tg.polygamma(p.number("n"), p.tensor("input"))),
  sinc: unary(tg.sinc),

  // Elementwise, several inputs.
  __radd__: swapped(tg.add),
  __rdiv__: swapped(tg.div),
  __rmul__: swapped(tg.mul),
  __rpow__: op("input, other", (p) => {
    const base = p.operand("other"); // which PyTorch makes a constant of
    return tg.pow(typeof base === "number" ? base : base.detach(), p.tensor("input"));
  }),
  __rsub__: swapped(tg.sub),
  add: op("input, other, *, alpha=1", (p) => alphaTimes(p, tg.add)),
  addcdiv: op("input, tensor1, tensor2, *, value=1", (p) =>
    tg.add(p.tensor("input"), math.scaled(tg.div(p.tensor("tensor1"), p.tensor("tensor2")), p.number("value"))),
  ),
  addcmul: op("input, tensor1, tensor2, *, value=1", (p) =>
    tg.add(p.tensor("input"), math.scaled(tg.mul(p.tensor("tensor1"), p.tensor("tensor2")), p.number("value"))),
  ),
  clamp: op("input, min=None, max=None", (p) => {
    const [x, low, high] = [p.tensor("input"), bound(p, "min"), bound(p, "max")];
    return low instanceof tg.Tensor || high instanceof tg.Tensor
      ? math.clampMax(math.clampMin(x, low), high)
      : tg.clamp(x, low, high);
  }),
  clamp_max: op("input, max", (p) => math.clampMax(p.tensor("input"), bound(p, "max"))),
  clamp_min: op("input, min", (p) => math.clampMin(p.tensor("input"), bound(p, "min"))),
  copysign: op("input, other", (p) => math.copysign(p.tensor("input"), tensorOf(p, "other", p.tensor("input")))),
  div: op("input, other, *, rounding_mode=None", (p) => {
    const quotient = tg.div(p.operand("input"), p.operand("other"));
    const mode = p.get("rounding_mode");
    if (mode === null) return quotient;
    if (p.text("rounding_mode") === "floor") return tg.floorDivide(p.operand("input"), p.operand("other"));
    return math.trunc(quotient);
  }),
  eq: binary(tg.eq),
  float_power: op("input, exponent", (p) => tg.pow(doubled(p.operand("input")), doubled(p.operand("exponent")))),
  fmax: binary(math.fmax),
  fmin: binary(math.fmin),
  fmod: binary(math.fmod),
  ge: binary(tg.ge),
  gt: binary(tg.gt),
  hypot: binary(tg.hypot),
  le: binary(tg.le),
  lerp: op("input, end, weight", (p) => math.lerp(p.tensor("input"), p.tensor("end"), p.operand("weight"))),
  ldexp: op("input, other", (p) => tg.mul(p.tensor("input"), tg.pow(2, p.tensor("other")))),
  logaddexp: binary(tg.logaddexp),
  logaddexp2: op("input, other", (p) => {
    const [a, b] = [p.tensor("input"), p.tensor("other")];
    return tg.div(tg.logaddexp(tg.mul(a, Math.LN2), tg.mul(b, Math.LN2)), Math.LN2);
  }),
  logical_and: binary(tg.logicalAnd),
  logical_or: binary(tg.logicalOr),
  logical_xor: binary(tg.logicalXor),
  lt: binary(tg.lt),
  masked_fill: op("input, mask, value", (p) => {
    const [x, mask] = math.broadcast(p.tensor("input"), p.tensor("mask"));
    return tg.maskedFill(x!, mask!, p.operand("value"));
  }),
  max: extreme(tg.max, tg.argmax, tg.maximum),
  maximum: binary(tg.maximum),
  min: extreme(tg.min, tg.argmin, tg.minimum),
  minimum: binary(tg.minimum),
  mul: binary(tg.mul),
  ne: binary(tg.ne),
  pow: op("input, exponent", (p) => tg.pow(p.operand("input"), p.operand("exponent"))),
  remainder: binary(tg.remainder),
  floor_divide: binary(tg.floorDivide),
  rsub: op("input, other, *, alpha=1", (p) =>
    tg.sub(p.operand("other"), math.scaled(p.tensor("input"), p.number("alpha"))),
  ),
  "special.xlog1py": op("input, other", (p) => math.xlog1py(p.operand("input"), tensorOf(p, "other"))),
  sub: op("input, other, *, alpha=1", (p) => alphaTimes(p, tg.sub)),
  true_divide: binary(tg.div),
  where: op("input, condition, other", (p) => tg.where(p.tensor("condition"), p.operand("input"), p.operand("other"))),
  xlogy: binary(tg.xlogy),

  // Reductions, and what runs along an axis.
  all: plainReduction(tg.all),
  amax: plainReduction(tg.max),
  amin: plainReduction(tg.min),
  aminmax: op("input, *, dim=None, keepdim=False", (p) =>
    [tg.min, tg.max].map((f) => f(move.atLeast(p.tensor("input"), 1), p.axes("dim"), keep(p))),
  ),
  any: plainReduction(tg.any),
  argmax: op("input, dim=None, keepdim=False", (p) =>
    tg.argmax(p.tensor("input"), p.optionalNumber("dim") ?? undefined, keep(p)),
  ),
  argmin: op("input, dim=None, keepdim=False", (p) =>
    tg.argmin(p.tensor("input"), p.optionalNumber("dim") ?? undefined, keep(p)),
  ),
  count_nonzero: op("input, dim=None", (p) => tg.sum(tg.ne(p.tensor("input"), 0), p.axes("dim"))),
  cummax: op("input, dim", (p) => both(tg.cummax(p.tensor("input"), p.number("dim")))),
  cummin: op("input, dim", (p) => both(tg.cummin(p.tensor("input"), p.number("dim")))),
  cumprod: alongAxis(tg.cumprod),
  cumsum: alongAxis(tg.cumsum),
  dist: op("input, other, p=2", (p) => tg.norm(tg.sub(p.tensor("input"), p.tensor("other")), p.number("p"))),
  "linalg.matrix_norm": op("input, ord=fro, dim=None, keepdim=False, *, dtype=None", (p) => {
    const order = p.get("ord") as number | string;
    if (order === "nuc" || Math.abs(Number(order)) === 2) math.refuseSingularValues();
    const x = asDtype(p.tensor("input"), p.dtype("dtype"));
    return math.matrixNorm(x, order, p.get("dim") === null ? [-2, -1] : p.numbers("dim"), p.flag("keepdim"));
  }),
  "linalg.norm": op("input, ord=None, dim=None, keepdim=False, *, dtype=None", (p) => {
    const x = asDtype(p.tensor("input"), p.dtype("dtype"));
    const order = p.get("ord") as number | string | null;
    const axes = p.axes("dim");
    const isMatrix = order !== null && (Array.isArray(axes) ? axes.length === 2 : axes === undefined && x.rank === 2);
    if (!isMatrix) return math.norm(x, order === null ? 2 : Number(order), axes, keep(p));
    if (order === "nuc" || Math.abs(Number(order)) === 2) math.refuseSingularValues();
    return math.matrixNorm(x, order, Array.isArray(axes) ? axes : [0, 1], p.flag("keepdim"));
  }),
  "linalg.vector_norm": op("input, ord=2, dim=None, keepdim=False, *, dtype=None", (p) =>
    math.norm(asDtype(p.tensor("input"), p.dtype("dtype")), p.number("ord"), p.axes("dim"), keep(p)),
  ),
  log_softmax: alongAxis(tg.logSoftmax),
  logcumsumexp: op("input, dim", (p) => tg.logcumsumexp(p.tensor("input"), p.number("dim"))),
  logsumexp: op("input, dim, keepdim=False", (p) => tg.logSumExp(p.tensor("input"), p.axes("dim"), keep(p))),
  mean: reduction(tg.mean),
  median: op("input, dim=None, keepdim=False", (p) => {
    const [x, axis] = [p.tensor("input"), p.optionalNumber("dim")];
    const y = tg.median(x, axis ?? undefined, keep(p));
    if (axis === null) return y;
    const place = tg.argmax(tg.eq(x, tg.median(x, axis, { keepDims: true })).to("int32"), axis, keep(p));
    return [y, place];
  }),
  quantile: op("input, q, dim=None, keepdim=False, *, interpolation=linear", (p) =>
    tg.quantile(
      p.tensor("input"),
      p.get("q") instanceof tg.Tensor ? p.tensor("q").toArray<number>() : p.number("q"),
      p.optionalNumber("dim") ?? undefined,
      {
        ...keep(p),
        interpolation: p.text("interpolation") as "linear",
      },
    ),
  ),
  bincount: op("input, weights=None, minlength=0", (p) => {
    const weights = p.optionalTensor("weights");
    return tg.bincount(p.tensor("input"), {
      minLength: p.number("minlength"),
      ...(weights === null ? {} : { weights }),
    });
  }),
  nanmean: reduction((x, axes, o) => {
    const counted = tg.eq(x, x);
    return tg.div(tg.sum(tg.where(counted, x, 0), axes, o), tg.sum(counted.to(x.dtype), axes, o));
  }),
  nansum: reduction((x, axes, o) => tg.sum(tg.where(math.isnan(x), 0, x), axes, o)),
  "norm.nuc": pending("the nuclear norm needs singular values"),
  norm: op("input, p=fro, dim=None, keepdim=False, *, dtype=None", (p) => {
    const order = p.get("p");
    if (order === "nuc") math.refuseSingularValues();
    const x = asDtype(p.tensor("input"), p.dtype("dtype"));
    return math.norm(x, order === "fro" || order === null ? 2 : p.number("p"), p.axes("dim"), keep(p));
  }),
  prod: reduction(tg.prod),
  softmax: alongAxis(tg.softmax),
  std: spread(({ x, axes, options }) => tg.std(x, axes, options)),
  std_mean: spread(({ x, axes, options }) => [
    tg.std(x, axes, options),
    tg.mean(x, axes, { keepDims: options.keepDims }),
  ]),
  sum: reduction(tg.sum),
  var: spread(({ x, axes, options }) => tg.variance(x, axes, options)),
  var_mean: spread(({ x, axes, options }) => [
    tg.variance(x, axes, options),
    tg.mean(x, axes, { keepDims: options.keepDims }),
  ]),

  // Products.
  __rmatmul__: swapped(tg.matmul),
  addbmm: addProduct((a, b) => tg.sum(tg.matmul(a, b), 0)),
  addmm: addProduct(tg.matmul),
  addmv: addProduct(tg.matmul),
  addr: addProduct(tg.outer),
  baddbmm: addProduct(tg.matmul),
  bmm: binary(tg.matmul),
  cdist: op("x1, x2, p=2, compute_mode=None", (p) => {
    p.get("compute_mode"); // how PyTorch computes, not what
    return loss.cdist(p.tensor("x1"), p.tensor("x2"), p.number("p"));
  }),
  det: noLinalg,
  dot: binary(tg.matmul),
  einsum: op("operands, equation", (p) => tg.einsum(p.text("equation"), ...p.tensors("operands"))),
  inner: op("input, other", (p) => {
    const [a, b] = [p.tensor("input"), p.tensor("other")];
    return a.rank === 0 || b.rank === 0 ? tg.mul(a, b) : move.tensordot(a, b, [[-1], [-1]]);
  }),
  kron: binary(move.kron),
  "linalg.multi_dot": op("tensors", (p) => p.tensors("tensors").reduce((a, b) => tg.matmul(a, b))),
  "linalg.vecdot": op("x, y, *, dim=-1", (p) => tg.sum(tg.mul(p.tensor("x"), p.tensor("y")), p.number("dim"))),
  matmul: binary(tg.matmul),
  mm: binary(tg.matmul),
  mv: binary(tg.matmul),
  "nn.functional.bilinear": op("input1, input2, weight, bias=None", (p) => {
    const y = tg.einsum("...i,oij,...j->...o", p.tensor("input1"), p.tensor("weight"), p.tensor("input2"));
    const bias = p.optionalTensor("bias");
    return bias === null ? y : tg.add(y, bias);
  }),
  "nn.functional.linear": op("input, weight, bias=None", (p) => {
    const [x, weight, bias] = [p.tensor("input"), p.tensor("weight"), p.optionalTensor("bias")];
    if (weight.rank === 2) return tg.linear(x, weight, bias);
    const y = tg.matmul(x, weight);
    return bias === null ? y : tg.add(y, bias);
  }),
  outer: binary(tg.outer),
  ger: binary(tg.outer),
  tensordot: op("a, b, dims=2", (p) => {
    const dims = p.get("dims");
    return move.tensordot(p.tensor("a"), p.tensor("b"), dims as number | number[][]);
  }),
  trace: unary(tg.trace),
  vdot: binary(tg.matmul),

  // Shapes.
  atleast_1d: atLeast(1),
  atleast_2d: atLeast(2),
  atleast_3d: atLeast(3),
  block_diag: op("*tensors", (p) => move.blockDiag(p.tensors("tensors"))),
  broadcast_tensors: op("*tensors", (p) => math.broadcast(...p.tensors("tensors"))),
  broadcast_to: sizes(move.expand),
  cartesian_prod: op("*tensors", (p) => move.cartesianProd(p.tensors("tensors"))),
  cat: op("tensors, dim=0", (p) => tg.cat(p.tensors("tensors"), p.number("dim"))),
  chunk: op("input, chunks, dim=0", (p) => {
    const [x, axis] = [p.tensor("input"), p.number("dim")];
    return tg.split(x, Math.max(1, Math.ceil(x.shape[move.axisOf(x, axis)]! / p.number("chunks"))), axis);
  }),
  T: unary((x) => tg.permute(x, [...x.shape.keys()].reverse())),
  H: unary((x) => tg.transpose(x)),
  mH: unary((x) => tg.transpose(x)),
  mT: unary((x) => tg.transpose(x)),
  arange: creation("start, end=None, step=1", (p, options) =>
    p.get("end") === null
      ? tg.arange(0, p.number("start"), p.number("step"), options)
      : tg.arange(p.number("start"), p.number("end"), p.number("step"), options),
  ),
  column_stack: op("tensors", (p) => move.columnStack(p.tensors("tensors"))),
  constant_pad_nd: op("input, pad, value=0", (p) =>
    move.pad(p.tensor("input"), p.numbers("pad"), "constant", p.number("value")),
  ),
  diag: op("input, diagonal=0", (p) => {
    const [x, k] = [p.tensor("input"), p.number("diagonal")];
    return tg.diag(x, k);
  }),
  diag_embed: diagonalOf(move.diagEmbed, -2, -1),
  diagonal: diagonalOf(tg.diagonal, 0, 1),
  diagflat: op("input, offset=0", (p) => tg.diag(tg.flatten(p.tensor("input")), p.number("offset"))),
  diff: op("input, n=1, dim=-1, prepend=None, append=None", (p) => {
    const parts = [p.optionalTensor("prepend"), p.tensor("input"), p.optionalTensor("append")].filter(
      (t) => t !== null,
    );
    const axis = p.number("dim");
    const whole = parts.length === 1 ? parts[0]! : tg.cat(parts, axis);
    return Array.from({ length: p.number("n") }).reduce(
      (x: Tensor) => tg.sub(move.sliceAxis(x, axis, 1, null), move.sliceAxis(x, axis, 0, -1)),
      whole,
    );
  }),
  dsplit: splitAlong(() => 2),
  dstack: stacked(3, () => 2),
  expand: sizes(move.expand),
  expand_as: op("input, other", (p) => tg.expand(p.tensor("input"), p.tensor("other").shape)),
  flatten: op("input, start_dim=0, end_dim=-1", (p) =>
    tg.flatten(p.tensor("input"), p.number("start_dim"), p.number("end_dim")),
  ),
  flip: op("input, *dims", (p) => tg.flip(p.tensor("input"), p.numbers("dims"))),
  eye: creation("n, m=None", (p, options) => tg.eye(p.number("n"), p.optionalNumber("m") ?? p.number("n"), options)),
  linspace: creation("start, end, steps", (p, options) =>
    tg.linspace(p.number("start"), p.number("end"), p.number("steps"), options),
  ),
  new_full: creationLike("size, fill_value", (p, options) =>
    tg.full(p.numbers("size"), p.number("fill_value"), options),
  ),
  new_ones: creationLike("size", (p, options) => tg.ones(p.numbers("size"), options)),
  new_zeros: creationLike("size", (p, options) => tg.zeros(p.numbers("size"), options)),
  ones: creation("size", (p, options) => tg.ones(p.numbers("size"), options)),
  zeros: creation("size", (p, options) => tg.zeros(p.numbers("size"), options)),
  fliplr: unary((x) => tg.flip(x, [1])),
  flipud: unary((x) => tg.flip(x, [0])),
  hsplit: splitAlong((x) => (x.rank === 1 ? 0 : 1)),
  hstack: stacked(1, (x) => (x.rank === 1 ? 0 : 1)),
  meshgrid: op("*tensors, indexing=ij", (p) =>
    tg.meshgrid(p.tensors("tensors"), { indexing: p.text("indexing") as "ij" | "xy" }),
  ),
  movedim: op("input, source, destination", (p) =>
    move.movedim(p.tensor("input"), p.numbers("source"), p.numbers("destination")),
  ),
  narrow: op("input, dim, start, length", (p) =>
    move.narrow(p.tensor("input"), p.number("dim"), p.number("start"), p.number("length")),
  ),
  narrow_copy: op("input, dim, start, length", (p) =>
    move.narrow(p.tensor("input"), p.number("dim"), p.number("start"), p.number("length")),
  ),
  "nn.functional.pad": op("input, pad, mode=constant, value=None", (p) =>
    move.pad(p.tensor("input"), p.numbers("pad"), p.text("mode"), p.optionalNumber("value") ?? 0),
  ),
  permute: op("input, *dims", (p) => tg.permute(p.tensor("input"), p.numbers("dims"))),
  ravel: unary((x) => tg.flatten(x)),
  repeat: sizes(tg.repeat),
  repeat_interleave: op("input, repeats, dim=None", (p) =>
    move.repeatInterleave(p.tensor("input"), p.numbers("repeats"), p.optionalNumber("dim")),
  ),
  reshape: sizes(tg.reshape),
  reshape_as: op("input, other", (p) => tg.reshape(p.tensor("input"), p.tensor("other").shape)),
  roll: op("input, shifts, dims=()", (p) => {
    const axes = p.numbers("dims");
    return tg.roll(p.tensor("input"), p.numbers("shifts"), axes.length === 0 ? undefined : axes);
  }),
  rot90: op("input, k=1, dims=None", (p) =>
    move.rot90(p.tensor("input"), p.number("k"), p.get("dims") === null ? [0, 1] : p.numbers("dims")),
  ),
  split: op("input, split_size_or_sections, dim=0", (p) => {
    const parts = p.get("split_size_or_sections");
    return tg.split(
      p.tensor("input"),
      typeof parts === "number" ? parts : p.numbers("split_size_or_sections"),
      p.number("dim"),
    );
  }),
  split_with_sizes: op("input, split_sizes, dim=0", (p) =>
    tg.split(p.tensor("input"), p.numbers("split_sizes"), p.number("dim")),
  ),
  squeeze: op("input, dim=None", (p) => tg.squeeze(p.tensor("input"), p.optionalNumber("dim") ?? undefined)),
  stack: op("tensors, dim=0", (p) => tg.stack(p.tensors("tensors"), p.number("dim"))),
  sum_to_size: op("input, *sizes", (p) => {
    const [x, to] = [p.tensor("input"), p.numbers("sizes")];
    const lead = x.rank - to.length;
    return tg.reshape(
      tg.sum(
        x,
        [...x.shape.keys()].filter((axis) => axis < lead || to[axis - lead] === 1),
      ),
      to,
    );
  }),
  swapaxes: op("input, axis0, axis1", (p) => tg.transpose(p.tensor("input"), p.number("axis0"), p.number("axis1"))),
  t: unary((x) => tg.transpose(x)),
  tensor_split: op("input, indices_or_sections, dim=0", (p) =>
    move.tensorSplit(p.tensor("input"), sections(p), p.number("dim")),
  ),
  tile: op("input, *dims", (p) => tg.tile(p.tensor("input"), p.numbers("dims"))),
  transpose: op("input, dim0, dim1", (p) => tg.transpose(p.tensor("input"), p.number("dim0"), p.number("dim1"))),
  tril: op("input, diagonal=0", (p) => tg.tril(p.tensor("input"), p.number("diagonal"))),
  triu: op("input, diagonal=0", (p) => tg.triu(p.tensor("input"), p.number("diagonal"))),
  unbind: op("input, dim=0", (p) => {
    const [x, axis] = [p.tensor("input"), p.number("dim")];
    return Array.from({ length: x.shape[move.axisOf(x, axis)]! }, (_, i) => move.select(x, axis, i));
  }),
  unflatten: op("input, dim, sizes", (p) => move.unflatten(p.tensor("input"), p.number("dim"), p.numbers("sizes"))),
  unfold: op("input, dimension, size, step", (p) =>
    move.unfold(p.tensor("input"), p.number("dimension"), p.number("size"), p.number("step")),
  ),
  unsqueeze: op("input, dim", (p) => tg.unsqueeze(p.tensor("input"), p.number("dim"))),
  view: sizes(tg.reshape),
  view_as: op("input, other", (p) => tg.reshape(p.tensor("input"), p.tensor("other").shape)),
  vsplit: splitAlong(() => 0),
  vstack: stacked(2, () => 0),

  // Indexing and order.
  __getitem__: op("input, index", (p) => at.getItem(p.tensor("input"), p.get("index"))),
  argsort: op("input, dim=-1, descending=False, *, stable=False", (p) => {
    p.get("stable"); // this library's sort always is
    return tg.argsort(p.tensor("input"), p.number("dim"), { descending: p.flag("descending") });
  }),
  gather: op("input, dim, index, *, sparse_grad=False", (p) => {
    p.expect("sparse_grad", false);
    return tg.gather(p.tensor("input"), p.number("dim"), p.tensor("index"));
  }),
  index_add: op("input, dim, index, source, *, alpha=1", (p) => {
    const source = math.scaled(p.tensor("source"), p.number("alpha"));
    return tg.indexAdd(p.tensor("input"), p.number("dim"), p.tensor("index"), source);
  }),
  index_copy: op("input, dim, index, source", (p) =>
    at.indexCopy(p.tensor("input"), p.number("dim"), p.tensor("index"), p.tensor("source")),
  ),
  index_fill: op("input, dim, index, value", (p) =>
    at.indexFill(p.tensor("input"), p.number("dim"), p.tensor("index"), p.operand("value")),
  ),
  index_put: op("input, indices, values, accumulate=False", (p) =>
    at.indexPut(p.tensor("input"), p.tensors("indices"), p.tensor("values"), p.flag("accumulate")),
  ),
  index_select: op("input, dim, index", (p) => tg.indexSelect(p.tensor("input"), p.number("dim"), p.tensor("index"))),
  kthvalue: op("input, k, dim=-1, keepdim=False", (p) => {
    const { values, indices } = tg.sort(p.tensor("input"), p.number("dim"));
    const k = p.number("k") - 1;
    const keepDims = p.flag("keepdim");
    if (values.rank === 0) return [values, indices];
    if (!keepDims) return [values, indices].map((t) => move.select(t, p.number("dim"), k));
    return [values, indices].map((t) => move.narrow(t, p.number("dim"), k, 1));
  }),
  masked_scatter: op("input, mask, source", (p) =>
    at.maskedScatter(p.tensor("input"), p.tensor("mask"), p.tensor("source")),
  ),
  masked_select: op("input, mask", (p) => at.maskedSelect(p.tensor("input"), p.tensor("mask"))),
  msort: unary((x) => tg.sort(x, 0).values),
  "nn.functional.embedding": op(
    "weight, input, padding_idx=None, max_norm=None, norm_type=2, scale_grad_by_freq=False, sparse=False",
    (p) => {
      p.expect("max_norm", null);
      p.get("norm_type"); // of max_norm
      p.expect("scale_grad_by_freq", false);
      p.expect("sparse", false);
      return at.embedding(p.tensor("weight"), p.tensor("input"), p.optionalNumber("padding_idx"));
    },
  ),
  "nn.functional.glu": op("input, dim=-1", (p) => tg.glu(p.tensor("input"), p.number("dim"))),
  "nn.functional.one_hot": op("input, num_classes=-1", (p) => {
    const [x, given] = [p.tensor("input"), p.number("num_classes")];
    return tg.oneHot(x, given === -1 ? tg.max(x).item() + 1 : given, { dtype: "int32" });
  }),
  scatter: op("input, dim, index, src=None, *, value=None, reduce=None", (p) => {
    p.expect("reduce", null, "add");
    const source = p.get("src") ?? p.get("value");
    if (!(source instanceof tg.Tensor || typeof source === "number")) throw new TypeError("scatter needs src or value");
    const [x, axis, index] = [p.tensor("input"), p.number("dim"), p.tensor("index")];
    if (p.get("reduce") === null) return at.scatter(x, axis, index, source);
    const added = typeof source === "number" ? tg.fullLike(at.within(x, index), source) : at.within(source, index);
    return tg.scatterAdd(x, axis, index, added);
  }),
  scatter_add: op("input, dim, index, src", (p) =>
    tg.scatterAdd(p.tensor("input"), p.number("dim"), p.tensor("index"), at.within(p.tensor("src"), p.tensor("index"))),
  ),
  select: op("input, dim, index", (p) => move.select(p.tensor("input"), p.number("dim"), p.number("index"))),
  select_scatter: op("input, src, dim, index", (p) => {
    const [x, axis, index] = [p.tensor("input"), p.number("dim"), p.number("index")];
    const source = tg.unsqueeze(p.tensor("src"), move.axisOf(x, axis));
    const first = index < 0 ? index + x.shape[move.axisOf(x, axis)]! : index;
    return at.sliceScatter(x, source, axis, first, first + 1, 1);
  }),
  slice_scatter: op("input, src, dim=0, start=None, end=None, step=1", (p) =>
    at.sliceScatter(
      p.tensor("input"),
      p.tensor("src"),
      p.number("dim"),
      p.optionalNumber("start"),
      p.optionalNumber("end"),
      p.number("step"),
    ),
  ),
  sort: op("input, dim=-1, descending=False, *, stable=False", (p) => {
    p.get("stable"); // this library's sort always is
    const { values, indices } = tg.sort(p.tensor("input"), p.number("dim"), { descending: p.flag("descending") });
    return [values, indices];
  }),
  take: op("input, index", (p) => at.take(p.tensor("input"), p.tensor("index"))),
  take_along_dim: op("input, indices, dim=None", (p) =>
    at.takeAlongDim(p.tensor("input"), p.tensor("indices"), p.optionalNumber("dim")),
  ),
  topk: op("input, k, dim=-1, largest=True, sorted=True", (p) => {
    p.get("sorted"); // this library's always is, which unsorted allows
    const { values, indices } = tg.topk(p.tensor("input"), p.number("k"), p.number("dim"), {
      largest: p.flag("largest"),
    });
    return [values, indices];
  }),

  // Neural networks.
  "nn.functional.celu": op("input, alpha=1", (p) => tg.celu(p.tensor("input"), p.number("alpha"))),
  "nn.functional.dropout": op("input, p=0.5, training=True", (p) => {
    if (p.flag("training")) loss.refuseDropout(p.number("p"));
    return tg.dropout(p.tensor("input"), p.number("p"), { training: p.flag("training") });
  }),
  "nn.functional.elu": op("input, alpha=1", (p) => tg.elu(p.tensor("input"), p.number("alpha"))),
  "nn.functional.gelu": op("input, *, approximate=none", (p) =>
    tg.gelu(p.tensor("input"), { approximate: p.text("approximate") as "none" | "tanh" }),
  ),
  "nn.functional.hardshrink": op("input, lambd=0.5", (p) => {
    const [x, l] = [p.tensor("input"), p.number("lambd")];
    return tg.where(tg.logicalAnd(tg.ge(x, -l), tg.le(x, l)), 0, x);
  }),
  "nn.functional.hardsigmoid": pending("PyTorch 1.13 has 1/6 in float32 only in its gradient"),
  "nn.functional.hardswish": unary(tg.hardswish),
  "nn.functional.hardtanh": op("input, min_val=-1, max_val=1", (p) =>
    tg.hardtanh(p.tensor("input"), p.number("min_val"), p.number("max_val")),
  ),
  "nn.functional.leaky_relu": op("input, negative_slope=0.01", (p) =>
    tg.leakyRelu(p.tensor("input"), p.number("negative_slope")),
  ),
  "nn.functional.logsigmoid": unary((x) => tg.neg(tg.softplus(tg.neg(x)))),
  "nn.functional.mish": unary(tg.mish),
  "nn.functional.prelu": op("input, weight", (p) =>
    tg.prelu(p.tensor("input"), p.tensor("weight").reshape([p.tensor("weight").size])),
  ),
  "nn.functional.relu": unary(tg.relu),
  "nn.functional.relu6": unary((x) => tg.hardtanh(x, 0, 6)),
  "nn.functional.selu": unary(tg.selu),
  "nn.functional.silu": unary(tg.silu),
  "nn.functional.log_softmax": softAlong(tg.logSoftmax),
  "nn.functional.sigmoid": unary(tg.sigmoid),
  "nn.functional.softmax": softAlong(tg.softmax),
  "nn.functional.softmin": softAlong((x, axis) => tg.softmax(tg.neg(x), axis)),
  "nn.functional.softplus": op("input, beta=1, threshold=20", (p) =>
    math.softplus(p.tensor("input"), p.number("beta"), p.number("threshold")),
  ),
  "nn.functional.softshrink": op("input, lambd=0.5", (p) => math.softshrink(p.tensor("input"), p.number("lambd"))),
  "nn.functional.softsign": unary(tg.softsign),
  "nn.functional.tanhshrink": unary((x) => tg.sub(x, tg.tanh(x))),
  "nn.functional.threshold": op("input, threshold, value", (p) =>
    tg.where(tg.le(p.tensor("input"), p.number("threshold")), p.number("value"), p.tensor("input")),
  ),
  "nn.functional._scaled_dot_product_attention": op(
    "query, key, value, attn_mask=None, dropout_p=0, need_attn_weights=True, is_causal=False",
    (p) => {
      loss.refuseDropout(p.number("dropout_p"));
      const [q, k, v] = [p.tensor("query"), p.tensor("key"), p.tensor("value")];
      const both = loss.attention(q, k, v, p.optionalTensor("attn_mask"), p.flag("is_causal"));
      p.get("need_attn_weights"); // PyTorch 1.13 returns them in any case
      return both;
    },
  ),
  "nn.functional.batch_norm": op(
    "input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5",
    (p) => {
      p.get("momentum"); // of the running statistics, which are no result
      const [x, eps] = [p.tensor("input"), p.number("eps")];
      const [mean, variance] = [p.optionalTensor("running_mean"), p.optionalTensor("running_var")];
      const y = p.flag("training")
        ? math.normalized(
            x,
            [...x.shape.keys()].filter((axis) => axis !== 1),
            eps,
          )
        : math.perChannel(tg.sub(x, math.channels(x, mean!)), tg.rsqrt(tg.add(variance!, eps)), null);
      return math.perChannel(y, p.optionalTensor("weight"), p.optionalTensor("bias"));
    },
  ),
  "nn.functional.cosine_similarity": op("x1, x2, dim=1, eps=1e-8", (p) =>
    loss.cosineSimilarity(p.tensor("x1"), p.tensor("x2"), p.number("dim"), p.number("eps")),
  ),
  "nn.functional.group_norm": op("input, num_groups, weight=None, bias=None, eps=1e-5", (p) => {
    const [weight, bias] = [p.optionalTensor("weight"), p.optionalTensor("bias")];
    return tg.groupNorm(p.tensor("input"), p.number("num_groups"), { weight, bias, eps: p.number("eps") });
  }),
  "nn.functional.instance_norm": op(
    "input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5",
    (p) => {
      p.expect("use_input_stats", true);
      for (const name of ["running_mean", "running_var", "momentum"]) p.get(name); // updated in place, not used
      const x = p.tensor("input");
      const y = math.normalized(x, [...x.shape.keys()].slice(2), p.number("eps"));
      return math.perChannel(y, p.optionalTensor("weight"), p.optionalTensor("bias"));
    },
  ),
  "nn.functional.layer_norm": op("input, normalized_shape, weight=None, bias=None, eps=1e-5", (p) => {
    const [weight, bias] = [p.optionalTensor("weight"), p.optionalTensor("bias")];
    return tg.layerNorm(p.tensor("input"), p.numbers("normalized_shape"), { weight, bias, eps: p.number("eps") });
  }),
  "nn.functional.normalize": op("input, p=2, dim=1, eps=1e-12", (p) => {
    const norm = tg.norm(p.tensor("input"), p.number("p"), p.axes("dim"), { keepDims: true });
    return tg.div(p.tensor("input"), tg.clamp(norm, p.number("eps"), null));
  }),
  "nn.functional.pairwise_distance": op("x1, x2, p=2, eps=1e-6, keepdim=False", (p) =>
    loss.pairwiseDistance(p.tensor("x1"), p.tensor("x2"), p.number("p"), p.number("eps"), p.flag("keepdim")),
  ),

  // Losses.
  "nn.functional.binary_cross_entropy": lossOf("weight=None", (x, y, p) =>
    weighted(tg.bce(x, y, each), p.optionalTensor("weight")),
  ),
  "nn.functional.binary_cross_entropy_with_logits": lossOf("weight=None, pos_weight=None", (x, y, p) =>
    weighted(
      tg.bceWithLogits(x, y, { posWeight: p.optionalTensor("pos_weight") ?? undefined, ...each }),
      p.optionalTensor("weight"),
    ),
  ),
  "nn.functional.cosine_embedding_loss": op("input1, input2, target, margin=0, *, reduction=mean", (p) =>
    tg.cosineEmbedding(p.tensor("input1"), p.tensor("input2"), p.tensor("target"), {
      margin: p.number("margin"),
      reduction: p.text("reduction") as tg.Reduction,
    }),
  ),
  "nn.functional.cross_entropy": op(
    "input, target, *, weight=None, ignore_index=-100, label_smoothing=0, reduction=mean",
    (p) => tg.crossEntropy(p.tensor("input"), p.tensor("target"), classOptions(p)),
  ),
  "nn.functional.gaussian_nll_loss": op("input, target, var, full=False, eps=1e-6, reduction=mean", (p) => {
    const [x, target, variance] = [p.tensor("input"), p.tensor("target"), p.tensor("var")];
    const reduction = p.text("reduction") as tg.Reduction;
    return tg.gaussianNll(x, tg.expand(target, x.shape), variance, {
      full: p.flag("full"),
      eps: p.number("eps"),
      reduction,
    });
  }),
  "nn.functional.hinge_embedding_loss": lossOf("margin=1", (x, y, p) =>
    tg.hingeEmbedding(x, y, { margin: p.number("margin"), ...each }),
  ),
  "nn.functional.huber_loss": lossOf("delta=1", (x, y, p) => tg.huber(x, y, { delta: p.number("delta"), ...each })),
  "nn.functional.kl_div": op("input, target, *, reduction=mean, log_target=False", (p) =>
    tg.klDiv(p.tensor("input"), p.tensor("target"), {
      isLogTarget: p.flag("log_target"),
      reduction: p.text("reduction") === "batchmean" ? "batchMean" : (p.text("reduction") as tg.Reduction),
    }),
  ),
  "nn.functional.l1_loss": lossOf("", (x, y) => tg.l1(x, y, each)),
  "nn.functional.margin_ranking_loss": op("input1, input2, target, margin=0, *, reduction=mean", (p) => {
    const d = tg.mul(tg.neg(p.tensor("target")), tg.sub(p.tensor("input1"), p.tensor("input2")));
    return loss.reduced(tg.clamp(tg.add(d, p.number("margin")), 0, null), p.text("reduction"));
  }),
  "nn.functional.mse_loss": op("input, target, *, reduction=mean", (p) =>
    tg.mse(p.tensor("input"), p.tensor("target"), { reduction: p.text("reduction") as "mean" | "sum" | "none" }),
  ),
  "nn.functional.multi_margin_loss": lossOf("p=1, margin=1, weight=None", (x, y, p) =>
    loss.multiMargin(x, y, p.number("p"), p.number("margin"), p.optionalTensor("weight")),
  ),
  "nn.functional.multilabel_soft_margin_loss": lossOf("weight=None", (x, y, p) =>
    loss.multilabelSoftMargin(x, y, p.optionalTensor("weight")),
  ),
  "nn.functional.nll_loss": op(
    "input, target, *, weight=None, ignore_index=-100, label_smoothing=0, reduction=mean",
    (p) => {
      const { labelSmoothing: _, ...options } = classOptions(p);
      return tg.nll(p.tensor("input"), p.tensor("target"), options);
    },
  ),
  "nn.functional.poisson_nll_loss": lossOf("log_input=True, full=False, eps=1e-8", (x, y, p) =>
    tg.poissonNll(x, y, { isLog: p.flag("log_input"), full: p.flag("full"), eps: p.number("eps"), ...each }),
  ),
  "nn.functional.smooth_l1_loss": lossOf("beta=1", (x, y, p) => tg.smoothL1(x, y, { beta: p.number("beta"), ...each })),
  "nn.functional.soft_margin_loss": lossOf("", (x, y) => tg.log(tg.add(tg.exp(tg.neg(tg.mul(x, y))), 1))),
  "nn.functional.triplet_margin_loss": op(
    "anchor, positive, negative, margin=1, p=2, eps=1e-6, swap=False, *, reduction=mean",
    (p) =>
      tg.tripletMargin(p.tensor("anchor"), p.tensor("positive"), p.tensor("negative"), {
        margin: p.number("margin"),
        p: p.number("p"),
        eps: p.number("eps"),
        swap: p.flag("swap"),
        reduction: p.text("reduction") as tg.Reduction,
      }),
  ),

  "nn.functional.adaptive_avg_pool1d": op("input, output_size", (p) => tg.adaptiveAvgPool1d(...adaptive(p))),
  "nn.functional.adaptive_avg_pool2d": op("input, output_size", (p) => tg.adaptiveAvgPool2d(...adaptive(p))),
  "nn.functional.adaptive_avg_pool3d": op("input, output_size", (p) => tg.adaptiveAvgPool3d(...adaptive(p))),
  "nn.functional.adaptive_max_pool1d": op(adaptiveSignature, (p) => adaptiveMax(tg.adaptiveMaxPool1d, 1, p)),
  "nn.functional.adaptive_max_pool2d": op(adaptiveSignature, (p) => adaptiveMax(tg.adaptiveMaxPool2d, 2, p)),
  "nn.functional.adaptive_max_pool3d": op(adaptiveSignature, (p) => adaptiveMax(tg.adaptiveMaxPool3d, 3, p)),
  "nn.functional.avg_pool1d": op(avgPool1dSignature, (p) => avgPool(tg.avgPool1d, p)),
  "nn.functional.avg_pool2d": op(avgPoolSignature, (p) =>
    avgPool(tg.avgPool2d, p, p.optionalNumber("divisor_override")),
  ),
  "nn.functional.avg_pool3d": op(avgPoolSignature, (p) =>
    avgPool(tg.avgPool3d, p, p.optionalNumber("divisor_override")),
  ),
  "nn.functional.conv1d": op(convSignature, (p) => conv(tg.conv1d, p)),
  "nn.functional.conv2d": op(convSignature, (p) => conv(tg.conv2d, p)),
  "nn.functional.conv3d": op(convSignature, (p) => conv(tg.conv3d, p)),
  "nn.functional.conv_transpose1d": op(transposeSignature, (p) => convTranspose(tg.convTranspose1d, p)),
  "nn.functional.conv_transpose2d": op(transposeSignature, (p) => convTranspose(tg.convTranspose2d, p)),
  "nn.functional.conv_transpose3d": op(transposeSignature, (p) => convTranspose(tg.convTranspose3d, p)),
  "nn.functional.fold": op("input, output_size, kernel_size, dilation=1, padding=0, stride=1", (p) => {
    const size = p.numbers("output_size");
    return tg.fold(
      p.tensor("input"),
      size.length === 1 ? [size[0]!, size[0]!] : size,
      forAxes(p, "kernel_size"),
      windows(p),
    );
  }),
  "nn.functional.interpolate": op(interpolateSignature, (p) => {
    p.expect("recompute_scale_factor", null);
    p.expect("antialias", false);
    return interpolated(p, p.text("mode"), p.get("align_corners") === true);
  }),
  "nn.functional.max_pool1d": op(maxPoolSignature, (p) => maxPool(tg.maxPool1d, 1, p)),
  "nn.functional.max_pool2d": op(maxPoolSignature, (p) => maxPool(tg.maxPool2d, 2, p)),
  "nn.functional.max_pool3d": op(maxPoolSignature, (p) => maxPool(tg.maxPool3d, 3, p)),
  "nn.functional.pixel_shuffle": op("input, upscale_factor", (p) =>
    tg.pixelShuffle(p.tensor("input"), p.number("upscale_factor")),
  ),
  "nn.functional.pixel_unshuffle": op("input, downscale_factor", (p) =>
    tg.pixelUnshuffle(p.tensor("input"), p.number("downscale_factor")),
  ),
  "nn.functional.unfold": op("input, kernel_size, dilation=1, padding=0, stride=1", (p) =>
    tg.unfold(p.tensor("input"), forAxes(p, "kernel_size"), windows(p)),
  ),
  "nn.functional.upsample_bilinear": op("input, size=None, scale_factor=None", (p) =>
    interpolated(p, "bilinear", true),
  ),
  "nn.functional.upsample_nearest": op("input, size=None, scale_factor=None", (p) => interpolated(p, "nearest", false)),
};

function windows(p: Params): tg.FoldOptions {
  return { stride: forAxes(p, "stride"), padding: forAxes(p, "padding"), dilation: forAxes(p, "dilation") };
}

function interpolated(p: Params, mode: string, alignCorners: boolean): Tensor {
  return tg.interpolate(p.tensor("input"), {
    mode: mode as "nearest",
    ...(p.get("size") !== null && { size: forAxes(p, "size") }),
    ...(p.get("scale_factor") !== null && { scaleFactor: forAxes(p, "scale_factor") }),
    ...(/linear|cubic/.test(mode) && { alignCorners }),
  });
}

function both({ values, indices }: tg.Sorted): Tensor[] {
  return [values, indices];
}

function conv(f: typeof tg.conv2d, p: Params): Tensor {
  const padding = p.get("padding");
  return f(p.tensor("input"), p.tensor("weight"), {
    bias: p.optionalTensor("bias"),
    stride: forAxes(p, "stride"),
    padding: typeof padding === "string" ? (padding as "same" | "valid") : forAxes(p, "padding"),
    dilation: forAxes(p, "dilation"),
    groups: p.number("groups"),
  });
}

function convTranspose(f: typeof tg.convTranspose2d, p: Params): Tensor {
  return f(p.tensor("input"), p.tensor("weight"), {
    bias: p.optionalTensor("bias"),
    stride: forAxes(p, "stride"),
    padding: forAxes(p, "padding"),
    outputPadding: forAxes(p, "output_padding"),
    dilation: forAxes(p, "dilation"),
    groups: p.number("groups"),
  });
}

const strides = (p: Params): { stride?: number | number[] } =>
  [p.get("stride") ?? []].flat().length === 0 ? {} : { stride: forAxes(p, "stride") };

function maxPool(f: typeof tg.maxPool2d, axes: number, p: Params): Tensor[] {
  const [x, kernel] = [p.tensor("input"), forAxes(p, "kernel_size")];
  const options = {
    ...strides(p),
    padding: forAxes(p, "padding"),
    dilation: forAxes(p, "dilation"),
    ceilMode: p.flag("ceil_mode"),
  };
  const y = f(x, kernel, options);
  if (!p.flag("return_indices")) return [y];
  return [
    y,
    tg.maxPoolIndices(x, [kernel].flat().length === axes ? [kernel].flat() : new Array(axes).fill(kernel), options),
  ];
}

function avgPool(f: typeof tg.avgPool2d, p: Params, divisor: number | null = null): Tensor {
  return f(p.tensor("input"), forAxes(p, "kernel_size"), {
    ...strides(p),
    padding: forAxes(p, "padding"),
    ceilMode: p.flag("ceil_mode"),
    countIncludePad: p.flag("count_include_pad"),
    ...(divisor !== null && { divisor }),
  });
}

function adaptive(p: Params): [Tensor, tg.PooledSize] {
  return [p.tensor("input"), sizesOf(p)];
}

function adaptiveMax(f: typeof tg.adaptiveMaxPool2d, axes: number, p: Params): Tensor[] {
  const [x, size] = adaptive(p);
  const y = f(x, size);
  const list = typeof size === "number" ? new Array<number>(axes).fill(size) : size;
  return p.flag("return_indices") ? [y, tg.adaptiveMaxPoolIndices(x, list)] : [y];
}

/** A size, or a list of them, which may be None. */
function sizesOf(p: Params): number | readonly (number | null)[] {
  const size = p.get("output_size") as number | readonly (number | null)[];
  return typeof size === "number" || size.length > 1 ? size : size[0]!;
}

/** A number for all spatial axes, or one for each; PyTorch takes a list of one for all, too. */
function forAxes(p: Params, name: string): number | number[] {
  const numbers = p.numbers(name);
  return numbers.length === 1 ? numbers[0]! : numbers;
}

/** `zeros_like` and its kin. */
function like(p: Params, value: number): Tensor {
  ignorePlacement(p);
  const x = p.tensor("input").detach();
  return tg.fullLike(asDtype(x, p.dtype("dtype")), value);
}

/** The adapter of an op, or why there is none. */
export function adapterOf(name: string, variant = ""): Adapter | Pending {
  const found = adapters[`${name}.${variant}`] ?? adapters[name];
  return found ?? pending("no adapter: not among the ops in scope");
}

function alphaTimes(p: Params, f: typeof tg.add): Tensor {
  const [a, b, alpha] = [p.operand("input"), p.operand("other"), p.number("alpha")];
  if (alpha === 1) return f(a, b);
  return f(a, typeof b === "number" ? alpha * b : math.scaled(b, alpha));
}

/** A bound of clamp: a tensor, a number, or none. */
function bound(p: Params, name: string): Tensor | number | null {
  return p.get(name) === null ? null : p.operand(name);
}

/** An operand as a tensor. */
function tensorOf(p: Params, name: string, like?: Tensor): Tensor {
  const v = p.operand(name);
  return typeof v === "number" ? tg.full([], v, { dtype: (like ?? p.tensor("input")).dtype }) : v;
}

function doubled(x: Tensor | number): Tensor | number {
  return typeof x === "number" ? x : x.to("float64");
}

function addProduct(product: (a: Tensor, b: Tensor) => Tensor): Adapter {
  return op("input, first, second, *, beta=1, alpha=1", (p) =>
    loss.addProduct(
      p.tensor("input"),
      product(p.tensor("first"), p.tensor("second")),
      p.number("beta"),
      p.number("alpha"),
    ),
  );
}
