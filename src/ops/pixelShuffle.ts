import { checkTensor } from "../core/apply.ts";
import { ShapeError, textOf, ValueError } from "../core/errors.ts";
import { formatShape, sizeOf } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { permute } from "./permute.ts";
import { reshape } from "./reshape.ts";

/**
 * Channels made into pixels: `y[…, c, h · r + i, w · r + j] = x[…, c · r² + i · r + j, h, w]`. The last step of networks that make images larger (Shi et al., 2016).
 *
 * @param x - `[…, channels · r², height, width]`, of any dtype.
 * @param factor - r, how much larger the image becomes.
 * @returns `[…, channels, height · r, width · r]`.
 * @throws {@link ShapeError} if r² does not divide the channels; {@link ValueError} for a factor that is none.
 * @example
 * pixelShuffle(tensor([[[1]], [[2]], [[3]], [[4]]]), 2).toArray(); // → [[[1, 2], [3, 4]]]
 */
export function pixelShuffle(x: Tensor, factor: number): Tensor {
  refuseMore("pixelShuffle", arguments, 2);
  const { images, channels, height, width } = checkImages("pixelShuffle", x, factor);
  if (channels % factor ** 2 !== 0) {
    const got = `${channels} in x ${formatShape(x.shape)}`;
    throw new ShapeError("pixelShuffle", `the channels must be divisible by ${factor ** 2}`, got);
  }
  const c = channels / factor ** 2;
  const parts = permute(reshape(x, [sizeOf(images), c, factor, factor, height, width]), [0, 1, 4, 2, 5, 3]);
  return reshape(parts, [...images, c, height * factor, width * factor]);
}

/**
 * Pixels made into channels: the inverse of {@link pixelShuffle}, `y[…, c · r² + i · r + j, h, w] = x[…, c, h · r + i, w · r + j]`.
 *
 * @param x - `[…, channels, height · r, width · r]`, of any dtype.
 * @param factor - r, how much smaller the image becomes.
 * @returns `[…, channels · r², height, width]`.
 * @throws {@link ShapeError} if r does not divide height and width; {@link ValueError} for a factor that is none.
 * @example
 * pixelUnshuffle(tensor([[[1, 2], [3, 4]]]), 2).toArray(); // → [[[1]], [[2]], [[3]], [[4]]]
 */
export function pixelUnshuffle(x: Tensor, factor: number): Tensor {
  refuseMore("pixelUnshuffle", arguments, 2);
  const { images, channels, height, width } = checkImages("pixelUnshuffle", x, factor);
  if (height % factor !== 0 || width % factor !== 0) {
    const got = `${height} × ${width} in x ${formatShape(x.shape)}`;
    throw new ShapeError("pixelUnshuffle", `height and width must be divisible by ${factor}`, got);
  }
  const [h, w] = [height / factor, width / factor];
  const parts = permute(reshape(x, [sizeOf(images), channels, h, factor, w, factor]), [0, 1, 3, 5, 2, 4]);
  return reshape(parts, [...images, channels * factor ** 2, h, w]);
}

function checkImages(op: string, x: Tensor, factor: number) {
  checkTensor(op, x);
  if (!Number.isSafeInteger(factor) || factor < 1) {
    throw new ValueError(op, "the factor must be a whole number, 1 or more", textOf(factor), `write ${op}(x, 2)`);
  }
  const { shape } = x;
  if (shape.length < 3) throw new ShapeError(op, "x must be […, channels, height, width]", formatShape(shape));
  const [channels, height, width] = shape.slice(-3) as [number, number, number];
  return { images: shape.slice(0, -3), channels, height, width };
}
