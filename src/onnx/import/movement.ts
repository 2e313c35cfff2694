import { sizeOf } from "../../core/shape.ts";
import { arange, tensor } from "../../create.ts";
import { add } from "../../ops/add.ts";
import { cat } from "../../ops/cat.ts";
import { eq, lt } from "../../ops/compare.ts";
import { expand } from "../../ops/expand.ts";
import { gather } from "../../ops/gather.ts";
import { mul } from "../../ops/mul.ts";
import { pad } from "../../ops/pad.ts";
import { permute } from "../../ops/permute.ts";
import { tile } from "../../ops/repeat.ts";
import { reshape, squeeze } from "../../ops/reshape.ts";
import type { SliceSpec } from "../../ops/slice.ts";
import { slice } from "../../ops/slice.ts";
import { split } from "../../ops/split.ts";
import { sub } from "../../ops/sub.ts";
import { tril, triu } from "../../ops/triangle.ts";
import { where } from "../../ops/where.ts";
import type { Tensor } from "../../tensor.ts";
import { elements } from "../schema.ts";
import { isInteger } from "../tensors.ts";
import { checkRoom } from "./guard.ts";
import type { Call, Result, Rules } from "./node.ts";

/** A size of a target shape that is 0 is the input's, unless `allowzero` is set; -1 is what is left. */
function reshaped(call: Call): Tensor {
  const { x } = call;
  const given = call.list("shape", 1) ?? call.invalid("needs a shape", "none");
  const keepsZeros = call.int("allowzero", 0) !== 0;
  const sizes = given.map((n, axis) => {
    if (n !== 0 || keepsZeros) return n;
    return x.shape[axis] ?? call.invalid(`a size of 0 must stand for an axis of ${x.shape.length}`, `axis ${axis}`);
  });
  return reshape(x, sizes);
}

function flattened(call: Call): Tensor {
  const { x } = call;
  const given = call.int("axis", 1);
  const axis = given < 0 ? given + x.shape.length : given;
  if (!(axis >= 0 && axis <= x.shape.length)) call.invalid("the axis must be in range", String(given));
  return reshape(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]);
}

function squeezed(call: Call): Tensor {
  const { x } = call;
  const axes = call.list("axes", 1);
  return axes === null ? squeeze(x) : squeeze(x, axes);
}

function unsqueezed(call: Call): Tensor {
  const { x } = call;
  const axes = call.list("axes", 1) ?? call.invalid("needs axes", "none");
  const rank = x.shape.length + axes.length;
  const at = axes.map((axis) => call.axis(axis, rank));
  if (new Set(at).size < at.length) call.invalid("axes must differ", `[${axes.join(", ")}]`);
  const sizes = [...x.shape];
  return reshape(
    x,
    Array.from({ length: rank }, (_, i) => (at.includes(i) ? 1 : sizes.shift()!)),
  );
}

/** Starts and ends beyond an axis are cut off to it, also where they are the largest number that there is. */
function sliced(call: Call): Tensor {
  const { x } = call;
  const starts = call.list("starts", 1) ?? call.invalid("needs starts", "none");
  const ends = call.list("ends", 2) ?? call.invalid("needs ends", "none");
  const axes = call.list("axes", 3) ?? starts.map((_, i) => i);
  const steps = call.has(4) ? call.numbers(4) : starts.map(() => 1);
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length) {
    call.invalid("starts, ends, axes and steps must be as many", `${starts.length}, ${ends.length}, ${axes.length}`);
  }
  const specs = x.shape.map((): SliceSpec => null);
  axes.forEach((given, i) => {
    const axis = call.axis(given, x.shape.length);
    const [n, step] = [x.shape[axis]!, steps[i]!];
    if (!Number.isSafeInteger(step) || step === 0) call.invalid("a step must be a whole number, not 0", String(step));
    const within = (at: number, low: number, high: number): number => {
      const counted = at < 0 ? at + n : at;
      return Math.min(Math.max(counted, low), high);
    };
    const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
    const [start, end] = [within(starts[i]!, low, high), within(ends[i]!, low, high)];
    const isEmpty = step > 0 ? start >= end : start <= end;
    // Before the first element is not a number that a slice could take: it goes to the end.
    specs[axis] = isEmpty ? [0, 0] : [start, end < 0 ? null : end, step];
  });
  return slice(x, ...specs);
}

