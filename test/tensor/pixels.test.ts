import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromPixels, setDefaultDtype, stack, type Tensor, tensor, toPixels } from "../../src/index.ts";

const bytes = (...values: number[]): Uint8ClampedArray => Uint8ClampedArray.from(values);

describe("fromPixels", () => {
  const image = { data: bytes(255, 0, 51, 10, 1, 2, 3, 255), width: 1, height: 2 };

  test("gives channels, rows and columns, from 0 to 1", () => {
    const x = fromPixels(image);
    expect([x.shape, x.dtype]).toEqual([[3, 2, 1], "float32"]);
    expect(x.mul(255).toArray()).toEqual([
      [[255], [1]],
      [[0], [2]],
      [[51], [3]],
    ]);
    expect(fromPixels(image, { scale: 1 }).toArray()).toEqual([
      [[255], [1]],
      [[0], [2]],
      [[51], [3]],
    ]);
    expect(fromPixels(image, { scale: 1, channels: 4 }).at(3).toArray()).toEqual([[10], [255]]);
    expect(stack([x, x]).shape).toEqual([2, 3, 2, 1]);
  });

  test("takes the luma of BT.601 for grey, and grey for what it is", () => {
    const grey = fromPixels(image, { scale: 1, channels: 1 }).toArray<number[][][]>().flat(2);
    expect(grey[0]).toBeCloseTo(0.299 * 255 + 0.114 * 51, 4);
    const all = Uint8ClampedArray.from({ length: 256 * 3 }, (_, i) => Math.floor(i / 3));
    const ramp = fromPixels({ data: all, width: 256, height: 1 }, { scale: 1, channels: 1 });
    expect([...ramp.data]).toEqual(Array.from({ length: 256 }, (_, i) => i));
  });

  test.each<[source: number, channels: 1 | 3 | 4 | undefined, wanted: number[]]>([
    [1, undefined, [7]],
    [1, 3, [7, 7, 7]],
    [1, 4, [7, 7, 7, 255]],
    [3, undefined, [7, 8, 9]],
    [3, 1, [(299 * 7 + 587 * 8 + 114 * 9) / 1000]],
    [3, 4, [7, 8, 9, 255]],
    [4, undefined, [7, 8, 9]],
    [4, 4, [7, 8, 9, 10]],
  ])("takes pixels of %i bytes to %s channels", (source, channels, wanted) => {
    const image = { data: bytes(...[7, 8, 9, 10].slice(0, source)), width: 1, height: 1 };
    const x = fromPixels(image, { scale: 1, ...(channels && { channels }) });
    expect([...x.data]).toEqual(wanted.map(Math.fround));
  });

  test("is of the default dtype", () => {
    setDefaultDtype("float64");
    try {
      const x = fromPixels({ data: bytes(51), width: 1, height: 1 });
      expect([x.dtype, x.item()]).toEqual(["float64", 51 * (1 / 255)]);
    } finally {
      setDefaultDtype("float32");
    }
  });
});

describe("toPixels", () => {
  test("gives back the bytes that fromPixels took, whatever the scale", () => {
    fc.assert(
      fc.property(
        fc.uint8ClampedArray({ minLength: 24, maxLength: 24 }),
        fc.constantFrom(1 / 255, 1, 2 / 255, 0.1, 3),
        (data, scale) => {
          const image = { data, width: 3, height: 2 };
          const back = toPixels(fromPixels(image, { channels: 4, scale }), { scale });
          expect([back.width, back.height]).toEqual([3, 2]);
          expect([...back.data]).toEqual([...data]);
        },
      ),
    );
    const every = Uint8ClampedArray.from({ length: 1024 }, (_, i) => i >> 2);
    expect([...toPixels(fromPixels({ data: every, width: 16, height: 16 }, { channels: 4 })).data]).toEqual([...every]);
  });

  test("spreads grey over the colours, opaque", () => {
    expect([...toPixels([[0.2]]).data]).toEqual([51, 51, 51, 255]);
    expect([...toPixels([[[0.2]]]).data]).toEqual([51, 51, 51, 255]);
    expect([...toPixels([[[0.2]], [[0.4]], [[1]]]).data]).toEqual([51, 102, 255, 255]);
    expect([...toPixels([[[0.2]], [[0.4]], [[1]], [[0]]]).data]).toEqual([51, 102, 255, 0]);
  });

  test("rounds to the nearest, halves to even", () => {
    const reds = (x: Tensor, scale?: number): number[] =>
      [...toPixels(x, scale === undefined ? {} : { scale }).data].filter((_, i) => i % 4 === 0);
    expect(reds(tensor([[0.5, 1.5, 2.5, 2.6, -0.4, 255.4]]), 1)).toEqual([0, 2, 2, 3, 0, 255]);
    expect(reds(tensor([[200, 0, 255]], { dtype: "int32" }))).toEqual([200, 0, 255]);
    expect(reds(tensor([[true, false]]))).toEqual([255, 0]);
  });
});
