// What is measured: each thing is described by plain data, so that processes in any language can be told what to do.

/** A thing to run again and again. */
export type Spec =
  /** A step of training a perceptron: forward, loss, backward, Adam. */
  | {
      readonly kind: "step";
      readonly sizes: readonly number[];
      readonly activation: "tanh" | "relu";
      readonly loss: "mse" | "crossEntropy";
      readonly batch: number;
    }
  /** The training of a classifier with ReLU from start to end: samples in a new order for each epoch, Adam, and a validation after each. */
  | {
      readonly kind: "training";
      readonly sizes: readonly number[];
      readonly batch: number;
      readonly samples: number;
      readonly validation: number;
      readonly epochs: number;
    }
  /** A step of training a network of another kind: forward, loss, backward, Adam. What they are is written in each library, from the same weights. */
  | { readonly kind: "network"; readonly name: "resnet" | "cells" | "encoder" | "lstm" }
  /** A convolution of images, or one of its two adjoints. The padding is half of the kernel. */
  | ({ readonly kind: "conv"; readonly product: ConvProduct } & ConvShape)
  /** The pooling of images, or its gradient. The padding is half of the kernel where windows overlap, else 0. */
  | ({ readonly kind: "pool"; readonly of: "max" | "mean"; readonly isBackward: boolean } & PoolShape)
  /** A copy of `n` elements. */
  | { readonly kind: "copy"; readonly n: number }
  /** A product of two square matrices. */
  | { readonly kind: "matmul"; readonly n: number }
  /** One op on each of `n` elements. */
  | { readonly kind: "map"; readonly op: "exp" | "tanh" | "add"; readonly n: number }
  /** So many times y = y·f + t on scalars, forward and backward: nothing but the cost of an op. */
  | { readonly kind: "chain"; readonly length: number }
  /** x = x + y in place, on arrays far larger than the caches: the speed of memory. */
  | { readonly kind: "stream"; readonly n: number };

export type ConvProduct = "forward" | "input" | "weight";

/** Sizes of a convolution: images of `channels` channels, `size` high and wide. */
export interface ConvShape {
  readonly batch: number;
  readonly channels: number;
  readonly out: number;
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly groups: number;
}

/** Sizes of a pooling: images of `channels` channels, `size` high and wide. */
export type PoolShape = Pick<ConvShape, "batch" | "channels" | "size" | "kernel" | "stride">;

/** A thing to measure, with what to call it. */
export interface Workload {
  /** For `--only`, and in results. */
  readonly id: string;
  readonly title: string;
  readonly spec: Spec;
  /** Who takes part, if not all. */
  readonly libraries?: readonly string[];
}

/** The step of a network with ReLU that tells ten classes apart. */
function classifier(sizes: readonly number[], batch: number): Spec {
  return { kind: "step", sizes, activation: "relu", loss: "crossEntropy", batch };
}

/** The networks are written for these. */
const withNetworks = [
  ...["eager", "accelerated", "compiled", "compiled-system", "threads", "blas", "revectorized"],
  ...["pytorch", "tfjs-wasm", "tfjs-cpu", "jax-js"],
];
/** The network of cells is that of the example, which is there in PyTorch, too. */
const withCells = withNetworks.filter((library) => !library.startsWith("tfjs") && library !== "jax-js");
/** Those whose convolutions are timed one by one. */
const withConvolutions = [
  ...["accelerated", "compiled", "compiled-system", "blas", "revectorized"],
  ...["pytorch", "tfjs-wasm", "jax-js"],
];

function convolutions(name: string, shape: Omit<ConvShape, "stride" | "groups"> & Partial<ConvShape>): Workload[] {
  const spec = { stride: 1, groups: 1, ...shape };
  const { batch, channels, out, size, kernel, stride } = spec;
  const how = `${kernel} × ${kernel}${name === "depthwise" ? " depthwise" : ""}, ${channels} to ${out}`;
  const what = `convolution ${how} at ${size} × ${size}${stride > 1 ? `, stride ${stride}` : ""}, batch ${batch}`;
  return (["forward", "input", "weight"] as const).map((product) => ({
    id: `conv ${name} ${product}`,
    title: `${what}: ${product === "forward" ? product : `gradient of the ${product}`}`,
    spec: { kind: "conv", product, ...spec },
    libraries: withConvolutions,
  }));
}

