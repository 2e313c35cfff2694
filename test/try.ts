import { add, mul, relu, type Tensor, tensor, sum, leakyRelu, matmul, zeros, ones, reshape, transpose, permute, cat, stack, slice, argmax, oneHot, where, gt, squeeze, unsqueeze, flatten, randn } from "tinygrad-ts";
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<T extends true>(): T | undefined { return undefined; }
const x = zeros([32, 784]);
const b = ones([784]);
const y = relu(add(mul(x, 2), b)); is<Same<typeof y, Tensor<[32, 784]>>>();
const z = add(1, leakyRelu(x)); is<Same<typeof z, Tensor<[32, 784]>>>();
const w = randn([784, 10]);
// @ts-expect-error
add(x, w);
const m = x.matmul(w); is<Same<typeof m, Tensor<[32, 10]>>>();
const m2 = matmul(x, w); is<Same<typeof m2, Tensor<[32, 10]>>>();
// @ts-expect-error
x.matmul(x);
const t1 = tensor([[1, 2, 3], [4, 5, 6]]); is<Same<typeof t1, Tensor<[2, 3]>>>();
const s1 = t1.sum(0); is<Same<typeof s1, Tensor<[3]>>>();
const s2 = t1.sum(-1, { keepDims: true }); is<Same<typeof s2, Tensor<[2, 1]>>>();
const s3 = sum(t1); is<Same<typeof s3, Tensor<[]>>>();
const s4 = zeros([2, 3, 4]).mean([0, -1]); is<Same<typeof s4, Tensor<[3]>>>();
const r1 = reshape(t1, [-1, 2]); is<Same<typeof r1, Tensor<[number, 2]>>>();
const r2 = t1.reshape(3, 2); is<Same<typeof r2, Tensor<[3, 2]>>>();
const r3 = t1.reshape([3, 2]); is<Same<typeof r3, Tensor<[3, 2]>>>();
const tr = transpose(zeros([2, 3, 4])); is<Same<typeof tr, Tensor<[2, 4, 3]>>>();
const tr2 = zeros([2, 3, 4]).transpose(0, -1); is<Same<typeof tr2, Tensor<[4, 3, 2]>>>();
const pe = permute(zeros([2, 3, 4]), [2, 0, 1]); is<Same<typeof pe, Tensor<[4, 2, 3]>>>();
const c = cat([zeros([2, 3]), zeros([4, 3])]); is<Same<typeof c, Tensor<[number, 3]>>>();
const st = stack([zeros([2, 3]), zeros([2, 3])], 1); is<Same<typeof st, Tensor<[2, 2, 3]>>>();
const sl = slice(zeros([5, 6, 7]), 0, null, [1, 3]); is<Same<typeof sl, Tensor<[6, number]>>>();
const am = argmax(zeros([5, 6]), 1); is<Same<typeof am, Tensor<[5]>>>();
const oh = oneHot(am, 10); is<Same<typeof oh, Tensor<[5, 10]>>>();
const wh = where(gt(x, 0), x, 0); is<Same<typeof wh, Tensor<[32, 784]>>>();
const sq = squeeze(zeros([5, 1]), 1); is<Same<typeof sq, Tensor<[5]>>>();
const un = unsqueeze(zeros([5, 1]), -1); is<Same<typeof un, Tensor<[5, 1, 1]>>>();
const fl = flatten(zeros([5, 1])); is<Same<typeof fl, Tensor<[number]>>>();
declare const n: number; declare const list: number[]; declare const rows: number[][]; declare const unknown: Tensor;
const v1 = zeros([n, 3]); is<Same<typeof v1, Tensor<[number, 3]>>>();
const v2 = zeros(list); is<Same<typeof v2, Tensor>>();
const v3 = tensor(rows); is<Same<typeof v3, Tensor>>();
const v4 = add(unknown, x); is<Same<typeof v4, Tensor>>();
const v5 = unknown.sum(0); is<Same<typeof v5, Tensor>>();
const v6 = v1.add(t1); is<Same<typeof v6, Tensor<[2, 3]>>>();
export function f<B extends number>(v: Tensor<[B, 784]>): Tensor<[B, 10]> { return add(mul(v, v), b).matmul(w); }
const v7 = f(x); is<Same<typeof v7, Tensor<[32, 10]>>>();
for (const op of [add, mul]) op(x, x);
for (const op of [relu, leakyRelu]) op(x);
[x, unknown].reduce((a, b) => a.add(b));
export const T = [x.T, x.grad, x.detach().shape.length === 3];
