import { noGrad } from "../../core/apply.ts";
import type { DType } from "../../core/dtype.ts";
import type { Op } from "../../core/op.ts";
import { withState } from "../../core/runtime.ts";
import type { Shape } from "../../core/shape.ts";
import type { Run } from "../../core/tracer.ts";
import { ones, zeros } from "../../create.ts";
import { Listener } from "../../debug/listener.ts";
import { BatchNorm1d, BatchNorm2d, BatchNorm3d } from "../../nn/batchNorm.ts";
import { layerNorm } from "../../nn/layerNorm.ts";
import { elu, gelu, leakyRelu } from "../../ops/activations.ts";
import { hardswish } from "../../ops/hardswish.ts";
import { mish } from "../../ops/mish.ts";
import { prelu } from "../../ops/prelu.ts";
import { selu } from "../../ops/selu.ts";
import { softsign } from "../../ops/softsign.ts";
import { Tensor } from "../../tensor.ts";
import type { Emission } from "./emission.ts";

/** A number that stands for any in a template. Nothing else is it by accident. */
export const anyNumber = 0.0123456789;

/** An op of a template, and the tensors that it takes and makes. */
export interface TemplateStep {
  readonly op: Op;
  readonly attrs: unknown;
  readonly inputs: readonly Tensor[];
  readonly result: Tensor;
}

/** A function of the library that ONNX has an operator for, as the ops that it applies. */
export interface Template {
  readonly steps: readonly TemplateStep[];
  /** Tensors that stand for any of their shape: x, and then weights. */
  readonly holes: readonly Tensor[];
  /** Writes the operator, from the names of what stands in the holes, and the number that stands for {@link anyNumber}. */
  readonly write: (call: Emission, holes: readonly string[], number: number) => string;
}

interface Pattern {
  /** The version of the operator set that has the operator first. */
  readonly since: number;
  /** Whether it is written for float32 only: onnxruntime has its operator for no other dtype, but has all that it is made of. */
  readonly isSingle?: boolean;
  /** Whether x may have so many axes. */
  readonly fits?: (shape: Shape) => boolean;
  /** The tensors beside x, if any, and the function of them. */
  readonly weights?: (shape: Shape, dtype: "float32" | "float64") => readonly Tensor[];
  readonly apply: (x: Tensor, weights: readonly Tensor[]) => Tensor;
  readonly write: Template["write"];
}

const plain = (type: string, apply: (x: Tensor) => Tensor, since = 17): Pattern => ({
  since,
  apply,
  write: (call, [x]) => call.node(type, [x!]),
});

/** Normalization over the last axes, with a scale and a shift, a scale, or none. */
const layerNorms = [1, 2, 3].flatMap((axes) =>
  [2, 1, 0].map(
    (count): Pattern => ({
      since: 17,
      fits: (shape) => shape.length >= axes,
      weights: (shape, dtype) => Array.from({ length: count }, () => ones(shape.slice(-axes), { dtype })),
      apply: (x, [weight, bias]) => {
        return layerNorm(x, x.shape.slice(-axes), { eps: anyNumber, ...(weight && { weight }), ...(bias && { bias }) });
      },
      write: (call, [x, weight, ...bias], eps) => {
        const scale = weight ?? call.filled(1, (shape) => shape.slice(-axes));
        return call.node("LayerNormalization", [x!, scale, ...bias], { axis: -axes, epsilon: { float: eps } });
      },
    }),
  ),
);

