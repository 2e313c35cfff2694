import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type DType, reshape, type Tensor, tensor } from "../../src/index.ts";
import { decode } from "../../src/safetensors/index.ts";
import { Slice, type Value } from "./binding.ts";
import type { Expected } from "./compare.ts";

const folder = process.env["CONFORMANCE_DIR"] ?? fileURLToPath(new URL("../fixtures/conformance", import.meta.url));

const readJson = <T>(name: string): T => JSON.parse(readFileSync(`${folder}/${name}`, "utf8")) as T;

/** A tensor in JSON. */
export interface TensorData {
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
  readonly dtype?: string;
}

export interface EdgeCase {
  readonly id: string;
  readonly expr: string;
  readonly inputs: Readonly<Record<string, TensorData>>;
  readonly consts?: Readonly<Record<string, TensorData>>;
  readonly forward: TensorData;
  readonly grads: Readonly<Record<string, TensorData | null>>;
  readonly grads2?: Readonly<Record<string, TensorData | null>>;
  readonly differentiable?: boolean;
  readonly lane_independent?: boolean;
  readonly policy: "match" | "either" | "improve";
}

export interface OpCase {
  readonly id: string;
  readonly op: string;
  readonly variant: string;
  readonly input: unknown;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly outputs: readonly unknown[];
  readonly cotangents: Readonly<Record<string, unknown>>;
  readonly grads: Readonly<Record<string, unknown>>;
}

export interface ErrorCase {
  readonly id: string;
  readonly code: string;
  readonly message: string;
}

export const edgeCases = readJson<EdgeCase[]>("edge_cases.json");
export const errorCases = readJson<ErrorCase[]>("error_cases.json");
export const badFiles =
  readJson<{ id: string; expect: string; code?: string; base64: string }[]>("bad_safetensors.json");
export const opCases = readFileSync(`${folder}/opinfo/cases.jsonl`, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as OpCase);

const file = decode(readFileSync(`${folder}/opinfo/tensors.safetensors`));

/** A fresh leaf of the file. */
function read(key: string): Tensor {
  const x = file.get(key);
  if (x === undefined) throw new Error(`no tensor ${key} in the file`);
  return x.detach();
}

/** The values of one op case: each tensor is one object, however often the case names it. */
export class OpValues {
  private readonly tensors = new Map<string, Tensor>();

  /** The tensor of a key, as the leaf that the adapter gets. */
  leaf(key: string): Tensor {
    const known = this.tensors.get(key);
    if (known !== undefined) return known;
    const fresh = read(key);
    this.tensors.set(key, fresh);
    return fresh;
  }

  /** An argument out of JSON: `$t` tensor, `$f` float, `$slice`, `$ellipsis`, `$dtype`. */
  decode(json: unknown): Value {
    if (Array.isArray(json)) return json.map((v) => this.decode(v));
    if (json === null || typeof json !== "object") return json as Value;
    const { $t: key, grad } = json as { $t?: string; grad?: boolean };
    if (key !== undefined) {
      const x = this.leaf(key);
      if (grad) x.requiresGrad = true;
      return x;
    }
    const [[tag, value]] = Object.entries(json) as [[string, unknown]];
    if (tag === "$f") return toNumber(value as string);
    if (tag === "$slice") return new Slice(value as [number | null, number | null, number | null]);
    if (tag === "$ellipsis") return "...";
    if (tag === "$dtype") return value as string;
    throw new Error(`unknown tag ${tag}`);
  }
}

/** What a key of the reference file holds, or null for no path. */
export function expectedOf(json: unknown): Expected | null {
  const key = (json as { $t: string } | null)?.$t;
  return key === undefined ? null : asExpected(read(key));
}

function asExpected(x: Tensor): Expected {
  return { shape: x.shape, dtype: x.dtype, values: x.data };
}

/** A tensor out of JSON, and a reference value. */
export function toTensor(json: TensorData): Tensor {
  const dtype = dtypeOf(json);
  return reshape(tensor(Float64Array.from(json.data, toNumber), { dtype }), json.shape);
}

export function toExpected(json: TensorData): Expected {
  // In float64, so that what is compared is what the file says.
  return { shape: json.shape, dtype: dtypeOf(json), values: json.data.map(toNumber) };
}

function dtypeOf({ dtype = "float64" }: TensorData): DType {
  return dtype === "int64" ? "int32" : (dtype as DType);
}

function toNumber(v: number | string): number {
  if (typeof v === "number") return v;
  const [sign, text] = v.startsWith("-") ? [-1, v.slice(1)] : [1, v];
  return sign * (text === "inf" ? Number.POSITIVE_INFINITY : text === "nan" ? Number.NaN : Number(text));
}
