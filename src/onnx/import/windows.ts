import { sizeOf } from "../../core/shape.ts";
import { arange, ones } from "../../create.ts";
import { abs } from "../../ops/abs.ts";
import { add } from "../../ops/add.ts";
import { argmax } from "../../ops/argmax.ts";
import { stack } from "../../ops/cat.ts";
import { convNd } from "../../ops/convNd.ts";
import { convTransposeNd } from "../../ops/convTranspose.ts";
import { div } from "../../ops/div.ts";
import { gather } from "../../ops/gather.ts";
import { max } from "../../ops/max.ts";
import { maximum } from "../../ops/maximum.ts";
import { mean } from "../../ops/mean.ts";
import { norm } from "../../ops/norm.ts";
import { pad } from "../../ops/pad.ts";
import { permute } from "../../ops/permute.ts";
import { pow } from "../../ops/pow.ts";
import { reshape } from "../../ops/reshape.ts";
import type { SliceSpec } from "../../ops/slice.ts";
import { slice } from "../../ops/slice.ts";
import type { Tensor } from "../../tensor.ts";
import { elements } from "../schema.ts";
import type { Call, Result, Rules } from "./node.ts";

/** How windows go over the spatial axes. */
interface Windows {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** What is added around x, and so much behind again that the last window, begun, is whole (`ceil_mode`). */
  readonly padding: readonly (readonly [number, number])[];
  readonly more: readonly number[];
}

function windowsOf(call: Call, spatial: readonly number[], kernel: readonly number[]): Windows {
  const each = kernel.map(() => 1);
  const stride = call.ints("strides") ?? each;
  const dilation = call.ints("dilations") ?? each;
  for (const list of [kernel, stride, dilation]) {
    if (list.length !== spatial.length || !list.every((n) => Number.isSafeInteger(n) && n > 0)) {
      call.invalid(
        `kernel, strides and dilations must be ${spatial.length} whole numbers from 1`,
        `[${list.join(", ")}]`,
      );
    }
  }
  const reach = kernel.map((n, d) => (n - 1) * dilation[d]! + 1);
  const padding = paddingOf(
    call,
    (d) => {
      const count = Math.ceil(spatial[d]! / stride[d]!);
      return Math.max(0, (count - 1) * stride[d]! + reach[d]! - spatial[d]!);
    },
    spatial.length,
  );
  const isCeil = call.int("ceil_mode", 0) !== 0;
  for (const [d, n] of spatial.entries()) {
    const [before, after] = padding[d]!;
    const room = n + before + after;
    if (!(room >= reach[d]!)) call.invalid("windows must fit into x and what is around it", `${reach[d]} for ${room}`);
  }
  const more = spatial.map((n, d) => {
    const [before, after] = padding[d]!;
    const rest = n + before + after - reach[d]!;
    const count = Math.ceil(rest / stride[d]!);
    // A window that would begin behind x and what stands before it is none.
    const isInside = count * stride[d]! < n + before;
    return isCeil && isInside ? Math.max(0, count * stride[d]! - rest) : 0;
  });
  return { kernel, stride, dilation, padding, more };
}

/** The padding of each axis, where it is said, or follows from the result's size. */
function paddingOf(call: Call, needed: (axis: number) => number, axes: number): [number, number][] {
  const auto = call.text("auto_pad", "NOTSET");
  const all = Array.from({ length: axes }, (_, d) => d);
  if (auto === "VALID") return all.map(() => [0, 0]);
  if (auto === "SAME_UPPER" || auto === "SAME_LOWER") {
    return all.map((d) => {
      const less = Math.floor(needed(d) / 2);
      return auto === "SAME_UPPER" ? [less, needed(d) - less] : [needed(d) - less, less];
    });
  }
  if (auto !== "NOTSET") call.invalid("there is no such auto_pad", auto);
  const pads = call.ints("pads") ?? new Array<number>(2 * axes).fill(0);
  if (pads.length !== 2 * axes) call.invalid(`needs ${2 * axes} pads`, `[${pads.join(", ")}]`);
  return all.map((d) => [pads[d]!, pads[d + axes]!]);
}

function checkSpatial(call: Call, x: Tensor): number {
  const axes = x.shape.length - 2;
  if (axes < 1) call.invalid("x must have spatial axes", `${x.shape.length} axes`);
  return axes;
}

function convolution(call: Call): Tensor {
  const { x, y: w } = call;
  const axes = checkSpatial(call, x);
  const { stride, dilation, padding } = windowsOf(call, x.shape.slice(2), w.shape.slice(2));
  const groups = call.int("group", 1);
  const bias = call.optional(2);
  return convNd("Conv", axes, x, w, { stride, dilation, padding, groups, bias });
}

