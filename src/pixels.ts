import { allocate, getDefaultDtype, type NumericArray } from "./core/dtype.ts";
import { ShapeError, textOf, ValueError } from "./core/errors.ts";
import { placeIn } from "./core/nested.ts";
import { checkOptions, type OptionKinds } from "./core/options.ts";
import { isTensor } from "./core/runtime.ts";
import { describe } from "./core/shape.ts";
import { refuseMore } from "./core/surplus.ts";
import { asTensor, leaf, type TensorLike } from "./create.ts";
import type { Tensor } from "./tensor.ts";

/** An image as bytes: an `ImageData` of a canvas, or anything else with these fields. */
export interface PixelSource {
  /** The bytes, pixel by pixel, row by row from the top: a `Uint8ClampedArray`, `Uint8Array` or `Buffer`. */
  readonly data: NumericArray;
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Bytes of a pixel: 1 (grey), 3 (red, green, blue) or 4 (with alpha); by default what the number of bytes says. */
  readonly channels?: number;
}

/** Options of {@link fromPixels}. */
export interface FromPixelsOptions {
  /** Channels of the result: 1 (grey), 3 (red, green, blue) or 4 (with alpha). By default 1 for a grey image, else 3. */
  readonly channels?: 1 | 3 | 4;
  /** What each byte is multiplied by: 1/255 by default, for values from 0 to 1; 1 keeps 0 to 255. */
  readonly scale?: number;
}

const fromPixelsOptions: OptionKinds<FromPixelsOptions> = { channels: "number", scale: "number" };

/** Bytes that `new ImageData(data, width, height)` takes: in memory that is not shared, which TypeScript tells apart from 5.7 on. */
export type PixelBytes = ReturnType<Uint8ClampedArrayConstructor["of"]>;

