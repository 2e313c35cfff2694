import type { TypedArray } from "../core/dtype.ts";
import type { Operand } from "../core/op.ts";
import { type Shape, sizeOf, stridesOf } from "../core/shape.ts";
import type { ConvAttrs } from "./conv.ts";
import { multiplyMatrices } from "./matmulKernel.ts";
import { stridedRows } from "./strided.ts";

// Each is a product of matrices for each image and group, in float64, over some windows at a time: windows are unfolded into a panel that stays in
// a cache, never those of a whole image. The image is copied first, so what is padded is there to be read.

/** So many numbers are in a panel. */
const mostInPanel = 32_768;

/** y = conv(x, w): rows of the weight times windows of x. */
export function convolve(y: TypedArray, x: Operand, w: Operand, attrs: ConvAttrs, shape: Shape): void {
  const windows = new Windows(x.shape, w.shape, shape, attrs);
  const { rows, inner, count } = windows;
  const weights = w.values;
  windows.each((image, group, from, width) => {
    if (from === 0) windows.read(x.values, image, group);
    windows.unfold(from, width);
    const { panel, part } = windows;
    multiplyMatrices(part, 0, rows, inner, width, weights, group * rows * inner, inner, 1, panel, 0, width, 1);
    const to = windows.resultAt(image, group) + from;
    for (let r = 0, k = 0; r < rows; r++) {
      for (let at = to + r * count, end = at + width; at < end; at++, k++) y[at] = part[k]!;
    }
  });
}

/** x's cotangent: the transposed weight times y's, each product added where its window lies. */
export function convolveInput(dx: TypedArray, dy: Operand, w: Operand, attrs: ConvAttrs, shape: Shape): void {
  const windows = new Windows(shape, w.shape, dy.shape, attrs);
  const { rows, inner, count } = windows;
  const [weights, cotangent] = [w.values, dy.values];
  windows.each((image, group, from, width) => {
    if (from === 0) windows.image.fill(0);
    const at = windows.resultAt(image, group) + from;
    const { panel } = windows;
    multiplyMatrices(panel, 0, inner, rows, width, weights, group * rows * inner, 1, inner, cotangent, at, count, 1);
    windows.fold(from, width);
    if (from + width === count) windows.write(dx, image, group);
  });
}

/** The weight's cotangent: y's times windows of x, added up over the images. */
export function convolveWeight(dw: TypedArray, x: Operand, dy: Operand, attrs: ConvAttrs, shape: Shape): void {
  const windows = new Windows(x.shape, shape, dy.shape, attrs);
  const { rows, inner, count } = windows;
  const product = new Float64Array(rows * inner);
  const sums = new Float64Array(dw.length);
  const cotangent = dy.values;
  windows.each((image, group, from, width) => {
    if (from === 0) windows.read(x.values, image, group);
    windows.unfold(from, width);
    const at = windows.resultAt(image, group) + from;
    multiplyMatrices(product, 0, rows, width, inner, cotangent, at, count, 1, windows.panel, 0, 1, width);
    for (let i = 0, to = group * product.length; i < product.length; i++, to++) sums[to]! += product[i]!;
  });
  dw.set(sums);
}

/** Where the windows of a convolution lie in an image: the channels of one group, with what is padded around them. */
export class Windows {
  /** Channels of the result in a group. */
  readonly rows: number;
  /** Elements of a window. */
  readonly inner: number;
  /** Windows of an image. */
  readonly count: number;
  readonly image: Float64Array;
  /** Some windows: element after element, those of all of them side by side. */
  readonly panel: Float64Array;
  /** A number for each row and each window of the panel. */
  readonly part: Float64Array;
  /** Where windows begin, and where their elements lie from there. */
  readonly starts: Int32Array;
  readonly taps: Int32Array;
  readonly #images: number;
  readonly #groups: number;
  readonly #most: number;
  readonly #shape: Shape;
  readonly #strides: readonly number[];
  readonly #offset: number;

