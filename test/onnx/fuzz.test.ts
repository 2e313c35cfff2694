import { expect, test } from "vitest";
import * as T from "../../src/index.ts";
import { fromOnnx, toOnnx } from "../../src/onnx/index.ts";
import { modelProto } from "../../src/onnx/schema.ts";
import { readMessage, writeMessage } from "../../src/onnx/wire.ts";

// Files that were right, changed where it hurts: nothing but typed errors and models may come of them. `npm run fuzz:onnx` reads 10,000,000 of them; SEED says which.
const count = Number(process.env["FUZZ"] ?? 30_000);
const seed = Number(process.env["SEED"] ?? 0);

const generator = new T.Generator(seed);
let drawn: ArrayLike<number> = [];
let at = 0;

/** A number from 0 to below n. */
function below(n: number): number {
  if (at === drawn.length) {
    drawn = T.rand([2 ** 14], { dtype: "float64", generator }).data;
    at = 0;
  }
  return Math.floor(drawn[at++]! * n);
}

const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;

const attention = new T.MultiheadAttention(4, 2, { generator });
const files = [
  toOnnx(new T.Sequential(new T.Linear(3, 4), T.relu, new T.BatchNorm1d(4), T.gelu), {
    inputs: { x: ["n", 3] },
    opset: 20,
  }),
  toOnnx(new T.Sequential(new T.Conv2d(1, 2, 3, { padding: 1 }), new T.Flatten(), new T.LayerNorm(32)), {
    inputs: { x: ["n", 1, 4, 4] },
  }),
  toOnnx(new T.Embedding(5, 3, { paddingIndex: 1 }), { inputs: { x: { shape: ["n"], dtype: "int32" } } }),
  toOnnx(attention, {
    inputs: { x: ["n", "t", 4] },
    forward: ({ x }) => attention.forward(x!, x!, x!, { causal: true }),
  }),
  toOnnx(new T.GRU(2, 3, { generator }), { inputs: { x: ["n", 2, 2] } }),
];
const models = files.map((bytes) => readMessage("test", bytes, modelProto));

const numbers = [
  0n,
  1n,
  -1n,
  2n,
  3n,
  7n,
  -8n,
  127n,
  2n ** 16n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 53n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const types =
  "Add Cast Clip Concat ConstantOfShape Conv ConvTranspose Einsum Expand Flatten GRU Gather GatherND Gemm LRN LSTM MatMul MaxPool OneHot Pad Range ReduceSum Reshape Resize ScatterND Shape Slice Split Squeeze Tile TopK Transpose Trilu Unsqueeze".split(
    " ",
  );

/** Bytes with some of them changed, cut off or put in. */
function changedBytes(file: Uint8Array): Uint8Array {
  let bytes: Uint8Array = file.slice();
  for (let edits = 1 + below(3); edits > 0; edits--) {
    const where = below(bytes.length + 1);
    const kind = below(4);
    const [before, after] = [bytes.subarray(0, where), bytes.subarray(where)];
    if (kind === 0) bytes[Math.min(where, bytes.length - 1)] = below(256);
    else if (kind === 1) bytes = joined(before, after.subarray(1 + below(4)));
    else if (kind === 2)
      bytes = joined(
        before,
        Uint8Array.from({ length: 1 + below(4) }, () => below(256)),
        after,
      );
    else bytes = bytes.slice(0, Math.max(1, where));
  }
  return bytes;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const part of parts) {
    whole.set(part, start);
    start += part.length;
  }
  return whole;
}

/** A copy of a message, but for its bytes, which nobody changes in their place. */
function copyOf<T>(message: T): T {
  if (Array.isArray(message)) return message.map(copyOf) as T;
  if (typeof message !== "object" || message === null || message instanceof Uint8Array) return message;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(message)) copy[key] = copyOf((message as Record<string, unknown>)[key]);
  return copy as T;
}