/** What {@link toPixels} returns: what an `ImageData` has. */
export interface Pixels {
  /** Red, green, blue and alpha of each pixel, row by row from the top. */
  readonly data: PixelBytes;
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/**
 * Creates a tensor from the pixels of an image, `[channels, height, width]`, as convolutions take them. `stack` makes a batch of several images.
 *
 * Grey is 0.299 red + 0.587 green + 0.114 blue, the luma of ITU-R BT.601-7, section 2.5.1, on the bytes as they are, as Pillow and OpenCV do; of equal red, green and blue it is that very value. Alpha is
 * left out unless `channels` is 4, and colours are not blended with it: where a canvas is transparent, they are 0, so fill it with a background first. An image without alpha is opaque.
 *
 * @param image - `context.getImageData(0, 0, width, height)`, or anything with `data`, `width` and `height`, and `channels` if you like: `{ data, ...info }` of sharp's `raw()`.
 * @param options - `channels`, `scale`.
 * @returns of the default floating dtype.
 * @throws {@link ValueError} for anything that is not an image of bytes (a canvas of float16 or float32 pixels too), or an option out of range; {@link ShapeError} if the number of bytes does not fit.
 * @example
 * const image = { data: new Uint8ClampedArray([255, 0, 0, 255, 51, 51, 51, 255]), width: 2, height: 1 };
 * fromPixels(image).shape; // → [3, 1, 2]
 * fromPixels(image, { scale: 1 }).toArray(); // → [[[255, 51]], [[0, 51]], [[0, 51]]]
 * fromPixels(image, { channels: 1, scale: 1 }).flatten().at(1).item(); // → 51
 */
export function fromPixels(image: PixelSource, options?: FromPixelsOptions): Tensor {
  checkImage(image, options);
  const { data, width, height } = image;
  const count = width * height;
  const from = channelsOf(image);
  const { channels: to = from === 1 ? 1 : 3, scale = 1 / 255 } = checkOptions("fromPixels", options, fromPixelsOptions);
  refuseMore("fromPixels", arguments, 2);
  if (!isChannels(to)) throw new ValueError("fromPixels", "channels must be 1, 3 or 4", textOf(to));
  checkScale("fromPixels", scale);
  const dtype = getDefaultDtype();
  const values = allocate(dtype, to * count, "fromPixels");
  for (let i = 0; i < count; i++) {
    const at = i * from;
    const red = data[at] as number;
    const green = from === 1 ? red : (data[at + 1] as number);
    const blue = from === 1 ? red : (data[at + 2] as number);
    if (to === 1) values[i] = ((299 * red + 587 * green + 114 * blue) / 1000) * scale;
    else {
      values[i] = red * scale;
      values[count + i] = green * scale;
      values[2 * count + i] = blue * scale;
      if (to === 4) values[3 * count + i] = (from === 4 ? (data[at + 3] as number) : 255) * scale;
    }
  }
  return leaf(values, [to, height, width], dtype);
}

/** Options of {@link toPixels}. */
export interface ToPixelsOptions {
  /** What each byte is to be multiplied by to give the tensor's value, as in {@link fromPixels}: 1/255 by default, and 1 for int32. */
  readonly scale?: number;
}

const toPixelsOptions: OptionKinds<ToPixelsOptions> = { scale: "number" };

/**
 * The pixels of an image that a tensor holds. For a canvas, write `context.putImageData(new ImageData(data, width, height), 0, 0)`; for sharp, `sharp(data, { raw: { width, height, channels: 4 } })`.
 *
 * A byte is `value / scale`, rounded to the nearest whole number (a half to the even one). So what {@link fromPixels} made comes back exactly.
 *
 * @param x - `[height, width]`, or `[channels, height, width]` with 1 channel (grey), 3 (red, green, blue) or 4 (with alpha): a tensor or arrays; values from 0 to 1, bytes if it is int32.
 * @param options - `scale`.
 * @returns four bytes for each pixel, opaque where there is no alpha.
 * @throws {@link ShapeError} for another shape; {@link ValueError} for a value that is not a byte, naming its place, or an option out of range.
 * @example
 * const { data, width, height } = toPixels([[0, 1], [0.2, 1]]);
 * [width, height]; // → [2, 2]
 * [...data.subarray(8)]; // → [51, 51, 51, 255, 255, 255, 255, 255]
 */
export function toPixels(x: TensorLike, options?: ToPixelsOptions): Pixels {
  const image = asTensor("toPixels", x);
  const { shape, values, dtype } = image;
  const [channels, height, width] =
    shape.length === 2 ? [1, shape[0]!, shape[1]!] : (shape as [number, number, number]);
  if (shape.length < 2 || shape.length > 3 || !isChannels(channels)) {
    throw new ShapeError(
      "toPixels",
      "needs [height, width], or [channels, height, width] with 1, 3 or 4",
      describe(image),
      layoutHint(image),
    );
  }
  const { scale = dtype === "int32" ? 1 : 1 / 255 } = checkOptions("toPixels", options, toPixelsOptions);
  refuseMore("toPixels", arguments, 2);
  checkScale("toPixels", scale);
  // A byte, give or take rounding: what is half a byte outside would round to another value.
  const bad = values.findIndex((v) => !(v / scale >= -0.5 && v / scale <= 255.5));
  if (bad >= 0) throw misfit(values[bad]!, placeIn(bad, shape), scale);
  const count = width * height;
  const data = new Uint8ClampedArray(4 * count);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) data[4 * i + c] = values[channels === 1 ? i : c * count + i]! / scale;
    data[4 * i + 3] = channels === 4 ? values[3 * count + i]! / scale : 255;
  }
  return { data, width, height };
}

