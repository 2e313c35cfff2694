import { tensor } from "../../create.ts";
import { indexSelect } from "../../ops/indexSelect.ts";
import { matmul } from "../../ops/matmul.ts";
import { permute } from "../../ops/permute.ts";
import { reshape } from "../../ops/reshape.ts";
import { where } from "../../ops/where.ts";
import type { Tensor } from "../../tensor.ts";
import type { Call, Rules } from "./node.ts";

/** The elements of an axis that make one element of the result, with their weights. */
type Taps = readonly (readonly [index: number, weight: number])[];

/** Along one axis: where an element of the result lies in x, by the mode that the model names. */
function placeOf(
  call: Call,
  at: number,
  scale: number,
  from: number,
  to: number,
  roi: readonly [number, number],
): number {
  switch (call.opset < 11 ? "asymmetric" : call.text("coordinate_transformation_mode", "half_pixel")) {
    case "half_pixel":
      return (at + 0.5) / scale - 0.5;
    case "half_pixel_symmetric": {
      const adjustment = to / (scale * from);
      return (from / 2) * (1 - adjustment) + (at + 0.5) / scale - 0.5;
    }
    case "pytorch_half_pixel":
      return to > 1 ? (at + 0.5) / scale - 0.5 : 0;
    case "align_corners":
      return to === 1 ? 0 : (at * (from - 1)) / (to - 1);
    case "asymmetric":
      return at / scale;
    case "tf_half_pixel_for_nn":
      return (at + 0.5) / scale;
    case "tf_crop_and_resize":
      if (to === 1) return ((roi[0] + roi[1]) * (from - 1)) / 2;
      return roi[0] * (from - 1) + (at * (roi[1] - roi[0]) * (from - 1)) / (to - 1);
    default:
      return call.unsupported("there is no such mode", call.text("coordinate_transformation_mode", ""));
  }
}

function nearest(call: Call, place: number): number {
  switch (call.opset < 11 ? "floor" : call.text("nearest_mode", "round_prefer_floor")) {
    case "round_prefer_floor":
      return Math.ceil(place - 0.5);
    case "round_prefer_ceil":
      return Math.floor(place + 0.5);
    case "floor":
      return Math.floor(place);
    case "ceil":
      return Math.ceil(place);
    default:
      return call.unsupported("there is no such mode", call.text("nearest_mode", ""));
  }
}

/** Cubic convolution (Keys, 1981). */
function cubicWeight(distance: number, a: number): number {
  const d = Math.abs(distance);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

function tapsOf(call: Call, mode: string, place: number, n: number, scale: number): Taps {
  if (mode === "nearest") return [[nearest(call, place), 1]];
  // Where x gets smaller, filters may be widened, so all of x counts.
  const wide = call.int("antialias", 0) !== 0 && scale < 1 ? 1 / scale : 1;
  const reach = (mode === "cubic" ? 2 : 1) * wide;
  const a = call.float("cubic_coeff_a", -0.75);
  const first = Math.floor(place - reach) + 1;
  const last = Math.ceil(place + reach) - 1;
  const all = Array.from({ length: Math.max(1, last - first + 1) }, (_, i): readonly [number, number] => {
    const distance = (first + i - place) / wide;
    return [first + i, mode === "cubic" ? cubicWeight(distance, a) : Math.max(0, 1 - Math.abs(distance))];
  });
  const isLeftOut = call.int("exclude_outside", 0) !== 0 || wide > 1;
  const kept = isLeftOut ? all.filter(([i]) => i >= 0 && i < n) : all;
  const total = kept.reduce((sum, [, weight]) => sum + weight, 0);
  return kept.map(([i, weight]) => [i, weight / total]);
}

/** Resizes an axis: a product with a matrix of weights, or a choice of elements. */
function along(
  call: Call,
  x: Tensor,
  axis: number,
  to: number,
  scale: number,
  mode: string,
  roi: readonly [number, number],
): Tensor {
  const n = x.shape[axis]!;
  const isCropped = call.text("coordinate_transformation_mode", "") === "tf_crop_and_resize";
  const places = Array.from({ length: to }, (_, at) => placeOf(call, at, scale, n, to, roi));
  const within = (i: number): number => Math.min(Math.max(i, 0), n - 1);
  let y: Tensor;
  if (mode === "nearest") {
    const index = Int32Array.from(places, (place) => within(nearest(call, place)));
    y = indexSelect(x, axis, tensor(index));
  } else {
    const weights = new Float64Array(to * n);
    places.forEach((place, at) => {
      for (const [i, weight] of tapsOf(call, mode, place, n, scale)) weights[at * n + within(i)]! += weight;
    });
    const last = x.shape.length - 1;
    const order = x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
    const matrix = reshape(tensor(weights, { dtype: x.dtype as "float32" }), [to, n]);
    y = permute(matmul(permute(x, order), matrix, { transposeB: true }), order);
  }
  if (!isCropped) return y;
  const isInside = tensor(places.map((place) => place >= 0 && place <= n - 1));
  const shape = y.shape.map((_, i) => (i === axis ? to : 1));
  return where(reshape(isInside, shape), y, call.float("extrapolation_value", 0));
}

function resized(call: Call): Tensor {
  const { x } = call;
  const rank = x.shape.length;
  const axes = call.ints("axes")?.map((axis) => call.axis(axis, rank)) ?? x.shape.map((_, i) => i);
  const mode = call.text("mode", "nearest");
  if (!["nearest", "linear", "cubic"].includes(mode)) call.unsupported("there is no such mode", mode);
  const isNew = call.opset >= 11;
  const scalesAt = isNew ? 2 : 1;
  const roi = isNew && call.has(1) && call.value(1).x.size > 0 ? call.numbers(1) : null;
  const given = call.has(scalesAt) && call.value(scalesAt).x.size > 0 ? call.numbers(scalesAt) : call.floats("scales");
  const sizes = isNew && call.has(3) ? call.numbers(3) : null;
  const count = (given ?? sizes ?? call.invalid("needs scales or sizes", "none")).length;
  if (count !== axes.length) call.invalid(`needs ${axes.length} scales or sizes`, String(count));
  let scales = given ?? sizes!.map((n, i) => n / x.shape[axes[i]!]!);
  // Scales are float32: 10 times 1.3 is 13 there, and a little less in float64.
  let targets = sizes ?? scales.map((scale, i) => Math.floor(Math.fround(x.shape[axes[i]!]! * Math.fround(scale))));
  const policy = call.text("keep_aspect_ratio_policy", "stretch");
  if (sizes !== null && policy !== "stretch") {
    const scale = policy === "not_larger" ? Math.min(...scales) : Math.max(...scales);
    scales = scales.map(() => scale);
    targets = axes.map((axis) => Math.floor(x.shape[axis]! * scale + 0.5));
  }
  for (const n of targets) call.count("a size", n);
  call.room(x.shape.map((n, axis) => (axes.includes(axis) ? targets[axes.indexOf(axis)]! : n)));
  if (mode !== "nearest") axes.forEach((axis, i) => call.room([targets[i]!, x.shape[axis]!]));
  return axes.reduce((y, axis, i) => {
    const area: [number, number] = roi === null ? [0, 1] : [roi[i]!, roi[i + axes.length]!];
    if (scales[i] === 1 && targets[i] === y.shape[axis] && roi === null) return y;
    return along(call, y, axis, targets[i]!, scales[i]!, mode, area);
  }, x);
}

/** Operators that change how large images are. */
export const resizing: Rules = {
  Resize: resized,
  Upsample: resized,
};
