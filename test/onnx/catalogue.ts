import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tensor } from "../../src/index.ts";
import { fromOnnx, OnnxError } from "../../src/onnx/index.ts";
import { type ModelProto, modelProto, type TensorProto, tensorProto } from "../../src/onnx/schema.ts";
import { dtypeOf, isInteger, readTensor } from "../../src/onnx/tensors.ts";
import { readMessage } from "../../src/onnx/wire.ts";

/** Where Debian's package libonnx-testdata lies: models with inputs and outputs, made by ONNX's own reference and by PyTorch. */
export const folder = "/usr/share/libonnx-testdata/data";

const windows = "ONNX 1.12 computes the outputs with 3.1415 for π";
const bits = "the data beside the model are uint16, and of other shapes than the model says";
const fraction =
  "ONNX 1.12 aligns the corners of a length that is no whole number; onnxruntime and PyTorch do as this library";

/** Models whose outputs in the catalogue are not what the standard says, and why. */
export const departures: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["blackman", "hamming", "hann"].flatMap((name) =>
      ["", "_symmetric", "_expanded", "_symmetric_expanded"].map((kind) => [`node/test_${name}window${kind}`, windows]),
    ),
  ),
  ...Object.fromEntries(
    [
      "cast_BFLOAT16_to_FLOAT",
      "cast_FLOAT_to_BFLOAT16",
      "castlike_BFLOAT16_to_FLOAT",
      "castlike_FLOAT_to_BFLOAT16",
    ].map((name) => [`node/test_${name}`, bits]),
  ),
  "node/test_castlike_BFLOAT16_to_FLOAT_expanded": bits,
  "node/test_castlike_FLOAT_to_BFLOAT16_expanded": bits,
  "node/test_resize_downsample_scales_cubic_align_corners": fraction,
  "node/test_resize_downsample_scales_linear_align_corners": fraction,
};

/** Models whose outputs in the catalogue have four digits. */
const fourDigits: readonly string[] = ["node/test_gridsample_bicubic"];

/** What came of a model of the catalogue. */
export interface Outcome {
  /** Its folder, `node/test_relu`. */
  readonly name: string;
  /** Types of the operators in it. */
  readonly operators: readonly string[];
  readonly result: "passed" | "refused" | "failed";
  /** Why not. */
  readonly reason: string;
}

/** All models that are there; none where the package is not installed. */
export function catalogue(): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((group) => readdirSync(join(folder, group)).map((name) => `${group}/${name}`))
    .filter((name) => existsSync(join(folder, name, "model.onnx")));
}

/** Reads a model of the catalogue, and runs it on the inputs that stand beside it. */
export function tryModel(name: string): Outcome {
  const bytes = readFileSync(join(folder, name, "model.onnx"));
  const proto = readMessage("fromOnnx", bytes, modelProto);
  const operators = [...new Set(proto.graph!.nodes.map(({ type = "" }) => type))];
  try {
    const sets = readdirSync(join(folder, name)).filter((set) => set.startsWith("test_data_set"));
    if (sets.length === 0) return { name, operators, result: "refused", reason: "has no data" };
    for (const set of sets) {
      const reason = difference(bytes, proto, join(folder, name, set), fourDigits.includes(name) ? 5e-5 : 0);
      if (reason !== "") return { name, operators, result: "failed", reason };
    }
    return { name, operators, result: "passed", reason: "" };
  } catch (error) {
    const isRefusal = error instanceof OnnxError && (error.code === "UNSUPPORTED" || error.code === "NOT_CONSTANT");
    return { name, operators, result: isRefusal ? "refused" : "failed", reason: String(error).slice(0, 300) };
  }
}

/** How the outputs differ from those in the catalogue; empty if they do not. Inputs that must be known are given when the file is read. */
function difference(bytes: Uint8Array, proto: ModelProto, set: string, rounding: number): string {
  const inFile = new Set(proto.graph!.initializers.map(({ name }) => name));
  const infos = proto.graph!.inputs.filter(({ name }) => !inFile.has(name));
  for (const { type } of [...infos, ...proto.graph!.outputs]) {
    if (type?.tensor === undefined || dtypeOf(Number(type.tensor.element)) === null) fromOnnx(bytes); // which says so
  }
  const given = Object.fromEntries(infos.map(({ name }, i) => [name!, tensorIn(join(set, `input_${i}.pb`))]));
  const constants: { [name: string]: Tensor } = {};
  for (;;) {
    try {
      const { model, inputs } = fromOnnx(bytes, { constants });
      const outputs = model.run(Object.fromEntries(inputs.map(({ name, dtype }) => [name, given[name]!.x.to(dtype)])));
      return proto
        .graph!.outputs.map(({ name }, i) =>
          compare(name!, outputs[name!]!, tensorIn(join(set, `output_${i}.pb`)), rounding),
        )
        .join("");
    } catch (error) {
      const hint = error instanceof OnnxError && error.code === "NOT_CONSTANT" ? error.hint : "";
      const asked = [...hint.matchAll(/"(.*?)": …/g)].map((found) => found[1]!);
      if (asked.length === 0 || asked.some((name) => !(name in given) || name in constants)) throw error;
      for (const name of asked) constants[name] = given[name]!.x;
    }
  }
}

function tensorIn(path: string) {
  const proto: TensorProto = readMessage("test", readFileSync(path), tensorProto);
  return readTensor("test", proto, path);
}

function compare(
  name: string,
  got: Tensor,
  { x: wanted, type }: ReturnType<typeof tensorIn>,
  rounding: number,
): string {
  if (`${got.shape}` !== `${wanted.shape}`) return `${name}: shape [${got.shape}] for [${wanted.shape}]`;
  if (got.dtype !== dtypeOf(type)) return `${name}: ${got.dtype} for ${dtypeOf(type)}`;
  const [a, b] = [got.data, wanted.data];
  const isHalf = type === 10 || type === 16;
  // The reference computes in the dtype: its own error is some units in the last place.
  const [relative, absolute] = isInteger(type)
    ? [0, 0]
    : isHalf
      ? [2e-3, 1e-3]
      : type === 11
        ? [1e-7, 1e-7]
        : [1e-4, 1e-5];
  for (let i = 0; i < b.length; i++) {
    if (Object.is(a[i], b[i]) || Math.abs(a[i]! - b[i]!) <= absolute + rounding + relative * Math.abs(b[i]!)) continue;
    if (Number.isNaN(a[i]!) && Number.isNaN(b[i]!)) continue;
    return `${name}: ${a[i]} for ${b[i]} at ${i}`;
  }
  return "";
}
