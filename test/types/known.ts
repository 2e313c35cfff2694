// What the type checker knows of shapes, and what it lets through. That this file compiles is the test; `npm run typecheck` compiles it.
import {
  add,
  argmax,
  BatchNorm1d,
  Conv2d,
  cat,
  crossEntropy,
  Dropout,
  Embedding,
  Flatten,
  flatten,
  GroupNorm,
  gt,
  type Layer,
  LayerNorm,
  Linear,
  leakyRelu,
  MultiheadAttention,
  matmul,
  mse,
  mul,
  oneHot,
  permute,
  type ReduceOptions,
  Residual,
  RMSNorm,
  randn,
  relu,
  reshape,
  Sequential,
  type Shape,
  slice,
  squeeze,
  stack,
  sum,
  type Tensor,
  TransformerDecoderLayer,
  tensor,
  transpose,
  unsqueeze,
  where,
  zeros,
} from "tinygrad-ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles if its type argument is true. */
declare function is<T extends true>(): T;
declare const n: number;
declare const list: number[];
declare const rows: number[][];
declare const open: Tensor;
declare const either: 0 | 1;
// biome-ignore lint/suspicious/noExplicitAny: what JSON.parse gives
declare const given: any;
declare const few: 2 | 3;
declare const others: 3 | 4;
declare const maybe: 0 | undefined;
declare const several: { readonly keepDims: true } | { readonly correction: number };
declare const shapes: Shape | readonly [2, 3];