  constructor(x: Shape, w: Shape, y: Shape, { stride, padding, dilation, groups }: ConvAttrs) {
    const sizes = x.slice(2);
    const padded = sizes.map((size, d) => size + padding[d]![0] + padding[d]![1]);
    this.#shape = [w[1]!, ...sizes];
    this.#strides = stridesOf([w[1]!, ...padded]);
    const own = this.#strides.slice(1);
    this.#offset = padding.reduce((at, [before], d) => at + before * own[d]!, 0);
    this.starts = placesOf(
      y.slice(2),
      own.map((step, d) => step * stride[d]!),
    );
    this.taps = placesOf(w.slice(1), [this.#strides[0]!, ...own.map((step, d) => step * dilation[d]!)]);
    this.#images = x[0]!;
    this.#groups = groups;
    this.rows = w[0]! / groups;
    this.inner = this.taps.length;
    this.count = this.starts.length;
    this.#most = Math.max(4, 4 * Math.floor(mostInPanel / 4 / Math.max(this.inner, 1)));
    this.image = new Float64Array(w[1]! * sizeOf(padded));
    this.panel = new Float64Array(this.inner * Math.min(this.#most, this.count));
    this.part = new Float64Array(this.rows * Math.min(this.#most, this.count));
  }

  /** Goes through the images, their groups, and their windows, some at a time. */
  each(visit: (image: number, group: number, from: number, width: number) => void): void {
    for (let image = 0; image < this.#images; image++) {
      for (let group = 0; group < this.#groups; group++) {
        for (let from = 0; from < this.count; from += this.#most) {
          visit(image, group, from, Math.min(this.#most, this.count - from));
        }
      }
    }
  }

  /** Where an image's results of a group begin. */
  resultAt(image: number, group: number): number {
    return (image * this.#groups + group) * this.rows * this.count;
  }

  /** Takes a group's channels of an image from x. */
  read(x: TypedArray, image: number, group: number): void {
    const { image: to } = this;
    this.#rows(image, group, (from, at, n) => {
      for (const end = from + n; from < end; from++, at++) to[at] = x[from]!;
    });
  }

  /** Puts them into x. */
  write(x: TypedArray, image: number, group: number): void {
    const { image: from } = this;
    this.#rows(image, group, (to, at, n) => {
      for (const end = to + n; to < end; to++, at++) x[to] = from[at]!;
    });
  }

  #rows(image: number, group: number, row: (dense: number, padded: number, length: number) => void): void {
    const size = sizeOf(this.#shape);
    const first = (image * this.#groups + group) * size;
    stridedRows(this.#shape, this.#strides, this.#offset, size, (k, at, n) => row(first + k, at, n));
  }

  /** Lays windows out in the panel. */
  unfold(from: number, width: number): void {
    const { image, panel } = this;
    const [starts, taps] = [this.starts, this.taps];
    for (let k = 0, to = 0; k < taps.length; k++) {
      const tap = taps[k]!;
      for (let j = from; j < from + width; j++, to++) panel[to] = image[starts[j]! + tap]!;
    }
  }

  /** Adds what is in the panel to the image. */
  fold(from: number, width: number): void {
    const { image, panel } = this;
    const [starts, taps] = [this.starts, this.taps];
    for (let k = 0, at = 0; k < taps.length; k++) {
      const tap = taps[k]!;
      for (let j = from; j < from + width; j++, at++) image[starts[j]! + tap]! += panel[at]!;
    }
  }
}

/** The places of all elements of a window, row-major. */
function placesOf(sizes: Shape, strides: readonly number[]): Int32Array {
  const places = new Int32Array(sizeOf(sizes));
  stridedRows(sizes, strides, 0, places.length, (k, at, n, step) => {
    for (const end = k + n; k < end; k++, at += step) places[k] = at;
  });
  return places;
}