/** Normalization by running statistics. */
const batchNorms = [true, false].map(
  (affine): Pattern => ({
    since: 17,
    fits: ({ length }) => length >= 2 && length <= 5,
    weights: ([, features], dtype) => {
      const own = (): Tensor => zeros([features!], { dtype });
      return Array.from({ length: affine ? 4 : 2 }, own);
    },
    apply: (x, [average, variance, weight, bias]) => {
      const type = [BatchNorm1d, BatchNorm2d, BatchNorm3d][Math.max(0, x.shape.length - 3)]!;
      const layer = new type(x.shape[1]!, { eps: anyNumber, affine, dtype: x.dtype as "float32" }).eval();
      Object.assign(layer, { runningMean: average, runningVariance: variance });
      if (affine) Object.assign(layer, { weight, bias });
      return layer.forward(x);
    },
    write: (call, [x, average, variance, weight, bias], eps) => {
      const filled = (value: number): string => call.filled(value, (shape) => shape.slice(1, 2));
      const inputs = [x!, weight ?? filled(1), bias ?? filled(0), average!, variance!];
      return call.node("BatchNormalization", inputs, { epsilon: { float: eps } });
    },
  }),
);

/** One slope for each channel, or for all. */
const prelus: Pattern = {
  since: 17,
  isSingle: true,
  fits: ({ length }) => length >= 2,
  weights: ([, channels], dtype) => [ones([channels!], { dtype })],
  apply: (x, [slope]) => prelu(x, slope!),
  write: (call, [x, slope]) => {
    const rank = call.rank;
    if (rank === 2) return call.node("PRelu", [x!, slope!]);
    const shape = [-1, ...new Array<number>(rank - 2).fill(1)];
    return call.node("PRelu", [x!, call.node("Reshape", [slope!, call.ints(shape)])]);
  },
};

const withAlpha = (type: string, apply: Pattern["apply"]): Pattern => ({
  since: 17,
  apply,
  write: (call, [x], alpha) => call.node(type, [x!], { alpha: { float: alpha } }),
});

function patterns(): readonly Pattern[] {
  return [
    plain("Gelu", (x) => gelu(x), 20),
    {
      ...plain("Gelu", (x) => gelu(x, { approximate: "tanh" }), 20),
      write: (call, [x]) => call.node("Gelu", [x!], { approximate: "tanh" }),
    },
    { ...plain("HardSwish", (x) => hardswish(x)), isSingle: true },
    plain("Mish", (x) => mish(x), 18),
    plain("Selu", (x) => selu(x)),
    { ...plain("Softsign", (x) => softsign(x)), isSingle: true },
    withAlpha("Elu", (x) => elu(x, anyNumber)),
    { ...withAlpha("LeakyRelu", (x) => leakyRelu(x, anyNumber)), isSingle: true },
    prelus,
    ...batchNorms,
    ...layerNorms,
  ];
}

class Recorder extends Listener {
  readonly steps: TemplateStep[] = [];
  override apply(run: Run, op: Op, inputs: readonly Tensor[], attrs: unknown): Tensor {
    // Values are needed of numbers at most.
    const result = run(op, inputs, attrs, () => () => run(op, inputs, attrs).values);
    this.steps.push({ op, attrs, inputs: [...inputs], result });
    return result;
  }
}

/** The templates of an operator set, made when they are asked for. */
export class Templates {
  readonly #opset: number;
  readonly #made = new Map<string, readonly (() => Template)[]>();

  constructor(opset: number) {
    this.#opset = opset;
  }

  /** Those whose result has a shape and a dtype. */
  for(shape: Shape, dtype: DType): readonly (() => Template)[] {
    if (dtype !== "float32" && dtype !== "float64") return [];
    const key = `${dtype} ${shape}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const templates = patterns().flatMap((pattern) => {
      const { since, isSingle, fits } = pattern;
      if (this.#opset < since || (isSingle && dtype === "float64") || fits?.(shape) === false) return [];
      let template: Template | undefined;
      return [
        () => {
          template ??= templateOf(pattern, shape, dtype);
          return template;
        },
      ];
    });
    this.#made.set(key, templates);
    return templates;
  }
}

function templateOf({ weights, apply, write }: Pattern, shape: Shape, dtype: "float32" | "float64"): Template {
  const x = new Tensor(() => ones(shape, { dtype }).values, shape, dtype);
  const holes = weights?.(shape, dtype) ?? [];
  const recorder = new Recorder();
  withState("tracer", recorder, () => noGrad(() => apply(x, holes)));
  return { steps: recorder.steps, holes: [x, ...holes], write };
}