export function known(): void {
  const x = zeros([32, 784]);
  const b = zeros([784]);
  const w = randn([784, 10]);

  // Elementwise, with broadcasting.
  const y1 = relu(add(mul(x, 2), b));
  is<Same<typeof y1, Tensor<[32, 784]>>>();
  const y2 = add(1, leakyRelu(x));
  is<Same<typeof y2, Tensor<[32, 784]>>>();
  const y3 = where(gt(x, 0), x, 0);
  is<Same<typeof y3, Tensor<[32, 784]>>>();
  const y4 = zeros([32, 1]).sub(zeros([10]));
  is<Same<typeof y4, Tensor<[32, 10]>>>();

  // Products.
  const m1 = x.matmul(w);
  is<Same<typeof m1, Tensor<[32, 10]>>>();
  const m2 = matmul(b, w);
  is<Same<typeof m2, Tensor<[10]>>>();
  const m3 = matmul(zeros([8, 1, 2, 3]), zeros([5, 3, 4]));
  is<Same<typeof m3, Tensor<[8, 5, 2, 4]>>>();

  // Data.
  const t = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  is<Same<typeof t, Tensor<[2, 3]>>>();
  const scalar = tensor(3);
  is<Same<typeof scalar, Tensor<[]>>>();

  // Reductions.
  const s1 = t.sum(0);
  is<Same<typeof s1, Tensor<[3]>>>();
  const s2 = t.sum(-1, { keepDims: true });
  is<Same<typeof s2, Tensor<[2, 1]>>>();
  const s3 = sum(t);
  is<Same<typeof s3, Tensor<[]>>>();
  const s4 = zeros([2, 3, 4]).mean([0, -1]);
  is<Same<typeof s4, Tensor<[3]>>>();
  const s5 = argmax(zeros([5, 6]), 1);
  is<Same<typeof s5, Tensor<[5]>>>();
  const s6 = t.sum(either);
  is<Same<typeof s6, Tensor>>();

  // Shapes.
  const r1 = reshape(t, [-1, 2]);
  is<Same<typeof r1, Tensor<[number, 2]>>>();
  const r2 = t.reshape(3, 2);
  is<Same<typeof r2, Tensor<[3, 2]>>>();
  const r3 = t.reshape([3, 2]);
  is<Same<typeof r3, Tensor<[3, 2]>>>();
  const r4 = transpose(zeros([2, 3, 4]));
  is<Same<typeof r4, Tensor<[2, 4, 3]>>>();
  const r5 = zeros([2, 3, 4]).transpose(0, -1);
  is<Same<typeof r5, Tensor<[4, 3, 2]>>>();
  const r6 = permute(zeros([2, 3, 4]), [2, 0, -2]);
  is<Same<typeof r6, Tensor<[4, 2, 3]>>>();
  const r7 = squeeze(zeros([5, 1]), 1);
  is<Same<typeof r7, Tensor<[5]>>>();
  const r8 = unsqueeze(zeros([5, 2]), -1);
  is<Same<typeof r8, Tensor<[5, 2, 1]>>>();
  const r9 = flatten(zeros([5, 1]));
  is<Same<typeof r9, Tensor<[number]>>>();
  const r11 = zeros([8, 3, 4, 4]).flatten(1);
  is<Same<typeof r11, Tensor<[8, 48]>>>();
  const r12 = flatten(zeros([8, 3, 4, 5]), -3, 2);
  is<Same<typeof r12, Tensor<[8, 12, 5]>>>();
  const r13 = x.flatten(1);
  is<Same<typeof r13, Tensor<[32, 784]>>>();
  const r10 = t.T;
  is<Same<typeof r10, Tensor<[3, 2]>>>();

  // Several, and parts.
  const c1 = cat([zeros([2, 3]), zeros([4, 3])]);
  is<Same<typeof c1, Tensor<[number, 3]>>>();
  const c2 = stack([zeros([2, 3]), zeros([2, 3])], 1);
  is<Same<typeof c2, Tensor<[2, 2, 3]>>>();
  const c3 = slice(zeros([5, 6, 7]), 0, null, [1, 3]);
  is<Same<typeof c3, Tensor<[6, number]>>>();
  const c4 = oneHot(s5, 10);
  is<Same<typeof c4, Tensor<[5, 10]>>>();

  const c5 = cat([zeros([0]), zeros([n]), t, zeros([2, 4])], 1);
  is<Same<typeof c5, Tensor>>();
  const c6 = cat([t, zeros([0]), zeros([2, 4])], -1);
  is<Same<typeof c6, Tensor<[2, number]>>>();
  const c7 = stack([open, t, zeros([n, 3])]);
  is<Same<typeof c7, Tensor>>();
  const c8 = zeros([n, 1]).expand(4, -1, 3);
  is<Same<typeof c8, Tensor<[4, number, 3]>>>();
  // Of a scalar, all elements are taken for axis 0.
  scalar.sum(0).max([-1]).squeeze(0).transpose(0, -1).flatten(0).add(argmax(scalar, -1));

  // Layers and losses.
  const model = new Sequential(new Linear(784, 128), relu, new Dropout(0.1), new Linear(128, 10));
  const out = model.forward(x);
  is<Same<typeof out, Tensor<[32, 10]>>>();
  const nested = new Sequential(model, new Sequential(new LayerNorm(10), new Linear(10, 2)));
  const out2 = nested.forward(x);
  is<Same<typeof out2, Tensor<[32, 2]>>>();
  const normed = new Sequential(new LayerNorm(10), new GroupNorm(2, 10), new BatchNorm1d(10), new RMSNorm([10]));
  const out4 = normed.forward(out);
  is<Same<typeof out4, Tensor<[32, 10]>>>();
  const out5 = new Residual(new Sequential(new Linear(10, 20), relu, new Linear(20, 10))).forward(out);
  is<Same<typeof out5, Tensor<[32, 10]>>>();
  const out6 = new Residual(new Linear(10, 4), { projection: new Linear(10, 4) }).forward(out);
  is<Same<typeof out6, Tensor<[32, 4]>>>();
  const out3 = new Embedding(100, 16).forward(zeros([4, 5], { dtype: "int32" }));
  is<Same<typeof out3, Tensor<[4, 5, 16]>>>();
  const words = new Embedding(100, 16).forward(zeros([4, 5], { dtype: "int32" }));
  const out7 = new MultiheadAttention(16, 2).forward(words, words, words, { causal: true });
  is<Same<typeof out7, Tensor<[4, 5, 16]>>>();
  const out8 = new TransformerDecoderLayer(16, 2).forward(words, open, { causal: true });
  is<Same<typeof out8, Tensor<[4, 5, 16]>>>();
  const out9 = new Sequential(new MultiheadAttention(16, 2, { keySize: 16 }), new Linear(16, 2)).forward(words);
  is<Same<typeof out9, Tensor<[4, 5, 2]>>>();
  const pixels = zeros([32, 28, 28]);
  const out10 = new Sequential(new Flatten(), model).forward(pixels);
  is<Same<typeof out10, Tensor<[32, 10]>>>();
  const out11 = new Flatten(0, 1).forward(pixels);
  is<Same<typeof out11, Tensor<[896, 28]>>>();
  const out12 = new Flatten(undefined, -2).forward(zeros([8, 3, 4, 5]));
  is<Same<typeof out12, Tensor<[8, 12, 5]>>>();
  const l1 = mse(out, zeros([32, 10]));
  is<Same<typeof l1, Tensor<[]>>>();
  const l2 = mse(out, zeros([32, 10]), { reduction: "none" });
  is<Same<typeof l2, Tensor<[32, 10]>>>();
  const l3 = crossEntropy(out, [1]);
  is<Same<typeof l3, Tensor<[]>>>();
}

