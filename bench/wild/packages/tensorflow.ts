import type { Tensor, Tensor2D, Tensor3D, Tensor4D, Tensor5D } from "@tensorflow/tfjs";
import { checkGradient } from "tinygrad-ts/gradcheck";
import { type Case, inputs, numbers, type Suite, type Values } from "../case.ts";

type Tf = typeof import("@tensorflow/tfjs");
/** A function of one input of some shape; others are fixed. */
type Row = readonly [name: string, shape: readonly number[], f: (tf: Tf, x: Tensor) => Tensor, values?: Values];

const shapes = { scalar: [], vector: [5], matrix: [3, 4], image: [1, 4, 4, 2], cube: [2, 3, 2] } as const;

const unary: readonly (readonly [name: keyof Tf & string, values?: Values])[] = [
  ["abs"],
  ["acos", "unit"],
  ["acosh", "above 1"],
  ["asin", "unit"],
  ["asinh"],
  ["atan"],
  ["atanh", "unit"],
  ["ceil"],
  ["cos"],
  ["cosh"],
  ["elu"],
  ["erf"],
  ["exp"],
  ["expm1"],
  ["floor"],
  ["log", "positive"],
  ["log1p", "positive"],
  ["logSigmoid"],
  ["neg"],
  ["reciprocal"],
  ["relu"],
  ["relu6"],
  ["round"],
  ["rsqrt", "positive"],
  ["selu"],
  ["sigmoid"],
  ["sign"],
  ["sin"],
  ["sinh"],
  ["softplus"],
  ["sqrt", "positive"],
  ["square"],
  ["tan"],
  ["tanh"],
  ["leakyRelu"],
  ["step"],
];

const binary = [
  "add",
  "sub",
  "mul",
  "div",
  "divNoNan",
  "pow",
  "maximum",
  "minimum",
  "squaredDifference",
  "atan2",
  "mod",
] as const;

/** A tensor that is fixed. */
function fixed(tf: Tf, shape: readonly number[], seed = 3, positive = false): Tensor {
  return tf.tensor(
    numbers(
      shape.reduce((a, b) => a * b, 1),
      positive,
      seed,
    ),
    [...shape],
  );
}