function parts(call: Call): Tensor[] {
  const { x } = call;
  const axis = call.axis(call.int("axis", 0), x.shape.length);
  const count = call.node.outputs.length;
  const n = x.shape[axis]!;
  const size = Math.ceil(n / count);
  const equal = Array.from({ length: count }, (_, i) => Math.max(0, Math.min(size, n - i * size)));
  const sizes = call.list("split", 1) ?? equal;
  if (sizes.length < count) call.invalid(`needs ${count} sizes`, `[${sizes.join(", ")}]`);
  return split(x, sizes, axis);
}

const padModes = { edge: "replicate", reflect: "reflect", wrap: "circular" } as const;

function padded(call: Call): Tensor {
  const { x } = call;
  const widths = call.list("pads", 1) ?? call.ints("paddings") ?? call.invalid("needs pads", "none");
  const axes = call.has(3) ? call.numbers(3).map((axis) => call.axis(axis, x.shape.length)) : x.shape.map((_, i) => i);
  if (widths.length !== 2 * axes.length) call.invalid(`needs ${2 * axes.length} pads`, String(widths.length));
  const pairs = x.shape.map((): [number, number] => [0, 0]);
  axes.forEach((axis, i) => {
    pairs[axis] = [widths[i]!, widths[i + axes.length]!];
  });
  const mode = call.text("mode", "constant");
  call.room(x.shape.map((n, axis) => Math.max(0, n + pairs[axis]![0] + pairs[axis]![1])));
  if (mode !== "constant") {
    return pad(x, pairs, padModes[mode as keyof typeof padModes] ?? call.invalid("there is no such mode", mode));
  }
  return pad(x, pairs, call.opset < 11 ? call.float("value", 0) : call.has(2) ? call.number(2) : 0);
}

function expanded(call: Call, sizes: number[]): Tensor {
  const { x } = call;
  const rank = Math.max(x.shape.length, sizes.length);
  const from = [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape];
  const to = [...new Array<number>(rank - sizes.length).fill(1), ...sizes];
  const shape = from.map((n, i) => (n === 1 ? to[i]! : n));
  call.room(shape);
  return expand(reshape(x, from), shape);
}

/** Few nodes that take what each other made twice would be larger than any memory. */
function concatenated(call: Call): Tensor {
  const { x, tensors } = call;
  const axis = call.axis(call.int("axis", 1), x.shape.length);
  const total = tensors.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
  call.room(x.shape.map((n, i) => (i === axis ? total : n)));
  return cat(tensors, axis);
}

function tiled(call: Call): Tensor {
  const { x } = call;
  const counts = call.numbers(1);
  call.room(x.shape.map((n, axis) => n * (counts[axis] ?? 1)));
  return tile(x, counts);
}

/** A shape as a value: it is known, though the tensor is not. */
function shapeOf(call: Call): Result {
  const { shape } = call.value(0).x;
  const rank = shape.length;
  const within = (at: number): number => Math.min(Math.max(at < 0 ? at + rank : at, 0), rank);
  const part = shape.slice(within(call.int("start", 0)), within(call.int("end", rank)));
  return { x: tensor(Float64Array.from(part)), type: elements.int64, isFixed: true };
}

function constant(call: Call): Result {
  const value = call.constant("value");
  if (value !== null) return value;
  const [float, int] = [call.node.attribute("value_float")?.f, call.node.attribute("value_int")?.i];
  if (float !== undefined) return { x: tensor(float, { dtype: "float32" }), type: elements.float32 };
  if (int !== undefined) return { x: tensor(Number(int), { dtype: "float64" }), type: elements.int64 };
  const [floats, ints] = [call.floats("value_floats"), call.ints("value_ints")];
  if (ints !== null) return { x: tensor(Float64Array.from(ints)), type: elements.int64 };
  if (floats !== null) return { x: tensor(Float32Array.from(floats)), type: elements.float32 };
  const got = call.node.attributes.join(", ") || "nothing";
  return call.unsupported("a constant must be of numbers or bools", got);
}

