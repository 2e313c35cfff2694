import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type DType, randn, type Tensor, tensor, zeros } from "../../src/index.ts";
import { decode, decodeMetadata, encode } from "../../src/safetensors/index.ts";
import { findPython, python } from "./python.ts";

const folder = mkdtempSync(join(tmpdir(), "safetensors-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Described {
  readonly tensors: readonly [name: string, dtype: string, shape: number[], values: (string | number)[]][];
  readonly metadata: Record<string, string>;
}

/** Values as Python wrote them: floats as the shortest text that is exact. */
const numberOf = (value: string | number): number => {
  if (value === "nan") return Number.NaN;
  return typeof value === "number" ? value : Number(value.replace("inf", "Infinity"));
};

const dtypes: Record<string, DType> = { F64: "float64", F32: "float32", F16: "float32", BF16: "float32", BOOL: "bool" };

describe.skipIf(findPython() === null && process.env["CI"] !== "true")("exchange with Python (needs numpy)", () => {
  test.each([1, 2, 3, 4, 5])("reads what Python wrote, of every dtype, seed %d", (seed) => {
    const path = join(folder, "python.safetensors");
    const { tensors, metadata } = JSON.parse(python("write", path, String(seed))) as Described;
    const bytes = readFileSync(path);
    const read = decode(bytes);
    expect([...read.keys()]).toEqual(tensors.map(([name]) => name));
    expect(tensors.length).toBe(13 * 6);
    for (const [name, dtype, shape, values] of tensors) {
      const x = read.get(name)!;
      expect([x.dtype, x.shape]).toEqual([dtypes[dtype] ?? "int32", shape]);
      expect([...x.data]).toEqual(values.map(numberOf));
    }
    expect(Object.fromEntries(decodeMetadata(bytes))).toEqual(metadata);
  });

  test("Python reads what we wrote, to the bit", () => {
    const path = join(folder, "ours.safetensors");
    const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 5e-324, 1 / 3];
    const tensors: Record<string, Tensor> = {
      "layers.0.weight": randn([3, 4]),
      "a bool": tensor([true, false, true]),
      special: tensor(special, { dtype: "float64" }),
      scalar: tensor(7, { dtype: "int32" }),
      "10": zeros([2, 0, 3]),
      "2": tensor([-(2 ** 31), 2 ** 31 - 1], { dtype: "int32" }),
      '名 "\\\n': zeros([], { dtype: "float64" }),
    };
    writeFileSync(path, encode(new Map(Object.entries(tensors)), { 名: 'é\n"\\' }));
    const { tensors: read, metadata } = JSON.parse(python("read", path)) as Described;
    expect(metadata).toEqual({ 名: 'é\n"\\' });
    expect(read.map(([name]) => name)).toEqual(Object.keys(tensors));
    for (const [name, dtype, shape, values] of read) {
      const x = tensors[name]!;
      expect([dtypes[dtype] ?? "int32", shape]).toEqual([x.dtype, x.shape]);
      expect(values.map(numberOf)).toEqual([...x.data].map(Number));
    }
  });
});