function transposedConvolution(call: Call): Tensor {
  const { x, y: w } = call;
  const axes = checkSpatial(call, x);
  const [spatial, kernel] = [x.shape.slice(2), w.shape.slice(2)];
  const each = kernel.map(() => 1);
  const stride = call.ints("strides") ?? each;
  const dilation = call.ints("dilations") ?? each;
  const outputPadding = call.ints("output_padding") ?? kernel.map(() => 0);
  const sizes = call.ints("output_shape")?.slice(-axes) ?? null;
  const full = spatial.map((n, d) => (n - 1) * stride[d]! + (kernel[d]! - 1) * dilation[d]! + 1);
  const same = (d: number): number =>
    Math.max(0, full[d]! + outputPadding[d]! - (sizes?.[d] ?? spatial[d]! * stride[d]!));
  const lower = call.text("auto_pad", "NOTSET") !== "SAME_UPPER";
  const padding =
    sizes === null
      ? paddingOf(call, same, axes)
      : spatial.map((_, d): [number, number] => {
          const half = Math.floor(same(d) / 2);
          return lower ? [half, same(d) - half] : [same(d) - half, half];
        });
  const outer = (sizes: readonly number[]): number[] => [x.shape[0]!, w.shape[1]! * call.int("group", 1), ...sizes];
  call.room(outer(full));
  if (sizes !== null) call.room(outer(sizes));
  // All of the result, then cut off or widened by zeros: output_padding may be more than the padding behind.
  const y = convTransposeNd("ConvTranspose", axes, x, w, { stride, dilation, groups: call.int("group", 1) });
  const extra = full.map((n, d) => {
    if (sizes !== null && sizes[d]! > n) return sizes[d]! - n;
    return sizes === null ? outputPadding[d]! : 0;
  });
  const cut = pad(y, [[0, 0], [0, 0], ...padding.map(([a, b], d): [number, number] => [-a, extra[d]! - b])]);
  const bias = call.optional(2);
  return bias === null ? cut : add(cut, reshape(bias, [bias.size, ...spatial.map(() => 1)]));
}

/** Most places in a window: each is a tensor of its own. */
const mostTaps = 2 ** 16;

/** The elements of all windows: for each place in a window, those of all windows. */
function taps(call: Call, x: Tensor, { kernel, stride, dilation, padding, more }: Windows, value: number): Tensor[] {
  const around = padding.map(([a, b], d): [number, number] => [a, b + more[d]!]);
  call.room([...x.shape.slice(0, 2), ...around.map(([a, b], d) => Math.max(0, x.shape[d + 2]! + a + b))]);
  if (sizeOf(kernel) > mostTaps) call.unsupported(`a window may have ${mostTaps} places`, `[${kernel.join(", ")}]`);
  const images = pad(x, [[0, 0], [0, 0], ...around], value);
  const counts = kernel.map((n, d) => {
    return Math.floor((images.shape[d + 2]! - (n - 1) * dilation[d]! - 1) / stride[d]!) + 1;
  });
  return Array.from({ length: sizeOf(kernel) }, (_, k) => {
    const specs = kernel.map((n, d): SliceSpec => {
      const at = (Math.floor(k / sizeOf(kernel.slice(d + 1))) % n) * dilation[d]!;
      return [at, at + (counts[d]! - 1) * stride[d]! + 1, stride[d]!];
    });
    return slice(images, null, null, ...specs);
  });
}

function poolWindows(call: Call, x: Tensor): Windows {
  checkSpatial(call, x);
  const kernel = call.ints("kernel_shape") ?? call.invalid("needs a kernel_shape", "none");
  return windowsOf(call, x.shape.slice(2), kernel);
}

function maxPool(call: Call): Result | Result[] {
  const { x } = call;
  const windows = poolWindows(call, x);
  const all = taps(call, x.dtype === "int32" ? x.to("float64") : x, windows, Number.NEGATIVE_INFINITY);
  const y = all.reduce((a, b) => maximum(a, b)).to(x.dtype);
  if ((call.node.outputs[1] ?? "") === "") return y;
  // Where the largest are: the elements' numbers go the same way.
  const order = call.int("storage_order", 0) === 0;
  const numbers = order ? arange(x.size, { dtype: "float64" }) : null;
  const own = numbers === null ? columnMajor(x.shape) : reshape(numbers, x.shape);
  const places = taps(call, own, windows, 0);
  const at = argmax(stack(all), 0, { keepDims: true });
  return [y, { x: reshape(gather(stack(places), 0, at), y.shape), type: elements.int64 }];
}

/** The number of each element if the last axes are counted from the first of them. */
function columnMajor(shape: readonly number[]): Tensor {
  const [n, c, ...spatial] = shape as [number, number, ...number[]];
  const turned = [n, c, ...[...spatial].reverse()];
  const order = [0, 1, ...spatial.map((_, d) => shape.length - 1 - d)];
  return permute(reshape(arange(sizeOf(shape), { dtype: "float64" }), turned), order);
}

function averagePool(call: Call): Tensor {
  const { x } = call;
  const windows = poolWindows(call, x);
  const total = taps(call, x, windows, 0).reduce((a, b) => add(a, b));
  const isCounted = call.int("count_include_pad", 0) !== 0;
  const unit = ones([1, 1, ...x.shape.slice(2)], { dtype: x.dtype as "float32" });
  // What ceil_mode adds is never counted.
  const whole = isCounted ? pad(unit, [[0, 0], [0, 0], ...windows.padding], 1) : unit;
  const around = isCounted ? { ...windows, padding: windows.padding.map((): [number, number] => [0, 0]) } : windows;
  return div(
    total,
    taps(call, whole, around, 0).reduce((a, b) => add(a, b)),
  );
}

function lpPool(call: Call): Tensor {
  const { x } = call;
  const p = call.int("p", 2);
  return pow(
    taps(call, pow(abs(x), p), poolWindows(call, x), 0).reduce((a, b) => add(a, b)),
    1 / p,
  );
}

const spatialAxes = (x: Tensor): number[] => x.shape.slice(2).map((_, d) => d + 2);

/** Operators of windows. */
export const windows: Rules = {
  AveragePool: averagePool,
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  GlobalAveragePool: ({ x }) => mean(x, spatialAxes(x), { keepDims: true }),
  GlobalLpPool: (call) => norm(call.x, call.int("p", 2), spatialAxes(call.x), { keepDims: true }),
  GlobalMaxPool: ({ x }) => max(x, spatialAxes(x), { keepDims: true }),
  LpPool: lpPool,
  MaxPool: maxPool,
};
