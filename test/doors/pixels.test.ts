import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { fromPixels, type PixelSource, ShapeError, TinygradError, toPixels, zeros } from "../../src/index.ts";

const image = { data: new Uint8ClampedArray([1, 2, 3, 4]), width: 1, height: 1 };
/** Functions as they are called in JavaScript. */
const [from, to] = [fromPixels, toPixels] as unknown as ((...args: unknown[]) => unknown)[] as [
  (...args: unknown[]) => unknown,
  (...args: unknown[]) => unknown,
];

test("fromPixels takes what image libraries give: a Buffer with its channels, bytes of another realm", () => {
  const info = { format: "raw", width: 2, height: 1, channels: 3, size: 6 } as const;
  expect(fromPixels({ data: Buffer.from([1, 2, 3, 4, 5, 6]), ...info }, { scale: 1 }).toArray()).toEqual([
    [[1, 4]],
    [[2, 5]],
    [[3, 6]],
  ]);
  const foreign = runInNewContext("({ data: new Uint8ClampedArray([5]), width: 1, height: 1 })") as PixelSource;
  expect(fromPixels(foreign, { scale: 1 }).item()).toBe(5);
  expect(fromPixels({ data: new Uint8ClampedArray(), width: 0, height: 3 }).shape).toEqual([3, 3, 0]);
});

test.each<[call: () => unknown, message: string]>([
  [() => from(undefined), "fromPixels: needs an image with data, width and height, got undefined"],
  [
    () => from(image.data, 1, 1),
    "fromPixels: needs an image with data, width and height, got a Uint8ClampedArray; write fromPixels({ data, width, height })",
  ],
  [
    () => from(zeros([3, 1, 1])),
    "fromPixels: needs an image with data, width and height, got a tensor float32[3, 1, 1]; it is one already",
  ],
  [
    () => from(Promise.resolve(image)),
    "fromPixels: needs an image with data, width and height, got a promise; await it",
  ],
  [
    () => from({ data: image.data, info: { width: 1, height: 1, channels: 4 } }),
    "fromPixels: needs an image with data, width and height, got an object; write fromPixels({ data, ...info })",
  ],
  [
    () => from({ width: 1, height: 1, getContext: () => null }),
    'fromPixels: needs an image with data, width and height, got an object; write fromPixels(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height))',
  ],
  [
    () => from({ canvas: {}, getImageData: () => null }),
    "fromPixels: needs an image with data, width and height, got an object; write fromPixels(context.getImageData(0, 0, width, height))",
  ],
  [
    () => from({ width: 1, height: 1, close: () => undefined }),
    "fromPixels: needs an image with data, width and height, got an object; draw it on a canvas, and take getImageData(0, 0, width, height) of its context",
  ],
  [
    () => from({ width: 1, height: 1, naturalWidth: 1 }),
    "fromPixels: needs an image with data, width and height, got an object; draw it on a canvas, and take getImageData(0, 0, width, height) of its context",
  ],
  [
    () => from({ ...image, data: new Float32Array(4) }),
    'fromPixels: data must be bytes, a Uint8ClampedArray or Uint8Array, got a Float32Array; read the canvas with { pixelFormat: "rgba-unorm8" }',
  ],
  [
    () => from({ ...image, data: new Uint16Array(4) }),
    "fromPixels: data must be bytes, a Uint8ClampedArray or Uint8Array, got a Uint16Array",
  ],
  [
    () => from({ ...image, data: [1, 2, 3, 4] }),
    "fromPixels: data must be bytes, a Uint8ClampedArray or Uint8Array, got an array",
  ],
  [() => from({ ...image, width: 1.5 }), "fromPixels: width must be a whole number, 0 or more, got 1.5"],
  [() => from({ ...image, height: "1" }), 'fromPixels: height must be a whole number, 0 or more, got "1", a string'],
  [
    () => from({ ...image, width: 2 }),
    "fromPixels: the number of bytes must be width · height · 1, 3 or 4, got 4 for 2 · 1",
  ],
  [
    () => from({ ...image, channels: 3 }),
    "fromPixels: the number of bytes must be width · height · channels (1, 3 or 4), got 4 for 1 · 1 · 3",
  ],
  [
    () => from({ ...image, channels: 2 }),
    "fromPixels: the number of bytes must be width · height · channels (1, 3 or 4), got 4 for 1 · 1 · 2",
  ],
  [() => from(image, 3), "fromPixels: options must be an object, got 3; write { channels: 3 }"],
  [() => from(image, { channels: 2 }), "fromPixels: channels must be 1, 3 or 4, got 2"],
  [() => from(image, { channels: "3" }), 'fromPixels: channels must be a number, got "3", a string'],
  [() => from(image, { chanels: 3 }), "fromPixels: there is no such option, got chanels; did you mean channels?"],
  [() => from(image, { scale: false }), "fromPixels: scale must be a number, got false"],
  [() => from(image, { scale: 0 }), "fromPixels: scale must be a finite number above 0, got 0"],
  [
    () => to(zeros([2])),
    "toPixels: needs [height, width], or [channels, height, width] with 1, 3 or 4, got float32[2]",
  ],
  [
    () => to(zeros([2, 3, 3])),
    "toPixels: needs [height, width], or [channels, height, width] with 1, 3 or 4, got float32[2, 3, 3]; the channels go first: permute(x, [2, 0, 1])",
  ],
  [
    () => to(zeros([5, 6, 3])),
    "toPixels: needs [height, width], or [channels, height, width] with 1, 3 or 4, got float32[5, 6, 3]; the channels go first: permute(x, [2, 0, 1])",
  ],
  [
    () => to(zeros([1, 3, 2, 2])),
    "toPixels: needs [height, width], or [channels, height, width] with 1, 3 or 4, got float32[1, 3, 2, 2]; take one image of the batch: x.at(0)",
  ],
  [
    () => to([[100, 255]]),
    "toPixels: values must be from 0 to 1, got 100 at row 0, column 0; of bytes, write toPixels(x, { scale: 1 })",
  ],
  [
    () => to(fromPixels(image, { scale: 1 })),
    "toPixels: values must be from 0 to 1, got 2 at [1, 0, 0]; of bytes, write toPixels(x, { scale: 1 })",
  ],
  [() => to([[0, -3]]), "toPixels: values must be from 0 to 1, got -3 at row 0, column 1; bound them: clamp(x, 0, 1)"],
  [
    () => to([[0, 300]], { scale: 1 }),
    "toPixels: values must be from 0 to 255, got 300 at row 0, column 1; bound them: clamp(x, 0, 255)",
  ],
  [() => to([[0.5, Number.NaN]]), "toPixels: values must be from 0 to 1, got NaN at row 0, column 1"],
  [
    () => to([["a"]]),
    'toPixels: data must be numbers or booleans, got "a", a string at row 0, column 0; convert it by Number(…)',
  ],
  [() => to([[0.5]], 255), "toPixels: options must be an object, got 255; write { scale: 255 }"],
  [() => to([[0.5]], { scale: -1 }), "toPixels: scale must be a finite number above 0, got -1"],
  [() => to(image), "toPixels: data must be numbers or booleans, got an object"],
])("is refused: %s", (call, message) => {
  expect(call).toThrow(expect.objectContaining({ message }));
  expect(call).toThrow(TinygradError);
});

test("sizes that do not fit are errors of shape", () => {
  expect(() => from({ ...image, width: 2 })).toThrow(ShapeError);
  expect(() => to(zeros([2]))).toThrow(ShapeError);
});
