import { describe, expect, test } from "vitest";
import { CompileError } from "../../src/compile/errors.ts";
import { Heap } from "../../src/compile/webassembly/heap.ts";
import { allocateLike } from "../../src/core/dtype.ts";
import { checkHessian } from "../../src/gradcheck/index.ts";
import * as t from "../../src/index.ts";
import { expandValues } from "../../src/ops/expand.ts";

// Sizes that no memory holds: a typed error that says how many, wherever they are asked for.

const bytes = (size: number, dtype: t.DType, each: number): string =>
  `the elements must fit into memory, got ${size} of ${dtype}, ${size * each} bytes`;
const many = 2 ** 50;

describe("sizes that no memory holds", () => {
  test.each<[string, () => unknown, string]>([
    ["zeros", () => t.zeros([many]), `zeros: ${bytes(many, "float32", 4)}`],
    ["arange", () => t.arange(many), `arange: ${bytes(many, "float64", 8)}`],
    ["expand", () => t.expand(t.ones([1]), [many]), `expand: ${bytes(many, "float32", 4)}`],
    ["a layer", () => new t.Linear(2 ** 26, 2 ** 24), `Linear: ${bytes(many, "float32", 4)}`],
    ["a table", () => new t.Embedding(2 ** 26, 2 ** 24), `Embedding: ${bytes(many, "float32", 4)}`],
    ["an initializer", () => t.kaimingNormal([2 ** 26, 2 ** 24]), `kaimingNormal: ${bytes(many, "float32", 4)}`],
    [
      "what an op expands",
      () => expandValues("eq", new Float32Array(2), [2, 1], [2, many / 2]),
      `eq: ${bytes(many, "float32", 4)}`,
    ],
    ["bools", () => allocateLike(new Uint8Array(1), many, "where"), `where: ${bytes(many, "bool", 1)}`],
    [
      "the Hessian of a large x",
      () =>
        checkHessian(
          () => 0,
          () => [],
          new Float64Array(2 ** 21),
        ),
      `checkHessian: ${bytes(2 ** 42, "float64", 8)}`,
    ],
  ])("%s", (_, call, text) => {
    expect(call).toThrow(t.ShapeError);
    expect(call).toThrow(text);
  });

  test("compiled programs: what was there goes on", () => {
    const heap = new Heap();
    const before = heap.allocate(64);
    const call = () => heap.allocate(2 ** 33);
    expect(call).toThrow(CompileError);
    expect(call).toThrow(
      /^compile: WebAssembly's memory must have room for the program, got 8589934592 bytes more; it has 65536 bytes, \d+ of them free, and cannot grow;/,
    );
    expect(heap.allocate(64)).toBe(before + 64);
  });
});
