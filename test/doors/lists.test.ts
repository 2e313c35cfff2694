import { expect, test } from "vitest";
import * as t from "../../src/index.ts";

// What a function is given stays the caller's: changed afterwards, it must not change what was made of it, nor what backward computes.

/** Changes each number in a list, and in the lists in it. */
function change(given: unknown): void {
  if (typeof given !== "object" || given === null) return;
  const own = given as Record<string, unknown>;
  for (const [name, value] of Object.entries(own)) {
    if (typeof value === "number") own[name] = value === 1 ? 2 : 1;
    else change(value);
  }
}

const drawn = (shape: number[]): t.Tensor =>
  t.randn(shape, { dtype: "float64", generator: new t.Generator(1), requiresGrad: true });
const filters = t.ones([3, 4, 3, 3], { dtype: "float64" });

const windows = (): object => ({ stride: [2, 1], padding: [[1, 2], [0, 1]], dilation: [1, 2] }); // biome-ignore format: one line

// biome-ignore lint/suspicious/noExplicitAny: each function takes something else
type Anything = any;

const ops: readonly (readonly [string, (x: t.Tensor, given: Anything) => t.Tensor, () => unknown])[] = [
  ["sum", (x, axes) => t.sum(x, axes), () => [1, 2]],
  ["mean", (x, axes) => t.mean(x, axes), () => [0, 3]],
  ["max", (x, axes) => t.max(x, axes), () => [1, 2]],
  ["prod", (x, axes) => t.prod(x, axes), () => [1, 2]],
  ["norm", (x, axes) => t.norm(x, 3, axes), () => [1, 2]],
  ["reshape", (x, shape) => t.reshape(x, shape), () => [8, 36]],
  ["permute", (x, axes) => t.permute(x, axes), () => [3, 0, 2, 1]],
  ["expand", (x, shape) => t.expand(t.sum(x, 1), shape), () => [3, 2, 6, 6]],
  ["slice", (x, ranges) => t.slice(x, ...(ranges as [])), () => [[0, 2], [1, 3], null, [null, null, 2]]], // biome-ignore format: one line
  ["pad", (x, widths) => t.pad(x, widths), () => [[1, 2], [0, 1], [2, 2], [0, 3]]], // biome-ignore format: one line
  ["pad by reflection", (x, widths) => t.pad(x, widths, "reflect"), () => [[0, 0], [0, 0], [2, 1], [0, 3]]], // biome-ignore format: one line
  ["flip", (x, axes) => t.flip(x, axes), () => [2, 3]],
  ["roll", (x, shifts) => t.roll(x, shifts, [0, 1]), () => [1, 2]],
  ["tile", (x, counts) => t.tile(x, counts), () => [2, 1, 3, 2]],
  ["split", (x, sizes) => t.split(x, sizes, 1)[1]!, () => [1, 3]],
  ["layerNorm", (x, shape) => t.layerNorm(x, shape), () => [6, 6]],
  ["conv2d", (x, options) => t.conv2d(x, filters, options), windows],
  ["convTranspose2d", (x, options) => t.convTranspose2d(t.slice(x, null, [0, 3]), filters, options), windows],
  ["maxPool2d", (x, size) => t.maxPool2d(x, size), () => [2, 3]],
  ["avgPool2d", (x, options) => t.avgPool2d(x, 2, options), () => ({ stride: [2, 1], padding: [[0, 1], [1, 0]] })], // biome-ignore format: one line
  ["adaptiveAvgPool2d", (x, size) => t.adaptiveAvgPool2d(x, size), () => [2, 4]],
  ["interpolate", (x, options) => t.interpolate(x, options), () => ({ size: [4, 9], mode: "bilinear" })],
];

test.each(ops)("%s: backward does not look at the caller's lists", (_, fn, make) => {
  const gradientOf = (isChanged: boolean): unknown => {
    const [x, given] = [drawn([2, 4, 6, 6]), make()];
    const y = fn(x, given);
    if (isChanged) change(given);
    const [first] = t.gradients(y.mul(y).sum(), [x], { createGraph: true });
    const [second] = t.gradients(first!.mul(first!).sum(), [x]);
    return [y, first, second].map((own) => own!.toArray());
  };
  expect(gradientOf(true)).toEqual(gradientOf(false));
});

const layers: readonly (readonly [string, (given: Anything) => t.Layer, () => unknown])[] = [
  ["Conv2d", (options) => new t.Conv2d(4, 2, 3, options), windows],
  ["Conv2d's kernel", (size) => new t.Conv2d(4, 2, size), () => [2, 3]],
  ["ConvTranspose2d", (options) => new t.ConvTranspose2d(4, 2, 3, options), windows],
  ["MaxPool2d", (options) => new t.MaxPool2d(2, options), () => ({ stride: [2, 1], padding: [[0, 1], [1, 0]] })], // biome-ignore format: one line
  ["AvgPool2d", (size) => new t.AvgPool2d(size), () => [2, 3]],
  ["AdaptiveAvgPool2d", (size) => new t.AdaptiveAvgPool2d(size), () => [2, 4]],
  ["Upsample", (options) => new t.Upsample(options), () => ({ size: [4, 9] })],
  ["ZeroPad2d", (padding) => new t.ZeroPad2d(padding), () => [[1, 2], [0, 1]]], // biome-ignore format: one line
  ["LayerNorm", (shape) => new t.LayerNorm(shape), () => [6, 6]],
];

test.each(layers)("%s: a layer stays as it was made", (_, make, given) => {
  const list = given();
  const layer = make(list);
  const [shape, text, json] = [layer.forward(drawn([2, 4, 6, 6])).shape, String(layer), JSON.stringify(layer)];
  change(list);
  expect(layer.forward(drawn([2, 4, 6, 6])).shape).toEqual(shape);
  expect([String(layer), JSON.stringify(layer)]).toEqual([text, json]);
});