const rows: readonly Row[] = [
  ...unary.map(
    ([name, values]): Row =>
      [
        name,
        shapes.vector,
        (tf, x) => (tf[name] as (x: Tensor) => Tensor)(x),
        ...((values ? [values] : []) as [Values?]),
      ] as Row,
  ),
  ...binary.flatMap((name): Row[] => {
    type Op = (a: Tensor, b: Tensor) => Tensor;
    return [
      [`${name}, by a`, shapes.matrix, (tf, x) => (tf[name] as Op)(x, fixed(tf, shapes.matrix, 3, true)), "positive"],
      [`${name}, by b`, shapes.matrix, (tf, x) => (tf[name] as Op)(fixed(tf, shapes.matrix, 3, true), x), "positive"],
      [
        `${name}, by a that is broadcast`,
        [4],
        (tf, x) => (tf[name] as Op)(x, fixed(tf, shapes.matrix, 3, true)),
        "positive",
      ],
      [
        `${name}, by b that is broadcast`,
        [3, 1],
        (tf, x) => (tf[name] as Op)(fixed(tf, shapes.matrix, 3, true), x),
        "positive",
      ],
    ];
  }),
  ["prelu, by x", shapes.matrix, (tf, x) => tf.prelu(x, fixed(tf, [4]))],
  ["prelu, by alpha", [4], (tf, x) => tf.prelu(fixed(tf, shapes.matrix), x)],
  ["clipByValue", shapes.vector, (tf, x) => tf.clipByValue(x, -0.9, 0.9)],
  ["where, by a", shapes.vector, (tf, x) => tf.where(tf.tensor1d([1, 0, 1, 1, 0], "bool"), x, fixed(tf, [5]))],
  ["where, by b", shapes.vector, (tf, x) => tf.where(tf.tensor1d([1, 0, 1, 1, 0], "bool"), fixed(tf, [5]), x)],
  ["cast", shapes.vector, (tf, x) => tf.cast(x, "float32")],
  ["addN", shapes.vector, (tf, x) => tf.addN([x, tf.square(x), x])],
  // Reductions.
  ...(["sum", "mean", "max", "min", "prod", "logSumExp"] as const).flatMap((name): Row[] => [
    [`${name} of all`, shapes.matrix, (tf, x) => tf[name](x)],
    [`${name} along axis 0`, shapes.matrix, (tf, x) => tf[name](x, 0)],
    [`${name} along axis 1, kept`, shapes.matrix, (tf, x) => tf[name](x, 1, true)],
  ]),
  ...(["cumsum", "cumprod"] as const).flatMap((name): Row[] => [
    [`${name} along axis 1`, shapes.matrix, (tf, x) => tf[name](x, 1)],
    [`${name}, exclusive`, shapes.matrix, (tf, x) => tf[name](x, 0, true)],
    [`${name}, reversed`, shapes.matrix, (tf, x) => tf[name](x, 0, false, true)],
  ]),
  ["moments: mean", shapes.matrix, (tf, x) => tf.moments(x, 0).mean],
  ["moments: variance", shapes.matrix, (tf, x) => tf.moments(x, 0).variance],
  ["norm, euclidean", shapes.vector, (tf, x) => tf.norm(x)],
  ["norm, euclidean, at 0", shapes.vector, (tf, x) => tf.norm(x), "zeros"],
  ["norm, 1", shapes.vector, (tf, x) => tf.norm(x, 1)],
  ["norm, infinity", shapes.vector, (tf, x) => tf.norm(x, Number.POSITIVE_INFINITY)],
  ["norm, -infinity", shapes.vector, (tf, x) => tf.norm(x, Number.NEGATIVE_INFINITY)],
  ["euclideanNorm along axis 1", shapes.matrix, (tf, x) => tf.euclideanNorm(x, 1)],
  ["softmax", shapes.matrix, (tf, x) => tf.softmax(x)],
  ["logSoftmax", shapes.matrix, (tf, x) => tf.logSoftmax(x)],
  ["topk: values", shapes.matrix, (tf, x) => tf.topk(x, 2).values],
  // Products.
  ["matMul, by a", shapes.matrix, (tf, x) => tf.matMul(x as Tensor2D, fixed(tf, [4, 2]) as Tensor2D)],
  ["matMul, by b", shapes.matrix, (tf, x) => tf.matMul(fixed(tf, [2, 3]) as Tensor2D, x as Tensor2D)],
  [
    "matMul, a transposed, by a",
    shapes.matrix,
    (tf, x) => tf.matMul(x as Tensor2D, fixed(tf, [3, 2]) as Tensor2D, true),
  ],
  [
    "matMul, b transposed, by b",
    shapes.matrix,
    (tf, x) => tf.matMul(fixed(tf, [2, 4]) as Tensor2D, x as Tensor2D, false, true),
  ],
  [
    "matMul, both transposed, by a",
    shapes.matrix,
    (tf, x) => tf.matMul(x as Tensor2D, fixed(tf, [2, 3]) as Tensor2D, true, true),
  ],
  ["matMul of batches, by a", shapes.cube, (tf, x) => tf.matMul(x, fixed(tf, [2, 2, 3]))],
  ["matMul of batches, b broadcast", [1, 2, 3], (tf, x) => tf.matMul(fixed(tf, [2, 3, 2]), x)],
  ["dot, by a", shapes.vector, (tf, x) => tf.dot(x, fixed(tf, [5]))],
  ["outerProduct, by a", shapes.vector, (tf, x) => tf.outerProduct(x as never, fixed(tf, [3]) as never)],
  ["einsum ij,jk->ik", shapes.matrix, (tf, x) => tf.einsum("ij,jk->ik", x, fixed(tf, [4, 2]))],
  ["einsum ij->j", shapes.matrix, (tf, x) => tf.einsum("ij->j", x)],
  ["einsum ij,ij->", shapes.matrix, (tf, x) => tf.einsum("ij,ij->", x, fixed(tf, [3, 4]))],
  // Movement.
  ["reshape", shapes.matrix, (tf, x) => tf.reshape(x, [2, 6])],
  ["transpose", shapes.cube, (tf, x) => tf.transpose(x, [2, 0, 1])],
  ["expandDims", shapes.vector, (tf, x) => tf.expandDims(x, 0)],
  ["squeeze", [1, 4, 1], (tf, x) => tf.squeeze(x)],
  ["tile", shapes.matrix, (tf, x) => tf.tile(x, [2, 3])],
  ["tile of rank 3", shapes.cube, (tf, x) => tf.tile(x, [1, 2, 2])],
  ["broadcastTo", [3, 1], (tf, x) => tf.broadcastTo(x, [2, 3, 4])],
  ["reverse", shapes.matrix, (tf, x) => tf.reverse(x, 1)],
  ["slice", shapes.matrix, (tf, x) => tf.slice(x, [1, 1], [2, 2])],
  ["stridedSlice", shapes.matrix, (tf, x) => tf.stridedSlice(x, [0, 0], [3, 4], [2, 2])],
  ["concat, first", shapes.matrix, (tf, x) => tf.concat([x, fixed(tf, [3, 2])], 1)],
  ["concat, second", shapes.matrix, (tf, x) => tf.concat([fixed(tf, [3, 2]), x], 1)],
  ["stack", shapes.vector, (tf, x) => tf.stack([x, fixed(tf, [5]), x])],
  ["unstack", shapes.matrix, (tf, x) => tf.unstack(x, 1)[2]!],
  ["split", shapes.matrix, (tf, x) => tf.split(x, [1, 3], 1)[1]!],
  ["gather", shapes.matrix, (tf, x) => tf.gather(x, tf.tensor1d([2, 0, 2], "int32"))],
  ["gather along axis 1", shapes.matrix, (tf, x) => tf.gather(x, tf.tensor1d([3, 3, 1], "int32"), 1)],
  [
    "gatherND",
    shapes.matrix,
    (tf, x) =>
      tf.gatherND(
        x,
        tf.tensor2d(
          [
            [0, 1],
            [2, 3],
          ],
          [2, 2],
          "int32",
        ),
      ),
  ],
  [
    "pad",
    shapes.matrix,
    (tf, x) =>
      tf.pad(x, [
        [1, 2],
        [0, 1],
      ]),
  ],
  ["mirrorPad, reflect", [3], (tf, x) => tf.mirrorPad(x, [[1, 1]], "reflect")],
  ["mirrorPad, symmetric", [3], (tf, x) => tf.mirrorPad(x, [[1, 1]], "symmetric")],
  [
    "mirrorPad, reflect, rank 2",
    shapes.matrix,
    (tf, x) =>
      tf.mirrorPad(
        x,
        [
          [1, 1],
          [2, 2],
        ],
        "reflect",
      ),
  ],
  ["unsortedSegmentSum", shapes.matrix, (tf, x) => tf.unsortedSegmentSum(x, tf.tensor1d([1, 0, 1], "int32"), 2)],
  ["scatterND, by updates", [2], (tf, x) => tf.scatterND(tf.tensor2d([[1], [3]], [2, 1], "int32"), x, [5])],
  [
    "spaceToBatchND",
    shapes.image,
    (tf, x) =>
      tf.spaceToBatchND(
        x,
        [2, 2],
        [
          [0, 0],
          [0, 0],
        ],
      ),
  ],
  [
    "batchToSpaceND",
    [4, 2, 2, 1],
    (tf, x) =>
      tf.batchToSpaceND(
        x,
        [2, 2],
        [
          [0, 0],
          [0, 0],
        ],
      ),
  ],
  ["depthToSpace", [1, 2, 2, 4], (tf, x) => tf.depthToSpace(x as Tensor4D, 2)],
  ["diag", shapes.vector, (tf, x) => tf.diag(x)],
  // Convolution and pooling.
  ...(["valid", "same"] as const).flatMap((pad): Row[] => [
    [
      `conv2d, ${pad}, by x`,
      shapes.image,
      (tf, x) => tf.conv2d(x as Tensor4D, fixed(tf, [3, 3, 2, 2]) as Tensor4D, 1, pad),
    ],
    [
      `conv2d, ${pad}, by filter`,
      [3, 3, 2, 2],
      (tf, x) => tf.conv2d(fixed(tf, shapes.image) as Tensor4D, x as Tensor4D, 1, pad),
    ],
    [
      `conv2d, ${pad}, strides 2, by x`,
      shapes.image,
      (tf, x) => tf.conv2d(x as Tensor4D, fixed(tf, [2, 2, 2, 2]) as Tensor4D, 2, pad),
    ],
    [
      `conv2d, ${pad}, strides 2, by filter`,
      [3, 2, 2, 2],
      (tf, x) => tf.conv2d(fixed(tf, shapes.image) as Tensor4D, x as Tensor4D, 2, pad),
    ],
    [`conv1d, ${pad}, by x`, [1, 6, 2], (tf, x) => tf.conv1d(x as Tensor3D, fixed(tf, [3, 2, 2]) as Tensor3D, 1, pad)],
    [
      `conv1d, ${pad}, by filter`,
      [3, 2, 2],
      (tf, x) => tf.conv1d(fixed(tf, [1, 6, 2]) as Tensor3D, x as Tensor3D, 1, pad),
    ],
    [
      `conv2dTranspose, ${pad}, by x`,
      [1, 3, 3, 2],
      (tf, x) =>
        tf.conv2dTranspose(
          x as Tensor4D,
          fixed(tf, [2, 2, 1, 2]) as Tensor4D,
          pad === "same" ? [1, 6, 6, 1] : [1, 6, 6, 1],
          2,
          pad,
        ),
    ],
    [
      `conv2dTranspose, ${pad}, by filter`,
      [2, 2, 1, 2],
      (tf, x) => tf.conv2dTranspose(fixed(tf, [1, 3, 3, 2]) as Tensor4D, x as Tensor4D, [1, 6, 6, 1], 2, pad),
    ],
    [
      `depthwiseConv2d, ${pad}, by x`,
      shapes.image,
      (tf, x) => tf.depthwiseConv2d(x as Tensor4D, fixed(tf, [3, 3, 2, 2]) as Tensor4D, 1, pad),
    ],
    [
      `depthwiseConv2d, ${pad}, by filter`,
      [3, 3, 2, 2],
      (tf, x) => tf.depthwiseConv2d(fixed(tf, shapes.image) as Tensor4D, x as Tensor4D, 1, pad),
    ],
    [
      `separableConv2d, ${pad}, by x`,
      shapes.image,
      (tf, x) =>
        tf.separableConv2d(
          x as Tensor4D,
          fixed(tf, [2, 2, 2, 1]) as Tensor4D,
          fixed(tf, [1, 1, 2, 3]) as Tensor4D,
          1,
          pad,
        ),
    ],
    [
      `conv3d, ${pad}, by x`,
      [1, 3, 3, 3, 1],
      (tf, x) => tf.conv3d(x as Tensor5D, fixed(tf, [2, 2, 2, 1, 2]) as Tensor5D, 1, pad),
    ],
    [
      `conv3d, ${pad}, by filter`,
      [2, 2, 2, 1, 2],
      (tf, x) => tf.conv3d(fixed(tf, [1, 3, 3, 3, 1]) as Tensor5D, x as Tensor5D, 1, pad),
    ],
    [`avgPool, ${pad}`, shapes.image, (tf, x) => tf.avgPool(x as Tensor4D, 2, 1, pad)],
    [`avgPool, ${pad}, strides 2`, [1, 5, 5, 1], (tf, x) => tf.avgPool(x as Tensor4D, 2, 2, pad)],
    [`maxPool, ${pad}`, shapes.image, (tf, x) => tf.maxPool(x as Tensor4D, 2, 1, pad)],
    [`maxPool, ${pad}, strides 2`, [1, 5, 5, 1], (tf, x) => tf.maxPool(x as Tensor4D, 2, 2, pad)],
    [`avgPool3d, ${pad}`, [1, 3, 3, 3, 1], (tf, x) => tf.avgPool3d(x as Tensor5D, 2, 1, pad)],
    [`maxPool3d, ${pad}`, [1, 3, 3, 3, 1], (tf, x) => tf.maxPool3d(x as Tensor5D, 2, 1, pad)],
    [
      `dilation2d, ${pad}, by x`,
      shapes.image,
      (tf, x) => tf.dilation2d(x as Tensor4D, fixed(tf, [2, 2, 2]) as Tensor3D, 1, pad),
    ],
    [
      `dilation2d, ${pad}, by filter`,
      [2, 2, 2],
      (tf, x) => tf.dilation2d(fixed(tf, shapes.image) as Tensor4D, x as Tensor3D, 1, pad),
    ],
  ]),
  [
    "conv2d, dilated, by x",
    [1, 5, 5, 1],
    (tf, x) => tf.conv2d(x as Tensor4D, fixed(tf, [2, 2, 1, 2]) as Tensor4D, 1, "valid", "NHWC", 2),
  ],
  [
    "localResponseNormalization",
    [1, 2, 2, 6],
    (tf, x) => tf.localResponseNormalization(x as Tensor4D, 2, 1, 0.5, 0.75),
  ],
  // Normalisation, images, losses.
  [
    "batchNorm, by x",
    shapes.matrix,
    (tf, x) =>
      tf.batchNorm(
        x,
        fixed(tf, [4]) as never,
        fixed(tf, [4], 5, true) as never,
        fixed(tf, [4], 6) as never,
        fixed(tf, [4], 7) as never,
      ),
  ],
  [
    "batchNorm, by mean",
    [4],
    (tf, x) =>
      tf.batchNorm(
        fixed(tf, [3, 4]),
        x as never,
        fixed(tf, [4], 5, true) as never,
        fixed(tf, [4], 6) as never,
        fixed(tf, [4], 7) as never,
      ),
  ],
  [
    "batchNorm, by variance",
    [4],
    (tf, x) =>
      tf.batchNorm(
        fixed(tf, [3, 4]),
        fixed(tf, [4]) as never,
        x as never,
        fixed(tf, [4], 6) as never,
        fixed(tf, [4], 7) as never,
      ),
    "positive",
  ],
  [
    "batchNorm, by offset",
    [4],
    (tf, x) =>
      tf.batchNorm(
        fixed(tf, [3, 4]),
        fixed(tf, [4]) as never,
        fixed(tf, [4], 5, true) as never,
        x as never,
        fixed(tf, [4], 7) as never,
      ),
  ],
  [
    "batchNorm, by scale",
    [4],
    (tf, x) =>
      tf.batchNorm(
        fixed(tf, [3, 4]),
        fixed(tf, [4]) as never,
        fixed(tf, [4], 5, true) as never,
        fixed(tf, [4], 6) as never,
        x as never,
      ),
  ],
  ...(
    [
      [false, false],
      [true, false],
      [false, true],
    ] as const
  ).flatMap(([align, half]): Row[] => {
    const suffix = align ? ", aligned corners" : half ? ", half-pixel centers" : "";
    return [
      [
        `resizeBilinear up${suffix}`,
        [1, 3, 3, 1],
        (tf, x) => tf.image.resizeBilinear(x as Tensor4D, [5, 6], align, half),
      ],
      [
        `resizeBilinear down${suffix}`,
        [1, 5, 6, 1],
        (tf, x) => tf.image.resizeBilinear(x as Tensor4D, [3, 3], align, half),
      ],
      [
        `resizeNearestNeighbor up${suffix}`,
        [1, 3, 3, 1],
        (tf, x) => tf.image.resizeNearestNeighbor(x as Tensor4D, [5, 6], align, half),
      ],
      [
        `resizeNearestNeighbor down${suffix}`,
        [1, 5, 6, 1],
        (tf, x) => tf.image.resizeNearestNeighbor(x as Tensor4D, [3, 3], align, half),
      ],
    ];
  }),
  [
    "losses.meanSquaredError, by predictions",
    shapes.matrix,
    (tf, x) => tf.losses.meanSquaredError(fixed(tf, [3, 4]), x),
  ],
  ["losses.meanSquaredError, by labels", shapes.matrix, (tf, x) => tf.losses.meanSquaredError(x, fixed(tf, [3, 4]))],
  ["losses.absoluteDifference", shapes.matrix, (tf, x) => tf.losses.absoluteDifference(fixed(tf, [3, 4]), x)],
  ["losses.cosineDistance", shapes.matrix, (tf, x) => tf.losses.cosineDistance(fixed(tf, [3, 4]), x, 1)],
  ["losses.hingeLoss", shapes.vector, (tf, x) => tf.losses.hingeLoss(tf.tensor1d([1, 0, 1, 0, 1]), x)],
  ["losses.huberLoss", shapes.matrix, (tf, x) => tf.losses.huberLoss(fixed(tf, [3, 4]), x)],
  ["losses.logLoss", shapes.vector, (tf, x) => tf.losses.logLoss(tf.tensor1d([1, 0, 1, 0, 1]), x), "unit"],
  [
    "losses.sigmoidCrossEntropy, by logits",
    shapes.vector,
    (tf, x) => tf.losses.sigmoidCrossEntropy(tf.tensor1d([1, 0, 0.3, 0, 1]), x),
  ],
  [
    "losses.softmaxCrossEntropy, by logits",
    shapes.matrix,
    (tf, x) => tf.losses.softmaxCrossEntropy(tf.softmax(fixed(tf, [3, 4])), x),
  ],
  [
    "losses.softmaxCrossEntropy, by labels",
    shapes.matrix,
    (tf, x) => tf.losses.softmaxCrossEntropy(x, fixed(tf, [3, 4])),
    "positive",
  ],
  ["signal.frame", [8], (tf, x) => tf.signal.frame(x as never, 4, 2)],
];

/** TensorFlow.js on its CPU backend, in float32. What a function returns is weighted and added up, so that each result counts. */
export const tensorflow: Suite = {
  name: "@tensorflow/tfjs",
  async cases() {
    const tf = await import("@tensorflow/tfjs");
    await tf.setBackend("cpu");
    return rows.map(([name, shape, f, values]): Case => {
      const at = inputs(shape, values);
      const total = (x: Tensor): Tensor => {
        const y = f(tf, x);
        const weights = tf.tensor(numbers(y.size, true, 9), y.shape);
        return tf.sum(tf.mul(y, weights));
      };
      const read = (values: ArrayLike<number>): Tensor => tf.tensor(Float32Array.from(values), [...shape]);
      return {
        name,
        check: () =>
          checkGradient(
            (x: Float32Array) => tf.tidy(() => total(read(x)).dataSync()[0]!),
            (x: Float32Array) =>
              tf.tidy(() => tf.grad(total as never)(read(x) as never) as Tensor).dataSync() as Float32Array,
            Float32Array.from(at),
          ),
      };
    });
  },
};