/** The error for a value that is not a byte: clamped, an image of bytes taken for one of 0 to 1 would be all white. */
function misfit(value: number, place: string, scale: number): ValueError {
  const rule = scale === 1 ? "from 0 to 255" : scale === 1 / 255 ? "from 0 to 1" : `from 0 to 255 times ${scale}`;
  const isBytes = scale !== 1 && value >= 0 && value <= 255;
  const hint = Number.isNaN(value)
    ? ""
    : isBytes
      ? "of bytes, write toPixels(x, { scale: 1 })"
      : `bound them: clamp(x, 0, ${scale === 1 / 255 ? 1 : 255 * scale})`;
  return new ValueError("toPixels", `values must be ${rule}`, value + place, hint);
}

function isChannels(n: unknown): n is 1 | 3 | 4 {
  return n === 1 || n === 3 || n === 4;
}

function checkScale(op: string, scale: number): void {
  if (!(scale > 0 && scale < Number.POSITIVE_INFINITY))
    throw new ValueError(op, "scale must be a finite number above 0", String(scale));
  if (scale === 255)
    throw new ValueError(op, "scale is what bytes are multiplied by", "255", "write { scale: 1 / 255 }");
}

function layoutHint({ shape }: Tensor): string {
  if (shape.length === 4) return "take one image of the batch: x.at(0)";
  return shape.length === 3 && isChannels(shape[2]) ? "the channels go first: permute(x, [2, 0, 1])" : "";
}

/** Refuses what is not an image of bytes. */
function checkImage(image: unknown, options: unknown): asserts image is PixelSource {
  const { data, width, height } = (image ?? {}) as Partial<PixelSource>;
  if (data === undefined || width === undefined || height === undefined || isTensor(image)) {
    const hint = hintFor(image, options);
    throw new ValueError("fromPixels", "needs an image with data, width and height", textOf(image), hint);
  }
  // The tag is the same in every realm, and that of a Buffer is Uint8Array.
  const kind = Object.prototype.toString.call(data).slice(8, -1);
  if (kind !== "Uint8ClampedArray" && kind !== "Uint8Array") {
    const hint = /^Float/.test(kind) ? 'read the canvas with { pixelFormat: "rgba-unorm8" }' : "";
    throw new ValueError("fromPixels", "data must be bytes, a Uint8ClampedArray or Uint8Array", textOf(data), hint);
  }
  for (const [name, size] of [
    ["width", width],
    ["height", height],
  ] as const) {
    if (Number.isSafeInteger(size) && size >= 0) continue;
    throw new ValueError("fromPixels", `${name} must be a whole number, 0 or more`, textOf(size));
  }
}

/** Where the pixels of what browsers and image libraries call an image are. */
function hintFor(image: unknown, options: unknown): string {
  if (isTensor(image)) return "it is one already";
  const { then, info, getContext, getImageData, naturalWidth, close } = (image ?? {}) as {
    readonly [name: string]: unknown;
  };
  if (typeof then === "function") return "await it";
  if (ArrayBuffer.isView(image))
    return `write fromPixels({ data, width, height }${typeof options === "object" ? ", …" : ""})`;
  if (typeof info === "object") return "write fromPixels({ data, ...info })";
  if (typeof getContext === "function")
    return 'write fromPixels(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height))';
  if (typeof getImageData === "function") return "write fromPixels(context.getImageData(0, 0, width, height))";
  const isPicture = naturalWidth !== undefined || typeof close === "function";
  return isPicture ? "draw it on a canvas, and take getImageData(0, 0, width, height) of its context" : "";
}

/** Bytes of a pixel. */
function channelsOf({ data, width, height, channels }: PixelSource): 1 | 3 | 4 {
  const count = width * height;
  const guess = channels ?? (count === 0 ? 4 : data.length / count);
  if (isChannels(guess) && data.length === guess * count) return guess;
  const wanted = channels === undefined ? "width · height · 1, 3 or 4" : "width · height · channels (1, 3 or 4)";
  const got = `${data.length} for ${[width, height, ...(channels === undefined ? [] : [channels])].join(" · ")}`;
  throw new ShapeError("fromPixels", `the number of bytes must be ${wanted}`, got);
}
