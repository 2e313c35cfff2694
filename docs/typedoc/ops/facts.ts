import { arange, cast, type DType, gradients, type Shape, type Tensor, TinygradError, tensor } from "tinygrad-ts";
import { CompileError, compile } from "tinygrad-ts/compile";
import type { Op } from "../../../src/core/op.ts";
import type { Run } from "../../../src/core/tracer.ts";
import { Listener, listen } from "../../../src/debug/listener.ts";
import type { Sample } from "./samples.ts";

// What an op does, found out by calling it.

/** The records that a call of the op applies, in the order of the calls, each once. */
export function recordsOf(sample: Sample): readonly Op[] {
  const seen = new Set<Op>();
  class Census extends Listener {
    override apply(run: Run, op: Op, inputs: readonly Tensor[], attrs: unknown): Tensor {
      const y = super.apply(run, op, inputs, attrs);
      seen.add(op);
      return y;
    }
  }
  const inputs = sample.shapes.map((shape) => make(shape, "float32"));
  listen("docs", new Census(), () => sample.call(...inputs));
  return [...seen];
}

/** What it makes of each dtype, if all inputs have it. */
export function dtypesOf(sample: Sample): string {
  if (sample.shapes.length === 0) return "";
  const dtypes: readonly DType[] = ["float32", "float64", "int32", "bool"];
  const outcomes = dtypes.map((dtype) => {
    try {
      const y = sample.call(...sample.shapes.map((shape) => make(shape, dtype)));
      return `${dtype} → ${y.dtype}`;
    } catch (error) {
      if (!(error instanceof TinygradError)) throw error;
      return `${dtype}: refused`;
    }
  });
  return outcomes.join("; ");
}

/** Whether a compiled step may contain it; else why not. */
export function compiles(sample: Sample): string {
  const inputs = sample.shapes.map((shape) => make(shape, "float32"));
  try {
    const step = compile((...xs: Tensor[]) => sample.call(...xs));
    const values = [step(...inputs), step(...inputs), sample.call(...inputs)].map((y) => String(y.toArray()));
    if (new Set(values).size > 1 && !near(values)) throw new Error(`compiled differs: ${values.join(" | ")}`);
    return "Yes.";
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    return `No: ${error.rule}.`;
  }
}

/** Equal but for the last digits. */
function near(values: readonly string[]): boolean {
  const [first, ...others] = values.map((text) => text.split(",").map(Number));
  return others.every((numbers) => numbers.every((v, i) => Object.is(v, first![i]) || Math.abs(v - first![i]!) < 1e-6));
}

/** Values and derivatives at special points, as a Markdown table. Computed in float64. */
export function tableOf(sample: Sample): string {
  if (sample.kind === "unary") {
    const points = [...new Set([Number.NEGATIVE_INFINITY, -1, 0, 1, Number.POSITIVE_INFINITY, ...sample.points])].sort(
      (a, b) => a - b,
    );
    return table(
      ["x", "value", "derivative"],
      [...points.flatMap((x) => (x === 0 ? [-0, 0] : [x])), Number.NaN].map((x) => {
        const [y, [slope]] = at(sample, [[x]]);
        return [show(x), y, slope ?? "none"];
      }),
    );
  }
  if (sample.kind === "binary") {
    const points = [
      [1, 2],
      [2, 1],
      [2, 2],
      [0, 0],
      [-1, 0],
      [0, -1],
      [1, Number.POSITIVE_INFINITY],
      [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
      [Number.NaN, 1],
      [1, Number.NaN],
    ];
    return table(
      ["a", "b", "value", "by a", "by b"],
      points.map(([a, b]) => {
        const [y, [da, db]] = at(sample, [[a!], [b!]]);
        return [show(a!), show(b!), y, da ?? "none", db ?? "none"];
      }),
    );
  }
  if (sample.kind === "reduction") {
    const points = [
      [1, 3, 3],
      [2, 0, 0],
      [1, Number.NaN, 3],
      [1, Number.POSITIVE_INFINITY, 2],
      [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
      [5],
      [],
    ];
    return table(
      ["x", "value", "gradient of the first value"],
      points.map((x) => {
        const [y, [slope]] = at(sample, [x]);
        return [`[${x.map(show).join(", ")}]`, y, slope ?? "none"];
      }),
    );
  }
  return "";
}

/** Value and derivatives for inputs of rank 1, as text. */
function at(
  sample: Sample,
  values: readonly (readonly number[])[],
): [value: string, derivatives: (string | undefined)[]] {
  const inputs = values.map((v) => tensor(Float64Array.from(v), { requiresGrad: true }));
  try {
    const y = sample.call(...inputs);
    const text = list(y);
    if (!y.requiresGrad || y.size === 0) return [text, inputs.map(() => undefined)];
    return [text, gradients(first(y), inputs, { allowUnused: true }).map((g) => (g === null ? "none" : list(g)))];
  } catch (error) {
    if (!(error instanceof TinygradError)) throw error;
    return [`${error.name}: ${error.rule}`, inputs.map(() => "")];
  }
}

const first = (y: Tensor): Tensor =>
  y
    .reshape([y.size])
    .mul(tensor(Array.from({ length: y.size }, (_, i) => Number(i === 0))))
    .sum();

const list = (x: Tensor): string => {
  const texts = Array.from(x.data, (v) => show(typeof v === "boolean" ? Number(v) : v));
  return texts.length === 1 && x.size === 1 ? texts[0]! : `[${texts.join(", ")}]`;
};

function show(v: number): string {
  if (Object.is(v, -0)) return "−0";
  if (Number.isNaN(v)) return "NaN";
  if (!Number.isFinite(v)) return v > 0 ? "∞" : "−∞";
  return String(Number(v.toPrecision(5))).replace("-", "−");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function make(shape: Shape, dtype: DType): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return cast(arange(1, size + 1), dtype).reshape(shape);
}