export function variables<B extends number>(x: Tensor<[B, 784]>, t: Tensor<[B, 10]>): Tensor<[B, 10]> {
  const model = new Sequential(new Linear(784, 128), relu, new Linear(128, 10));
  const y: Tensor<[B, 10]> = model.forward(add(mul(x, x), zeros([784])).sub(x.mean(0, { keepDims: true })));
  const loss: Tensor<[]> = mse(y, t);
  loss.backward();
  return y;
}

export function two<B extends number, H extends number>(x: Tensor<[B, H]>): [Tensor<[B]>, Tensor<[H, B]>] {
  x.sub(x.mean(-1, { keepDims: true }));
  const rows: Tensor<[H]> = x.sum(0);
  const column: Tensor<[B, 1]> = x.unsqueeze(2).transpose(0, 1).squeeze(2).mean(0).unsqueeze(1);
  rows.add(column);
  return [x.sum(-1), x.permute(1, 0)];
}

/** Nothing is asked of what depends on type parameters. */
export function generic<A extends Tensor, S extends Shape, X extends number>(a: A, s: Tensor<S>, axis: X): Tensor[] {
  const sums = [a.sum(0), sum(a, [0, 2]), s.sum(axis), s.mean([axis, 1]), argmax(s, 1), zeros([2, 3]).sum(axis)];
  const moved = [a.transpose(0, 1), a.permute(1, 0), permute(s, [1, 0]), s.unsqueeze(axis), a.squeeze(3), s.flatten(1)];
  const joined = [stack([a, a], 1), stack([s, zeros([4])], axis), cat([a, zeros([4, 5])], 1), cat([s, s], axis)];
  return [...sums, ...moved, ...joined, a.expand(2, 3), s.expand([2, 3]), zeros([3]).expand(s.shape)];
}