function filled(call: Call): Result {
  const value = call.constant("value") ?? { x: tensor(0, { dtype: "float32" }), type: elements.float32 };
  const shape = call.numbers(0);
  return { x: expand(reshape(value.x, []), shape), type: value.type };
}

function range(call: Call): Result {
  const { type } = call;
  const [start, limit, step] = [call.number(0), call.number(1), call.number(2)];
  if (step === 0) call.invalid("the step must not be 0", "0");
  const count = call.count("the number of elements", Math.max(0, Math.ceil((limit - start) / step)));
  const dtype = isInteger(type) ? "float64" : (call.value(0).x.dtype as "float32");
  return { x: add(mul(arange(count, { dtype }), step), start), type };
}

function identityMatrix(call: Call): Result {
  const { shape } = call.value(0).x;
  if (shape.length !== 2) call.invalid("needs a matrix", `${shape.length} axes`);
  checkRoom(call.node.place, shape); // the result is known, whether x is or not
  const [rows, columns] = shape as [number, number];
  const type = call.int("dtype", call.type);
  const at = add(reshape(arange(rows, { dtype: "float64" }), [rows, 1]), call.int("k", 0));
  const x = eq(at, arange(columns, { dtype: "float64" }));
  return { x: x.to("float64"), type, isFixed: true };
}

function triangle(call: Call): Tensor {
  const k = call.has(1) ? call.number(1) : 0;
  const within = Math.max(-(2 ** 31), Math.min(2 ** 31, k));
  return call.int("upper", 1) ? triu(call.x, within) : tril(call.x, within);
}

/** Channels into blocks of pixels; `DCR` has the block outermost. */
function depthToSpace(call: Call): Tensor {
  const { x } = call;
  const b = call.int("blocksize", 1);
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const isDcr = call.text("mode", "DCR") === "DCR";
  const apart = reshape(x, isDcr ? [n, b, b, c / (b * b), h, w] : [n, c / (b * b), b, b, h, w]);
  return reshape(permute(apart, isDcr ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]), [n, c / (b * b), h * b, w * b]);
}

function spaceToDepth(call: Call): Tensor {
  const { x } = call;
  const b = call.int("blocksize", 1);
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const apart = reshape(x, [n, c, h / b, b, w / b, b]);
  return reshape(permute(apart, [0, 3, 5, 1, 2, 4]), [n, c * b * b, h / b, w / b]);
}

/** Each sequence is turned around within its length. */
function reverseSequence(call: Call): Tensor {
  const { x } = call;
  const [time, batch] = [call.int("time_axis", 0), call.int("batch_axis", 1)];
  const lengths = call.indices(1);
  const n = x.shape[time]!;
  const steps = reshape(arange(n, { dtype: "int32" }), time === 0 ? [n, 1] : [1, n]);
  const ends = reshape(lengths, batch === 0 ? [lengths.size, 1] : [1, lengths.size]);
  const at = where(lt(steps, ends), sub(sub(ends, steps), 1), steps);
  const rest = x.shape.slice(2);
  const index = expand(reshape(at, [...at.shape, ...rest.map(() => 1)]), x.shape);
  return gather(x, time, index);
}

/** Operators that move elements, or make them. */
export const movement: Rules = {
  Concat: concatenated,
  Constant: constant,
  ConstantOfShape: filled,
  DepthToSpace: depthToSpace,
  Expand: (call) => expanded(call, call.numbers(1)),
  EyeLike: identityMatrix,
  Flatten: flattened,
  Pad: padded,
  Range: range,
  Reshape: reshaped,
  ReverseSequence: reverseSequence,
  Shape: shapeOf,
  Size: (call) => {
    return { x: tensor(call.value(0).x.size, { dtype: "float64" }), type: elements.int64, isFixed: true };
  },
  Slice: sliced,
  SpaceToDepth: spaceToDepth,
  Split: parts,
  Squeeze: squeezed,
  Tile: tiled,
  Transpose: (call) => permute(call.x, call.ints("perm") ?? call.x.shape.map((_, i) => i).reverse()),
  Trilu: triangle,
  Unsqueeze: unsqueezed,
};
