import type { AdjointAttrs } from "../../../ops/conv.ts";
import type { Emission } from "../emission.ts";
import { none } from "./elementwise.ts";
import type { SomeRows } from "./types.ts";

/** Matrices of two axes are a `Gemm`, which reads either of them transposed. */
export function product(
  call: Emission<{ readonly transposeA: boolean; readonly transposeB: boolean }>,
  bias?: string,
): string {
  const { transposeA, transposeB } = call.attrs;
  const [a, b] = [call.as(0), call.as(1)];
  if (call.rank === 2 && call.isFloat && (transposeA || transposeB || bias !== undefined)) {
    const transposes = { ...(transposeA && { transA: 1 }), ...(transposeB && { transB: 1 }) };
    return call.node("Gemm", [a, b, ...(bias === undefined ? [] : [bias])], transposes);
  }
  const swapped = (name: string, isSwapped: boolean): string => {
    if (!isSwapped) return name;
    const perm = Array.from({ length: call.rank }, (_, i) => i);
    return call.node("Transpose", [name], { perm: [...perm.slice(0, -2), call.rank - 1, call.rank - 2] });
  };
  return call.node("MatMul", [swapped(a, transposeA), swapped(b, transposeB)]);
}

const windows = ({ stride, padding, dilation, groups }: Omit<AdjointAttrs, "sizes">) => ({
  strides: [...stride],
  pads: [...padding.map(([before]) => before), ...padding.map(([, after]) => after)],
  dilations: [...dilation],
  group: groups,
});

/** How the windows of a convolution go, which must be the same at all sizes. */
function windowsOf(call: Emission<Omit<AdjointAttrs, "sizes">>) {
  return windows(
    call.fixed("how windows go", ({ stride, padding, dilation, groups }) => ({ stride, padding, dilation, groups })),
  );
}

export function convolution(call: Emission<Omit<AdjointAttrs, "sizes">>, bias?: string): string {
  const groups = call.each((attrs) => attrs.groups);
  if (groups.some((n) => n !== groups[0])) return summed(call);
  const kernel_shape = call.kernel;
  return call.node("Conv", [call.x, call.names[1]!, ...(bias === undefined ? [] : [bias])], {
    kernel_shape,
    ...windowsOf(call),
  });
}

/** Each plane of all images by itself, as pooling adds up windows: planes are images of one channel, if their weights are all the same. */
function summed(call: Emission<Omit<AdjointAttrs, "sizes">>): string {
  const isEqual = call.each((_, { inputs }) => inputs[1]!.values.every((v, _i, { 0: first }) => v === first));
  if (isEqual.includes(false)) call.refuse("the groups of a convolution must not depend on an input's size");
  const attrs = call.fixed("how windows go", ({ stride, padding, dilation }) => ({ stride, padding, dilation }));
  const kernel_shape = call.kernel;
  const planes = call.node("Reshape", [call.x, call.sizes((_, { inputs }) => [-1, 1, ...inputs[0]!.shape.slice(2)])]);
  const weight = call.node("Slice", [call.names[1]!, call.ints([0]), call.ints([1]), call.ints([0])]);
  const sums = call.node("Conv", [planes, weight], { kernel_shape, ...windows({ ...attrs, groups: 1 }) });
  // As large as windows make it, which is no multiple of a size.
  const sizes = call.node("Slice", [call.node("Shape", [sums]), call.ints([2]), call.ints([call.rank])]);
  return call.node("Reshape", [sums, call.node("Concat", [call.ints([1, -1]), sizes], { axis: 0 })]);
}

/** The adjoint of a convolution in x, which is what others call a transposed convolution. */
export function transposed(call: Emission<AdjointAttrs>, bias?: string): string {
  const kernel_shape = call.kernel;
  const output_padding = call.fixed("what is added behind", ({ sizes, stride, padding, dilation }, { inputs }) => {
    return sizes.map((n, d) => {
      const [before, after] = padding[d]!;
      const [g, w] = [inputs[0]!, inputs[1]!];
      return n - ((g.shape[d + 2]! - 1) * stride[d]! + (w.shape[d + 2]! - 1) * dilation[d]! + 1 - before - after);
    });
  });
  return call.node("ConvTranspose", [call.x, call.names[1]!, ...(bias === undefined ? [] : [bias])], {
    kernel_shape,
    ...windowsOf(call),
    output_padding,
  });
}

/** Rows of products, and of what goes over an axis as a whole. */
export const products = {
  convInputOp: (call) => transposed(call),
  convOp: (call) => convolution(call),
  convWeightOp: none("it is the gradient of a convolution"),
  logSoftmaxOp: (call) => call.node("LogSoftmax", [call.x], { axis: call.attrs }),
  foldOp: none("it is the gradient of laid out windows"),
  maxPoolOp: (call) => {
    const { kernel, ...attrs } = call.fixed("how windows go", ({ kernel, stride, padding, dilation }) => {
      return { kernel, stride, padding, dilation };
    });
    const { strides, pads, dilations } = windows({ ...attrs, groups: 1 });
    return call.node("MaxPool", [call.x], { kernel_shape: kernel, strides, pads, dilations });
  },
  maxTapOp: none("ONNX counts in images, and not in windows"),
  pickTapOp: none("it is the gradient of a gradient"),
  placeTapOp: none("it is a gradient"),
  unfoldOp: none("ONNX does not lay out windows"),
  matmulOp: (call) => product(call),
  softmaxOp: (call) => call.node("Softmax", [call.x], { axis: call.attrs }),
} satisfies SomeRows;