export function open_(x: Tensor<[32, 784]>): void {
  // A size that is not known.
  const v1 = zeros([n, 3]);
  is<Same<typeof v1, Tensor<[number, 3]>>>();
  const v2 = v1.add(zeros([2, 3]));
  is<Same<typeof v2, Tensor<[2, 3]>>>();
  const v3 = variables(x, zeros([32, 10]));
  is<Same<typeof v3, Tensor<[32, 10]>>>();
  // Nothing is known.
  const v4 = zeros(list);
  is<Same<typeof v4, Tensor>>();
  const v5 = tensor(rows);
  is<Same<typeof v5, Tensor>>();
  const v6 = add(open, x);
  is<Same<typeof v6, Tensor>>();
  const v7 = open.sum(0);
  is<Same<typeof v7, Tensor>>();
  const v8 = x.sum(n);
  is<Same<typeof v8, Tensor>>();
  zeros([few, 5])
    .add(zeros([others, 5]))
    .matmul(zeros([5, few]));
  matmul(zeros([5, few]), zeros([others, 5]));
  const fits: Tensor<[7, 7]> = open;
  fits.matmul(zeros([7, 1]));

  // Lists of ops, of layers and of tensors.
  for (const op of [add, mul]) op(x, x);
  for (const op of [relu, leakyRelu]) op(x);
  for (const part of [zeros([3]), zeros([2, 2])]) sum(part.mul(2));
  [x, open].reduce((a, b) => a.add(b));
  let h: Tensor = zeros([4, 2]);
  for (const layer of [new Linear(2, 8), new Linear(8, 1)]) h = layer.forward(h);
  const some: Layer[] = [new Linear(2, 3), new Dropout()];
  new Sequential(...some).forward(h);
  new Sequential(new Linear(2, 3), some[0]!, new Linear(9, 9)).forward(h);
  new Sequential(new Linear(2, n), relu, new Linear(n, 1)).forward(h);

  // A function of your own says nothing, unless it is generic.
  const loose = new Sequential(new Linear(784, 128), (v: Tensor) => v.reshape([-1, 7]), new Linear(7, 10));
  const v9 = loose.forward(x);
  is<Same<typeof v9, Tensor>>();
  // Functions without types, and layers of several kinds.
  new Sequential(new Linear(784, 4), (h) => h.mul(2), new Linear(4, 1)).forward(x);
  for (const layer of [new Linear(3, 3), new Dropout(0.1), new Sequential(new Linear(3, 3))]) layer.forward(h);
  const v10 = new Sequential(transpose).forward(x);
  is<Same<typeof v10, Tensor>>();
  const either2: Linear | Dropout = n > 2 ? new Linear(4, 4) : new Dropout();
  either2.forward(h);
  function twice<T extends Tensor>(v: T): Tensor {
    return v.mul(2);
  }
  twice(x);
  function wide<H extends number>(size: H): Tensor {
    return new Sequential(new Linear(784, size), relu, new Linear(size, 2)).forward(x);
  }
  wide(5);
  // Options, axes and sizes that are not literals.
  const kept: ReduceOptions = { keepDims: true };
  const v11 = x.sum(1, kept);
  is<Same<typeof v11, Tensor>>();
  const v12 = x.sum(1, n > 2 ? { keepDims: true } : {});
  is<Same<typeof v12, Tensor>>();
  const v13 = x.sum(given.axis);
  is<Same<typeof v13, Tensor>>();
  const v14 = zeros([given.n, 3]);
  is<Same<typeof v14, Tensor<[typeof given, 3]>>>();
  const v15 = (n > 2 ? zeros([2, 3]) : zeros([4])).sum(-1);
  is<Same<typeof v15, Tensor<[] | [2]>>>();
  const v16 = zeros([2, 3, 4]).sum([either, 2]);
  is<Same<typeof v16, Tensor>>();
  const v19 = zeros([2, 3]).sum(n > 2 ? [1] : [0]);
  is<Same<typeof v19, Tensor>>();
  const v20 = zeros([2, 3, 4]).mean(n > 2 ? [1, 2] : [2]);
  is<Same<typeof v20, Tensor>>();
  const v21 = zeros([6, 4]).reshape(n > 2 ? -1 : 1, 4);
  is<Same<typeof v21, Tensor<[number, 4]>>>();
  const v22 = zeros([6, 1]).expand(n > 2 ? -1 : 6, 4);
  is<Same<typeof v22, Tensor<[number, 4]>>>();
  // What may be missing.
  const v23 = x.sum(maybe);
  is<Same<typeof v23, Tensor>>();
  const v24 = sum(x, 0, n > 2 ? { keepDims: true } : undefined);
  is<Same<typeof v24, Tensor>>();
  const v25 = x.std(0, several);
  is<Same<typeof v25, Tensor>>();
  const v26 = transpose(x, maybe, 1);
  is<Same<typeof v26, Tensor>>();
  const v27 = squeeze(zeros([1, 5]), maybe);
  is<Same<typeof v27, Tensor>>();
  const v28 = cat([x, x], maybe);
  is<Same<typeof v28, Tensor>>();
  const v29 = stack([x, x], maybe);
  is<Same<typeof v29, Tensor>>();
  const v30 = mse(x, x, n > 2 ? { reduction: "none" } : undefined);
  is<Same<typeof v30, Tensor>>();
  const v31 = x.sum(undefined, { keepDims: true });
  is<Same<typeof v31, Tensor<[1, 1]>>>();
  // Lists that are spread, and shapes of which each may be one of several.
  const v32 = zeros([2, ...[3, 4]]);
  is<Same<typeof v32, Tensor<[2, 3, 4]>>>();
  const v33 = v32.sum([0, ...[1]]);
  is<Same<typeof v33, Tensor<[4]>>>();
  const v34 = permute(reshape(v32, [8, ...[3]]), [1, ...[0]]);
  is<Same<typeof v34, Tensor<[3, 8]>>>();
  const v35 = stack([x, ...[x, x]]);
  is<Same<typeof v35, Tensor<[3, 32, 784]>>>();
  const v36 = tensor([[1, 2], ...[[3, 4]]]);
  is<Same<typeof v36, Tensor<[2, 2]>>>();
  const v37 = zeros(shapes);
  is<Same<typeof v37, Tensor>>();
  const v38 = zeros([2, ...list]);
  is<Same<typeof v38, Tensor>>();
  const v39 = new LayerNorm(shapes).forward(x);
  is<Same<typeof v39, Tensor<[32, number]>>>();
  const v17 = zeros([2, 3]).flatten(undefined, 1);
  is<Same<typeof v17, Tensor>>();
  const v40 = x.flatten(maybe);
  is<Same<typeof v40, Tensor>>();
  const v41 = x.flatten(n);
  is<Same<typeof v41, Tensor>>();
  const v44 = new Flatten(n).forward(zeros([2, 3, 4]));
  is<Same<typeof v44, Tensor>>();
  const v45 = new Flatten(maybe).forward(zeros([2, 3, 4]));
  is<Same<typeof v45, Tensor>>();
  const v46 = zeros([2, few, 4]).flatten(1);
  is<Same<typeof v46, Tensor<[2, number]>>>();
  const v47 = zeros([2, n, 4]).flatten(1);
  is<Same<typeof v47, Tensor<[2, number]>>>();
  const flattens: Flatten[] = [new Flatten(), new Flatten(2)];
  for (const layer of flattens) h = layer.forward(zeros([2, 3, 4]));
  new Sequential(new Conv2d(1, 16, 3), relu, new Flatten(), new Linear(n, 10)).forward(zeros([8, 1, 28, 28]));
  // Classes of your own.
  class Rows extends Linear<784, 4> {
    override forward(v: Tensor): Tensor {
      return super.forward(v).sum(0);
    }
  }
  class Gated extends MultiheadAttention {
    override forward(v: Tensor, key: Tensor = v, value: Tensor = key): Tensor {
      return super.forward(v, key, value, { causal: true }).mul(v);
    }
  }
  const v42 = new Sequential(new Gated(4, 2), new Linear(9, 9)).forward(x);
  is<Same<typeof v42, Tensor>>();
  const attention: MultiheadAttention = new MultiheadAttention(n, 1);
  const v43 = attention.forward(x, open);
  is<Same<typeof v43, Tensor<[32, typeof given]>>>();
  const v18 = new Sequential(new Rows(784, 4), relu).forward(x);
  is<Same<typeof v18, Tensor>>();
  class Twice extends Linear {
    override forward(v: Tensor): Tensor {
      return super.forward(v).mul(2);
    }
  }
  new Sequential(new Twice(784, 3), new Linear(3, 1)).forward(x);
  class Net extends Sequential {
    constructor() {
      super(new Linear(2, 3), relu);
    }
  }
  new Net().forward(h);
}
