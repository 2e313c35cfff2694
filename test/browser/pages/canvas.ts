import { fromPixels, toPixels } from "tinygrad-ts";
import { show } from "./show.ts";

const [width, height] = [5, 3];

/** A canvas's context of some kind. */
function contextOf(canvas: HTMLCanvasElement | OffscreenCanvas): CanvasRenderingContext2D {
  canvas.width = width;
  canvas.height = height;
  return canvas.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
}

/** Draws, reads, makes a tensor of it, writes that to another canvas and reads again. */
function roundTrip(context: CanvasRenderingContext2D, other: CanvasRenderingContext2D) {
  context.fillStyle = "rgb(255, 128, 7)";
  context.fillRect(0, 0, 2, 3);
  context.fillStyle = "rgb(0, 51, 204)";
  context.fillRect(3, 1, 2, 2);
  const before = context.getImageData(0, 0, width, height);
  const x = fromPixels(before, { channels: 4 });
  const pixels = toPixels(x);
  other.putImageData(new ImageData(pixels.data, pixels.width, pixels.height), 0, 0);
  const after = other.getImageData(0, 0, width, height);
  const grey = fromPixels(before, { channels: 1, scale: 1 });
  return { shape: x.shape, before: [...before.data], after: [...after.data], grey: grey.at(0).at(0).toArray() };
}

void show(() => {
  const element = (): HTMLCanvasElement => document.createElement("canvas");
  let refusal = "";
  try {
    fromPixels(element() as never);
  } catch (error) {
    refusal = String(error);
  }
  return {
    element: roundTrip(contextOf(element()), contextOf(element())),
    offscreen: roundTrip(contextOf(new OffscreenCanvas(1, 1)), contextOf(new OffscreenCanvas(1, 1))),
    refusal,
  };
});