/** A message with numbers, names or types changed: files that are protobuf, and wrong beyond it. */
function changedMessage(): Uint8Array {
  const model = copyOf(pick(models));
  const { nodes, initializers, inputs } = model.graph!;
  for (let edits = 1 + below(3); edits > 0; edits--) {
    const node = pick(nodes);
    const attribute = node.attributes.length > 0 ? pick(node.attributes) : undefined;
    const tensor = attribute?.t ?? (initializers.length > 0 ? pick(initializers) : undefined);
    const kind = below(9);
    if (kind === 0) node.type = pick(types);
    else if (kind === 1 && node.inputs.length > 0)
      node.inputs[below(node.inputs.length)] = pick([...nodes.flatMap(({ outputs }) => outputs), "", "x"]);
    else if (kind === 2) node.inputs.splice(below(node.inputs.length + 1), below(2), pick(nodes).outputs[0]!);
    else if (kind === 3 && attribute !== undefined)
      Object.assign(attribute, { i: pick(numbers), ints: attribute.ints.map(() => pick(numbers)) });
    else if (kind === 4 && attribute !== undefined)
      attribute.name = pick(["axis", "perm", "pads", "strides", "kernel_shape", "group", "to", "value", "size"]);
    else if (kind === 5 && tensor !== undefined) tensor.dims[below(tensor.dims.length + 1)] = pick(numbers);
    else if (kind === 6 && tensor !== undefined) tensor.dataType = BigInt(below(20));
    else if (kind === 7 && tensor?.raw !== undefined)
      tensor.raw = tensor.raw.map((byte) => (below(8) === 0 ? below(256) : byte));
    else if (kind === 8) Object.assign(pick(inputs).type!.tensor!, { element: BigInt(below(18)) });
  }
  return writeMessage(model, modelProto);
}

const sizes = { n: 2, t: 3 } as const;

/** Reads a file, and runs it if it can be: what comes of it. */
function attempt(bytes: Uint8Array): "model" | "error" {
  try {
    const { model, inputs } = fromOnnx(bytes);
    const given = inputs.map(({ name, shape, dtype }) => {
      const own = (shape ?? [2]).map((size) => (typeof size === "number" ? size : (sizes[size as "n"] ?? 2)));
      return [name, own, dtype] as const;
    });
    if (given.some(([, shape]) => shape.reduce((product, n) => product * n, 1) > 1000)) return "model";
    model.run(Object.fromEntries(given.map(([name, shape, dtype]) => [name, T.ones(shape, { dtype })])));
    return "model";
  } catch (error) {
    if (error instanceof T.TinygradError) return "error";
    throw error;
  }
}

/** What nobody should see thrown, shortly; null for a model or a typed error. */
function faultOf(bytes: Uint8Array, outcomes: { model: number; error: number }): string | null {
  try {
    outcomes[attempt(bytes)]++;
    return null;
  } catch (error) {
    return String((error as Error).stack)
      .split("\n")
      .slice(0, 3)
      .join(" | ");
  }
}

test("files that were changed give models or typed errors", { timeout: 300_000 + 10 * count }, () => {
  const outcomes = { model: 0, error: 0 };
  const faults = new Map<string, string>();
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0; // most files end in an error, and stacks take longer than files
  try {
    for (let i = 0; i < count; i++) {
      const bytes = below(2) === 0 ? changedBytes(pick(files)) : changedMessage();
      if (faultOf(bytes, outcomes) === null) continue;
      Error.stackTraceLimit = stackTraceLimit;
      const text = faultOf(bytes, outcomes) ?? "an error that is not thrown again";
      if (!faults.has(text)) faults.set(text, Buffer.from(bytes).toString("base64"));
      Error.stackTraceLimit = 0;
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  expect([...faults].slice(0, 5)).toEqual([]);
  expect(outcomes.model).toBeGreaterThan(count / 100);
  expect(outcomes.error).toBeGreaterThan(count / 10);
});