/** Images as those of the copy. */
function poolings(kernel: number, stride: number): Workload[] {
  return (["max", "mean"] as const).flatMap((of) =>
    [false, true].map((isBackward): Workload => {
      const [what, id] = isBackward ? ["gradient", "backward"] : ["forward", "forward"];
      return {
        id: `pool ${kernel}x${kernel} ${of} ${id}`,
        title: `${of} pooling ${kernel} × ${kernel}, stride ${stride}, 64 channels at 28 × 28, batch 32: ${what}`,
        spec: { kind: "pool", of, isBackward, batch: 32, channels: 64, size: 28, kernel, stride },
        libraries: ["accelerated", "compiled", "compiled-system", "pytorch", "tfjs-wasm"],
      };
    }),
  );
}

export const workloads: readonly Workload[] = [
  {
    id: "A",
    title: "A: a step of 2-16-16-1, tanh, batch 32, mse, Adam",
    spec: { kind: "step", sizes: [2, 16, 16, 1], activation: "tanh", loss: "mse", batch: 32 },
  },
  {
    id: "B",
    title: "B: a step of 784-128-10, relu, batch 64, cross-entropy, Adam",
    spec: classifier([784, 128, 10], 64),
  },
  {
    id: "C",
    title: "C: a step of 1024-1024-1024-10, relu, batch 256, cross-entropy, Adam",
    spec: classifier([1024, 1024, 1024, 10], 256),
  },
  ...[32, 256, 1024].map(
    (n): Workload => ({ id: `matmul ${n}`, title: `product of ${n} × ${n} matrices`, spec: { kind: "matmul", n } }),
  ),
  ...(["exp", "tanh", "add"] as const).map(
    (op): Workload => ({ id: op, title: `${op} of 1,000,000 elements`, spec: { kind: "map", op, n: 1_000_000 } }),
  ),
  {
    id: "chain",
    title: "300 scalar ops, forward and backward",
    spec: { kind: "chain", length: 150 },
  },
  {
    id: "D",
    title: "D: a step of a residual network: 3 × 3 convolutions, 1 to 16, 16, 32, 64 channels, 28 × 28, batch 64, Adam",
    spec: { kind: "network", name: "resnet" },
    libraries: withNetworks,
  },
  {
    id: "E",
    title:
      "E: a step of a U-shaped network with attention gates: residual blocks of 8, 16, 32, 32 channels, 128 × 128, batch 4, Adam",
    spec: { kind: "network", name: "cells" },
    libraries: withCells,
  },
  {
    id: "F",
    title: "F: a step of an encoder layer of 128, 4 heads, hidden 512, 64 positions, batch 16, Adam",
    spec: { kind: "network", name: "encoder" },
    libraries: withNetworks,
  },
  {
    id: "G",
    title: "G: a step of an LSTM 64-128, 32 steps, batch 32, Adam",
    spec: { kind: "network", name: "lstm" },
    libraries: withNetworks,
  },
  ...convolutions("16@28", { batch: 32, channels: 16, out: 16, size: 28, kernel: 3 }),
  ...convolutions("64@14", { batch: 32, channels: 64, out: 64, size: 14, kernel: 3 }),
  ...convolutions("64@56", { batch: 8, channels: 64, out: 64, size: 56, kernel: 3 }),
  ...convolutions("256@7", { batch: 8, channels: 256, out: 256, size: 7, kernel: 3 }),
  ...convolutions("stride", { batch: 32, channels: 64, out: 128, size: 28, kernel: 3, stride: 2 }),
  ...convolutions("1x1", { batch: 32, channels: 64, out: 64, size: 28, kernel: 1 }),
  ...convolutions("7x7", { batch: 16, channels: 32, out: 32, size: 28, kernel: 7 }),
  ...convolutions("depthwise", { batch: 32, channels: 64, out: 64, size: 28, kernel: 3, groups: 64 }),
  ...poolings(2, 2),
  ...poolings(3, 1),
  {
    id: "copy",
    title: "a copy of 32 × 64 images of 28 × 28",
    spec: { kind: "copy", n: 32 * 64 * 28 * 28 },
    libraries: ["compiled", "compiled-system"],
  },
  {
    id: "H",
    title: "H: 5 epochs of 60,000 samples, each with a validation on 10,000: 784-128-10 as in B, by `fit`",
    spec: { kind: "training", sizes: [784, 128, 10], batch: 64, samples: 60_000, validation: 10_000, epochs: 5 },
    libraries: ["compiled", "compiled-system", "threads", "blas", "revectorized", "pytorch"],
  },
];

/** A family of training steps that grow along one axis. */
export interface Curve {
  readonly id: "width" | "depth" | "batch";
  /** What stays the same. */
  readonly title: string;
  readonly points: readonly { readonly at: number; readonly spec: Spec }[];
}

export const curves: readonly Curve[] = [
  {
    id: "width",
    title: "2 hidden layers, batch 64",
    points: [32, 64, 128, 256, 512, 1024, 2048].map((w) => ({ at: w, spec: classifier([w, w, w, 10], 64) })),
  },
  {
    id: "depth",
    title: "layers 64 wide, batch 32",
    points: [1, 2, 5, 10, 20, 50, 100, 200].map((layers) => ({
      at: layers,
      spec: classifier([...Array.from({ length: layers }, () => 64), 10], 32),
    })),
  },
  {
    id: "batch",
    title: "256-256-10",
    points: [1, 4, 16, 64, 256, 1024, 4096].map((batch) => ({ at: batch, spec: classifier([256, 256, 10], batch) })),
  },
];

/** 3 × 64 MiB. */
export const stream: Spec = { kind: "stream", n: 2 ** 24 };

/** Multiply-adds of a run, roughly: what tells long runs from short ones. */
export function sizeOf(spec: Spec): number {
  switch (spec.kind) {
    case "step":
      return stepSize(spec.sizes, spec.batch);
    case "training":
      return (stepSize(spec.sizes, spec.batch) * spec.samples * spec.epochs) / spec.batch;
    case "network":
      return 1e9;
    case "conv":
      return convSize(spec);
    case "pool":
      return spec.batch * spec.channels * spec.size ** 2 * readsOf(spec);
    case "matmul":
      return spec.n ** 3;
    case "chain":
      return 2 * spec.length;
    default:
      return spec.n;
  }
}

/** Multiply-adds of each of the three products. */
export function convSize({ batch, channels, out, size, kernel, stride, groups }: ConvShape): number {
  return (batch * channels * out * (kernel * placesOf({ size, stride })) ** 2) / groups;
}

/** How many elements a pooling reads for each of an image. The gradient of the largest looks for them, and then goes through windows once more. */
export function readsOf({ of, isBackward, size, kernel, stride }: Extract<Spec, { kind: "pool" }>): number {
  const once = ((kernel * placesOf({ size, stride })) / size) ** 2;
  return of === "max" && isBackward ? 2 * once : once;
}

/** The padding that goes with a pooling. */
export function poolPadding({ kernel, stride }: Pick<PoolShape, "kernel" | "stride">): number {
  return kernel > stride ? kernel >> 1 : 0;
}

/** How many windows there are along an axis. */
export function placesOf({ size, stride }: Pick<ConvShape, "size" | "stride">): number {
  return Math.ceil(size / stride);
}

function stepSize(sizes: readonly number[], batch: number): number {
  return sizes.slice(1).reduce((sum, n, i) => sum + 3 * batch * n * sizes[i]!, 0);
}

/** Steps that are compared before a library is timed. */
export function stepsToCompare(spec: Spec): number {
  return sizeOf(spec) > 1e8 ? 2 : 8;
}
